"""The office's words for a few fixed meanings. To accept another word, add it to its line."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from sampler.io.values import Bad, integers
from sampler.wording import MEASURES, RESULTS, TRIGGERS, VISITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TYPES: Final = {
    "enterprise": "企业 1 公司 有限责任公司 股份有限公司 个人独资企业 合伙企业 分公司 内资企业 外资企业 "
    "其他有限责任公司 一人有限责任公司 有限责任公司分公司 股份有限公司分公司 普通合伙企业 有限合伙企业 普通合伙 有限合伙 "
    "全民所有制 集体所有制 股份合作制 内资企业法人 外商投资企业 港澳台投资企业 企业非法人分支机构",
    "individual": "个体工商户 个体户 个体 3",
    "coop": "农民专业合作社 农专社 合作社 2 农民专业合作社分支机构",
    "repoffice": "外国企业常驻代表机构 外企代表机构 外国企业代表机构 代表机构 4 外国（地区）企业常驻代表机构",
    "seller": "网络经营者 网店 电商 平台内经营者 网络商品经营者",
    "product": "产品 商品",
    "lot": "批次 货批 产品批次",
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
_VISITS: Final = {
    "visited": "已完成 完成 检查完毕",
    "no-contact": "查无下落",
    "closed": "停业 关闭 停业未经营 正在清算",
    "deregistered": "注销 吊销 撤销 已注销",
    "moved": "迁出",
    "other": "未查",
}
"""Other words for what became of a visit."""
_MEASURES: Final = {"none": "无需后续处置 无", "transfer": "移送", "copy": "抄告"}
"""Other words for the follow-up."""


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


def object_type(text: str) -> str:
    """Return the type of an object; what a registry adds in brackets, as 有限责任公司(自然人独资), makes no other type."""
    whole = unicodedata.normalize("NFKC", text)
    try:
        return _type_word(text)
    except Bad:
        short = re.sub(r"(?<=.)\([^()]*\)\Z", "", whole)
        if short == whole:
            raise
        return _type_word(short)


def _widened(words: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Return the documents' words with an office's other words behind them."""
    return {code: f"{word} {others.get(code, '')}".strip() for code, word in words.items()}


_type_word: Final = chooser(TYPES, "TYPE_UNKNOWN", "不认识的主体类型")
trigger: Final = chooser(TRIGGERS, "TRIGGER_REASON", "不认识的线索类型")
visit_state: Final = chooser(_widened(VISITS, _VISITS), "STATE_UNKNOWN", "不认识的检查情况")
measure: Final = chooser(_widened(MEASURES, _MEASURES), "MEASURE_UNKNOWN", "不认识的后续处置")
_result_word: Final = chooser(RESULTS, "RESULT_UNKNOWN", "检查结果不是 1 到 8")
_result_number: Final = integers("RESULT_UNKNOWN", 1, 8, "检查结果")


def result(text: str) -> str:
    """Return the national category, written as its number or in its words."""
    return _result_number(text) if text[:1] in "0123456789-+nN" else _result_word(text)
