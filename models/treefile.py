"""The challenger as bytes: canonical JSON without floats, strictly parsed, nothing in it ever run."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from models.points import KNOWN, PointsTable
from models.tablefile import TEXTS, bad, fields, header_of, integer, listed, read_table, text, write_header
from models.tables import Table
from models.trees import LEAVES, MOST_CUTS, Tree, TreesTable
from sampler import canon

TYPE: Final = "trees-table"
SCHEMA: Final = "sampler/trees/v1"
_INTS: Final = ("rows", "positives", "near_days", "baseline")
_FIELDS: Final = frozenset(
    {*TEXTS, *_INTS, "type", "schema", "prior", "attributes", "measures", "names", "cuts", "trees"}
)
_ALL: Final = 2**LEAVES - 1
_MOST: Final = 2_000
_LARGEST: Final = 2**31 - 1


def write_trees(table: TreesTable) -> bytes:
    """Return the canonical bytes of a challenger."""
    record = write_header(table) | {"type": TYPE, "schema": SCHEMA, "baseline": table.baseline}
    record["names"], record["cuts"] = list(table.names), [list(c) for c in table.cuts]
    record["trees"] = [
        {"leaves": list(t.leaves), "masks": [{"feature": f, "bins": mask.hex()} for f, mask in t.masks]}
        for t in table.trees
    ]
    return canon.encode(record)


def read_model(data: bytes) -> Table:
    """Return the points table or the challenger in canonical bytes.

    Raises
    ------
    CanonError
        ``CANON_*`` if the bytes are not canonical JSON: a pickle, for example.
    InputError
        ``POINTS_*`` if a field is unknown, missing, of the wrong kind or contradicts another.
    """
    record = canon.decode(data)
    if not isinstance(record, dict) or record.get("type") != TYPE:
        return read_table(data)
    record = fields(record, _FIELDS, "trees table")
    if record["schema"] != SCHEMA:
        bad("schema", "not this version", record["schema"])
    names = tuple(text(n, "names") for n in listed(record["names"], "names"))
    cuts = tuple(_cuts(c) for c in listed(record["cuts"], "cuts"))
    if not names or len(names) != len(cuts) or len(set(names)) != len(names):
        bad("names", "none, or not one list of cuts each", len(cuts))
    trees = tuple(_tree(t, cuts) for t in listed(record["trees"], "trees"))
    if not 0 < len(trees) <= _MOST:
        bad("trees", "none or too many", len(trees))
    baseline = integer(record["baseline"], "baseline")
    return TreesTable(**header_of(record), names=names, cuts=cuts, baseline=baseline, trees=trees)


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
