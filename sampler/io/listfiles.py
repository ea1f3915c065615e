"""Files that name objects of a plan: triggers (线索名单), those given by the level above (上级下达名单), lots (批次)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.io.fields import must, reading, warn_numbers
from sampler.io.headings import renamed
from sampler.io.identity import known_object
from sampler.io.imported import Imported, run
from sampler.io.sheet import Sheet
from sampler.io.values import code_of, dates, integers
from sampler.io.vocabulary import trigger
from sampler.lots import MOST_ITEMS

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


def import_lots(raw: RawTable, *, objects: Collection[str] = ()) -> Imported:
    """Return the lots (批次) and how many items each has (抽样基数); `objects` as for `import_given`."""
    sheet = Sheet(raw, "lots")
    size = integers("LOT_RANGE", 1, MOST_ITEMS, "抽样基数")
    warn_numbers(sheet, "object_id")
    return run(sheet, reading({"object_id": must(known_object(objects)), "size": must(size)}))
