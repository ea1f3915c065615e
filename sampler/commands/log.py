"""log show|check|tiles|witness|cosign: what was done, in order; whether it still is so; and who outside says so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sampler import log as journal
from sampler import signing
from sampler import tiles as static
from sampler.commands.shell import Reply, command
from sampler.errors import StepError
from sampler.io import bundle, overdue
from sampler.io import witness as witness_desk
from sampler.io.session import open_session
from sampler.io.store import Workspace

CUT_OFF: Final = "若上一步因断电等中断，再运行一次那一步，它先补完日志；否则停止使用，从备份核对"


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
    entries = session.entries()
    if w.read("log/entries") != journal.encode_entries(entries):
        raise StepError("LOG_DAMAGED", "日志条目与索引不一致", hint=CUT_OFF)
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
        raise StepError("LOG_DAMAGED", "最新检查点不是现有日志的检查点", hint=CUT_OFF)
    late = overdue.overdue(session)
    data = {"size": len(entries), "checkpoints": len(names), "overdue": late, "counts": overdue.counts(session)}
    lines = [f"日志完好: {len(entries)} 条，{len(names)} 个检查点一致"]
    lines += [f"逾期: {o['draw_id']} {overdue.WORDS[o['what']]}（期限 {o['due']}）" for o in late]
    return Reply(data=data, text="\n".join(lines), exit=1 if late else 0)


@command("tiles", schema="log")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="目录：放到任何网页服务器上，或 U 盘上交见证方"
)
def tiles(workspace: Path, out: Path) -> Reply:
    """写出日志的静态文件（C2SP tlog-tiles）：tile/、checkpoint、charter.json。"""
    session = open_session(workspace)
    files = static.export(session.entries())
    target = Workspace(workspace / out)
    _refuse_other(target, session.entries())
    for name, data in files.items():
        if not target.exists(name):
            target.write(name, data)
    target.write(witness_desk.CHARTER, session.workspace.read("charter.json"))
    target.write(witness_desk.CHECKPOINT, session.workspace.read("log/checkpoint"))  # last: what it names is there
    size = len(session.entries())
    text = f"已写出 {size} 条日志的 {len(files)} 个文件: {workspace / out}"
    return Reply(data={"size": size, "files": len(files), "out": str(workspace / out)}, text=text)


def _refuse_other(target: Workspace, entries: list[bytes]) -> None:
    """Refuse to put another log in the place of the one that lies there."""
    if target.exists(witness_desk.CHECKPOINT):
        there = journal.parse_checkpoint(signing.note_parse(target.read(witness_desk.CHECKPOINT)).text)
        if journal.head(entries[: there.size]) != (there.size, there.root):
            hint = "换一个目录；若确是同一份日志，它已变短或有分叉，停止使用"
            raise StepError("TILES_OTHER", "该目录里是另一份日志", hint=hint)


@command("witness", schema="log")
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--charter", default="", metavar="指纹", help="第一次见到这份日志时：机关书面公布的章程指纹")
@click.option("--log-key", default="", metavar="公钥", help="机关换了日志密钥之后：新的公钥（先核对换钥匙记录）")
def witness(workspace: Path, directory: Path, charter: str, log_key: str) -> Reply:
    """见证方：核对日志只增不改，再签署检查点；变短、改写、分叉一律不签并留证。"""
    desk = witness_desk.open_witness(workspace)
    with desk.workspace.lock():
        head, note = desk.cosign(Workspace(directory), charter, log_key)
        name = f"out/{head.origin.rpartition('/')[2]}-{head.size:08d}-{desk.name}.note"
        desk.workspace.write(name, note)
    path = workspace / name
    text = f"日志 {head.size} 条，从上次所见只增不改，已签署: {path}\n交机关: sampler log cosign 文件"
    return Reply(data={"size": head.size, "root": head.root.hex(), "file": str(path)}, text=text)


@command("cosign", schema="log")
@click.argument("notes", nargs=-1, required=True, type=click.Path(path_type=Path))
def cosign(workspace: Path, notes: tuple[Path, ...]) -> Reply:
    """收入见证方的签名，附在检查点上，并重写各证据包。"""
    session = open_session(workspace)
    with session.hold():
        done = [witness_desk.merge(session, (workspace / n).read_bytes()) for n in notes]
        drawn = sorted({n.split("/")[1] for n in session.workspace.names("bundles")})
        for draw_id in drawn:
            bundle.write(session, draw_id)
    k = session.charter.witness_k or 0
    rows = [{"size": size, "witnesses": names, "needed": k} for size, names in done]
    text = "\n".join(f"检查点 {size} 条: {'、'.join(names)}（需要 {k} 方）" for size, names in done)
    return Reply(data={"cosigned": rows, "bundles": drawn}, text=text)


for part in (show, check, tiles, witness, cosign):
    log.add_command(part)
