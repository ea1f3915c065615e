"""The ceremony: parties promise and reveal, or hand their secret over; the sitting closes; the public value arrives."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import beacon, records
from sampler.commands.exchange import save
from sampler.commands.shell import Reply, command
from sampler.disclosure import AFTER
from sampler.io import ceremony, parties
from sampler.io import party as desk
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session
from sampler.io.world import TIME_FORM
from sampler.sources import parse_source
from sampler.tables import is_id


@command("reveal")
@click.argument("sitting")
@click.option("--party", required=True, metavar="参与方")
@click.option("--commit", is_flag=True, help="封存之前：生成秘密并只公布承诺值")
@click.option("--to", "holder", default="", metavar="保管人", help="不揭示，把秘密交另一参与方保管（检查后公开的抽查）")
def reveal(workspace: Path, sitting: str, party: str, commit: bool, holder: str) -> Reply:
    """参与方承诺（封存前，--commit）、揭示（封存后、截止前），或交保管（--to）。"""
    form = is_id(sitting) and sitting.strip(".")
    need(form, "SITTING_ID", "场次编号只能用字母、数字、点、横线", "例如 XJ-2026-12-S1")
    if desk.is_desk(workspace):
        return _at_the_desk(workspace, sitting, party, holder, commit=commit)
    session = open_session(workspace)
    known = [p.party for p in session.charter.parties]
    for who in (party, holder or party):
        need(who in known, "PARTY_UNKNOWN", f"章程里没有参与方 {who}", "可用: " + "、".join(known))
    with session.hold():
        if commit:
            return _promise(session, sitting, party)
        ceremony.refuse_turn(session, sitting, party, handing=bool(holder))
        return _hand(session, sitting, party, holder) if holder else _reveal(session, sitting, party)


def _at_the_desk(workspace: Path, sitting: str, party: str, holder: str, *, commit: bool) -> Reply:
    """Do a party's part at its own desk; what it gives is a file in ``out/``."""
    own = desk.open_desk(workspace)
    with own.workspace.lock():
        if commit:
            kind, parcel = "party-commitment", own.promise(sitting)
        elif party != own.party:
            kind, parcel = "kept", own.give(sitting, party)
        else:
            kind, parcel = ("handing", own.hand(sitting, holder)) if holder else ("reveal", own.reveal(sitting))
        path = save(workspace, f"{sitting}-{kind}-{party}", parcel)
    whom = holder if kind == "handing" else "机关"
    return Reply(data={"sitting_id": sitting, "party": party, "file": path}, text=f"已写出 {path}，交{whom} import")


def _promise(session: Session, sitting: str, party: str) -> Reply:
    w = session.workspace
    sealed = session.logged("commitment", sitting_id=sitting)
    need(not sealed, "SITTING_SEALED", "该场次已封存，不能再承诺", "换一个新的场次")
    record = parties.promise(w, session.world, sitting, party)
    w.write_final(f"sittings/{sitting}/party-commitment-{party}.json", record.encode())
    return Reply(data={"sitting_id": sitting, "party": party, "c": record.c}, text=f"{party} 已承诺: {record.c}")


def _reveal(session: Session, sitting: str, party: str) -> Reply:
    w = session.workspace
    total = sitting_record(session, sitting)
    r = parties.secret(w, session.world, sitting, party).hex()
    record = records.Reveal(sitting_id=sitting, party=party, sitting=total.sitting, r=r)
    w.write_final(f"sittings/{sitting}/reveal-{party}.json", record.encode())
    session.append(record, sitting_id=sitting)
    return Reply(data={"sitting_id": sitting, "party": party, "sitting": total.sitting}, text=f"{party} 已揭示")


def _hand(session: Session, sitting: str, party: str, holder: str) -> Reply:
    w = session.workspace
    total = sitting_record(session, sitting)
    r = parties.secret(w, session.world, sitting, party)
    record = parties.receipt(sitting, total, party, holder, r)
    parties.keep(w, session.world, sitting, party, r)
    w.write_final(f"sittings/{sitting}/custody-{party}.json", record.encode())
    session.append(record, sitting_id=sitting)
    text = f"{party} 的秘密已交 {holder} 保管，核对无误；检查结束后由 sampler open 公开"
    return Reply(data={"sitting_id": sitting, "party": party, "holder": holder}, text=text)


