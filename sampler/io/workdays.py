"""Working days of the mainland: the State Council's yearly arrangement, and the office's dated table for what is newer.

A year nobody has arranged yet is refused, never guessed: New Year's plan would miss its deadline by a week.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import chinese_calendar

from sampler.errors import InputError, Place, Problem, StepError
from sampler.io.headings import fold
from sampler.io.readers import read_rows
from sampler.io.values import Bad, clean_code, dates

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "calendar.csv"
"""The workspace's table of working days: columns 日期 and 性质 (工作 or 休息)."""
_WEEKEND: Final = 5
_KINDS: Final = {"工作": True, "上班": True, "工作日": True, "休息": False, "放假": False, "休息日": False}


@dataclass(frozen=True, slots=True)
class Workdays:
    """Which days are working days.

    Parameters
    ----------
    own
        Days the office's table decides. A year with at least one such day counts as arranged: its other days follow
        the week, unless the library knows the year.
    """

    own: Mapping[dt.date, bool] = field(default_factory=dict)

    def is_workday(self, day: dt.date) -> bool:
        """Return whether people work on `day`.

        Raises
        ------
        StepError
            ``CALENDAR_YEAR`` for a year neither the library nor the office's table arranges.
        """
        if day in self.own:
            return self.own[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except RuntimeError as e:  # how the library says that it does not know a year
            if any(d.year == day.year for d in self.own):
                return day.weekday() < _WEEKEND
            hint = f"把国务院公布的 {day.year} 年放假安排写进工作区的 {FILE}（列: 日期,性质；性质填 工作 或 休息）"
            raise StepError("CALENDAR_YEAR", f"没有 {day.year} 年的工作日安排", hint=hint, found=day.isoformat()) from e

    def after(self, day: dt.date, count: int) -> dt.date:
        """Return the `count`-th working day after `day`; `day` itself does not count.

        >>> Workdays().after(dt.date(2026, 1, 30), 20)
        datetime.date(2026, 3, 5)
        """
        while count:
            day += dt.timedelta(days=1)
            count -= self.is_workday(day)
        return day


def read_workdays(data: bytes, name: str = FILE) -> Workdays:
    """Return the office's table.

    Raises
    ------
    InputError
        ``CALENDAR_FORM`` with row and what was found, and what `read_rows` refuses.
    """
    rows = read_rows(name, data).rows
    head = [fold(cell) for cell in rows[0]]
    if "日期" not in head or "性质" not in head:
        raise InputError([_problem(name, 1, "首行应有 日期、性质 两列", ",".join(rows[0]))])
    at, kind = head.index("日期"), head.index("性质")
    own: dict[dt.date, bool] = {}
    parse = dates()
    for n, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            day = dt.date.fromisoformat(parse(clean_code(row[at])))
            own[day] = _KINDS[clean_code(row[kind])]
        except (Bad, KeyError, IndexError, ValueError) as e:
            raise InputError([_problem(name, n, "日期看不懂，或性质不是工作、休息", ",".join(row))]) from e
    return Workdays(own)


def _problem(name: str, row: int, message: str, found: str) -> Problem:
    hint = "写成 2027-02-05,休息"
    return Problem(code="CALENDAR_FORM", message=message, hint=hint, place=Place(file=name, row=row), found=found)
