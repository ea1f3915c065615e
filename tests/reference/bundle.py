"""Records, signatures, log and manifest of the golden bundle: records.md 3, 4 and 6."""

from typing import Any

from tests.reference import bytes_, golden, log, owners, tables, tree, world
from tests.reference.bytes_ import h, jcs, rhash, sha256
from tests.reference.tables import Row

DRAW, SITTING = world.DRAW_ID, world.SITTING_ID
Record = dict[str, Any]
ANCHOR = "notary"  # who keeps the amendment chain
# sizes of the log after the steps of this draw: registration, party commitments, seal, reveals, closing, value, draw
STEPS = [2, 4, 5, 7, 8, 9, 10]


def charter() -> Record:
    holders = {"agency": ("agency", world.AGENCY), "log": ("log", world.AGENCY)}
    holders |= {party: ("party", party) for party in world.PARTIES}
    keys: list[dict[str, Any]] = []
    for name, (role, owner) in holders.items():
        public = bytes_.public_bytes(world.private_key(name))
        key = {"key_id": bytes_.key_id(public), "owner": owner, "public": public.hex(), "role": role}
        keys.append(key | ({"outside": True} if name == "notary" else {}))
    return {
        "type": "charter",
        "agency": world.AGENCY,
        "name": "演示县市场监督管理局",
        "spec": golden.SPEC,
        "keys": sorted(keys, key=lambda key: key["key_id"]),
        "parties": [{"party": party, "name": name} for party, name in sorted(world.PARTIES.items())],
        "sources": ["lottery"],
        "min_reveals": 1,
        "approvals": 1,
        "disclosure": "standard",
        "calendar": "2026-1",
        "demo": True,
    }


def anchor() -> str:
    return bytes_.amendment_anchor(world.secret("amend")).hex()


def reveal_secret(party: str) -> bytes:
    return world.secret("reveal/" + party)


def registration(plan: Record) -> Record:
    return {
        "type": "registration",
        "draw_id": DRAW,
        "plan": rhash(plan).hex(),
        "plan_id": plan["plan_id"],
        "scope": plan["scope"],
        "period": plan["period"],
        "deadline": "2026-12-07T00:00:00Z",
    }


def party_commitments() -> list[Record]:
    return [
        {
            "type": "party-commitment",
            "sitting_id": SITTING,
            "party": party,
            "c": h("party", SITTING, party, reveal_secret(party)).hex(),
            **({"anchors": [anchor()]} if party == ANCHOR else {}),
        }
        for party in sorted(world.PARTIES)
    ]


def commitment(plan: Record, registered: Record, blinded: dict[str, list[Row]], hashes: dict[str, str]) -> Record:
    reasons = [row["reason"] for row in blinded["excluded"]]
    return {
        "type": "commitment",
        "draw_id": DRAW,
        "sitting_id": SITTING,
        "registration": rhash(registered).hex(),
        "plan": rhash(plan).hex(),
        "approval": {"form": "演示审批表2026-12", "date": "2026-12-03"},
        "frame": golden.root("frame", blinded["frame"]),
        "excluded": {
            "root": golden.root("excluded", blinded["excluded"])["root"],
            "counts": {reason: reasons.count(reason) for reason in set(reasons)},
        },
        "registry": len(blinded["frame"]) + len(reasons),
        "tables": hashes,
        "roster": golden.root("roster", blinded["roster"]),
        "recusals": golden.root("recusals", blinded["recusals"]),
        "spec": golden.spec_hash(),
        "parties": [{"party": record["party"], "c": record["c"]} for record in party_commitments()],
        "anchor": {"party": ANCHOR, "end": anchor()},
        "source": world.SOURCE,
        "reveal_deadline": "2026-12-05T12:00:00Z",
        "previous": golden.ZEROS,
        "software": "reference",
    }


def evidence() -> bytes:
    return f"快乐8 第2026339期 {world.VALUE}\n".encode()


