"""The points table as bytes: canonical JSON without floats, strictly parsed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from models import grammar
from models.attributes import KINDS, Attribute
from models.columns import MICRO
from models.history import NONE
from models.options import MOST_NEAR, parse_day
from models.points import KNOWN, MAX_TOTAL, Described, Feature, PointsTable, reach
from models.prior import STRONGEST, WEAKEST, Prior
from models.problems import refuse
from sampler import canon
from sampler.errors import SamplerError

TYPE: Final = "points-table"
SCHEMA: Final = "sampler/points/v1"
_HINT: Final = "use the file exactly as train wrote it, or train again"
TEXTS: Final = (
    "target", "severity", "score_direction", "asof", "id_col", "date_col", "trained_on", "weights", "missing"
)  # fmt: skip
INTS: Final = ("rows", "positives", "near_days")
_FIELDS: Final = frozenset(
    {*TEXTS, *INTS, "intercept", "type", "schema", "prior", "attributes", "measures", "features", "map"}
)
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def write_table(table: PointsTable) -> bytes:
    """Return the canonical bytes of a table."""
    record = write_header(table) | {"type": TYPE, "schema": SCHEMA, "intercept": table.intercept}
    record["features"] = written(table.features)
    record["map"] = [list(pair) for pair in table.map]
    return canon.encode(record)


def written(features: tuple[Feature, ...]) -> list[dict[str, Any]]:
    """Return the lines of a points table as they stand in a file."""
    return [{"name": f.name, "cuts": list(f.cuts), "points": list(f.points)} for f in features]


def write_header(table: Described) -> dict[str, Any]:
    """Return what every kind of table says about itself."""
    record: dict[str, Any] = {name: getattr(table, name) for name in (*TEXTS, *INTS)}
    groups = [{"name": name, "strength": k} for name, k in sorted(table.prior.groups.items())]
    record["prior"] = {"severity": table.prior.severity, "rate": table.prior.rate, "groups": groups}
    record["measures"] = list(table.measures)
    record["attributes"] = [{"name": a.name, "kind": a.kind} for a in table.attributes]
    return record


def header_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of `Described` in a record, checked."""
    plain: dict[str, Any] = {name: text(record[name], name) for name in TEXTS}
    plain |= {name: integer(record[name], name) for name in INTS}
    plain["prior"] = _prior(record["prior"])
    plain["measures"] = tuple(text(m, "measures") for m in listed(record["measures"], "measures"))
    plain["attributes"] = tuple(_attribute(a) for a in listed(record["attributes"], "attributes"))
    _check_header(Described(**plain))
    return plain


def read_table(data: bytes) -> PointsTable:
    """Return the table in canonical bytes.

    Raises
    ------
    CanonError
        ``CANON_*`` if the bytes are not canonical JSON.
    InputError
        ``POINTS_*`` if a field is unknown, missing, of the wrong kind or contradicts another.
    """
    record = fields(canon.decode(data), _FIELDS, "points table")
    if record["type"] != TYPE or record["schema"] != SCHEMA:
        refuse("POINTS_SCHEMA", "not a points table of this version", hint=_HINT, found=record["schema"])
    table = PointsTable(
        **header_of(record),
        intercept=integer(record["intercept"], "intercept"),
        features=lines(record["features"]),
        map=tuple(_pair(p) for p in listed(record["map"], "map")),
    )
    _check(table)
    return table


def lines(value: Any) -> tuple[Feature, ...]:
    """Return the lines of a points table."""
    found = tuple(_feature(f) for f in listed(value, "features"))
    names = [f.name for f in found]
    if not names or len(set(names)) != len(names):
        bad("features", "none, or one stands twice", names)
    return found


def bad(what: str, message: str, found: object) -> Any:
    """Raise ``POINTS_FIELD``."""
    refuse("POINTS_FIELD", f"{what}: {message}", hint=_HINT, found=repr(found), column=what)


def fields(value: Any, names: frozenset[str], what: str) -> dict[str, Any]:
    """Return an object with exactly these fields."""
    if not isinstance(value, dict):
        bad(what, "not an object", value)
    wrong = sorted(names.symmetric_difference(value))
    if wrong:
        bad(what, "field missing or unknown", wrong[0])
    return dict(value)


