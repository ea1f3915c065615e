"""seal: register, freeze and promise. After this nothing that decides the draw can change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from sampler import SPEC, beacon, canon, records
from sampler.commands import likely
from sampler.commands.shell import Reply, command
from sampler.disclosure import AFTER
from sampler.draw import Sealed, commit
from sampler.errors import Problem, StepError
from sampler.io import earlier, plans
from sampler.io import sealed as sealed_files
from sampler.io.approval import HINT, refuse_few
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session
from sampler.io.world import TIME_FORM
from sampler.plan import Plan
from sampler.redraw import differs
from sampler.sources import parse_source
from sampler.tables import decode

SECRET_BYTES = 32


@command("seal")
@click.argument("plan", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--sitting", required=True, metavar="场次", help="场次编号；各方先用 reveal --commit 承诺")
def seal(workspace: Path, plan: tuple[Path, ...], sitting: str) -> Reply:
    """封存：登记任务，冻结名单、概率、人员与规则，写入日志。此后才允许出现随机数。"""
    session = open_session(workspace)
    with session.hold():
        promised = _promised(session, sitting)
        need(not session.logged("closing", sitting_id=sitting), "SITTING_CLOSED", "该场次已截止", "换一个新的场次编号")
        need(
            not session.logged("reveal", sitting_id=sitting), "SITTING_REVEALED", "该场次已有揭示", "换一个新的场次编号"
        )
        loaded = [plans.load(p, partial(earlier.draws, session)) for p in plan]
        _refuse_alike(session, loaded)
        _refuse_late(session, sitting, loaded)
        opened: list[Opened] = []
        for p in loaded:
            opened.append(_open(session, sitting, p, [o.registration.draw_id for o in opened]))
        for o in opened:
            session.append(o.registration, draw_id=o.registration.draw_id)
        for record in promised:
            session.append(record, sitting_id=sitting)
        promises = tuple(records.Promise(party=r.party, c=r.c) for r in promised)
        chains = _chains(session, sitting, promised, [o.registration.draw_id for o in opened])
        sealed = [_promise(session, sitting, o, promises, chains[o.registration.draw_id]) for o in opened]
    total = sitting_record(session, sitting)
    warnings = [w for o in opened for w in (*o.file.warnings, *o.warnings)]
    text = [f"已封存 {len(sealed)} 个任务，场次 {sitting}"]
    text += [
        f"  {d['draw_id']}: 名录 {d['registry']} = 可抽 {d['frame']} + 剔除 {sum(d['excluded'].values())}，抽 {d['n']}"
        for d in sealed
    ]
    code = seal_code(total.sitting)
    text.append(f"封存码（印在审批表上，由负责人签字）: {code}")
    if loaded[0].plan.disclosure == AFTER:
        text.append(f"检查后公开: 截止前由一方把秘密交另一方保管: sampler reveal {sitting} --party 该方 --to 保管人")
    return Reply(
        data={"sitting_id": sitting, "sitting": total.sitting, "seal_code": code, "draws": sealed},
        text="\n".join(text),
        warnings=warnings,
    )


def seal_code(sitting: str) -> str:
    """Return the first 40 hex digits of the sitting hash in groups of four."""
    return " ".join(re.findall("....", sitting[:40]))


def _refuse_alike(session: Session, loaded: list[plans.PlanFile]) -> None:
    """Refuse one task twice, several sources in a sitting, and a deadline that has passed."""
    tasks = {(p.plan.plan_id, p.plan.period, p.plan.scope) for p in loaded}
    need(len(tasks) == len(loaded), "DRAW_TWICE", "同一计划、月份、范围写了两次", "每个任务只封存一次")
    same = len({(p.source, p.reveal_deadline) for p in loaded}) == 1
    need(same, "SOURCE_MIXED", "同一场次的任务须封存同一个来源和揭示期限", "分成两个场次")
    one = len({p.plan.disclosure for p in loaded}) == 1
    need(one, "SITTING_LEVELS", "同一场次的任务须有同一个公开级别，否则一个会泄露另一个", "分成两个场次")
    _last(session, loaded[0].source)
    _refuse_known(loaded[0])
    now = session.world.now().strftime(TIME_FORM)
    need(now < loaded[0].reveal_deadline, "DEADLINE_PAST", f"揭示期限 {loaded[0].reveal_deadline} 已过", "改正期限")


def _refuse_known(p: plans.PlanFile) -> None:
    """Refuse a beacon's round that is public before the reveals are closed, or that nobody here could check."""
    source = parse_source(p.source)
    if source.kind == "drand":
        hint = "安装 beacon 扩展，或改用彩票、现场摇号"
        need(beacon.available(), "BEACON_EXTRA", "没有安装 beacon 扩展，到时不能核对信标签名", hint)
        time = beacon.time_of(int(source.ids[1]))
        message = f"信标第 {source.ids[1]} 轮在 {time} 公开，不晚于揭示期限 {p.reveal_deadline}"
        need(p.reveal_deadline < time, "BEACON_KNOWN", message, "改用更晚的轮次")


