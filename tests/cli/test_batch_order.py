"""The order of batches of a key item: drawn from the seed, published, replayed; refused for general items."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sampler import batches, records
from sampler.errors import PlanError
from sampler.plan import Plan, validate
from sampler.verify import verify
from tests.cli.office import DRAW, bundle, office, ok, refused, revealed, sealed, valued
from tests.forge import Forge
from tests.javascript import Javascript, replayed
from tests.reference import bundle as bundle_of

BATCHES = 'batches = [{ batch = "east", districts = ["990101"] }, { batch = "west", districts = ["990102"] }]\n'


def batched(demo: Path, root: Path, items: str) -> Path:
    swaps = {"items": ('items = ["GS-01", "WS-01", "ZJ-01"]', f"items = [{items}]\n{BATCHES}")}
    return office(demo / "input", root, **swaps)


@pytest.fixture(scope="module")
def drawn(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = batched(demo, tmp_path_factory.mktemp("batches") / "w", '"SP-02"')
    sealed(root)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    return root


def test_the_order_follows_from_the_seed_in_both_languages(drawn: Path, node: Javascript) -> None:
    files = bundle(drawn)
    found = records.Draw.parse(files["draw.json"])
    assert sorted(found.order or ()) == ["east", "west"]
    assert found.order == batches.order(bytes.fromhex(found.seed), Plan.parse(files["plan.json"]).batches or ())
    assert verify(files.__getitem__, sorted(files)).first_failed is None
    assert replayed(node, files)["first_failed"] == 0


def test_the_order_is_on_the_page(drawn: Path) -> None:
    ok(drawn, "publish")
    order = " → ".join(records.Draw.parse(bundle(drawn)["draw.json"]).order or ())
    pages = [re.sub(r"<[^>]*>", "", p.read_text(encoding="utf-8")) for p in (drawn / "site").rglob(f"*{DRAW}*.html")]
    assert any(order in page for page in pages)


def test_a_general_item_has_no_order(demo: Path, tmp_path: Path) -> None:
    root = batched(demo, tmp_path / "w", '"GS-01", "SP-02"')
    refused(root, "BATCH_GENERAL", "plan", "input/plan.toml")


@pytest.mark.parametrize(
    "listed",
    [
        [],
        [{"batch": "a", "districts": ["310101", "310104"]}],
        [{"batch": "a", "districts": ["310101"]}, {"batch": "b", "districts": ["310101"]}],
        [{"batch": "a", "districts": ["310101"]}, {"batch": "b", "districts": ["310104", "310105"]}],
    ],
)
def test_batches_hold_every_district_once(listed: list[dict[str, Any]]) -> None:
    plan = Plan.from_dict(Forge().get("plan.json") | {"batches": listed})
    with pytest.raises(PlanError) as caught:
        validate(plan)
    assert caught.value.code == "PLAN_BATCHES"


def test_every_order_comes_up() -> None:
    parts = [batches.Batch(batch=b, districts=(b,)) for b in "abc"]
    assert len({batches.order(bytes([n]) * 32, parts) for n in range(60)}) == 6


@pytest.mark.parametrize("fault", ["none", "another order", "no order", "an order nobody planned", "general items"])
def test_a_false_order_is_refused_by_both(fault: str, node: Javascript) -> None:
    """In a bundle of the naive twin nothing else is wrong."""
    listed = [{"batch": "a", "districts": ["310101"]}, {"batch": "b", "districts": ["310104"]}]
    forge = Forge()
    if fault != "an order nobody planned":
        forge.files = dict(bundle_of.build(batches=listed, items=["M-001" if fault == "general items" else "M-002"])[0])
    right = forge.get("draw.json").get("order", ["a", "b"])
    forge.change("draw.json", order={"another order": right[::-1], "no order": None}.get(fault, right))
    files = forge.done().files
    want = None if fault == "none" else 12
    assert verify(files.__getitem__, sorted(files)).first_failed == want
    assert replayed(node, files)["first_failed"] == (want or 0)
