"""Steps 1 and 2: the files are those of the manifest, and each has its one form (records.md, 1, 2, 3.10, 6)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sampler import canon, records
from sampler.plan import LEVELS
from sampler.verify.report import UnreadableError, VerifyError, need, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from sampler.verify.bundle import Bundle

MANIFEST: Final = "manifest.json"
AUDITOR: Final = "auditor"
BUNDLE_LEVELS: Final = (AUDITOR, *LEVELS)
ALWAYS: Final = ("charter.json", "signatures.json", "log/checkpoint", "log/entries")
"""Public at every level: without them nobody answers for anything in the copy."""
_NAME: Final = r"(?!\.{1,2}(?:$|/))[0-9A-Za-z._-]{1,64}"
OPTIONAL: Final = re.compile(
    rf"evidence/{_NAME}|custody-{_NAME}\.json|attestation-{_NAME}\.json|void\.json"
    r"|(?:amendments|results)/[0-9]{4}\.json|openings/[0-9a-f]{32}\.json"
)
"""Paths that may be there beside the fixed ones; NAME is an id, but not `.` or `..`."""


def files(b: Bundle) -> str:
    """Judge step 1: exactly the listed files, each with the listed size and hash."""
    m = _manifest(b)
    listed = {f.path for f in m.files}
    present = set(b.paths) - {MANIFEST}
    need(len(present) + 1 == len(b.paths), "每个路径一次", "重复的路径", "目录清单本身有误, 请重新取得证据包", MANIFEST)
    for path in sorted(present | listed):
        allowed = path in records.BUNDLE_FILES or OPTIONAL.fullmatch(path)
        need(allowed, "只有规范所列的路径", path, "证据包里有规范之外的文件, 来历不明", path)
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
    for path in records.BUNDLE_FILES if m.level == AUDITOR else ALWAYS:
        need(path in b.paths, f"级别 {m.level} 的证据包含此文件", "缺少", "缺少文件, 这份证据包不完整", path)
    return m


def forms(b: Bundle) -> str:
    """Judge step 2: every file in its one form, and the same draw and sitting named everywhere."""
    for path, load in _readers(b).items():
        if path in b.paths:
            _readable(path, load)
    _draw_ids(b)
    _sitting_ids(b)
    return ""


def _readers(b: Bundle) -> dict[str, Callable[[], object]]:
    """Return how each file of the bundle is read, by path; evidence may have any form."""
    out: dict[str, Callable[[], object]] = {p: partial(b.record, p, c) for p, c in records.RECORD_FILES.items()}
    out |= {p: partial(b.table, p) for p in records.TABLE_COLUMNS}
    out |= {
        "plan.json": lambda: b.plan,
        "scores.csv": lambda: b.scores,
        "signatures.json": lambda: b.signatures,
        "log/entries": lambda: b.logged,
    }
    others = [p for p in b.paths if p.endswith(".json") and p not in out and not p.startswith("evidence/")]
    return out | {p: partial(b.document, p) for p in others if p != MANIFEST}


def _readable(path: str, load: Callable[[], object]) -> None:
    try:
        load()
    except UnreadableError as e:
        if e.step == 1:
            raise
        p = e.cause.problem if e.cause else e.problem
        found = f"{p.code} {p.place.column} {p.found}".strip()
        raise VerifyError("唯一的规范写法", found, f"文件不合规范, 不能采信: {p.message}", path) from e


def _draw_ids(b: Bundle) -> None:
    found = {
        "registration.json": b.registration.draw_id,
        "commitment.json": b.commitment.draw_id,
        "seed.json": b.seed.draw_id,
        "draw.json": b.draw.draw_id,
        "assignment.json": b.assignment.draw_id,
    }
    optional = [p for p in b.paths if OPTIONAL.fullmatch(p) and not p.startswith("evidence/")]
    found |= {p: b.document(p).get("draw_id", b.manifest.draw_id) for p in optional}
    for path, draw_id in found.items():
        same(b.manifest.draw_id, draw_id, "文件属于另一次抽查, 不能混用", path)
    sealed = [s.draw_id for s in b.sitting.commitments]
    need(b.manifest.draw_id in sealed, b.manifest.draw_id, sealed, "该场次没有封存这次抽查", "sitting.json")


def _sitting_ids(b: Bundle) -> None:
    want = b.sitting.sitting_id
    found = [
        ("commitment.json", b.commitment.sitting_id),
        ("closing.json", b.closing.sitting_id),
        ("public-value.json", b.public_value.sitting_id),
        *(("sitting.json", p.sitting_id) for p in b.sitting.party_commitments),
        *(("sitting.json", r.sitting_id) for r in b.sitting.reveals),
    ]
    for path, sitting_id in found:
        same(want, sitting_id, "文件属于另一个场次, 不能混用", path)
