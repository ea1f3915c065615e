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
from models.points import KNOWN, MAX_TOTAL, Feature, PointsTable, reach
from models.prior import STRONGEST, WEAKEST, Prior
from models.problems import refuse
from sampler import canon
from sampler.errors import SamplerError

TYPE: Final = "points-table"
SCHEMA: Final = "sampler/points/v1"
_HINT: Final = "use the file exactly as train wrote it, or train again"
_TEXTS: Final = (
    "target", "severity", "score_direction", "asof", "id_col", "date_col", "trained_on", "weights", "missing"
)  # fmt: skip
_INTS: Final = ("intercept", "rows", "positives", "near_days")
_FIELDS: Final = frozenset({*_TEXTS, *_INTS, "type", "schema", "prior", "attributes", "measures", "features", "map"})
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def write_table(table: PointsTable) -> bytes:
    """Return the canonical bytes of a table."""
    record: dict[str, Any] = {name: getattr(table, name) for name in (*_TEXTS, *_INTS)}
    record |= {"type": TYPE, "schema": SCHEMA}
    groups = [{"name": name, "strength": k} for name, k in sorted(table.prior.groups.items())]
    record["prior"] = {"severity": table.prior.severity, "rate": table.prior.rate, "groups": groups}
    record["measures"] = list(table.measures)
    record["attributes"] = [{"name": a.name, "kind": a.kind} for a in table.attributes]
    record["features"] = [{"name": f.name, "cuts": list(f.cuts), "points": list(f.points)} for f in table.features]
    record["map"] = [list(pair) for pair in table.map]
    return canon.encode(record)


def read_table(data: bytes) -> PointsTable:
    """Return the table in canonical bytes.

    Raises
    ------
    CanonError
        ``CANON_*`` if the bytes are not canonical JSON.
    InputError
        ``POINTS_*`` if a field is unknown, missing, of the wrong kind or contradicts another.
    """
    record = _fields(canon.decode(data), _FIELDS, "points table")
    if record["type"] != TYPE or record["schema"] != SCHEMA:
        refuse("POINTS_SCHEMA", "not a points table of this version", hint=_HINT, found=record["schema"])
    plain: dict[str, Any] = {name: _text(record[name], name) for name in _TEXTS}
    plain |= {name: _int(record[name], name) for name in _INTS}
    table = PointsTable(
        **plain,
        prior=_prior(record["prior"]),
        measures=tuple(_text(m, "measures") for m in _list(record["measures"], "measures")),
        attributes=tuple(_attribute(a) for a in _list(record["attributes"], "attributes")),
        features=tuple(_feature(f) for f in _list(record["features"], "features")),
        map=tuple(_pair(p) for p in _list(record["map"], "map")),
    )
    _check(table)
    return table


def _bad(what: str, message: str, found: object) -> Any:
    refuse("POINTS_FIELD", f"{what}: {message}", hint=_HINT, found=repr(found), column=what)


def _fields(value: Any, names: frozenset[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _bad(what, "not an object", value)
    wrong = sorted(names.symmetric_difference(value))
    if wrong:
        _bad(what, "field missing or unknown", wrong[0])
    return dict(value)


def _text(value: Any, what: str) -> str:
    return value if isinstance(value, str) else _bad(what, "not a text", value)


def _int(value: Any, what: str) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else _bad(what, "not an integer", value)


def _list(value: Any, what: str) -> list[Any]:
    return value if isinstance(value, list) else _bad(what, "not a list", value)


def _prior(value: Any) -> Prior:
    prior = _fields(value, frozenset({"severity", "rate", "groups"}), "prior")
    groups = [_fields(g, frozenset({"name", "strength"}), "groups") for g in _list(prior["groups"], "groups")]
    strengths = {_text(g["name"], "groups"): _int(g["strength"], "groups") for g in groups}
    if list(strengths) != sorted(str(g["name"]) for g in groups):
        _bad("groups", "not sorted, or one stands twice", list(strengths))
    return Prior(_int(prior["severity"], "prior"), _int(prior["rate"], "prior"), strengths)


def _attribute(value: Any) -> Attribute:
    a = _fields(value, frozenset({"name", "kind"}), "attributes")
    kind = _text(a["kind"], "kind")
    if kind not in KINDS:
        _bad("kind", "unknown", kind)
    return Attribute(_text(a["name"], "name"), kind)


def _feature(value: Any) -> Feature:
    f = _fields(value, frozenset({"name", "cuts", "points"}), "features")
    cuts = tuple(_int(c, "cuts") for c in _list(f["cuts"], "cuts"))
    points = tuple(_int(p, "points") for p in _list(f["points"], "points"))
    if cuts[:1] != (KNOWN,) or any(a >= b for a, b in pairwise(cuts)):
        _bad("cuts", "not strictly increasing from the cut of the missing values", cuts[:4])
    if len(points) != len(cuts) + 1:
        _bad("points", "not one more than cuts", len(points))
    return Feature(_text(f["name"], "name"), cuts, points)


def _pair(value: Any) -> tuple[int, int]:
    pair = _list(value, "map")
    if len(pair) != 2:  # noqa: PLR2004  # [points, ppm]
        _bad("map", "not a pair", pair)
    return _int(pair[0], "map"), _int(pair[1], "map")


def _check(table: PointsTable) -> None:
    low, high = reach(table.features, table.intercept)
    if high - low > MAX_TOTAL or [t for t, _ in table.map] != list(range(low, high + 1)):
        _bad("map", "does not cover every sum of points once, in order", [low, high])
    ppm = [p for _, p in table.map]
    if ppm != sorted(ppm) or ppm[0] < 0 or ppm[-1] > MICRO:
        _bad("map", "risk is not rising from 0 to 1,000,000", [ppm[0], ppm[-1]])
    if not _HASH.fullmatch(table.trained_on):
        _bad("trained_on", "not a SHA-256", table.trained_on)
    if not 0 <= table.positives <= table.rows:
        _bad("positives", "not between 0 and rows", table.positives)
    if not all(
        WEAKEST <= p <= STRONGEST for p in (table.prior.severity, table.prior.rate, *table.prior.groups.values())
    ):
        _bad("prior", "out of range", [table.prior.severity, table.prior.rate])
    names = [f.name for f in table.features]
    if not names or len(set(names)) != len(names) or len(set(table.attributes)) != len(table.attributes):
        _bad("features", "none, or one stands twice", names)
    _check_texts(table)


def _check_texts(table: PointsTable) -> None:
    try:
        parse_day(table.asof)
        grammar.parse_target(table.target)
        if table.severity != NONE:
            grammar.parse_severity(table.severity)
    except SamplerError as e:
        _bad("asof, target or severity", e.problem.message, e.problem.found)
    if table.missing not in {"refuse", "drop"} or not 0 <= table.near_days <= MOST_NEAR:
        _bad("missing or near_days", "out of range", [table.missing, table.near_days])
    if table.score_direction not in {"lower", "higher"}:
        _bad("score_direction", "neither lower nor higher", table.score_direction)
