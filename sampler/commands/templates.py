"""What `init` leaves for a clerk to fill in: empty workbooks with hints, and a plan with comments."""

from __future__ import annotations

import datetime as dt
import io
from typing import NamedTuple

import xlsxwriter

from sampler.io.vocabulary import CLASSES, ITEM_KINDS, RECUSAL_KINDS, ROLES, TYPES
from sampler.wording import RESULTS

ROWS = 10000
"""Down to which row hints and choices are offered."""


class Column(NamedTuple):
    """One column of a template: its heading, what to write, the usual choices, whether it may stay empty."""

    heading: str
    hint: str
    choices: tuple[str, ...] = ()
    optional: bool = False


def _words(vocabulary: dict[str, str]) -> tuple[str, ...]:
    return tuple(words.split()[0] for words in vocabulary.values())


CODE = Column("统一社会信用代码", "18 位代码或注册号，与检查对象表一致")
CODES = (
    Column("代码", "一行一个代码；停用的旧代码也留着"), Column("名称", "名录里写名称也认得"),
    Column("启用日期", "如 2017-10-01；一向就有的留空", optional=True),
    Column("停用日期", "自该日起不再使用；仍在使用的留空", optional=True),
    Column("改为", "停用后改为的代码，多个用分号隔开", optional=True),
)  # fmt: skip
OFFICER = Column("执法证号", "与执法检查人员表一致")
ITEM = Column("事项编号", "与抽查事项清单一致，如 A01")
SHEETS = {
    "检查对象.xlsx": (
        Column("统一社会信用代码", "18 位代码或注册号；产品写自编号"),
        Column("主体类型", "从下拉列表选", _words(TYPES)),
        Column("所有者代码", "产品、网店写所属企业的代码；否则留空", optional=True),
        Column("名称", "只存于 private/，不进证据包", optional=True),
        Column("区划", "计划 districts 中的代码，如 990101"),
        Column("行业", "GB/T 4754 代码，如 F5211；决定派哪类小组", optional=True),
        Column("登记状态", "计划 active 以外的状态不抽", ("存续", "注销", "吊销", "迁出")),
        Column("成立日期", "如 2020-01-31", optional=True),
        Column("许可证号", "一证一行的表也可以：同一对象的各行合并，并记下许可证数", optional=True),
    ),
    "信用分类.xlsx": (
        CODE, Column("信用风险分类", "没有分类的对象不抽", tuple(CLASSES)), Column("来源", "哪个系统或文件", optional=True),
        Column("月份", "评定月份，如 2026-11", optional=True),
    ),
    "执法检查人员.xlsx": (
        Column("执法证号", "字母、数字、横线"), Column("姓名", "只存于 private/", optional=True),
        Column("手机号", "只存于 private/", optional=True), Column("所在单位", "单位名称"), Column("所在部门", "部门名称"),
        Column("区划", "可去的区划代码；* 为所有区划"), Column("执法证有效期", "如 2027-12-31 或 长期"),
        Column("执法事项范围", "能查的事项编号，多个用分号隔开，如 A01;A02"),
        Column("岗位资质", "组长写 lead，食品写 food，多个用分号隔开；名称须与计划 templates 的 needs 一致", optional=True),
        Column("角色", "专家不算执法人员", _words(ROLES)), Column("工作量上限", "一次最多几个任务，写整数"),
        Column("请假", "如 2026-12-03..2026-12-20；没有留空", optional=True),
    ),
    "回避.xlsx": (
        OFFICER, Column("回避类型", "只回避一户选对象；回避同一所有者的全部对象选所有者", _words(RECUSAL_KINDS)),
        Column("回避对象", "对象或所有者的代码"),
        Column("回避原因", "kin 亲属，former-employer 曾任职，interest 利害关系，requested 申请",
               ("kin", "former-employer", "interest", "requested"), optional=True),
        Column("申请人", "officer 本人提出，object 检查对象提出", ("officer", "object"), optional=True),
    ),
    "抽查事项清单.xlsx": (
        Column("事项编号", "字母、数字、横线，如 A01"), Column("事项名称", "与公布的清单一致"),
        Column("法律依据", "没有依据的事项不得检查"), Column("事项类别", "从下拉列表选", _words(ITEM_KINDS)),
        Column("检查对象类型", "多个用分号隔开，如 企业;个体工商户"), Column("资质要求", "多个用分号隔开；没有留空", optional=True),
        Column("抽查比例", "公布的比例，备查", optional=True), Column("抽查频次", "公布的频次，备查", optional=True),
    ),
    "频次上限.xlsx": (
        ITEM, Column("所在部门", "与执法检查人员表一致"), Column("年度", "如 2026"),
        Column("频次上限", "每户每年最多几次，写整数；本次计划的每个事项都要有一行"),
    ),
    "检查历史.xlsx": (
        CODE, Column("检查日期", "如 2026-10-31"), Column("检查结果", "从下拉列表选，或写 1 至 8", _words(RESULTS)),
        Column("严重程度", "0 无，1 轻微，2 一般，3 严重", ("0", "1", "2", "3"), optional=True),
        Column("问题数", "写整数", optional=True), ITEM._replace(optional=True), OFFICER._replace(optional=True),
        Column("抽查任务编号", "由本系统抽中的写任务编号", optional=True), Column("入样概率", "由本系统抽中的照抄检查名单", optional=True),
    ),
    "风险评分.xlsx": (
        CODE, Column("风险分", "0 至 1000000 的整数，越大越容易抽中；没有评分依据时全部写同一个数"),
    ),
    "区划代码.xlsx": CODES,
    "行业代码.xlsx": CODES,
}  # fmt: skip
"""Workbook to its columns."""


