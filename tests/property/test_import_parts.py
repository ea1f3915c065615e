"""A file cut into parts of any size is imported as the whole file is: same table, same findings, same order."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.errors import InputError
from sampler.io import packed, raw, readers
from sampler.io.checks import check_file
from sampler.io.imported import COLUMNS
from sampler.io.packed import Packed
from sampler.io.readers import read_rows
from tests.unit.test_io_nasty import BAD, GOOD, PERSON, REFUSED, code, text

FIRM = [
    "统一社会信用代码",
    "主体类型",
    "所有者代码",
    "区划",
    "登记状态",
    "名称",
    "标签",
    "成立日期",
    "许可证号",
    "备注",
]
OFFICER = [
    "执法证号",
    "所在单位",
    "所在部门",
    "区划",
    "执法证有效期",
    "执法事项范围",
    "工作量上限",
    "人员状态",
    "姓名",
    "角色",
]
VISIT = ["统一社会信用代码", "检查日期", "检查结果", "严重程度"]
BLAME = ["执法证号", "统一社会信用代码", "所有者代码", "回避原因"]

codes = st.sampled_from(
    [*(code(n) for n in range(5)), code(1).lower(), code(2)[:17] + "?", "", "9.1E+17", PERSON, "p1"]
)
firms = st.tuples(
    codes, st.sampled_from(["企业", "个体工商户", "产品", "外星"]), codes, st.sampled_from(["210603", "２１０６０３", "x y"]),
    st.sampled_from(["存续", ""]), st.sampled_from(["甲", "甲 ", "乙\x01", "丙公司", ""]), st.sampled_from(["食品", "食品、夜市", ""]),
    st.sampled_from(["2020-01-05", "2020年1月5日", "2020-13-01", "9999-09-09"]),
    st.sampled_from(["", "JY1", "JY2", "JY1 "]), st.sampled_from(["", PERSON, "一\n二"]),
)  # fmt: skip
officers = st.tuples(
    st.sampled_from(["1001", "1002", "京执法证10023", PERSON, ""]), st.just("一所"), st.just("食品科"),
    st.sampled_from(["", "全市", "210603"]), st.sampled_from(["长期", "2030-01-01", "?"]), st.just("A01"), st.sampled_from(["9", "-1"]),
    st.sampled_from(["有效", "失效"]), st.sampled_from(["张三", "李四"]), st.sampled_from(["", "专家"]),
)  # fmt: skip
visits = st.tuples(
    codes,
    st.sampled_from(["2026-01-02", "2027-01-01", "去年"]),
    st.sampled_from(["1", "9", "未发现问题"]),
    st.sampled_from(["", "3", "7"]),
)
blames = st.tuples(st.sampled_from(["1001", "1002"]), codes, codes, st.sampled_from(["亲属", ""]))
FILES = st.one_of(
    *(
        st.tuples(st.just(kind), st.just(head), st.lists(rows.map(list) | st.sampled_from([[], ["必填、18位", *head[1:]]]), max_size=14))
        for kind, head, rows in (
            ("objects", FIRM, firms), ("roster", OFFICER, officers), ("history", VISIT, visits), ("recusals", BLAME, blames),
        )
    )
)  # fmt: skip


def as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def as_parquet(head: list[str], rows: list[list[str]]) -> bytes:
    full = [r for r in rows if r]
    out = io.BytesIO()
    columns = {h: pa.array([r[c] for r in full], pa.string()) for c, h in enumerate(head)}
    pq.write_table(pa.table(columns), out, row_group_size=3)
    return out.getvalue()


def outcome(data: bytes, kind: str | None, cells: int) -> object:
    """Return all that an import says, with so many cells held at once."""
    with pytest.MonkeyPatch.context() as m:
        m.setattr(raw, "PART_CELLS", cells)
        try:
            found = check_file("f", data, kind, districts=["210603", "210604"], today="2026-11-25")
        except InputError as e:
            return e.problems
    private = found.private()
    said = (found.problems, found.warnings, found.problem_count, found.rows, found.accepted)
    return said, list(found.table.rows()), private, found.columns, found.corrections, found.encoding


@given(FILES, st.integers(1, 60), st.sampled_from([1, 2, 2000]))
def test_any_part_size_gives_the_same_import(
    file: tuple[str, list[str], list[list[str]]], cells: int, few: int
) -> None:
    kind, head, rows = file
    banner = [["名录"], []] if len(rows) % 2 else []
    with pytest.MonkeyPatch.context() as m:
        m.setattr(packed, "FEW", few)
        m.setattr("sampler.io.findings.MAX_PROBLEMS", 3 if len(rows) % 3 else 1000)
        for data in (as_csv([*banner, head, *rows]), as_parquet(head, rows)):
            assert outcome(data, kind, cells) == outcome(data, kind, 1_000_000)


NASTY = {
    **{n: d for n, (d, _) in GOOD.items()},
    **{n: d for n, (d, _) in REFUSED.items()},
    **{n: text(r) for n, (r, *_) in BAD.items()},
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_in_parts_is_what_it_is_at_once(name: str) -> None:
    whole = outcome(NASTY[name], None, 1_000_000)
    assert outcome(NASTY[name], None, 1) == whole
    assert outcome(NASTY[name], None, 17) == whole


@given(st.lists(st.lists(st.text(max_size=5), max_size=6), max_size=6), st.integers(1, 5), st.randoms())
def test_a_packed_column_is_the_list_it_was_made_from(pieces: list[list[str]], few: int, rng: object) -> None:
    with pytest.MonkeyPatch.context() as m:
        m.setattr(packed, "FEW", few)
        column, plain = Packed(), list[str]()
        for piece in pieces:
            clean = [t.encode(errors="ignore").decode() for t in piece]
            column.extend(clean)
            plain += clean
        assert (len(column), list(column)) == (len(plain), plain)
        rows = list(range(len(plain)))
        rng.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis' own Random
        assert column.take(rows) == [plain[n] for n in rows]


def test_a_text_file_beyond_the_limit_is_refused_wherever_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_CELLS", 50)
    data = as_csv([["object_id", "risk_ppm"], *(["a", "5"] for _ in range(30))])
    for cells in (1, 7, 1_000):
        refused = outcome(data, "scores", cells)
        assert isinstance(refused, tuple)
        assert [p.code for p in refused] == ["SHEET_TOO_LARGE"]
        assert refused[0].hint
    assert outcome(as_csv([["object_id", "risk_ppm"], ["a", "5"]]), "scores", 1)[1] == [("a", "5")]  # type: ignore[index]


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "大.csv"
    with path.open("wb") as f:
        f.write(b"object_id,risk_ppm\n")
        f.truncate(raw.MAX_FILE + 1)
    with pytest.raises(InputError) as e:
        check_file("大.csv", path)
    assert (e.value.code, e.value.problem.found) == ("FILE_TOO_LARGE", str(raw.MAX_FILE + 1))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"object_id,risk_ppm\na,5\n")
    table = read_rows("f.csv", path)
    path.write_bytes(b"object_id,risk_ppm\n\xff\xff,5\n")
    with pytest.raises(InputError) as e:
        _ = table.rows
    assert e.value.code == "ENCODING"


def test_a_path_and_its_bytes_are_imported_alike(tmp_path: Path) -> None:
    head, row = FIRM, [code(1), "企业", "", "210603", "存续", "甲", "", "", "", ""]
    for name, data in (("a.csv", as_csv([head, row])), ("a.parquet", as_parquet(head, [row]))):
        path = tmp_path / name
        path.write_bytes(data)
        a, b = check_file(name, path), check_file(name, data)
        assert list(a.table.rows()) == list(b.table.rows()) != []
        assert (a.problems, a.warnings) == (b.problems, b.warnings)
        assert a.table.names == COLUMNS["objects"]
