"""How likely an officer meets an object, before the seal: dry runs under public seeds (docs/spec/assignment.md, 15.3, 15.5)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, draw, roster
from sampler.assign import chances, model
from sampler.commands.draw import assign
from sampler.errors import Problem

if TYPE_CHECKING:
    from sampler.plan import Plan, RatioField
    from sampler.tables import Table

DRY_ID: Final = "DRY-0000-0000"
SMALL: Final = 5
"""Groups of fewer objects alike are not held against q_max."""
SHOWN: Final = 20
NAMED: Final = 3
"""Pairs above q_max that a person is told of."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A plan, its sealed tables, and who may visit what."""

    plan: Plan
    tables: dict[str, Table]
    officers: tuple[roster.Officer, ...]
    recusals: roster.Recusals
    everyone: dict[str, model.Target]
    open_to: model.Eligibility


@dataclass(frozen=True, slots=True)
class Dry:
    """What dry runs found: how many, how many left a place empty, the worst of them, and who met whom."""

    runs: int
    failed: int
    worst: int | None
    chances: list[chances.Chance]


def staff(plan: Plan, t: dict[str, Table]) -> Staff:
    """Return who may visit what under a plan and its tables."""
    officers = roster.parse_roster(t["roster.tsv"].without("nonce"))
    recusals = roster.parse_recusals(t["recusals.tsv"].without("nonce"))
    framed = t["frame.tsv"].without("nonce")
    everyone = {x.object_id: x for x in model.parse_targets(framed, framed["object_id"])}
    open_to = model.Eligibility(model.parse_rules(plan.to_dict()), officers, recusals)
    return Staff(plan, t, tuple(officers), recusals, everyone, open_to)


def dry_run(s: Staff, k: int) -> tuple[bytes, dict[str, Any]]:
    """Return the seed and the assignment of dry run `k`."""
    seed = canon.H("dry", bytes.fromhex(s.plan.rhash()), k)
    chosen = draw.select(
        s.plan, s.tables["frame.tsv"].without("nonce"), s.tables["strata.tsv"], s.tables["levels.tsv"], seed
    )
    return seed, assign(s.plan, s.tables, chosen, DRY_ID, seed)


def dry_runs(s: Staff, runs: int) -> Dry:
    """Return what `runs` dry runs found."""
    group, pairs = chances.alike(s.open_to, s.everyone.values())
    met = chances.Meetings(group, pairs)
    empty = []
    for k in range(runs):
        record = dry_run(s, k)[1]
        empty.append(sum(b["vacancies"] for b in record["blocks"]))
        met.add(record)
    worst = max(range(runs), key=empty.__getitem__) if any(empty) else None
    return Dry(runs, sum(n > 0 for n in empty), worst, met.chances())


def pairs(dry: Dry, q_max: RatioField) -> dict[str, Any]:
    """Return the largest chances, those surely above `q_max`, and how many cannot be told."""
    most = float(q_max.value())
    found = sorted(dry.chances, key=lambda c: (c.objects < SMALL, -c.share))
    large = [c for c in found if c.objects >= SMALL]
    return {
        "max": f"{large[0].share:.4f}" if large else "0", "hi": f"{max((c.high for c in large), default=1.0):.4f}",
        "q_max": f"{q_max.num}/{q_max.den}", "runs": dry.runs,
        "largest": [_rounded(c) for c in found[:SHOWN]],
        "above": [_rounded(c) for c in large if c.low > most][:SHOWN],
        "unclear": sum(c.low <= most < c.high for c in large),
    }  # fmt: skip


def _rounded(c: chances.Chance) -> dict[str, Any]:
    return {k: f"{v:.4f}" if isinstance(v, float) else v for k, v in asdict(c).items()}


def too_likely(q: dict[str, Any]) -> list[Problem]:
    """Return the pairs whose chance is above q_max whatever chance did to the dry runs."""
    return [
        Problem(
            code="Q_MAX", message=f"{c['inspector_id']} 到 {c['example']} 等 {c['objects']} 个相同对象的机会至少 {c['low']}，超过 q_max {q['q_max']}",
            hint="增加可派人员，或由负责人调整计划的 q_max",
        )
        for c in q["above"][:NAMED]
    ]  # fmt: skip


def unclear(q: dict[str, Any]) -> list[Problem]:
    """Return what the dry runs cannot tell."""
    if not q["unclear"]:
        return []
    message = f"{q['runs']} 次试派还看不出 {q['unclear']} 组人员与对象的机会是否超过 q_max {q['q_max']}"
    return [Problem(code="Q_UNCLEAR", message=message, hint="用 sampler plan --dry-runs 增加试派次数，如 1000")]
