"""Vectors of area `bytes`: hashing, canonical JSON, kinds of values, tables."""

from typing import Any

from tests.reference import bytes_, tables
from tests.vectorgen.case import Case, Maker

DEEP = 33


def hashing() -> list[Case]:
    lp, h, rhash = Maker("bytes", "lp"), Maker("bytes", "hash"), Maker("bytes", "rhash")
    lp.good("empty", "nothing has the length 0", data="")
    lp.good("seed", "printf seed, behind its length", data=b"seed".hex())
    lp.good("chinese", "the length counts bytes, not characters", data="市场监管".encode().hex())
    lp.good("300-bytes", "a length above 255 uses the second byte", data="ab" * 300)
    h.good(
        "ticket-seed",
        r"printf '\0\0\0\021sampler/v1/ticket\0\0\0\004seed' | sha256sum",
        tag="ticket",
        parts=[b"seed".hex()],
    )
    h.good("no-parts", r"printf '\0\0\0\020sampler/v1/empty' | sha256sum", tag="empty", parts=[])  # fmt: skip
    h.good("parts-12", r"printf '\0\0\0\014sampler/v1/x\0\0\0\00212' | sha256sum", tag="x", parts=[b"12".hex()])
    h.good(
        "parts-1-2",
        r"printf '\0\0\0\014sampler/v1/x\0\0\0\0011\0\0\0\0012' | sha256sum",
        tag="x",
        parts=[b"1".hex(), b"2".hex()],
    )
    h.good("empty-part", r"printf '\0\0\0\014sampler/v1/x\0\0\0\0' | sha256sum", tag="x", parts=[""])
    h.good("utf-8", "text is its UTF-8", tag="code", parts=["餐饮".encode().hex()])
    h.good("binary", "a part is raw bytes, zeros included", tag="x", parts=["00" * 32, "ff" * 3])
    rhash.good(
        "reveal",
        "the type stands in the hash and in the record",
        data=bytes_.jcs({"type": "reveal", "party": "notary"}).hex(),
    )
    rhash.good(
        "other-type",
        "one letter of the type changes all",
        data=bytes_.jcs({"type": "reveals", "party": "notary"}).hex(),
    )
    rhash.good("chinese", "text in UTF-8, not escaped", data=bytes_.jcs({"type": "plan", "title": "十二月"}).hex())
    return lp.cases + h.cases + rhash.cases


