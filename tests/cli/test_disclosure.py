"""A reader who keeps every published byte tries to learn what the level withholds: by finding it, and by computing it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sampler import canon, merkle, records, tables, ticket
from sampler.disclosure import FILES, STAGES, public, public_copy, stage_of
from sampler.io import bundle
from sampler.io.session import open_session
from sampler.plan import LEVELS
from sampler.verify import Report, verify
from tests.cli import office as o
from tests.cli.office import DRAW, ok

MOMENTS = [(level, stage) for level in LEVELS for stage in STAGES if (level, stage) != ("open", "opened")]
IDS = ["/".join(m) for m in MOMENTS]


class Moment(NamedTuple):
    """An office at one moment: its directory, the auditor's bundle, the public copy."""

    root: Path
    full: dict[str, bytes]
    copy: dict[str, bytes]


def moment(root: Path) -> Moment:
    full = bundle.assemble(open_session(root), DRAW)
    return Moment(root, full, public_copy(full))


@pytest.fixture(scope="session")
def moments(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Moment]:
    """Return every level at every stage it has."""
    out: dict[tuple[str, str], Moment] = {}
    for level in LEVELS:
        swap = ('disclosure = "standard"', f'disclosure = "{level}"')
        root = o.office(demo / "input", tmp_path_factory.mktemp(level) / "w", level=swap)
        o.sealed(root)
        out[level, "sealed"] = moment(root)
        o.revealed(root, kept=level == "after-inspection")
        o.valued(root)
        ok(root, "draw", DRAW)
        out[level, "drawn"] = moment(root)
        if level != "open":
            o.clock(root, o.AFTER_VISITS)
            ok(root, "open", DRAW)
            out[level, "opened"] = moment(root)
    return out


def table(m: Moment, name: str) -> tables.Table:
    return tables.decode(m.full[name], records.TABLE_COLUMNS[name], file=name)


def private(m: Moment) -> set[bytes]:
    """Return every secret of the workspace, in hex and raw, and every name and phone."""
    out: set[bytes] = set()
    for path in (m.root / "private").rglob("*"):
        if path.suffix in (".key", ".secret", ".chain"):
            text = path.read_bytes().strip()
            out |= {text, bytes.fromhex(text.decode())}
    for path in (m.root / "private/names").iterdir():
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        if head.split("\t")[0] != "code":  # the labels file holds names of units and items, which are public
            out |= {cell.encode() for row in rows for cell in row.split("\t")[1:] if len(cell) > 1}
    return out


def told(m: Moment) -> set[bytes]:
    """Return the objects whose ids this copy may show."""
    ids: set[bytes] = set()
    for name in ("drawn.tsv", "exclusions.tsv"):
        if name in m.copy:
            ids |= {line.split(b"\t")[0] for line in m.copy[name].splitlines()[1:]}
    return ids


def withheld(m: Moment) -> set[bytes]:
    """Return texts that tell what a level below open keeps back: strata, L, pi, thresholds, officers, other objects."""
    frame, levels = table(m, "frame.tsv"), table(m, "levels.tsv")
    out = {s.encode() for s in frame["stratum"]}
    out |= {v.encode() for name in ("L", "pi_e12", "target_e12") for v in levels[name] if len(v) > 5}
    out |= {i.encode() for i in frame["object_id"]} - told(m)
    out |= {i.encode() for i in table(m, "roster.tsv")["inspector_id"]} | {
        r.encode() for r in table(m, "recusals.tsv").key
    }
    if "tau.tsv" in m.full:
        out |= {h.encode() for h in table(m, "tau.tsv")["h"]}
    return out


def found(copy: dict[str, bytes], texts: set[bytes]) -> list[tuple[str, bytes]]:
    """Return path and text of everything that can be found, in any file or file name."""
    return [(p, t) for p, d in copy.items() for t in texts if t in d or t in p.encode()]


@pytest.mark.parametrize("at", MOMENTS, ids=IDS)
def test_no_name_phone_key_or_secret_is_ever_published(
    moments: dict[tuple[str, str], Moment], at: tuple[str, str]
) -> None:
    m = moments[at]
    allowed: set[bytes] = set()
    for path in ("sitting.json", "closing.json", "seed.json", "opening.json"):
        allowed |= set(re.findall(rb"[0-9a-f]{64}", m.copy.get(path, b"")))
    secrets = {s for s in private(m) if s not in allowed}
    assert len(secrets) > 20
    assert not found(m.copy, secrets)


