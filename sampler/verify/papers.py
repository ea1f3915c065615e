"""Which records a bundle holds, who must have signed each, and which stand in the log (records.md, 3.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler import records

if TYPE_CHECKING:
    from sampler.schema import Record
    from sampler.verify.bundle import Bundle

    Signer = tuple[str, str]

FIXED = (
    "charter.json", "registration.json", "commitment.json", "closing.json", "public-value.json", "draw.json",
)  # fmt: skip
"""Files whose record the agency signs and logs."""
LATER: tuple[tuple[str, type[Record]], ...] = (
    ("void.json", records.Void),
    ("opening.json", records.Opening),
    ("results/", records.Results),
)
"""Optional files whose record the agency signs and logs."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A record with role and owner of everybody who must sign it; none where a rule of its own decides.

    `draw_id` is that of another draw of the sitting, empty for the bundle's own.
    """

    record: Record
    file: str
    signers: tuple[Signer, ...]
    logged: bool = True
    draw_id: str = ""

    @property
    def what(self) -> tuple[str, str]:
        """Type and hash."""
        return self.record.TYPE, self.record.rhash()


def papers(b: Bundle) -> tuple[Paper, ...]:
    """Return every record of the bundle that somebody signs."""
    return b.once("papers", lambda: (*_agency(b), *_parties(b), *_others(b), *_sitting(b)))


def replayed_only(b: Bundle) -> bool:
    """Return whether draw.json is what would have been drawn: named by a Void, drawn by nobody."""
    void = b.void
    if void is None or void.draw is None:
        return False
    return not any(e.type == "draw" and e.draw_id == void.draw_id for e in b.logged)


def _agency(b: Bundle) -> list[Paper]:
    agency = (("agency", b.charter.agency),)
    fixed = [p for p in FIXED if b.has(p) and not (p == "draw.json" and replayed_only(b))]
    out = [Paper(b.record(p, records.RECORD_FILES[p]), p, agency) for p in fixed]
    for start, cls in LATER:
        out += [Paper(b.record(p, cls), p, agency) for p in b.under(start)]
    for p in b.under("amendments/"):
        amendment = b.record(p, records.Amendment)
        out += [Paper(amendment.cause, p, agency), Paper(amendment, p, agency)]
    return out


def _parties(b: Bundle) -> list[Paper]:
    out: list[Paper] = []
    if b.has("sitting.json"):
        theirs: tuple[records.PartyCommitment | records.Reveal, ...] = (
            *b.sitting.party_commitments,
            *b.sitting.reveals,
        )
        out += [Paper(r, "sitting.json", (("party", r.party),)) for r in theirs]
    kept = [(p, b.record(p, records.Custody)) for p in b.under("custody-")]
    return out + [Paper(r, p, (("party", r.party), ("party", r.holder))) for p, r in kept]


def _others(b: Bundle) -> list[Paper]:
    changes = [Paper(b.record(p, records.KeyChange), p, ()) for p in b.under("keys/")]
    attested = [Paper(b.record(p, records.Attestation), p, (), logged=False) for p in b.under("attestation-")]
    return changes + attested


def _sitting(b: Bundle) -> list[Paper]:
    """Return what the agency signed and logged of the sitting's other draws: not a draw only shown with its void."""
    agency, out = (("agency", b.charter.agency),), list[Paper]()
    drawn = {e.draw_id for e in b.logged if e.type == "draw"}
    for path in b.under("sitting/"):
        other, cls = records.sitting_file(path) or ("", records.Assignment)
        if cls is records.Assignment or (cls is records.Draw and other not in drawn):
            continue
        found = b.record(path, cls)
        if isinstance(found, records.Amendment):
            out.append(Paper(found.cause, path, agency, draw_id=other))
        out.append(Paper(found, path, agency, draw_id=other))
    return out
