"""records.md 1.2 (kinds) and 2 (tables, scores.csv): is this text what the page says."""

import re
import unicodedata
from itertools import pairwise
from typing import Any

from tests.reference.strata import RefusedError
from tests.reference.tables import columns

DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
ID = "[0-9A-Za-z._-]{1,64}"
NUMBER = "0|[1-9][0-9]{0,14}"
LEVEL = "0|T|[1-9][0-9]{0,3}"
MONTH = "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])"
HASH = "[0-9a-f]{64}"
FORMS = {
    "id": ID,
    "big": "0|-?[1-9][0-9]{0,99}",
    "hash": HASH,
    "sig": "[0-9a-f]{128}",
    "month": MONTH,
    "draw-id": "[0-9A-Z]{2,16}-[0-9]{4}-[0-9]{4}",
    "agency": "[0-9A-Z]{2,16}",
}
TABLES = {
    "frame.tsv": {
        "object_id": ID, "owner_id": ID, "class": "[A-D]", "type": ID, "district": "[0-9A-Za-z_-]{1,30}",
        "industry": ID, "tags": f"{ID}(,{ID})*", "stratum": ID, "level": LEVEL, "nonce": "[0-9a-f]{32}",
    },
    "excluded.tsv": {"object_id": ID, "reason": ID, "nonce": "[0-9a-f]{32}"},
    "strata.tsv": {"stratum": ID, "clause": ID} | dict.fromkeys(["N", "eligible", "n", "m", "take_all"], NUMBER),
    "levels.tsv": {"key": f"{ID}/({LEVEL})"} | dict.fromkeys(["count", "target_e12", "L", "pi_e12"], NUMBER),
    "tau.tsv": {"stratum": ID, "h": HASH, "L": NUMBER},
    "history.tsv": {"key": f"(?!-/){ID}/{MONTH}", "draw_id": ID, "pi_e12": f"-|{NUMBER}", "drawn": "0|1"},
}  # fmt: skip


def real_day(text: str) -> bool:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    year, month, day = map(int, text.split("-"))
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return year > 0 and 1 <= month <= 12 and 1 <= day <= DAYS[month - 1] + leap


def real_time(text: str) -> bool:
    clock = re.fullmatch("([0-9]{2}):([0-9]{2}):([0-9]{2})Z", text[11:])
    if not real_day(text[:10]) or text[10:11] != "T" or clock is None:
        return False
    return int(clock[1]) < 24 and int(clock[2]) < 60 and int(clock[3]) < 60


def plain(text: str, most: int, *, lines: bool) -> bool:
    held = any(unicodedata.category(char) == "Cc" and not (lines and char == "\n") for char in text)
    return not held and len(text.encode()) <= most


def is_kind(kind: str, value: Any) -> bool:
    if kind == "flag":
        return value is True
    if kind == "number":
        return type(value) is int and 0 < value < 2**53
    if kind == "int":
        return type(value) is int and 0 <= value < 2**53
    if not isinstance(value, str):
        return False
    if kind in FORMS:
        return re.fullmatch(FORMS[kind], value) is not None
    special = {
        "date": real_day(value),
        "time": real_time(value),
        "text": plain(value, 1024, lines=False),
        "note": plain(value, 8192, lines=True),
    }
    return special[kind]


def of_kind(kind: str, value: Any) -> Any:
    if not is_kind(kind, value):
        raise RefusedError("RECORD_VALUE", kind)
    return value


def lines_of(data: bytes) -> list[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise RefusedError("TABLE_UTF8", str(e.start)) from e
    if not text.endswith("\n"):
        raise RefusedError("TABLE_END", "")
    if "\r" in text:
        raise RefusedError("TABLE_FIELD", "CR")
    return text[:-1].split("\n")


def read_table(file: str, data: bytes) -> int:
    head, *lines = lines_of(data)
    names = columns(file.removesuffix(".tsv"))
    if head != "\t".join(names):
        raise RefusedError("TABLE_HEADER", head)
    rows = [line.split("\t") for line in lines]
    if any(len(row) != len(names) for row in rows):
        raise RefusedError("TABLE_WIDTH", "")
    if any(unicodedata.normalize("NFC", field) != field for row in rows for field in row):
        raise RefusedError("TABLE_NFC", "")
    for one, two in pairwise(rows):
        if one[0].encode() >= two[0].encode():
            raise RefusedError("TABLE_DUPLICATE" if one[0] == two[0] else "TABLE_ORDER", two[0])
    for row in rows:
        for name, field in zip(names, row, strict=True):
            check_field(file, name, field)
    return len(rows)


def check_field(file: str, name: str, field: str) -> None:
    parts = field.split(",") if name == "tags" else [field]
    fits = re.fullmatch(TABLES[file][name], field) and not (name == "object_id" and field == "-")
    if not fits or parts != sorted(set(parts), key=str.encode):
        raise RefusedError("TABLE_VALUE", f"{name}: {field}")


def read_scores(data: bytes) -> int:
    if not data.startswith(b"object_id,risk_ppm\n") or not data.endswith(b"\n"):
        raise RefusedError("SCORES_HEAD", "")
    rows = data.split(b"\n")[1:-1]
    for row in rows:
        match = re.fullmatch(f"(?!-,){ID},(0|[1-9][0-9]*)".encode(), row)
        if match is None or int(match[1]) > 1_000_000:
            raise RefusedError("SCORES_ROW", repr(row))
    ids = [row.split(b",")[0] for row in rows]
    if ids != sorted(set(ids)):
        raise RefusedError("SCORES_ORDER", "")
    return len(rows)
