"""estimate, as an analyst runs it on a finished month (docs/spec/estimate.md)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sampler import canon, tables
from sampler.commands.estimate import BY
from sampler.commands.estimate_text import NAMES, OUTCOMES
from sampler.estimate import GROUPINGS, NAMED, read
from sampler.records import TABLE_COLUMNS
from tests.support import Called, called

DRAW = "XJSC-2026-0001"
Ask = Callable[..., Called]
HEAD = "object_id,date,result,severity,draw_id"


def drawn(demo: Path) -> list[str]:
    return [c["object_id"] for c in json.loads((demo / f"bundles/{DRAW}/draw.json").read_bytes())["drawn"]]


def results(path: Path, rows: Sequence[tuple[str, str, object, object, str]]) -> Path:
    path.write_text("\n".join([HEAD, *(",".join(map(str, r)) for r in rows)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def ask(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return a function that estimates from given results: object, day, result, severity, draw."""

    def run(rows: Sequence[tuple[str, str, object, object, str]], *words: str) -> Called:
        path = results(tmp_path / "r.csv", rows)
        return called(capsys, "-C", demo, "estimate", DRAW, "--results", path, *words)

    return run


def all_good(demo: Path) -> list[tuple[str, str, object, object, str]]:
    return [(oid, "2026-12-10", 1, 0, DRAW) for oid in drawn(demo)]


def test_the_report_says_in_words_what_json_says_in_numbers(ask: Ask, demo: Path) -> None:
    rows = all_good(demo)
    rows[0] = (rows[0][0], "2026-12-10", 4, 2, DRAW)
    rows[1] = (rows[1][0], "2026-12-10", 5, 2, DRAW)
    words = ("--target", "98.5%", "--by", "class", "--by", "district")
    text, data = ask(rows, *words), ask(rows, *words, "--json").json["data"]
    assert text.code == 0, text.err
    for key in ("rate", "lo", "hi", "n", "n_eff", "responded", "method", "target", "verdict", "groups"):
        assert key in data
    assert (data["n"], data["responded"], data["unreachable"], data["no_result"]) == (14, 13, 1, 0)
    assert data["verdict"] == "cannot_tell"
    assert f"{100 * data['rate']:.2f} %" in text.out
    assert f"共查约 {data['visits_needed']} 户" in text.out
    assert {(g["by"], g["group"]) for g in data["groups"]} == {
        *(("class", c) for c in "ABCD"), ("district", "990101"), ("district", "990102")
    }  # fmt: skip
    assert data["family"] == 7
    assert "A 低风险" in text.out


def test_the_rate_is_the_weighted_one_by_hand(ask: Ask, demo: Path) -> None:
    bundle = demo / f"bundles/{DRAW}"
    t = {n: tables.decode((bundle / n).read_bytes(), TABLE_COLUMNS[n], file=n) for n in ("frame.tsv", "levels.tsv")}
    pi = dict(zip(t["levels.tsv"]["key"], map(int, t["levels.tsv"]["pi_e12"]), strict=True))
    frame = t["frame.tsv"]
    weight = {
        o: 1e12 / pi[f"{s}/{v}"]
        for o, s, v in zip(frame["object_id"], frame["stratum"], frame["level"], strict=True) if pi[f"{s}/{v}"]
    }  # fmt: skip
    ids = drawn(demo)
    bad = set(ids[:5])
    rows = [(oid, "2026-12-10", 5 if oid in bad else 1, 0, DRAW) for oid in ids]
    data = ask(rows, "--json").json["data"]
    assert data["rate"] == pytest.approx(1 - sum(weight[o] for o in bad) / sum(weight[o] for o in ids))
    assert data["max_weight"] == pytest.approx(max(weight[o] for o in ids))
    assert data["N"] == sum(v != "0" for v in frame["level"])


def test_cooling_objects_that_the_weights_cannot_speak_for_are_said_so(ask: Ask, demo: Path) -> None:
    answer = ask(all_good(demo), "--json").json
    assert answer["data"]["not_covered"] == 117
    assert [w["code"] for w in answer["warnings"]] == ["ESTIMATE_COOLING"]


