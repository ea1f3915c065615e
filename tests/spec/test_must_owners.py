"""draw.md 1.1, 9.6 and 10, sentence by sentence: owners as units."""

from __future__ import annotations

import pytest

from sampler import disclosure, units, weights
from sampler.estimate import drawn as estimating
from sampler.verify import verify
from tests import owned
from tests.forge import first_failed, rewrite
from tests.owned import Owned

PAIR = ("91310101MA1FL0006F", "91310101MA1FL0007G")
OWNER = "91310000MA1FL9999X"
STRATUM = "C.firm.310101"
OTHER = "92310101MA1FL0011L"


def test_the_bundle_of_owners_verifies() -> None:
    assert Owned().judge().first_failed is None
    assert Owned().done().judge().first_failed is None


def resealed(f: Owned, *tables: str) -> str:
    """The step that refuses a world sealed with these tables as they now stand."""
    if "frame" in tables:
        f.reroot("frame")
    for name in tables:
        if name != "frame":
            f.rehash(f"{name}.tsv")
    return first_failed(f.relink().done())


def counted(f: Owned, path: str, key: str, column: int, by: int) -> None:
    lines = f.files[path].decode().split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{key}\t"))
    fields = lines[at].split("\t")
    fields[column] = str(int(fields[column]) + by)
    lines[at] = "\t".join(fields)
    f.files[path] = "\n".join(lines).encode()


@pytest.mark.parametrize("column", [2, 3])
def test_an_owner_counts_once(column: int) -> None:
    """A unit MUST count once in every number of `strata.tsv` and `levels.tsv`, whatever the number of its objects."""
    f = Owned()
    counted(f, "strata.tsv", STRATUM, column, 2)
    assert resealed(f, "strata") == "probabilities"
    f = Owned()
    level = next(
        v for o, v in zip(*(owned.table("frame.tsv")[c] for c in ("object_id", "level")), strict=True) if o == PAIR[0]
    )
    counted(f, "levels.tsv", f"{STRATUM}/{level}", 1, 1)
    assert resealed(f, "levels") == "probabilities"


@pytest.mark.parametrize(
    ("column", "value"), [("level", "1"), ("level", "0"), ("level", "2"), ("stratum", "B.firm.310101")]
)
@pytest.mark.parametrize("object_id", PAIR)
def test_rows_of_one_owner_agree(object_id: str, column: str, value: str) -> None:
    """Every row of a unit MUST carry the stratum and the level of the unit."""
    f = Owned()
    f.row(object_id, column, value)
    assert resealed(f, "frame") == "probabilities"


@pytest.mark.parametrize("owner", ["-", OTHER])
def test_an_owner_hidden_or_changed_in_the_seal(owner: str) -> None:
    f = Owned()
    f.row(PAIR[0], "owner_id", owner)
    assert first_failed(f.done()) == "trees"
    assert resealed(f, "frame") == "probabilities"


def test_another_object_lent_to_an_owner() -> None:
    f = Owned()
    f.row(OTHER, "owner_id", OWNER)
    assert resealed(f, "frame") == "probabilities"


@pytest.mark.parametrize("value", ["object", "Owner", "-"])
def test_units_is_owner_or_nothing(value: str) -> None:
    f = Owned()
    f.change("plan.json", units=value)
    assert first_failed(f.relink().done()) == "records"


def test_a_plan_that_no_longer_draws_owners() -> None:
    f = Owned()
    f.change("plan.json", units=None)
    assert first_failed(f.relink().done()) == "probabilities"


@pytest.mark.parametrize("object_id", PAIR)
@pytest.mark.parametrize("risk", ["1000000", "0", ""])
def test_the_largest_risk_counts(object_id: str, risk: str) -> None:
    """The risk of a unit MUST be the largest of the risks of its objects."""
    f = Owned()
    lines = f.files["scores.csv"].decode().split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{object_id},"))
    lines[at : at + 1] = [f"{object_id},{risk}"] if risk else []
    f.files["scores.csv"] = "\n".join(lines).encode()
    f.rehash("scores.csv")
    largest = {PAIR[0]: 900_000, PAIR[1]: 450_000}
    unmoved = risk != "" and max(int(risk), largest[PAIR[object_id == PAIR[0]]]) == 900_000
    assert first_failed(f.relink().done()) == (
        "selection" if unmoved else "probabilities"
    )  # another seal, another seed


