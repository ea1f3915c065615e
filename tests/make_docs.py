"""Documents that the program writes: docs/cli.md, docs/spec/errors.md and the transcript in the README.

python -m tests.make_docs [--check]
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import click

import cli
from tests.support import ROOT, sampler

TRANSCRIPT = re.compile(r"(<!-- transcript:begin -->\n```text\n).*?(```\n<!-- transcript:end -->)", re.DOTALL)
CODE = re.compile(r"\"([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)\"")


def cli_page() -> str:
    """Return the reference of all commands, from their own help."""
    parts = ["# 命令参考\n\n由 `python -m tests.make_docs` 从程序的帮助生成。\n"]
    for name in cli.COMMANDS:
        command = cli.group.get_command(click.Context(cli.group), name)
        if command is None:
            continue
        with click.Context(
            command, info_name=f"sampler {name}", terminal_width=88, help_option_names=["-h", "--help"]
        ) as ctx:
            parts.append(f"\n## {name}\n\n```text\n{command.get_help(ctx)}\n```\n")
    return "".join(parts)


def errors_page() -> str:
    """Return the list of error codes and the modules that raise them."""
    found: dict[str, set[str]] = {}
    for folder in ("sampler", "models"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for code in CODE.findall(path.read_text(encoding="utf-8")):
                found.setdefault(code, set()).add(path.relative_to(ROOT).as_posix())
    rows = [f"| `{code}` | {', '.join(sorted(where))} |" for code, where in sorted(found.items())]
    head = "# Error codes\n\nStable: tests and outside scripts compare codes, never words. Written by `python -m tests.make_docs`.\n\n"
    return head + "| code | raised in |\n|---|---|\n" + "\n".join(rows) + "\n"


def transcript() -> str:
    """Return what the small demo prints, without the parts that depend on the place or the clock."""
    with tempfile.TemporaryDirectory() as folder:
        answer = sampler("demo", "--size", "small", "--out", "demo", cwd=Path(folder))
    if answer.code:
        raise SystemExit(answer.err)
    text = answer.out.replace(folder, "").replace("/private", "")
    text = re.sub(r"，[0-9.]+ 秒", "", text)
    lines = [re.sub(r"([0-9a-f]{16})[0-9a-f]{24,}", r"\1…", line) for line in text.splitlines()]
    return "\n".join(line if len(line) < 120 else line[:118] + "…" for line in lines) + "\n"


def pages() -> dict[Path, str]:
    """Return every generated document."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = transcript()
    return {
        ROOT / "docs" / "cli.md": cli_page(),
        ROOT / "docs" / "spec" / "errors.md": errors_page(),
        ROOT / "README.md": TRANSCRIPT.sub(lambda m: m[1] + shown + m[2], readme),
    }


def main(arguments: list[str]) -> int:
    """Write the documents, or name those that are not current."""
    stale = []
    for path, text in pages().items():
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
    if stale:
        sys.stderr.write("not current, run python -m tests.make_docs: " + ", ".join(stale) + "\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
