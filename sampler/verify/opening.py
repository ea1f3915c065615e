"""One firm's opening, checked alone: its row was sealed, the seal was signed and logged (records.md, 3.16).

No table, no other row, no network: a single file of a few kilobytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import SPEC, canon, log, merkle, records, signing
from sampler.errors import RecordError, SamplerError, clip
from sampler.verify import keyring
from sampler.verify.report import NEVER_PROVED, Report, Step, VerifyError, need, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from sampler.schema import Record
    from sampler.verify.bundle import Bundle

TREES: Final = ("excluded", "frame")
STEPS: Final = (
    ("records", 2, "唯一的规范写法"),
    ("charter", 3, "章程所列的人签名"),
    ("log", 5, "封存在日志里"),
    ("trees", 10, "这一行就是封存的那一行"),
)
"""The steps of PROTOCOL 7 that one opening can answer."""


def verify_opening(data: bytes, *, charter: str = "", name: str = "opening.json") -> Report:
    """Return what one opening shows; the other steps are not applicable.

    Parameters
    ----------
    data
        The bytes of ``openings/TOKEN.json``.
    charter
        Hash of the charter, known from elsewhere.
    """
    try:
        file = records.OpeningFile.parse(data, name)
        same(data, file.encode(), "文件有第二种写法", name)
    except (SamplerError, ValueError, RecursionError) as e:
        found = e.problem.message if isinstance(e, SamplerError) else clip(str(e))
        bad = Step(
            no=2,
            id="records",
            status="fail",
            want=STEPS[0][2],
            found=found,
            meaning="文件读不出来, 不能采信",
            file=name,
        )
        return Report(draw_id="", level="opening", steps=(bad,), not_proved=NEVER_PROVED)
    open_points: list[str] = []
    steps = [Step(no=2, id="records", status="ok", want=STEPS[0][2], meaning="文件按规范写成")]
    judges: tuple[Callable[[], str], ...] = (
        lambda: _signed(file, charter, open_points),
        lambda: _logged(file),
        lambda: _row(file),
    )
    steps += [_step(rule, judge, name) for rule, judge in zip(STEPS[1:], judges, strict=True)]
    open_points.append("概率由机关签名声明, 是否与封存的档次相符, 要由核验全包的审计人确认")
    open_points.append("这份文件只说一户: 名单是否完整、摇号是否照办, 要看整次抽查的核验")
    return Report(
        draw_id=file.opening.draw_id, level="opening", steps=tuple(steps), not_proved=(*open_points, *NEVER_PROVED)
    )


def _step(rule: tuple[str, int, str], judge: Callable[[], str], name: str) -> Step:
    id_, no, want = rule
    try:
        return Step(no=no, id=id_, status="ok", want=want, meaning=judge())
    except VerifyError as e:
        p = e.problem
        return Step(
            no=no, id=id_, status="fail", want=e.want, found=p.found, meaning=p.message, file=p.place.file or name
        )
    except (SamplerError, ValueError) as e:
        found = clip(str(e))
        return Step(no=no, id=id_, status="fail", want=want, found=found, meaning="内容自相矛盾", file=name)


def check(file: records.OpeningFile, path: str) -> None:
    """Refuse an opening that does not hold, with `VerifyError`."""
    _signed(file, "", [], path)
    _logged(file, path)
    _row(file, path)


def _ring(file: records.OpeningFile) -> keyring.Ring:
    return keyring.Ring(file.charter.keys, tuple((-1, c) for c in file.keys))


def _signed(file: records.OpeningFile, pin: str, open_points: list[str], path: str = "") -> str:
    c = file.charter
    if pin:
        same(pin.strip().lower(), c.rhash(), "章程不是您手里的那一份, 签名密钥可能被调换", path)
    else:
        open_points.append(f"密钥未固定: 没有提供章程指纹 (--charter), 本文件章程的指纹是 {c.rhash()}")
    same(SPEC, c.spec, "章程所依的规范版本不是本程序的版本", path)
    same(canon.H("spec", SPEC).hex(), file.commitment.spec, "封存所依的规范版本不是本程序的版本", path)
    agency = [k for k in _ring(file).ever().values() if (k.role, k.owner) == ("agency", c.agency)]
    for k in agency:
        same(records.key_id(bytes.fromhex(k.public)), k.key_id, "密钥编号与公钥不符", path)
    _changes(file, path)
    for record in (file.opening, file.commitment, c):
        by = {k.key_id: k for k in agency}
        good = any(s.key_id in by and keyring.valid(by[s.key_id], s) for s in _on(file, record))
        need(good, f"机关在 {record.TYPE} 上的签名", "没有", "没有机关的有效签名", path)
    known = {(r.TYPE, r.rhash()) for r in (file.opening, file.commitment, c, *file.keys)}
    ever = _ring(file).ever()
    for s in file.signatures:
        good = (s.type, s.rhash) in known and s.key_id in ever and keyring.valid(ever[s.key_id], s)
        need(good, "本文件的记录上的有效签名", f"{s.type} {s.key_id}", "签名无效, 或不属于这份文件", path)
    same(file.commitment.rhash(), file.opening.commitment, "核验文件所指的封存不是这一份", path)
    same(file.commitment.draw_id, file.opening.draw_id, "核验文件属于另一次抽查", path)
    if c.demo:
        open_points.append("这是演示: 秘密和时间由固定标签生成, 只供展示")
    return "封存与这份核验文件由机关签名"


def _on(file: records.OpeningFile, record: Record) -> list[records.Signature]:
    what = (record.TYPE, record.rhash())
    return [s for s in file.signatures if (s.type, s.rhash) == what]


def _changes(file: records.OpeningFile, path: str) -> None:
    """Check that each replaced key signed its successor in, or everybody else did."""
    for n, change in enumerate(file.keys):
        before = keyring.Ring(file.charter.keys, tuple((-1, c) for c in file.keys[:n]))
        by = keyring.valid_signers(change, file.signatures, before)
        old = before.ever().get(change.old)
        lawful = old is not None and keyring.lawful(change, old, before.at(0), by)
        need(lawful, "新密钥, 以及旧密钥或其余各方的签名", sorted(by), "密钥变更没有应有的签名", path)


def _logged(file: records.OpeningFile, path: str = "") -> str:
    seal, where = file.commitment, file.logged
    leaf = merkle.log_leaf(bytes.fromhex(where.nonce), bytes.fromhex(seal.rhash())).hex()
    entry = log.entry("commitment", leaf, sitting_id=seal.sitting_id, draw_id=seal.draw_id)
    note = signing.note_parse(file.checkpoint)
    head = log.parse_checkpoint(note.text)
    origin = log.origin(file.charter.agency)
    same(origin, head.origin, "检查点属于另一份日志", path)
    same(head.size, where.size, "证明不是对着这个检查点做的", path)
    keys = [k for k in _ring(file).ever().values() if (k.role, k.owner) == ("log", file.charter.agency)]
    good = any(signing.note_signed(note, origin, bytes.fromhex(k.public)) for k in keys)
    need(good, "日志密钥的签名", "没有", "检查点没有日志密钥的有效签名", path)
    proof = [bytes.fromhex(h) for h in where.proof]
    inside = merkle.included(merkle.entry_leaf(entry), where.index, where.size, proof, head.root)
    need(inside, "有效的包含证明", f"第 {where.index} 条", "不能证明封存在日志里", path)
    return f"封存是日志第 {where.index} 条"


def _row(file: records.OpeningFile, path: str = "") -> str:
    o, seal = file.opening, file.commitment
    need(o.tree in TREES, "、".join(TREES), o.tree, "不认识的名单", path)
    size = seal.frame.count if o.tree == "frame" else sum(seal.excluded.counts.values())
    root = seal.frame.root if o.tree == "frame" else seal.excluded.root
    leaf = merkle.blinded_leaf(o.tree, o.draw_id, o.row, bytes.fromhex(o.nonce))
    proof = [bytes.fromhex(h) for h in o.proof]
    inside = merkle.included(leaf, o.index, size, proof, bytes.fromhex(root))
    need(inside, "有效的包含证明", f"第 {o.index} 行", "这一行不是封存的, 或属于别的抽查、别的名单", path)
    need((o.pi_e12 is None) == (o.tree == "excluded"), "可抽的有概率, 剔除的没有", o.pi_e12, "概率写得不对", path)
    if o.pi_e12 is None:
        return f"{o.row.split(chr(9))[0]} 在封存时被剔除"
    need(o.pi_e12 <= 10**12, "不超过 1", o.pi_e12, "概率超过 1", path)
    return f"{o.row.split(chr(9))[0]} 在封存的名单里, 入样概率 {o.pi_e12 / 10**12:.6f}"


def grown(b: Bundle, note: str, file: str) -> None:
    """Refuse a checkpoint inside a record that is no head this bundle's log went through."""
    try:
        old = log.parse_checkpoint(signing.note_parse(note).text)
    except RecordError as e:
        raise VerifyError("签名检查点", e.problem.found, "检查点读不出来", file) from e
    need(old.size <= len(b.entries), f"不超过 {len(b.entries)}", old.size, "核验意见见过更长的日志: 日志被截短", file)
    root = merkle.root(log.leaves(b.entries[: old.size]))
    same(old.root.hex(), root.hex(), "核验意见见过的日志不是这一份: 日志有分叉", file)
