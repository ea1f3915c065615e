"""make bench PART=javascript: the implementation that runs in the reader's browser, measured in Node."""

from __future__ import annotations

import json
import subprocess

from tests.bench import ROOT, Report
from tests.javascript import NODE


def main() -> None:
    """Measure and write the document."""
    if NODE is None:
        raise SystemExit("node is not installed")
    script = ROOT / "tests" / "js" / "bench.mjs"
    t = json.loads(subprocess.run([NODE, str(script)], capture_output=True, check=True, text=True).stdout)
    report = Report("javascript", "The draw in JavaScript")
    report.text(
        f"Node {t['node'].lstrip('v')}, one thread, best of a few runs; browsers with the same engine are alike."
    )
    each = [("our SHA-256", t["hash"]), ("Node's native SHA-256, one call a record", t["native"]),
            ("WebCrypto (not there on plain http), one await a record", t["subtle"])]  # fmt: skip
    report.text("## Hashing a ticket (55 bytes)")
    report.table(("", "a second", "time against ours"), [(n, f"{1 / s:,.0f}", f"{s / t['hash']:.1f}") for n, s in each])
    report.text("## Steps of a replay")
    select = [
        (f"tickets, keys, sample and reserves of {int(n):,} objects, 2 % drawn", s) for n, s in t["select"].items()
    ]
    rows = [
        *select,
        (f"weights, certainties, targets of 50,000 objects ({t['distinct']:,} levels)", t["levels"]),
        ("their pi from L, to 1e-13", t["pi"]),
        ("their blinded tree", t["root"]),
        ("one Ed25519 signature", t["signature"]),
        ("all sixteen steps of the golden bundle of 12 objects", t["golden"]),
    ]
    report.table(("what", "time"), [(name, f"{s:.3f} s") for name, s in rows])
    report.write()


if __name__ == "__main__":
    main()
