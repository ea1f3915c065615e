"""Steps 7 to 9: the parties' secrets, the public value, and the seed they make (records.md, 3.4 to 3.7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sampler import beacon, canon, disclosure, records, sources, ticket
from sampler.errors import RecordError
from sampler.verify import keyring
from sampler.verify.report import NotApplicable, VerifyError, need, same

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

SEAL_CODE_DIGITS = 40
SITTING = "sitting.json"
CLOSING = "closing.json"
VALUE = "public-value.json"
SEED = "seed.json"
SEAL = "commitment.json"


def parties(b: Bundle) -> str:
    """Judge step 7: each party revealed what it had promised, and the closing lists exactly that."""
    _promises(b)
    _reveals(b)
    if not b.has("closing.json"):
        _seal_code(b)
        raise NotApplicable("尚未截止")
    _closing(b)
    _custody(b)
    revealed, absent, kept = b.closing.revealed, b.closing.absent, b.closing.custody
    held = f", {len(kept)} 方交保管" if kept else ""
    return f"{len(revealed)} 方揭示{held}, {len(absent)} 方缺席; {_seal_code(b)}"


def _promises(b: Bundle) -> None:
    sealed = {p.party: p.c for p in b.commitment.parties}
    need(
        list(sealed) == [p.party for p in b.charter.parties], [p.party for p in b.charter.parties], list(sealed),
        "封存的参与方不是章程所列的各方", SEAL,
    )  # fmt: skip
    promised = {p.party: p.c for p in b.sitting.party_commitments}
    same(sealed, promised, "各方的承诺与封存时不同: 承诺被调换", SITTING)
    _anchor(b)


def _anchor(b: Bundle) -> None:
    """Check that the amendment chain was promised by its party before the seal, and serves this draw alone."""
    anchor = b.commitment.anchor
    if anchor is None:
        b.not_proved.append("封存时没有变更链: 派员的任何变更都无法证明出自随机")
        return
    promised = next((p for p in b.sitting.party_commitments if p.party == anchor.party), None)
    if promised is None:
        raise VerifyError("参与方", anchor.party, "变更链的保管人不是参与方", SEAL)
    place = [c.draw_id for c in b.sitting.commitments].index(b.commitment.draw_id)
    ends = promised.anchors or ()
    want = ends[place] if place < len(ends) else "没有"
    same(want, anchor.end, "变更链不是保管人为这次抽查承诺的那一条", SEAL)


def _reveals(b: Bundle) -> None:
    sealed = {p.party: p.c for p in b.commitment.parties}
    for r in b.sitting.reveals:
        need(r.party in sealed, "、".join(sealed), r.party, "揭示人不是参与方", SITTING)
        same(b.sitting.sitting, r.sitting, f"{r.party} 的揭示属于另一场次", SITTING)
        c = ticket.party_commitment(r.sitting_id, r.party, bytes.fromhex(r.r)).hex()
        same(sealed[r.party], c, f"{r.party} 揭示的秘密不是它承诺的那个", SITTING)


def _closing(b: Bundle) -> None:
    closing, last = b.closing, b.commitment.last
    same(b.sitting.sitting, closing.sitting, "截止记录属于另一场次", CLOSING)
    in_time = {r.party: r.r for r in b.sitting.reveals if r.party != last}
    same(in_time, closing.revealed, "截止记录与各方的揭示不同", CLOSING)
    kept = [c.party for c in closing.custody]
    later = [last] if last else []
    everybody = sorted([*closing.revealed, *closing.absent, *kept, *later])
    same(sorted(p.party for p in b.commitment.parties), everybody, "有参与方既未揭示也未记为缺席, 或记了两次", CLOSING)
    given, least = len(closing.revealed) + len(kept) + len(later), b.charter.min_reveals
    need(given >= least, f"至少 {least} 方", given, "揭示的参与方太少, 场次应当作废", CLOSING)


def _custody(b: Bundle) -> None:
    """Check each receipt: the holder, another party, has seen the secret that was promised (records.md, 3.11)."""
    sealed = {p.party: p.c for p in b.commitment.parties}
    for c in b.closing.custody:
        file = f"custody-{c.party}.json"
        need(
            c.holder in sealed.keys() - {c.party},
            "另一参与方",
            c.holder,
            f"{c.party} 的秘密没有交给另一参与方",
            CLOSING,
        )
        found = b.record(file, records.Custody)
        same((c.party, c.holder), (found.party, found.holder), f"{c.party} 的保管记录说的是别人", file)
        same(c.rhash, found.rhash(), f"{c.party} 的保管记录不是截止时的那一份", file)
        same(b.sitting.sitting, found.sitting, f"{c.party} 的保管记录属于另一场次", file)
        same(sealed[c.party], found.c, f"{c.holder} 保管的不是 {c.party} 承诺的秘密", file)
        if c.party == b.commitment.last:
            raise VerifyError("在公开数之后揭示", c.party, "最后揭示的一方不能交保管", CLOSING)
    listed = [f"custody-{c.party}.json" for c in b.closing.custody]
    same(listed, b.under("custody-"), "保管记录与截止记录所列不同", CLOSING)
    deferred = disclosure_of(b) == disclosure.AFTER
    need(
        b.closing.custody or not deferred,
        "至少一方的秘密在保管中",
        "没有",
        "检查之前名单不公开, 却人人可以算出",
        CLOSING,
    )


def disclosure_of(b: Bundle) -> str:
    """Return the sealed level of disclosure; a copy without the plan can only say its own."""
    return b.plan.disclosure if b.has("plan.json") else b.manifest.level


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
        file = SEAL if p.code.startswith("SOURCE") else VALUE
        raise VerifyError("唯一的规范写法, 至少 2^60 种可能", f"{p.code} {p.found}", p.message, file) from e
    need(source.kind in b.charter.sources, "、".join(b.charter.sources), source.kind, "章程不允许这种来源", VALUE)
    _last(b, source.kind)
    _evidence(b)
    if source.kind == "drand":
        return _beacon(b, int(source.ids[1]))
    found = source.outcomes.bit_length() - 1
    if source.kind == "parties":
        need(not b.closing.absent, "无人缺席", b.closing.absent, "没有公开数时, 缺席者可以左右结果", CLOSING)
        b.not_proved.append("没有公开数: 最后揭示的一方可以中止, 随机性较弱")
        return "弱: 只有各方的秘密"
    b.not_proved.append(
        f"公开数是否真实, 是否在封存之后产生: 请对照公告, {sealed} 应为 {v.value}; 只凭证据包看不出填写的是否开出的号码"
    )
    return f"约 {found} 比特{', 强' if found >= sources.STRONG_BITS else ''}"


def _beacon(b: Bundle, round_: int) -> str:
    """Check a beacon's answer offline; without the extra that can, nothing is called proved."""
    file, deadline = f"evidence/{beacon.evidence_name(round_)}", b.commitment.reveal_deadline
    need(
        deadline < beacon.time_of(round_),
        f"晚于 {deadline}",
        beacon.time_of(round_),
        "信标这一轮在揭示截止之前已经公开",
        SEAL,
    )
    need(file in b.paths, file, "没有", "包里没有信标的答复, 公开数无从核对", VALUE)
    try:
        signature = beacon.parse(b.open(file), round_)
        same(beacon.value(signature), b.public_value.value, "公开数不是由信标签名算出的", VALUE)
        if not beacon.available():
            why = "没有安装 beacon 扩展, 信标签名没有核对: 公开数未经证明, 安装后重新核验"
            b.not_proved.append(why)
            raise NotApplicable(why)
        beacon.check(round_, signature)
    except RecordError as e:
        raise VerifyError("固定公钥下唯一的规范签名", f"{e.code} {e.problem.found}", e.problem.message, file) from e
    return f"drand {beacon.CHAIN} 第 {round_} 轮 ({beacon.time_of(round_)}), 签名有效, 强"


