"""One kind of table in a file: which sheet, which columns; its rows come in parts (`sampler.io.part`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.errors import Place, clip
from sampler.io.findings import Findings
from sampler.io.headings import REQUIRED, Header, accepted_words, header_row, heading, is_complete, read_header
from sampler.io.part import Part
from sampler.io.personal import LOOKED_AT, kind_of
from sampler.io.raw import column_letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sampler.io.raw import RawTable

MAY_BE_EMPTY: Final = frozenset({"recusals", "history", "codes"})
"""Kinds of which an office may have none: nobody asked to be recused, the first month has no history, any code goes."""


class Sheet:
    """The sheet of a file that holds one kind of table.

    `readable` is False when the columns are not clear; then there are no rows.

    Parameters
    ----------
    raw
        The file's cells.
    kind
        What they are read as.
    """

    def __init__(self, raw: RawTable, kind: str) -> None:
        self.kind = kind
        self.findings = Findings()
        self.rows = 0
        self.raw = self._choose(raw)
        self.header = read_header(self.raw, kind) or Header(-1, {}, {})
        self.unused = [c for c in range(self.width) if c not in set(self.header.columns.values())]
        self._check_header()
        self.readable = not self.findings.problem_count

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.raw.head[self.header.row]) if self.header.row >= 0 else 0

    def parts(self) -> Iterator[Part]:
        """Yield the data rows, some at a time; what concerns all of them is said after the last."""
        samples: dict[int, list[str]] = {c: [] for c in self.unused}
        above = 0
        for rows in self.raw.parts() if self.readable else ():
            if above + len(rows) > self.header.row + 1:
                part = Part(self, rows, above)
                self.rows += len(part)
                for c, sample in samples.items():
                    sample.extend(part.cells[c][: LOOKED_AT - len(sample)])
                if len(part):
                    yield part
            above += len(rows)
        if self.readable:
            self._say_persons(samples)
            self._say_none()

    def place(self, row: int = 0, column: str = "") -> Place:
        """Return a place; `column` is canonical, or the letters of a column without meaning."""
        heading = self.header.found.get(column, column)
        return Place(file=self.raw.file, sheet=self.raw.sheet, row=row, column=clip(heading))

    def warn(self, code: str, message: str, hint: str = "", *, row: int = 0, column: str = "", found: str = "") -> None:
        """Record something the office should know; nothing is refused."""
        self.findings.warn(code, message, hint, self.place(row, column), found)

    def has(self, name: str) -> bool:
        """Return whether the file has this column."""
        return name in self.header.columns

    def column_name(self, c: int) -> str:
        """Return the canonical name of a column, or its letters."""
        return next((name for name, at in self.header.columns.items() if at == c), column_letters(c))

    # which sheet, which columns

    def _choose(self, raw: RawTable) -> RawTable:
        """Return the sheet of the workbook that holds this kind; two such sheets are refused, none is passed over."""
        sheets = (raw, *raw.others)
        complete = [s for s in sheets if is_complete(read_header(s, self.kind), self.kind)]
        seen = [s for s in complete if not s.hidden]
        chosen = (seen or complete or [self._nearest(sheets)])[0]
        place = Place(file=raw.file, sheet=chosen.sheet)
        names = ", ".join(s.sheet for s in complete if s is not chosen)
        if len(seen) > 1:
            message, hint = "有多个工作表都像这种表", "合并到一个工作表, 或分别保存"
            self.findings.problem("SHEET_SEVERAL", message, hint, place, names)
        elif names:
            self.findings.warn("SHEET_HIDDEN", "隐藏的工作表没有导入", "", place, names)
        passed = ", ".join(s.sheet for s in sheets if s is not chosen and not s.hidden and s not in complete)
        if passed:
            self.findings.warn("SHEET_IGNORED", "其他工作表没有导入", "确认里面没有数据的续表", place, passed)
        return chosen

    def _nearest(self, sheets: Sequence[RawTable]) -> RawTable:
        def known(sheet: RawTable) -> int:
            header = read_header(sheet, self.kind)
            return len(header.columns) if header else -1

        return max(sheets, key=known)

    def _check_header(self) -> None:
        header = self.header
        row = max(header.row, header_row(self.raw.head), 0) + 1
        for name in REQUIRED[self.kind]:
            if name not in header.columns:
                self._missing(name, row)
        for first, second in header.twice:
            message = f"“{clip(first)}”和“{clip(second)}”意思相同"
            self.findings.problem("COLUMN_TWICE", message, "只留一列", self.place(row, second), second)
        if self.raw.hidden_rows:
            message = f"{self.raw.hidden_rows} 行被隐藏或筛选掉, 照样导入"
            self.warn("ROWS_HIDDEN", message, "不想导入的行请删去, 只隐藏不够", row=header.row + 1)
        if header.unknown:
            found = "、".join(header.unknown)
            self.warn("COLUMN_UNKNOWN", f"{len(header.unknown)} 列没有用到", "确认不需要", row=row, found=found)

    def _missing(self, name: str, row: int) -> None:
        hint = f"可用的列名: {accepted_words(self.kind, name)}"
        self.findings.problem(
            "COLUMN_MISSING", f"缺少必需的列“{heading(self.kind, name)}”（{name}）", hint, self.place(row, name)
        )

    def refuse_column(self, name: str, message: str, hint: str) -> None:
        """Record that a column may not be there; then there are no rows."""
        row = self.header.row + 1
        self.findings.problem("COLUMN_TWICE", message, hint, self.place(row, name), self.header.found[name])
        self.readable = False

    def require(self, *names: str) -> None:
        """Record every one of `names` that no column has; without them there are no rows."""
        for name in names:
            if self.readable and name not in self.header.columns:
                self._missing(name, self.header.row + 1)
        self.readable = self.readable and all(name in self.header.columns for name in names)

    # what concerns all rows

    def _say_persons(self, samples: dict[int, list[str]]) -> None:
        """Say which columns hold numbers of persons and were therefore left out."""
        for c, cells in samples.items():
            what = kind_of(cells)
            if what:
                message, hint = f"这一列是{what}, 没有导入", "不需要的个人信息请从文件中删去"
                self.warn("PERSONAL_COLUMN", message, hint, column=column_letters(c))

    def _say_none(self) -> None:
        if not self.rows and self.kind not in MAY_BE_EMPTY:
            self.warn("ROWS_NONE", "表里没有数据行", "在表头下逐行填写; 若是导出的表, 确认导出时选中了数据")
