"""conformance.md 4: the answer to every vector, from the text alone. The expected outcomes of tests/vectors come from here."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from tests.reference import (
    answers,
    assign,
    audits,
    bytes_,
    documents,
    estimates,
    infer,
    log,
    numbers,
    owners,
    pareto,
    plans,
    reader,
    sources_,
    strata,
    tree,
    values,
)
from tests.reference.strata import E12, RefusedError

Input = dict[str, Any]
Op = Callable[[Input], Any]
raw = bytes.fromhex


def claim(*, holds: bool) -> bool:
    if not holds:
        raise RefusedError("VERIFY_FAILED", "")
    return True


def hashes(texts: list[str]) -> list[bytes]:
    return [raw(text) for text in texts]


def whole(texts: list[str]) -> bool:
    return all(len(text) == 64 for text in texts)


def rational(value: Fraction) -> dict[str, str]:
    return {"den": str(value.denominator), "num": str(value.numerator)}


# bytes


def rhash(i: Input) -> str:
    return bytes_.rhash(reader.read(raw(i["data"]))).hex()


def token(i: Input) -> str:
    return bytes_.nonce(raw(i["secret"]), i["draw_id"], "token", i["id"]).hex()


# records


def signed(i: Input) -> bool:
    message = bytes_.lp("sampler/v1/sign") + bytes_.lp(i["type"]) + raw(i["rhash"])
    return claim(holds=log.signed_by(raw(i["public"]), raw(i["sig"]), message))


# ticket


def party(i: Input) -> bytes:
    return bytes_.h("party", i["sitting_id"], i["party"], raw(i["r"]))


def seed(i: Input) -> bytes:
    secrets = {p["party"]: raw(p["r"]) if "r" in p else None for p in i["parties"]}
    return bytes_.seed(raw(i["commitment"]), i["source"], raw(i["value"]), secrets)


def object_ticket(i: Input) -> str:
    return f"{pareto.ticket(pareto.object_stream(raw(i['seed'])), i['id']):064x}"


def assign_ticket(i: Input) -> int:
    return assign.ticket_of(raw(i["seed"]))(i["round"], i["object"], i["group"], i["officer"])


# merkle


def leaf(i: Input) -> bytes:
    return bytes_.blinded_leaf(raw(i["nonce"]), i["tree"], i["draw_id"], i["row"])


def inclusion_path(i: Input) -> list[str]:
    leaves = hashes(i["leaves"])
    if not 0 <= i["index"] < len(leaves):
        raise RefusedError("MERKLE_INDEX", "")
    return [part.hex() for part in tree.inclusion(i["index"], leaves)]


def consistency_path(i: Input) -> list[str]:
    leaves = hashes(i["leaves"])
    if not 0 < i["old"] <= len(leaves):
        raise RefusedError("MERKLE_SIZE", "")
    return [part.hex() for part in tree.consistency(i["old"], leaves)]


def included(i: Input, own: bytes) -> bool:
    lengths = whole([i["root"], *i["proof"]]) and len(own) == 32
    found = lengths and tree.root_from_inclusion(own, i["index"], i["size"], hashes(i["proof"])) == raw(i["root"])
    return claim(holds=found)


def consistent(i: Input) -> bool:
    old, new = i["old_root"], i["new_root"]
    ok = whole([old, new, *i["proof"]]) and 0 < i["old"] <= i["new"]
    found = ok and tree.roots_from_consistency(i["old"], i["new"], raw(old), hashes(i["proof"]))
    return claim(holds=found == (raw(old), raw(new)))


# allocation


def ratio(i: Input) -> dict[str, str]:
    share, rounding = strata.parse_ratio(i["text"])
    return {**rational(share), "rounding": rounding}


def total(i: Input) -> int:
    if "batches_left" in i:
        return strata.clause_total(i["ratio"], i["units"], "year", i["drawn"], i["batches_left"])
    return strata.clause_total(i["ratio"], i["units"])


def sizes(i: Input) -> list[dict[str, Any]]:
    cells = {
        c["clause"]: {(x["class"], x["type"], x["district"]): x["units"] for x in c["cells"]} for c in i["clauses"]
    }
    found = strata.strata(cells, {c["clause"]: c["total"] for c in i["clauses"]})
    return [
        {"stratum": s.stratum, "clause": s.clause, "N": s.units, "n": s.n, "districts": sorted(c[2] for c in s.cells)}
        for s in found.values()
    ]


# levels


def weights(i: Input) -> list[str]:
    found = strata.weights(i["risks"], int(i["floor"]["num"]), int(i["floor"]["den"]), i["gamma"])
    return [str(w) for w in found]


def levels(i: Input) -> dict[str, Any]:
    level_of, target = strata.levels([int(w) for w in i["weights"]], i["n"], cooldown=i["cooldown"])
    taken = level_of.count("T")
    numbered = [
        {"level": name, "count": level_of.count(name), "target_e12": target[name]}
        for name in sorted(set(level_of) - {"T"}, key=int)
    ]
    return {"level_of": level_of, "levels": numbered, "take_all": taken, "m": i["n"] - taken}


# probability


def single(count: int, m: int) -> int:
    return pareto.clamp(Fraction(m, count))


@cache
def inclusion(big_l: tuple[int, ...], counts: tuple[int, ...], m: int) -> list[Fraction]:
    return pareto.inclusion(list(big_l), list(counts), m)


def check_levels(i: Input) -> bool:
    """draw.md 8.3, with pi in ball arithmetic."""
    rows, m = i["levels"], i["m"]
    counts, big_l = [row["count"] for row in rows], [row["L"] for row in rows]
    fits = min(counts) > 0 and 0 < m < sum(counts) and all(0 < value < 2**32 for value in big_l)
    if not fits:
        raise RefusedError("PI_INPUT", "")
    holds = len(rows) > 1 or big_l[0] == single(counts[0], m)
    for row, pi in zip(rows, inclusion(tuple(big_l), tuple(counts), m), strict=True):
        room = 1000 + Fraction(row["target_e12"], 10**6)
        near = [abs(E12 * pi - row["pi_e12"]) - 2, abs(E12 * pi - row["target_e12"]) - room]
        near.append(abs(row["pi_e12"] - row["target_e12"]) - room)
        if any(abs(distance) < Fraction(4, 10) for distance in near[:2]):
            raise ValueError("a vector too close to a bound")
        holds = holds and max(near) <= 0
    return claim(holds=holds)


# select


def order(i: Input) -> list[str]:
    if any(not 0 < unit["L"] < 2**32 for unit in i["units"]):
        raise RefusedError("SELECT_L", "")
    keys = {unit["id"]: pareto.key(int(unit["h"], 16), unit["L"]) for unit in i["units"]}
    return sorted(keys, key=lambda name: (keys[name], name.encode()))


def choose(i: Input) -> dict[str, Any]:
    units = [(unit["id"], unit["L"]) for unit in i["units"]]
    drawn, reserves, tau = pareto.choose(units, pareto.object_stream(raw(i["seed"])), i["m"], i["reserves"])
    found: dict[str, Any] = {"drawn": drawn, "reserves": reserves}
    return found if tau is None else {**found, "tau": {"h": f"{tau[0]:064x}", "L": tau[1]}}


def owned(i: Input) -> list[dict[str, Any]]:
    kinds = {rule["type"]: rule["stratum"] for rule in i["types"]}
    return [
        {
            "owner": unit["object_id"],
            "cell": owners.cell(unit, kinds),
            "objects": sorted((row["object_id"] for row in unit["objects"]), key=str.encode),
        }
        for unit in owners.units({"types": i["types"], "units": "owner"}, i["rows"])
    ]


def aimed(i: Input) -> bool:
    return claim(holds=strata.on_target(i["target"], i["frame"], i["excluded"]))


def rank_weight(i: Input) -> dict[str, str]:
    tau = (int(i["tau"]["h"], 16), i["tau"]["L"]) if "tau" in i else None
    return rational(infer.rank_weight(i["L"], tau))


# estimate


def limits(i: Input) -> dict[str, str]:
    low, high = estimates.limits(estimates.fraction(i["rate"]), estimates.fraction(i["n"]))
    return {"lo": numbers.real(low), "hi": numbers.real(high)}


def tails(i: Input) -> dict[str, str]:
    above, below = estimates.tails(*(estimates.fraction(i[name]) for name in ("rate", "n", "target")))
    return {"above": numbers.real(above), "below": numbers.real(below)}


def visits(i: Input) -> dict[str, int]:
    found = estimates.visits(*(estimates.fraction(i[name]) for name in ("rate", "target", "per_visit", "error")))
    return {} if found is None else {"visits": found}


OPS: dict[str, dict[str, Op]] = {
    "bytes": {
        "lp": lambda i: bytes_.lp(raw(i["data"])).hex(),
        "hash": lambda i: bytes_.h(i["tag"], *hashes(i["parts"])).hex(),
        "json": lambda i: reader.read(raw(i["data"])),
        "rhash": rhash,
        "id": lambda i: values.of_kind("id", i["text"]),
        "value": lambda i: values.of_kind(i["kind"], i["value"]),
        "code": lambda i: bytes_.code(i["text"]),
        "recusal-id": lambda i: bytes_.recusal_id(i["inspector"], i["kind"], i["target"]),
        "table": lambda i: values.read_table(i["file"], raw(i["data"])),
        "scores": lambda i: values.read_scores(raw(i["data"])),
    },
    "ticket": {
        "sitting": lambda i: bytes_.h("sitting", i["sitting_id"], *hashes(i["commitments"])).hex(),
        "party": lambda i: party(i).hex(),
        "party-opens": lambda i: claim(holds=party(i).hex() == i["c"]),
        "seed": lambda i: seed(i).hex(),
        "seed-follows": lambda i: claim(holds=seed(i).hex() == i["seed"]),
        "object-key": lambda i: pareto.object_stream(raw(i["seed"])).hex(),
        "ticket": object_ticket,
        "assign-key": lambda i: bytes_.h("stream", raw(i["seed"]), "assign", i["round"]).hex(),
        "assign-ticket": assign_ticket,
    },
    "merkle": {
        "root": lambda i: tree.root(hashes(i["leaves"])).hex(),
        "nonce": lambda i: bytes_.nonce(raw(i["secret"]), i["draw_id"], i["tree"], i["key"]).hex(),
        "leaf": lambda i: leaf(i).hex(),
        "token": token,
        "log-leaf": lambda i: bytes_.sha256(b"\x00" + raw(i["nonce"]) + raw(i["rhash"])).hex(),
        "entry-leaf": lambda i: tree.leaf_hash(raw(i["entry"])).hex(),
        "inclusion-path": inclusion_path,
        "inclusion": lambda i: included(i, raw(i["leaf"])),
        "consistency-path": consistency_path,
        "consistency": consistent,
        "opening": lambda i: included(i, leaf(i)),
    },
    "allocation": {"ratio": ratio, "total": total, "strata": sizes, "owners": owned, "target": aimed},
    "levels": {
        "cooling": lambda i: infer.cooling(i["period"], i["months"], i["drawn"]),
        "weights": weights,
        "levels": levels,
    },
    "probability": {"single": lambda i: single(i["count"], i["m"]), "check": check_levels},
    "select": {
        "order": order,
        "choose": choose,
        "second": lambda i: owners.second(raw(i["seed"]), i["owner"], i["objects"]),
        "items": lambda i: owners.items(raw(i["seed"]), i["object"], i["size"], i["sample"]),
    },
    "inference": {
        "rank-weight": rank_weight,
        "design-weight": lambda i: rational(infer.design_weight(i["pi_e12"])),
        "W": lambda i: rational(infer.big_w(i["pi_e12"], i["past_e12"])),
        "object-pi": lambda i: owners.object_pi(i["pi_e12"], i["objects"]),
        "bundle": infer.bundle,
        "past": lambda i: infer.past(i["unit"], i["period"], i["months"], i["history"]),
    },
    "records": {
        "record": lambda i: documents.record_hash(i["type"], i["record"]),
        "key-id": lambda i: bytes_.key_id(raw(i["public"])),
        "signed": signed,
        "key-change": lambda i: claim(holds=documents.lawful(i["now"], i["old"], i.get("new"), i["by"])),
        "chain": lambda i: claim(holds=documents.on_chain(raw(i["value"]), i["number"], raw(i["end"]))),
    },
    "log": {
        "entry": lambda i: log.entry_bytes(i["type"], i["leaf"], i.get("sitting_id"), i.get("draw_id")).hex(),
        "checkpoint": lambda i: log.read_checkpoint(i["text"]),
        "note": lambda i: log.read_note(raw(i["note"]), i["signer"], raw(i["public"])),
        "tile": lambda i: log.tile(i["level"], i["number"], i["width"]),
        "tiles": lambda i: log.read_tiles(i["size"], {p: raw(d) for p, d in i["files"].items()}),
    },
    "plan": {"grace": plans.grace, "batches": plans.batches, "plan": plans.plan},
    "estimate": {
        "outcome": lambda i: answers.of_object(i["outcome"], i["visits"]),
        "match": answers.match,
        "variance-strata": lambda i: answers.joined(i["strata"]),
        "rate": estimates.rate,
        "limits": limits,
        "tails": tails,
        "holm": lambda i: estimates.holm([estimates.fraction(p) for p in i["p"]]),
        "visits": visits,
        "survey": estimates.survey,
    },
    "audit": {
        "seeds": audits.seeds,
        "known": audits.one_draw,
        "reachable": audits.reachable,
        "examine": audits.examine,
    },
    "sources": {
        "source": lambda i: sources_.source(i["text"]),
        "value": lambda i: sources_.value(i["source"], i["value"]).hex(),
    },
}


def answer(area: str, op: str, given: Input) -> Any:
    if op in OPS[area]:
        return OPS[area][op](given)
    base = {name: value for name, value in given.items() if name != "claim"}
    return claim(holds=OPS[area][op.removesuffix("-follows")](base) == given["claim"])


def outcome(area: str, op: str, given: Input) -> dict[str, Any]:
    try:
        return {"ok": answer(area, op, given)}
    except RefusedError as e:
        return {"error": e.args[0]}
