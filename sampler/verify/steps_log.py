"""Steps 5 and 6: the log holds every record, and in the lawful order (records.md, 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sampler import canon, log, merkle, signing
from sampler.errors import RecordError
from sampler.records import ORDER
from sampler.verify.report import VerifyError, need, same
from sampler.verify.steps_charter import signed_records

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
    known = {(name, key): role for name, key, role in _note_keys(b)}
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


def _note_keys(b: Bundle) -> list[tuple[str, bytes, str]]:
    """Return name, key and role of everybody who may sign a checkpoint; a witness signs under its owner's name."""
    names = {"log": log.origin(b.charter.agency)}
    return [
        (names.get(k.role, k.owner), bytes.fromhex(k.public), k.role)
        for k in b.charter.keys
        if k.role in ("log", "witness")
    ]


def _inclusion(b: Bundle, head: log.Checkpoint) -> None:
    nonces = {n.index: bytes.fromhex(n.nonce) for n in b.nonces.nonces}
    listed = b.proofs.records
    indices = [p.index for p in listed]
    need(all(a < c for a, c in pairwise(indices)), "序号递增", indices, "证明没有按序号排列", PROOFS)
    same(indices, [n.index for n in b.nonces.nonces], "随机盐与证明不是同一批条目", NONCES)
    wanted, found = set(signed_records(b)), [(p.type, p.rhash) for p in listed]
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
    ids = _ids(b)
    for p in listed:
        need(p.index < head.size, f"小于 {head.size}", p.index, "序号超出日志", PROOFS)
        e = b.logged[p.index]
        same((p.type, *ids[p.type]), (e.type, e.sitting_id, e.draw_id), "日志条目属于别的记录", ENTRIES)
        leaf = merkle.log_leaf(nonces[p.index], bytes.fromhex(p.rhash)).hex()
        same(e.leaf, leaf, f"记录 {p.type} 打不开日志第 {p.index} 条: 记录或日志被改动", NONCES)
        path = [bytes.fromhex(h) for h in p.proof]
        inside = merkle.included(merkle.entry_leaf(b.entries[p.index]), p.index, head.size, path, head.root)
        need(inside, "有效的包含证明", f"第 {p.index} 条", "不能证明记录在日志里", PROOFS)


def _ids(b: Bundle) -> dict[str, tuple[str | None, str | None]]:
    """Return the sitting_id and draw_id an entry of each type must carry."""
    sitting, draw = b.sitting.sitting_id, b.manifest.draw_id
    return {t: (sitting if log.CARRIES[t][0] else None, draw if log.CARRIES[t][1] else None) for t in ORDER}


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
    count = sum(role == "witness" and signing.note_signed(note, name, key) for name, key, role in _note_keys(b))
    need(count >= k, f"至少 {k} 个见证签名", count, "见证签名不足, 日志可能对不同的人有不同的样子", HEAD)


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


@dataclass(frozen=True, slots=True)
class _Count:
    """How many entries of a type there must be for this draw or its sitting."""

    type: str
    by: str
    count: int
    meaning: str


def order(b: Bundle) -> str:
    """Judge step 6: sealed before revealed, closed before drawn, and nothing twice."""
    _order_of_types(b)
    _no_seconds(b)
    _sealed_together(b)
    _checkpoint_between(b)
    _previous(b)
    if not _outsider(b):
        b.not_proved.append("先后次序没有机关以外的人作证: 封存之后、揭示截止之前, 没有机关以外的密钥签过名")
    return ""


def _outsider(b: Bundle) -> bool:
    """Return whether a key outside the agency signed a reveal, or a checkpoint between seal and reveals.

    A key that the charter calls `outside` and that signs nothing proves nothing.
    """
    outside = [k for k in b.charter.keys if k.outside]
    parties = {k.key_id for k in outside if k.role == "party"}
    if any(s.type == "reveal" and s.key_id in parties for s in b.signatures):
        return True
    notes = [signing.note_parse(note) for note in _between(b)]
    witnesses = [(k.owner, bytes.fromhex(k.public)) for k in outside if k.role == "witness"]
    return any(signing.note_signed(note, name, key) for note in notes for name, key in witnesses)


