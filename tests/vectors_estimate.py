"""Areas `plan`, `estimate` and `audit` of conformance.md, answered by the production code (see vectors_program.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb
from types import SimpleNamespace
from typing import Any

import numpy as np

from sampler import audit, batches, frame
from sampler.audit import subjects
from sampler.estimate import Survey, estimate, holm, interval, joined, match, parse_outcome, ratio
from sampler.estimate.outcomes import Answer
from sampler.estimate.survey import distinct
from sampler.plan import Plan, validate

Input = dict[str, Any]


def fraction(value: Input) -> Fraction:
    return Fraction(int(value["num"]), int(value["den"]))


def real(value: float) -> str:
    """Kind `real`: seven significant digits."""
    if abs(value) < 1e-15:  # conformance.md, 3
        return "0"
    digits, power = f"{value:.6e}".split("e")
    return f"{digits}e{int(power)}"


def reals(values: Input) -> Input:
    return {name: real(float(value)) for name, value in values.items() if value is not None}


# plan


def grace(i: Input) -> bool:
    return frame.in_grace(i["established"], SimpleNamespace(period=i["period"], grace=i["months"]))  # type: ignore[arg-type]


def order(i: Input) -> list[str]:
    found = [batches.Batch.from_dict(b) for b in i["batches"]]
    batches.check(found, i["districts"])
    return list(batches.order(bytes.fromhex(i["seed"]), found))


def plan(i: Input) -> str:
    return validate(Plan.from_dict(i["record"])).rhash()


# estimate


def outcome(i: Input) -> str:
    return parse_outcome(i["outcome"]).of_object((v["result"], v["severity"]) for v in i["visits"]).value


def drawn(d: Input) -> Any:
    """A draw as far as the matching of results looks at it."""
    return SimpleNamespace(draw_id=d["draw_id"], first=d["first"], last=d["last"], ids=tuple(d["objects"]))


def matched(i: Input) -> Input:
    draws = [drawn(d) for d in i["draws"]]
    distinct([d.draw_id for d in draws])
    rows = [match.Result(**row) for row in i["rows"]]
    found = match.match(draws, rows, parse_outcome(i["outcome"]))
    answers = sorted((d, o, a.value) for d, said in found.answers.items() for o, a in said.items())
    lost = {name: getattr(found, name) for name in ("used", "not_drawn", "early", "unplaced", "elsewhere")}
    return {"answers": [{"draw_id": d, "object_id": o, "answer": a} for d, o, a in answers], **lost}


def variance_strata(i: Input) -> list[list[Input]]:
    sizes = [(joined.Place(s["draw_id"], s["clause"], s["class"], s["stratum"]), s["m"]) for s in i["strata"]]
    groups: dict[int, list[joined.Place]] = {}
    for place, number in sorted(joined.variance_strata(sizes).items()):
        groups.setdefault(number, []).append(place)
    return [[{"draw_id": p.draw, "stratum": p.id} for p in group] for group in sorted(groups.values())]


def spread(found: list[Input]) -> list[Input]:
    every = [u for u in found for _ in range(u.get("count", 1))]
    return sorted(every, key=lambda u: int(u.get("stratum", ratio.CERTAIN)))


def surveyed(found: list[Input], frames: list[Input]) -> Survey:
    units = spread(found)
    answers = tuple(Answer(u["answer"]) for u in units)
    sample = ratio.Sample(
        stratum=np.array([u.get("stratum", ratio.CERTAIN) for u in units], dtype=np.int64),
        weight=np.array([float(fraction(u["weight"])) for u in units]),
        answered=np.array([a in (Answer.COMPLIANT, Answer.NOT_COMPLIANT) for a in answers], dtype=np.float64),
        value=np.array([a is Answer.COMPLIANT for a in answers], dtype=np.float64),
    )
    counts = Counter({(f["group"], t): f["taken" if t else "chance"] for f in frames for t in (False, True)})
    groups = {"type": tuple(u["group"] for u in units), "draw": ("d",) * len(units)}
    return Survey(sample=sample, answers=answers, groups=groups, frame={"type": counts, "draw": counts})


def rate(i: Input) -> Input:
    s = surveyed(i["units"], [])
    r = ratio.ratio(s.sample, s.inside("type" if "group" in i else "", i.get("group", "")), i["size"])
    known = {
        "rate": None if np.isnan(r.rate) else r.rate, "taken_rate": r.taken_rate, "chance_rate": r.chance_rate, "share": r.chance,
        "variance": r.variance, "kish": r.kish, "steady": r.steady,
    }  # fmt: skip
    return {**reals(known), "units": int(r.units), "freedom": int(r.freedom)}


def limits(i: Input) -> Input:
    low, high = interval.limits(np.array(float(fraction(i["rate"]))), np.array(float(fraction(i["n"]))), 0.025)
    return reals({"lo": low, "hi": high})


def tails(i: Input) -> Input:
    above, below = interval.p_values(*(float(fraction(i[name])) for name in ("rate", "n", "target")))
    return reals({"above": above, "below": below})


def holm_of(i: Input) -> list[bool]:
    p = dict(enumerate(float(fraction(x)) for x in i["p"]))
    rejected = holm(p)
    return [k in rejected for k in p]


def visits(i: Input) -> Input:
    found = interval.visits_needed(*(float(fraction(i[name])) for name in ("rate", "target", "per_visit", "error")))
    return {} if found is None else {"visits": found}


REALS = ("rate", "lo", "hi", "n_eff", "deff", "max_weight", "effective_n", "p_value")
COUNTS = ("method", "N", "n", "taken", "responded", "unreachable", "no_result")


def everything(i: Input) -> list[Input]:
    targets = {("type", t["group"]) if "group" in t else ("", ""): float(fraction(t["target"])) for t in i["targets"]}
    rows = []
    for e in estimate(surveyed(i["units"], i["frame"]), ["type"], targets):
        row: Input = {"group": e.group} if e.by else {}
        row |= {name: getattr(e, name) for name in COUNTS} | reals({name: getattr(e, name) for name in REALS})
        row["worst"] = reals({name: getattr(e.worst, name) for name in ("rate_lo", "rate_hi", "lo", "hi")})
        if e.verdict is not None:
            row["verdict"], row["worst"]["verdict"] = e.verdict, e.worst.verdict
        rows.append(row if e.visits_needed is None else {**row, "visits_needed": e.visits_needed})
    return rows


# audit


def procedure(i: Input, seed: int) -> list[tuple[str, ...]]:
    run = {"skip-draw": subjects.skip_draw, "round-robin": subjects.round_robin}[i["procedure"]]
    return run(seed, list(map(str, range(i["size"]))), i["lines"])


def reachable(i: Input) -> Input:
    """Run seed after seed until every start that there is has been seen."""
    robin, size, lines = i["procedure"] == "round-robin", i["size"], i["lines"]
    fewer = size - lines if not robin and 2 * lines > size else lines
    starts = size if robin else size // fewer if fewer else 1
    results: set[tuple[tuple[str, ...], ...]] = set()
    seen: set[int] = set()
    seed = 0
    while len(seen) < starts:
        at = subjects.start(seed, starts)
        if at not in seen:
            seen.add(at)
            results.add(tuple(procedure(i, seed)))
        seed += 1
    reached = {name for result in results for line in result for name in line}
    out = {"results": len(results), "reached": len(reached), "never": size - len(reached)}
    if robin:
        pairs = {frozenset(line) for result in results for line in result}
        out |= {"pairs": len(pairs), "possible": comb(size, 2)}
    return out


def subject(i: Input) -> audit.Subject:
    """The runs of a vector as a procedure: first the run, then what the seed gave again, then the reordered frame."""
    asked: Counter[int] = Counter()

    def run(seed: int, ids: Sequence[str]) -> list[tuple[str, ...]]:
        asked[seed] += 1
        again = asked[seed] == 3 and seed < len(i["repeated"])  # the third time
        result = i["runs"][seed] if tuple(ids) == tuple(i["ids"]) else i["reordered"][seed]
        return [tuple(line.split(" ")) for line in (i["repeated"][seed] if again else result)]

    claimed = tuple(float(fraction(p)) for p in i["claimed"])
    return audit.Subject(
        name="x", ids=tuple(i["ids"]), lines=i["lines"], claimed=claimed, team=i["team"], run=run, ordered="reordered" in i
    )  # fmt: skip


FACTS: dict[str, dict[str, tuple[str, ...]]] = {
    "reach": {"plain": ("never", "examples", "not_seen_yet", "runs_needed")},
    "uniform": {"plain": ("wrong", "impossible"), "real": ("max_z", "bound_z", "error_seen")},
    "parts": {"plain": ("parts",), "real": ("max_z", "bound_z", "error_seen")},
    "seeds": {"plain": ("distinct", "same_pairs", "exhausted", "outcomes", "would_notice_below")},
    "pairs": {"plain": ("possible", "formed", "never", "unused", "runs_needed"), "real": ("most_over_mean",)},
}


def shown(found: audit.Finding) -> Input:
    row: Input = {"check": found.check, "status": found.status}
    if found.status == audit.NA:
        return row
    if found.check == "results":
        return {**row, "defects": [{"run": d["seed"], "what": d["what"]} for d in found.facts["defects"]]}
    if found.check in {"replay", "order"}:
        return {**row, "runs": found.facts["seeds"]}
    names = FACTS[found.check]
    plain = {n: found.facts[n] for n in names["plain"] if found.facts[n] is not None}
    return {**row, **plain, **reals({n: found.facts[n] for n in names.get("real", ())})}


def examine(i: Input) -> list[Input]:
    s = subject(i)
    t = audit.tally(s, range(len(i["runs"])))
    space = int(i["seed_space"]) if "seed_space" in i else None
    return [shown(found) for found in audit.examine(s, t, seed_space=space)]


OPS: dict[str, dict[str, Callable[[Input], Any]]] = {
    "plan": {"grace": grace, "batches": order, "plan": plan},
    "estimate": {
        "outcome": outcome,
        "match": matched,
        "variance-strata": variance_strata,
        "rate": rate,
        "limits": limits,
        "tails": tails,
        "holm": holm_of,
        "visits": visits,
        "survey": everything,
    },
    "audit": {
        "seeds": lambda i: [str(n) for n in audit.seeds(i["label"], i["runs"], int(i["below"]))],
        "known": lambda i: [" ".join(line) for line in procedure(i, i["seed"])],
        "reachable": reachable,
        "examine": examine,
    },
}
