"""Keys that change and draws that are voided, as an office makes them: the JavaScript finds what our verify finds."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli import office as o
from tests.cli.office import DRAW, bundle, ok
from tests.cli.test_ceremony import deferred, drawn, fresh, plain, source
from tests.cli.test_javascript import first_failed
from tests.forgeries import Files, relisted
from tests.javascript import Javascript, replayed

__all__ = ["deferred", "drawn", "plain", "source"]


def alike(node: Javascript, files: Files) -> int:
    """Return the first failed step, 0 for none, the same in both."""
    answer = replayed(node, files)
    assert answer["first_failed"] == first_failed(files), answer["found"]
    return int(answer["first_failed"])


def test_rotated_keys(node: Javascript, plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    for role, owner in (("agency", ()), ("log", ()), ("party", ("--owner", "law"))):
        ok(root, "keys", "rotate", "--role", role, *owner, "--cause", "到期更换")
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    files = bundle(root)
    assert alike(node, files) == 0
    for number in (1, 2, 3):
        path = f"keys/000{number}.json"
        assert alike(node, relisted({p: d for p, d in files.items() if p != path})) in (3, 5)
        changed = files[path].replace("到期更换".encode(), "无故更换".encode())
        assert alike(node, relisted(files | {path: changed})) == 3
    shutil.copy(root / "private/keys/agency-XJSC.key.0001.old", root / "private/keys/agency-XJSC.key")
    ok(root, "void", DRAW, "--cause", "用旧钥匙签")
    assert alike(node, bundle(root)) == 3


def test_a_revoked_key(node: Javascript, plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    law = next(k["key_id"] for k in ok(root, "keys", "list")["keys"] if k["owner"] == "law")
    ok(root, "keys", "revoke", law, "--cause", "被盗")
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    assert alike(node, bundle(root)) == 3


def test_a_void_before_anybody_can_know(node: Javascript, plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    ok(root, "reveal", "S", "--party", "business")
    ok(root, "void", DRAW, "--cause", "名单有误")
    assert alike(node, bundle(root)) == 0


def test_a_void_that_shows_the_result(node: Javascript, plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    o.revealed(root)
    o.valued(root)
    ok(root, "void", DRAW, "--cause", "程序有误")
    files = bundle(root)
    assert alike(node, files) == 0
    swapped = files["draw.json"].replace(b'"rank":1', b'"rank":2', 1)
    assert swapped != files["draw.json"]
    assert alike(node, relisted(files | {"draw.json": swapped})) > 0
    assert alike(node, relisted({p: d for p, d in files.items() if p != "void.json"})) > 0


def test_a_void_after_the_draw(node: Javascript, drawn: Path, tmp_path: Path) -> None:
    root = fresh(drawn, tmp_path)
    assert alike(node, bundle(root)) == 0
    ok(root, "void", DRAW, "--cause", "程序有误")
    assert alike(node, bundle(root)) == 0
