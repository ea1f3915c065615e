"""What `init` leaves for a clerk to fill in: empty workbooks with hints, and a plan with comments."""

from __future__ import annotations

import io

import xlsxwriter

SHEETS = {
    "检查对象.xlsx": (
        ("统一社会信用代码", "18 位，列设为文本"), ("主体类型", "企业/个体工商户/农民专业合作社/外国企业常驻代表机构/网络经营者/产品"),
        ("所有者代码", "产品、网店写所属企业；否则留空"), ("名称", ""), ("区划", "计划 districts 中的代码"), ("行业", "GB/T 4754，如 F5211"),
        ("登记状态", "存续/注销/吊销/迁出"), ("成立日期", "2020-01-31"),
    ),
    "信用分类.xlsx": (("object_id", "与检查对象一致"), ("class", "A/B/C/D"), ("source", "来源"), ("month", "2026-11")),
    "执法检查人员.xlsx": (
        ("执法证号", "字母、数字、横线"), ("姓名", ""), ("手机号", "只存于 private/"), ("所在单位", ""), ("所在部门", ""), ("区划", "* 为全县"),
        ("执法证有效期", "2027-12-31"), ("执法事项范围", "事项编号；留空为全部"), ("岗位资质", "lead;food"), ("角色", "执法人员/专家"),
        ("工作量上限", "每场次最多任务数"), ("请假", "2026-12-03..2026-12-20"),
    ),
    "回避.xlsx": (
        ("inspector_id", "执法证号"), ("kind", "object 或 owner"), ("target", "对象或所有者代码"), ("reason_code", "kin/former-employer/interest/requested"),
        ("asked_by", "officer/object"),
    ),
}  # fmt: skip
"""Workbook to its columns and the hint below each heading."""


def workbooks() -> dict[str, bytes]:
    """Return the template workbooks by file name."""
    return {name: _workbook(columns) for name, columns in SHEETS.items()}


def _workbook(columns: tuple[tuple[str, str], ...]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("填报")
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet.set_column(0, len(columns) - 1, 24, text)
    for i, (heading, hint) in enumerate(columns):
        sheet.write_string(0, i, heading, head)
        if hint:
            sheet.write_comment(0, i, hint)
            if "/" in hint and i:
                sheet.data_validation(
                    1, i, 10000, i, {"validate": "any", "input_title": heading[:32], "input_message": hint[:250]}
                )
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


EXAMPLE_PLAN = """\
# 抽查计划（示例）。每个字段的含义见 docs/spec/records.md 3.2。文件路径相对于本文件。
plan_id = "2026-fresh"
scope = "county"
title = "2026年12月双随机抽查"
agency = "XJSC"
period = "2026-12"
disclosure = "after-inspection"          # open / standard / after-inspection
visits = { from = "2026-12-01", to = "2026-12-31" }
items = ["A01"]                          # 必须在已公布的抽查事项清单里
districts = ["990101", "990102"]         # 已知区划，升序
active = ["存续"]
exclusions = ["status", "no-class", "ratio-zero", "no-clause", "cap"]   # 剔除理由，按此顺序取第一个
types = [                                # 主体类型 -> 分层类型；稀少的类型并入同一层
  { type = "coop", stratum = "enterprise" },
  { type = "enterprise", stratum = "enterprise" },
  { type = "individual", stratum = "individual" },
  { type = "repoffice", stratum = "enterprise" },
]
clauses = [                              # 10% 四舍五入；>=3% 向上；<=2‰ 向下
  { clause = "A", classes = ["A"], types = ["enterprise", "individual"], ratio = "1%", period = "task" },
  { clause = "B", classes = ["B"], types = ["enterprise", "individual"], ratio = "2%", period = "task" },
  { clause = "C", classes = ["C"], types = ["enterprise", "individual"], ratio = "10%", period = "task" },
  { clause = "D", classes = ["D"], types = ["enterprise", "individual"], ratio = "30%", period = "task" },
]
cooldown = [{ class = "A", months = 6 }, { class = "B", months = 6 }, { class = "C", months = 3 }]
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
dry_runs = 20
q_max = "1/2"

[source]
source = "lottery:kl8:2026339"           # 唯一公开来源，写明未来期号

[approval]
form = "审批表 2026-12"
date = "2026-11-25"

[deadlines]
reveal = "2026-11-30T10:00:00Z"
draw = "2026-12-01T10:00:00Z"

[files]
objects = "objects.csv"
classes = "classes.csv"
roster = "roster.csv"
recusals = "recusals.csv"
items = "items.csv"
caps = "caps.csv"
history = "history.csv"
scores = "scores.csv"
# labels = "labels.csv"                  # 可选：代码与名称（区划、行业），只用于文书
"""
