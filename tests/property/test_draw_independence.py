"""The Draw record does not know in what order, batches, partitions or threads the frame was read."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from sampler import canon, draw, records, tables, ticket
from sampler.select import exact, fast

RESERVES = 3
SEED = canon.sha256(b"independence")
STRATA = {"A.food.01": 5, "B.food.01": 2, "B.food.02": 1, "C.lift.01": 0, "D.lift.02": 30}
LEVELS = [1, 2**20, 2**27, 2**31, 2**32 - 1]


class Plan:
    """All that selection reads of a plan."""

    reserves = RESERVES
    owners = False


def world(size: int = 240) -> tuple[tables.Table, tables.Table, tables.Table]:
    """Return a frame of five strata with cooling and taken units, its strata and its levels."""
    rng = random.Random(7)
    names = list(STRATA)
    frame = []
    for n in range(size):
        stratum = names[n % 5]
        level = rng.choice(["0", "T", *"12345"]) if n >= 200 else str(1 + n % 5 if n % 3 else rng.randint(1, 5))
        frame.append((f"OBJ{n:05}", stratum, level))
    levels = [(f"{s}/{k}", str(x)) for s in names for k, x in enumerate(LEVELS, start=1)]
    return (
        tables.from_rows(("object_id", "stratum", "level"), frame),
        tables.from_rows(("stratum", "m"), [(s, str(m)) for s, m in STRATA.items()]),
        tables.from_rows(("key", "L"), levels),
    )


def record(chosen: draw.Selection) -> bytes:
    """Return the bytes of the record, then those of tau."""
    found = draw.result("X-2026-0001", "00" * 32, SEED, chosen, {"teams": []})
    return canon.encode(found.to_dict()) + chosen.tau


def shuffled(table: tables.Table, rng: random.Random) -> tables.Table:
    rows = list(table.rows())
    rng.shuffle(rows)
    return tables.Table(dict(zip(table.names, map(list, zip(*rows, strict=True)), strict=True)))  # not sorted again


def in_parts(frame: tables.Table, rng: random.Random) -> draw.Selection:
    """Draw from batches of a shuffled frame, read by some threads, merged in some order and grouping."""
    parameters = {str(k): x for k, x in enumerate(LEVELS, start=1)}
    names = list(STRATA)
    rows = [r for r in shuffled(frame, rng).rows() if r[2] not in "0T"]
    cuts = sorted(rng.sample(range(1, len(rows)), rng.randint(0, 12)))
    batches = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    key = ticket.object_key(SEED)
    ticket_of = partial(ticket.ticket, key)
    wanted = [m + RESERVES + 1 for m in STRATA.values()]

    def read(batch: list[tuple[str, ...]]) -> fast.Units:
        columns = [u for u, _, _ in batch], [parameters[x] for _, _, x in batch], [names.index(s) for _, s, _ in batch]
        return fast.smallest(fast.units(*columns, fast.heads(key, columns[0])), wanted, ticket_of)

    with ThreadPoolExecutor(rng.randint(1, 4)) as pool:
        parts = list(pool.map(read, batches))
    rng.shuffle(parts)
    while len(parts) > 1:
        some = rng.randint(2, len(parts))
        merged = fast.smallest(fast.join(parts[:some]), wanted, ticket_of)
        parts = [*parts[some:], merged]
    choices = fast.choices(parts[0], list(STRATA.values()), RESERVES, ticket_of)
    taken = [records.Chosen(object_id=u, stratum=s, rank=0) for u, s, x in frame.rows() if x == "T"]
    return draw.selection(dict(zip(STRATA, choices, strict=True)), taken)


def disturb(rounds: int, seed: int) -> None:
    frame, strata, levels = world()
    want = record(draw.select(Plan, frame, strata, levels, SEED))  # type: ignore[arg-type]
    rng = random.Random(seed)
    for n in range(rounds):
        if n % 2:
            found = draw.select(Plan, shuffled(frame, rng), strata, shuffled(levels, rng), SEED)  # type: ignore[arg-type]
        else:
            found = in_parts(frame, rng)
        assert record(found) == want


def test_the_world_has_every_kind_of_unit_and_the_rule_gives_the_same() -> None:
    frame, strata, levels = world()
    assert set(frame["level"]) == {"0", "T", *"12345"}
    found = draw.select(Plan, frame, strata, levels, SEED)  # type: ignore[arg-type]
    key = ticket.object_key(SEED)
    for stratum, m in STRATA.items():
        rows = [(u, LEVELS[int(x) - 1]) for u, s, x in frame.rows() if s == stratum and x not in "0T"]
        want = exact.choose(rows, key, m, RESERVES)
        got = sorted((c.rank, c.object_id) for c in (*found.drawn, *found.reserves) if c.stratum == stratum and c.rank)
        assert tuple(u for _, u in got) == want.drawn + want.reserves


def test_300_shufflings_and_partitions_give_the_same_record() -> None:
    """The choice MUST NOT depend on the order in which the frame was read."""
    disturb(300, seed=1)


@pytest.mark.torture
def test_10000_shufflings_and_partitions_give_the_same_record() -> None:
    disturb(10_000, seed=2)


def test_another_parameter_or_seed_is_seen() -> None:
    frame, strata, levels = world()
    want = record(draw.select(Plan, frame, strata, levels, SEED))  # type: ignore[arg-type]
    other = record(draw.select(Plan, frame, strata, levels, bytes(32)))  # type: ignore[arg-type]
    assert other != want
    drawn = next(u for u, s, x in frame.rows() if s == "D.lift.02" and x == "5")
    rows = [(u, s, "1" if u == drawn else x) for u, s, x in frame.rows()]
    lowered = draw.select(Plan, tables.from_rows(frame.names, rows), strata, levels, SEED)  # type: ignore[arg-type]
    assert record(lowered) != want
