"""Nasty frames, and a whole draw of one by the program and by the naive twin: same answer, byte for byte."""

from __future__ import annotations

import hashlib
import json
import random
from abc import ABC, abstractmethod
from collections import defaultdict
from functools import partial
from typing import Any, NamedTuple

from sampler import allocation, merkle, ticket
from sampler.errors import SamplerError
from sampler.select import fast
from tests.reference import api, infer
from tests.reference.strata import RefusedError

DRAW = "TEST-2026-0001"
PERIOD = "2026-12"
ODD = (1, 2, 18, 22, 23, 24, 25, 54, 55, 56, 63, 64)
RATIOS = (
    "1%",
    "10%",
    "25%",
    "30%",
    "50%",
    "50%",
    "75%",
    ">=60%",
    ">=3%",
    ">=0.01%",
    "<=50%",
    "12.5%",
    "<=999‰",
    "100%",
    "99.9999%",
    ">=33.3333%",
)
Input = dict[str, Any]


class Place(NamedTuple):
    """Where a unit ended up."""

    stratum: str
    level: str


def ids(rng: random.Random, count: int) -> list[str]:
    """Ids of odd lengths, with every character an id may have."""
    alphabet = "0123456789ABCXYZabcxyz._-"
    found: set[str] = set()
    while len(found) < count:
        length = rng.choice(ODD) if rng.random() < 0.4 else 18
        name = "".join(rng.choice(alphabet) for _ in range(length))
        found |= {name} - {"-"}
    return sorted(found)


def risks(rng: random.Random, count: int) -> list[int]:
    """All alike, all zero, one giant, near-certain, few values, or anything."""
    kind = rng.randrange(6)
    if kind == 0:
        return [rng.randrange(1_000_001)] * count
    if kind == 1:
        return [0] * count
    if kind == 2:
        return [1_000_000 if n == 0 else rng.randrange(2) for n in range(count)]
    if kind == 3:
        return [rng.choice((1_000_000, 999_000, 1000)) for _ in range(count)]
    if kind == 4:
        return [rng.randrange(4) * 250_000 for _ in range(count)]
    return [rng.randrange(1_000_001) for _ in range(count)]


def clauses(rng: random.Random, size: int) -> list[Input]:
    """One to three clauses that together hold every class, some of a year in batches, some for N - 1 of N."""
    classes = list("ABCD")
    rng.shuffle(classes)
    found = []
    for n, own in enumerate([classes[:2], classes[2:]] if rng.random() < 0.5 else [classes]):
        ratio = rng.choice(RATIOS)
        if rng.random() < 0.3:
            ratio = f"<={100 * (size - 1) // max(1, size)}%" if size > 1 else "100%"
        clause: Input = {
            "clause": f"c{n}",
            "classes": sorted(own),
            "types": ["e", "i"],
            "ratio": ratio,
            "period": "task",
        }
        if rng.random() < 0.3:
            clause |= {"period": "year", "drawn": rng.randrange(size + 1), "batches_left": rng.randrange(1, 5)}
        found.append(clause)
    return found


def units(rng: random.Random, size: int) -> list[list[Any]]:
    """Rows of id, class, type, district, risk, months in which it was drawn."""
    some = rng.choice(("A", "A", "C", "AB", "ABCD"))
    districts = rng.choice((["01"], ["01"], ["01", "02", "03"], ["1", "10", "2", "x-y_z"]))
    cold, types = rng.random() < 0.4, rng.choice(("e", "e", "ei"))
    months = ["2026-12", "2026-11", "2026-10", "2026-01", "2025-12", "2027-01"]
    return [
        [name, rng.choice(some), rng.choice(types), rng.choice(districts), risk,
         sorted(rng.sample(months, rng.randrange(3))) if cold else []]
        for name, risk in zip(ids(rng, size), risks(rng, size), strict=True)
    ]  # fmt: skip


def frame(seed: int, size: int | None = None) -> Input:
    """Return the frame of a seed; small and nasty unless a size is given."""
    rng = random.Random(seed)
    count = size or rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 12, 12, 20, 30))
    rows = units(rng, count)
    parties = [["law", rng.randbytes(32).hex()], ["business", rng.choice(("", rng.randbytes(32).hex()))]]
    g = rng.choice((0, 0, 1, 2, 12, 24))
    a, b = rng.choice(((0, 1), (1, 5), (1, 1), (3, 7), (1, 1000)))
    return {
        "plan": {
            "types": [{"type": "e", "stratum": "e"}, {"type": "i", "stratum": "i"}],
            "districts": sorted({row[3] for row in rows}), "clauses": clauses(rng, count), "period": PERIOD,
            "cooldown": [{"class": c, "months": g} for c in rng.choice(("", "", "A", "AC"))],
            "risk": {"floor": {"num": str(a), "den": str(b)}, "gamma": rng.randrange(4)}, "reserves": rng.randrange(4),
        },
        "units": rows,
        "seed": {"commitment": rng.randbytes(32).hex(), "source": "ceremony:hall:d6:24", "value": rng.randbytes(24).hex(),
                 "parties": parties},
        "salt": str(seed), "secret": rng.randbytes(32).hex(), "draw_id": DRAW,
    }  # fmt: skip


