"""results: what became of every visit, as numbered batches that only add; and the rows that go back to the analyst."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sampler import records, tables
from sampler.commands.shell import Reply, command
from sampler.commands.words import os_reason
from sampler.errors import InputError, Place, Problem, StepError
from sampler.io import batches, bundle, mergers
from sampler.io.checks import check_file
from sampler.io.session import Session, need, open_session
from sampler.io.store import write_file
from sampler.plan import Plan
from sampler.wording import RESULT_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping


@command("results")
@click.argument("draw_id")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--attachments", "folder", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="目录",
    help="笔录、照片等附件：文件名以统一社会信用代码开头；只记录哈希，文件留在本机关",
)  # fmt: skip
def results(workspace: Path, draw_id: str, file: Path | None, folder: Path | None) -> Reply:
    """登记检查结果（填好的检查结果登记表）；不写文件则显示进度。更正也是再登记一次，旧的保留。"""
    session = open_session(workspace)
    need(session.logged("draw", draw_id=draw_id), "NOT_DRAWN", f"{draw_id} 还没有摇号", "先运行 sampler draw")
    need(not session.logged("void", draw_id=draw_id), "DRAW_VOID", f"{draw_id} 已作废", "作废的抽查不登记结果")
    with session.hold():
        before = batches.recorded(session, draw_id)
        for cut_off in before:
            session.append(cut_off, draw_id=draw_id)
        warnings: list[Problem] = []
        merged = mergers.hits(session, draw_id)
        rows: list[records.Result] = []
        if file is not None:
            rows, warnings = _read(session, draw_id, workspace / file, folder and workspace / folder, merged)
        made = _record(session, draw_id, [*rows, *mergers.carried(session, merged)], before)
        before = [*before, *([made] if made else [])]
        if before:
            bundle.write(session, draw_id)
            _write_history(session, draw_id, before)
    data = _summary(session, draw_id, before, made)
    data["merged"] = {o: d for o, (d, _) in sorted(merged.items())}
    return Reply(data=data, text=_text(data, given=file is not None), warnings=warnings)


def _record(
    session: Session, draw_id: str, rows: list[records.Result], before: list[records.Results]
) -> records.Results | None:
    """Log what is new in some rows."""
    made = batches.batch(draw_id, before, rows)
    if made is not None:
        session.workspace.write_final(f"draws/{draw_id}/results/{made.batch:04d}.json", made.encode())
        session.append(made, draw_id=draw_id)
    return made


def _read(
    session: Session, draw_id: str, path: Path, folder: Path | None, merged: Mapping[str, mergers.Hit]
) -> tuple[list[records.Result], list[Problem]]:
    """Read a filled form and judge it."""
    w, base = session.workspace, f"draws/{draw_id}"
    plan: Plan = w.record(Plan, f"{base}/plan.json")
    teams, replaced = _teams(session, draw_id)
    officers = tables.decode(w.read(f"{base}/roster.tsv"), records.TABLE_COLUMNS["roster.tsv"], file="roster.tsv")
    today = "" if session.charter.demo else session.today  # a demo's clock stands still
    found = check_file(
        path.name, path.read_bytes(), "results", inspectors=officers.key, objects=list(teams), today=today,
        districts=plan.districts,
    )  # fmt: skip
    attached = batches.attachments(_files(folder), found.table.key) if folder else {}
    rows = batches.rows_of(found, attached)
    wrong, odd = batches.judge(found, rows, plan, teams, replaced)
    if found.problems or wrong:
        raise InputError([*found.problems, *wrong])
    for row in rows:
        if row.object_id in merged:
            first = merged[row.object_id][0]
            raise StepError(
                "RESULT_MERGED", f"{row.object_id} 与 {first} 合并检查，结果随那次登记", hint=f"在 {first} 登记，从这张表删去该行",
                found=row.object_id,
            )  # fmt: skip
    return rows, [*found.warnings, *odd]


def _teams(session: Session, draw_id: str) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Return who was assigned to every object that may have a result, and the objects whose teams were amended."""
    w, base = session.workspace, f"draws/{draw_id}"
    drawn = w.record(records.Draw, f"{base}/draw.json")
    teams: dict[str, set[str]] = defaultdict(set)
    for c in (*drawn.drawn, *drawn.reserves):
        teams[c.object_id] = set()
    for team in w.read_json(f"{base}/assignment.json")["teams"]:
        teams[team["object_id"]] |= {m["inspector_id"] for m in team["members"]}
    changed = set()
    for name in w.names(f"{base}/amendments"):
        changed |= {c["object_id"] for c in w.read_json(name).get("changes", [])}
    return {o: frozenset(who) for o, who in teams.items()}, frozenset(changed)


def _files(folder: Path) -> dict[str, bytes]:
    try:
        return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}
    except OSError as e:
        place = Place(file=str(folder))
        raise InputError(
            [Problem(code="FILE_ACCESS", message=f"读不到附件目录: {os_reason(e)}", hint="核对目录名", place=place)]
        ) from e


def _write_history(session: Session, draw_id: str, done: list[records.Results]) -> None:
    w, base = session.workspace, f"draws/{draw_id}"
    plan: Plan = w.record(Plan, f"{base}/plan.json")
    files = {n: w.read(f"{base}/{n}") for n in ("frame.tsv", "levels.tsv", "history.tsv")}
    table = batches.history(draw_id, plan, files, list(batches.current(done).values()), ",".join(plan.items))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(table.rows())
    write_file(w.path(f"lists/{draw_id}/检查历史.csv"), out.getvalue().encode(), secret=True)


def _summary(
    session: Session, draw_id: str, done: list[records.Results], made: records.Results | None
) -> dict[str, object]:
    drawn = session.workspace.record(records.Draw, f"draws/{draw_id}/draw.json")
    held = batches.current(done)
    ids = [c.object_id for c in drawn.drawn]
    states = Counter(held[o].state for o in ids if o in held)
    outcomes = Counter(str(r.result) for r in held.values() if r.result is not None)
    corrected = sum(r.object_id in batches.current(done[:-1]) for r in made.rows) if made else 0
    return {
        "draw_id": draw_id, "batch": len(done), "rows": len(made.rows) if made else 0, "corrected": corrected,
        "n": len(ids), "states": dict(sorted(states.items())), "outcomes": dict(sorted(outcomes.items())),
        "missing": [o for o in ids if o not in held],
    }  # fmt: skip


def _text(data: Mapping[str, object], *, given: bool) -> str:
    draw_id, n, missing, states = data["draw_id"], data["n"], data["missing"], data["states"]
    lines = []
    if given:
        fresh = f"{draw_id}: 第 {data['batch']} 批结果已登记，{data['rows']} 户，其中更正 {data['corrected']} 户"
        lines.append(fresh if data["rows"] else f"{draw_id}: 表里没有新的结果")
    counts = "，".join(f"{RESULT_STATES[s]} {c}" for s, c in states.items()) if isinstance(states, dict) else ""
    left = len(missing) if isinstance(missing, list) else 0
    merged = data["merged"]
    if isinstance(merged, dict) and merged:
        lines.append(
            f"其中 {len(merged)} 户与 {'、'.join(sorted(set(merged.values())))} 合并检查，只去一次，结果随那次登记"
        )
    lines.append(f"应检查 {n} 户: {counts or '还没有结果'}，未登记 {left}")
    return "\n".join(lines)
