"""From rows of a form to a batch, and from batches to the analyst's rows with their weights."""

from __future__ import annotations

from fractions import Fraction

from sampler import records, tables, weights
from sampler.io import batches
from sampler.io.checks import check_file
from sampler.plan import Plan
from tests.support import ROOT

GOLDEN = ROOT / "tests" / "vectors" / "golden" / "bundle-12"
FORM = "统一社会信用代码,检查情况,检查日期,检查结果,到场执法人员\n"


def rows(*lines: str) -> list[records.Result]:
    found = check_file("f.csv", (FORM + "\n".join(lines)).encode(), "results")
    assert not found.problems
    return batches.rows_of(found, {})


def row(oid: str = "a", result: int = 1, **more: object) -> records.Result:
    fields = {
        "object_id": oid,
        "state": "visited",
        "date": "2026-12-10",
        "result": result,
        "officers": ["P01", "P02"],
        **more,
    }
    return records.Result.from_dict(fields)


def test_words_of_the_form_become_states_and_reasons() -> None:
    found = rows(
        'a,已检查,2026-12-10,"5,8","P01，P02"',
        'b,无法联系,2026-12-10,,"P01，P02"',
        "c,已迁出,,,",
        "d,封存前已不在登记库,,,",
    )
    assert [(r.state, r.reason, r.result, r.also) for r in found] == [
        ("visited", None, 5, ("8",)), ("visited", None, 4, None), ("not-visited", "moved", None, None),
        ("out-of-scope", None, None, None),
    ]  # fmt: skip


def test_a_batch_holds_only_what_is_new_and_chains_to_the_one_before() -> None:
    first = batches.batch("D-2026-0001", [], [row("b"), row("a")])
    assert first is not None
    assert [r.object_id for r in first.rows] == ["a", "b"]
    assert batches.batch("D-2026-0001", [first], [row("a"), row("b")]) is None
    second = batches.batch("D-2026-0001", [first], [row("a", 5), row("b")])
    assert second is not None
    assert ([r.object_id for r in second.rows], second.batch, second.previous) == (["a"], 2, first.rhash())
    assert batches.current([first, second])["a"].result == 5


def test_the_analysts_rows_carry_the_exact_weight() -> None:
    files = {n: (GOLDEN / n).read_bytes() for n in ("frame.tsv", "levels.tsv", "history.tsv")}
    plan: Plan = Plan.parse((GOLDEN / "plan.json").read_bytes(), "plan.json")
    drawn = [c.object_id for c in records.Draw.parse((GOLDEN / "draw.json").read_bytes(), "draw.json").drawn]
    table = batches.history("DEMO-2026-0001", plan, files, [row(o) for o in drawn], "A01")
    levels = tables.decode(files["levels.tsv"], records.TABLE_COLUMNS["levels.tsv"])
    known = set(map(int, levels["pi_e12"]))
    assert len(table) == len(drawn)
    for pi, weight in zip(table["pi"], table["W"], strict=True):
        exact = int(Fraction(pi) * 10**12)
        assert exact in known
        assert weight == "" or float(weight) >= float(weights.design_weight(exact)) * (1 - 1e-8)


def test_files_belong_to_the_object_whose_id_begins_their_name() -> None:
    files = {"a-李四.pdf": b"1", "a-2.JPG": b"2", "b": b"3", "b.x/../y": b"4", "x.pdf": b"5"}
    found = batches.attachments(files, ["a", "b", "c"])
    assert {o: [f.name for f in fs] for o, fs in found.items()} == {"a": ["01.jpg", "02.pdf"], "b": ["01", "02"]}
