"""The month after: earlier draws reach the cool-down, history.tsv and W, across the turn of the year."""

from __future__ import annotations

import shutil
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from sampler import records, weights
from sampler.errors import DrawError
from sampler.tables import Table, decode
from tests.support import Run, sampler

FIRST, SECOND, SITTING = "XJSC-2026-0001", "XJSC-2027-0001", "XJSC-2027-01-S1"
PARTIES = ("business", "law", "notary")


def table(folder: Path, name: str) -> Table:
    return decode((folder / name).read_bytes(), records.TABLE_COLUMNS[name], file=name)


def next_plan(root: Path, *changes: tuple[str, str]) -> Path:
    """The demo's plan for January."""
    text = (root / "input" / "plan.toml").read_text(encoding="utf-8")
    january = [("2026-12-31", "2027-01-31"), ("2026-12-01", "2027-01-01"), ("P-2026-12", "P-2027-01"), ("2026339", "2027010"),
               ("2026-11-30T", "2026-12-30T"), ('period = "2026-12"', 'period = "2027-01"')]  # fmt: skip
    for old, new in (*january, *changes):
        assert old in text, old
        text = text.replace(old, new)
    path = root / "input" / "january.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def two_months(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("two") / "w"
    shutil.copytree(demo, root)
    plan = next_plan(root)
    # the visits of December's draw, one of them made in January: its own record counts, in the month of the draw
    drawn = [c.object_id for c in records.Draw.parse((root / f"bundles/{FIRST}/draw.json").read_bytes()).drawn]
    with (root / "input" / "history.csv").open("a", encoding="utf-8") as f:
        for k, oid in enumerate(drawn):
            f.write(f"{oid},{'2027-01-04' if k == 0 else '2026-12-15'},1,0,0,GS-01,,{FIRST},,\n")
    steps = [
        *(["reveal", SITTING, "--party", p, "--commit"] for p in PARTIES),
        ["seal", plan.relative_to(root).as_posix(), "--sitting", SITTING],
        *(["reveal", SITTING, "--party", p] for p in PARTIES),
        ["close", SITTING],
        ["seed", SITTING, "--value", "0305091113182022263135394148525761667180"],
        ["draw", SECOND],
    ]
    for words in steps:
        answer = sampler("-C", root, *words, cwd=root)
        assert answer.code == 0, (words, answer.err)
    return root


def test_the_second_month_verifies(two_months: Path, run: Run) -> None:
    answer = run("verify", two_months / "bundles" / SECOND, "--json")
    assert answer.code == 0, answer.err


def test_who_was_drawn_in_december_rests_in_january(two_months: Path) -> None:
    first, second = (two_months / "bundles" / d for d in (FIRST, SECOND))
    drawn = {c.object_id for c in records.Draw.parse((first / "draw.json").read_bytes()).drawn}
    frame = table(second, "frame.tsv")
    level = dict(zip(frame["object_id"], frame["level"], strict=True))
    class_ = dict(zip(frame["object_id"], frame["class"], strict=True))
    resting = {oid for oid in drawn if class_.get(oid, "D") != "D"}
    assert resting
    assert {level[oid] for oid in resting} == {"0"}
    assert not resting & {c.object_id for c in records.Draw.parse((second / "draw.json").read_bytes()).drawn}


def test_the_history_holds_what_december_sealed(two_months: Path) -> None:
    first, second = (two_months / "bundles" / d for d in (FIRST, SECOND))
    history, frame, levels = (
        table(folder, f"{name}.tsv") for folder, name in ((second, "history"), (first, "frame"), (first, "levels"))
    )
    pi = dict(zip(levels["key"], levels["pi_e12"], strict=True))
    want = {
        f"{oid}/2026-12": pi[f"{s}/{v}"]
        for oid, s, v, c in zip(frame["object_id"], frame["stratum"], frame["level"], frame["class"], strict=True)
        if c != "D" and v != "0"
    }
    rows = {k: (d, p, x) for k, d, p, x in history.rows() if k.endswith("/2026-12")}
    assert {k: p for k, (_, p, _) in rows.items()} == want
    assert {d for d, _, _ in rows.values()} == {FIRST}
    drawn = {c.object_id for c in records.Draw.parse((first / "draw.json").read_bytes()).drawn}
    assert {k.partition("/")[0] for k, (_, _, x) in rows.items() if x == "1"} == {
        k.partition("/")[0] for k in want
    } & drawn
    months = Counter(k.rpartition("/")[2] for k in history.key)
    assert min(months) >= "2026-07"  # six months before January 2027
    assert "2027-01" not in months  # the late visit belongs to December's draw


