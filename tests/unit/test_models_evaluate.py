"""``evaluate``: nothing of a fold reaches its predictions, and whatever cannot be measured is refused."""

from __future__ import annotations

import csv
import io
import json
import random
import statistics
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import group
from models.fairness import consistency
from models.folds import Split
from models.measure import Measured, run_evaluate
from models.metrics import NAMES
from models.options import Options
from models.run import run_train
from sampler.errors import SamplerError
from tests.unit.test_models_example import Row, make_rows, to_csv

FAR = "9999-12-31"
SPLIT = Split(test_from="2026-03-01", test_to="2026-11-30", folds=3)


def rows() -> list[Row]:
    return make_rows(objects=120, weighted=False)


def measured(data: list[Row], split: Split = SPLIT, **more: Any) -> Measured:
    return run_evaluate(to_csv(data), Options(asof=FAR), split, **more)


def predictions(found: Measured) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.predictions.decode())))


@pytest.fixture(scope="module")
def plain() -> Measured:
    return measured(rows())


def test_the_keys_scripts_rely_on_are_there(plain: Measured) -> None:
    wanted = {"target", "rows_in", "rows_used", "n_train", "n_test", "base_rate", "test_from", "test_to", "features",
              "columns", "metrics", "heuristics", "model_sha256"}  # fmt: skip
    assert wanted <= set(plain.data)
    assert list(plain.data["metrics"]) == list(NAMES)
    assert all(set(e) == {"value", "lo", "hi"} for e in plain.data["metrics"].values())
    assert list(plain.data["heuristics"]) == [
        "past_rate",
        "mean_severity",
        "days_since_failure",
        "longest_gap",
        "random",
    ]
    assert all(list(m) == list(NAMES) for m in plain.data["heuristics"].values())
    assert json.loads(json.dumps(plain.data, allow_nan=False)) == plain.data


def test_the_predictions_are_the_test_visits(plain: Measured) -> None:
    found = predictions(plain)
    wanted = {(r["object_id"], r["date"]) for r in rows() if "2026-03-01" <= r["date"] <= "2026-11-30"}
    assert {(p["object_id"], p["date"]) for p in found} == wanted
    assert len(found) == plain.data["n_test"]
    assert list(found[0]) == ["object_id", "date", "fold", "y", "risk_ppm"]
    assert all(0 <= int(p["risk_ppm"]) <= 10**6 for p in found)


def test_outcomes_from_a_fold_on_move_no_prediction_of_that_fold(plain: Measured) -> None:
    for fold in plain.data["folds"]:
        flipped = [{**r, "severity": "3" if r["severity"] < "2" else "0", "result": "9", "defects": "77"}
                   if r["date"] >= fold["from"] else r for r in rows()]  # fmt: skip
        later = measured(flipped)
        before, after = ([p for p in predictions(m) if int(p["fold"]) <= fold["fold"]] for m in (plain, later))
        assert [p["risk_ppm"] for p in before] == [p["risk_ppm"] for p in after]
        assert [p["y"] for p in before] != [p["y"] for p in after]


def test_outcomes_before_a_fold_do_move_its_predictions(plain: Measured) -> None:
    flipped = [
        {**r, "severity": "3" if r["severity"] < "2" else "0"} if r["date"] < "2026-01-01" else r for r in rows()
    ]
    assert [p["risk_ppm"] for p in predictions(plain)] != [p["risk_ppm"] for p in predictions(measured(flipped))]


def test_results_inside_the_gap_are_not_known(plain: Measured) -> None:
    split = Split(test_from="2026-03-01", test_to="2026-11-30", folds=3, gap_days=60)
    gap = measured(rows(), split)
    assert gap.data["folds"][0]["known_to"] == "2025-12-30"
    assert gap.data["n_train"] < plain.data["n_train"]
    flipped = [{**r, "severity": "3"} if "2025-12-31" <= r["date"] < "2026-03-01" else r for r in rows()]
    first = [[p["risk_ppm"] for p in predictions(m) if p["fold"] == "1"] for m in (gap, measured(flipped, split))]
    assert first[0] == first[1]


def test_the_same_seed_gives_the_same_bytes_and_shuffled_rows_too(plain: Measured) -> None:
    again = measured(rows()[::-1])
    assert (again.predictions, again.model) == (plain.predictions, plain.model)
    assert again.data["metrics"] == plain.data["metrics"]


def test_shuffled_outcomes_leave_nothing_to_find() -> None:
    data = rows()
    dealt = [{**r, "severity": data[(7 * n + 3) % len(data)]["severity"], "defects": "0"} for n, r in enumerate(data)]
    auc = measured(dealt).data["metrics"]["auc"]
    assert auc["lo"] < 0.55


def test_the_model_beats_random_on_an_example_with_a_pattern(plain: Measured) -> None:
    assert plain.data["metrics"]["auc"]["lo"] > 0.5


