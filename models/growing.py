"""Visits to trees: scikit-learn's monotone gradient boosting, translated into integer tables.

Values are numbered by quantiles of our own before the library sees them. Left to itself it places its bin edges
otherwise from version to version, and the trees with them; given at most `BINS` whole numbers a feature, two sets of
libraries grow the same trees (ADR 0025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from models.columns import MICRO, MISSING
from models.features import direction
from models.points import KNOWN
from models.trees import LEAVES, Tree, TreesTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.train import Material

    Ints = NDArray[np.int64]

SETTINGS: Final = {
    "learning_rate": 0.04,
    "max_iter": 120,
    "max_leaf_nodes": LEAVES,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "max_features": 0.4,
    "early_stopping": False,
    "random_state": 1,
}
"""Chosen on folds before any test period (docs/benchmarks/model.md)."""
BINS: Final = 64
"""Numbers a feature's known values may take: as good as the library's 255 on those folds, and fast."""
BEYOND: Final = 10**15
"""Above every value of a feature."""


def trees_table(material: Material) -> TreesTable:
    """Return the challenger that fits the material: rising in every past severity and rate."""
    names = tuple(material.columns)
    edges = [bin_edges(values) for values in material.columns.values()]
    design = numbered(edges, list(material.columns.values()))
    weight = material.weighted.weight
    model = HistGradientBoostingClassifier(**SETTINGS, monotonic_cst=[direction(n) for n in names])
    with threadpool_limits(limits=1):
        model.fit(design, material.failed, sample_weight=weight / (weight.sum() / len(weight)))
    nodes = [stage[0].nodes for stage in model._predictors]  # noqa: SLF001  # there is no public way to the nodes
    asked = _cuts(nodes, edges)
    return TreesTable(
        **material.header,
        names=names,
        cuts=tuple(tuple(sorted(c)) for c in asked),
        baseline=round(float(model._baseline_prediction.ravel()[0]) * MICRO),  # noqa: SLF001
        trees=tuple(_tree(n, edges, [sorted(c) for c in asked]) for n in nodes),
    )


def bin_edges(values: Ints) -> tuple[int, ...]:
    """Return the cuts between the numbers of a feature: the missing values, then its quantiles."""
    known = np.sort(values[values != MISSING])
    marks = np.unique(known[[i * len(known) // BINS for i in range(1, BINS)]] if len(known) else known)
    return (KNOWN, *(int(m) for m in marks if m > known[0]))


def numbered(edges: list[tuple[int, ...]], columns: list[Ints]) -> NDArray[np.float64]:
    """Return the number of cuts not above each value, one column a feature; NaN for the missing values."""
    bins = [np.searchsorted(np.array(e), v, side="right") for e, v in zip(edges, columns, strict=True)]
    design = np.column_stack(bins).astype("float64")
    design[design == 0] = np.nan
    return design


def _cut(threshold: float, edges: tuple[int, ...]) -> int:
    """Return the smallest value to the right of a split: left is ``number <= threshold``.

    An infinite threshold only parts the known values from the missing ones.
    """
    return edges[int(np.floor(threshold))] if np.isfinite(threshold) else BEYOND


def _cuts(nodes: list[Any], edges: list[tuple[int, ...]]) -> list[set[int]]:
    """Return for each feature the values at which some tree splits, after the one that tells the missing values."""
    out: list[set[int]] = [{KNOWN} for _ in edges]
    for node in (n for tree in nodes for n in tree if not n["is_leaf"]):
        feature = int(node["feature_idx"])
        out[feature].add(_cut(float(node["num_threshold"]), edges[feature]))
    return out


def _tree(nodes: Any, edges: list[tuple[int, ...]], cuts: list[list[int]]) -> Tree:
    leaves: list[int] = []
    spans = _spans(nodes, 0, leaves)
    everything = 2**LEAVES - 1
    masks: dict[int, list[int]] = {}
    for at, (first, last) in spans.items():
        node = nodes[at]
        feature = int(node["feature_idx"])
        bins = masks.setdefault(feature, [everything] * 256)
        edge = cuts[feature].index(_cut(float(node["num_threshold"]), edges[feature]))
        middle = _middle(nodes, spans, at)
        gone_left, gone_right = _bits(first, middle), _bits(middle, last)
        for b in range(256):
            left = b <= edge if b else bool(node["missing_go_to_left"])
            bins[b] &= everything & ~(gone_right if left else gone_left)
    return Tree(tuple((f, bytes(masks[f])) for f in sorted(masks)), tuple(leaves))


def _bits(first: int, last: int) -> int:
    return sum(1 << k for k in range(first, last))


def _middle(nodes: Any, spans: dict[int, tuple[int, int]], at: int) -> int:
    """Return the first leaf to the right of a split."""
    left = int(nodes[at]["left"])
    return spans[left][1] if left in spans else spans[at][0] + 1


def _spans(nodes: Any, at: int, leaves: list[int]) -> dict[int, tuple[int, int]]:
    """Give the leaves numbers from left to right and return the range of each split."""
    if nodes[at]["is_leaf"]:
        leaves.append(round(float(nodes[at]["value"]) * MICRO))
        return {}
    first = len(leaves)
    out = _spans(nodes, int(nodes[at]["left"]), leaves) | _spans(nodes, int(nodes[at]["right"]), leaves)
    return {**out, at: (first, len(leaves))}