class Sitting:
    """The part of the ceremony that follows from the seal."""

    def __init__(self, sealed: Record) -> None:
        self.commitment = rhash(sealed)
        self.hash = h("sitting", SITTING, self.commitment)
        secrets: dict[str, bytes | None] = {party: reveal_secret(party) for party in world.PARTIES}
        self.seed = bytes_.seed(self.commitment, world.SOURCE, world.VALUE.encode(), secrets)
        self.reveals: list[Record] = [
            {
                "type": "reveal",
                "sitting_id": SITTING,
                "party": party,
                "sitting": self.hash.hex(),
                "r": reveal_secret(party).hex(),
            }
            for party in sorted(world.PARTIES)
        ]

    def closing(self) -> Record:
        return {
            "type": "closing",
            "sitting_id": SITTING,
            "sitting": self.hash.hex(),
            "revealed": {record["party"]: record["r"] for record in self.reveals},
            "absent": [],
            "custody": [],
        }

    def public_value(self) -> Record:
        return {
            "type": "public-value",
            "sitting_id": SITTING,
            "sitting": self.hash.hex(),
            "source": world.SOURCE,
            "value": world.VALUE,
            "evidence": [{"file": world.EVIDENCE, "sha256": sha256(evidence()).hex()}],
        }

    def seed_record(self) -> Record:
        return {
            "type": "seed",
            "draw_id": DRAW,
            "source": world.SOURCE,
            "value": world.VALUE,
            "parties": [{"party": record["party"], "r": record["r"]} for record in self.reveals],
            "seed": self.seed.hex(),
        }

    def container(self) -> Record:
        return {
            "type": "sitting",
            "sitting_id": SITTING,
            "sitting": self.hash.hex(),
            "commitments": [{"draw_id": DRAW, "commitment": self.commitment.hex()}],
            "party_commitments": party_commitments(),
            "reveals": self.reveals,
        }


def signatures(records: list[Record]) -> list[Record]:
    found = []
    for record in records:
        private = world.private_key(record.get("party", "agency"))
        found.append(
            {
                "type": record["type"],
                "rhash": rhash(record).hex(),
                "key_id": bytes_.key_id(bytes_.public_bytes(private)),
                "sig": bytes_.sign(private, record).hex(),
            }
        )
    return sorted(found, key=lambda entry: (entry["type"], entry["rhash"], entry["key_id"]))


def manifest(files: dict[str, bytes]) -> Record:
    return {
        "schema": "sampler/bundle/v1",
        "draw_id": DRAW,
        "level": "auditor",
        "files": [
            {"path": path, "sha256": sha256(files[path]).hex(), "size": len(files[path])}
            for path in sorted(files, key=str.encode)
        ],
    }


def sealed_tables(chosen: golden.Selection) -> tuple[dict[str, list[Row]], dict[str, bytes]]:
    """The blinded tables with their nonces, and every sealed file."""
    secret = world.secret("draw")
    excluded = [{"object_id": e, "reason": reason} for e, reason in world.EXCLUDED.items()]
    plain = {
        "frame": chosen.frame,
        "excluded": excluded,
        "roster": world.roster_rows(),
        "recusals": world.recusal_rows(),
    }
    blinded = {table: tables.blind(table, rows, secret, DRAW) for table, rows in plain.items()}
    open_ = {
        "strata": chosen.strata,
        "levels": chosen.levels,
        "history": world.history_rows(),
        "items": world.item_rows(),
    }
    files = {f"{table}.tsv": tables.tsv(table, rows) for table, rows in (blinded | open_).items()}
    return blinded, files | {"scores.csv": tables.scores_csv(world.scores())}