GOOD_JSON: list[tuple[str, str, str]] = [
    ("object", "keys by code units, no blanks", '{"a":1,"b":[true,false,"x"]}'),
    ("empty-object", "an object without fields", "{}"),
    ("empty-array", "a list without items", "[]"),
    ("largest-integer", "2^53-1", "9007199254740991"),
    ("smallest-integer", "-(2^53-1)", "-9007199254740991"),
    ("zero", "0", "0"),
    ("escapes", "the short escapes and no others", '"\\b\\t\\n\\f\\r\\"\\\\\\u0001\\u001f/"'),
    ("delete-is-not-escaped", "U+007F stands as it is", '"\x7f"'),
    ("chinese", "text beyond ASCII stands as it is", '{"name":"市场监管局"}'),
    ("beyond-the-plane", "a character of two code units", '"😀"'),
    ("depth-32", "32 lists around a number", "[" * 32 + "7" + "]" * 32),
    ("nfc", "composed letters", '"é"'),
    ("key-order-upper-lower", "capitals before small letters, digits before both", '{"1":1,"A":2,"_":3,"a":4}'),
]
BAD_JSON: list[tuple[str, str, str, bytes]] = [
    ("CANON_UTF8", "latin-1", "a byte of another encoding", b'"\xe9"'),
    ("CANON_UTF8", "gb18030", "GB18030 instead of UTF-8", '"市场"'.encode("gb18030")),
    ("CANON_UTF8", "overlong", "a slash written with two bytes", b'"\xc0\xaf"'),
    ("CANON_UTF8", "surrogate-bytes", "a surrogate written as bytes", b'"\xed\xa0\x80"'),
    ("CANON_UTF8", "cut", "the last character is cut", b'"\xe5\xb8'),
    ("CANON_JSON", "empty", "no bytes at all", b""),
    ("CANON_JSON", "byte-order-mark", "a byte order mark in front", b"\xef\xbb\xbf{}"),
    ("CANON_JSON", "two-values", "a second value after the first", b"{}{}"),
    ("CANON_JSON", "trailing-zero-byte", "a zero byte at the end", b"{}\x00"),
    ("CANON_JSON", "trailing-comma-object", "a comma before the brace", b'{"a":1,}'),
    ("CANON_JSON", "trailing-comma-array", "a comma before the bracket", b"[1,]"),
    ("CANON_JSON", "single-quotes", "single quotes", b"{'a':1}"),
    ("CANON_JSON", "bare-key", "a key without quotes", b"{a:1}"),
    ("CANON_JSON", "comment", "a comment", b"{}/* x */"),
    ("CANON_JSON", "open-object", "the brace is missing", b'{"a":1'),
    ("CANON_JSON", "open-string", "the quote is missing", b'"abc'),
    ("CANON_JSON", "raw-newline", "a line feed inside a string", b'"a\nb"'),
    ("CANON_JSON", "raw-tab", "a tab inside a string", b'"a\tb"'),
    ("CANON_JSON", "unknown-escape", "an escape JSON does not know", b'"\\x41"'),
    ("CANON_JSON", "short-unicode-escape", "three hex digits", b'"\\u041"'),
    ("CANON_JSON", "leading-zero", "a leading zero", b"007"),
    ("CANON_JSON", "plus", "a plus sign", b"+7"),
    ("CANON_JSON", "hex-number", "a hexadecimal number", b"0x10"),
    ("CANON_JSON", "capital-true", "True", b"True"),
    ("CANON_JSON", "non-breaking-space", "a blank JSON does not know", b"\xc2\xa01"),
    ("CANON_FLOAT", "point", "a number with a point", b'{"n":1.0}'),
    ("CANON_FLOAT", "half", "a half", b"[0.5]"),
    ("CANON_FLOAT", "exponent", "a number with an exponent", b"1e3"),
    ("CANON_FLOAT", "big-exponent", "a number with a capital exponent", b"1E400"),
    ("CANON_FLOAT", "nan", "NaN", b"NaN"),
    ("CANON_FLOAT", "minus-infinity", "-Infinity", b"[-Infinity]"),
    ("CANON_INT", "two-to-53", "2^53", b"9007199254740992"),
    ("CANON_INT", "two-to-53-plus-1", "2^53+1, which doubles round to 2^53", b'{"n":9007199254740993}'),
    ("CANON_INT", "minus-two-to-53", "-2^53", b"-9007199254740992"),
    ("CANON_INT", "400-digits", "an integer of 400 digits", b"9" * 400),
    ("CANON_DUPLICATE", "key-twice", "a key twice with two values", b'{"a":1,"a":2}'),
    ("CANON_DUPLICATE", "key-twice-same", "a key twice with one value", b'{"a":1,"a":1}'),
    ("CANON_DUPLICATE", "key-twice-inside", "a key twice in an inner object", b'[{"b":{"c":1,"c":2}}]'),
    ("CANON_DEPTH", "33-lists", "33 lists around a number", b"[" * DEEP + b"7" + b"]" * DEEP),
    ("CANON_DEPTH", "33-objects", "33 objects around a number", b'{"a":' * DEEP + b"7" + b"}" * DEEP),
    ("CANON_TYPE", "null", "null", b"null"),
    ("CANON_TYPE", "null-field", "a field of null instead of an absent one", b'{"a":null}'),
    ("CANON_KEY", "chinese-key", "a key outside ASCII", '{"名":1}'.encode()),
    ("CANON_KEY", "inner-chinese-key", "an inner key outside ASCII", '{"a":{"é":1}}'.encode()),
    ("CANON_SURROGATE", "lone-high", "a high surrogate alone", b'"\\ud800"'),
    ("CANON_SURROGATE", "lone-low", "a low surrogate alone", b'["\\udc00x"]'),
    ("CANON_NFC", "decomposed", "e and an accent instead of one letter", '"e\u0301"'.encode()),
    ("CANON_NFC", "angstrom", "the sign Angstrom, whose normal form is a letter", '"\u212b"'.encode()),
    ("CANON_NFC", "hangul", "decomposed Hangul", '"\u1100\u1161"'.encode()),
    ("CANON_BYTES", "line-end", "a line feed at the end", b"{}\n"),
    ("CANON_BYTES", "blank-before", "a blank in front", b" {}"),
    ("CANON_BYTES", "blank-after-colon", "a blank after the colon", b'{"a": 1}'),
    ("CANON_BYTES", "blank-after-comma", "a blank after the comma", b"[1, 2]"),
    ("CANON_BYTES", "key-order", "keys in another order", b'{"b":1,"a":2}'),
    ("CANON_BYTES", "minus-zero", "-0", b"-0"),
    ("CANON_BYTES", "escaped-letter", "a letter written as an escape", b'"\\u0061"'),
    ("CANON_BYTES", "escaped-slash", "a slash written as an escape", b'"\\/"'),
    ("CANON_BYTES", "escaped-chinese", "Chinese written as escapes", b'"\\u5e02"'),
    ("CANON_BYTES", "capital-escape", "capital hex digits", b'"\\u001F"'),
    ("CANON_BYTES", "long-escape", "a long escape where there is a short one", b'"\\u000a"'),
    ("CANON_BYTES", "pair-escaped", "two escapes for one character", b'"\\ud83d\\ude00"'),
]


