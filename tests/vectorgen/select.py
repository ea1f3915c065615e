"""Vectors of area `select`: keys in order, the choice, and lists that do not follow."""

from typing import Any

from tests.reference.ops import choose as twin
from tests.vectorgen.case import Case, Maker, digest

ONE = 2**32
TOP = 2**256 - 1
SEED = digest("seed of the selection vectors").hex()


def unit(name: str, h: int, big_l: int) -> dict[str, Any]:
    return {"id": name, "h": f"{h:064x}", "L": big_l}


def order() -> list[Case]:
    made = Maker("select", "order")
    half = 2**31
    good: list[tuple[str, str, list[dict[str, Any]]]] = [
        (
            "by-ticket",
            "equal L: the smaller ticket first",
            [unit("a", 9, half), unit("b", 3, half), unit("c", 5, half)],
        ),
        (
            "by-l",
            "equal tickets: the larger L first",
            [unit("a", 2**255, 5), unit("b", 2**255, ONE - 1), unit("c", 2**255, half)],
        ),
        (
            "tie-by-id",
            "the same key: the smaller id first",
            [unit("b", 77, half), unit("a", 77, half), unit("B", 77, half)],
        ),
        ("tie-10-9", "ids are bytes, not numbers", [unit("9", 77, half), unit("10", 77, half)]),
        (
            "beyond-doubles",
            "tickets that doubles cannot tell apart",
            [unit("a", 2**255 + 1, half), unit("b", 2**255, half)],
        ),
        (
            "beyond-128-bits",
            "keys that differ after 250 bits",
            [unit("a", 2**200 + 1, ONE - 1), unit("b", 2**200, ONE - 1)],
        ),
        (
            "top-tickets",
            "u rounds to 1 in doubles",
            [unit("a", TOP, half), unit("b", TOP - 1, half), unit("c", TOP, ONE - 1)],
        ),
        (
            "bottom-tickets",
            "h = 0 is not a key of 0",
            [unit("a", 0, half), unit("b", 0, half + 1), unit("c", 1, ONE - 1)],
        ),
        ("extreme-l", "L = 1 and L = 2^32 - 1", [unit("a", 2**250, 1), unit("b", TOP, ONE - 1), unit("c", 2**200, 1)]),
        (
            "nearly-crossing",
            "a larger ticket just outweighed by L",
            [unit("a", 2**254, half), unit("b", 2**254 + 2**223, half + 1)],
        ),
        ("one", "one unit", [unit("a", 5, 5)]),
        ("none", "no unit", []),
    ]
    for name, desc, units in good:
        made.good(name, desc, units=units)
    for name, value in [("zero", 0), ("one", ONE), ("negative", -1), ("huge", 2**40)]:
        made.bad("SELECT_L", f"l-{name}", f"L = {value}", units=[unit("a", 5, 5), unit("b", 6, value)])
    return made.cases


def units_of(count: int) -> list[dict[str, Any]]:
    return [{"id": f"e{i:02d}", "L": (i % 5 + 1) * 700_000_000} for i in range(count)]


