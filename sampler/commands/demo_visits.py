"""The demo's visits: what happens outside the program. The result form of a draw, filled in as its officers would.

What an officer finds at an object follows from the example's true risk and the object's code alone, so that the demo
is the same every time.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Final

import xlsxwriter

from sampler.canon import H
from sampler.io.readers import read_rows
from sampler.office.workbook import OPTIONS
from sampler.wording import MEASURES, VISITS

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.io.store import Workspace

FIRST: Final = dt.date(2026, 12, 7)
DAYS: Final = (0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18)
"""Working days of the visits, counted from the first."""
GONE: Final = 30_000
"""Visits to objects that cannot be found, in a million (base rates: reference on the domain, 1.2)."""
LOW: Final = 12_500
"""The mean risk of class A, for those of its objects of which the example keeps none."""
MILLION: Final = 1_000_000
HEAD: Final = "统一社会信用代码/注册号"


def filled(w: Workspace, draw_id: str, truth: Path, form: str) -> None:
    """Write the filled form of a draw.

    Parameters
    ----------
    truth
        The example's table of object_id and true_risk_ppm: the chance that a visit finds something.
    form
        Where to write it in the workspace.
    """
    with truth.open(encoding="utf-8", newline="") as f:
        risks = {row["object_id"]: int(row["true_risk_ppm"]) for row in csv.DictReader(f)}
    teams: dict[str, str] = {}
    for team in w.read_json(f"draws/{draw_id}/assignment.json")["teams"]:
        who = [m["inspector_id"] for m in team["members"]]
        teams[team["object_id"]] = ",".join([*filter(None, [teams.get(team["object_id"])]), *who])
    rows = read_rows("检查结果登记表.xlsx", w.path(f"lists/{draw_id}/检查结果登记表.xlsx")).rows
    at = next(n for n, row in enumerate(rows) if HEAD in row)
    for row in rows[at + 1 :]:
        oid = row[rows[at].index(HEAD)]
        for heading, text in _found(oid, risks.get(oid, LOW), teams.get(oid, "")).items():
            row[rows[at].index(heading)] = text
    w.write(form, _workbook(rows))


def _found(oid: str, risk: int, team: str) -> dict[str, str]:
    """Return the cells that the officers fill in."""
    luck = int.from_bytes(H("demo-visit", oid)[:8]) % MILLION
    day = FIRST + dt.timedelta(DAYS[luck % len(DAYS)])
    row = {
        "检查情况": VISITS["visited"],
        "检查日期": day.isoformat(),
        "检查结果": "1",
        "严重程度": "0",
        "到场执法人员": team,
    }
    if luck < risk:
        return row | {"检查结果": "5", "严重程度": "2", "问题数": "1", "后续处置": MEASURES["order"]}
    if luck >= MILLION - GONE:
        return row | {"检查情况": VISITS["no-contact"], "检查结果": "4", "严重程度": ""}
    return row


def _workbook(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    sheet = book.add_worksheet("检查结果登记表")
    for n, row in enumerate(rows):
        sheet.write_row(n, 0, row)
    book.close()
    return out.getvalue()