def _refuse_late(session: Session, sitting: str, loaded: list[plans.PlanFile]) -> None:
    """Refuse more draws once the sitting's promises are logged: only a seal that was cut off may go on."""
    if session.logged("party-commitment", sitting_id=sitting):
        fresh = [p for p in loaded if not _unfinished(session, sitting, p)]
        need(not fresh, "SITTING_SEALED", "该场次已经封存，封存码不能再变", "换一个新的场次编号")


def _promised(session: Session, sitting: str) -> list[records.PartyCommitment]:
    """Return every party's promise for the sitting; one missing stops the seal."""
    w = session.workspace
    out = []
    for p in session.charter.parties:
        name = f"sittings/{sitting}/party-commitment-{p.party}.json"
        hint = f"先运行 sampler reveal {sitting} --party {p.party} --commit"
        need(w.exists(name), "PARTY_MISSING", f"{p.party} 还没有承诺", hint)
        out.append(w.record(records.PartyCommitment, name))
    return out


@dataclass(frozen=True, slots=True)
class Opened:
    """A draw with everything frozen, not yet promised."""

    file: plans.PlanFile
    sealed: Sealed
    registration: records.Registration
    warnings: list[Problem]
    commitment: records.Commitment | None = None
    """Logged already, by a seal that was cut off behind it."""


def _open(session: Session, sitting: str, p: plans.PlanFile, opened: list[str]) -> Opened:
    """Freeze one draw and write its files; nothing is logged yet, so a refusal leaves no trace in the log."""
    need(p.plan.agency == session.charter.agency, "PLAN_AGENCY", "计划的机关与章程不同", "改正 agency")
    kind = p.source.split(":")[0]
    permitted = session.charter.sources
    need(kind in permitted, "SOURCE_POLICY", f"章程不允许来源 {kind}", "改用 " + "、".join(permitted))
    refuse_few(session.charter, p.approval, f"计划的 [approval] 写成 {HINT}")
    draw_id = _unfinished(session, sitting, p) or _next_id(session, p.plan.period[:4], opened)
    secret = _secret(session, draw_id)
    sealed = commit(p.plan, p.sources, secret, draw_id)
    warnings = _gate(p.plan, sealed.files)
    plan = p.plan
    redraw = _redraw(session, p, {**sealed.files, "plan.json": plan.encode()})
    registration = records.Registration.from_dict(
        {
            "type": "registration", "draw_id": draw_id, "plan": plan.rhash(), "plan_id": plan.plan_id,
            "scope": plan.scope, "period": plan.period, "deadline": p.draw_deadline,
            **({"redraw": redraw.to_dict()} if redraw else {}),
        }
    )  # fmt: skip
    w = session.workspace
    if session.logged("commitment", draw_id=draw_id):
        return _again(session, Opened(p, sealed, registration, warnings))
    for name, data in p.private.items():
        w.write(f"private/names/{draw_id}-{name}.tsv", data)
    if session.logged("registration", draw_id=draw_id):
        w.write_final(f"draws/{draw_id}/registration.json", registration.encode())
    files = {**sealed.files, "plan.json": plan.encode(), "registration.json": registration.encode()}
    for name, data in files.items():
        w.write(f"draws/{draw_id}/{name}", data)
    return Opened(p, sealed, registration, warnings)


