"""keys: a party's own workspace, passphrases, and the replacement of keys that are old, lost or stolen."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import canon, records
from sampler.commands.exchange import save, take_change
from sampler.commands.shell import Reply, command
from sampler.errors import StepError
from sampler.io import keys as store
from sampler.io import parcels, party, witness
from sampler.io.session import Session, need, open_session, signature
from sampler.io.store import Workspace, write_file
from sampler.io.world import RealWorld
from sampler.tables import is_id


@click.group("keys")
def keys() -> None:
    """密钥：参与方自己的钥匙、口令、更换与停用。"""


@command("new", schema="keys")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--party", "owner", required=True, metavar="代码", help="参与方代码，与机关约定")
@click.option("--outside", is_flag=True, help="持有人在机关以外")
@click.option("--witness", "as_witness", is_flag=True, help="见证方：只签日志检查点，不持有秘密")
def new(workspace: Path, directory: Path, owner: str, outside: bool, as_witness: bool) -> Reply:
    """建立参与方或见证方自己的工作区（可在 U 盘上），生成钥匙；公钥文件交机关建章程。"""
    root = workspace / directory
    need(is_id(owner), "PARTY_FORM", "参与方代码只能用字母、数字、点、横线", "例如 --party notary")
    if (root / party.SETTINGS).exists() or (root / witness.SETTINGS).exists():
        raise StepError("WORKSPACE_EXISTS", "这里已经有钥匙", hint="换一个目录", found=str(directory))
    if as_witness:
        key = witness.make(root, owner, outside=outside)
    else:
        w = Workspace(root)
        key = store.make(w, RealWorld(), "party", owner, outside=outside)
        w.write_json(party.SETTINGS, {"schema": "sampler/party/v1", "party": owner})
    public = root / f"{owner}.public.json"
    write_file(public, canon.encode(key.to_dict()))
    text = [f"{owner} 的钥匙已生成，编号 {key.key_id}", f"把 {public} 交机关: sampler init 目录 --{key.role}-key 文件"]
    return Reply(data={"key_id": key.key_id, "public": str(public)}, text="\n".join(text))


@command("list", schema="keys")
def list_(workspace: Path) -> Reply:
    """列出章程和变更之后有效的钥匙，以及哪些私钥在这里。"""
    session = open_session(workspace)
    now = session.ring().at(len(session.index()))
    rows = [
        {
            "key_id": k.key_id, "role": k.role, "owner": k.owner, "outside": bool(k.outside),
            "held": store.held(session.workspace, k.role, k.owner),
        }
        for k in now.values()
    ]  # fmt: skip
    words = {True: "私钥在此", False: "私钥不在此"}
    text = "\n".join(f"{r['key_id']} {r['role']:<7} {r['owner']:<12} {words[bool(r['held'])]}" for r in rows)
    return Reply(data={"keys": rows}, text=text)


@command("passphrase", schema="keys")
def passphrase(workspace: Path) -> Reply:
    """给这里的全部私钥换口令（环境变量 SAMPLER_NEW_PASSPHRASE 给出新口令，不给则不加锁）。"""
    done = store.relock(Workspace(workspace), RealWorld())
    need(done, "KEY_MISSING", "这里没有私钥", "用 -C 指定工作区")
    return Reply(data={"files": done}, text=f"{len(done)} 把钥匙和秘密已按新口令写好")


@command("rotate", schema="keys")
@click.option("--role", type=click.Choice(["agency", "log", "party"]), default="party")
@click.option("--owner", default="", metavar="持有人", help="参与方代码；机关和日志的钥匙不写")
@click.option("--cause", required=True, help="理由，写入日志")
@click.option("--key", "file", type=click.Path(path_type=Path), default=None, help="新公钥文件（持有人自己生成时）")
def rotate(workspace: Path, role: str, owner: str, cause: str, file: Path | None) -> Reply:
    """更换钥匙：新旧钥匙都签名；旧钥匙丢失时，由其余各方全体签名。变更写入日志。"""
    if party.is_desk(workspace):
        raise StepError(
            "KEYS_OFFICE", "在参与方工作区用 keys new 生成新钥匙", hint="把新公钥文件交机关，由机关登记变更"
        )
    session = open_session(workspace)
    who = owner or session.charter.agency
    with session.hold():
        old = _current(session, role, who)
        new_key = _given(file, old) if file else _made(session, old)
        record = _change(session, old, cause, new_key)
        signatures = _signatures(session, record, old, fresh=file is None)
        try:
            taken = take_change(session, record, signatures)
        except StepError as e:
            if e.code != "KEY_CHANGE_SIGNERS":
                raise
            path = save(
                workspace, f"key-change-{record.number:04d}", parcels.Parcel(contents=(record,), signatures=signatures)
            )
            raise StepError(e.code, str(e), hint=f"已写出 {path}，请其余各方 keys sign 之后 import") from e
        if file is None and role != "log":
            store.adopt(session.workspace, role, who, record.number)
    return Reply(
        data={"old": old.key_id, "new": new_key.key_id, "number": record.number}, text=f"已更换: {taken['what']}"
    )


@command("revoke", schema="keys")
@click.argument("key_id")
@click.option("--cause", required=True, help="理由，写入日志")
def revoke(workspace: Path, key_id: str, cause: str) -> Reply:
    """停用一把钥匙，不换新的。"""
    session = open_session(workspace)
    with session.hold():
        old = session.ring().at(len(session.index())).get(key_id)
        if old is None:
            raise StepError("KEY_UNKNOWN", "没有这把有效的钥匙", hint="用 sampler keys list 核对编号", found=key_id)
        record = _change(session, old, cause, None)
        take_change(session, record, _signatures(session, record, old, fresh=False))
    return Reply(data={"old": key_id, "number": record.number}, text=f"已停用 {old.role} {old.owner} 的钥匙 {key_id}")


@command("sign", schema="keys")
@click.argument("file", type=click.Path(path_type=Path))
def sign(workspace: Path, file: Path) -> Reply:
    """参与方在密钥变更上加签（旧钥匙丢失时，其余各方都要签）。"""
    desk = party.open_desk(workspace)
    parcel = parcels.read(file)
    changes = parcel.of(records.KeyChange)
    need(changes, "PARCEL_FORM", "文件里没有密钥变更", "用 sampler keys rotate 写出的文件")
    added = tuple(desk.sign(c) for c in changes)
    kept = tuple(s for s in parcel.signatures if (s.rhash, s.key_id) not in {(a.rhash, a.key_id) for a in added})
    path = save(workspace, file.stem, parcels.Parcel(contents=parcel.contents, signatures=(*kept, *added)))
    return Reply(data={"file": path}, text=f"已加签: {path}")


def _current(session: Session, role: str, owner: str) -> records.Key:
    now = session.ring().at(len(session.index()))
    found = [k for k in now.values() if (k.role, k.owner) == (role, owner)]
    need(found, "KEY_UNKNOWN", f"没有 {role} {owner} 的有效钥匙", "用 sampler keys list 核对")
    return found[0]


def _made(session: Session, old: records.Key) -> records.Key:
    again = len(session.ring().changes) + 1
    return store.make(session.workspace, session.world, old.role, old.owner, outside=bool(old.outside), again=again)


def _given(file: Path, old: records.Key) -> records.Key:
    found = records.Key.from_dict(canon.decode(file.read_bytes()))
    same = (found.role, found.owner, found.outside) == (old.role, old.owner, old.outside)
    need(same, "KEY_OTHER", "新公钥的持有人或用途与旧钥匙不同", "请持有人用 keys new 重新生成")
    return found


def _change(session: Session, old: records.Key, cause: str, new_key: records.Key | None) -> records.KeyChange:
    number = len(session.ring().changes) + 1
    found = records.KeyChange(number=number, old=old.key_id, cause=cause, new=new_key)
    return records.KeyChange.from_dict(found.to_dict())


def _signatures(
    session: Session, record: records.KeyChange, old: records.Key, *, fresh: bool
) -> tuple[records.Signature, ...]:
    """Return what this workspace can sign: the new key, the old one, and all others whose private half is here."""
    out = [session.sign_as(record, old.role, old.owner, new=True)] if fresh else []
    for k in session.ring().at(len(session.index())).values():
        if k.role in ("agency", "party", old.role) and store.held(session.workspace, k.role, k.owner):
            found = signature(store.load(session.workspace, session.world, k.role, k.owner), record)
            out += [found] if found.key_id == k.key_id else []
    return tuple({s.key_id: s for s in out}.values())


for c in (new, list_, passphrase, rotate, revoke, sign):
    keys.add_command(c)
