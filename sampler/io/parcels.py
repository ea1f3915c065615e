"""Parcels: the small signed files by which an office, its parties and an auditor exchange records (docs/guide/keys.md).

A parcel is one canonical JSON file: records, signatures on them, at most one secret. Nothing in it is believed before
its signatures are checked against keys that were known before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from sampler import canon, records, signing
from sampler.errors import Place, RecordError, StoreError
from sampler.schema import By, Hash, Id, Note, Part, Text

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.schema import Record

SCHEMA: Final = "sampler/parcel/v1"
MAX_BYTES: Final = 4 << 20
"""No parcel of honest records comes near this."""
TYPES: Final[dict[str, type[Record]]] = {
    cls.TYPE: cls
    for cls in (
        records.Charter, records.PartyCommitment, records.Commitment, records.Reveal, records.Custody,
        records.Attestation, records.KeyChange,
    )
}  # fmt: skip
"""What a parcel may carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Part):
    """A party's 32 bytes on their way to a holder, or from the holder to the office."""

    sitting_id: Id
    party: Id
    to: Id
    r: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form(Part):
    """The fields of a parcel beside its records."""

    schema: Text
    signatures: Annotated[tuple[records.Signature, ...], By(("type", "rhash", "key_id"))]
    checkpoint: Note | None = None
    secret: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Records with their signatures."""

    contents: tuple[Record, ...]
    signatures: tuple[records.Signature, ...]
    checkpoint: str | None = None
    secret: Secret | None = None

    def of(self, cls: type[Record]) -> list[Any]:
        """Return the records of one type."""
        return [r for r in self.contents if isinstance(r, cls)]

    def signed(self, record: Record) -> tuple[records.Signature, ...]:
        """Return the signatures on one record."""
        what = (record.TYPE, record.rhash())
        return tuple(s for s in self.signatures if (s.type, s.rhash) == what)

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        listed = sorted(self.signatures, key=lambda s: (s.type.encode(), s.rhash, s.key_id))
        form = _Form(schema=SCHEMA, signatures=tuple(listed), checkpoint=self.checkpoint, secret=self.secret)
        return canon.encode({**form.to_dict(), "records": [r.to_dict() for r in self.contents]})


def read(path: Path) -> Parcel:
    """Return the parcel in a file.

    Raises
    ------
    StoreError, RecordError, CanonError
        ``PARCEL_SIZE``, ``PARCEL_FORM``, or what is wrong inside.
    """
    if path.stat().st_size > MAX_BYTES:
        raise StoreError("PARCEL_SIZE", "文件太大，不是往来文件", hint="确认文件名", place=Place(file=path.name))
    value = canon.decode(path.read_bytes())
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or not isinstance(value.get("records"), list):
        hint = "只接收 sampler export、reveal、keys、attest 写出的文件"
        raise RecordError("PARCEL_FORM", "不是往来文件", hint=hint, place=Place(file=path.name))
    form = _Form.from_dict({k: v for k, v in value.items() if k != "records"})
    found = tuple(_record(v, f"$.records[{n}]") for n, v in enumerate(value["records"]))
    return Parcel(contents=found, signatures=form.signatures, checkpoint=form.checkpoint, secret=form.secret)


def _record(value: Any, path: str) -> Record:
    cls = TYPES.get(str(value.get("type"))) if isinstance(value, dict) else None
    if cls is None:
        raise RecordError("PARCEL_FORM", f"{path}: 往来文件不含这种记录", hint="请对方重新导出")
    return cls.from_dict(value, path)


def require(parcel: Parcel, record: Record, keys: dict[str, records.Key], role: str, owner: str) -> None:
    """Refuse a record that the key of `role` and `owner` did not sign.

    Raises
    ------
    RecordError
        ``PARCEL_SIGNATURE``.
    """
    mine = {k.key_id: k for k in keys.values() if (k.role, k.owner) == (role, owner)}
    good = any(
        s.key_id in mine and signing.valid(mine[s.key_id].public, s.type, s.rhash, s.sig) for s in parcel.signed(record)
    )
    if not good:
        hint = "文件可能被调换；请对方当面重新导出"
        raise RecordError("PARCEL_SIGNATURE", f"{record.TYPE} 没有 {owner} 的有效签名", hint=hint)
