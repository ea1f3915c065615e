"""One directory for another, at once: killed at any moment, readers are left the old one whole or the new one whole."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sampler.errors import StoreError
from sampler.io import beside

NAMES = ("index.html", "draws/1.html", "draws/2.html", "data/a/b/c.tsv", "assets/s.css")
OLD, NEW = ({n: f"{what} {n}".encode() for n in NAMES} for what in ("old", "new"))
SAME = {"assets/same.css": b"same"}
OPERATIONS = ("write", "link", "rename", "exchange", "remove", "settle")


class KilledError(BaseException):
    """The program ends here."""


def held(place: Path) -> dict[str, bytes]:
    return {p: (place / p).read_bytes() for p in beside.inside(place) if not p.endswith("/")}


def made(place: Path, files: dict[str, bytes]) -> None:
    following = beside.Beside(place)
    for path, data in files.items():
        following.put(path, data)
    following.switch()


def unable(*_: object) -> bool:
    return False


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(beside, "exchange", unable)
    return str(request.param)


def test_the_new_one_takes_the_place_of_the_old(tmp_path: Path, way: str) -> None:
    made(tmp_path / "site", OLD | SAME)
    made(tmp_path / "site", NEW | SAME)
    assert held(tmp_path / "site") == NEW | SAME
    assert [p.name for p in tmp_path.iterdir()] == ["site"], way


def test_this_system_exchanges_in_one_step(tmp_path: Path) -> None:
    if sys.platform not in ("linux", "darwin"):
        pytest.skip(reason="this system cannot exchange two directories")
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "was").write_text(name)
    assert beside.exchange(tmp_path / "a", tmp_path / "b")
    assert ((tmp_path / "a/was").read_text(), (tmp_path / "b/was").read_text()) == ("b", "a")


def test_unchanged_files_are_shared_and_counted_as_such(tmp_path: Path) -> None:
    made(tmp_path / "site", OLD | SAME)
    before = (tmp_path / "site/assets/same.css").stat().st_ino
    following = beside.Beside(tmp_path / "site")
    for path, data in (NEW | SAME).items():
        following.put(path, data)
    assert following.changed == len(NEW)
    following.switch()
    assert (tmp_path / "site/assets/same.css").stat().st_ino == before


def test_files_are_copied_where_they_cannot_be_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(beside, "link", refuse)
    made(tmp_path / "site", OLD | SAME)
    made(tmp_path / "site", NEW | SAME)
    assert held(tmp_path / "site") == NEW | SAME


def test_what_was_never_ours_is_taken_over(tmp_path: Path) -> None:
    made(tmp_path / "site", OLD)
    (tmp_path / "site/.well-known/empty").mkdir(parents=True)
    (tmp_path / "site/robots.txt").write_text("x")
    (tmp_path / "site/logo").symlink_to("robots.txt")
    following = beside.Beside(tmp_path / "site")
    assert set(beside.inside(tmp_path / "site")) == {*OLD, ".well-known/empty/", "robots.txt", "logo"}
    for path in (".well-known/empty/", "robots.txt", "logo"):
        assert following.keep(path)
    assert not following.keep("gone")
    following.switch()
    assert (tmp_path / "site/.well-known/empty").is_dir()
    assert (tmp_path / "site/logo").readlink() == Path("robots.txt")


def test_a_directory_that_cannot_be_moved_is_left_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bool:
        raise OSError(errno.EBUSY, "busy")

    made(tmp_path / "site", OLD)
    monkeypatch.setattr(beside, "exchange", busy)
    with pytest.raises(StoreError, match="旧的仍完整"):
        made(tmp_path / "site", NEW)
    assert held(tmp_path / "site") == OLD


def test_the_old_one_steps_back_when_the_new_one_cannot_step_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = beside.rename, [0]

    def second_fails(old: Path, new: Path) -> None:
        count[0] += 1
        if count[0] == 2:  # aside, in, back
            raise OSError(errno.EACCES, "open elsewhere")
        real(old, new)

    made(tmp_path / "site", OLD)
    monkeypatch.setattr(beside, "exchange", unable)
    monkeypatch.setattr(beside, "rename", second_fails)
    with pytest.raises(StoreError, match="旧的仍完整"):
        made(tmp_path / "site", NEW)
    assert held(tmp_path / "site") == OLD


def test_the_root_of_the_disk_is_refused() -> None:
    with pytest.raises(StoreError):
        beside.recovered(Path("/"))


def ends_at(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> list[int]:
    """Let the program end before (or after) its operation `number`; return the count."""
    count = [0]

    def wrap(name: str) -> None:
        real: Callable[..., object] = getattr(beside, name)

        def step(*given: object) -> object:
            count[0] += 1
            if count[0] == number and not after:
                raise KilledError
            found = real(*given)
            if count[0] == number:
                raise KilledError
            return found

        monkeypatch.setattr(beside, name, step)

    for name in OPERATIONS:
        wrap(name)
    return count


def replaced(tmp_path: Path, number: int, *, after: bool) -> tuple[bool, int]:
    """Return whether the program ended at an operation, and how many there were."""
    with pytest.MonkeyPatch.context() as inner:
        count = ends_at(inner, number, after=after)
        try:
            made(tmp_path / "site", NEW | SAME)
        except KilledError:
            return True, count[0]
    return False, count[0]


@pytest.mark.parametrize("after", [False, True])
def test_ended_at_any_operation_the_site_is_whole_and_the_next_run_does_it(
    tmp_path: Path, way: str, *, after: bool
) -> None:
    number, count, killed, gone = 0, 0, True, 0
    while killed:
        number += 1
        made(tmp_path / "site", OLD | SAME)
        killed, count = replaced(tmp_path, number, after=after)
        gone += not (tmp_path / "site").exists()
        if way == "two renames":
            beside.recovered(tmp_path / "site")
        assert held(tmp_path / "site") in (OLD | SAME, NEW | SAME), number
        made(tmp_path / "site", NEW | SAME)
        assert held(tmp_path / "site") == NEW | SAME
        assert [p.name for p in tmp_path.iterdir()] == ["site"]
    assert number > len(NAMES) + 3
    assert count < number
    assert gone <= (way == "two renames"), "only between the two renames is there a moment without a site"


PROGRAM = """
import sys
from pathlib import Path
from sampler.io import beside
for n in range(100_000):
    following = beside.Beside(Path(sys.argv[1]))
    for k in range(30):
        following.put(f"{k % 3}/{k}.html", str(n).encode())
    following.switch()
    print(n, flush=True)
"""


@pytest.mark.parametrize("rounds", [8, pytest.param(200, marks=pytest.mark.torture)])
def test_killed_for_real_the_site_is_whole(tmp_path: Path, rounds: int) -> None:
    site = tmp_path / "site"
    seen = set()
    for number in range(rounds):
        running = subprocess.Popen([sys.executable, "-c", PROGRAM, str(site)], stdout=subprocess.PIPE)
        assert running.stdout is not None
        for _ in range(1 + number % 3):  # some switches have been made; the kill falls anywhere into the next ones
            running.stdout.readline()
        beyond = (number * 37) % 30
        while sum(len(f) for _, _, f in os.walk(tmp_path / ".site.next")) < beyond and running.poll() is None:
            pass
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        found = held(site)
        assert len(found) == 30
        assert len(set(found.values())) == 1
        seen |= set(found.values())
    assert len(seen) > 1
