"""The Excel form of a plan (抽查计划.xlsx), described once: which cell says which key of the TOML plan.

The writer and the reader both follow this table, so a new key of the plan is one line here (docs/spec/records.md, 3.2).
A sheet either holds one key a row (`项目 | 填写 | 说明`) or one member of a list a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sampler.wording import REASONS, TRIGGERS, TYPES

LEVELS: Final = {"open": "全部公开", "standard": "名单公开", "after-inspection": "检查后公开"}
PERIODS: Final = {"task": "每次任务", "year": "全年"}
JURISDICTIONS: Final = {"district": "属地", "cluster": "片区", "any": "不限区划"}
UNITS: Final = {"owner": "所有者"}


class Field(NamedTuple):
    """One key: its place in the plan, its heading, how its cell is read (`sampler.io.plancells`), and what to write."""

    path: str
    heading: str
    kind: str
    hint: str
    need: bool = True
    words: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of the form.

    Parameters
    ----------
    name
        Its title.
    fields
        Rows (``list_`` empty) or columns.
    list_
        The list of the plan whose members stand one a row.
    need
        The plan has this list even when no row is filled; another list without rows is absent.
    order
        Keys whose bytes order the members (the record wants them so); empty: the order of the rows counts.
    """

    name: str
    fields: tuple[Field, ...]
    list_: str = ""
    need: bool = False
    order: tuple[str, ...] = field(default=())


HEADS: Final = ("项目", "填写", "说明")
"""Headings of a sheet with one key a row."""
MUST, MAY = "必填：", "选填："
"""How the row of hints begins."""
_SPLIT = "多个用分号隔开"
_DISTRICTS = Field("districts", "区划", "ids", f"计划内的区划代码，{_SPLIT}")
_WHEN: Final = (
    Field("when.types", "适用主体类型", "ids", f"{_SPLIT}；不限留空", need=False, words=TYPES),
    Field("when.industries", "适用行业", "ids", f"GB/T 4754 代码或其开头，{_SPLIT}；不限留空", need=False),
    Field("when.tags", "适用标签", "ids", f"{_SPLIT}；不限留空", need=False),
)

PLAN: Final = Sheet(
    name="计划",
    fields=(
        Field("plan_id", "计划编号", "id", "字母、数字、横线，如 2026-12-daily"),
        Field("scope", "范围", "id", "本计划的范围代码，如 county 或 990100"),
        Field("title", "任务名称", "text", "印在文书上"),
        Field("agency", "机关代码", "id", "与工作区章程一致"),
        Field("period", "抽查月份", "month", "如 2026-12"),
        Field("disclosure", "公开级别", "id", "从下拉列表选；不事先通知的检查选“检查后公开”", words=LEVELS),
        Field("visits.from", "检查开始日期", "date", "如 2026-12-01"),
        Field("visits.to", "检查结束日期", "date", "如 2026-12-31"),
        Field("items", "抽查事项", "ids", f"抽查事项清单里的编号，{_SPLIT}"),
        Field("districts", "区划", "ids", f"本次抽查的区划代码，{_SPLIT}"),
        Field("active", "可检查的登记状态", "texts", f"如 存续，{_SPLIT}"),
        Field(
            "units",
            "抽取单位",
            "id",
            "一个所有者有多个对象、次数合并计算时选“所有者”；否则留空",
            need=False,
            words=UNITS,
        ),
        Field("grace", "包容期（月）", "int", "新设立不满几个月的不抽，1 至 36；没有留空", need=False),
        Field("risk.floor", "保底份额", "fraction", "与风险无关的份额，如 1/5"),
        Field("risk.gamma", "风险加权强度", "int", "0、1、2 或 3；0 为不加权"),
        Field("reserves", "每层备选户数", "int", "如 2"),
        Field("dry_runs", "试派次数", "int", "如 20"),
        Field("q_max", "单人机会上限", "fraction", "某人派到某组对象的机会超过它就不能封存，如 1/2"),
        Field("note", "备注", "text", "随计划封存", need=False),
        Field(
            "target.filter",
            "定向抽查的说明",
            "text",
            "定向抽查才写，如 餐饮服务；另写下面的条件或线索名单之一",
            need=False,
        ),
        *(f._replace(path=f"target.{f.path}", heading=f"定向{f.heading.removeprefix('适用')}") for f in _WHEN),
        Field("assignment.jurisdiction", "派人范围", "id", "从下拉列表选", words=JURISDICTIONS),
        Field("assignment.leave_days", "请假避让天数", "int", "检查期内请假达到几天的人员不派"),
        Field("assignment.initiator", "发起部门", "id", "部门联合检查的牵头部门；不是联合检查留空", need=False),
        Field("assignment.rotate", "上次去过的不再去", "flag", "需要时写 是；否则留空", need=False),
        Field(
            "assignment.together", "两人同组最多几次", "int", "任何两人本次同组超过几次就尽量换人；不限留空", need=False
        ),
        Field("given.authority", "上级名单：下达机关", "text", "只做上级下达名单的任务才写", need=False),
        Field("given.document", "上级名单：文号", "text", "来文文号", need=False),
        Field("given.date", "上级名单：来文日期", "date", "如 2026-11-20", need=False),
        Field("given.columns", "上级名单：列对照", "text", "上级表格的列对照文件（TOML），没有留空", need=False),
        Field("source.source", "公开数来源", "source", "揭示截止之后才产生的期号，如 lottery:kl8:2026339"),
        Field("approval.form", "审批表文号", "text", "如 审批表 2026-12"),
        Field("approval.date", "审批日期", "date", "如 2026-11-25"),
        Field("approval.by", "批准人", "texts", f"写职务，人数不得少于章程的要求，{_SPLIT}", need=False),
        Field("deadlines.reveal", "揭示截止时间", "time", "北京时间，如 2026-11-30 18:00"),
        Field("deadlines.draw", "摇号截止时间", "time", "北京时间，如 2026-12-01 18:00"),
    ),
)