def test_w_speaks_for_the_whole_frame(two_months: Path) -> None:
    second = two_months / "bundles" / SECOND
    history, frame, levels = (table(second, f"{name}.tsv") for name in ("history", "frame", "levels"))
    december = Table(
        {n: [v for v, k in zip(history[n], history.key, strict=True) if k.endswith("/2026-12")] for n in history.names}
    )
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    got = {c.object_id for c in records.Draw.parse((second / "draw.json").read_bytes()).drawn}
    chance = {
        oid: pi[f"{s}/{v}"]
        for oid, s, v, c in zip(frame["object_id"], frame["stratum"], frame["level"], frame["class"], strict=True)
        if oid in got and c == "B"
    }
    past = weights.past(december, "2027-01", dict.fromkeys(chance, 1))
    sealed = dict(zip(december.key, map(int, december["pi_e12"]), strict=True))
    assert any(past.values())
    for oid, earlier in past.items():
        p = sealed.get(f"{oid}/2026-12", 0)  # 0: resting in December too
        assert earlier == [p] * bool(p)
        assert weights.W(chance[oid], earlier) == Fraction(10**12, chance[oid]) * Fraction(10**12, 10**12 - p)
    with pytest.raises(DrawError):  # of the months before the workspace only the drawn are known
        weights.past(history, "2027-01", dict.fromkeys(chance, 6))


def test_an_edited_draw_of_the_past_stops_the_plan(two_months: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(two_months, copy)
    frame = copy / "draws" / FIRST / "frame.tsv"
    frame.write_text(frame.read_text(encoding="utf-8").replace("\t1\t", "\t2\t", 1), encoding="utf-8")
    answer = sampler("-C", copy, "plan", "input/january.toml", "--dry-runs", "0", "--json", cwd=copy)
    assert answer.code != 0
    assert answer.codes == ["SEAL_BROKEN"]


def test_a_cooldown_nobody_can_keep_is_refused_with_the_longest(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    plan = next_plan(copy, ('{ class = "C", months = 1 }', '{ class = "C", months = 12 }'))
    answer = sampler("-C", copy, "plan", plan.relative_to(copy), "--dry-runs", "0", "--json", cwd=copy)
    assert answer.code == 1
    found = {e["code"]: e for e in answer.json["errors"]}
    assert set(found) <= {"COOLDOWN_PACE", "SIZE_COOLDOWN"}
    error = next(iter(found.values()))
    longest = int(error["found"].rpartition("=")[2])
    assert 0 < longest < 12
    assert f"{longest} 个月" in error["hint"]
    mended = next_plan(copy, ('{ class = "C", months = 1 }', f'{{ class = "C", months = {longest} }}'))
    again = sampler("-C", copy, "plan", mended.relative_to(copy), "--dry-runs", "0", "--json", cwd=copy)
    assert not set(again.codes) & {"SIZE_COOLDOWN"} if error["code"] == "SIZE_COOLDOWN" else again.code == 0


def test_a_ratio_that_falls_while_risk_rises_is_pointed_out(demo: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    plan = next_plan(copy, ('ratio = "30%"', 'ratio = "5%"'))
    answer = sampler("-C", copy, "plan", plan.relative_to(copy), "--dry-runs", "0", "--json", cwd=copy)
    warned = [w for w in answer.json["warnings"] if w["code"] == "CLAUSE_ORDER"]
    assert [w["found"] for w in warned] == ["10% > 5%"]
    assert "D" in warned[0]["message"]


def test_a_yearly_quota_is_held_against_the_years_own_draws(two_months: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(two_months, copy)
    monthly = 'ratio = "30%", period = "task"'
    strata = table(copy / "bundles" / SECOND, "strata.tsv")
    january = sum(int(n) for n, c in zip(strata["n"], strata["clause"], strict=True) if c == "D")
    for drawn, code in [(january, []), (january + 3, ["QUOTA_DRAWN"])]:  # December's number is last year's
        yearly = f'ratio = "90%", period = "year", drawn = {drawn}, batches_left = 2'
        plan = next_plan(copy, (monthly, yearly), ("P-2027-01", "P-2027-01b"))
        answer = sampler("-C", copy, "plan", plan.relative_to(copy), "--dry-runs", "0", "--json", cwd=copy)
        assert [w["code"] for w in answer.json["warnings"] if w["code"].startswith("QUOTA")] == code, answer.err
        assert not code or answer.json["warnings"][-1]["found"] == f"{drawn} != {january}"