def build(**changes: Any) -> tuple[dict[str, bytes], bytes]:
    """The files of the bundle, and the intermediate values; `changes` are fields of the plan."""
    plan = world.plan() | changes
    chosen = golden.select(plan, world.frame_rows(), world.scores(), world.history_rows())
    blinded, files = sealed_tables(chosen)
    sealed_names = {"history": "history.tsv", "items": "items.tsv", "levels": "levels.tsv", "strata": "strata.tsv"}
    sealed_names["scores"] = "scores.csv"
    hashes = {name: sha256(files[path]).hex() for name, path in sealed_names.items()}
    registered = registration(plan)
    sealed = commitment(plan, registered, blinded, hashes)
    sitting = Sitting(sealed)
    drawing = golden.draw_objects(chosen, sitting.seed, plan["reserves"])
    drawn = [r for r in chosen.frame if r["object_id"] in {entry["object_id"] for entry in drawing.drawn}]
    teams, team_values = golden.assignment(plan, drawn, world.roster_rows(), world.recusal_rows(), sitting.seed)
    files |= {"tau.tsv": tables.tsv("tau", drawing.tau), "assignment.json": jcs(teams)}
    draw = {
        "type": "draw",
        "draw_id": DRAW,
        "commitment": sitting.commitment.hex(),
        "seed": sitting.seed.hex(),
        "tau": sha256(files["tau.tsv"]).hex(),
        "assignment": sha256(files["assignment.json"]).hex(),
        "n": len(drawing.drawn),
        "drawn": drawing.drawn,
        "reserves": drawing.reserves,
        **parts(plan, chosen, drawing, sitting.seed),
    }
    records = [charter(), registered, *party_commitments(), sealed, *sitting.reveals]
    records += [sitting.closing(), sitting.public_value(), draw]
    single = [record for record in records if record["type"] not in ("party-commitment", "reveal")]
    files |= {f"{r['type']}.json": jcs(r) for r in [*single, plan, sitting.container(), sitting.seed_record()]}
    files |= {"signatures.json": jcs(signatures(records)), world.EVIDENCE: evidence()}
    nonces = [world.secret(f"log/{index}")[:16] for index in range(len(records))]
    files |= log.log_files(records, nonces, STEPS, f"sampler/{world.AGENCY}", world.private_key("log"))
    files["manifest.json"] = jcs(manifest(files))
    shown = {
        **{name: value for name, value in chosen.shown.items() if name != "weights"},
        "weights": chosen.shown["weights"],
        "levels": {row["key"]: {k: v for k, v in row.items() if k != "key"} for row in chosen.levels},
        "roots": {name: golden.root(name, rows)["root"] for name, rows in blinded.items()},
        "tables": hashes,
        "rhash": {r["type"] + ("/" + r["party"] if "party" in r else ""): rhash(r).hex() for r in [*records, plan]},
        "sitting": sitting.hash.hex(),
        "seal_code": seal_code(sitting.hash.hex()),
        "seed": sitting.seed.hex(),
        "objects": drawing.shown | {"tau": drawing.tau, "drawn": drawing.drawn, "reserves": drawing.reserves},
        "assignment": team_values | {"record": teams},
        "log_root": tree.root([tree.leaf_hash(line) for line in files["log/entries"].splitlines()]).hex(),
        "secrets": secrets(),
    }
    return files, golden.pretty(shown)


def parts(plan: Record, chosen: golden.Selection, drawing: golden.Drawing, seed: bytes) -> Record:
    """What the draw record has besides the lists: the order of batches, the items of lots."""
    found: Record = {}
    if "batches" in plan:
        names = [batch["batch"] for batch in plan["batches"]]
        found["order"] = sorted(names, key=lambda name: (h("batch", seed, name), name.encode()))
    if "lots" in plan:
        size = {lot["object_id"]: lot["size"] for lot in plan["lots"]}
        sample = {rule["clause"]: rule["sample"] for rule in plan["clauses"] if "sample" in rule}
        clause = {row["stratum"]: row["clause"] for row in chosen.strata}
        mine = [entry for entry in [*drawing.drawn, *drawing.reserves] if clause[entry["stratum"]] in sample]
        found["lots"] = [
            {
                "object_id": entry["object_id"],
                "size": size[entry["object_id"]],
                "items": owners.items(
                    seed, entry["object_id"], size[entry["object_id"]], sample[clause[entry["stratum"]]]
                ),
            }
            for entry in sorted(mine, key=lambda entry: entry["object_id"].encode())
            if entry["object_id"] in size
        ]
    return found


def seal_code(sitting: str) -> str:
    return " ".join(sitting[at : at + 4] for at in range(0, 40, 4))


def secrets() -> dict[str, str]:
    """Demo secrets, so that a second program can build the same bundle."""
    names = ["draw", "amend", *(f"reveal/{p}" for p in sorted(world.PARTIES))]
    names += [f"key/{name}" for name in ("agency", "log", *sorted(world.PARTIES))]
    return {name: world.secret(name).hex() for name in names} | {
        f"log/{index}": world.secret(f"log/{index}")[:16].hex() for index in range(STEPS[-1])
    }
