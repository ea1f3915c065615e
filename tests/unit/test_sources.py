"""Public sources: one way to write each value, and none that could be enumerated."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import sources
from sampler.errors import RecordError

KL8 = "lottery:kl8:2026339"
KL8_VALUE = "".join(f"{n:02d}" for n in range(4, 81, 4))
SSQ = "lottery:ssq:2026141:2026142:2026143"
SSQ_VALUE = "01020304053316,01021011123301,05060708091007"
DLT = "lottery:dlt:26141:26142:26143"
DLT_VALUE = "01020304350112,05060708090102,01020304050102"
FC3D = "lottery:fc3d:" + ":".join(str(2026330 + n) for n in range(7))
PL5 = "lottery:pl5:" + ":".join(str(26330 + n) for n in range(4))
DICE = "ceremony:hall:d6:24"
BALLS = "ceremony:hall:d10:19"

GOOD = [
    (KL8, KL8_VALUE, math.comb(80, 20)),
    (SSQ, SSQ_VALUE, (math.comb(33, 6) * 16) ** 3),
    (DLT, DLT_VALUE, (math.comb(35, 5) * math.comb(12, 2)) ** 3),
    (FC3D, "000,123,999,001,010,100,555", 10**21),
    (PL5, "00000,12345,99999,54321", 10**20),
    (DICE, "123456" * 4, 6**24),
    (BALLS, "0123456789012345678", 10**19),
    ("parties", "", 1),
]
DRAND, DRAND_VALUE = "drand:quicknet:1000", "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"
ISSUES = [("kl8", 1, 61), ("ssq", 3, 72), ("dlt", 3, 73), ("fc3d", 7, 69), ("pl5", 4, 66)]
"""Issues of each game that reach 60 bits, and the bits they give."""


@pytest.mark.parametrize(("source", "value", "count"), GOOD)
def test_good_values(source: str, value: str, count: int) -> None:
    assert sources.check_value(source, value) == value.encode()
    assert sources.outcomes(source) == count
    assert sources.parse_source(source).text == source


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "SOURCE_KIND"),
        ("Lottery:kl8:2026339", "SOURCE_KIND"),
        ("nist:2:1:54610", "SOURCE_KIND"),
        ("drand:52db9ba:1234567", "SOURCE_CHAIN"),
        ("drand:Quicknet:1000", "SOURCE_CHAIN"),
        ("drand:quicknet", "SOURCE_FORM"),
        ("drand:quicknet:1000:1001", "SOURCE_FORM"),
        ("drand:quicknet:01000", "SOURCE_ROUND"),
        ("drand:quicknet:0", "SOURCE_ROUND"),
        ("drand:quicknet:latest", "SOURCE_ROUND"),
        (" lottery:kl8:2026339", "SOURCE_KIND"),
        ("lottery", "SOURCE_GAME"),
        ("lottery:", "SOURCE_FORM"),
        ("lottery:kl9:2026339", "SOURCE_GAME"),
        ("lottery:kl8", "SOURCE_FORM"),
        ("lottery:kl8:", "SOURCE_FORM"),
        ("lottery:kl8:2026339 ", "SOURCE_FORM"),
        ("lottery:kl8:第2026339期", "SOURCE_FORM"),
        ("lottery:kl8:next", "SOURCE_ISSUE"),
        ("lottery:kl8:1", "SOURCE_ISSUE"),
        ("lottery:kl8:2026339:2026339", "SOURCE_ISSUE"),
        ("lottery:pl5:26330:026330:26331:26332", "SOURCE_ISSUE"),
        ("lottery:kl8:２０２６３３９", "SOURCE_FORM"),
        ("lottery:ssq:2026141:2026142", "SOURCE_ENTROPY"),
        ("lottery:dlt:26141:26142", "SOURCE_ENTROPY"),
        (FC3D.rpartition(":")[0], "SOURCE_ENTROPY"),
        (PL5.rpartition(":")[0], "SOURCE_ENTROPY"),
        ("ceremony:hall:d6:23", "SOURCE_ENTROPY"),
        ("ceremony:hall:d10:18", "SOURCE_ENTROPY"),
        ("ceremony:hall:d6", "SOURCE_FORM"),
        ("ceremony:hall:d6:24:1", "SOURCE_FORM"),
        ("ceremony:hall:d20:24", "SOURCE_ALPHABET"),
        ("ceremony:hall:d6:024", "SOURCE_LENGTH"),
        ("ceremony:hall:d6:0", "SOURCE_LENGTH"),
        ("ceremony:hall:d6:1025", "SOURCE_LENGTH"),
        ("ceremony:hall:d6:many", "SOURCE_LENGTH"),
        ("parties:", "SOURCE_FORM"),
        ("parties:all", "SOURCE_FORM"),
    ],
)
def test_bad_sources(source: str, code: str) -> None:
    with pytest.raises(RecordError) as e:
        sources.parse_source(source)
    assert e.value.code == code
    with pytest.raises(RecordError):
        sources.check_value(source, "")


@pytest.mark.parametrize(
    ("source", "value", "code"),
    [
        (KL8, "", "VALUE_FORM"),
        (KL8, KL8_VALUE[:-2], "VALUE_FORM"),
        (KL8, KL8_VALUE + "81", "VALUE_FORM"),
        (KL8, KL8_VALUE + " ", "VALUE_FORM"),
        (KL8, KL8_VALUE + ",", "VALUE_FORM"),
        (KL8, " " + KL8_VALUE[:-1], "VALUE_FORM"),
        (KL8, KL8_VALUE.replace("04", "4 ", 1), "VALUE_FORM"),
        (KL8, KL8_VALUE[:-1] + "０", "VALUE_FORM"),
        (KL8, "00" + KL8_VALUE[2:], "VALUE_RANGE"),
        (KL8, KL8_VALUE[:-2] + "81", "VALUE_RANGE"),
        (KL8, "0808" + KL8_VALUE[4:], "VALUE_ORDER"),
        (KL8, "0804" + KL8_VALUE[4:], "VALUE_ORDER"),
        (SSQ, SSQ_VALUE.replace("33", "34", 1), "VALUE_RANGE"),
        (SSQ, SSQ_VALUE.replace("16", "17", 1), "VALUE_RANGE"),
        (SSQ, SSQ_VALUE.replace(",", ""), "VALUE_FORM"),
        (SSQ, SSQ_VALUE.replace(",", "+"), "VALUE_FORM"),
        (SSQ, SSQ_VALUE + "," + SSQ_VALUE, "VALUE_FORM"),
        (DLT, DLT_VALUE.replace("0112", "1201", 1), "VALUE_ORDER"),
        (DLT, DLT_VALUE.replace("0112", "0113", 1), "VALUE_RANGE"),
        (DLT, DLT_VALUE.replace("0112", "0101", 1), "VALUE_ORDER"),
        (FC3D, "000,123,999,001,010,100", "VALUE_FORM"),
        (FC3D, "000,123,999,001,010,100,5555", "VALUE_FORM"),
        (PL5, "00000,12345,99999,5432x", "VALUE_FORM"),
        (DICE, "123457" * 4, "VALUE_FORM"),
        (DICE, "123450" * 4, "VALUE_FORM"),
        (DICE, "123456" * 3, "VALUE_FORM"),
        (BALLS, "012345678901234567", "VALUE_FORM"),
        (BALLS, "practice 0123456789", "VALUE_FORM"),
        ("parties", "0", "VALUE_FORM"),
        (DRAND, DRAND_VALUE.upper(), "VALUE_FORM"),
        (DRAND, DRAND_VALUE[:-2], "VALUE_FORM"),
        (DRAND, "", "VALUE_FORM"),
        ("parties", " ", "VALUE_FORM"),
    ],
)
def test_bad_values(source: str, value: str, code: str) -> None:
    with pytest.raises(RecordError) as e:
        sources.check_value(source, value)
    assert e.value.code == code


def test_a_beacon_gives_raw_bytes() -> None:
    assert sources.check_value(DRAND, DRAND_VALUE) == bytes.fromhex(DRAND_VALUE)
    assert sources.outcomes(DRAND) == 1 << sources.STRONG_BITS


@pytest.mark.parametrize(("game", "issues", "bits"), ISSUES)
def test_how_many_issues_a_game_needs(game: str, issues: int, bits: int) -> None:
    """The table of records.md 3.6, from the games' own rules."""
    text = ":".join(["lottery", game, *(str(2026100 + n) for n in range(issues))])
    assert sources.outcomes(text).bit_length() - 1 == bits
    if issues > 1:
        with pytest.raises(RecordError) as e:
            sources.parse_source(text.rpartition(":")[0])
        assert e.value.code == "SOURCE_ENTROPY"
    page = (Path(__file__).parents[2] / "docs/spec/records.md").read_text(encoding="utf-8")
    assert f"| `{game}` | {_single(game)} | {issues} | {bits} |" in page


def _single(game: str) -> int:
    rule = sources.GAMES[game]
    if isinstance(rule, sources.Digits):
        return int(10**rule.length)
    return math.prod(math.comb(z.size, z.drawn) for z in rule)


@given(st.sets(st.integers(1, 80), min_size=20, max_size=20))
def test_every_kl8_result_has_one_form(balls: set[int]) -> None:
    value = "".join(f"{b:02d}" for b in sorted(balls))
    assert sources.check_value(KL8, value) == value.encode()
    with pytest.raises(RecordError):
        sources.check_value(KL8, "".join(f"{b:02d}" for b in sorted(balls, reverse=True)))


@given(st.text(max_size=60))
def test_free_text_is_no_value(text: str) -> None:
    with pytest.raises(RecordError):
        sources.check_value(KL8, text)


@given(st.text(max_size=40).filter(lambda t: t != "parties"))
def test_free_text_is_no_source(text: str) -> None:
    with pytest.raises(RecordError) as e:
        sources.parse_source(text)
    assert e.value.code.startswith("SOURCE_")