def choose() -> list[Case]:
    made = Maker("select", "choose")
    base: dict[str, Any] = {"seed": SEED, "units": units_of(20), "m": 4, "reserves": 3}
    example = [("e1", 1464649380), ("e2", 2047899618), ("e3", 2047899618), ("e4", 3029485976)]
    made.good(
        "example", "the example of draw.md 12", seed=b"0123456789abcdef0123456789abcdef".hex(),
        units=[{"id": name, "L": big_l} for name, big_l in example], m=2, reserves=1,
    )  # fmt: skip
    made.good("twenty", "4 of 20 and 3 reserves", **base)
    made.good("twenty-reversed", "the order of reading changes nothing", **{**base, "units": base["units"][::-1]})
    made.good("no-reserves", "tau is not a reserve", **{**base, "reserves": 0})
    made.good(
        "reserves-run-out", "fewer reserves than asked for", **{**base, "units": units_of(3), "m": 2, "reserves": 5}
    )
    made.good("everybody", "m = number of units: no tau", **{**base, "units": units_of(3), "m": 3})
    made.good("nobody", "m = 0: tau is the first key", **{**base, "m": 0, "reserves": 2})
    made.good("no-units", "an empty stratum", **{**base, "units": [], "m": 0})
    made.good("zero-seed", "a seed of zeros", **{**base, "seed": "00" * 32})
    long_ids = [{"id": (f"{i:02d}-" + "x" * 64)[: 20 + 4 * i], "L": 2**31} for i in range(12)]
    made.good("long-ids", "ids of 20 to 64 bytes", **{**base, "units": long_ids})
    odd = [{"id": name, "L": 2**31} for name in ("Z", "a", "_", ".", "-1", "0", "00")]
    made.good("odd-ids", "every kind of character", **{**base, "units": odd, "m": 3})
    bad: list[tuple[str, str, str, dict[str, Any]]] = [
        ("SELECT_SIZE", "m-above", "m = number of units + 1", {"m": 21}),
        ("SELECT_SIZE", "m-negative", "m = -1", {"m": -1}),
        ("SELECT_SIZE", "reserves-negative", "-1 reserves", {"reserves": -1}),
        ("SELECT_SIZE", "one-of-none", "1 of none", {"units": [], "m": 1}),
        ("SELECT_DUPLICATE", "twice", "a unit twice", {"units": [*base["units"], base["units"][7]]}),
        (
            "SELECT_DUPLICATE",
            "twice-other-l",
            "an id twice with two L",
            {"units": [*base["units"], {"id": "e07", "L": 5}]},
        ),
        (
            "SELECT_DUPLICATE",
            "before-size",
            "a unit twice and too large an m: the unit comes first",
            {"units": [{"id": "a", "L": 1}, {"id": "a", "L": 1}], "m": 9},
        ),
        ("SELECT_L", "l-zero", "a cooling unit among the numbered", {"units": [*base["units"], {"id": "z", "L": 0}]}),
        ("SELECT_L", "l-one", "a taken unit among the numbered", {"units": [*base["units"], {"id": "z", "L": ONE}]}),
        ("SELECT_L", "l-negative", "L = -5", {"units": [{"id": "a", "L": -5}], "m": 1}),
        (
            "SELECT_L",
            "l-before-duplicate",
            "L = 0 and an id twice: L comes first",
            {"units": [{"id": "a", "L": 0}, {"id": "a", "L": 1}], "m": 1},
        ),
    ]
    for code, name, mutation, change in bad:
        made.bad(code, name, mutation, **{**base, **change})
    return made.cases + follows(base)


def follows(base: dict[str, Any]) -> list[Case]:
    made = Maker("select", "choose-follows")
    truth = twin(base)
    made.good("true", "the lists that follow", **base, claim=truth)
    drawn, reserves, tau = truth["drawn"], truth["reserves"], truth["tau"]
    beyond = twin({**base, "reserves": 4})["reserves"][3]
    other = twin({**base, "m": 5})["tau"]
    changes: list[tuple[str, str, dict[str, Any]]] = [
        (
            "friend-spared",
            "a drawn unit replaced by the first reserve",
            {"drawn": [*drawn[1:], reserves[0]], "reserves": reserves[1:]},
        ),
        ("reserve-skipped", "the first reserve skipped", {"reserves": [*reserves[1:], beyond]}),
        ("reserve-added", "a reserve too many", {"reserves": [*reserves, beyond]}),
        ("reserve-missing", "a reserve too few", {"reserves": reserves[:-1]}),
        ("ranks-swapped", "two ranks swapped", {"drawn": [drawn[1], drawn[0], *drawn[2:]]}),
        ("one-too-few", "one drawn unit left out", {"drawn": drawn[:-1]}),
        ("one-too-many", "the first reserve drawn too", {"drawn": [*drawn, reserves[0]], "reserves": reserves[1:]}),
        ("tau-next", "tau of the next rank", {"tau": other}),
        ("tau-l", "another L in tau", {"tau": {**tau, "L": tau["L"] + 1}}),
        ("stranger", "a unit that is not in the stratum", {"drawn": [*drawn[:-1], "e99"]}),
    ]
    for name, mutation, change in changes:
        made.bad("VERIFY_FAILED", name, mutation, **base, claim={**truth, **change})
    without = {key: value for key, value in truth.items() if key != "tau"}
    made.bad("VERIFY_FAILED", "tau-missing", "tau left out", **base, claim=without)
    return made.cases


def cases() -> list[Case]:
    return order() + choose()
