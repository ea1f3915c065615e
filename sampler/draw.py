"""commit() and draw(): the two halves of a draw, composed (docs/spec/records.md, 3.5 and 3.8).

Between them lies the seed. Everything is an argument; nothing here reads a file, a clock or entropy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sampler import allocation, canon, feasibility, frame, lots, merkle, probability, records, tables, ticket, units
from sampler.errors import DrawError, Place, PlanError
from sampler.select import exact, fast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sampler.plan import Plan
    from sampler.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What commit() makes: the bundle's tables and the numbers the Commitment names."""

    files: dict[str, bytes]
    frame: records.Tree
    excluded: records.Excluded
    registry: int
    roster: records.Tree
    recusals: records.Tree
    tables: records.Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The tables a seal is made of, already clean.

    Parameters
    ----------
    registry
        Objects, classes and visits of the year.
    history, items, roster, recusals
        Tables of records.md section 2, without nonces.
    scores
        The bytes of scores.csv.
    """

    registry: frame.Registry
    history: Table
    items: Table
    roster: Table
    recusals: Table
    scores: bytes


def parse_scores(data: bytes) -> dict[str, int]:
    """Return object id to risk in ppm; refuse with ``SCORES_*`` whatever is not records.md section 2."""
    lines = data.decode("ascii", "replace").split("\n")
    if lines[0] != "object_id,risk_ppm" or lines[-1] != "":
        raise _score("SCORES_HEAD", "首行应为 object_id,risk_ppm，每行以 LF 结束", 1, lines[0])
    out: dict[str, int] = {}
    previous = ""
    for n, line in enumerate(lines[1:-1], start=2):
        oid, _, risk = line.partition(",")
        if not (tables.is_id(oid) and risk.isascii() and risk.isdigit() and str(int(risk[:20])) == risk):
            raise _score("SCORES_ROW", "应为 编号,0 到 1000000 的整数", n, line)
        if oid <= previous:
            raise _score("SCORES_ORDER", "编号未递增或重复", n, oid)
        out[oid], previous = int(risk), oid
    return out


def _score(code: str, message: str, row: int, found: str) -> DrawError:
    place = Place(file="scores.csv", row=row)
    return DrawError(code, message, hint="用 sampler score 重新生成", place=place, found=found)


def commit(plan: Plan, sources: Sources, secret: bytes, draw_id: str) -> Sealed:
    """Freeze the frame, the probabilities and the roster of one draw.

    Parameters
    ----------
    plan
        The validated rule.
    sources
        Clean tables.
    secret
        32 fresh bytes that blind the trees; never published.
    draw_id
        Name of the draw; enters every leaf.

    Raises
    ------
    PlanError, DrawError
        What cannot be met, by code: ``CLAUSE_ZERO``, ``STRATUM_ZERO``, ``SIZE_COOLDOWN``, ``SCORE_MISSING`` ...
    """
    registry = sources.registry
    frame.check_districts(registry, plan)
    frame.check_list(registry, plan)
    kept, excluded = frame.split(registry, plan)
    frame.check_given(plan, excluded)
    if not kept:
        raise DrawError("FRAME_EMPTY", "没有可抽的对象", hint="检查登记状态、信用分类和抽查比例")
    ids, owners = ([registry.objects[c][i] for i in kept] for c in ("object_id", "owner_id"))
    held = units.of(ids, owners, owners=plan.owners)
    cells = held.cells(frame.cells(registry, plan, kept))
    sized = strata(plan, Counter(cells))
    of_cell = {cell: s.id for s in sized for cell in s.cells}
    stratum_of = [of_cell[cell] for cell in cells]
    sampled = plan.samples({s.id: s.clause for s in sized})
    lots.need_sizes(plan.lots or (), (o for o, k in zip(ids, held.of, strict=True) if stratum_of[k] in sampled))
    risks = held.risks(_risks(parse_scores(sources.scores), ids))
    level, strata_table, levels_table = _levels(plan, held.ids, stratum_of, sized, risks, sources.history)
    framed = frame.frame_table(registry, kept, [stratum_of[k] for k in held.of], [level[k] for k in held.of])
    trees: dict[str, records.Tree] = {}
    files: dict[str, bytes] = {}
    blinded = {"frame": framed, "excluded": excluded, "roster": sources.roster, "recusals": sources.recusals}
    for name, table in blinded.items():
        files[f"{name}.tsv"], trees[name] = blind(name, table, secret, draw_id)
    files["strata.tsv"], files["levels.tsv"] = tables.encode(strata_table), tables.encode(levels_table)
    files["history.tsv"], files["items.tsv"] = tables.encode(sources.history), tables.encode(sources.items)
    files["scores.csv"] = sources.scores
    sealed = {n: canon.sha256(files[f]).hex() for n, f in TABLE_FILES.items()}
    return Sealed(
        files=files,
        frame=trees["frame"],
        excluded=records.Excluded(root=trees["excluded"].root, counts=dict(Counter(excluded["reason"]))),
        registry=len(registry.objects),
        roster=trees["roster"],
        recusals=trees["recusals"],
        tables=records.Tables(**sealed),
    )


TABLE_FILES = {
    "history": "history.tsv", "items": "items.tsv", "levels": "levels.tsv", "scores": "scores.csv",
    "strata": "strata.tsv",
}  # fmt: skip
"""Field of the Commitment's `tables` to its file."""


