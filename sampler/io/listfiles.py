"""Files that name objects to be visited: lists of triggers (线索名单), lists given by the level above (上级下达名单)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.io.fields import must, reading, warn_numbers
from sampler.io.headings import renamed
from sampler.io.identity import known_object
from sampler.io.imported import Imported, run
from sampler.io.sheet import Sheet
from sampler.io.values import code_of, dates
from sampler.io.vocabulary import trigger

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sampler.io.raw import RawTable


def import_triggers(raw: RawTable, *, objects: Collection[str] = ()) -> Imported:
    """Return a list of triggers (线索名单): who was reported, when, why, and the document's number.

    The number is sealed and, at level ``open``, published: it is a code, never a text that may hold a person's name.
    """
    sheet = Sheet(raw, "triggers")
    fields = {
        "object_id": must(known_object(objects)),
        "date": must(dates(old_epoch=sheet.raw.old_epoch)),
        "reason": must(trigger),
        "source": must(code_of),
    }
    warn_numbers(sheet, "object_id")
    return run(sheet, reading(fields))


def import_given(
    raw: RawTable, *, objects: Collection[str] = (), headings: Mapping[str, str] | None = None
) -> Imported:
    """Return a list given by the level above (上级下达名单): the objects it names.

    Parameters
    ----------
    headings
        Its own headings and what they mean, from the office's column map.
    """
    sheet = Sheet(renamed(raw, headings or {}), "given")
    warn_numbers(sheet, "object_id")
    return run(sheet, reading({"object_id": must(known_object(objects))}))
