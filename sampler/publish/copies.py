"""The bytes of a public copy, and of the log, as scripts, for readers without a server: pages from a stick may load scripts, nothing else.

Each script holds base64 pieces of files and names the next one, so that no reader has to take a large draw in one piece.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from sampler import canon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER: Final = "offline"
"""Where a site keeps the scripts of its copies: a copy's own folder holds the copy and nothing else."""
FIRST: Final = "data.js"
NAME: Final = re.compile(r"data(?:-[0-9]+)?\.js")
MOST: Final = 3 * 2**20
"""Bytes that one script wraps at most."""
HEAD: Final = b"globalThis.SAMPLER_DATA = "
TAIL: Final = b";\n"


def wrapped(files: Mapping[str, bytes], most: int = MOST) -> dict[str, bytes]:
    """Return file name to script over `files`; the same files give the same scripts."""
    packs = list(_packs(files, most)) or [[]]
    names = [FIRST, *(f"data-{n}.js" for n in range(2, len(packs) + 1)), ""]
    return {
        name: HEAD + canon.encode({"next": names[i + 1], "parts": packs[i]}) + TAIL for i, name in enumerate(names[:-1])
    }


def unwrapped(scripts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that scripts hold.

    Raises
    ------
    ValueError, KeyError, TypeError
        When a script is not of this form or the chain of names does not take in every script once.
    """
    out: dict[str, bytes] = {}
    name, left = FIRST, dict(scripts)
    while name:
        held: Any = json.loads(left.pop(name).removeprefix(HEAD).removesuffix(TAIL))
        for path, piece in held["parts"]:
            out[path] = out.get(path, b"") + b64decode(piece, validate=True)
        name = held["next"]
    if left:
        raise ValueError(min(left))
    return out


def _packs(files: Mapping[str, bytes], most: int) -> Iterator[list[list[str]]]:
    pack: list[list[str]] = []
    room = most
    for path, data in files.items():
        at = 0
        while at < len(data) or at == 0:
            piece = data[at : at + room]
            pack.append([path, b64encode(piece).decode()])
            at, room = at + max(len(piece), 1), room - len(piece)
            if room <= 0:
                yield pack
                pack, room = [], most
    if pack:
        yield pack