def blind(tree: str, table: Table, secret: bytes, draw_id: str) -> tuple[bytes, records.Tree]:
    """Return a table's bytes and its tree; every row has a nonce of its own, so that one opens without the rest."""
    nonces = [merkle.leaf_nonce(secret, draw_id, tree, key) for key in table.key]
    lines = table.lines()
    root = merkle.root(
        [merkle.blinded_leaf(tree, draw_id, row, nonce) for row, nonce in zip(lines, nonces, strict=True)]
    )
    data = tables.encode(table.with_column("nonce", [n.hex() for n in nonces]))
    return data, records.Tree(root=root.hex(), count=len(lines))


def strata(plan: Plan, cells: Mapping[frame.Cell, int]) -> list[allocation.Stratum]:
    """Return the strata and their sizes, given the number of units of each cell (draw.md, 4)."""
    counts: dict[str, Counter[frame.Cell]] = defaultdict(Counter)
    for cell, n in cells.items():
        clause = plan.clause_of(cell[0], cell[1])
        if clause is not None:
            counts[clause.clause][cell] += n
    totals: dict[str, int] = {}
    for c in plan.clauses:
        if c.clause in counts:
            totals[c.clause] = allocation.clause_total(
                allocation.parse_ratio(c.ratio),
                counts[c.clause].total(),
                drawn=c.drawn or 0,
                batches_left=c.batches_left or 0,
            )
    return allocation.strata(counts, totals)


def _risks(scores: Mapping[str, int], ids: list[str]) -> list[int]:
    """Return the risk of each object."""
    missing = next((i for i in ids if i not in scores), None)
    if missing is not None:
        raise DrawError("SCORE_MISSING", "有对象没有风险分", hint="先运行 sampler score", found=missing)
    return [scores[i] for i in ids]


def _levels(
    plan: Plan,
    ids: list[str],
    stratum_of: list[str],
    sized: list[allocation.Stratum],
    risks: list[int],
    history: Table,
) -> tuple[list[str], Table, Table]:
    """Return each unit's level, strata.tsv and levels.tsv."""
    drawn = frame.drawn_months(history)
    members: dict[str, list[int]] = defaultdict(list)
    for k, stratum in enumerate(stratum_of):
        members[stratum].append(k)
    _check_cooldown(plan, [(s, [drawn.get(ids[k], set()) for k in members[s.id]]) for s in sized])
    level = ["0"] * len(ids)
    made: list[Designed] = []
    for s in sized:
        class_ = s.cells[0][0]
        warm = [k for k in members[s.id] if not frame.cooling(drawn.get(ids[k], set()), class_, plan)]
        made.append(design(plan, s, [risks[k] for k in warm]))
        for k, name in zip(warm, made[-1].level_of, strict=True):
            level[k] = name
    return level, *design_tables(made)