def text(value: Any, what: str) -> str:
    """Return a text."""
    return value if isinstance(value, str) else bad(what, "not a text", value)


def integer(value: Any, what: str) -> int:
    """Return an integer."""
    return value if isinstance(value, int) and not isinstance(value, bool) else bad(what, "not an integer", value)


def listed(value: Any, what: str) -> list[Any]:
    """Return a list."""
    return value if isinstance(value, list) else bad(what, "not a list", value)


def _prior(value: Any) -> Prior:
    prior = fields(value, frozenset({"severity", "rate", "groups"}), "prior")
    groups = [fields(g, frozenset({"name", "strength"}), "groups") for g in listed(prior["groups"], "groups")]
    strengths = {text(g["name"], "groups"): integer(g["strength"], "groups") for g in groups}
    if list(strengths) != sorted(str(g["name"]) for g in groups):
        bad("groups", "not sorted, or one stands twice", list(strengths))
    return Prior(integer(prior["severity"], "prior"), integer(prior["rate"], "prior"), strengths)


def _attribute(value: Any) -> Attribute:
    a = fields(value, frozenset({"name", "kind"}), "attributes")
    kind = text(a["kind"], "kind")
    if kind not in KINDS:
        bad("kind", "unknown", kind)
    return Attribute(text(a["name"], "name"), kind)


def _feature(value: Any) -> Feature:
    f = fields(value, frozenset({"name", "cuts", "points"}), "features")
    cuts = tuple(integer(c, "cuts") for c in listed(f["cuts"], "cuts"))
    points = tuple(integer(p, "points") for p in listed(f["points"], "points"))
    if cuts[:1] != (KNOWN,) or any(a >= b for a, b in pairwise(cuts)):
        bad("cuts", "not strictly increasing from the cut of the missing values", cuts[:4])
    if len(points) != len(cuts) + 1:
        bad("points", "not one more than cuts", len(points))
    return Feature(text(f["name"], "name"), cuts, points)


def _pair(value: Any) -> tuple[int, int]:
    pair = listed(value, "map")
    if len(pair) != 2:  # noqa: PLR2004  # [points, ppm]
        bad("map", "not a pair", pair)
    return integer(pair[0], "map"), integer(pair[1], "map")


def _check(table: PointsTable) -> None:
    low, high = reach(table.features, table.intercept)
    if high - low > MAX_TOTAL or [t for t, _ in table.map] != list(range(low, high + 1)):
        bad("map", "does not cover every sum of points once, in order", [low, high])
    ppm = [p for _, p in table.map]
    if ppm != sorted(ppm) or ppm[0] < 0 or ppm[-1] > MICRO:
        bad("map", "risk is not rising from 0 to 1,000,000", [ppm[0], ppm[-1]])


def _check_header(table: Described) -> None:
    if not _HASH.fullmatch(table.trained_on):
        bad("trained_on", "not a SHA-256", table.trained_on)
    if not 0 <= table.positives <= table.rows:
        bad("positives", "not between 0 and rows", table.positives)
    if not all(
        WEAKEST <= p <= STRONGEST for p in (table.prior.severity, table.prior.rate, *table.prior.groups.values())
    ):
        bad("prior", "out of range", [table.prior.severity, table.prior.rate])
    if len(set(table.attributes)) != len(table.attributes):
        bad("attributes", "one stands twice", [a.name for a in table.attributes])
    try:
        parse_day(table.asof)
        grammar.parse_target(table.target)
        if table.severity != NONE:
            grammar.parse_severity(table.severity)
    except SamplerError as e:
        bad("asof, target or severity", e.problem.message, e.problem.found)
    if table.missing not in {"refuse", "drop"} or not 0 <= table.near_days <= MOST_NEAR:
        bad("missing or near_days", "out of range", [table.missing, table.near_days])
    if table.score_direction not in {"lower", "higher"}:
        bad("score_direction", "neither lower nor higher", table.score_direction)
