"""Objects of the example: who is in the registry, what they are called, how risky they truly are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from data.example_chance import Chance, Weighted, shares
from data.example_codes import (
    ALPHABET,
    DISTRICT_WEIGHTS,
    DISTRICTS,
    INDUSTRIES,
    PREFIX,
    credit_code,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACTIVE = "存续"
_GONE_KINDS = Weighted([("individual", 6), ("enterprise", 4)])
_GONE = Weighted([("注销", 70), ("吊销", 22), ("迁出", 8)])
_MARKS = "例样拟仿虚试"
"""Every fancy name opens with one of these (example, sample, mock ..): nobody can take it for a real firm."""
_WORDS = "禾川松月岚溪木石云竹桥舟泉麦兰星晨安和润泽朗宁嘉源青白丹墨渔樵原"
_HORIZON = date(2026, 11, 1)
_WALK_MONTHS = 3

INDUSTRY_LIMITS = {"product": ("C1",), "seller": ("F52",)}
"""What owners of a product or an online shop trade in."""


class Counts(NamedTuple):
    """How many active objects of a type a variant has."""

    enterprise: int
    individual: int
    coop: int
    repoffice: int
    seller: int
    product: int


@dataclass(slots=True)
class Thing:
    """One object of the registry.

    Parameters
    ----------
    object_id, kind, owner_id, name, district, industry, status, established
        As in objects.csv; `kind` is the English code of the type.
    trait
        Lasting part of the risk logit (firm, age), in thousandths.
    walk
        What has been added by the end of each quarter, in thousandths.
    grade
        Credit class; given once all objects are known.
    """

    object_id: str
    kind: str
    owner_id: str
    name: str
    district: str
    industry: str
    status: str
    established: date
    trait: int
    walk: tuple[int, ...] = field(repr=False)
    grade: str = ""

    def logit(self, month: int) -> int:
        """Return the risk before past visits count, `month` months after the start of the history."""
        industry = INDUSTRIES[self.industry]
        drift = industry.drift * (month - 36) // 12
        return industry.risk + drift + self.trait + self.walk[month // _WALK_MONTHS]


def registry(chance: Chance, counts: Counts, gone: int, districts: int) -> list[Thing]:
    """Return active and `gone` objects in order of id.

    Parameters
    ----------
    chance
        Where names, codes and risks come from.
    counts
        Active objects by type.
    gone
        How many more are deregistered, revoked or moved away.
    districts
        How many of the ten districts are used.
    """
    kinds = [k for k in PREFIX for _ in range(getattr(counts, k))]
    statuses = [ACTIVE] * len(kinds)
    for i in range(gone):
        kinds.append(chance.weighted(_GONE_KINDS, "gone-type", str(i)))
        statuses.append(chance.weighted(_GONE, "gone-status", str(i)))
    places = _places(chance, len(kinds), districts)
    ids = _ids(chance, kinds, places)
    things = [
        _thing(chance, i, kind, district, status)
        for i, kind, district, status in zip(ids, kinds, places, statuses, strict=True)
    ]
    owned = [*_owned(chance, things, "seller", counts.seller), *_owned(chance, things, "product", counts.product)]
    return sorted([*things, *owned], key=lambda t: t.object_id)


def grade(chance: Chance, things: list[Thing], sizes: dict[str, int]) -> None:
    """Give classes: a noisy view of the risk two months ago decides the order, `sizes` the cuts among active ones."""
    seen = {t.object_id: t.logit(34) + chance.normal(1500, "class", t.object_id) for t in things}
    ranked = sorted(things, key=lambda t: (-seen[t.object_id], t.object_id))
    active = iter(t for t in ranked if t.status == ACTIVE)
    worst: dict[str, int] = {}
    for letter in "DCBA":
        for _, thing in zip(range(sizes[letter]), active, strict=False):
            thing.grade = letter
            worst[letter] = seen[thing.object_id]
    for thing in ranked:
        if thing.status != ACTIVE:
            thing.grade = next((g for g in "DCB" if seen[thing.object_id] >= worst[g]), "A")


def _places(chance: Chance, n: int, districts: int) -> list[str]:
    """Return a district for each of `n` objects, in fixed proportions."""
    codes = list(DISTRICTS)[:districts]
    parts = shares(n, DISTRICT_WEIGHTS[:districts])
    return chance.shuffled((c for c, k in zip(codes, parts, strict=True) for _ in range(k)), "district")


def _ids(chance: Chance, kinds: Iterable[str], places: Iterable[str]) -> Iterator[str]:
    """Yield credit codes, all different in their organisation part."""
    seen: set[str] = set()
    for i, (kind, district) in enumerate(zip(kinds, places, strict=True)):
        tries = 0
        while (body := _body(chance.digest("code", f"{i}.{tries}"))) in seen:
            tries += 1
        seen.add(body)
        yield credit_code(PREFIX[kind], district, body)


def _body(digest: bytes) -> str:
    """Return the eight characters of an organisation code, in the series MA."""
    return "MA" + "".join(ALPHABET[b % 31] for b in digest[:6])


def _industries(column: str) -> Weighted[str]:
    """Return the industries of one type of object."""
    return Weighted([(i.code, w) for i in INDUSTRIES.values() if (w := getattr(i, column))])


_BY_KIND = {
    "enterprise": _industries("enterprises"),
    "individual": _industries("individuals"),
    "coop": _industries("coops"),
    "repoffice": Weighted([("F5165", 3), ("L7259", 1), ("I6513", 2)]),
}


def _thing(chance: Chance, object_id: str, kind: str, district: str, status: str) -> Thing:
    """Return one object that stands for itself."""
    industry = chance.weighted(_BY_KIND[kind], "industry", object_id)
    born = _born(chance, object_id)
    return Thing(
        object_id=object_id,
        kind=kind,
        owner_id="",
        name=_name(chance, object_id, kind, INDUSTRIES[industry].trade),
        district=district,
        industry=industry,
        status=status,
        established=born,
        trait=_trait(chance, object_id, born),
        walk=_walk(chance, object_id),
    )


def _owned(chance: Chance, things: list[Thing], kind: str, n: int) -> list[Thing]:
    """Return `n` products or online shops of active enterprises."""
    owners = [
        t
        for t in things
        if t.kind == "enterprise" and t.status == ACTIVE and t.industry.startswith(INDUSTRY_LIMITS[kind])
    ]
    return [_belonging(chance, owner, kind) for owner in chance.shuffled(owners, kind)[:n]]


def _belonging(chance: Chance, owner: Thing, kind: str) -> Thing:
    """Return the product or online shop of `owner`: it shares most of the owner's risk."""
    object_id = f"{kind[0].upper()}-{owner.object_id}-01"
    born = max(owner.established, _born(chance, object_id))
    return Thing(
        object_id=object_id,
        kind=kind,
        owner_id=owner.object_id,
        name=owner.name.removesuffix("有限公司") + ("网店" if kind == "seller" else "产品"),
        district=owner.district,
        industry="F5292" if kind == "seller" else owner.industry,
        status=ACTIVE,
        established=born,
        trait=owner.trait * 7 // 10 + chance.normal(500, "own", object_id),
        walk=_walk(chance, object_id),
    )