@command("close")
@click.argument("sitting")
def close(workspace: Path, sitting: str) -> Reply:
    """截止揭示：此后才可以出现公开数。"""
    session = open_session(workspace)
    with session.hold():
        need(session.logged("commitment", sitting_id=sitting), "NOT_SEALED", "该场次还没有封存", "先运行 sampler seal")
        closing = _closing(session, sitting)
        session.workspace.write_final(f"sittings/{sitting}/closing.json", closing.encode())
        session.append(closing, sitting_id=sitting)
    kept, absent = [k.party for k in closing.custody], list(closing.absent)
    parts = [f"已截止: {len(closing.revealed)} 方揭示"]
    parts += [f"保管 {'、'.join(kept)}"] if kept else []
    parts += [f"缺席 {'、'.join(absent)}"] if absent else []
    data = {"sitting_id": sitting, "revealed": sorted(closing.revealed), "absent": absent, "custody": kept}
    return Reply(data=data, text="，".join(parts))


def _closing(session: Session, sitting: str) -> records.Closing:
    total, last = sitting_record(session, sitting), ceremony.last(session, sitting)
    _refuse_known(session, sitting)
    _refuse_unlogged(session, total)
    revealed = {r.party: r.r for r in total.reveals if r.party != last}
    kept = ceremony.custody(session, sitting)
    given = [*revealed, *(c.party for c in kept), *([last] if last else [])]
    absent = tuple(p.party for p in session.charter.parties if p.party not in given)
    few = f"只有 {len(given)} 方揭示，少于 {session.charter.min_reveals}"
    need(len(given) >= session.charter.min_reveals, "REVEALS_FEW", few, "等待揭示；到期仍不足则作废")
    if absent:
        _refuse_absent(session, sitting, "、".join(absent))
    if ceremony.level(session, sitting) == AFTER:
        hint = "由一方运行 sampler reveal 场次 --party 该方 --to 保管人，再截止"
        need(kept, "CUSTODY_MISSING", "检查后公开的抽查，须有一方的秘密交另一方保管", hint)
    listed = tuple(records.Kept(party=c.party, holder=c.holder, rhash=c.rhash()) for c in kept)
    return records.Closing(sitting_id=sitting, sitting=total.sitting, revealed=revealed, absent=absent, custody=listed)


def _refuse_known(session: Session, sitting: str) -> None:
    """Refuse to close when the sealed round is public: who reveals now could know the result."""
    source = parse_source(ceremony.source(session, sitting))
    if source.kind == "drand":
        now, time = session.world.now().strftime(TIME_FORM), beacon.time_of(int(source.ids[1]))
        need(
            now < time,
            "CLOSED_LATE",
            f"信标第 {source.ids[1]} 轮已在 {time} 公开，截止太迟",
            "作废后另行封存更晚的轮次",
        )


def _refuse_unlogged(session: Session, total: records.Sitting) -> None:
    """Refuse to close on other reveals than the logged ones: a deleted file is no absence, a new one no reveal."""
    found = {r.rhash() for r in total.reveals}
    found |= {c.rhash() for c in ceremony.custody(session, total.sitting_id)}
    sitting = total.sitting_id
    logged = {e["rhash"] for t in ("reveal", "custody") for e in session.logged(t, sitting_id=sitting)}
    hint = "补上被删的文件；揭示中断的，该参与方再运行一次 sampler reveal"
    need(found == logged, "REVEALS_CHANGED", "揭示或保管文件与日志不符", hint)


def _refuse_absent(session: Session, sitting: str, absent: str) -> None:
    """Refuse to call a party absent before the sealed deadline, or where its secret is all the chance there is."""
    weak = ceremony.source(session, sitting) == "parties"
    need(not weak, "PARTY_ABSENT", f"没有公开数，{absent} 不可缺席", "等待揭示，或作废")
    deadline = max(s.reveal_deadline for s in ceremony.seals(session, sitting))
    now = session.world.now().strftime(TIME_FORM)
    need(now > deadline, "CLOSED_EARLY", f"揭示期限 {deadline} 未到，{absent} 不算缺席", "等待揭示或期满")
