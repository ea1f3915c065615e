"""``sampler train`` and ``sampler score``: thin wrappers around the pure functions of `models.run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from models.problems import refuse
from models.words import FIELDS, TITLES, chinese, line
from sampler.errors import SamplerError

if TYPE_CHECKING:
    from collections.abc import Callable

Data = dict[str, Any]
Warnings = list[dict[str, object]]
_FILE = click.Path(dir_okay=False, path_type=Path)


def read(path: Path, option: str) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        ``FILE_MISSING`` if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as e:
        message = f"the file cannot be read: {e.strerror}"
        refuse("FILE_MISSING", message, hint=f"check {option}", file=path.name, column=option)


def emit(command: str, data: Data, warnings: Warnings, *, as_json: bool) -> None:
    """Print the envelope, or one line of summary in Chinese."""
    told = [chinese(w) for w in warnings]
    if as_json:
        body = {"schema": f"sampler/{command}/v1", "ok": True, "exit": 0, "data": data}
        click.echo(json.dumps({**body, "warnings": told, "errors": []}, ensure_ascii=False))
        return
    shown = {FIELDS.get(k, k): v for k, v in data.items() if isinstance(v, int | str)}
    click.echo(TITLES[command] + "".join(f"\n  {k}: {v}" for k, v in shown.items()))
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
    try:
        raw, data, warnings = work()
        write(out, raw)
    except SamplerError as e:
        _fail(command, e, as_json=as_json)
    else:
        emit(command, data, warnings, as_json=as_json)


def write(out: Path, raw: bytes) -> None:
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
        refuse("FILE_WRITE", message, hint="choose another --out", file=out.name, column="--out")


def _names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


@click.command()
@click.option("--history", required=True, type=_FILE, help="检查历史（CSV 或 Parquet）")
@click.option("--objects", type=_FILE, help="主体名录")
@click.option("--classes", type=_FILE, help="信用风险分类")
@click.option("--asof", required=True, help="截止日（不含），如 2026-12-01")
@click.option("--target", default="", help="何为不合格，缺省 severity>=2")
@click.option("--id-col", default="", help="主体标识列，缺省 object_id 或 establishment_id")
@click.option("--date-col", default="date", show_default=True, help="检查日期列")
@click.option("--severity-col", default="", help="严重程度列，或 4*a+2*b+c")
@click.option("--score-direction", default="", help="得分 lower 或 higher 为差")
@click.option("--attributes", default="", callback=_names, help="检查前已知的属性，逗号分隔，可加 :text :number :date")
@click.option("--exclude", default="", callback=_names, help="不使用的属性")
@click.option("--inspector-col", default="", help="检查人员列（绝不用于评分）")
@click.option("--weight-col", default="", help="权重列，缺省 W；none 为不加权")
@click.option("--out", required=True, type=_FILE, help="评分表 points.json")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def train(
    history: Path, objects: Path | None, classes: Path | None, out: Path, *, as_json: bool, **choices: Any
) -> None:
    """由检查历史训练整数评分表。文件为 CSV 或 Parquet；工作簿先用 sampler check --csv 转换。"""
    from models.options import Options  # noqa: PLC0415  # heavy: only when the command runs
    from models.run import run_train  # noqa: PLC0415

    def work() -> tuple[bytes, Data, Warnings]:
        options = Options(**choices)
        known = {name: read(p, f"--{name}") for name, p in (("objects", objects), ("classes", classes)) if p}
        return run_train(read(history, "--history"), options, **known)

    run("train", work, out, as_json=as_json)


@click.command()
@click.option("--model", required=True, type=_FILE, help="评分表 points.json")
@click.option("--history", required=True, type=_FILE, help="检查历史")
@click.option("--objects", required=True, type=_FILE, help="主体名录：每个主体都有评分")
@click.option("--classes", type=_FILE, help="信用风险分类")
@click.option("--asof", required=True, help="截止日（不含）")
@click.option("--out", required=True, type=_FILE, help="评分文件 scores.csv")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def score(
    model: Path, history: Path, objects: Path, classes: Path | None, asof: str, out: Path, *, as_json: bool
) -> None:
    """按评分表给名录中每个对象评分。文件为 CSV 或 Parquet；工作簿先用 sampler check --csv 转换。"""
    from models.run import run_score  # noqa: PLC0415  # heavy: only when the command runs

    def work() -> tuple[bytes, Data, Warnings]:
        files = [read(p, o) for p, o in ((model, "--model"), (history, "--history"), (objects, "--objects"))]
        return run_score(*files, asof=asof, classes=read(classes, "--classes") if classes else None)

    run("score", work, out, as_json=as_json)
