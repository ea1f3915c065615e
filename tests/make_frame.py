"""A frame of any size with distinct valid codes, for the guide and the benchmark.

python -m tests.make_frame --rows N --out FRAME.parquet [--districts D]   (and beside it FRAME.plan.json)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sampler.canon import encode
from tests.large import plan

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
WEIGHTS = np.array([3**i % 31 for i in range(17)])
BATCH = 2**18
RISKS = 64
LENGTH = 18


def codes(start: int, count: int) -> pa.Array:
    """Return the codes of so many running numbers: distinct, in scattered order, with their check character (GB 32100)."""
    n = (np.arange(start, start + count, dtype=np.uint64) * np.uint64(2_654_435_761)) % np.uint64(2**32)  # one to one
    value = np.zeros((count, LENGTH), dtype=np.int64)
    value[:, :2] = (9, 1)
    for i in range(16, 1, -1):
        value[:, i] = n % np.uint64(31 if i > 7 else 10)
        n //= np.uint64(31 if i > 7 else 10)
    value[:, 17] = (31 - value[:, :17] @ WEIGHTS % 31) % 31
    data = ALPHABET[value].tobytes()
    ends = np.arange(count + 1, dtype=np.int32) * LENGTH
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(data)])


def batch(start: int, count: int, districts: list[str]) -> dict[str, Any]:
    """Return the columns of some rows; everything follows from the running number."""
    rng = np.random.default_rng(start)

    def coded(values: list[str], share: list[float] | None = None) -> pa.Array:
        at = rng.choice(len(values), count, p=share).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(at), pa.array(values))

    risk = (1_000_000 * (np.arange(RISKS) / RISKS) ** 3).astype(np.int32)
    return {
        "object_id": codes(start, count),
        "class": coded(list("ABCD"), [0.5, 0.3, 0.15, 0.05]),
        "type": coded(["coop", "enterprise", "individual"], [0.1, 0.5, 0.4]),
        "district": coded(districts),
        "risk_ppm": pa.array(risk[rng.integers(0, RISKS, count)]),
        "cooling": pa.array(np.zeros(count, dtype=bool)),
    }


def make(path: Path, rows: int, districts: int) -> None:
    """Write the frame and, beside it, a plan that draws from it."""
    named = [f"{110000 + n}" for n in range(districts)]
    writer = None
    for start in range(0, rows, BATCH):
        table = pa.table(batch(start, min(BATCH, rows - start), named))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=BATCH)
    if writer is not None:
        writer.close()
    path.with_suffix(".plan.json").write_bytes(encode(plan(districts=named, cooldown=[]).to_dict()))


def main(arguments: list[str]) -> int:
    """Make one frame."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--districts", type=int, default=10)
    given = options.parse_args(arguments)
    make(given.out, given.rows, given.districts)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
