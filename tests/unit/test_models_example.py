"""A small made-up history that the other tests of the model share, and checks that it is what they think."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta

ASOF = "2026-12-01"
HEADINGS = ["object_id", "date", "result", "severity", "defects", "item", "inspector_id", "draw_id", "pi", "W"]
Row = dict[str, str]


def make_rows(*, objects: int = 60, visits: int = 4, weighted: bool = True) -> list[Row]:
    """Return visits in which odd objects fail far more often, dated from 2024 to 2026-11."""
    chance = random.Random("models example")  # an example, not a draw
    rows = []
    for n in range(objects):
        for _ in range(visits):
            day = date(2024, 1, 1) + timedelta(days=chance.randrange(1060))
            severity = chance.choice([0, 1, 2, 3, 3]) if n % 2 else chance.choice([0, 0, 0, 1, 2])
            drawn = weighted and chance.random() < 0.8
            cells = [f"E{n:03d}", day.isoformat(), "1" if severity < 2 else "5", str(severity), str(2 * severity)]
            cells += ["I01", f"P{n % 5}", "A-2026-0001" if drawn else "", "0.25" if drawn else ""]
            cells.append(f"{chance.randrange(10, 90) / 10}" if drawn else "")
            rows.append(dict(zip(HEADINGS, cells, strict=True)))
    return rows


def to_csv(rows: list[Row], encoding: str = "utf-8") -> bytes:
    """Return rows as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def make_objects(*, objects: int = 70, chinese: bool = True) -> bytes:
    """Return a registry in which the last ten objects were never visited."""
    names = ["统一社会信用代码", "区划", "行业", "主体类型", "成立日期"]
    names = names if chinese else ["object_id", "district", "industry", "object_type", "established"]
    rows = [
        dict(zip(names, [f"E{n:03d}", "440306" if n % 3 else "440305", "F5212" if n % 2 else "H6210",
                         "enterprise", "2020-05-06" if n % 4 else ""], strict=True))
        for n in range(objects)
    ]  # fmt: skip
    return to_csv(rows, "gb18030" if chinese else "utf-8")


def make_classes(*, objects: int = 70) -> bytes:
    """Return a credit class for every object."""
    return to_csv([{"object_id": f"E{n:03d}", "class": "ABCD"[n % 4]} for n in range(objects)])


def test_the_example_has_both_outcomes_and_some_weights() -> None:
    rows = make_rows()
    assert {r["severity"] for r in rows} == {"0", "1", "2", "3"}
    assert 0 < sum(r["W"] == "" for r in rows) < len(rows)


def test_the_example_is_the_same_every_time() -> None:
    assert make_rows() == make_rows()
    assert make_objects() == make_objects()
