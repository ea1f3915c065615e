"""One log for all copies of a site: a copy's log is the beginning of the site's (docs/spec/records.md, 7).

The log only grows, so the first `size` bytes that a manifest lists are the copy's own, whatever came later. What came
later may not concern the copy's draw: then a newer copy exists, and this one would hide something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sampler import canon
from sampler.errors import CanonError, SamplerError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRIES: Final = "log/entries"


def own(files: Mapping[str, bytes], whole: bytes) -> bytes:
    """Return the part of a site's log that is the copy's own.

    Parameters
    ----------
    files
        The copy as it lies on the site, without its log; ``manifest.json`` and ``sitting.json`` are read.
    whole
        The site's ``log/entries``.

    Raises
    ------
    SamplerError
        ``COPY_OLD`` when a later entry is of this draw or its sitting.
    """
    manifest = _read(files, "manifest.json")
    listed = manifest.get("files")
    sizes = [f.get("size") for f in listed if _is(f) and f.get("path") == ENTRIES] if isinstance(listed, list) else []
    size = sizes[0] if sizes and type(sizes[0]) is int else len(whole)
    draw_id, sitting_id = manifest.get("draw_id"), _read(files, "sitting.json").get("sitting_id")
    *later, end = whole[size:].split(b"\n")
    for line in later + [end] * bool(end):
        if _concerns(_parsed(line), draw_id, sitting_id):
            raise SamplerError(
                "COPY_OLD",
                "日志里已有本次抽查的新条目，这份公开副本较旧",
                hint="刷新页面或重新下载；仍然如此，请向机关查问",
                found=line.decode(errors="replace"),
            )
    return whole[:size]


def _concerns(entry: Any, draw_id: object, sitting_id: object) -> bool:
    if "draw_id" in entry:
        return bool(entry["draw_id"] == draw_id)
    return bool(entry.get("sitting_id", sitting_id) == sitting_id)


def _read(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    return _parsed(files[path]) if path in files else {}


def _parsed(data: bytes) -> dict[str, Any]:
    """Return a record's fields; none of what is no record: the replay will say so."""
    try:
        found = canon.decode(data)
    except CanonError:
        return {}
    return found if _is(found) else {}


def _is(value: Any) -> bool:
    return isinstance(value, dict)
