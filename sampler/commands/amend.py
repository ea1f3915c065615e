"""amend: a team changes for a cause that is logged first; the next value of the sealed chain decides who enters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sampler import records
from sampler.assign import amend as rule
from sampler.assign import solve
from sampler.canon import sha256
from sampler.commands.shell import Reply, command
from sampler.errors import Problem, StepError
from sampler.io import amended, approval, bundle, parties
from sampler.io.session import Session, need, open_session
from sampler.plan import Window

KINDS = {
    "illness": "病假", "leave": "请假", "left": "离岗", "certificate": "证件失效", "recusal": "回避", "vacancy": "补空缺",
    "out-of-scope": "对象不在登记库",
}  # fmt: skip


@command("amend")
@click.argument("draw_id")
@click.option("--kind", type=click.Choice(list(KINDS)), help="事由：" + "、".join(f"{k} {v}" for k, v in KINDS.items()))
@click.option("--officer", default="", help="不能前往的执法人员编号")
@click.option("--object", "object_id", default="", help="对象代码（回避、不在登记库、补空缺）")
@click.option("--from", "first", default="", help="病假、请假的第一天，如 2026-12-10")
@click.option("--to", "last", default="", help="病假、请假的最后一天")
@click.option("--requester", default="", help="谁提出：本人、企业或科室")
@click.option("--reason", default="", help="理由（记入日志；回避的理由不会公布）")
@click.option("--form", default="", help="审批文号")
@click.option("--approved", default="", help="审批日期，如 2026-12-09")
@click.option(
    "--approver",
    "approvers",
    multiple=True,
    metavar="职务",
    help="批准人的职务，每人写一次；会公开，不写姓名；人数不得少于章程的要求",
)
@click.option("--chain", default="", help="保管变更链的一方给出的下一个值（64 位十六进制）；链在本机则不必")
@click.option("--withheld", is_flag=True, help="保管方自事由登记起满五日仍不给出：空出的名额留空并公布")
@click.option("--give", is_flag=True, help="保管变更链的一方：在看到已登记的事由之后，给出下一个值")
def amend(
    workspace: Path, draw_id: str, chain: str, withheld: bool, give: bool, approvers: tuple[str, ...], **fields: str
) -> Reply:
    """抽取之后换人：先登记事由，再由封存的变更链决定谁来补。"""
    session = open_session(workspace)
    with session.hold():
        need(session.logged("draw", draw_id=draw_id), "NOT_DRAWN", f"{draw_id} 还没有抽取", "先运行 sampler draw")
        need(not session.logged("void", draw_id=draw_id), "DRAW_VOID", f"{draw_id} 已作废", "作废的抽查不再变更")
        state = amended.load(session, draw_id)
        if state.pending is None:
            need(not give, "AMEND_CAUSE", "还没有登记事由，变更链不能先用", "先运行 sampler amend 登记事由")
            state = _register(session, draw_id, state, fields, approvers)
        if withheld:
            amended.refuse_early(session, draw_id, state)
        value = None if withheld else _chain(session, draw_id, state, chain)
        if give and value:
            return Reply(data={"draw_id": draw_id, "number": state.number, "chain": value.hex()}, text=value.hex())
        if value is None and not withheld:
            return _wait(draw_id, state)
        made = _decide(session, draw_id, state, value)
        bundle.write(session, draw_id)
    flags = rule.flags([a.to_dict() for a in (*state.history, made)], state.drawn)
    warnings = [Problem(code="AMEND_FLAG", message=f, hint="公示页会注明；请说明原因") for f in flags]
    data = {"draw_id": draw_id, "number": made.number, "kind": made.cause.kind, "flags": flags}
    data |= {"changes": [c.to_dict() for c in made.changes]}
    data |= {"reserve": made.reserve.to_dict()} if made.reserve else {}
    return Reply(data=data, text=_text(made), warnings=warnings)


def _register(
    session: Session, draw_id: str, state: amended.Amended, fields: dict[str, str], approvers: tuple[str, ...]
) -> amended.Amended:
    """Write down and log the cause, after making sure that it frees something."""
    missing = [f"--{n}" for n in ("kind", "requester", "reason", "form", "approved") if not fields.get(n)]
    need(not missing, "AMEND_CAUSE", f"登记事由还缺 {'、'.join(missing)}", "补上后再运行；没有事由不能换人")
    interval = Window(first=fields["first"], last=fields["last"]) if fields["first"] or fields["last"] else None
    by = tuple(approval.approvers(approvers)) or None
    found = records.AmendmentCause(
        draw_id=draw_id, number=state.number, kind=fields["kind"], requester=fields["requester"],
        reason=fields["reason"], approval=records.Approval(form=fields["form"], date=fields["approved"], by=by),
        inspector_id=fields["officer"] or None, object_id=fields["object_id"] or None, interval=interval,
    )  # fmt: skip
    cause: records.AmendmentCause = records.AmendmentCause.from_dict(found.to_dict())
    approval.refuse_few(session.charter, cause.approval, "每位批准人写一次 --approver")
    rule.free(state.sealed, state.teams, cause.to_dict(), amended.done(session, draw_id, None))
    session.workspace.write_final(amended.cause_file(draw_id, state.number), cause.encode())
    session.append(cause, draw_id=draw_id)
    amended.note_asked(session, draw_id, state.number)
    return amended.load(session, draw_id)


def _chain(session: Session, draw_id: str, state: amended.Amended, given: str) -> bytes | None:
    """Return the next value of the sealed chain: given, or kept here; None when it has to be asked for."""
    anchor = state.commitment.anchor
    if anchor is None:
        raise StepError("AMEND_CHAIN", "封存时没有约定变更链", hint="只能用 --withheld 登记空缺并公布")
    sitting = session.sitting_of(draw_id)
    value = bytes.fromhex(given) if _is_hash(given) else b""
    if not given and parties.has_chain(session.workspace, sitting, anchor.party):
        value = parties.chain(session.workspace, session.world, sitting, anchor.party, state.place, state.number)
    if not given and not value:
        return None
    end = value
    for _ in range(state.number):
        end = sha256(end)
    if not value or end.hex() != anchor.end:
        hint = f"请 {anchor.party} 核对：第 {state.number} 个值"
        raise StepError("AMEND_CHAIN", "给出的值不在封存的变更链上", hint=hint, found=given[:16])
    return value


def _is_hash(text: str) -> bool:
    return len(text) == 2 * 32 and set(text) <= set("0123456789abcdef")


def _wait(draw_id: str, state: amended.Amended) -> Reply:
    party = state.commitment.anchor.party if state.commitment.anchor else ""
    text = f"{draw_id}: 第 {state.number} 次变更的事由已登记，等待 {party} 给出变更链的下一个值"
    hint = f"请 {party} 运行 sampler amend {draw_id} --give，再用 --chain 填入；五日不给用 --withheld"
    problem = Problem(code="AMEND_WAITING", message="变更链不在本机", hint=hint, found=party)
    return Reply(data={"draw_id": draw_id, "number": state.number}, text=text, problems=[problem], exit=1)


def _decide(session: Session, draw_id: str, state: amended.Amended, chain: bytes | None) -> records.Amendment:
    if state.pending is None:
        raise StepError("AMEND_CAUSE", "没有登记的事由", hint="先登记事由")
    done = amended.done(session, draw_id, state.pending)
    made = solve.amend(state.sealed, state.teams, state.pending.to_dict(), done, state.seed, chain)
    record: records.Amendment = records.Amendment.from_dict(made)
    session.workspace.write_final(f"draws/{draw_id}/amendments/{state.number:04d}.json", record.encode())
    session.append(record, draw_id=draw_id)
    return record


def _text(made: records.Amendment) -> str:
    def listed(team: Any) -> str:
        return "、".join(f"{m.inspector_id}（{m.group}）" for m in team) or "无"

    lines = [f"{made.draw_id}: 第 {made.number} 次变更，事由 {KINDS[made.cause.kind]}，审批 {made.cause.approval.form}"]
    if made.reserve:
        lines.append(f"  备选 {made.reserve.object_id}（{made.reserve.stratum} 第 {made.reserve.rank} 位）递补")
    for c in made.changes:
        empty = "".join(f"，空缺 {v.group} {v.count} 个" for v in c.vacant)
        lines.append(f"  {c.object_id}: 换下 {listed(c.leaving)}，换上 {listed(c.entering)}{empty}")
    return "\n".join(lines)
