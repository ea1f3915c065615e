"""make torture: the page says what ran and what failed."""

from __future__ import annotations

from tests.torture import kept, outcomes, purpose, rows

MODULE = "tests.unit.test_journal"
CASE = '<testcase classname="{}" name="{}" time="{}">{}</testcase>'
STATES = '<properties><property name="states" value="{}"/></properties>'


def report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def test_cases_of_one_test_are_one_row_and_their_counts_are_summed() -> None:
    name = "test_power_may_go_at_any_moment_at_length"
    found = outcomes(report(*(CASE.format(MODULE, f"{name}[{n}]", 1.4, STATES.format(1000)) for n in range(3))))
    what = purpose(MODULE, name)
    assert list(rows(found, "v")) == [("tests/unit/test_journal.py", what, "3", "4", "passed", "states: 3,000", "v")]
    assert what == "After every modelled power loss the log holds all that was acknowledged."


def test_failures_errors_and_skips_are_told() -> None:
    bad = ("<failure/>", "<error/>", "<skipped/>", "")
    found = outcomes(report(*(CASE.format(MODULE, f"test_five_thousand_faults[{n}]", 0, x) for n, x in enumerate(bad))))
    (row,) = rows(found, "v")
    assert row[4] == "2 failed, 1 skipped"


def test_measures_are_given_from_least_to_largest() -> None:
    values = ("0.51234", "2.1")
    found = outcomes(report(*(CASE.format(MODULE, f"test_x[{n}]", 0, STATES.format(v)) for n, v in enumerate(values))))
    ((*_, said, _version),) = rows(found, "v")
    assert said == "states: 0.512 to 2.1"


def test_a_test_without_docstring_is_named_by_its_name() -> None:
    assert purpose(MODULE, "test_there_is_no_such_test") == "there is no such test"


def test_a_part_run_again_replaces_its_row_and_no_other() -> None:
    old = [("tests/a.py", what, "1", "4", "1 failed", "", "v1") for what in ("One", "Two")]
    page = "\n".join("| " + " | ".join(r) + " |" for r in [("file", "what", "cases", "s", "o", "f", "v"), *old])
    again = ("tests/a.py", "One", "1", "3", "passed", "bits: 8", "v2")
    assert kept(page, [again]) == [again, old[1]]


def test_a_module_left_out_whole_is_no_row() -> None:
    assert outcomes(report(CASE.format("", "tests.browser.test_pages", 0, "<skipped/>"))) == {}
