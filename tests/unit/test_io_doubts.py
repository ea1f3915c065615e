"""The import doctor's second look: the corrected copy, firms that may stand twice, numbers of persons."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from sampler.io.checks import check_file
from sampler.io.corrected import corrected_copy
from sampler.io.doubts import fold_name
from sampler.io.imported import Imported
from sampler.io.personal import is_mobile, is_resident_id, kind_of, masked
from tests.unit.test_io_nasty import FIRM_HEAD, PERSON, code, firm, workbook

WRONG, CHANGED, PLAIN = "FFF8CBCB", "FFFFF2CC", "00000000"


def imported(*rows: list[Any], head: list[str] | None = None) -> Imported:
    return check_file("名录.xlsx", workbook([head or FIRM_HEAD, *rows]))


def copy_of(found: Imported) -> Any:
    return openpyxl.load_workbook(io.BytesIO(corrected_copy(found)))


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)


def warned(found: Imported) -> dict[str, str]:
    return {p.code: p.found for p in found.warnings}


class TestCorrectedCopy:
    def test_a_wrong_cell_is_red_with_reason_and_way_out(self) -> None:
        sheet = copy_of(imported(firm(1), [code(2)[:17] + "?", *firm(2)[1:]])).worksheets[0]
        assert colour(sheet["A3"]) == WRONG
        assert "不允许的字符" in sheet["A3"].comment.text
        assert colour(sheet["A2"]) == PLAIN
        assert sheet["A2"].comment is None

    def test_a_unified_cell_holds_the_unified_text_and_says_what_stood_there(self) -> None:
        sheet = copy_of(imported([*firm(1)[:3], "２１０６０３", *firm(1)[4:6], "2020年3月5日"])).worksheets[0]
        assert (sheet["D2"].value, colour(sheet["D2"])) == ("210603", CHANGED)
        assert (sheet["G2"].value, sheet["G2"].comment.text) == ("2020-03-05", "原为“2020年3月5日”")

    def test_the_copy_imports_clean_once_the_red_cells_are_put_right(self) -> None:
        book = copy_of(imported(firm(1), [code(2)[:17] + "?", *firm(2)[1:3], " 210603 ", *firm(2)[4:]]))
        book.worksheets[0]["A3"] = code(2)
        out = io.BytesIO()
        book.save(out)
        again = check_file("改.xlsx", out.getvalue())
        assert (again.problems, again.accepted) == ((), 2)
        assert "NORMALISED" not in warned(again)

    def test_rows_keep_their_numbers_below_a_banner(self) -> None:
        found = check_file(
            "a.xlsx", workbook([["检查对象名录库"], [], FIRM_HEAD, firm(1), [*firm(2)[:1], "?", *firm(2)[2:]]])
        )
        assert found.problems[0].place.row == 5
        assert colour(copy_of(found).worksheets[0]["B5"]) == WRONG

    def test_the_list_names_every_finding(self) -> None:
        found = imported([code(1), "企业", "甲", "", "", "", ""])
        rows = list(copy_of(found).worksheets[1].iter_rows(min_row=4, values_only=True))
        assert [r[7] for r in rows[:2]] == [p.code for p in found.problems] == ["CELL_EMPTY", "CELL_EMPTY"]

    def test_nothing_in_it_is_a_formula(self) -> None:
        found = imported([code(1), "企业", "=HYPERLINK(1)", "=1+1", "@SUM(A1)", "+1", "-1"])
        cells = [c for sheet in copy_of(found) for row in sheet.iter_rows() for c in row]
        assert {c.data_type for c in cells if c.value is not None} == {"s"}

    def test_same_file_same_bytes(self) -> None:
        assert corrected_copy(imported(firm(1))) == corrected_copy(imported(firm(1)))

    def test_a_text_file_gets_a_workbook_too(self) -> None:
        found = check_file("a.csv", "object_id,risk_ppm\nа,5\n".encode())
        assert copy_of(found).sheetnames == ["数据", "问题清单"]


class TestNearDuplicates:
    def test_one_name_in_one_district_under_two_codes(self) -> None:
        found = imported(firm(1), [*firm(2)[:2], "甲 1", *firm(2)[3:]])
        assert warned(found)["NEAR_DUPLICATE"] == f"第 2 行 {code(1)}、第 3 行 {code(2)}"
        assert found.accepted == 2, "nothing is merged on suspicion"

    def test_an_old_number_beside_a_new_code_comes_first(self) -> None:
        rows = [firm(1), [*firm(2)[:2], "甲1", *firm(2)[3:]], firm(3), ["110105000000004", *firm(3)[1:]]]
        found = next(p for p in imported(*rows).warnings if p.code == "NEAR_DUPLICATE")
        assert found.message.startswith("2 组")
        assert "其中 1 组" in found.message
        assert found.found.startswith("第 4 行")

    @pytest.mark.parametrize("second", [["乙", "210603"], ["甲1", "210604"], ["", "210603"]])
    def test_other_names_other_districts_and_no_names_are_not_reported(self, second: list[str]) -> None:
        assert "NEAR_DUPLICATE" not in warned(imported(firm(1), [*firm(2)[:2], *second, *firm(2)[4:]]))

    def test_one_code_on_two_rows_is_no_near_duplicate(self) -> None:
        assert "NEAR_DUPLICATE" not in warned(imported(firm(1), firm(1)))

    def test_rare_characters_stay_apart(self) -> None:
        assert fold_name("𠮷野家") != fold_name("吉野家")


class TestPersons:
    def test_a_resident_number_as_code_is_refused_and_never_shown_whole(self) -> None:
        found = imported([PERSON, *firm(1)[1:]])
        assert [p.code for p in found.problems] == ["PERSONAL_ID"]
        assert PERSON not in str(found.problems)
        assert found.problems[0].found == masked(PERSON)

    def test_a_resident_number_as_certificate_is_refused(self) -> None:
        head = ["执法证号", "所在单位", "所在部门", "区划", "执法证有效期", "执法事项范围", "工作量上限"]
        found = imported([PERSON, "一所", "食品科", "210603", "2030-01-01", "A01", "9"], head=head)
        assert [p.code for p in found.problems] == ["PERSONAL_ID"]

    @pytest.mark.parametrize(("cell", "what"), [(PERSON, "身份证号"), ("13800138000", "手机号")])
    def test_columns_of_persons_are_named_and_left_out(self, cell: str, what: str) -> None:
        found = imported([*firm(1), cell], [*firm(2), cell], head=[*FIRM_HEAD, "法定代表人备注"])
        warning = next(p for p in found.warnings if p.code == "PERSONAL_COLUMN")
        assert what in warning.message
        assert warning.place.column == "H"
        assert cell not in str(found.table) + found.private().decode()

    @pytest.mark.parametrize(
        "text", [PERSON[:17] + "1", "110105194912310021", "91370200163562681G", "11010519491331002X", ""]
    )
    def test_other_numbers_are_no_resident_numbers(self, text: str) -> None:
        assert not is_resident_id(text)

    @pytest.mark.parametrize("text", ["12800138000", "1380013800", "138001380001", "０１３８００１３８００"])
    def test_other_numbers_are_no_mobile_numbers(self, text: str) -> None:
        assert not is_mobile(text)

    def test_one_stray_number_does_not_make_a_column_personal(self) -> None:
        assert kind_of(["x"] * 9 + [PERSON]) == ""
        assert kind_of(["", PERSON, " "]) == "身份证号"