def _born(chance: Chance, object_id: str) -> date:
    """Return a day of establishment; most firms are young (the square of a uniform number)."""
    days = chance.below(5300, "born", object_id) ** 2 * 11_000 // 5300**2
    return _HORIZON - timedelta(days=days + 1)


def _trait(chance: Chance, object_id: str, born: date) -> int:
    """Return the lasting part of the risk: the firm itself, and inexperience in its first years."""
    years = (_HORIZON - born).days // 365
    young = max(0, 500 - 100 * years)
    return chance.normal(1600, "firm", object_id) + young


def _walk(chance: Chance, object_id: str) -> tuple[int, ...]:
    """Return the drift of one firm: a step of deviation about 150 each quarter, 0 at the start."""
    steps = [2 * (b - 128) for b in chance.digest("walk", object_id)[:12]]
    sums = [0]
    for step in steps:
        sums.append(sums[-1] + step)
    return tuple(sums)


def _name(chance: Chance, object_id: str, kind: str, trade: str) -> str:
    """Return a fancy name that is plainly made up."""
    code = chance.digest("name", object_id)
    mark, one, two = _MARKS[code[0] % len(_MARKS)], _WORDS[code[1] % len(_WORDS)], _WORDS[code[2] % len(_WORDS)]
    match kind:
        case "individual":
            return mark + one + trade
        case "coop":
            return f"{mark}{one}{trade}专业合作社"
        case "repoffice":
            return f"{mark}{one}{two}(境外)代表处"
        case _:
            return f"{mark}{one}{two}{trade}有限公司"


def months(first: date, n: int) -> list[date]:
    """Return the first days of `n` months and of the one after them."""
    return [date(first.year + (first.month - 1 + k) // 12, (first.month - 1 + k) % 12 + 1, 1) for k in range(n + 1)]


def working_days(first: date, n: int) -> list[list[date]]:
    """Return the weekdays of each of `n` months, less the fixed holidays of January, May and October."""
    return [
        [d for d in (start + timedelta(days=i) for i in range((end - start).days)) if _works(d)]
        for start, end in pairwise(months(first, n))
    ]


def _works(day: date) -> bool:
    """Return whether an office is open: good enough for made-up visits, lunar holidays are not looked up."""
    holidays = {1: 1, 5: 5, 10: 7}
    return day.weekday() < 5 and day.day > holidays.get(day.month, 0)  # Saturday is 5
