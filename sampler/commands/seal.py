"""seal: register, freeze and promise. After this nothing that decides the draw can change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from sampler import SPEC, canon, records
from sampler.commands.shell import Reply, command
from sampler.draw import Sealed, commit
from sampler.errors import StepError
from sampler.io import plans
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session
from sampler.tables import encode

SECRET_BYTES = 32


@command("seal")
@click.argument("plan", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--sitting", required=True, metavar="场次", help="场次编号；各方先用 reveal --commit 承诺")
def seal(workspace: Path, plan: tuple[Path, ...], sitting: str) -> Reply:
    """封存：登记任务，冻结名单、概率、人员与规则，写入日志。此后才允许出现随机数。"""
    session = open_session(workspace)
    with session.workspace.lock():
        promises = _promises(session, sitting)
        need(not session.logged("closing", sitting_id=sitting), "SITTING_CLOSED", "该场次已截止", "换一个新的场次编号")
        need(
            not session.logged("reveal", sitting_id=sitting), "SITTING_REVEALED", "该场次已有揭示", "换一个新的场次编号"
        )
        loaded = [plans.load(p) for p in plan]
        _refuse_shared(session, sitting, loaded)
        sealed = [_seal_one(session, sitting, p, promises) for p in loaded]
    total = sitting_record(session, sitting)
    warnings = [w for p in loaded for w in p.warnings]
    text = [f"已封存 {len(sealed)} 个任务，场次 {sitting}"]
    text += [
        f"  {d['draw_id']}: 名录 {d['registry']} = 可抽 {d['frame']} + 剔除 {sum(d['excluded'].values())}，抽 {d['n']}"
        for d in sealed
    ]
    code = seal_code(total.sitting)
    text.append(f"封存码（印在审批表上，由负责人签字）: {code}")
    return Reply(
        data={"sitting_id": sitting, "sitting": total.sitting, "seal_code": code, "draws": sealed},
        text="\n".join(text),
        warnings=warnings,
    )


def seal_code(sitting: str) -> str:
    """Return the first 40 hex digits of the sitting hash in groups of four."""
    return " ".join(re.findall("....", sitting[:40]))


def _refuse_shared(session: Session, sitting: str, loaded: list[plans.PlanFile]) -> None:
    """Refuse two draws of a sitting with an officer in common: their loads could not be checked apart."""
    seen: set[str] = set()
    for e in session.logged("commitment", sitting_id=sitting):
        seen |= set(_column(session.workspace.read(f"draws/{e['draw_id']}/roster.tsv"), "inspector_id"))
    for p in loaded:
        mine = set(p.sources.roster["inspector_id"])
        need(not seen & mine, "SITTING_SHARED_ROSTER", "同一场次的两个任务不能共用执法人员", "分成两个场次")
        seen |= mine


def _promises(session: Session, sitting: str) -> tuple[records.Promise, ...]:
    w = session.workspace
    out = []
    for p in session.charter.parties:
        name = f"sittings/{sitting}/party-commitment-{p.party}.json"
        need(
            w.exists(name),
            "PARTY_MISSING",
            f"{p.party} 还没有承诺",
            f"先运行 sampler reveal {sitting} --party {p.party} --commit",
        )
        record: records.PartyCommitment = w.record(records.PartyCommitment, name)
        session.append(record, sitting_id=sitting)
        out.append(records.Promise(party=p.party, c=record.c))
    return tuple(out)


def _seal_one(
    session: Session, sitting: str, p: plans.PlanFile, promises: tuple[records.Promise, ...]
) -> dict[str, Any]:
    need(p.plan.agency == session.charter.agency, "PLAN_AGENCY", "计划的机关与章程不同", "改正 agency")
    _refuse_open(session, p)
    draw_id = _next_id(session, p.plan.period[:4])
    secret = session.world.entropy(SECRET_BYTES, f"secret/{draw_id}")
    sealed = commit(p.plan, p.sources, secret, draw_id)
    w = session.workspace
    registration = records.Registration(
        draw_id=draw_id, plan=p.plan.rhash(), plan_id=p.plan.plan_id, scope=p.plan.scope, period=p.plan.period,
        deadline=p.draw_deadline,
    )  # fmt: skip
    records.Registration.from_dict(registration.to_dict())
    commitment = _commitment(session, sitting, p, promises, sealed, registration)
    w.write_final(f"private/secrets/{draw_id}.key", secret.hex().encode())
    for name, table in p.private.items():
        w.write(f"private/names/{draw_id}-{name}.tsv", encode(table))
    files = {
        **sealed.files,
        "plan.json": p.plan.encode(),
        "registration.json": registration.encode(),
        "commitment.json": commitment.encode(),
    }
    for name, data in files.items():
        w.write_final(f"draws/{draw_id}/{name}", data)
    session.append(registration, draw_id=draw_id)
    session.append(commitment, sitting_id=sitting, draw_id=draw_id)
    n = sum(int(v) for v in _column(sealed.files["strata.tsv"], "n"))
    return {
        "draw_id": draw_id, "registry": sealed.registry, "frame": sealed.frame.count, "excluded": sealed.excluded.counts,
        "n": n, "commitment": commitment.rhash(),
    }  # fmt: skip


def _column(data: bytes, name: str) -> list[str]:
    header, *rows = data.decode().splitlines()
    i = header.split("\t").index(name)
    return [r.split("\t")[i] for r in rows]


def _commitment(
    session: Session, sitting: str, p: plans.PlanFile, promises: tuple[records.Promise, ...], sealed: Sealed,
    registration: records.Registration,
) -> records.Commitment:  # fmt: skip
    previous = session.logged("commitment")
    kind = p.source.split(":")[0]
    need(
        kind in session.charter.sources,
        "SOURCE_POLICY",
        f"章程不允许来源 {kind}",
        "改用 " + "、".join(session.charter.sources),
    )
    found = records.Commitment(
        draw_id=registration.draw_id, sitting_id=sitting, registration=registration.rhash(), plan=p.plan.rhash(),
        approval=p.approval, frame=sealed.frame, excluded=sealed.excluded, registry=sealed.registry,
        tables=sealed.tables, roster=sealed.roster, recusals=sealed.recusals, spec=canon.H("spec", SPEC).hex(),
        parties=promises, source=p.source, reveal_deadline=p.reveal_deadline,
        previous=previous[-1]["rhash"] if previous else canon.ZERO_HASH.hex(), model=p.model or None,
        training=p.training or None,
    )  # fmt: skip
    return records.Commitment.from_dict(found.to_dict())


def _refuse_open(session: Session, p: plans.PlanFile) -> None:
    for e in session.logged("registration"):
        found: records.Registration = session.workspace.record(
            records.Registration, f"draws/{e['draw_id']}/registration.json"
        )
        if (found.plan_id, found.period, found.scope) == (p.plan.plan_id, p.plan.period, p.plan.scope):
            done = session.logged("draw", draw_id=e["draw_id"]) or session.logged("void", draw_id=e["draw_id"])
            raise StepError(
                "DRAW_EXISTS" if done else "DRAW_OPEN", f"同一计划、月份、范围已有任务 {found.draw_id}",
                hint="一次封存只有一个结果；重抽须先作废并说明理由", found=found.draw_id,
            )  # fmt: skip


def _next_id(session: Session, year: str) -> str:
    stem = f"{session.charter.agency}-{year}-"
    taken = [e["draw_id"] for e in session.logged("registration") if e["draw_id"].startswith(stem)]
    return f"{stem}{len(taken) + 1:04d}"
