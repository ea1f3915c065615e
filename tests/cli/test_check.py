"""sampler check: any kind of file, the office's dated tables, licences, and copies too large to be of use."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from sampler.commands import check as checking
from sampler.commands.templates import workbooks
from sampler.io.checks import IMPORTERS
from sampler.io.dated import FILES
from tests.support import Called, called
from tests.unit.test_io_dated import TABLE
from tests.unit.test_io_nasty import code

HEAD = "统一社会信用代码,主体类型,区划,登记状态,标签"


def write(folder: Path, name: str, *lines: str) -> str:
    (folder / name).write_text("\n".join(lines), encoding="gb18030")
    return name


def codes(done: Called, key: str = "errors") -> list[tuple[str, int]]:
    return [(p["code"], p["row"]) for p in done.json[key]]


def test_every_kind_of_file_has_a_name_in_the_answer() -> None:
    assert checking.NAMES.keys() == IMPORTERS.keys()


def test_a_filled_result_form_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = write(
        tmp_path,
        "结果.csv",
        "统一社会信用代码,检查情况,检查日期,检查结果,到场执法人员",
        f"{code(1)},已检查,2026-12-01,1,1001、1002",
    )
    done = called(capsys, "-C", tmp_path, "check", name)
    assert (done.code, "检查结果（results），1 行，可用 1 行" in done.out) == (0, True)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    for name, data in workbooks().items():
        (tmp_path / "templates" / name).write_bytes(data)
    book = openpyxl.load_workbook(tmp_path / FILES["district"])
    for row in TABLE:
        book.active.append(row)
    book.save(tmp_path / FILES["district"])
    return tmp_path


@pytest.mark.parametrize(("day", "want"), [("2019-12-31", []), ("2026-12-01", [("CODE_ABOLISHED", 2)])])
def test_a_registry_is_checked_as_of_a_day(
    office: Path, day: str, want: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    name = write(office, "名录.csv", HEAD, f"{code(1)},企业,990102,存续,")
    done = called(capsys, "-C", office, "check", name, "--as-of", day, "--json")
    assert (done.code, codes(done)) == (1 if want else 0, want)


def test_the_filled_table_itself_is_a_file_to_check(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = called(capsys, "-C", office, "check", *FILES.values(), "--as-of", "2026-12-01", "--json")
    assert (done.code, [f["as"] for f in done.json["data"]["files"]]) == (0, ["codes", "codes"])


def test_nothing_is_checked_against_a_wrong_table(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.load_workbook(office / FILES["district"])
    book.active.append(["990101", "又一个", "2020-01-01", "", ""])
    book.save(office / FILES["district"])
    name = write(office, "名录.csv", HEAD, f"{code(1)},企业,990101,存续,")
    done = called(capsys, "-C", office, "check", name, "--json")
    assert (done.code, codes(done)) == (2, [("CODE_OVERLAP", 13)])


@pytest.mark.parametrize("day", ["2026-13-01", "明天", "2026"])
def test_a_day_that_is_none_is_refused(office: Path, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = called(capsys, "-C", office, "check", FILES["district"], "--as-of", day)
    assert done.code == 2


def test_licences_are_counted_in_the_report_and_kept_for_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{code(n)},企业,990101,存续,,JY{n}{k}" for n in (1, 2) for k in range(n + 1)]
    name = write(tmp_path, "名录.csv", f"{HEAD},许可证号", *rows)
    done = called(capsys, "-C", tmp_path, "check", name, "--csv", "out")
    assert (done.code, "5 行，可用 2 行，许可证 5 张" in done.out) == (0, True)
    clean = (tmp_path / "out" / "objects.csv").read_text(encoding="utf-8")
    assert "JY" not in clean
    again = called(capsys, "-C", tmp_path, "check", "out/objects.csv", "--json")
    assert (again.code, again.json["data"]["files"][0]["licences"], codes(again, "warnings")) == (0, 5, [])


def test_a_copy_too_large_to_be_of_use_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "MAX_COPY", 1)
    name = write(tmp_path, "名录.csv", HEAD, f"{code(1)},外星,990101,存续,", f"{code(2)},企业,990101,存续,")
    done = called(capsys, "-C", tmp_path, "check", name, "--corrected", "改", "--json")
    assert (done.code, codes(done), ("COPY_TOO_LARGE", 0) in codes(done, "warnings")) == (
        1,
        [("TYPE_UNKNOWN", 2)],
        True,
    )
    assert not (tmp_path / "改").exists()
