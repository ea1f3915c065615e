"""verify: replay a bundle, a published copy or one firm's opening. Any defect is exit 1, naming step and file."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import auditor
from sampler.commands.shell import Reply, command
from sampler.plan import LEVELS


@command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--charter", default="", help="章程的记录哈希，来自证据包之外")
@click.option("--head", type=click.Path(path_type=Path), default=None, help="日志检查点文件，来自证据包之外")
@click.option("--seal-code", default="", help="审批表上的封存码")
@click.option("--level", type=click.Choice(LEVELS), default=None, help="已知的公开级别：副本只按它该公开的核对")
@click.option("--before", type=click.Path(path_type=Path), default=None, help="重抽时：作废的那次抽查的证据包")
def verify(
    workspace: Path, path: Path, charter: str, head: Path | None, seal_code: str, level: str | None, before: Path | None
) -> Reply:
    """重放一个证据包或公开副本（十六步），或核验一户的文件。"""
    outside = head.read_bytes() if head else None
    report = auditor.judge(
        workspace / path, charter=charter, head=outside, seal_code=seal_code, now=auditor.now(), before=before
    )
    code, conclusion = auditor.verdict(report, level or "")
    return Reply(data=report.to_dict(), text=auditor.text(report, conclusion), exit=code)
