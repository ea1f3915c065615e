"""The public page: what each level withholds is not in its bytes, and the file asks nothing of anybody."""

from __future__ import annotations

import re
from base64 import b64encode
from html.parser import HTMLParser
from typing import Any

import pytest

from sampler.canon import decode, encode, sha256
from sampler.errors import CanonError, RecordError, SamplerError, StepError, TableError
from sampler.publish.facts import LEVELS, facts
from sampler.publish.page import page
from sampler.publish.words import clause, percent_e12
from sampler.ticket import object_key, ticket
from sampler.wording import beijing
from tests.unit.office_fixture import (
    DRAW,
    PI,
    bundle,
    digest,
    draw,
    drawn_ids,
    entries,
    frame_rows,
    inspector_id,
    labels,
    names,
    people,
)

BELOW_OPEN = [level for level in LEVELS if level != "open"]
IDS = [r[0] for r in drawn_ids()]
STRATA = sorted({r[7] for r in frame_rows()})


def shown(level: str, **options: Any) -> str:
    return page(bundle(disclosure=level, **options), labels(), level).decode()


def said(level: str) -> str:
    """Return the page without its style sheet, which is the same at every level (and says ``width: 100%``)."""
    return shown(level).split("</style>")[1]


def edited(level: str, path: str, **fields: Any) -> dict[str, bytes]:
    files = bundle(disclosure=level)
    return {**files, path: encode({**decode(files[path]), **fields})}


@pytest.mark.parametrize("level", LEVELS)
def test_same_bundle_same_bytes(level: str) -> None:
    assert shown(level) == shown(level)


@pytest.mark.parametrize("level", LEVELS)
def test_no_personal_name_or_phone_at_any_level(level: str) -> None:
    found = shown(level)
    secrets = {text for pair in people().values() for text in pair} | set(names().values())
    assert not [s for s in secrets if s in found]


@pytest.mark.parametrize("level", BELOW_OPEN)
@pytest.mark.parametrize("stratum", STRATA)
def test_no_stratum_id_below_open(level: str, stratum: str) -> None:
    assert stratum not in shown(level)


@pytest.mark.parametrize("level", BELOW_OPEN)
@pytest.mark.parametrize("pi", sorted(PI.values()))
def test_no_probability_below_open(level: str, pi: int) -> None:
    found = said(level)
    assert str(pi) not in found
    assert percent_e12(pi) not in found


@pytest.mark.parametrize("level", BELOW_OPEN)
@pytest.mark.parametrize(
    "secret",
    [
        "777777777",
        "888888888",
        *(digest("tau" + s) for s in STRATA),
        digest("tau"),
        digest("assignment"),
        *(digest(t) for t in ("levels", "strata", "scores", "history", "items")),
        digest("nonce0")[:32],
        "cl-A",
        "cl-D",
        "enterprise",
        "individual",
        "企业",
        "个体工商户",
        "A 低风险",
        "D 高风险",
        "高风险",
        "必查",
        "顺位",
        "被抽查概率",
        "分层",
        "100%",
        "&gt;=5%",
        "备选",
    ],
)
def test_nothing_of_class_level_weight_or_tau_below_open(level: str, secret: str) -> None:
    assert secret not in said(level)


@pytest.mark.parametrize("level", BELOW_OPEN)
def test_no_officer_and_no_undrawn_object_below_open(level: str) -> None:
    found = shown(level)
    assert not [n for n in range(12) if inspector_id(n) in found]
    assert not [r[0] for r in frame_rows() if r[0] not in IDS and r[0] in found]


def test_after_inspection_shows_number_and_leaf_but_no_object_seed_or_secret() -> None:
    found = shown("after-inspection")
    assert not [o for o in IDS if o in found]
    assert not [s for s in ("seed", "r business", "seed record", "commitment") if digest(s) in found]
    assert '<span class="big">24</span>' in found
    assert digest("leaf9") in found


def test_after_inspection_does_not_even_read_what_it_withholds() -> None:
    files = bundle(disclosure="after-inspection")
    whole = page(files, labels(), "after-inspection")
    for path in ("seed.json", "assignment.json", "frame.tsv", "levels.tsv", "roster.tsv", "tau.tsv"):
        del files[path]
    assert page(files, {}, "after-inspection") == whole


def test_standard_does_not_even_read_the_frame_levels_and_teams() -> None:
    files = bundle(disclosure="standard")
    whole = page(files, labels(), "standard")
    for path in ("assignment.json", "frame.tsv", "levels.tsv", "roster.tsv", "tau.tsv"):
        del files[path]
    assert page(files, {}, "standard") == whole


