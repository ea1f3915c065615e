"""Bytes become text by a rule, or are refused at a byte."""

from __future__ import annotations

import codecs
import random

import pytest

from sampler.errors import InputError
from sampler.io import encoding as encodings
from sampler.io.encoding import find_codec, open_text

TEXT = "统一社会信用代码,名称\n91370200163562681G,王府饭店\n"


def decode(name: str, data: bytes, encoding: str = "") -> tuple[str, str]:
    codec, skip = find_codec(name, data, encoding)
    with open_text(data, codec, skip) as text:
        return text.read(), codec


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32-le"),
    ],
)
def test_the_rule_finds_the_encoding(data: bytes, codec: str) -> None:
    assert decode("a.csv", data) == (TEXT, codec)


def refused(data: bytes, encoding: str = "") -> tuple[str, str]:
    with pytest.raises(InputError) as e:
        decode("a.csv", data, encoding)
    return e.value.code, str(e.value)


def test_truncated_gb18030_is_refused_at_its_byte() -> None:
    data = TEXT.encode("gb18030").rstrip(b"\n")[:-1]
    code, message = refused(data)
    assert code == "ENCODING"
    assert f"第 {len(data) - 1} 字节" in message


def test_damaged_utf8_with_bom_never_falls_back_and_counts_the_bom() -> None:
    data = codecs.BOM_UTF8 + "甲".encode() + "乙".encode("gb18030")
    assert refused(data) == ("ENCODING", "文件不是 utf-8 编码: 第 6 字节起无法读出")


def test_truncated_utf16_is_refused() -> None:
    assert refused(TEXT.encode("utf-16")[:-1])[0] == "ENCODING"


def test_utf16_without_a_mark_is_refused_rather_than_read_as_ascii() -> None:
    assert refused("object_id,risk_ppm".encode("utf-16-le"))[0] == "ENCODING"


def test_neither_encoding_is_refused() -> None:
    assert refused(b"object_id\n\xff\xff\xff\n")[0] == "ENCODING"


def test_a_named_encoding_is_strict() -> None:
    assert decode("a", TEXT.encode("gb18030"), "GB18030")[0] == TEXT
    assert refused(TEXT.encode("gb18030"), "utf-8")[0] == "ENCODING"


@pytest.mark.parametrize("encoding", ["rot13", "zlib", "no-such", "utf-7", "unicode_escape", "idna"])
def test_only_text_encodings_may_be_named(encoding: str) -> None:
    assert refused(b"abc", encoding)[0] == "ENCODING"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("block", [1, 2, 3, 5, 64])
def test_a_file_read_in_blocks_is_refused_at_the_same_byte_as_at_once(
    codec: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encodings, "BLOCK", block)
    rng = random.Random(f"{codec}{block}")
    wrong = 0
    for _ in range(300):
        data = bytearray("甲乙𠮷abc\r\n丙".encode(codec))
        for _ in range(rng.randint(0, 2)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        data = data[: rng.randint(1, len(data))]
        try:
            data.decode(codec)
            want = None
        except UnicodeDecodeError as e:
            want = e.start
        assert encodings._first_wrong(bytes(data), codec, 0) == want
        wrong += want is not None
    assert 50 < wrong < 300


def test_utf16_named_without_a_mark_is_little_endian() -> None:
    assert decode("a", TEXT.encode("utf-16-le"), "UTF-16") == (TEXT, "utf-16-le")
