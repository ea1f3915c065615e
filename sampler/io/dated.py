"""Dated tables of codes: which districts (GB/T 2260) or industries (GB/T 4754) exist on a day, and what became of others.

The office supplies the tables, as workbooks in ``templates/`` beside the plan; none comes with this program. Without a
table any code is accepted. A code is never replaced in silence: the clerk is told what it became.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import TYPE_CHECKING, Final, NamedTuple

from sampler.errors import InputError, Place, Problem
from sampler.io.fields import code, must, reading, text
from sampler.io.identity import plain_code
from sampler.io.imported import Imported, run
from sampler.io.readers import read_rows
from sampler.io.sheet import Sheet
from sampler.io.values import Bad, dates, listing
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sampler.io.imported import Columns
    from sampler.io.part import Part
    from sampler.io.raw import RawTable

    Parse = Callable[[str], str]

FILES: Final = {"district": "templates/区划代码.xlsx", "industry": "templates/行业代码.xlsx"}
"""Where the office's tables lie, from the workspace; a table without rows is none."""
_WHAT: Final = {"district": ("区划代码", "DISTRICT_UNKNOWN"), "industry": ("行业代码", "INDUSTRY_UNKNOWN")}


@dataclass(frozen=True, slots=True)
class Dated:
    """Parsers of codes as they stand on one day; None where the office gave no table."""

    district: Parse | None = None
    industry: Parse | None = None


class Entry(NamedTuple):
    """One code over one span of days: from `since` (``-``: always) to the day before `until` (``-``: still)."""

    code: str
    since: str
    until: str
    successor: str
    name: str

    def holds(self, day: str) -> bool:
        """Return whether the code exists on `day`."""
        return self.since <= day and (self.until == NONE or day < self.until)  # "-" stands before every digit


def import_codes(raw: RawTable) -> Imported:
    """Return a dated table of codes."""
    sheet = Sheet(raw, "codes")
    day = dates(old_epoch=sheet.raw.old_epoch)
    fields = {
        "code": must(plain_code),
        "since": code(day),
        "until": code(day),
        "successor": code(listing(plain_code)),
        "name": text(None),
    }
    return run(sheet, reading(fields, after=_check_spans))


def _check_spans(part: Part, columns: Columns) -> None:
    for n, (since, until, successor) in enumerate(
        zip(columns["since"], columns["until"], columns["successor"], strict=True)
    ):
        if n in part.bad:
            continue
        if NONE not in (since, until) and until <= since:
            part.problem(n, "until", Bad("CODE_SPAN", "停用日期不晚于启用日期", "核对两个日期"), until)
        elif successor != NONE and until == NONE:
            part.problem(n, "successor", Bad("CODE_SPAN", "没有停用却写了改为", "补上停用日期, 或删去改为"), successor)


def read_codes(name: str, data: bytes) -> list[Entry]:
    """Return the entries of a table, in order of code and day; none for a table nobody has filled in.

    Raises
    ------
    InputError
        Everything the import doctor finds wrong, spans of one code that overlap (``CODE_OVERLAP``), and codes that
        became one the table does not have (``CODE_SUCCESSOR``).
    """
    found = import_codes(read_rows(name, data))
    entries = list(starmap(Entry, found.table.rows()))
    wrong = found.problems or tuple(_contradictions(found, entries))  # one fault at a time
    if wrong:
        raise InputError(wrong)
    return entries


def _contradictions(found: Imported, entries: list[Entry]) -> Iterator[Problem]:
    """Yield what no row shows alone."""
    there = {e.code for e in entries}

    def place(n: int, column: str) -> Place:
        row = found.held.numbers[found.held.order[n]]
        return Place(file=found.raw.file, sheet=found.sheet, row=row, column=found.columns.get(column, column))

    for n, (before, e) in enumerate(pairwise(entries), 1):
        if before.code == e.code and (before.until == NONE or e.since < before.until):
            message, hint = "同一代码的两段有效期重叠", "前一段的停用日期不得晚于后一段的启用日期"
            yield Problem(code="CODE_OVERLAP", message=message, hint=hint, place=place(n, "code"), found=e.code)
    for n, e in enumerate(entries):
        lost = [c for c in e.successor.split(",") if c != NONE and c not in there]
        if lost:
            message, hint = "改为的代码不在表里", "给它补一行，或改正"
            yield Problem(
                code="CODE_SUCCESSOR", message=message, hint=hint, place=place(n, "successor"), found=",".join(lost)
            )


def load(folder: Path, day: str) -> Dated:
    """Return the parsers of the office's tables as they stand on `day` (ISO).

    Raises
    ------
    InputError
        What `read_codes` refuses.
    """
    parsers: dict[str, Parse] = {}
    for kind, name in FILES.items():
        path = folder / name
        entries = read_codes(path.name, path.read_bytes()) if path.is_file() else []
        if entries:
            parsers[kind] = parser(kind, entries, day)
    return Dated(**parsers)


def parser(kind: str, entries: list[Entry], day: str) -> Parse:
    """Return a parser that takes a code or the name of one that exists on `day`, and says what became of others.

    Parameters
    ----------
    kind
        ``district`` or ``industry``.
    entries
        The table.
    day
        The day in question.
    """
    what, unknown = _WHAT[kind]
    known: dict[str, list[Entry]] = defaultdict(list)
    codes = {e.code for e in entries}
    for e in entries:
        known[e.code].append(e)
    for e in entries:
        if e.name not in codes:
            known[e.name].append(e)

    def parse(written: str) -> str:
        now = {e.code for e in known.get(written, ()) if e.holds(day)}
        if len(now) == 1:
            return now.pop()
        if now:
            codes = "、".join(sorted(now))
            raise Bad("CODE_NAME_SEVERAL", f"这个名称对应几个{what}", f"改填代码: {codes}")
        if written not in known:
            raise Bad(unknown, f"{what}表里没有这个代码", f"核对代码; 新代码先补进{FILES[kind]}")
        raise _gone(known, known[written], what, day)

    return parse


def _gone(known: dict[str, list[Entry]], entries: list[Entry], what: str, day: str) -> Bad:
    """Return what to say of a code that the table has, but not on `day`."""
    before = [e for e in entries if e.since <= day]
    if not before:
        return Bad("CODE_NOT_YET", f"{what}自 {min(e.since for e in entries)} 起才启用", f"按 {day} 有效的代码填写")
    last = max(before, key=lambda e: e.since)
    became = _successors(known, last, day)
    named = "、".join(f"{e.code}（{e.name}）" for e in became)
    hint = f"改为 {named}" if became else "表里没有写改为什么代码, 查主管部门的公告"
    return Bad("CODE_ABOLISHED", f"{what}已于 {last.until} 停用", hint)


def _successors(known: dict[str, list[Entry]], gone: Entry, day: str) -> list[Entry]:
    """Return the codes of `day` that stand for one abolished before, through those that were abolished in between."""
    found: dict[str, Entry] = {}
    seen: set[str] = set()
    waiting = gone.successor.split(",")
    while waiting:
        code_ = waiting.pop()
        if code_ in seen or code_ == NONE:
            continue
        seen.add(code_)
        entries = [e for e in known.get(code_, ()) if e.code == code_]
        now = next((e for e in entries if e.holds(day)), None)
        if now:
            found[code_] = now
        else:
            waiting += [c for e in entries if e.until != NONE and e.until <= day for c in e.successor.split(",")]
    return [found[c] for c in sorted(found)]
