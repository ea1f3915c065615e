"""Steps 7 to 9: the parties' secrets, the public value, and the seed they make (records.md, 3.4 to 3.7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sampler import canon, sources, ticket
from sampler.errors import RecordError
from sampler.verify.report import VerifyError, need, same

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

SEAL_CODE_DIGITS = 40
SITTING = "sitting.json"
CLOSING = "closing.json"
VALUE = "public-value.json"
SEED = "seed.json"


def parties(b: Bundle) -> str:
    """Judge step 7: each party revealed what it had promised, and the closing lists exactly that."""
    _promises(b)
    _reveals(b)
    _closing(b)
    _custody(b)
    revealed, absent = b.closing.revealed, b.closing.absent
    return f"{len(revealed)} 方揭示, {len(absent)} 方缺席; {_seal_code(b)}"


def _promises(b: Bundle) -> None:
    sealed = {p.party: p.c for p in b.commitment.parties}
    need(
        list(sealed) == [p.party for p in b.charter.parties], [p.party for p in b.charter.parties], list(sealed),
        "封存的参与方不是章程所列的各方", "commitment.json",
    )  # fmt: skip
    promised = {p.party: p.c for p in b.sitting.party_commitments}
    same(sealed, promised, "各方的承诺与封存时不同: 承诺被调换", SITTING)
    anchor = b.commitment.anchor
    need(
        anchor is None or anchor.party in sealed,
        "、".join(sealed),
        anchor,
        "变更链的保管人不是参与方",
        "commitment.json",
    )


def _reveals(b: Bundle) -> None:
    sealed = {p.party: p.c for p in b.commitment.parties}
    for r in b.sitting.reveals:
        need(r.party in sealed, "、".join(sealed), r.party, "揭示人不是参与方", SITTING)
        same(b.sitting.sitting, r.sitting, f"{r.party} 的揭示属于另一场次", SITTING)
        c = ticket.party_commitment(r.sitting_id, r.party, bytes.fromhex(r.r)).hex()
        same(sealed[r.party], c, f"{r.party} 揭示的秘密不是它承诺的那个", SITTING)


def _closing(b: Bundle) -> None:
    closing = b.closing
    same(b.sitting.sitting, closing.sitting, "截止记录属于另一场次", CLOSING)
    same({r.party: r.r for r in b.sitting.reveals}, closing.revealed, "截止记录与各方的揭示不同", CLOSING)
    kept = [c.party for c in closing.custody]
    everybody = sorted([*closing.revealed, *closing.absent, *kept])
    same(sorted(p.party for p in b.commitment.parties), everybody, "有参与方既未揭示也未记为缺席, 或记了两次", CLOSING)
    given, least = len(closing.revealed) + len(kept), b.charter.min_reveals
    need(given >= least, f"至少 {least} 方", given, "揭示的参与方太少, 场次应当作废", CLOSING)


def _custody(b: Bundle) -> None:
    known = {p.party for p in b.commitment.parties}
    for c in b.closing.custody:
        file = f"custody-{c.party}.json"
        need(c.holder in known - {c.party}, "另一参与方", c.holder, f"{c.party} 的秘密没有交给另一参与方保管", CLOSING)
        found = b.document(file)
        for name in ("party", "holder"):
            same(getattr(c, name), found.get(name), f"{c.party} 的保管记录说的是别人", file)
        same(c.rhash, canon.rhash(b.document(file)).hex(), f"{c.party} 的保管记录不是截止时的那一份", file)
        b.not_proved.append(f"{c.party} 的秘密交 {c.holder} 保管: 保管人的签名没有核对, 本版本没有核对的规则")


def _seal_code(b: Bundle) -> str:
    want = b.sitting.sitting[:SEAL_CODE_DIGITS]
    if not b.seal_code:
        b.not_proved.append(f"未核对审批表上的封存码 (--seal-code): 表上应为 {' '.join(re.findall('....', want))}")
        return "未核对封存码"
    same(want, re.sub(r"[\s-]", "", b.seal_code).lower(), "封存码与审批表上的不同: 封存在签字之后被调换", SITTING)
    return "封存码与审批表一致"


def public_value(b: Bundle) -> str:
    """Judge step 8: the value comes from the one sealed source, is well-formed and cannot be enumerated."""
    v, sealed = b.public_value, b.commitment.source
    same(sealed, v.source, "公开数的来源不是封存时指定的来源", VALUE)
    same(b.sitting.sitting, v.sitting, "公开数属于另一场次", VALUE)
    try:
        source = sources.parse_source(sealed)
        sources.check_value(sealed, v.value)
    except RecordError as e:
        p = e.problem
        file = "commitment.json" if p.code.startswith("SOURCE") else VALUE
        raise VerifyError("唯一的规范写法, 至少 2^60 种可能", f"{p.code} {p.found}", p.message, file) from e
    need(source.kind in b.charter.sources, "、".join(b.charter.sources), source.kind, "章程不允许这种来源", VALUE)
    _evidence(b)
    bits = source.outcomes.bit_length() - 1
    if source.kind == "parties":
        need(not b.closing.absent, "无人缺席", b.closing.absent, "没有公开数时, 缺席者可以左右结果", CLOSING)
        b.not_proved.append("没有公开数: 最后揭示的一方可以中止, 随机性较弱")
        return "弱: 只有各方的秘密"
    b.not_proved.append(
        f"公开数是否真实, 是否在封存之后产生: 请对照公告, {sealed} 应为 {v.value}; 只凭证据包看不出填写的是否开出的号码"
    )
    return f"约 {bits} 比特{', 强' if bits >= sources.STRONG_BITS else ''}"


def _evidence(b: Bundle) -> None:
    for e in b.public_value.evidence:
        present = e.file.startswith("evidence/") and e.file in b.paths
        need(present, "evidence/ 下的文件", e.file, "公开数的证据文件不在包里", VALUE)
        same(e.sha256, canon.sha256(b.open(e.file)).hex(), "证据文件不是登记的那一份", e.file)
    named = {e.file for e in b.public_value.evidence}
    for path in b.under("evidence/"):
        scan = canon.sha256(b.open(path)).hex() == b.closing.form_scan
        need(path in named or scan, "公开数所列的证据", path, "包里有来历不明的证据文件", path)


def seed(b: Bundle) -> str:
    """Judge step 9: the seed follows from the seal, the value and the secrets, and from nothing else."""
    seal = b.commitment.rhash()
    _sitting_hash(b, seal)
    s, v = b.seed, b.public_value
    same((v.source, v.value), (s.source, s.value), "种子所用的公开数不是记录的那个", SEED)
    kept = {c.party for c in b.closing.custody}
    parts = {p.party: p.r for p in s.parties}
    same([p.party for p in b.commitment.parties], list(parts), "种子所用的参与方不是封存的各方", SEED)
    for p in b.commitment.parties:
        r = parts[p.party]
        if p.party not in kept:
            same(b.closing.revealed.get(p.party), r, f"种子所用 {p.party} 的秘密不是它揭示的那个", SEED)
            continue
        c = ticket.party_commitment(b.sitting.sitting_id, p.party, bytes.fromhex(r)).hex() if r else None
        same(p.c, c, f"{p.party} 交付保管的秘密不是它承诺的那个", SEED)
    raw = {party: bytes.fromhex(r) if r else None for party, r in parts.items()}
    found = ticket.seed(bytes.fromhex(seal), v.source, v.value.encode(), raw).hex()
    same(found, s.seed, "种子不是由封存、公开数和各方秘密算出的", SEED)
    same(found, b.draw.seed, "抽取所用的种子不是这个种子", "draw.json")
    same(seal, b.draw.commitment, "抽取所指的封存不是这一份", "draw.json")
    return found


def _sitting_hash(b: Bundle, seal: str) -> None:
    listed = {c.draw_id: c.commitment for c in b.sitting.commitments}
    same(seal, listed.get(b.commitment.draw_id), "场次所列的封存不是这一份", SITTING)
    found = ticket.sitting_hash(b.sitting.sitting_id, [bytes.fromhex(c) for c in listed.values()]).hex()
    same(found, b.sitting.sitting, "场次指纹不是由所列封存算出的", SITTING)