@pytest.mark.parametrize("listed", ["drawn", "reserves"])
def test_the_object_of_an_owner_cannot_be_chosen(listed: str) -> None:
    """The object listed for an owner of several MUST be the one with the smallest `H("second", seed, owner, object)`, a
    256-bit integer, big-endian; the seed is its 32 bytes."""
    f = Owned()
    frame = owned.table("frame.tsv")
    held = units.of_frame(frame, owners=True).objects(frame["object_id"])
    swapped = 0
    for row in f.get("draw.json")[listed]:
        mine = next(o for o in held.values() if row["object_id"] in o)
        for other in sorted(set(mine) - {row["object_id"]}):
            g = Owned()
            g.pick(listed, row["object_id"], other)
            assert first_failed(g.done()) == "selection"
            swapped += 1
    assert swapped or listed == "reserves"
    if listed == "drawn":
        rewrite(f, "draw.json", lambda d: d["drawn"][0].update(object_id=OWNER))
        assert first_failed(f.done()) == "selection"


def test_an_owner_drawn_with_both_objects() -> None:
    f = Owned()
    draw = f.get("draw.json")
    one = next(r for r in draw["drawn"] if r["object_id"] in PAIR)
    twice = sorted(
        [*draw["drawn"], {**one, "object_id": next(o for o in PAIR if o != one["object_id"])}],
        key=lambda r: r["object_id"],
    )
    f.change("draw.json", drawn=twice, n=len(twice))
    assert first_failed(f.done()) == "selection"


def test_weights_of_objects() -> None:
    """An object MUST weigh as much as its unit times the number of the unit's objects, whichever of the three weights is
    used."""
    found = estimating.read(owned.made())
    frame, levels, history = (owned.table(f"{n}.tsv") for n in ("frame", "levels", "history"))
    held = units.of_frame(frame, owners=True)
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    of = {o: held.ids[k] for o, k in zip(frame["object_id"], held.of, strict=True)}
    past = weights.past(history, "2026-12", dict.fromkeys((of[o] for o in found.ids), 2))
    seen = 0
    for oid, weight, taken in zip(found.ids, found.weight, found.taken, strict=True):
        row = frame["object_id"].index(oid)
        unit, size = held.ids[held.of[row]], held.sizes()[held.of[row]]
        cool = 2 if frame["stratum"][row][0] == "B" else 0
        whole = weights.W(pi[f"{frame['stratum'][row]}/{frame['level'][row]}"], past[unit] if cool else ())
        assert weight == whole * size
        assert taken == (frame["level"][row] == "T" and size == 1)
        seen += size > 1
    assert seen


def test_a_certain_owner_of_two_leaves_its_object_to_chance() -> None:
    found = estimating.read(owned.made())
    at = next(n for n, oid in enumerate(found.ids) if oid in PAIR)
    assert float(found.weight[at]) == 2
    assert not found.taken[at]
    sizes = {p.id: m for p, m in found.sizes}
    strata = owned.table("strata.tsv")
    m = dict(zip(strata["stratum"], map(int, strata["m"]), strict=True))
    assert sizes[STRATUM] == m[STRATUM] + 1
    assert sum(n for (_, sure), n in found.frame["draw"].items() if not sure) == 12


def test_published_tickets_are_the_owners() -> None:
    """What a copy shows of a draw of owners proves its tickets, and a ticket under another owner does not."""
    files = disclosure.public_copy(owned.made())

    def status() -> str:
        return next(s for s in verify(files.__getitem__, sorted(files)).steps if s.id == "selection").status

    assert status() == "na"
    assert OWNER.encode() in files["drawn.tsv"]
    files["drawn.tsv"] = files["drawn.tsv"].replace(OWNER.encode(), b"-")
    files["manifest.json"] = disclosure.manifest(files, "DEMO-2026-0001", "standard", "drawn")
    assert status() == "fail"
