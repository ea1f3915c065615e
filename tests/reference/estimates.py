"""estimate.md 3 to 7 step by step: the ratio and its variance, intervals, verdicts."""

from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb

from tests.reference.numbers import Number, ball, beta, beta_quantile, exact, less, normal_quantile, real, t_quantile

Input = dict[str, Any]
ERROR = Fraction(5, 100)
FEW = 10


def fraction(value: Input) -> Fraction:
    return Fraction(int(value["num"]), int(value["den"]))


# 3 and 4: the ratio and its variance


class Unit(NamedTuple):
    stratum: int | None  # of the variance; none: taken
    weight: Fraction
    answer: str
    group: str

    @property
    def r(self) -> int:
        return int(self.answer in {"compliant", "not-compliant"})

    @property
    def y(self) -> int:
        return int(self.answer == "compliant")


class Ratio(NamedTuple):
    rate: Fraction | None
    taken_rate: Fraction
    chance_rate: Fraction
    share: Fraction
    variance: Fraction
    units: int
    kish: Fraction
    freedom: int
    steady: Fraction


def spread(found: list[Input]) -> list[Unit]:
    """Units, written out one by one."""
    return [
        Unit(u.get("stratum"), fraction(u["weight"]), u["answer"], u["group"])
        for u in found
        for _ in range(u.get("count", 1))
    ]


def divide(a: Fraction, b: Fraction) -> Fraction:
    return a / b if b else Fraction(0)


def ratio(units: list[Unit], size: int, group: str | None) -> Ratio:
    mine = [u for u in units if group in (None, u.group)]
    chance, sure = [u for u in mine if u.stratum is not None], [u for u in mine if u.stratum is None]
    a = sum((u.weight * u.y for u in chance), Fraction(0))
    b = sum((u.weight * u.r for u in chance), Fraction(0))
    c = sum((u.weight for u in chance), Fraction(0))
    taken, good = Fraction(sum(u.r for u in sure)), Fraction(sum(u.y for u in sure))
    scale = divide(Fraction(size), c)
    whole = taken + scale * b
    rate = (good + scale * a) / whole if whole else None
    p = rate or Fraction(0)

    def z(u: Unit) -> Fraction:
        inside = group in (None, u.group)
        return divide(scale, whole) * (u.r * (u.y - p) - divide(a - p * b, c)) if inside else Fraction(0)

    terms, freedom = [], 0
    for stratum in {u.stratum for u in units} - {None}:
        held = [u for u in units if u.stratum == stratum]
        terms += deville([(u.weight, u.weight * z(u)) for u in held])
        if any(u.r and group in (None, u.group) for u in held):
            freedom += len(held) - 1
    v = sum(terms, Fraction(0))
    heavy = sum((u.weight**2 * u.r for u in chance), Fraction(0))
    return Ratio(
        rate, divide(good, taken), divide(a, b), divide(scale * b, whole), v, sum(u.r for u in chance), divide(b * b, heavy),
        freedom, divide(2 * v * v, sum((t * t for t in terms), Fraction(0))),
    )  # fmt: skip


def deville(held: list[tuple[Fraction, Fraction]]) -> list[Fraction]:
    """4.3: what each unit of one variance stratum adds; w and w z of each."""
    m = len(held)
    c = [(1 - 1 / w) * Fraction(m, max(m - 1, 1)) for w, _ in held]
    a = divide(sum((k * x for k, (_, x) in zip(c, held, strict=True)), Fraction(0)), sum(c, Fraction(0)))
    return [k * (x - a) ** 2 for k, (_, x) in zip(c, held, strict=True)]


# 5: the interval


def is_flat(r: Ratio) -> bool:
    p = r.chance_rate
    v = r.variance / (r.share**2 or 1)
    return p in {0, 1} or v <= Fraction(1, 10**12) * p * (1 - p) / max(r.units, 1)


def effective(r: Ratio) -> Number:
    """5.2 and 5.3."""
    if is_flat(r):
        return r.kish
    p = r.chance_rate
    e: Number = p * (1 - p) * r.share**2 / r.variance
    if max(r.freedom, 1) < r.units - 1:  # else the factor is 1 or more: t falls with its degrees of freedom
        e = ball(e) * (t_quantile(r.units - 1) / t_quantile(max(r.freedom, 1))) ** 2
    if less(r.units, e):
        e = Fraction(r.units)
    if not less(r.kish, e):
        return e
    g = min(Fraction(r.freedom), r.steady)
    return ball(r.kish) * (ball(e) / ball(r.kish)) ** ball(g / (g + 10))


