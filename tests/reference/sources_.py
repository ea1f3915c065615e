"""draw.md 3.3: public sources, and the one way to write what they gave."""

import re
from math import comb

from tests.reference.strata import RefusedError

GAMES: dict[str, list[tuple[int, int]]] = {"kl8": [(80, 20)], "ssq": [(33, 6), (16, 1)], "dlt": [(35, 5), (12, 2)]}
DIGIT_GAMES = {"fc3d": 3, "pl5": 5}
ALPHABETS = {"d6": "123456", "d10": "0123456789"}


def possible(kind: str, ids: list[str]) -> int:
    if kind == "parties":
        return 1
    if kind == "drand":
        return 2**128
    if kind == "ceremony":
        return int(len(ALPHABETS[ids[1]]) ** int(ids[2]))
    one = 10 ** DIGIT_GAMES.get(ids[0], 0)
    for size, drawn in GAMES.get(ids[0], []):
        one *= comb(size, drawn)
    return int(one ** (len(ids) - 1))


def parse(text: str) -> tuple[str, list[str]]:
    kind, *ids = text.split(":")
    if kind not in ("lottery", "ceremony", "drand", "parties"):
        raise RefusedError("SOURCE_KIND", text)
    counts = {"lottery": len(ids) >= 2, "ceremony": len(ids) == 3, "drand": len(ids) == 2, "parties": ids == []}
    if not all(re.fullmatch("[0-9A-Za-z._-]{1,64}", part) for part in ids) or not counts[kind]:
        raise RefusedError("SOURCE_FORM", text)
    if kind == "lottery":
        lottery(text, ids)
    if kind == "ceremony":
        ceremony(text, ids)
    if kind == "drand":
        beacon(text, ids)
    if kind != "parties" and possible(kind, ids) < 2**60:
        raise RefusedError("SOURCE_ENTROPY", text)
    return kind, ids


def lottery(text: str, ids: list[str]) -> None:
    if ids[0] not in (*GAMES, *DIGIT_GAMES):
        raise RefusedError("SOURCE_GAME", text)
    issues = ids[1:]
    if not all(re.fullmatch("[0-9]{5,10}", issue) for issue in issues) or len({int(i) for i in issues}) < len(issues):
        raise RefusedError("SOURCE_ISSUE", text)


def ceremony(text: str, ids: list[str]) -> None:
    if ids[1] not in ALPHABETS:
        raise RefusedError("SOURCE_ALPHABET", text)
    if not re.fullmatch("[1-9][0-9]{0,3}", ids[2]) or int(ids[2]) > 1024:
        raise RefusedError("SOURCE_LENGTH", text)


def beacon(text: str, ids: list[str]) -> None:
    if ids[0] != "quicknet":
        raise RefusedError("SOURCE_CHAIN", text)
    if not re.fullmatch("[1-9][0-9]{0,11}", ids[1]):
        raise RefusedError("SOURCE_ROUND", text)


def source(text: str) -> dict[str, object]:
    kind, ids = parse(text)
    bits = 0
    while 2 ** (bits + 1) <= possible(kind, ids):
        bits += 1
    return {"kind": kind, "bits": bits}


def value(text: str, given: str) -> bytes:
    kind, ids = parse(text)
    if kind == "drand":
        if not re.fullmatch("[0-9a-f]{64}", given):
            raise RefusedError("VALUE_FORM", given)
        return bytes.fromhex(given)
    wanted = {"parties": 0, "ceremony": 1, "lottery": len(ids) - 1}[kind]
    pieces = given.split(",")
    if (wanted == 0 and given) or (wanted and len(pieces) != wanted):
        raise RefusedError("VALUE_FORM", given)
    for piece in pieces if wanted else []:
        if kind == "ceremony":
            digits(piece, int(ids[2]), ALPHABETS[ids[1]])
        elif ids[0] in DIGIT_GAMES:
            digits(piece, DIGIT_GAMES[ids[0]], "0123456789")
        else:
            balls(piece, GAMES[ids[0]])
    return given.encode()


def digits(piece: str, length: int, alphabet: str) -> None:
    if len(piece) != length or any(char not in alphabet for char in piece):
        raise RefusedError("VALUE_FORM", piece)


def balls(piece: str, zones: list[tuple[int, int]]) -> None:
    count = sum(drawn for _, drawn in zones)
    if not re.fullmatch("[0-9]*", piece) or len(piece) != 2 * count:
        raise RefusedError("VALUE_FORM", piece)
    found = [int(piece[2 * i : 2 * i + 2]) for i in range(count)]
    for size, drawn in zones:
        mine, found = found[:drawn], found[drawn:]
        if min(mine) < 1 or max(mine) > size:
            raise RefusedError("VALUE_RANGE", piece)
        if mine != sorted(set(mine)):
            raise RefusedError("VALUE_ORDER", piece)
