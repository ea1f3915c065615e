"""A frame of any size with distinct valid codes, for the guide and the benchmark.

python -m tests.make_frame --rows N --out FRAME.parquet [--districts D] [--types T]   (and beside it FRAME.plan.json)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

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
TRIPLE = 31**3
DIGITS = np.stack(np.unravel_index(np.arange(TRIPLE), (31, 31, 31)), axis=1)
"""Three characters at once, by number."""
CLASSES = np.repeat(np.arange(4, dtype=np.int32), (10, 6, 3, 1))
"""Half of all objects are A, 30 % B, 15 % C, 5 % D."""


def codes(start: int, count: int) -> pa.Array:
    """Return the codes of so many running numbers: distinct, in scattered order, with their check character (GB 32100)."""
    n = (np.arange(start, start + count, dtype=np.uint64) * np.uint64(2_654_435_761)) % np.uint64(2**32)  # one to one
    value = np.full((count, LENGTH), ALPHABET[0])
    value[:, :2] = ALPHABET[[9, 1]]
    total = np.full(count, int(WEIGHTS[0]) * 9 + int(WEIGHTS[1]))
    for at in (14, 11, 8):
        part = (n % np.uint64(TRIPLE)).astype(np.int64)
        n //= np.uint64(TRIPLE)
        value[:, at : at + 3] = ALPHABET[DIGITS][part]
        total += (DIGITS @ WEIGHTS[at : at + 3])[part]
    value[:, 17] = ALPHABET[(31 - total % 31) % 31]
    ends = np.arange(count + 1, dtype=np.int32) * LENGTH
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(value.tobytes())])


def batch(start: int, count: int, districts: list[str], types: list[str]) -> pa.Table:
    """Return some rows; everything follows from the running number."""
    rng = np.random.default_rng(start)

    def coded(at: np.ndarray, values: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(at), pa.array(values))

    risk = (1_000_000 * (np.arange(RISKS) / RISKS) ** 3).astype(np.int32)
    return pa.table(
        {
            "object_id": codes(start, count),
            "class": coded(CLASSES[rng.integers(0, len(CLASSES), count)], list("ABCD")),
            "type": coded(rng.integers(0, len(types), count, dtype=np.int32), types),
            "district": coded(rng.integers(0, len(districts), count, dtype=np.int32), districts),
            "risk_ppm": pa.array(risk[rng.integers(0, RISKS, count)]),
            "cooling": pa.array(np.zeros(count, dtype=bool)),
        }
    )


def write(path: Path, rows: range, districts: list[str], types: list[str]) -> None:
    """Write the rows of some running numbers."""
    with pq.ParquetWriter(path, batch(0, 0, districts, types).schema, compression="zstd") as writer:
        for start in range(rows.start, rows.stop, BATCH):
            writer.write_table(batch(start, min(BATCH, rows.stop - start), districts, types), row_group_size=BATCH)


def write_plan(path: Path, districts: list[str], types: list[str], low: str, high: str) -> None:
    """Write a plan that draws from the frame: a stratum for every class, type and district that is large enough."""
    clauses = [
        {"clause": name, "classes": classes, "types": types, "ratio": ratio, "period": "task"}
        for name, classes, ratio in (("low", ["A", "B"], low), ("high", ["C", "D"], high))
    ]
    held = [{"type": t, "stratum": t} for t in types]
    path.write_bytes(encode(plan(districts=districts, types=held, clauses=clauses, cooldown=[]).to_dict()))


def named(districts: int, types: int) -> tuple[list[str], list[str]]:
    """Return the names of so many districts and types."""
    return [f"{110000 + n}" for n in range(districts)], [f"t{n:02d}" for n in range(types)]


def main(arguments: list[str]) -> int:
    """Make one frame."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--districts", type=int, default=10)
    options.add_argument("--types", type=int, default=2)
    options.add_argument("--low", default="2%")
    options.add_argument("--high", default="25%")
    given = options.parse_args(arguments)
    names = named(given.districts, given.types)
    write(given.out, range(given.rows), *names)
    write_plan(given.out.with_suffix(".plan.json"), *names, given.low, given.high)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
