"""The log on disk: whatever happens to disk and program, an acknowledged entry is there and nothing is believed unseen."""

from __future__ import annotations

import base64
import errno
import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sampler import log, merkle, signing
from sampler.canon import sha256
from sampler.errors import RecordError, StepError, StoreError
from sampler.io import journal
from sampler.io.disk import RealDisk, SyncError
from sampler.io.journal import ENTRIES, HEAD, HEADS, JOURNAL, Journal
from sampler.io.lock import hold
from tests.power import MemoryDisk, images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORIGIN = "sampler/GZS"
KEY = sha256(b"log")
TYPES = ("registration", "draw", "results", "opening", "amendment")


def row(n: int, salt: str = "") -> dict[str, Any]:
    """Return a row whose length varies with n."""
    rhash = sha256(f"{salt}{n}".encode()).hex()
    return {"type": TYPES[n % len(TYPES)], "rhash": rhash, "nonce": rhash[:32], "draw_id": "GZS-2026-" + "0" * (n % 7)}


def note(size: int, root: bytes) -> bytes:
    """Return a checkpoint in the right form; the model does not judge signatures, so it has a cheap one."""
    blob = base64.b64encode(sha256(root) * 2 + bytes(4)).decode()
    return f"{log.Checkpoint(ORIGIN, size, root).text()}\n— {ORIGIN} {blob}\n".encode()


def signed(size: int, root: bytes) -> bytes:
    text = log.Checkpoint(ORIGIN, size, root).text()
    return f"{text}\n{signing.note_sign(ORIGIN, KEY, text)}".encode()


def grown(size: int, salt: str = "") -> dict[str, bytes]:
    """Return the files of a log of `size`."""
    disk = MemoryDisk()
    mine = Journal(disk)
    for n in range(size):
        mine.append(row(n, salt), note)
    return disk.seen


def sound(disk: Any, wanted: list[dict[str, Any]], acknowledged: int) -> None:
    """Recover, append, and hold everything that must be true against each other."""
    mine = Journal(disk)
    found = list(mine.rows())
    assert acknowledged <= len(found)
    assert found == wanted[: len(found)]
    more = row(99, "after")
    assert mine.append(more, note) == len(found)
    entries = [journal.entry_bytes(r) for r in (*found, more)]
    assert disk.read(ENTRIES) == log.encode_entries(entries)
    want = note(*log.head(entries))
    assert disk.read(HEAD) == disk.read(f"{HEADS}/{len(entries):08d}") == want
    assert all(disk.size(f"{HEADS}/{n:08d}") for n in range(1, len(entries)))


def cut_everywhere(start: int, appends: int, salt: str) -> int:
    """Cut the power at every moment of some appends, recover from every disk; return how many different disks there were."""
    rows = [row(n, salt) for n in range(start + appends)]
    disk = MemoryDisk(grown(start, salt))
    mine = Journal(disk)
    seen = set()
    for n in range(start, start + appends):
        disk.moments = []
        mine.append(rows[n], note)
        for moment in disk.moments or ():
            for image in images(moment):
                key = hash(tuple(sorted(image.items())))
                if key not in seen:
                    seen.add(key)
                    sound(MemoryDisk(image), rows, n)
        sound(MemoryDisk({k: disk.now.files[i] for k, i in disk.now.names.items()}), rows, n + 1)
    return len(seen)


def count_states(least: int, salt: str) -> int:
    total = workload = 0
    while total < least:
        total += cut_everywhere(workload % 4, 2, f"{salt}{workload}")
        workload += 1
    return total


def test_power_may_go_at_any_moment() -> None:
    assert count_states(100_000, "ci") >= 100_000


@pytest.mark.torture
@pytest.mark.parametrize("part", range(100))
def test_power_may_go_at_any_moment_at_length(part: int, record_property: Callable[[str, object], None]) -> None:
    """After every modelled power loss the log holds all that was acknowledged."""
    count = count_states(100_000, f"{os.urandom(4).hex()}-{part}")
    record_property("states", count)
    assert count >= 100_000


def test_power_may_go_again_while_the_log_recovers() -> None:
    rows = [row(n) for n in range(4)]
    disk = MemoryDisk(grown(2))
    mine = Journal(disk)
    disk.moments = []
    mine.append(rows[2], note)
    count = 0
    for first in [i for m in disk.moments or () for i in images(m)][::40]:
        second = MemoryDisk(first)
        second.moments = []
        Journal(second).heal(note)
        for moment in second.moments or ():
            for image in list(images(moment))[::60]:
                count += 1
                sound(MemoryDisk(image), rows, 2)
    assert count > 500


def test_frontier_is_the_root() -> None:
    tree = merkle.Frontier()
    leaves: list[bytes] = []
    for n in range(200):
        assert tree.root() == merkle.root(leaves)
        leaves.append(sha256(bytes([n])))
        tree.add(leaves[-1])


