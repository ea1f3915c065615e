"""The challenger and the blend as bytes: canonical JSON without floats, strictly parsed, nothing in it ever run."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from models.blend import HALF, BlendTable
from models.points import KNOWN, MAX_TOTAL, PointsTable, reach
from models.tablefile import (
    TEXTS,
    bad,
    fields,
    header_of,
    integer,
    lines,
    listed,
    read_table,
    text,
    write_header,
    written,
)  # fmt: skip
from models.tables import Table
from models.trees import LEAVES, MILLI, MOST_CUTS, Tree, TreesTable
from sampler import canon

TYPE: Final = "trees-table"
SCHEMA: Final = "sampler/trees/v1"
BLEND: Final = "blend-table"
BLEND_SCHEMA: Final = "sampler/blend/v2"
FIRST_BLEND: Final = "sampler/blend/v1"
"""Blends without a share: half and half."""
_INTS: Final = ("rows", "positives", "near_days", "baseline")
_FIELDS: Final = frozenset(
    {*TEXTS, *_INTS, "type", "schema", "prior", "attributes", "measures", "names", "cuts", "trees"}
)
_LINES: Final = frozenset({"intercept", "features", "share"})
_ALL: Final = 2**LEAVES - 1
_MOST: Final = 2_000
_LARGEST: Final = 2**31 - 1


def write_trees(table: TreesTable) -> bytes:
    """Return the canonical bytes of a challenger or a blend."""
    record = write_header(table) | {"type": TYPE, "schema": SCHEMA, "baseline": table.baseline}
    if isinstance(table, BlendTable):
        record |= {"type": BLEND, "schema": BLEND_SCHEMA, "intercept": table.intercept, "share": table.share}
        record["features"] = written(table.features)
    record["names"], record["cuts"] = list(table.names), [list(c) for c in table.cuts]
    record["trees"] = [
        {"leaves": list(t.leaves), "masks": [{"feature": f, "bins": mask.hex()} for f, mask in t.masks]}
        for t in table.trees
    ]
    return canon.encode(record)


def read_model(data: bytes) -> Table:
    """Return the points table, the challenger or the blend in canonical bytes.

    Raises
    ------
    CanonError
        ``CANON_*`` if the bytes are not canonical JSON: a pickle, for example.
    InputError
        ``POINTS_*`` if a field is unknown, missing, of the wrong kind or contradicts another.
    """
    record = canon.decode(data)
    if not isinstance(record, dict) or record.get("type") not in {TYPE, BLEND}:
        return read_table(data)
    blended = record["type"] == BLEND
    if blended and record.get("schema") == FIRST_BLEND and "share" not in record:
        record |= {"schema": BLEND_SCHEMA, "share": HALF}
    record = fields(record, _FIELDS | _LINES if blended else _FIELDS, "trees table")
    if record["schema"] != (BLEND_SCHEMA if blended else SCHEMA):
        bad("schema", "not this version", record["schema"])
    header, found = header_of(record), _trees_of(record)
    return BlendTable(**header, **found, **_lines_of(record)) if blended else TreesTable(**header, **found)


def _lines_of(record: dict[str, Any]) -> dict[str, Any]:
    intercept, found = integer(record["intercept"], "intercept"), lines(record["features"])
    if not all(abs(total) <= MAX_TOTAL for total in reach(found, intercept)):
        bad("features", "more points than a table may have", intercept)
    share = integer(record["share"], "share")
    if not 0 <= share <= MILLI:
        bad("share", "not from 0 to 1,000 thousandths", share)
    return {"features": found, "intercept": intercept, "share": share}


def _trees_of(record: dict[str, Any]) -> dict[str, Any]:
    names = tuple(text(n, "names") for n in listed(record["names"], "names"))
    cuts = tuple(_cuts(c) for c in listed(record["cuts"], "cuts"))
    if not names or len(names) != len(cuts) or len(set(names)) != len(names):
        bad("names", "none, or not one list of cuts each", len(cuts))
    trees = tuple(_tree(t, cuts) for t in listed(record["trees"], "trees"))
    if not 0 < len(trees) <= _MOST:
        bad("trees", "none or too many", len(trees))
    return {"names": names, "cuts": cuts, "baseline": integer(record["baseline"], "baseline"), "trees": trees}


def write_model(table: Table) -> bytes:
    """Return the canonical bytes of either kind of model."""
    from models.tablefile import write_table  # noqa: PLC0415  # beside its only use

    return write_table(table) if isinstance(table, PointsTable) else write_trees(table)


def _cuts(value: Any) -> tuple[int, ...]:
    cuts = tuple(integer(c, "cuts") for c in listed(value, "cuts"))
    if cuts[:1] != (KNOWN,) or len(cuts) > MOST_CUTS or any(a >= b for a, b in pairwise(cuts)):
        bad("cuts", "not strictly increasing from the cut of the missing values", cuts[:4])
    return cuts


def _tree(value: Any, cuts: tuple[tuple[int, ...], ...]) -> Tree:
    tree = fields(value, frozenset({"leaves", "masks"}), "trees")
    leaves = tuple(integer(x, "leaves") for x in listed(tree["leaves"], "leaves"))
    if not 0 < len(leaves) <= LEAVES or any(abs(x) > _LARGEST for x in leaves):
        bad("leaves", "not one to eight numbers of 31 bits", len(leaves))
    masks = tuple(_mask(m, cuts) for m in listed(tree["masks"], "masks"))
    if [f for f, _ in masks] != sorted({f for f, _ in masks}):
        bad("masks", "features not in order", [f for f, _ in masks])
    return Tree(masks, leaves)


def _mask(value: Any, cuts: tuple[tuple[int, ...], ...]) -> tuple[int, bytes]:
    mask = fields(value, frozenset({"feature", "bins"}), "masks")
    feature = integer(mask["feature"], "feature")
    try:
        bins = bytes.fromhex(text(mask["bins"], "bins"))
    except ValueError:
        bins = b""
    if not 0 <= feature < len(cuts) or len(bins) != _ALL + 1:
        bad("masks", "no such feature, or not 256 bytes", feature)
    return feature, bins
