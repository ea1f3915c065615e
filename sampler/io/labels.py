"""Code to text, for documents and pages: the office's own labels file, and every text that the import made a code of."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any, Final

from sampler.io.headings import read_header
from sampler.io.planfile import input_file, section
from sampler.io.readers import read_rows
from sampler.io.values import code_of, is_code, members
from sampler.tables import Table, from_rows, is_id

CODED: Final = (("roster", "unit"), ("roster", "department"), ("roster", "qualifications"), ("items", "qualification"))
"""File and column of texts that became codes (records.md 2)."""
LISTS: Final = frozenset({"qualifications", "qualification"})
"""Columns that hold several."""


def labels(path: Path, toml: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> Table:
    """Return the labels of a plan.

    Parameters
    ----------
    path, toml
        The plan's file and its content.
    files
        Kind to name and bytes of the files that the plan names.
    """
    found: dict[str, str] = {}
    if "labels" in section(toml, "files", path):
        raw = read_rows(*input_file(path, toml, "labels"))
        found |= {row[0]: row[1] for row in raw.rows[1:] if len(row) > 1 and is_id(row[0])}
    for kind, name in CODED:
        found |= {code_of(t): t for t in _texts(kind, name, files[kind]) if t and not is_code(t)}
    clean = {k: unicodedata.normalize("NFC", " ".join(v.split())) for k, v in found.items()}
    return from_rows(("code", "name"), clean.items())


def _texts(kind: str, name: str, file: tuple[str, bytes]) -> set[str]:
    """Return the texts of a column as the import reads them."""
    raw = read_rows(*file)
    header = read_header(raw, kind)
    if header is None or name not in header.columns:
        return set()
    column = header.columns[name]
    cells = {row[column].strip() for row in list(raw.rows)[header.row + 1 :] if len(row) > column}
    return {m for cell in cells for m in members(cell)} if name in LISTS else cells
