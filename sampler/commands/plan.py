"""plan: the dry run. Sizes, probabilities, exclusions, feasibility of teams; nothing is drawn, nothing is sealed."""

from __future__ import annotations

import functools
import operator
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from sampler import canon, draw, records, roster, tables
from sampler.assign import model
from sampler.commands.draw import assign
from sampler.commands.foresight import falling_ratios, pace, quotas
from sampler.commands.shell import Reply, command
from sampler.errors import Problem
from sampler.io import earlier, plans
from sampler.io.session import SETTINGS, open_session
from sampler.wording import REASONS

DRY_SECRET = bytes(32)
"""Blinds a frame that is thrown away; the dry run publishes nothing."""
DRY_ID = "DRY-0000-0000"


@command("plan")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--dry-runs", type=click.IntRange(0, 10000), default=None, help="试派次数，默认按计划的 dry_runs")
def plan(workspace: Path, plan: Path, dry_runs: int | None) -> Reply:
    """试算：各层规模、概率、剔除与试派人；不抽、不封存。"""
    session = open_session(workspace) if workspace.joinpath(SETTINGS).exists() else None
    if session is None:
        p, recorded = plans.load(workspace / plan), {}
    else:
        p = plans.load(workspace / plan, functools.partial(earlier.draws, session))
        recorded = earlier.drawn_this_year(session, p.plan)
    sealed = draw.commit(p.plan, p.sources, DRY_SECRET, DRY_ID)
    t = {n: tables.decode(sealed.files[n], c, file=n) for n, c in records.TABLE_COLUMNS.items() if n in sealed.files}
    strata = [dict(zip(t["strata.tsv"].names, row, strict=True)) for row in t["strata.tsv"].rows()]
    feasibility = _feasibility(p, t, p.plan.dry_runs if dry_runs is None else dry_runs)
    data: dict[str, Any] = {
        "frame": {"registry": sealed.registry, "eligible": sealed.frame.count, "excluded": sealed.excluded.counts},
        "strata": [
            {
                "stratum": s["stratum"],
                "N": int(s["N"]),
                "n": int(s["n"]),
                "m": int(s["m"]),
                "take_all": int(s["take_all"]),
            }
            for s in strata
        ],
        "levels": len(t["levels.tsv"]),
        "feasibility": feasibility,
    }
    problems = [*pace(p.plan, t["strata.tsv"]), *_problems(feasibility)]
    warnings = [*p.warnings, *falling_ratios(p.plan), *(quotas(p.plan, recorded) if session else [])]
    return Reply(data=data, text=_text(data), warnings=warnings, problems=problems, exit=1 if problems else 0)


def _feasibility(p: plans.PlanFile, t: dict[str, tables.Table], runs: int) -> dict[str, Any]:
    """Return objects without a team (exact) and what dry runs under public seeds found."""
    officers = roster.parse_roster(t["roster.tsv"].without("nonce"))
    recusals = roster.parse_recusals(t["recusals.tsv"].without("nonce"))
    framed = t["frame.tsv"].without("nonce")
    open_to = model.Eligibility(model.parse_rules(p.plan.to_dict()), officers, recusals)
    everyone = model.parse_targets(framed, framed["object_id"])
    no_team = [x.object_id for x in everyone if not open_to.full(x, open_to.template(x))]
    met: Counter[tuple[str, str]] = Counter()
    failed = 0
    plan_hash = p.plan.rhash()
    for k in range(runs):
        seed = canon.H("dry", bytes.fromhex(plan_hash), k)
        chosen = draw.select(p.plan, framed, t["strata.tsv"], t["levels.tsv"], seed)
        record = assign(p.plan, t, chosen, DRY_ID, seed)
        failed += any(b["vacancies"] for b in record["blocks"])
        met.update((m["inspector_id"], x["object_id"]) for x in record["teams"] for m in x["members"])
    lo, hi = _interval(failed, runs)
    most = max(met.values(), default=0)
    return {
        "no_team": no_team, "hall": _hall(p, t, officers), "infeasible_share": {"runs": runs, "value": f"{failed}/{runs}", "lo": lo, "hi": hi},
        "pairs": {"max": f"{most}/{runs}", "hi": _interval(most, runs)[1]},
    }  # fmt: skip


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
    """Return Hoeffding's 99.9 % bounds of a share as decimal text (integers decide nothing here)."""
    if not runs:
        return "0", "1"
    half = (3.8 / runs) ** 0.5
    share = hits / runs
    return f"{max(0.0, share - half):.4f}", f"{min(1.0, share + half):.4f}"


def _problems(f: dict[str, Any]) -> list[Problem]:
    found = [
        Problem(code="NO_TEAM", message=f"{len(f['no_team'])} 个对象没有任何可派的小组", hint="补充组长或资质人员，或放宽辖区", found=", ".join(f["no_team"][:5]))
    ] if f["no_team"] else []  # fmt: skip
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
        found.append(
            Problem(
                code="TEAMS_SHORT",
                message=f"{runs} 次试派中 {vacant} 次有空缺",
                hint="补充人员、提高工作量上限，或减小抽查比例",
            )
        )
    return found


def _text(d: dict[str, Any]) -> str:
    f = d["frame"]
    why = "、".join(f"{REASONS.get(k, k)} {n}" for k, n in f["excluded"].items())
    lines = [
        f"登记库 {f['registry']} = 可抽 {f['eligible']} + 剔除 {sum(f['excluded'].values())}{f'（{why}）' if why else ''}",
        "分层（条款.类型.区划；小区划与邻近的合并，写其中最小的代码）: N 户中抽 n 户",
    ]
    lines += [f"  {s['stratum']:<32} N={s['N']:<6} n={s['n']:<4} 必查={s['take_all']}" for s in d["strata"]]
    lines.append(
        f"共抽 {sum(s['n'] for s in d['strata'])} 户，{len(d['strata'])} 层，{d['levels']} 个概率档（同层同分的为一档）"
    )
    share = d["feasibility"]["infeasible_share"]
    lines.append(
        f"没有可派小组的对象 {len(d['feasibility']['no_team'])} 个；试派 {share['value']} 次有空缺（99.9 % 界 {share['lo']}..{share['hi']}）"
    )
    return "\n".join(lines)