@dataclass(frozen=True, slots=True)
class Designed:
    """One stratum's design: level of each eligible unit (or risk), its row of strata.tsv, its rows of levels.tsv."""

    level_of: list[str]
    row: tuple[str, ...]
    levels: list[tuple[str, ...]]


def design(plan: Plan, s: allocation.Stratum, risks: list[int]) -> Designed:
    """Return the design of one stratum, given the risks of its eligible units (draw.md, 6 to 8)."""
    counts = Counter(risks)
    made = design_counted(plan, s, counts)
    name = dict(zip(counts, made.level_of, strict=True))
    return replace(made, level_of=[name[r] for r in risks])


Solve = Callable[[Sequence[int], Sequence[int], int], tuple[list[int], list[int]]]
"""`probability.solve`, or what gives the same sooner."""


def design_counted(
    plan: Plan, s: allocation.Stratum, counts: Mapping[int, int], solve: Solve = probability.solve
) -> Designed:
    """Return `design`, given how many eligible units have each risk; `level_of` tells the level of each risk."""
    floor, size = plan.risk.floor, sum(counts.values())
    weight = allocation.weight_of(counts, int(floor.num), int(floor.den), plan.risk.gamma)
    units: Counter[int] = Counter()
    for risk, n in counts.items():
        units[weight[risk]] += n
    found = allocation.counted_levels(units, s.n, cooldown=plan.cool_months(s.cells[0][0]) > 0)
    name = dict(zip(units, found.level_of, strict=True))
    row = tuple(map(str, (s.id, s.clause, s.n_frame, size, s.n, found.m, found.take_all)))
    return Designed([name[weight[r]] for r in counts], row, _level_rows(s.id, found, s.n_frame - size, solve))


def design_tables(made: list[Designed]) -> tuple[Table, Table]:
    """Return strata.tsv and levels.tsv."""
    names = records.TABLE_COLUMNS
    return (
        tables.from_rows(names["strata.tsv"], [d.row for d in made]),
        tables.from_rows(names["levels.tsv"], [row for d in made for row in d.levels]),
    )


def _check_cooldown(plan: Plan, strata: list[tuple[allocation.Stratum, list[set[int]]]]) -> None:
    """Refuse a cool-down that leaves too few to draw from, and name the longest that its class can keep this month."""
    of_class: dict[str, list[tuple[allocation.Stratum, list[int]]]] = defaultdict(list)
    for s, drawn in strata:
        if plan.cool_months(s.cells[0][0]):
            of_class[s.cells[0][0]].append((s, [frame.months_ago(months, plan) for months in drawn]))
    for class_, held in of_class.items():
        g = plan.cool_months(class_)
        longest = feasibility.longest_now(g, [(s.n, ago) for s, ago in held])
        if longest == g:
            continue
        s, eligible = next((s, e) for s, ago in held if (e := sum(a > g for a in ago)) < feasibility.PARTS * s.n)
        way = f"最长可定 {longest} 个月" if longest else "这样的比例下不能定轮休期"
        raise PlanError(
            "SIZE_COOLDOWN",
            f"{class_} 类轮休 {g} 个月后，{s.id} 层可抽 {eligible} 户，要抽 {s.n} 户，超过四分之一",
            hint=f"把 {class_} 类的 cooldown 缩短（本月{way}），或降低比例",
            place=Place(file="plan.json", column="cooldown"),
            found=f"g={g} longest={longest}",
        )


def _level_rows(stratum: str, found: allocation.Levels, cool: int, solve: Solve) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    if cool:
        rows.append((f"{stratum}/0", str(cool), "0", "0", "0"))
    one = str(allocation.E12)
    if found.take_all:
        rows.append((f"{stratum}/T", str(found.take_all), one, str(exact.L_ONE), one))
    numbered = sorted((n for n in found.target_e12 if n not in "T0"), key=int)
    if numbered:
        targets, counts = [found.target_e12[n] for n in numbered], [found.count[n] for n in numbered]
        params, pis = solve(targets, counts, found.m)
        rows += [
            (f"{stratum}/{n}", str(c), str(t), str(p), str(pi))
            for n, c, t, p, pi in zip(numbered, counts, targets, params, pis, strict=True)
        ]
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The objects' half of a result."""

    drawn: tuple[records.Chosen, ...]
    reserves: tuple[records.Chosen, ...]
    tau: bytes


