"""Rows of a committed frame as text and as blinded leaves, in tiles (docs/guide/scale.md, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sampler import merkle, tables
from sampler.allocation import TAKEN as TAKEN_NAME
from sampler.errors import DrawError, Place
from sampler.frame import FRAME_COLUMNS
from sampler.io.engines.store import Ids, Store
from sampler.stream.designing import TAKEN, Kinds

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE: Final = 4096
"""Leaves per tile: a proof hashes one tile of rows anew; of the tree above, only the tiles' roots are kept."""
BLINDING: Final = "secret"
"""The file of the 32 bytes that blind the tree; never published."""
HELD: Final = ("class", "type", "district", "stratum")
ROWS: Final = pa.schema([("object_id", pa.string()), ("kind", pa.int32())])
COMPILED: Final = find_spec("numba") is not None
"""Whether the extra `speed` is installed; the bytes are the same without."""


def kinds(store: Store) -> Kinds:
    """Return what units can be."""
    return Kinds(**store.numbers("kinds.arrow"))


def refuse(name: str) -> NoReturn:
    """Refuse a file that `committing` does not write: ``STREAM_PART``."""
    hint = "向机构索取完整目录"
    raise DrawError("STREAM_PART", "不是 stream commit 写出的文件", hint=hint, place=Place(file=name))


def rows(store: Store, number: int) -> pa.RecordBatch:
    """Return one part of a frame that others have written, safe to be computed with.

    Raises
    ------
    DrawError
        ``STREAM_PART``.
    """
    name = f"frame-{number:05d}.arrow"
    try:
        found = store.columns(name)
        found.validate(full=True)
        kind = found.column("kind").to_numpy()
        whole = found.schema.equals(ROWS) and not sum(c.null_count for c in found.columns)
        if whole and 0 <= kind.min() <= kind.max() < len(kinds(store).L):
            return found
    except (pa.ArrowException, OSError, KeyError, ValueError):
        pass  # said below
    refuse(name)


@dataclass(frozen=True, slots=True)
class Tails:
    """What follows the id in a row of each kind: frame.tsv without its nonce, `-` for what is not held.

    Parameters
    ----------
    texts
        Of every place up to the level, then of every level: kinds are a hundred times as many.
    of
        The two texts of every kind.
    """

    texts: pa.Array
    of: NDArray[np.int32]

    def rows(self, ids: pa.Array, kind: NDArray[np.int32]) -> list[str]:
        """Return some rows."""
        parts = (self.texts.take(pa.array(p)) for p in self.of[kind].T)
        found: list[str] = pc.binary_join_element_wise(ids, *parts, "").to_pylist()
        return found


@lru_cache(maxsize=1)
def tails(folder: Path) -> Tails:
    """Return what follows the id in the rows of a folder."""
    store = Store(folder)
    found = kinds(store)
    places = [_before_level(dict(zip(HELD, p, strict=True))) for p in store.json("places.json")["places"]]
    levels = [*map(str, range(TAKEN)), TAKEN_NAME]
    of = np.stack([found.place, found.level + len(places)], axis=1).astype(np.int32)
    return Tails(pa.array([*(p + "\t" for p in places), *levels], pa.string()), of)


def _before_level(held: dict[str, str]) -> str:
    return "".join("\t" + held.get(name, tables.NONE) for name in FRAME_COLUMNS[1:-1])


def hashes(store: Store, draw_id: str, ids: pa.Array, kind: Any, start: int) -> list[bytes]:
    """Return leaves up to the first edge of a tile, the roots of the full tiles, leaves behind the last edge."""
    found = _leaves(store, draw_id, ids, kind)
    low = min(-start % TILE, len(ids))
    high = max(low, len(ids) - (start + len(ids)) % TILE)
    roots = [_root(found[at : at + TILE]) for at in range(low, high, TILE)]
    return [*_listed(found[:low]), *roots, *_listed(found[high:])]


def leaves(store: Store, draw_id: str, ids: pa.Array, kind: Any) -> list[bytes]:
    """Return the blinded leaves of some rows."""
    return _listed(_leaves(store, draw_id, ids, kind))


def _leaves(store: Store, draw_id: str, ids: pa.Array, kind: Any) -> Any:
    secret = store.read(BLINDING)
    if COMPILED:
        return _blinder(store.folder, draw_id, secret).leaves(*Ids(ids).flat(), kind)
    return merkle.blinded_leaves("frame", draw_id, secret, ids.to_pylist(), tails(store.folder).rows(ids, kind))


@lru_cache(maxsize=1)
def _blinder(folder: Path, draw_id: str, secret: bytes) -> Any:
    from sampler.kernels import blinding  # noqa: PLC0415  # numba is an extra

    found = tails(folder)
    return blinding.Blinder("frame", draw_id, secret, *Ids(found.texts).flat(), found.of)


def _listed(found: Any) -> list[bytes]:
    return found if isinstance(found, list) else [w.tobytes() for w in found.astype(">u4")]


def _root(found: Any) -> bytes:
    if isinstance(found, list):
        return merkle.root(found)
    from sampler.kernels import blinding  # noqa: PLC0415  # numba is an extra

    return blinding.root(found)
