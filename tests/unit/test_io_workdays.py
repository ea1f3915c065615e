"""Working days: the library's years, the office's table, and a loud refusal of years nobody has arranged."""

from __future__ import annotations

import datetime as dt

import pytest

from sampler.errors import InputError, StepError
from sampler.io.workdays import Workdays, read_workdays

D = dt.date


def test_twenty_working_days_over_the_spring_festival() -> None:
    assert Workdays().after(D(2026, 1, 30), 20) == D(2026, 3, 5)


def test_a_naive_count_of_weekdays_would_be_wrong() -> None:
    day, left = D(2026, 1, 30), 20
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5
    assert day == D(2026, 2, 27)


@pytest.mark.parametrize("year", [2003, 2027, 2050])
def test_a_year_nobody_has_arranged_is_refused_with_the_way_out(year: int) -> None:
    with pytest.raises(StepError) as e:
        Workdays().is_workday(D(year, 6, 1))
    assert e.value.code == "CALENDAR_YEAR"
    assert "calendar.csv" in e.value.problem.hint
    assert str(year) in e.value.problem.message


def test_a_deadline_that_runs_into_an_unknown_year_is_refused() -> None:
    with pytest.raises(StepError) as e:
        Workdays().after(D(2026, 12, 20), 20)
    assert e.value.code == "CALENDAR_YEAR"


TABLE = "日期,性质,来源\n2027-01-01,休息,国办发\n2027/1/2,休息,\n2027年1月3日,工作,\n20270104,放假,\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_offices_table_arranges_a_newer_year(codec: str) -> None:
    found = read_workdays(TABLE.encode(codec))
    assert [found.is_workday(D(2027, 1, n)) for n in range(1, 8)] == [False, False, True, False, True, True, True]
    assert not found.is_workday(D(2027, 1, 9)), "other days follow the week"
    assert found.after(D(2026, 12, 31), 2) == D(2027, 1, 5)


def test_the_offices_table_overrules_the_library() -> None:
    assert Workdays().is_workday(D(2026, 6, 1))
    assert not Workdays({D(2026, 6, 1): False}).is_workday(D(2026, 6, 1))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("日期\n2027-01-01\n", 1), ("a,b\n2027-01-01,休息\n", 1), ("日期,性质\n2027-13-01,休息\n", 2),
        ("日期,性质\n2027-01-01,休息\n2027-01-02,喝茶\n", 3), ("日期,性质\n元旦,休息\n", 2), ("日期,性质\n2027-01-01\n", 2),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_refused_at_its_row(text: str, row: int) -> None:
    with pytest.raises(InputError) as e:
        read_workdays(text.encode())
    assert (e.value.code, e.value.problem.place.row) == ("CALENDAR_FORM", row)
