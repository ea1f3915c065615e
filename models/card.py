"""The model card: what the model is for, what it learned from, what it cannot do, and who approved it."""

from __future__ import annotations

from typing import Any, Final

from models.blend import BlendTable
from models.history import NONE
from models.points import PointsTable
from models.problems import refuse
from models.tables import names
from models.treefile import read_model
from models.trees import TreesTable
from models.words import HEURISTICS, METRICS, spread
from sampler import canon

_LIMITS: Final = """- 分数只在抽取对象时使用：决定概率，不决定处罚，也不替代检查结论。
- 历史只含被查过的户；从未检查的户按其属性估计，最不可靠。
- 历史只有几百次检查时，排序接近按以往平均严重程度排，不要指望更好。
- 没有权重的历史是挑着查的，模型学到的是“被挑中者”的规律。
- 谁去检查不是特征；但各人宽严不同仍混在历史结果里。
- 地点（区划、邮编）的不合格率只用于从未查过的户；仍会使同一片街区的新户多被抽，看报告“各组并排”，不需要时用 --exclude 去掉。"""

_KINDS: Final = (
    (PointsTable, "积分表（逐项相加，可用笔复算）"),
    (BlendTable, "积分表与单调提升树合用（整数表，可复算）"),
    (TreesTable, "单调提升树（整数表，可复算）"),
)


def card(model: bytes, evaluation: dict[str, Any]) -> str:
    """Return the card in Markdown.

    Parameters
    ----------
    model
        Bytes of the model.
    evaluation
        The data of ``evaluate --json``, or the report's JSON twin.

    Raises
    ------
    SamplerError
        What reading the model refuses; ``CARD_EVALUATION`` if the data are not those of an evaluation.
    """
    table = read_model(model)
    missing = [k for k in ("metrics", "heuristics", "paired_auc", "model_sha256", "test_from") if k not in evaluation]
    if missing:
        hint = "give report.json as evaluate --report wrote it, or the output of evaluate --json"
        refuse("CARD_EVALUATION", "not the data of an evaluation", hint=hint, found=missing[0], column="--evaluation")
    sha = canon.sha256(model).hex()
    kind = next(words for known, words in _KINDS if isinstance(table, known))
    same = "检验的就是这个模型" if sha == evaluation["model_sha256"] else "检验的是同一做法在更早数据上训练的模型"
    lines = [
        "# 模型卡", "", "## 用途", "", "给抽查名录中的每个对象一个不合格风险（百万分之几），封存后用于按风险加权的随机抽取。", "",
        "## 模型", "", f"- 种类：{kind}", f"- SHA-256：`{sha}`", f"- 不合格指：`{table.target}`；严重程度：`{table.severity}`",
        f"- 截止日（不含）：{table.asof}", f"- 训练：{table.rows:,} 次检查，其中不合格 {table.positives:,}；权重：{'无，各按 1 计' if table.weights == NONE else table.weights}",
        f"- 训练数据 SHA-256：`{table.trained_on}`", f"- 特征：{'、'.join(names(table))}", "",
        "## 检验", "", f"- {same}；检验期 {evaluation['test_from']} 至 {evaluation['test_to']}，{evaluation['n_test']:,} 次检查，不合格 {100 * evaluation['base_rate']:.1f} %",
        *(f"- {METRICS[k]}：{spread(v)}" for k, v in evaluation["metrics"].items()),
        *(f"- AUC 高出“{HEURISTICS[k]}”：{spread(v)}" for k, v in evaluation["paired_auc"].items()), "",
        "## 公平", "", *_fairness(evaluation), "", "## 局限", "", _LIMITS, "",
        "## 批准", "", "| 训练人 | 复核人 | 批准人 | 日期 |", "|---|---|---|---|", "| | | | |",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _fairness(evaluation: dict[str, Any]) -> list[str]:
    rows = evaluation.get("parity", [])
    if not rows:
        return ["- 未计算；用 sampler evaluate --report 得到各组并排的表。"]
    worst = max(rows, key=lambda r: abs(r["calibration"]))
    most, least = (f(rows, key=lambda r: r["selected"]) for f in (max, min))
    return [
        f"- 校准差最大的组：{worst['attribute']} = {_cell(worst['group'])}，平均风险减实际 {worst['calibration']:+.3f}（{worst['visits']} 次检查）",
        f"- 入选前 20 % 份额最高：{most['attribute']} = {_cell(most['group'])}，{most['selected']:.2f}；最低：{least['attribute']} = {_cell(least['group'])}，{least['selected']:.2f}",
    ]  # fmt: skip


def _cell(text: object) -> str:
    """Return hostile text so that Markdown shows it as it is."""
    return "`" + str(text).replace("`", "'").replace("\n", " ") + "`"
