"""The pictures of docs/guide/regulator.md: the program's own papers, rendered. Run again whenever a paper changes.

python -m tests.guide_pictures [NAME...]

Needs LibreOffice, pdftoppm, ImageMagick (convert) and Chromium on the machine; nothing of it is needed to read the guide.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from playwright.sync_api import sync_playwright

from sampler.io import pdf
from tests.cli.office import DRAW, PARTIES, VALUE, ok, say
from tests.cli.twenty import make
from tests.support import ROOT, sampler

PICTURES = ROOT / "docs" / "guide" / "pictures"
MOST = 60_000
"""Largest picture, in bytes."""
SECOND = "XJSC-2026-0003"


def rendered(path: Path, *, page: int = 1, dpi: int = 80, keep: str = "") -> bytes:
    """Return one page of a document as PNG, its margins cut off.

    Parameters
    ----------
    keep
        Geometry of the part that is shown, as ImageMagick writes it.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (sheet,) = pdf.convert({path.name: path.read_bytes()}).values()
        (folder / "x.pdf").write_bytes(sheet)
        at = str(page)
        subprocess.run(
            ["pdftoppm", "-r", str(dpi), "-f", at, "-l", at, "-png", "-singlefile", "x.pdf", "x"],
            cwd=folder,
            check=True,
        )
        return _small(folder / "x.png", keep)


def _small(path: Path, keep: str = "") -> bytes:
    out = path.with_name("small.png")
    crop = ["-crop", keep, "+repage"] if keep else []
    words = [
        "convert",
        str(path),
        "-trim",
        "+repage",
        *crop,
        "-bordercolor",
        "white",
        "-border",
        "6",
        "+dither",
        "-colors",
        "24",
        "-strip",
        f"PNG8:{out}",
    ]
    subprocess.run(words, check=True)
    return out.read_bytes()


def web(path: Path, *, width: int = 900) -> bytes:
    """Return a page of ours as a browser shows it."""
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": width, "height": 300})
        page.goto(path.as_uri())
        shot = Path(folder) / "x.png"
        page.screenshot(path=shot, full_page=True)
        browser.close()
        return _small(shot)


def only(path: Path, sheet: str) -> Path:
    """Return a copy of a workbook with one of its sheets."""
    book = openpyxl.load_workbook(path)
    for name in book.sheetnames:
        if name != sheet:
            del book[name]
    out = path.with_name(f"only-{sheet}.xlsx")
    book.save(out)
    return out


def month(root: Path) -> Path:
    """Return the workspace of a demo."""
    answer = sampler("demo", "--size", "small", "--stops", "2", "--out", root / "demo", cwd=root)
    if answer.code:
        raise SystemExit(answer.err)
    return root / "demo"


def sitting(root: Path) -> Path:
    """Return a workspace with a second sitting of two tasks that share officers and visits."""
    ground = root / "demo"
    make(ground / "input", root / "two")
    plan = (root / "two/input/plan.toml").read_text(encoding="utf-8")
    for name in ("one", "two"):
        own = plan.replace('plan_id = "', f'plan_id = "{name}-').replace('ratio = "50%"', 'ratio = "75%"')
        own = re.sub(r'title = "[^"]*"', f'title = "云岭县{"食品" if name == "one" else "价格"}专项抽查"', own)
        (root / f"two/input/{name}.toml").write_text(own, encoding="utf-8")
    for words in (
        *(("reveal", "M", "--party", p, "--commit") for p in PARTIES),
        ("seal", "input/one.toml", "input/two.toml", "--sitting", "M"), *(("reveal", "M", "--party", p) for p in PARTIES),
        ("close", "M"), ("seed", "M", "--value", VALUE), ("draw", "XJSC-2026-0002"), ("draw", SECOND), ("lists", SECOND),
    ):  # fmt: skip
        ok(root / "two", *words)
    return root / "two"


def wrong(demo: Path) -> Path:
    """Return the corrected copy of a table with a few usual mistakes."""
    lines = (demo / "input/objects.csv").read_text(encoding="utf-8").splitlines()[:9]
    head, rows = lines[0], [x.split(",") for x in lines[1:]]
    rows[1][0] = "9.137E+17"
    rows[5][-1] = "2021年13月5日"
    folder = demo.parent / "wrong"
    folder.mkdir(exist_ok=True)
    (folder / "检查对象.csv").write_text("\n".join([head, *map(",".join, rows)]) + "\n", encoding="utf-8")
    say(folder, "check", "检查对象.csv", "--as", "objects", "--corrected", "更正件")
    return next((folder / "更正件").glob("*.xlsx"))


def pictures(root: Path) -> dict[str, Callable[[], bytes]]:
    """Return every picture and how it is made."""
    demo = month(root)
    lists = demo / "lists" / DRAW
    form = demo / "抽查计划-示例.xlsx"
    return {
        "plan": lambda: rendered(only(form, "计划"), dpi=90, keep="x550+0+0"),
        "clauses": lambda: rendered(only(form, "抽查比例"), dpi=100),
        "corrected": lambda: rendered(wrong(demo), dpi=80, keep="x120+0+0"),
        "month": lambda: web(demo / "months/2026-12/1-核对封存.html"),
        "approval": lambda: rendered(lists / "行政检查审批表.docx", dpi=70),
        "task": lambda: rendered(lists / "任务单.docx", dpi=70),
        "list": lambda: rendered(only(lists / "检查名单.xlsx", "检查名单"), dpi=190, keep="1300x420+0+0"),
        "results": lambda: rendered(
            only(lists / "检查结果登记表.xlsx", "检查结果登记表"), dpi=220, keep="1300x330+930+0"
        ),
        "merged": lambda: rendered(sitting(root) / f"lists/{SECOND}/派单表.docx", dpi=90, keep="x330+0+0"),
    }


def main(names: list[str]) -> int:
    """Make the named pictures, or all."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in pictures(Path(folder)).items():
            if not names or name in names:
                data = draw()
                (PICTURES / f"{name}.png").write_bytes(data)
                sys.stdout.write(f"{name}.png {len(data)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
