"""check: the import doctor, before anything is sealed."""

from __future__ import annotations

from pathlib import Path

import click

from sampler.commands.shell import Reply, command
from sampler.errors import InputError, Place, Problem
from sampler.io.checks import check_file

KINDS = ("objects", "classes", "roster", "recusals", "items", "caps", "history", "scores")


@command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "kind", type=click.Choice(KINDS), default=None, help="文件种类；默认按表头判断")
@click.option("--district", "districts", multiple=True, help="已知区划代码，可多次")
def check(workspace: Path, files: tuple[Path, ...], kind: str | None, districts: tuple[str, ...]) -> Reply:
    """检查文件能否导入：逐行给出位置、发现、原因和改法。"""
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for f in files:
        try:
            data = (workspace / f).read_bytes()
            found = check_file(f.name, data, kind, districts=districts)
        except OSError as e:
            problems.append(
                Problem(
                    code="FILE_ACCESS", message=f"读不到文件: {e.strerror}", hint="检查路径", place=Place(file=str(f))
                )
            )
            continue
        except InputError as e:
            problems += e.problems
            continue
        problems += found.problems
        warnings += found.warnings
        rows.append(
            {
                "file": f.name,
                "as": found.kind,
                "sheet": found.sheet,
                "rows": found.rows,
                "accepted": found.accepted,
                "columns": found.columns,
            }
        )
    text = "\n".join(f"{r['file']}: {r['as']}，{r['rows']} 行，可用 {r['accepted']} 行" for r in rows)
    return Reply(data={"files": rows}, text=text, problems=problems, warnings=warnings, exit=1 if problems else 0)
