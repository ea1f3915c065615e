"""draw: the seed turns the seal into a list and its teams, and the evidence into a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from sampler import batches, canon, lots, records, roster, sources, tables, ticket
from sampler import draw as kernel
from sampler.assign import model, solve
from sampler.assign.bans import too_many
from sampler.commands.shell import Reply, command
from sampler.errors import Problem
from sampler.io import bundle, others, parties, sealed
from sampler.io.session import Session, need, open_session
from sampler.plan import Plan
from sampler.tables import Table
from sampler.units import frame_pi

SHOWN: Final = 5
NOBODY: Final[Mapping[str, int]] = MappingProxyType({})
"""Visits before the first draw of a sitting."""


@command("draw")
@click.argument("draw_id")
def draw(workspace: Path, draw_id: str) -> Reply:
    """摇号、派人，写出审计用证据包。重复运行得到同样的字节。"""
    session = open_session(workspace)
    w = session.workspace
    with session.hold():
        sitting = session.sitting_of(draw_id)
        commitment = sealed.commitment(session, draw_id)
        need(
            session.logged("public-value", sitting_id=sitting),
            "NO_VALUE",
            "还没有公开数",
            f"先运行 sampler seed {sitting}",
        )
        if not session.logged("draw", draw_id=draw_id):
            need(not session.logged("void", draw_id=draw_id), "DRAW_VOID", f"{draw_id} 已作废", "重抽须重新登记封存")
            session.append(compute(session, commitment, sitting), draw_id=draw_id)
        sealed.logged(session, records.Draw, f"draws/{draw_id}/draw.json", draw_id=draw_id)
        files = bundle.write(session, draw_id)
    data = summary(files)
    data["bundle"] = str(w.path(f"bundles/{draw_id}"))
    return Reply(data=data, text=_text(data), warnings=_together(files))


def _together(files: dict[str, bytes]) -> list[Problem]:
    """Return a warning of the pairs that still meet too often, nobody else being there to go."""
    most = Plan.parse(files["plan.json"]).assignment.together
    left = too_many(records.Assignment.parse(files["assignment.json"]).to_dict(), most)
    shown = "、".join(f"{i} 与 {j} {n} 次" for i, j, n in left[:SHOWN])
    message = f"有 {len(left)} 对人员同组超过 {most} 次，已无人可换"
    return (
        [Problem(code="TOGETHER_LEFT", message=message, hint="公布并说明；下次可增加人员或放宽上限", found=shown)]
        if left
        else []
    )


def compute(session: Session, commitment: records.Commitment, sitting: str) -> records.Draw:
    """Compute and write what the seal, the secrets and the public value give; log nothing."""
    draw_id = commitment.draw_id
    w, base = session.workspace, f"draws/{draw_id}"
    seed = _seed(session, sitting, commitment)
    plan: Plan = w.record(Plan, f"{base}/plan.json")
    t = {
        name: tables.decode(w.read(f"{base}/{name}"), columns, file=name)
        for name, columns in records.TABLE_COLUMNS.items()
        if name != "tau.tsv"
    }
    chosen = kernel.select(plan, t["frame.tsv"], t["strata.tsv"], t["levels.tsv"], bytes.fromhex(seed.seed))
    used = others.used_before(session, draw_id)
    assignment = assign(plan, t, chosen, draw_id, bytes.fromhex(seed.seed), used)
    order = batches.order(bytes.fromhex(seed.seed), plan.batches) if plan.batches else None
    taken = _items(plan, t["strata.tsv"], chosen, bytes.fromhex(seed.seed))
    result = kernel.result(draw_id, commitment.rhash(), bytes.fromhex(seed.seed), chosen, assignment, order, taken)
    files = {
        "seed.json": seed.encode(),
        "tau.tsv": chosen.tau,
        "assignment.json": canon.encode(assignment),
        "draw.json": result.encode(),
    }
    for name, data in files.items():
        w.write_final(f"{base}/{name}", data)
    return result


def _items(plan: Plan, strata: Table, chosen: kernel.Selection, seed: bytes) -> tuple[lots.Taken, ...] | None:
    """Return which items are taken of the lots among the drawn and the reserves; None without lots (draw.md, 9.7)."""
    if plan.lots is None:
        return None
    sample_of = plan.samples(dict(zip(strata["stratum"], strata["clause"], strict=True)))
    pairs = ((c.object_id, c.stratum) for c in (*chosen.drawn, *chosen.reserves))
    return lots.taken(seed, plan.lots, pairs, sample_of)


def secrets_of(session: Session, sitting: str, commitment: records.Commitment) -> dict[str, bytes | None]:
    """Return every party's 32 bytes: revealed in time, after the digits, or kept by a holder; None for the absent."""
    w, folder = session.workspace, f"sittings/{sitting}"
    closing: records.Closing = sealed.logged(session, records.Closing, f"{folder}/closing.json", sitting_id=sitting)
    found: dict[str, bytes | None] = {p.party: None for p in commitment.parties}
    found |= {p: bytes.fromhex(r) for p, r in closing.revealed.items()}
    found |= {c.party: parties.kept(w, session.world, sitting, c.party) for c in closing.custody}
    if commitment.last:
        name = f"{folder}/reveal-{commitment.last}.json"
        hint = f"请它运行 sampler reveal {sitting} --party {commitment.last}"
        need(w.exists(name), "LAST_MISSING", f"{commitment.last} 还没有在现场数字之后揭示", hint)
        late: records.Reveal = sealed.logged(session, records.Reveal, name, sitting_id=sitting)
        found[commitment.last] = bytes.fromhex(late.r)
    return found


