"""draw.md 5 and 10: cooling months, and the three weights for inference."""

from fractions import Fraction
from typing import Any

from tests.reference.pareto import key
from tests.reference.strata import E12, RefusedError

Row = dict[str, str]


def months_apart(late: str, early: str) -> int:
    return 12 * (int(late[:4]) - int(early[:4])) + int(late[5:]) - int(early[5:])


def cooling(period: str, months: int, drawn: list[str]) -> bool:
    return any(1 <= months_apart(period, month) <= months for month in drawn)


def rank_weight(big_l: int, tau: tuple[int, int] | None) -> Fraction:
    if not 0 < big_l <= 2**32 or (tau is not None and not 0 < tau[1] < 2**32):
        raise RefusedError("WEIGHT_INPUT", str(big_l))
    chance = Fraction(big_l, 2**32)
    return Fraction(1) if tau is None else 1 + (1 - chance) / (chance * key(*tau))


def design_weight(pi_e12: int) -> Fraction:
    if not 0 < pi_e12 <= E12:
        raise RefusedError("WEIGHT_INPUT", str(pi_e12))
    return 1 / Fraction(pi_e12, E12)


def big_w(pi_e12: int, past_e12: list[int]) -> Fraction:
    product = 1 / design_weight(pi_e12)
    for pi in past_e12:
        if not 0 <= pi < E12:
            raise RefusedError("WEIGHT_CERTAIN", str(pi))
        product *= 1 - Fraction(pi, E12)
    return 1 / product


def past(unit: str, period: str, months: int, history: list[Row]) -> list[int]:
    window = {row["key"].rsplit("/", 1)[1] for row in history}
    window = {month for month in window if 1 <= months_apart(period, month) <= months}
    if any(all(row["drawn"] == "1" for row in history if row["key"].endswith("/" + month)) for month in window):
        raise RefusedError("WEIGHT_UNKNOWN", "an incomplete month")
    found = []
    for row in history:
        name, month = row["key"].rsplit("/", 1)
        if name != unit or not 1 <= months_apart(period, month) <= months:
            continue
        if row["drawn"] == "1":
            raise RefusedError("WEIGHT_COOLING", row["key"])
        if row["pi_e12"] == "-":
            raise RefusedError("WEIGHT_UNKNOWN", row["key"])
        found.append(int(row["pi_e12"]))
    return found


def bundle(i: dict[str, Any]) -> dict[str, Any]:
    """estimate.md 1: the weights that a bundle gives to its drawn objects, and of whom they speak."""
    frame, levels = i["frame"], {row["key"]: row["pi_e12"] for row in i["levels"]}
    strata = [row["stratum"] for row in i["strata"]]
    ids = [row["object_id"] for row in frame]
    places = [f"{row['stratum']}/{row['level']}" for row in frame]
    if not (
        set(i["drawn"]) <= set(ids) and set(places) <= set(levels) and {p.split("/")[0] for p in places} <= set(strata)
    ):
        raise RefusedError("ESTIMATE_FRAME", "")
    unit = {row["object_id"]: owner(row) if "units" in i else row["object_id"] for row in frame}
    size = {o: list(unit.values()).count(unit[o]) for o in ids}
    level = {row["object_id"]: row["level"] for row in frame}
    g = {c["class"]: c["months"] for c in i["cooldown"]}
    window = {
        unit[row["object_id"]]: g.get(row["stratum"][0], 0) if row["level"] != "T" else 0
        for row in frame
        if row["object_id"] in i["drawn"]
    }
    earlier = looked_back(i["period"], window, i["history"], somebody_cools="0" in level.values())
    drawn, m = [], dict.fromkeys(strata, 0)
    for o, place in zip(ids, places, strict=True):
        if o in i["drawn"]:
            pi = levels[place]
            w = (design_weight(pi) if earlier is None else big_w(pi, earlier[unit[o]])) * size[o]
            drawn.append({"object_id": o, "taken": level[o] == "T" and size[o] == 1, "weight": written(w)})
        if level[o] == "T" and size[o] > 1 and o == next(p for p in ids if unit[p] == unit[o]):
            m[place.split("/")[0]] += 1
    spoken = [o for o in ids if earlier is not None or level[o] != "0"]
    taken = sum(level[o] == "T" and size[o] == 1 for o in spoken)
    return {
        "drawn": drawn,
        "taken": taken,
        "chance": len(spoken) - taken,
        "left_out": len(ids) - len(spoken),
        "m": [{"stratum": row["stratum"], "m": row["m"] + m[row["stratum"]]} for row in i["strata"]],
    }


def looked_back(
    period: str, window: dict[str, int], history: list[Row], *, somebody_cools: bool
) -> dict[str, list[int]] | None:
    """Earlier probabilities of each unit; None where 1 / pi has to do."""
    if somebody_cools and all(row["drawn"] == "1" for row in history):
        return None
    longest = max(window.values(), default=0)
    months = {row["key"].rsplit("/", 1)[1] for row in history}
    for month in [m for m in months if 1 <= months_apart(period, m) <= longest]:
        if all(row["drawn"] == "1" for row in history if row["key"].endswith("/" + month)):
            return None
    found: dict[str, list[int]] = {unit: [] for unit in window}
    for row in history:
        unit, month = row["key"].rsplit("/", 1)
        if unit in window and 1 <= months_apart(period, month) <= window[unit]:
            if row["drawn"] == "1":
                raise RefusedError("WEIGHT_COOLING", row["key"])
            if row["pi_e12"] == "-":
                return None
            found[unit].append(int(row["pi_e12"]))
    return found


def owner(row: Row) -> str:
    return row["object_id"] if row["owner_id"] == "-" else row["owner_id"]


def written(value: Fraction) -> dict[str, str]:
    return {"den": str(value.denominator), "num": str(value.numerator)}
