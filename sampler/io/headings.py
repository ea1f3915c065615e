"""What columns may be called.

An office's headings are matched by meaning: width, case, blanks, underscores and marks such as `*` or (必填) do not
matter. A table is extended by adding a word to it; nothing else depends on the words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from sampler.errors import Place
from sampler.io.raw import HEADER_ROWS, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sampler.io.raw import RawTable, Rows

_OBJECT: Final = (
    "统一社会信用代码 统一社会信用代码/注册号 注册号/统一社会信用代码 注册号 信用代码 "
    "主体代码 对象代码 检查对象代码 uscc establishment_id"
)
_INSPECTOR: Final = (
    "执法证号 执法证编号 执法证件号 执法证号码 省执法证编号 工商执法证编号 检查人员编号 执法人员编号 人员编号 inspector"
)
_DISTRICT: Final = "区划 行政区划 行政区划代码 区划代码 区县 地区 地区代码 属地 管辖区划 district_code"
_NAME: Final = "名称 企业名称 主体名称 市场主体名称 对象名称 检查对象名称 单位名称 字号名称"
_DEPARTMENT: Final = "所在部门 部门 业务部门 所在业务部门 所在业务部门（机构） 科室 股室 检查部门 实施部门 dept"

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "objects": {
        "object_id": _OBJECT,
        "owner_id": "所有者代码 所有者 所属主体代码 经营者代码 主体统一社会信用代码 owner",
        "object_type": "主体类型 市场主体类型 经营主体类型 对象类型 检查对象类型 企业类型 type",
        "district": _DISTRICT,
        "industry": "行业 行业代码 行业门类 国民经济行业 国民经济行业代码 industry_code",
        "tags": "标签 监管标签 对应专项库监管标签 专项库 专项库名称 tag",
        "status": "登记状态 经营状态 企业状态 状态 registration_status",
        "established": "成立日期 注册日期 设立日期 established_on",
        "licence": "许可证号 许可证号码 许可证编号 许可证书编号 证书编号 licence_no",
        "licences": "许可证数 许可证数量 licence_count",
        "name": _NAME,
        "address": "地址 住所 注册地址 经营地址 住所（经营场所） 经营场所",
    },
    "classes": {
        "object_id": _OBJECT,
        "class": "信用风险分类 信用风险等级 风险等级 风险分类 类别 分类 risk_class credit_class",
        "source": "来源 数据来源 分类来源",
        "month": "月份 分类月份 年月 评定月份",
    },
    "roster": {
        "inspector_id": _INSPECTOR,
        "unit": "所在单位 单位 工作单位 执法单位",
        "department": _DEPARTMENT,
        "district": _DISTRICT,
        "role": "角色 人员类别 人员类型 是否专家",
        "expiry": "执法证有效期 有效期 有效期至 执法证有效期至 证件有效期 certificate_expiry expires",
        "items": "执法事项范围 执法事项 事项范围 检查事项",
        "qualifications": "岗位资质 岗位资质资格 资质 资格 岗位资格 qualification",
        "max_load": "工作量上限 任务上限 最大任务数 上限",
        "leave": "请假 休假 请假日期 不在岗",
        "state": "执法人员状态 人员状态",
        "name": "姓名 检查人员姓名 执法人员姓名",
        "phone": "手机号 手机 电话 联系电话 手机号码 mobile",
        "id_number": "身份证号 身份证号码 公民身份号码 id_card",
    },
    "recusals": {
        "inspector": f"{_INSPECTOR} inspector_id",
        "kind": "回避类型 回避种类 类型",
        "target": "回避对象 目标 对象",
        "object_id": f"{_OBJECT} object",
        "owner_id": "所有者代码 经营者代码 owner",
        "reason": "回避原因 原因 原因代码 事由 reason_code",
        "asked_by": "申请人 提出人 申请方 提出方",
    },
    "items": {
        "item_id": "事项编号 事项编码 抽查事项编号 事项代码 item id",
        "name": "事项名称 抽查事项 抽查事项名称 检查事项 item_name",
        "legal_basis": "法律依据 检查依据 抽查依据 设定依据 依据",
        "kind": "事项类别 类别 事项类型 检查类别 item_kind",
        "object_types": "检查对象类型 对象类型 抽查对象 检查对象 适用对象 object_type",
        "qualification": "资质 所需资质 岗位资质 资质要求 qualifications",
        "ratio": "比例 抽查比例",
        "frequency": "频次 抽查频次",
    },
    "caps": {
        "item": "事项编号 事项编码 事项 item_id",
        "department": _DEPARTMENT,
        "year": "年度 年份 年",
        "cap": "频次上限 上限 次数上限 年度上限",
    },
    "history": {
        "object_id": _OBJECT,
        "date": "检查日期 检查完成日期 抽查完成日期 日期 inspection_date inspected_on",
        "result": "检查结果 抽查结果 结果 结果代码",
        "severity": "严重程度 严重度",
        "defects": "问题数 缺陷数 问题数量",
        "item": "事项编号 事项编码 检查事项 抽查事项 item_id",
        "inspector_id": _INSPECTOR,
        "draw_id": "抽查批次 抽取编号 抽查任务编号 任务编号 draw",
        "pi": "入样概率 被抽查概率 概率",
        "W": "权重 weight",
        "score": "得分 分数",
    },
    "results": {
        "object_id": _OBJECT,
        "task_id": "任务编号",
        "state": "检查情况 检查状态",
        "date": "检查日期 检查完成日期 实际检查日期 日期",
        "result": "检查结果 抽查结果 结果",
        "severity": "严重程度 严重度",
        "defects": "问题数 缺陷数 问题数量",
        "measure": "后续处置 后续措施 处置措施",
        "officers": "到场执法人员 检查人员执法证号 officers_present",
        "visit_code": "扫码编号 检查码 入企码",
        "entered_at": "进入时间 入企时间",
        "left_at": "离开时间 离企时间",
    },
    "triggers": {
        "object_id": _OBJECT,
        "date": "线索日期 收到日期 登记日期",
        "reason": "线索类型 线索来源 触发原因",
        "source": "来文编号 工单编号 投诉编号 线索编号",
    },
    "given": {"object_id": _OBJECT},
    "codes": {
        "code": "代码",
        "name": "名称 区划名称 行业名称 类别名称",
        "since": "启用日期 生效日期 起用日期",
        "until": "停用日期 废止日期 失效日期",
        "successor": "改为 现行代码 替代代码 新代码",
    },
    "lots": {"object_id": f"{_OBJECT} 批次编号 批号 产品编号", "size": "抽样基数 批量 批次数量 基数 件数 lot_size"},
    "scores": {"object_id": _OBJECT, "risk_ppm": "风险分 风险评分 风险值 风险ppm risk"},
}
"""For each kind of file: the canonical column and the other words for it, parted by blanks."""

PRINTED: Final[Mapping[str, str]] = {"results": "检查对象名称 组长 组员 备注"}
"""Headings that our own forms carry for their readers: nobody need be told that they are not imported."""
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "objects": ("object_id", "object_type", "district", "status"),
    "classes": ("object_id", "class"),
    "roster": ("inspector_id", "unit", "department", "district", "expiry", "items", "max_load"),
    "recusals": ("inspector",),
    "items": ("item_id", "name", "legal_basis", "kind", "object_types"),
    "caps": ("item", "department", "year", "cap"),
    "history": ("object_id", "date", "result"),
    "results": ("object_id", "state", "date", "result", "officers"),
    "scores": ("object_id", "risk_ppm"),
    "triggers": ("object_id", "date", "reason", "source"),
    "given": ("object_id",),
    "codes": ("code", "name", "until"),
    "lots": ("object_id", "size"),
}
KINDS: Final = tuple(WORDS)
GUESSED: Final = tuple(k for k in KINDS if k != "given")
"""Kinds that headings can tell: any file of objects could be a given list."""
_MARKS: Final = re.compile(r"[\s_\-*:·/]+|\((?:必填|选填|必填项|选填项|可选|可空|required|optional)\)")


@dataclass(frozen=True, slots=True)
class Header:
    """The heading row of a sheet, understood.

    Parameters
    ----------
    row
        Its index in the rows of the sheet, from 0.
    columns
        Canonical name to column index.
    found
        Canonical name to the heading as the file has it.
    unknown
        Headings nobody knows.
    twice
        Headings whose meaning an earlier column has already.
    """

    row: int
    columns: dict[str, int]
    found: dict[str, str]
    unknown: list[str] = field(default_factory=list)
    twice: list[tuple[str, str]] = field(default_factory=list)


def fold(heading: str) -> str:
    """Return a heading without what does not matter.

    >>> fold(" 统一社会 信用代码（必填） * "), fold("Object_ID")
    ('统一社会信用代码', 'objectid')
    """
    if len(heading) > 200:  # noqa: PLR2004  # no heading is a paragraph
        return ""
    return _MARKS.sub("", unicodedata.normalize("NFKC", heading).strip("\ufeff")).casefold()


@cache
def meanings(kind: str) -> dict[str, str]:
    """Return folded heading to canonical column for one kind of file."""
    table: dict[str, str] = {}
    for canonical, words in WORDS[kind].items():
        for word in words.split():
            table.setdefault(fold(word), canonical)
    return table | {fold(canonical): canonical for canonical in WORDS[kind]}


@cache
def _all_known() -> frozenset[str]:
    return frozenset(word for kind in KINDS for word in meanings(kind))


def known_in(row: Sequence[str], kind: str = "") -> int:
    """Return how many different known headings stand in `row`."""
    known = meanings(kind).keys() if kind else _all_known()
    return len({fold(cell) for cell in row} & known)


def header_row(rows: Sequence[Sequence[str]], kind: str = "") -> int:
    """Return the index of the heading row, or -1.

    The first row with two known headings counts; failing that, the first with one.
    """
    counts = [known_in(row, kind) for row in rows[:HEADER_ROWS]]
    for least in (2, 1):
        for n, count in enumerate(counts):
            if count >= least:
                return n
    return -1


def read_header(table: RawTable, kind: str) -> Header | None:
    """Return the understood heading row of `table`, or None when no heading is known."""
    at = header_row(table.head, kind)
    if at < 0:
        return None
    words = meanings(kind)
    printed = {fold(word) for word in PRINTED.get(kind, "").split()}
    header = Header(at, {}, {})
    for c, heading in enumerate(table.head[at]):
        canonical = words.get(fold(heading))
        if canonical is None:
            if heading.strip() and fold(heading) not in printed:
                header.unknown.append(heading.strip())
        elif canonical in header.columns:
            header.twice.append((header.found[canonical], heading.strip()))
        else:
            header.columns[canonical] = c
            header.found[canonical] = heading.strip()
    return header


def renamed(table: RawTable, own: Mapping[str, str]) -> RawTable:
    """Return a table under the office's own map of headings: in a row that has one of them, only they count."""
    words = {fold(heading): canonical for heading, canonical in own.items()}

    def row(cells: list[str]) -> list[str]:
        known = [words.get(fold(c), "") for c in cells]
        return known if any(known) else cells

    head = list(map(row, table.head))

    def parts() -> Iterator[Rows]:
        above = 0
        for rows in table.parts():
            yield [*head[above : above + len(rows)], *rows[max(0, len(head) - above) :]]
            above += len(rows)

    return replace(table, head=head, parts=parts, others=tuple(renamed(t, own) for t in table.others))


