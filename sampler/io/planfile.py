"""A plan's TOML and the files it names, as bytes: what can go wrong before anybody asks what they mean."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from sampler.errors import Place, PlanError

if TYPE_CHECKING:
    from pathlib import Path


def read_toml(path: Path) -> dict[str, Any]:
    """Return the TOML document, or say where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        raise PlanError("PLAN_MISSING", "没有这个文件", hint="确认路径", place=Place(file=str(path))) from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise PlanError("PLAN_TOML", f"不是有效的 TOML: {e}", hint="用 UTF-8 保存", place=Place(file=path.name)) from e


def section(toml: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    """Return one table of the plan, or say that it is missing."""
    found = toml.get(name)
    if not isinstance(found, dict):
        raise PlanError(
            "PLAN_SECTION",
            f"计划缺少 [{name}]",
            hint="对照 sampler init 给出的示例计划",
            place=Place(file=path.name, column=name),
        )
    return found


def input_path(path: Path, toml: dict[str, Any], kind: str) -> tuple[str, Path]:
    """Return name and path of the file that ``[files]`` names for a kind: what is long is read piece by piece."""
    name = section(toml, "files", path).get(kind)
    if not isinstance(name, str):
        raise PlanError(
            "PLAN_FILE",
            f"[files] 没有写 {kind}",
            hint="写文件名，相对于计划所在目录",
            place=Place(file=path.name, column=f"files.{kind}"),
        )
    file = path.parent / name
    try:
        file.open("rb").close()
    except OSError as e:
        raise PlanError(
            "PLAN_FILE",
            f"读不到 {kind} 文件",
            hint="确认 [files] 里的路径",
            place=Place(file=name, column=f"files.{kind}"),
            found=str(file),
        ) from e
    return name, file


def input_file(path: Path, toml: dict[str, Any], kind: str) -> tuple[str, bytes]:
    """Return name and bytes of the file that ``[files]`` names for a kind."""
    name, file = input_path(path, toml, kind)
    return name, file.read_bytes()
