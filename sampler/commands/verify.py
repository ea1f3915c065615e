"""verify: replay a bundle, step by step. Any defect in it is exit 1, naming step and file."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import verify as replay
from sampler.commands.shell import Reply, command
from sampler.errors import Place, SamplerError
from sampler.io.world import TIME_FORM, RealWorld

MARK = {"ok": "通过", "fail": "不通过", "na": "不适用"}


@command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--charter", default="", help="章程的记录哈希，来自证据包之外")
@click.option("--head", type=click.Path(path_type=Path), default=None, help="日志检查点文件，来自证据包之外")
@click.option("--seal-code", default="", help="审批表上的封存码")
def verify(workspace: Path, path: Path, charter: str, head: Path | None, seal_code: str) -> Reply:
    """重放一个证据包：十六步，逐步给出结论。"""
    root = workspace / path
    if not (root / "manifest.json").is_file():
        raise SamplerError(
            "NOT_A_BUNDLE",
            "目录里没有 manifest.json",
            hint="指向证据包目录，例如 bundles/任务编号",
            place=Place(file=str(path)),
        )
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if not p.is_dir() or p.is_symlink())
    outside = head.read_bytes() if head else None
    now = RealWorld().now().strftime(TIME_FORM)
    report = replay.verify(
        lambda name: _read(root, name), names, charter=charter, head=outside, seal_code=seal_code, now=now
    )
    lines = [f"{report.draw_id}，证据包级别 {report.level}"]
    lines += [f"{s.no:>2} {MARK[s.status]} {s.id}: {s.meaning}" for s in report.steps]
    for s in report.steps:
        if s.status == "fail":
            lines += [f"第 {s.no} 步 {s.file}: 应为 {s.want}", f"          实为 {s.found}"]
    failed = report.first_failed
    unseen = "、".join(str(s.no) for s in report.steps[: replay.REPLAYED] if s.status == "na")
    partly = f"没有不通过的步骤，但第 {unseen} 步没有核对，不能算通过" if unseen else "各步通过"
    lines.append("结论: " + (f"第 {failed} 步不通过" if failed else partly))
    lines += ["未能证明:", *(f"  - {n}" for n in report.not_proved)]
    return Reply(data=report.to_dict(), text="\n".join(lines), exit=1 if failed or unseen else 0)


def _read(root: Path, name: str) -> bytes:
    path = root / name
    if path.is_symlink() or not path.resolve().is_relative_to(root.resolve()):
        raise SamplerError("PATH_OUTSIDE", "证据包里的链接指向包外", place=Place(file=name))
    if not path.is_file():
        raise SamplerError("NOT_A_FILE", "证据包里有不是普通文件的东西", place=Place(file=name))
    return path.read_bytes()
