"""Scores of an earlier run, found again by everything they follow from: only what has changed is scored anew.

A risk follows from the model, the history, the day, the properties of the visited objects (they make the rates of
groups), this program and, of the object itself, its identifier if visited and its attributes. All but the last two
make the key of a set of scores; the last two are looked up in it. So a set is used for exactly what it was made for, or
not at all.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from models.problems import refuse
from sampler import canon

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HEAD: Final = b"sampler/known/v1 "
LIBRARIES: Final = ("numpy", "pandas", "pyarrow")
MODE: Final = 0o600
Scores = dict[str, int]
"""Risk by identifier of a visited object, or by the attributes of all others as JSON (which begins with a bracket)."""


def key(model: bytes, history: bytes, visited: pd.DataFrame, asof: str) -> str:
    """Return the name of everything that scores follow from, the object itself aside."""
    table = pa.Table.from_pandas(visited.sort_index().sort_index(axis=1))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return canon.H("known", model, history, sink.getvalue().to_pybytes(), asof, program()).hex()


def program() -> str:
    """Return the hash of this package and the versions of what it computes with."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    code = [canon.sha256(f.name.encode() + b"\0" + f.read_bytes()).hex() for f in files]
    return " ".join([*code, *(f"{name} {version(name)}" for name in LIBRARIES)])


def load(path: Path) -> dict[str, Scores]:
    """Return the sets of scores in a file by their keys; none where there is no file, or a damaged one.

    Raises
    ------
    InputError
        ``SCORE_KNOWN`` for a file of another kind: it would be written over.
    """
    if not path.exists():
        return {}
    raw = path.read_bytes()
    if not raw.startswith(HEAD):
        hint = "name a file that score wrote, or one that is not there yet"
        refuse("SCORE_KNOWN", "not a file of known scores", hint=hint, file=path.name, column="--known")
    head, _, body = raw.partition(b"\n")
    if head != HEAD + canon.sha256(body).hex().encode():
        return {}
    found: dict[str, Scores] = json.loads(body)
    return found


def save(path: Path, sets: Mapping[str, Scores]) -> None:
    """Write the sets of this run in the place of those before; the file is whole or as it was."""
    body = json.dumps(sets, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as file:
            file.write(HEAD + canon.sha256(body).hex().encode() + b"\n" + body)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