def _spans(b: Bundle) -> dict[str, tuple[int, int]]:
    found: dict[str, list[int]] = {}
    for p in b.proofs.records:
        found.setdefault(p.type, []).append(p.index)
    return {t: (min(i), max(i)) for t, i in found.items()}


def _order_of_types(b: Bundle) -> None:
    spans = _spans(b)
    for type_ in ORDER:
        need(type_ in spans or type_ == "reveal", type_, "没有", f"日志里没有 {type_}", PROOFS)
    for first, second in pairwise([t for t in ORDER if t in spans]):
        last, following = spans[first][1], spans[second][0]
        ok = last < following
        need(ok, f"{first} 先于 {second}", f"第 {last} 条, 第 {following} 条", "步骤的先后不对, 结果可能被操纵", PROOFS)


def _no_seconds(b: Bundle) -> None:
    draw, sitting = b.manifest.draw_id, b.sitting
    rules = (
        _Count("registration", "draw_id", 1, "同一次抽查登记了不止一次"),
        _Count("commitment", "draw_id", 1, "同一次抽查封存了不止一次"),
        _Count("draw", "draw_id", 1, "同一次抽查抽了不止一次"),
        _Count("void", "draw_id", 0, "这次抽查已作废, 结果不能再用"),
        _Count("party-commitment", "sitting_id", len(sitting.party_commitments), "有参与方承诺了不止一次, 或被隐去"),
        _Count("reveal", "sitting_id", len(sitting.reveals), "有揭示被隐去, 或揭示了不止一次"),
        _Count("closing", "sitting_id", 1, "同一场次截止了不止一次"),
        _Count("public-value", "sitting_id", 1, "同一场次记录了不止一个公开数"),
    )
    for r in rules:
        mine = draw if r.by == "draw_id" else sitting.sitting_id
        found = sum(e.type == r.type and getattr(e, r.by) == mine for e in b.logged)
        need(found == r.count, f"{r.type} {r.count} 条", f"{found} 条", r.meaning, ENTRIES)


def _sealed_together(b: Bundle) -> None:
    """Refuse a seal of the sitting that the sitting hides, or that came after a reveal."""
    mine = [(n, e) for n, e in enumerate(b.logged) if e.type == "commitment" and e.sitting_id == b.sitting.sitting_id]
    listed = sorted(s.draw_id for s in b.sitting.commitments)
    same(
        listed, sorted(e.draw_id or "" for _, e in mine), "场次所列的封存与日志不同: 有封存被隐去或补入", "sitting.json"
    )
    late = [e.draw_id for n, e in mine if n >= _first_secret(b)]
    need(not late, "封存先于揭示", late, "同场次有抽查在揭示之后才封存", ENTRIES)


def _first_secret(b: Bundle) -> int:
    spans = _spans(b)
    return spans.get("reveal", spans["closing"])[0]


def _between(b: Bundle) -> list[str]:
    """Return the checkpoints after the seal and before the first secret."""
    sealed, revealed = _spans(b)["commitment"][1], _first_secret(b)
    notes = [e.checkpoint for e in b.proofs.earlier]
    return [n for n in notes if sealed < log.parse_checkpoint(signing.note_parse(n).text).size <= revealed]


def _checkpoint_between(b: Bundle) -> None:
    sealed, revealed = _spans(b)["commitment"][1], _first_secret(b)
    want = f"大小在 {sealed + 1} 至 {revealed} 的检查点"
    need(_between(b), want, "没有", "封存与揭示之间没有检查点, 不能证明封存在先", PROOFS)


def _previous(b: Bundle) -> None:
    """Check what can be seen of the chain of seals: its beginning, and a predecessor in the same sitting."""
    seals = [e for e in b.logged if e.type == "commitment"]
    at = next(n for n, e in enumerate(seals) if e.draw_id == b.manifest.draw_id)
    previous, zero = b.commitment.previous, canon.ZERO_HASH.hex()
    need(
        (at == 0) == (previous == zero), "第一次封存为零, 其余不为零", previous, "封存的前后链接不对", "commitment.json"
    )
    if at and seals[at - 1].sitting_id == b.sitting.sitting_id:
        known = {s.draw_id: s.commitment for s in b.sitting.commitments}
        same(known.get(seals[at - 1].draw_id or ""), previous, "封存没有链接到上一次封存", "commitment.json")
