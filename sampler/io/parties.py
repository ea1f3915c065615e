"""What a party does with its secret: promise, reveal, hand over, keep for another (records.md, 3.4 and 3.11).

The files lie below ``private/parties/`` of whichever workspace the party works in: the office's, or its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler import records, ticket
from sampler.errors import StepError, StoreError
from sampler.io import keys, vault

if TYPE_CHECKING:
    from sampler.io.store import Workspace
    from sampler.io.world import World

SECRET_BYTES = 32
CHAINS = 8
"""Draws of a sitting for which a party offers an amendment chain."""


def _name(sitting: str, party: str, kind: str) -> str:
    return f"private/parties/{sitting}/{party}.{kind}"


def promise(w: Workspace, world: World, sitting: str, party: str) -> records.PartyCommitment:
    """Return the party's promise, its secrets made on first asking and stored before the promise is known."""
    r = _made(w, world, sitting, party, "secret")
    chain = _made(w, world, sitting, party, "chain")
    ends = tuple(ticket.chain_value(chain, sitting, place, 0).hex() for place in range(CHAINS))
    c = ticket.party_commitment(sitting, party, r).hex()
    return records.PartyCommitment(sitting_id=sitting, party=party, c=c, anchors=ends)


def _made(w: Workspace, world: World, sitting: str, party: str, kind: str) -> bytes:
    name = _name(sitting, party, kind)
    if not w.exists(name):
        _write(w, world, name, world.entropy(SECRET_BYTES, f"party/{sitting}/{party}/{kind}"))
    return _read(w, world, name)


def _write(w: Workspace, world: World, name: str, secret_: bytes) -> None:
    """Store a secret, under the passphrase where the workspace has one; it is never written over with another."""
    if not w.exists(name):
        w.write(name, vault.write(secret_, keys.lock_of(w, world), world, name))
    if _read(w, world, name) != secret_:
        hint = "一个场次只有一个秘密；换一个新的场次"
        raise StoreError("ALREADY_DONE", f"{name} 已经有另一个秘密", hint=hint)


def _read(w: Workspace, world: World, name: str) -> bytes:
    data = w.read(name)
    return vault.read(data, world.passphrase() if vault.locked(data) else "", name)


def secret(w: Workspace, world: World, sitting: str, party: str) -> bytes:
    """Return the party's own secret.

    Raises
    ------
    StoreError
        ``SECRET_MISSING`` when it is not in this workspace.
    """
    name = _name(sitting, party, "secret")
    if not w.exists(name):
        raise StoreError("SECRET_MISSING", f"这里没有 {party} 的秘密", hint="请该参与方在自己的工作区揭示")
    return _read(w, world, name)


def chain(w: Workspace, world: World, sitting: str, party: str, place: int, number: int) -> bytes:
    """Return a_number of the chain this party keeps for the draw at `place` of the sitting.

    Raises
    ------
    StoreError
        ``CHAIN_MISSING`` when the chain is not in this workspace.
    """
    name = _name(sitting, party, "chain")
    if not w.exists(name):
        raise StoreError("CHAIN_MISSING", f"这里没有 {party} 的变更链", hint="请该参与方在自己的工作区给出")
    return ticket.chain_value(_read(w, world, name), sitting, place, number)


def has_chain(w: Workspace, sitting: str, party: str) -> bool:
    """Return whether this workspace keeps the party's chain."""
    return w.exists(_name(sitting, party, "chain"))


def receipt(sitting: str, total: records.Sitting, party: str, holder: str, r: bytes) -> records.Custody:
    """Return the receipt for a secret that goes into another party's custody; both sign it.

    Raises
    ------
    StepError
        ``CUSTODY_SELF`` when both are one, ``CUSTODY_SECRET`` when the secret is not the promised one.
    """
    if holder == party:
        raise StepError("CUSTODY_SELF", "自己的秘密不能由自己保管", hint="交给另一参与方")
    c = ticket.party_commitment(sitting, party, r).hex()
    promised = {p.party: p.c for p in total.party_commitments}
    if promised.get(party) != c:
        raise StepError(
            "CUSTODY_SECRET", f"交来的秘密不是 {party} 承诺的那一个", hint="不要签收；请对方核对", found=party
        )
    return records.Custody(sitting_id=sitting, sitting=total.sitting, party=party, holder=holder, c=c)


def keep(w: Workspace, world: World, sitting: str, party: str, r: bytes) -> None:
    """Store another party's secret with its holder."""
    _write(w, world, _name(sitting, party, "kept"), r)


def kept(w: Workspace, world: World, sitting: str, party: str) -> bytes:
    """Return a secret that somebody here keeps for `party`.

    Raises
    ------
    StoreError
        ``KEPT_MISSING`` when it is not in this workspace.
    """
    name = _name(sitting, party, "kept")
    if not w.exists(name):
        hint = "请保管人运行 sampler reveal 场次 --party 该方，把给出的文件 import 进来"
        raise StoreError("KEPT_MISSING", f"这里没有 {party} 交保管的秘密", hint=hint)
    return _read(w, world, name)
