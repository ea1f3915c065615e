"""What this package reports in English, said to an office in Chinese: by code, with what to do."""

from __future__ import annotations

from typing import Any, Final

_AS_CSV: Final = (
    "先运行 sampler check 文件 --csv 目录，写出标准 CSV 再用；或在 Excel、WPS 中“另存为”选“CSV UTF-8（逗号分隔）”"
)
_CHECK: Final = "先运行 sampler check 检查文件并更正该行"
_FLAT: Final = (
    "历史不足时不必训练：在 templates/风险评分.xlsx 填分（没有依据就全部写同一个数），"
    "再用 sampler check --csv . templates/风险评分.xlsx 转成 scores.csv"
)
_AGAIN: Final = "原样使用 sampler train 写出的文件，或重新训练"
_TARGET: Final = "例如 --target 'severity>=2' 或 --target 'result==5'"
_SEVERE: Final = (
    "填 0 至 1,000,000 的数，越大越重；满分超过 100 的得分用 --severity-col 另写式子；空行补上或用 --missing drop"
)
WORDS: Final = {
    "ATTRIBUTE_DESIGN": ("抽查的概率和权重不是对象的属性", "从 --attributes 中去掉它"),
    "ATTRIBUTE_INSPECTOR": ("谁去检查不能用来给对象评分", "从 --attributes 中去掉它"),
    "ATTRIBUTE_KEY": ("编号和日期不是属性", "从 --attributes 中去掉它"),
    "ATTRIBUTE_KIND": ("看不懂属性的种类", "在名称后写 :text、:number 或 :date"),
    "ATTRIBUTE_LEAK": ("这个属性把合格与不合格完全分开，应是检查之后才知道的", "从 --attributes 中去掉它"),
    "ATTRIBUTE_MISSING": ("没有这个属性", "核对 --attributes 与文件的表头"),
    "ATTRIBUTE_OUTCOME": ("这是同一次检查的结果；以往检查已经用到", "从 --attributes 中去掉它"),
    "ATTRIBUTE_SNAPSHOT": ("信用分类是现在的，不是检查当时的", "--exclude class 可不用它"),
    "CARD_EVALUATION": ("这不是检验的结果", "用 evaluate --report 写出的 report.json"),
    "CLASSES_ALONE": ("只给了 --classes，没有 --objects", "加上 --objects 文件"),
    "CONSISTENCY_COLUMN": ("历史里没有检查人员一列", "用 --inspector-col 指明"),
    "DATE_SYNTAX": ("日期写法不对", "写成 2026-12-01"),
    "EVALUATE_EMPTY": ("有的折没有检查", "改 --folds 或检验期"),
    "EVALUATE_FOLDS": ("折数不对", "写不大于检验期天数的正数"),
    "EVALUATE_LEARNER": ("没有这种模型", "写 points、trees 或 blend"),
    "EVALUATE_PERIOD": ("检验期不在历史之内", "改 --test-from、--test-to 或 --gap-days"),
    "EVALUATE_ROWS": ("检验期内可比较的检查太少", "改检验期或 --target"),
    "EVALUATE_SEEN": ("模型见过检验期的检查", "把 --test-from 改到模型截止日之后"),
    "FILE_CSV": ("CSV 文件读不出", _AS_CSV),
    "FILE_EMPTY": ("文件是空的", "第一行写表头，其下逐行填写"),
    "FILE_ENCODING": ("文件编码既不是 UTF-8 也不是 GB18030", _AS_CSV),
    "FILE_HEADING": ("表头有两列同名", "改掉其中一个"),
    "FILE_KIND": ("工作簿读不出", _AS_CSV),
    "FILE_MISSING": ("读不到文件", "核对文件名和所在目录（相对于 -C 的目录）"),
    "FILE_PARQUET": ("Parquet 文件读不出", _AS_CSV),
    "FILE_RAGGED": ("这一行的格数与表头不同", _AS_CSV),
    "FILE_WRITE": ("文件写不出", "换一个 --out，或检查权限和磁盘空间"),
    "HISTORY_COLUMN": ("检查历史缺少这一列", "用 --id-col、--date-col、--severity-col 指明列名，或先运行 sampler check 文件 --csv 目录 统一表头"),
    "HISTORY_DATE": ("检查日期不是 2026-12-01 的写法", _CHECK),
    "HISTORY_FUTURE": ("截止日当天及以后的检查没有使用", "若要使用，改 --asof"),
    "HISTORY_ID": ("这一行没有对象代码", _CHECK),
    "HISTORY_MERGED": ("同一对象同一天的多次检查并为最差的一次", "核对是否重复录入"),
    "HISTORY_PI": ("入样概率不对", "填大于 0、不大于 1 的数；不是抽中的检查留空"),
    "HISTORY_REPEATED": ("几天之内结果相同的重复记录没有使用", "若确是两次检查，用 --near-days 0"),
    "HISTORY_SEVERITY": ("严重程度不对", _SEVERE),
    "HISTORY_TARGET": ("这一行看不出是否不合格", "补上该列，或改 --target"),
    "HISTORY_UNKNOWN": ("没有结果的检查没有使用", "补上结果，或保留 --missing drop"),
    "HISTORY_WEIGHT": ("权重不对", "填非负数，或用 --weight-col none 不加权"),
    "OBJECTS_COLUMN": ("名录或分类缺少这一列，或两列意思相同", "先运行 sampler check 文件 --csv 目录 统一表头"),
    "OBJECTS_DUPLICATE": ("同一对象出现两次", "核实后只留一行"),
    "OBJECTS_ID": ("对象代码写法不对", _CHECK),
    "OPTION_DIRECTION": ("--score-direction 不对，或与 --target 矛盾", "写 lower（低分差）或 higher（高分差）"),
    "OPTION_MISSING": ("--missing 不对", "写 refuse（拒绝）或 drop（去掉并计数）"),
    "OPTION_NEAR": ("--near-days 不对", "写 0 至 60 的天数"),
    "POINTS_FIELD": ("评分表的字段不对", _AGAIN),
    "POINTS_SCHEMA": ("不是本版本的评分表", _AGAIN),
    "PROMOTE_BOUND": ("--bound 不对", "写 -1 与 1 之间的 AUC 差"),
    "PROMOTE_PREDICTIONS": ("这不是 evaluate 写出的 predictions.csv", "原样使用 evaluate 写出的文件"),
    "PROMOTE_ROWS": ("两个模型检验的不是同一批检查", "用同一历史、同一检验期、同一 --target 重做 evaluate"),
    "SCORE_ASOF": ("评分的截止日早于训练的截止日", "用不早于训练的 --asof，或以更早的 --asof 重新训练"),
    "SCORE_ATTRIBUTE": ("评分表用到的属性没有提供，按缺失计", "用 --objects 或 --classes 提供该列"),
    "SCORE_DUPLICATE": ("同一对象出现两次", "核实后只留一行"),
    "SCORE_FEATURES": ("评分表用到不认识的特征", _AGAIN),
    "SCORE_ID": ("对象代码写法不对", _CHECK),
    "SCORE_KNOWN": ("--known 指的不是评分记录", "写 score 以前写出的评分记录，或一个还没有的文件名"),
    "SEVERITY_SYNTAX": ("看不懂 --severity-col", "写列名，或 4*a+2*b+c 的样子"),
    "SIMULATE_SMALL": ("历史太少，不能模拟", "要有至少 100 户、每户三次以上的检查"),
    "TARGET_MISSING": ("没有说明怎样算不合格", _TARGET),
    "TARGET_ORDER": ("文字不能比大小", "用 == 或 !="),
    "TARGET_SYNTAX": ("看不懂 --target", _TARGET),
    "TRAIN_ONE_CLASS": ("全部合格或全部不合格，学不出差别", f"换一个 --target；{_FLAT}"),
    "TRAIN_ROWS": ("可用于训练的检查太少", f"补充历史；没有权重的检查要训练时加 --weight-col none。{_FLAT}"),
    "TRAIN_UNWEIGHTED": ("检查都没有权重，各按 1 计", "由本系统抽中的检查可写权重列 W"),
}  # fmt: skip
"""Code to what happened and what to do."""
TITLES: Final = {
    "train": "模型已训练", "score": "评分已完成", "evaluate": "检验已完成", "promote": "比较已完成", "card": "模型卡已写出",
    "simulate": "模拟已完成",
}  # fmt: skip
FIELDS: Final = {
    "asof": "截止日", "target": "不合格指", "weights": "权重", "rows": "检查", "positives": "其中不合格",
    "objects": "对象", "never_visited": "从未检查过", "combinations": "其中不同属性组合", "model_sha256": "评分表 SHA-256",
    "history_sha256": "历史 SHA-256",
    "rows_in": "读入行", "rows_used": "使用行", "n_train": "最后一折训练", "n_test": "检验行", "base_rate": "不合格率",
    "test_from": "检验期自", "test_to": "检验期至", "learner": "模型种类", "decision": "结论", "rule": "规则",
    "trained_on": "训练数据 SHA-256", "scores_sha256": "评分文件 SHA-256", "replicates": "整户重抽次数", "seed": "种子",
}  # fmt: skip
"""Fields of the envelope's data to what an office calls them."""


