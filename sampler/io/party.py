"""A party's own workspace: its key and its secrets, on its own machine or USB stick; nobody else's.

It knows the charter it was given, and of a sitting what the agency signed: the seals. It never sees a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler import log, records, signing, ticket
from sampler.errors import StepError, StoreError
from sampler.io import keys, parcels, parties
from sampler.io.session import need, signature
from sampler.io.store import Workspace
from sampler.io.world import RealWorld
from sampler.verify.keyring import Ring, lawful, valid_signers

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.io.world import World
    from sampler.schema import Record

SETTINGS: Final = "party.json"


@dataclass(frozen=True, slots=True)
class PartyDesk:
    """A party at its own desk."""

    workspace: Workspace
    world: World
    party: str

    @property
    def charter(self) -> records.Charter:
        """The charter this party was given."""
        hint = "先把机关给的文件 import 进来（sampler export 写出）"
        need(self.workspace.exists("charter.json"), "CHARTER_MISSING", "这里还没有章程", hint)
        found: records.Charter = self.workspace.record(records.Charter, "charter.json")
        return found

    def sign(self, record: Record) -> records.Signature:
        """Return this party's signature."""
        return signature(keys.load(self.workspace, self.world, "party", self.party), record)

    def promise(self, sitting: str) -> parcels.Parcel:
        """Return the promise, signed, for the agency."""
        record = parties.promise(self.workspace, self.world, sitting, self.party)
        return parcels.Parcel(contents=(record,), signatures=(self.sign(record),))

    def accept(self, parcel: parcels.Parcel) -> list[str]:
        """Take in what the agency exported: the charter once, key changes, and seals; return the sittings."""
        w = self.workspace
        for charter in parcel.of(records.Charter):
            parcels.require(parcel, charter, {k.key_id: k for k in charter.keys}, "agency", charter.agency)
            self._own_key(self._changes(parcel, Ring(charter.keys)))
            w.write_final("charter.json", charter.encode())
        ring = self._changes(parcel, self.ring())
        for _, change in ring.changes:
            w.write_final(f"keys/{change.number:04d}.json", change.encode())
        charter, seals = self.charter, parcel.of(records.Commitment)
        for seal in seals:
            parcels.require(parcel, seal, ring.ever(), "agency", charter.agency)
            w.write_final(f"sittings/{seal.sitting_id}/{seal.draw_id}.json", seal.encode())
        if parcel.checkpoint and seals:
            self._head(parcel.checkpoint, charter)
        return sorted({s.sitting_id for s in seals})

    def ring(self) -> Ring:
        """Return the charter's keys with the changes this party has seen."""
        changes = [self.workspace.record(records.KeyChange, n) for n in self.workspace.names("keys")]
        return Ring(self.charter.keys, tuple((-1, c) for c in changes))

    @staticmethod
    def _changes(parcel: parcels.Parcel, known: Ring) -> Ring:
        """Return the keys after the key changes of a parcel, each signed by who may make it."""
        for change in sorted(parcel.of(records.KeyChange), key=lambda c: int(c.number)):
            if change.number <= len(known.changes):
                same = known.changes[change.number - 1][1] == change
                need(same, "KEY_CHANGE_OTHER", f"第 {change.number} 份密钥变更与以前收到的不同", "不要接受，向机关查问")
                continue
            old = known.ever().get(change.old)
            by = valid_signers(change, parcel.signatures, known)
            enough = old is not None and lawful(change, old, known.at(0), by)
            need(enough, "KEY_CHANGE_SIGNERS", "密钥变更没有应有的签名", "不要接受，向机关查问")
            known = Ring(known.first, (*known.changes, (-1, change)))
        return known

    def _own_key(self, ring: Ring) -> None:
        private = keys.load(self.workspace, self.world, "party", self.party)
        mine = records.key_id(signing.public_of(private))
        listed = [k.key_id for k in ring.at(0).values() if (k.role, k.owner) == ("party", self.party)]
        if mine not in listed:
            raise StepError(
                "KEY_NOT_LISTED", f"章程里 {self.party} 的公钥不是这里的钥匙", hint="不要接受这份章程，向机关查问"
            )

    def _head(self, note: str, charter: records.Charter) -> None:
        """Keep the checkpoint under which the seal was shown: proof of the order, held by an outsider."""
        public = next(bytes.fromhex(k.public) for k in self.ring().at(0).values() if k.role == "log")
        head = log.parse_checkpoint(signing.note_verify(note, log.origin(charter.agency), public))
        self.workspace.write(f"heads/{head.size:08d}", note.encode())

    def seals(self, sitting: str) -> list[records.Commitment]:
        """Return the seals of a sitting this party was shown, its own promise in each."""
        w = self.workspace
        names = w.names(f"sittings/{sitting}")
        need(names, "NOT_SEALED", "这里还没有该场次的封存", "先把机关 export 的文件 import 进来")
        found = [w.record(records.Commitment, n) for n in names]
        own = parties.promise(w, self.world, sitting, self.party).c
        for s in found:
            sealed = {p.party: p.c for p in s.parties}
            need(
                sealed.get(self.party) == own,
                "PROMISE_CHANGED",
                f"{s.draw_id} 封存的不是这里的承诺",
                "不要揭示，向机关查问",
            )
        return sorted(found, key=lambda s: s.draw_id.encode())

    def sitting(self, sitting: str) -> records.Sitting:
        """Return the sitting as this party knows it."""
        seals = self.seals(sitting)
        hashes = [bytes.fromhex(s.rhash()) for s in seals]
        promised = [records.PartyCommitment(sitting_id=sitting, party=p.party, c=p.c) for p in seals[0].parties]
        return records.Sitting(
            sitting_id=sitting,
            sitting=ticket.sitting_hash(sitting, hashes).hex(),
            commitments=tuple(
                records.Sealed(draw_id=s.draw_id, commitment=h.hex()) for s, h in zip(seals, hashes, strict=True)
            ),
            party_commitments=tuple(promised),
            reveals=(),
        )

    def reveal(self, sitting: str) -> parcels.Parcel:
        """Return the reveal, signed, for the agency."""
        total = self.sitting(sitting)
        r = parties.secret(self.workspace, self.world, sitting, self.party).hex()
        record = records.Reveal(sitting_id=sitting, party=self.party, sitting=total.sitting, r=r)
        self.workspace.write_final(f"done/{sitting}.json", record.encode())
        return parcels.Parcel(contents=(record,), signatures=(self.sign(record),))

    def hand(self, sitting: str, holder: str) -> parcels.Parcel:
        """Return the parcel that brings the secret and the signed receipt to its holder; it goes from hand to hand."""
        r = parties.secret(self.workspace, self.world, sitting, self.party)
        record = parties.receipt(sitting, self.sitting(sitting), self.party, holder, r)
        self.workspace.write_final(f"done/{sitting}.json", record.encode())
        secret = parcels.Secret(sitting_id=sitting, party=self.party, to=holder, r=r.hex())
        return parcels.Parcel(contents=(record,), signatures=(self.sign(record),), secret=secret)

    def keep(self, parcel: parcels.Parcel) -> parcels.Parcel:
        """Check a secret brought for custody, store it, and return the receipt with both signatures, for the agency."""
        secret, receipts = parcel.secret, parcel.of(records.Custody)
        if secret is None or len(receipts) != 1:
            raise StepError("PARCEL_FORM", "文件里没有交保管的秘密和收据", hint="请对方用 reveal --to 重新写出")
        need(secret.to == self.party, "PARCEL_FOR", f"这份秘密是交给 {secret.to} 的", "交给该方")
        parcels.require(parcel, receipts[0], self.ring().at(0), "party", secret.party)
        sitting, r = secret.sitting_id, bytes.fromhex(secret.r)
        record = parties.receipt(sitting, self.sitting(sitting), secret.party, self.party, r)
        need(record == receipts[0], "CUSTODY_SECRET", "收据与交来的秘密或这里的封存不符", "不要签收；请对方核对")
        parties.keep(self.workspace, self.world, sitting, secret.party, r)
        return parcels.Parcel(contents=(record,), signatures=(*parcel.signed(record), self.sign(record)))

    def give(self, sitting: str, party: str) -> parcels.Parcel:
        """Return the parcel that brings a kept secret to the agency, for the draw."""
        r = parties.kept(self.workspace, self.world, sitting, party).hex()
        return parcels.Parcel(
            contents=(),
            signatures=(),
            secret=parcels.Secret(sitting_id=sitting, party=party, to=self.charter.agency, r=r),
        )


def is_desk(root: Path) -> bool:
    """Return whether a directory is a party's own workspace."""
    return (root / SETTINGS).is_file()


def open_desk(root: Path) -> PartyDesk:
    """Return the desk of a party's workspace."""
    w = Workspace(root)
    if not w.exists(SETTINGS):
        raise StoreError("NO_WORKSPACE", "这里不是参与方的工作区", hint="先运行 sampler keys new 目录 --party 代码")
    return PartyDesk(w, RealWorld(), str(w.read_json(SETTINGS)["party"]))