def made_up(salt: str, stratum: str, level: str) -> int:
    """Return the L of a level: any number will do, since replays never compute it."""
    word = int.from_bytes(hashlib.sha256(f"{salt}/{stratum}/{level}".encode()).digest()[:4], "big")
    return min(max(word, 1), 2**32 - 1)


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class _Way(ABC):
    """A whole draw; what each implementation does itself stands in its subclass."""

    def __init__(self, given: Input) -> None:
        self.given, self.plan = given, given["plan"]
        self.places: dict[str, Place] = {}

    def outcome(self) -> str:
        """Return the answer as canonical text."""
        try:
            return canonical({"ok": self.answer()})
        except SamplerError as refusal:
            return canonical({"error": refusal.code})
        except RefusedError as refusal:
            return canonical({"error": refusal.args[0]})

    def answer(self) -> Input:
        seed = self.seed()
        found = self.sizes()
        rows: dict[str, list[list[Any]]] = defaultdict(list)
        cell_of = {(s["class"], s["type"], d): s["stratum"] for s in found for d in s.pop("districts")}
        for row in self.given["units"]:
            rows[cell_of[row[1], row[2], row[3]]].append(row)
        strata = [self.stratum(s, rows[s["stratum"]]) for s in found]
        self.draw(seed, strata)
        for s in strata:
            self.places |= {unit: Place(s["stratum"], level) for unit, level in s["levels"].items()}
        return {"seed": seed.hex(), "strata": strata, "root": self.root().hex()}

    def cells(self) -> dict[str, dict[tuple[str, str, str], int]]:
        found: dict[str, dict[tuple[str, str, str], int]] = {}
        for clause in self.plan["clauses"]:
            own: dict[tuple[str, str, str], int] = defaultdict(int)
            for _, class_, type_, district, *_ in self.given["units"]:
                if class_ in clause["classes"]:
                    own[class_, type_, district] += 1
            if own:
                found[clause["clause"]] = dict(own)
        return found

    def stratum(self, s: Input, rows: list[list[Any]]) -> Input:
        g = next((c["months"] for c in self.plan["cooldown"] if c["class"] == s["class"]), 0)
        cold = {row[0] for row in rows if infer.cooling(PERIOD, g, row[5])}
        warm = [row for row in rows if row[0] not in cold]
        weights = self.weights([row[4] for row in warm])
        names, targets = self.levels(weights, s["n"], cooldown=g > 0)
        level = dict.fromkeys(sorted(cold), "0") | {row[0]: name for row, name in zip(warm, names, strict=True)}
        taken = names.count("T")
        numbered = {k: v for k, v in targets.items() if k not in "T0"}
        return {k: s[k] for k in ("stratum", "clause", "N", "n")} | {
            "m": s["n"] - taken, "take_all": taken, "weights": list(map(str, weights)), "levels": level, "targets": numbered,
        }  # fmt: skip

    def numbered(self, s: Input) -> list[tuple[str, int]]:
        salt, name = self.given["salt"], s["stratum"]
        parameter = {k: made_up(salt, name, k) for k in s["targets"]}
        return [(unit, parameter[k]) for unit, k in s["levels"].items() if k not in ("T", "0")]

    def rows(self) -> list[tuple[str, str]]:
        return [
            (unit, "\t".join([unit, "-", class_, type_, district, "-", "-", *self.places[unit]]))
            for unit, class_, type_, district, *_ in self.given["units"]
        ]

    def parts(self) -> tuple[bytes, str, bytes, dict[str, bytes | None]]:
        s = self.given["seed"]
        parties = {party: bytes.fromhex(r) if r else None for party, r in s["parties"]}
        return bytes.fromhex(s["commitment"]), s["source"], bytes.fromhex(s["value"]), parties

    @abstractmethod
    def seed(self) -> bytes: ...
    @abstractmethod
    def sizes(self) -> list[Input]: ...
    @abstractmethod
    def weights(self, given: list[int]) -> list[int]: ...
    @abstractmethod
    def levels(self, weights: list[int], n: int, *, cooldown: bool) -> tuple[list[str], dict[str, int]]: ...
    @abstractmethod
    def draw(self, seed: bytes, strata: list[Input]) -> None: ...
    @abstractmethod
    def root(self) -> bytes: ...