def test_with_the_probabilities_of_the_undrawn_on_record_w_speaks_for_the_whole_frame(demo: Path) -> None:
    files = {p.name: p.read_bytes() for p in (demo / f"bundles/{DRAW}").iterdir() if p.is_file()}
    before = read(files)
    history = tables.decode(files["history.tsv"], TABLE_COLUMNS["history.tsv"])
    oid = next(o for o, s in zip(before.ids, before.stratum, strict=True) if s.class_ == "A")
    extra = [(f"{oid}/2026-11", "XJSC-2026-0011", "200000000000", "0")]
    resting = {k.partition("/")[0] for k in history.key}
    other = next(o for o in frame_ids(demo) if o != oid and o not in resting)  # in the draws of the other months too
    extra += [(f"{other}/2026-{k:02}", "XJSC-2026-0001", "200000000000", "0") for k in range(6, 11)]
    files["history.tsv"] = tables.encode(tables.from_rows(history.names, [*history.rows(), *extra]))
    after = read(files)
    at = before.ids.index(oid)
    assert (before.cooling, after.cooling) == (117, 0)
    assert after.weight[at] == pytest.approx(before.weight[at] / 0.8)
    assert sum(n for n in after.frame["draw"].values()) == 500


def test_results_find_their_draw_and_others_are_counted(ask: Ask, demo: Path) -> None:
    rows = all_good(demo)
    ids = drawn(demo)
    other = next(o for o in frame_ids(demo) if o not in ids)
    rows[0] = (ids[0], "2026-12-31", 1, 0, "")  # no draw named: by object and window
    rows[1] = (ids[1], "2027-01-15", 1, 0, "")  # outside the window: goes nowhere
    rows[2] = (ids[2], "2026-11-30", 1, 0, DRAW)  # before the visits began
    rows += [(other, "2026-12-10", 5, 2, DRAW), (ids[3], "2026-12-10", 5, 2, "XJSC-2026-0002")]
    answer = ask(rows, "--json").json
    assert answer["data"]["results_used"] == 12
    assert answer["data"]["no_result"] == 2
    assert answer["data"]["rate"] == 1
    codes = {w["code"] for w in answer["warnings"]}
    assert {"RESULTS_NOT_DRAWN", "RESULTS_EARLY", "RESULTS_UNPLACED"} <= codes


def frame_ids(demo: Path) -> list[str]:
    data = (demo / f"bundles/{DRAW}/frame.tsv").read_bytes()
    return tables.decode(data, TABLE_COLUMNS["frame.tsv"])["object_id"]


