"""stream fetch|commit|draw|verify|prove|check: frames too large for a workspace, in bounded memory (docs/guide/scale.md)."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import click

from sampler.commands.shell import Reply, command
from sampler.errors import DrawError, InputError, Place, Problem

SEED_BYTES = 32
PROCESSES = click.option("--processes", type=click.IntRange(1, 256), default=min(2, os.cpu_count() or 1), show_default=True, metavar="个", help="几个进程；结果与此无关")  # fmt: skip
FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="目录")


@click.group("stream")
def stream() -> None:
    """千万户以上的名录：承诺、抽取、逐户核验。

    结果与 seal、draw 对同一名录算出的逐字节相同；签名、日志、参与方仍由 seal 等命令负责。
    """


@command("commit", schema="stream")
@click.argument("frames", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="文件...")
@click.option(
    "--plan", "plan_file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="计划 plan.json"
)
@click.option("--draw-id", required=True, metavar="任务编号", help="进入每一片叶子")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="目录",
    help="输出目录；中断后用同一命令继续",
)
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    default=500_000,
    show_default=True,
    metavar="户",
    help="一次处理多少户：决定内存，不影响结果",
)
@PROCESSES
def commit(
    workspace: Path, *, frames: tuple[Path, ...], plan_file: Path, draw_id: str, out: Path, rows: int, processes: int
) -> Reply:
    """承诺：Parquet 名录 → 分层、概率、盲化的默克尔根。"""
    from sampler import tables
    from sampler.io.engines import committing
    from sampler.plan import Plan, validate

    if not tables.is_id(draw_id):
        raise click.UsageError(f"任务编号写作 机构-年份-序号（发现：{draw_id}）")
    plan = validate(Plan.parse((workspace / plan_file).read_bytes(), plan_file.name))
    job = committing.Job(
        folder=workspace / out, sources=[workspace / f for f in frames], plan=plan, draw_id=draw_id, rows=rows, processes=processes,
    )  # fmt: skip
    found = committing.commit(job, secrets.token_bytes(SEED_BYTES))
    text = f"{draw_id}: {found['count']} 户，{found['strata']} 层\n根 {found['root']}"
    return Reply(data={"draw_id": draw_id, **found}, text=text)


@command("fetch", schema="stream")
@click.argument("source", metavar="来源")
@click.option("--query", required=True, metavar="SQL", help="给出名录各列的查询")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="文件", help="写出的 Parquet 文件"
)
def fetch(workspace: Path, *, source: str, query: str, out: Path) -> Reply:
    """取数：从 PostgreSQL（postgresql://…）、DuckDB 文件或 :memory: 的查询写出 Parquet 名录。

    只读：PostgreSQL 用服务器端游标，在一个只读事务里分批读取。密码请放在 PGPASSWORD 或 ~/.pgpass，不要写在命令行。
    """
    from sampler.io.engines import fetching

    at = source if source == fetching.MEMORY or source.startswith(fetching.SERVER) else str(workspace / source)
    rows = fetching.fetch(at, query, workspace / out)
    return Reply(data={"rows": rows, "file": str(out)}, text=f"{rows} 户，写入 {out}")


@command("draw", schema="stream")
@FOLDER
@click.option("--seed", required=True, metavar="64位十六进制", help="种子（records.md 3.6）")
@PROCESSES
def draw(workspace: Path, *, folder: Path, seed: str, processes: int) -> Reply:
    """抽取：由承诺的名录和种子得出抽中、候补和 tau。"""
    from sampler.io.engines import drawing

    found = drawing.run(workspace / folder, _bytes(seed), processes)
    out = drawing.name(_bytes(seed))
    data = {"drawn": len(found.drawn), "reserves": len(found.reserves), "folder": out}
    return Reply(data=data, text=f"抽中 {len(found.drawn)} 户，候补 {len(found.reserves)} 户，写入 {folder / out}")


def _bytes(text: str) -> bytes:
    if len(text) != 2 * SEED_BYTES or set(text) - set("0123456789abcdef"):
        raise click.UsageError("根、种子、随机数是 64 位小写十六进制")
    return bytes.fromhex(text)


SAMPLE = click.option("--sample", type=click.IntRange(1, 20_000), metavar="户", help="抽查多少户")
CHALLENGE = click.option(
    "--challenge", metavar="64位十六进制", help="核验人自己定的随机数，在根公布之后；由它定出抽查哪些行"
)


@command("prove", schema="stream")
@FOLDER
@click.argument("object_id", required=False, metavar="编号")
@SAMPLE
@CHALLENGE
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="文件", help="核验文件；默认打印")
def prove(
    workspace: Path, *, folder: Path, object_id: str | None, sample: int | None, challenge: str | None, out: Path | None
) -> Reply:
    """为一户写出核验文件：所在行、随机数、到根的路径；或按核验人的随机数写出抽查的各户（--sample、--challenge）。"""
    from sampler.io.engines import proving, sampling

    if (object_id is None) == (sample is None) or (sample is None) != (challenge is None):
        raise click.UsageError("写一个编号，或者 --sample 和 --challenge")
    found: dict[str, Any]
    if sample is not None and challenge is not None:
        found = {"openings": sampling.openings(workspace / folder, _bytes(challenge), sample)}
    else:
        found = proving.prove(workspace / folder, str(object_id))
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if out:
        (workspace / out).write_text(text + "\n", encoding="utf-8")
    return Reply(data=found, text=str(out or text))


@command("check", schema="stream")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="文件")
@click.option("--root", required=True, metavar="根", help="公布的根")
def check(workspace: Path, *, file: Path, root: str) -> Reply:
    """核验一户的文件：这一行在公布的根之下。"""
    from sampler.io.engines import proving

    opening = _opening(file.name, (workspace / file).read_bytes())
    if opening["root"] != root or not proving.check(opening):
        raise DrawError(
            "STREAM_PROOF", "这一行不在公布的根之下", hint="核对根，向机构索取新的核验文件", place=Place(file=file.name)
        )
    return Reply(data={"row": opening["row"]}, text="在根之下: " + opening["row"].replace("\t", " "))


@command("verify", schema="stream")
@FOLDER
@click.option("--root", required=True, metavar="根", help="公布的根")
@click.option("--seed", required=True, metavar="64位十六进制", help="种子（records.md 3.6）")
@SAMPLE
@CHALLENGE
@click.option(
    "--openings",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="文件",
    help="机构按 --challenge 写出的核验文件；目录里只需公布的表",
)
@PROCESSES
def verify(
    workspace: Path, *, folder: Path, root: str, seed: str, sample: int | None, challenge: str | None,
    openings: Path | None, processes: int,
) -> Reply:  # fmt: skip
    """复核：给拿到整个目录的审计方，逐行重算根、层数、概率和抽取；给公众，抽查若干户（--sample），并说明能排除多少错误。"""
    from sampler.io.engines import auditing

    if sample is not None:
        return _sampled(workspace, folder, root, _bytes(seed), sample, challenge, openings)
    if challenge or openings:
        raise click.UsageError("--challenge、--openings 与 --sample 一起使用")
    steps = auditing.verify(workspace / folder, root, _bytes(seed), processes)
    return Reply(data=_judged(steps), text="\n".join(f"{n}: ok" for n, _ in steps))


def _judged(steps: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the steps as data; refuse where one has failed."""
    failed = [f"{n}: {wrong}" for n, wrong in steps if wrong]
    if failed:
        raise DrawError(
            "STREAM_VERIFY",
            "复核不通过",
            hint="以公布的根和种子为准，向机构索取完整目录",
            found="; ".join(failed)[:500],
        )
    return {"steps": [{"id": n, "status": "ok", "found": ""} for n, _ in steps]}