def json_() -> list[Case]:
    made = Maker("bytes", "json")
    for name, desc, text in GOOD_JSON:
        made.good(name, desc, data=text.encode().hex())
    for code, name, mutation, data in BAD_JSON:
        made.bad(code, name, mutation, data=data.hex())
    return made.cases


GOOD_VALUES: list[tuple[str, Any]] = [
    ("int", 0), ("int", 2**53 - 1), ("big", "0"), ("big", "-1" + "0" * 99), ("hash", "0f" * 32), ("sig", "a0" * 64),
    ("id", "91310101MA1FL0001A"), ("id", "._-"), ("text", ""), ("text", "市" * 341), ("note", "a\nb"),
    ("time", "2028-02-29T23:59:59Z"), ("date", "2000-02-29"), ("month", "2026-12"), ("flag", True),
]  # fmt: skip
BAD_VALUES: list[tuple[str, str, str, Any]] = [
    ("int", "negative", "a sign", -1),
    ("int", "two-to-53", "2^53", 2**53),
    ("int", "half", "a fraction", 1.5),
    ("int", "text", "digits in quotes", "1"),
    ("int", "flag", "true for 1", True),
    ("big", "number", "a number for a text", 7),
    ("big", "leading-zero", "a leading zero", "007"),
    ("big", "minus-zero", "-0", "-0"),
    ("big", "plus", "a plus sign", "+7"),
    ("big", "empty", "no digit", ""),
    ("big", "hex", "hexadecimal", "0x1f"),
    ("big", "101-digits", "one digit more than 100", "1" + "0" * 100),
    ("big", "line-end", "a line feed behind the digits", "7\n"),
    ("big", "fullwidth", "digits of full width", "７"),
    ("hash", "63-digits", "one digit less", "a" * 63),
    ("hash", "65-digits", "one digit more", "a" * 65),
    ("hash", "capitals", "capital digits", "A" * 64),
    ("hash", "not-hex", "a letter that is no digit", "g" * 64),
    ("sig", "hash", "64 digits for 128", "a" * 64),
    ("id", "empty", "no character", ""),
    ("id", "65", "65 characters", "a" * 65),
    ("id", "blank", "a blank", "a b"),
    ("id", "slash", "a slash", "a/b"),
    ("id", "chinese", "Chinese", "甲"),
    ("text", "tab", "a tab", "a\tb"),
    ("text", "line-feed", "a line feed", "a\nb"),
    ("text", "delete", "U+007F", "a\x7f"),
    ("text", "next-line", "U+0085, a control character beyond ASCII", "a\x85b"),
    ("note", "last-control", "U+009F, the last of the control characters", "a\x9f"),
    ("text", "1025-bytes", "1,026 bytes in 342 characters", "市" * 342),
    ("text", "number", "a number for a text", 5),
    ("note", "carriage-return", "a carriage return", "a\r\nb"),
    ("note", "8193-bytes", "one byte more than 8,192", "a" * 8193),
    ("time", "february-30", "a day that does not exist", "2026-02-30T00:00:00Z"),
    ("time", "leap-day-1900", "a leap day of a common year", "1900-02-29T00:00:00Z"),
    ("time", "hour-24", "hour 24", "2026-01-01T24:00:00Z"),
    ("time", "second-61", "second 61", "2026-01-01T00:00:61Z"),
    ("time", "offset", "an offset for Z", "2026-01-01T00:00:00+00:00"),
    ("time", "fraction", "a fraction of a second", "2026-01-01T00:00:00.0Z"),
    ("time", "small-t", "a small t", "2026-01-01t00:00:00Z"),
    ("time", "date", "a date for a time", "2026-01-01"),
    ("date", "april-31", "a day that does not exist", "2026-04-31"),
    ("date", "one-digit", "a month of one digit", "2026-4-30"),
    ("date", "slashes", "slashes", "2026/04/30"),
    ("month", "13", "month 13", "2026-13"),
    ("month", "00", "month 0", "2026-00"),
    ("month", "day", "a day for a month", "2026-01-01"),
    ("flag", "false", "false, which is written as absent", False),
    ("flag", "one", "1 for true", 1),
    ("flag", "text", "a text", "true"),
]


