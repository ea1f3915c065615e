"""Vectors of area `log`: entries, checkpoints, signed notes (records.md 4)."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference import log, tree
from tests.reference.bytes_ import public_bytes
from tests.vectorgen.case import Case, Maker, digest

LEAF = digest("leaf").hex()
DRAW, SITTING = "DEMO-2026-0001", "DEMO-S-2026-12"
ORIGIN = "sampler/DEMO"
ROOT = b64encode(digest("root")).decode()
TEXT = f"{ORIGIN}\n7\n{ROOT}\n"


def entries() -> list[Case]:
    ask = Maker("log", "entry")
    for type_, carried in log.CARRIES.items():
        ids = {"s": {"sitting_id": SITTING}, "d": {"draw_id": DRAW}, "": {}}
        given = {k: v for letter in carried or [""] for k, v in ids[letter].items()}
        ask.good(type_, f"an entry of type {type_}", type=type_, leaf=LEAF, **given)
        wrong = {"draw_id": DRAW} if "d" not in carried else {"sitting_id": SITTING}
        if carried != "sd":
            ask.bad(
                "LOG_IDS", f"{type_}-other-id", "an id the type does not carry", type=type_, leaf=LEAF, **given, **wrong
            )
        if carried:
            ask.bad("LOG_IDS", f"{type_}-no-id", "without its ids", type=type_, leaf=LEAF)
    ask.good("unknown-type", "a type of a later version", type="minutes", leaf=LEAF, draw_id=DRAW)
    ask.bad("RECORD_VALUE", "short-leaf", "a leaf of 31 bytes", type="draw", leaf=LEAF[2:], draw_id=DRAW)
    ask.bad("RECORD_VALUE", "upper-leaf", "upper case digits", type="draw", leaf=LEAF.upper(), draw_id=DRAW)
    ask.bad("RECORD_VALUE", "blank-id", "a blank in an id", type="draw", leaf=LEAF, draw_id="DEMO 1")
    return ask.cases


def checkpoints() -> list[Case]:
    ask = Maker("log", "checkpoint")
    ask.good("seven", "a head of seven entries", text=TEXT)
    ask.good("empty-log", "a head of no entry", text=f"{ORIGIN}\n0\n{ROOT}\n")
    ask.good("largest", "the largest size", text=f"{ORIGIN}\n9007199254740991\n{ROOT}\n")
    for name, mutation, text in [
        ("leading-zero", "a leading zero", f"{ORIGIN}\n07\n{ROOT}\n"),
        ("plus", "a sign", f"{ORIGIN}\n+7\n{ROOT}\n"),
        ("negative", "a negative size", f"{ORIGIN}\n-7\n{ROOT}\n"),
        ("too-large", "a size of 2^53", f"{ORIGIN}\n9007199254740992\n{ROOT}\n"),
        ("no-end", "the last line end left out", TEXT[:-1]),
        ("extra-line", "a line more", TEXT + "x\n"),
        ("no-origin", "no origin", f"\n7\n{ROOT}\n"),
        ("short-root", "a root of 31 bytes", f"{ORIGIN}\n7\n{b64encode(digest('root')[:31]).decode()}\n"),
        ("unpadded", "base64 without padding", f"{ORIGIN}\n7\n{ROOT[:-1]}\n"),
        ("loose-bits", "base64 with loose last bits", f"{ORIGIN}\n7\n{loose(ROOT)}\n"),
        ("hex-root", "the root in hex", f"{ORIGIN}\n7\n{digest('root').hex()}\n"),
        ("blank", "a blank behind the size", f"{ORIGIN}\n7 \n{ROOT}\n"),
        ("crlf", "carriage returns", TEXT.replace("\n", "\r\n")),
        ("empty", "nothing", ""),
    ]:
        ask.bad("CHECKPOINT_FORM", name, mutation, text=text)
    return ask.cases


def loose(text: str) -> str:
    """The same bytes in base64 whose last digit carries bits that are dropped."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-2] + alphabet[alphabet.index(text[-2]) + 1] + "="


