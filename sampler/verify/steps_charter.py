"""Steps 3 and 4: who signed, under which charter, and which draw was registered (records.md, 3.1, 3.3, 3.10)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sampler import SPEC, canon, records
from sampler.redraw import differs
from sampler.verify import keyring
from sampler.verify.papers import papers
from sampler.verify.report import VerifyError, need, same

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

MIN_PARTIES = 2
SHOWN = 5
"""Other draws named in the report; of more, the number."""
ROLES = ("agency", "log", "party", "witness")
CHARTER = "charter.json"
SIGNATURES = "signatures.json"


def charter(b: Bundle) -> str:
    """Judge step 3: the charter is the pinned one and every record carries its signer's valid signature."""
    found = b.charter.rhash()
    if b.pin:
        same(b.pin.strip().lower(), found, "章程不是您手里的那一份, 签名密钥可能被调换", CHARTER)
    else:
        b.not_proved.append(f"密钥未固定: 没有提供章程指纹 (--charter), 本包章程的指纹是 {found}")
    _check_charter(b.charter)
    if b.has("commitment.json"):
        want = canon.H("spec", SPEC).hex()
        same(want, b.commitment.spec, "封存所依的规范版本不是本程序的版本", "commitment.json")
    _check_signatures(b)
    if b.charter.demo:
        b.not_proved.append("这是演示: 秘密和时间由固定标签生成, 结果人人可以预知, 只供展示")
    return "已与您提供的章程指纹核对" if b.pin else "密钥未固定"


def _check_charter(c: records.Charter) -> None:
    same(SPEC, c.spec, "章程所依的规范版本不是本程序的版本", CHARTER)
    parties = {p.party for p in c.parties}
    for k in c.keys:
        same(records.key_id(bytes.fromhex(k.public)), k.key_id, "密钥编号与公钥不符", CHARTER)
        need(k.role in ROLES, "、".join(ROLES), k.role, "密钥的用途不认识", CHARTER)
        lawful = k.role == "witness" or k.owner in (parties if k.role == "party" else {c.agency})
        need(lawful, f"{k.role} 的持有人", k.owner, "密钥的持有人不对", CHARTER)
    held = {(k.role, k.owner) for k in c.keys}
    wanted = [("agency", c.agency), ("log", c.agency), *(("party", p.party) for p in c.parties)]
    for role, owner in wanted:
        need((role, owner) in held, f"{role} {owner} 的密钥", "没有", "章程缺少应有的密钥", CHARTER)
    need(len(c.parties) >= MIN_PARTIES, "至少 2 方", len(c.parties), "一方独掌随机数, 可以左右结果", CHARTER)
    need(1 <= c.min_reveals <= len(c.parties), f"1 至 {len(c.parties)}", c.min_reveals, "最少揭示数不成立", CHARTER)
    witnesses = sum(k.role == "witness" for k in c.keys)
    least = c.witness_k
    half = least is None or witnesses < 2 * least <= 2 * witnesses
    need(half, "多于见证方半数", least, "见证签名数不成立", CHARTER)


def _check_signatures(b: Bundle) -> None:
    known = {p.what: p for p in papers(b)}
    found, places = keyring.ring(b), b.index_of if b.key_changes else {}
    seen: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for s in b.signatures:
        paper = known.get((s.type, s.rhash))
        if paper is None:
            raise VerifyError(
                "本包的记录", f"{s.type} {s.rhash[:16]}", "签名所指的记录不在本包, 记录可能被改动", SIGNATURES
            )
        key = keyring.signed(b, found, s, places)
        if key is None:
            raise VerifyError("章程所列、当时有效的密钥", s.key_id, "签名用的密钥不在章程里, 或已停用", SIGNATURES)
        signer = (key.role, key.owner)
        need(not paper.signers or signer in paper.signers, paper.signers, signer, "签名人不是应签的人", SIGNATURES)
        need(keyring.valid(key, s), "有效签名", f"{s.type} {s.key_id}", "签名无效: 记录或签名被改动", SIGNATURES)
        seen.setdefault(paper.what, set()).add(signer)
    for what, paper in known.items():
        by = seen.get(what, set())
        signed = by and set(paper.signers) <= by
        need(signed, f"{what[0]} 的签名", sorted(by) or "没有", "记录没有应有的签名, 可能被改动或伪造", SIGNATURES)
    keyring.check_changes(b)


