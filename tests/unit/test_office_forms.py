"""The Word forms read back by their own library: hostile text stays text, nobody's secret leaks, same view same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

from sampler.errors import RecordError
from sampler.io.headings import WORDS, fold
from sampler.office import forms, papers, resultform
from sampler.office.lists import view
from sampler.office.views import DrawView
from sampler.wording import RESULTS
from tests.unit.office_fixture import DRAW, HOSTILE, bundle, drawn_ids, labels, names, people
from tests.unit.office_fixture import charter as charter_of

ADDRESSES = {row[0]: f"青岛市某路 {n} 号" for n, row in enumerate(drawn_ids())}
FORMS: dict[str, Callable[[DrawView], bytes]] = {
    "task sheets": lambda v: forms.task_sheets(v, {}),
    "notices": forms.notices,
    "site records": forms.site_records,
    "authorisations": forms.authorisations,
    "dispatch": forms.dispatch,
    "minutes": papers.minutes,
    "notice of results": lambda v: papers.result_notice(v, "standard"),
}
PUBLIC = ("minutes", "notice of results")
FIELD = ("task sheets", "notices", "site records", "authorisations", "dispatch")


def seen(**options: Any) -> DrawView:
    return view(bundle(**options), names(), people(), labels(), ADDRESSES)


def text(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def sealed(**options: Any) -> papers.SealedView:
    files = bundle(**options)
    return papers.sealed_view(files, charter_of(demo=False, outside=True), "ab" * 32, labels())


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: form(seen()) for name, form in FORMS.items()}


@pytest.mark.parametrize("name", FORMS)
def test_same_view_same_bytes(name: str, made: dict[str, bytes]) -> None:
    assert FORMS[name](seen()) == made[name]


@pytest.mark.parametrize("name", FORMS)
def test_no_part_carries_todays_date_a_field_a_link_or_a_macro(name: str, made: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(made[name])) as z:
        assert {i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(r"\d{4}-\d\d-\d\dT", z.read("docProps/core.xml").decode())) == {"2000-01-01T"}
        body = z.read("word/document.xml").decode()
    assert not re.search(r"<w:(instrText|fldSimple|hyperlink|object)\b|vbaProject", body)


@pytest.mark.parametrize("name", FORMS)
def test_official_layout_names_its_fonts_and_margins(name: str, made: dict[str, bytes]) -> None:
    document = docx.Document(io.BytesIO(made[name]))
    fonts = {
        s.name: s.element.rPr.rFonts.get(docx.oxml.ns.qn("w:eastAsia"))
        for s in document.styles
        if s.name.startswith("Sampler")
    }
    assert fonts["SamplerTitle"] == "方正小标宋简体"
    assert fonts["SamplerBody"] == "仿宋_GB2312"
    section = document.sections[0]
    assert sorted(
        round(m.mm) for m in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    ) == [26, 28, 35, 37]


def test_hostile_names_stay_text_and_hidden_characters_are_shown(made: dict[str, bytes]) -> None:
    shown = text(made["task sheets"])
    assert "<script>alert(1)</script>有限公司" in shown
    assert "\u202e" not in shown
    assert "⟨U+202E⟩" in shown
    assert "𠮷野家（青岛）餐饮管理有限公司䶮分店" in shown
    assert len(HOSTILE) == 12


@pytest.mark.parametrize("name", FIELD)
def test_what_goes_into_the_field_tells_no_class_stratum_or_probability(name: str, made: dict[str, bytes]) -> None:
    shown = text(made[name])
    assert not re.search(r"[ABCD] (低|一般|较高|高)风险|信用风险|概率|\bcl-[ABCD]\b|必查", shown)
    assert not any(p.stratum in shown for p in (t.pick for t in seen().tasks))


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_published_names_no_person(name: str, made: dict[str, bytes]) -> None:
    shown = text(made[name])
    for who, phone in people().values():
        assert who not in shown
        assert phone not in shown


def test_before_the_opening_the_notice_names_no_firm() -> None:
    shown = text(papers.result_notice(seen(), "after-inspection"))
    assert not any(t.pick.object_id in shown or t.pick.name in shown for t in seen().tasks)
    assert f"抽取 {len(seen().tasks)} 户" in shown


def test_every_visit_has_its_sheet_team_address_and_code(made: dict[str, bytes]) -> None:
    shown = text(made["task sheets"])
    document = docx.Document(io.BytesIO(made["task sheets"]))
    for task in seen().tasks:
        assert task.task_id in shown
        assert task.pick.address in shown
        assert all(m.inspector_id in shown for m in task.team)
    assert len(document.inline_shapes) == len(seen().tasks)
    assert len({r.target_part.blob for r in document.part.rels.values() if "image" in r.reltype}) == len(seen().tasks)


def test_a_code_that_opens_a_page_differs_from_one_that_does_not() -> None:
    links = {t.task_id: f"https://example.org/t/{t.no}.html" for t in seen().tasks}
    assert forms.task_sheets(seen(), links) != forms.task_sheets(seen(), {})


def test_officers_of_another_district_get_an_authorisation_and_others_do_not(made: dict[str, bytes]) -> None:
    shown = text(made["authorisations"])
    for task in seen().tasks:
        who = forms.crossing(task)
        assert (f"编号：{task.task_id}" in shown) == bool(who)
        assert all(m.district not in ("*", task.pick.district) for m in who)


def test_the_dispatch_list_holds_every_visit_once(made: dict[str, bytes]) -> None:
    shown = text(made["dispatch"])
    assert all(shown.count(t.task_id) == 1 for t in seen().tasks)
    assert "回执" in shown


def test_the_approval_form_carries_the_seal_code_basis_and_sizes() -> None:
    shown = text(papers.approval_form(sealed()))
    assert " ".join(["abab"] * 10) in shown
    assert "登记库 67 户，可抽 60 户" in shown
    assert f"合计 {len(drawn_ids())} 户" in shown
    assert "（北京时间）" in shown
    assert not any(row[0] in shown for row in drawn_ids()), "nobody is drawn yet"


def test_the_plan_notice_has_the_headings_in_use() -> None:
    document = docx.Document(io.BytesIO(papers.plan_notice(sealed())))
    assert tuple(c.text for c in document.tables[0].rows[0].cells) == papers.PLAN_HEADINGS
    assert (
        "|".join(papers.PLAN_HEADINGS)
        == "序号|检查主体|年度计划名称|检查内容|计划开展时间|股室|抽查比例|抽查频次|抽查数量"
    )


@pytest.mark.parametrize("gone", ["plan.json", "commitment.json", "items.tsv", "strata.tsv"])
def test_a_missing_file_is_refused_by_name(gone: str) -> None:
    files = {k: v for k, v in bundle().items() if k != gone}
    with pytest.raises(RecordError) as e:
        papers.sealed_view(files, charter_of(demo=False, outside=True), "ab" * 32, labels())
    assert (e.value.code, e.value.problem.place.file) == ("VIEW_MISSING", gone)


class TestResultForm:
    def test_it_reads_back_with_headings_the_import_knows(self) -> None:
        sheet = openpyxl.load_workbook(io.BytesIO(resultform.result_form(seen()))).worksheets[0]
        heads = [c.value for c in sheet[3]]
        assert heads == [name for name, _, _ in resultform.COLUMNS]
        known = {fold(w) for word in WORDS["history"].values() for w in word.split()}
        assert {"统一社会信用代码/注册号", "检查日期", "检查结果"} <= {h for h in heads if fold(h) in known}
        assert sheet.cell(4, 2).value == seen().tasks[0].pick.object_id

    def test_it_offers_the_states_and_the_measures(self) -> None:
        sheet = openpyxl.load_workbook(io.BytesIO(resultform.result_form(seen()))).worksheets[0]
        offered = {v.formula1 for v in sheet.data_validations.dataValidation}
        assert any("无法联系" in o for o in offered)
        assert any("责令改正" in o for o in offered)
        assert len(RESULTS) == 8

    def test_nothing_in_it_is_a_formula(self) -> None:
        book = openpyxl.load_workbook(io.BytesIO(resultform.result_form(seen())))
        assert {c.data_type for s in book for row in s.iter_rows() for c in row if c.value is not None} == {"s"}


@pytest.mark.parametrize("name", FORMS)
def test_no_signature_stands_alone_on_a_page(name: str, made: dict[str, bytes]) -> None:
    body = list(docx.Document(io.BytesIO(made[name])).element.body)
    last = [n for n, e in enumerate(body) if "＿＿＿" in (e.text or "")] or [len(body) - 2]  # before the page's form
    for n in last:
        above = body[n - 1]
        assert above.pPr.find(qn("w:keepNext")) is not None, above.text
        if not above.text:  # behind a table: its last row comes along
            row = body[n - 2].tr_lst[-1]
            assert all(p.pPr.find(qn("w:keepNext")) is not None for p in row.iter(qn("w:p")))


def test_draw_id_stands_on_every_form(made: dict[str, bytes]) -> None:
    assert all(DRAW in text(data) for name, data in made.items() if name != "authorisations")