def test_only_drawn_visits_count_where_the_history_has_weights() -> None:
    data = make_rows(objects=160)
    drawn = sum(r["W"] != "" and "2026-03-01" <= r["date"] <= "2026-11-30" for r in data)
    assert measured(data).data["n_test"] == drawn


def test_without_a_period_the_last_year_is_tested_month_by_month() -> None:
    found = run_evaluate(to_csv(rows()), Options(asof=FAR), Split())
    assert (len(found.data["folds"]), found.data["test_from"]) == (12, "2025-11-25")


@pytest.mark.parametrize("learner", ["points", "trees"])
def test_a_committed_model_is_measured_as_it_stands_and_not_on_what_it_has_seen(learner: str) -> None:
    table, _, _ = run_train(to_csv(rows()), Options(asof="2026-03-01"), learner=learner)
    found = measured(rows(), model=table)
    assert found.model == table
    assert found.data["learner"] == "committed"
    with pytest.raises(SamplerError) as caught:
        measured(rows(), Split(test_from="2026-02-27"), model=table)
    assert caught.value.code == "EVALUATE_SEEN"


@pytest.mark.parametrize(
    ("data", "split", "code"),
    [
        (make_rows()[:3], Split(), "EVALUATE_ROWS TRAIN_ROWS"),
        ([{**r, "severity": "0"} for r in make_rows()], Split(), "TRAIN_ONE_CLASS"),
        (make_rows(), Split(test_from="2031-01-01"), "EVALUATE_PERIOD"),
        (make_rows(), Split(test_from="2026-01-01", test_to="2025-01-01"), "EVALUATE_PERIOD"),
        (make_rows(), Split(test_from="2026-11-15"), "EVALUATE_ROWS"),
        (make_rows(), Split(gap_days=-1), "EVALUATE_PERIOD"),
        (make_rows(), Split(test_from="2026-11-01", folds=900), "EVALUATE_FOLDS"),
        (make_rows(), Split(test_from="2024-01-20"), "TRAIN_ROWS"),
        (make_rows(), Split(test_from="spring"), "DATE_SYNTAX"),
    ],
    ids=["three-rows", "one-class", "future", "backwards", "tiny", "gap", "folds", "no-past", "date"],
)
def test_what_cannot_be_measured_is_refused(data: list[Row], split: Split, code: str) -> None:
    with pytest.raises(SamplerError) as caught:
        measured(data, split)
    assert caught.value.code in code.split()
    assert caught.value.problem.hint


def test_an_unknown_learner_is_refused() -> None:
    with pytest.raises(SamplerError) as caught:
        measured(rows(), learner="oracle")
    assert caught.value.code == "EVALUATE_LEARNER"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "h.csv").write_bytes(to_csv(rows()))
    return tmp_path


def call(desk: Path, *more: str) -> Result:
    period = ["--test-from", "2026-03-01", "--test-to", "2026-11-30", "--folds", "2"]
    return CliRunner().invoke(group, ["evaluate", "--history", f"{desk}/h.csv", *period, "--json", *more])


def codes(result: Result) -> list[str]:
    return [e["code"] for e in json.loads(result.stdout)["errors"]]


def test_the_command_writes_predictions_and_a_report_without_addresses(desk: Path) -> None:
    result = call(desk, "--predictions", f"{desk}/p.csv", "--report", f"{desk}/r", "--consistency")
    assert result.exit_code == 0, result.output
    body = json.loads(result.stdout)
    assert body["schema"] == "sampler/evaluate/v1"
    assert {p.name for p in (desk / "r").iterdir()} == {
        "card.md",
        "model.json",
        "predictions.csv",
        "report.html",
        "report.json",
    }
    assert (desk / "p.csv").read_bytes() == (desk / "r" / "predictions.csv").read_bytes()
    html = (desk / "r" / "report.html").read_text(encoding="utf-8")
    assert html.count("<svg") == 4
    assert "://" not in html
    assert "<script" not in html
    assert json.loads((desk / "r" / "report.json").read_text(encoding="utf-8")) == body["data"]
    assert {r["inspector"] for r in body["data"]["consistency"]["inspectors"]} <= {f"P{n}" for n in range(5)}
    assert body["data"]["consistency"]["assignment"] == "not proven random"
    assert body["data"]["model_sha256"] in (desk / "r" / "card.md").read_text(encoding="utf-8")


def test_a_name_that_is_markup_stays_text_in_the_report(desk: Path) -> None:
    (desk / "h.csv").write_bytes(to_csv([{**r, "district": f"<img src=x{n % 3}>"} for n, r in enumerate(rows())]))
    assert call(desk, "--report", f"{desk}/r").exit_code == 0
    assert "<img" not in (desk / "r" / "report.html").read_text(encoding="utf-8")


