"""What a redraw may not change without saying so: the tables of both draws side by side (records.md, 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import records, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

BLINDED: Final = ("excluded", "frame", "recusals", "roster")
"""Compared by rows without nonces: nonces are fresh in every draw."""
PLAIN: Final = {
    "history": "history.tsv", "items": "items.tsv", "levels": "levels.tsv", "plan": "plan.json", "scores": "scores.csv",
    "strata": "strata.tsv",
}  # fmt: skip
"""Compared by bytes."""


def differs(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the names of the sealed files that are not the same in both draws, increasing.

    Parameters
    ----------
    old, new
        Files of the voided draw and of its successor by path, as in their bundles.
    """
    found = [name for name, path in PLAIN.items() if old[path] != new[path]]
    found += [name for name in BLINDED if _rows(old, name) != _rows(new, name)]
    return tuple(sorted(found))


def _rows(files: Mapping[str, bytes], name: str) -> list[str]:
    path = f"{name}.tsv"
    return tables.decode(files[path], records.TABLE_COLUMNS[path], file=path).lines(without="nonce")