@pytest.mark.parametrize("at", [m for m in MOMENTS if m[0] != "open"])
def test_below_open_nothing_withheld_can_be_found(moments: dict[tuple[str, str], Moment], at: tuple[str, str]) -> None:
    m = moments[at]
    assert not found(m.copy, withheld(m))


def test_the_search_finds_what_is_there(moments: dict[tuple[str, str], Moment]) -> None:
    """Were a table published by mistake, or one row of it, the search above would see it."""
    m = moments["standard", "drawn"]
    for name in ("frame.tsv", "levels.tsv", "tau.tsv", "roster.tsv", "draw.json", "assignment.json"):
        assert found({**m.copy, name: m.full[name]}, withheld(m)), name
    row = m.full["frame.tsv"].splitlines()[1]
    assert found({**m.copy, "items.tsv": m.copy["items.tsv"] + row}, withheld(m))
    names = next(p for p in (m.root / "private/names").iterdir() if "roster" in p.name)
    assert found({**m.copy, "items.tsv": names.read_bytes()}, private(m))


def hex_texts(copy: dict[str, bytes], digits: int) -> set[str]:
    pattern = re.compile(rb"(?<![0-9a-f])[0-9a-f]{%d}(?![0-9a-f])" % digits)
    return {t.decode() for d in copy.values() for t in pattern.findall(d)}


def guesses(m: Moment) -> Iterator[bytes]:
    """Return every seed that can be made of published bytes: each secret given, absent, or any published hash."""
    seal = records.Commitment.parse(m.copy["commitment.json"])
    sitting = records.Sitting.parse(m.copy["sitting.json"])
    known = {r.party: bytes.fromhex(r.r) for r in sitting.reveals}
    missing = [p.party for p in seal.parties if p.party not in known]
    pool: list[bytes | None] = [None, *(bytes.fromhex(t) for t in sorted(hex_texts(m.copy, 64)))]
    value = o.VALUE.encode()
    for chosen in itertools.product(pool, repeat=min(len(missing), 1)):
        parts: dict[str, bytes | None] = {**dict.fromkeys(missing), **known, **dict(zip(missing, chosen, strict=False))}
        yield ticket.seed(bytes.fromhex(seal.rhash()), seal.source, value, parts)


@pytest.mark.parametrize("at", [("after-inspection", "drawn"), ("after-inspection", "sealed"), ("standard", "sealed")])
def test_the_visits_ahead_cannot_be_computed(moments: dict[tuple[str, str], Moment], at: tuple[str, str]) -> None:
    """Even who knows the public value and tries every published hash as the missing secret does not get the seed."""
    level = at[0]
    seed = records.Seed.parse(moments[level, "drawn"].full["seed.json"]).seed
    tried = [g.hex() for g in guesses(moments[at])]
    assert len(tried) > 10
    assert seed not in tried


def test_after_the_opening_everybody_computes_the_seed(moments: dict[tuple[str, str], Moment]) -> None:
    """The same attempt succeeds once the custody is opened: the test above fails for a reason."""
    m = moments["after-inspection", "opened"]
    assert records.Seed.parse(m.copy["seed.json"]).seed in {g.hex() for g in guesses(m)}


@pytest.mark.parametrize("at", [m for m in MOMENTS if m[0] != "open"])
@pytest.mark.parametrize("tree", ["frame", "roster", "recusals"])
def test_no_row_can_be_confirmed_against_its_tree(
    moments: dict[tuple[str, str], Moment], at: tuple[str, str], tree: str
) -> None:
    """Who guesses every row exactly right still cannot check the guess: no published nonce opens a leaf."""
    m = moments[at]
    rows = table(m, f"{tree}.tsv")
    true = {
        merkle.blinded_leaf(tree, DRAW, row, bytes.fromhex(n)).hex()
        for row, n in zip(rows.lines(without="nonce"), rows["nonce"], strict=True)
    }
    nonces = [b"", *(bytes.fromhex(t) for t in sorted(hex_texts(m.copy, 32)))]
    guessed = {
        merkle.blinded_leaf(tree, DRAW, row, nonce).hex() for row in rows.lines(without="nonce") for nonce in nonces
    }
    assert not true & guessed
    if len(true) > 1:  # the leaf of a single row is the root, which is sealed and shown; it tells nothing
        assert not true & hex_texts(m.copy, 64)
    root = merkle.root([canon.sha256(b"\0" + row.encode()) for row in rows.lines(without="nonce")]).hex()
    assert root not in hex_texts(m.copy, 64)


