"""make bench PART=office: time and memory of importing the office's files, each in a process of its own."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from data.example_codes import credit_code
from sampler.errors import InputError
from sampler.io.checks import check_file
from tests.bench import ROOT, Report

HEAD = (
    "检查对象代码",
    "主体类型",
    "所有者代码",
    "名称",
    "区划",
    "行业",
    "标签",
    "登记状态",
    "成立日期",
    "地址",
    "备注",
    "序号",
)
BATCH = 100_000
BOMB_MB = 2_000
MILLION = 1_000_000


def rows(n: int) -> Iterator[tuple[str, ...]]:
    """Yield `n` objects of 12 columns."""
    for k in range(n):
        yield (credit_code("91", f"9901{k % 20 + 1:02d}", f"M{'AB'[k // MILLION]}{k % MILLION:06d}"), "企业", "", f"云岭县第{k}号工程", f"9901{k % 20 + 1:02d}", "F5211", "食品,夜市", "存续",
               f"20{k % 20:02d}-0{k % 9 + 1}-11", f"云岭县建设路{k}号", "", str(k))  # fmt: skip


def write_csv(path: Path, n: int) -> None:
    """Write GB18030, as an office exports it."""
    with path.open("w", encoding="gb18030", newline="") as f:
        out = csv.writer(f)
        out.writerow(HEAD)
        out.writerows(rows(n))


def write_parquet(path: Path, n: int) -> None:
    """Write row groups of 100,000."""
    schema = pa.schema([(h, pa.string()) for h in HEAD])
    with pq.ParquetWriter(path, schema) as out:
        source = rows(n)
        for _ in range(0, n, BATCH):
            part = [next(source) for _ in range(min(BATCH, n))]
            out.write_table(pa.table([list(c) for c in zip(*part, strict=True)], schema=schema))


def write_workbook(path: Path, n: int) -> None:
    """Write an xlsx."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate([HEAD, *rows(n)]):
            sheet.write_row(r, 0, row)


def write_bomb(path: Path) -> None:
    """Write a workbook whose sheet unpacks to 2 GB of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        with z.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as f:
            for _ in range(BOMB_MB):
                f.write(bytes(1_000_000))


def peak_mb() -> int:
    """Return the most memory this program held since it started (VmHWM; ru_maxrss would count who started it)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def one(path: Path) -> None:
    """Import one file as the registry and print what it took."""
    before = peak_mb()
    begun, cpu = time.perf_counter(), time.process_time()
    try:
        found = check_file(path.name, path, "objects")
        said = f"{found.accepted} rows, {found.problem_count} problems"
    except InputError as e:
        found, said = None, e.problems[0].code
    took = {"wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "before": before, "peak": peak_mb()}
    tables = {"names": 0, "table": 0}
    if found is not None:  # what the seal goes on with: names that stay private, then the columns to commit beside them
        names = found.private()
        tables["names"] = peak_mb() if names else 0
        tables["table"] = peak_mb() if len(found.table) else 0
    print(json.dumps({**took, **tables, "said": said, "size": path.stat().st_size}))


def answer(m: dict[str, Any], bar: str) -> tuple[str, ...]:
    """Return one line of the table."""
    later = [f"{m[k]} MB" if m[k] else "" for k in ("names", "table")]
    peak = f"{m['peak']} MB (start {m['before']} MB)"
    return f"{m['size'] / 1e6:.1f} MB", bar, f"{m['wall']:.2f} s", f"{m['cpu']:.2f} s", peak, *later, m["said"]


def main() -> None:
    """Measure and write."""
    report = Report("office", "Import of the office's files, measured", packages=("pyarrow",))
    report.text(
        "Each file is imported as 检查对象名录库 (12 columns) in a process of its own; memory is its whole peak: while the "
        "file is checked (`sampler check`), then with names and addresses as the table of the private folder, then with the "
        "columns to commit beside them (`sampler plan`, `sampler seal`). Every code is a valid 统一社会信用代码."
    )
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        write_csv(here / "200k.csv", 200_000)
        write_workbook(here / "200k.xlsx", 200_000)
        write_csv(here / "2m.csv", 2_000_000)
        write_parquet(here / "2m.parquet", 2_000_000)
        write_bomb(here / "bomb.xlsx")
        for name, what, bar in (
            ("200k.csv", "CSV (GB18030), 200,000 x 12", "20 s"),
            ("200k.xlsx", "workbook, 200,000 x 12", "20 s"),
            ("2m.csv", "CSV (GB18030), 2,000,000 x 12", "1,000 MB"),
            ("2m.parquet", "Parquet, 2,000,000 x 12", "1,000 MB"),
            ("bomb.xlsx", "zip bomb, 2 GB in a workbook", "1 s, 200 MB"),
        ):
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench_office", str(here / name)],
                cwd=ROOT, check=False, capture_output=True, text=True,
            )  # fmt: skip
            last = done.stdout.splitlines()[-1] if done.returncode == 0 else ""
            m = json.loads(last) if last else {}
            lines.append((what, *answer(m, bar)) if m else (what, "", bar, "failed", "", "", "", "", ""))
    heads = ("file", "size", "asked", "wall", "CPU", "peak of the check", "with names", "with table", "answer")
    report.table(heads, lines)
    report.text(
        "Text and Parquet are read in parts of about 300,000 cells; accepted rows are held as packed columns, two bytes a "
        "row where a column has few different texts. Beyond 500 MB (workbooks: 200 MB) or 30 million cells a file is "
        "refused (`FILE_TOO_LARGE`, `SHEET_TOO_LARGE`). `sampler stream` reads a prepared frame of any size in bounded "
        "memory ([scale.md](scale.md)). Names and addresses are never texts of their own: they go from the packed columns into "
        "the bytes of their table, 50,000 rows at a time. Wall time counts whatever else ran on the machine."
    )
    report.write()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(Path(sys.argv[1]))
    else:
        main()
