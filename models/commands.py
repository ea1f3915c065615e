"""``sampler train`` and ``sampler score``: thin wrappers around two pure functions of bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from models.problems import refuse
from sampler import canon
from sampler.errors import SamplerError

Data = dict[str, Any]
Warnings = list[dict[str, object]]
_FILE = click.Path(dir_okay=False, path_type=Path)


def run_train(
    history: bytes,
    *,
    asof: str,
    objects: bytes | None = None,
    classes: bytes | None = None,
    **choices: Any,
) -> tuple[bytes, Data, Warnings]:
    """Return the points table's bytes, the envelope's data and its warnings.

    Parameters
    ----------
    history, objects, classes
        Bytes of the files.
    asof
        First day that must not be known, ISO.
    choices
        Further fields of `models.options.Options`.
    """
    from models.objects import read_objects  # noqa: PLC0415  # heavy: only when the command runs
    from models.options import Options  # noqa: PLC0415
    from models.tablefile import write_table  # noqa: PLC0415
    from models.train import train as fit  # noqa: PLC0415

    options = Options(asof=asof, **choices)
    keep = tuple(a.partition(":")[0].strip() for a in options.attributes)
    trained = fit(history, options, _properties(read_objects, objects, classes, keep))
    table, raw = trained.table, write_table(trained.table)
    data: Data = {
        "asof": table.asof,
        "target": table.target,
        "weights": table.weights,
        "rows": table.rows,
        "positives": table.positives,
        "counts": trained.counts,
        "attributes": [a.name for a in table.attributes],
        "features": [f.name for f in table.features],
        "history_sha256": canon.sha256(history).hex(),
        "trained_on": table.trained_on,
        "model_sha256": canon.sha256(raw).hex(),
    }
    return raw, data, trained.warnings


def run_score(
    model: bytes, history: bytes, objects: bytes, *, asof: str, classes: bytes | None = None
) -> tuple[bytes, Data, Warnings]:
    """Return the bytes of scores.csv, the envelope's data and its warnings.

    Parameters
    ----------
    model, history, objects, classes
        Bytes of the files; every object of `objects` gets a score.
    asof
        First day that must not be known, ISO.
    """
    from models import history as visits  # noqa: PLC0415  # heavy: only when the command runs
    from models import score as scoring  # noqa: PLC0415
    from models.objects import read_objects  # noqa: PLC0415
    from models.tablefile import read_table  # noqa: PLC0415

    table = read_table(model)
    past = visits.read_history(history, scoring.options_of(table, asof))
    properties = read_objects(objects, classes, keep=tuple(a.name for a in table.attributes))
    scores = scoring.score_objects(table, past, properties.index.tolist(), properties, asof)
    raw = scoring.scores_csv(scores)
    ppm = sorted(p for _, p in scores)
    data: Data = {
        "asof": asof,
        "objects": len(ppm),
        "never_visited": len(set(properties.index) - set(past.ids)),
        "risk_ppm": {"min": ppm[0], "median": ppm[len(ppm) // 2], "max": ppm[-1]} if ppm else {},
        "counts": past.counts,
        "model_sha256": canon.sha256(model).hex(),
        "history_sha256": canon.sha256(history).hex(),
        "scores_sha256": canon.sha256(raw).hex(),
    }
    return raw, data, scoring.missing_attributes(table, properties, past)


def _properties(reader: Any, objects: bytes | None, classes: bytes | None, keep: tuple[str, ...]) -> Any:
    if objects is None and classes is not None:
        refuse("CLASSES_ALONE", "--classes needs --objects", hint="add --objects FILE", column="--classes")
    return reader(objects, classes, keep=keep) if objects is not None else None


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
    if as_json:
        body = {"schema": f"sampler/{command}/v1", "ok": True, "exit": 0, "data": data}
        click.echo(json.dumps({**body, "warnings": warnings, "errors": []}, ensure_ascii=False))
        return
    title = {"train": "模型已训练", "score": "评分已完成"}[command]
    shown = {k: v for k, v in data.items() if isinstance(v, int | str)}
    click.echo(f"{title}：" + "，".join(f"{k}={v}" for k, v in shown.items()))
    for w in warnings:
        click.echo(f"提示 {w['code']}：{w['message']}", err=True)


def _fail(command: str, error: SamplerError, *, as_json: bool) -> None:
    problems = [p.to_dict() for p in error.problems]
    if as_json:
        body = {"schema": f"sampler/{command}/v1", "ok": False, "exit": error.exit_code, "data": {}}
        click.echo(json.dumps({**body, "warnings": [], "errors": problems}, ensure_ascii=False))
    for p in problems if not as_json else ():
        click.echo(f"错误 {p['code']}：{p['message']}（{p['column']} {p['found']}）{p['hint']}", err=True)
    raise SystemExit(error.exit_code)


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
    """由检查历史训练整数评分表 (train the points table)."""
    try:
        files = {name: read(p, f"--{name}") for name, p in (("objects", objects), ("classes", classes)) if p}
        raw, data, warnings = run_train(read(history, "--history"), **files, **choices)
        out.write_bytes(raw)
    except SamplerError as e:
        _fail("train", e, as_json=as_json)
    emit("train", data, warnings, as_json=as_json)


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
    """给名录中每个主体评分 (score every object)."""
    try:
        files = [read(p, o) for p, o in ((model, "--model"), (history, "--history"), (objects, "--objects"))]
        extra = read(classes, "--classes") if classes else None
        raw, data, warnings = run_score(*files, asof=asof, classes=extra)
        out.write_bytes(raw)
    except SamplerError as e:
        _fail("score", e, as_json=as_json)
    emit("score", data, warnings, as_json=as_json)
