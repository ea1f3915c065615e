"""The office's workbook of one draw. Same view, same bytes: nothing in it comes from a clock or a machine."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Final

import xlsxwriter

from sampler.office import sheets
from sampler.office.styles import Styles
from sampler.office.text import sheet_name

if TYPE_CHECKING:
    from sampler.office.views import DrawView

CREATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""The creation date every workbook carries; the true dates stand in the records."""

OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Text stays text, whatever it begins with."""
_FIXED: Final = ("封面", "检查名单", "检查人员", "备选名单", "空缺", "如何核验")


def workbook(view: DrawView) -> bytes:
    """Return the workbook (xlsx) of `view`: cover, list, a task sheet a district, people, reserves, vacancies, checks.

    For the office only: it holds names and phones.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": f"{view.title} {view.draw_id}", "author": view.agency, "created": CREATED})
    styles = Styles(book)
    sheets.cover(book.add_worksheet("封面"), styles, view)
    sheets.listing(book.add_worksheet("检查名单"), styles, view)
    names = list(_FIXED)
    for tasks in view.districts.values():
        names.append(sheet_name(tasks[0].pick.district_text, names))
        sheets.district(book.add_worksheet(names[-1]), styles, view, tasks)
    sheets.people(book.add_worksheet("检查人员"), styles, view)
    sheets.reserves(book.add_worksheet("备选名单"), styles, view)
    sheets.vacancies(book.add_worksheet("空缺"), styles, view)
    sheets.checking(book.add_worksheet("如何核验"), styles, view)
    book.close()
    return out.getvalue()
