"""Champion against challenger: a new model takes over only on a bound stated beforehand, and leaves a record.

Both are compared on exactly the same test visits, from the predictions that ``evaluate`` wrote.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.bootstrap import Resampler, differences
from models.columns import MICRO
from models.measure import HEADER
from models.metrics import Ranking
from models.options import parse_day
from models.problems import refuse
from models.treefile import read_model
from sampler import canon

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPE: Final = "promotion"
SCHEMA: Final = "sampler/promotion/v1"


def compare(champion: bytes, challenger: bytes, models: tuple[bytes, bytes], *, bound_ppm: int, seed: int) -> bytes:
    """Return the canonical promotion record.

    Parameters
    ----------
    champion, challenger
        Bytes of their predictions.csv.
    models
        Bytes of the two models, champion first.
    bound_ppm
        The challenger takes over if the lower end of the 95 % interval of its AUC less the champion's is above
        this, in millionths; stated before looking.
    seed
        Of the bootstrap.

    Raises
    ------
    SamplerError
        ``PROMOTE_PREDICTIONS``, ``PROMOTE_ROWS``, or what reading a model refuses.
    """
    tables = [read_model(m) for m in models]
    one, two = (_predictions(raw, name) for raw, name in ((champion, "--champion"), (challenger, "--challenger")))
    if one["keys"] != two["keys"] or not np.array_equal(one["y"], two["y"]):
        hint = "evaluate both on the same history, period, folds and target"
        refuse("PROMOTE_ROWS", "the two predictions are not of the same visits", hint=hint, column="--challenger")
    if not 0 < one["y"].sum() < len(one["y"]):
        refuse("PROMOTE_ROWS", "all visits have the same outcome", hint="choose another period", column="--champion")
    rankings = {
        name: Ranking(p["risk"], p["y"], p["day"], p["fold"]) for name, p in (("challenger", two), ("champion", one))
    }
    ids: NDArray[np.object_] = np.array([k[0] for k in one["keys"]], dtype="object")
    found = differences(rankings, Resampler(ids, np.ones(len(ids)), seed), "challenger")["champion"]
    value, lo, hi = (int(np.floor(x * MICRO)) for x in (found.value, found.lo, found.hi))
    record = {
        "type": TYPE,
        "schema": SCHEMA,
        "metric": "auc",
        "rule": "lower end of the paired 95 % interval above bound_ppm",
        "bound_ppm": bound_ppm,
        "difference_ppm": {"value": value, "lo": lo, "hi": hi},
        "test_visits": len(ids),
        "objects": len(set(ids.tolist())),
        "seed": seed,
        "champion": _named(models[0], champion, tables[0].asof),
        "challenger": _named(models[1], challenger, tables[1].asof),
        "decision": "promote" if lo > bound_ppm else "keep",
    }
    return canon.encode(record)


def _named(model: bytes, predictions: bytes, asof: str) -> dict[str, str]:
    hashes = {"model_sha256": canon.sha256(model).hex(), "predictions_sha256": canon.sha256(predictions).hex()}
    return {**hashes, "asof": asof}


def _predictions(raw: bytes, option: str) -> dict[str, Any]:
    hint = "give predictions.csv exactly as evaluate wrote it"
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
        if tuple(rows[0]) != HEADER:
            raise ValueError(rows[0])  # noqa: TRY301  # one way out for every defect
        body = [(i, d, int(f), {"0": False, "1": True}[y], int(r)) for i, d, f, y, r in rows[1:]]
    except (UnicodeDecodeError, csv.Error, ValueError, KeyError, IndexError) as e:
        refuse("PROMOTE_PREDICTIONS", "not predictions of evaluate", hint=hint, found=str(e), column=option)
    body.sort()
    if not body or any(not 0 <= r <= MICRO for *_, r in body):
        refuse("PROMOTE_PREDICTIONS", "no visits, or a risk out of range", hint=hint, column=option)
    return {
        "keys": [(i, d, f) for i, d, f, _, _ in body],
        "day": np.array([parse_day(d) for _, d, *_ in body]),
        "fold": np.array([f for _, _, f, _, _ in body]),
        "y": np.array([y for *_, y, _ in body]),
        "risk": np.array([r for *_, r in body], dtype="int64"),
    }
