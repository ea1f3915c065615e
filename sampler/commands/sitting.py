"""The ceremony: parties promise and reveal, the sitting closes, the public value arrives."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import records, sources, ticket
from sampler.commands.shell import Reply, command
from sampler.io import sealed
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session, plain_hash
from sampler.io.world import TIME_FORM
from sampler.tables import is_id


@command("reveal")
@click.argument("sitting")
@click.option("--party", required=True, metavar="参与方")
@click.option("--commit", is_flag=True, help="封存之前：生成秘密并只公布承诺值")
def reveal(workspace: Path, sitting: str, party: str, commit: bool) -> Reply:  # a click flag
    """参与方承诺（封存前，--commit）或揭示（封存后、截止前）。"""
    session = open_session(workspace)
    need(
        is_id(sitting) and sitting.strip("."), "SITTING_ID", "场次编号只能用字母、数字、点、横线", "例如 XJ-2026-12-S1"
    )
    known = [p.party for p in session.charter.parties]
    need(party in known, "PARTY_UNKNOWN", f"章程里没有参与方 {party}", "可用: " + "、".join(known))
    with session.workspace.lock():
        return _promise(session, sitting, party) if commit else _reveal(session, sitting, party)


def _secret_name(sitting: str, party: str) -> str:
    return f"private/parties/{sitting}/{party}.secret"


def _promise(session: Session, sitting: str, party: str) -> Reply:
    w = session.workspace
    need(
        not session.logged("commitment", sitting_id=sitting),
        "SITTING_SEALED",
        "该场次已封存，不能再承诺",
        "换一个新的场次",
    )
    name = _secret_name(sitting, party)
    if not w.exists(name):
        w.write_final(name, session.world.entropy(32, f"party/{sitting}/{party}").hex().encode())
    r = bytes.fromhex(w.read(name).decode())
    record = records.PartyCommitment(
        sitting_id=sitting, party=party, c=ticket.party_commitment(sitting, party, r).hex()
    )
    w.write_final(f"sittings/{sitting}/party-commitment-{party}.json", record.encode())
    return Reply(data={"sitting_id": sitting, "party": party, "c": record.c}, text=f"{party} 已承诺: {record.c}")


def _reveal(session: Session, sitting: str, party: str) -> Reply:
    w = session.workspace
    need(
        session.logged("commitment", sitting_id=sitting),
        "NOT_SEALED",
        "该场次还没有封存，不能揭示",
        "先运行 sampler seal",
    )
    need(
        not session.logged("closing", sitting_id=sitting),
        "SITTING_CLOSED",
        "该场次已截止，不再接受揭示",
        "按 ABSENT 处理",
    )
    name = _secret_name(sitting, party)
    need(w.exists(name), "SECRET_MISSING", f"这里没有 {party} 的秘密", "请该参与方在自己的工作区揭示")
    total = sitting_record(session, sitting)
    record = records.Reveal(sitting_id=sitting, party=party, sitting=total.sitting, r=w.read(name).decode())
    w.write_final(f"sittings/{sitting}/reveal-{party}.json", record.encode())
    session.append(record, sitting_id=sitting)
    return Reply(data={"sitting_id": sitting, "party": party, "sitting": total.sitting}, text=f"{party} 已揭示")


@command("close")
@click.argument("sitting")
def close(workspace: Path, sitting: str) -> Reply:
    """截止揭示：此后才可以出现公开数。"""
    session = open_session(workspace)
    with session.workspace.lock():
        need(session.logged("commitment", sitting_id=sitting), "NOT_SEALED", "该场次还没有封存", "先运行 sampler seal")
        total = sitting_record(session, sitting)
        _refuse_unlogged(session, total)
        revealed = {r.party: r.r for r in total.reveals}
        absent = tuple(p.party for p in session.charter.parties if p.party not in revealed)
        need(
            len(revealed) >= session.charter.min_reveals,
            "REVEALS_FEW",
            f"只有 {len(revealed)} 方揭示，少于 {session.charter.min_reveals}",
            "等待揭示；到期仍不足则作废",
        )
        if absent:
            _refuse_absent(session, sitting, "、".join(absent))
        closing = records.Closing(
            sitting_id=sitting, sitting=total.sitting, revealed=revealed, absent=absent, custody=()
        )
        session.workspace.write_final(f"sittings/{sitting}/closing.json", closing.encode())
        session.append(closing, sitting_id=sitting)
    text = f"已截止: {len(revealed)} 方揭示" + (f"，缺席 {'、'.join(absent)}" if absent else "")
    return Reply(data={"sitting_id": sitting, "revealed": sorted(revealed), "absent": list(absent)}, text=text)


def _refuse_unlogged(session: Session, total: records.Sitting) -> None:
    """Refuse to close on other reveals than the logged ones: a deleted file is no absence, a new one no reveal."""
    found = {r.rhash() for r in total.reveals}
    logged = {e["rhash"] for e in session.logged("reveal", sitting_id=total.sitting_id)}
    hint = "补上被删的文件；揭示中断的，该参与方再运行一次 sampler reveal"
    need(found == logged, "REVEALS_CHANGED", "揭示文件与日志不符", hint)


def _refuse_absent(session: Session, sitting: str, absent: str) -> None:
    """Refuse to call a party absent before the sealed deadline, or where its secret is all the chance there is."""
    need(_source(session, sitting) != "parties", "PARTY_ABSENT", f"没有公开数，{absent} 不可缺席", "等待揭示，或作废")
    deadline = max(s.reveal_deadline for s in _seals(session, sitting))
    now = session.world.now().strftime(TIME_FORM)
    need(now > deadline, "CLOSED_EARLY", f"揭示期限 {deadline} 未到，{absent} 不算缺席", "等待揭示或期满")


@command("seed")
@click.argument("sitting")
@click.option("--value", default=None, help="开奖号码或现场数字，原样")
@click.option("--file", "file", type=click.Path(path_type=Path), default=None, help="从文件读取号码")
@click.option("--evidence", multiple=True, type=click.Path(path_type=Path), help="报纸扫描件、公告等，只作证据")
def seed(workspace: Path, sitting: str, value: str | None, file: Path | None, evidence: tuple[Path, ...]) -> Reply:
    """记录封存时指定来源的公开数。"""
    session = open_session(workspace)
    with session.workspace.lock():
        need(session.logged("closing", sitting_id=sitting), "NOT_CLOSED", "该场次还没有截止", "先运行 sampler close")
        source = _source(session, sitting)
        need(not (value is not None and file), "VALUE_TWICE", "--value 与 --file 只写一个", "去掉一个")
        text = file.read_text(encoding="utf-8").strip() if file else (value or "")
        sources.check_value(source, text)
        kept = _evidence(evidence)
        found = tuple(records.Evidence(file=f"evidence/{n}", sha256=plain_hash(d)) for n, d in kept.items())
        total = sitting_record(session, sitting)
        record = records.PublicValue(
            sitting_id=sitting, sitting=total.sitting, source=source, value=text, evidence=found
        )
        record = records.PublicValue.from_dict(record.to_dict())
        session.workspace.write_final(f"sittings/{sitting}/public-value.json", record.encode())
        for name, data in kept.items():
            session.workspace.write_final(f"sittings/{sitting}/evidence/{name}", data)
        session.append(record, sitting_id=sitting)
    weak = "（弱：最后揭示者可以中止）" if source == "parties" else ""
    return Reply(
        data={"sitting_id": sitting, "source": source, "value": text}, text=f"公开数已记录: {source} = {text}{weak}"
    )


def _seals(session: Session, sitting: str) -> list[records.Commitment]:
    draws = [e["draw_id"] for e in session.logged("commitment", sitting_id=sitting)]
    return [sealed.logged(session, records.Commitment, f"draws/{d}/commitment.json", draw_id=d) for d in draws]


def _source(session: Session, sitting: str) -> str:
    found = {s.source for s in _seals(session, sitting)}
    need(len(found) == 1, "SOURCE_MIXED", "同一场次的任务须封存同一个来源", "分成两个场次")
    return found.pop()


def _evidence(paths: tuple[Path, ...]) -> dict[str, bytes]:
    """Return the evidence by name; nothing is written before the record that lists it."""
    found: dict[str, bytes] = {}
    for p in sorted(paths, key=lambda p: p.name.encode()):
        form = is_id(p.name) and not p.name.startswith(".") and p.name not in found
        need(form, "EVIDENCE_NAME", "证据文件名只能用字母、数字、点、横线，不以点开头，不重名", "改名后再试")
        found[p.name] = p.read_bytes()
    return found
