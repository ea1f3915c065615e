"""Why this officer: ticket, place, step of the certificate, and how many others could have come (assignment.md, 16).

Never why somebody may not come: a recusal's reason is nobody's business but the office's.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sampler import records, roster, ticket
from sampler.assign import limits, model
from sampler.assign.blocks import build
from sampler.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sampler.assign.blocks import Block
    from sampler.io.store import Workspace
    from sampler.tables import Table


class Assigned:
    """The assignment of a bundle, with everything it follows from.

    Parameters
    ----------
    read
        Path inside the bundle to bytes.
    tables
        The bundle's tables by file name.
    result
        The draw record.
    others
        The bundle's files below ``sitting/``: visits of earlier draws are taken off the officers' loads.
    """

    def __init__(
        self, read: Callable[[str], bytes], tables: dict[str, Table], result: records.Draw, others: Iterable[str]
    ) -> None:
        self.record = records.Assignment.parse(read("assignment.json"))
        self.seed = bytes.fromhex(result.seed)
        self.rules = model.parse_rules(Plan.parse(read("plan.json")).to_dict())
        used: Counter[str] = Counter()
        for path in others:
            other, cls = records.sitting_file(path) or ("", records.Draw)
            if cls is records.Assignment and other.encode() < result.draw_id.encode():
                used.update(model.visits(records.Assignment.parse(read(path)).to_dict()))
        self.officers = model.remaining(roster.parse_roster(tables["roster.tsv"].without("nonce")), used)
        recusals = roster.parse_recusals(tables["recusals.tsv"].without("nonce"))
        frame = tables["frame.tsv"].without("nonce")
        self.targets = {t.object_id: t for t in model.parse_targets(frame, [c.object_id for c in result.drawn])}
        self.open_to = model.Eligibility(self.rules, self.officers, recusals)
        self.blocks = build(self.rules, self.targets.values(), self.officers, recusals)

    def team(self, object_id: str) -> list[dict[str, Any]]:
        """Return why each officer of an object visits it."""
        found = next((t for t in self.record.teams if t.object_id == object_id), None)
        return [self._member(found, m) for m in found.members] if found else []

    def _member(self, team: records.Team, m: records.Member) -> dict[str, Any]:
        block, entry = self._block(team.object_id)
        template = next(t for t in self.rules.templates if t.template == team.template)
        group = next(g for g in template.groups if g.group == m.group)
        able = {self.open_to.officers[n].inspector_id for n in self.open_to.of(self.targets[team.object_id], group)}
        key = ticket.assign_key(self.seed, entry.round)
        around = limits.chain(self.rules.limits, self.targets[team.object_id].district)
        begin = f"l:{self.rules.limits[around[0]].limit}" if around else "i"
        place, who = (entry.potentials[n] for n in (f"g:{team.object_id}:{m.group}", f"{begin}:{m.inspector_id}"))
        return {
            "inspector_id": m.inspector_id, "group": m.group, "needs": sorted(group.needs), "block": block.block,
            "rung": entry.rung, "round": entry.round,
            "ticket": ticket.assign_ticket(key, team.object_id, m.group, m.inspector_id),
            "alternatives": len(able - {x.inspector_id for x in team.members}),
            "price_place": place, "price_officer": who,
        }  # fmt: skip

    def _block(self, object_id: str) -> tuple[Block, records.Block]:
        block = next(b for b in self.blocks if object_id in b.templates)
        return block, next(b for b in self.record.blocks if b.block == block.block)

    def officer(self, inspector_id: str) -> dict[str, Any]:
        """Return every visit of an officer, with his load and its bounds."""
        mine = [t for t in self.record.teams if inspector_id in {m.inspector_id for m in t.members}]
        visits = [
            {"object_id": t.object_id, **self._member(t, m)}
            for t in mine
            for m in t.members
            if m.inspector_id == inspector_id
        ]
        data: dict[str, Any] = {"inspector_id": inspector_id, "visits": visits, "load": len(visits)}
        block = next((b for b in self.blocks if inspector_id in b.officers), None)
        if block:
            name = next(b.rung for b in self.record.blocks if b.block == block.block)
            rung = next((r for r in self.rules.ladder if r.rung == name), model.VACANCY)
            low, high = (bound[block.officers.index(inspector_id)] for bound in block.bounds(rung))
            data |= {"block": block.block, "rung": name, "floor": low, "ceil": high}
        return data


def assigned(w: Workspace, folder: str, tables: dict[str, Table], result: records.Draw) -> Assigned:
    """Return the assignment of the bundle in a folder of the workspace."""
    others = (name.removeprefix(f"{folder}/") for name in w.names(f"{folder}/sitting"))
    return Assigned(lambda path: w.read(f"{folder}/{path}"), tables, result, others)


def member_text(m: dict[str, Any]) -> list[str]:
    """Return the lines on one officer of a team."""
    needs = "+".join(m["needs"]) or "执法人员"
    proof = f"人员价 {m['price_officer']} ≤ 名额价 {m['price_place']} − 票；全部方案中票和最小的只有这一个"
    where = f"区块 {m['block']}，梯级 {m['rung']}，第 {m['round']} 轮；verify 第 13 步逐条核对"
    who = f"{m['inspector_id']}（{m['group']}：{needs}）"
    return [
        f"  派员 {who}，派人票 {m['ticket']}，另有 {m['alternatives']} 人可派到这个名额",
        f"    凭证: {proof}（{where}）",
    ]


def officer_text(d: dict[str, Any]) -> str:
    """Return the report on an officer."""
    bounds = f"，应在 {d['floor']}..{d['ceil']} 次之间（梯级 {d['rung']}）" if "floor" in d else "，本次没有可去的对象"
    lines = [f"{d['inspector_id']}: 派出 {d['load']} 次{bounds}"]
    for v in d["visits"]:
        lines += [f"  {v['object_id']}", *("  " + line for line in member_text(v))]
    return "\n".join(lines)
