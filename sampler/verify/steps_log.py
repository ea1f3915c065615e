"""Step 5: one log, in which every record of the bundle stands (records.md, 4)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sampler import log, merkle, signing
from sampler.errors import RecordError
from sampler.verify import keyring
from sampler.verify.papers import papers
from sampler.verify.report import VerifyError, need, same

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

HEAD = "log/checkpoint"
ENTRIES = "log/entries"
PROOFS = "log/proofs.json"
NONCES = "log/nonces.json"


def transparency(b: Bundle) -> str:
    """Judge step 5: one log, signed, in which every record of this draw stands."""
    head = checkpoint(b, b.open(HEAD), HEAD)
    size, root = log.head(b.entries)
    same(head.size, size, "日志条数与检查点不符: 日志被截短或加长", ENTRIES)
    same(head.root.hex(), root.hex(), "日志内容与检查点不符: 日志被改写", ENTRIES)
    same(size, b.proofs.size, "证明不是对着这个检查点做的", PROOFS)
    _inclusion(b, head)
    _earlier(b, head)
    _witnessed(b)
    return _compare_head(b, head)


def checkpoint(b: Bundle, note: bytes, file: str) -> log.Checkpoint:
    """Return a checkpoint that the charter's log key signed; every signature line must be known and valid."""
    try:
        parsed = signing.note_parse(note)
        found = log.parse_checkpoint(parsed.text)
    except RecordError as e:
        raise VerifyError("签名检查点", f"{e.code} {e.problem.found}", "检查点读不出来", file) from e
    same(log.origin(b.charter.agency), found.origin, "检查点属于另一份日志", file)
    keys = note_keys(b, found.size)
    known = {(name, key): role for name, key, role in keys}
    roles: list[str] = []
    for line in parsed.signatures:
        role = next(
            (r for (n, k), r in known.items() if (n, signing.note_key_hash(n, k)) == (line.name, line.key_hash)), ""
        )
        need(role, "章程所列的日志或见证密钥", line.name, "检查点上有不认识的签名", file)
        roles.append(role)
    for name, key in known:
        if any(s.name == name and s.key_hash == signing.note_key_hash(name, key) for s in parsed.signatures):
            need(signing.note_signed(parsed, name, key), "有效签名", name, "检查点的签名无效", file)
    need("log" in roles, "日志密钥的签名", "没有", "检查点没有日志密钥的签名", file)
    return found


def note_keys(b: Bundle, size: int) -> list[tuple[str, bytes, str]]:
    """Return name, key and role of everybody who may sign a checkpoint of `size`; a witness signs as its owner."""
    names = {"log": log.origin(b.charter.agency)}
    return [
        (names.get(k.role, k.owner), bytes.fromhex(k.public), k.role)
        for k in keyring.ring(b).at(size).values()
        if k.role in ("log", "witness")
    ]


def _inclusion(b: Bundle, head: log.Checkpoint) -> None:
    nonces = {n.index: bytes.fromhex(n.nonce) for n in b.nonces.nonces}
    listed = b.proofs.records
    indices = [p.index for p in listed]
    need(all(a < c for a, c in pairwise(indices)), "序号递增", indices, "证明没有按序号排列", PROOFS)
    same(indices, [n.index for n in b.nonces.nonces], "随机盐与证明不是同一批条目", NONCES)
    of = {p.what: p.draw_id or b.manifest.draw_id for p in papers(b) if p.logged}
    wanted = of.keys()
    found = [(p.type, p.rhash) for p in listed]
    need(len(set(found)) == len(found), "每份记录一次", len(found), "同一份记录在日志里出现两次", PROOFS)
    for type_, rhash in sorted(wanted ^ set(found)):
        need(
            (type_, rhash) not in wanted,
            f"{type_} {rhash[:16]}",
            "没有",
            "记录不在日志里: 没有公开留痕, 或被改动",
            PROOFS,
        )
        raise VerifyError("只证明本次抽查的记录", f"{type_} {rhash[:16]}", "证明里有本包没有的记录", PROOFS)
    for p in listed:
        need(p.index < head.size, f"小于 {head.size}", p.index, "序号超出日志", PROOFS)
        e = b.logged[p.index]
        same(
            (p.type, *_ids(b, p.type, of[p.type, p.rhash])),
            (e.type, e.sitting_id, e.draw_id),
            "日志条目属于别的记录",
            ENTRIES,
        )
        leaf = merkle.log_leaf(nonces[p.index], bytes.fromhex(p.rhash)).hex()
        same(e.leaf, leaf, f"记录 {p.type} 打不开日志第 {p.index} 条: 记录或日志被改动", NONCES)
        path = [bytes.fromhex(h) for h in p.proof]
        inside = merkle.included(merkle.entry_leaf(b.entries[p.index]), p.index, head.size, path, head.root)
        need(inside, "有效的包含证明", f"第 {p.index} 条", "不能证明记录在日志里", PROOFS)


def _ids(b: Bundle, type_: str, draw_id: str) -> tuple[str | None, str | None]:
    """Return the sitting_id and draw_id an entry of a type must carry."""
    sitting, draw = log.CARRIES[type_]
    return b.sitting.sitting_id if sitting else None, draw_id if draw else None


def _earlier(b: Bundle, head: log.Checkpoint) -> None:
    last = 0
    for e in b.proofs.earlier:
        old = checkpoint(b, e.checkpoint.encode(), PROOFS)
        need(last < old.size < head.size, f"{last + 1} 至 {head.size - 1}", old.size, "旧检查点没有按大小排列", PROOFS)
        need(log.grows(old, head, e.proof), "日志只增不改", f"大小 {old.size}", "日志在旧检查点之后被改写", PROOFS)
        last = old.size


def _witnessed(b: Bundle) -> None:
    k = b.charter.witness_k or 0
    note = signing.note_parse(b.open(HEAD))
    keys = note_keys(b, log.parse_checkpoint(note.text).size)
    count = sum(role == "witness" and signing.note_signed(note, name, key) for name, key, role in keys)
    need(count >= k, f"至少 {k} 个见证签名", count, "见证签名不足, 日志可能对不同的人有不同的样子", HEAD)


def outside_quorum(b: Bundle) -> bool:
    """Return whether more than half of the witnesses outside the agency signed the head."""
    note = signing.note_parse(b.open(HEAD))
    outside = {k.public for k in keyring.ring(b).ever().values() if k.role == "witness" and k.outside}
    keys = [k for k in note_keys(b, log.parse_checkpoint(note.text).size) if k[1].hex() in outside]
    return len(keys) < 2 * sum(signing.note_signed(note, name, key) for name, key, _ in keys)


def _compare_head(b: Bundle, head: log.Checkpoint) -> str:
    if b.head is None:
        b.not_proved.append("未提供外来的检查点 (--head): 不能排除日志对不同的人有不同的样子")
        return f"日志 {head.size} 条; 未提供外来检查点"
    other = checkpoint(b, b.head, "--head")
    if other.size > head.size:
        b.not_proved.append(f"外来检查点 ({other.size} 条) 比本包 ({head.size} 条) 新: 须向机关索取更新的证据包再核对")
        return f"日志 {head.size} 条; 外来检查点较新"
    root = merkle.root(log.leaves(b.entries[: other.size]))
    same(other.root.hex(), root.hex(), "本包的日志与外来检查点不是同一份: 日志有分叉", "--head")
    return f"日志 {head.size} 条, 与外来检查点一致"
