"""The analyst's options, the same for every command that reads a history, and a TOML file of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.options import Options

FILE = click.Path(dir_okay=False, path_type=Path)


def read(path: Path, option: str) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        ``FILE_MISSING`` if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as e:
        message = f"the file cannot be read: {e.strerror}"
        refuse("FILE_MISSING", message, hint=f"check {option}", file=path.name, column=option)


def _names(_context: click.Context, _parameter: click.Parameter, value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else ()
    return tuple(name for name in (str(p).strip() for p in parts) if name)


def _config(context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is None:
        return None
    known = {p.name for p in context.command.params} - {"config"}
    try:
        given = tomllib.loads(value.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise click.BadParameter(f"读不出 TOML 文件 {value.name}: {e}") from e
    found = {str(k).replace("-", "_"): v for k, v in given.items()}
    unknown = sorted(set(found) - known)
    if unknown or any(isinstance(v, dict) for v in found.values()):
        raise click.BadParameter(f"{value.name} 中没有这个选项: {', '.join(unknown) or '（不可有小节）'}")
    context.default_map = {**(context.default_map or {}), **found}
    return value


_OPTIONS = (
    click.option("--target", default="", help="何为不合格，缺省 severity>=2"),
    click.option("--id-col", default="", help="主体标识列，缺省 object_id 或 establishment_id"),
    click.option("--date-col", default="date", show_default=True, help="检查日期列"),
    click.option("--severity-col", default="", help="严重程度列，或 4*a+2*b+c"),
    click.option("--score-direction", default="", help="得分 lower 或 higher 为差"),
    click.option(
        "--attributes", default="", callback=_names, help="检查前已知的属性，逗号分隔，可加 :text :number :date"
    ),
    click.option("--exclude", default="", callback=_names, help="不使用的属性"),
    click.option("--measures", default="", callback=_names, help="当次检查的计数列，只用其过去值；none 为不用"),
    click.option("--inspector-col", default="", help="检查人员列（绝不用于评分）"),
    click.option("--weight-col", default="", help="权重列，缺省 W；none 为不加权"),
    click.option("--pi-col", default="", help="入样概率列，没有权重列时用 1/π"),
)


def history_options(near: int, missing: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options of `models.options`, with defaults for repeats and empty outcomes."""
    more = (
        click.option("--near-days", type=int, default=near, show_default=True, help="几天内结果相同的记录算重复"),
        click.option(
            "--missing", default=missing, show_default=True, help="没有结果的行: refuse 拒绝，drop 去掉并计数"
        ),
        click.option(
            "--config", type=FILE, is_eager=True, expose_value=False, callback=_config, help="选项的 TOML 文件"
        ),
    )

    def wrap(f: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed((*_OPTIONS, *more)):
            f = option(f)
        return f

    return wrap


_FIELDS = frozenset(
    {"target", "id_col", "date_col", "severity_col", "score_direction", "attributes", "exclude", "measures",
     "inspector_col", "weight_col", "pi_col", "near_days", "missing"}
)  # fmt: skip


def options_of(asof: str, chosen: dict[str, Any]) -> Options:
    """Return the options among what click collected, and take them out of it."""
    from models.options import Options  # noqa: PLC0415  # heavy: only when a command runs

    return Options(asof=asof, **{name: chosen.pop(name) for name in _FIELDS})
