"""demo: the month of `sampler month` on the bundled example, with the answers filled in; each command is echoed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click

from sampler.commands import shell
from sampler.commands.shell import Reply, command
from sampler.errors import StepError

LABEL = "double-random-sampler demo 2026-12"
MONTH = "2026-12"
DRAW = "XJSC-2026-0001"
VALUE = "0205091113182022263135394148525761667180"
"""Twenty balls made up for the demo: the real issue is drawn in the future."""
FILES = ("objects", "classes", "roster", "recusals", "items", "caps", "history")
DATA = Path(__file__).resolve().parents[2] / "data" / "example"


def script() -> list[list[str]]:
    """Return the demo's commands, each could be typed by hand: prepare the scores, then the month, stop by stop."""
    folder = "input"
    attributes = ["--objects", f"{folder}/objects.csv", "--classes", f"{folder}/classes.csv"]
    history = ["--history", f"{folder}/history.csv", "--asof", "2026-12-01"]
    return [
        ["check", *(f"{folder}/{n}.csv" for n in FILES)],
        ["train", *history, *attributes, "--target", "severity>=2", "--out", f"{folder}/points.json"],
        ["score", "--model", f"{folder}/points.json", *history, *attributes, "--out", f"{folder}/scores.csv"],
        ["month", MONTH, "--yes"],
        ["month", MONTH, "--yes", "--value", VALUE],
        ["log", "check"],
    ]


@command("demo")
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), help="新工作区目录")
@click.option("--size", type=click.Choice(["full", "small"]), default="full", help="full 47,554 户；small 500 户")
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="示例数据目录", hidden=True)
def demo(workspace: Path, out: Path, size: str, data: Path) -> Reply:
    """在自带示例上走完一个月：每一步都是普通命令。"""
    root = workspace / out
    source = data / size
    if root.exists() and any(root.iterdir()):
        raise StepError("DEMO_EXISTS", "目录不是空的", hint="换一个 --out，或删除旧的演示", found=str(out))
    if not source.is_dir():
        raise StepError("DEMO_DATA", "找不到自带示例", hint="从源码目录运行 make demo", found=str(source))
    click.echo("演示：秘密与公开数都由固定标签推出，任何人都能预知，不得用于真实抽查。", err=True)
    _step(["init", str(root), "--demo", LABEL])
    shutil.copytree(source, root / "input")
    (root / "input" / "truth.csv").unlink(missing_ok=True)
    begun = time.perf_counter()
    for words in script():
        _step(["-C", str(root), *words])
    seconds = time.perf_counter() - begun
    text = f"演示完成，{seconds:.1f} 秒\n名单 {root}/lists/{DRAW}\n证据包 {root}/bundles/{DRAW}\n再核验一次: sampler verify {root}/bundles/{DRAW}"
    text += f"\n第三站在检查之后: sampler -C {root} month {MONTH} --results 检查结果登记表"
    return Reply(
        data={"draw_id": DRAW, "bundle": str(root / "bundles" / DRAW), "lists": str(root / "lists" / DRAW)}, text=text
    )


def _step(words: list[str]) -> None:
    code = shell.step(words)
    if code:
        raise StepError(
            "DEMO_STOPPED", f"演示在这一步停下（退出码 {code}）", hint="上面写着原因", found=" ".join(words)
        )
