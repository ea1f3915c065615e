"""card, promote and simulate: decisions on stated bounds, records in integers, and a loop that can be repeated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from cli import group
from models.history import read_history
from models.options import Options
from models.pareto import draw, targets
from models.simulate import Design, simulate
from sampler import canon
from sampler.errors import SamplerError
from tests.unit.test_models_example import make_rows, to_csv


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("desk")
    (root / "h.csv").write_bytes(to_csv(make_rows(objects=150, weighted=False)))
    for learner in ("points", "trees"):
        done = run("evaluate", "--history", f"{root}/h.csv", "--test-from", "2026-03-01", "--folds", "2",
                   "--learner", learner, "--report", f"{root}/{learner}")  # fmt: skip
        assert done.exit_code == 0, done.output
    return root


def run(*words: str) -> Result:
    return CliRunner().invoke(group, [*words, "--json"])


def promote(desk: Path, *more: str, champion: str = "points", challenger: str = "trees") -> Result:
    files = ["--champion", f"{desk}/{champion}/predictions.csv", "--challenger", f"{desk}/{challenger}/predictions.csv"]
    models = [
        "--champion-model",
        f"{desk}/{champion}/model.json",
        "--challenger-model",
        f"{desk}/{challenger}/model.json",
    ]
    return run("promote", *files, *models, "--out", f"{desk}/promotion.json", *more)


def test_a_model_is_never_promoted_over_itself_and_the_record_says_why(desk: Path) -> None:
    done = promote(desk, challenger="points")
    body = json.loads(done.stdout)
    assert (done.exit_code, body["ok"], body["data"]["decision"]) == (1, False, "keep")
    record = canon.decode((desk / "promotion.json").read_bytes())
    assert record["difference_ppm"] == {"value": 0, "lo": 0, "hi": 0}
    assert record["champion"]["model_sha256"] == canon.sha256((desk / "points" / "model.json").read_bytes()).hex()


def test_the_stated_bound_decides(desk: Path) -> None:
    done = promote(desk, "--bound", "-0.9")
    assert (done.exit_code, json.loads(done.stdout)["data"]["decision"]) == (0, "promote")
    assert promote(desk, "--bound", "0.9").exit_code == 1


@pytest.mark.parametrize("change", ["drop", "flip", "heading", "bytes", "risk", "empty"])
def test_predictions_of_other_visits_or_damaged_ones_are_refused(desk: Path, tmp_path: Path, change: str) -> None:
    lines = (desk / "trees" / "predictions.csv").read_text(encoding="utf-8").splitlines()
    first = lines[1].split(",")
    flipped = ",".join([*first[:3], str(1 - int(first[3])), first[4]])
    broken = {
        "drop": [lines[0], *lines[2:]], "flip": [lines[0], flipped, *lines[2:]], "heading": ["a,b", *lines[1:]],
        "bytes": ["\ufffd"], "risk": [lines[0], ",".join([*first[:4], "1000001"]), *lines[2:]], "empty": [lines[0]],
    }[change]  # fmt: skip
    (tmp_path / "p.csv").write_text("\n".join(broken) + "\n", encoding="utf-8")
    done = promote(desk, "--challenger", f"{tmp_path}/p.csv")
    code = json.loads(done.stdout)["errors"][0]["code"]
    assert (done.exit_code, code) == (2, "PROMOTE_ROWS" if change in {"drop", "flip"} else "PROMOTE_PREDICTIONS")


def test_a_bound_that_is_no_difference_and_a_pickled_model_are_refused(desk: Path) -> None:
    assert json.loads(promote(desk, "--bound", "7").stdout)["errors"][0]["code"] == "PROMOTE_BOUND"
    (desk / "bad").mkdir(exist_ok=True)
    (desk / "bad" / "model.json").write_bytes(b"\x80\x04.")
    (desk / "bad" / "predictions.csv").write_bytes((desk / "trees" / "predictions.csv").read_bytes())
    assert json.loads(promote(desk, challenger="bad").stdout)["errors"][0]["code"].startswith("CANON_")


def test_a_card_names_purpose_data_fairness_limits_and_leaves_room_for_approval(desk: Path) -> None:
    done = run(
        "card",
        "--model",
        f"{desk}/points/model.json",
        "--evaluation",
        f"{desk}/points/report.json",
        "--out",
        f"{desk}/c.md",
    )
    assert done.exit_code == 0, done.output
    text = (desk / "c.md").read_text(encoding="utf-8")
    for heading in ("用途", "模型", "检验", "公平", "局限", "批准"):
        assert f"## {heading}" in text
    assert json.loads(done.stdout)["data"]["model_sha256"] in text


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"no json"])
def test_a_card_without_an_evaluation_is_refused(desk: Path, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "e.json").write_bytes(raw)
    done = run(
        "card",
        "--model",
        f"{desk}/points/model.json",
        "--evaluation",
        f"{tmp_path}/e.json",
        "--out",
        f"{tmp_path}/c.md",
    )
    assert (done.exit_code, json.loads(done.stdout)["errors"][0]["code"]) == (2, "CARD_EVALUATION")


SMALL = Design(months=6, replicates=8, seed=3)


def loop(**other: Any) -> dict[str, Any]:
    history = read_history(to_csv(make_rows(objects=300, visits=5, weighted=False)), Options(asof="9999-12-31"))
    return simulate(history, Design(**{"months": 6, "replicates": 8, "seed": 3, **other}))


def test_the_loop_is_repeatable_and_compares_all_policies() -> None:
    found = loop()
    assert found == loop()
    assert set(found["policies"]) == {"random", "greedy", "epsilon", "ours", "ours_weighted"}
    assert found["policies"]["greedy"]["bias"]["value"] > found["policies"]["ours"]["bias"]["value"]


def test_a_floor_of_one_draws_like_random_and_finds_the_same_rate() -> None:
    found = loop(floor=1.0)
    assert found["policies"]["ours"]["rmse"]["value"] == pytest.approx(
        found["policies"]["random"]["rmse"]["value"], rel=0.5
    )


def test_the_last_month_is_judged_by_the_model_that_made_its_draw() -> None:
    """One counted month is the last one; a model that has learnt that month's outcomes would look otherwise."""
    found = loop(months=1)["policies"]
    assert all(p["ece"] == p["ece_end"] for p in found.values())


def test_too_little_history_is_refused() -> None:
    with pytest.raises(SamplerError) as caught:
        simulate(read_history(to_csv(make_rows(objects=20)), Options(asof="9999-12-31")), SMALL)
    assert caught.value.code == "SIMULATE_SMALL"


def test_the_simulated_draw_keeps_its_targets() -> None:
    risk = np.tile(np.linspace(0.01, 0.6, 200), (4_000, 1))
    pi = targets(risk, 20, 0.2, 2.0, 0.25)
    assert np.allclose(pi.sum(axis=1), 20)
    assert pi.max() <= 0.25 + 1e-9
    drawn = draw(pi, 20, np.random.default_rng(5))
    share = np.bincount(drawn.ravel(), minlength=200) / len(drawn)
    error = (share - pi[0]) / np.sqrt(pi[0] * (1 - pi[0]) / len(drawn))
    assert np.abs(error).max() < 5.5
