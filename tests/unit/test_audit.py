"""docs/spec/audit.md: bad procedures are flagged with the figures known of them, honest ones pass, and power is as stated."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from sampler.audit import BUILT_IN, FLAGGED, NA, OK, UNCLEAR, Finding, Line, Subject, examine, seeds, tally
from sampler.audit.subjects import example, round_robin, skip_draw
from sampler.canon import H
from sampler.commands.audit import PROCEDURES
from sampler.commands.audit_text import report

SPACE = 2**63


def run(subject: Subject, runs: int, seed_space: int | None = None) -> dict[str, Finding]:
    t = tally(subject, seeds("test", runs, seed_space or SPACE))
    found = examine(subject, t, seed_space=seed_space)
    assert report(subject, runs, found)
    return {f.check: f for f in found}


def flagged(found: dict[str, Finding]) -> set[str]:
    return {k for k, f in found.items() if f.status == FLAGGED}


def honest(seed: int, ids: Sequence[str], n: int) -> list[Line]:
    """Equal probabilities by the smallest hashes: independent of order."""
    return [(i,) for i in sorted(ids, key=lambda i: H("test", seed, i))[:n]]


def simple(size: int, n: int, **changes: object) -> Subject:
    ids = tuple(f"U{k:03d}" for k in range(size))
    base = {"name": "t", "ids": ids, "lines": n, "claimed": (n / size,) * size, "team": 1}
    return Subject(**(base | {"run": lambda s, o: honest(s, o, n)} | changes))  # type: ignore[arg-type]  # a test's bag


# --- the known bad ones


@pytest.mark.parametrize(
    ("size", "n", "outcomes", "never", "certain", "most"),
    [
        (53_849, 1_615, 33, 8_374, 0, 2 / 33),
        (53_849, 5_385, 9, 18_206, 0, 2 / 9),
        (299, 100, 2, 99, 0, 1 / 2),
        (1_000, 350, 2, 300, 0, 1 / 2),
        (1_000, 600, 2, 0, 200, 1.0),
        (721, 500, 3, 0, 58, 1.0),
        (31_107, 933, 33, 2_736, 0, 2 / 33),
    ],
)
def test_the_skip_draw_has_the_consequences_that_were_computed_from_its_description(
    size: int, n: int, outcomes: int, never: int, certain: int, most: float
) -> None:
    ids = [str(k) for k in range(size)]
    drawn: set[frozenset[int]] = set()
    for seed in range(12 * outcomes):
        lines = skip_draw(seed, ids, n)
        drawn.add(frozenset(int(i) for (i,) in lines))
        assert len(lines) == n
    assert len(drawn) == outcomes
    counts = np.zeros(size)
    for chosen in drawn:
        counts[list(chosen)] += 1
    assert (counts == 0).sum() == never
    assert (counts == outcomes).sum() == certain
    assert counts.max() / outcomes == pytest.approx(most)


def test_the_skip_draw_is_flagged_with_its_figures() -> None:
    found = run(BUILT_IN["skip-draw"](), 1000)
    assert flagged(found) == {"order", "reach", "uniform", "parts", "seeds"}
    assert found["reach"].facts["never"] == 8374
    assert found["reach"].facts["objects"] == 53_849
    assert found["seeds"].facts["outcomes"] == 33


def test_round_robin_is_flagged_with_its_figures() -> None:
    found = run(BUILT_IN["round-robin"](), 500)
    assert flagged(found) == {"order", "seeds", "pairs"}
    pairs = found["pairs"].facts
    assert (pairs["possible"], pairs["formed"], pairs["never"]) == (190, 20, 170)
    assert found["seeds"].facts["outcomes"] == 20


def test_round_robin_pairs_roster_neighbours_only() -> None:
    ids = [f"{k:02d}" for k in range(20)]
    for seed in range(50):
        for a, b in round_robin(seed, ids, 30):
            assert (int(b) - int(a)) % 20 == 1


def test_a_seed_of_six_digits_shows_itself() -> None:
    found = run(BUILT_IN["six-digits"](), 6000)
    assert flagged(found) == {"seeds"}
    assert 3e5 < found["seeds"].facts["outcomes"] < 3e6
    declared = run(BUILT_IN["ours"](), 50, seed_space=10**6)
    assert flagged(declared) == {"seeds"}


def test_weighted_choice_does_not_keep_its_claims() -> None:
    found = run(BUILT_IN["weighted-choice"](), 1000)
    assert {"order", "uniform", "parts"} <= flagged(found)


# --- the honest ones


def test_our_own_draw_passes() -> None:
    found = run(BUILT_IN["ours"](), 1500)
    assert {f.status for f in found.values()} == {OK, NA}


def test_our_own_teams_pass_and_all_pairs_occur() -> None:
    found = run(BUILT_IN["ours-teams"](), 100)
    assert flagged(found) == set()
    assert (found["pairs"].status, found["pairs"].facts["never"]) == (OK, 0)


@pytest.mark.parametrize("size_n", [(12, 1), (12, 6), (12, 12), (2, 1), (60, 5), (1, 1)])
def test_honest_draws_of_tiny_frames_are_not_accused(size_n: tuple[int, int]) -> None:
    assert flagged(run(simple(*size_n), 1000)) == set()


# --- planted faults, one a check


def test_each_fault_is_flagged_by_its_own_check() -> None:
    n, state = 5, {"k": 0}

    def forgetful(_: int, ids: Sequence[str]) -> list[Line]:
        state["k"] += 1
        return honest(state["k"], ids, n)

    def by_place(seed: int, ids: Sequence[str]) -> list[Line]:
        return [(ids[int(i)],) for (i,) in honest(seed, [str(k) for k in range(len(ids))], n)]

    def omits(seed: int, ids: Sequence[str]) -> list[Line]:
        return honest(seed, [i for i in ids if i != "U007"], n)

    def favours(seed: int, ids: Sequence[str]) -> list[Line]:
        lines = honest(seed, ids, n)
        return [*lines[:-1], ("U003",)] if seed % 4 == 0 and ("U003",) not in lines else lines

    def short(seed: int, ids: Sequence[str]) -> list[Line]:
        return honest(seed, ids, n - (seed % 3 == 0))

    def twice(seed: int, ids: Sequence[str]) -> list[Line]:
        return [*honest(seed, ids, n - 1), honest(seed, ids, 1)[0]]

    def invents(seed: int, ids: Sequence[str]) -> list[Line]:
        return [*honest(seed, ids, n - 1), ("朋友",)]

    def poor(seed: int, ids: Sequence[str]) -> list[Line]:
        return honest(seed % 20_000, ids, n)

    for procedure, want in (
        (forgetful, "replay"), (by_place, "order"), (omits, "reach"), (favours, "uniform"), (short, "results"),
        (twice, "results"), (invents, "results"), (poor, "seeds"),
    ):  # fmt: skip
        found = flagged(run(simple(60, n, run=procedure), 1000))
        assert want in found, procedure.__name__
        if want not in ("results", "uniform", "reach", "replay"):
            assert found == {want}, procedure.__name__


def test_a_tilt_too_small_for_single_objects_is_seen_in_the_parts() -> None:
    def tilted(seed: int, ids: Sequence[str]) -> list[Line]:
        """The first half of the ids a little likelier: as frames sorted by age or office have been drawn."""
        key = {i: int.from_bytes(H("test", seed, i)) * (0.8 if i < "U100" else 1.0) for i in ids}
        return [(i,) for i in sorted(ids, key=key.__getitem__)[:20]]

    found = flagged(run(simple(200, 20, run=tilted), 1200))
    assert found == {"parts"}


def test_a_claim_of_unequal_probabilities_that_is_not_kept_is_flagged() -> None:
    ids, d = example(100, 10)
    rounded = Subject(name="t", ids=ids, lines=10, claimed=d.claimed, team=1, run=lambda s, o: honest(s, o, 10))
    assert {"uniform", "parts"} <= flagged(run(rounded, 1000))


def test_impossible_and_certain_objects_are_judged_without_a_z() -> None:
    claims = (0.0, 1.0, *((4 / 58,) * 58))
    found = run(simple(60, 5, claimed=claims), 300)
    assert "uniform" in flagged(found)
    assert found["uniform"].facts["impossible"] == 2


def test_too_few_runs_are_said_to_be_too_few() -> None:
    found = run(simple(200, 2), 100)
    assert found["reach"].status == UNCLEAR
    assert found["reach"].facts["runs_needed"] == math.ceil(math.log(1e-6 / 8 / 200) / math.log(0.99))
    teams = Subject(
        name="t", ids=tuple("abcdefgh"), lines=1, claimed=(), team=2,
        run=lambda s, o: [tuple(sorted(i for (i,) in honest(s, o, 2)))],
    )  # fmt: skip
    assert run(teams, 20)["pairs"].status == UNCLEAR
    assert run(teams, 2000)["pairs"].status == OK


def test_the_stated_power_is_the_true_power() -> None:
    """An error of the size the report names is seen about nine times in ten."""
    runs, size, n = 400, 40, 8
    base = simple(size, n)
    error = run(base, runs)["uniform"].facts["error_seen"]
    p = n / size * (1 + error)
    rng = np.random.default_rng(17)
    t = tally(base, seeds("test", runs, SPACE))
    seen = 0
    for _ in range(200):
        t.counts = np.full(size, runs * n // size)
        t.counts[0] = rng.binomial(runs, p)
        (found,) = (f for f in examine(base, t) if f.check == "uniform")
        seen += found.status == FLAGGED
    assert 165 <= seen <= 197


def test_a_label_gives_everybody_the_same_audit() -> None:
    assert seeds("a", 3, SPACE) == seeds("a", 3, SPACE) != seeds("b", 3, SPACE)
    assert max(seeds("a", 100, 10**6)) < 10**6


def test_the_words_of_the_command_are_those_of_the_library() -> None:
    assert set(PROCEDURES) == set(BUILT_IN)