LEARNERS: Final = {
    "points": "积分表",
    "trees": "单调提升树",
    "blend": "积分表与单调提升树合用",
    "committed": "已定的模型",
}
METRICS: Final = {
    "auc": "AUC", "ap": "平均查准率", "precision_at_5": "前 5 % 查准率", "precision_at_10": "前 10 % 查准率",
    "precision_at_20": "前 20 % 查准率", "brier": "Brier", "ece": "校准误差（去偏）", "days_earlier": "提前天数",
}  # fmt: skip
AGAINST: Final = {"year before": "去年同期", "all training visits": "全部训练检查"}
HEURISTICS: Final = {
    "past_rate": "以往不合格率", "mean_severity": "以往平均严重程度", "days_since_failure": "距上次不合格",
    "longest_gap": "最久未查", "random": "随机",
}  # fmt: skip


def summary(data: dict[str, Any]) -> list[str]:
    """Return the lines a person reads: plain fields, metrics with intervals, gains over the heuristics."""
    named = data | {"learner": LEARNERS.get(data["learner"], data["learner"])} if "learner" in data else data
    lines = [f"  {FIELDS.get(k, k)}: {v}" for k, v in named.items() if isinstance(v, int | float | str)]
    lines += [f"  {METRICS.get(k, k)}: {spread(e)}" for k, e in data.get("metrics", {}).items()]
    return lines + [f"  AUC 高出“{HEURISTICS.get(k, k)}”: {spread(e)}" for k, e in data.get("paired_auc", {}).items()]


def spread(e: dict[str, float | None]) -> str:
    """Return a value with its interval, or a dash."""
    if e["value"] is None or e["lo"] is None or e["hi"] is None:
        return "—"
    return f"{e['value']:.4f}（95 % 区间 {e['lo']:.4f} 至 {e['hi']:.4f}）"


def chinese(found: dict[str, Any]) -> dict[str, Any]:
    """Return one entry of the envelope's errors or warnings with a Chinese sentence in front and a Chinese hint."""
    message, hint = WORDS.get(str(found["code"]), ("", ""))
    if not message:
        return found
    return {**found, "message": f"{message}（{found['message']}）", "hint": hint}


def line(kind: str, p: dict[str, Any]) -> str:
    """Return an error or a warning for a person: where, what, what to do."""
    row = f"第 {p['row']} 行" if p["row"] else ""
    place = " ".join(str(w) for w in (p["file"], row, p["column"]) if w)
    found = f"（发现：{p['found']}）" if p["found"] else ""
    hint = f"\n  怎么办: {p['hint']}" if p["hint"] else ""
    return f"{kind} {p['code']}: {place + ': ' if place else ''}{p['message']}{found}{hint}"
