"""A long table read piece by piece is the table read whole, with the same refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import tables
from sampler.errors import Problem, TableError
from sampler.io.engines import store

COLUMNS = ("key", "n")
LINES = st.lists(st.sampled_from(["a", "ab", "b", "é", "e\u0301", "c\t", "\td", "\r", "", "\udcff"]), max_size=9)


def whole(data: bytes) -> tuple[list[tuple[str, ...]], Problem | None]:
    try:
        return list(tables.decode(data, COLUMNS, file="t.tsv").rows()), None
    except TableError as e:
        return [], e.problems[0]


def pieces(folder: Path) -> tuple[list[tuple[str, ...]], Problem | None]:
    try:
        return [row for t in store.Store(folder).blocks("t.tsv", COLUMNS) for row in t.rows()], None
    except TableError as e:
        return [], e.problems[0]


@given(keys=st.sets(st.text("abc.", max_size=4), max_size=30), size=st.integers(1, 40))
def test_any_pieces_give_the_table(tmp_path_factory: pytest.TempPathFactory, keys: set[str], size: int) -> None:
    folder = tmp_path_factory.mktemp("t")
    table = tables.from_rows(COLUMNS, [(k, str(n)) for n, k in enumerate(sorted(keys))])
    (folder / "t.tsv").write_bytes(tables.encode(table))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "BLOCK", size)
        assert pieces(folder) == whole(tables.encode(table))


@given(
    head=st.sampled_from(["key\tn", "key", "n\tkey", ""]), keys=LINES, end=st.sampled_from(["", "\n"]), size=st.integers(1, 30)
)  # fmt: skip
def test_what_is_no_table_is_refused_alike(
    tmp_path_factory: pytest.TempPathFactory, head: str, keys: list[str], end: str, size: int
) -> None:
    folder = tmp_path_factory.mktemp("t")
    data = ("\n".join([head, *(f"{k}\t{n}" for n, k in enumerate(keys))]) + end).encode(errors="surrogateescape")
    (folder / "t.tsv").write_bytes(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "BLOCK", size)
        found, refused = pieces(folder)
    rows, wanted = whole(data)
    assert (refused is None) == (wanted is None)
    assert found == rows
    if refused is not None and wanted is not None and refused.code == wanted.code and refused.place.row:
        assert refused.place.row == wanted.place.row  # of several offences another may be met first


@pytest.mark.parametrize("row", [3, 4, 9])
@pytest.mark.parametrize("code", ["TABLE_WIDTH", "TABLE_DUPLICATE"])
def test_an_offence_is_told_with_its_row(row: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BLOCK", 9)
    lines = ["key\tn", *(f"{k}\t0" for k in "abcdefghij")]
    lines[row - 1] = lines[row - 2] if code == "TABLE_DUPLICATE" else lines[row - 1] + "\t0"
    (tmp_path / "t.tsv").write_text("\n".join(lines) + "\n")
    _, refused = pieces(tmp_path)
    assert refused is not None
    assert (refused.code, refused.place.row) == (code, row)
