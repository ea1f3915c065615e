from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from stdnum.cn import uscc

from data import make_example
from data.example_chance import Chance, logistic_ppm, shares
from data.example_codes import INDUSTRIES, TYPES, is_food
from data.example_history import inclusion
from data.example_registry import Counts, registry

DATA = Path(make_example.__file__).parent
VARIANTS = ("full", "small")
ID = re.compile(r"[0-9A-Za-z._-]{1,64}")
PLAN_ITEMS = {"GS-01", "WS-01", "ZJ-01"}
CLASSES = {
    "full": {"A": 31_107, "B": 12_044, "C": 3_682, "D": 721},
    "small": {"A": 320, "B": 130, "C": 38, "D": 12},
}


@cache
def rows(variant: str, name: str) -> list[dict[str, str]]:
    text = (DATA / "example" / variant / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def active(variant: str) -> dict[str, dict[str, str]]:
    return {o["统一社会信用代码"]: o for o in rows(variant, "objects") if o["登记状态"] == "存续"}


@cache
def classes(variant: str) -> dict[str, str]:
    return {c["object_id"]: c["class"] for c in rows(variant, "classes")}


def auc(scored: list[tuple[float, bool]]) -> float:
    by_score: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for score, bad in scored:
        by_score[score][bad] += 1
    clean_below, wins = 0, 0.0
    for score in sorted(by_score):
        clean, found = by_score[score]
        wins += found * (clean_below + clean / 2)
        clean_below += clean
    return wins / (clean_below * sum(found for _, found in by_score.values()))


def test_committed_small_example_is_what_its_generator_makes() -> None:
    assert make_example.outdated(make_example.build("small"), DATA / "example" / "small") == []


def test_committed_reference_tables_are_what_their_generator_makes() -> None:
    assert make_example.outdated(make_example.reference(), DATA / "reference") == []


def test_full_registry_is_what_its_generator_makes() -> None:
    variant = make_example.VARIANTS["full"]
    chance = Chance(f"{make_example.SEED}/full")
    things = registry(chance, variant.counts, variant.gone, variant.districts)
    committed = (DATA / "example" / "full" / "objects.csv").read_bytes()
    assert make_example._objects(things) == committed


@pytest.mark.torture
def test_full_example_is_what_its_generator_makes() -> None:
    assert make_example.main(["--check"]) == 0


def test_check_names_what_differs(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"2")
    (tmp_path / "c.csv").write_bytes(b"3")
    assert make_example.outdated({"a.csv": b"1", "b.csv": b"1"}, tmp_path) == ["a.csv", "b.csv", "c.csv"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_active_objects_have_the_published_classes(variant: str) -> None:
    grade = classes(variant)
    assert set(grade) == {o["统一社会信用代码"] for o in rows(variant, "objects")}
    assert Counter(grade[i] for i in active(variant)) == CLASSES[variant]


@pytest.mark.parametrize(("variant", "gone"), [("full", 900), ("small", 10)])
def test_types_and_statuses_add_up(variant: str, gone: int) -> None:
    kinds = Counter(o["主体类型"] for o in active(variant).values())
    words = [TYPES[k] for k in Counts._fields]
    assert tuple(kinds[w] for w in words) == make_example.VARIANTS[variant].counts
    assert len(rows(variant, "objects")) - len(active(variant)) == gone


@pytest.mark.parametrize("variant", VARIANTS)
def test_ids_are_unique_ordered_and_their_check_digits_are_right(variant: str) -> None:
    ids = [o["统一社会信用代码"] for o in rows(variant, "objects")]
    assert ids == sorted(set(ids))
    for o in rows(variant, "objects"):
        object_id, owner = o["统一社会信用代码"], o["所有者代码"]
        assert ID.fullmatch(object_id)
        assert uscc.is_valid(owner or object_id)
        assert (owner or object_id)[2:8] == o["区划"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_shops_and_products_belong_to_an_active_enterprise(variant: str) -> None:
    for object_id, o in active(variant).items():
        owner = o["所有者代码"]
        assert bool(owner) == (o["主体类型"] in {"网络经营者", "产品"})
        if owner:
            assert object_id[2:-3] == owner
            assert active(variant)[owner]["主体类型"] == "企业"
            assert o["成立日期"] >= active(variant)[owner]["成立日期"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_codes_are_in_the_reference_tables(variant: str) -> None:
    def column(name: str) -> set[str]:
        with (DATA / "reference" / name).open(encoding="utf-8") as file:
            return {row["code"] for row in csv.DictReader(file)}

    assert {o["行业"] for o in rows(variant, "objects")} <= column("industries.csv")
    assert {o["区划"] for o in rows(variant, "objects")} <= column("districts.csv")
    assert {code[0] for code in INDUSTRIES} <= column("industries.csv")


@pytest.mark.parametrize("variant", VARIANTS)
def test_nobody_can_be_taken_for_real(variant: str) -> None:
    marks = set("例样拟仿虚试")
    assert all(o["名称"][0] in marks for o in rows(variant, "objects"))
    for person in rows(variant, "roster"):
        assert person["姓名"][0] in marks
        assert re.fullmatch(r"000\d{8}", person["手机号"])
    for path in (DATA / "example" / variant).iterdir():
        assert not re.search(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?!\d)", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(("variant", "officers", "experts", "conflicts"), [("full", 500, 20, 300), ("small", 20, 2, 8)])
def test_roster_has_its_size_and_only_known_codes(variant: str, officers: int, experts: int, conflicts: int) -> None:
    people = rows(variant, "roster")
    items = {i["item_id"] for i in rows(variant, "items")}
    assert Counter(p["角色"] for p in people) == {"执法人员": officers, "专家": experts}
    assert len(rows(variant, "recusals")) == conflicts
    assert len({p["执法证号"] for p in people}) == len(people)
    for p in people:
        assert ID.fullmatch(p["执法证号"])
        assert set(p["执法事项范围"].split(";")) <= items
        assert set(p["岗位资质"].split(";")) <= {"", "lead", "food", "drug", "special-equipment", "metrology"}
        assert all(
            re.fullmatch(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", leave) for leave in p["请假"].split(";") if leave
        )


@pytest.mark.parametrize("variant", VARIANTS)
def test_some_certificates_have_expired(variant: str) -> None:
    officers = [p for p in rows(variant, "roster") if p["角色"] == "执法人员"]
    assert 0.03 <= sum(p["执法证有效期"] < "2026-12-31" for p in officers) / len(officers) <= 0.06


def able(variant: str) -> list[dict[str, str]]:
    return [
        p
        for p in rows(variant, "roster")
        if p["角色"] == "执法人员"
        and p["执法证有效期"] >= "2026-12-31"
        and p["请假"].split(";")[-1]
        not in {"2026-12-03..2026-12-20", "2026-11-16..2026-12-15", "2026-12-07..2026-12-31"}
        and set(p["执法事项范围"].split(";")) >= PLAN_ITEMS
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_district_can_staff_its_share_of_visits(variant: str) -> None:
    ratios = {"A": 0.01, "B": 0.02, "C": 0.10, "D": 0.30}
    visits: dict[str, float] = defaultdict(float)
    food: dict[str, float] = defaultdict(float)
    for object_id, o in active(variant).items():
        visits[o["区划"]] += ratios[classes(variant)[object_id]]
        food[o["区划"]] += ratios[classes(variant)[object_id]] * is_food(o["行业"])
    officers = able(variant)
    ceiling = -(-2 * sum(visits.values()) // len(officers))
    for district, expected in visits.items():
        local = [p for p in officers if p["区划"] == district]
        roaming = sum(p["区划"] == "*" for p in officers) * ceiling
        leads = [p for p in local if "lead" in p["岗位资质"]]
        cooks = [p for p in local if "food" in p["岗位资质"]]
        assert len(local) * ceiling + roaming >= 2 * expected
        assert len(leads) * ceiling + roaming >= expected
        assert len(cooks) * ceiling + roaming >= food[district]
        assert len(set(map(id, leads + cooks))) * ceiling >= expected + food[district] - roaming


@pytest.mark.parametrize("variant", VARIANTS)
def test_recusals_point_to_real_people_and_objects(variant: str) -> None:
    officers = {p["执法证号"] for p in rows(variant, "roster") if p["角色"] == "执法人员"}
    keys = set()
    for r in rows(variant, "recusals"):
        assert r["inspector_id"] in officers
        assert r["target"] in active(variant)
        assert r["kind"] in {"object", "owner"}
        assert r["reason_code"] in {"kin", "former-employer", "interest", "requested"}
        assert r["asked_by"] == ("object" if r["reason_code"] == "requested" else "officer")
        keys.add((r["inspector_id"], r["kind"], r["target"]))
    assert len(keys) == len(rows(variant, "recusals"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_items_and_caps_agree(variant: str) -> None:
    items = {i["item_id"]: i for i in rows(variant, "items")}
    caps = {c["item_id"]: int(c["cap"]) for c in rows(variant, "caps") if c["year"] == "2026"}
    assert items.keys() == caps.keys()
    assert all(i["legal_basis"] and i["kind"] in {"key", "general"} for i in items.values())
    used = Counter((v["object_id"], v["item"]) for v in rows(variant, "history") if v["date"] >= "2026")
    for (_, item), n in used.items():
        assert n <= caps[item] - (item in PLAN_ITEMS), "a cap would take objects out of the frame of 2026-12"


@pytest.mark.parametrize(("variant", "visits"), [("full", 1_136), ("small", 14)])
def test_plan_asks_for_the_published_number_of_visits(variant: str, visits: int) -> None:
    ratio = {"A": 1, "B": 2, "C": 10, "D": 30}
    assert sum((n * ratio[c] + 50) // 100 for c, n in CLASSES[variant].items()) == visits


@pytest.mark.parametrize("variant", VARIANTS)
def test_plan_reads_and_names_known_things(variant: str) -> None:
    from sampler.io import plans  # noqa: PLC0415  # only this test needs the product
    from sampler.io.plandoc import read_document  # noqa: PLC0415

    path = DATA / "example" / variant / "plan.toml"
    plan = plans.plan_record(read_document(path).fields, [], path.name)
    assert set(plan.items) == PLAN_ITEMS <= {i["item_id"] for i in rows(variant, "items")}
    assert set(plan.districts) == {o["区划"] for o in active(variant).values()}
    food = {i for t in plan.templates if t.when for i in t.when.industries or ()}
    assert food == set(filter(is_food, INDUSTRIES))


@pytest.mark.parametrize("variant", VARIANTS)
def test_history_is_well_formed(variant: str) -> None:
    severities = {1: {0}, 2: {1}, 3: {2, 3}, 4: {2}, 5: {1, 2}, 6: {3}, 7: {0}, 8: {2, 3}}
    objects = {o["统一社会信用代码"]: o for o in rows(variant, "objects")}
    officers = {p["执法证号"] for p in rows(variant, "roster") if p["角色"] == "执法人员"}
    history = rows(variant, "history")
    assert {v["date"][:7] for v in history} == {f"{y}-{m:02d}" for y in range(2023, 2027) for m in range(1, 13)} - {
        *(f"2023-{m:02d}" for m in range(1, 12)),
        "2026-12",
    }
    assert len({(v["object_id"], v["date"]) for v in history}) == len(history)
    for v in history:
        assert v["date"] > objects[v["object_id"]]["成立日期"]
        assert v["inspector_id"] in officers
        assert int(v["severity"]) in severities[int(v["result"])]
        assert (int(v["defects"]) == 0) == (v["severity"] == "0")


@pytest.mark.parametrize(("variant", "scale"), [("full", 1), ("small", 10)])
def test_pi_is_that_of_the_simulated_draw(variant: str, scale: int) -> None:
    worst: dict[str, int] = {}
    for v in rows(variant, "history"):
        if v["draw_id"]:
            assert re.fullmatch(r"XJSC-202[456]-00\d\d", v["draw_id"])
            assert v["date"] >= "2024-12"
            pi = inclusion(classes(variant)[v["object_id"]], worst.get(v["object_id"]), scale)
            assert v["pi"] == f"0.{pi:012d}"
            assert abs(Decimal(v["W"]) * Decimal(v["pi"]) - 1) < Decimal("0.002")
        else:
            assert v["pi"] == v["W"] == ""
        worst[v["object_id"]] = max(int(v["severity"]), worst.get(v["object_id"], 0))


def test_drawn_visits_follow_pi() -> None:
    never = [i for i, o in active("full").items() if classes("full")[i] == "A" and o["成立日期"] < "2023"]
    pi = inclusion("A", None, 1) / 10**12
    first = {v["object_id"]: v for v in reversed(rows("full", "history"))}
    drawn = sum(1 for i in never if i in first and first[i]["draw_id"])
    waiting = [i for i in never if i not in first or first[i]["date"] >= "2024-12"]
    expected = len(waiting) * (1 - (1 - pi) ** 24)
    assert abs(drawn - expected) < 5 * expected**0.5


@pytest.mark.parametrize(("variant", "slack"), [("full", 1.0), ("small", 3.0)])
def test_results_come_at_their_base_rates(variant: str, slack: float) -> None:
    n = len(rows(variant, "history"))
    percent = {int(k): 100 * c / n for k, c in Counter(v["result"] for v in rows(variant, "history")).items()}
    assert percent.keys() == set(range(1, 9))
    assert percent[1] == pytest.approx(85, abs=slack)
    assert percent[4] == pytest.approx(7.3, abs=slack)
    assert percent[3] == pytest.approx(4, abs=slack)
    assert percent[6] == pytest.approx(0.32, abs=0.2 * slack)


def test_number_of_visits() -> None:
    assert 20_000 <= len(rows("full", "history")) <= 25_000
    assert 1_300 <= len(rows("small", "history")) <= 1_700


def test_past_severity_finds_risk() -> None:
    past: dict[str, tuple[int, int]] = {}
    scored = []
    for v in rows("full", "history"):
        n, total = past.get(v["object_id"], (0, 0))
        if v["date"] >= "2026-06" and v["draw_id"]:
            scored.append(((total + 1) / (n + 4), int(v["severity"]) >= 2))
        past[v["object_id"]] = (n + 1, total + int(v["severity"]))
    assert 0.6 < auc(scored) < 0.85


def test_risk_drifts() -> None:
    def rate(lo: str, hi: str) -> float:
        bad = [int(v["severity"]) >= 2 for v in rows("full", "history") if v["draw_id"] and lo <= v["date"] < hi]
        return sum(bad) / len(bad)

    assert rate("2026-06", "2026-12") > 1.1 * rate("2024-12", "2025-06")


def test_truth_agrees_with_classes_and_findings() -> None:
    truth = {t["object_id"]: int(t["true_risk_ppm"]) for t in rows("full", "truth")}
    assert truth.keys() <= active("full").keys()
    assert {i for i in active("full") if classes("full")[i] != "A"} <= truth.keys()
    mean: dict[str, float] = {}
    for c in "ABCD":
        risks = [r for i, r in truth.items() if classes("full")[i] == c]
        mean[c] = sum(risks) / len(risks)
    assert mean["A"] < mean["B"] / 2 < mean["C"] / 3 < mean["D"] / 3
    recent = [v for v in rows("full", "history") if v["date"] >= "2026-06" and v["object_id"] in truth]
    assert auc([(truth[v["object_id"]], int(v["severity"]) >= 2) for v in recent]) > 0.75


def test_truth_of_the_small_variant_is_complete() -> None:
    assert {t["object_id"] for t in rows("small", "truth")} == active("small").keys()


def test_data_stay_under_8_mb() -> None:
    files = [p for p in DATA.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(p.stat().st_size for p in files) < 8_000_000


def test_integer_logistic_rises_and_is_symmetric() -> None:
    curve = [logistic_ppm(x) for x in range(-9000, 9001, 3)]
    assert curve == sorted(curve)
    assert all(abs(logistic_ppm(x) + logistic_ppm(-x) - 10**6) <= 2 for x in range(0, 8000, 7))


def test_shares_add_up() -> None:
    assert shares(500, [22, 18, 12, 10, 9, 8, 7, 6, 5, 3]) == [110, 90, 60, 50, 45, 40, 35, 30, 25, 15]