def kinds() -> list[Case]:
    made, ids = Maker("bytes", "value"), Maker("bytes", "id")
    for n, (kind, value) in enumerate(GOOD_VALUES):
        made.good(f"{kind}-good-{n}", f"a good value of kind {kind}", kind=kind, value=value)
    for kind, name, mutation, value in BAD_VALUES:
        made.bad("RECORD_VALUE", f"{kind}-{name}", mutation, kind=kind, value=value)
    ids.good("64-characters", "the longest", text="Z" * 64)
    ids.bad("RECORD_VALUE", "colon", "a colon", text="a:b")
    ids.bad("RECORD_VALUE", "line-end", "a line feed at the end", text="abc\n")
    ids.bad("RECORD_VALUE", "nul", "a zero byte", text="a\x00b")
    ids.bad("RECORD_VALUE", "cyrillic", "a Cyrillic letter that looks like A", text="А1")
    code, recusal = Maker("bytes", "code"), Maker("bytes", "recusal-id")
    code.good("own", "an id is its own code", text="F51")
    code.good("chinese", "x and 16 hex digits", text="餐饮")
    code.good("blank", "a blank makes a text of it", text="F 51")
    code.good("formula", "a spreadsheet would compute it", text="-A1")
    code.good("none", "no text at all", text="-")
    recusal.good("object", "32 hex digits", inspector="P01", kind="object", target="91310101MA1FL0001A")
    recusal.good("shifted", "parts do not run together", inspector="P0", kind="1object", target="91310101MA1FL0001A")
    return made.cases + ids.cases + code.cases + recusal.cases


FRAME = [
    ["91310101MA1FL0001A", "-", "B", "enterprise", "310101", "F51", "-", "B.firm.310101", "1", "00" * 16],
    ["91310101MA1FL0002B", "91310000MA1FL9999X", "C", "enterprise", "310101", "F52", "food,night", "C.firm.310101", "T", "01" * 16],
]  # fmt: skip


def tsv(file: str, rows: list[list[str]]) -> str:
    lines = [tables.columns(file.removesuffix(".tsv")), *rows]
    return "".join("\t".join(line) + "\n" for line in lines).encode().hex()


def changed(column: int, value: str, row: int = 1) -> str:
    rows = [list(r) for r in FRAME]
    rows[row][column] = value
    return tsv("frame.tsv", rows)


