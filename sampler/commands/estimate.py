"""estimate: how many of all objects comply, from the draws and the results of their visits (docs/spec/estimate.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sampler.commands.shell import Reply, command
from sampler.errors import Place, Problem, StepError
from sampler.tables import is_id

if TYPE_CHECKING:
    from sampler.estimate import Drawn, Survey
    from sampler.estimate.match import Matched, Result

BY: Final = ("class", "type", "district", "industry", "stratum", "clause", "draw", "month")
"""`sampler.estimate.GROUPINGS`, written here so that --help does not load numpy; a test holds the two together."""


@command("estimate")
@click.argument("draws", nargs=-1, required=True, metavar="任务编号...")
@click.option(
    "--results", "files", multiple=True, type=click.Path(path_type=Path), metavar="文件",
    help="检查结果（表头同检查历史：统一社会信用代码、检查日期、检查结果 1–8、严重程度），可多次；证据包里已有的自动读入",
)  # fmt: skip
@click.option(
    "--outcome",
    default="compliant",
    metavar="口径",
    help="怎样算合格：compliant（结果 1、7；默认）、strict（无法联系也算不合格）、disclosure（只看公示信息）、contact（能联系上）、result=1,7、severity<2",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="[组=]比率",
    help="目标，如 98.5%；适用于总体和每一组；D=90% 只用于该组；可多次",
)
@click.option("--by", multiple=True, type=click.Choice(BY), help="分组；可多次")
def estimate(
    workspace: Path,
    draws: tuple[str, ...],
    files: tuple[Path, ...],
    outcome: str,
    targets: tuple[str, ...],
    by: tuple[str, ...],
) -> Reply:
    """由抽查结果推断合格率：区间、目标是否达到、还要查多少户。"""
    from sampler import estimate as e
    from sampler.commands import estimate_text
    from sampler.estimate.match import match
    from sampler.io import results

    means = e.parse_outcome(outcome)
    read: list[Drawn] = []
    rows: list[Result] = []
    for name in draws:
        bundle = results.open_bundle(_bundle(workspace, name), e.NEEDED)
        read.append(e.read(bundle))
        rows += results.from_bundle(bundle, read[-1].draw_id)
    for f in files:
        rows += results.from_file(f.name, (workspace / f).read_bytes())
    matched = match(read, rows, means)
    s = e.survey(read, matched.answers)
    groups = list(dict.fromkeys(by))
    found = e.estimate(s, groups, _targets(targets, groups, s))
    whole, *rest = (one.to_dict() for one in found)
    tested = sum(one.p_value is not None for one in found)
    data = {
        **whole, "groups": rest, "draws": list(draws), "outcome": means.name, "level": 0.95, "family": tested,
        "not_covered": sum(d.cooling for d in read), "results_used": matched.used,
    }  # fmt: skip
    text = estimate_text.report([d.draw_id for d in read], means, found, tested)
    missed = any(one.verdict == e.NOT_MET for one in found)
    return Reply(data=data, text=text, warnings=_warnings(read, matched), exit=1 if missed else 0)


def _bundle(workspace: Path, name: str) -> Path:
    """Return the bundle of a draw id, or the one at a path."""
    inside = workspace / "bundles" / name
    places = [inside] if is_id(name) and name.strip(".") else []
    found = next((p for p in (*places, workspace / name) if (p / "manifest.json").is_file()), None)
    if found is None:
        hint = "写任务编号（工作区 bundles/ 下要有它的证据包），或证据包目录"
        raise StepError("NOT_DRAWN", f"{name} 还没有证据包", hint=hint, found=name)
    return found


def _targets(texts: tuple[str, ...], by: list[str], s: Survey) -> dict[tuple[str, str], float]:
    """Return the target of the whole and of every group."""
    from sampler.estimate import parse_target

    keys = [(b, g) for b in by for g in sorted({g for g, _ in s.frame[b]})]
    out: dict[tuple[str, str], float] = {}
    for text in sorted(texts, key=lambda t: "=" in t):
        name, _, value = text.rpartition("=")
        label, _, group = name.rpartition(":")
        chosen = [k for k in keys if k[1] == group and label in ("", k[0])] if name else [("", ""), *keys]
        if not chosen:
            hint = f"先用 --by 分组；现有: {'、'.join(sorted({g for _, g in keys})) or '（没有分组）'}"
            raise StepError("TARGET_GROUP", f"没有这一组: {name}", hint=hint, found=text)
        out |= dict.fromkeys(chosen, parse_target(value))
    return out


def _warnings(draws: list[Drawn], m: Matched) -> list[Problem]:
    """Return what the reader has to know about the numbers."""
    cooling = sum(d.cooling for d in draws)
    silent = [d.draw_id for d in draws if not m.answers[d.draw_id]]
    said = (
        ("ESTIMATE_COOLING", cooling, "户正在轮休，以往各月未抽中者的概率没有记录，推断只代表本月可抽的对象", "保存每月的 history.tsv 后可推断到全部名录"),
        ("RESULTS_NOT_DRAWN", m.not_drawn, "行结果的对象不在抽中之列（备选或另行检查），不参与推断", "核对代码和任务编号"),
        ("RESULTS_EARLY", m.early, "行结果早于检查期的第一天，没有使用", "核对检查日期"),
        ("RESULTS_UNPLACED", m.unplaced, "行结果没有写任务编号，又对不上唯一的任务，没有使用", "补写任务编号"),
    )  # fmt: skip
    out = [Problem(code=c, message=f"{n} {message}", hint=hint) for c, n, message, hint in said if n]
    return out + [
        Problem(
            code="RESULTS_NONE", message=f"{i} 一条结果也没有", hint="用 --results 给出检查结果", place=Place(file=i)
        )
        for i in silent
    ]