@pytest.mark.parametrize("name", [JOURNAL, ENTRIES, HEAD])
def test_every_bit_of_a_log_on_disk(name: str) -> None:
    disk = MemoryDisk()
    mine = Journal(disk)
    for n in range(3):
        mine.append(row(n), signed)
    data = disk.seen[name]
    public = signing.public_of(KEY)
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        damaged = MemoryDisk(disk.seen | {name: bytes(changed)})
        assert judged(damaged, public) in {"LOG_DAMAGED", "NOTE_SIGNATURE"}


def judged(disk: MemoryDisk, public: bytes) -> str:
    """Return the code with which `log check` would refuse a log."""
    try:
        Journal(disk).heal(signed)
        signing.note_verify(disk.read(HEAD), ORIGIN, public)
    except (StoreError, RecordError) as e:
        return e.code
    return ""


@pytest.mark.parametrize("gone", range(1, 5))
def test_acknowledged_entries_cut_off_are_missed(gone: int) -> None:
    files = grown(4)
    kept = b"".join(files[JOURNAL].splitlines(keepends=True)[:-gone])
    with pytest.raises(StoreError) as e:
        Journal(MemoryDisk(files | {JOURNAL: kept})).rows()
    assert e.value.code == "LOG_DAMAGED"


def test_a_journal_that_shrinks_under_a_reader_is_missed() -> None:
    disk = MemoryDisk(grown(4))
    mine = Journal(disk)
    mine.rows()
    disk.seen[JOURNAL] = disk.seen[JOURNAL][:-40]
    with pytest.raises(StoreError) as e:
        mine.rows()
    assert e.value.code == "LOG_DAMAGED"


def test_an_append_costs_the_same_at_any_length() -> None:
    written: list[int] = []
    for size in (10, 400):
        disk = MemoryDisk(grown(size))
        mine = Journal(disk)
        mine.append(row(0, "x"), note)
        disk.moments = []
        mine.append(row(0, "y"), note)
        written.append(sum(len(m.write.data) for m in disk.moments or () if m.write))
    assert abs(written[0] - written[1]) < 20


# --- the system's own calls ---

CALLS = ("open", "write", "fsync", "replace")


class Faults:
    """Stand in for the system's calls below one folder; the n-th fails, or kills the program."""

    def __init__(self, patch: pytest.MonkeyPatch, act: Callable[[str], None], at: int = -1) -> None:
        self.count, self.at, self.act = 0, at, act
        self.real = {name: getattr(os, name) for name in CALLS}
        for name in CALLS:
            patch.setattr(os, name, self._stand_in(name))

    def _stand_in(self, name: str) -> Callable[..., Any]:
        def call(*words: Any, **more: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.act(name) if name != "write" else self._half(words[0], words[1])
            return self.real[name](*words, **more)

        return call

    def _half(self, handle: int, data: memoryview) -> None:
        self.real["write"](handle, data[: len(data) // 2])
        self.act("write")


def refuse(number: int) -> Callable[[str], None]:
    def act(name: str) -> None:
        raise OSError(number, os.strerror(number), name)

    return act


def calls_of(root: Path, start: int, appends: int) -> int:
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch, refuse(0))
        fill(root, start, appends)
        return faults.count


def fill(root: Path, start: int, appends: int) -> None:
    mine = Journal(RealDisk(root))
    for n in range(start, start + appends):
        mine.append(row(n), note)


def fault_each_call(root: Path, start: int, number: int) -> Iterator[str]:
    """Let each system call of an append fail once, and recover with a new program; yield the codes."""
    total = calls_of(root / f"all{start}", 0, start + 1) - calls_of(root / f"before{start}", 0, start)
    for at in range(1, total + 1):
        place = root / f"{number}-{start}-{at}"
        fill(place, 0, start)
        with pytest.MonkeyPatch.context() as patch:
            mine = Journal(RealDisk(place))
            Faults(patch, refuse(number), at)
            with pytest.raises(StoreError) as e:
                mine.append(row(start), note)
            assert e.value.__traceback__
            with pytest.raises(StoreError) as again:
                mine.append(row(start), note)
            assert again.value.code == "LOG_STOPPED"
        sound(RealDisk(place), [row(n) for n in range(start + 1)], start)
        yield e.value.code


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EMFILE])
def test_each_system_call_may_fail(tmp_path: Path, number: int) -> None:
    full = number == errno.ENOSPC
    for start in (0, 2):
        codes = list(fault_each_call(tmp_path, start, number))
        assert len(codes) >= 17
        assert set(codes) == {"DISK_FULL" if full else "DISK_ERROR", "LOG_STOPPED"}