FILES: Final = Sheet(
    name="数据文件",
    fields=(
        Field("files.objects", "检查对象", "text", "文件名，相对于本文件所在目录；xlsx、xls、csv、parquet 都可以"),
        Field("files.classes", "信用分类", "text", "文件名"),
        Field("files.roster", "执法检查人员", "text", "文件名"),
        Field("files.recusals", "回避", "text", "文件名；没有回避就只留表头"),
        Field("files.items", "抽查事项清单", "text", "文件名"),
        Field("files.caps", "频次上限", "text", "文件名"),
        Field("files.history", "检查历史", "text", "文件名；没有历史就只留表头"),
        Field("files.scores", "风险评分", "text", "文件名"),
        Field("files.triggers", "线索名单", "text", "投诉、召回、事故的定向检查才写", need=False),
        Field("files.given", "上级下达名单", "text", "上级抽定的名单文件，只派人不再抽取", need=False),
        Field("files.lots", "抽样基数", "text", "产品、批次、项目各有多少件；条款写了每批取几件才写", need=False),
        Field("files.model", "积分表", "text", "sampler train 的输出", need=False),
        Field("files.labels", "代码与名称", "text", "范围、区划、行业、资质的名称，用于文书和公示页面", need=False),
    ),
)
TEAMS: Final = Sheet(
    name="检查小组", list_="templates", need=True,
    fields=(Field("template", "小组", "id", "小组模板的代码；对象用第一个合适的，最后一个不写条件"), *_WHEN),
)  # fmt: skip
PLACES: Final = Sheet(
    name="小组名额", list_="groups", order=("group",),
    fields=(
        Field("template", "小组", "id", "“检查小组”里的代码"),
        Field("group", "名额", "id", "如 lead、member；同一小组内不同"),
        Field("count", "人数", "int", "如 1；每组至少两名执法人员"),
        Field("needs", "所需资质", "ids", f"如 lead、food，{_SPLIT}；不限留空", need=False),
        Field("department", "部门", "id", "联合检查才写", need=False),
    ),
)  # fmt: skip
"""Members of the teams: they stand under their team in the plan, so the reader puts them there."""
SHEETS: Final = (
    PLAN,
    FILES,
    Sheet(
        name="主体类型", list_="types", need=True, order=("type",),
        fields=(
            Field("type", "主体类型", "id", "从下拉列表选", words=TYPES),
            Field("stratum", "分层类型", "id", "户数少就都写同一个，如 entity"),
        ),
    ),
    Sheet(
        name="抽查比例", list_="clauses",
        fields=(
            Field("clause", "条款", "id", "各条不同，如 A"),
            Field("classes", "信用风险分类", "ids", f"A、B、C、D，{_SPLIT}"),
            Field("types", "分层类型", "ids", f"“主体类型”里的分层类型，{_SPLIT}"),
            Field("ratio", "抽查比例", "ratio", "如 10%、>=3%（向上取整）、<=2‰（向下取整）、0%（无事不扰）"),
            Field("period", "周期", "id", "从下拉列表选", words=PERIODS),
            Field("drawn", "今年已抽户数", "int", "周期为全年才写", need=False),
            Field("batches_left", "余下批次", "int", "周期为全年才写，含本次", need=False),
            Field("sample", "每批取几件", "int", "产品、批次、项目要从中取样的才写，另附抽样基数", need=False),
        ),
    ),
    Sheet(
        name="剔除次序", list_="exclusions", need=True,
        fields=(Field("", "剔除理由", "id", "每个理由一行，按此次序取第一个", words=REASONS),),
    ),
    Sheet(
        name="轮休", list_="cooldown", need=True, order=("class",),
        fields=(
            Field("class", "信用风险分类", "id", "A、B、C 或 D"),
            Field("months", "轮休月数", "int", "抽过之后几个月内不再抽，0 至 24"),
        ),
    ),
    TEAMS,
    PLACES,
    Sheet(
        name="放宽次序", list_="assignment.ladder", need=True,
        fields=(
            Field("rung", "级别", "id", "各级不同，如 even"),
            Field("below", "可少几次", "int", "比平均少几次仍可"),
            Field("above", "可多几次", "int", "比平均多几次仍可"),
        ),
    ),
    Sheet(
        name="片区", list_="assignment.clusters", order=("cluster",),
        fields=(Field("cluster", "片区", "id", "派人范围为“片区”才写"), _DISTRICTS),
    ),
    Sheet(
        name="跨区授权", list_="assignment.cross", order=("inspector_id", "district"),
        fields=(
            Field("inspector_id", "执法证号", "id", "与执法检查人员表一致"),
            Field("district", "可去的区划", "id", "区划代码"),
            Field("document", "授权文件", "text", "文号"),
        ),
    ),
    Sheet(
        name="指定名额", list_="assignment.fixed", order=("object_id", "group", "inspector_id"),
        fields=(
            Field("object_id", "统一社会信用代码", "id", "若抽中该对象"),
            Field("group", "名额", "id", "“小组名额”里的名额"),
            Field("inspector_id", "执法证号", "id", "由谁去"),
            Field("document", "依据文件", "text", "文号"),
        ),
    ),
    Sheet(
        name="次数限额", list_="assignment.limits", order=("limit",),
        fields=(
            Field("limit", "限额", "id", "名称，如 week-1"),
            _DISTRICTS._replace(hint=f"计划在这一周去的区划等；两条的区划或一个含另一个，或没有共同的；{_SPLIT}"),
            Field("most", "每人最多几次", "int", "至少 1"),
        ),
    ),
    Sheet(
        name="批次", list_="batches", order=("batch",),
        fields=(
            Field("batch", "批次", "id", "重点事项抽批次次序才写，至少两批"),
            _DISTRICTS._replace(hint=f"每个区划恰好属于一批；{_SPLIT}"),
        ),
    ),
    Sheet(
        name="抽样基数", list_="lots", order=("object_id",),
        fields=(
            Field("object_id", "批次编号", "id", "检查对象表里的编号；或在“数据文件”里写文件"),
            Field("size", "抽样基数", "int", "这一批有多少件，1 至 10000"),
        ),
    ),
    Sheet(
        name="频次上限", list_="caps",
        fields=(
            Field("item", "抽查事项", "id", "不用频次上限文件时才写"),
            Field("department", "部门", "id", "部门代码"),
            Field("cap", "每年最多几次", "int", "每户每年"),
        ),
    ),
    Sheet(
        name="线索名单", list_="target.triggers", order=("object_id", "date", "reason", "source"),
        fields=(
            Field("object_id", "统一社会信用代码", "id", "投诉、召回、事故的定向检查才写；或在“数据文件”里写名单文件"),
            Field("date", "线索日期", "date", "如 2026-11-20"),
            Field("reason", "线索类型", "id", "从下拉列表选", words=TRIGGERS),
            Field("source", "工单编号", "id", "不写人名和内容"),
        ),
    ),
)  # fmt: skip
