"""Scores: one risk in ppm for every object of the frame, also those never visited, as the bytes of scores.csv."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from models import attributes, features
from models.history import NONE, History, read_history
from models.options import Options, parse_day
from models.problems import refuse, warning
from models.tables import Table, names, risks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from models.points import Described

HEADER: Final = "object_id,risk_ppm"
_ID: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")


def options_of(table: Described, asof: str) -> Options:
    """Return how a history must be read so that it means the same as at training.

    Raises
    ------
    InputError
        ``SCORE_ASOF`` if the table was trained on records from after `asof`.
    """
    if parse_day(asof) < parse_day(table.asof):
        message = f"the table was trained on records up to {table.asof}, after the day to be scored"
        refuse("SCORE_ASOF", message, hint="train with an --asof no later than this", found=asof, column="--asof")
    return Options(
        asof=asof,
        target=table.target,
        id_col=table.id_col,
        date_col=table.date_col,
        severity_col=table.severity,
        score_direction=table.score_direction,
        weight_col=NONE,
        measures=table.measures or (NONE,),
        near_days=table.near_days,
        missing=table.missing,
    )


def score_objects(
    table: Table,
    history: bytes | pd.DataFrame | History,
    object_ids: Sequence[str],
    objects: pd.DataFrame | None,
    asof: str,
) -> list[tuple[str, int]]:
    """Return (object, risk in ppm) for every object, in order of identifier bytes.

    Parameters
    ----------
    table
        The model.
    history
        CSV or Parquet bytes, a frame, or visits read with `options_of`.
    object_ids
        The frame.
    objects
        Properties by object (index: identifier), or none: then those of the last visit.
    asof
        First day that must not be known, ISO.

    Raises
    ------
    InputError
        What `read_history` refuses; ``SCORE_ASOF``, ``SCORE_ID``, ``SCORE_FEATURES``.
    """
    options = options_of(table, asof)
    visits = history if isinstance(history, History) else read_history(history, options)
    ids = _checked(object_ids)
    if not ids:
        return []
    named = np.array(ids, dtype="object")
    found = risks_of(table, visits, named, values_of(table, visits, named, objects), objects, options.asof_day)
    return list(zip(ids, found.tolist(), strict=True))


Values = dict[str, "NDArray[np.generic]"]


def values_of(table: Table, visits: History, ids: NDArray[np.object_], objects: pd.DataFrame | None) -> Values:
    """Return the attributes of objects now."""
    return {a.name: attributes.at_objects(visits, objects, ids, a) for a in table.attributes}


def risks_of(
    table: Table, visits: History, ids: NDArray[np.object_], values: Values, objects: pd.DataFrame | None, day: int
) -> NDArray[np.int64]:
    """Return the risk of objects with these attributes on a day, given the properties of the visited `objects`."""
    days = np.full(len(ids), day, dtype="int64")
    return risks(table, describe(table, visits, features.Queries(ids, days, values), objects))


def describe(
    table: Table, visits: History, queries: features.Queries, objects: pd.DataFrame | None
) -> dict[str, NDArray[np.int64]]:
    """Return the integer features of `queries` that the table asks for.

    Raises
    ------
    InputError
        ``SCORE_FEATURES`` if the table names a feature that its own attributes do not give.
    """
    seen = {a.name: attributes.at_visits(visits, objects, a) for a in table.attributes}
    columns = features.build(visits, seen, queries, table.attributes, table.prior)
    unknown = [name for name in names(table) if name not in columns]
    if unknown:
        hint = "use the points table exactly as train wrote it"
        refuse("SCORE_FEATURES", "the table uses a feature nobody computes", hint=hint, found=unknown[0])
    return columns


def _checked(object_ids: Iterable[str]) -> list[str]:
    ids = sorted(object_ids, key=str.encode)
    bad = next((i for i in ids if not _ID.fullmatch(i)), None)
    hint = "identifiers hold 1 to 64 letters, digits, dots, hyphens and underscores"
    if bad is not None:
        refuse("SCORE_ID", "not an identifier", hint=hint, found=bad or "(empty)")
    twice = next((a for a, b in pairwise(ids) if a == b), None)
    if twice is not None:
        refuse("SCORE_DUPLICATE", "the object stands twice", hint="keep one row", found=twice)
    return ids


def scores_csv(scores: Iterable[tuple[str, int]]) -> bytes:
    r"""Return the bytes of scores.csv (records.md, 2): LF, rows by identifier bytes, integers only.

    >>> scores_csv([("b", 5), ("a", 1_000_000)])
    b'object_id,risk_ppm\na,1000000\nb,5\n'
    """
    rows = sorted(scores, key=lambda row: row[0].encode())
    return "".join(line + "\n" for line in (HEADER, *(f"{i},{ppm}" for i, ppm in rows))).encode()


def missing_attributes(table: Described, objects: pd.DataFrame, visits: History) -> list[dict[str, object]]:
    """Return a warning for each attribute of the table that neither the objects nor the history have."""
    have = {*objects.columns, *visits.raw.columns}
    message = "the table uses an attribute that no file has: every object counts as unknown"
    return [
        warning("SCORE_ATTRIBUTE", message, hint="supply --objects or --classes with it", column=a.name)
        for a in table.attributes
        if a.name not in have
    ]
