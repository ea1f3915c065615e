"""The view, its twins and the task sheets."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from sampler.canon import decode
from sampler.errors import CanonError, RecordError, SamplerError, TableError
from sampler.office.lists import view
from sampler.office.tasks import tasks_page
from sampler.office.text import csv_cell
from sampler.office.twins import csv_list, json_list
from sampler.wording import plain
from tests.unit.office_fixture import DRAW, bundle, draw, drawn_ids, inspector_id, labels, names, people

VIEW = view(bundle(), names(), people(), labels())
RECORDS = ["charter", "plan", "commitment", "sitting", "seed", "draw", "assignment"]
NEEDED = [f"{kind}.json" for kind in RECORDS] + ["frame.tsv", "roster.tsv", "levels.tsv"]


@pytest.mark.parametrize("path", NEEDED)
def test_a_missing_file_is_named(path: str) -> None:
    files = bundle()
    del files[path]
    with pytest.raises(RecordError) as e:
        view(files, {}, {}, {})
    assert (e.value.code, e.value.problem.place.file) == ("VIEW_MISSING", path)


@pytest.mark.parametrize("path", [p for p in NEEDED if p.endswith("json") and p != "plan.json"])
def test_a_record_of_another_type_is_refused(path: str) -> None:
    files = bundle()
    with pytest.raises(RecordError) as e:
        view({**files, path: files["plan.json"]}, {}, {}, {})
    assert e.value.code == "VIEW_TYPE"


@pytest.mark.parametrize(
    ("path", "old", "new", "error"),
    [
        ("draw.json", b'"n":24', b'"m":24', RecordError),
        ("draw.json", b'"n":24', b'"n":25', RecordError),
        ("draw.json", b"QDSC-2026-0012", b"QDSC-2026-0013", RecordError),
        ("seed.json", b"QDSC-2026-0012", b"QDSC-2026-0011", RecordError),
        ("draw.json", b'"n":24', b'"n":24.0', CanonError),
        ("draw.json", b'"rank":1', b'"rank": 1', CanonError),
        ("assignment.json", b'"template":"base"', b'"template":"none"', RecordError),
        ("assignment.json", b'"inspector_id":"370200-0000"', b'"inspector_id":"999999-0000"', RecordError),
        ("assignment.json", b'"teams"', b'"tears"', RecordError),
        ("frame.tsv", b"370200000023757\t", b"370200000023758\t", RecordError),
        ("levels.tsv", b"A.individual.370202/1", b"A.individual.370202/0", RecordError),
        ("levels.tsv", b"pi_e12", b"pi", TableError),
        ("roster.tsv", b"\n", b"\r\n", TableError),
        ("charter.json", b'"party":"notary"', b'"party":"nobody"', RecordError),
    ],
)
def test_a_bundle_that_does_not_hang_together_is_refused(
    path: str, old: bytes, new: bytes, error: type[SamplerError]
) -> None:
    files = bundle()
    assert old in files[path]
    with pytest.raises(error):
        view({**files, path: files[path].replace(old, new)}, {}, {}, {})


def test_a_view_without_any_name_shows_codes() -> None:
    bare = view(bundle(), {}, {}, {})
    assert [t.pick.name for t in bare.tasks] == [r[0] for r in drawn_ids()]
    assert bare.tasks[0].team[0].name == bare.tasks[0].team[0].inspector_id
    assert bare.tasks[0].pick.district_text == bare.tasks[0].pick.district


def test_leader_comes_from_the_first_group_of_the_template() -> None:
    for task in VIEW.tasks:
        assert [m.leader for m in task.team] == [True, *[False] * (len(task.team) - 1)]
        assert task.team[0].group == "lead"


def test_an_expert_never_leads() -> None:
    raw = bundle()["assignment.json"].replace(
        b'{"group":"lead","inspector_id":"370200-0000"}', b'{"group":"lead","inspector_id":"370202-0011"}'
    )
    for task in view({**bundle(), "assignment.json": raw}, {}, {}, {}).tasks:
        assert all(m.role == "officer" for m in task.team if m.leader)


@pytest.mark.parametrize("bad", ["=1", "+1", "-1", "@a", "\ta", "\ra", "＝1", "＋1", "－1", "＠a"])
def test_dangerous_cells_are_disarmed(bad: str) -> None:
    assert csv_cell(bad) == "'" + bad


@pytest.mark.parametrize("good", ["", "1-2", "青岛", "'x", "a=b", "91370202MA3C0000X0"])
def test_harmless_cells_stay_as_they_are(good: str) -> None:
    assert csv_cell(good) == good


@pytest.mark.parametrize(
    "code", [0x00, 0x07, 0x7F, 0x85, 0x200B, 0x200E, 0x202E, 0x2066, 0x200F, 0x1B, 0xFEFF, 0xD800, 0x2028]
)
def test_invisible_characters_are_shown(code: int) -> None:
    assert plain("青" + chr(code) + "岛") == f"青⟨U+{code:04X}⟩岛"


@pytest.mark.parametrize("name", ["𠮷野家", "䶮", "\ue000", "全角\u3000空格", "Café", "·"])
def test_rare_characters_stay(name: str) -> None:
    assert plain(name) == name


def test_csv_is_for_excel_and_holds_codes_exactly() -> None:
    data = csv_list(VIEW)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 25
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [r[2] for r in rows[1:]] == [r[0] for r in drawn_ids()]
    assert rows[2][3] == "'=cmd|' /C calc'!A0"
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row if cell)


def test_json_has_the_contracts_keys_and_no_name() -> None:
    data = json_list(VIEW)
    value = decode(data)
    assert list(value) == ["draw_id", "drawn", "n", "reserves", "schema", "seed", "vacancies"]
    assert (value["schema"], value["draw_id"], value["n"]) == ("sampler/lists/v1", DRAW, 24)
    assert set(value["drawn"][0]) == {"object_id", "stratum", "rank", "pi_e12", "team"}
    assert set(value["drawn"][0]["team"][0]) == {"inspector_id", "role"}
    assert len(value["reserves"]) == len(draw()["reserves"])
    assert value["vacancies"][0] == {"object_id": value["drawn"][4]["object_id"], "group": "tech", "count": 1}
    assert "检查员" not in json.dumps(value, ensure_ascii=False)


def test_taken_objects_have_probability_one() -> None:
    assert {t.pick.pi_e12 for t in VIEW.tasks if t.pick.rank == 0} == {10**12}
    assert all(t.pick.pi_e12 < 10**12 for t in VIEW.tasks if t.pick.rank)


def test_task_page_escapes_names_and_fetches_nothing() -> None:
    page = tasks_page(VIEW).decode()
    assert tasks_page(VIEW).decode() == page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert not re.search(r"""(src|href|action)\s*=|url\(|@import""", page)
    assert page.count("<section>") == 3


def test_task_page_tells_the_field_no_class_stratum_or_probability() -> None:
    page = tasks_page(VIEW).decode()
    assert not re.search(r"风险|必查|enterprise|individual|概率", page)
    assert all(inspector_id(n) in page for n in range(12))
