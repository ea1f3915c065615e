"""upgrade: a workspace of an older version brought to the form of this program."""

from __future__ import annotations

from pathlib import Path

from sampler.commands.shell import Reply, command
from sampler.io import upgrade as forms
from sampler.io.session import open_session, open_workspace


@command("upgrade")
def upgrade(workspace: Path) -> Reply:
    """把旧版的工作区升级到本程序的版式：先核对日志，再改写；中断了重新运行即可。"""
    w = open_workspace(workspace)
    with w.lock():
        before = forms.upgrade(w.disk)
    entries = len(open_session(workspace).index())
    if before == forms.CURRENT:
        text = f"已是第 {before} 版，不用升级；日志 {entries} 条"
    else:
        text = f"工作区已从第 {before} 版升级到第 {forms.CURRENT} 版，日志 {entries} 条逐条核对一致\n再运行: sampler log check"
    return Reply(data={"from": before, "to": forms.CURRENT, "entries": entries}, text=text)