def times(p: Number, n: Number) -> Number:
    """An exact product as long as both are: a ball around a whole number is slow to integrate."""
    return ball(p) * ball(n) if isinstance(p, arb) or isinstance(n, arb) else Fraction(p) * Fraction(n)


def limits(p: Fraction, n: Number) -> tuple[Number, Number]:
    """5.4, Clopper and Pearson's at an effective size."""
    tail, x, rest = ERROR / 2, times(p, n), times(1 - p, n)
    low = beta_quantile(tail, x, rest + 1) if p > 0 and less(0, n) else Fraction(0)
    high = beta_quantile(1 - tail, x + 1, rest) if p < 1 and less(0, n) else Fraction(1)
    return low, high


def interval(r: Ratio) -> tuple[Number, Number, Number]:
    n = effective(r)
    low, high = limits(r.chance_rate, n)
    sure, share = ball((1 - r.share) * r.taken_rate), ball(r.share)
    return sure + share * ball(low), sure + share * ball(high), n


# 6: targets


def tails(p: Number, n: Number, target: Fraction) -> tuple[Number, Number]:
    """6.1: the chance of p n or more, and of p n or fewer, of n at the target."""
    if target <= 0:
        return Fraction(0), Fraction(1)
    if target >= 1:
        return Fraction(1), Fraction(0) if less(p, 1) else Fraction(1)
    x, rest = times(p, n), times(1 - (ball(p) if isinstance(p, arb) else p), n)
    above = beta(target, x, rest + 1) if less(0, p) else Fraction(1)
    below = 1 - beta(target, x + 1, rest) if less(p, 1) else Fraction(1)
    return above, below


def holm(p: list[Number]) -> list[bool]:
    """6.2: which of the hypotheses are rejected."""
    left = list(range(len(p)))
    out = [False] * len(p)
    while left:
        least = min(left, key=lambda k: float(ball(p[k]).mid()))
        if less(ERROR / len(left), p[least]):
            break
        out[least] = True
        left.remove(least)
    return out


def tells(p: Fraction, target: Fraction, n: Fraction, error: Fraction) -> bool:
    """6.4, for n effective answers."""
    side = 1 if p > target else -1
    off = ball(p) - side * normal_quantile(Fraction(2, 10)) * (ball(p * (1 - p)) / ball(n)).sqrt()
    unlucky: arb | Fraction = Fraction(0) if less(off, 0) else Fraction(1) if less(1, off) else off
    above, below = tails(unlucky, n, target)
    return not less(error / 2, above if side > 0 else below)


def visits(p: Fraction, target: Fraction, per_visit: Fraction, error: Fraction) -> int | None:
    """6.4: the least number, found step by step in strides that shrink."""
    if p == target or per_visit <= 0:
        return None
    p = min(max(p, Fraction(0)), Fraction(1))
    at, stride = 0, 1
    while not tells(p, target, (at + stride) * per_visit, error):
        at, stride = at + stride, 2 * stride
        if at + stride > 10**9:
            return None
    while stride > 1:
        stride //= 2
        if not tells(p, target, (at + stride) * per_visit, error):
            at += stride
    return at + 1


# 7: everything about a survey


class Seen(NamedTuple):
    row: Input
    r: Ratio
    size: int
    n: Number  # effective


def method(r: Ratio, size: int, responded: int) -> str:
    if size == 0 and responded:
        return "census"
    if responded < FEW or not r.units:
        return "too-few"
    return "hajek/kish/korn-graubard" if is_flat(r) else "hajek/deville/korn-graubard"


def supposing(units: list[Unit], answer: str) -> list[Unit]:
    return [u if u.r else u._replace(answer=answer) for u in units]


def worst(units: list[Unit], size: int, group: str | None, own: tuple[Number, Number] | None) -> dict[str, Number]:
    mine = [u for u in units if group in (None, u.group)]
    if not mine or (size and (len(mine) < FEW or all(u.stratum is None for u in mine))):
        return {}
    bad, good = (ratio(supposing(units, said), size, group) for said in ("not-compliant", "compliant"))
    low, high = interval(bad)[0], interval(good)[1]
    if own is not None:
        low, high = ball(low).min(ball(own[0])), ball(high).max(ball(own[1]))
    return {"rate_lo": bad.rate or Fraction(0), "rate_hi": good.rate or Fraction(0), "lo": low, "hi": high}


