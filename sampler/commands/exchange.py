"""export and import: how an office, its parties at their own desks, and an auditor exchange small signed files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sampler import records, signing
from sampler.commands.shell import Reply, command
from sampler.errors import RecordError
from sampler.io import bundle, ceremony, parcels, parties, party
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session
from sampler.io.store import write_file
from sampler.verify import keyring

if TYPE_CHECKING:
    from sampler.io.parcels import Parcel

OUT = "out"


def save(workspace: Path, name: str, parcel: Parcel) -> str:
    """Write a parcel into the workspace's ``out/`` and return its path; a secret in it is for the owner alone."""
    path = workspace / OUT / f"{name}.json"
    write_file(path, parcel.encode(), secret=parcel.secret is not None)
    return str(path)


@command("export")
@click.argument("sitting", required=False, default="")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="写到此文件，默认 out/ 之下")
def export(workspace: Path, sitting: str, out: Path | None) -> Reply:
    """写出给各参与方的文件：章程与密钥变更；给出场次时，加上它的封存和日志检查点。"""
    session = open_session(workspace)
    w = session.workspace
    found: list[Any] = [session.charter, *(c for _, c in session.ring().changes)]
    seals = ceremony.seals(session, sitting) if sitting else []
    need(seals or not sitting, "NOT_SEALED", f"{sitting} 还没有封存", "先运行 sampler seal；只给章程时不写场次")
    found += seals
    signatures = [s for r in found for s in w.read_json(f"signatures/{r.rhash()}.json")]
    parcel = parcels.Parcel(
        contents=tuple(found),
        signatures=tuple(records.Signature.from_dict(s) for s in signatures),
        checkpoint=w.read("log/checkpoint").decode(),
    )
    path = out or workspace / OUT / f"{sitting or 'charter'}.json"
    write_file(path, parcel.encode())
    return Reply(data={"file": str(path), "records": len(found)}, text=f"已写出 {path}，交各参与方 import")


@command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_(workspace: Path, files: tuple[Path, ...]) -> Reply:
    """接收往来文件：承诺、揭示、保管、核验意见、密钥变更（机关）；章程、封存、托管的秘密（参与方）。"""
    taken: list[dict[str, str]] = []
    for path in files:
        parcel = parcels.read(path)
        taken += _desk(workspace, parcel) if party.is_desk(workspace) else _office(workspace, parcel)
    text = "\n".join(f"已接收 {t['type']}: {t['what']}" for t in taken)
    return Reply(data={"taken": taken}, text=text)


def _took(type_: str, what: str) -> dict[str, str]:
    return {"type": type_, "what": what}


def _desk(workspace: Path, parcel: Parcel) -> list[dict[str, str]]:
    desk = party.open_desk(workspace)
    with desk.workspace.lock():
        if parcel.secret:
            made = desk.keep(parcel)
            path = save(workspace, f"{parcel.secret.sitting_id}-custody-{parcel.secret.party}", made)
            return [_took("custody", f"{parcel.secret.party} 的秘密，已核对；把 {path} 交机关")]
        return [_took("commitment", f"{s} 的封存") for s in desk.accept(parcel)] or [_took("charter", "章程")]


def _office(workspace: Path, parcel: Parcel) -> list[dict[str, str]]:
    session = open_session(workspace)
    out: list[dict[str, str]] = []
    with session.hold():
        need(
            not parcel.secret or parcel.secret.to == session.charter.agency, "PARCEL_FOR",
            f"这份秘密是交给 {parcel.secret.to if parcel.secret else ''} 的", "交给该方",
        )  # fmt: skip
        for record in parcel.contents:
            match record:
                case records.PartyCommitment():
                    out.append(_promise(session, parcel, record))
                case records.Reveal() | records.Custody():
                    out.append(_secret_record(session, parcel, record))
                case records.Attestation():
                    out.append(_attestation(session, parcel, record))
                case records.KeyChange():
                    out.append(take_change(session, record, parcel.signatures))
                case _:
                    raise RecordError("PARCEL_FORM", f"机关不接收 {record.TYPE}", hint="这份文件是给参与方的")
        if parcel.secret:
            out.append(_kept(session, parcel.secret))
    return out


def _now(session: Session) -> dict[str, records.Key]:
    return session.ring().at(len(session.index()))


def _promise(session: Session, parcel: Parcel, record: records.PartyCommitment) -> dict[str, str]:
    parcels.require(parcel, record, _now(session), "party", record.party)
    sealed = session.logged("commitment", sitting_id=record.sitting_id)
    need(not sealed, "SITTING_SEALED", "该场次已封存，不能再承诺", "换一个新的场次")
    w = session.workspace
    w.write_final(f"sittings/{record.sitting_id}/party-commitment-{record.party}.json", record.encode())
    w.write_json(f"signatures/{record.rhash()}.json", [s.to_dict() for s in parcel.signed(record)])
    return _took(record.TYPE, f"{record.party} 在 {record.sitting_id} 的承诺")


