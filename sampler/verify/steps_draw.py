"""Steps 12 and 13: who was drawn, and who visits (draw.md, 9; assignment.md)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from sampler import batches, canon, lots, ticket
from sampler.assign.bans import too_many
from sampler.assign.certify import check
from sampler.assign.model import parse_targets, remaining
from sampler.assign.residual import EXACT, Arithmetic
from sampler.errors import DrawError, SamplerError
from sampler.select.exact import choose
from sampler.units import owner_of, second
from sampler.verify.bundle import UnreadableError
from sampler.verify.report import NotApplicable, VerifyError, need, same
from sampler.verify.sitting import used_before

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sampler.records import Chosen
    from sampler.verify.bundle import Bundle

DRAW = "draw.json"
TAU = "tau.tsv"
ASSIGNMENT = "assignment.json"
Place = tuple[str, int]
"""Stratum and rank."""


def selection(b: Bundle) -> str:
    """Judge step 12: tickets, keys, order, reserves and tau, drawn anew."""
    if b.has("drawn.tsv"):
        return _tickets(b)
    units, taken = _units(b)
    key = ticket.object_key(bytes.fromhex(b.seed.seed))
    drawn: dict[str, Place] = {}
    reserves: dict[str, Place] = {}
    tau: list[tuple[str, str, str]] = []
    strata = b.table("strata.tsv")
    objects = b.units.objects(b.table("frame.tsv")["object_id"])

    def one(unit: str) -> str:
        return second(bytes.fromhex(b.seed.seed), unit, objects[unit])

    for stratum, m in zip(strata["stratum"], map(int, strata["m"]), strict=True):
        drawn |= {one(u): (stratum, 0) for u in taken[stratum]}
        choice = choose(units[stratum], key, m, b.plan.reserves)
        drawn |= {one(u): (stratum, k) for k, u in enumerate(choice.drawn, start=1)}
        reserves |= {one(u): (stratum, k) for k, u in enumerate(choice.reserves, start=m + 1)}
        if choice.tau is not None:
            tau.append((stratum, f"{choice.tau[0]:064x}", str(choice.tau[1])))
    _compare(drawn, b.draw.drawn, "抽中名单")
    _compare(reserves, b.draw.reserves, "备选名单")
    same(len(drawn), b.draw.n, "抽取数与名单不符", DRAW)
    same(tau, list(b.table(TAU).rows()), "界限值与重抽的不同", TAU)
    same(b.draw.tau, canon.sha256(b.open(TAU)).hex(), "界限值文件不是抽取时的那一份", TAU)
    _order(b)
    _lots(b)
    return f"重抽 {len(drawn)} 户, 备选 {len(reserves)} 户, 逐户相同"


def _order(b: Bundle) -> None:
    """Check the order of batches, and that only items of the kind `key` have one."""
    listed = b.plan.batches
    want = batches.order(bytes.fromhex(b.seed.seed), listed) if listed else None
    same(want, b.draw.order, "检查批次的次序不是种子定出的", DRAW)
    kinds = dict(zip(b.table("items.tsv").key, b.table("items.tsv")["kind"], strict=True))
    general = [i for i in b.plan.items if listed and kinds.get(i) != "key"]
    need(not general, "重点检查事项", general, "一般检查事项不抽批次次序", "items.tsv")


def _lots(b: Bundle) -> None:
    """Check which items are taken of every lot, and that no object of the frame lacks its number of items."""
    plan, strata, frame = b.plan, b.table("strata.tsv"), b.table("frame.tsv")
    sample_of = plan.samples(dict(zip(strata.key, strata["clause"], strict=True)))
    sized = (o for o, s in zip(frame.key, frame["stratum"], strict=True) if s in sample_of)
    try:
        lots.need_sizes(plan.lots or (), sized)
    except DrawError as e:
        raise VerifyError("每个按件抽样的对象有抽样基数", e.problem.found, e.problem.message, "plan.json") from e
    chosen = ((c.object_id, c.stratum) for c in (*b.draw.drawn, *b.draw.reserves))
    want = lots.taken(bytes.fromhex(b.seed.seed), plan.lots or (), chosen, sample_of) if plan.lots else None
    same(want, b.draw.lots, "各批抽取的件号不是种子定出的", DRAW)


def _tickets(b: Bundle) -> str:
    """Check the tickets of a copy's drawn list; that nobody is missing only the whole bundle shows."""
    table, key = b.table("drawn.tsv"), ticket.object_key(bytes.fromhex(b.seed.seed))
    for object_id, owner, found in table.rows():
        same(
            f"{ticket.ticket(key, owner_of(object_id, owner)):064x}",
            found,
            f"{object_id} 的摇号数不是种子给出的",
            "drawn.tsv",
        )
    n = sum(map(int, b.table("clauses.tsv")["n"]))
    same(n, len(table), "抽中名单的户数与公布的抽取数不符", "drawn.tsv")
    raise NotApplicable(f"{n} 户的摇号数都对; 名单是否完整、概率是否照办, 公众看不到, 要由审计人核验")


