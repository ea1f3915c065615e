"""What a targeted draw (定向) is limited to: a filter, or a list of triggers (docs/spec/records.md, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from sampler.schema import By, Date, Id, Part, Text

TRIGGERS: Final = ("complaint", "report", "recall", "accident", "alert", "transfer")
"""Why an object stands on a list of triggers (国办发〔2024〕54号: 投诉举报、转办交办、监测预警)."""


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
class Target(Part):
    """What a targeted draw (定向) is limited to: a filter, or the objects of a list of triggers."""

    filter: Text
    when: When | None = None
    triggers: Annotated[tuple[Trigger, ...], By(("object_id", "date", "reason", "source"))] | None = None

    @property
    def listed(self) -> frozenset[str]:
        """Return the objects of the list of triggers."""
        return frozenset(t.object_id for t in self.triggers or ())

    def holds(self, object_id: str, object_type: str, industry: str, tags: str) -> bool:
        """Return whether the draw is aimed at an object; industries by prefix, tags by one in common."""
        if self.triggers is not None:
            return object_id in self.listed
        w = self.when or When()
        return (
            (w.types is None or object_type in w.types)
            and (w.industries is None or industry.startswith(w.industries))
            and (w.tags is None or not set(w.tags).isdisjoint(tags.split(",")))
        )
