"""publish: the public site, from what the workspace holds; or judge the site as it stands."""

from __future__ import annotations

from pathlib import Path

import click

from sampler.commands.shell import Reply, command
from sampler.io import site as store
from sampler.io.session import open_session
from sampler.publish import sitecheck
from sampler.publish.site import build


@command("publish")
@click.option("--site", type=click.Path(path_type=Path), default=Path("site"), help="网站目录，默认 site")
@click.option("--check", is_flag=True, help="只检查网站：链接、安全策略、大小、有无越级公开")
def publish(workspace: Path, site: Path, check: bool) -> Reply:
    """生成公示网站：静态文件，读者可在自己的浏览器里核验；从 U 盘打开也行。"""
    session = open_session(workspace)
    if check:
        return _check(store.read(site), store.secrets(session), site)
    with session.workspace.lock():
        made = build(store.office(session), store.sources(session))
        problems = sitecheck.check(made.files, store.secrets(session))
        if problems:
            return Reply(data={"site": str(site), "written": 0}, problems=problems, exit=1)
        written = store.write(session, site, made)
    data = {"site": str(site), "files": len(made.files), "written": written, "batches": dict(made.batches)}
    return Reply(
        data=data, text=f"网站已生成于 {site}：{len(made.files)} 个文件，{written} 个有变化；打开 {site / 'index.html'}"
    )


def _check(files: dict[str, bytes], secrets: dict[str, str], site: Path) -> Reply:
    problems = sitecheck.check(files, secrets)
    said = "没有发现问题" if not problems else f"发现 {len(problems)} 个问题"
    data = {"site": str(site), "files": len(files), "problems": len(problems)}
    return Reply(data=data, text=f"{site}: {len(files)} 个文件，{said}", problems=problems, exit=1 if problems else 0)