def table() -> list[Case]:
    made = Maker("bytes", "table")
    good = tsv("frame.tsv", FRAME)
    plain = bytes.fromhex(good)
    made.good("frame", "two rows", file="frame.tsv", data=good)
    made.good("frame-empty", "a header alone", file="frame.tsv", data=tsv("frame.tsv", []))
    made.good(
        "order-by-bytes",
        "capitals stand before small letters",
        file="excluded.tsv",
        data=tsv("excluded.tsv", [["Z", "cap", "00" * 16], ["a", "status", "00" * 16]]),
    )
    made.good(
        "history",
        "a probability may be unknown",
        file="history.tsv",
        data=tsv("history.tsv", [["a/2026-01", "X-2026-0001", "-", "1"]]),
    )
    made.good(
        "levels",
        "cooling, numbered and taken",
        file="levels.tsv",
        data=tsv(
            "levels.tsv",
            [
                ["s/0", "1", "0", "0", "0"],
                ["s/10", "2", "3", "4", "5"],
                ["s/T", "1", str(10**12), str(2**32), str(10**12)],
            ],
        ),
    )
    made.good("tau", "a ticket of 64 digits", file="tau.tsv", data=tsv("tau.tsv", [["s", "0a" * 32, "77"]]))
    bad: list[tuple[str, str, str, bytes]] = [
        ("TABLE_UTF8", "latin-1", "a byte of another encoding", plain.replace(b"F51", b"F\xe9")),
        ("TABLE_END", "no-last-line-end", "the last line feed is missing", plain[:-1]),
        ("TABLE_END", "empty-file", "no bytes at all", b""),
        ("TABLE_FIELD", "crlf", "CR LF line ends", plain.replace(b"\n", b"\r\n")),
        ("TABLE_FIELD", "cr-in-field", "a carriage return in a field", plain.replace(b"F51", b"F\r1")),
        ("TABLE_HEADER", "renamed-column", "a column renamed", plain.replace(b"level\tnonce", b"levels\tnonce")),
        ("TABLE_HEADER", "swapped-columns", "two columns swapped", plain.replace(b"class\ttype", b"type\tclass")),
        ("TABLE_HEADER", "no-header", "the header is missing", plain.split(b"\n", 1)[1]),
        ("TABLE_HEADER", "byte-order-mark", "a byte order mark", b"\xef\xbb\xbf" + plain),
        ("TABLE_HEADER", "commas", "commas for tabs", plain.replace(b"\t", b",")),
        ("TABLE_WIDTH", "tab-in-field", "a tab in a field", plain.replace(b"F51", b"F\t51")),
        ("TABLE_WIDTH", "short-row", "a field is missing", plain.replace(b"\tF51", b"")),
        ("TABLE_WIDTH", "blank-line", "an empty line at the end", plain + b"\n"),
        ("TABLE_NFC", "decomposed", "a letter and its accent apart", plain.replace(b"F51", "e\u0301".encode())),
        ("TABLE_DUPLICATE", "key-twice", "two rows of one object", bytes.fromhex(changed(0, FRAME[0][0]))),
        ("TABLE_ORDER", "rows-swapped", "the rows swapped", bytes.fromhex(tsv("frame.tsv", FRAME[::-1]))),
    ]
    for code, name, mutation, data in bad:
        made.bad(code, name, mutation, file="frame.tsv", data=data.hex())
    for name, mutation, column, value in [
        ("class-e", "a class beyond D", 2, "E"), ("class-lower", "a small letter for a class", 2, "b"),
        ("level-leading-zero", "level 01", 8, "01"), ("level-t", "a small t", 8, "t"), ("level-negative", "level -1", 8, "-1"), ("level-five-digits", "level 10000", 8, "10000"),
        ("nonce-short", "a nonce of 15 bytes", 9, "00" * 15), ("nonce-capitals", "capital hex digits", 9, "AB" * 16),
        ("id-dash", "an object without id", 0, "-"), ("id-blank", "a blank in an id", 0, "91310101MA1FL0002 B"),
        ("district-point", "a point in a district", 4, "31.01"), ("tags-unsorted", "tags out of order", 6, "night,food"),
        ("tags-twice", "a tag twice", 6, "food,food"), ("empty-owner", "an empty field for -", 1, ""),
        ("chinese-industry", "a name for a code", 5, "餐饮"),
    ]:  # fmt: skip
        made.bad("TABLE_VALUE", name, mutation, file="frame.tsv", data=changed(column, value, 0 if value == "-" else 1))
    numbers = [("plus", "+1"), ("leading-zero", "01"), ("point", "1.0"), ("sixteen-digits", "1" * 16), ("exponent", "1e3"), ("blank", " 1"), ("negative", "-1"), ("empty", "")]  # fmt: skip
    for name, value in numbers:
        made.bad(
            "TABLE_VALUE",
            f"number-{name}",
            f"L written as {value!r}",
            file="levels.tsv",
            data=tsv("levels.tsv", [["s/1", "1", "2", value, "4"]]),
        )
    made.bad(
        "TABLE_VALUE",
        "level-key",
        "a key without level",
        file="levels.tsv",
        data=tsv("levels.tsv", [["s", "1", "2", "3", "4"]]),
    )
    made.bad(
        "TABLE_VALUE",
        "tau-63-digits",
        "a ticket of 63 digits",
        file="tau.tsv",
        data=tsv("tau.tsv", [["s", "0" * 63, "7"]]),
    )
    for name, mutation, key in [
        ("unit", "a unit without id", "-/2026-12"),
        ("year", "a month of the year 0000", "a/0000-12"),
    ]:
        made.bad(
            "TABLE_VALUE",
            f"history-no-{name}",
            mutation,
            file="history.tsv",
            data=tsv("history.tsv", [[key, "X", "1", "0"]]),
        )
    made.bad(
        "TABLE_VALUE",
        "history-month-13",
        "month 13",
        file="history.tsv",
        data=tsv("history.tsv", [["a/2026-13", "X", "1", "0"]]),
    )
    made.bad(
        "TABLE_VALUE",
        "history-drawn-yes",
        "yes for 1",
        file="history.tsv",
        data=tsv("history.tsv", [["a/2026-12", "X", "1", "yes"]]),
    )
    return made.cases


