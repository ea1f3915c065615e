"""Workspaces of older versions: what changed in their form, verified, and safe to break off anywhere (log.md, 5).

The form of a workspace is a number in ``workspace.json``. Form 1 kept the log's index as one JSON file that was
rewritten whole at each append; form 2 keeps a journal. The old index is moved aside, never deleted: a program of the
old form finds no index any more, so that it cannot continue the log beside us.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, log, merkle
from sampler.errors import CanonError, Place, RecordError, StoreError
from sampler.io.disk import replace
from sampler.io.journal import ENTRIES, HEAD, HEADS, JOURNAL, Journal, entry_bytes, lines, size_and_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from sampler.io.disk import Disk

SETTINGS: Final = "workspace.json"
CURRENT: Final = 2
"""The form this program reads and writes."""
INDEX: Final = "private/log-index.json"
KEPT: Final = "private/log-index.form1.json"
"""Where the index of form 1 lies afterwards."""
_SCHEMA: Final = re.compile(r"sampler/workspace/v([1-9][0-9]{0,3})")
_FIELDS: Final = frozenset({"type", "rhash", "nonce", "draw_id", "sitting_id"})


def schema(form: int = CURRENT) -> str:
    """Return what ``workspace.json`` says of a form."""
    return f"sampler/workspace/v{form}"


def form_of(settings: Any) -> int:
    """Return the form of a workspace.

    Raises
    ------
    StoreError
        ``WORKSPACE_FORM`` when the settings do not say it.
    """
    found = _SCHEMA.fullmatch(str(settings.get("schema", ""))) if isinstance(settings, dict) else None
    if found is None:
        hint = "从备份恢复 workspace.json；不要手工修改"
        raise StoreError("WORKSPACE_FORM", "工作区设置里没有版式", hint=hint, place=Place(file=SETTINGS))
    return int(found[1])


def need_current(settings: Any) -> None:
    """Refuse to work in a workspace of another form.

    Raises
    ------
    StoreError
        ``WORKSPACE_OLD``, ``WORKSPACE_NEWER`` or ``WORKSPACE_FORM``.
    """
    form = form_of(settings)
    place = Place(file=SETTINGS)
    if form < CURRENT:
        message, hint = (
            f"工作区是第 {form} 版的，本程序用第 {CURRENT} 版",
            "先运行 sampler backup 备份，再运行 sampler upgrade",
        )
        raise StoreError("WORKSPACE_OLD", message, hint=hint, place=place)
    if form > CURRENT:
        message, hint = f"工作区是第 {form} 版的，本程序只到第 {CURRENT} 版", "换用较新的程序；工作区没有改动"
        raise StoreError("WORKSPACE_NEWER", message, hint=hint, place=place)


def upgrade(disk: Disk) -> int:
    """Bring a workspace to the current form; return the form it had. Doing it again does nothing.

    Every step is whole or not at all, and the form is written last: who is cut off begins anew and ends the same.

    Raises
    ------
    StoreError
        ``WORKSPACE_FORM``, ``WORKSPACE_NEWER``, ``UPGRADE_LOG``, ``UPGRADE_CONFLICT`` or ``LOG_DAMAGED``: nothing was
        changed.
    """
    try:
        settings = canon.decode(disk.read(SETTINGS))
    except CanonError:
        settings = None
    form = form_of(settings)
    if form > CURRENT:
        need_current(settings)
    for n in range(form, CURRENT):
        _STEPS[n](disk)
        replace(disk, SETTINGS, canon.encode({**settings, "schema": schema(n + 1)}))
    return form


def _to_journal(disk: Disk) -> None:
    """Form 1 to 2: the index becomes a journal, once index, entries and every checkpoint agree."""
    index = disk.read(INDEX)
    if index:
        rows = _rows(index)
        _agree(disk, rows)
        want = b"".join(lines(rows))
        there = disk.read(JOURNAL)
        if not want.startswith(there):
            raise _refusal("UPGRADE_CONFLICT", "索引和流水账都在，内容不同", JOURNAL)
        if there != want:
            replace(disk, JOURNAL, want)
        if list(Journal(disk).rows()) != rows:
            raise _refusal("UPGRADE_LOG", "写出的流水账读回不同", JOURNAL)
        disk.rename(INDEX, KEPT)
        disk.sync_folder("private")
    Journal(disk).rows()  # a log without index has been carried over before, or is damaged


_STEPS: Final[dict[int, Callable[[Disk], None]]] = {1: _to_journal}
"""From which form what is done."""


def _rows(index: bytes) -> list[dict[str, Any]]:
    """Return the rows of an index of form 1."""
    try:
        rows = canon.decode(index)
    except CanonError as e:
        raise _refusal("UPGRADE_LOG", "索引不是规范的 JSON", INDEX) from e
    if not isinstance(rows, list) or not rows:
        raise _refusal("UPGRADE_LOG", "索引不是条目的列表", INDEX)
    for n, row in enumerate(rows):
        if not isinstance(row, dict) or not row.keys() <= _FIELDS:
            raise _refusal("UPGRADE_LOG", f"索引第 {n} 条读不出来", INDEX)
    return rows


def _agree(disk: Disk, rows: list[dict[str, Any]]) -> None:
    """Hold the index against what everybody has seen of the log."""
    tree, roots, entries = merkle.Frontier(), [merkle.EMPTY_ROOT], list[bytes]()
    for n, row in enumerate(rows):
        try:
            entries.append(entry_bytes(row))
        except (CanonError, RecordError, KeyError, TypeError, ValueError) as e:
            raise _refusal("UPGRADE_LOG", f"索引第 {n} 条读不出来", INDEX) from e
        tree.add(merkle.entry_leaf(entries[-1]))
        roots.append(tree.root())
    size, root = size_and_root(disk.read(HEAD))
    shown = disk.read(ENTRIES)
    if size > len(rows) or roots[size] != root or disk.size(f"{HEADS}/{len(rows) + 1:08d}"):
        raise _refusal("UPGRADE_LOG", f"检查点有 {size} 条，索引有 {len(rows)} 条，或内容不同", INDEX)
    if not log.encode_entries(entries).startswith(shown) or not shown.startswith(log.encode_entries(entries[:size])):
        raise _refusal("UPGRADE_LOG", "日志条目与索引不一致", ENTRIES)
    for n in range(1, len(rows) + 1):
        note = disk.read(f"{HEADS}/{n:08d}")
        if note and size_and_root(note) != (n, roots[n]):
            raise _refusal("UPGRADE_LOG", f"第 {n} 个检查点与索引不一致", f"{HEADS}/{n:08d}")


def _refusal(code: str, message: str, file: str) -> StoreError:
    hint = "没有改动任何文件；用备份核对日志，找出哪一份被改过"
    return StoreError(code, message, hint=hint, place=Place(file=file))
