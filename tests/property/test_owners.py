"""Owners as units: the program against the naive twin, against the plain draw, and against its own probabilities."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from sampler import units
from sampler.canon import H
from sampler.errors import SamplerError
from sampler.plan import Plan
from sampler.tables import NONE, Table, from_rows
from tests import owned
from tests.chance import Means, planted
from tests.reference import golden, owners, strata, tables

FRAMES = 150
DRAWS = 20_000
E12 = 10**12


def twin(by: Plan, given: list[owned.Row], held: dict[str, Table], history: list[dict[str, str]]) -> golden.Selection:
    """What the text says of the frame; L and pi, which are data, come from the sealed table."""
    plan = by.to_dict()
    names = ("object_id", "owner_id", "class", "type", "district")
    whole = owners.units(plan, [dict(zip(names, row[:5], strict=True)) for row in given])
    scores = {row[0]: row[5] for row in given}
    kinds = {t["type"]: t["stratum"] for t in plan["types"]}
    cold_classes = {rule["class"] for rule in plan["cooldown"] if rule["months"]}
    levels = [dict(zip(held["levels.tsv"].names, row, strict=True)) for row in held["levels.tsv"].rows()]
    found = golden.Selection([], [], levels, {}, plan)
    for name, stratum in golden.strata_of(plan, whole).items():
        mine = [u for u in whole if (u["class"], kinds[u["type"]], u["district"]) in stratum.cells]
        cold = [u for u in mine if golden.cooling(u["class"], u["object_id"], plan, history)]
        warm = [u for u in mine if u not in cold]
        floor, gamma = plan["risk"]["floor"], plan["risk"]["gamma"]
        weights = strata.weights([owners.risk(u, scores) for u in warm], int(floor["num"]), int(floor["den"]), gamma)
        level_of, _ = strata.levels(weights, stratum.n, cooldown=name[0] in cold_classes)
        placed = [*((u, "0") for u in cold), *zip(warm, level_of, strict=True)]
        found.frame.extend(r | {"stratum": name, "level": v} for u, v in placed for r in u["objects"])
        sizes = (len(mine), len(warm), stratum.n, stratum.n - level_of.count("T"), level_of.count("T"))
        texts = (name, stratum.clause, *map(str, sizes))
        found.strata.append(dict(zip(tables.columns("strata"), texts, strict=True)))
    return found


def attempt(by: Plan, given: list[owned.Row], history: Table) -> tuple[dict[str, Table], str]:
    """The sealed tables, or the code of the refusal."""
    try:
        return owned.sealed(by, given, history), ""
    except SamplerError as refused:
        return {}, refused.code


def compare(seed: int) -> str:
    """Draw one frame of owners both ways."""
    rng = random.Random(seed)
    count = rng.choice((3, 6, 12, 30))
    given = owned.rows(rng, count, max(1, count // 3))
    by = owned.easy(ratio=rng.choice(("20%", "40%", "60%", "100%")), cooldown=rng.choice((0, 0, 2)))
    past = sorted({units.owner_of(r[0], r[1]) for r in rng.sample(given, rng.randrange(3))})
    rows = [{"key": f"{u}/2026-11", "draw_id": "X-1", "pi_e12": "7", "drawn": "1"} for u in past]
    history = from_rows(("key", "draw_id", "pi_e12", "drawn"), [tuple(r.values()) for r in rows])
    held, code = attempt(by, given, history)
    if code:
        with pytest.raises(strata.RefusedError) as ours:
            twin(by, given, {"levels.tsv": from_rows(("key", "count", "target_e12", "L", "pi_e12"), [])}, rows)
        assert ours.value.args[0] == code
        return code
    want = twin(by, given, held, rows)
    assert [list(r.values()) for r in sorted(want.strata, key=lambda r: r["stratum"])] == [list(r) for r in held["strata.tsv"].rows()]  # fmt: skip
    columns = ("object_id", "stratum", "level")
    placed = sorted(tuple(r[c] for c in columns) for r in want.frame)
    assert placed == sorted(zip(*(held["frame.tsv"][c] for c in columns), strict=True))
    key = H("owners", str(seed))
    drawing, found = golden.draw_objects(want, key, by.reserves), owned.drawn(by, held, key)
    assert drawing.drawn == [c.to_dict() for c in found.drawn]
    assert drawing.reserves == [c.to_dict() for c in found.reserves]
    assert tables.tsv("tau", drawing.tau) == found.tau
    return "drawn"


def test_owners_are_drawn_as_the_naive_twin_draws_them() -> None:
    found = Counter(compare(seed) for seed in range(FRAMES))
    assert found["drawn"] > FRAMES // 3, found
    assert len(found) > 1, found


@pytest.mark.torture
def test_many_frames_of_owners() -> None:
    first = random.SystemRandom().randrange(2**40)
    assert Counter(compare(first + n) for n in range(20_000))["drawn"] > 5_000, f"first seed {first}"


@pytest.mark.parametrize("named", ["nobody", "itself"])
def test_where_every_owner_has_one_object_owners_and_objects_are_the_same_draw(named: str) -> None:
    rng = random.Random(named)
    for _ in range(20):
        alone = [(o, NONE if named == "nobody" else o, *rest) for o, _, *rest in owned.rows(rng, 40, 9)]
        by = owned.easy(ratio="30%")
        one, two = (owned.sealed(p, alone) for p in (by, owned.without_units(by)))  # type: ignore[arg-type]  # rows as built
        assert {n: list(t.rows()) for n, t in one.items()} == {n: list(t.rows()) for n, t in two.items()}
        seed = rng.randbytes(32)
        assert owned.drawn(by, one, seed) == owned.drawn(owned.without_units(by), two, seed)


def test_another_name_for_the_only_owner_changes_names_alone() -> None:
    """One object each under owners of other names: the draw of objects that had those names."""
    rng = random.Random("renamed")
    given = [(o, f"w{o}", *rest) for o, _, *rest in owned.rows(rng, 40, 9)]
    by = owned.easy(ratio="30%")
    renamed = [(w, NONE, *rest) for _, w, *rest in given]
    one = owned.sealed(by, given)  # type: ignore[arg-type]  # rows as built
    two = owned.sealed(owned.without_units(by), renamed)  # type: ignore[arg-type]  # rows as built
    found, plain = owned.drawn(by, one, bytes(32)), owned.drawn(owned.without_units(by), two, bytes(32))
    assert [(f"w{c.object_id}", c.rank) for c in found.drawn] == [(c.object_id, c.rank) for c in plain.drawn]
    assert found.tau == plain.tau


def test_splitting_a_firm_into_shops_changes_nobodys_chance() -> None:
    first, *others = owned.rows(random.Random(5), 30, 4)
    name, _, class_, type_, district, risk = first
    firm: owned.Row = (name, name, class_, type_, district, risk)
    shops: list[owned.Row] = [(f"z{n}", name, class_, type_, district, risk) for n in range(9)]
    one, two = (owned.sealed(owned.easy(), [firm, *others, *more]) for more in ([], shops))
    assert list(one["strata.tsv"].rows()) == list(two["strata.tsv"].rows())
    assert list(one["levels.tsv"].rows()) == list(two["levels.tsv"].rows())


FREQUENT: list[owned.Row] = [
    ("a1", "a", "B", "enterprise", "310101", 900_000), ("a2", "a", "B", "enterprise", "310101", 0),
    ("a3", "a", "B", "individual", "310104", 0), ("b1", "b", "C", "enterprise", "310101", 300_000),
    ("b2", "b", "B", "enterprise", "310101", 100_000), ("c1", NONE, "C", "enterprise", "310101", 500_000),
    ("c2", "c1", "C", "enterprise", "310101", 20_000), ("d1", "d", "C", "enterprise", "310101", 100_000),
    *((f"e{n}", "e", "C", "enterprise", "310101", 50_000 * n) for n in range(4)),
    ("f1", NONE, "C", "enterprise", "310101", 250_000), ("g1", NONE, "B", "enterprise", "310101", 250_000),
    ("h1", NONE, "B", "enterprise", "310101", 150_000),
]  # fmt: skip


def test_objects_are_drawn_as_often_as_their_owner_divided_among_them() -> None:
    """20,000 hashed draws of 8 owners with 15 objects: the largest |z| holds, and an error of 2 % does not."""
    by = owned.easy(ratio="50%")
    held = owned.sealed(by, FREQUENT)
    levels = held["levels.tsv"]
    pi = units.frame_pi(
        held["frame.tsv"], dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True)), owners=True
    )
    at = {o: n for n, o in enumerate(pi)}
    counts = np.zeros(len(pi))
    owner = {r[0]: units.owner_of(r[0], r[1]) for r in FREQUENT}
    for n in range(DRAWS):
        found = [c.object_id for c in owned.drawn(by, held, H("frequencies", "owners", n)).drawn]
        assert len({owner[o] for o in found}) == len(found)
        for o in found:
            counts[at[o]] += 1
    claimed = np.array(list(pi.values())) / E12
    assert abs(claimed.sum() - sum(map(int, held["strata.tsv"]["n"]))) < 1e-9
    chance = claimed < 1
    means = Means.of(counts[chance], counts[chance], DRAWS)
    assert means.fits(claimed[chance]), means.worst(claimed[chance])
    of_owner = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    rows = zip(held["frame.tsv"]["stratum"], held["frame.tsv"]["level"], strict=True)
    undivided = np.array([of_owner[f"{s}/{v}"] for s, v in rows]) / E12
    assert not means.fits(undivided[chance])


def second_stage(draws: int, name: str) -> tuple[Means, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """How often each of five objects stands for its owner, over hashed seeds, and the claim of one fifth."""
    objects = [f"shop-{n}" for n in range(5)]
    found = Counter(units.second(H(name, n), "owner", objects) for n in range(draws))
    counts = np.array([found[o] for o in objects], dtype=np.float64)
    return Means.of(counts, counts, draws), np.full(5, 0.2)


def test_every_object_of_an_owner_stands_equally_often() -> None:
    means, fifth = second_stage(20_000, "second stage")
    assert means.fits(fifth)
    assert not means.fits(planted(fifth, np.ones(5), 0, share=0.2))


@pytest.mark.torture
def test_an_object_favoured_by_two_in_a_hundred_is_seen() -> None:
    means, fifth = second_stage(1_000_000, "second stage, many")
    assert means.fits(fifth)
    assert means.power(fifth) > 0
    assert not means.fits(planted(fifth, np.ones(5), 0))
