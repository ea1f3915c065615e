"""Tickets: how a seed becomes a fair order. The only randomness of a draw (docs/spec/draw.md, 3; docs/adr/0001).

Every unit's number depends on the seed and its own id alone: no position, no stream, no hidden state.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sampler.canon import H, lp, sha256, sha256_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TICKET_BITS: Final = 256
HEAD_BYTES: Final = 8
HEADS_AT_ONCE: Final = 2**16
ASSIGN_BYTES: Final = 5
ABSENT: Final = "ABSENT"
CHAIN_LENGTH: Final = 256
"""Amendments a chain can serve."""


def sitting_hash(sitting_id: str, commitments: Iterable[bytes]) -> bytes:
    """Return the hash that binds all seals of one ceremony, in order of draw_id (records.md, 3.7)."""
    return H("sitting", sitting_id, *commitments)


def party_commitment(sitting_id: str, party: str, r: bytes) -> bytes:
    """Return C_j, a party's promise of its secret `r` (32 bytes)."""
    return H("party", sitting_id, party, r)


def chain_value(secret: bytes, sitting_id: str, place: int, number: int) -> bytes:
    """Return a_number of the amendment chain for the draw at `place` (from 0) of a sitting (records.md, 3.4).

    ``a_256 = H("chain", secret, sitting_id, place)`` and a_n is the hash of a_(n+1); a_0 is the end that is sealed.
    """
    value = H("chain", secret, sitting_id, place)
    for _ in range(CHAIN_LENGTH - number):
        value = sha256(value)
    return value


def seed(commitment: bytes, source: str, value: bytes, parts: dict[str, bytes | None]) -> bytes:
    """Return the seed of one draw (records.md, 3.6).

    Parameters
    ----------
    commitment
        Record hash of the draw's Commitment.
    source, value
        The sealed public source and the bytes it gave.
    parts
        Party id to its revealed 32 bytes, or None when it stayed absent.
    """
    mixed: list[bytes | str] = []
    for party in sorted(parts, key=str.encode):
        r = parts[party]
        mixed += [party, ABSENT if r is None else r]
    return H("seed", commitment, source, value, *mixed)


def object_key(seed_: bytes) -> bytes:
    """Return K, the key under which objects get their tickets."""
    return H("stream", seed_, "object")


def ticket(key: bytes, unit: str) -> int:
    """Return the 256-bit ticket of `unit`: SHA-256(K || id), big-endian."""
    return int.from_bytes(sha256(key + unit.encode()), "big")


def heads(key: bytes, units: Sequence[str]) -> bytes:
    """Return the first 8 bytes of every unit's ticket, one after the other: what tells nearly all keys apart."""
    out = bytearray()
    for start in range(0, len(units), HEADS_AT_ONCE):
        part = units[start : start + HEADS_AT_ONCE]
        out += b"".join([d[:HEAD_BYTES] for d in sha256_each(key, [unit.encode() for unit in part])])
    return bytes(out)


def assign_key(seed_: bytes, round_: int) -> bytes:
    """Return K_r, the key of the assignment's tickets in tie round `round_` (from 0)."""
    return H("stream", seed_, "assign", round_)


def assign_ticket(key: bytes, object_id: str, group: str, inspector_id: str) -> int:
    """Return the 40-bit cost of one officer in one slot group of one object (assignment.md, 6)."""
    message = key + lp(object_id.encode()) + lp(group.encode()) + lp(inspector_id.encode())
    return int.from_bytes(sha256(message)[:ASSIGN_BYTES], "big")


def assign_tickets(key: bytes, object_id: str, group: str, inspectors: tuple[str, ...]) -> list[int]:
    """Return the tickets of many officers in one slot group: :func:`assign_ticket` of each, in one go."""
    head = key + lp(object_id.encode()) + lp(group.encode())
    return [int.from_bytes(d[:ASSIGN_BYTES], "big") for d in sha256_each(head, _tails(inspectors))]


@lru_cache(maxsize=64)
def _tails(inspectors: tuple[str, ...]) -> list[bytes]:
    """Return LP(i) of each: the groups of a district share one list of officers."""
    return [lp(i.encode()) for i in inspectors]