def test_without_any_result_nothing_is_claimed(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = called(capsys, "-C", demo, "estimate", DRAW, "--json").json
    assert (answer["data"]["rate"], answer["data"]["method"]) == (None, "too-few")
    assert answer["data"]["worst"]["rate_lo"] == 0
    assert answer["data"]["worst"]["rate_hi"] == 1
    assert "RESULTS_NONE" in {w["code"] for w in answer["warnings"]}


def test_batches_in_the_bundle_are_read_and_a_bundle_stands_alone(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(demo / f"bundles/{DRAW}", tmp_path / "b"))
    (bundle / "results").mkdir()
    listed = [{"object_id": o, "state": "visited", "date": "2026-12-10", "result": 1} for o in sorted(drawn(demo))]
    first = {"type": "results", "draw_id": DRAW, "batch": 1, "previous": "00" * 32, "rows": listed}
    (bundle / "results/0001.json").write_bytes(canon.encode(first))
    answer = called(capsys, "-C", tmp_path, "estimate", "b", "--json").json
    assert answer["data"]["responded"] == 14
    worse = {**first, "batch": 2, "rows": [{**listed[0], "result": 5}]}
    (bundle / "results/0002.json").write_bytes(canon.encode(worse))
    corrected = called(capsys, "-C", tmp_path, "estimate", "b", "--json").json
    assert corrected["data"]["rate"] < answer["data"]["rate"] == 1
    (bundle / "results/0003.json").write_bytes(canon.encode({"type": "results", "rows": []}))
    assert called(capsys, "-C", tmp_path, "estimate", "b", "--json").codes == ["RECORD_MISSING"]


def test_chinese_headings_and_categories_are_understood(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["统一社会信用代码,检查日期,检查结果", *(f"{o},2026-12-09,未发现问题" for o in drawn(demo))]
    (tmp_path / "结果.csv").write_bytes("\n".join(lines).encode("gb18030"))
    answer = called(capsys, "-C", demo, "estimate", DRAW, "--results", tmp_path / "结果.csv", "--json").json
    assert answer["data"]["responded"] == 14


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--outcome", "nice"], "OUTCOME_UNKNOWN"),
        (["--target", "101%"], "TARGET_FORM"),
        (["--target", "0"], "TARGET_FORM"),
        (["--target", "1/0"], "TARGET_FORM"),
        (["--target", "很高"], "TARGET_FORM"),
        (["--target", "E=90%", "--by", "class"], "TARGET_GROUP"),
        (["--target", "D=90%"], "TARGET_GROUP"),
        (["--by", "colour"], "USAGE"),
        (["XJSC-2026-0001"], "ESTIMATE_TWICE"),
        (["XJSC-2026-0009"], "NOT_DRAWN"),
        (["../elsewhere"], "NOT_DRAWN"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    demo: Path, words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = called(capsys, "-C", demo, "estimate", DRAW, *words, "--json")
    assert answer.code in (1, 2)
    assert answer.codes == [code]


def test_a_bad_results_file_is_told_row_by_row(ask: Ask, demo: Path) -> None:
    answer = ask([(drawn(demo)[0], "2026-12-10", 9, 0, DRAW), (drawn(demo)[1], "soon", 1, 0, DRAW)], "--json")
    assert answer.code == 2
    assert answer.codes == ["RESULT_UNKNOWN", "DATE_FORM"]
    assert [e["row"] for e in answer.json["errors"]] == [2, 3]


@pytest.mark.parametrize(
    ("name", "code"), [("levels.tsv", "ESTIMATE_BUNDLE"), ("plan.json", "ESTIMATE_BUNDLE"), ("manifest.json", "NOT_DRAWN")]
)  # fmt: skip
def test_a_copy_without_weights_is_refused(
    demo: Path, tmp_path: Path, name: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(demo / f"bundles/{DRAW}", tmp_path / "b"))
    (bundle / name).unlink()
    assert called(capsys, "-C", tmp_path, "estimate", "b", "--json").codes == [code]


def test_a_drawn_object_outside_the_frame_is_refused(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(demo / f"bundles/{DRAW}", tmp_path / "b"))
    record: Any = json.loads((bundle / "draw.json").read_bytes())
    record["drawn"][0]["object_id"] = "000"
    (bundle / "draw.json").write_bytes(canon.encode(record))
    assert called(capsys, "-C", tmp_path, "estimate", "b", "--json").codes == ["ESTIMATE_FRAME"]


def test_a_missed_target_is_the_answer_no(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(oid, "2026-12-10", 5, 2, DRAW) for oid in drawn(demo)]
    path = results(tmp_path / "r.csv", rows)
    words = ("-C", demo, "estimate", DRAW, "--results", path, "--target", "98.5%")
    assert called(capsys, *words).code == 1
    assert called(capsys, *words, "--json").json["data"]["verdict"] == "not_met"


def test_a_target_of_one_group_is_asked_of_that_group_alone(ask: Ask, demo: Path) -> None:
    data = ask(all_good(demo), "--by", "class", "--target", "class:D=90%", "--json").json["data"]
    assert data["family"] == 1
    assert [(g["group"], g["target"]) for g in data["groups"] if g["target"]] == [("D", 0.9)]
    assert data["target"] is None


def test_the_words_of_the_command_are_those_of_the_library() -> None:
    assert BY == GROUPINGS
    assert set(NAMES) == set(GROUPINGS)
    assert set(OUTCOMES) == set(NAMED)
