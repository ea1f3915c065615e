"""`inference/bundle`: the production reader is given whole files, the golden bundle's with the tables of the vector."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from sampler import canon, tables
from sampler.estimate import drawn
from sampler.records import TABLE_COLUMNS
from tests.support import ROOT

Input = dict[str, Any]
GOLDEN = ROOT / "tests" / "vectors" / "golden" / "bundle-12"


def record(name: str, **changed: Any) -> bytes:
    return canon.encode(json.loads((GOLDEN / name).read_text(encoding="utf-8")) | changed)


def table(name: str, rows: list[Input], **fixed: str) -> bytes:
    columns = TABLE_COLUMNS[name]
    return tables.encode(
        tables.from_rows(columns, [tuple(str({**fixed, **row}.get(c, "-")) for c in columns) for row in rows])
    )


def files(i: Input) -> dict[str, bytes]:
    of_class = [{**row, "class": row["stratum"].split(".")[0]} for row in i["frame"]]
    owners = {"units": i["units"]} if "units" in i else {}
    chosen = [{"object_id": o, "stratum": "A.x.1", "rank": 1} for o in sorted(i["drawn"])]
    return {
        "plan.json": record("plan.json", period=i["period"], cooldown=i["cooldown"], **owners),
        "draw.json": record("draw.json", drawn=chosen),
        "frame.tsv": table("frame.tsv", of_class),
        "strata.tsv": table("strata.tsv", i["strata"], clause="k"),
        "levels.tsv": table("levels.tsv", i["levels"]),
        "history.tsv": table("history.tsv", i["history"], draw_id="X-2026-0001"),
    }


def weights(i: Input) -> Input:
    d = drawn.read(files(i))
    spoken: Counter[bool] = Counter()
    for (_, taken), count in d.frame["draw"].items():
        spoken[taken] += count
    rows = zip(d.ids, d.taken, d.weight, strict=True)
    return {
        "drawn": [
            {"object_id": o, "taken": t, "weight": {"den": str(w.denominator), "num": str(w.numerator)}}
            for o, t, w in rows
        ],
        "taken": spoken[True],
        "chance": spoken[False],
        "left_out": d.cooling,
        "m": [{"stratum": place.id, "m": m} for place, m in d.sizes],
    }
