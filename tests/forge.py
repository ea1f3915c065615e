"""A forger who holds every key of the golden bundle: changes it, and seals, signs and logs it anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sampler import canon, log, merkle, signing, ticket
from sampler.records import AFTER_DRAW, ORDER, RECORD_FILES, document_class, key_id, sitting_file
from sampler.verify import RULES, Report, verify

GOLDEN = Path(__file__).resolve().parent / "vectors" / "golden" / "bundle-12"
LABEL = b"sampler/golden/bundle-12/key/"
IDS = [r.id for r in RULES]
Edit = Callable[["Forge"], None]


def private(name: str) -> bytes:
    return canon.sha256(LABEL + name.encode())


class Forge:
    """The golden bundle's files, and the keys of everybody in it."""

    def __init__(self) -> None:
        self.files = {p.relative_to(GOLDEN).as_posix(): p.read_bytes() for p in GOLDEN.rglob("*") if p.is_file()}
        self.extra: list[dict[str, str]] = []
        self.early: list[bytes] = []
        self.alternate = False
        self.order = [*ORDER[:4], "custody", *ORDER[4:], *AFTER_DRAW, "void", "key-change"]
        self.sizes = [2, 4, 5, 7, 8, 9]

    def get(self, path: str) -> Any:
        return json.loads(self.files[path])

    def put(self, path: str, value: Any) -> None:
        self.files[path] = canon.encode(value)

    def change(self, path: str, **fields: Any) -> None:
        self.put(path, {k: v for k, v in (self.get(path) | fields).items() if v is not None})

    def swap(self, path: str, old: str, new: str) -> None:
        assert old.encode() in self.files[path]
        self.files[path] = self.files[path].replace(old.encode(), new.encode(), 1)

    def manifest(self) -> Forge:
        """Rewrite the manifest to match: it is signed by nobody, so anybody can."""
        m = self.get("manifest.json")
        listed = sorted((p for p in self.files if p != "manifest.json"), key=str.encode)
        m["files"] = [
            {"path": p, "sha256": canon.sha256(self.files[p]).hex(), "size": len(self.files[p])} for p in listed
        ]
        self.put("manifest.json", m)
        return self

    def records(self) -> list[dict[str, Any]]:
        sitting = self.get("sitting.json")
        single = [self.get(p) for p, c in RECORD_FILES.items() if c.TYPE in self.order]
        found = [*single, *sitting["party_commitments"], *sitting["reveals"]]
        for path in sorted(
            p
            for p in self.files
            if (document_class(p) or sitting_file(p)) and not p.startswith(("attestation", "openings"))
        ):
            later = self.get(path)
            found += [later["cause"], later] if later["type"] == "amendment" else [later]
        if self.alternate:  # cause, amendment, cause, amendment ...
            return sorted(found, key=lambda r: (self.place(r), r.get("number", 0), self.order.index(r["type"])))
        return sorted(found, key=self.rank)

    def rank(self, r: dict[str, Any]) -> float:
        """Return where a record stands in the log; what happened in another draw stands just before this draw."""
        other = r.get("draw_id", "DEMO-2026-0001") != "DEMO-2026-0001"
        return self.order.index("draw") - 0.5 if other else self.order.index(r["type"])

    def interleave(self) -> None:
        """Log each cause just before its amendment, instead of all causes first."""
        self.alternate = True

    def place(self, r: dict[str, Any]) -> int:
        return self.order.index("amendment" if r["type"] == "amendment-cause" else r["type"])

    def sign(self) -> Forge:
        """Sign every record anew."""
        out = []
        for r in self.records():
            h = canon.rhash(r).hex()
            for name in {r.get("party", "agency"), r.get("holder") or r.get("party", "agency")}:
                key = private(name)
                sig = signing.sign(key, r["type"], h)
                out.append({"type": r["type"], "rhash": h, "key_id": key_id(signing.public_of(key)), "sig": sig})
        self.put("signatures.json", sorted(out, key=lambda s: (s["type"], s["rhash"], s["key_id"])))
        return self

    def log(self) -> Forge:
        """Write a log of these records and of `extra` entries, with good proofs and checkpoints."""
        mine, entries, nonces = self.records(), [], []
        at: list[int] = []
        for r in mine:
            entries += self.early if r["type"] == "commitment" else []
            n = len(entries)
            at.append(n)
            nonce = canon.sha256(b"nonce%d" % n)[:16]
            sitting, draw = log.CARRIES[r["type"]]
            leaf = merkle.log_leaf(nonce, canon.rhash(r)).hex()
            ids = {
                "sitting_id": "DEMO-S-2026-12" if sitting else None,
                "draw_id": r.get("draw_id", "DEMO-2026-0001") if draw else None,
            }
            entries.append(log.entry(r["type"], leaf, **ids))
            nonces.append({"index": n, "nonce": nonce.hex()})
        entries += [log.entry(leaf=canon.sha256(b"x").hex(), **e) for e in self.extra]
        proofs = log.proofs(entries, at)
        self.files["log/entries"] = log.encode_entries(entries)
        self.files["log/checkpoint"] = self.note(entries).encode()
        self.put("log/nonces.json", {"type": "nonces", "nonces": nonces})
        listed = [
            {"index": n, "type": r["type"], "rhash": canon.rhash(r).hex(), "proof": list(proofs[n])}
            for n, r in zip(at, mine, strict=True)
        ]
        earlier = [
            {"checkpoint": self.note(entries[:s]), "proof": list(log.consistency(entries, s))} for s in self.sizes
        ]
        self.put("log/proofs.json", {"type": "proofs", "size": len(entries), "records": listed, "earlier": earlier})
        return self

    @staticmethod
    def note(entries: list[bytes], key: str = "log") -> str:
        text = log.checkpoint("sampler/DEMO", entries).text()
        return f"{text}\n{signing.note_sign('sampler/DEMO', private(key), text)}"

    def relink(self) -> Forge:
        """Carry hashes from the plan to the draw, as an office that seals all of it anew would."""
        plan = canon.rhash(self.get("plan.json")).hex()
        self.change("registration.json", plan=plan)
        registered = canon.rhash(self.get("registration.json")).hex()
        self.change("commitment.json", plan=plan, registration=registered)
        seal = canon.rhash(self.get("commitment.json"))
        sitting = self.get("sitting.json")
        mine = next(c for c in sitting["commitments"] if c["draw_id"] == "DEMO-2026-0001")
        mine["commitment"] = seal.hex()
        seals = [bytes.fromhex(c["commitment"]) for c in sitting["commitments"]]
        sitting["sitting"] = hash_ = ticket.sitting_hash("DEMO-S-2026-12", seals).hex()
        for r in sitting["reveals"]:
            r["sitting"] = hash_
        self.put("sitting.json", sitting)
        self.change("closing.json", sitting=hash_)
        self.change("public-value.json", sitting=hash_)
        return self.reseed(seal)

    def reseed(self, seal: bytes) -> Forge:
        s = self.get("seed.json")
        parts = {p["party"]: bytes.fromhex(p["r"]) if "r" in p else None for p in s["parties"]}
        self.change("seed.json", seed=ticket.seed(seal, s["source"], self.value(s), parts).hex())
        self.change("draw.json", commitment=seal.hex(), seed=self.get("seed.json")["seed"])
        return self

    @staticmethod
    def value(seed: dict[str, Any]) -> bytes:
        """Return the bytes of a value that enter the seed: raw ones for a beacon."""
        text: str = seed["value"]
        return bytes.fromhex(text) if seed["source"].startswith("drand:") else text.encode()

    def relink_kept(self) -> Forge:
        """Relink, and let the receipt and the closing follow."""
        self.relink()
        self.change("custody-notary.json", sitting=self.get("sitting.json")["sitting"])
        listed = self.get("closing.json")["custody"]
        listed[0]["rhash"] = canon.rhash(self.get("custody-notary.json")).hex()
        self.change("closing.json", custody=listed)
        return self

    def reroot(self, tree: str) -> None:
        """Commit to the rows of a blinded table as they now stand."""
        rows = [line.rsplit("\t", 1) for line in self.files[f"{tree}.tsv"].decode().splitlines()[1:]]
        leaves = [merkle.blinded_leaf(tree, "DEMO-2026-0001", row, bytes.fromhex(nonce)) for row, nonce in rows]
        seal = self.get("commitment.json")
        seal[tree]["root"] = merkle.root(leaves).hex()
        if "count" in seal[tree]:
            seal[tree]["count"] = len(rows)
        self.put("commitment.json", seal)

    def rehash(self, file: str) -> None:
        """Commit to a file as it now stands."""
        seal = self.get("commitment.json")
        seal["tables"][file.partition(".")[0]] = canon.sha256(self.files[file]).hex()
        self.put("commitment.json", seal)

    def done(self) -> Forge:
        """Sign, log and list everything as it now stands."""
        return self.sign().log().manifest()

    def judge(self, **options: Any) -> Report:
        return verify(self.files.__getitem__, sorted(self.files), **options)


def first_failed(forge: Forge, **options: Any) -> str:
    found = forge.judge(**options).first_failed
    return "" if found is None else IDS[found - 1]


def rewrite(f: Forge, path: str, change: Callable[[Any], object]) -> None:
    value = f.get(path)
    change(value)
    f.put(path, value)


def signature_of(key: str, type_: str) -> Edit:
    def apply(f: Forge) -> None:
        out = [s for s in f.get("signatures.json") if s["type"] != type_]
        r = next(r for r in f.records() if r["type"] == type_)
        h, public = canon.rhash(r).hex(), signing.public_of(private(key))
        out.append(
            {"type": type_, "rhash": h, "key_id": key_id(public), "sig": signing.sign(private(key), type_, h)}
        )  # fmt: skip
        f.put("signatures.json", sorted(out, key=lambda s: (s["type"], s["rhash"], s["key_id"])))

    return apply
