"""stream verify --sample: what is published and the openings of rows the verifier chose; every forgery is seen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sampler.io.engines import committing, drawing, sampling, tiling
from sampler.io.engines.store import Store
from tests import large
from tests.support import called

CHALLENGE = bytes(range(100, 132))
ALL = 900
OUT = drawing.name(large.SEED)
Openings = list[dict[str, Any]]


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("agency")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tiling, "TILE", 64)
        path = large.write(folder / "f.parquet", large.rows(ALL, 3), group=200)
        job = committing.Job(
            folder=folder / "out", sources=[path], plan=large.plan(), draw_id=large.DRAW, rows=250, processes=1
        )
        root = committing.commit(job, large.SECRET)["root"]
    drawing.run(folder / "out", large.SEED, 1)
    return folder / "out", root


@pytest.fixture(autouse=True)
def _tile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "TILE", 64)


def published(agency: Path, to: Path) -> Path:
    """What everybody sees: no rows, no secret."""
    (to / OUT).mkdir(parents=True)
    for name in ("strata.tsv", "levels.tsv", f"{OUT}/drawn.tsv", f"{OUT}/tau.tsv"):
        shutil.copy(agency / name, to / name)
    return to


def failed(folder: Path, root: str, given: Openings, count: int = ALL, challenge: bytes = CHALLENGE) -> list[str]:
    return [n for n, wrong in sampling.verify(folder, root, large.SEED, challenge, count, given)[0] if wrong]


@pytest.mark.parametrize("count", [1, 40, ALL, ALL + 1])
def test_an_honest_agency(agency: tuple[Path, str], count: int, tmp_path: Path) -> None:
    given = sampling.openings(agency[0], CHALLENGE, count)
    folder = published(agency[0], tmp_path / "seen")
    assert failed(folder, agency[1], given, count) == []
    assert sampling.verify(folder, agency[1], large.SEED, CHALLENGE, count, given)[1:] == (min(count, ALL), ALL)


def another(o: dict[str, Any], **change: Any) -> dict[str, Any]:
    o.update(change)
    return o


ASKED: dict[str, tuple[Callable[[Openings], Any], set[str]]] = {
    "a row left out": (lambda g: g.pop(), {"opened"}),
    "none": (lambda g: g.clear(), {"opened"}),
    "one twice instead of another": (lambda g: g.__setitem__(3, g[4]), {"opened", "order"}),
    "two turned": (lambda g: g.__setitem__(slice(0, 2), [g[1], g[0]]), {"opened"}),
    "one more": (lambda g: g.append(g[0]), {"opened", "order"}),
    "level": (lambda g: another(g[5], row=g[5]["row"] + "0"), {"opened", "levels"}),
    "id": (lambda g: another(g[5], row="~" + g[5]["row"]), {"opened", "order", "levels"}),
    "no row": (lambda g: another(g[5], row="x"), {"opened", "levels"}),
    "nonce": (lambda g: another(g[5], nonce="00" * 16), {"opened"}),
    "proof": (lambda g: another(g[5], proof=g[5]["proof"][1:]), {"opened"}),
    "a smaller frame": (lambda g: [another(o, size=ALL - 1) for o in g], {"opened"}),
    "another draw": (lambda g: another(g[5], draw_id="X-2026-0002"), {"opened"}),
    "another root": (lambda g: [another(o, root="11" * 32) for o in g], {"opened"}),
}


@pytest.mark.parametrize("name", list(ASKED))
def test_openings_that_are_not_what_was_asked(name: str, agency: tuple[Path, str], tmp_path: Path) -> None:
    given = deepcopy(sampling.openings(agency[0], CHALLENGE, 50))
    change, steps = ASKED[name]
    change(given)
    found = set(failed(published(agency[0], tmp_path / "seen"), agency[1], given, 50))
    assert steps <= found


def test_another_challenge_or_root_asks_for_other_rows(agency: tuple[Path, str], tmp_path: Path) -> None:
    folder, given = published(agency[0], tmp_path / "seen"), sampling.openings(agency[0], CHALLENGE, 50)
    assert "opened" in failed(folder, agency[1], given, 50, bytes(32))
    assert "opened" in failed(folder, "22" * 32, given, 50)


def lines(name: str, change: Callable[[list[str]], Any]) -> Callable[[Path], None]:
    def of(folder: Path) -> None:
        head, *rest = (folder / name).read_text().splitlines(keepends=True)
        change(rest)
        (folder / name).write_text(head + "".join(rest))

    return of


def another_field(rows: list[str], column: int, value: Callable[[str], str]) -> None:
    fields = rows[0].rstrip("\n").split("\t")
    fields[column] = value(fields[column])
    rows[0] = "\t".join(fields) + "\n"


TABLES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a drawn object left out": (lines(f"{OUT}/drawn.tsv", lambda r: r.pop(0)), {"tables", "drawn"}),
    "a drawn object replaced": (lines(f"{OUT}/drawn.tsv", lambda r: another_field(r, 0, lambda v: v[:-1])), {"drawn"}),
    "another threshold": (lines(f"{OUT}/tau.tsv", lambda r: another_field(r, 1, lambda _: "f" * 64)), {"drawn"}),
    "no threshold": (lines(f"{OUT}/tau.tsv", lambda r: r.pop(0)), {"drawn"}),
    "a threshold that is no number": (
        lines(f"{OUT}/tau.tsv", lambda r: another_field(r, 1, lambda _: "z")),
        {"tables"},
    ),
    "no units": (lines("levels.tsv", lambda r: r.pop(0)), {"tables", "levels"}),
    "another size": (
        lines("strata.tsv", lambda r: another_field(r, 2, lambda v: str(int(v) + 1))),
        {"tables", "opened"},
    ),
    "no stratum": (lines("strata.tsv", lambda r: r.pop(0)), {"tables", "opened"}),
    "no draw": (lambda f: (f / OUT / "drawn.tsv").unlink(), {"tables"}),
}


@pytest.mark.parametrize("name", list(TABLES))
def test_tables_that_do_not_fit_the_rows(name: str, agency: tuple[Path, str], tmp_path: Path) -> None:
    given = sampling.openings(agency[0], CHALLENGE, ALL)
    folder = published(agency[0], tmp_path / "seen")
    change, steps = TABLES[name]
    change(folder)
    assert steps <= set(failed(folder, agency[1], given))


def test_a_row_changed_after_the_commitment_has_no_opening(agency: tuple[Path, str], tmp_path: Path) -> None:
    shutil.copytree(agency[0], tmp_path / "out")
    store = Store(tmp_path / "out")
    held = store.columns("frame-00001.arrow")
    ids, kind = held.column("object_id"), held.column("kind").to_numpy().copy()
    kind[5] = next(k for k in kind if k != kind[5])
    store.put_columns("frame-00001.arrow", object_id=ids, kind=kind)
    assert "opened" in failed(tmp_path / "out", agency[1], sampling.openings(tmp_path / "out", CHALLENGE, ALL))


def test_the_commands(agency: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, root = agency
    asked = ("--sample", "60", "--challenge", CHALLENGE.hex())
    made = tmp_path / "sample.json"
    assert called(capsys, "stream", "prove", folder, *asked, "--out", made).code == 0
    seen = published(folder, tmp_path / "seen")
    words = ("stream", "verify", seen, "--root", root, "--seed", large.SEED.hex())
    found = called(capsys, *words, *asked, "--openings", made)
    assert found.code == 0
    assert "99.9 %" in found.out
    data = called(capsys, *words, *asked, "--openings", made, "--json").json["data"]
    assert (data["rows"], data["size"], data["challenge"]) == (60, ALL, CHALLENGE.hex())
    assert called(capsys, "stream", "verify", folder, *words[3:], "--sample", "9").code == 0  # fresh entropy
    held = json.loads(made.read_text())
    held["openings"][7]["nonce"] = "00" * 16
    made.write_text(json.dumps(held))
    assert called(capsys, *words, *asked, "--openings", made, "--json").codes == ["STREAM_VERIFY"]
    for bad in (b"", b"[]", b'{"openings": 5}', b'{"openings": [1]}', b"[" * 10**5, b'{"openings": [{}]}'):
        made.write_bytes(bad)
        assert called(capsys, *words, *asked, "--openings", made, "--json").codes == ["STREAM_OPENING"]


@pytest.mark.parametrize(
    "words",
    [
        ("prove", "F"),
        ("prove", "F", "X", "--sample", "3", "--challenge", "00" * 32),
        ("prove", "F", "--sample", "3"),
        ("prove", "F", "--challenge", "00" * 32),
        ("prove", "F", "--sample", "3", "--challenge", "zz"),
        ("verify", "F", "--root", "00" * 32, "--seed", "00" * 32, "--challenge", "00" * 32),
        ("verify", "F", "--root", "00" * 32, "--seed", "00" * 32, "--sample", "3", "--openings", "x"),
        ("verify", "F", "--root", "0", "--seed", "00" * 32, "--sample", "3"),
        ("verify", "F", "--root", "00" * 32, "--seed", "00" * 32, "--sample", "0"),
    ],
    ids=str,
)
def test_words_that_do_not_go_together(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "stream", *words).code == 2
