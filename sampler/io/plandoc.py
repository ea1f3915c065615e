"""A plan as the office wrote it, TOML or the Excel form, with the place of every key for messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sampler.errors import Place, Problem, SamplerError
from sampler.io.archives import has_sheet
from sampler.io.planfile import read_toml
from sampler.io.planform import SHEETS

if TYPE_CHECKING:
    from collections.abc import Mapping

E = TypeVar("E", bound=SamplerError)
_INDEX: Final = re.compile(r"\[\d+\]")
_NAMES: Final = (("visits.first", "visits.from"), ("visits.last", "visits.to"), ("class_", "class"))
"""Names that the record's classes give to keys that are no Python names."""


@dataclass(frozen=True, slots=True)
class Document:
    """The keys of a plan as TOML has them.

    Parameters
    ----------
    fields
        The plan with its sections.
    places
        Key such as ``clauses[2].ratio`` to its cell; empty for TOML, where the key says enough.
    """

    fields: dict[str, Any]
    places: Mapping[str, Place] = field(default_factory=dict)

    def placed(self, error: E) -> E:
        """Return `error` with its key shown as the cell of the form; with no such cell, as it is."""
        p = error.problem
        place = self._place(p)
        if place is None:
            return error
        return type(error)(p.code, p.message, hint=p.hint, place=place, found=p.found)

    def _place(self, p: Problem) -> Place | None:
        for key in p.place.column.removeprefix("$.").split(", "):
            for theirs, ours in _NAMES:
                key = key.replace(theirs, ours)  # noqa: PLW2901  # one key, in our words
            found = self._cell(key, p.found) if key else None
            if found is not None:
                return found
        return None

    def _cell(self, key: str, found: str) -> Place | None:
        """Return the cell of `key`, or the cell of that column which holds what was `found`, or what lies around it."""
        while key:
            if key in self.places:
                return self.places[key]
            column = [(k, p) for k, p in self.places.items() if _INDEX.sub("", k) == _INDEX.sub("", key)]
            if column:
                same = [p for k, p in column if str(value_at(self.fields, k)) == found]
                return same[0] if same else replace(column[0][1], row=0)
            within = next((p for k, p in self.places.items() if k.startswith(f"{key}.")), None)
            if within is not None:
                return within
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return None


def value_at(fields: Any, key: str) -> Any:
    """Return what stands at a key such as ``clauses[2].ratio``; None if nothing does."""
    for part in re.findall(r"[^.\[\]]+", key):
        try:
            fields = fields[int(part)] if isinstance(fields, list) else fields.get(part)
        except (AttributeError, IndexError, ValueError):
            return None
    return fields


def read_document(path: Path) -> Document:
    """Return the plan in `path`, a TOML file or a workbook (by content, not by name).

    Raises
    ------
    PlanError, InputError
        ``PLAN_MISSING``, ``PLAN_TOML``, or what the form's reader refuses.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Document(read_toml(path))  # which says that it is not there
    if not is_workbook(data):
        return Document(read_toml(path))
    from sampler.io.planread import read_form  # noqa: PLC0415  # the readers of workbooks are not needed for TOML

    return read_form(path.name, data)


def is_workbook(data: bytes) -> bool:
    """Return whether `data` begins as a workbook (xlsx or xls) does."""
    return data.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def is_form(name: str, data: bytes) -> bool:
    """Return whether a workbook is the form of a plan: it has that form's first sheet."""
    return data.startswith(b"PK") and has_sheet(name, data, SHEETS[0].name)
