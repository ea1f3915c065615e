"""Nasty files, one a line: what a clerk may hand in, and exactly what the import answers (domain reference 4.4).

`GOOD` files are imported right; `BAD` files are refused with the code at the right row and column; `REFUSED` files cannot
be read at all.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from sampler.errors import InputError
from sampler.io.checks import check_file

FIRM_HEAD = ["统一社会信用代码", "主体类型", "名称", "区划", "行业", "登记状态", "成立日期"]
PEOPLE_HEAD = ["执法证号", "所在单位", "所在部门", "区划", "执法证有效期", "执法事项范围", "工作量上限", "请假"]
PAST_HEAD = ["统一社会信用代码", "检查日期", "检查结果", "严重程度", "入样概率"]
ITEM_HEAD = ["事项编号", "事项名称", "法律依据", "事项类别", "检查对象类型"]
PERSON = "11010519491231002" + str(mod_11_2.calc_check_digit("11010519491231002"))
WIDE = {n: n + 0xFEE0 for n in range(0x21, 0x7F)}


def code(n: int = 1) -> str:
    body = f"91210603{n:09d}"
    return body + str(uscc.calc_check_digit(body))


def firm(n: int = 1) -> list[Any]:
    return [code(n), "企业", f"甲{n}", "210603", "F5212", "存续", "2020-01-05"]


def person(n: int = 1) -> list[Any]:
    return [f"L{n:04d}", "一所", "食品科", "210603", "2030-12-31", "A01", "9", ""]


def past(n: int = 1) -> list[Any]:
    return [code(n), "2025-03-01", "1", "0", "0.02"]


def item(n: int = 1) -> list[Any]:
    return [f"A{n:02d}", "公示信息检查", "暂行条例第十四条", "一般", "企业"]


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "名录"
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        other = book.create_sheet(title)
        for row in more:
            other.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(rows: list[list[Any]], codec: str = "utf-8", delimiter: str = ",", end: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue().encode(codec)


def parquet(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    head, *body = rows
    pq.write_table(pa.table({name: [row[n] for row in body] for n, name in enumerate(head)}), out)
    return out.getvalue()


def put(row: list[Any], **cells: Any) -> list[Any]:
    """Return the row with cells replaced: c0=..., c3=..."""
    out = list(row)
    for name, value in cells.items():
        out[int(name[1:])] = value
    return out


def firms(**cells: Any) -> list[list[Any]]:
    return [FIRM_HEAD, firm(1), put(firm(2), **cells)]


def people(**cells: Any) -> list[list[Any]]:
    return [PEOPLE_HEAD, person(1), put(person(2), **cells)]


def pasts(**cells: Any) -> list[list[Any]]:
    return [PAST_HEAD, past(1), put(past(2), **cells)]


def items(**cells: Any) -> list[list[Any]]:
    return [ITEM_HEAD, item(1), put(item(2), **cells)]


HINTS = ["必填，18 位", "必填", "", "6 位代码", "", "", "如 2020-01-05"]
SAMPLE = ["案例（请删除）", "企业", "某公司", "210603", "", "存续", ""]
TWO = [FIRM_HEAD, firm(1), firm(2)]
LICENCES = [[*FIRM_HEAD, "标签"], [*firm(1), "食品"], [*firm(1), "餐饮"], [*firm(2), "食品"]]

GOOD: dict[str, tuple[bytes, dict[str, Any]]] = {
    "utf-8": (text(TWO), {}),
    "utf-8 with mark": (text(TWO, "utf-8-sig"), {}),
    "gb18030": (text(TWO, "gb18030"), {"encoding": "gb18030"}),
    "gb18030 short": (text([["object_id", "risk_ppm"], [code(1), "5"], [code(2), "5"]], "gb18030"), {}),
    "utf-16 little": (text(TWO, "utf-16"), {}),
    "utf-16 big with mark": (b"\xfe\xff" + text(TWO, "utf-16-be"), {}),
    "semicolons": (text(TWO, delimiter=";"), {}),
    "tabs": (text(TWO, delimiter="\t"), {}),
    "unix line ends": (text(TWO, end="\n"), {}),
    "no line end at the end": (text(TWO).rstrip(), {}),
    "blank lines between": (text([FIRM_HEAD, firm(1), [], ["", ""], firm(2)]), {}),
    "xlsx": (workbook(TWO), {"sheet": "名录"}),
    "parquet": (parquet(TWO), {}),
    "sum at the end": (text([*TWO, ["合计", "2", "", "", "", "", ""]]), {}),
    "sum and signature at the end": (workbook([*TWO, ["总计：2户"], [], ["制表人：张三"]]), {}),
    "banner, hints, sample": (workbook([["检查对象名录库导入模板"], FIRM_HEAD, HINTS, SAMPLE, firm(1), firm(2)]), {}),
    "three banners": (workbook([["某局"], ["名录"], ["2026 年"], FIRM_HEAD, firm(1), firm(2)]), {}),
    "code list on a second sheet": (workbook(TWO, 参数表=[["主体类型"], ["企业"]]), {}),
    "data on the second sheet": (workbook([["说明"], ["请在第二页填写"]], 数据=TWO), {"sheet": "数据"}),
    "columns shuffled": (text([row[::-1] for row in TWO]), {}),
    "columns nobody knows": (text([[*row, "x"] for row in TWO]), {}),
    "headings with stars and hints": (text([[f"*{h}（必填）" for h in FIRM_HEAD], firm(1), firm(2)]), {}),
    "headings with line breaks": (workbook([[f"{h[:2]}\n{h[2:]}" for h in FIRM_HEAD], firm(1), firm(2)]), {}),
    "english headings": (
        text([["object_id", "object_type", "name", "district", "industry", "status", "established"], firm(1), firm(2)]), {},
    ),
    "synonyms": (
        text([["注册号/统一社会信用代码", "市场主体类型", "企业名称", "行政区划代码", "行业代码", "经营状态", "注册日期"], firm(1), firm(2)]), {},
    ),
    "full-width code": (text(firms(c0=code(2).translate(WIDE))), {"key": code(2)}),
    "lower-case code": (text(firms(c0=code(2).lower())), {"key": code(2)}),
    "code in groups": (text(firms(c0=f"{code(2)[:8]} {code(2)[8:]}")), {"key": code(2)}),
    "code with blanks around": (text(firms(c0=f" \u3000{code(2)}\xa0")), {"key": code(2)}),
    "code as excel text formula": (text(firms(c0=f'="{code(2)}"')), {"key": code(2)}),
    "code with apostrophe": (text(firms(c0=f"'{code(2)}")), {"key": code(2)}),
    "old registration number": (text(firms(c0="110105000000004")), {"key": "110105000000004"}),
    "date with chinese marks": (text(firms(c6="2020年1月5日")), {"established": "2020-01-05"}),
    "date with slashes": (text(firms(c6="2020/1/5")), {"established": "2020-01-05"}),
    "date with points": (text(firms(c6="2020.01.05")), {"established": "2020-01-05"}),
    "date compact": (text(firms(c6="20200105")), {"established": "2020-01-05"}),
    "date with time": (text(firms(c6="2020-01-05 00:00:00")), {"established": "2020-01-05"}),
    "date as excel day": (text(firms(c6="43835")), {"established": "2020-01-05"}),
    "date typed in excel": (workbook(firms(c6=date(2020, 1, 5))), {"established": "2020-01-05"}),
    "moment typed in excel": (workbook(firms(c6=datetime(2020, 1, 5, 8, 30))), {"established": "2020-01-05"}),  # noqa: DTZ001
    "no date": (text(firms(c6="")), {"established": "-"}),
    "dash for nothing": (text(firms(c4="——")), {"industry": "-"}),
    "type by number": (text(firms(c1="3")), {"object_type": "individual"}),
    "type in other words": (text(firms(c1="有限责任公司")), {"object_type": "enterprise"}),
    "rare characters": (text(firms(c2="𠮷野家䶮餐饮店")), {}),
    "quotes and commas in a name": (text(firms(c2='甲"乙",丙')), {}),
    "name that looks like a formula": (text(firms(c2="=HYPERLINK(1)")), {}),
    "name with bidi letters": (text(firms(c2="שלום مرحبا")), {}),
    "a row twice": (text([*TWO, firm(2)]), {}),
    "one row a licence": (text(LICENCES), {}),
    "certificate for ever": (text(people(c4="长期")), {"expiry": "9999-12-31"}),
    "certificate until 9999-09-09": (text(people(c4="9999-09-09")), {"expiry": "9999-12-31"}),
    "certificate with chinese number": (text(people(c0="鲁B0102345号")), {}),
    "items by chinese comma": (text(people(c5="A02，A01、A02")), {"items": "A01,A02"}),
    "leave with chinese words": (text(people(c7="2026-12-01至2026-12-05")), {"leave": "2026-12-01..2026-12-05"}),
    "officer everywhere": (text(people(c3="全市")), {"district": "*"}),
    "result in words": (text(pasts(c2="发现问题已责令改正")), {"result": "5"}),
    "history empty but for headings": (text([PAST_HEAD, past(1), past(2)]), {}),
    "item in words": (text(items(c3="重点检查事项")), {"kind": "key"}),
}  # fmt: skip

BAD: dict[str, tuple[list[list[Any]], int, str, str]] = {
    "check digit": (firms(c0=code(2)[:17] + ("0" if code(2)[17] != "0" else "1")), 3, "统一社会信用代码", "USCC_CHECK"),
    "letter O in code": (firms(c0="O" + code(2)[1:]), 3, "统一社会信用代码", "USCC_FORM"),
    "registration check": (firms(c0="110105000000009"), 3, "统一社会信用代码", "REGNO_CHECK"),
    "code ruined by excel": (firms(c0="9.12106E+17"), 3, "统一社会信用代码", "CODE_RUINED"),
    "code missing": (firms(c0=""), 3, "统一社会信用代码", "CELL_EMPTY"),
    "code is a person": (firms(c0=PERSON), 3, "统一社会信用代码", "PERSONAL_ID"),
    "two codes in a cell": (firms(c0=f"{code(2)}，{code(3)}"), 3, "统一社会信用代码", "ID_FORM"),
    "code with a slash": (firms(c0="A/1"), 3, "统一社会信用代码", "ID_FORM"),
    "code too long": (firms(c0="A" * 65), 3, "统一社会信用代码", "ID_FORM"),
    "code in chinese": (firms(c0="待补"), 3, "统一社会信用代码", "ID_FORM"),
    "code with control": (firms(c0="A\x001"), 3, "统一社会信用代码", "CELL_CONTROL"),
    "code with bidi control": (firms(c0="A\u202e1"), 3, "统一社会信用代码", "CELL_CONTROL"),
    "code on two lines": (firms(c0="A\n1"), 3, "统一社会信用代码", "CELL_CONTROL"),
    "code is an excel error": (firms(c0="#N/A"), 3, "统一社会信用代码", "CELL_ERROR"),
    "type unknown": (firms(c1="星球"), 3, "主体类型", "TYPE_UNKNOWN"),
    "type missing": (firms(c1=""), 3, "主体类型", "CELL_EMPTY"),
    "district unknown": (firms(c3="999999"), 3, "区划", "DISTRICT_UNKNOWN"),
    "district by an unknown name": (firms(c3="某某区"), 3, "区划", "DISTRICT_UNKNOWN"),
    "district missing": (firms(c3=" "), 3, "区划", "CELL_EMPTY"),
    "status missing": (firms(c5="-"), 3, "登记状态", "CELL_EMPTY"),
    "date impossible": (firms(c6="2020-02-30"), 3, "成立日期", "DATE_IMPOSSIBLE"),
    "date american": (firms(c6="01/05/2020"), 3, "成立日期", "DATE_FORM"),
    "date in words": (firms(c6="去年"), 3, "成立日期", "DATE_FORM"),
    "date with two digits": (firms(c6="20-1-5"), 3, "成立日期", "DATE_FORM"),
    "date for ever": (firms(c6="长期"), 3, "成立日期", "DATE_FORM"),
    "name too long": (firms(c2="甲" * 400), 3, "名称", "CELL_TOO_LONG"),
    "name damaged before": (firms(c2="甲\ufffd"), 3, "名称", "CELL_CONTROL"),
    "two rows contradict": ([*TWO, put(firm(2), c4="A01")], 4, "统一社会信用代码", "ID_DUPLICATE"),
    "two rows, other district": ([*TWO, put(firm(2), c3="210604")], 4, "统一社会信用代码", "ID_DUPLICATE"),
    "row too short": ([FIRM_HEAD, firm(1), firm(2)[:4]], 3, "", "ROW_WIDTH"),
    "row too long": ([FIRM_HEAD, firm(1), [*firm(2), "x"]], 3, "", "ROW_WIDTH"),
    "sum without a word": ([*TWO, ["2", "", "", "", "", "", ""]], 4, "主体类型", "CELL_EMPTY"),
    "code that is a formula": ([FIRM_HEAD, firm(1), ["-A1", "产品", *firm(2)[2:]]], 3, "统一社会信用代码", "ID_FORM"),
    "sample left with a code": ([FIRM_HEAD, [*firm(1)[:2], "案例（请删除）", *firm(1)[3:]], firm(2)], 2, "", "ROW_SAMPLE"),
    "column twice": ([[*FIRM_HEAD, "注册号"], [*firm(1), ""], [*firm(2), ""]], 1, "注册号", "COLUMN_TWICE"),
    "column missing": ([FIRM_HEAD[:5], firm(1)[:5]], 1, "status", "COLUMN_MISSING"),
    "certificate missing": (people(c0=""), 3, "执法证号", "CELL_EMPTY"),
    "certificate is a person": (people(c0=PERSON), 3, "执法证号", "PERSONAL_ID"),
    "certificate twice": ([PEOPLE_HEAD, person(1), put(person(1), c2="药品科")], 3, "执法证号", "ID_DUPLICATE"),
    "expiry missing": (people(c4=""), 3, "执法证有效期", "CELL_EMPTY"),
    "expiry impossible": (people(c4="2030-13-01"), 3, "执法证有效期", "DATE_IMPOSSIBLE"),
    "department missing": (people(c2=""), 3, "所在部门", "CELL_EMPTY"),
    "load negative": (people(c6="-1"), 3, "工作量上限", "LOAD_RANGE"),
    "load with a half": (people(c6="2.5"), 3, "工作量上限", "LOAD_RANGE"),
    "load in words": (people(c6="十"), 3, "工作量上限", "LOAD_RANGE"),
    "load not a number": (people(c6="NaN"), 3, "工作量上限", "NUMBER_NAN"),
    "load huge": (people(c6="1000000"), 3, "工作量上限", "LOAD_RANGE"),
    "leave backwards": (people(c7="2026-12-05..2026-12-01"), 3, "请假", "LEAVE_FORM"),
    "leave of three ends": (people(c7="2026-12-01..2026-12-05..2026-12-09"), 3, "请假", "LEAVE_FORM"),
    "leave in words": (people(c7="下周"), 3, "请假", "DATE_FORM"),
    "officer district unknown": (people(c3="999999"), 3, "区划", "DISTRICT_UNKNOWN"),
    "result 9": (pasts(c2="9"), 3, "检查结果", "RESULT_UNKNOWN"),
    "result 0": (pasts(c2="0"), 3, "检查结果", "RESULT_UNKNOWN"),
    "result in other words": (pasts(c2="合格吧"), 3, "检查结果", "RESULT_UNKNOWN"),
    "result missing": (pasts(c2=""), 3, "检查结果", "CELL_EMPTY"),
    "visit in the future": (pasts(c1="2027-01-01"), 3, "检查日期", "DATE_FUTURE"),
    "visit without a day": (pasts(c1=""), 3, "检查日期", "CELL_EMPTY"),
    "severity 4": (pasts(c3="4"), 3, "严重程度", "SEVERITY_RANGE"),
    "severity NaN": (pasts(c3="nan"), 3, "严重程度", "NUMBER_NAN"),
    "probability zero": (pasts(c4="0"), 3, "入样概率", "PI_RANGE"),
    "probability above one": (pasts(c4="1.5"), 3, "入样概率", "PI_RANGE"),
    "probability in per cent": (pasts(c4="2%"), 3, "入样概率", "PI_RANGE"),
    "item without a basis": (items(c2=""), 3, "法律依据", "BASIS_MISSING"),
    "item kind unknown": (items(c3="很重点"), 3, "事项类别", "ITEM_KIND_UNKNOWN"),
    "item type unknown": (items(c4="企业、星球"), 3, "检查对象类型", "TYPE_UNKNOWN"),
    "item without a name": (items(c1=""), 3, "事项名称", "CELL_EMPTY"),
    "item code in chinese": (items(c0="第一项"), 3, "事项编号", "ID_FORM"),
    "risk negative": ([["object_id", "risk_ppm"], ["a", "-1"]], 2, "risk_ppm", "RISK_NEGATIVE"),
    "risk a fraction": ([["object_id", "risk_ppm"], ["a", "0.5"]], 2, "risk_ppm", "RISK_NOT_INTEGER"),
    "risk above": ([["object_id", "risk_ppm"], ["a", "1000001"]], 2, "risk_ppm", "RISK_ABOVE"),
    "class E": ([["object_id", "信用风险分类"], ["a", "E"]], 2, "信用风险分类", "CLASS_UNKNOWN"),
    "class month 13": ([["object_id", "信用风险分类", "月份"], ["a", "A", "2026-13"]], 2, "月份", "DATE_IMPOSSIBLE"),
    "cap of a thousand": ([["事项编号", "部门", "年度", "频次上限"], ["A01", "食品科", "2026", "1000"]], 2, "频次上限", "CAP_RANGE"),
    "cap for the year 26": ([["事项编号", "部门", "年度", "频次上限"], ["A01", "食品科", "26", "2"]], 2, "年度", "YEAR_RANGE"),
    "recusal of nobody": ([["执法证号", "对象代码", "所有者代码"], ["L1", "", ""]], 2, "对象代码", "RECUSAL_TARGET"),
    "recusal of both": ([["执法证号", "对象代码", "所有者代码"], ["L1", "a", "b"]], 2, "对象代码", "RECUSAL_TARGET"),
    "recusal kind": ([["执法证号", "回避类型", "回避对象"], ["L1", "亲戚", "a"]], 2, "回避类型", "RECUSAL_KIND_UNKNOWN"),
}  # fmt: skip


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, part in parts.items():
            z.writestr(name.replace("__", "/"), part)
    return out.getvalue()


BOOK = workbook(TWO)
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "FILE_EMPTY"),
    "blanks": (b" \r\n\t ", "FILE_EMPTY"),
    "only commas": (b",,,\r\n,,,\r\n", "FILE_EMPTY"),
    "empty workbook": (workbook([]), "FILE_EMPTY"),
    "pdf": (b"%PDF-1.7 ...", "FILE_KIND"),
    "gzip": (b"\x1f\x8b\x08\x00", "FILE_KIND"),
    "rar": (b"Rar!\x1a\x07", "FILE_KIND"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "FILE_KIND"),
    "picture": (b"\x89PNG\r\n\x1a\n", "FILE_KIND"),
    "web page named xls": (b"<html><table><tr><td>a</td></tr></table></html>", "FILE_KIND"),
    "xml": (b"<?xml version='1.0'?><a/>", "FILE_KIND"),
    "zip of something else": (zipped(a=b"x"), "FILE_KIND"),
    "word document": (zipped(word__document=b"x"), "FILE_KIND"),
    "workbook cut short": (BOOK[: len(BOOK) // 2], "FILE_DAMAGED"),
    "workbook without its end": (BOOK[:-30], "FILE_DAMAGED"),
    "xls cut short": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "FILE_DAMAGED"),
    "parquet cut short": (parquet(TWO)[:200], "FILE_DAMAGED"),
    "parquet mark alone": (b"PAR1", "FILE_DAMAGED"),
    "neither utf-8 nor gb18030": (b"object_id,risk_ppm\n\xff\xfe\xff,5\n", "ENCODING"),
    "utf-16 without mark": (text(TWO, "utf-16-le"), "ENCODING"),
    "utf-8 cut in a character": (text(TWO)[:1] + "统".encode()[:2] + b"\xff" + text(TWO), "ENCODING"),
    "open quote": (b'object_id,risk_ppm\n"a,5\nb,6\n', "CSV_QUOTE"),
    "cell of ten megabytes": (b"object_id,risk_ppm\n" + b"a" * 10_000_000 + b",5\n", "CELL_TOO_LONG"),
    "no known heading": (text([["甲", "乙"], ["1", "2"]]), "KIND_UNCLEAR"),
    "headings of two kinds": (text([["统一社会信用代码"], [code(1)]]), "KIND_UNCLEAR"),
    "two kinds on two sheets": (workbook(TWO, 人员=[PEOPLE_HEAD, person(1)]), "KIND_UNCLEAR"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_nasty_but_readable_file_is_imported_right(name: str) -> None:
    data, want = GOOD[name]
    found = check_file("f", data, districts=["210603", "210604"], today="2026-11-25")
    assert [(p.code, p.place) for p in found.problems] == []
    assert found.accepted == 2
    for attribute in ("encoding", "sheet"):
        assert getattr(found, attribute) == want.get(attribute, getattr(found, attribute))
    columns = {k: v for k, v in want.items() if k not in ("encoding", "sheet")}
    for column, value in columns.items():
        assert value in (found.table.key if column == "key" else found.table[column])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_refused_at_its_place(name: str, form: str) -> None:
    rows, row, column, want = BAD[name]
    illegal = want == "ROW_WIDTH" or any(isinstance(c, str) and "\x00" in c for r in rows for c in r)
    if form == "xlsx" and illegal:
        form = "csv"  # a workbook cannot hold the character, and fills up its rows
    data = text(rows, "gb18030") if form == "csv" else workbook(rows)
    found = check_file("f", data, districts=["210603", "210604"], today="2026-11-25")
    assert (want, row, column) in [(p.code, p.place.row, p.place.column) for p in found.problems]
    assert all(p.message and p.hint for p in found.problems)
    assert found.accepted < len(rows) - 1


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_a_way_out(name: str) -> None:
    data, want = REFUSED[name]
    with pytest.raises(InputError) as e:
        check_file("f", data)
    assert e.value.code == want
    assert e.value.problem.hint
    assert e.value.problem.place.file == "f"


def test_there_are_enough_of_them() -> None:
    assert len(GOOD) + len(BAD) + len(REFUSED) >= 120
    assert len(BAD) + len(REFUSED) > len(GOOD)
