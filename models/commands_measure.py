"""``sampler evaluate``: a thin wrapper around `models.measure`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.choices import FILE, history_options, options_of, read
from models.commands import Data, Warnings, finish, write

if TYPE_CHECKING:
    from models.measure import Measured


@click.command()
@click.option("--history", required=True, type=FILE, help="检查历史（CSV、Parquet 或工作簿）")
@click.option("--objects", type=FILE, help="主体名录")
@click.option("--classes", type=FILE, help="信用风险分类")
@click.option("--model", type=FILE, help="只量这个已定的模型，不训练")
@click.option("--learner", default="blend", show_default=True, help="points 积分表，trees 单调提升树，blend 两者合用")
@history_options(near=14, missing="drop")
@click.option("--asof", default="", help="截止日（不含），缺省为 --test-to 次日")
@click.option("--test-from", default="", help="检验期首日，缺省为最后一年")
@click.option("--test-to", default="", help="检验期末日，缺省为最后一天")
@click.option("--gap-days", type=int, default=0, show_default=True, help="每折之前多少天的结果尚不可知")
@click.option("--folds", type=int, default=0, help="检验期分几折，缺省每折约一个月")
@click.option("--seed", type=int, default=0, show_default=True, help="区间重抽的起点")
@click.option("--predictions", type=FILE, help="写出 predictions.csv")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="写出报告的目录")
@click.option("--consistency", is_flag=True, help="比较检查人员的宽严（不用于评分）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def evaluate(**given: Any) -> None:
    """在时间上靠后的检查上检验模型：只用当时已知的，与五种简单排法比较，给出区间。"""

    def work() -> tuple[Data, Warnings]:
        found = _measured(given)
        extra = _extra(found, given)
        if given["predictions"]:
            write(given["predictions"], found.predictions, "--predictions")
        if given["report"]:
            _report(given["report"], found, extra)
        return {**found.data, **extra}, found.warnings

    finish("evaluate", work, as_json=given["as_json"])


def _measured(given: dict[str, Any]) -> Measured:
    from models.folds import Split  # noqa: PLC0415  # heavy: only when the command runs
    from models.measure import asof_of, run_evaluate  # noqa: PLC0415

    options = options_of(asof_of(given["asof"], given["test_to"]), given)
    split = Split(
        test_from=given["test_from"], test_to=given["test_to"], folds=given["folds"], gap_days=given["gap_days"]
    )
    files = {name: read(given[name], f"--{name}") for name in ("objects", "classes", "model") if given[name]}
    history = read(given["history"], "--history")
    return run_evaluate(history, options, split, learner=given["learner"], seed=given["seed"], **files)


def _extra(found: Measured, given: dict[str, Any]) -> Data:
    from models.fairness import consistency, parity  # noqa: PLC0415
    from models.stability import drift, importance  # noqa: PLC0415

    extra: Data = {
        "parity": parity(found.evaluation),
        "drift": drift(found.evaluation),
        "importance": importance(found.evaluation, given["seed"]),
    }
    if given["consistency"]:
        extra["consistency"] = consistency(found.evaluation)
    return extra


def _report(folder: Path, found: Measured, extra: Data) -> None:
    from models.card import card  # noqa: PLC0415
    from models.report import page  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    data = {**found.data, **extra}
    twin = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    files = {
        "report.html": page(data, found.evaluation),
        "report.json": twin,
        "model.json": found.model,
        "card.md": card(found.model, data).encode(),
        "predictions.csv": found.predictions,
    }
    for name, raw in files.items():
        write(folder / name, raw, "--report")
