"""What a targeted draw (定向) is limited to: a filter, a list of triggers, a given list (docs/spec/records.md, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from sampler.schema import By, Date, Hash, Id, Part, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

TRIGGERS: Final = ("complaint", "report", "recall", "accident", "alert", "transfer")
"""Why an object stands on a list of triggers (国办发〔2024〕54号: 投诉举报、转办交办、监测预警)."""
OFF_TARGET: Final = "off-target"
"""Reason for which a targeted plan leaves out what it is not aimed at."""
GONE: Final = "status"
"""The one reason for which an object on a given list may be left out."""
Row = tuple[str, str, str, str]
"""Object, type, industry, tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Part):
    """Which objects a template is for."""

    types: Annotated[tuple[Id, ...], By()] | None = None
    industries: Annotated[tuple[Id, ...], By()] | None = None
    tags: Annotated[tuple[Id, ...], By()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(Part):
    """One reason to look at one object: what happened, when, and the number of the document that says so."""

    object_id: Id
    date: Date
    reason: Id
    source: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(Part):
    """A list the level above has drawn (上级下达名单): who drew it, by which document, and the file as it came."""

    authority: Text
    document: Text
    date: Date
    sha256: Hash
    objects: Annotated[tuple[Id, ...], By()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Part):
    """What a targeted draw (定向) is limited to: a filter, or the objects of one of two kinds of list."""

    filter: Text
    when: When | None = None
    triggers: Annotated[tuple[Trigger, ...], By(("object_id", "date", "reason", "source"))] | None = None
    given: Given | None = None

    @property
    def is_list(self) -> bool:
        """Whether the objects stand on a list: nothing of them is left to chance here."""
        return self.triggers is not None or self.given is not None

    @property
    def listed(self) -> frozenset[str]:
        """Return the objects of the list."""
        named = self.given.objects if self.given else ()
        return frozenset((*named, *(t.object_id for t in self.triggers or ())))

    def holds(self, object_id: str, object_type: str, industry: str, tags: str) -> bool:
        """Return whether the draw is aimed at an object; industries by prefix, tags by one in common."""
        if self.is_list:
            return object_id in self.listed
        w = self.when or When()
        return (
            (w.types is None or object_type in w.types)
            and (w.industries is None or industry.startswith(w.industries))
            and (w.tags is None or not set(w.tags).isdisjoint(tags.split(",")))
        )

    def misplaced(
        self, frame: Sequence[Row], excluded: Sequence[tuple[str, str]]
    ) -> tuple[list[str], list[str], list[str]]:
        """Return frame objects off the target, objects of the list that are nowhere, and those wrongly left out.

        Parameters
        ----------
        frame
            The frame's rows.
        excluded
            Object and reason of all others.
        """
        listed = self.listed
        off = [row[0] for row in frame if not self.holds(*row)]
        lost = sorted(listed.difference([row[0] for row in frame], [o for o, _ in excluded]))
        wrong = [o for o, r in excluded if o in listed and (r != GONE if self.given else r == OFF_TARGET)]
        return off, lost, wrong
