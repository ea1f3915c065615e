"""Who approved, as the office writes it: positions, not names, in any order become the record's list (records.md, 3.1)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from sampler import records
from sampler.errors import Place, PlanError, RecordError, StepError

if TYPE_CHECKING:
    from collections.abc import Iterable

HINT = 'form = "审批表号"，date = "2026-12-01"，by = ["分管副局长", "局长"]'


def approval(fields: dict[str, Any], file: str) -> records.Approval:
    """Return the approval of a plan's section, or say what is wrong with it."""
    by = fields.get("by")
    if isinstance(by, list) and all(isinstance(name, str) for name in by):
        fields = fields | {"by": approvers(by)}
    try:
        return records.Approval.from_dict(fields, "approval")
    except RecordError as e:
        p = e.problem
        place = Place(file=file, column=p.place.column)
        raise PlanError(e.code, f"审批写得不对: {p.message}", hint=f"写成 {HINT}", place=place, found=p.found) from e


def approvers(names: Iterable[str]) -> list[str]:
    """Return who approved, each once, in the order of the record."""
    clean = (unicodedata.normalize("NFC", " ".join(name.split())) for name in names)
    return sorted({name for name in clean if name}, key=str.encode)


def refuse_few(charter: records.Charter, found: records.Approval, hint: str) -> None:
    """Refuse an approval by fewer people than the charter asks for."""
    if found.count < charter.approvals:
        message = f"章程要求 {charter.approvals} 人批准，只写了 {found.count} 人"
        raise StepError("APPROVALS_FEW", message, hint=hint, found="、".join(found.by or ()))
