"""lists: the documents the office works with, made from the bundle and the names in private/."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import tables
from sampler.commands.shell import Reply, command
from sampler.io.session import Session, need, open_session
from sampler.io.store import write_file
from sampler.office import lists as office
from sampler.office import tasks, twins, workbook
from sampler.plan import Plan
from sampler.publish import page

NAMES = {"objects": ("object_id", "name"), "roster": ("inspector_id", "name", "phone"), "labels": ("code", "name")}


@command("lists")
@click.argument("draw_id")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="输出目录，默认 lists/任务编号")
def lists(workspace: Path, draw_id: str, out: Path | None) -> Reply:
    """生成检查名单（Excel、CSV、JSON）、任务单和公示页。"""
    session = open_session(workspace)
    folder = f"bundles/{draw_id}"
    need(session.workspace.exists(f"{folder}/manifest.json"), "NOT_DRAWN", f"{draw_id} 还没有证据包", _hint(session))
    files = {n.removeprefix(f"{folder}/"): session.workspace.read(n) for n in session.workspace.names(folder)}
    plan = Plan.parse(session.workspace.read(f"{folder}/plan.json"), "plan.json")
    names = {k: v[0] for k, v in _private(session, draw_id, "objects").items()}
    people = {k: (v[0], v[1]) for k, v in _private(session, draw_id, "roster").items()}
    known = {k: v[0] for k, v in _private(session, draw_id, "labels").items()}
    view = office.view(files, names, people, known)
    made = {
        "检查名单.xlsx": workbook.workbook(view),
        "检查名单.csv": twins.csv_list(view),
        "检查名单.json": twins.json_list(view),
        "任务单.html": tasks.tasks_page(view),
        "公示页.html": page.page(files, known, plan.disclosure),
    }
    target = out or session.workspace.path(f"lists/{draw_id}")
    target.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        write_file(target / name, data, secret=True)
    text = "\n".join([f"{draw_id}: 文书已生成于 {target}", *(f"  {n}" for n in made)])
    return Reply(data={"draw_id": draw_id, "folder": str(target), "files": sorted(made)}, text=text)


def _hint(session: Session) -> str:
    """Return what to do when a draw has no bundle: its turn may not have come, or its id may be mistyped."""
    known = [str(e["draw_id"]) for e in session.logged("commitment")]
    return f"先运行 sampler draw；已封存的任务: {'、'.join(known)}" if known else "还没有任务；先封存（sampler seal）"


def _private(session: Session, draw_id: str, kind: str) -> dict[str, tuple[str, ...]]:
    """Return id to private fields; a workspace without them shows codes."""
    name = f"private/names/{draw_id}-{kind}.tsv"
    if not session.workspace.exists(name):
        return {}
    data = session.workspace.read(name)
    table = tables.decode(data, data.split(b"\n", 1)[0].decode().split("\t"), file=name)
    columns = [table[c] for c in NAMES[kind]]
    return {row[0]: tuple(row[1:]) for row in zip(*columns, strict=True)}
