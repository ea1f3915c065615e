"""``sampler card``, ``promote`` and ``simulate``: thin wrappers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from models.choices import FILE, history_options, options_of, read
from models.commands import Data, Warnings, finish, write
from models.problems import refuse
from sampler import canon


@click.command()
@click.option("--model", required=True, type=FILE, help="模型 points.json")
@click.option("--evaluation", required=True, type=FILE, help="检验结果：report.json 或 evaluate --json 的输出")
@click.option("--out", required=True, type=FILE, help="写出模型卡 card.md")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def card(model: Path, evaluation: Path, out: Path, *, as_json: bool) -> None:
    """写模型卡：用途、数据、检验、公平、局限、批准栏。"""

    def work() -> tuple[Data, Warnings]:
        from models.card import card as text  # noqa: PLC0415  # heavy: only when the command runs

        raw = read(model, "--model")
        written = text(raw, _evaluation(read(evaluation, "--evaluation"))).encode()
        write(out, written)
        return {"model_sha256": canon.sha256(raw).hex(), "card_sha256": canon.sha256(written).hex()}, []

    finish("card", work, as_json=as_json)


def _evaluation(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        hint = "give report.json as evaluate --report wrote it, or the output of evaluate --json"
        refuse("CARD_EVALUATION", "not the data of an evaluation", hint=hint, column="--evaluation")
    inner = found.get("data", found)
    return inner if isinstance(inner, dict) else found


@click.command()
@click.option("--champion", required=True, type=FILE, help="现用模型的 predictions.csv")
@click.option("--challenger", required=True, type=FILE, help="挑战模型的 predictions.csv")
@click.option("--champion-model", required=True, type=FILE, help="现用模型")
@click.option("--challenger-model", required=True, type=FILE, help="挑战模型")
@click.option("--bound", type=float, default=0.0, show_default=True, help="事先说定：AUC 差的区间下限须高于此数")
@click.option("--seed", type=int, default=0, show_default=True, help="区间重抽的起点")
@click.option("--out", required=True, type=FILE, help="写出更替记录 promotion.json")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def promote(out: Path, bound: float, seed: int, *, as_json: bool, **files: Path) -> None:
    """现用模型与挑战模型在同一批检查上配对比较；下限过线才更替，记录供入日志。不更替时退出码 1。"""

    def work() -> tuple[Data, Warnings]:
        from models.promote import compare  # noqa: PLC0415  # heavy: only when the command runs

        if not -1 < bound < 1:
            refuse("PROMOTE_BOUND", "not a difference of AUC", hint="write --bound between -1 and 1", found=str(bound))
        raw = {name: read(path, "--" + name.replace("_", "-")) for name, path in files.items()}
        models = (raw["champion_model"], raw["challenger_model"])
        record = compare(raw["champion"], raw["challenger"], models, bound_ppm=round(bound * 10**6), seed=seed)
        write(out, record)
        data: Data = json.loads(record)
        return {**data, "record_sha256": canon.sha256(record).hex(), "exit": int(data["decision"] != "promote")}, []

    finish("promote", work, as_json=as_json)


@click.command()
@click.option("--history", required=True, type=FILE, help="真实检查历史")
@history_options(near=14, missing="drop")
@click.option("--asof", default="", help="截止日（不含）")
@click.option("--months", type=click.IntRange(2, 60), default=24, show_default=True, help="模拟多少个月")
@click.option("--replicates", type=click.IntRange(2, 1000), default=100, show_default=True, help="重复次数")
@click.option("--share", type=click.FloatRange(0.001, 0.5), default=0.04, show_default=True, help="每月抽取的份额")
@click.option("--cool-down", type=click.IntRange(0, 11), default=3, show_default=True, help="抽过后几个月不再抽")
@click.option("--floor", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="保底份额 f")
@click.option("--gamma", type=click.IntRange(0, 3), default=2, show_default=True, help="倾斜 gamma")
@click.option("--seed", type=int, default=0, show_default=True, help="随机起点")
@click.option("--out", required=True, type=FILE, help="写出各策略的结果 JSON")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def simulate(history: Path, asof: str, out: Path, *, as_json: bool, **given: Any) -> None:
    """在真实历史上模拟抽查与再训练的循环：随机、贪心、贪心加随机、本系统，配对重复。"""

    def work() -> tuple[Data, Warnings]:
        from models import simulate as loop  # noqa: PLC0415
        from models.history import notes, read_history  # noqa: PLC0415  # heavy: only when the command runs
        from models.measure import FAR  # noqa: PLC0415

        options = options_of(asof or FAR, given)
        visits = read_history(read(history, "--history"), options)
        found = loop.simulate(visits, loop.Design(**given))
        write(out, json.dumps(found, indent=1, sort_keys=True).encode() + b"\n")
        return found, notes(visits)

    finish("simulate", work, as_json=as_json)
