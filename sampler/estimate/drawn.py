"""One draw as an estimate sees it: who was drawn, with which weight, out of how many (docs/spec/estimate.md, 1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Final

from sampler import records, tables, units, weights
from sampler.errors import DrawError, Place, StepError
from sampler.estimate import joined
from sampler.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from sampler.tables import Table

FRAME: Final = "frame.tsv"
NEEDED: Final = ("plan.json", "draw.json", FRAME, "strata.tsv", "levels.tsv", "history.tsv")
"""What is read of a bundle."""
GROUPINGS: Final = ("class", "type", "district", "industry", "stratum", "clause", "draw", "month")
"""By what a rate can be broken down; industry is the section, the first letter of GB/T 4754."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One draw.

    Parameters
    ----------
    draw_id, first, last
        Its name, and the window of its visits.
    ids, taken, stratum, weight
        Of each drawn object: its id, whether it was certain, its stratum, and W or 1 / pi (1 where certain). Where
        owners are drawn, an object of several has the weight of its owner times their number, and is never certain.
    groups
        Grouping to the group of each drawn object.
    frame
        Grouping to (group, taken or not) to the number of objects the weights speak for.
    sizes
        Place of every stratum, and how many it leaves to chance: m, and the owners taken of whom one object is drawn.
    cooling
        Objects that the weights do not speak for: they were cooling, and earlier probabilities are not recorded.
    """

    draw_id: str
    first: str
    last: str
    ids: tuple[str, ...]
    taken: tuple[bool, ...]
    stratum: tuple[joined.Place, ...]
    weight: tuple[Fraction, ...]
    groups: dict[str, tuple[str, ...]]
    frame: dict[str, Counter[tuple[str, bool]]]
    sizes: tuple[tuple[joined.Place, int], ...]
    cooling: int


def read(files: Mapping[str, bytes]) -> Drawn:
    """Return the draw of an auditor's bundle.

    Raises
    ------
    StepError
        ``ESTIMATE_BUNDLE`` when the copy lacks a needed file: weights are not public below level ``open``.
    SamplerError
        Whatever the strict readers refuse.
    """
    missing = next((n for n in NEEDED if n not in files), None)
    if missing is not None:
        hint = "推断要用本机关的证据包（或 open 级）；其余级别不公布入样概率"
        raise StepError("ESTIMATE_BUNDLE", f"证据包里没有 {missing}", hint=hint, place=Place(file=missing))
    plan: Plan = Plan.parse(files["plan.json"], "plan.json")
    if plan.listed:
        hint = "名单上的对象不是本机关从名录中随机抽取的，只能单独统计；推断用不定向的抽查"
        code, name = ("ESTIMATE_TRIGGERED", "线索名单") if plan.triggered else ("ESTIMATE_GIVEN", "上级下达名单")
        raise StepError(code, f"{name}不能用来推断合格率", hint=hint, place=Place(file="plan.json"))
    result = records.Draw.parse(files["draw.json"], "draw.json")
    t = {n: tables.decode(files[n], records.TABLE_COLUMNS[n], file=n) for n in NEEDED[2:]}
    frame, strata = t[FRAME], t["strata.tsv"]
    place = {
        s: joined.Place(result.draw_id, c, s.split(".")[0], s)
        for s, c in zip(strata["stratum"], strata["clause"], strict=True)
    }
    chosen = {c.object_id for c in result.drawn}
    at = [i for i, oid in enumerate(frame["object_id"]) if oid in chosen]
    _check_known(chosen, frame, set(place), set(t["levels.tsv"]["key"]))
    groups = _groups(frame, place, result.draw_id, plan.period)
    held = units.of_frame(frame, owners=plan.owners)
    sizes = held.sizes()
    size = [sizes[k] for k in held.of]
    weight, whole = _weights(plan, at, t, held)
    taken = [level == "T" and n == 1 for level, n in zip(frame["level"], size, strict=True)]
    open_ = Counter(frame["stratum"][i] for i in held.first if frame["level"][i] == "T" and size[i] > 1)
    covered = [whole or level != "0" for level in frame["level"]]
    return Drawn(
        draw_id=result.draw_id, first=plan.visits.first, last=plan.visits.last,
        ids=tuple(frame["object_id"][i] for i in at), taken=tuple(taken[i] for i in at),
        stratum=tuple(place[frame["stratum"][i]] for i in at),
        weight=tuple(w * size[i] for w, i in zip(weight, at, strict=True)),
        groups={by: tuple(column[i] for i in at) for by, column in groups.items()},
        frame={by: Counter(compress(zip(column, taken, strict=True), covered)) for by, column in groups.items()},
        sizes=tuple((place[s], int(m) + open_[s]) for s, m in zip(strata["stratum"], strata["m"], strict=True)),
        cooling=len(frame) - sum(covered),
    )  # fmt: skip


def _check_known(chosen: set[str], frame: Table, strata: set[str], levels: set[str]) -> None:
    """Refuse drawn objects outside the frame, and rows of a stratum or level that is not sealed."""
    rows = list(zip(frame["object_id"], frame["stratum"], frame["level"], strict=True))
    lost = chosen.difference(oid for oid, _, _ in rows)
    unknown = next((f"{s}/{k}" for _, s, k in rows if s not in strata or f"{s}/{k}" not in levels), None)
    if lost or unknown is not None:
        found = unknown or min(lost)
        raise StepError("ESTIMATE_FRAME", "抽中的对象或层不在名录里", hint="先运行 sampler verify", found=found)


def _groups(frame: Table, place: Mapping[str, joined.Place], draw_id: str, month: str) -> dict[str, list[str]]:
    """Return, for each grouping, the group of every object of the frame."""
    return {
        "class": frame["class"], "type": frame["type"], "district": frame["district"],
        "industry": [code[:1] for code in frame["industry"]], "stratum": frame["stratum"],
        "clause": [place[s].clause for s in frame["stratum"]], "draw": [draw_id] * len(frame),
        "month": [month] * len(frame),
    }  # fmt: skip


def _weights(
    plan: Plan, at: Sequence[int], t: Mapping[str, Table], held: units.Units
) -> tuple[tuple[Fraction, ...], bool]:
    """Return the weights of the drawn units, and whether they speak for cooling ones too.

    W needs the earlier probabilities of objects that were *not* drawn; where history.tsv does not hold them, 1 / pi
    speaks for the objects that could be drawn this month.
    """
    frame, history = t[FRAME], t["history.tsv"]
    levels = dict(zip(t["levels.tsv"]["key"], map(int, t["levels.tsv"]["pi_e12"]), strict=True))
    pi = {i: levels[f"{frame['stratum'][i]}/{frame['level'][i]}"] for i in at}
    certain = {i for i in at if frame["level"][i] == "T"}
    unit = {i: held.ids[held.of[i]] for i in at}
    months = {unit[i]: 0 if i in certain else plan.cool_months(frame["stratum"][i].split(".")[0]) for i in at}
    anyone_cools = "0" in frame["level"]
    if anyone_cools and "0" not in history["drawn"]:
        return tuple(weights.design_weight(pi[i]) for i in at), False
    try:
        past = weights.past(history, plan.period, months)
    except DrawError as e:
        if e.code != "WEIGHT_UNKNOWN":
            raise
        return tuple(weights.design_weight(pi[i]) for i in at), not anyone_cools
    return tuple(weights.W(pi[i], past[unit[i]]) for i in at), True