def test_standard_rows_are_the_same_whatever_class_rank_or_clause_name_the_bundle_holds() -> None:
    found = facts(bundle(disclosure="standard"), {}, "standard").drawn
    swap = {"A": "D", "B": "C", "C": "B", "D": "A"}
    other = [{**p, "rank": 7, "stratum": swap[p["stratum"][0]] + p["stratum"][1:]} for p in draw()["drawn"]]
    assert facts(edited("standard", "draw.json", drawn=other), {}, "standard").drawn == found


def test_standard_rows_do_not_tell_who_shares_a_stratum() -> None:
    """Counts by clause are public, so a group of a size only one clause can have would tell a class (ADR 0009)."""
    alike = [{**p, "stratum": draw()["drawn"][0]["stratum"]} for p in draw()["drawn"]]
    assert page(edited("standard", "draw.json", drawn=alike), {}, "standard") == page(
        bundle(disclosure="standard"), {}, "standard"
    )
    assert "层号" not in shown("standard")


def test_standard_shows_the_drawn_with_recomputable_tickets() -> None:
    rows = facts(bundle(disclosure="standard"), {}, "standard").drawn
    key = object_key(bytes.fromhex(digest("seed")))
    assert [r.object_id for r in rows] == IDS
    assert [int(r.ticket, 16) for r in rows] == [ticket(key, o) for o in IDS]
    assert {(r.stratum, r.rank, r.pi, r.kind, r.district, r.team) for r in rows} == {("", "", "", "", "", ())}


def test_open_shows_design_and_reserves() -> None:
    found = shown("open")
    assert all(o in found for o in IDS)
    assert all(s in found for s in STRATA)
    assert "29.8765432103%" in found
    assert draw()["reserves"][0]["object_id"] in found
    assert "条款 1" not in found


@pytest.mark.parametrize("sealed", BELOW_OPEN)
def test_a_draw_sealed_as_less_is_not_published_as_open(sealed: str) -> None:
    with pytest.raises(StepError) as e:
        page(bundle(disclosure=sealed), labels(), "open")
    assert (e.value.code, e.value.exit_code) == ("PUBLISH_LEVEL", 1)


@pytest.mark.parametrize("level", ["auditor", "", "OPEN", "public", "after_inspection"])
def test_an_unknown_level_is_refused(level: str) -> None:
    with pytest.raises(StepError):
        page(bundle(), labels(), level)


@pytest.mark.parametrize("level", BELOW_OPEN)
def test_an_open_draw_may_be_published_as_less(level: str) -> None:
    assert DRAW in page(bundle(disclosure="open"), labels(), level).decode()


def test_a_draw_deferred_until_the_visits_opens_as_standard() -> None:
    found = page(bundle(disclosure="after-inspection"), labels(), "standard").decode()
    assert all(o in found for o in IDS)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.css = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["style"] and not self.css:
            self.css = data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


@pytest.mark.parametrize("level", LEVELS)
def test_page_runs_nothing_and_fetches_nothing(level: str) -> None:
    html = shown(level)
    tags = parsed(html)
    assert not {"script", "img", "link", "iframe", "form", "object", "a", "svg", "base"} & set(tags.tags)
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in {"src", "href", "style"}]
    assert not re.search(r"https?:|//[a-z]|url\(|@import", html)


@pytest.mark.parametrize("level", LEVELS)
def test_policy_lets_in_exactly_the_page_s_own_style(level: str) -> None:
    html = shown(level)
    allowed = b64encode(sha256(parsed(html).css.encode())).decode()
    assert f"content=\"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'\"" in html


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "</style><b>",
    "a\u202eb",
    "&amp;",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("path", "field"), [("plan.json", "title"), ("charter.json", "name"), ("plan.json", "plan_id")]
)
def test_hostile_text_of_the_bundle_stays_text(path: str, field: str, text: str) -> None:
    clean = parsed(shown("open")).tags
    html = page(edited("open", path, **{field: text}), labels(), "open").decode()
    assert parsed(html).tags == clean
    assert "\u202e" not in html
    assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_stay_text(text: str) -> None:
    bad = dict.fromkeys(labels(), text) | {"enterprise": text}
    html = page(bundle(), bad, "open").decode()
    assert parsed(html).tags == parsed(shown("open")).tags
    assert "\u202e" not in html