def notes() -> list[Case]:
    ask = Maker("log", "note")
    private = Ed25519PrivateKey.from_private_bytes(digest("log key"))
    public = public_bytes(private)
    line = log.signature_line(ORIGIN, public, private.sign(TEXT.encode()))
    witness = Ed25519PrivateKey.from_private_bytes(digest("witness key"))
    second = log.signature_line("society", public_bytes(witness), witness.sign(TEXT.encode()))
    who = {"signer": ORIGIN, "public": public.hex()}
    other = public_bytes(witness).hex()

    def note(text: str) -> str:
        return text.encode().hex()

    ask.good("signed", "a checkpoint signed by the log", note=note(f"{TEXT}\n{line}"), **who)
    ask.good("cosigned", "a witness signed too", note=note(f"{TEXT}\n{line}{second}"), **who)
    blob = line.split()[2]
    for code, name, mutation, text in [
        ("NOTE_FORM", "no-gap", "no empty line", TEXT + line),
        ("NOTE_FORM", "no-signature", "no signature line", TEXT + "\n"),
        ("NOTE_FORM", "no-end", "the last line end left out", f"{TEXT}\n{line}"[:-1]),
        ("NOTE_FORM", "hyphen", "a hyphen for the dash", f"{TEXT}\n{line.replace('—', '-')}"),
        ("NOTE_FORM", "two-blanks", "two blanks", f"{TEXT}\n{line.replace('— ', '—  ')}"),
        ("NOTE_FORM", "short", "a signature too short", f"{TEXT}\n— {ORIGIN} {blob[:-4]}\n"),
        ("NOTE_FORM", "control", "a control character in the text", f"{TEXT[:-1]}\x01\n\n{line}"),
        ("NOTE_FORM", "trailing", "a line that is no signature", f"{TEXT}\n{line}x\n"),
        ("NOTE_TWICE", "twice", "the same key twice", f"{TEXT}\n{line}{line}"),
        ("NOTE_SIGNATURE", "text", "another size in the text", f"{TEXT.replace('7', '8', 1)}\n{line}"),
        ("NOTE_SIGNATURE", "only-witness", "signed by the witness alone", f"{TEXT}\n{second}"),
        ("NOTE_SIGNATURE", "name", "under another name", f"{TEXT}\n{line.replace('DEMO', 'OTHER')}"),
    ]:
        ask.bad(code, name, mutation, note=note(text), **who)
    ask.bad(
        "NOTE_SIGNATURE",
        "other-key",
        "judged by another key",
        note=note(f"{TEXT}\n{line}"),
        signer=ORIGIN,
        public=other,
    )
    ask.bad("NOTE_FORM", "not-utf-8", "bytes that are no text", note=f"ff{note(f'{TEXT}{chr(10)}{line}')}", **who)
    return ask.cases


def static_files(size: int) -> dict[str, bytes]:
    """The files of a log of small entries (log.md 1)."""
    whole = [b"%d" % n for n in range(size)]
    files: dict[str, bytes] = {}
    hashes, level = [tree.leaf_hash(e) for e in whole], 0
    for first in range(0, size, 256):
        part = whole[first : first + 256]
        files[log.tile("entries", first // 256, len(part))] = b"".join(len(e).to_bytes(2, "big") + e for e in part)
    while hashes:
        parts = [hashes[i : i + 256] for i in range(0, len(hashes), 256)]
        files |= {log.tile(level, n, len(p)): b"".join(p) for n, p in enumerate(parts)}
        hashes, level = [tree.root(p) for p in parts if len(p) == 256], level + 1
    return files


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def tiles() -> list[Case]:
    places, ask = Maker("log", "tile"), Maker("log", "tiles")
    for name, level, number, width in [
        ("first", 0, 0, 256), ("thousandth", 0, 1000, 256), ("partial", 1, 5, 17), ("deep", 3, 1234067, 256),
        ("bundle", "entries", 999, 1),
    ]:  # fmt: skip
        places.good(name, "where a tile lies", level=level, number=number, width=width)
    for size in (0, 1, 3, 257):
        shown = {p: d.hex() for p, d in static_files(size).items()}
        ask.good(str(size), f"a log of {size} entries", size=size, files=shown)
    three, bundle, hashes = static_files(3), "tile/entries/000.p/3", "tile/0/000.p/3"
    long = static_files(257)
    for code, name, mutation, size, files in [
        ("TILE_FORM", "cut", "the last byte of the entries left out", 3, three | {bundle: three[bundle][:-1]}),
        ("TILE_FORM", "longer", "a byte behind the entries", 3, three | {bundle: three[bundle] + b"0"}),
        ("TILE_FORM", "fourth", "an entry more than the path says", 3, three | {bundle: three[bundle] + b"\0\0013"}),
        ("TILE_FORM", "fewer", "an entry fewer than the path says", 3, three | {bundle: three[bundle][:6]}),
        ("TILE_FORM", "little-endian", "lengths with the small byte first", 3, three | {bundle: b"\1\0000\1\0001\1\0002"}),
        ("TILE_CHANGED", "entry", "an entry for another", 3, three | {bundle: flip(three[bundle], 2)}),
        ("TILE_CHANGED", "hash", "a bit of a leaf hash", 3, three | {hashes: flip(three[hashes], 40)}),
        ("TILE_CHANGED", "hash-cut", "a leaf hash left out", 3, three | {hashes: three[hashes][:-32]}),
        ("TILE_CHANGED", "swapped", "two leaf hashes swapped", 3, three | {hashes: three[hashes][32:64] + three[hashes][:32] + three[hashes][64:]}),
        ("TILE_CHANGED", "upper", "a bit of level 1", 257, long | {"tile/1/000.p/1": flip(long["tile/1/000.p/1"], 0)}),
        ("TILE_CHANGED", "padded", "the whole tree's root for that of the full part", 257, long | {"tile/1/000.p/1": tree.root([tree.leaf_hash(b"%d" % n) for n in range(257)])}),
    ]:  # fmt: skip
        ask.bad(code, name, mutation, size=size, files={p: d.hex() for p, d in files.items()})
    return places.cases + ask.cases


def cases() -> list[Case]:
    return entries() + checkpoints() + notes() + tiles()