def _seed(session: Session, sitting: str, commitment: records.Commitment) -> records.Seed:
    public: records.PublicValue = sealed.logged(
        session, records.PublicValue, f"sittings/{sitting}/public-value.json", sitting_id=sitting
    )
    parts = secrets_of(session, sitting, commitment)
    value = sources.check_value(public.source, public.value)
    seed = ticket.seed(bytes.fromhex(commitment.rhash()), public.source, value, parts)
    listed = tuple(
        records.SeedPart(party=p.party, r=r.hex() if (r := parts[p.party]) else None) for p in commitment.parties
    )
    return records.Seed(
        draw_id=commitment.draw_id, source=public.source, value=public.value, parties=listed, seed=seed.hex()
    )


def assign(
    plan: Plan,
    t: dict[str, Table],
    chosen: kernel.Selection,
    draw_id: str,
    seed: bytes,
    used: Mapping[str, int] = NOBODY,
) -> dict[str, Any]:
    """Return the assignment record for the drawn objects; `used` are visits in earlier draws of the sitting."""
    officers = model.remaining(roster.parse_roster(t["roster.tsv"].without("nonce")), used)
    recusals = roster.parse_recusals(t["recusals.tsv"].without("nonce"))
    targets = model.parse_targets(t["frame.tsv"].without("nonce"), (c.object_id for c in chosen.drawn))
    return solve.solve(draw_id, plan.to_dict(), targets, officers, recusals, seed)


def summary(files: dict[str, bytes]) -> dict[str, Any]:
    """Return the contract's ``data`` of a draw (DESIGN 4)."""
    result = records.Draw.parse(files["draw.json"])
    assignment = records.Assignment.parse(files["assignment.json"])
    framed = tables.decode(files["frame.tsv"], records.TABLE_COLUMNS["frame.tsv"])
    levels = tables.decode(files["levels.tsv"], records.TABLE_COLUMNS["levels.tsv"])
    of_level = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    pi = frame_pi(framed, of_level, owners=Plan.parse(files["plan.json"]).owners)
    teams = {t.object_id: t for t in assignment.teams}
    drawn = [
        {
            "object_id": c.object_id, "stratum": c.stratum, "rank": c.rank,
            "pi_e12": pi[c.object_id],
            "team": [{"inspector_id": m.inspector_id, "role": m.group} for m in teams[c.object_id].members],
        }
        for c in result.drawn
    ]  # fmt: skip
    vacancies = [
        {"object_id": t.object_id, "group": v.group, "count": v.count} for t in assignment.teams for v in t.vacant
    ]
    return {
        "draw_id": result.draw_id, "seed": result.seed, "n": result.n, "drawn": drawn,
        "reserves": [c.to_dict() for c in result.reserves], "vacancies": vacancies,
    }  # fmt: skip


def _text(data: dict[str, Any]) -> str:
    officers = {m["inspector_id"] for d in data["drawn"] for m in d["team"]}
    return "\n".join(
        [
            f"{data['draw_id']}: 抽中 {data['n']} 户，备选 {len(data['reserves'])} 户",
            f"派出执法人员 {len(officers)} 名，空缺 {sum(v['count'] for v in data['vacancies'])} 个",
            f"种子 {data['seed']}",
            f"证据包 {data['bundle']}",
        ]
    )
