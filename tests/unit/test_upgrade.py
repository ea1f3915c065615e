"""Workspaces of form 1: carried over whole, from every moment at which somebody pulled the plug, or refused unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sampler import canon, log
from sampler.errors import StoreError
from sampler.io import journal, upgrade
from sampler.io.journal import ENTRIES, HEAD, HEADS, JOURNAL
from sampler.io.upgrade import CURRENT, INDEX, KEPT, SETTINGS, form_of, need_current
from tests.power import MemoryDisk, images
from tests.unit.test_journal import grown, note, row, sound

if TYPE_CHECKING:
    from collections.abc import Callable

    Files = dict[str, bytes]


def rows(size: int) -> list[dict[str, Any]]:
    return [row(n) for n in range(size)]


def old(size: int, *, behind: int = 0) -> Files:
    """Return a workspace of form 1; its program was cut off with so many entries in the index alone."""
    files = {n: d for n, d in grown(size - behind).items() if n != JOURNAL}
    if size:
        files[INDEX] = canon.encode(rows(size))
    return files | {SETTINGS: canon.encode({"schema": upgrade.schema(1), "demo_label": "x"})}


def done(files: Files) -> tuple[int, Files]:
    disk = MemoryDisk(files)
    form = upgrade.upgrade(disk)
    return form, disk.seen


@pytest.mark.parametrize("size", [0, 1, 2, 9])
@pytest.mark.parametrize("behind", [0, 1])
def test_an_old_log_becomes_the_journal_that_this_program_would_have_written(size: int, behind: int) -> None:
    before = old(size, behind=min(behind, size))
    form, after = done(before)
    assert (form, after.get(JOURNAL)) == (1, grown(size).get(JOURNAL))
    assert after.pop(KEPT, None) == before.pop(INDEX, None)
    assert canon.decode(after.pop(SETTINGS)) == {"schema": upgrade.schema(), "demo_label": "x"}
    assert {n: d for n, d in after.items() if n != JOURNAL} == {n: d for n, d in before.items() if n != SETTINGS}
    sound(MemoryDisk({n: d for n, d in after.items() if n != SETTINGS}), rows(size), size - min(behind, size))


def test_a_second_time_changes_nothing() -> None:
    _, after = done(old(3))
    assert done(after) == (CURRENT, after)


def test_a_journal_of_an_early_build_under_the_old_number_only_gets_the_new_one() -> None:
    files = grown(3) | {SETTINGS: canon.encode({"schema": upgrade.schema(1)})}
    form, after = done(files)
    assert (form, after.pop(SETTINGS), files.pop(SETTINGS) != b"") == (
        1,
        canon.encode({"schema": upgrade.schema()}),
        True,
    )
    assert after == files


@pytest.mark.parametrize("behind", [0, 1])
def test_whenever_the_power_goes_the_next_try_ends_the_same(behind: int) -> None:
    start = old(3, behind=behind)
    _, want = done(start)
    disk = MemoryDisk(start)
    disk.moments = []
    upgrade.upgrade(disk)
    seen = set()
    for moment in disk.moments:
        for image in images(moment):
            key = tuple(sorted(image.items()))
            if key in seen:
                continue
            seen.add(key)
            whole = {n: d for n, d in image.items() if not n.rpartition("/")[2].startswith(".")}
            for name in (INDEX, KEPT):
                assert image.get(name, start[INDEX]) == start[INDEX]
            assert INDEX in image or KEPT in image
            assert done(whole)[1] == want
    assert len(seen) > 1000


def put(name: str, data: bytes) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(name, data)


def index(change: Callable[[list[Any]], object]) -> Callable[[Files], None]:
    def run(files: Files) -> None:
        changed = rows(4)
        change(changed)
        files[INDEX] = canon.encode(changed)

    return run


BROKEN: dict[str, tuple[Callable[[Files], None], str]] = {
    "index is no json": (put(INDEX, b"{"), "UPGRADE_LOG"),
    "index is json in another form": (put(INDEX, b"[ ]\n"), "UPGRADE_LOG"),
    "index is a map": (put(INDEX, b"{}"), "UPGRADE_LOG"),
    "index is empty": (put(INDEX, b"[]"), "UPGRADE_LOG"),
    "index was torn": (lambda f: f.__setitem__(INDEX, f[INDEX][:-9]), "UPGRADE_LOG"),
    "index lost its last entry": (index(lambda r: r.pop()), "UPGRADE_LOG"),
    "index lost its first entry": (index(lambda r: r.pop(0)), "UPGRADE_LOG"),
    "index lost most": (index(lambda r: r.__delitem__(slice(1, None))), "UPGRADE_LOG"),
    "entries in another order": (index(lambda r: r.reverse()), "UPGRADE_LOG"),
    "an entry of another record": (index(lambda r: r[1].update(rhash="00" * 32)), "UPGRADE_LOG"),
    "an entry of another type": (index(lambda r: r[1].update(type="void")), "UPGRADE_LOG"),
    "an entry with another nonce": (index(lambda r: r[3].update(nonce="00" * 16)), "UPGRADE_LOG"),
    "an entry without a nonce": (index(lambda r: r[2].pop("nonce")), "UPGRADE_LOG"),
    "an entry with a field too many": (index(lambda r: r[2].update(x="1")), "UPGRADE_LOG"),
    "an entry that is text": (index(lambda r: r.__setitem__(0, "x")), "UPGRADE_LOG"),
    "a nonce that is no hex": (index(lambda r: r[0].update(nonce="zz")), "UPGRADE_LOG"),
    "entries of another log": (put(ENTRIES, log.encode_entries([b"x"])), "UPGRADE_LOG"),
    "entries cut short": (lambda f: f.__setitem__(ENTRIES, f[ENTRIES][:-5]), "UPGRADE_LOG"),
    "entries gone": (lambda f: f.__delitem__(ENTRIES), "UPGRADE_LOG"),
    "an older checkpoint of another root": (put(f"{HEADS}/00000002", note(2, bytes(32))), "UPGRADE_LOG"),
    "an older checkpoint of another size": (lambda f: f.__setitem__(f"{HEADS}/00000002", f[f"{HEADS}/00000003"]), "UPGRADE_LOG"),
    "the head of another root": (put(HEAD, note(4, bytes(32))), "UPGRADE_LOG"),
    "the head unreadable": (put(HEAD, b"x"), "LOG_DAMAGED"),
    "a checkpoint beyond the index": (put(f"{HEADS}/00000005", note(5, bytes(32))), "UPGRADE_LOG"),
    "a journal of another log beside it": (lambda f: f.__setitem__(JOURNAL, grown(2, "other")[JOURNAL]), "UPGRADE_CONFLICT"),
    "a journal with more beside it": (lambda f: f.__setitem__(JOURNAL, grown(5)[JOURNAL]), "UPGRADE_CONFLICT"),
    "neither index nor journal": (lambda f: f.__delitem__(INDEX), "LOG_DAMAGED"),
    "settings torn": (put(SETTINGS, b'{"schema"'), "WORKSPACE_FORM"),
    "settings gone": (lambda f: f.__delitem__(SETTINGS), "WORKSPACE_FORM"),
    "settings a list": (put(SETTINGS, b"[]"), "WORKSPACE_FORM"),
    "settings without a form": (put(SETTINGS, b"{}"), "WORKSPACE_FORM"),
    "form 0": (put(SETTINGS, canon.encode({"schema": "sampler/workspace/v0"})), "WORKSPACE_FORM"),
    "another schema": (put(SETTINGS, canon.encode({"schema": "sampler/witness/v1"})), "WORKSPACE_FORM"),
    "a newer form": (put(SETTINGS, canon.encode({"schema": upgrade.schema(CURRENT + 1)})), "WORKSPACE_NEWER"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_agree_is_refused_and_left_as_it_is(name: str) -> None:
    change, want = BROKEN[name]
    files = old(4)
    change(files)
    disk = MemoryDisk(files)
    with pytest.raises(StoreError) as e:
        upgrade.upgrade(disk)
    assert (e.value.code, bool(e.value.problem.hint)) == (want, True)
    assert disk.seen == files


def test_a_journal_cut_off_by_the_last_try_is_written_anew() -> None:
    start = old(4)
    _, want = done(start)
    lines = list(journal.lines(rows(4)))
    for kept in range(5):
        assert done(start | {JOURNAL: b"".join(lines[:kept])})[1] == want


@pytest.mark.parametrize(
    ("form", "code"), [(1, "WORKSPACE_OLD"), (CURRENT + 1, "WORKSPACE_NEWER"), (9999, "WORKSPACE_NEWER")]
)
def test_no_other_form_is_worked_in(form: int, code: str) -> None:
    settings = {"schema": upgrade.schema(form)}
    assert form_of(settings) == form
    with pytest.raises(StoreError) as e:
        need_current(settings)
    assert e.value.code == code
    need_current({"schema": upgrade.schema()})
