"""A secret at rest under a passphrase: scrypt, then ChaCha20-Poly1305 (RFC 7914, RFC 8439), by `cryptography`.

Without a passphrase a secret is plain hex: the directory's mode is then its only guard, and the guide says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sampler import canon
from sampler.errors import CanonError, StoreError

if TYPE_CHECKING:
    from sampler.io.world import World

SCHEMA: Final = "sampler/locked/v1"
COST: Final = 2**15
"""scrypt n: about 0.1 s and 32 MB for each try of a guessed passphrase."""
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
SECRET_BYTES: Final = 32


def write(secret: bytes, passphrase: str, world: World, purpose: str) -> bytes:
    """Return the file that holds `secret`: locked when there is a passphrase."""
    if not passphrase:
        return secret.hex().encode() + b"\n"
    salt, nonce = world.entropy(SALT_BYTES, f"salt/{purpose}"), world.entropy(NONCE_BYTES, f"nonce/{purpose}")
    sealed = ChaCha20Poly1305(_key(passphrase, salt, COST)).encrypt(nonce, secret, SCHEMA.encode())
    fields = {"schema": SCHEMA, "n": COST, "salt": salt.hex(), "nonce": nonce.hex(), "data": sealed.hex()}
    return canon.encode(fields)


def locked(data: bytes) -> bool:
    """Return whether a file needs a passphrase."""
    return data.startswith(b"{")


def read(data: bytes, passphrase: str, name: str) -> bytes:
    """Return the 32 bytes in a file.

    Raises
    ------
    StoreError
        ``KEY_FORM`` when the file is damaged, ``PASSPHRASE`` when the passphrase is not the one.
    """
    try:
        found = _unlock(data, passphrase) if locked(data) else bytes.fromhex(data.decode().strip())
    except InvalidTag as e:
        raise StoreError("PASSPHRASE", f"{name}: 口令不对", hint="再试一次；忘记口令见 docs/guide/keys.md") from e
    except (KeyError, TypeError, ValueError, CanonError) as e:
        raise StoreError("KEY_FORM", f"{name} 已损坏", hint="从备份恢复；没有备份见 docs/guide/keys.md") from e
    if len(found) != SECRET_BYTES:
        raise StoreError("KEY_FORM", f"{name} 已损坏", hint="从备份恢复；没有备份见 docs/guide/keys.md")
    return found


def _unlock(data: bytes, passphrase: str) -> bytes:
    fields = canon.decode(data)
    if fields["schema"] != SCHEMA or fields["n"] != COST:
        raise ValueError(fields["schema"])
    salt, nonce, sealed = (bytes.fromhex(fields[k]) for k in ("salt", "nonce", "data"))
    return ChaCha20Poly1305(_key(passphrase, salt, COST)).decrypt(nonce, sealed, SCHEMA.encode())


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())
