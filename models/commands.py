"""``sampler train`` and ``sampler score``: thin wrappers around the pure functions of `models.run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from models.choices import FILE, history_options, options_of, read
from models.problems import refuse
from models.words import TITLES, chinese, line, summary
from sampler.errors import SamplerError

if TYPE_CHECKING:
    from collections.abc import Callable

Data = dict[str, Any]
Warnings = list[dict[str, object]]


def emit(command: str, data: Data, warnings: Warnings, *, as_json: bool, code: int = 0) -> None:
    """Print the envelope, or one line of summary in Chinese."""
    told = [chinese(w) for w in warnings]
    if as_json:
        body = {"schema": f"sampler/{command}/v1", "ok": code == 0, "exit": code, "data": data}
        click.echo(json.dumps({**body, "warnings": told, "errors": []}, ensure_ascii=False))
        return
    click.echo("\n".join([TITLES[command], *summary(data)]))
    for w in told:
        click.echo(line("警告", w), err=True)


def _fail(command: str, error: SamplerError, *, as_json: bool) -> NoReturn:
    problems = [chinese(p.to_dict()) for p in error.problems]
    if as_json:
        body = {"schema": f"sampler/{command}/v1", "ok": False, "exit": error.exit_code, "data": {}}
        click.echo(json.dumps({**body, "warnings": [], "errors": problems}, ensure_ascii=False))
    for p in problems if not as_json else ():
        click.echo(line("问题", p), err=True)
    raise SystemExit(error.exit_code)


def run(command: str, work: Callable[[], tuple[bytes, Data, Warnings]], out: Path, *, as_json: bool) -> None:
    """Do the work, write its bytes to `out` at once or not at all, and print what came of it."""

    def whole() -> tuple[Data, Warnings]:
        raw, data, warnings = work()
        write(out, raw)
        return data, warnings

    finish(command, whole, as_json=as_json)


def finish(command: str, work: Callable[[], tuple[Data, Warnings]], *, as_json: bool) -> None:
    """Do the work and print what came of it, or how it failed; ``data["exit"]`` 1 says "no"."""
    try:
        data, warnings = work()
    except SamplerError as e:
        _fail(command, e, as_json=as_json)
    code = int(data.pop("exit", 0))
    emit(command, data, warnings, as_json=as_json, code=code)
    if code:
        raise SystemExit(code)


def write(out: Path, raw: bytes, option: str = "--out") -> None:
    """Write a file beside its name, then move it there: a reader sees the old bytes or the new.

    Raises
    ------
    InputError
        ``FILE_WRITE`` if the disk refuses.
    """
    part = out.with_name(out.name + ".part")
    try:
        part.write_bytes(raw)
        part.replace(out)
    except OSError as e:
        message = f"the file cannot be written: {e.strerror}"
        refuse("FILE_WRITE", message, hint=f"choose another {option}", file=out.name, column=option)


@click.command()
@click.option("--history", required=True, type=FILE, help="检查历史（CSV、Parquet 或工作簿）")
@click.option("--objects", type=FILE, help="主体名录")
@click.option("--classes", type=FILE, help="信用风险分类")
@click.option("--asof", required=True, help="截止日（不含），如 2026-12-01")
@click.option("--learner", default="points", show_default=True, help="points 积分表，trees 单调提升树，blend 两者合用")
@history_options(near=0, missing="refuse")
@click.option("--out", required=True, type=FILE, help="评分表 points.json")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def train(
    history: Path, objects: Path | None, classes: Path | None, asof: str, out: Path, *, as_json: bool, **choices: Any
) -> None:
    """由检查历史训练整数评分表。文件为 CSV、Parquet 或工作簿。"""
    from models.run import run_train  # noqa: PLC0415  # heavy: only when the command runs

    def work() -> tuple[bytes, Data, Warnings]:
        learner = choices.pop("learner")
        options = options_of(asof, choices)
        known = {name: read(p, f"--{name}") for name, p in (("objects", objects), ("classes", classes)) if p}
        return run_train(read(history, "--history"), options, learner=learner, **known)

    run("train", work, out, as_json=as_json)


@click.command()
@click.option("--model", required=True, type=FILE, help="评分表 points.json")
@click.option("--history", required=True, type=FILE, help="检查历史")
@click.option("--objects", required=True, type=FILE, help="主体名录：每个主体都有评分")
@click.option("--classes", type=FILE, help="信用风险分类")
@click.option("--asof", required=True, help="截止日（不含）")
@click.option("--challenger", type=FILE, help="另一评分表：写出 challenger_ppm 一列，只用于 .parquet")
@click.option("--known", type=FILE, help="上次的评分记录：一切未变的沿用，其余重评；没有就新建，只用于 .parquet")
@click.option(
    "--out", required=True, type=FILE, help="评分文件 scores.csv；写作 .parquet 则分批读名录，写出带 risk_ppm 的名录"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def score(
    model: Path, history: Path, objects: Path, classes: Path | None, asof: str, challenger: Path | None,
    known: Path | None, out: Path, *, as_json: bool,
) -> None:  # fmt: skip
    """按评分表给名录中每个对象评分。文件为 CSV、Parquet 或工作簿；千万户以上的名录用 Parquet 分批评分。"""
    if out.suffix == ".parquet":
        if classes:
            raise click.UsageError("分批评分时，分类写在名录的 class 列，不用 --classes")
        _score_file(model, challenger, history, objects, asof, known, out, as_json=as_json)
        return
    if challenger or known:
        raise click.UsageError("--challenger、--known 与 --out *.parquet 一起使用")
    from models.run import run_score  # noqa: PLC0415  # heavy: only when the command runs

    def work() -> tuple[bytes, Data, Warnings]:
        files = [read(p, o) for p, o in ((model, "--model"), (history, "--history"), (objects, "--objects"))]
        return run_score(*files, asof=asof, classes=read(classes, "--classes") if classes else None)

    run("score", work, out, as_json=as_json)


def _score_file(
    model: Path, challenger: Path | None, history: Path, objects: Path, asof: str, known: Path | None, out: Path,
    *, as_json: bool,
) -> None:  # fmt: skip
    from models.scorefile import score_file  # noqa: PLC0415  # heavy: only when the command runs

    def work() -> tuple[Data, Warnings]:
        given = [(model, "--model"), *([(challenger, "--challenger")] if challenger else [])]
        tables = tuple(read(p, o) for p, o in given)
        return score_file(tables, read(history, "--history"), objects, out, asof=asof, known=known)

    finish("score", work, as_json=as_json)