def registration(b: Bundle) -> str:
    """Judge step 4: the sealed plan is the registered one, and ids have no gap."""
    r = b.registration
    if b.has("plan.json"):
        _registered_plan(b)
    else:
        b.not_proved.append("计划本身未公开: 只核对了登记和封存指的是同一份计划")
    if b.has("commitment.json"):
        seal = b.commitment
        same(r.rhash(), seal.registration, "封存所指的登记不是这一份", "commitment.json")
        same(r.plan, seal.plan, "封存的计划不是登记的那一份", "commitment.json")
        in_time = seal.reveal_deadline <= r.deadline
        need(in_time, f"不晚于 {r.deadline}", seal.reveal_deadline, "揭示期限晚于抽查期限", "commitment.json")
        approved(b, seal.approval, "commitment.json")
    _redraw(b)
    return _gapless(b)


def approved(b: Bundle, approval: records.Approval, file: str) -> None:
    """Check that as many approved as the charter asks for (3.1)."""
    least = b.charter.approvals
    need(approval.count >= least, f"{least} 人批准", approval.count, "批准的人比章程要求的少", file)


def _redraw(b: Bundle) -> None:
    """Check what a redraw says of the voided draw it replaces: which it is, and every file that differs (3.3)."""
    redraw, file = b.registration.redraw, "registration.json"
    if redraw is None:
        return
    places = {e.type: n for n, e in enumerate(b.logged) if e.draw_id == redraw.draw_id}
    mine = next((n for n, e in enumerate(b.logged) if e.type == "registration" and e.draw_id == b.manifest.draw_id), 0)
    gone = places.get("void", mine)
    need(gone < mine, f"{redraw.draw_id} 先作废", "没有", "重抽登记时, 原来的抽查还没有作废", "log/entries")
    changed = "、".join(redraw.differs) or "没有"
    if b.before is None:
        b.not_proved.append(
            f"这是 {redraw.draw_id} 作废后的重抽, 自称与它不同的有: {changed}; 用 --before 给出它的包可核对"
        )
        return
    void = records.Void.parse(b.before["void.json"], "void.json")
    same(redraw.void, void.rhash(), "重抽所指的作废记录不是您给出的那一份", file)
    same(redraw.draw_id, void.draw_id, "重抽所指的抽查不是您给出的那一次", file)
    b.not_proved.append(f"这是 {redraw.draw_id} 作废后的重抽, 作废理由: {void.cause}; 与它不同的有: {changed}")
    if b.copy is None and void.commitment:
        old, new = dict(b.before), {p: b.open(p) for p in b.paths if p.endswith((".tsv", ".csv", "plan.json"))}
        same(list(redraw.differs), list(differs(old, new)), "重抽与作废的那次有没有写明的不同", file)


def _registered_plan(b: Bundle) -> None:
    r, plan = b.registration, b.plan
    same(plan.rhash(), r.plan, "登记的计划不是这一份, 计划在登记后被改动", "plan.json")
    for name in ("plan_id", "scope", "period"):
        same(getattr(plan, name), getattr(r, name), f"登记与计划的 {name} 不同", "registration.json")
    same(b.charter.agency, plan.agency, "计划属于另一个机关", "plan.json")


def _gapless(b: Bundle) -> str:
    agency = b.charter.agency
    count: dict[str, int] = {}
    logged = [e.draw_id or "" for e in b.logged if e.type == "registration"]
    form = re.compile(rf"{re.escape(agency)}-([0-9]{{4}})-([0-9]{{4}})")
    for draw_id in logged:
        match = form.fullmatch(draw_id)
        if match is None:
            raise VerifyError(f"{agency}-年-序号", draw_id, "日志里的登记编号不合规范", "log/entries")
        count[match[1]] = count.get(match[1], 0) + 1
        same(f"{count[match[1]]:04d}", match[2], f"登记编号 {draw_id} 不连续, 有抽查被隐去", "log/entries")
    need(b.registration.draw_id in logged, b.registration.draw_id, logged, "这次抽查没有在日志里登记", "log/entries")
    done = {e.draw_id for e in b.logged if e.type in ("draw", "void")}
    for state, ended in (("未完成", False), ("已抽取或作废", True)):
        others = [d for d in logged if (d in done) == ended and d != b.registration.draw_id]
        if others:
            shown = "、".join(others[:SHOWN]) + (f" 等 {len(others)} 个" if len(others) > SHOWN else "")
            b.not_proved.append(f"日志里另有{state}的任务 {shown}, 是否与本次同一计划 (重抽), 要看它们的登记")
    return f"日志共登记 {len(logged)} 次抽查, 编号连续"
