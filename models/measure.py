"""``evaluate`` as pure functions from bytes to bytes: what the command, benchmarks and notebooks call."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.evaluate import MODEL, Evaluation, envelope, evaluate
from models.folds import Split, iso
from models.history import read_history
from models.learners import LEARNERS, committed
from models.objects import read_objects
from models.options import Options, parse_day
from models.problems import refuse
from models.treefile import read_model, write_model
from sampler import canon

if TYPE_CHECKING:
    from collections.abc import Iterator

FAR: str = "9999-12-31"
HEADER = ("object_id", "date", "fold", "y", "risk_ppm")


@dataclass(frozen=True, slots=True)
class Measured:
    """What ``evaluate`` found.

    Parameters
    ----------
    data
        The envelope's data.
    warnings
        Its warnings.
    predictions
        Bytes of predictions.csv.
    model
        Bytes of the last fold's model: the one `data` names by hash.
    evaluation
        Everything behind the numbers.
    """

    data: dict[str, Any]
    warnings: list[dict[str, object]]
    predictions: bytes
    model: bytes
    evaluation: Evaluation


def asof_of(asof: str, test_to: str) -> str:
    """Return the first day that is not read: --asof, else the day after --test-to, else none."""
    if asof or not test_to:
        return asof or FAR
    return iso(parse_day(test_to, option="--test-to") + 1)


def run_evaluate(
    history: bytes,
    options: Options,
    split: Split,
    *,
    learner: str = "points",
    model: bytes | None = None,
    objects: bytes | None = None,
    classes: bytes | None = None,
    seed: int = 0,
) -> Measured:
    """Return the measurement of a learner, or of a committed model, on a history.

    Parameters
    ----------
    history, model, objects, classes
        Bytes of the files; with `model` nothing is trained.
    options, split, seed
        As for `models.evaluate.evaluate`.
    learner
        ``points``, ``trees`` or ``blend``.

    Raises
    ------
    SamplerError
        What reading, training and evaluating refuse.
    """
    if learner not in LEARNERS:
        hint = f"write one of {', '.join(LEARNERS)}"
        refuse("EVALUATE_LEARNER", "unknown kind of model", hint=hint, found=learner, column="--learner")
    keep = tuple(a.partition(":")[0].strip() for a in options.attributes)
    properties = read_objects(objects, classes, keep=keep) if objects is not None else None
    how = committed(read_model(model)) if model is not None else LEARNERS[learner]
    found = evaluate(read_history(history, options), options, split, how, objects=properties, seed=seed)
    raw = write_model(found.tested[-1].learnt.table)
    data = envelope(found, canon.sha256(raw).hex())
    data["learner"] = learner if model is None else "committed"
    data["folds"] = [
        {
            "fold": t.fold.number,
            "from": iso(t.fold.start),
            "to": iso(t.fold.end - 1),
            "known_to": iso(t.fold.known - 1),
            "n_train": t.learnt.rows,
            "n_test": len(t.rows),
            "model_sha256": canon.sha256(write_model(t.learnt.table)).hex(),
        }
        for t in found.tested
    ]
    data["replicates"], data["seed"] = found.resampler.replicates, seed
    data["history_sha256"] = canon.sha256(history).hex()
    return Measured(data, found.warnings, predictions_csv(found), raw, found)


def predictions_csv(found: Evaluation) -> bytes:
    """Return the bytes of predictions.csv: every test visit, by fold, object and day."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(found))
    return out.getvalue().encode()


def _rows(found: Evaluation) -> Iterator[tuple[str, str, int, int, int]]:
    test, ranking = found.test, found.rankings[MODEL]
    fold, risk = ranking.fold.tolist(), ranking.risk.tolist()
    for i, d, k, y, r in zip(test.ids.tolist(), test.day.tolist(), fold, test.failed.tolist(), risk, strict=True):
        yield i, iso(d), k, int(y), r
