"""Steps 1 and 2: the files are those of the manifest, and each has its one form (records.md, 1, 2, 3.10, 6)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sampler import canon, disclosure, records
from sampler.plan import LEVELS
from sampler.verify.bundle import AUDITOR, UnreadableError
from sampler.verify.report import VerifyError, need, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from sampler.schema import Record
    from sampler.verify.bundle import Bundle

MANIFEST: Final = "manifest.json"
BUNDLE_LEVELS: Final = (AUDITOR, *LEVELS)
ALWAYS: Final = ("charter.json", "registration.json", "signatures.json", "log/checkpoint", "log/entries")
"""In every bundle and copy: without them nobody answers for anything."""
SEALED_FILES: Final = (
    "plan.json", "sitting.json", "commitment.json", "log/proofs.json", "log/nonces.json", "scores.csv",
    *(t for t in records.TABLE_COLUMNS if t != "tau.tsv"),
)  # fmt: skip
"""What a draw has from its seal on."""
FROM_VALUE: Final = ("closing.json", "public-value.json")
EVIDENCE: Final = re.compile(rf"evidence/{records.NAME}")


def files(b: Bundle) -> str:
    """Judge step 1: exactly the listed files, each with the listed size and hash."""
    m = _manifest(b)
    listed = {f.path for f in m.files}
    present = set(b.paths) - {MANIFEST}
    need(len(present) + 1 == len(b.paths), "每个路径一次", "重复的路径", "目录清单本身有误, 请重新取得证据包", MANIFEST)
    for path in sorted(present | listed):
        need(_allowed(b, path), "只有规范所列的路径", path, "有规范之外的文件, 或这一级不该公开的文件", path)
        need(path in listed, "清单列出每个文件", "未列出", "多出一个清单之外的文件, 可能是事后放入", path)
        need(path in present, "清单所列文件齐全", "缺少", "缺少文件, 这份证据包不完整", path)
    for f in m.files:
        data = b.open(f.path)
        same(f.size, len(data), "文件长度与清单不符, 文件被改动或损坏", f.path)
        same(f.sha256, canon.sha256(data).hex(), "文件内容与清单不符, 文件被改动或损坏", f.path)
    return f"共 {len(m.files)} 个文件"


def _manifest(b: Bundle) -> records.Manifest:
    try:
        m = b.manifest
    except UnreadableError as e:
        raise VerifyError("清单按规范写成", e.problem.message, "清单读不出来, 无从核对文件", MANIFEST) from e
    same(records.BUNDLE_SCHEMA, m.schema, "不是本系统的证据包, 或版本不认识", MANIFEST)
    need(m.level in BUNDLE_LEVELS, "、".join(BUNDLE_LEVELS), m.level, "公开级别不认识", MANIFEST)
    stages = ("",) if m.level == AUDITOR else disclosure.STAGES
    need((m.stage or "") in stages, "、".join(stages) or "没有", m.stage, "公开阶段不认识", MANIFEST)
    for path in _required(b):
        need(path in b.paths, f"级别 {m.level} 的证据包含此文件", "缺少", "缺少文件, 这份证据包不完整", path)
    return m


def _required(b: Bundle) -> tuple[str, ...]:
    """Return the fixed files that must be there; a void before the draw leaves out what it never reached."""
    if b.copy is None and not b.has("void.json"):
        return records.BUNDLE_FILES
    if b.copy is None and b.void:
        sealed = SEALED_FILES if b.void.commitment else ()
        return records.BUNDLE_FILES if b.void.draw else (*ALWAYS, *sealed)
    if b.copy is None or b.has("void.json"):
        return ALWAYS
    fixed = (*records.BUNDLE_FILES, *disclosure.COPY_COLUMNS, "opening.json")
    optional = FROM_VALUE if b.copy[1] == disclosure.SEALED else ()
    secret = () if b.has("opening.json") or b.under("custody-") else ("opening.json",)
    out = (p for p in fixed if disclosure.public(p, *b.copy) and p not in (*optional, *secret))
    return (*ALWAYS, *out)


def _allowed(b: Bundle, path: str) -> bool:
    if b.copy:
        return disclosure.public(path, *b.copy)
    return path in records.BUNDLE_FILES or bool(
        records.document_class(path) or records.sitting_file(path) or EVIDENCE.fullmatch(path)
    )


def forms(b: Bundle) -> str:
    """Judge step 2: every file in its one form, and the same draw and sitting named everywhere."""
    for path, load in _readers(b).items():
        if path in b.paths:
            _readable(path, load)
    for path in ALWAYS:
        b.open(path)
    _draw_ids(b)
    _sitting_ids(b)
    _numbers(b)
    return ""


def _readers(b: Bundle) -> dict[str, Callable[[], object]]:
    """Return how each file of the bundle is read, by path; evidence may have any form."""
    out: dict[str, Callable[[], object]] = {p: partial(b.record, p, c) for p, c in records.RECORD_FILES.items()}
    out |= {p: partial(b.table, p) for p in (*records.TABLE_COLUMNS, *disclosure.COPY_COLUMNS)}
    out |= {
        "plan.json": lambda: b.plan,
        "scores.csv": lambda: b.scores,
        "signatures.json": lambda: b.signatures,
        "log/entries": lambda: b.logged,
    }
    out |= {p: partial(b.record, p, of[1]) for p in b.paths if (of := records.sitting_file(p))}
    return out | {p: partial(b.document, p) for p in b.paths if records.document_class(p)}


def _readable(path: str, load: Callable[[], object]) -> None:
    try:
        load()
    except UnreadableError as e:
        if e.step == 1:
            raise
        p = e.cause.problem if e.cause else e.problem
        found = f"{p.code} {p.place.column} {p.found}".strip()
        raise VerifyError("唯一的规范写法", found, f"文件不合规范, 不能采信: {p.message}", path) from e


def _documents(b: Bundle) -> dict[str, Record]:
    """Return the records of the bundle that name a draw or a sitting, by path."""
    fixed = ("registration", "commitment", "seed", "draw", "assignment", "closing", "public-value")
    out: dict[str, Record] = {
        f"{t}.json": b.record(f"{t}.json", records.RECORD_FILES[f"{t}.json"]) for t in fixed if b.has(f"{t}.json")
    }
    return out | {p: b.document(p) for p in b.paths if records.document_class(p)}


def _draw_ids(b: Bundle) -> None:
    for path, found in _documents(b).items():
        inner = found.opening if isinstance(found, records.OpeningFile) else found
        draw_id = getattr(inner, "draw_id", b.manifest.draw_id)
        same(b.manifest.draw_id, draw_id, "文件属于另一次抽查, 不能混用", path)
    if b.has("sitting.json"):
        sealed = [s.draw_id for s in b.sitting.commitments]
        need(b.manifest.draw_id in sealed, b.manifest.draw_id, sealed, "该场次没有封存这次抽查", "sitting.json")
    for path, (other, cls) in ((p, of) for p in b.paths if (of := records.sitting_file(p))):
        found = b.record(path, cls)
        listed = [s.draw_id for s in b.sitting.commitments if s.draw_id != b.manifest.draw_id]
        need(other in listed, listed, other, "该场次没有封存这次抽查", path)
        same(other, getattr(found, "draw_id", other), "文件属于另一次抽查, 不能混用", path)
        if isinstance(found, records.Amendment):
            same(f"{found.number:04d}", path[-9:-5], "文件名与内容不符", path)


def _sitting_ids(b: Bundle) -> None:
    if not b.has("sitting.json"):
        return
    found: list[tuple[str, Record]] = [*_documents(b).items()]
    found += [("sitting.json", p) for p in (*b.sitting.party_commitments, *b.sitting.reveals)]
    for path, record in found:
        want = b.sitting.sitting_id
        same(want, getattr(record, "sitting_id", None) or want, "文件属于另一个场次, 不能混用", path)


def _numbers(b: Bundle) -> None:
    """Refuse a file whose name says another number, party or key than the record in it."""
    for path, record in _documents(b).items():
        stem = path.rpartition("/")[2].removesuffix(".json")
        match record:
            case records.Custody():
                same(f"custody-{record.party}", stem, "文件名与内容不符", path)
            case records.Attestation():
                same(f"attestation-{records.key_id(bytes.fromhex(record.public))}", stem, "文件名与内容不符", path)
            case records.Results():
                same(f"{record.batch:04d}", stem, "文件名与内容不符", path)
            case records.Amendment() | records.KeyChange():
                same(f"{record.number:04d}", stem, "文件名与内容不符", path)
