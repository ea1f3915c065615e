"""Lots (批次), products and projects: objects of which some items are taken, drawn from the same seed (draw.md 9.7)."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from sampler import lots, records
from sampler.errors import DrawError, PlanError
from sampler.io.checks import check_file
from sampler.io.session import open_session
from sampler.io.site import office as office_side
from sampler.io.site import source
from sampler.plan import Plan, validate
from sampler.publish.site import part
from sampler.verify import verify
from tests.cli.office import DRAW, bundle, office, ok, refused, revealed, sealed, valued
from tests.forge import Forge
from tests.javascript import Javascript, replayed
from tests.reference import bundle as twin
from tests.reference import owners, world

SIZES = {"P-1001": 40, "BATCH-7": 5_000, "B.2026.11": 2, "XM-3": 300}
SAMPLE = 4

# an office with products, lots and a project in its registry


def stocked(demo: Path, root: Path) -> Path:
    """Add a product, two lots and a project to the registry, with a clause of their own that takes four items of each."""
    office(demo / "input", root)
    folder = root / "input"
    owner = (folder / "objects.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    kinds = {"P-1001": "产品", "BATCH-7": "批次", "B.2026.11": "批次", "XM-3": "项目"}
    for name, line in {
        "objects": "{id},{kind},{owner},云岭牌大米,990101,C1310,存续,2026-01-01\n", "classes": "{id},C,省局,2026-11\n",
        "scores": "{id},500000\n",
    }.items():  # fmt: skip
        path = folder / f"{name}.csv"
        rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        width = rows[0].count(",") + 1
        new = [line.format(id=i, kind=k, owner=owner) for i, k in kinds.items()]
        new = [",".join(r.rstrip("\n").split(",")[:width]) + "\n" for r in new]
        path.write_text(rows[0] + "".join(sorted([*rows[1:], *new])), encoding="utf-8")
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    types = '{ type = "lot", stratum = "goods" },\n  { type = "product", stratum = "goods" },\n  { type = "project", stratum = "goods" },\n'
    plan = re.sub(r'\{ type = "(product|project)".*\n', "", plan)
    plan = plan.replace('  { type = "repoffice"', f"  {types}" + '  { type = "repoffice"', 1)
    clause = (
        f'{{ clause = "goods", classes = ["C"], types = ["goods"], ratio = "75%", period = "task", sample = {SAMPLE} }}'
    )
    plan = re.sub(r"clauses = \[\n", f"clauses = [\n  {clause},\n", plan)
    plan = plan.replace('scores = "scores.csv"', 'scores = "scores.csv"\nlots = "批次.csv"')
    (folder / "plan.toml").write_text(plan, encoding="utf-8")
    table = "批次编号,抽样基数\n" + "".join(f"{o},{n}\n" for o, n in SIZES.items())
    (folder / "批次.csv").write_bytes(table.encode("gb18030"))
    return root


@pytest.fixture(scope="module")
def drawn(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = stocked(demo, tmp_path_factory.mktemp("lots") / "w")
    sealed(root)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    return root


def taken(root: Path) -> dict[str, dict[str, Any]]:
    return {x["object_id"]: x for x in json.loads(bundle(root)["draw.json"])["lots"]}


def test_items_of_every_drawn_lot_follow_from_the_seed_in_three_programs(drawn: Path, node: Javascript) -> None:
    files = bundle(drawn)
    result = records.Draw.parse(files["draw.json"])
    goods = [c.object_id for c in (*result.drawn, *result.reserves) if ".goods." in c.stratum]
    assert len(goods) == 4, "three drawn, one reserve"
    found = taken(drawn)
    assert sorted(found) == sorted(goods)
    for o, x in found.items():
        assert x["size"] == SIZES[o]
        assert x["items"] == owners.items(bytes.fromhex(result.seed), o, SIZES[o], SAMPLE)
        assert len(x["items"]) == min(SAMPLE, SIZES[o])
    assert verify(files.__getitem__, sorted(files)).first_failed is None
    assert replayed(node, files)["first_failed"] == 0


def words(path: Path) -> str:
    document = docx.Document(str(path))
    cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_the_task_sheet_and_the_record_of_the_visit_name_the_items_in_order(drawn: Path) -> None:
    ok(drawn, "lists", DRAW)
    folder = drawn / "lists" / DRAW
    mine = {c.object_id for c in records.Draw.parse(bundle(drawn)["draw.json"]).drawn} & SIZES.keys()
    texts = [
        words(folder / "任务单.docx"),
        words(folder / "现场检查笔录.docx"),
        (folder / "任务单.html").read_text(encoding="utf-8"),
    ]
    assert len(mine) == 3
    for o in mine:
        line = (
            f"抽样基数 {SIZES[o]}，按次序取 {min(SAMPLE, SIZES[o])} 件：第 "
            + "、".join(map(str, taken(drawn)[o]["items"]))
            + " 件"
        )
        assert all(line in text for text in texts), o


def test_the_public_page_of_an_open_draw_names_them_and_no_other_page_does(
    drawn: Path, demo: Path, tmp_path: Path
) -> None:
    root = stocked(demo, tmp_path / "w")
    plan = root / "input/plan.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('"standard"', '"open"'), encoding="utf-8")
    sealed(root)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    session = open_session(root)
    site = part(office_side(session), source(session, DRAW)).files
    mine = {c.object_id for c in records.Draw.parse(bundle(root)["draw.json"]).drawn} & SIZES.keys()
    for path, joint, told in ((f"draws/{DRAW}.html", "、", "取哪几件"), (f"en/draws/{DRAW}.html", ", ", "Taken")):
        rows = site[path].decode().partition('id="lots"')[2].partition("</table>")[0]
        assert rows.count("<tr>") == 1 + len(mine) == 4
        for o in mine:
            items = joint.join(map(str, taken(root)[o]["items"]))
            assert f"<code>{o}</code>" in rows
            assert f'data-label="{told}">{items}</td>' in rows
    session = open_session(drawn)
    below = part(office_side(session), source(session, DRAW)).files
    assert not [p for p, d in below.items() if b'id="lots"' in d]


def test_explain_names_them_too(drawn: Path) -> None:
    for o, x in taken(drawn).items():
        assert ok(drawn, "explain", DRAW, o)["lot"] == {"size": x["size"], "items": x["items"]}


def test_another_number_of_items_on_the_spot_keeps_the_order(drawn: Path) -> None:
    for o, x in taken(drawn).items():
        less = max(x["items"]) - 1
        there = ok(drawn, "explain", DRAW, o, "--size", str(less))["lot"]["there"]
        kept = [i for i in x["items"] if i <= less]
        assert there["items"][: len(kept)] == kept
        assert len(there["items"]) == min(SAMPLE, less)
    firm = next(c.object_id for c in records.Draw.parse(bundle(drawn)["draw.json"]).drawn if c.object_id not in SIZES)
    refused(drawn, "LOT_NONE", "explain", DRAW, firm, "--size", "5")
    refused(drawn, "LOT_RANGE", "explain", DRAW, "BATCH-7", "--size", "0")


def test_a_lot_without_its_number_of_items_stops_the_seal(demo: Path, tmp_path: Path) -> None:
    root = stocked(demo, tmp_path / "w")
    path = root / "input/批次.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    refused(root, "LOT_SIZE", "plan", "input/plan.toml", "--dry-runs", "0")
    path.write_bytes(path.read_bytes() + b"XM-3,10001\n")
    refused(root, "LOT_RANGE", "plan", "input/plan.toml", "--dry-runs", "0")
    path.unlink()
    refused(root, "PLAN_FILE", "plan", "input/plan.toml", "--dry-runs", "0")


@pytest.mark.parametrize("size", ["0", "-1", "10001", "1.5", "", "许多"])
def test_a_size_that_is_none_is_refused_at_its_cell(size: str) -> None:
    (problem,) = check_file("l.csv", f"object_id,size\nP-1,{size}\n".encode(), "lots").problems
    assert (problem.place.row, problem.place.column) == (2, "size")


# the rule

GOLDEN_PLAN: dict[str, Any] = world.plan()
OBJECTS = sorted(row[0] for row in world.OBJECTS)


def plan_fields(sample: int = 5, size: int = 60) -> dict[str, Any]:
    """A plan of which one clause takes items, of lots of different sizes."""
    clauses = [c | ({"sample": sample} if c["clause"] == "c-task" else {}) for c in GOLDEN_PLAN["clauses"]]
    return {"clauses": clauses, "lots": [{"object_id": o, "size": size + k} for k, o in enumerate(OBJECTS)]}


@pytest.mark.parametrize(("size", "sample"), [(0, 1), (-1, 1), (10_001, 1), (1, 0), (5, -1)])
def test_sizes_and_samples_out_of_range_are_refused(size: int, sample: int) -> None:
    """A program MUST refuse a size outside 1 .. 10000 and a sample below 1 (`LOT_RANGE`)."""
    with pytest.raises(DrawError) as caught:
        lots.items(bytes(32), "lot", size, sample)
    assert caught.value.code == "LOT_RANGE"


@pytest.mark.parametrize(
    "fields",
    [
        {"lots": [{"object_id": "a", "size": 5}]},
        {"clauses": plan_fields()["clauses"]},
        plan_fields() | {"lots": []},
        plan_fields(sample=0),
        plan_fields(sample=10_001),
        plan_fields() | {"lots": [{"object_id": "a", "size": 0}]},
        plan_fields() | {"lots": [{"object_id": "a", "size": 10_001}]},
    ],
)
def test_a_plan_whose_lots_and_samples_do_not_fit_is_refused(fields: dict[str, Any], node: Javascript) -> None:
    with pytest.raises(PlanError) as caught:
        validate(Plan.from_dict(GOLDEN_PLAN | fields))
    assert caught.value.code == "PLAN_LOTS"
    forge = Forge()
    forge.put("plan.json", GOLDEN_PLAN | fields)
    files = forge.relink().done().files
    assert verify(files.__getitem__, sorted(files)).first_failed == replayed(node, files)["first_failed"] == 2


def test_items_are_distinct_and_their_order_is_that_of_the_tickets() -> None:
    """The items taken MUST stand in the order of their tickets, the smallest first."""
    for n in range(40):
        seed = bytes([n]) * 32
        every = lots.items(seed, "lot", 30, 30)
        assert sorted(every) == list(range(1, 31))
        for sample, size in itertools.product((1, 7, 29), (12, 30)):
            assert lots.items(seed, "lot", size, sample) == tuple(i for i in every if i <= size)[:sample], "nested"


def test_every_ordered_sample_is_equally_likely() -> None:
    """Of 5 items 2 in order: 20 outcomes, 20,000 seeds; |z| of each below 5.5 (1e-6 over 20 cells, Bonferroni)."""
    runs, cells = 20_000, 20
    seen = Counter(lots.items(n.to_bytes(32, "big"), "lot", 5, 2) for n in range(runs))
    assert len(seen) == cells
    spread = (runs / cells * (1 - 1 / cells)) ** 0.5
    worst = max(abs(c - runs / cells) / spread for c in seen.values())
    assert worst < 5.5, worst


# what a verifier refuses: a whole bundle made by the naive twin, its draw record forged


class Stock(Forge):
    """A forger of the golden world with lots."""

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.files = dict(twin.build(**plan_fields() | fields)[0])


Lots = list[dict[str, Any]]


def moved(change: Callable[[list[int]], list[int]]) -> Callable[[Lots], Lots]:
    return lambda listed: [{**listed[0], "items": change(listed[0]["items"])}, *listed[1:]]


FAULTS: dict[str, Callable[[Lots], Lots | None]] = {
    "sorted": moved(sorted),
    "swapped": moved(lambda i: [i[1], i[0], *i[2:]]),
    "replaced": moved(lambda i: [*i[:-1], next(n for n in range(1, 60) if n not in i)]),
    "one fewer": moved(lambda i: i[:-1]),
    "one more": moved(lambda i: [*i, next(n for n in range(1, 60) if n not in i)]),
    "twice": moved(lambda i: [*i[:-1], i[0]]),
    "none": moved(lambda _: []),
    "another size": lambda listed: [{**listed[0], "size": listed[0]["size"] + 1}, *listed[1:]],
    "a lot left out": lambda listed: listed[1:],
    "a lot too many": lambda listed: sorted(
        [*listed, {**listed[0], "object_id": "zz"}], key=lambda x: str(x["object_id"])
    ),
    "items exchanged": lambda listed: [
        {**a, "items": b["items"]} for a, b in zip(listed, [*listed[1:], listed[0]], strict=True)
    ],
    "no lots at all": lambda _: None,
    "an empty list": lambda _: [],
}


def both(forge: Forge, node: Javascript) -> tuple[int | None, int]:
    files = forge.done().files
    return verify(files.__getitem__, sorted(files)).first_failed, replayed(node, files)["first_failed"]


def test_the_twins_bundle_is_accepted(node: Javascript) -> None:
    forge = Stock()
    assert len(forge.get("draw.json")["lots"]) > 1
    assert both(forge, node) == (None, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_verify_refuses_other_items_than_the_seed_gives(fault: str, node: Javascript) -> None:
    """A verifier MUST refuse a draw whose `lots` differ in anything from this section."""
    forge = Stock()
    forge.change("draw.json", lots=FAULTS[fault](forge.get("draw.json")["lots"]))
    assert both(forge, node) == (12, 12)


def test_lots_nobody_planned_are_refused(node: Javascript) -> None:
    forge = Forge()
    forge.change("draw.json", lots=[])
    assert both(forge, node) == (12, 12)


@pytest.mark.parametrize("which", ["drawn", "not drawn"])
def test_a_frame_object_without_a_size_is_refused(which: str, node: Javascript) -> None:
    """A program MUST refuse to seal a frame with an object of such a stratum that has no size (`LOT_SIZE`), and a verifier MUST refuse such a frame."""
    whole = Stock()
    strata = {r.split("\t")[0] for r in whole.files["strata.tsv"].decode().splitlines() if "\tc-task\t" in r}
    rows = [r.split("\t") for r in whole.files["frame.tsv"].decode().splitlines()[1:]]
    draw = whole.get("draw.json")
    listed = {x["object_id"] for x in draw["lots"]}
    mine = [r[0] for r in rows if r[7] in strata and (r[0] in listed) == (which == "drawn")]
    assert mine, "the world has one"
    lacking = [x for x in plan_fields()["lots"] if x["object_id"] != mine[0]]
    assert both(Stock(lots=lacking), node) == (12, 12)
    with pytest.raises(DrawError) as caught:
        lots.need_sizes([lots.Lot.from_dict(x) for x in lacking], [r[0] for r in rows])
    assert caught.value.code == "LOT_SIZE"
