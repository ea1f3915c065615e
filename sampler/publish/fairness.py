"""The fairness report as one page: a table and a bar chart drawn in the page itself, nothing loaded from elsewhere."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sampler.wording import plain

BAR, GAP, LEFT, WIDE = 18, 6, 150, 420


def page(data: dict[str, Any]) -> bytes:
    """Return the page of a report (the ``data`` of `sampler fairness`); ids are hostile input and are escaped."""
    env = Environment(loader=PackageLoader("sampler.publish"), autoescape=True, undefined=StrictUndefined)
    most = max([1, *(o["visits"] for o in data["officers"])])
    bars = [
        {
            "name": plain(o["inspector_id"]),
            "visits": o["visits"],
            "open": o["open"],
            "y": n * (BAR + GAP),
            "width": WIDE * o["visits"] // most,
        }
        for n, o in enumerate(sorted(data["officers"], key=lambda o: (-o["visits"], o["inspector_id"])))
    ]
    size = {"height": len(bars) * (BAR + GAP) + GAP, "width": LEFT + WIDE + 60, "left": LEFT, "bar": BAR}
    return env.get_template("fairness.html").render(d=data, bars=bars, size=size).encode()