def test_options_may_stand_in_a_file_and_unknown_ones_are_refused(desk: Path) -> None:
    (desk / "c.toml").write_text('target = "severity>=3"\nfolds = 1\nexclude = ["district"]\n', encoding="utf-8")
    found = json.loads(call(desk, "--config", f"{desk}/c.toml").stdout)
    assert found["data"]["target"] == "severity>=3"
    assert len(found["data"]["folds"]) == 2
    (desk / "c.toml").write_text("oracle = 1\n", encoding="utf-8")
    assert call(desk, "--config", f"{desk}/c.toml").exit_code == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--attributes", "result"], "ATTRIBUTE_OUTCOME"),
        (["--attributes", "defects"], "ATTRIBUTE_OUTCOME"),
        (["--attributes", "inspector_id"], "ATTRIBUTE_INSPECTOR"),
        (["--target", "severity"], "TARGET_SYNTAX"),
        (["--inspector-col", "item", "--attributes", "item"], "ATTRIBUTE_INSPECTOR"),
        (["--asof", "soon"], "DATE_SYNTAX"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_the_command_refuses_with_an_envelope(desk: Path, more: list[str], code: str) -> None:
    result = call(desk, *more)
    assert (result.exit_code, codes(result)) == (2, [code])


def test_a_pickle_given_as_a_model_is_refused_and_never_run(desk: Path) -> None:
    canary = desk / "canary"
    payload = f"cposix\nsystem\n(S'touch {canary}'\ntR.".encode()
    for raw in (payload, b"\x80\x04\x95" + payload, b"PK\x03\x04skops"):
        (desk / "m.json").write_bytes(raw)
        result = call(desk, "--model", f"{desk}/m.json")
        assert result.exit_code == 2
        assert codes(result)[0].startswith("CANON_")
    assert not canary.exists()


def test_a_bare_score_names_the_option_it_needs(desk: Path) -> None:
    bare = [{"object_id": r["object_id"], "date": r["date"], "score": "90"} for r in rows()]
    (desk / "h.csv").write_bytes(to_csv(bare))
    result = call(desk)
    assert codes(result) == ["TARGET_MISSING"]
    assert "--target" in json.loads(result.stdout)["errors"][0]["hint"]


def test_an_empty_severity_is_dropped_and_counted_and_a_strange_one_refused(desk: Path) -> None:
    data = rows()
    data[4]["severity"] = ""
    (desk / "h.csv").write_bytes(to_csv(data))
    found = json.loads(call(desk).stdout)
    assert found["data"]["counts"]["rows_unknown"] == 1
    assert "HISTORY_UNKNOWN" in [w["code"] for w in found["warnings"]]
    assert codes(call(desk, "--missing", "refuse")) == ["HISTORY_TARGET"]
    data[4]["severity"] = "n/a"
    (desk / "h.csv").write_bytes(to_csv(data))
    assert codes(call(desk)) == ["HISTORY_TARGET"]


def test_a_category_never_seen_before_counts_as_unknown(desk: Path) -> None:
    data = [{**r, "district": "D1" if r["date"] < "2026-03-01" else "D2"} for r in rows()]
    (desk / "h.csv").write_bytes(to_csv(data))
    assert call(desk).exit_code == 0


def inspected(strict: str) -> list[Row]:
    """Return drawn visits dealt to five officers in turn, of whom one may find three times as much."""
    chance = random.Random(20261201)  # a test, not a draw
    data = make_rows(objects=600, weighted=False)
    for row in data:
        row["W"] = "10"
        row["inspector_id"] = f"P{chance.randrange(5)}"
        rate = 0.6 if row["inspector_id"] == strict else 0.2
        row["severity"] = "3" if chance.random() < rate else "0"
    return data


def test_a_strict_officer_stands_out_and_the_others_do_not() -> None:
    found = consistency(measured(inspected("P3")).evaluation)
    assert found["assignment"] == "drawn"
    assert {r["inspector"] for r in found["inspectors"] if r["bonferroni"]} == {"P3"}
    (strict,) = (r for r in found["inspectors"] if r["inspector"] == "P3")
    assert strict["difference"]["lo"] > 0.1
    assert all(r["difference"]["lo"] <= r["difference"]["value"] <= r["difference"]["hi"] for r in found["inspectors"])
    assert statistics.median(r["difference"]["value"] for r in found["inspectors"]) == 0


def test_no_officer_stands_out_where_all_find_the_same() -> None:
    found = consistency(measured(inspected("nobody")).evaluation)
    assert len(found["inspectors"]) == 5
    assert not [r for r in found["inspectors"] if r["bonferroni"]]


def test_a_history_without_inspectors_is_refused_for_consistency() -> None:
    bare = [{k: v for k, v in r.items() if k != "inspector_id"} for r in rows()]
    with pytest.raises(SamplerError) as caught:
        consistency(measured(bare).evaluation)
    assert caught.value.code == "CONSISTENCY_COLUMN"


def test_a_report_says_when_no_officer_has_enough_visits(desk: Path) -> None:
    few = [{**r, "inspector_id": f"P{n}"} for n, r in enumerate(rows())]
    (desk / "h.csv").write_bytes(to_csv(few))
    assert call(desk, "--consistency", "--report", f"{desk}/r").exit_code == 0
    assert "没有一人满 30 次" in (desk / "r" / "report.html").read_text(encoding="utf-8")
