"""One sheet on its way from text to columns: places, problems, what was normalised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sampler.errors import Place, Problem, clip
from sampler.io.headings import (
    REQUIRED,
    Header,
    accepted_words,
    header_row,
    is_complete,
    read_header,
)
from sampler.io.personal import kind_of, masked
from sampler.io.raw import column_letters
from sampler.io.values import Bad, clean_cell_name, clean_code, clean_name, keep
from sampler.tables import NONE, is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sampler.io.raw import RawTable

MAX_PROBLEMS: Final = 1_000
"""Problems kept; the rest are only counted."""
MAY_BE_EMPTY: Final = frozenset({"recusals", "history"})
"""Kinds of which an office may have none: nobody asked to be recused, the first month has no history."""
CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd\ufffe\uffff\ud800-\udfff]"
)
"""Characters no cell may hold: controls, direction overrides, and the mark of text damaged before it came here."""
_EMPTY_WORDS: Final = frozenset({"", "-", "—", "——", "/", "无"})
_HINT_ROWS: Final = 3
_SAMPLE: Final = re.compile(r"[(（]?(?:案例|示例|样例|范例).{0,6}请删除.{0,4}")
_HINT_WORDS: Final = re.compile(r"必填|选填|可填|请填|填写|格式|说明|例如|示例|案例|样例|请删除|提示")


class Sheet:
    """The data rows of one sheet, read as one kind of file.

    `readable` is False when the columns are not clear; then there are no rows. A cell is reported once.

    Parameters
    ----------
    raw
        The file's cells.
    kind
        What they are read as.
    """

    def __init__(self, raw: RawTable, kind: str) -> None:
        self.kind = kind
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.problem_count = 0
        self.bad: set[int] = set()
        self.corrections: dict[int, dict[str, str]] = {}
        self._reported: set[tuple[int, str]] = set()
        self.raw = self._choose(raw)
        self.header = read_header(self.raw, kind) or Header(-1, {}, {})
        self.numbers: list[int] = []
        self.rows: list[list[str]] = []
        self.cells: list[list[str]] = []
        self._short: list[int] = []
        self._check_header()
        self.readable = not self.problems
        if self.readable:
            self._take_rows()
            self._check_cells()

    def __len__(self) -> int:
        """Return the number of data rows."""
        return len(self.rows)

    # problems

    def problem(self, n: int, column: str, bad: Bad, found: str = "") -> None:
        """Record that row `n` (of the data rows) cannot be accepted; `column` is canonical."""
        self.bad.add(n)
        if (n, column) in self._reported:
            return
        self._reported.add((n, column))
        if bad.code == "PERSONAL_ID":
            found = masked(found)
        self._add(bad.code, bad.message, bad.hint, self._place(self.numbers[n], column), found)

    def _add(self, code: str, message: str, hint: str, place: Place, found: str = "") -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code=code, message=message, hint=hint, place=place, found=clip(found)))

    def warn(self, code: str, message: str, hint: str = "", *, row: int = 0, column: str = "", found: str = "") -> None:
        """Record something the office should know; nothing is refused."""
        place = self._place(row, column)
        self.warnings.append(Problem(code=code, message=message, hint=hint, place=place, found=clip(found)))

    def _place(self, row: int = 0, column: str = "") -> Place:
        heading = self.header.found.get(column, column)
        return Place(file=self.raw.file, sheet=self.raw.sheet, row=row, column=clip(heading))

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
            self._add("SHEET_SEVERAL", "有多个工作表都像这种表", "合并到一个工作表, 或分别保存", place, names)
        elif names:
            message = "隐藏的工作表没有导入"
            self.warnings.append(Problem(code="SHEET_HIDDEN", message=message, place=place, found=clip(names)))
        passed = ", ".join(s.sheet for s in sheets if s is not chosen and not s.hidden and s not in complete)
        if passed:
            message, hint = "其他工作表没有导入", "确认里面没有数据的续表"
            self.warnings.append(
                Problem(code="SHEET_IGNORED", message=message, hint=hint, place=place, found=clip(passed))
            )
        return chosen

    def _nearest(self, sheets: Sequence[RawTable]) -> RawTable:
        def known(sheet: RawTable) -> int:
            header = read_header(sheet, self.kind)
            return len(header.columns) if header else -1

        return max(sheets, key=known)

    def _check_header(self) -> None:
        header = self.header
        row = max(header.row, header_row(self.raw.rows), 0) + 1
        for name in REQUIRED[self.kind]:
            if name not in header.columns:
                self._missing(name, row)
        for first, second in header.twice:
            place = self._place(row, second)
            self._add("COLUMN_TWICE", f"“{clip(first)}”和“{clip(second)}”意思相同", "只留一列", place, second)
        if header.unknown:
            found = "、".join(header.unknown)
            self.warn("COLUMN_UNKNOWN", f"{len(header.unknown)} 列没有用到", "确认不需要", row=row, found=found)

    def _missing(self, name: str, row: int) -> None:
        words = accepted_words(self.kind, name)
        self._add("COLUMN_MISSING", f"缺少必需的列 {name}", f"可用的列名: {words}", self._place(row, name))

    def require(self, *names: str) -> bool:
        """Record every one of `names` that no column has; return whether all are there."""
        for name in names:
            if name not in self.header.columns:
                self._missing(name, self.header.row + 1)
        self.readable = all(name in self.header.columns for name in names)
        return self.readable

    # which rows

    def _take_rows(self) -> None:
        width = len(self.raw.rows[self.header.row])
        for at in range(self.header.row + 1, len(self.raw.rows)):
            row = self.raw.rows[at]
            if not any(row) or not any(cell.strip() for cell in row):
                continue
            if at <= self.header.row + _HINT_ROWS and self._is_hint(row, at):
                continue
            self.rows.append(row)
            self.numbers.append(at + 1)
            if len(row) != width:
                self._check_width(row, width)
        if self._short:
            self.warn("ROW_SHORT", f"{len(self._short)} 行的行尾缺格, 按空处理", "核对这些行", row=self._short[0])
        if not self.rows and self.kind not in MAY_BE_EMPTY:
            self.warn("ROWS_NONE", "表里没有数据行", "在表头下逐行填写; 若是导出的表, 确认导出时选中了数据")

    def _is_hint(self, row: list[str], at: int) -> bool:
        """Return whether a row just below the headings explains them; a row with a valid key never does."""
        key = self.header.columns[REQUIRED[self.kind][0]]
        text = row[key].strip() if key < len(row) else ""
        if any(_SAMPLE.fullmatch(cell.strip()) for cell in row) or _HINT_WORDS.search(text):
            if is_id(clean_or(text)):
                place = self._place(at + 1)
                self._add("ROW_SAMPLE", "样例行没有删除", "删除样例行; 若是真实数据, 去掉“请删除”字样", place, text)
            else:
                self.warn("ROW_SKIPPED", "说明行或样例行没有导入", row=at + 1, found=text)
            return True
        return False

    def _check_width(self, row: list[str], width: int) -> None:
        n = len(self.rows) - 1
        if any(cell.strip() for cell in row[width:]):
            bad = Bad("ROW_WIDTH", f"这一行有 {len(row)} 格, 标题只有 {width} 格", "检查多出的分隔符或漏掉的引号")
            self.problem(n, "", bad, row[width])
        last = max(self.header.columns[name] for name in REQUIRED[self.kind])
        if len(row) <= last:
            bad = Bad("ROW_WIDTH", f"这一行只有 {len(row)} 格, 标题有 {width} 格", "检查该行是否不完整")
            self.problem(n, "", bad)
        elif len(row) < width:
            self._short.append(self.numbers[n])
        self.rows[n] = (row + [""] * width)[:width]

    # what cells hold

    def _check_cells(self) -> None:
        self.cells = [list(column) for column in zip(*self.rows, strict=True)]
        used = set(self.header.columns.values())
        for c, column in enumerate(self.cells):
            if CONTROL.search("".join(column)):
                self._find_controls(c, column)
            if c not in used and any("\n" in cell for cell in column):
                self.warn("CELL_NEWLINE", "没有用到的列里有换行", "确认行数正确", column=column_letters(c))
        self._check_persons(used)
        self._check_failed(used)
        self._check_merged(used)

    def _check_persons(self, used: set[int]) -> None:
        """Say which columns hold numbers of persons and were therefore left out."""
        for c, column in enumerate(self.cells):
            what = "" if c in used else kind_of(column)
            if what:
                message = f"这一列是{what}, 没有导入"
                self.warn("PERSONAL_COLUMN", message, "不需要的个人信息请从文件中删去", column=column_letters(c))

    def _find_controls(self, c: int, column: list[str]) -> None:
        bad = Bad("CELL_CONTROL", "单元格含有控制字符或损坏的字符", "删除该字符, 重新输入")
        for n, cell in enumerate(column):
            if CONTROL.search(cell):
                self.problem(n, self._name(c), bad, cell)

    def _name(self, c: int) -> str:
        names = {at: name for name, at in self.header.columns.items()}
        return names.get(c, column_letters(c))

    def _check_failed(self, used: set[int]) -> None:
        bad = Bad("CELL_ERROR", "单元格是 Excel 公式错误", "更正公式后粘贴为数值")
        position = {number: n for n, number in enumerate(self.numbers)} if self.raw.failed else {}
        for row, c in sorted(self.raw.failed):
            if c in used and row + 1 in position:
                self.problem(position[row + 1], self._name(c), bad)

    def _check_merged(self, used: set[int]) -> None:
        bad = Bad("CELL_MERGED", "数据区有合并单元格", "取消合并, 每行都填上内容")
        position = {number: n for n, number in enumerate(self.numbers)} if self.raw.merged else {}
        for top, left, bottom, right in self.raw.merged:
            if bottom > self.header.row and used & set(range(left, right + 1)):
                for row in range(max(top, self.header.row + 1), min(bottom, len(self.raw.rows)) + 1):
                    if row + 1 in position:
                        self.problem(position[row + 1], self._name(left), bad)

    # columns

    def has(self, name: str) -> bool:
        """Return whether the file has this column."""
        return name in self.header.columns

    def texts(self, name: str) -> list[str]:
        """Return a column as typed; empty cells when the file does not have it."""
        return self.cells[self.header.columns[name]] if self.has(name) and self.rows else [""] * len(self)

    def codes(
        self, name: str, parse: Callable[[str], str] = keep, *, empty: str | None = NONE, skip: Collection[int] = ()
    ) -> list[str]:
        """Return a column of codes: cleaned, parsed, problems and normalisations recorded.

        Parameters
        ----------
        name
            Canonical column.
        parse
            From cleaned text to value; raises `Bad`.
        empty
            What an empty cell means; None: it is refused.
        skip
            Rows left alone (their value is `empty` or "").
        """
        return self._column(name, clean_code, parse, empty, skip)

    def names(self, name: str, *, empty: str | None = "") -> list[str]:
        """Return a column of free text: NFC, trimmed."""
        clean = clean_name if self.raw.form == "text" else clean_cell_name
        return self._column(name, clean, keep, empty, ())

    def _column(
        self,
        name: str,
        clean: Callable[[str], str],
        parse: Callable[[str], str],
        empty: str | None,
        skip: Collection[int],
    ) -> list[str]:
        texts = self.texts(name)
        if skip:
            texts = ["" if n in skip else text for n, text in enumerate(texts)]
        values: dict[str, str] = {}
        bads: dict[str, Bad] = {}
        changed: dict[str, str] = {}
        for text in dict.fromkeys(texts):
            try:
                cleaned = clean(text)
                values[text] = value = _value(cleaned, parse, empty, name)
            except Bad as bad:
                bads[text] = bad
                values[text] = ""
                continue
            if _is_rewritten(cleaned, value):
                changed[text] = value
            elif text != cleaned:
                changed[text] = cleaned
        self._record(name, texts, bads, changed, skip)
        return list(map(values.__getitem__, texts))

    def _record(
        self, name: str, texts: list[str], bads: dict[str, Bad], changed: dict[str, str], skip: Collection[int]
    ) -> None:
        if bads:
            for n, text in enumerate(texts):
                if text in bads and n not in skip:
                    self.problem(n, name, bads[text], text)
        if changed:
            self.corrections[self.header.columns[name]] = changed
            rows = [n for n, text in enumerate(texts) if text in changed]
            self.warn(
                "NORMALISED",
                f"{len(rows)} 格的全角、空格、大小写或日期写法已统一",
                "核对示例是否正确",
                row=self.numbers[rows[0]],
                column=name,
                found=texts[rows[0]],
            )


def _value(cleaned: str, parse: Callable[[str], str], empty: str | None, name: str) -> str:
    if cleaned not in _EMPTY_WORDS:
        return parse(cleaned)
    if empty is None:
        raise Bad("CELL_EMPTY", "必填的单元格是空的", f"填写 {name}")
    return empty


def _is_rewritten(cleaned: str, value: str) -> bool:
    """Return whether a value is the same text written another way (case, blanks, a date's form, zeros)."""
    if value == cleaned or not any(c.isdigit() or c.isascii() for c in cleaned):
        return False
    tight = re.sub(r"\s", "", cleaned).upper()
    return tight == value.upper() or (value[:4].isdigit() and value[4:5] == "-") or value == cleaned.lstrip("0")


def clean_or(text: str) -> str:
    """Return the cleaned text, or "" when it cannot be cleaned."""
    try:
        return clean_code(text)
    except Bad:
        return ""
