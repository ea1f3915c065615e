"""Batches of results: what the office hands in against what is sealed, drawn and already recorded (records.md, 3.17)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, records, tables, units, weights
from sampler.errors import DrawError, Place, Problem
from sampler.io.session import plain_hash
from sampler.tables import NONE, Table
from sampler.wording import RESULT_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sampler.io.imported import Imported
    from sampler.io.session import Session
    from sampler.plan import Plan

_ENDING: Final = re.compile(r"\.[0-9A-Za-z]{1,8}\Z")
HISTORY: Final = (
    "object_id", "date", "result", "severity", "defects", "item", "inspector_id", "draw_id", "pi", "W",
)  # fmt: skip
"""Columns of the rows that go back to the analyst (DESIGN 5)."""


def recorded(session: Session, draw_id: str) -> list[records.Results]:
    """Return the batches recorded so far, in order."""
    w = session.workspace
    return [w.record(records.Results, n) for n in w.names(f"draws/{draw_id}/results")]


def current(batches: Sequence[records.Results]) -> dict[str, records.Result]:
    """Return the row that holds for every object: its last."""
    return {row.object_id: row for batch in batches for row in batch.rows}


def rows_of(found: Imported, attached: Mapping[str, tuple[records.Attachment, ...]]) -> list[records.Result]:
    """Return the imported rows as the record carries them."""
    t = found.table
    out = []
    for values in zip(*(t[name] for name in t.names), strict=True):
        row = {name: None if v == NONE else v for name, v in zip(t.names, values, strict=True)}
        out.append(_row(row, attached.get(str(row["object_id"]))))
    return out


def _row(row: Mapping[str, str | None], attached: tuple[records.Attachment, ...] | None) -> records.Result:
    word = row["state"] or "visited"
    took_place = word in ("visited", "no-contact")
    state = "visited" if took_place else word if word in RESULT_STATES else "not-visited"
    codes = (row["result"] or ("4" if word == "no-contact" else "")).split(",")
    officers = row["officers"]
    return records.Result(
        object_id=str(row["object_id"]),
        state=state,
        reason=None if word in (*RESULT_STATES, "no-contact") else word,
        date=row["date"],
        result=int(codes[0]) if codes[0] else None,
        also=tuple(codes[1:]) or None,
        severity=_number(row["severity"]),
        defects=_number(row["defects"]),
        measure=row["measure"],
        officers=tuple(officers.split(",")) if officers else None,
        visit_code=row["visit_code"],
        entered_at=row["entered_at"],
        left_at=row["left_at"],
        attachments=attached,
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def attachments(files: Mapping[str, bytes], objects: Sequence[str]) -> dict[str, tuple[records.Attachment, ...]]:
    """Return the files of each object: those whose name begins with its id; only number, ending and hash are recorded.

    The office's own file names may hold the names of persons, and results are published.
    """
    out: dict[str, tuple[records.Attachment, ...]] = {}
    for oid in objects:
        mine = sorted(name for name in files if name.startswith(oid))
        if mine:
            named = ((f"{n:02d}{_ending(name)}", plain_hash(files[name])) for n, name in enumerate(mine, 1))
            out[oid] = tuple(records.Attachment(name=name, sha256=found) for name, found in named)
    return out


def _ending(name: str) -> str:
    found = _ENDING.search(name)
    return found[0].lower() if found else ""


def judge(
    found: Imported,
    rows: Sequence[records.Result],
    plan: Plan,
    teams: Mapping[str, frozenset[str]],
    replaced: frozenset[str],
) -> tuple[list[Problem], list[Problem]]:
    """Return what must be corrected, and what an auditor will ask about.

    Parameters
    ----------
    teams
        Officers assigned to every object that may have a result.
    replaced
        Objects with an amendment: their teams are not those of the draw.
    """
    wrong, odd = [], []
    for row in rows:
        place = Place(file="", sheet=found.sheet, row=_line(found, row.object_id), column="")
        if row.object_id not in teams:
            hint = "核对统一社会信用代码和任务编号；临时检查不属于这次抽查"
            wrong.append(
                Problem(
                    code="RESULT_NOT_DRAWN",
                    message="这次抽查没有抽中该对象",
                    hint=hint,
                    place=place,
                    found=row.object_id,
                )
            )
            continue
        if row.date is not None and not plan.visits.first <= row.date <= plan.visits.last:
            hint = f"计划的检查时间是 {plan.visits.first} 至 {plan.visits.last}；属实则保留"
            odd.append(
                Problem(code="VISIT_WINDOW", message="检查日期不在计划的时间内", hint=hint, place=place, found=row.date)
            )
        came = frozenset(row.officers or ())
        if came and row.object_id not in replaced and not came <= teams[row.object_id]:
            message = "到场执法人员不是摇号派出的小组"
            hint = "换人须先登记变更（sampler amend）；属实则保留，核验时会显示"
            odd.append(
                Problem(
                    code="TEAM_DIFFERS",
                    message=message,
                    hint=hint,
                    place=place,
                    found="、".join(sorted(came - teams[row.object_id])),
                )
            )
    return wrong, odd


def _line(found: Imported, object_id: str) -> int:
    at = found.columns.get("object_id", "")
    header = found.raw.rows[found.header_row]
    column = next((c for c, h in enumerate(header) if h.strip() == at), 0)
    return next((n + 1 for n, r in enumerate(found.raw.rows) if column < len(r) and r[column].strip() == object_id), 0)


def batch(draw_id: str, before: Sequence[records.Results], rows: Sequence[records.Result]) -> records.Results | None:
    """Return the next batch: rows that say something new; None when all is recorded already."""
    known = current(before)
    fresh = sorted((r for r in rows if known.get(r.object_id) != r), key=lambda r: r.object_id.encode())
    if not fresh:
        return None
    previous = before[-1].rhash() if before else canon.ZERO_HASH.hex()
    return records.Results(draw_id=draw_id, batch=len(before) + 1, previous=previous, rows=tuple(fresh))


def history(draw_id: str, plan: Plan, files: Mapping[str, bytes], rows: Sequence[records.Result], items: str) -> Table:
    """Return the visits that took place as rows of the history contract, with pi and W (draw.md, weights).

    Visits from a list carry neither: they are no sample of ours.

    Parameters
    ----------
    files
        frame.tsv, levels.tsv and history.tsv of the draw.
    rows
        The row that holds for every object.
    """
    t = {
        n: tables.decode(files[n], records.TABLE_COLUMNS[n], file=n) for n in ("frame.tsv", "levels.tsv", "history.tsv")
    }
    pis = dict(zip(t["levels.tsv"]["key"], map(int, t["levels.tsv"]["pi_e12"]), strict=True))
    framed = t["frame.tsv"]
    held = units.of_frame(framed, owners=plan.owners)
    sizes = held.sizes()
    of = zip(*(framed[c] for c in ("object_id", "stratum", "level")), held.of, strict=True)
    known = {o: (pis[f"{s}/{v}"], s.split(".")[0], held.ids[k], sizes[k]) for o, s, v, k in of if v != "0"}
    done = [r for r in rows if r.state == "visited" and r.object_id in known]
    months = {known[r.object_id][2]: plan.cool_months(known[r.object_id][1]) for r in done}
    try:
        past = weights.past(t["history.tsv"], plan.period, months)
    except DrawError as e:
        if e.code != "WEIGHT_UNKNOWN":
            raise
        past = {}
    out = [
        (
            r.object_id, str(r.date), str(r.result), _text(r.severity), _text(r.defects), items,
            ",".join(r.officers or ()), draw_id,
            *(("", "") if plan.listed else (_decimal(units.object_pi(pi, size)), _weight(pi, past.get(unit), size))),
        )
        for r in done
        for pi, _, unit, size in [known[r.object_id]]
    ]  # fmt: skip
    return tables.from_rows(HISTORY, out)


def _weight(pi_e12: int, past: Sequence[int] | None, size: int) -> str:
    """Return W of one of a unit's `size` objects, or nothing when the probabilities of an earlier month were never recorded: it is not guessed."""
    return "" if past is None else f"{float(weights.W(pi_e12, past) * size):.9g}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _decimal(pi_e12: int) -> str:
    """Return a probability given in 10^-12 as an exact decimal."""
    whole, rest = divmod(pi_e12, 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")
