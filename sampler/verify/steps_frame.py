"""Steps 10 and 11: the sealed rows, and the sizes and probabilities that follow from them (draw.md, 4 to 8)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from sampler import allocation, canon, merkle
from sampler.records import Excluded, Tree
from sampler.select.exact import L_ONE
from sampler.tables import NONE
from sampler.verify.report import NotApplicable, VerifyError, need, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sampler.allocation import Cell, Levels, Stratum
    from sampler.tables import Table
    from sampler.verify.bundle import Bundle

    Inclusion = Callable[[Sequence[int], Sequence[int], int], list[float]]

E12: Final = allocation.E12
PI_TOLERANCE: Final = 2
"""Largest |pi - pi_e12|, in 10^-12 (draw.md, 8)."""
TARGET_TOLERANCE: Final = (1_000, 10**6)
"""|pi - target| is at most 1,000 (in 10^-12) and one part per 10^6 of the target."""
FRAME, STRATA, LEVELS = "frame.tsv", "strata.tsv", "levels.tsv"
SEAL: Final = "commitment.json"
_NO_CLAUSE: Final = "没有抽查比例的对象不应在可抽名单里"


def trees(b: Bundle) -> str:
    """Judge step 10: rows and files are the sealed ones, and the registry adds up."""
    seal = b.commitment
    if not b.has(FRAME) and b.withheld(FRAME):
        return _exclusions(b)
    sealed: dict[str, Tree | Excluded] = {
        "frame": seal.frame, "excluded": seal.excluded, "roster": seal.roster, "recusals": seal.recusals,
    }  # fmt: skip
    shown = {name: tree for name, tree in sealed.items() if not b.withheld(f"{name}.tsv")}
    for name, tree in shown.items():
        table = b.table(f"{name}.tsv")
        root = _root(table, name, seal.draw_id)
        same(tree.root, root, "名单与封存时不同: 有行被增、删、改", f"{name}.tsv")
        count = tree.count if isinstance(tree, Tree) else sum(tree.counts.values())
        same(count, len(table), "封存的行数与名单不同", SEAL)
    for name in ("history", "items", "levels", "strata"):
        same(getattr(seal.tables, name), canon.sha256(b.open(f"{name}.tsv")).hex(), "文件与封存时不同", f"{name}.tsv")
    same(seal.tables.scores, canon.sha256(b.open("scores.csv")).hex(), "风险分与封存时不同", "scores.csv")
    _reconcile(b)
    b.not_proved.append(
        "封存的内容是否属实: 剔除的理由、信用分类、风险分是否由模型算出、历史、人员; 重放只证明封存后未改"
    )
    hidden = "、".join(sorted(sealed.keys() - shown.keys()))
    if hidden:
        b.not_proved.append(f"{hidden} 不公开, 没有与封存核对")
    return f"名录 {seal.registry} = 可抽 {seal.frame.count} + 剔除 {sum(seal.excluded.counts.values())}"


def _exclusions(b: Bundle) -> str:
    """Check what a copy shows of the excluded: every leaf of their tree, and the rows that are opened."""
    if not b.has("exclusions.tsv"):
        raise NotApplicable("名单、人员和层不公开, 只公布了它们的根")
    seal, table = b.commitment, b.table("exclusions.tsv")
    leaves = [bytes.fromhex(leaf) for leaf in table["leaf"]]
    same(seal.excluded.root, merkle.root(leaves).hex(), "剔除名单与封存时不同", "exclusions.tsv")
    for object_id, reason, nonce, leaf in table.rows():
        if nonce != NONE:
            row = f"{object_id}\t{reason}"
            found = merkle.blinded_leaf("excluded", seal.draw_id, row, bytes.fromhex(nonce)).hex()
            same(leaf, found, f"{object_id} 的剔除理由不是封存的那一条", "exclusions.tsv")
    raise NotApplicable(f"剔除 {len(table)} 户与封存一致; 名单、人员和层不公开")


def _root(table: Table, tree: str, draw_id: str) -> str:
    rows = zip(table.lines(without="nonce"), table["nonce"], strict=True)
    return merkle.root([merkle.blinded_leaf(tree, draw_id, row, bytes.fromhex(nonce)) for row, nonce in rows]).hex()


def _reconcile(b: Bundle) -> None:
    seal, excluded = b.commitment, b.table("excluded.tsv")
    reasons = dict(Counter(excluded["reason"]))
    same(seal.excluded.counts, reasons, "各理由剔除的户数与封存时不同", "excluded.tsv")
    unknown = sorted(set(reasons) - set(b.plan.exclusions))
    need(not unknown, "、".join(b.plan.exclusions), unknown, "剔除的理由不在计划之内", "excluded.tsv")
    frame = b.table(FRAME)
    same(seal.registry, len(frame) + len(excluded), "名录户数不等于可抽加剔除: 有对象下落不明", SEAL)
    both = sorted(set(frame.key) & set(excluded.key))
    need(not both, "可抽与剔除不相交", both[:3], "同一对象既可抽又被剔除", "excluded.tsv")
    _target(b)
    missing = sorted(set(b.plan.items) - set(b.table("items.tsv").key))
    need(not missing, "抽查事项清单所列", missing, "计划的事项不在公布的清单里", "items.tsv")


def _target(b: Bundle) -> None:
    """Check that a targeted draw holds what its sealed filter or list names, and an object on the list nowhere else."""
    target = b.plan.target
    if target is None:
        return
    frame, excluded = b.table(FRAME), b.table("excluded.tsv")
    columns = (frame[c] for c in ("object_id", "type", "industry", "tags"))
    rows = list(zip(excluded.key, excluded["reason"], strict=True))
    off, lost, wrong = target.misplaced(list(zip(*columns, strict=True)), rows)
    need(not off, target.filter, off[:3], "定向抽查的可抽名单里有不符合筛选条件的对象", FRAME)
    need(not lost, "名单的每个对象在名录里", lost[:3], "名单的对象下落不明", "excluded.tsv")
    allowed = "上级下达名单的对象只以 status 剔除" if target.given else "线索名单的对象不以 off-target 剔除"
    need(not wrong, allowed, wrong[:3], "名单的对象被剔除了", "excluded.tsv")


def probabilities(b: Bundle) -> str:
    """Judge step 11: sizes, weights, targets and levels follow from plan, scores and history; L gives pi."""
    held = b.units
    strata, members = _strata(b)
    _same_rows([s.id for s in strata], b.table(STRATA).key, STRATA, "层与计划算出的不同")
    cooling, risks = _cooling(b), _risks(b)
    want_strata: dict[str, tuple[str, ...]] = {}
    want_levels: dict[str, tuple[int, int]] = {}
    sizes: dict[str, int] = {}
    level_of: dict[int, str] = {}
    for s in strata:
        warm = [k for k in members[s.id] if not cooling(held.ids[k], s.cells[0][0])]
        found = _levels(b, s, [risks[k] for k in warm])
        numbers = (s.n_frame, len(warm), s.n, found.m, found.take_all)
        want_strata[s.id], sizes[s.id] = (s.id, s.clause, *map(str, numbers)), found.m
        want_levels |= _want_levels(s.id, found, cold=s.n_frame - len(warm))
        level_of |= dict(zip(warm, found.level_of, strict=True))
    _level_column(b, level_of)
    for row in b.table(STRATA).rows():
        same(want_strata[row[0]], row, f"层 {row[0]} 的户数或抽取数与计划算出的不同", STRATA)
    return _check_levels(b, want_levels, sizes)


def _strata(b: Bundle) -> tuple[list[Stratum], dict[str, list[int]]]:
    """Return the strata of draw.md 4 and the units of each."""
    plan, frame, held = b.plan, b.table(FRAME), b.units
    rows = [
        (class_, plan.stratum_type(type_), district)
        for class_, type_, district in zip(frame["class"], frame["type"], frame["district"], strict=True)
    ]
    for cell in set(rows):
        need(cell[2] in plan.districts, "计划所列的区划", cell[2], "有对象的区划不在计划之内", FRAME)
        need(plan.clause_of(cell[0], cell[1]), "计划有相应的抽查比例", ".".join(cell), _NO_CLAUSE, FRAME)
    cells = held.cells(rows)
    counts: dict[str, dict[Cell, int]] = {}
    for cell, count in Counter(cells).items():
        clause = plan.clause_of(cell[0], cell[1])
        if clause is None:
            raise VerifyError("计划有相应的抽查比例", ".".join(cell), _NO_CLAUSE, FRAME)
        counts.setdefault(clause.clause, {})[cell] = count
    totals = {}
    for clause in plan.clauses:
        if clause.clause in counts:
            ratio = allocation.parse_ratio(clause.ratio)
            size = sum(counts[clause.clause].values())
            totals[clause.clause] = allocation.clause_total(
                ratio, size, drawn=clause.drawn or 0, batches_left=clause.batches_left or 0
            )
    strata = allocation.strata(counts, totals)
    of_cell = {cell: s.id for s in strata for cell in s.cells}
    for k, found, oid in zip(held.of, frame["stratum"], frame.key, strict=True):
        if found != of_cell[cells[k]]:
            same(of_cell[cells[k]], found, f"对象 {oid} 不在应在的层", FRAME)
    members: dict[str, list[int]] = defaultdict(list)
    for k, cell in enumerate(cells):
        members[of_cell[cell]].append(k)
    return strata, members


def _cooling(b: Bundle) -> Callable[[str, str], bool]:
    """Return the test whether a unit of a class is in its cool-down (draw.md, 5)."""
    history, plan = b.table("history.tsv"), b.plan
    now = _month(plan.period)
    ago: dict[str, list[int]] = defaultdict(list)
    for key, drawn in zip(history["key"], history["drawn"], strict=True):
        object_id, _, month = key.rpartition("/")
        if drawn == "1":
            ago[object_id].append(now - _month(month))

    def cooling(unit: str, class_: str) -> bool:
        return any(1 <= months <= plan.cool_months(class_) for months in ago.get(unit, ()))

    return cooling


def _month(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])


def _risks(b: Bundle) -> list[int]:
    """Return the risk of every unit."""
    ids, scores = b.table(FRAME)["object_id"], b.scores
    missing = next((i for i in ids if i not in scores), None)
    need(missing is None, "每个可抽对象有风险分", missing, "有对象没有风险分", "scores.csv")
    return b.units.risks([scores[i] for i in ids])


def _levels(b: Bundle, s: Stratum, risks: list[int]) -> Levels:
    risk = b.plan.risk
    weights = allocation.weights(risks, int(risk.floor.num), int(risk.floor.den), risk.gamma)
    return allocation.levels(weights, s.n, cooldown=b.plan.cool_months(s.cells[0][0]) > 0)


def _want_levels(stratum: str, found: Levels, *, cold: int) -> dict[str, tuple[int, int]]:
    """Return key of levels.tsv to count and target."""
    out = {f"{stratum}/{name}": (found.count[name], target) for name, target in found.target_e12.items()}
    if cold:
        out[f"{stratum}/0"] = (cold, 0)
    if found.take_all:
        out[f"{stratum}/T"] = (found.take_all, E12)
    return out


def _level_column(b: Bundle, level_of: dict[int, str]) -> None:
    frame = b.table(FRAME)
    for i, k in enumerate(b.units.of):
        want, found = level_of.get(k, "0"), frame["level"][i]
        if found != want:
            meaning = f"{frame['stratum'][i]} 的对象 {frame.key[i]} 档次不对, 抽中机会被改动"
            same(want, found, meaning, FRAME)


def _check_levels(b: Bundle, want: dict[str, tuple[int, int]], sizes: dict[str, int]) -> str:
    table = b.table(LEVELS)
    _same_rows(sorted(want), table.key, LEVELS, "档次与风险分算出的不同")
    numbered: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    for key, *texts in table.rows():
        count, target, parameter, pi = map(int, texts)
        same(want[key], (count, target), f"档次 {key} 的户数或目标概率与风险分算出的不同", LEVELS)
        stratum, _, level = key.rpartition("/")
        if level in "0T":
            fixed = (0, 0) if level == "0" else (L_ONE, E12)
            same(fixed, (parameter, pi), f"档次 {key} 的参数或概率不对", LEVELS)
            continue
        need(1 <= parameter < L_ONE, "1 至 2^32-1", parameter, f"档次 {key} 的参数超出范围", LEVELS)
        far = abs(pi - target) * TARGET_TOLERANCE[1] > TARGET_TOLERANCE[0] * TARGET_TOLERANCE[1] + target
        need(not far, f"{target} 上下", pi, f"档次 {key} 的概率偏离目标", LEVELS)
        numbered[stratum].append((count, parameter, pi, target))
    for stratum, found in numbered.items():
        if len(found) == 1:
            (count, parameter, _, _), m = found[0], sizes[stratum]
            single = min(max((2 * L_ONE * m + count) // (2 * count), 1), L_ONE - 1)
            same(single, parameter, f"层 {stratum} 只有一档, 参数应由户数定出", LEVELS)
    return _check_pi(b, numbered, sizes)


def _check_pi(b: Bundle, numbered: dict[str, list[tuple[int, int, int, int]]], sizes: dict[str, int]) -> str:
    inclusion = _probability()
    if inclusion is None:
        b.not_proved.append("抽中概率没有重算: 本机没有 numpy 和 scipy, 第 11 步只核对了整数部分")
        raise NotApplicable("整数部分相符, 但抽中概率未重算 (缺少 numpy 或 scipy)")
    for stratum, found in numbered.items():
        counts, parameters = [f[0] for f in found], [f[1] for f in found]
        for pi, (_, _, printed, target) in zip(inclusion(parameters, counts, sizes[stratum]), found, strict=True):
            exact = pi * E12
            need(
                abs(exact - printed) <= PI_TOLERANCE,
                f"{exact:.0f}",
                printed,
                f"层 {stratum} 的概率不是参数给出的",
                LEVELS,
            )
            limit = TARGET_TOLERANCE[0] + target / TARGET_TOLERANCE[1]
            need(abs(exact - target) <= limit, target, f"{exact:.0f}", f"层 {stratum} 的参数给不出目标概率", LEVELS)
    return "抽中概率已由参数重算"


def _probability() -> Inclusion | None:
    try:
        from sampler.probability import inclusion
    except ImportError:
        return None
    return inclusion


def _same_rows(want: Sequence[str], found: Sequence[str], file: str, meaning: str) -> None:
    odd = sorted(set(want) ^ set(found))
    need(not odd, f"{len(want)} 行", odd[:3], meaning, file)
