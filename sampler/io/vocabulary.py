"""The office's words for a few fixed meanings. To accept another word, add it to its line."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from sampler.io.values import Bad

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TYPES: Final = {
    "enterprise": "企业 1 公司 有限责任公司 股份有限公司 个人独资企业 合伙企业 分公司 内资企业 外资企业",
    "individual": "个体工商户 个体户 个体 3",
    "coop": "农民专业合作社 农专社 合作社 2",
    "repoffice": "外国企业常驻代表机构 外企代表机构 外国企业代表机构 代表机构 4",
    "seller": "网络经营者 网店 电商 平台内经营者 网络商品经营者",
    "product": "产品 商品",
    "project": "项目 工程",
}
CLASSES: Final = {
    "A": "A级 A类 低风险 低 信用风险低",
    "B": "B级 B类 一般风险 一般 信用风险一般",
    "C": "C级 C类 较高风险 较高 信用风险较高",
    "D": "D级 D类 高风险 高 信用风险高",
}
ROLES: Final = {
    "officer": "执法人员 执法 检查人员 执法检查人员 否",
    "expert": "专家 技术专家 是 保化组长 药品GSP 药品GMP 医疗器械GSP 医疗器械GMP",
}
STATES: Final = {"active": "有效 在岗 正常 启用", "inactive": "失效 无效 离岗 注销 停用 退休"}
ITEM_KINDS: Final = {
    "general": "一般 一般检查事项 一般事项 一般抽查事项",
    "key": "重点 重点检查事项 重点事项 重点抽查事项",
}
RECUSAL_KINDS: Final = {"object": "对象 检查对象 企业 主体", "owner": "所有者 经营者 所有人 经营主体"}
RESULTS: Final = {
    "1": "未发现问题",
    "2": "未按规定公示应当公示的信息",
    "3": "公示信息隐瞒真实情况、弄虚作假",
    "4": "通过登记的住所（经营场所）无法联系",
    "5": "发现问题已责令改正",
    "6": "不配合检查情节严重",
    "7": "未发现开展本次抽查涉及的经营活动",
    "8": "发现问题待后续处理",
}
VISITS: Final = {
    "visited": "已检查 已完成 完成 检查完毕",
    "no-contact": "无法联系 查无下落",
    "closed": "已停业 停业 关闭 停业未经营 正在清算",
    "deregistered": "已注销或吊销 注销 吊销 撤销 已注销",
    "moved": "已迁出 迁出",
    "other": "未检查 未查",
    "out-of-scope": "封存前已不在登记库",
}
"""What became of a visit (检查情况); drawn but not checkable is an outcome, not a gap: about 6 % of visits."""
MEASURES: Final = {
    "none": "未发现问题或已规范/已改正，无需后续处置 无需后续处置 无",
    "stop": "停止检查反馈日常监管",
    "order": "责令改正",
    "transfer": "移送办案机构 移送",
    "copy": "抄告相关部门 抄告",
}
"""Follow-up (后续处置)."""


def chooser(words: Mapping[str, str], code: str, message: str) -> Callable[[str], str]:
    """Return a parser that maps an office's word to its fixed meaning, or refuses with `code`."""
    table: dict[str, str] = {}
    for meaning, others in words.items():
        for word in (meaning, *others.split()):
            table[unicodedata.normalize("NFKC", word).casefold()] = meaning
    hint = "可填: " + "、".join(f"{k} ({v.split()[0]})" for k, v in words.items())

    def parse(text: str) -> str:
        meaning = table.get(text.casefold())
        if meaning is None:
            raise Bad(code, message, hint)
        return meaning

    return parse
