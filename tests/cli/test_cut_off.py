"""Power cut in the middle of a step, at any of its writes: the same step again ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sampler.canon import rhash
from sampler.verify import verify
from tests.cli import office as o
from tests.cli.office import DRAW, PARTIES, bundle, ok, refused, say

CUT = 99
WRITES = ("write", "fsync", "replace", "unlink")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is cut off by forking")


@pytest.fixture(scope="module", autouse=True)
def _hasty() -> Iterator[None]:
    """Spare the disk: a process that ends loses nothing that it wrote, whether synced or not."""
    with pytest.MonkeyPatch.context() as m:
        m.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="module")
def stages(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return an office before its seal, before its draw, and with nothing more to come."""
    base = tmp_path_factory.mktemp("cut")
    out: dict[str, Path] = {}

    def keep(name: str) -> None:
        out[name] = Path(shutil.copytree(root, base / name))

    root = o.office(demo / "input", base / "w")
    for p in PARTIES:
        ok(root, "reveal", "S", "--party", p, "--commit")
    keep("promised")
    ok(root, "seal", "input/plan.toml", "--sitting", "S")
    keep("sealed")
    o.revealed(root)
    o.valued(root)
    keep("valued")
    ok(root, "draw", DRAW)
    keep("drawn")
    return out


def tree(root: Path) -> dict[str, bytes]:
    """Return every file, whatever its name; the lock aside."""
    return {
        p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != "lock.json"
    }


def counted(k: int, real: Callable[..., Any], name: str, seen: list[str]) -> Callable[..., Any]:
    def call(*args: Any, **kw: Any) -> Any:
        seen.append(name)
        if len(seen) == k:
            if name == "write":  # torn: half of it is there
                real(args[0], bytes(args[1])[: max(1, len(args[1]) // 2)])
            os._exit(CUT)
        return real(*args, **kw)

    return call


def cut_off(root: Path, words: tuple[str, ...], k: int) -> bool:
    """Run a step in a process that ends at its k-th write, and return whether it did."""
    pid = os.fork()
    if pid == 0:
        seen: list[str] = []
        for name in WRITES:
            setattr(os, name, counted(k, getattr(os, name), name, seen))
        os._exit(say(root, *words).code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, CUT)
    return code == CUT


def moments(start: Path, tmp_path: Path, words: tuple[str, ...], stride: int) -> Iterator[Path]:
    """Yield the office as each power cut left it."""
    for k in range(1, 1000, stride):
        root = Path(shutil.copytree(start, tmp_path / str(k)))
        if not cut_off(root, words, k):
            assert k > stride
            return
        yield root
        shutil.rmtree(root)


@pytest.mark.parametrize(
    ("stage", "words", "stride"),
    [
        ("promised", ("seal", "input/plan.toml", "--sitting", "S"), 17), ("sealed", ("reveal", "S", "--party", "law"), 5),
        ("valued", ("draw", DRAW), 13), ("valued", ("void", DRAW, "--cause", "x"), 17),
    ],
    ids=["seal", "reveal", "draw", "void"],
)  # fmt: skip
def test_a_step_that_was_cut_off_is_done_by_doing_it_again(
    stages: dict[str, Path], tmp_path: Path, stage: str, words: tuple[str, ...], stride: int
) -> None:
    calm = Path(shutil.copytree(stages[stage], tmp_path / "calm"))
    ok(calm, *words)
    want = tree(calm)
    for root in moments(stages[stage], tmp_path, words, stride):
        ok(root, *words)
        assert tree(root) == want
        ok(root, "log", "check")


@pytest.mark.parametrize("role", ["agency", "log"])
def test_an_office_can_sign_after_a_rotation_that_was_cut_off(
    stages: dict[str, Path], tmp_path: Path, role: str
) -> None:
    words = ("keys", "rotate", "--role", role, "--cause", "y")
    for root in moments(stages["drawn"], tmp_path, words, 7):
        ok(root, *words)
        ok(root, "void", DRAW, "--cause", "x")
        ok(root, "log", "check")
        files = bundle(root)
        assert verify(files.__getitem__, sorted(files)).first_failed is None
        assert not list(root.rglob("*.new"))


def test_a_key_is_used_once(stages: dict[str, Path], tmp_path: Path) -> None:
    root = Path(shutil.copytree(stages["drawn"], tmp_path / "w"))
    old = next(k for k in json.loads((root / "charter.json").read_bytes())["keys"] if k["owner"] == "law")
    (root / "old.json").write_text(json.dumps(old, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    refused(root, "KEY_USED", "keys", "rotate", "--owner", "law", "--cause", "x", "--key", root / "old.json")


def test_a_seal_is_not_the_old_one_when_the_input_is_new(stages: dict[str, Path], tmp_path: Path) -> None:
    """Sealing the same again says the same again; with another registry it is another seal, and one stands."""
    root, words = Path(shutil.copytree(stages["sealed"], tmp_path / "w")), ("seal", "input/plan.toml", "--sitting", "S")
    before = tree(root)
    told = ok(root, *words)["draws"][0]["commitment"]
    assert told == rhash(json.loads(before[f"draws/{DRAW}/commitment.json"])).hex()
    assert tree(root) == before
    rows = (root / "input/objects.csv").read_text().splitlines(keepends=True)
    (root / "input/objects.csv").write_text("".join(rows[:-1]))
    refused(root, "DRAW_OPEN", *words)
    assert {n for n, d in tree(root).items() if before.get(n) != d} == {"input/objects.csv"}
