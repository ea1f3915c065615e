"""audit.md step by step: the seeds, the two procedures known to be faulty, and what runs say."""

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Any

from flint import arb

from tests.reference.bytes_ import h
from tests.reference.estimates import fraction
from tests.reference.numbers import Number, at_least, ball, less, normal_quantile, real, solve

Input = dict[str, Any]
ERROR = Fraction(1, 10**6) / 8
PAGE = 5000


def seeds(i: Input) -> list[str]:
    return [str(int.from_bytes(h("audit", i["label"], k)[:16]) % int(i["below"])) for k in range(i["runs"])]


# 4: the procedures known to be faulty


def start(seed: int, below: int) -> int:
    return int.from_bytes(h("audit", "start", seed)) % below


def skip_rows(at: int, size: int, n: int) -> list[int]:
    """Rows of the skip draw that begins at row `at`."""
    step = size // n
    out: list[int] = []
    page, row = 0, at
    while page * PAGE < size:
        rows = min(PAGE, size - page * PAGE)
        taken = 0
        while row + taken * step < rows and len(out) < n:
            out.append(page * PAGE + row + taken * step)
            taken += 1
        row = max(0, row + taken * step - rows - 1)
        page += 1
    return out


def known(procedure: str, size: int, lines: int, at: int) -> list[list[int]]:
    if procedure == "round-robin":
        return [[(at + 2 * k) % size, (at + 2 * k + 1) % size] for k in range(lines)]
    if 2 * lines <= size:
        return [[row] for row in skip_rows(at, size, lines)]
    dropped = set(skip_rows(at, size, size - lines)) if lines < size else set()
    return [[row] for row in range(size) if row not in dropped]


def starts(procedure: str, size: int, lines: int) -> int:
    """How many starts there are."""
    if procedure == "round-robin":
        return size
    return size // min(lines, size - lines if 2 * lines > size else lines) if lines < size else 1


def one_draw(i: Input) -> list[str]:
    below = starts(i["procedure"], i["size"], i["lines"])
    found = known(i["procedure"], i["size"], i["lines"], start(i["seed"], below))
    return [" ".join(map(str, line)) for line in found]


def reachable(i: Input) -> Input:
    """What any seed at all can give: the starts one by one."""
    name, size, lines = i["procedure"], i["size"], i["lines"]
    every = [known(name, size, lines, at) for at in range(starts(name, size, lines))]
    results = {tuple(map(tuple, result if name == "round-robin" else sorted(result))) for result in every}
    drawn = {row for result in every for line in result for row in line}
    out = {"results": len(results), "reached": len(drawn), "never": size - len(drawn)}
    if name == "round-robin":
        pairs = {tuple(sorted(line)) for result in every for line in result}
        out |= {"pairs": len(pairs), "possible": comb(size, 2)}
    return out


# 3: the checks


def ceiling(x: arb) -> int:
    return int(str(x.ceil().unique_fmpz()))


def quarrel(i: Input, result: list[str]) -> str:
    lines = [line.split(" ") for line in result]
    if len(lines) != i["lines"]:
        return f"lines {len(lines)}"
    strange = [name for line in lines for name in line if name not in i["ids"]]
    if strange:
        return f"unknown {strange[0]}"
    if i["team"] > 1:
        return next((f"team {','.join(line)}" for line in lines if len(set(line)) != i["team"]), "")
    return next((f"twice {name}" for name, n in Counter(result).items() if n > 1), "")


def same(i: Input, one: list[str], two: list[str]) -> bool:
    return one == two if i["team"] > 1 else sorted(one) == sorted(two)


def reach(i: Input, p: list[Fraction], counts: list[int]) -> Input:
    runs, size = len(i["runs"]), len(p)
    never = [n for n in range(size) if counts[n] == 0 and p[n] > 0]
    sure = [n for n in never if (1 - p[n]) ** runs < ERROR / size]
    least = min((x for x in p if x > 0), default=Fraction(1))
    needed = 1 if least >= 1 else ceiling(ball(ERROR / size).log() / ball(1 - least).log())
    status = "flagged" if sure else "unclear" if len(never) > len(sure) else "ok"
    return {
        "status": status, "never": len(sure), "examples": [i["ids"][n] for n in sure[:5]],
        "not_seen_yet": len(never) - len(sure), "runs_needed": needed,
    }  # fmt: skip


