"""demo: the month of `sampler month` on the bundled example, with the answers filled in; each command is echoed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click

from sampler.commands import shell
from sampler.commands.demo_visits import filled
from sampler.commands.shell import Reply, command
from sampler.errors import StepError
from sampler.io.session import open_workspace
from sampler.io.upgrade import SETTINGS
from sampler.io.workdays import FILE as CALENDAR

LABEL = "double-random-sampler demo 2026-12"
MONTH = "2026-12"
DRAW = "XJSC-2026-0001"
VALUE = "0205091113182022263135394148525761667180"
"""Twenty balls made up for the demo: the real issue is drawn in the future."""
FILES = ("objects", "classes", "roster", "recusals", "items", "caps", "history")
DATA = Path(__file__).resolve().parents[2] / "data" / "example"
TRUTH = "truth.csv"
"""What a visit would find at each object: known to the demo, never to the workspace."""
AFTER_VISITS = "2027-01-04T09:00:00Z"
"""The first working day after the plan's visits, still within 20 working days of the first of them."""
HOLIDAY = "日期,性质\n2027-01-01,休息\n"
"""All of next year's calendar that the demo needs: New Year's Day."""
STOPS = 3


def script(stops: int) -> list[list[str]]:
    """Return the demo's commands, each could be typed by hand: prepare the scores, then the month, stop by stop."""
    folder = "input"
    attributes = ["--objects", f"{folder}/objects.csv", "--classes", f"{folder}/classes.csv"]
    history = ["--history", f"{folder}/history.csv", "--asof", "2026-12-01"]
    prepare = [
        ["check", *(f"{folder}/{n}.csv" for n in FILES)],
        ["train", *history, *attributes, "--target", "severity>=2", "--out", f"{folder}/points.json"],
        ["score", "--model", f"{folder}/points.json", *history, *attributes, "--out", f"{folder}/scores.csv"],
    ]
    month = [
        ["month", MONTH, "--yes"],
        ["month", MONTH, "--yes", "--value", VALUE],
        ["month", MONTH, "--results", f"lists/{DRAW}/检查结果登记表-已填.xlsx"],
    ]
    return prepare + month[:stops]


@command("demo")
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), help="新工作区目录")
@click.option("--size", type=click.Choice(["full", "small"]), default="full", help="full 47,554 户；small 500 户")
@click.option(
    "--stops", type=click.IntRange(1, STOPS), default=STOPS, help="走几站：1 核对封存，2 摇号派人，3 公示归档"
)
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="示例数据目录", hidden=True)
def demo(workspace: Path, out: Path, size: str, stops: int, data: Path) -> Reply:
    """在自带示例上走完一个月：每一步都是普通命令。"""
    root = workspace / out
    source = data / size
    if root.exists() and any(root.iterdir()):
        raise StepError("DEMO_EXISTS", "目录不是空的", hint="换一个 --out，或删除旧的演示", found=str(out))
    if not source.is_dir():
        raise StepError("DEMO_DATA", "找不到自带示例", hint="从源码目录运行 make demo", found=str(source))
    click.echo("演示：秘密与公开数都由固定标签推出，任何人都能预知，不得用于真实抽查。", err=True)
    _step(["init", str(root), "--demo", LABEL])
    shutil.copytree(source, root / "input", ignore=shutil.ignore_patterns(TRUTH))
    begun = time.perf_counter()
    for words in script(stops):
        if "--results" in words:
            _visits(root, source / TRUTH, words[-1])
        _step(["-C", str(root), *words])
    seconds = time.perf_counter() - begun
    text = [f"演示完成，{seconds:.1f} 秒", *(f"{what} {root}/{place}" for what, place in PLACES[: stops + 1])]
    if stops > 1:
        text.append(f"再核验一次: sampler verify {root}/bundles/{DRAW}")
    if stops < STOPS:
        text.append(f"接着做: sampler -C {root} month {MONTH}")
    return Reply(
        data={"draw_id": DRAW, "bundle": str(root / "bundles" / DRAW), "lists": str(root / "lists" / DRAW)},
        text="\n".join(text),
    )


PLACES = (
    ("说明页", f"months/{MONTH}"),
    ("名单", f"lists/{DRAW}"),
    ("证据包", f"bundles/{DRAW}"),
    ("公示网站", "site/index.html"),
)
"""Where to look after each stop."""


def _visits(root: Path, truth: Path, form: str) -> None:
    """Play what happens outside the program: December passes, the visits are made, the form is filled in."""
    w = open_workspace(root)
    filled(w, DRAW, truth, form)
    w.write_json(SETTINGS, w.read_json(SETTINGS) | {"demo_day": AFTER_VISITS})
    w.write(CALENDAR, HOLIDAY.encode())
    click.echo(f"\n演示：检查已经做完，登记表已填好（{form}）；日期翻到 {AFTER_VISITS[:10]}。", err=True)


def _step(words: list[str]) -> None:
    code = shell.step(words)
    if code:
        raise StepError(
            "DEMO_STOPPED", f"演示在这一步停下（退出码 {code}）", hint="上面写着原因", found=" ".join(words)
        )
