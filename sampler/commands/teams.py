"""plan's foresight of teams: who can staff what, what is missing and what would mend it (docs/spec/assignment.md, 15)."""

from __future__ import annotations

import functools
import operator
from collections import Counter, defaultdict
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from sampler import roster, tables
from sampler.assign import chances, hall, model, solve
from sampler.assign.blocks import build
from sampler.assign.residual import vacancies
from sampler.commands import likely
from sampler.errors import Problem
from sampler.io import plans
from sampler.wording import INELIGIBLE


def feasibility(p: plans.PlanFile, t: dict[str, tables.Table], runs: int) -> dict[str, Any]:
    """Return objects without a team (exact), what dry runs under public seeds found, and what is missing."""
    staff = likely.staff(p.plan, t)
    open_to, officers, recusals = staff.open_to, list(staff.officers), staff.recusals
    no_team = [
        {"object_id": e, "reason": _why(open_to, x, officers, recusals)}
        for e, x in staff.everyone.items()
        if not open_to.full(x, open_to.template(x))
    ]
    dry = likely.dry_runs(staff, runs)
    lo, hi = _interval(dry.failed, runs)
    case = hall.Case(open_to.rules, staff.everyone, staff.officers, recusals)
    return {
        "no_team": [x["object_id"] for x in no_team], "no_team_reasons": dict(Counter(x["reason"] for x in no_team)),
        "hall": _hall(p, t, officers), "infeasible_share": {"runs": runs, "value": f"{dry.failed}/{runs}", "lo": lo, "hi": hi},
        "shortages": [] if dry.worst is None else shortages(case, *likely.dry_run(staff, dry.worst)),
        "pairs": likely.pairs(dry, p.plan.q_max),
        "ladder": [*(r.rung for r in open_to.rules.ladder), model.VACANCY.rung],
    }  # fmt: skip


def _why(
    open_to: model.Eligibility, target: model.Target, officers: list[roster.Officer], recusals: roster.Recusals
) -> str:
    """Return the reason that keeps most officers from the emptiest group of the object; `few` if none does."""
    template = open_to.template(target)
    group = min(template.groups, key=lambda g: len(open_to.of(target, g)) - g.count)
    found = Counter(model.reason(o, target, group, open_to.rules, recusals) or "few" for o in officers)
    return found.most_common(1)[0][0] if found else "few"


