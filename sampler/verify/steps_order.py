"""Step 6: the log holds the steps in their lawful order, and nothing twice (records.md, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sampler import canon, disclosure, log, records, signing
from sampler.records import AFTER_DRAW, ORDER
from sampler.verify import keyring
from sampler.verify.papers import replayed_only
from sampler.verify.report import need, same
from sampler.verify.steps_log import ENTRIES, PROOFS

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

BEGUN = frozenset({"reveal", "custody", "closing"})
"""From the first of these on a secret may be known."""


@dataclass(frozen=True, slots=True)
class _Count:
    """How many entries of a type there must be for this draw or its sitting."""

    type: str
    by: str
    count: int
    meaning: str


def order(b: Bundle) -> str:
    """Judge step 6: sealed before revealed, closed before drawn, and nothing twice."""
    _reached(b)
    _nothing_strange(b)
    _order_of_types(b)
    _no_seconds(b)
    _after_the_draw(b)
    if not b.has("commitment.json"):
        return "封存之前已作废"
    _sealed_together(b)
    if BEGUN & _spans(b).keys():
        _checkpoint_between(b)
    _previous(b)
    if not outsider(b):
        b.not_proved.append("先后次序没有机关以外的人作证: 封存之后、揭示截止之前, 没有机关以外的密钥签过名")
    return ""


def outsider(b: Bundle) -> bool:
    """Return whether a key outside the agency signed a reveal, or a checkpoint between seal and reveals.

    A key that the charter calls `outside` and that signs nothing proves nothing.
    """
    parties = {k.key_id for k in keyring.ring(b).ever().values() if k.outside and k.role == "party"}
    if any(s.type in ("reveal", "custody") and s.key_id in parties for s in b.signatures):
        return True
    notes = [signing.note_parse(note) for note in _between(b)]
    ever = keyring.ring(b).ever().values()
    witnesses = [(k.owner, bytes.fromhex(k.public)) for k in ever if k.outside and k.role == "witness"]
    return any(signing.note_signed(note, name, key) for note in notes for name, key in witnesses)


def _mine(b: Bundle) -> list[tuple[int, records.Entry]]:
    """Return the log's entries of this draw and its sitting, with the charter."""
    draw = b.manifest.draw_id
    sitting = b.sitting.sitting_id if b.has("sitting.json") else None

    def belongs(e: records.Entry) -> bool:
        if e.type == "charter" or e.draw_id is not None:
            return e.type == "charter" or e.draw_id == draw
        return e.sitting_id is not None and e.sitting_id == sitting

    return [(n, e) for n, e in enumerate(b.logged) if belongs(e)]


def _spans(b: Bundle) -> dict[str, tuple[int, int]]:
    """Return first and last place of each type; the one reveal that follows the digits counts as `last`."""
    late = _late_reveal(b)
    found: dict[str, list[int]] = {}
    for n, e in _mine(b):
        found.setdefault("last" if n == late else e.type, []).append(n)
    return {t: (i[0], i[-1]) for t, i in found.items()}


def _late_reveal(b: Bundle) -> int | None:
    last = b.commitment.last if b.has("commitment.json") else None
    mine = next((r for r in b.sitting.reveals if r.party == last), None) if last else None
    return b.index_of.get((mine.TYPE, mine.rhash())) if mine else None


def _reached(b: Bundle) -> None:
    """Refuse a bundle whose log does not reach as far as the bundle claims: to its draw or its void."""
    found = _spans(b)
    stop = disclosure.END[b.manifest.stage or ""]
    over = "void" in found
    need(over or stop in found, stop, "没有", f"日志里没有 {stop}, 也没有作废记录", ENTRIES)
    chain = [t for t in ORDER if t != "reveal"]
    for type_ in chain[: chain.index(stop) + 1]:
        need(type_ in found or over, type_, "没有", f"日志里没有 {type_}", PROOFS)


def _nothing_strange(b: Bundle) -> None:
    """Refuse entries of this draw or its sitting whose type nobody counts: they could be anything."""
    strange = next((e.type for _, e in _mine(b) if e.type not in log.CARRIES), "")
    need(not strange, "规范所列的记录", strange, "日志里有这次抽查的记录没有给出", ENTRIES)


def _order_of_types(b: Bundle) -> None:
    spans = _spans(b)
    kept = spans.pop("custody", None)
    chain = [*ORDER[:-1], "last", ORDER[-1]]
    for first, second in pairwise([t for t in chain if t in spans]):
        _before(first, spans[first], second, spans[second])
    if kept:
        _before("commitment", spans["commitment"], "custody", kept)
        if "closing" in spans:
            _before("custody", kept, "closing", spans["closing"])


def _before(first: str, one: tuple[int, int], second: str, two: tuple[int, int]) -> None:
    meaning = "步骤的先后不对, 结果可能被操纵"
    need(one[1] < two[0], f"{first} 先于 {second}", f"第 {one[1]} 条, 第 {two[0]} 条", meaning, PROOFS)


def _after_the_draw(b: Bundle) -> None:
    """Refuse amendments, results and openings before the draw, and anything after a void."""
    spans = _spans(b)
    done = spans.get("draw", (len(b.logged), 0))[0]
    for type_ in AFTER_DRAW:
        if type_ in spans:
            _before("draw", (done, done), type_, spans[type_])
    if "void" in spans:
        mine = {"registration", "commitment", "draw", *AFTER_DRAW}
        mine |= {"closing", "public-value", "last"} if b.void and b.void.draw else set()
        for type_ in sorted(mine & spans.keys()):
            _before(type_, spans[type_], "void", spans["void"])


def _no_seconds(b: Bundle) -> None:
    sitting = b.sitting if b.has("sitting.json") else None
    once = ("registration", "draw_id", 1, "同一次抽查登记了不止一次")
    rules = [
        _Count(*once),
        _Count("charter", "", 1, "日志里的章程不止一份"),
        _Count("commitment", "draw_id", int(b.has("commitment.json")), "同一次抽查封存了不止一次"),
        _Count("draw", "draw_id", int(b.has("draw.json") and not replayed_only(b)), "同一次抽查抽了不止一次"),
        _Count("void", "draw_id", int(b.has("void.json")), "作废记录与日志不同: 有作废被隐去"),
        _Count("opening", "draw_id", int(b.has("opening.json")), "同一次抽查公开了不止一次"),
    ]
    if sitting:
        kept = len(b.under("custody-"))
        promised, revealed = len(sitting.party_commitments), len(sitting.reveals)
        rules += [
            _Count("party-commitment", "sitting_id", promised, "有参与方承诺了不止一次, 或被隐去"),
            _Count("reveal", "sitting_id", revealed, "有揭示被隐去, 或揭示了不止一次"),
            _Count("custody", "sitting_id", kept, "有保管记录被隐去, 或补入"),
            _Count("closing", "sitting_id", int(b.has("closing.json")), "同一场次截止了不止一次"),
            _Count("public-value", "sitting_id", int(b.has("public-value.json")), "同一场次记录了不止一个公开数"),
        ]
    ids = {"draw_id": b.manifest.draw_id, "sitting_id": sitting.sitting_id if sitting else "", "": None}
    for r in rules:
        if r.type in disclosure.WITHHELD_RECORDS.get(b.copy, ()):
            continue
        found = sum(e.type == r.type and getattr(e, r.by, None) == ids[r.by] for e in b.logged)
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
    """Return the place of the first entry from which a secret may be known; behind the log when there is none."""
    return min((place for t, (place, _) in _spans(b).items() if t in BEGUN), default=len(b.logged))


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
