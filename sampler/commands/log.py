"""log show|check: what was done, in order; and whether the log still is what it was."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import log as journal
from sampler import signing
from sampler.commands.shell import Reply, command
from sampler.errors import StepError
from sampler.io import overdue
from sampler.io.session import open_session


@click.group("log")
def log() -> None:
    """透明日志。"""


@command("show", schema="log")
def show(workspace: Path) -> Reply:
    """按顺序列出日志。"""
    rows = [
        {"index": n, "type": e["type"], "rhash": e["rhash"], "id": e.get("draw_id") or e.get("sitting_id") or ""}
        for n, e in enumerate(open_session(workspace).index())
    ]
    text = "\n".join(f"{r['index']:>4} {r['type']:<17} {r['id']:<20} {r['rhash'][:16]}" for r in rows)
    return Reply(data={"entries": rows}, text=text)


@command("check", schema="log")
def check(workspace: Path) -> Reply:
    """核对日志：条目、检查点签名、每个旧检查点与现在一致。"""
    session = open_session(workspace)
    w, charter = session.workspace, session.charter
    entries = journal.parse_entries(w.read("log/entries"))
    if list(entries) != session.entries():
        raise StepError("LOG_DAMAGED", "日志条目与索引不一致", hint="停止使用，从备份核对")
    ring = session.ring()
    origin = journal.origin(charter.agency)
    names = w.names("log/checkpoints")
    for name in names:
        size = journal.parse_checkpoint(signing.note_parse(w.read(name)).text).size
        public = next(bytes.fromhex(k.public) for k in ring.at(size).values() if k.role == "log")
        found = journal.parse_checkpoint(signing.note_verify(w.read(name), origin, public))
        if found != journal.checkpoint(origin, entries[: found.size]):
            raise StepError("LOG_FORKED", f"{name} 与现有日志不一致", hint="有人改写过日志", found=name)
    newest = w.read(names[-1]) if names else b""
    if w.read("log/checkpoint") != newest or not names[-1].endswith(f"/{len(entries):08d}"):
        raise StepError("LOG_DAMAGED", "最新检查点不是现有日志的检查点", hint="停止使用，从备份核对")
    late = overdue.overdue(session)
    data = {"size": len(entries), "checkpoints": len(names), "overdue": late, "counts": overdue.counts(session)}
    lines = [f"日志完好: {len(entries)} 条，{len(names)} 个检查点一致"]
    lines += [f"逾期: {o['draw_id']} {overdue.WORDS[o['what']]}（期限 {o['due']}）" for o in late]
    return Reply(data=data, text="\n".join(lines), exit=1 if late else 0)


log.add_command(show)
log.add_command(check)
