"""estimate.md 2 and 4.2 step by step: what the visits say, and which strata speak together for the variance."""

import re
from typing import Any

from tests.reference.strata import RefusedError

Input = dict[str, Any]
WORST_FIRST = ("not-compliant", "compliant", "unreachable")


def of_visit(outcome: str, result: str, severity: str) -> str:
    """2.2, one row of the table."""
    listed = re.fullmatch(r"result=([1-8](,[1-8])*)", outcome)
    below = re.fullmatch(r"severity<([1-3])", outcome)
    good = {"compliant": "17", "strict": "17", "disclosure": "145678", "contact": "1235678"}.get(outcome)
    if listed:
        good = listed[1]
    if good is None and below is None:
        raise RefusedError("OUTCOME_UNKNOWN", outcome)
    if result == "4" and outcome in {"strict", "contact"}:
        return "not-compliant"
    if result == "4" and not (listed and "4" in listed[1]):
        return "unreachable"
    if below is None:
        return "compliant" if result in (good or "") else "not-compliant"
    if severity == "-":
        return "no-result"
    return "compliant" if int(severity) < int(below[1]) else "not-compliant"


def of_object(outcome: str, visits: list[Input]) -> str:
    """2.3."""
    of_visit(outcome, "1", "0")
    said = {of_visit(outcome, v["result"], v["severity"]) for v in visits}
    return next((answer for answer in WORST_FIRST if answer in said), "no-result")


def home(row: Input, draws: list[Input]) -> str:
    """2.1: the draw of a row, or why it has none."""
    known = {d["draw_id"]: d for d in draws}
    name, thing = row["draw_id"], row["object_id"]
    if name == "-":
        fits = [d["draw_id"] for d in draws if thing in d["objects"] and d["first"] <= row["date"] <= d["last"]]
        return fits[0] if len(fits) == 1 else "unplaced"
    if name not in known:
        return "elsewhere"
    if thing not in known[name]["objects"]:
        return "not_drawn"
    return "early" if row["date"] < known[name]["first"] else str(name)


def match(i: Input) -> Input:
    names = [d["draw_id"] for d in i["draws"]]
    if len(set(names)) < len(names):
        raise RefusedError("ESTIMATE_TWICE", "")
    placed = [(home(row, i["draws"]), row) for row in i["rows"]]
    of_visit(i["outcome"], "1", "0")
    pairs = sorted({(where, row["object_id"]) for where, row in placed if where in names})
    answers = [
        {
            "draw_id": d,
            "object_id": o,
            "answer": of_object(i["outcome"], [r for w, r in placed if (w, r["object_id"]) == (d, o)]),
        }
        for d, o in pairs
    ]
    lost = {fate: sum(w == fate for w, _ in placed) for fate in ("not_drawn", "early", "unplaced", "elsewhere")}
    return {"answers": answers, "used": sum(w in names for w, _ in placed), **lost}


# 4.2: variance strata


def joined(strata: list[Input]) -> list[list[Input]]:
    """Groups of strata, each by (draw, clause, class, stratum), as are their first members."""
    place = ("draw_id", "clause", "class", "stratum")
    keyed = {tuple(s[k] for k in place): s["m"] for s in strata if s["m"] > 0}
    groups = [[key] for key in sorted(keyed)]

    def size(group: list[tuple[str, ...]]) -> int:
        return sum(keyed[key] for key in group)

    for depth in (3, 2, 1, 0):
        at = 0
        while at < len(groups):
            near = [n for n, g in enumerate(groups) if g[0][:depth] == groups[at][0][:depth]]
            if size(groups[at]) == 1 and len(near) > 1:
                later = [n for n in near if n > at]
                one, other = (at, later[0]) if later else (near[-2], at)
                groups[one] += groups.pop(other)
                at = one
            else:
                at += 1
    return [[{"draw_id": key[0], "stratum": key[3]} for key in group] for group in groups]
