"""fairness: how visits are shared and who keeps meeting whom, in one draw or over months."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

import click

from sampler import records, tables
from sampler.assign import amend
from sampler.assign.fairness import Fairness, Month
from sampler.assign.fairness import fairness as report
from sampler.commands.explain_team import assigned
from sampler.commands.shell import Reply, command
from sampler.io.session import Session, need, open_session
from sampler.publish.fairness import page

SHOWN = 10
FEW = 2


@command("fairness")
@click.argument("draw_ids", nargs=-1, required=True)
@click.option("--html", "html", type=click.Path(path_type=Path, dir_okay=False), help="另写一页带图的报告")
def fairness(workspace: Path, draw_ids: tuple[str, ...], html: Path | None) -> Reply:
    """派人是否均衡：工作量、搭档的重复、从未派出的人员。"""
    session = open_session(workspace)
    found = report([_month(session, d) for d in draw_ids])
    data = _data(draw_ids, found)
    if html:
        html.write_bytes(page(data))
    return Reply(data=data, text=_text(data))


def _month(session: Session, draw_id: str) -> Month:
    w, folder = session.workspace, f"bundles/{draw_id}"
    need(w.exists(f"{folder}/draw.json"), "NOT_DRAWN", f"{draw_id} 还没有抽取", "先运行 sampler draw")
    t = {n: tables.decode(w.read(f"{folder}/{n}"), c, file=n) for n, c in records.TABLE_COLUMNS.items()}
    result = records.Draw.parse(w.read(f"{folder}/draw.json"), "draw.json")
    held = assigned(w, folder, t, result)
    open_to: dict[str, set[str]] = {}
    for block in held.blocks:
        for (object_id, _), who in block.open_to():
            open_to.setdefault(object_id, set()).update(who)
    teams = amend.begin(held.record.to_dict(), result.drawn, result.reserves).members
    now = {e: {i for _, i in team} for e, team in teams.items()}
    for name in w.names(f"{folder}/amendments"):
        for c in w.record(records.Amendment, name).changes:
            here = now.setdefault(c.object_id, set())
            here -= {m.inspector_id for m in c.leaving}
            here |= {m.inspector_id for m in c.entering}
    return Month(draw_id, {e: frozenset(x) for e, x in now.items()}, {e: frozenset(x) for e, x in open_to.items()})


def _data(draw_ids: tuple[str, ...], f: Fairness) -> dict[str, Any]:
    loads = list(f.loads.values())
    return {
        "draws": list(draw_ids),
        "officers": [{"inspector_id": i, "visits": n, "open": f.chances.get(i, 0)} for i, n in f.loads.items()],
        "loads": {"min": min(loads, default=0), "max": max(loads, default=0), "mean": f"{mean(loads or [0]):.2f}"},
        "never": list(f.never),
        "pairs": {
            "met": len(f.partners), "entropy_bits": f"{f.entropy:.3f}", "bound_bits": f"{f.bound:.3f}",
            "repeated": [{"pair": list(p), "times": n} for p, n in f.partners.items() if n >= FEW],
        },
        "returns": [{"inspector_id": i, "object_id": e, "draws": n} for (i, e), n in f.returns.items()],
    }  # fmt: skip


def _text(d: dict[str, Any]) -> str:
    p, loads = d["pairs"], d["loads"]
    lines = [
        f"{'、'.join(d['draws'])}: 可派 {len(d['officers'])} 人，每人 {loads['min']}..{loads['max']} 次，平均 {loads['mean']} 次",
        f"从未派出 {len(d['never'])} 人{'：' + '、'.join(d['never'][:SHOWN]) if d['never'] else ''}",
        f"搭档 {p['met']} 对，信息量 {p['entropy_bits']} 比特（同样次数最多可达 {p['bound_bits']}）",
    ]
    lines += [f"  {'、'.join(r['pair'])} 搭档 {r['times']} 次" for r in p["repeated"][:SHOWN]]
    lines += [f"  {r['inspector_id']} 到 {r['object_id']} {r['draws']} 次" for r in d["returns"][:SHOWN]]
    return "\n".join(lines)
