"""The points table as a file: what is written is read back, and nothing else is believed."""

from __future__ import annotations

import doctest
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models import blend, grammar, points, score, train
from models.options import Options
from models.points import DOUBLING, Feature, PointsTable, explain, reach, risk_map, risks
from models.prior import Prior
from models.tablefile import read_table, write_table
from sampler import canon
from sampler.errors import SamplerError
from tests.unit.test_models_example import ASOF, make_rows, to_csv

FEATURES = (Feature("visits", (-999_999_999, 3), (0, -5, 20)), Feature("trend", (-999_999_999, -10, 4), (1, 0, -2, 7)))


def table(**other: Any) -> PointsTable:
    known = {"target": "severity>=2", "severity": "severity", "score_direction": "higher", "asof": ASOF}
    known |= {"id_col": "object_id", "date_col": "date", "trained_on": "ab" * 32, "weights": "W"}
    numbers = {"intercept": -40, "rows": 60, "positives": 9}
    whole: dict[str, Any] = {**known, **numbers, "prior": Prior(4, 5), "features": FEATURES}
    return PointsTable(**{**whole, "map": risk_map(*reach(FEATURES, -40)), **other})


def test_doctests_hold() -> None:
    for module in (blend, grammar, points, score, train):
        assert doctest.testmod(module).failed == 0


def test_a_table_survives_its_file() -> None:
    assert read_table(write_table(table())) == table()


def test_a_trained_table_survives_its_file_and_holds_no_float() -> None:
    trained = train.train(to_csv(make_rows()), Options(asof=ASOF)).table
    raw = write_table(trained)
    assert read_table(raw) == trained
    json.loads(raw, parse_float=lambda text: pytest.fail(f"a float: {text}"))


def test_twenty_points_double_the_odds() -> None:
    ppm = dict(risk_map(-200, 200))
    assert ppm[0] == 500_000
    assert ppm[-DOUBLING] == 333_333
    assert ppm[DOUBLING] == 666_667
    assert all(a <= b for a, b in pairwise(ppm.values()))


def test_addition_in_plain_python_gives_what_numpy_gives() -> None:
    values = {"visits": np.array([-(10**9), 0, 3, 99]), "trend": np.array([-(10**9), -11, 4, 3])}
    alone = [points.score(table(), {k: int(v[n]) for k, v in values.items()}) for n in range(4)]
    assert risks(table(), values).tolist() == alone


def test_the_explanation_adds_up() -> None:
    lines = explain(table(), {"visits": 4, "trend": -10})
    assert [line["points"] for line in lines] == [-40, 20, -2]


def broken(change: dict[str, Any]) -> str:
    record = canon.decode(write_table(table()))
    record.update(change)
    with pytest.raises(SamplerError) as caught:
        read_table(canon.encode(record))
    return caught.value.code


@pytest.mark.parametrize("field", sorted(canon.decode(write_table(table()))))
def test_a_missing_field_is_refused(field: str) -> None:
    record = canon.decode(write_table(table()))
    del record[field]
    with pytest.raises(SamplerError) as caught:
        read_table(canon.encode(record))
    assert caught.value.code == "POINTS_FIELD"


@pytest.mark.parametrize("field", sorted(set(canon.decode(write_table(table()))) - {"type", "schema"}))
@pytest.mark.parametrize("value", [True, {"x": 1}, [[1]], [1]])
def test_a_field_of_the_wrong_kind_is_refused(field: str, value: object) -> None:
    assert broken({field: value}) == "POINTS_FIELD"


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"map": []},
        {"map": [[0, 1, 2]]},
        {"map": [[p, 0] for p in range(-50, -12)]},
        {"map": [[p, 1_000_001] for p in range(-47, -12)]},
        {"features": []},
        {"features": [{"name": "a", "cuts": [-999_999_999], "points": [0, 1]}] * 2},
        {"features": [{"name": "a", "cuts": [3], "points": [0, 1]}]},
        {"features": [{"name": "a", "cuts": [-999_999_999, 5, 5], "points": [0, 1, 2, 3]}]},
        {"features": [{"name": "a", "cuts": [-999_999_999], "points": [0]}]},
        {"features": [{"name": "a", "cuts": [-999_999_999], "points": [0, 10**12]}]},
        {"intercept": -39},
        {"positives": 61},
        {"positives": -1},
        {"trained_on": "AB" * 32},
        {"trained_on": "ab"},
        {"asof": "soon"},
        {"target": "severity"},
        {"severity": "a-b"},
        {"score_direction": ""},
        {"prior": {"rate": 0, "severity": 4}},
        {"prior": {"rate": 4}},
        {"attributes": [{"name": "zip", "kind": "colour"}]},
        {"attributes": [{"name": "zip", "kind": "text"}] * 2},
    ],
)
def test_a_table_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    assert broken(change) == "POINTS_FIELD"


def test_a_falling_map_is_refused() -> None:
    pairs = [list(p) for p in table().map]
    pairs[3][1] = 0
    assert broken({"map": pairs}) == "POINTS_FIELD"


@pytest.mark.parametrize("change", [{"type": "charter"}, {"schema": "sampler/points/v2"}])
def test_another_document_is_refused(change: dict[str, Any]) -> None:
    assert broken(change) == "POINTS_SCHEMA"


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b'"x"', b"{}", b"null", b'{"a":1.5}', b'{"a":1,"a":1}', b"\xff"])
def test_bytes_that_are_no_table_are_refused(raw: bytes) -> None:
    with pytest.raises(SamplerError) as caught:
        read_table(raw)
    assert caught.value.code.startswith(("CANON_", "POINTS_"))


def test_a_reformatted_table_is_refused() -> None:
    with pytest.raises(SamplerError) as caught:
        read_table(json.dumps(json.loads(write_table(table())), indent=1).encode())
    assert caught.value.code == "CANON_BYTES"


def test_a_table_with_a_feature_nobody_computes_is_refused() -> None:
    odd = (Feature("phase_of_moon", (-999_999_999,), (0, 1)),)
    with pytest.raises(SamplerError) as caught:
        score.score_objects(
            table(features=odd, map=risk_map(*reach(odd, -40))), to_csv(make_rows()), ["E001"], None, ASOF
        )
    assert caught.value.code == "SCORE_FEATURES"
