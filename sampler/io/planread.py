"""From the Excel form to the plan: every cell read strictly, every problem with sheet, row and column; nothing is dropped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sampler.errors import InputError, Place, Problem, clip
from sampler.io import plancells
from sampler.io.plandoc import Document
from sampler.io.planform import HEADS, MAY, MUST, PLACES, SHEETS, TEAMS, Field, Sheet
from sampler.io.raw import RawTable, column_letters, held, refuse
from sampler.io.readers import read_rows
from sampler.io.values import Bad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    _Member = tuple[Any, dict[str, Place]]

_KEPT: Final = "说明"
"""A sheet the office may add for itself."""
_MERGED: Final = "取消合并单元格，每一行都写全"
_HEADINGS: Final = "照 抽查计划-示例.xlsx 的表头写"
_CLEAR: Final = "删去多出的内容；要说明的写在名为“说明”的工作表里"


def read_form(name: str, data: bytes) -> Document:
    """Return the plan that a form says.

    Raises
    ------
    InputError
        What the reader of workbooks refuses; ``PLAN_FORM_KIND`` for an old xls and for a workbook that is no form;
        ``PLAN_FORM_SHEET``, ``PLAN_FORM_COLUMN``, ``PLAN_FORM_ITEM``, ``PLAN_FORM_STRAY`` for what has no meaning;
        ``PLAN_FORM_MERGED``, ``PLAN_FORM_FORMULA``, ``PLAN_FORM_ERROR``, ``PLAN_FORM_MISSING``, ``PLAN_FORM_VALUE``,
        ``PLAN_FORM_TEAM``, and the codes of dates, ratios and sources for single cells.
    """
    raw = read_rows(name, data)
    if raw.form != "xlsx":
        raise refuse("PLAN_FORM_KIND", "计划表须是 xlsx", "用 Excel 或 WPS 另存为 xlsx", place=Place(file=name))
    sheets = {s.sheet: s for s in (raw, *raw.others)}
    if SHEETS[0].name not in sheets:
        hint = "用 sampler init 给出的 抽查计划-示例.xlsx"
        raise refuse("PLAN_FORM_KIND", "这不是抽查计划表：没有“计划”工作表", hint, place=Place(file=name))
    reader = _Reader(name)
    known = {s.name for s in SHEETS}
    for title, table in sheets.items():
        if title in known:
            reader.whole(table)
        elif title != _KEPT:
            reader.refuse("PLAN_FORM_SHEET", "计划表没有这个工作表", _CLEAR, Place(file=name, sheet=title))
    for sheet in SHEETS:
        reader.sheet(sheet, sheets.get(sheet.name) or RawTable(file=name, head=[], parts=held([]), sheet=sheet.name))
    if reader.problems:
        raise InputError(reader.problems)
    return Document(reader.fields, reader.places)


@dataclass(slots=True)
class _Row:
    """One filled row: the cells by column, and its number as a reader of the file counts."""

    number: int
    cells: dict[int, str]


@dataclass(slots=True)
class _Reader:
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, message: str, hint: str, place: Place, found: str = "") -> None:
        self.problems.append(Problem(code=code, message=message, hint=hint, place=place, found=clip(found)))

    def whole(self, raw: RawTable) -> None:
        """Refuse merged cells, formulas and Excel errors: what they show is not what they hold."""
        for top, left, *_ in raw.merged:
            place = Place(file=self.name, sheet=raw.sheet, row=top + 1, column=column_letters(left))
            self.refuse("PLAN_FORM_MERGED", "计划表里不能有合并的单元格", _MERGED, place)
        for kind, cells, message in (
            ("PLAN_FORM_FORMULA", raw.formulas, "计划表里不能有公式"), ("PLAN_FORM_ERROR", raw.failed, "单元格是 Excel 的错误值"),
        ):  # fmt: skip
            for row, column in sorted(cells):
                place = Place(file=self.name, sheet=raw.sheet, row=row + 1, column=column_letters(max(column, 0)))
                self.refuse(kind, message, "写成文字：复制后“选择性粘贴”为数值，或重写", place)

    def sheet(self, sheet: Sheet, raw: RawTable) -> None:
        if not sheet.list_:
            self._keys(sheet, raw)
            return
        members = [self._member(sheet, row, columns) for row, columns in self._table(sheet, raw)]
        if sheet is PLACES:
            self._into_teams(members)
            return
        self.places[sheet.list_] = Place(file=self.name, sheet=sheet.name)
        found = self._ordered(sheet, sheet.list_, members)
        if found or sheet.need:
            _set(self.fields, sheet.list_, found)

    def _start(self, sheet: Sheet, raw: RawTable, first: str) -> int:
        """Return the row of the headings, the first that is filled; -1 when there is none."""
        start = next((n for n, row in enumerate(raw.rows) if any(t.strip(plancells.BLANKS) for t in row)), -1)
        if start >= 0 and first not in (t.strip(plancells.BLANKS) for t in raw.rows[start]):
            place = Place(file=self.name, sheet=sheet.name, row=start + 1, column=first)
            self.refuse("PLAN_FORM_COLUMN", "第一行须是表头", _HEADINGS, place)
            return -1
        return start

    def _keys(self, sheet: Sheet, raw: RawTable) -> None:
        """Read a sheet with one key a row."""
        by_heading = {f.heading: f for f in sheet.fields}
        seen: Counter[str] = Counter()
        start = self._start(sheet, raw, HEADS[0])
        for row in _rows(raw, start):
            heading, value = (row.cells.get(c, "") for c in (0, 1))
            place = Place(file=self.name, sheet=sheet.name, row=row.number, column=heading or "A")
            f = by_heading.get(heading)
            seen[heading] += 1
            stray = next((text for c, text in row.cells.items() if c >= len(HEADS)), "")
            if f is None or seen[heading] > 1 or stray:
                code, why = (
                    ("PLAN_FORM_STRAY", "表格以外还有内容") if stray else ("PLAN_FORM_ITEM", "不认识的项目，或写了两次")
                )
                self.refuse(code, why, _CLEAR, place, stray or heading or value)
                continue
            self.places[f.path] = place
            found = self._value(f, value, place)
            if found is not None:
                _set(self.fields, f.path, found)
        for f in sheet.fields:
            if f.need and not seen[f.heading]:
                place = Place(file=self.name, sheet=sheet.name, column=f.heading)
                self.refuse("PLAN_FORM_MISSING", f"缺少“{f.heading}”这一行", f.hint, place)

    def _table(self, sheet: Sheet, raw: RawTable) -> Iterator[tuple[_Row, dict[int, Field]]]:
        """Yield the filled rows of a sheet with one member a row."""
        start = self._start(sheet, raw, sheet.fields[0].heading)
        if start < 0:
            return
        by_heading = {f.heading: f for f in sheet.fields}
        columns: dict[int, Field] = {}
        for c, text in enumerate(h.strip(plancells.BLANKS) for h in raw.rows[start]):
            f = by_heading.get(text)
            if f is not None and f not in columns.values():
                columns[c] = f
            elif text:
                place = Place(file=self.name, sheet=sheet.name, row=start + 1, column=text)
                self.refuse("PLAN_FORM_COLUMN", "不认识的表头，或写了两次", _HEADINGS, place, text)
        rows = list(_rows(raw, start))
        if rows:
            for f in sheet.fields:
                if f.need and f not in columns.values():
                    place = Place(file=self.name, sheet=sheet.name, row=start + 1, column=f.heading)
                    self.refuse("PLAN_FORM_COLUMN", "缺少这一列", _HEADINGS, place, f.heading)
        for row in rows:
            yield row, columns

    def _member(self, sheet: Sheet, row: _Row, columns: dict[int, Field]) -> _Member:
        """Return one member of a list, and the places of its keys."""
        found: dict[str, Any] = {}
        places = {"": Place(file=self.name, sheet=sheet.name, row=row.number)}
        for c, text in row.cells.items():
            if c not in columns:
                place = Place(file=self.name, sheet=sheet.name, row=row.number, column=column_letters(c))
                self.refuse("PLAN_FORM_STRAY", "表格以外还有内容", _CLEAR, place, text)
        for c, f in columns.items():
            place = places[f.path] = Place(file=self.name, sheet=sheet.name, row=row.number, column=f.heading)
            value = self._value(f, row.cells.get(c, ""), place)
            if value is not None:
                _set(found, f.path, value)
        return (found.get("", "") if sheet.fields[0].path == "" else found), places

    def _value(self, f: Field, text: str, place: Place) -> Any:
        """Return the value of a cell; None when it is blank or refused. A list that may be empty is never absent."""
        if not text:
            if f.need:
                self.refuse("PLAN_FORM_MISSING", "必填的格是空的", f.hint, place)
            return [] if f.path == "needs" else None
        try:
            return plancells.read(text, f)
        except Bad as e:
            self.refuse(e.code, e.message, e.hint, place, text)
            return None

    def _into_teams(self, members: list[_Member]) -> None:
        """Put every place under its team."""
        teams = self.fields["templates"]
        codes = [t.get("template") for t in teams]
        if len(set(codes)) < len(codes):
            place = Place(file=self.name, sheet=TEAMS.name, column=TEAMS.fields[0].heading)
            self.refuse("PLAN_FORM_TEAM", "两个小组的代码相同，分不清名额属于哪一个", "改成不同的代码", place)
        for n, team in enumerate(teams):
            mine = [m for m in members if m[0].get("template") == team.get("template")]
            named = [({k: v for k, v in m.items() if k != "template"}, places) for m, places in mine]
            team["groups"] = self._ordered(PLACES, f"templates[{n}].groups", named)
        for m, places in members:
            if m.get("template") not in codes:
                found = str(m.get("template", ""))
                hint = "先在“检查小组”里写它"
                self.refuse("PLAN_FORM_TEAM", "“检查小组”里没有这个小组", hint, places["template"], found)

    def _ordered(self, sheet: Sheet, at: str, members: Sequence[_Member]) -> list[Any]:
        """Return the members of a list in the order the record wants, and remember their cells."""
        if sheet.order:
            members = sorted(members, key=lambda m: [str(m[0].get(k, "")).encode() for k in sheet.order])
        for n, (_, places) in enumerate(members):
            for key, place in places.items():
                self.places[f"{at}[{n}].{key}" if key else f"{at}[{n}]"] = place
        return [m for m, _ in members]


def _rows(raw: RawTable, start: int) -> Iterator[_Row]:
    """Yield the filled rows under the headings; the row of hints right below them is none."""
    for n, row in enumerate(raw.rows[start + 1 :] if start >= 0 else (), start + 2):
        cells = {c: text.strip(plancells.BLANKS) for c, text in enumerate(row)}
        cells = {c: text for c, text in cells.items() if text}
        hints = n == start + 2 and all(text.startswith((MUST, MAY)) for text in cells.values())
        if cells and not hints:
            yield _Row(n, cells)


def _set(fields: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for part in outer:
        fields = fields.setdefault(part, {})
    fields[last] = value
