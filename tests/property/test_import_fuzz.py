"""Fuzzed office files: whatever is done to a workbook or a CSV, only a refusal with code and place comes out."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from sampler.errors import SamplerError
from sampler.io.checks import check_file
from sampler.io.corrected import corrected_copy
from sampler.io.headings import KINDS
from tests.unit.test_io_nasty import BAD, GOOD, REFUSED, text, workbook

NASTY = [data for data, _ in GOOD.values()] + [data for data, _ in REFUSED.values() if len(data) < 100_000]
NASTY += [text(rows) for rows, *_ in BAD.values()] + [
    workbook(rows) for rows, *_ in list(BAD.values())[::8] if rows[0][0] != "\0"
]
PIECES = [
    *(b"", b"\x00", b"\xff\xfe", b'"', b"\r", b"\n", b",", b";", b"\t", b"=1+1", b"#N/A", b"9.1E+17", b"\xe2\x80\xae"),
    *("，".encode(), "长期".encode(), "统一社会信用代码".encode(), "案例（请删除）".encode(), "合计".encode("gb18030"), b"PK\x03\x04"),
    *(b"<c r='XFD1048576'/>", b"<row>", b"t='e'", b"date1904='1'", b"-1", b"NaN", b"1e400", b"9" * 400),
]  # fmt: skip


def hurt(rng: random.Random, data: bytes) -> bytes:
    """Return `data` after a few cuts, copies, flips and insertions."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(5):
            case 0:
                out[at : at + rng.randint(1, 40)] = b""
            case 1:
                out[at:at] = rng.choice(PIECES)
            case 2:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                out[at:at] = out[at : at + rng.randint(1, 200)]
            case _:
                out[at : at + 4] = rng.randbytes(4)
    return bytes(out)


def hurt_inside(rng: random.Random, data: bytes) -> bytes:
    """Return a workbook with one part of its archive hurt and packed again."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    name = rng.choice(sorted(parts))
    parts[name] = hurt(rng, parts[name])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for n, part in parts.items():
            z.writestr(n, part)
    return out.getvalue()


def fuzz(seed: int, count: int) -> int:
    """Return how many of `count` hurt files could still be read; anything but our own refusal escapes."""
    rng = random.Random(seed)
    read = 0
    for n in range(count):
        data = rng.choice(NASTY)
        inside = data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)) and rng.random() < 0.7
        broken = hurt_inside(rng, data) if inside else hurt(rng, data)
        try:
            found = check_file(
                f"{seed}-{n}", broken, rng.choice([None, *KINDS]), districts=["210603"], today="2026-11-25"
            )
            if n % 10 == 0:
                corrected_copy(found)
        except SamplerError as e:
            assert e.code.isupper()  # noqa: PT017  # the refusal is the expected outcome
            assert e.problem.place.file == f"{seed}-{n}"  # noqa: PT017
            continue
        assert all(p.code.isupper() and p.message for p in (*found.problems, *found.warnings))
        read += 1
    return read


def test_two_thousand_hurt_files_bring_no_traceback() -> None:
    assert 200 < fuzz(20261125, 2_000) < 1_900


@pytest.mark.torture
def test_twenty_thousand_hurt_files_bring_no_traceback() -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201  # what fails must be repeatable
    assert fuzz(seed, 20_000) > 2_000
