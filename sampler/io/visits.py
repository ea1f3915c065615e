"""The result form (检查结果登记表) as clean columns, one row a visit (records.md, 3.17)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sampler.io.fields import filled, reading
from sampler.io.identity import known_inspector, known_object, plain_code
from sampler.io.imported import Imported, run
from sampler.io.sheet import Sheet
from sampler.io.values import Bad, dates, integers, listing, past
from sampler.io.vocabulary import measure, result, visit_state
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Collection

    from sampler.io.imported import Columns
    from sampler.io.part import Part
    from sampler.io.raw import RawTable

OFFICERS: Final = 2
"""No visit by fewer officers counts (行政处罚法 art. 42)."""
_UNFILLED: Final = ("state", "date", "result", "officers")
_MOST_DEFECTS: Final = 100_000
_TIME: Final = re.compile(r"(?:\d{4}-\d{2}-\d{2}[T ])?([01]?\d|2[0-3])[:：时]([0-5]\d)(?:[:：分][0-5]\d秒?|分)?")


def import_results(
    raw: RawTable, *, inspectors: Collection[str] = (), objects: Collection[str] = (), today: str = ""
) -> Imported:
    """Return the results of visits; a row nobody has filled in yet is left out and counted.

    Parameters
    ----------
    raw
        The file's cells.
    inspectors
        Known officers; empty: any is accepted.
    objects
        Known objects: taken as they are.
    today
        A visit after this day is refused; empty: not checked.
    """
    fields = {
        "object_id": lambda part, name: part.codes(name, known_object(objects), empty=None, skip=part.bad),
        "state": filled(visit_state, "visited"),
        "date": filled(past(dates(old_epoch=raw.old_epoch), today)),
        "result": filled(listing(result)),
        "severity": filled(integers("SEVERITY_RANGE", 0, 3, "严重程度")),
        "defects": filled(integers("DEFECTS_RANGE", 0, _MOST_DEFECTS, "问题数")),
        "measure": filled(measure),
        "officers": filled(listing(known_inspector(inspectors, "封存的人员名录里没有这名人员"))),
        "visit_code": filled(plain_code),
        "entered_at": filled(clock),
        "left_at": filled(clock),
    }
    return run(Sheet(raw, "results"), reading(fields, before=_drop_unfilled, after=_check_rows))


def _drop_unfilled(part: Part) -> None:
    columns = [part.texts(name) for name in _UNFILLED]
    blank = [n for n in range(len(part)) if not any(c[n].strip() for c in columns)]
    part.tally("ROW_UNFILLED", blank, "{n} 行还没有填写结果", "填好后再次提交")
    part.bad.update(blank)


def clock(text: str) -> str:
    """Return a time of day as ``HH:MM``.

    >>> clock("9:05"), clock("2026-12-03 14:30:00"), clock("14时30分")
    ('09:05', '14:30', '14:30')
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise Bad("TIME_FORM", "时间看不懂", "写成 09:30")
    return f"{int(found[1]):02d}:{found[2]}"


def _check_rows(part: Part, columns: Columns) -> None:
    """Hold every filled row to the rules of a visit; the first rule broken is named."""
    for n in range(len(part)):
        if n not in part.bad:
            broken = _broken({name: values[n] for name, values in columns.items()})
            if broken is not None:
                part.problem(n, broken[0], broken[1], columns[broken[0]][n])


def _broken(row: dict[str, str]) -> tuple[str, Bad] | None:
    codes = [] if row["result"] == NONE else row["result"].split(",")
    officers = [] if row["officers"] == NONE else row["officers"].split(",")
    took_place = row["state"] in ("visited", "no-contact")
    rules = (
        (took_place and row["date"] == NONE, "date", "VISIT_DATE", "没有检查日期", "填写实际检查日期"),
        (row["state"] == "visited" and not codes, "result", "RESULT_MISSING", "没有检查结果", "填 1 到 8 的序号"),
        (not took_place and bool(codes), "result", "RESULT_STATE", "没有检查却填了结果", "改正检查情况，或删去结果"),
        ("1" in codes and len(codes) > 1, "result", "RESULT_ALONE", "“未发现问题”不能与其他结果并列", "只留一种"),
        (
            row["state"] == "no-contact" and codes not in ([], ["4"]),
            "result", "RESULT_STATE", "无法联系只能填结果 4", "改正检查情况或结果",
        ),
        ("1" in codes and row["severity"] not in (NONE, "0"), "severity", "SEVERITY_RESULT", "未发现问题却有严重程度", "改为 0 或留空"),
        ("1" in codes and row["measure"] not in (NONE, "none"), "measure", "MEASURE_RESULT", "未发现问题却有后续处置", "改为“无需后续处置”"),
        ("1" in codes and row["defects"] not in (NONE, "0"), "defects", "DEFECTS_RESULT", "未发现问题却有问题数", "改为 0 或留空"),
        (took_place and len(officers) < OFFICERS, "officers", "OFFICERS_FEW", "到场执法人员少于两人", "填两名以上不同人员的执法证号"),
        (
            NONE not in (row["entered_at"], row["left_at"]) and row["left_at"] < row["entered_at"],
            "left_at", "TIME_ORDER", "离开早于进入", "核对扫码时间",
        ),
    )  # fmt: skip
    return next(((column, Bad(code, what, how)) for wrong, column, code, what, how in rules if wrong), None)