def scores() -> list[Case]:
    made = Maker("bytes", "scores")
    head = b"object_id,risk_ppm\n"
    made.good("three", "0, a number and the largest", data=(head + b"A,0\nB,150000\na,1000000\n").hex())
    made.good("none", "a header alone", data=head.hex())
    bad: list[tuple[str, str, str, bytes]] = [
        ("SCORES_HEAD", "no-header", "the header is missing", b"A,0\n"),
        ("SCORES_HEAD", "other-header", "another column name", b"object_id,risk\nA,0\n"),
        ("SCORES_HEAD", "no-last-line-end", "the last line feed is missing", head + b"A,0"),
        ("SCORES_HEAD", "crlf", "CR LF line ends", b"object_id,risk_ppm\r\nA,0\r\n"),
        ("SCORES_ROW", "dash", "an object without id", head + b"-,1\n"),
        ("SCORES_ROW", "other-encoding", "a byte of another encoding", head + b"A\xe9,1\n"),
        ("SCORES_ROW", "above-one", "1,000,001 ppm", head + b"A,1000001\n"),
        ("SCORES_ROW", "negative", "a negative risk", head + b"A,-1\n"),
        ("SCORES_ROW", "fraction", "a fraction", head + b"A,0.5\n"),
        ("SCORES_ROW", "leading-zero", "a leading zero", head + b"A,05\n"),
        ("SCORES_ROW", "quoted", "quotes", head + b'"A",5\n'),
        ("SCORES_ROW", "blank-line", "an empty line", head + b"A,5\n\nB,6\n"),
        ("SCORES_ROW", "three-fields", "a field more", head + b"A,5,6\n"),
        ("SCORES_ROW", "no-id", "no id", head + b",5\n"),
        ("SCORES_ORDER", "swapped", "rows out of order", head + b"B,5\nA,6\n"),
        ("SCORES_ORDER", "twice", "an object twice", head + b"A,5\nA,6\n"),
        ("SCORES_ORDER", "alphabet-for-bytes", "a before Z", head + b"a,5\nZ,6\n"),
    ]
    for code, name, mutation, data in bad:
        made.bad(code, name, mutation, data=data.hex())
    return made.cases


def cases() -> list[Case]:
    return hashing() + json_() + kinds() + table() + scores()
