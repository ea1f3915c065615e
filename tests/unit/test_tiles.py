"""Tiles: every size comes back from its files, and no byte of them can change unseen."""

from __future__ import annotations

import pytest

from sampler import merkle, tiles
from sampler.errors import RecordError


def entries(size: int) -> list[bytes]:
    return [b"%d" % n for n in range(size)]


@pytest.mark.parametrize(
    ("level", "number", "width", "want"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 999, 256, "tile/0/999"),
        (0, 1000, 256, "tile/0/x001/000"),
        (3, 1234067, 8, "tile/3/x001/x234/067.p/8"),
        ("entries", 5, 1, "tile/entries/005.p/1"),
    ],
)
def test_paths(level: int | str, number: int, width: int, want: str) -> None:
    assert tiles.path(level, number, width) == want


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 700])
def test_there_and_back(size: int) -> None:
    files = tiles.export(entries(size))
    assert tiles.read(size, files.__getitem__) == tuple(entries(size))
    assert sum(p.startswith("tile/entries/") for p in files) == -(-size // 256)


def test_a_third_level() -> None:
    files = tiles.export(entries(65_537))
    leaves = [merkle.entry_leaf(e) for e in entries(65_536)]
    assert files["tile/2/000.p/1"] == merkle.root(leaves)
    assert len(files["tile/1/000"]) == 256 * 32
    assert "tile/1/001.p/1" not in files
    assert files["tile/0/256.p/1"] == merkle.entry_leaf(b"65536")


def test_what_is_full_stays_as_it_is() -> None:
    before, after = tiles.export(entries(300)), tiles.export(entries(900))
    assert {p: d for p, d in before.items() if ".p/" not in p}.items() <= after.items()


@pytest.mark.parametrize(
    "path", ["tile/entries/000", "tile/0/000", "tile/entries/001.p/1", "tile/0/001.p/1", "tile/1/000.p/1"]
)
def test_no_byte_changes_unseen(path: str) -> None:
    """An entry changed for another of the same length gives other hashes: the tiles do not follow."""
    files = tiles.export(entries(257))
    for at in range(0, len(files[path]), 1 if len(files[path]) < 100 else 17):
        data = bytearray(files[path])
        data[at] ^= 1
        with pytest.raises(RecordError) as e:
            tiles.read(257, (files | {path: bytes(data)}).__getitem__)
        assert e.value.code in {"TILE_FORM", "TILE_CHANGED"}


def test_an_entry_too_long() -> None:
    with pytest.raises(RecordError) as e:
        tiles.export([bytes(65_536)])
    assert e.value.code == "TILE_ENTRY"