def _sampled(
    workspace: Path, folder: Path, root: str, seed: bytes, count: int, challenge: str | None, file: Path | None
) -> Reply:
    from sampler.io.engines import sampling
    from sampler.stream.sampling import bound

    if file and not challenge:
        raise click.UsageError("写上当初交给机构的 --challenge")
    _bytes(root)
    asked = _bytes(challenge) if challenge else secrets.token_bytes(SEED_BYTES)
    given = (
        _openings(file.name, (workspace / file).read_bytes())
        if file
        else sampling.openings(workspace / folder, asked, count)
    )
    steps, rows, size = sampling.verify(workspace / folder, root, seed, asked, count, given)
    wrong = bound(size, rows)
    data = {**_judged(steps), "challenge": asked.hex(), "rows": rows, "size": size, "wrong": wrong}
    lines = [f"{n}: ok" for n, _ in steps]
    lines += [
        f"随机数 {asked.hex()}",
        f"抽查 {size} 行中的 {rows} 行，都对。若有 {wrong} 行（{wrong / size:.3%}）或更多不对，这次抽查会以 99.9 % 以上的概率发现。",
    ]
    return Reply(data=data, text="\n".join(lines))


def _openings(name: str, data: bytes) -> list[dict[str, Any]]:
    try:
        held = json.loads(data)["openings"]
        parts = [json.dumps(o).encode() for o in held] if isinstance(held, list) else [b""]
    except (ValueError, TypeError, KeyError, RecursionError):
        parts = [b""]
    return [_opening(name, part) for part in parts]


def _opening(name: str, data: bytes) -> dict[str, Any]:
    """Read an opening; whatever is missing or of another type is refused at once."""
    texts, numbers = {"draw_id", "root", "row", "nonce"}, {"index", "size"}
    found: Any = {}
    try:
        found = json.loads(data)
        ok = found.keys() == {*texts, *numbers, "proof"} and type(found["proof"]) is list
        ok = ok and all(type(found[k]) is int for k in numbers)
        for text in [*(found[k] for k in ("root", "nonce")), *found["proof"]] if ok else []:
            bytes.fromhex(text)
        ok = ok and all(type(found[k]) is str and found[k].encode() for k in texts)
    except (ValueError, TypeError, AttributeError, RecursionError):
        ok = False
    if not ok:
        hint = "用 sampler stream prove 写出的文件"
        raise InputError([Problem(code="STREAM_OPENING", message="不是核验文件", hint=hint, place=Place(file=name))])
    return dict(found)


for _sub in (fetch, commit, draw, prove, check, verify):
    stream.add_command(_sub)