def _secret_record(session: Session, parcel: Parcel, record: records.Reveal | records.Custody) -> dict[str, str]:
    signers = (record.party, record.holder) if isinstance(record, records.Custody) else (record.party,)
    for signer in signers:
        parcels.require(parcel, record, _now(session), "party", signer)
    sitting = record.sitting_id
    total = sitting_record(session, sitting)
    need(record.sitting == total.sitting, "OTHER_SITTING", "对方看到的封存与这里的不同", "重新 export 给对方，查明原因")
    promised = {p.party: p.c for p in total.party_commitments}
    given = record.c if isinstance(record, records.Custody) else _c(record)
    need(promised.get(record.party) == given, "SECRET_OTHER", f"不是 {record.party} 承诺的秘密", "请对方核对场次")
    ceremony.refuse_turn(session, sitting, record.party, handing=isinstance(record, records.Custody))
    session.workspace.write_final(f"sittings/{sitting}/{record.TYPE}-{record.party}.json", record.encode())
    session.append(record, sitting_id=sitting, signed=parcel.signed(record))
    return _took(record.TYPE, f"{record.party} 在 {sitting}")


def _c(record: records.Reveal) -> str:
    from sampler.ticket import party_commitment

    return party_commitment(record.sitting_id, record.party, bytes.fromhex(record.r)).hex()


def _kept(session: Session, secret: parcels.Secret) -> dict[str, str]:
    """Take a kept secret from its holder: the draw needs it, and it stays unpublished until the opening."""
    sitting = secret.sitting_id
    held = {c.party: c.holder for c in ceremony.custody(session, sitting)}
    need(secret.party in held, "CUSTODY_UNKNOWN", f"{secret.party} 没有登记的保管", "先接收保管人的收据")
    closed = session.logged("public-value", sitting_id=sitting)
    need(closed, "NO_VALUE", "还没有公开数，秘密应留在保管人手里", "先运行 sampler close、seed")
    r = bytes.fromhex(secret.r)
    parties.receipt(sitting, sitting_record(session, sitting), secret.party, held[secret.party], r)
    parties.keep(session.workspace, session.world, sitting, secret.party, r)
    return _took("secret", f"{secret.party} 交保管的秘密，供摇号使用，公开之前不外传")


def _attestation(session: Session, parcel: Parcel, record: records.Attestation) -> dict[str, str]:
    public = bytes.fromhex(record.public)
    key_id = records.key_id(public)
    good = any(
        s.key_id == key_id and signing.valid(record.public, s.type, s.rhash, s.sig) for s in parcel.signed(record)
    )
    need(good, "PARCEL_SIGNATURE", "核验意见没有有效签名", "请核验人重新导出")
    w, base = session.workspace, f"draws/{record.draw_id}"
    drawn = [e["rhash"] for e in session.logged("draw", draw_id=record.draw_id)]
    need(record.draw in drawn, "OTHER_DRAW", "核验意见说的不是这里的抽取", "核对任务编号")
    w.write_final(f"{base}/attestation-{key_id}.json", record.encode())
    w.write_json(f"signatures/{record.rhash()}.json", [s.to_dict() for s in parcel.signed(record)])
    bundle.write(session, record.draw_id)
    return _took(record.TYPE, f"{record.auditor} 对 {record.draw_id} 的核验意见")


def take_change(
    session: Session, record: records.KeyChange, signatures: tuple[records.Signature, ...]
) -> dict[str, str]:
    """Log a key change whose signatures suffice.

    Raises
    ------
    StepError
        ``KEY_CHANGE_NUMBER``, ``KEY_UNKNOWN``, ``KEY_USED``, ``KEY_CHANGE_SIGNERS``.
    """
    ring, number = session.ring(), len(session.ring().changes) + 1
    need(record.number == number, "KEY_CHANGE_NUMBER", f"下一份密钥变更应是第 {number} 份", "重新运行 sampler keys")
    old = ring.ever().get(record.old)
    if old is None:
        raise RecordError("KEY_UNKNOWN", "被更换的密钥不认识", hint="用 sampler keys list 核对编号", found=record.old)
    used = record.new is not None and record.new.key_id in ring.ever()
    need(not used, "KEY_USED", "新钥匙以前用过，不能再用", "请持有人用 keys new 重新生成")
    by = keyring.valid_signers(record, signatures, ring)
    enough = keyring.lawful(record, old, ring.at(len(session.index())), by)
    hint = "须有新钥匙的签名，以及旧钥匙的、或其余各方全体的签名；见 docs/guide/keys.md"
    need(enough, "KEY_CHANGE_SIGNERS", "签名不够，不能变更密钥", hint)
    w = session.workspace
    w.write(f"keys/{number:04d}.json", record.encode())  # not logged yet: what lies there was cut off
    mine = tuple(
        sorted((s for s in signatures if s.rhash == record.rhash() and s.key_id in by), key=lambda s: s.key_id)
    )
    session.append(record, signed=mine)
    return _took(record.TYPE, f"第 {number} 份，{old.role} {old.owner}")