def _units(b: Bundle) -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[str]]]:
    """Return id and L of the units of numbered levels, and the taken ones, by stratum."""
    frame, levels = b.table("frame.tsv"), b.table("levels.tsv")
    parameters = dict(zip(levels["key"], map(int, levels["L"]), strict=True))
    units: dict[str, list[tuple[str, int]]] = defaultdict(list)
    taken: dict[str, list[str]] = defaultdict(list)
    for unit, row in zip(b.units.ids, b.units.first, strict=True):
        stratum, level = frame["stratum"][row], frame["level"][row]
        if level == "T":
            taken[stratum].append(unit)
        elif level != "0":
            found = parameters.get(f"{stratum}/{level}")
            if found is None:
                raise VerifyError("levels.tsv 有此档次", f"{stratum}/{level}", "对象的档次没有参数", "levels.tsv")
            units[stratum].append((unit, found))
    return units, taken


def _compare(want: dict[str, Place], listed: Iterable[Chosen], what: str) -> None:
    found = {c.object_id: (c.stratum, c.rank) for c in listed}
    missing, extra = sorted(want.keys() - found.keys()), sorted(found.keys() - want.keys())
    need(not missing, f"{what}含 {missing[:1]}", "没有", f"{what}漏了应抽中的对象", DRAW)
    need(not extra, f"{what}不含 {extra[:1]}", "在名单里", f"{what}多了没有抽中的对象", DRAW)
    for object_id, place in want.items():
        same(place, found[object_id], f"{what}中 {object_id} 的层或名次不对", DRAW)


SHOWN: Final = 5
"""Pairs that meet too often, named in the report."""


def assignment(b: Bundle) -> str:
    """Judge step 13: every officer is eligible, loads are lawful, and no lawful assignment is cheaper."""
    same(b.draw.assignment, canon.sha256(b.open(ASSIGNMENT)).hex(), "派员文件不是抽取时的那一份", ASSIGNMENT)
    record = b.assignment.to_dict()
    try:
        targets = parse_targets(b.table("frame.tsv"), [c.object_id for c in b.draw.drawn])
        officers = remaining(b.officers, used_before(b))
        check(record, b.plan.to_dict(), targets, officers, b.recusals, bytes.fromhex(b.seed.seed), judge=arithmetic())
    except (UnreadableError, VerifyError):
        raise
    except SamplerError as e:
        p = e.problem
        found = f"{p.code} {p.place.column} {p.found}".strip()
        raise VerifyError("封存的人员、规则与种子所定的派员", found, f"派员不合规则: {p.message}", ASSIGNMENT) from e
    if left := too_many(record, b.plan.assignment.together):
        shown = "、".join(f"{i} 与 {j} {n} 次" for i, j, n in left[:SHOWN])
        b.not_proved.append(f"有 {len(left)} 对人员同组超过 {b.plan.assignment.together} 次, 已无人可换: {shown}")
    vacant = sum(v.count for t in b.assignment.teams for v in t.vacant)
    return f"{len(b.assignment.teams)} 组" + (f", 空缺 {vacant} 个, 须公布并补派" if vacant else "")


def arithmetic() -> Arithmetic:
    """Return the checker's arithmetic: numpy where it is at hand, else the standard library; they agree."""
    try:
        from sampler.assign.arrays import FAST
    except ImportError:
        return EXACT
    return FAST
