"""``train`` and ``score`` as pure functions from bytes to bytes: what the commands, the demo and notebooks call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import score as scoring
from models.history import notes, read_history
from models.learners import FITS
from models.objects import read_objects
from models.problems import refuse
from models.tables import names
from models.train import prepare
from models.treefile import read_model, write_model
from sampler import canon

if TYPE_CHECKING:
    import pandas as pd

    from models.options import Options


Data = dict[str, Any]
Warnings = list[dict[str, object]]


def run_train(
    history: bytes,
    options: Options,
    *,
    learner: str = "points",
    objects: bytes | None = None,
    classes: bytes | None = None,
) -> tuple[bytes, Data, Warnings]:
    """Return the points table's bytes, the envelope's data and its warnings.

    Parameters
    ----------
    history, objects, classes
        Bytes of the files.
    options
        The analyst's choices.
    learner
        ``points``, ``trees`` or ``blend``.

    Raises
    ------
    InputError
        What reading and training refuse; ``CLASSES_ALONE``.
    """
    if learner not in FITS:
        hint = f"write one of {', '.join(FITS)}"
        refuse("EVALUATE_LEARNER", "unknown kind of model", hint=hint, found=learner, column="--learner")
    visits = read_history(history, options)
    material = prepare(visits, options, _properties(objects, classes, options))
    table = FITS[learner](material)
    raw = write_model(table)
    data: Data = {
        "asof": table.asof,
        "target": table.target,
        "weights": table.weights,
        "rows": table.rows,
        "positives": table.positives,
        "counts": {**visits.counts, **material.weighted.counts},
        "attributes": [a.name for a in table.attributes],
        "features": list(names(table)),
        "history_sha256": canon.sha256(history).hex(),
        "trained_on": table.trained_on,
        "model_sha256": canon.sha256(raw).hex(),
    }
    return raw, data, notes(visits) + material.warnings


def _properties(objects: bytes | None, classes: bytes | None, options: Options) -> pd.DataFrame | None:
    if objects is None:
        if classes is not None:
            refuse("CLASSES_ALONE", "--classes needs --objects", hint="add --objects FILE", column="--classes")
        return None
    keep = tuple(a.partition(":")[0].strip() for a in options.attributes)
    return read_objects(objects, classes, keep=keep)


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

    Raises
    ------
    SamplerError
        What reading the table, the history and the objects refuses.
    """
    table = read_model(model)
    visits = read_history(history, scoring.options_of(table, asof))
    properties = read_objects(objects, classes, keep=tuple(a.name for a in table.attributes))
    scores = scoring.score_objects(table, visits, properties.index.tolist(), properties, asof)
    raw = scoring.scores_csv(scores)
    data: Data = {
        "asof": asof,
        "objects": len(scores),
        "never_visited": len(set(properties.index) - set(visits.ids)),
        "risk_ppm": _spread(scores),
        "counts": visits.counts,
        "model_sha256": canon.sha256(model).hex(),
        "history_sha256": canon.sha256(history).hex(),
        "scores_sha256": canon.sha256(raw).hex(),
    }
    return raw, data, notes(visits) + scoring.missing_attributes(table, properties, visits)


def _spread(scores: list[tuple[str, int]]) -> dict[str, int]:
    ppm = sorted(p for _, p in scores)
    return {"min": ppm[0], "median": ppm[len(ppm) // 2], "max": ppm[-1]} if ppm else {}
