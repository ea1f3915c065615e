"""void, open, attest: how a draw ends: given up, opened to everybody, or vouched for by an auditor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from sampler import log, merkle, records, signing, tables
from sampler import verify as replay
from sampler.auditor import read_folder
from sampler.commands.draw import compute, secrets_of
from sampler.commands.shell import Reply, command
from sampler.disclosure import AFTER, OPEN
from sampler.errors import StepError
from sampler.io import bundle, ceremony, parcels, sealed, vault
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session, signature
from sampler.io.store import write_file
from sampler.io.world import TIME_FORM, RealWorld
from sampler.plan import Plan
from sampler.units import frame_pi
from sampler.verify.steps_later import report_hash

DRAW_ID = re.compile(r"[0-9A-Z]{2,16}-[0-9]{4}-[0-9]{4}")


@command("void")
@click.argument("draw_id")
@click.option("--cause", required=True, help="理由，写入日志并公布")
@click.option("--missing", multiple=True, metavar="参与方|source", help="结果无法算出时：缺谁的秘密，或来源没有开出")
def void(workspace: Path, draw_id: str, cause: str, missing: tuple[str, ...]) -> Reply:
    """作废一次抽查。结果已可算出的，连同本应抽中的完整名单一起公布。"""
    session = open_session(workspace)
    with session.hold():
        registered: records.Registration = sealed.logged(
            session, records.Registration, f"draws/{draw_id}/registration.json", draw_id=draw_id
        )
        commitment = sealed.commitment(session, draw_id) if session.logged("commitment", draw_id=draw_id) else None
        draw = _known(session, commitment, missing) if commitment else None
        found = records.Void(
            draw_id=draw_id, registration=registered.rhash(), cause=cause,
            sitting_id=commitment.sitting_id if commitment else None,
            commitment=commitment.rhash() if commitment else None, draw=draw,
            missing=tuple(sorted(set(missing), key=str.encode)) if missing and not draw else None,
        )  # fmt: skip
        record = records.Void.from_dict(found.to_dict())
        session.workspace.write_final(f"draws/{draw_id}/void.json", record.encode())
        session.append(record, draw_id=draw_id)
        bundle.write(session, draw_id)
    shown = "，本应抽中的完整名单已写入证据包" if draw else ""
    data = {"draw_id": draw_id, "void": record.rhash(), "draw": draw, "missing": list(record.missing or ())}
    return Reply(data=data, text=f"{draw_id} 已作废{shown}；重抽须重新登记封存，并列出每项不同")


def _known(session: Session, commitment: records.Commitment, missing: tuple[str, ...]) -> str | None:
    """Return the hash of what was or would have been drawn, once anybody can know it (records.md, 3.12)."""
    sitting, draw_id = commitment.sitting_id, commitment.draw_id
    drawn = session.logged("draw", draw_id=draw_id)
    if drawn:
        return str(drawn[-1]["rhash"])
    _refuse_present(session, commitment, missing)
    given = {e["rhash"] for t in ("reveal", "custody") for e in session.logged(t, sitting_id=sitting)}
    if len(given) < session.charter.min_reveals or missing:
        return None
    ready = session.logged("public-value", sitting_id=sitting)
    hint = f"先 sampler close {sitting}、sampler seed {sitting}，再作废；来源没有开出的写 --missing source"
    need(ready, "VOID_WAIT", "各方秘密已经揭示，结果等公开数一出即可算出，作废须公布它", hint)
    secrets_of(session, sitting, commitment)
    return compute(session, commitment, sitting).rhash()


def _refuse_present(session: Session, commitment: records.Commitment, missing: tuple[str, ...]) -> None:
    """Refuse to call missing what the log shows: `verify` would not take such a Void (records.md, 3.12)."""
    sitting = commitment.sitting_id
    known = {"source", *(p.party for p in commitment.parties)}
    strange = "、".join(sorted(set(missing) - known))
    need(not strange, "PARTY_UNKNOWN", f"没有参与方 {strange}", "--missing 写参与方代码或 source")
    there = {r.party for r in sitting_record(session, sitting).reveals if session.journal.find(r.rhash()) is not None}
    if session.logged("public-value", sitting_id=sitting):
        there.add("source")
    if session.logged("closing", sitting_id=sitting):
        name = f"sittings/{sitting}/closing.json"
        there |= set(sealed.logged(session, records.Closing, name, sitting_id=sitting).absent)
    false = "、".join(sorted(there & set(missing)))
    hint = "不写 --missing 再作废，本应抽中的名单会一并公布"
    need(not false, "VOID_NOT_MISSING", f"{false} 没有缺少：日志里已有，或已记为缺席", hint)


@command("open")
@click.argument("draw_id")
@click.option("--object", "object_id", default="", metavar="代码", help="只写一户的核验文件，交给该户")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="写到此目录，默认 openings/任务编号")
def open_(workspace: Path, draw_id: str, object_id: str, out: Path | None) -> Reply:
    """检查结束后公开（名单、种子、保管的秘密）；或为一户写出单独的核验文件。"""
    session = open_session(workspace)
    with session.hold():
        sealed.commitment(session, draw_id)
        plan: Plan = session.workspace.record(Plan, f"draws/{draw_id}/plan.json")
        if object_id:
            return _one(session, plan, draw_id, object_id, out)
        return _all(session, plan, draw_id)


def _all(session: Session, plan: Plan, draw_id: str) -> Reply:
    need(plan.disclosure != OPEN, "OPEN_ALREADY", f"{draw_id} 的公开级别是 open，没有待公开的内容", "直接公布即可")
    drawn = session.logged("draw", draw_id=draw_id)
    need(drawn, "NOT_DRAWN", f"{draw_id} 还没有抽取", "先运行 sampler draw")
    need(
        session.today > plan.visits.last,
        "OPEN_EARLY",
        f"检查期到 {plan.visits.last} 为止，之前公开会走漏名单",
        "检查期满后再公开",
    )
    sitting = session.sitting_of(draw_id)
    commitment = sealed.commitment(session, draw_id)
    found = secrets_of(session, sitting, commitment)
    kept = {c.party: (found[c.party] or b"").hex() for c in ceremony.custody(session, sitting)}
    record = records.Opening(draw_id=draw_id, draw=str(drawn[-1]["rhash"]), secrets=kept)
    session.workspace.write_final(f"draws/{draw_id}/opening.json", record.encode())
    session.append(record, draw_id=draw_id)
    bundle.write(session, draw_id)
    text = f"{draw_id} 已公开" + (f"，{'、'.join(kept)} 交保管的秘密一并公布" if kept else "")
    return Reply(data={"draw_id": draw_id, "opening": record.rhash(), "secrets": sorted(kept)}, text=text)


def _one(session: Session, plan: Plan, draw_id: str, object_id: str, out: Path | None) -> Reply:
    opened = plan.disclosure != AFTER or session.logged("opening", draw_id=draw_id)
    need(
        opened,
        "OPEN_EARLY",
        "检查后公开的抽查，公开之前不能给任何一户核验文件",
        f"检查期满后先运行 sampler open {draw_id}",
    )
    file = opening_file(session, draw_id, object_id)
    secret = bytes.fromhex(session.workspace.read(f"private/secrets/{draw_id}.key").decode())
    token = merkle.token(secret, draw_id, object_id)
    folder = out or session.workspace.path(f"openings/{draw_id}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{token}.json"
    write_file(path, file.encode(), secret=True)
    return Reply(
        data={"draw_id": draw_id, "object_id": object_id, "file": str(path)}, text=f"已写出 {path}，只交给 {object_id}"
    )


def opening_file(session: Session, draw_id: str, object_id: str) -> records.OpeningFile:
    """Return one object's opening, signed.

    Raises
    ------
    StepError
        ``OBJECT_UNKNOWN`` when the registry of the draw did not hold it.
    """
    w, base = session.workspace, f"draws/{draw_id}"
    commitment = sealed.commitment(session, draw_id)
    tree, table, at = _row(session, base, object_id)
    nonces = [bytes.fromhex(n) for n in table["nonce"]]
    lines = table.lines(without="nonce")
    leaves = [merkle.blinded_leaf(tree, draw_id, row, n) for row, n in zip(lines, nonces, strict=True)]
    opening = records.ObjectOpening(
        draw_id=draw_id, commitment=commitment.rhash(), tree=tree, row=lines[at], nonce=table["nonce"][at], index=at,
        proof=tuple(h.hex() for h in merkle.inclusion_proof(leaves, at)), pi_e12=_pi(session, base, tree, table, object_id),
    )  # fmt: skip
    changes = tuple(c for _, c in session.ring().changes)
    sealed_at, entry = next(
        (n, e) for n, e in enumerate(session.index()) if e["type"] == "commitment" and e["draw_id"] == draw_id
    )
    entries = session.entries()
    stored = [s for r in (session.charter, commitment, *changes) for s in w.read_json(f"signatures/{r.rhash()}.json")]
    signatures = [*session.sign(opening), *(records.Signature.from_dict(s) for s in stored)]
    return records.OpeningFile(
        opening=opening, charter=session.charter, commitment=commitment, keys=changes,
        signatures=tuple(sorted(signatures, key=lambda s: (s.type.encode(), s.rhash, s.key_id))),
        logged=records.LogProof(
            index=sealed_at, nonce=entry["nonce"], size=len(entries), proof=log.proofs(entries, [sealed_at])[sealed_at]
        ),
        checkpoint=w.read("log/checkpoint").decode(),
    )  # fmt: skip


def _row(session: Session, base: str, object_id: str) -> tuple[str, tables.Table, int]:
    for tree in ("frame", "excluded"):
        file = f"{tree}.tsv"
        table = tables.decode(session.workspace.read(f"{base}/{file}"), records.TABLE_COLUMNS[file], file=file)
        if object_id in table.key:
            return tree, table, table.key.index(object_id)
    raise StepError("OBJECT_UNKNOWN", "封存的名录里没有这个代码", hint="核对统一社会信用代码", found=object_id)


def _pi(session: Session, base: str, tree: str, table: tables.Table, object_id: str) -> int | None:
    if tree == "excluded":
        return None
    plan: Plan = session.workspace.record(Plan, f"{base}/plan.json")
    columns = records.TABLE_COLUMNS["levels.tsv"]
    levels = tables.decode(session.workspace.read(f"{base}/levels.tsv"), columns, file="levels.tsv")
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    return frame_pi(table, pi, owners=plan.owners)[object_id]


@command("attest")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="核验人（单位或姓名）")
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path),
    default=Path("auditor.key"),
    help="核验人的私钥文件，没有则生成",
)
@click.option("--charter", default="", help="章程的记录哈希，来自证据包之外")
@click.option("--head", type=click.Path(path_type=Path), default=None, help="日志检查点文件，来自证据包之外")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="核验意见文件，默认 attestation-任务编号.json"
)
def attest(
    workspace: Path, path: Path, name: str, key_file: Path, charter: str, head: Path | None, out: Path | None
) -> Reply:
    """审计人重放整个证据包，全部通过才签署核验意见；文件交机关 import。"""
    files = read_folder(workspace / path)
    report = replay.verify(
        files.__getitem__, sorted(files), charter=charter, head=head.read_bytes() if head else None,
        now=RealWorld().now().strftime(TIME_FORM),
    )  # fmt: skip
    undone = [s.no for s in report.steps[: replay.REPLAYED] if s.status != "ok"]
    if report.first_failed or undone:
        raise StepError(
            "ATTEST_FAILED",
            f"第 {report.first_failed or undone[0]} 步没有通过，不能签署",
            hint="先用 sampler verify 查看",
        )
    private = _auditor_key(key_file)
    record = records.Attestation(
        draw_id=report.draw_id, draw=records.Draw.parse(files["draw.json"]).rhash(),
        checkpoint=files["log/checkpoint"].decode(), report=report_hash(report.draw_id, report.steps), auditor=name,
        public=signing.public_of(private).hex(),
    )  # fmt: skip
    record = records.Attestation.from_dict(record.to_dict())
    target = out or workspace / f"attestation-{report.draw_id}.json"
    write_file(target, parcels.Parcel(contents=(record,), signatures=(signature(private, record),)).encode())
    data: dict[str, Any] = {
        "draw_id": report.draw_id,
        "file": str(target),
        "key_id": records.key_id(bytes.fromhex(record.public)),
    }
    return Reply(data=data, text=f"已签署 {target}（公钥 {record.public}，请另行公布），交机关 import")


def _auditor_key(path: Path) -> bytes:
    world = RealWorld()
    if path.exists():
        data = path.read_bytes()
        return vault.read(data, world.passphrase() if vault.locked(data) else "", path.name)
    private = world.entropy(32, "auditor")
    write_file(path, vault.write(private, world.passphrase(new=True), world, "auditor"), secret=True)
    return private
