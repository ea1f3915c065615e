"""From a library call to the terminal: the JSON envelope, exit codes, and no traceback (DESIGN 4)."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from collections.abc import Callable  # click resolves annotations at run time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from sampler.commands.words import chinese, os_reason, usage
from sampler.errors import Problem, SamplerError, printable

MAX_SHOWN = 20
"""Problems printed for a person; --json carries all."""


@dataclass(slots=True, kw_only=True)
class Reply:
    """What a command answers.

    Parameters
    ----------
    data
        The envelope's ``data``; keys are a contract.
    text
        The report for a person, without a final line end.
    exit
        0 done, 1 the answer is "no".
    """

    data: dict[str, Any]
    text: str = ""
    warnings: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    exit: int = 0


def command(name: str, schema: str = "") -> Callable[[Callable[..., Reply]], click.Command]:
    """Turn ``f(workspace, **options) -> Reply`` into a click command with ``--json``; `schema` names the envelope of a subcommand."""

    def wrap(f: Callable[..., Reply]) -> click.Command:
        @click.pass_context
        @functools.wraps(f)
        def call(ctx: click.Context, /, as_json: bool, **options: Any) -> None:  # click's flag
            ctx.exit(emit(schema or name, f(Path(), **options), as_json=as_json))

        flag = click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 对象")
        return click.command(name)(flag(call))

    return wrap


def emit(name: str, reply: Reply, *, as_json: bool) -> int:
    """Print a reply and return the exit code."""
    reply = replace(reply, warnings=[*map(chinese, reply.warnings)], problems=[*map(chinese, reply.problems)])
    if as_json:
        _envelope(name, reply)
    else:
        if reply.text:
            click.echo(reply.text)
        _tell("警告", reply.warnings)
        _tell("问题", reply.problems)
    return reply.exit


def _envelope(name: str, reply: Reply) -> None:
    out = {
        "schema": f"sampler/{name}/v1",
        "ok": reply.exit == 0,
        "exit": reply.exit,
        "data": reply.data,
        "warnings": [p.to_dict() for p in reply.warnings],
        "errors": [p.to_dict() for p in reply.problems],
    }
    click.echo(json.dumps(out, ensure_ascii=False))


def _tell(kind: str, problems: list[Problem]) -> None:
    for p in problems[:MAX_SHOWN]:
        where = [p.place.file, p.place.sheet, f"第 {p.place.row} 行" if p.place.row else "", p.place.column]
        place = printable(" ".join(w for w in where if w))
        found = f"（发现：{p.found}）" if p.found else ""
        click.echo(f"{kind} {p.code}: {place + ': ' if place else ''}{p.message}{found}", err=True)
        if p.hint:
            click.echo(f"  怎么办: {p.hint}", err=True)
    if len(problems) > MAX_SHOWN:
        click.echo(f"{kind}: 另有 {len(problems) - MAX_SHOWN} 条，用 --json 查看全部", err=True)


def run(group: click.Command, argv: list[str]) -> int:
    """Run `group` and return the exit code; nothing escapes as a traceback. The current directory is left as it was."""
    before = Path.cwd()
    try:
        return _guarded(group, argv)
    finally:
        os.chdir(before)


def step(argv: list[str]) -> int:
    """Run one command of this program as if typed, for a command that is made of others; return its exit code.

    Its report goes where ours goes; if ours is the one object of ``--json``, to stderr.
    """
    import cli

    click.echo("\n$ sampler " + " ".join(argv), err=True)
    sys.stdout.flush()
    alone = bool(click.get_current_context().params["as_json"])
    with contextlib.redirect_stdout(sys.stderr) if alone else contextlib.nullcontext():
        return run(cli.group, argv)


def _named(group: click.Command, argv: list[str]) -> str:
    """Return the command meant: the first word that names one, the directory after -C aside."""
    known: list[str] = getattr(group, "list_commands", lambda _: [])(None)
    pairs = zip(["", *argv], argv, strict=False)
    return next((a for before, a in pairs if a in known and before not in ("-C", "--workspace")), "sampler")


def _guarded(group: click.Command, argv: list[str]) -> int:
    name = _named(group, argv)
    as_json = "--json" in argv
    try:
        code = group.main(argv, prog_name="sampler", standalone_mode=False)
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 2
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.exceptions.NoArgsIsHelpError as e:
        click.echo(e.format_message(), err=True)
        return 2
    except click.ClickException as e:
        return _fail(name, [usage(e)], 2, as_json=as_json)
    except click.exceptions.Abort:
        return _fail(
            name,
            [Problem(code="ABORTED", message="已中止；已写入的内容都保留", hint="再运行一次同一命令即可继续")],
            2,
            as_json=as_json,
        )
    except SamplerError as e:
        return _fail(name, list(e.problems), e.exit_code, as_json=as_json)
    except OSError as e:
        found = Problem(
            code="FILE_ACCESS",
            message=f"读写失败: {os_reason(e)}",
            hint="核对文件名、所在目录（相对于 -C 的目录）、权限和磁盘空间",
            found=str(e.filename),
        )
        return _fail(name, [found], 2, as_json=as_json)
    except Exception as e:  # a defect of ours must not look like one of the user's files
        if os.environ.get("SAMPLER_DEBUG"):
            raise
        found = Problem(
            code="INTERNAL",
            message=f"程序内部错误: {type(e).__name__}: {e}",
            hint="请附上命令报告此问题；SAMPLER_DEBUG=1 显示细节",
        )
        return _fail(name, [found], 2, as_json=as_json)
    return code if isinstance(code, int) else 0


def _fail(name: str, problems: list[Problem], code: int, *, as_json: bool) -> int:
    sys.stdout.flush()
    return emit(name, Reply(data={}, problems=problems, exit=code), as_json=as_json)
