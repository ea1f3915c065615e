"""Which keys count at which place of the log: the charter's, as later key changes replaced or withdrew them.

A key change counts for what is logged after it (records.md, 3.14). Who holds the old key can replace it; when it is
lost, everybody else together can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler import records, signing
from sampler.verify.report import VerifyError, need, same

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

ENTRIES: Final = "log/entries"
END: Final = 2**53
"""A place behind every entry."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The charter's keys and the changes, each with its place in the log."""

    first: tuple[records.Key, ...]
    changes: tuple[tuple[int, records.KeyChange], ...] = ()

    def at(self, index: int) -> dict[str, records.Key]:
        """Return the keys that count for the entry at `index`, by id."""
        keys = {k.key_id: k for k in self.first}
        for place, change in self.changes:
            if place < index:
                keys.pop(change.old, None)
                if change.new:
                    keys[change.new.key_id] = change.new
        return keys

    def ever(self) -> dict[str, records.Key]:
        """Return every key that ever counted."""
        return {k.key_id: k for k in (*self.first, *(c.new for _, c in self.changes if c.new))}


def ring(b: Bundle) -> Ring:
    """Return the keys of a bundle; the changes are those of its ``keys/``, at the places proofs.json names."""
    changes = b.key_changes
    if not changes:
        return Ring(b.charter.keys)
    places = b.index_of
    known = [(places.get((c.TYPE, c.rhash()), END), c) for c in changes]
    return Ring(b.charter.keys, tuple(known))


def check_changes(b: Bundle) -> None:
    """Refuse key changes that hide, that stand out of order, or that the wrong hands signed."""
    found = ring(b)
    logged = [n for n, e in enumerate(b.logged) if e.type == "key-change"]
    same(len(logged), len(found.changes), "日志里的密钥变更与包里的不同: 有变更被隐去或补入", ENTRIES)
    same(logged, [place for place, _ in found.changes], "密钥变更的次序与日志不同", "log/proofs.json")
    for number, (place, change) in enumerate(found.changes, start=1):
        file = f"keys/{number:04d}.json"
        same(number, change.number, "密钥变更的编号不连续", file)
        old = Ring(found.first, found.changes[: number - 1]).ever().get(change.old)
        if old is None:
            raise VerifyError("章程所列或后来换上的密钥", change.old, "被更换的密钥不认识", file)
        if change.new:
            _check_new(change.new, old, Ring(found.first, found.changes[: number - 1]), file)
        _check_signers(b, change, old, found.at(place), file)


def _check_new(new: records.Key, old: records.Key, before: Ring, file: str) -> None:
    same(records.key_id(bytes.fromhex(new.public)), new.key_id, "密钥编号与公钥不符", file)
    same((old.role, old.owner, old.outside), (new.role, new.owner, new.outside), "新密钥的用途或持有人变了", file)
    need(new.key_id not in before.ever(), "从未用过的密钥", new.key_id, "新密钥已经用过", file)


def _check_signers(
    b: Bundle, change: records.KeyChange, old: records.Key, now: dict[str, records.Key], file: str
) -> None:
    rhash = change.rhash()
    by = {s.key_id for s in b.signatures if (s.type, s.rhash) == (change.TYPE, rhash)}
    need(
        lawful(change, old, now, by),
        "新密钥, 以及旧密钥或其余各方全体的签名",
        sorted(by),
        "密钥变更没有应有的签名, 可能是冒用",
        file,
    )


def lawful(change: records.KeyChange, old: records.Key, now: dict[str, records.Key], by: set[str]) -> bool:
    """Return whether these keys may make a change together (records.md, 3.14).

    Parameters
    ----------
    old
        The key that is replaced or withdrawn.
    now
        The keys that count where the change stands, by id.
    by
        Ids of the keys whose valid signature is on the record.
    """
    others = {k.key_id for k in now.values() if k.role in ("agency", "party") and k.key_id != old.key_id}
    allowed = (old.key_id in by and old.key_id in now) or (bool(others) and others <= by)
    return allowed and (change.new is None or change.new.key_id in by)


def valid_signers(change: records.KeyChange, found: tuple[records.Signature, ...], before: Ring) -> set[str]:
    """Return the ids of known keys, the new one among them, whose signature on a change is valid."""
    keys = before.ever() | ({change.new.key_id: change.new} if change.new else {})
    mine = (s for s in found if (s.type, s.rhash) == (change.TYPE, change.rhash()))
    return {s.key_id for s in mine if s.key_id in keys and valid(keys[s.key_id], s)}


def signed(b: Bundle, found: Ring, s: records.Signature, places: dict[tuple[str, str], int]) -> records.Key | None:
    """Return the key of a signature that counts where its record stands; None when there is none."""
    place = places.get((s.type, s.rhash), END) if found.changes else END
    keys = found.at(place)
    if s.type == records.Attestation.TYPE:
        return next(
            (_auditor(a) for a in b.documents("attestation-", records.Attestation) if a.rhash() == s.rhash), None
        )
    if s.type == records.KeyChange.TYPE:
        new = next((c.new for _, c in found.changes if c.new and c.rhash() == s.rhash), None)
        keys |= {new.key_id: new} if new else {}
    return keys.get(s.key_id)


def _auditor(a: records.Attestation) -> records.Key:
    return records.Key(key_id=records.key_id(bytes.fromhex(a.public)), owner="auditor", public=a.public, role="auditor")


def valid(key: records.Key, s: records.Signature) -> bool:
    """Return whether a signature is the key's."""
    return key.key_id == s.key_id and signing.valid(key.public, s.type, s.rhash, s.sig)