def kill(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_each_call(root: Path, start: int) -> int:
    total = calls_of(root / f"all{start}", 0, start + 1) - calls_of(root / f"before{start}", 0, start)
    for at in range(1, total + 1):
        place = root / f"{start}-{at}"
        fill(place, 0, start)
        child = os.fork()
        if not child:
            with pytest.MonkeyPatch.context() as patch:
                Faults(patch, kill, at)
                Journal(RealDisk(place)).append(row(start), note)
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        sound(RealDisk(place), [row(n) for n in range(start + 1)], start)
    return total


@pytest.mark.parametrize("start", [0, 1])
def test_the_program_may_be_killed_at_each_system_call(tmp_path: Path, start: int) -> None:
    assert kill_each_call(tmp_path, start) >= 17


@pytest.mark.torture
def test_five_thousand_faults(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """A fault or a kill at every system call in turn: nothing acknowledged is lost."""
    count = start = 0
    while count < 5000:
        for number in (errno.EIO, errno.ENOSPC, errno.EROFS):
            count += len(list(fault_each_call(tmp_path / f"{start}-{number}", start % 9, number)))
        count += kill_each_call(tmp_path / f"k{start}", start % 9)
        start += 1
    record_property("faults", count)


def test_a_failed_sync_is_never_tried_again(tmp_path: Path) -> None:
    fill(tmp_path, 0, 2)
    mine = Journal(RealDisk(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: refuse(errno.EIO)("fsync"))
        with pytest.raises(StoreError) as e:
            mine.append(row(2), note)
    assert e.value.code == "LOG_STOPPED"
    assert isinstance(e.value.__cause__, SyncError)
    with pytest.raises(StoreError) as again:
        mine.append(row(2), note)
    assert again.value.code == "LOG_STOPPED"
    inode = (tmp_path / JOURNAL).stat().st_ino
    Journal(RealDisk(tmp_path)).heal(note)
    assert (tmp_path / JOURNAL).stat().st_ino != inode, "what was not confirmed is written anew"


@pytest.mark.parametrize("room", range(0, 680, 61))
def test_a_disk_that_fills_up_byte_by_byte(tmp_path: Path, room: int) -> None:
    fill(tmp_path, 0, 2)
    left = room
    real = os.write

    def write(handle: int, data: memoryview) -> int:
        nonlocal left
        part = data[: min(left, 50)]
        if not part:
            raise OSError(errno.ENOSPC, "full")
        left -= len(part)
        return real(handle, part)

    mine = Journal(RealDisk(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(StoreError) as e:
            mine.append(row(2), note)
    assert e.value.code == "DISK_FULL"
    sound(RealDisk(tmp_path), [row(n) for n in range(3)], 2)


# --- many writers ---


def writer(root: Path, who: int, appends: int) -> None:
    mine = Journal(RealDisk(root))
    for n in range(appends):
        with hold(root / "lock.json", wait=True):
            mine.append(row(n, f"w{who}-"), note)
    os._exit(0)


def write_together(root: Path, writers: int, appends: int) -> None:
    fork = multiprocessing.get_context("fork")
    running = [fork.Process(target=writer, args=(root, who, appends)) for who in range(writers)]
    for p in running:
        p.start()
    for p in running:
        p.join()
    assert [p.exitcode for p in running] == [0] * writers
    mine = Journal(RealDisk(root))
    rows = mine.rows()
    for who in range(writers):
        own = {row(n, f"w{who}-")["rhash"]: n for n in range(appends)}
        assert [own[r["rhash"]] for r in rows if r["rhash"] in own] == list(range(appends))
    assert len(rows) == writers * appends
    assert (root / ENTRIES).read_bytes() == log.encode_entries(mine.entries())
    assert sorted(p.name for p in (root / HEADS).iterdir()) == [f"{n:08d}" for n in range(1, len(rows) + 1)]
    assert (root / HEAD).read_bytes() == note(*log.head(mine.entries()))


def test_eight_writers(tmp_path: Path) -> None:
    write_together(tmp_path, 8, 200)


@pytest.mark.torture
def test_eight_writers_at_length(tmp_path: Path) -> None:
    """8 writers, 10,000 appends each: nothing is lost, nothing written twice."""
    write_together(tmp_path, 8, 10_000)


def test_the_loser_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    with hold(path):
        assert json.loads(path.read_bytes())["pid"] == os.getpid()
        with pytest.raises(StepError) as e, hold(path):
            pass
    assert e.value.code == "LOCKED"
    assert str(os.getpid()) in e.value.problem.message
    assert "分钟" in e.value.problem.message


def test_a_lock_dies_with_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    child = os.fork()
    if not child:
        with hold(path):
            kill("")
    os.waitpid(child, 0)
    assert path.read_bytes()
    with hold(path):
        pass


def test_what_stands_in_the_lock_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    with hold(path):
        path.write_bytes(b'{"pid": "rm", "since": 3}')
        with pytest.raises(StepError) as e, hold(path):
            pass
    assert e.value.code == "LOCKED"