def select(plan: Plan, framed: Table, strata: Table, levels: Table, seed: bytes) -> Selection:
    """Return the drawn objects, the reserves and tau.tsv (draw.md, 9); of drawn owners one object each (9.6)."""
    key = ticket.object_key(seed)
    number = {s: n for n, s in enumerate(strata["stratum"])}
    params = dict(zip(levels["key"], map(int, levels["L"]), strict=True))
    held = units.of_frame(framed, owners=plan.owners)
    rows = [(i, framed["stratum"][r], framed["level"][r]) for i, r in zip(held.ids, held.first, strict=True)]
    numbered = [row for row in rows if row[2] not in ("0", "T")]
    ids = [oid for oid, _, _ in numbered]
    drawable = fast.units(
        ids,
        [params[f"{stratum}/{level}"] for _, stratum, level in numbered],
        [number[stratum] for _, stratum, _ in numbered],
        fast.heads(key, ids),
    )
    choices = fast.choose_many(drawable, list(map(int, strata["m"])), plan.reserves, partial(ticket.ticket, key))
    taken = [records.Chosen(object_id=oid, stratum=stratum, rank=0) for oid, stratum, level in rows if level == "T"]
    found = selection(dict(zip(strata["stratum"], choices, strict=True)), taken)
    return _second(found, seed, held.objects(framed["object_id"])) if plan.owners else found


def _second(found: Selection, seed: bytes, objects: Mapping[str, list[str]]) -> Selection:
    """Return what is drawn when one object stands for each owner."""

    def one(listed: tuple[records.Chosen, ...]) -> tuple[records.Chosen, ...]:
        taken = (replace(c, object_id=units.second(seed, c.object_id, objects[c.object_id])) for c in listed)
        return tuple(sorted(taken, key=_by_id))

    return replace(found, drawn=one(found.drawn), reserves=one(found.reserves))


def selection(choices: Mapping[str, exact.Choice], taken: list[records.Chosen]) -> Selection:
    """Return what the strata's choices and the take-all objects come to; no order of rows enters it."""
    drawn: list[records.Chosen] = list(taken)
    reserves: list[records.Chosen] = []
    tau: list[tuple[str, str, str]] = []
    for stratum, choice in choices.items():
        ranked = [
            records.Chosen(object_id=o, stratum=stratum, rank=r)
            for r, o in enumerate((*choice.drawn, *choice.reserves), start=1)
        ]
        drawn += ranked[: len(choice.drawn)]
        reserves += ranked[len(choice.drawn) :]
        if choice.tau is not None:
            tau.append((stratum, f"{choice.tau[0]:064x}", str(choice.tau[1])))
    return Selection(
        drawn=tuple(sorted(drawn, key=_by_id)),
        reserves=tuple(sorted(reserves, key=_by_id)),
        tau=tables.encode(tables.from_rows(records.TABLE_COLUMNS["tau.tsv"], tau)),
    )


def _by_id(chosen: records.Chosen) -> bytes:
    return chosen.object_id.encode()


def result(
    draw_id: str,
    commitment: str,
    seed: bytes,
    chosen: Selection,
    assignment: dict[str, Any],
    order: tuple[str, ...] | None = None,
    taken: tuple[lots.Taken, ...] | None = None,
) -> records.Draw:
    """Return the Draw record; tau and the assignment enter by hash, because their files stand beside it."""
    return records.Draw(
        draw_id=draw_id,
        commitment=commitment,
        seed=seed.hex(),
        tau=canon.sha256(chosen.tau).hex(),
        assignment=canon.sha256(canon.encode(assignment)).hex(),
        n=len(chosen.drawn),
        drawn=chosen.drawn,
        reserves=chosen.reserves,
        order=order,
        lots=taken,
    )
