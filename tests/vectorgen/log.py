"""Vectors of area `log`: entries, checkpoints, signed notes (records.md 4)."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference import log
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


def cases() -> list[Case]:
    return entries() + checkpoints() + notes()
