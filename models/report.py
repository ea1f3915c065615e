"""The report of an evaluation: one offline HTML page, for whoever must decide, beside its JSON twin."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import plots
from models.columns import MICRO
from models.evaluate import MODEL
from models.fairness import LEAST
from models.metrics import BINS
from models.words import AGAINST, HEURISTICS, LEARNERS, METRICS, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.evaluate import Evaluation
    from models.metrics import Ranking

_STYLE: Final = """body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0}td,th{border-bottom:1px solid #ccc;padding:.25em .7em;text-align:right}
td:first-child,th:first-child{text-align:left;white-space:nowrap}.facts td:last-child,.facts th:last-child{text-align:left}
.two td{white-space:pre;padding:.25em .45em}.two th:not(:first-child){min-width:4.5em}.wide td:nth-child(2),.wide th:nth-child(2){text-align:left}
.figures{display:grid;grid-template-columns:1fr 1fr;gap:1em}svg{max-width:100%;height:auto}svg text{font-size:12px;fill:#222}figure{margin:0}
figcaption{font-weight:bold}code{font-size:.85em;word-break:break-all}@media print{figure{break-inside:avoid}}"""
_HEAD: Final = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width"><title>风险模型检验报告</title>'
)
_STEPS: Final = 60


def page(data: dict[str, Any], found: Evaluation) -> bytes:
    """Return the page; `data` is what ``--json`` prints, with parity, drift and importance."""
    parts = [
        _HEAD, f"<style>{_STYLE}</style></head><body><h1>风险模型检验报告</h1>", _verdict(data), _facts(data),
        "<h2>指标（95 % 区间：整户重抽）</h2>", _metrics(data), _figures(data, found),
        "<h2>各组并排</h2><p>“入选”为该组检查中排在前 20 % 的份额，“找到”为该组不合格者中排在前 20 % 的份额；校准差为平均风险减不合格率，单位百分点。</p>",
        _table(["属性", "组", "检查", "不合格率", "平均风险", "校准差", "入选", "找到"], (
            [r["attribute"], r["group"] or "（空）", f"{r['visits']:,}", _share(r["rate"]), _share(r["risk"]),
             f"{100 * r['calibration']:+.1f}", _share(r["selected"]), _share(r["found"])]
            for r in data["parity"]), "wide"),
        "<h2>特征漂移（PSI）</h2><p>小于 0.1 稳定，大于 0.25 有变。只看不会自行增长的特征。</p>",
        _table(["特征", "PSI", "对照"], ([r["feature"], f"{r['psi']:.3f}", AGAINST.get(r["against"], r["against"])] for r in data["drift"])),
        _inspectors(data.get("consistency")), _folds(data), "</body></html>\n",
    ]  # fmt: skip
    return "".join(parts).encode()


def _verdict(data: dict[str, Any]) -> str:
    beaten = [HEURISTICS[n] for n, d in data["paired_auc"].items() if (d["lo"] or 0) > 0]
    rest = [HEURISTICS[n] for n, d in data["paired_auc"].items() if not (d["lo"] or 0) > 0]
    text = f"在同一批检查上，模型的 AUC 有把握（95 % 区间下限大于 0）高于：{'、'.join(beaten) or '无'}。"
    text += f"不能断定高于：{'、'.join(rest)}。" if rest else ""
    return f"<p><strong>{escape(text)}</strong></p>"


def _facts(data: dict[str, Any]) -> str:
    rows = [
        ("不合格指", data["target"]), ("检验期", f"{data['test_from']} 至 {data['test_to']}，{len(data['folds'])} 折"),
        ("读入、使用行", f"{data['rows_in']:,}、{data['rows_used']:,}"),
        ("检验的检查", f"{data['n_test']:,}，不合格 {100 * data['base_rate']:.1f} %"),
        ("模型", f"{LEARNERS[data['learner']]}，最后一折由 {data['n_train']:,} 次检查训练"),
        ("特征", "、".join(data["features"])), ("模型 SHA-256", data["model_sha256"]), ("历史 SHA-256", data["history_sha256"]),
    ]  # fmt: skip
    return _table(["项目", "内容"], rows, "facts")


def _metrics(data: dict[str, Any]) -> str:
    sets = {"本模型": data["metrics"], **{HEURISTICS[n]: m for n, m in data["heuristics"].items()}}
    rows = ([name, *(_short(m[k], 1 if k == "days_earlier" else 3) for k in METRICS)] for name, m in sets.items())
    return _table(["排法", *METRICS.values()], rows, "two")


def _short(e: dict[str, float | None], digits: int) -> str:
    if e["value"] is None or e["lo"] is None or e["hi"] is None:
        return "—"
    return f"{e['value']:.{digits}f}\n{e['lo']:.{digits}f}–{e['hi']:.{digits}f}"


def _figures(data: dict[str, Any], found: Evaluation) -> str:
    model = found.rankings[MODEL]
    gains = [(_name(n), _gain(r)) for n, r in found.rankings.items()]
    reliable = _reliability(model)
    top = max([0.1, *(v for point in reliable for v in point)]) * 1.05
    paired = [
        (HEURISTICS[n], d["value"], d["lo"], d["hi"]) for n, d in data["paired_auc"].items() if d["lo"] is not None
    ]
    weights = [(r["feature"], r["auc_lost"], r["auc_lost"], r["auc_lost"]) for r in data["importance"][:12]]
    figures = [
        ("查到的不合格份额，按风险从高到低", plots.lines(gains, x="检查的份额", y="找到的份额", top=(1.0, 1.0), diagonal=True)),
        ("校准：预测与实际", plots.lines([("十等分", reliable)], x="平均预测风险", y="实际不合格率", top=(top, top), diagonal=True)),
        ("AUC 高出各排法（配对区间）", plots.whiskers(paired)),
        ("打乱一个特征损失的 AUC", plots.whiskers(weights)),
    ]  # fmt: skip
    shown = (f"<figure><figcaption>{escape(t)}</figcaption>{svg}</figure>" for t, svg in figures)
    return f'<div class="figures">{"".join(shown)}</div>'


def _name(ranking: str) -> str:
    return "本模型" if ranking == MODEL else HEURISTICS[ranking]


def _gain(ranking: Ranking) -> list[tuple[float, float]]:
    hits = np.cumsum(ranking.failed[ranking.order]) / max(1, int(ranking.failed.sum()))
    at = np.linspace(0, len(hits), _STEPS + 1).astype("int64")
    return [(0.0, 0.0), *((float(k) / len(hits), float(hits[k - 1])) for k in at[1:])]


def _reliability(ranking: Ranking) -> list[tuple[float, float]]:
    parts = np.array_split(np.argsort(ranking.risk, kind="stable"), BINS)
    return [(float(ranking.risk[p].mean()) / MICRO, float(ranking.failed[p].mean())) for p in parts if len(p)]


def _inspectors(found: dict[str, Any] | None) -> str:
    if not found:
        return ""
    fair = (
        "人员由摇号派出，差异可归于人；摇号只在本辖区、本资格内进行的，只与同辖区、同资格的人比。"
        if found["assignment"] == "drawn"
        else "人员不是摇号派出的：差异也可能来自被查的户，不能据此评人。"
    )
    rows = [
        [
            r["inspector"],
            f"{r['visits']:,}",
            _share(r["rate"]),
            _share(r["expected"]),
            spread(r["difference"]),
            "是" if r["bonferroni"] else "否",
        ]
        for r in found["inspectors"]
    ]
    head = ["检查人员", "检查", "不合格率", "模型预期", "宽严（差减各人中位数）", "多重比较后仍显著"]
    body = _table(head, rows) if rows else f"<p>检验期内没有一人满 {LEAST} 次检查，不作比较。</p>"
    return f"<h2>检查人员宽严</h2><p>{fair}检查人员从不用于评分。</p>{body}"


def _folds(data: dict[str, Any]) -> str:
    rows = (
        [f["fold"], f["from"], f["to"], f["known_to"], f["n_train"], f["n_test"], f["model_sha256"][:16]]
        for f in data["folds"]
    )
    return "<h2>各折</h2>" + _table(["折", "自", "至", "已知至", "训练", "检验", "模型 SHA-256"], rows)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.1f} %"


def _table(head: Sequence[object], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    def line(cells: Sequence[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(c))}</{tag}>" for c in cells) + "</tr>"

    return f'<table class="{kind}"><thead>{line(head, "th")}</thead><tbody>{"".join(line(r, "td") for r in rows)}</tbody></table>'
