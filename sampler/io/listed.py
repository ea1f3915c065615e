"""Lists of objects that a plan's TOML names: triggers (线索名单), a list given by the level above (上级下达名单), lots (批次)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sampler.errors import InputError, Place, PlanError, Problem
from sampler.io.checks import check_file
from sampler.io.planfile import input_file, read_toml, section
from sampler.io.session import plain_hash
from sampler.office import columns as columnmap
from sampler.plan import CLASSES, WHOLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from sampler.io.imported import Imported

NAMES = {"triggers": "线索名单", "given": "上级下达名单"}
UNKNOWN = {"triggers": "TRIGGER_UNKNOWN", "given": "GIVEN_UNKNOWN"}


def with_list(path: Path, toml: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with the list that ``[files]`` names inside its target; a plan has at most one.

    Parameters
    ----------
    path, toml
        The plan and its content.

    Raises
    ------
    PlanError, InputError
        What is wrong with the list, with its place.
    """
    files = section(toml, "files", path)
    kinds = [k for k in NAMES if k in files]
    if not kinds:
        return toml
    if len(kinds) > 1:
        hint = "分成两个计划：线索和上级任务分别统计"
        place = Place(file=path.name, column="files")
        raise PlanError("PLAN_TARGET", "一个计划只能有一份名单", hint=hint, place=place, found="triggers, given")
    name, data = input_file(path, toml, kinds[0])
    written = toml.get("target")
    if isinstance(written, dict) and kinds[0] in written:
        place = Place(file=path.name, column=f"target.{kinds[0]}")
        hint = "名单写在计划里，或写在名单文件里，只用一处"
        raise PlanError("PLAN_LIST_TWICE", f"{NAMES[kinds[0]]}写了两处", hint=hint, place=place)
    target = {"filter": NAMES[kinds[0]], **(written if isinstance(written, dict) else {})}
    if kinds == ["triggers"]:
        return toml | {"target": target | {"triggers": _rows(check_file(name, data, "triggers"))}}
    return _given(path, toml, name, data, target)


def unknown(path: Path, toml: dict[str, Any], registry: str, objects: Collection[str]) -> list[Problem]:
    """Return a problem for every row of a plan's list whose object the registry does not hold.

    Parameters
    ----------
    registry
        The name of the registry's file: that is where the row has to be added.
    objects
        The objects it holds.
    """
    there, files = frozenset(objects), section(toml, "files", path)
    out = []
    for kind in (k for k in NAMES if k in files):
        name, data = input_file(path, toml, kind)
        own = _headings(path, toml) if kind == "given" else {}
        read = check_file(name, data, kind, headings=own)
        column = next((heading for heading, field in own.items() if field == "object_id"), read.columns["object_id"])
        wrong = "请下达机关更正名单" if kind == "given" else "从线索名单删去"
        hint = f"核对代码；确有其户的，在 {registry} 补一行，并在信用分类表补上它的分类，再运行；查无此户的，{wrong}"
        for n, oid in zip(read.held.order, read.table["object_id"], strict=True):
            if oid not in there:
                place = Place(file=name, sheet=read.sheet, row=read.held.numbers[n], column=column)
                message = f"{NAMES[kind]}上的这一户不在检查对象名录库（{registry}）"
                out.append(Problem(code=UNKNOWN[kind], message=message, hint=hint, place=place, found=oid))
    return sorted(out, key=lambda p: p.place.row)


def with_lots(path: Path, toml: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with the number of items of every lot that ``[files] lots`` lists."""
    if "lots" not in section(toml, "files", path):
        return toml
    rows = _rows(check_file(*input_file(path, toml, "lots"), "lots"))
    return toml | {"lots": [{"object_id": r["object_id"], "size": int(r["size"])} for r in rows]}


def _given(path: Path, toml: dict[str, Any], name: str, data: bytes, target: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with the sealed facts of a given list; without clauses of its own it takes every object."""
    source = {k: v for k, v in section(toml, "given", path).items() if k != "columns"}
    headings = _headings(path, toml)
    ids = [row["object_id"] for row in _rows(check_file(name, data, "given", headings=headings))]
    target["given"] = source | {"sha256": plain_hash(data), "objects": ids}
    types = toml.get("types")
    strata = {str(t.get("stratum")) for t in types if isinstance(t, dict)} if isinstance(types, list) else set()
    whole = {"clause": "given", "classes": list(CLASSES), "types": sorted(strata), "ratio": WHOLE, "period": "task"}
    return {"clauses": [whole]} | toml | {"target": target}


def _headings(path: Path, toml: dict[str, Any]) -> Mapping[str, str]:
    """Return the headings of a given list and what they mean, where the plan names a column map."""
    columns = section(toml, "given", path).get("columns")
    return columnmap.headings(column_map(path.parent / str(columns))) if columns is not None else {}


def column_map(path: Path) -> tuple[columnmap.Column, ...]:
    """Return the columns of the level above, as the office has written them down."""
    return columnmap.columns(read_toml(path), path.name)


def _rows(read: Imported) -> list[dict[str, str]]:
    if read.problems:
        raise InputError(read.problems)
    return [dict(zip(read.table.names, row, strict=True)) for row in read.table.rows()]
