"""Private keys on disk, readable by their owner alone, under a passphrase if wished; never in a record, page or log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import records, signing
from sampler.errors import StoreError
from sampler.io import vault

if TYPE_CHECKING:
    from sampler.io.store import Workspace
    from sampler.io.world import World

FOLDER: Final = "private/keys"
SECRETS: Final = "private/parties"


def name(role: str, owner: str) -> str:
    """Return the workspace name of a key file."""
    return f"{FOLDER}/{role}-{owner}.key"


def make(
    workspace: Workspace, world: World, role: str, owner: str, *, outside: bool = False, again: int = 0
) -> records.Key:
    """Make a key, store it under the world's passphrase and return its public half.

    Parameters
    ----------
    again
        How many keys this role and owner had before: the new file is ``.new`` until :func:`adopt`.
    """
    suffix, file = f"/{again}" if again else "", name(role, owner) + (".new" if again else "")
    if again and workspace.exists(file):  # a rotation that was cut off, or waits for signatures
        private = load(workspace, world, role, owner, new=True)
    else:
        private = world.entropy(32, f"key/{role}/{owner}{suffix}")
        data = vault.write(private, lock_of(workspace, world), world, f"{role}/{owner}{suffix}")
        workspace.write_final(file, data)
    public = signing.public_of(private)
    return records.Key(
        key_id=records.key_id(public), owner=owner, public=public.hex(), role=role, outside=True if outside else None
    )


def adopt(workspace: Workspace, role: str, owner: str, number: int) -> None:
    """Put a new key in the place of the old one, which is kept aside: what it signed must stay explicable."""
    current = name(role, owner)
    new, old = workspace.read(f"{current}.new"), workspace.read(current) if workspace.exists(current) else b""
    if old not in (b"", new):
        workspace.write(f"{current}.{number:04d}.old", old)
    workspace.write(current, new)
    workspace.path(f"{current}.new").unlink()


def waiting(workspace: Workspace) -> list[tuple[str, str]]:
    """Return role and owner of every new key that is not in its place yet."""
    found = (
        n.removeprefix(f"{FOLDER}/").removesuffix(".key.new") for n in workspace.names(FOLDER) if n.endswith(".key.new")
    )
    return [(role, owner) for role, _, owner in (n.partition("-") for n in found)]


def held(workspace: Workspace, role: str, owner: str) -> bool:
    """Return whether this workspace holds a private key."""
    return workspace.exists(name(role, owner))


def load(workspace: Workspace, world: World, role: str, owner: str, *, new: bool = False) -> bytes:
    """Return a private key.

    Raises
    ------
    StoreError
        ``KEY_MISSING`` when this workspace does not hold it, ``KEY_FORM`` when the file is damaged, ``PASSPHRASE``.
    """
    file = name(role, owner) + (".new" if new else "")
    if not workspace.exists(file):
        raise StoreError("KEY_MISSING", f"这里没有 {owner} 的密钥", hint="请持有人在自己的工作区里执行此步")
    data = workspace.read(file)
    return vault.read(data, world.passphrase() if vault.locked(data) else "", file)


def files(workspace: Workspace) -> list[str]:
    """Return the names of the private keys in use here."""
    return [n for n in workspace.names(FOLDER) if n.endswith(".key")]


def lock_of(workspace: Workspace, world: World) -> str:
    """Return the passphrase of a new secret: that of the keys here, which must open one; else the one that is set, or none."""
    for file in files(workspace):
        data = workspace.read(file)
        if vault.locked(data):
            given = world.passphrase()
            vault.read(data, given, file)
            return given
    return world.passphrase(new=True)


def relock(workspace: Workspace, world: World) -> list[str]:
    """Write every private key and party secret here anew under a new passphrase; an empty one leaves them plain."""
    secrets = [n for n in workspace.names(SECRETS) if n.endswith((".secret", ".chain", ".kept"))]
    found = {n: workspace.read(n) for n in (*files(workspace), *secrets)}
    opened = {n: vault.read(d, world.passphrase() if vault.locked(d) else "", n) for n, d in found.items()}
    fresh = world.passphrase(new=True)
    for n, private in opened.items():
        workspace.write(n, vault.write(private, fresh, world, n))
    return sorted(opened)