def bits(b: Bundle) -> int:
    """Return the min-entropy of the sealed source in whole bits."""
    return sources.parse_source(b.commitment.source).outcomes.bit_length() - 1


def _last(b: Bundle, kind: str) -> None:
    """Check who reveals after the digits of a ceremony: one party outside the agency, who may not be missing."""
    last = b.commitment.last
    fits = (kind == "ceremony") == (last is not None)
    need(fits, "现场摇号有一方最后揭示, 其他来源没有", last, "最后揭示的一方不合规则", SEAL)
    outside = {k.owner for k in keyring.ring(b).ever().values() if k.role == "party" and k.outside}
    need(last is None or last in outside, "机关以外的参与方", last, "最后揭示的一方必须在机关以外", SEAL)


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
    parts = {p.party: p.r for p in s.parties}
    same([p.party for p in b.commitment.parties], list(parts), "种子所用的参与方不是封存的各方", SEED)
    revealed = {r.party: r.r for r in b.sitting.reveals}
    kept = {c.party for c in b.closing.custody}
    for p in b.commitment.parties:
        r = parts[p.party]
        if p.party not in kept:
            same(revealed.get(p.party), r, f"种子所用 {p.party} 的秘密不是它揭示的那个", SEED)
            need(r or p.party != b.commitment.last, "已揭示", "没有", f"最后揭示的 {p.party} 不可缺席", SEED)
            continue
        c = ticket.party_commitment(b.sitting.sitting_id, p.party, bytes.fromhex(r)).hex() if r else None
        same(p.c, c, f"{p.party} 交付保管的秘密不是它承诺的那个", SEED)
    raw = {party: bytes.fromhex(r) if r else None for party, r in parts.items()}
    found = ticket.seed(bytes.fromhex(seal), v.source, sources.check_value(v.source, v.value), raw).hex()
    same(found, s.seed, "种子不是由封存、公开数和各方秘密算出的", SEED)
    if b.has("draw.json"):
        same(found, b.draw.seed, "抽取所用的种子不是这个种子", "draw.json")
        same(seal, b.draw.commitment, "抽取所指的封存不是这一份", "draw.json")
    return found


def _sitting_hash(b: Bundle, seal: str) -> None:
    listed = {c.draw_id: c.commitment for c in b.sitting.commitments}
    same(seal, listed.get(b.commitment.draw_id), "场次所列的封存不是这一份", SITTING)
    found = ticket.sitting_hash(b.sitting.sitting_id, [bytes.fromhex(c) for c in listed.values()]).hex()
    same(found, b.sitting.sitting, "场次指纹不是由所列封存算出的", SITTING)
