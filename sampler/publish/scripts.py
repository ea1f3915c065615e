"""The scripts of the site, made of the same modules that Node runs: joined, never rewritten by hand.

A page opened from a stick may load neither modules nor workers, so the modules become one classic script: each turns
into a function that returns what it exports, in the order of its imports. Only import and export lines change.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final

IMPORT: Final = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "\./([\w-]+)\.mjs";\n', re.MULTILINE)
EXPORT: Final = re.compile(r"^export (async function\*?|function\*?|const|class) (\w+)", re.MULTILINE)
COMMENT: Final = re.compile(r"^\s*(?:/\*\*.*?\*/|//.*)\n", re.MULTILINE | re.DOTALL)
FOLDERS: Final = ("js", "web")


def page() -> bytes:
    """Return the script of the pages."""
    return _joined("page").encode()


def kernel() -> bytes:
    """Return the kernel: a function that a page runs in a worker made of its own text."""
    body = _joined("worker")
    return f"globalThis.SAMPLER_KERNEL = function () {{\n{body}}};\n".encode()


@cache
def _source(name: str) -> str:
    """Return a module's text; a name that both folders hold would silently take the other's place, so it is refused."""
    paths = (resources.files("sampler.publish").joinpath(folder, f"{name}.mjs") for folder in FOLDERS)
    (found,) = [p for p in paths if p.is_file()]
    return found.read_text(encoding="utf-8")


def _joined(entry: str) -> str:
    order: list[str] = []
    _visit(entry, order, ())
    return '"use strict";\n' + "".join(map(_wrapped, order))


def _visit(name: str, order: list[str], above: tuple[str, ...]) -> None:
    """Put `name` after everything it imports."""
    if name in order:
        return
    if name in above:
        raise RecursionError(name)
    for _, other in IMPORT.findall(_source(name)):
        _visit(other, order, (*above, name))
    order.append(name)


def _wrapped(name: str) -> str:
    text = _source(name)
    exported = [e for _, e in EXPORT.findall(text)]
    body = IMPORT.sub(_taken, COMMENT.sub("", text))
    body = EXPORT.sub(r"\1 \2", body)
    return f"const {_variable(name)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _taken(found: re.Match[str]) -> str:
    """Return a constant that takes the imported names."""
    names = found[1]
    if names.startswith("*"):
        return f"const {names.removeprefix('* as ')} = {_variable(found[2])};\n"
    return f"const {names.replace(' as ', ': ')} = {_variable(found[2])};\n"


def _variable(name: str) -> str:
    return "m_" + name.replace("-", "_")
