"""Some rows of a sheet as columns: places, problems, what was normalised.

Every rule here looks at one row, so that it does not matter how a file is cut into parts; what is said about many
rows is counted over all parts (`sampler.io.findings`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sampler.io.headings import REQUIRED, heading
from sampler.io.personal import masked
from sampler.io.raw import column_letters
from sampler.io.values import Bad, clean_cell_name, clean_code, clean_name, keep
from sampler.tables import NONE, is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sampler.io.raw import Rows
    from sampler.io.sheet import Sheet

CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd\ufffe\uffff\ud800-\udfff]"
)
"""Characters no cell may hold: controls, direction overrides, and the mark of text damaged before it came here."""
_EMPTY_WORDS: Final = frozenset({"", "-", "—", "——", "/", "无"})
_HINT_ROWS: Final = 3
_SAMPLE: Final = re.compile(r"[(（]?(?:案例|示例|样例|范例).{0,6}请删除.{0,4}")
_CLOSING: Final = re.compile(
    r"(?:本页|本表|全部|年度)?(?:合\s*计|总\s*计|小\s*计|共\s*计)(?:[:：]?\s*[0-9,]*\s*[户家人条个件行]?)"
    r"|(?:制表|填表|填报|审核|复核|负责|经办|统计|联系)(?:人|单位|日期|时间|电话)?\s*[:：].*"
)
"""What a row of totals, or of who made the table, begins with."""
_HINT_WORDS: Final = re.compile(r"必填|选填|可填|请填|填写|格式|说明|例如|示例|案例|样例|请删除|提示")


class Part:
    """Data rows of one sheet; a cell is reported once.

    Parameters
    ----------
    sheet
        Where they come from; findings go there.
    rows
        Rows as they stand in the file, headings, hints and blank rows among them.
    above
        Rows of the file before them.
    """

    def __init__(self, sheet: Sheet, rows: Rows, above: int) -> None:
        self.sheet = sheet
        self.bad: set[int] = set()
        self._dropped: set[int] = set()
        self.numbers: list[int] = []
        self.corrections: dict[int, dict[str, str]] = {}
        self._reported: set[tuple[int, str]] = set()
        self._rows: Rows = []
        self._take_rows(rows, above)
        width = sheet.width
        self.cells = [list(column) for column in zip(*self._rows, strict=True)] or [[] for _ in range(width)]
        del self._rows
        self._check_cells(above, above + len(rows))

    def __len__(self) -> int:
        """Return the number of data rows."""
        return len(self.numbers)

    # findings

    def problem(self, n: int, column: str, bad: Bad, found: str = "") -> None:
        """Record that row `n` (of these data rows) cannot be accepted; `column` is canonical."""
        if n in self._dropped:
            return
        self.bad.add(n)
        if (n, column) in self._reported:
            return
        self._reported.add((n, column))
        if bad.code == "PERSONAL_ID":
            found = masked(found)
        place = self.sheet.place(self.numbers[n], column)
        self.sheet.findings.problem(bad.code, bad.message, bad.hint, place, found)

    def drop(self, rows: Collection[int]) -> None:
        """Leave rows out: nothing in them need be right."""
        self._dropped.update(rows)
        self.bad.update(rows)

    def tally(
        self, code: str, rows: Sequence[int], message: str, hint: str = "", *, column: str = "", found: str = ""
    ) -> None:
        """Count rows of which one warning speaks; ``{n}`` in `message` becomes their number in the whole file."""
        if rows:
            place = self.sheet.place(self.numbers[rows[0]], column)
            self.sheet.findings.tally(code, len(rows), message, hint, place, found)

    # which rows

    def _take_rows(self, rows: Rows, above: int) -> None:
        header, width = self.sheet.header.row, self.sheet.width
        short: list[int] = []
        for at, row in enumerate(rows, above):
            if at <= header or is_blank(row) or (at <= header + _HINT_ROWS and self._is_hint(row, at)):
                continue
            if self._is_closing(row, at):
                continue
            self._rows.append(row)
            self.numbers.append(at + 1)
            if len(row) != width and self._check_width(row, width):
                short.append(len(self.numbers) - 1)
        self.tally("ROW_SHORT", short, "{n} 行的行尾缺格, 按空处理", "核对这些行")

    def _is_hint(self, row: list[str], at: int) -> bool:
        """Return whether a row just below the headings explains them; a row with a valid key never does."""
        sheet = self.sheet
        key = sheet.header.columns[REQUIRED[sheet.kind][0]]
        text = row[key].strip() if key < len(row) else ""
        if any(_SAMPLE.fullmatch(cell.strip()) for cell in row) or _HINT_WORDS.search(text):
            if is_id(_clean_or(text)):
                message, hint = "样例行没有删除", "删除样例行; 若是真实数据, 去掉“请删除”字样"
                sheet.findings.problem("ROW_SAMPLE", message, hint, sheet.place(at + 1), text)
            else:
                sheet.warn("ROW_SKIPPED", "说明行或样例行没有导入", row=at + 1, found=text)
            return True
        return False

    def _is_closing(self, row: list[str], at: int) -> bool:
        """Return whether a row holds totals or names who made the table; a row with a valid key never does."""
        first = next(cell for cell in row if cell.strip()).strip()
        if _CLOSING.fullmatch(first) is None:
            return False
        columns, (key, *others) = self.sheet.header.columns, REQUIRED[self.sheet.kind]
        own = row[columns[key]] if columns[key] < len(row) else ""
        if is_id(_clean_or(own)) and any(row[columns[o]].strip() for o in others if columns[o] < len(row)):
            return False
        message, hint = "{n} 行合计、制表人等不是数据, 没有导入", "若是真实数据, 补上编号"
        self.sheet.findings.tally("ROW_CLOSING", 1, message, hint, self.sheet.place(at + 1), first)
        return True

    def _check_width(self, row: list[str], width: int) -> bool:
        """Give the last row the width of the headings; return whether only empty cells were missing."""
        n, header = len(self._rows) - 1, self.sheet.header
        if any(cell.strip() for cell in row[width:]):
            bad = Bad("ROW_WIDTH", f"这一行有 {len(row)} 格, 标题只有 {width} 格", "检查多出的分隔符或漏掉的引号")
            self.problem(n, "", bad, row[width])
        self._rows[n] = (row + [""] * width)[:width]
        if len(row) <= max(header.columns[name] for name in REQUIRED[self.sheet.kind]):
            bad = Bad("ROW_WIDTH", f"这一行只有 {len(row)} 格, 标题有 {width} 格", "检查该行是否不完整")
            self.problem(n, "", bad)
            return False
        return len(row) < width

    # what cells hold

    def _check_cells(self, first: int, end: int) -> None:
        for c, column in enumerate(self.cells):
            if CONTROL.search("".join(dict.fromkeys(column))):
                self._find_controls(c, column)
        for c in self.sheet.unused:
            broken = [n for n, cell in enumerate(self.cells[c]) if "\n" in cell]
            hint = "确认行数正确"
            self.tally("CELL_NEWLINE", broken, "没有用到的列里有换行", hint, column=column_letters(c))
        if self.sheet.raw.failed or self.sheet.raw.merged:
            position = {number: n for n, number in enumerate(self.numbers)}
            self._check_failed(position)
            self._check_merged(position, first, end)

    def _find_controls(self, c: int, column: list[str]) -> None:
        bad = Bad("CELL_CONTROL", "单元格含有控制字符或损坏的字符", "删除该字符, 重新输入")
        for n, cell in enumerate(column):
            if CONTROL.search(cell):
                self.problem(n, self.sheet.column_name(c), bad, cell)

    def _check_failed(self, position: dict[int, int]) -> None:
        bad = Bad("CELL_ERROR", "单元格是 Excel 公式错误", "更正公式后粘贴为数值")
        for row, c in sorted(self.sheet.raw.failed):
            if c not in self.sheet.unused and c < self.sheet.width and row + 1 in position:
                self.problem(position[row + 1], self.sheet.column_name(c), bad)

    def _check_merged(self, position: dict[int, int], first: int, end: int) -> None:
        bad = Bad("CELL_MERGED", "数据区有合并单元格", "取消合并, 每行都填上内容")
        used = set(self.sheet.header.columns.values())
        for top, left, bottom, right in self.sheet.raw.merged:
            if used & set(range(left, right + 1)):
                for row in range(max(top, self.sheet.header.row + 1, first), min(bottom + 1, end)):
                    if row + 1 in position:
                        self.problem(position[row + 1], self.sheet.column_name(left), bad)

    # columns

    def has(self, name: str) -> bool:
        """Return whether the file has this column."""
        return self.sheet.has(name)

    def texts(self, name: str) -> list[str]:
        """Return a column as typed; empty cells when the file does not have it."""
        return self.cells[self.sheet.header.columns[name]] if self.has(name) else [""] * len(self)

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
        clean = clean_name if self.sheet.raw.form == "text" else clean_cell_name
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
                values[text] = value = _value(cleaned, parse, empty, self._called(name))
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

    def _called(self, name: str) -> str:
        """Return a column as the file calls it, else as our templates do."""
        return self.sheet.header.found.get(name) or heading(self.sheet.kind, name)

    def _record(
        self, name: str, texts: list[str], bads: dict[str, Bad], changed: dict[str, str], skip: Collection[int]
    ) -> None:
        if bads:
            for n, text in enumerate(texts):
                if text in bads and n not in skip:
                    self.problem(n, name, bads[text], text)
        if changed:
            self.corrections[self.sheet.header.columns[name]] = changed
            rows = [n for n, text in enumerate(texts) if text in changed]
            message = "{n} 格的全角、空格、大小写或日期写法已统一"
            self.tally("NORMALISED", rows, message, "核对示例是否正确", column=name, found=texts[rows[0]])


def is_blank(row: list[str]) -> bool:
    """Return whether a row holds nothing."""
    return not any(row) or not any(cell.strip() for cell in row)


def _value(cleaned: str, parse: Callable[[str], str], empty: str | None, name: str) -> str:
    if cleaned not in _EMPTY_WORDS:
        return parse(cleaned)
    if empty is None:
        raise Bad("CELL_EMPTY", "必填的单元格是空的", f"填写“{name}”这一格")
    return empty


def _is_rewritten(cleaned: str, value: str) -> bool:
    """Return whether a value is the same text written another way (case, blanks, a date's form, zeros)."""
    if value == cleaned or not any(c.isnumeric() or c.isascii() for c in cleaned):
        return False
    tight = re.sub(r"\s", "", cleaned).upper()
    return tight == value.upper() or (value[:4].isdigit() and value[4:5] == "-") or value == cleaned.lstrip("0")


def _clean_or(text: str) -> str:
    """Return the cleaned text, or "" when it cannot be cleaned."""
    try:
        return clean_code(text)
    except Bad:
        return ""