def one(units: list[Unit], frame: list[Input], group: str | None) -> tuple[Seen, dict[str, Number]]:
    counts = [f for f in frame if group in (None, f["group"])]
    size, sure = sum(f["chance"] for f in counts), sum(f["taken"] for f in counts)
    mine = [u for u in units if group in (None, u.group)]
    drawn = [u for u in mine if u.stratum is not None]
    r = ratio(units, size, group)
    how = method(r, size, sum(u.r for u in mine))
    low, high, n = interval(r)
    known: dict[str, Number] = {}
    if how != "too-few" and r.rate is not None:
        known = {"rate": r.rate, "lo": low, "hi": high, "n_eff": n}
        known |= {"deff": r.units / ball(n)} if less(0, n) else {}
    if drawn:
        known |= {"max_weight": max(u.weight for u in drawn), "effective_n": r.kish}
    bounds = worst(units, size, group, (low, high) if "rate" in known else None)
    row = {
        **({} if group is None else {"group": group}), "method": how, "N": size + sure, "n": len(mine),
        "taken": len(mine) - len(drawn), "responded": sum(u.r for u in mine),
        "unreachable": sum(u.answer == "unreachable" for u in mine), "no_result": sum(u.answer == "no-result" for u in mine),
        **{name: real(value) for name, value in known.items()},
        "worst": {name: real(value) for name, value in bounds.items()},
    }  # fmt: skip
    return Seen(row, r, size, n), bounds


def judge(seen: Seen, target: Fraction) -> tuple[Number, str, Fraction]:
    """6.1: p, the side, and what the part left to chance must reach."""
    r = seen.r
    own = (target - (1 - r.share) * r.taken_rate) / r.share if r.share else target
    if "rate" not in seen.row:
        return Fraction(1), "met", own
    above, below = tails(r.chance_rate, seen.n, own)
    first = not less(below, above)
    p = 2 * (above if first else below)
    return Fraction(1) if less(1, p) else p, "met" if first else "not_met", own


def outlook(seen: Seen, own: Fraction, error: Fraction) -> int | None:
    drawn = seen.row["n"] - seen.row["taken"]
    if "rate" not in seen.row or not less(0, seen.n):
        return None
    per = exact(seen.n) / drawn
    found = visits(seen.r.chance_rate, own, per, error)
    return None if found is None else min(found, seen.size) + int(seen.row["taken"])


def bounded(bounds: dict[str, Number], target: Fraction, low: str, high: str) -> str:
    """6.3, the verdict of the worst case."""
    if bounds and not less(bounds[low], target):
        return "met"
    return "not_met" if bounds and less(bounds[high], target) else "cannot_tell"


def survey(i: Input) -> list[Input]:
    units = spread(i["units"])
    found = {g: one(units, i["frame"], g) for g in [None, *sorted({f["group"] for f in i["frame"]})]}
    wanted = {t.get("group"): fraction(t["target"]) for t in i["targets"] if t.get("group") in found}
    family = [g for g in wanted if found[g][0].row["method"] != "census"]
    judged = {g: judge(found[g][0], wanted[g]) for g in family}
    rejected = dict(zip(family, holm([judged[g][0] for g in family]), strict=True))
    for g, target in wanted.items():
        seen, bounds = found[g]
        row, limit = seen.row, ("rate_lo", "rate_hi")
        if g in family:
            p, side, own = judged[g]
            row |= {"verdict": side if rejected[g] else "cannot_tell", "p_value": real(p)}
            needed = outlook(seen, own, ERROR / len(family))
            row |= {} if needed is None else {"visits_needed": needed}
            limit = ("lo", "hi")
        else:
            row["verdict"] = "not_met" if (seen.r.rate or 0) < target else "met"
        row["worst"]["verdict"] = bounded(bounds, target, *limit)
    return [seen.row for seen, _ in found.values()]


def rate(i: Input) -> Input:
    """The parts of 3 and 4 for one domain."""
    r = ratio(spread(i["units"]), i["size"], i.get("group"))
    shown: dict[str, Any] = {name: real(value) for name, value in r._asdict().items() if value is not None}
    return shown | {"units": r.units, "freedom": r.freedom}