class Program(_Way):
    """The program's fast path: all strata in one pass of columns."""

    def seed(self) -> bytes:
        return ticket.seed(*self.parts())

    def sizes(self) -> list[Input]:
        cells, totals = self.cells(), {}
        for clause in self.plan["clauses"]:
            if clause["clause"] in cells:
                year = {k: clause[k] for k in ("drawn", "batches_left") if k in clause}
                units_ = sum(cells[clause["clause"]].values())
                totals[clause["clause"]] = allocation.clause_total(
                    allocation.parse_ratio(clause["ratio"]), units_, **year
                )
        found = []
        for s in allocation.strata(cells, totals):
            class_, type_, _ = s.id.split(".")
            districts = [c[2] for c in s.cells]
            found.append({"stratum": s.id, "clause": s.clause, "N": s.n_frame, "n": s.n, "class": class_, "type": type_,
                          "districts": districts})  # fmt: skip
        return found

    def weights(self, given: list[int]) -> list[int]:
        floor = self.plan["risk"]["floor"]
        return allocation.weights(given, int(floor["num"]), int(floor["den"]), self.plan["risk"]["gamma"])

    def levels(self, weights: list[int], n: int, *, cooldown: bool) -> tuple[list[str], dict[str, int]]:
        found = allocation.levels(weights, n, cooldown=cooldown)
        return list(found.level_of), dict(found.target_e12)

    def draw(self, seed: bytes, strata: list[Input]) -> None:
        key = ticket.object_key(seed)
        every = [(unit, L, n) for n, s in enumerate(strata) for unit, L in self.numbered(s)]
        names, parameters, numbers = [e[0] for e in every], [e[1] for e in every], [e[2] for e in every]
        of = fast.units(names, parameters, numbers, fast.heads(key, names))
        wanted = [s["m"] for s in strata]
        found = fast.choose_many(of, wanted, self.plan["reserves"], partial(ticket.ticket, key))
        for s, choice in zip(strata, found, strict=True):
            tau = [f"{choice.tau[0]:064x}", choice.tau[1]] if choice.tau else []
            s |= {"drawn": list(choice.drawn), "reserves": list(choice.reserves), "tau": tau}

    def root(self) -> bytes:
        secret = bytes.fromhex(self.given["secret"])
        return merkle.root(
            [
                merkle.blinded_leaf("frame", DRAW, row, merkle.leaf_nonce(secret, DRAW, "frame", unit))
                for unit, row in self.rows()
            ]
        )


class Twin(_Way):
    """The naive twin in fractions."""

    def seed(self) -> bytes:
        return api.ref_seed(*self.parts())

    def sizes(self) -> list[Input]:
        cells, totals = self.cells(), {}
        for c in self.plan["clauses"]:
            if c["clause"] in cells:
                year = (c["period"], c.get("drawn", 0), c.get("batches_left", 1))
                own = {c["clause"]: cells[c["clause"]]}
                totals[c["clause"]] = api.ref_clause_total(c["ratio"], sum(own[c["clause"]].values()), *year)
                api.ref_strata(own, totals)  # refuses what this clause offends before the next is looked at
        found = []
        for name, s in sorted(api.ref_strata(cells, totals).items()):
            class_, type_, _ = name.split(".")
            found.append({"stratum": name, "clause": s.clause, "N": s.units, "n": s.n, "class": class_, "type": type_,
                          "districts": [c[2] for c in s.cells]})  # fmt: skip
        return found

    def weights(self, given: list[int]) -> list[int]:
        floor = self.plan["risk"]["floor"]
        return api.ref_weights(given, int(floor["num"]), int(floor["den"]), self.plan["risk"]["gamma"])

    def levels(self, weights: list[int], n: int, *, cooldown: bool) -> tuple[list[str], dict[str, int]]:
        return api.ref_levels(weights, n, cooldown=cooldown)

    def draw(self, seed: bytes, strata: list[Input]) -> None:
        key = hashlib.sha256(_lp(b"sampler/v1/stream") + _lp(seed) + _lp(b"object")).digest()
        for s in strata:
            drawn, reserves, tau = api.ref_choose(self.numbered(s), key, s["m"], self.plan["reserves"])
            s |= {"drawn": drawn, "reserves": reserves, "tau": [f"{tau[0]:064x}", tau[1]] if tau else []}

    def root(self) -> bytes:
        secret = bytes.fromhex(self.given["secret"])
        return api.ref_root(
            [api.ref_leaf(api.ref_nonce(secret, DRAW, "frame", unit), "frame", DRAW, row) for unit, row in self.rows()]
        )


def _lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