def error_seen(p: list[Fraction], runs: int) -> Input:
    """The smallest excess of a median probability that is seen with probability 90 %."""
    inner = sorted(x for x in p if 0 < x < 1)
    if not inner:
        return {}
    middle = (inner[(len(inner) - 1) // 2] + inner[len(inner) // 2]) / 2
    critical = next(x for x in range(runs + 2) if not less(ERROR / len(p) / 2, at_least(x, runs, middle)))
    if critical > runs:
        return {}
    seen = solve(lambda q: ball(at_least(critical, runs, q)), Fraction(9, 10), middle, 1)
    return {"error_seen": real(seen / ball(middle) - 1)}


def uniform(i: Input, p: list[Fraction], counts: list[int]) -> Input:
    runs, size = len(i["runs"]), len(p)
    judged: list[tuple[Number, arb | None]] = []
    for x, chance in zip(counts, p, strict=True):
        impossible = (chance <= 0 and x > 0) or (chance >= 1 and x < runs) or x > runs
        if impossible or not 0 < chance < 1:
            judged.append((Fraction(0), None) if impossible else (Fraction(1), ball(0)))
            continue
        high, low = at_least(x, runs, chance), 1 - at_least(x + 1, runs, chance)
        z = ball(abs(x - runs * chance)) / ball(runs * chance * (1 - chance)).sqrt()
        judged.append((2 * (low if less(low, high) else high), z))
    wrong = sum(less(chance, ERROR / size) for chance, _ in judged)
    first = min(judged, key=lambda one: float(ball(one[0]).mid()))
    return {
        "status": "flagged" if wrong else "ok", "wrong": wrong, "impossible": sum(c == 0 and z is None for c, z in judged),
        "bound_z": real(normal_quantile(ERROR / size / 2)), **({} if first[1] is None else {"max_z": real(first[1])}),
        **error_seen(p, runs),
    }  # fmt: skip


def split(order: list[int], parts: int) -> list[list[int]]:
    """Consecutive parts, the first ones longer by one where it does not come out even."""
    short, longer = divmod(len(order), parts)
    out, at = [], 0
    for k in range(parts):
        size = short + (k < longer)
        out.append(order[at : at + size])
        at += size
    return out


def parts(i: Input, p: list[Fraction]) -> Input:
    orders = [list(range(len(p)))]
    if min(p) < max(p):
        orders.append(sorted(range(len(p)), key=lambda n: (p[n], n)))
    many = sorted({min(k, len(p)) for k in (2, 20)})
    held = [part for k in many for order in orders for part in split(order, k)]
    runs = [Counter(name for line in result for name in line.split(" ")) for result in i["runs"]]
    bound = normal_quantile(ERROR / len(held) / 2)
    worst, seen = ball(0), []
    for part in held:
        want = sum((p[n] for n in part), Fraction(0))
        drawn = [sum(run[i["ids"][n]] for n in part) for run in runs]
        mean = Fraction(sum(drawn), len(runs))
        square = sum(((x - mean) ** 2 for x in drawn), Fraction(0)) / max(len(runs) - 1, 1)
        least = Fraction(1, 10**9) * max(want, Fraction(1, 10**9))
        scale = (ball(square).sqrt() if square > least**2 else ball(least)) / ball(len(runs)).sqrt()
        z = ball(0) if abs(mean - want) < Fraction(1, 10**6) else abs(ball(mean - want) / scale)
        worst = max(worst, z)
        seen.append((bound + normal_quantile(Fraction(1, 10))) * scale / ball(want) if want else ball(0))
    ordered = sorted(seen, key=lambda x: float(x.mid()))
    middle = (ordered[(len(seen) - 1) // 2] + ordered[len(seen) // 2]) / 2
    flagged = less(bound, worst)
    return {
        "status": "flagged" if flagged else "ok", "parts": len(held), "max_z": real(worst), "bound_z": real(bound),
        "error_seen": real(middle),
    }  # fmt: skip


def agreement(i: Input, p: list[Fraction]) -> Number:
    """3: the bound of the probability that two honest runs agree."""
    if i["team"] > 1:
        times = min(i["lines"], len(i["ids"]) // i["team"])
        return (-times * ball(comb(len(i["ids"]), i["team"])).log() / 2).exp()
    inner = [x for x in p if 0 < x < 1]
    if not inner:
        return Fraction(1)
    odds, n = [ball(x / (1 - x)) for x in inner], sum(inner, Fraction(0))
    u = solve(lambda u: sum((u.exp() * o * o / (1 + u.exp() * o * o) for o in odds), ball(0)), n, -60, 60)
    t = u.exp()
    total = ball(1)
    for o in odds:
        total *= (1 + t * o * o) / (1 + o) ** 2
    spread = sum((x * (1 - x) for x in inner), Fraction(0)) + 1
    found = total / t ** ball(n) * 2 * arb.pi() * ball(spread)
    return Fraction(1) if less(1, found) else found


def outcomes(i: Input, p: list[Fraction]) -> Input:
    results = Counter(tuple(r) if i["team"] > 1 else tuple(sorted(r)) for r in i["runs"])
    runs = len(i["runs"])
    pairs, twins = Fraction(runs * (runs - 1), 2), sum(comb(n, 2) for n in results.values())
    few = False
    if twins:
        mean = ball(pairs) * ball(agreement(i, p))
        few = mean < twins and bool(((twins - mean) + twins * (mean / twins).log()).exp() < ball(ERROR))
    often = runs >= 10 * len(results)
    space = i.get("seed_space")
    count = {"outcomes": len(results) if often else round(pairs / twins)} if often or twins else {}
    return {
        "status": "flagged" if few or (space is not None and int(space) < 2**60) else "ok", "distinct": len(results),
        "same_pairs": twins, "exhausted": often, **count,
        "would_notice_below": ceiling(ball(pairs) / ball(100).log() - ball(Fraction(1, 2))),
    }  # fmt: skip


def pairs(i: Input, counts: list[int]) -> Input:
    met = Counter(
        pair
        for result in i["runs"]
        for line in result
        for pair in combinations(sorted({n for n in line.split(" ") if n in i["ids"]}), 2)
    )
    possible, runs = comb(len(i["ids"]), 2), len(i["runs"])
    formed = runs * i["lines"] * comb(i["team"], 2)
    never, other = possible - len(met), 1 - Fraction(1, possible)
    clear = other**formed < ERROR / possible
    needed = ball(ERROR / possible).log() / ball(other).log() * runs / max(formed, 1)
    return {
        "status": "ok" if not never else "flagged" if clear else "unclear", "possible": possible, "formed": len(met), "never": never,
        "unused": [name for name, n in zip(i["ids"], counts, strict=True) if n == 0][:5],
        "most_over_mean": real(Fraction(max(met.values(), default=0) * possible, max(formed, 1))), "runs_needed": ceiling(needed),
    }  # fmt: skip


def examine(i: Input) -> list[Input]:
    p = [fraction(x) for x in i["claimed"]]
    said = Counter(name for result in i["runs"] for line in result for name in line.split(" "))
    counts = [said[name] for name in i["ids"]]
    defects = [{"run": k, "what": quarrel(i, r)} for k, r in enumerate(i["runs"]) if quarrel(i, r)][:20]
    replay = [k for k, r in enumerate(i["repeated"]) if not same(i, r, i["runs"][k])]
    order = [k for k, r in enumerate(i.get("reordered", [])) if not same(i, r, i["runs"][k])]
    na: Input = {"status": "na"}
    objects = i["team"] == 1
    found: dict[str, Input] = {
        "results": {"status": "flagged" if defects else "ok", "defects": defects},
        "replay": {"status": "flagged" if replay else "ok", "runs": replay},
        "order": {"status": "flagged" if order else "ok", "runs": order} if "reordered" in i else na,
        "reach": reach(i, p, counts) if objects else na,
        "uniform": uniform(i, p, counts) if objects else na,
        "parts": parts(i, p) if objects else na,
        "seeds": outcomes(i, p),
        "pairs": na if objects else pairs(i, counts),
    }
    return [{"check": name, **facts} for name, facts in found.items()]
