"""One cell, one value, or one refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stdnum.cn import uscc

from sampler.io import identity, values
from sampler.io.values import Bad

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = "91370200163562681G"


def code(parse: Callable[[str], str], text: str) -> str:
    with pytest.raises(Bad) as e:
        parse(text)
    return e.value.code


@pytest.mark.parametrize(
    "text",
    [
        *("2026-12-31", "2026/12/31", "2026.12.31", "20261231", "2026年12月31日", "2026-12-31 00:00:00"),
        *("2026-12-31T08:30:00", "46387", "2026 年 12 月 31 日", "2026 - 12 - 31", "2026–12–31", "2026—12—31"),
        *("二〇二六年十二月三十一日", "二零二六年十二月三十一日", "二○二六年十二月三十一"),
    ],
)
def test_every_usual_date(text: str) -> None:
    assert values.dates()(text) == "2026-12-31"


@pytest.mark.parametrize(
    ("text", "want"),
    [("二〇二六年一月十日", "01-10"), ("二〇二六年十月二十日", "10-20"), ("二〇二六年十一月十九日", "11-19")],
)
def test_numbers_in_words(text: str, want: str) -> None:
    assert values.dates()(text) == f"2026-{want}"


@pytest.mark.parametrize(
    "text",
    [
        "二〇二六年十三月一日",
        "二〇二六年一一月一日",
        "二〇二六年二月三十日",
        "二〇二六年一月十十日",
        "二〇二六年一月一二三日",
    ],
)
def test_words_that_are_no_day(text: str) -> None:
    assert code(values.dates(), text) == "DATE_IMPOSSIBLE"


@pytest.mark.parametrize(
    "text",
    [
        "2 026-12-31",
        "2026-1 2-31",
        "二六年十二月三十一日",
        "二〇二六年十二月",
        "2026-12-31T00:00:00Z",
        "2026-12-30T16:00:00+08:00",
    ],
)
def test_blanks_in_a_number_and_times_of_other_zones_are_not_guessed(text: str) -> None:
    assert code(values.dates(), text) == "DATE_FORM"


@pytest.mark.parametrize("text", ["9999-09-09", "99990909", "长期", "永久"])
def test_without_end(text: str) -> None:
    assert values.dates(endless=True)(text) == values.FOREVER
    assert code(values.dates(), text) in {"DATE_FORM", "DATE_IMPOSSIBLE"}


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "2026-00-10", "0026-01-01", "20260230", "1899-12-31"])
def test_impossible_days(text: str) -> None:
    assert code(values.dates(), text) == "DATE_IMPOSSIBLE"


@pytest.mark.parametrize("text", ["12/31/2026", "31.12.2026", "2026-12", "26-12-31", "-5", "1e5", "明天", "9" * 400])
def test_dates_nobody_can_be_sure_of(text: str) -> None:
    assert code(values.dates(), text) == "DATE_FORM"


def test_day_numbers_of_a_1904_workbook_are_refused() -> None:
    assert code(values.dates(old_epoch=True), "46387") == "DATE_FORM"


@pytest.mark.parametrize("text", ["2026-11", "202611", "2026/11", "2026年11月", "2026-11-30", "46340"])
def test_months(text: str) -> None:
    assert values.months()(text) == "2026-11"


@pytest.mark.parametrize("text", ["2026-13", "202600", "11月", "2026"])
def test_no_months(text: str) -> None:
    assert code(values.months(), text).startswith("DATE_")


def test_leave_is_sorted_unique_intervals() -> None:
    text = "2026-12-20,2026-12-01至2026-12-05、2026-12-01~2026-12-05"
    assert values.intervals()(text) == "2026-12-01..2026-12-05,2026-12-20..2026-12-20"


@pytest.mark.parametrize("text", ["2026-12-05..2026-12-01", "2026-12-01..2026-12-02..2026-12-03"])
def test_no_leave(text: str) -> None:
    assert code(values.intervals(), text) == "LEAVE_FORM"


def test_lists_are_sorted_unique_and_in_byte_order() -> None:
    assert values.listing(values.keep)("b、a,B;a|") == "B,a,b"


@pytest.mark.parametrize("text", ["-1", "4", "1.5", "x", "1e1", "²", "٣", "1_0", "+1", "", "9" * 30])
def test_integers_refuse(text: str) -> None:
    assert code(values.integers("N", 0, 3, "数"), text) == "N"


@pytest.mark.parametrize("text", ["nan", "NaN", "NULL", "None", "NA", "-nan"])
def test_nan_is_said_so(text: str) -> None:
    assert code(values.integers("N", 0, 3, "数"), text) == "NUMBER_NAN"
    assert code(values.decimals("N", 0, 1, "数"), text) == "NUMBER_NAN"


@pytest.mark.parametrize("text", ["-0.1", "1.1", "inf", "1/2", "1,5", "0x1", ".5", "1e400"])
def test_decimals_refuse(text: str) -> None:
    assert code(values.decimals("N", 0, 1, "数"), text) == "N"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("-1", "RISK_NEGATIVE"),
        ("-0.5", "RISK_NEGATIVE"),
        ("nan", "RISK_NOT_INTEGER"),
        ("1.0", "RISK_NOT_INTEGER"),
        ("0.37", "RISK_NOT_INTEGER"),
        ("高", "RISK_NOT_INTEGER"),
        ("1000001", "RISK_ABOVE"),
        ("999999999999", "RISK_ABOVE"),
    ],
)
def test_risks_refuse(text: str, want: str) -> None:
    assert code(values.risk, text) == want


@pytest.mark.parametrize(
    ("typed", "clean"),
    [("９１３７ＡＢ", "9137AB"), (" a\u3000", "a"), ('="0012"', "0012"), ("'0012", "0012"), ("\ufeffa\t", "a")],
)
def test_cleaning(typed: str, clean: str) -> None:
    assert values.clean_code(typed) == clean


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "#N/A", "#REF!", "#div/0!"])
def test_cleaning_refuses(text: str) -> None:
    assert code(values.clean_code, text) in {"CELL_CONTROL", "CELL_ERROR"}
    assert code(values.clean_name, text) in {"CELL_CONTROL", "CELL_ERROR"}


def test_a_name_is_bounded() -> None:
    assert code(values.clean_name, "甲" * 342) == "CELL_TOO_LONG"


@pytest.mark.parametrize("place", range(17))
def test_every_wrong_character_of_a_credit_code_is_found(place: int) -> None:
    wrong = GOOD[:place] + ("2" if GOOD[place] != "2" else "3") + GOOD[place + 1 :]
    assert code(identity.object_code, wrong) == "USCC_CHECK"


def test_the_expected_character_is_named() -> None:
    with pytest.raises(Bad, match="应为 G"):
        identity.object_code(GOOD[:17] + "X")


def test_codes_with_letters_in_front_are_judged_as_well() -> None:
    body = "N2210603MA0ABCDE1"
    assert identity.object_code(body + uscc.calc_check_digit(body)) == body + uscc.calc_check_digit(body)


@pytest.mark.parametrize("text", ["91370200163562681O", "9137020016356268IG", "91X70200163562681G"])
def test_letters_that_no_credit_code_has(text: str) -> None:
    assert code(identity.object_code, text) == "USCC_FORM"


@pytest.mark.parametrize("text", ["9.137020016356268e+17", "9.13702E+17", "9.1E17", "9E+17", "210603.5e3"])
def test_ruined_codes(text: str) -> None:
    assert code(identity.object_code, text) == "CODE_RUINED"
    assert code(identity.inspector_code, text) == "CODE_RUINED"


def test_registration_numbers() -> None:
    assert identity.object_code("210603000000018") == "210603000000018"
    assert code(identity.object_code, "210603000000017") == "REGNO_CHECK"


@pytest.mark.parametrize("text", ["a b", "甲", "a/b", "a\u200bb", "x" * 65, "=1+1", "<script>", "a,b"])
def test_no_ids(text: str) -> None:
    assert code(identity.object_code, text) == "ID_FORM"
    assert code(identity.plain_code, text) == "ID_FORM"


@pytest.mark.parametrize("text", ["张三", "合计", "辽A", "辽 0603001", "辽0603\u202e001"])
def test_no_certificates(text: str) -> None:
    assert code(identity.inspector_code, text) == "ID_FORM"


def test_a_certificate_with_a_province_is_coded() -> None:
    assert identity.inspector_code("辽060300012") == values.code_of("辽060300012")
    assert len(values.code_of("辽060300012")) == 17


@pytest.mark.parametrize("text", ["91370200-163562681-G", "9137 0200-1635 6268 1g"])
def test_a_credit_code_in_groups_is_the_code(text: str) -> None:
    assert identity.object_code(text) == GOOD


@pytest.mark.parametrize("text", ["91370200-163562681-X", "P-91370200163562681G-01", "MALL-2026-000000001"])
def test_other_numbers_keep_their_hyphens(text: str) -> None:
    assert identity.object_code(text) == text


def test_a_credit_code_whose_end_became_zeros_is_called_ruined() -> None:
    assert code(identity.object_code, "913702001635626000") == "CODE_RUINED"
    body = "91370200163562600"
    whole = body + uscc.calc_check_digit(body)
    assert identity.object_code(whole) == whole


@pytest.mark.parametrize("text", ["-A1", "-1+1", "-", "--"])
def test_a_code_never_opens_a_formula(text: str) -> None:
    assert values.code_of(text)[:1] == ("-" if text == "-" else "x")
