"""lists: the documents the office works with, made from what is sealed or drawn and the names in private/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sampler import merkle, tables
from sampler.commands.shell import Reply, command
from sampler.io import batches, mergers, pdf
from sampler.io.bundle import sitting_record
from sampler.io.listed import column_map
from sampler.io.session import Session, need, open_session
from sampler.io.store import write_file
from sampler.office import forms, papers, resultform, tasks, twins, upward, workbook
from sampler.office import lists as office
from sampler.office.views import DrawView
from sampler.plan import Plan
from sampler.publish import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sampler.office.columns import Column

LIST = "检查名单.xlsx"
NAMES = {
    "objects": ("object_id", "name", "address"), "roster": ("inspector_id", "name", "phone"), "labels": ("code", "name"),
}  # fmt: skip


@command("lists")
@click.argument("draw_id")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="输出目录，默认 lists/任务编号")
@click.option(
    "--site", default="", metavar="网址", help="公示网站的网址：任务单上的二维码指向该任务的页面；不写则只含任务编号"
)
@click.option(
    "--columns", type=click.Path(path_type=Path), default=None, metavar="对照表",
    help="另按上级的列名生成上报表.xlsx：列名对照表是 TOML，见操作指南；有检查结果的一并上报",
)  # fmt: skip
@click.option("--pdf", "as_pdf", is_flag=True, help="另存一份 PDF（须装有 LibreOffice）")
def lists(workspace: Path, draw_id: str, out: Path | None, site: str, columns: Path | None, *, as_pdf: bool) -> Reply:
    """生成文书：封存后为审批表和计划公示，摇号后为名单、任务单、通知书、笔录、派单表等。"""
    if as_pdf:
        pdf.program()  # before anything is made
    session = open_session(workspace)
    w = session.workspace
    drawn = w.exists(f"bundles/{draw_id}/manifest.json")
    if not drawn:
        sealed = session.logged("commitment", draw_id=draw_id)
        need(sealed, "NOT_SEALED", f"{draw_id} 还没有封存", _hint(session))
    folder = f"bundles/{draw_id}" if drawn else f"draws/{draw_id}"
    files = {n.removeprefix(f"{folder}/"): w.read(n) for n in w.names(folder)}
    known = {k: v[0] for k, v in _private(session, draw_id, "labels").items()}
    made = _at_seal(session, files, known)
    need(drawn or columns is None, "NOT_DRAWN", f"{draw_id} 还没有摇号，没有可上报的", "先运行 sampler draw")
    if drawn:
        found = column_map(workspace / columns) if columns else ()
        made = {**_after_draw(session, draw_id, files, known, site, found), **made}
    target = out or w.path(f"lists/{draw_id}")
    target.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        write_file(target / name, data, secret=True)
    if as_pdf:
        printed = pdf.convert({n: d for n, d in made.items() if n.endswith(".docx") or n == LIST})
        for name, data in printed.items():
            write_file(target / name, data, secret=True)
        made |= printed
    merged = {o: d for o, (d, _) in sorted((mergers.hits(session, draw_id) if drawn else {}).items())}
    lines = [f"{draw_id}: 文书已生成于 {target}", *(f"  {n}" for n in made)]
    lines += [f"  {o} 与 {d} 合并检查，不另上门" for o, d in merged.items()]
    told = {"draw_id": draw_id, "folder": str(target), "files": sorted(made), "merged": merged}
    return Reply(data=told, text="\n".join(lines))


def _at_seal(session: Session, files: Mapping[str, bytes], known: Mapping[str, str]) -> dict[str, bytes]:
    sitting = sitting_record(session, papers.sitting_of(files)).sitting
    view = papers.sealed_view(files, session.charter.to_dict(), sitting, known)
    return {"行政检查审批表.docx": papers.approval_form(view), "抽查计划公示.docx": papers.plan_notice(view)}


def _after_draw(
    session: Session,
    draw_id: str,
    files: Mapping[str, bytes],
    known: Mapping[str, str],
    site: str,
    columns: Sequence[Column],
) -> dict[str, bytes]:
    plan = Plan.parse(files["plan.json"], "plan.json")
    objects = _private(session, draw_id, "objects")
    names, addresses = ({k: v[n] for k, v in objects.items()} for n in (0, 1))
    people = {k: (v[0], v[1]) for k, v in _private(session, draw_id, "roster").items()}
    merged = {o: d for o, (d, _) in mergers.hits(session, draw_id).items()}
    view = office.view(files, names, people, known, addresses, office.Shared(merged, mergers.guests(session, draw_id)))
    upwards = {}
    if columns:
        results = batches.current(batches.recorded(session, draw_id))
        upwards["上报表.xlsx"] = upward.report(view, results, columns)
    return {
        **upwards,
        LIST: workbook.workbook(view),
        "检查名单.csv": twins.csv_list(view),
        "检查名单.json": twins.json_list(view),
        "任务单.html": tasks.tasks_page(view),
        "任务单.docx": forms.task_sheets(view, _links(session, view, site) if site else {}),
        "派单表.docx": forms.dispatch(view),
        "检查通知书.docx": forms.notices(view),
        "现场检查笔录.docx": forms.site_records(view),
        "跨区检查授权书.docx": forms.authorisations(view),
        "检查结果登记表.xlsx": resultform.result_form(view),
        "摇号纪要.docx": papers.minutes(view),
        "抽查公告.docx": papers.result_notice(view, plan.disclosure),
        "公示页.html": page.page(files, known, plan.disclosure),
    }


def _links(session: Session, view: DrawView, site: str) -> dict[str, str]:
    """Return the address of every task's page: a token nobody can guess before the sheet is shown (PROTOCOL 1, 6)."""
    secret = bytes.fromhex(session.workspace.read(f"private/secrets/{view.draw_id}.key").decode())
    base = site.rstrip("/")
    return {t.task_id: f"{base}/t/{merkle.token(secret, view.draw_id, t.pick.object_id)}.html" for t in view.tasks}


def _hint(session: Session) -> str:
    """Return what to do when a draw is not sealed: its turn may not have come, or its id may be mistyped."""
    known = [str(e["draw_id"]) for e in session.logged("commitment")]
    return f"核对任务编号；已封存的任务: {'、'.join(known)}" if known else "还没有任务；先封存（sampler seal）"


def _private(session: Session, draw_id: str, kind: str) -> dict[str, tuple[str, ...]]:
    """Return id to private fields; a workspace without them shows codes."""
    name = f"private/names/{draw_id}-{kind}.tsv"
    if not session.workspace.exists(name):
        return {}
    data = session.workspace.read(name)
    table = tables.decode(data, data.split(b"\n", 1)[0].decode().split("\t"), file=name)
    columns = [table[c] for c in NAMES[kind]]
    return {row[0]: tuple(row[1:]) for row in zip(*columns, strict=True)}