@pytest.mark.parametrize(
    ("path", "old", "new", "error", "code"),
    [
        ("draw.json", b'"n":24', b'"n":23', RecordError, "PAGE_MIXED"),
        ("draw.json", b"2026-0012", b"2026-0013", RecordError, "PAGE_MIXED"),
        ("draw.json", b'"n":24', b'"n": 24', CanonError, "CANON_BYTES"),
        ("draw.json", b'"type":"draw"', b'"type":"drew"', RecordError, "PAGE_TYPE"),
        ("plan.json", b'"clauses"', b'"clausus"', RecordError, "PAGE_FIELD"),
        ("seed.json", digest("seed").encode(), b"zz", RecordError, "PAGE_FIELD"),
        ("strata.tsv", b"take_all", b"takeall", TableError, "TABLE_HEADER"),
        ("log/entries", b'"type":"draw"', b'"type":"void"', RecordError, "PAGE_LOG"),
        ("log/entries", b"QDSC-2026-0012", b"QDSC-2026-0010", RecordError, "PAGE_LOG"),
    ],
)
def test_a_bundle_that_does_not_hang_together_is_refused(
    path: str, old: bytes, new: bytes, error: type[SamplerError], code: str
) -> None:
    files = bundle()
    assert old in files[path]
    with pytest.raises(error) as e:
        page({**files, path: files[path].replace(old, new)}, labels(), "open")
    assert e.value.code == code


@pytest.mark.parametrize("path", ["charter.json", "plan.json", "draw.json", "commitment.json", "log/entries"])
def test_a_missing_file_is_named(path: str) -> None:
    files = bundle()
    del files[path]
    with pytest.raises(RecordError) as e:
        page(files, labels(), "open")
    assert (e.value.code, e.value.problem.place.file) == ("PAGE_MISSING", path)


def test_steps_stand_in_the_protocol_s_order_and_leave_other_draws_out() -> None:
    steps = facts(bundle(), {}, "open").steps
    assert "".join(s.name for s in steps) == "登记承诺封存揭示截止公开数摇号派人"
    indices = [i for s in steps[:-1] for i, _ in s.entries]
    assert indices == list(range(1, 10))
    assert entries().decode().count('"type":"draw"') == 2
    assert digest("another draw") not in shown("open")


def test_an_open_page_names_object_types_not_the_keys_of_strata() -> None:
    types = [{"type": t, "stratum": "entity"} for t in ("enterprise", "individual")]
    record = {"classes": ["A", "D"], "types": ["entity"]}
    found = clause(record, [*types, {"type": "site", "stratum": "site"}], {"site": "工地"})
    assert found.endswith("　企业、个体工商户")
    assert clause({**record, "types": ["site"]}, [{"type": "site", "stratum": "site"}], {"site": "工地"}).endswith(
        "　工地"
    )


def test_counts_by_clause_add_up() -> None:
    found = facts(bundle(), {}, "open")
    assert sum(c.frame for c in found.clauses) == found.frame
    assert sum(c.n for c in found.clauses) == found.n


@pytest.mark.parametrize(
    ("level", "options", "text", "there"),
    [
        ("open", {}, "演示", True),
        ("open", {"demo": False}, "演示", False),
        ("open", {"outside": False}, "未由外部证明", True),
        ("open", {}, "未由外部证明", False),
        ("open", {"source": "parties"}, "（弱）", True),
        ("open", {}, "尚未向公众证明", False),
        ("standard", {}, "尚未向公众证明", True),
        ("after-inspection", {}, "尚未向公众证明", True),
        ("open", {}, "录入时是否完整", True),
        ("open", {}, "作废", False),
    ],
)
def test_the_page_says_how_far_to_trust_it(level: str, options: dict[str, Any], text: str, *, there: bool) -> None:
    assert (text in shown(level, **options)) is there


def test_an_attestation_lifts_the_reservation_and_a_void_is_announced() -> None:
    more = {"attestation-0123456789abcdef.json": b"{}", "void.json": b"{}"}
    html = page({**bundle(disclosure="standard"), **more}, labels(), "standard").decode()
    assert "尚未向公众证明" not in html
    assert "已作废" in html


@pytest.mark.parametrize(
    ("pi", "text"),
    [(0, "0%"), (1, "0.0000000001%"), (10**12, "100%"), (5 * 10**11, "50%"), (10**12 - 1, "99.9999999999%")],
)
def test_probabilities_are_exact(pi: int, text: str) -> None:
    assert percent_e12(pi) == text


def test_times_are_the_readers() -> None:
    assert beijing("2026-12-31T16:00:00Z") == "2027-01-01 00:00:00（北京时间）"
