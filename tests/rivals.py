"""The same draw by others, for `make bench-scale`: DuckDB in SQL, and a Spark session with the program's own functions.

python -m tests.rivals duckdb|spark FOLDER: FOLDER holds the frame's files, plan.json and `out`, which is committed and drawn.
Prints hashes of what was made; the benchmark compares.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from sampler import canon, ticket
from sampler.io.engines import drawing
from sampler.io.engines.store import Store
from sampler.plan import Plan, validate
from sampler.stream.census import RISK_BITS
from tests import spark_local

DRAW = "BENCH-2026-0001"
SEED = bytes(range(32))
TABLES = ("strata.tsv", "levels.tsv", *(f"{drawing.name(SEED)}/{n}.tsv" for n in ("drawn", "reserves", "tau")))
SQL = """
select unnest(chosen) as object_id from (
    select arg_min(object_id, u * (4294967296.0 - L) / ((1 - u) * L), m) as chosen
    from (
        select object_id, stratum, m, L::double as L,
               (('0x' || substr(sha256($key || encode(object_id)), 1, 16))::ubigint::double + 0.5) / 18446744073709551616.0 as u
        from read_parquet($files) join sealed using (class, type, district, risk_ppm, cooling)
        where L between 1 and 4294967295
    )
    group by stratum, m
)
union all
select object_id from read_parquet($files) join sealed using (class, type, district, risk_ppm, cooling) where L = 4294967296
"""
"""The m smallest Pareto keys of each stratum in double precision, and whoever is taken outright (docs/spec/draw.md, 9)."""


def sealed(folder: Path) -> pa.Table:
    """Return stratum, m and L of every class, type, district, risk and state, as the committed folder has them."""
    store = Store(folder)
    places = store.json("places.json")["places"]
    design, kinds = store.numbers("design.arrow"), store.numbers("kinds.arrow")
    lines = store.read("strata.tsv").decode().splitlines()
    sizes = np.array([int(line.split("\t")[lines[0].split("\t").index("m")]) for line in lines[1:]], dtype=np.int64)
    place, kind = pa.array(design["key"] >> RISK_BITS + 1), design["kind"]
    stratum = kinds["stratum"][kind]
    return pa.table(
        {
            **{n: pa.array([p[i] for p in places]).take(place) for i, n in enumerate(("class", "type", "district"))},
            "risk_ppm": design["key"] >> 1 & (1 << RISK_BITS) - 1,
            "cooling": (design["key"] & 1).astype(bool),
            "stratum": stratum,
            "m": sizes[stratum],
            "L": kinds["L"][kind],
        }
    )


def by_duckdb(folder: Path, files: list[str]) -> dict[str, str]:
    """Draw in SQL, given the sealed tables: the same objects, as a hash of their ids."""
    import duckdb  # noqa: PLC0415  # an extra

    connection = duckdb.connect()
    connection.execute("set threads to 2")
    connection.register("sealed", sealed(folder / "out"))
    found = connection.execute(SQL, {"key": ticket.object_key(SEED), "files": files}).fetchall()
    return {"drawn": hashed(row[0] for row in found)}


def by_spark(folder: Path, files: list[str]) -> dict[str, str]:
    """Commit and draw on a cluster of two local cores, with the secret of the folder it is compared with."""
    from sampler.io.engines import committing, spark  # noqa: PLC0415

    plan = validate(Plan.parse((folder / "plan.json").read_bytes(), "plan.json"))
    job = committing.Job(folder=folder / "spark", sources=(), plan=plan, draw_id=DRAW, rows=500_000, processes=1)
    with spark_local.session(folder) as session:
        root = spark.commit(session.read.parquet(*files), job, Store(folder / "out").read("secret"))["root"]
        spark.run(session, job.folder, SEED)
    return {"root": root, **digest(job.folder)}


def wanted(folder: Path) -> dict[str, dict[str, str]]:
    """Return what each has to print."""
    store = Store(folder / "out")
    rows = store.read(f"{drawing.name(SEED)}/drawn.tsv").decode().splitlines()[1:]
    return {
        "duckdb": {"drawn": hashed(row.partition("\t")[0] for row in rows)},
        "spark": {"root": store.json("commit.json")["root"], **digest(folder / "out")},
    }


def digest(folder: Path) -> dict[str, str]:
    """Return the hashes of everything that is published."""
    return {name: canon.sha256((folder / name).read_bytes()).hex() for name in TABLES}


def hashed(ids: Iterable[str]) -> str:
    """Return the hash of some ids, whatever their order."""
    return canon.sha256("\n".join(sorted(ids)).encode()).hex()


if __name__ == "__main__":
    given = Path(sys.argv[2])
    work = {"duckdb": by_duckdb, "spark": by_spark}[sys.argv[1]]
    sys.stdout.write(json.dumps(work(given, sorted(map(str, given.glob("*.parquet"))))))
