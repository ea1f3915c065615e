"""due: what must be done by when, overdue first; and how far each department has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sampler.commands.shell import Reply, command
from sampler.io import agenda
from sampler.io.session import open_session
from sampler.io.workdays import FILE, Workdays, read_workdays

if TYPE_CHECKING:
    from sampler.io.agenda import Due, Progress
    from sampler.io.session import Session


@command("due")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    metavar="日期",
    help="以该日零时（北京时间）为准；默认此刻",
)
def due(workspace: Path, today: dt.datetime | None) -> Reply:
    """列出期限：逾期的在前；各部门的登记率、公示率、完结率。"""
    session = open_session(workspace)
    w = session.workspace
    workdays = read_workdays(w.read(FILE)) if w.exists(FILE) else Workdays()
    now = today.replace(tzinfo=agenda.BEIJING) if today else session.world.now()
    found, progress = agenda.agenda(session, workdays, now)
    data = {
        "today": now.astimezone(agenda.BEIJING).date().isoformat(), "due": [asdict(d) for d in found], "overdue": sum(d.overdue for d in found),
        "departments": [asdict(p) for p in progress],
    }  # fmt: skip
    names = _labels(session)
    lines = [_line(d) for d in found] or ["没有待办的期限"]
    return Reply(data=data, text="\n".join([*lines, *_table(progress, names)]), exit=1 if data["overdue"] else 0)


def _line(d: Due) -> str:
    mark = "逾期" if d.overdue else "待办"
    count = f"，{d.count} 户" if d.count else ""
    return f"{mark} {d.day} {d.draw_id} {agenda.WORDS[d.what]}{count}"


def _table(progress: list[Progress], names: dict[str, str]) -> list[str]:
    return [
        f"{names.get(p.department, p.department)}: 应检查 {p.n} 户，登记率 {_share(p.recorded, p.n)}，"
        f"公示率 {_share(p.published, p.n)}，完结率 {_share(p.closed, p.published)}"
        for p in progress
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "—"


def _labels(session: Session) -> dict[str, str]:
    """Return code to name, from the private labels of every draw."""
    w = session.workspace
    out: dict[str, str] = {}
    for name in w.names("private/names"):
        if name.endswith("-labels.tsv"):
            lines = w.read(name).decode().splitlines()[1:]
            out |= dict(line.split("\t")[:2] for line in lines)
    return out
