"""The object draw of a sealed task as a subject: its frame, strata and L; its sealed probabilities are the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler import draw
from sampler.allocation import E12
from sampler.audit.subjects import Line, Subject
from sampler.canon import H
from sampler.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.plan import Plan


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
    claimed = tuple(
        (E12 if v == "T" else pi[f"{s}/{v}"]) / E12 for s, v in zip(framed["stratum"], framed["level"], strict=True)
    )
    row = {oid: (s, v) for oid, s, v in zip(framed["object_id"], framed["stratum"], framed["level"], strict=True)}

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        rows = [row[i] for i in order]
        table = Table({"object_id": list(order), "stratum": [s for s, _ in rows], "level": [v for _, v in rows]})
        return [(c.object_id,) for c in draw.select(plan, table, strata, levels, H("audit", "seed", seed)).drawn]

    n = sum(map(int, strata["n"]))
    return Subject(name=name, ids=tuple(framed["object_id"]), lines=n, claimed=claimed, team=1, run=run)
