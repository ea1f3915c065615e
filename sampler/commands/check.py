"""check: the import doctor, before anything is sealed."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sampler.commands.shell import Reply, command
from sampler.commands.words import os_reason
from sampler.errors import InputError, Place, Problem, StepError
from sampler.io import dated
from sampler.io.agenda import BEIJING
from sampler.io.checks import check_file
from sampler.io.corrected import corrected_copy
from sampler.io.imported import MAX_COPY
from sampler.io.store import write_file
from sampler.io.world import RealWorld
from sampler.tables import NONE

if TYPE_CHECKING:
    from sampler.io.imported import Imported

NAMES: Final = {
    "objects": "检查对象", "classes": "信用分类", "roster": "执法检查人员", "recusals": "回避", "items": "抽查事项清单",
    "caps": "频次上限", "history": "检查历史", "scores": "风险评分", "triggers": "线索名单", "given": "上级下达名单",
    "lots": "批次", "results": "检查结果", "codes": "代码表",
}  # fmt: skip
"""Kind of file to what an office calls it."""
KINDS = tuple(NAMES)
AS_CSV: Final = ("objects", "classes", "history", "scores")
"""What train and score read, and they read no workbooks."""


@command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "kind", type=click.Choice(KINDS), default=None, help="文件种类；默认按表头判断")
@click.option("--district", "districts", multiple=True, metavar="代码", help="已知区划代码，可多次；默认任何代码")
@click.option(
    "--as-of", "day", type=click.DateTime(formats=["%Y-%m-%d"]), default=None, metavar="日期",
    help="按哪一天的区划、行业代码表检查（templates/区划代码.xlsx、行业代码.xlsx）；默认今天，计划按检查开始日",
)  # fmt: skip
@click.option(
    "--csv", "target", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="目录",
    help="全部通过后，把对象、分类、历史、评分另存为标准 CSV（不含姓名），供 train、score 使用",
)  # fmt: skip
@click.option(
    "--corrected", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="目录",
    help="把每个有问题或有改写的文件另存一份更正件（xlsx）：要改的格标红并加批注，已统一写法的格标黄",
)  # fmt: skip
def check(
    workspace: Path, files: tuple[Path, ...], kind: str | None, districts: tuple[str, ...], day: dt.datetime | None,
    target: Path | None, corrected: Path | None,
) -> Reply:  # fmt: skip
    """检查文件能否导入：逐行给出位置、发现、原因和改法。"""
    codes = dated.load(workspace, (day or RealWorld().now().astimezone(BEIJING)).date().isoformat())
    read: list[tuple[str, Imported]] = []
    problems: list[Problem] = []
    status = 0
    for f in files:
        try:
            read.append((f.name, check_file(f.name, workspace / f, kind, districts=districts, dated=codes)))
        except OSError as e:
            message = f"读不到文件: {os_reason(e)}"
            hint = "核对文件名和所在目录（相对于 -C 的目录）；若在 Excel 或 WPS 中打开着，先关闭"
            problems.append(Problem(code="FILE_ACCESS", message=message, hint=hint, place=Place(file=str(f))))
            status = 2
        except InputError as e:
            problems += e.problems
            status = 2
    problems += [p for _, found in read for p in found.problems]
    warnings = [w for _, found in read for w in found.warnings]
    rows: list[dict[str, object]] = [
        {
            "file": name, "as": found.kind, "sheet": found.sheet, "rows": found.rows, "accepted": found.accepted,
            "columns": found.columns, "licences": _licences(found),
        }
        for name, found in read
    ]  # fmt: skip
    text = [f"{n}: {NAMES[f.kind]}（{f.kind}），{f.rows} 行，可用 {f.accepted} 行{_said(f)}" for n, f in read]
    if target is not None and not problems:
        text += [f"已写出 {p}" for p in _write(workspace / target, [found for _, found in read])]
    if corrected is not None:
        made, passed = _write_corrected(workspace / corrected, read)
        text += [f"更正件 {p}" for p in made]
        warnings += passed
    return Reply(
        data={"files": rows}, text="\n".join(text), problems=problems, warnings=warnings,
        exit=status or (1 if problems else 0),
    )  # fmt: skip


def _licences(found: Imported) -> int | None:
    """Return how many licences the accepted objects hold; None where the file does not say."""
    if found.kind != "objects" or "licences" not in found.columns:
        return None
    known = [int(n) for n in found.table["licences"] if n != NONE]
    return sum(known) if known else None


def _said(found: Imported) -> str:
    count = _licences(found)
    return "" if count is None else f"，许可证 {count} 张"


def _write_corrected(folder: Path, read: list[tuple[str, Imported]]) -> tuple[list[Path], list[Problem]]:
    """Write a marked copy of every file there is something to say about; for the office alone, so mode 0600."""
    made: list[Path] = []
    passed: list[Problem] = []
    for name, found in read:
        if found.rows > MAX_COPY:
            message, hint = f"超过 {MAX_COPY:,} 行，没有做更正件", "按问题清单改，或按地区拆分后再检查"
            passed.append(Problem(code="COPY_TOO_LARGE", message=message, hint=hint, place=Place(file=name)))
        elif found.problems or found.corrections:
            path = folder / f"{Path(name).stem}-更正件.xlsx"
            write_file(path, corrected_copy(found), secret=True)
            made.append(path)
    return made, passed


def _write(folder: Path, read: list[Imported]) -> list[Path]:
    """Write clean tables beside each other, all or none; a file that says something else is left alone."""
    made: dict[Path, bytes] = {}
    for found in read:
        if found.kind not in AS_CSV:
            continue
        path = folder / f"{found.kind}.csv"
        data = as_csv(found)
        if path in made or (path.exists() and path.read_bytes() != data):
            hint = "换一个目录，或先移走该文件；同一种表一次只写一份"
            raise StepError("CSV_EXISTS", "已有内容不同的同名文件，没有覆盖", hint=hint, found=str(path))
        made[path] = data
    for path, data in made.items():
        write_file(path, data)
    return list(made)


def as_csv(found: Imported) -> bytes:
    """Return the clean table as CSV: the columns the office's file has, canonical headings, empty for none."""
    names = [n for n in found.table.names if n in found.columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    columns = [found.table[n] for n in names]
    writer.writerows(["" if cell == NONE else cell for cell in row] for row in zip(*columns, strict=True))
    return out.getvalue().encode()