def _again(session: Session, o: Opened) -> Opened:
    """Return a draw that is sealed already, refused unless the input still gives that very seal."""
    draw_id = o.registration.draw_id
    there, new = sealed_files.commitment(session, draw_id), o.sealed
    same = (there.frame, there.excluded, there.registry, there.tables, there.roster, there.recusals, there.registration) == (
        new.frame, new.excluded, new.registry, new.tables, new.roster, new.recusals, o.registration.rhash()
    )  # fmt: skip
    hint = "一次封存只有一个结果；重抽须先作废并说明理由"
    need(same, "DRAW_OPEN", f"任务 {draw_id} 已经封存，现在的名录、人员或计划与封存的不同", hint)
    return replace(o, commitment=there)


def _gate(plan: Plan, files: Mapping[str, bytes]) -> list[Problem]:
    """Refuse a plan under which an officer is surely likelier than q_max to meet an object; return what is unclear."""
    t = {n: decode(files[n], c, file=n) for n, c in records.TABLE_COLUMNS.items() if n in files}
    found = likely.pairs(likely.dry_runs(likely.staff(plan, t), plan.dry_runs), plan.q_max)
    for p in likely.too_likely(found):
        raise StepError(p.code, p.message, hint=f"{p.hint}；sampler plan 列出全部", found=len(found["above"]))
    return likely.unclear(found)


def _chains(
    session: Session, sitting: str, promised: list[records.PartyCommitment], opened: list[str]
) -> dict[str, records.Anchor]:
    """Return the amendment chain of each draw: of the first party outside the agency, else of the last party."""
    draws = {*opened, *(str(e["draw_id"]) for e in session.logged("commitment", sitting_id=sitting))}
    outside = {k.owner for k in session.ring().ever().values() if k.role == "party" and k.outside}
    keeper = next((p for p in promised if p.party in outside), promised[-1])
    ends = keeper.anchors or ()
    need(len(draws) <= len(ends), "CHAINS_FEW", f"{keeper.party} 只承诺了 {len(ends)} 条变更链", "分成几个场次")
    ordered = sorted(draws, key=str.encode)
    return {d: records.Anchor(party=keeper.party, end=ends[ordered.index(d)]) for d in draws}


def _last(session: Session, source: str) -> str | None:
    """Return who reveals after the digits of a ceremony: the first party outside the agency."""
    if not source.startswith("ceremony:"):
        return None
    outside = sorted({k.owner for k in session.ring().ever().values() if k.role == "party" and k.outside})
    need(
        outside,
        "CEREMONY_OUTSIDER",
        "现场摇号须有机关以外的参与方最后揭示",
        "改用彩票等来源，或请机关以外的一方加入章程",
    )
    return outside[0]


def _promise(
    session: Session, sitting: str, o: Opened, promises: tuple[records.Promise, ...], anchor: records.Anchor
) -> dict[str, Any]:
    """Seal one opened draw: from here on its files are final."""
    commitment = o.commitment or _commitment(session, sitting, o, promises, anchor)
    hint = "作废这个任务，另行登记"
    need(commitment.anchor == anchor, "SEAL_ORDER", "同场次编号较大的任务已先封存，变更链的次序不能再变", hint)
    draw_id = commitment.draw_id
    session.workspace.write_final(f"draws/{draw_id}/commitment.json", commitment.encode())
    session.append(commitment, sitting_id=sitting, draw_id=draw_id)
    sizes = _column(o.sealed.files["strata.tsv"], "n")
    return {
        "draw_id": draw_id, "registry": o.sealed.registry, "frame": o.sealed.frame.count,
        "excluded": o.sealed.excluded.counts, "n": sum(map(int, sizes)), "commitment": commitment.rhash(),
    }  # fmt: skip


def _column(data: bytes, name: str) -> list[str]:
    header, *rows = data.decode().splitlines()
    i = header.split("\t").index(name)
    return [r.split("\t")[i] for r in rows]


