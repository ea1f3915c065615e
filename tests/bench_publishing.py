"""make bench PART=publishing: a site of a thousand draws, published first, again, and after one new entry."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sampler import canon
from tests.bench import Report
from tests.cli.office import DRAW, ok
from tests.cli.test_results import fill
from tests.pages_world import many
from tests.support import ROOT

COUNT = int(os.environ.get("SAMPLER_DRAWS", "1000"))
MB = 1e6


def timed(*words: str | Path) -> tuple[str, str, str]:
    """Return elapsed and processor time of a command, and the most memory it held."""
    begun = time.perf_counter()
    running = subprocess.Popen([sys.executable, str(ROOT / "cli.py"), *map(str, words)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(running.pid, 0)
    if status:
        raise SystemExit(f"{words}: {status}")
    return (
        f"{time.perf_counter() - begun:.0f} s",
        f"{used.ru_utime + used.ru_stime:.0f} s",
        f"{used.ru_maxrss / 1e6:.2f} GB",
    )


def sizes(site: Path) -> tuple[int, float, float]:
    """Return files, megabytes, and megabytes that a log in every copy would have added, as file and as script."""
    files = [p for p in site.rglob("*") if p.is_file()]
    logs = 0
    for path in site.glob("data/*/*/manifest.json"):
        logs += next(f["size"] for f in canon.decode(path.read_bytes())["files"] if f["path"] == "log/entries")
    return len(files), sum(p.stat().st_size for p in files) / MB, logs * (1 + 4 / 3) / MB


def main() -> None:
    """Measure and write the document."""
    report = Report("publishing", "Publishing many draws", packages=("jinja2",))
    with tempfile.TemporaryDirectory() as scratch:
        root = many(Path(scratch) / "w", COUNT)
        site = root / "site"
        publish = ("-C", root, "publish", "--site", site)
        rows = [("first", *timed(*publish)), ("again, nothing new", *timed(*publish))]
        ok(root, "results", DRAW, fill(root, 1, 检查结果="5", 严重程度="2").relative_to(root))
        rows.append(("after one new batch of results", *timed(*publish)))
        rows.append(("`--check`, every file read", *timed(*publish, "--check")))
        count, size, spared = sizes(site)
        pages = [
            (n, f"{(site / n).stat().st_size / 1000:,.0f} kB")
            for n in ("index.html", "plans.html", "tasks.html", "results.html", "log.html")
        ]
        log = (site / "log/entries").read_bytes()
    report.text(
        f"{COUNT:,} draws of 10 objects each at level `open` with their results, in a log of {log.count(10):,} entries "
        f"({len(log) / MB:.1f} MB). The first draw is real; the other {COUNT - 1:,} are "
        "copies of it under numbers, log entries and hashes of their own, their signatures those of the first. That shows what publishing "
        "costs, which reads records, makes pages and copies and judges them, and checks no signature; it does not show draws of different "
        "kinds or sizes side by side, and a reader's browser would refuse the copies at the step of the signatures. "
        f"The machine's load average was {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores at the end: elapsed times tell of the "
        "neighbours, processor times less so."
    )
    report.table(("publishing", "elapsed", "processor", "memory"), rows)
    report.text(
        f"The site has {count:,} files, {size:,.0f} MB. With the log in every copy, as file and as script, it would have "
        f"{spared:,.0f} MB more, and every publication would write all of it anew."
    )
    report.text("## Pages about all draws")
    report.table(("page", "size"), pages)
    report.write()


if __name__ == "__main__":
    main()
