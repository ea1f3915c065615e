"""plan: the dry run. Sizes, probabilities, exclusions, feasibility of teams; nothing is drawn, nothing is sealed."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from sampler import draw, records, tables
from sampler.commands import likely, teams
from sampler.commands.foresight import falling_ratios, pace, quotas, several
from sampler.commands.shell import Reply, command
from sampler.errors import Place, PlanError
from sampler.io import earlier, plans
from sampler.io.listed import with_list
from sampler.io.plandoc import read_document
from sampler.io.planwrite import form
from sampler.io.session import open_session
from sampler.io.store import write_file
from sampler.io.upgrade import SETTINGS
from sampler.wording import REASONS

DRY_SECRET = bytes(32)
"""Blinds a frame that is thrown away; the dry run publishes nothing."""
DRY_ID = "DRY-0000-0000"


@command("plan")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--dry-runs", type=click.IntRange(0, 10000), default=None, help="试派次数，默认按计划的 dry_runs")
@click.option("--form", "out", type=click.Path(path_type=Path), default=None, metavar="文件.xlsx",
              help="只把计划写成 Excel 表格，不试算")  # fmt: skip
def plan(workspace: Path, plan: Path, dry_runs: int | None, out: Path | None) -> Reply:
    """试算：各层规模、概率、剔除与试派人；不抽、不封存。计划是 TOML 或 Excel 表格（抽查计划.xlsx）。"""
    if out is not None:
        return _as_form(workspace / plan, workspace / out)
    session = open_session(workspace) if workspace.joinpath(SETTINGS).exists() else None
    if session is None:
        p, recorded = plans.load(workspace / plan), {}
    else:
        p = plans.load(workspace / plan, functools.partial(earlier.draws, session))
        recorded = earlier.drawn_this_year(session, p.plan)
    sealed = draw.commit(p.plan, p.sources, DRY_SECRET, DRY_ID)
    t = {n: tables.decode(sealed.files[n], c, file=n) for n, c in records.TABLE_COLUMNS.items() if n in sealed.files}
    strata = [dict(zip(t["strata.tsv"].names, row, strict=True)) for row in t["strata.tsv"].rows()]
    feasibility = teams.feasibility(p, t, p.plan.dry_runs if dry_runs is None else dry_runs)
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
    problems = [*pace(p.plan, t["strata.tsv"]), *teams.problems(feasibility)]
    warnings = [*p.warnings, *falling_ratios(p.plan), *(quotas(p.plan, recorded) if session else [])]
    warnings += [*several(p.plan, t["frame.tsv"]), *likely.unclear(feasibility["pairs"])]
    return Reply(data=data, text=_text(data), warnings=warnings, problems=problems, exit=1 if problems else 0)


def _as_form(source: Path, out: Path) -> Reply:
    """Write the plan as its Excel form; never over a file that is there."""
    document = read_document(source)
    try:
        plans.plan_record(with_list(source, document.fields), [], source.name)
    except PlanError as e:
        raise document.placed(e) from e
    if out.exists():
        raise PlanError("PLAN_FORM_EXISTS", "这个文件已经存在", hint="换一个名称", place=Place(file=out.name))
    write_file(out, form(document.fields))
    return Reply(data={"form": str(out)}, text=f"计划已写成表格: {out}（数据文件的路径相对于它所在的目录）")


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
    return "\n".join([*lines, *teams.text(d["feasibility"])])
