"""The log as static files that any web server can serve (docs/spec/log.md; C2SP tlog-tiles).

>>> path(0, 1234067), path(1, 5, 17)
('tile/0/x001/x234/067', 'tile/1/005.p/17')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import merkle
from sampler.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH: Final = 256
_GROUP: Final = 1000
_LENGTH: Final = 2
MAX_ENTRY: Final = 65535


def path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Return where a tile lies.

    Parameters
    ----------
    level
        0 for leaf hashes, each further one 256 times coarser; ``entries`` for the entries themselves.
    number
        Place of the tile in its level, from 0.
    width
        Hashes or entries in it; fewer than 256 only in the last.
    """
    groups = [f"{number % _GROUP:03d}"]
    while number := number // _GROUP:
        groups.insert(0, f"x{number % _GROUP:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def export(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Return every tile of a log by path, without its checkpoint.

    Raises
    ------
    RecordError
        ``TILE_ENTRY`` for an entry longer than two bytes can say.
    """
    found: dict[str, bytes] = {}
    for n, part in enumerate(_parts(entries)):
        if any(len(e) > MAX_ENTRY for e in part):
            raise RecordError("TILE_ENTRY", f"an entry of tile {n} is longer than {MAX_ENTRY} bytes")
        found[path("entries", n, len(part))] = b"".join(len(e).to_bytes(_LENGTH, "big") + e for e in part)
    hashes, level = [merkle.entry_leaf(e) for e in entries], 0
    while hashes:
        parts = _parts(hashes)
        found |= {path(level, n, len(part)): b"".join(part) for n, part in enumerate(parts)}
        hashes, level = [merkle.root(part) for part in parts if len(part) == WIDTH], level + 1
    return found


def read(size: int, file: Callable[[str], bytes]) -> tuple[bytes, ...]:
    """Return the entries of a log of `size` from its files, every tile compared with what the entries give.

    Raises
    ------
    RecordError
        ``TILE_FORM`` for a bundle of entries that does not hold what its path says, ``TILE_CHANGED`` for a tile that
        does not follow from the entries. The root is for the caller to compare.
    """
    entries: list[bytes] = []
    for n in range(-(-size // WIDTH)):
        width = min(WIDTH, size - n * WIDTH)
        name = path("entries", n, width)
        entries += _bundle(file(name), width, name)
    for name, data in export(entries).items():
        if file(name) != data:
            raise RecordError("TILE_CHANGED", f"{name} does not follow from the entries", found=name)
    return tuple(entries)


def _bundle(data: bytes, width: int, name: str) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        found.append(data[at + _LENGTH : end])
        at = end
    if at != len(data) or len(found) != width:
        raise RecordError("TILE_FORM", f"{name} does not hold {width} whole entries", found=name)
    return found


def _parts(whole: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [whole[i : i + WIDTH] for i in range(0, len(whole), WIDTH)]
