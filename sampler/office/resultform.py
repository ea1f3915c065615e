"""The result form (检查结果登记表): what the office fills in after the visits and hands back to ``sampler results``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from sampler.office.styles import Styles, banner, grid, on_paper
from sampler.office.workbook import CREATED, OPTIONS
from sampler.wording import MEASURES, RESULTS, VISITS

if TYPE_CHECKING:
    from sampler.office.views import DrawView

TOP: Final = 2
COLUMNS: Final = (
    ("任务编号", 24, "code"), ("统一社会信用代码/注册号", 24, "code"), ("检查对象名称", 36, "cell"), ("组长", 26, "cell"),
    ("组员", 26, "cell"), ("检查情况", 14, "mid"), ("检查日期", 13, "mid"), ("检查结果", 34, "cell"), ("严重程度", 9, "mid"),
    ("问题数", 8, "mid"), ("后续处置", 34, "cell"), ("到场执法人员", 26, "code"), ("进入时间", 10, "mid"), ("离开时间", 10, "mid"), ("扫码编号", 16, "code"), ("备注", 30, "cell"),
)  # fmt: skip
_HOW: Final = "只填“检查情况”起的各列；检查结果填序号（1 到 8，多个用逗号隔开，1 不与其他并列）；到场执法人员填执法证编号，不少于两人"


def result_form(view: DrawView) -> bytes:
    """Return the form of every visit of `view` as a workbook with drop-down lists."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": f"{view.draw_id} 检查结果登记表", "created": CREATED})
    styles = Styles(book)
    sheet = book.add_worksheet("检查结果登记表")
    banner(sheet, styles, f"检查结果登记表　{view.draw_id}", _HOW)
    rows = [
        (t.task_id, t.pick.object_id, t.pick.name, t.leader_text, t.others_text, *[""] * (len(COLUMNS) - 6), t.mark)
        for t in view.tasks
    ]
    grid(sheet, styles, TOP, COLUMNS, rows)
    _choices(sheet, "检查情况", tuple(VISITS.values()), len(rows))
    _choices(sheet, "后续处置", tuple(MEASURES.values()), len(rows))
    on_paper(sheet, footer=view.draw_id, repeat=TOP)
    _codes(book.add_worksheet("填写说明"), styles)
    book.close()
    return out.getvalue()


def _choices(sheet: Any, heading: str, words: tuple[str, ...], count: int) -> None:
    at = [name for name, _, _ in COLUMNS].index(heading)
    rule = {"validate": "list", "source": list(words), "error_title": heading, "error_message": "请从列表中选择"}
    sheet.data_validation(TOP + 1, at, TOP + max(count, 1), at, rule)


def _codes(sheet: Any, styles: Styles) -> None:
    banner(sheet, styles, "填写说明", "检查结果的序号与含义（国家企业信用信息公示系统八类）")
    grid(
        sheet,
        styles,
        TOP,
        (("序号", 8, "mid"), ("检查结果", 60, "cell")),
        list(RESULTS.items()),
    )
