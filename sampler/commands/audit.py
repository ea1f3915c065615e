"""audit: run a draw procedure many times and say what it can and cannot draw (docs/spec/audit.md)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sampler.commands.shell import Reply, command
from sampler.errors import Place, StepError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.audit import Line, Subject

PROCEDURES: Final = ("ours", "ours-teams", "skip-draw", "round-robin", "six-digits", "weighted-choice")
"""`sampler.audit.BUILT_IN`, written here so that --help does not load numpy; a test holds the two together."""
OUTSIDE: Final = 1000
"""Runs of somebody else's program, a process each."""
MOST: Final = 50_000
"""No more runs than this are added to judge rare objects."""
SEED_BITS: Final = 63


@command("audit")
@click.argument("procedure", required=False, type=click.Choice(PROCEDURES))
@click.option("--draw", "draw_id", metavar="任务编号", help="审计某个已封存任务的摇号：用它的名录和概率")
@click.option(
    "--command",
    "words",
    metavar="命令",
    help="别人的程序，例如 'prog {seed} {frame} {n}'：每个种子运行一次，每行输出一户",
)
@click.option(
    "--frame",
    type=click.Path(path_type=Path),
    metavar="文件",
    help="--command 的名录（人员用 --teams）：首行表头，第一列为代码",
)
@click.option("--n", type=click.IntRange(min=1), help="--command 每次抽几户（或组几组）")
@click.option("--teams", type=click.IntRange(min=2), metavar="人数", help="--command 每行输出一个小组，各有几人")
@click.option(
    "--claimed",
    type=click.Path(path_type=Path),
    metavar="文件",
    help="声称的概率：首行表头，其后 代码,概率；默认人人相等",
)
@click.option("--seed-digits", type=click.IntRange(1, 18), metavar="位数", help="程序只接受这么多位的种子")
@click.option(
    "--runs",
    type=click.IntRange(min=10),
    metavar="次数",
    help="运行几次；默认自带的 6000 次、别人的 1000 次，概率小的自动增加",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="秒",
    help="--command 每次最多几秒",
)
@click.option(
    "--label", default="audit", show_default=True, metavar="文字", help="种子由它推出：同样的文字得到同样的报告"
)
def audit(
    workspace: Path, *, procedure: str | None, draw_id: str | None, words: str | None, frame: Path | None, n: int | None,
    teams: int | None, claimed: Path | None, seed_digits: int | None, runs: int | None, timeout: float, label: str,
) -> Reply:  # fmt: skip
    """审计任何摇号程序：谁永远抽不中、概率是否如声称、换个顺序结果变不变。"""
    from sampler import audit as a
    from sampler.commands import audit_text

    if sum(x is not None for x in (procedure, draw_id, words)) != 1:
        raise click.UsageError("写一个程序名，或 --draw 任务编号，或 --command 命令，三者取一")
    with tempfile.TemporaryDirectory() as scratch:
        if words is not None:
            subject = _program(workspace, words, frame, n, teams or 1, claimed, timeout, Path(scratch))
        elif draw_id is not None:
            subject = _sealed(workspace, draw_id)
        else:
            subject = a.BUILT_IN[procedure or ""]()
        below = 10**seed_digits if seed_digits else 2**SEED_BITS
        count = runs or min(max(subject.usual_runs, a.runs_for_reach(subject)), MOST)
        found = a.examine(
            subject, a.tally(subject, a.seeds(label, count, below)), seed_space=below if seed_digits else None
        )
    flagged = [f.check for f in found if f.status == a.FLAGGED]
    data: dict[str, Any] = {
        "procedure": subject.name, "ids": len(subject.ids), "n": subject.lines, "runs": count, "label": label,
        "flagged": flagged, "checks": [{"check": f.check, "status": f.status, **f.facts} for f in found],
    }  # fmt: skip
    return Reply(data=data, text=audit_text.report(subject, count, found), exit=1 if flagged else 0)


def _program(
    workspace: Path, words: str, frame: Path | None, n: int | None, team: int, claimed: Path | None, timeout: float, scratch: Path
) -> Subject:  # fmt: skip
    """Return somebody else's program as a subject."""
    from sampler.audit import Subject
    from sampler.io import outside

    if frame is None or n is None:
        raise click.UsageError("--command 还要 --frame 名录文件 和 --n 户数")
    listed = outside.read_frame(frame.name, (workspace / frame).read_bytes())
    ids = tuple(listed.lines)
    program = outside.Program(words=outside.split(words), frame=listed, folder=scratch, n=n, seconds=timeout)
    if team > 1:
        return Subject(
            name=words,
            ids=ids,
            lines=n,
            claimed=(),
            team=team,
            run=program.run,
            ordered=program.ordered,
            usual_runs=OUTSIDE,
        )
    if n > len(ids):
        raise StepError("AUDIT_CLAIMED", f"名录只有 {len(ids)} 户，抽不出 {n} 户", hint="核对 --n")
    if claimed is None:
        chances: Sequence[float] = (n / len(ids),) * len(ids)
    else:
        chances = outside.read_claims(claimed.name, (workspace / claimed).read_bytes(), ids)
    if abs(sum(chances) - n) > 1e-6 * len(ids):
        hint = "各户概率之和应等于 --n"
        raise StepError("AUDIT_CLAIMED", f"声称的概率合计 {sum(chances):.6f}，每次却抽 {n} 户", hint=hint)

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        return [line[:1] for line in program.run(seed, order)]

    return Subject(
        name=words,
        ids=ids,
        lines=n,
        claimed=tuple(chances),
        team=1,
        run=run,
        ordered=program.ordered,
        usual_runs=OUTSIDE,
    )


def _sealed(workspace: Path, draw_id: str) -> Subject:
    """Return the object draw of a sealed task as a subject, with its sealed probabilities as the claim."""
    from sampler import audit as a
    from sampler import records, tables
    from sampler.io.store import Workspace
    from sampler.plan import Plan

    w, base = Workspace(workspace), f"draws/{draw_id}"
    if not tables.is_id(draw_id) or not w.exists(f"{base}/frame.tsv"):
        hint = "先运行 sampler seal，或核对任务编号和工作区（-C）"
        raise StepError("NOT_SEALED", f"{draw_id} 还没有封存", hint=hint, place=Place(file=base))
    framed, strata, levels = (
        tables.decode(w.read(f"{base}/{f}"), records.TABLE_COLUMNS[f], file=f) for f in ("frame.tsv", "strata.tsv", "levels.tsv")
    )  # fmt: skip
    return a.sealed(draw_id, Plan.parse(w.read(f"{base}/plan.json"), "plan.json"), framed, strata, levels)
