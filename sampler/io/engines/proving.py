"""Openings of single rows of a committed frame (docs/guide/scale.md, sections 4 and 5)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from sampler import merkle
from sampler.errors import DrawError, Place
from sampler.io.engines import committing, drawing, tiling
from sampler.io.engines.store import Ids, Store

if TYPE_CHECKING:
    from pathlib import Path

Opening = dict[str, Any]
TREE: Final = "frame"


class Prover:
    """Opens rows of one folder; the tree above the tiles is made once."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder)
        self.committed = drawing.committed(self._store)
        self._parts = self._store.json("parts.json")["parts"]
        self._draw_id: str = self._store.json("job.json")["draw_id"]
        data = self._store.read("tiles")
        self._above = merkle.levels([data[i : i + committing.HASH] for i in range(0, len(data), committing.HASH)])

    def place(self, object_id: str) -> int:
        """Return the row of an object.

        Raises
        ------
        DrawError
            ``STREAM_UNKNOWN`` for an object that the frame does not hold.
        """
        number = bisect_right([p["first"] for p in self._parts], object_id) - 1
        ids = Ids(self._store.columns(f"frame-{max(number, 0):05d}.arrow").column("object_id"))
        at = bisect_right(ids, object_id) - 1
        if number < 0 or at < 0 or ids[at] != object_id:
            raise DrawError(
                "STREAM_UNKNOWN",
                "名录里没有这个编号",
                hint="核对编号",
                place=Place(column="object_id"),
                found=object_id,
            )
        start: int = self._parts[number]["start"]
        return start + at

    def opening(self, index: int) -> Opening:
        """Return one row, its nonce, place and proof; one tile of rows is hashed anew."""
        tile, within = divmod(index, tiling.TILE)
        ids, kinds = self._rows(tile * tiling.TILE)
        leaves = tiling.leaves(self._store, self._draw_id, ids, kinds)
        proof = [*merkle.path(merkle.levels(leaves), within), *merkle.path(self._above, tile)]
        oid = ids[within].as_py()
        return {
            "draw_id": self._draw_id, "index": index, "size": self.committed["count"], "root": self.committed["root"],
            "row": tiling.tails(self._store.folder).rows(ids.slice(within, 1), kinds[within : within + 1])[0],
            "nonce": merkle.leaf_nonce(self._store.read(tiling.BLINDING), self._draw_id, TREE, oid).hex(),
            "proof": [p.hex() for p in proof],
        }  # fmt: skip

    def _rows(self, start: int) -> tuple[pa.Array, Any]:
        """Return ids and kinds of the tile that begins at row `start`; it may lie across parts."""
        found: list[pa.RecordBatch] = []
        for n, part in enumerate(self._parts):
            low, high = max(start, part["start"]), min(start + tiling.TILE, part["start"] + part["rows"])
            if low < high:
                held = self._store.columns(f"frame-{n:05d}.arrow")
                found.append(held.slice(low - part["start"], high - low))
        ids = pa.concat_arrays([f.column("object_id") for f in found])
        return ids, np.concatenate([f.column("kind").to_numpy() for f in found])


def prove(folder: Path, object_id: str) -> Opening:
    """Return one object's opening."""
    prover = Prover(folder)
    return prover.opening(prover.place(object_id))


def check(opening: Opening) -> bool:
    """Return whether an opening's row and nonce lie under its root."""
    leaf = merkle.blinded_leaf(TREE, opening["draw_id"], opening["row"], bytes.fromhex(opening["nonce"]))
    proof = [bytes.fromhex(p) for p in opening["proof"]]
    return merkle.included(leaf, opening["index"], opening["size"], proof, bytes.fromhex(opening["root"]))
