"""Private keys on disk: 32 raw bytes in hex, readable by their owner alone; never in a record, page or log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler import records, signing
from sampler.errors import StoreError

if TYPE_CHECKING:
    from sampler.io.store import Workspace
    from sampler.io.world import World


def name(role: str, owner: str) -> str:
    """Return the workspace name of a key file."""
    return f"private/keys/{role}-{owner}.key"


def create(workspace: Workspace, world: World, role: str, owner: str, *, outside: bool = False) -> records.Key:
    """Make a key, store it and return its public half."""
    private = world.entropy(32, f"key/{role}/{owner}")
    workspace.write_final(name(role, owner), private.hex().encode() + b"\n")
    public = signing.public_of(private)
    return records.Key(
        key_id=records.key_id(public), owner=owner, public=public.hex(), role=role, outside=True if outside else None
    )


def load(workspace: Workspace, role: str, owner: str) -> bytes:
    """Return a private key.

    Raises
    ------
    StoreError
        ``KEY_MISSING`` when this workspace does not hold it, ``KEY_FORM`` when the file is damaged.
    """
    file = name(role, owner)
    if not workspace.exists(file):
        raise StoreError("KEY_MISSING", f"这里没有 {owner} 的密钥", hint="请持有人在自己的工作区里执行此步")
    try:
        private = bytes.fromhex(workspace.read(file).decode().strip())
    except ValueError:
        private = b""
    if len(private) != 32:  # noqa: PLR2004  # an Ed25519 seed
        raise StoreError("KEY_FORM", f"{file} 已损坏", hint="从备份恢复")
    return private