def _commitment(
    session: Session, sitting: str, o: Opened, promises: tuple[records.Promise, ...], anchor: records.Anchor
) -> records.Commitment:
    previous = session.logged("commitment")
    p, sealed, registration = o.file, o.sealed, o.registration
    found = records.Commitment(
        draw_id=registration.draw_id, sitting_id=sitting, registration=registration.rhash(), plan=p.plan.rhash(),
        approval=p.approval, frame=sealed.frame, excluded=sealed.excluded, registry=sealed.registry,
        tables=sealed.tables, roster=sealed.roster, recusals=sealed.recusals, spec=canon.H("spec", SPEC).hex(),
        parties=promises, source=p.source, reveal_deadline=p.reveal_deadline,
        previous=previous[-1]["rhash"] if previous else canon.ZERO_HASH.hex(), model=p.model or None,
        training=p.training or None, anchor=anchor, last=_last(session, p.source),
    )  # fmt: skip
    return records.Commitment.from_dict(found.to_dict())


def _registration(session: Session, draw_id: str) -> records.Registration:
    found: records.Registration = sealed_files.logged(
        session, records.Registration, f"draws/{draw_id}/registration.json", draw_id=draw_id
    )
    return found


def _same_task(session: Session, p: plans.PlanFile) -> list[records.Registration]:
    """Return every registration of the same plan, period and scope, in log order."""
    task = (p.plan.plan_id, p.plan.period, p.plan.scope)
    found = [_registration(session, str(e["draw_id"])) for e in session.logged("registration")]
    return [r for r in found if (r.plan_id, r.period, r.scope) == task]


def _earlier(session: Session, p: plans.PlanFile) -> records.Registration | None:
    mine = _same_task(session, p)
    return mine[-1] if mine else None


def _ended(session: Session, draw_id: str, *types: str) -> bool:
    return any(session.logged(t, draw_id=draw_id) for t in types)


def _refuse_open(session: Session, sitting: str, p: plans.PlanFile) -> None:
    earlier = _earlier(session, p)
    if earlier is None or _ended(session, earlier.draw_id, "void"):
        return
    sealed = session.logged("commitment", draw_id=earlier.draw_id)
    elsewhere = any(e["sitting_id"] != sitting for e in sealed)
    if earlier.plan != p.plan.rhash() or elsewhere or _ended(session, earlier.draw_id, "draw"):
        done = _ended(session, earlier.draw_id, "draw")
        raise StepError(
            "DRAW_EXISTS" if done else "DRAW_OPEN", f"同一计划、月份、范围已有任务 {earlier.draw_id}",
            hint="一次封存只有一个结果；重抽须先作废并说明理由", found=earlier.draw_id,
        )  # fmt: skip


def _redraw(session: Session, p: plans.PlanFile, files: Mapping[str, bytes]) -> records.Redraw | None:
    """Return what this draw replaces and how its sealed files differ, when the task was voided before."""
    voided = [r for r in _same_task(session, p) if _ended(session, r.draw_id, "void")]
    if not voided:
        return None
    old = voided[-1]
    w, base = session.workspace, f"draws/{old.draw_id}"
    void: records.Void = sealed_files.logged(session, records.Void, f"{base}/void.json", draw_id=old.draw_id)
    before = {n.removeprefix(f"{base}/"): w.read(n) for n in w.names(base)} if void.commitment else files
    return records.Redraw(draw_id=old.draw_id, void=void.rhash(), differs=differs(before, files))


def _unfinished(session: Session, sitting: str, p: plans.PlanFile) -> str:
    """Return the draw_id of a registration of this very plan whose seal was cut off, before or behind it, so that it can go on."""
    _refuse_open(session, sitting, p)
    found = _earlier(session, p)
    open_ = found is not None and not _ended(session, found.draw_id, "void")
    return found.draw_id if found and open_ else ""


def _secret(session: Session, draw_id: str) -> bytes:
    """Return the draw's secret, fresh unless a cut-off seal left one."""
    w, name = session.workspace, f"private/secrets/{draw_id}.key"
    if not w.exists(name):
        w.write(name, session.world.entropy(SECRET_BYTES, f"secret/{draw_id}").hex().encode())
    return bytes.fromhex(w.read(name).decode())


def _next_id(session: Session, year: str, opened: list[str]) -> str:
    """Return the year's next id, after those logged and those this seal has `opened` already."""
    stem = f"{session.charter.agency}-{year}-"
    logged = {e["draw_id"] for e in session.logged("registration")}
    taken = [d for d in logged | set(opened) if d.startswith(stem)]
    return f"{stem}{len(taken) + 1:04d}"