def workbooks() -> dict[str, bytes]:
    """Return the template workbooks by file name."""
    return {name: _workbook(columns) for name, columns in SHEETS.items()}


def example_plan(agency: str, today: dt.date) -> str:
    """Return the example plan for the month after `today`; its lottery issue lies after the draw's deadline."""
    first = (today.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    # An issue a day, and none on holidays: the number of the issue is never above the number of the day.
    words = {
        "XJSC": agency, "{period}": f"{first:%Y-%m}", "{plan}": f"{first:%Y}-fresh", "{month}": f"{first.year}年{first.month}月",
        "{from}": f"{first}", "{to}": f"{last}", "{today}": f"{today}", "{eve}": f"{first - dt.timedelta(days=1)}",
        "{issue}": f"{first.year}{first.timetuple().tm_yday + 4:03d}",
    }  # fmt: skip
    text = EXAMPLE_PLAN
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return text


def _workbook(columns: tuple[Column, ...]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("填报")
    must = book.add_format({"bold": True, "bg_color": "#CFE2F3", "border": 1})
    may = book.add_format({"bg_color": "#F3F3F3", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet.set_column(0, len(columns) - 1, 24, text)
    for i, c in enumerate(columns):
        hint = f"{'选填' if c.optional else '必填'}。{c.hint}"
        sheet.write_string(0, i, c.heading, may if c.optional else must)
        sheet.write_comment(0, i, hint)
        rule = (
            {"validate": "list", "source": list(c.choices), "error_type": "warning"}
            if c.choices
            else {"validate": "any"}
        )
        shown = {
            "input_title": c.heading,
            "input_message": hint,
            "error_message": "不在列表中。仍可保留，由 sampler check 判断。",
        }
        sheet.data_validation(1, i, ROWS, i, {**rule, **shown})
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


EXAMPLE_PLAN = """\
# 抽查计划（示例）。每个字段的含义见 docs/spec/records.md 3.2。文件路径相对于本文件。
plan_id = "{plan}"
scope = "county"
title = "{month}双随机抽查"
agency = "XJSC"
period = "{period}"
disclosure = "after-inspection"          # open / standard / after-inspection
visits = { from = "{from}", to = "{to}" }
items = ["A01"]                          # 必须在已公布的抽查事项清单里
districts = ["990101", "990102"]         # 已知区划，升序
active = ["存续"]
exclusions = ["status", "no-class", "ratio-zero", "no-clause", "cap"]   # 剔除理由，按此顺序取第一个
# 需要时去掉行首的 # ：
# grace = 12                             # 新设立不满 12 个月的不抽（包容审慎），exclusions 末尾加 "grace"
# 定向检查：在 [files] 里加 triggers = "线索名单.xlsx"（投诉、召回、事故），exclusions 末尾加 "off-target"，不写 cooldown
# 上级下达名单：在 [files] 里加 given = "上级名单.xlsx"，另写 [given]，不写 clauses 和 cooldown，见操作指南
# 重点事项抽批次次序：写 batches，见操作指南
types = [                                # 主体类型 -> 分层类型；户数少就都写同一个，户数多可把个体工商户单列
  { type = "coop", stratum = "entity" },
  { type = "enterprise", stratum = "entity" },
  { type = "individual", stratum = "entity" },
  { type = "repoffice", stratum = "entity" },
]
clauses = [                              # >=3% 向上取整，至少一户；10% 四舍五入；<=2‰ 向下；抽到 0 户的条款会被拒绝
  { clause = "A", classes = ["A"], types = ["entity"], ratio = ">=1%", period = "task" },
  { clause = "B", classes = ["B"], types = ["entity"], ratio = ">=2%", period = "task" },
  { clause = "C", classes = ["C"], types = ["entity"], ratio = ">=10%", period = "task" },
  { clause = "D", classes = ["D"], types = ["entity"], ratio = ">=30%", period = "task" },
]
cooldown = [{ class = "A", months = 6 }, { class = "B", months = 6 }, { class = "C", months = 3 }]
# units = "owner"                        # 一个所有者有多个对象时：先抽所有者，再按散列数取它的一个对象；次数上限合并计算
risk = { floor = "1/5", gamma = 2 }      # 保底份额与风险加权强度
reserves = 2                             # 每层备选户数
templates = [                            # 检查小组；最后一个不写 when
  { template = "food", when = { industries = ["C14", "F52", "H62"] }, groups = [
    { group = "lead", count = 1, needs = ["lead"] }, { group = "special", count = 1, needs = ["food"] } ] },
  { template = "base", groups = [
    { group = "lead", count = 1, needs = ["lead"] }, { group = "member", count = 1, needs = [] } ] },
]
assignment = { jurisdiction = "district", leave_days = 5, ladder = [
  { rung = "even", below = 1, above = 1 }, { rung = "wide", below = 3, above = 3 }, { rung = "free", below = 100, above = 100 } ] }
# assignment 里还可以写 rotate = true（上次去过的人这次不再去）、jurisdiction = "cluster" 与 clusters（片区）、cross（跨区域授权）、fixed（指定名额）、
#   limits（每人次数限额，套叠的区划）：limits = [{ limit = "week-1", districts = ["990101", "990102"], most = 4 }, { limit = "990101", districts = ["990101"], most = 2 }],
#   together = 3（任何两人在本次抽查里同组最多 3 次，能换人就换）
dry_runs = 20
q_max = "1/2"

[source]
source = "lottery:kl8:{issue}"           # 唯一公开来源：改成揭示截止之后才开奖的期号

[approval]
form = "审批表 {period}"
date = "{today}"
# by = ["分管副局长", "局长"]            # 批准人，人数不得少于章程的要求；随封存公开，可以写职务

[deadlines]
reveal = "{eve}T10:00:00Z"
draw = "{from}T10:00:00Z"

[files]
objects = "templates/检查对象.xlsx"      # xlsx、xls、csv、parquet 都可以
classes = "templates/信用分类.xlsx"
roster = "templates/执法检查人员.xlsx"
recusals = "templates/回避.xlsx"         # 没有回避就只留表头
items = "templates/抽查事项清单.xlsx"
caps = "templates/频次上限.xlsx"
history = "templates/检查历史.xlsx"      # 没有历史就只留表头
scores = "scores.csv"                    # sampler score 的输出；或填 风险评分.xlsx 后 sampler check --csv . templates/风险评分.xlsx
# labels = "labels.csv"                  # 可选：代码与名称（范围、区划、行业、资质），用于文书和公示页面
"""
