"""From a plan to its Excel form: sheets, hints and choices for a clerk, every value as text. What the form cannot say is refused."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from sampler.errors import InputError, Place, PlanError
from sampler.io import plancells
from sampler.io.plandoc import value_at
from sampler.io.planform import HEADS, MAY, MUST, PLACES, SHEETS, Field, Sheet
from sampler.io.planread import read_form
from sampler.office.styles import A4
from sampler.office.workbook import CREATED, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROWS: Final = 500
"""Down to which row hints and choices are offered."""
_NAME: Final = "抽查计划.xlsx"
_WIDTHS: Final = (22, 46, 70)
_COLUMN: Final = 24
_HINTS: Final = 44
"""Height of the row of hints, in points: three lines."""
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "must": {"bold": True, "bg_color": "#CFE2F3"}, "may": {"bg_color": "#F3F3F3"}, "fill": {},
    "hint": {"font_color": "#666666", "italic": True, "font_size": 9},
}  # fmt: skip


def form(fields: Mapping[str, Any]) -> bytes:
    """Return the form (xlsx) of a valid plan.

    Parameters
    ----------
    fields
        The plan as TOML has it.

    Raises
    ------
    PlanError
        ``PLAN_FORM_CANNOT`` with the first key that the form would not say again, read back from the form itself.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": "抽查计划", "created": CREATED})
    base = {
        "font_name": "宋体",
        "font_size": 11,
        "num_format": "@",
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
    }
    styles = {name: book.add_format({**base, **more}) for name, more in _STYLES.items()}
    for sheet in SHEETS:
        page = book.add_worksheet(sheet.name)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        (_list if sheet.list_ else _keys)(page, sheet, fields, styles)
    book.close()
    _same(out.getvalue(), fields)
    return out.getvalue()


def _same(data: bytes, fields: Mapping[str, Any]) -> None:
    """Refuse a form that does not say what it was made from."""
    try:
        back = read_form(_NAME, data).fields
    except InputError as e:
        p = e.problems[0]
        raise _cannot(f"{p.place.sheet}.{p.place.column}", p.found) from e
    if back != fields:
        key = next(k for k in _keys_of(fields, back) if value_at(dict(fields), k) != value_at(back, k))
        raise _cannot(key, value_at(dict(fields), key))


def _cannot(key: str, found: object) -> PlanError:
    hint = "这个计划继续用 TOML"
    return PlanError("PLAN_FORM_CANNOT", f"表格写不下计划的 {key}", hint=hint, place=Place(column=key), found=found)


def _keys_of(*documents: Mapping[str, Any]) -> list[str]:
    """Return every key at which two plans may differ, the narrow ones first."""
    found: set[str] = set()

    def walk(value: Any, key: str) -> None:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for k, v in inner:
            name = f"{key}[{k}]" if isinstance(value, list) else f"{key}.{k}" if key else str(k)
            walk(v, name)
            found.add(name)

    for d in documents:
        walk(dict(d), "")
    return sorted(found, key=lambda k: (-k.count(".") - k.count("["), k))


def _keys(page: Any, sheet: Sheet, fields: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    """Write a sheet with one key a row."""
    for c, (heading, width) in enumerate(zip(HEADS, _WIDTHS, strict=True)):
        page.set_column(c, c, width)
        page.write_string(0, c, heading, styles["must"])
    for r, f in enumerate(sheet.fields, 1):
        page.write_string(r, 0, f.heading, styles["must" if f.need else "may"])
        _put(page, r, 1, plancells.write(value_at(dict(fields), f.path), f), styles["fill"])
        page.write_string(r, 2, _hint(f), styles["hint"])
        _offer(page, r, 1, r, f)
    page.freeze_panes(1, 1)


def _list(page: Any, sheet: Sheet, fields: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    """Write a sheet with one member a row."""
    page.set_column(0, len(sheet.fields) - 1, _COLUMN)
    page.set_row(1, _HINTS)
    for c, f in enumerate(sheet.fields):
        page.write_string(0, c, f.heading, styles["must" if f.need else "may"])
        page.write_string(1, c, _hint(f), styles["hint"])
        _offer(page, 2, c, ROWS, f)
    for r, member in enumerate(_members(sheet, fields), 2):
        for c, f in enumerate(sheet.fields):
            value = member if f.path == "" else value_at(member, f.path)
            _put(page, r, c, plancells.write(value, f), styles["fill"])
    page.freeze_panes(2, 1)


def _members(sheet: Sheet, fields: Mapping[str, Any]) -> Iterable[Any]:
    if sheet is PLACES:
        teams = fields.get("templates", ())
        return [{"template": t.get("template"), **g} for t in teams for g in t.get("groups", ())]
    return value_at(dict(fields), sheet.list_) or ()


def _put(page: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write text as text, whatever it begins with."""
    if text:
        page.write_string(row, column, text, style)
    else:
        page.write_blank(row, column, None, style)


def _hint(f: Field) -> str:
    return f"{MUST if f.need else MAY}{f.hint}"


def _offer(page: Any, first: int, column: int, last: int, f: Field) -> None:
    """Show the hint beside the cell, and the choices where one is to be made."""
    one = f.words and f.kind == "id"
    choices = list(f.words.values()) if one else [plancells.YES] if f.kind == "flag" else []
    rule = {"validate": "list", "source": choices, "error_type": "warning"} if choices else {"validate": "any"}
    wrong = {"error_message": "不在列表中。仍可保留，由 sampler plan 判断。"} if choices else {}
    page.data_validation(
        first, column, last, column, {**rule, **wrong, "input_title": f.heading[:32], "input_message": _hint(f)[:255]}
    )
