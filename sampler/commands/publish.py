"""publish: the public site, from what the workspace holds; or judge the site as it stands."""

from __future__ import annotations

from pathlib import Path

import click

from sampler.commands.shell import Reply, command
from sampler.io import pages
from sampler.io.session import Session, open_session


@command("publish")
@click.option("--site", type=click.Path(path_type=Path), default=Path("site"), help="网站目录，默认 site")
@click.option("--check", is_flag=True, help="只检查网站：链接、安全策略、大小、有无越级公开")
@click.option(
    "--target",
    default=None,
    metavar="比率",
    help="合格率目标，如 98.5%，写在结果公告上；以后沿用，写空（--target ''）不再用",
)
def publish(workspace: Path, site: Path, check: bool, target: str | None) -> Reply:
    """生成公示网站：静态文件，读者可在自己的浏览器里核验；从 U 盘打开也行。"""
    session = open_session(workspace)
    if check:
        return _check(session, site)
    with session.hold():
        made = pages.publish(session, site, target)
    if made.problems:
        return Reply(data={"site": str(site), "written": 0}, problems=list(made.problems), exit=1)
    data = {"site": str(site), "files": made.files, "written": made.written, "batches": dict(made.batches)}
    return Reply(
        data=data, text=f"网站已生成于 {site}：{made.files} 个文件，{made.written} 个有变化；打开 {site / 'index.html'}"
    )


def _check(session: Session, site: Path) -> Reply:
    count, problems = pages.check(session, site)
    said = "没有发现问题" if not problems else f"发现 {len(problems)} 个问题"
    data = {"site": str(site), "files": count, "problems": len(problems)}
    return Reply(data=data, text=f"{site}: {count} 个文件，{said}", problems=problems, exit=1 if problems else 0)
