"""The program under judgement: conformance.md's commands, answered by the production code of `sampler`.

python -m tests.vectors_program vectors FILE...
python -m tests.vectors_program verify FOLDER
python -m tests.vectors_program without
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import numpy as np

import cli
from sampler import (
    allocation,
    canon,
    frame,
    log,
    lots,
    merkle,
    probability,
    records,
    roster,
    schema,
    signing,
    sources,
    tables,
    ticket,
    tiles,
    units,
    weights,
)
from sampler.assign import certify, model
from sampler.errors import DrawError, RecordError, SamplerError
from sampler.io.values import code_of
from sampler.probability import fixed_point
from sampler.records import TABLE_COLUMNS
from sampler.select import exact, fast
from sampler.target import Target
from sampler.verify import fields, keyring, steps_frame, steps_later
from sampler.verify.report import VerifyError
from tests import vectors_bundle, vectors_estimate

Input = dict[str, Any]
Op = Callable[[Input], Any]
raw = bytes.fromhex


def refuse_claim(holds: object) -> bool:
    """Return True, or refuse a claim that does not follow."""
    if not holds:
        raise VerifyError("", "", "", "")
    return True


def rational(value: Fraction) -> dict[str, str]:
    return {"den": str(value.denominator), "num": str(value.numerator)}


# bytes

KINDS = {
    "int": schema.Int, "big": schema.Big, "hash": schema.Hash, "sig": schema.Sig, "id": schema.Id, "text": schema.Text,
    "note": schema.Note, "time": schema.Time, "date": schema.Date, "month": schema.Month, "flag": schema.Flag,
}  # fmt: skip


def value_of(i: Input) -> Any:
    kind = next(part for part in get_args(KINDS[i["kind"]]) if isinstance(part, schema.Kind))
    return schema._scalar(kind, i["value"], "$")


def identifier(i: Input) -> str:
    if not tables.is_id(i["text"]):
        raise RecordError("RECORD_VALUE", "no id")
    return str(i["text"])


# ticket


def seed(i: Input) -> str:
    parts = {p["party"]: raw(p["r"]) if "r" in p else None for p in i["parties"]}
    return ticket.seed(raw(i["commitment"]), i["source"], raw(i["value"]), parts).hex()


def party(i: Input) -> str:
    return ticket.party_commitment(i["sitting_id"], i["party"], raw(i["r"])).hex()


def assign_ticket(i: Input) -> int:
    return ticket.assign_ticket(ticket.assign_key(raw(i["seed"]), i["round"]), i["object"], i["group"], i["officer"])


# merkle


def hashes(texts: list[str]) -> list[bytes]:
    return [raw(text) for text in texts]


def leaf(i: Input) -> bytes:
    return merkle.blinded_leaf(i["tree"], i["draw_id"], i["row"], raw(i["nonce"]))


def included(i: Input, own: bytes) -> bool:
    return refuse_claim(merkle.included(own, i["index"], i["size"], hashes(i["proof"]), raw(i["root"])))


def consistent(i: Input) -> bool:
    proof = hashes(i["proof"])
    return refuse_claim(merkle.consistent(i["old"], i["new"], raw(i["old_root"]), raw(i["new_root"]), proof))


# allocation and levels


def ratio(i: Input) -> dict[str, str]:
    found = allocation.parse_ratio(i["text"])
    return {"num": str(found.num), "den": str(found.den), "rounding": found.rounding}


def total(i: Input) -> int:
    year = {"drawn": i["drawn"], "batches_left": i["batches_left"]} if "batches_left" in i else {}
    found = allocation.clause_total(allocation.parse_ratio(i["ratio"]), i["units"], **year)
    return allocation.strata({"c": {("A", "t", "1"): i["units"]}}, {"c": found})[0].n


def strata(i: Input) -> list[dict[str, Any]]:
    cells = {
        c["clause"]: {(x["class"], x["type"], x["district"]): x["units"] for x in c["cells"]} for c in i["clauses"]
    }
    found = allocation.strata(cells, {c["clause"]: c["total"] for c in i["clauses"]})
    return [
        {"stratum": s.id, "clause": s.clause, "N": s.n_frame, "n": s.n, "districts": sorted(c[2] for c in s.cells)}
        for s in found
    ]


def owned(i: Input) -> list[dict[str, Any]]:
    stratum = {t["type"]: t["stratum"] for t in i["types"]}
    names = [r["object_id"] for r in i["rows"]]
    found = units.of(names, [r["owner_id"] for r in i["rows"]], owners=True)
    cells = found.cells([(r["class"], stratum[r["type"]], r["district"]) for r in i["rows"]])
    objects = found.objects(names)
    rows = [
        {"owner": o, "cell": ".".join(c), "objects": sorted(objects[o])} for o, c in zip(found.ids, cells, strict=True)
    ]
    return sorted(rows, key=lambda r: r["owner"])


def aimed(i: Input) -> bool:
    frame = [(r["object_id"], r["type"], r["industry"], r["tags"]) for r in i["frame"]]
    excluded = [(r["object_id"], r["reason"]) for r in i["excluded"]]
    return refuse_claim(not any(Target.from_dict(i["target"]).misplaced(frame, excluded)))


def cooling(i: Input) -> bool:
    """Answer by the sealing side's rule and by the verifier's, which must agree."""
    plan: Any = SimpleNamespace(period=i["period"], cool_months=lambda _: i["months"])
    sealing = frame.cooling({frame.month_number(month) for month in i["drawn"]}, "A", plan)
    rows = [(f"e/{month}", "X-2026-0001", "-", "1") for month in i["drawn"]]
    history = tables.from_rows(TABLE_COLUMNS["history.tsv"], rows)
    bundle: Any = SimpleNamespace(plan=plan, table=lambda _: history)
    return bool(agreed(sealing, steps_frame._cooling(bundle)("e", "A")))


def levels(i: Input) -> dict[str, Any]:
    found = allocation.levels([int(w) for w in i["weights"]], i["n"], cooldown=i["cooldown"])
    numbered = [{"level": k, "count": found.count[k], "target_e12": t} for k, t in found.target_e12.items()]
    return {"level_of": found.level_of, "levels": numbered, "take_all": found.take_all, "m": found.m}


# probability


def check(i: Input) -> bool:
    """Answer by step 11 of verify, given a levels.tsv that holds these levels."""
    rows, m = i["levels"], i["m"]
    counts, parameters = [row["count"] for row in rows], [row["L"] for row in rows]
    probability.inclusion(parameters, counts, m)
    if m in {0, sum(counts)}:
        raise DrawError("PI_INPUT", "nothing to decide")
    names = [f"s/{n}" for n in range(1, len(rows) + 1)]
    table = tables.from_rows(
        TABLE_COLUMNS["levels.tsv"],
        [
            (name, *(str(row[column]) for column in ("count", "target_e12", "L", "pi_e12")))
            for name, row in zip(names, rows, strict=True)
        ],
    )
    want = {name: (row["count"], row["target_e12"]) for name, row in zip(names, rows, strict=True)}
    bundle: Any = SimpleNamespace(table=lambda _: table, not_proved=[])
    steps_frame._check_levels(bundle, want, {"s": m})
    return True


# select


def agreed(one: Any, two: Any) -> Any:
    """Return what two ways of the program must both give."""
    if one != two:
        raise RuntimeError(f"{one} is not {two}")
    return one


def order(i: Input) -> list[str]:
    found = i["units"]
    exact.check(
        [u["id"] for u in found], min((u["L"] for u in found), default=1), max((u["L"] for u in found), default=1)
    )
    full = {u["id"]: int(u["h"], 16) for u in found}
    slow = exact.settle([exact.Key(full[u["id"]], u["L"], u["id"]) for u in found], len(found), 0).drawn
    columns = fast.Units(
        list(full),
        np.array([h >> 192 for h in full.values()], dtype=np.uint64),
        np.array([u["L"] for u in found], dtype=np.uint32),
        np.zeros(len(found), dtype=np.int32),
    )
    return list(agreed(slow, fast.choose_many(columns, [len(found)], 0, full.__getitem__)[0].drawn))


def both(i: Input) -> exact.Choice:
    key = ticket.object_key(raw(i["seed"]))
    ids, parameters = [u["id"] for u in i["units"]], [u["L"] for u in i["units"]]
    slow = attempt(lambda: exact.choose(zip(ids, parameters, strict=True), key, i["m"], i["reserves"]))
    quick = attempt(lambda: fast.choose_fast(ids, parameters, key, i["m"], i["reserves"]))
    found = agreed(slow, quick)
    if isinstance(found, str):
        raise DrawError(found, "refused by both")
    return cast("exact.Choice", found)


def attempt(way: Callable[[], Any]) -> Any:
    try:
        return way()
    except SamplerError as e:
        return e.code


def choose(i: Input) -> dict[str, Any]:
    found = both(i)
    out: dict[str, Any] = {"drawn": list(found.drawn), "reserves": list(found.reserves)}
    return out if found.tau is None else {**out, "tau": {"h": f"{found.tau[0]:064x}", "L": found.tau[1]}}


# inference and sources


def rank_weight(i: Input) -> dict[str, str]:
    tau = (int(i["tau"]["h"], 16), i["tau"]["L"]) if "tau" in i else None
    return rational(weights.rc_weight(i["L"], tau))


def past(i: Input) -> list[int]:
    rows = [(row["key"], "X-2026-0001", row["pi_e12"], row["drawn"]) for row in i["history"]]
    history = tables.from_rows(TABLE_COLUMNS["history.tsv"], rows)
    return weights.past(history, i["period"], {i["unit"]: i["months"]})[i["unit"]]


def source(i: Input) -> dict[str, Any]:
    found = sources.parse_source(i["text"])
    return {"kind": found.kind, "bits": found.outcomes.bit_length() - 1}


def weights_of(i: Input) -> list[str]:
    share = i["floor"]
    return [str(w) for w in allocation.weights(i["risks"], int(share["num"]), int(share["den"]), i["gamma"])]


# records and log

CLASSES: dict[str, type[schema.Record]] = {
    cls.TYPE: cls for cls in vars(records).values() if isinstance(cls, type) and issubclass(cls, schema.Record)
}


def record(i: Input) -> str:
    return CLASSES[i["type"]].from_dict(i["record"]).rhash()


def key_change(i: Input) -> bool:
    """Answer by the rule that verify and the office use; keys are given by id, role and owner only."""

    def key(k: Input) -> records.Key:
        return records.Key(key_id=k["key_id"], owner=k["owner"], public="00" * 32, role=k["role"])

    now = {k["key_id"]: key(k) for k in i["now"]}
    old = now.get(i["old"], key({"key_id": i["old"], "owner": "x", "role": "party"}))
    new = key({"key_id": i["new"], "owner": old.owner, "role": old.role}) if "new" in i else None
    change = records.KeyChange(number=1, old=i["old"], cause="x", new=new)
    return refuse_claim(keyring.lawful(change, old, now, set(i["by"])))


def chain(i: Input) -> bool:
    return refuse_claim(steps_later.on_chain(raw(i["value"]), i["number"], i["end"]))


def checkpoint(i: Input) -> dict[str, Any]:
    found = log.parse_checkpoint(i["text"])
    return {"origin": found.origin, "size": found.size, "root": found.root.hex()}


# assignment


def assigned(i: Input) -> bool:
    def table(names: tuple[str, ...], rows: list[dict[str, str]]) -> tables.Table:
        return tables.from_rows(names, [tuple(row[n] for n in names) for row in rows])

    framed = table(model.TARGET_COLUMNS, i["objects"])
    targets = model.parse_targets(framed, framed["object_id"])
    officers = roster.parse_roster(table(roster.ROSTER_COLUMNS, i["roster"]))
    recusals = roster.parse_recusals(table(roster.RECUSAL_COLUMNS, i["recusals"]))
    certify.check(i["record"], i["plan"], targets, officers, recusals, raw(i["seed"]))
    return True


OPS: dict[str, dict[str, Op]] = {
    "assignment": {"check": assigned},
    "bytes": {
        "lp": lambda i: canon.lp(raw(i["data"])).hex(),
        "hash": lambda i: canon.H(i["tag"], *hashes(i["parts"])).hex(),
        "json": lambda i: canon.decode(raw(i["data"])),
        "rhash": lambda i: canon.rhash(canon.decode(raw(i["data"]))).hex(),
        "id": identifier,
        "value": value_of,
        "code": lambda i: code_of(i["text"]),
        "recusal-id": lambda i: roster.rec_id(i["inspector"], i["kind"], i["target"]),
        "table": lambda i: len(fields.parse_table(i["file"], raw(i["data"]))),
        "scores": lambda i: len(fields.parse_scores(raw(i["data"]))),
    },
    "ticket": {
        "sitting": lambda i: ticket.sitting_hash(i["sitting_id"], hashes(i["commitments"])).hex(),
        "party": party,
        "party-opens": lambda i: refuse_claim(party(i) == i["c"]),
        "seed": seed,
        "seed-follows": lambda i: refuse_claim(seed(i) == i["seed"]),
        "object-key": lambda i: ticket.object_key(raw(i["seed"])).hex(),
        "ticket": lambda i: f"{ticket.ticket(ticket.object_key(raw(i['seed'])), i['id']):064x}",
        "assign-key": lambda i: ticket.assign_key(raw(i["seed"]), i["round"]).hex(),
        "assign-ticket": assign_ticket,
    },
    "merkle": {
        "root": lambda i: merkle.root(hashes(i["leaves"])).hex(),
        "nonce": lambda i: merkle.leaf_nonce(raw(i["secret"]), i["draw_id"], i["tree"], i["key"]).hex(),
        "leaf": lambda i: leaf(i).hex(),
        "token": lambda i: merkle.token(raw(i["secret"]), i["draw_id"], i["id"]),
        "log-leaf": lambda i: merkle.log_leaf(raw(i["nonce"]), raw(i["rhash"])).hex(),
        "entry-leaf": lambda i: merkle.entry_leaf(raw(i["entry"])).hex(),
        "inclusion-path": lambda i: [h.hex() for h in merkle.inclusion_proof(hashes(i["leaves"]), i["index"])],
        "inclusion": lambda i: included(i, raw(i["leaf"])),
        "consistency-path": lambda i: [h.hex() for h in merkle.consistency_proof(hashes(i["leaves"]), i["old"])],
        "consistency": consistent,
        "opening": lambda i: included(i, leaf(i)),
    },
    "allocation": {"ratio": ratio, "total": total, "strata": strata, "owners": owned, "target": aimed},
    "levels": {"cooling": cooling, "weights": weights_of, "levels": levels},
    "probability": {"single": lambda i: fixed_point._single(i["count"], i["m"]), "check": check},
    "select": {
        "order": order,
        "choose": choose,
        "second": lambda i: units.second(raw(i["seed"]), i["owner"], i["objects"]),
        "items": lambda i: list(lots.items(raw(i["seed"]), i["object"], i["size"], i["sample"])),
    },
    "inference": {
        "rank-weight": rank_weight,
        "design-weight": lambda i: rational(weights.design_weight(i["pi_e12"])),
        "W": lambda i: rational(weights.W(i["pi_e12"], i["past_e12"])),
        "past": past,
        "bundle": vectors_bundle.weights,
        "object-pi": lambda i: units.object_pi(i["pi_e12"], i["objects"]),
    },
    "records": {
        "record": record,
        "key-id": lambda i: records.key_id(raw(i["public"])),
        "signed": lambda i: refuse_claim(signing.valid(i["public"], i["type"], i["rhash"], i["sig"])),
        "key-change": key_change,
        "chain": chain,
    },
    "log": {
        "entry": lambda i: log.entry(
            i["type"], i["leaf"], sitting_id=i.get("sitting_id"), draw_id=i.get("draw_id")
        ).hex(),
        "checkpoint": checkpoint,
        "note": lambda i: signing.note_verify(raw(i["note"]), i["signer"], raw(i["public"])),
        "tile": lambda i: tiles.path(i["level"], i["number"], i["width"]),
        "tiles": lambda i: log.head(tiles.read(i["size"], lambda p: raw(i["files"][p])))[1].hex(),
    },
    **vectors_estimate.OPS,
    "sources": {"source": source, "value": lambda i: sources.check_value(i["source"], i["value"]).hex()},
}


def answer(area: str, op: str, given: Input) -> Any:
    """Return the value of an operation, or whether a claim about it follows."""
    known = OPS[area]
    if op in known:
        return known[op](given)
    base = {name: value for name, value in given.items() if name != "claim"}
    return refuse_claim(canon.encode(known[op.removesuffix("-follows")](base)) == canon.encode(given["claim"]))


def outcome(vector: dict[str, Any]) -> dict[str, Any]:
    """Return ok, error or skip for one vector."""
    area, op = vector["area"], vector["op"]
    if op not in OPS.get(area, {}) and op.removesuffix("-follows") not in OPS.get(area, {}):
        return {"skip": f"{area}/{op}"}
    try:
        return {"ok": answer(area, op, vector["input"])}
    except SamplerError as e:
        return {"error": e.code}


def line(path: str) -> str:
    vector = json.loads(Path(path).read_text(encoding="utf-8"))
    text = json.dumps(outcome(vector), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{path}\t{text}\n"


def main(words: list[str]) -> int:
    """Run one of the two commands."""
    match words:
        case ["without"]:
            return 0
        case ["verify", folder]:
            cli.main(["verify", folder])
            return 0
        case ["vectors", *files]:
            try:
                sys.stdout.writelines(line(path) for path in files)
            except (OSError, ValueError) as e:
                sys.stderr.write(f"cannot read a vector: {e}\n")
                return 2
            return 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
