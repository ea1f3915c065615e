"""The object draw of a sealed task as a subject: its frame, strata and L; its sealed probabilities are the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import draw, units
from sampler.allocation import E12
from sampler.audit.subjects import Line, Subject
from sampler.canon import H
from sampler.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.plan import Plan


READ: Final = ("owner_id", "stratum", "level")


def sealed(name: str, plan: Plan, framed: Table, strata: Table, levels: Table) -> Subject:
    """Return the subject; its seeds stand in the place of the seed that the ceremony gives.

    Parameters
    ----------
    name
        Draw id.
    plan, framed, strata, levels
        The sealed plan and tables. Cooling objects are part of the frame and claim probability 0.
    """
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    held = units.of_frame(framed, owners=plan.owners)
    sizes = held.sizes()
    claimed = tuple(
        (E12 if v == "T" else pi[f"{s}/{v}"]) / sizes[k] / E12
        for s, v, k in zip(framed["stratum"], framed["level"], held.of, strict=True)
    )
    row = dict(zip(framed["object_id"], zip(*(framed[c] for c in READ), strict=True), strict=True))

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        rows = [row[i] for i in order]
        columns = {name: [r[n] for r in rows] for n, name in enumerate(READ)}
        table = Table({"object_id": list(order), **columns})
        return [(c.object_id,) for c in draw.select(plan, table, strata, levels, H("audit", "seed", seed)).drawn]

    n = sum(map(int, strata["n"]))
    return Subject(name=name, ids=tuple(framed["object_id"]), lines=n, claimed=claimed, team=1, run=run)