def shortages(case: hall.Case, seed: bytes, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return, for every block with vacancies of one set of visits, a checked violator and what would mend it."""
    drawn = {t["object_id"] for t in record["teams"]}
    case = hall.Case(case.rules, {e: case.targets[e] for e in sorted(drawn)}, case.officers, case.recusals)
    out = []
    for block in build(case.rules, case.targets.values(), case.officers, case.recusals):
        used = solve.solve_block(block, replace(case.rules, together=0), seed).used
        empty = {g: n for g, n in zip(block.groups, vacancies(block, used), strict=True) if n}
        if empty:
            mine = hall.Case(case.rules, {e: case.targets[e] for e in block.templates}, case.officers, case.recusals)
            out.append(_shortage(mine, hall.violator(mine, block, used), empty))
    return out


def _shortage(case: hall.Case, v: hall.Violator, empty: dict[tuple[str, str], int]) -> dict[str, Any]:
    where = Counter[tuple[str, str]]()
    for (e, g), n in v.places.items():
        where[case.targets[e].district, g] += n
    return {
        "places": [{"district": d, "group": g, "slots": n} for (d, g), n in sorted(where.items())],
        "slots": v.slots, "officers": len(v.capacity), "supply": v.supply, "short": v.short, "reasons": v.reasons,
        "limits": v.limits,
        "repairs": repairs(case, v, empty),
    }  # fmt: skip


def repairs(case: hall.Case, v: hall.Violator, empty: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Return the smallest changes that mend a shortage, each tried: how many places stay empty with it."""
    lacking = sum(empty.values())
    out: list[dict[str, Any]] = []
    if (more := least_raise(case, v)) is not None:
        out.append({"kind": "load", "more": more, "officers": len(v.capacity), "left": 0})
    for why in (*([hall.LIMIT] if v.limits else []), *(w for w in v.reasons if w in hall.LIFTED)):
        left = unfilled(hall.lifted(case, why))
        if left < lacking:
            out.append({"kind": why, "left": left})
    coming = hall.recruits(case, empty)
    out.append(
        {"kind": "recruit", "officers": [asdict(r) for r in coming], "left": unfilled(hall.joined(case, coming))}
    )
    out.append({"kind": "fewer", "places": lacking, "left": 0})
    return out


def least_raise(case: hall.Case, v: hall.Violator) -> int | None:
    """Return the least raise of the loads of a violator's officers that fills every place; None if none does."""
    most = max((len(case.targets) for _ in v.capacity), default=0)
    if not v.capacity or unfilled(hall.raised(case, v.capacity, most)):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if unfilled(hall.raised(case, v.capacity, middle)) else (low, middle)
    return high


def unfilled(case: hall.Case) -> int:
    """Return the fewest vacancies of these visits, loads unbounded from below."""
    from sampler.assign import network

    blocks = build(case.rules, case.targets.values(), case.officers, case.recusals)
    return sum(b.demand - network.most(b, model.VACANCY) for b in blocks)


def _hall(p: plans.PlanFile, t: dict[str, tables.Table], officers: list[roster.Officer]) -> list[dict[str, Any]]:
    """Return the districts whose certain demand for a qualification exceeds all loads of its holders.

    Necessary, not sufficient: counted are strata of one district and qualifications that every template asks for.
    """
    rules = model.parse_rules(p.plan.to_dict())
    wanted: list[Counter[str]] = [Counter() for _ in rules.templates]
    for k, template in enumerate(rules.templates):
        for group in template.groups:
            wanted[k].update(dict.fromkeys(group.needs, group.count))
    always = functools.reduce(operator.and_, wanted)
    places: dict[str, set[str]] = defaultdict(set)
    for stratum, district in zip(t["frame.tsv"]["stratum"], t["frame.tsv"]["district"], strict=True):
        places[stratum].add(district)
    visits: Counter[str] = Counter()
    for stratum, size in zip(t["strata.tsv"]["stratum"], t["strata.tsv"]["n"], strict=True):
        if len(places[stratum]) == 1:
            visits[next(iter(places[stratum]))] += int(size)
    found = []
    for district, n in sorted(visits.items()):
        for need, count in sorted(always.items()):
            able = [o for o in officers if _able(o, need, district, rules)]
            supply = sum(o.max_load for o in able)
            if n * count > supply:
                found.append(
                    {"district": district, "needs": need, "slots": n * count, "officers": len(able), "capacity": supply}
                )
    return found


def _able(o: roster.Officer, need: str, district: str, rules: model.Rules) -> bool:
    """Return whether an officer could hold `need` in `district` at all, recusals aside."""
    target = model.Target("-", "-", "-", "-", district, "-", frozenset())
    return model.reason(o, target, model.Group("-", 1, frozenset((need,))), rules, frozenset()) is None


def _interval(hits: int, runs: int) -> tuple[str, str]:
    """Return 99.9 % bounds of a share as decimal text (integers decide nothing here)."""
    if not runs:
        return "0", "1"
    low, high = chances.bounds(hits / runs, runs, chances.ERROR)
    return f"{low:.4f}", f"{high:.4f}"


def problems(f: dict[str, Any]) -> list[Problem]:
    """Return what must be mended before the seal."""
    found = []
    if f["no_team"]:
        why = "、".join(f"{INELIGIBLE.get(k, k)} {n}" for k, n in f["no_team_reasons"].items())
        found.append(
            Problem(
                code="NO_TEAM", message=f"{len(f['no_team'])} 个对象没有任何可派的小组（主要原因：{why}）",
                hint="补充组长或资质人员，或放宽辖区", found=", ".join(f["no_team"][:5]),
            )
        )  # fmt: skip
    found += [
        Problem(
            code="HALL",
            message=f"{h['district']} 至少需要 {h['slots']} 个“{h['needs']}”，{h['officers']} 人最多承担 {h['capacity']} 个",
            hint=f"短缺 {h['slots'] - h['capacity']} 个：增加有资质的人员或提高工作量上限",
        )
        for h in f["hall"]
    ]
    runs, vacant = f["infeasible_share"]["runs"], int(f["infeasible_share"]["value"].split("/")[0])
    if runs and Fraction(vacant, runs) > Fraction(1, 2):
        worst = max(f["shortages"], key=lambda s: int(s["short"]))
        found.append(
            Problem(
                code="TEAMS_SHORT", message=f"{runs} 次试派中 {vacant} 次有空缺；最差一次：{sentence(worst)}",
                hint="；".join(mended(r) for r in worst["repairs"]),
            )
        )  # fmt: skip
    return [*found, *likely.too_likely(f["pairs"])]


def sentence(s: dict[str, Any]) -> str:
    """Return a shortage in words."""
    places = "、".join(f"{p['district']} 的 {p['group']} {p['slots']} 个" for p in s["places"][:4])
    total = sum(s["reasons"].values()) or 1
    why = "、".join(f"{INELIGIBLE.get(k, k)} {100 * n // total}%" for k, n in list(s["reasons"].items())[:3])
    tail = f"，其余人员不能派的原因：{why}" if why else ""
    held = "、".join(f"{limit}（{n} 人）" for limit, n in list(s["limits"].items())[:3])
    tail = f"，受次数限额约束：{held}{tail}" if held else tail
    return (
        f"{s['slots']} 个名额（{places}），可派 {s['officers']} 人最多承担 {s['supply']} 个，缺 {s['short']} 个{tail}"
    )


def mended(r: dict[str, Any]) -> str:
    """Return a repair in words."""
    left = f"，仍缺 {r['left']} 个" if r["left"] else "，即可补齐"
    if r["kind"] == "load":
        return f"这 {r['officers']} 人每人多承担 {r['more']} 次{left}"
    if r["kind"] == "recruit":
        who = "、".join(
            f"{o['district']} {'+'.join(o['needs']) or '执法人员'} {o['count']} 名（各 {o['visits']} 次）"
            for o in r["officers"]
        )
        return f"增加 {who}{left}"
    if r["kind"] == "limit":
        return f"取消次数限额{left}"
    if r["kind"] == "fewer":
        return f"少派 {r['places']} 个名额（作为空缺公布）"
    return f"解决“{INELIGIBLE[r['kind']]}”{left}"


def text(f: dict[str, Any]) -> list[str]:
    """Return the lines on shortages and chances."""
    lines = [f"  最差一次试派的短缺: {sentence(s)}" for s in f["shortages"]]
    lines += [f"    可行的补救: {mended(r)}" for s in f["shortages"] for r in s["repairs"]]
    q = f["pairs"]
    if f["infeasible_share"]["runs"]:
        lines.append(
            f"人员到同一组（至少 {likely.SMALL} 个相同对象）的最大机会 {q['max']}（同时成立的 99.9 % 上界 {q['hi']}，上限 q_max {q['q_max']}）"
        )
    lines.append(f"派不齐时依次放宽: {' → '.join(f['ladder'])}（空缺逐个公布，由变更补派）")
    return lines
