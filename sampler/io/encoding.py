"""Bytes to text by a fixed rule, never by statistics.

A byte order mark decides; without one strict UTF-8 is tried, then strict GB18030; then the file is refused with the
byte at which it stops making sense. Guessing programs take short GB18030 files for Korean.
"""

from __future__ import annotations

import codecs
from typing import Final

from sampler.errors import InputError, Place, Problem

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
_SAVE_AS: Final = "用 Excel 或 WPS 打开, 另存为 xlsx 或“CSV UTF-8”后重新提交"


def decode(name: str, data: bytes, encoding: str = "") -> tuple[str, str]:
    """Return the text in `data` and the encoding it was in.

    Parameters
    ----------
    name
        The file's name, for messages only.
    data
        The file's bytes.
    encoding
        What the office says it is; empty: by the rule of this module.

    Raises
    ------
    InputError
        ``ENCODING`` with the offset of the first byte that cannot be read.
    """
    for bom, codec in BOMS:
        if data.startswith(bom):
            return _strict(name, data, codec, skip=len(bom)), codec
    if encoding:
        return _strict(name, data, _known(name, encoding)), encoding.lower()
    if _has_wide_zeros(data):
        raise _refuse(name, "文件像是没有标记的 UTF-16", "")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strict(name, data, "gb18030"), "gb18030"


def _strict(name: str, data: bytes, codec: str, *, skip: int = 0) -> str:
    try:
        return data[skip:].decode(codec)
    except UnicodeDecodeError as e:
        at = e.start + skip
        shown = data[at : at + 8].hex(" ")
        raise _refuse(name, f"文件不是 {codec} 编码: 第 {at} 字节起无法读出", shown) from e


def _known(name: str, encoding: str) -> str:
    if encoding.lower() not in ALLOWED:
        raise _refuse(name, "不支持这种编码", encoding)
    return encoding.lower()


def _has_wide_zeros(data: bytes) -> bool:
    head = data[:400]
    return len(head) >= 4 and head.count(0) * 4 >= len(head)  # noqa: PLR2004  # a quarter of the bytes


def _refuse(name: str, message: str, found: str) -> InputError:
    return InputError([Problem(code="ENCODING", message=message, hint=_SAVE_AS, place=Place(file=name), found=found)])
