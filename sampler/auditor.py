"""Replay from the command line with nothing but Python and `cryptography`: ``python -m sampler.auditor PATH``.

PATH is a bundle, a published copy or one firm's opening file. Uses no code of the office's side: neither io nor
commands nor publish. Sizes are judged before a byte is read; nothing outside the directory is ever opened, but the one
log that the copies of a site share.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sampler import sharedlog, trust
from sampler import verify as replay
from sampler.errors import Place, SamplerError, printable
from sampler.verify import Report

MARK: Final = {"ok": "通过", "fail": "不通过", "na": "不适用"}
MAX_FILES: Final = 20_000
MAX_RECORD: Final = 64 << 20
"""Bytes of one JSON record: potentials of a large county are a few million."""
MAX_TABLE: Final = 4 << 30
MAX_OPENING: Final = 1 << 20
SITE: Final = "../../.."
TIME_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


def read_folder(root: Path) -> dict[str, bytes]:
    """Return a bundle's files by path, of a copy on a site with its part of the site's log.

    Raises
    ------
    SamplerError
        ``NOT_A_BUNDLE``, ``TOO_MANY_FILES``, and as :func:`reader` for a single file.
    """
    names = listing(root)
    return {name: read_file(root, name) for name in names} | _shared(root, names)


def _shared(root: Path, names: list[str]) -> dict[str, bytes]:
    """Return the log of a copy that lies on a site, ``data/DRAW/DIGEST``: its part of the site's."""
    whole = (root.resolve() / SITE).resolve() / sharedlog.ENTRIES
    if sharedlog.ENTRIES in names or whole.is_symlink() or not whole.is_file():
        return {}
    read = {name: read_file(root, name) for name in names if name in ("manifest.json", "sitting.json")}
    return {sharedlog.ENTRIES: sharedlog.own(read, _bounded(whole, MAX_TABLE, str(whole)))}


def listing(root: Path) -> list[str]:
    """Return the path of everything in a bundle's directory, sorted."""
    if not (root / "manifest.json").is_file():
        raise SamplerError(
            "NOT_A_BUNDLE",
            "目录里没有 manifest.json",
            hint="指向证据包目录，例如 bundles/任务编号，或一户的核验文件",
            place=Place(file=str(root)),
        )
    names: list[str] = []
    for p in root.rglob("*"):
        if not p.is_dir() or p.is_symlink():
            names.append(p.relative_to(root).as_posix())
        if len(names) > MAX_FILES:
            raise SamplerError("TOO_MANY_FILES", f"目录里的文件超过 {MAX_FILES} 个", hint="这不是一个证据包")
    return sorted(names)


def read_file(root: Path, name: str) -> bytes:
    """Return one file of a bundle.

    Raises
    ------
    SamplerError
        ``PATH_OUTSIDE`` for a link, ``NOT_A_FILE``, ``FILE_SIZE`` for a file larger than any honest one.
    """
    path = root / name
    if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
        raise SamplerError("PATH_OUTSIDE", "证据包里的链接指向包外", place=Place(file=name))
    if not path.is_file():
        raise SamplerError("NOT_A_FILE", "证据包里有不是普通文件的东西", place=Place(file=name))
    limit = MAX_RECORD if name.endswith(".json") else MAX_TABLE
    return _bounded(path, limit, name)


def _bounded(path: Path, limit: int, name: str) -> bytes:
    if path.stat().st_size > limit:
        raise SamplerError("FILE_SIZE", f"文件超过 {limit >> 20} MB", hint="不是本系统的文件", place=Place(file=name))
    return path.read_bytes()


def judge(
    path: Path, *, charter: str = "", head: bytes | None = None, seal_code: str = "", now: str = "",
    before: Path | None = None,
) -> Report:  # fmt: skip
    """Return what a replay of a bundle, a copy or an opening finds; `before` is the bundle of a voided predecessor."""
    if path.is_file():
        return replay.verify_opening(_bounded(path, MAX_OPENING, path.name), charter=charter, name=path.name)
    names = listing(path)
    log = _shared(path, names)
    with _uncollected():
        return replay.verify(
            lambda name: log[name] if name in log else read_file(path, name), sorted({*names, *log}), charter=charter, head=head, seal_code=seal_code, now=now,
            before=read_folder(before) if before else None,
        )  # fmt: skip


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python's collector of cycles away: a replay makes none, and the search through all that it holds costs a fifth."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def verdict(report: Report, level: str = "") -> tuple[int, str]:
    """Return exit code and conclusion.

    Parameters
    ----------
    level
        The level of disclosure the reader knows the draw to have: only then can a copy pass for what it shows.
    """
    if report.first_failed:
        return 1, f"第 {report.first_failed} 步不通过"
    if report.level == "opening":
        return 0, "这份核验文件属实"
    unseen = "、".join(str(s.no) for s in report.steps[: replay.REPLAYED] if s.status == "na")
    if not unseen:
        return 0, "各步通过"
    if level and level == report.level:
        return 0, f"所公开的都相符；第 {unseen} 步因级别 {level} 不公开而没有核对或只核对了一部分"
    return 1, f"没有不通过的步骤，但第 {unseen} 步没有核对，不能算通过（已知级别的公开副本用 --level 说明）"


def text(report: Report, conclusion: str) -> str:
    """Return the report for a person."""
    lines = [f"{report.draw_id}，证据包级别 {report.level}"]
    lines += [f"{s.no:>2} {MARK[s.status]} {s.id}: {s.meaning}" for s in report.steps]
    for s in report.steps:
        if s.status == "fail":
            lines += [f"第 {s.no} 步 {s.file}: 应为 {s.want}", f"          实为 {s.found}"]
    lines.append(f"结论: {conclusion}")
    if report.trust:
        lines += trust.lines(report.trust)
    # names of files and texts of records are an attacker's: none of them may make a line of its own
    return "\n".join(map(printable, [*lines, "未能证明:", *(f"  - {n}".replace("\n", " ") for n in report.not_proved)]))


def now() -> str:
    """Return the time as records write it."""
    return dt.datetime.now(dt.UTC).strftime(TIME_FORM)


def main(argv: list[str] | None = None) -> int:
    """Replay from the command line; exit 0 when it holds, 1 when not, 2 for a path that is nothing of ours."""
    parser = argparse.ArgumentParser(
        prog="python -m sampler.auditor", description="逐步重放一个证据包、公开副本或一户的核验文件"
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--charter", default="", help="章程的记录哈希，来自证据包之外")
    parser.add_argument("--head", type=Path, help="日志检查点文件，来自证据包之外")
    parser.add_argument("--seal-code", default="", help="审批表上的封存码")
    parser.add_argument("--level", default="", help="已知的公开级别: open、standard、after-inspection")
    parser.add_argument("--before", type=Path, help="重抽时：作废的那次抽查的证据包")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without Chinese, a file name that is no UTF-8
    try:
        head = given.head.read_bytes() if given.head else None
        report = judge(
            given.path, charter=given.charter, head=head, seal_code=given.seal_code, now=now(), before=given.before
        )
    except (SamplerError, OSError) as e:
        sys.stderr.write(f"sampler: {printable(str(e))}\n")
        return 2
    code, conclusion = verdict(report, given.level)
    shown = json.dumps(report.to_dict(), ensure_ascii=False) if given.json else text(report, conclusion)
    sys.stdout.write(shown + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
