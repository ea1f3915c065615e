"""A plan and its Excel form are one plan: whatever a valid plan says, the form says, or the form is refused."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.errors import PlanError, SamplerError
from sampler.io.plandoc import value_at
from sampler.io.planform import SHEETS
from sampler.io.planread import read_form
from sampler.io.plans import plan_record
from sampler.io.planwrite import form
from tests import plan_forms
from tests.property.test_import_fuzz import hurt, hurt_inside

COUNT = 25
LISTS = {s.list_ for s in SHEETS}
"""Keys of whole sheets: an empty one has no row."""


def plain(seed: int) -> dict[str, Any]:
    """Return a random plan without the one mark that a list of texts cannot hold."""
    found = plan_forms.plan(random.Random(seed))
    plan_record(found, [], "plan.toml")
    return found


@settings(max_examples=COUNT, deadline=None)
@given(st.integers(0, 2**32))
def test_a_valid_plan_comes_back_from_its_form_byte_for_byte(seed: int) -> None:
    fields = plain(seed)
    document = read_form("抽查计划.xlsx", form(fields))
    assert document.fields == fields
    sealed = plan_record(document.fields, [], "x").encode()
    assert sealed == plan_record(fields, [], "x").encode()
    for key, place in document.places.items():
        assert place.sheet, key
        assert place.row >= 2 or key in LISTS, key


@settings(max_examples=COUNT, deadline=None)
@given(st.text(min_size=1, max_size=30), st.sampled_from(["title", "note", "active", "approval.form", "files.objects"]))
def test_any_text_comes_back_as_it_was_or_is_refused(text: str, key: str) -> None:
    fields = plain(7)
    *outer, last = key.split(".")
    (fields if not outer else fields[outer[0]])[last] = [text] if key == "active" else text
    told: Any = None
    with contextlib.suppress(PlanError):
        told = form(fields)
    if told is None:
        assert text.strip() != text or not text.isprintable() or ";" in text or "；" in text or not text.isascii()
    else:
        assert value_at(read_form("x.xlsx", told).fields, key) == ([text] if key == "active" else text)


LOST = [
    ("own", 1), ("visits.till", "2026-12-31"), ("files.more", "x.csv"), ("source.second", "parties"), ("target", {}),
    ("assignment.clusters", []), ("assignment.cross", []), ("caps", []), ("batches", []), ("note", " 两边有空格 "),
    ("active", ["存续；在业"]), ("items", ["B", "A"]), ("deadlines.reveal", "明天"), ("approval.date", "1850-01-01"), ("period", "2026-13"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), LOST, ids=[k for k, _ in LOST])
def test_what_the_form_cannot_say_is_refused_with_its_key(key: str, value: object) -> None:
    fields = plan_forms.plan(random.Random(3)) | {"assignment": plan_forms.assignment(random.Random(1), ["a", "b"])}
    fields = {k: v for k, v in fields.items() if k not in ("target", "caps", "batches")}
    *outer, last = key.split(".")
    inside = fields if not outer else fields[outer[0]]
    inside[last] = value
    with pytest.raises(PlanError) as e:
        form(fields)
    assert e.value.code == "PLAN_FORM_CANNOT"
    assert e.value.problem.hint
    assert e.value.problem.place.column


def fuzz(seed: int, count: int) -> int:
    """Return how many hurt forms still say a plan; anything but our own refusal, with a way out, escapes."""
    rng, read = random.Random(seed), 0
    whole = [form(plan_forms.plan(random.Random(n))) for n in range(8)]
    for _ in range(count):
        data = (hurt_inside if rng.random() < 0.8 else hurt)(rng, rng.choice(whole))
        try:
            plan_record(read_form("x.xlsx", data).fields, [], "x.xlsx")
        except SamplerError as e:
            assert all(p.code and p.message and p.hint for p in e.problems), e.problems  # noqa: PT017  # refusal is expected
            continue
        read += 1
    return read


def test_hurt_forms_are_read_or_refused() -> None:
    assert 30 < fuzz(20261125, 300) < 280


@pytest.mark.torture
def test_many_hurt_forms_are_read_or_refused() -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201  # what fails must be repeatable
    assert fuzz(seed, 20_000) > 2_000