def is_complete(header: Header | None, kind: str) -> bool:
    """Return whether all required columns were found."""
    return header is not None and all(name in header.columns for name in REQUIRED[kind])


def heading(kind: str, canonical: str) -> str:
    """Return the first word of the office for a column."""
    return WORDS[kind].get(canonical, canonical).split()[0]


def accepted_words(kind: str, canonical: str) -> str:
    """Return the words a column may be called, for a hint."""
    return "、".join([canonical, *WORDS[kind][canonical].split()])


def guess_kind(table: RawTable) -> str:
    """Return the kind of file the headings speak of.

    Raises
    ------
    InputError
        ``KIND_UNCLEAR`` when no kind or several fit equally well, or sheets hold different kinds.
    """
    fits = [_fit(sheet) for sheet in (table, *table.others) if not sheet.hidden]
    complete = any(done for done, _, _ in fits)
    most = max((count for done, count, _ in fits if done == complete), default=0)
    kinds: set[str] = set()
    for done, count, names in fits:
        if done == complete and (done or count == most):
            kinds |= names
    if len(kinds) != 1 or (not complete and most < 2):  # noqa: PLR2004  # one word proves nothing
        raise refuse(
            "KIND_UNCLEAR",
            "看不出这是哪一种表",
            f"用 --as 指明: {'、'.join(KINDS)}",
            place=Place(file=table.file, sheet=table.sheet),
            found=", ".join(sorted(kinds)),
        )
    return kinds.pop()


def _fit(sheet: RawTable) -> tuple[bool, int, frozenset[str]]:
    """Return whether a kind's columns are all there, how many of its headings, and which kinds fit that well."""
    headers = {kind: read_header(sheet, kind) for kind in GUESSED}
    scores = {kind: (is_complete(h, kind), len(h.columns)) for kind, h in headers.items() if h}
    best = max(scores.values(), default=(False, 0))
    return (*best, frozenset(kind for kind, score in scores.items() if score == best))