@pytest.mark.parametrize("at", MOMENTS, ids=IDS)
def test_a_copy_verifies_at_its_level_and_says_what_it_leaves_open(
    moments: dict[tuple[str, str], Moment], at: tuple[str, str]
) -> None:
    m = moments[at]
    report = judge(m.copy)
    assert (report.level, report.first_failed) == (at[0], None)
    assert {s.no for s in report.steps if s.status == "ok"} >= {1, 2, 3, 4, 5, 6}
    assert [s.no for s in report.steps[:13] if s.status == "na"] == WITHOUT[at]
    assert all(s.meaning for s in report.steps)
    assert any(at[0] in n for n in report.not_proved)


WITHOUT = {
    ("open", "sealed"): [7, 8, 9, 12, 13],
    ("open", "drawn"): [13],
    ("standard", "sealed"): [7, 8, 9, 10, 11, 12, 13],
    ("standard", "drawn"): [10, 11, 12, 13],
    ("standard", "opened"): [10, 11, 12, 13],
    ("after-inspection", "sealed"): [7, 8, 9, 10, 11, 12, 13],
    ("after-inspection", "drawn"): [9, 10, 11, 12, 13],
    ("after-inspection", "opened"): [10, 11, 12, 13],
}
"""Steps of 1 to 13 that a copy cannot answer, or only in part."""


def judge(files: dict[str, bytes]) -> Report:
    return verify(files.__getitem__, sorted(files))


@pytest.mark.parametrize("at", [("standard", "drawn"), ("after-inspection", "opened")])
@pytest.mark.parametrize("change", ["ticket", "left out", "put in", "seed", "exclusion"])
def test_a_false_copy_is_refused(moments: dict[tuple[str, str], Moment], at: tuple[str, str], change: str) -> None:
    m = moments[at]
    files = dict(m.copy)
    lines = files["drawn.tsv"].decode().splitlines(keepends=True)
    step = 12
    if change == "ticket":
        lines[1] = lines[1][:-2] + ("0" if lines[1][-2] != "0" else "1") + "\n"
    if change == "left out":
        del lines[1]
    if change == "put in":
        lines = [*lines, f"z-friend\t-\t{'0' * 64}\n"]
    files["drawn.tsv"] = "".join(lines).encode()
    if change == "seed":
        files["seed.json"] = re.sub(rb'"seed":"..', b'"seed":"00', files["seed.json"])
        step = 9
    if change == "exclusion":
        if "exclusions.tsv" not in files:
            pytest.skip(reason="exclusions are public only after an opening")
        rows = files["exclusions.tsv"].split(b"\n")
        files["exclusions.tsv"] = b"\n".join([rows[0], *rows[2:]])
        step = 10
        if len(rows) == 2:
            pytest.skip(reason="nothing was excluded")
    from sampler.disclosure import manifest  # noqa: PLC0415

    files["manifest.json"] = manifest(files, DRAW, at[0], at[1])
    assert judge(files).first_failed == step


@pytest.mark.parametrize("at", [("standard", "drawn"), ("after-inspection", "drawn")])
def test_a_copy_that_shows_more_than_its_level_is_refused(
    moments: dict[tuple[str, str], Moment], at: tuple[str, str]
) -> None:
    from sampler.disclosure import manifest  # noqa: PLC0415

    m = moments[at]
    for name in ("frame.tsv", "roster.tsv", "tau.tsv", "levels.tsv", "draw.json", "assignment.json", "plan.json"):
        files = {**m.copy, name: m.full[name]}
        files["manifest.json"] = manifest(files, DRAW, at[0], at[1])
        assert judge(files).first_failed == 1, name


def test_every_file_of_a_bundle_has_its_place_in_the_table(moments: dict[tuple[str, str], Moment]) -> None:
    never = {"roster.tsv", "recusals.tsv", "manifest.json"}
    for m in moments.values():
        for path in m.full.keys() - never:
            forms = [f for f in FILES if re.fullmatch(f, path)]
            assert len(forms) == 1, path
    assert not [p for p in never for level in LEVELS for stage in STAGES if public(p, level, stage)]
    assert {stage_of(m.full) for m in moments.values()} == set(STAGES)


def test_no_stratum_number_and_no_order_below_open(moments: dict[tuple[str, str], Moment]) -> None:
    """With counts by clause a stratum number would tell classes (ADR 0009); ranks would tell the order of keys."""
    copy = moments["standard", "drawn"].copy
    assert copy["drawn.tsv"].splitlines()[0] == b"object_id\towner\tticket"
    ids = [line.split(b"\t")[0] for line in copy["drawn.tsv"].splitlines()[1:]]
    assert ids == sorted(ids)
    assert b"rank" not in b"".join(copy.values())
