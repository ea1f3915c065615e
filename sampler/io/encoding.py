"""Bytes to text by a fixed rule, never by statistics.

A byte order mark decides; without one strict UTF-8 is tried, then strict GB18030; then the file is refused with the
byte at which it stops making sense. Guessing programs take short GB18030 files for Korean.
"""

from __future__ import annotations

import codecs
import io
from typing import Final

from sampler.errors import InputError, Place, Problem
from sampler.io.raw import Source, opened

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
ALLOWED: Final = frozenset({"utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "big5"})
"""Encodings an office may name itself."""
BLOCK: Final = 1 << 20
"""Bytes looked at together."""
_SAVE_AS: Final = "用 Excel 或 WPS 打开, 另存为 xlsx 或“CSV UTF-8”后重新提交"


def find_codec(name: str, source: Source, encoding: str = "") -> tuple[str, int]:
    """Return the encoding of a whole file, every byte of it tried, and the length of its byte order mark.

    Parameters
    ----------
    name
        The file's name, for messages only.
    source
        The file.
    encoding
        What the office says it is; empty: by the rule of this module.

    Raises
    ------
    InputError
        ``ENCODING`` with the offset of the first byte that cannot be read.
    """
    with opened(source) as f:
        head = f.read(400)
    for bom, codec in BOMS:
        if head.startswith(bom):
            return _strict(name, source, codec, len(bom)), len(bom)
    if encoding:
        return _strict(name, source, _known(name, encoding)), 0
    if len(head) >= 4 and head.count(0) * 4 >= len(head):  # noqa: PLR2004  # a quarter of the bytes
        raise _refuse(name, "文件像是没有标记的 UTF-16", "")
    if _first_wrong(source, "utf-8", 0) is None:
        return "utf-8", 0
    return _strict(name, source, "gb18030"), 0


def open_text(source: Source, codec: str, skip: int) -> io.TextIOWrapper:
    """Return the file as a stream of text, line ends as they are."""
    f = opened(source)
    f.seek(skip)
    return io.TextIOWrapper(f, encoding=codec, newline="")


def _strict(name: str, source: Source, codec: str, skip: int = 0) -> str:
    at = _first_wrong(source, codec, skip)
    if at is None:
        return codec
    with opened(source) as f:
        f.seek(at)
        shown = f.read(8).hex(" ")
    raise _refuse(name, f"文件不是 {codec} 编码: 第 {at} 字节起无法读出", shown)


def _first_wrong(source: Source, codec: str, skip: int) -> int | None:
    """Return the offset of the first byte that is not in this encoding, None when all are."""
    decoder = codecs.getincrementaldecoder(codec)()
    with opened(source) as f:
        f.seek(skip)
        while True:
            block = f.read(BLOCK)
            kept = len(decoder.getstate()[0])  # bytes of a character that the last block cut
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as e:
                return f.tell() - len(block) - kept + e.start
            if not block:
                return None


def unreadable(name: str) -> InputError:
    """Return the error for a file that was readable a moment ago."""
    return _refuse(name, "文件在读取时改变了", "")


def _known(name: str, encoding: str) -> str:
    if encoding.lower() not in ALLOWED:
        raise _refuse(name, "不支持这种编码", encoding)
    return {"utf-16": "utf-16-le"}.get(encoding.lower(), encoding.lower())  # without a mark, as Windows means it


def _refuse(name: str, message: str, found: str) -> InputError:
    return InputError([Problem(code="ENCODING", message=message, hint=_SAVE_AS, place=Place(file=name), found=found)])
