"""init: a workspace with its charter, keys, an example plan and empty tables to fill in."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Final, NoReturn

import click

from sampler import SPEC, canon, records, signing
from sampler.commands.shell import Reply, command
from sampler.commands.templates import example_plan, workbooks
from sampler.errors import InputError, Problem, StepError, clip
from sampler.io import keys
from sampler.io.monthly import EXAMPLE, FORM
from sampler.io.planwrite import form
from sampler.io.session import Session, open_session
from sampler.io.store import Workspace
from sampler.io.upgrade import SETTINGS, schema
from sampler.io.world import TIME_FORM
from sampler.tables import is_id

CALENDAR = "chinesecalendar-1.11"
AGENCY: Final = re.compile(r"[0-9A-Z]{2,16}")
PARTY_HINT: Final = "例如 --party business=业务股 --party law=法规股"
PARTIES = (("business", "业务股", False), ("law", "法规股", False))
DEMO_PARTIES = (
    ("business", "业务股（演示）", False),
    ("law", "法规股（演示）", False),
    ("notary", "公证处（演示）", True),
)
DEMO_DAY = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)


@command("init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--agency", default="XJSC", metavar="代码", show_default=True, help="机关代码：2 至 16 位大写字母或数字")
@click.option("--name", default="云岭县市场监督管理局", metavar="名称", show_default=True, help="机关名称")
@click.option(
    "--party",
    "parties",
    multiple=True,
    metavar="代码=名称",
    help="参与方，每方写一次，至少两方；默认 business=业务股 与 law=法规股",
)
@click.option(
    "--party-key",
    "public",
    multiple=True,
    type=click.Path(path_type=Path),
    help="参与方自己生成的公钥文件（sampler keys new）；它的私钥不进此工作区",
)
@click.option(
    "--witness-key",
    "witnesses",
    multiple=True,
    type=click.Path(path_type=Path),
    help="见证方的公钥文件（sampler keys new --witness）；超过半数共同签署日志才算数",
)
@click.option("--beacon", is_flag=True, help="章程也允许 drand 信标作公开数（须装 beacon 扩展，取数须能上网）")
@click.option(
    "--approvals", type=click.IntRange(1, 9), default=1, show_default=True, metavar="人数", help="封存和变更须几人批准"
)
@click.option("--demo", "demo_label", default=None, hidden=True, help="演示：秘密与时钟由此标签推出")
def init(
    workspace: Path, *, directory: Path, agency: str, name: str, parties: tuple[str, ...], public: tuple[Path, ...],
    witnesses: tuple[Path, ...], beacon: bool, approvals: int, demo_label: str | None,
) -> Reply:  # fmt: skip
    """建立工作区：章程、密钥、导入模板和示例计划。"""
    root = workspace / directory
    if (root / SETTINGS).exists():
        raise StepError("WORKSPACE_EXISTS", "这里已经是工作区", hint="换一个目录", found=str(directory))
    chosen = _parties(parties) if parties else (DEMO_PARTIES if demo_label else PARTIES)
    _check(agency, chosen)
    given = _public_keys(public, chosen)
    watching = [_public_key(f, "witness") for f in witnesses]
    held = [k.public for k in (*given.values(), *watching)]
    if len(set(held)) < len(held):
        _refuse("KEY_TWICE", "同一把公钥给了两个持有人", "每个参与方、见证方各用自己的钥匙（sampler keys new）", "")
    w = Workspace(root)
    settings = {"schema": schema()}
    if demo_label:
        settings |= {"demo_label": demo_label, "demo_day": DEMO_DAY.strftime(TIME_FORM)}
    w.write_json(SETTINGS, settings)
    session = open_session(root)
    charter = _charter(
        session, agency, name, chosen, given, watching, approvals, demo=demo_label is not None, beacon=beacon
    )
    w.write_final("charter.json", charter.encode())
    session.append(charter)
    plan = example_plan(agency, session.world.now().date())
    w.write(EXAMPLE, plan.encode())
    w.write(FORM, form(tomllib.loads(plan)))
    for file, data in workbooks().items():
        w.write(f"templates/{file}", data)
    text = "\n".join(
        [
            f"工作区已建立: {root}",
            f"章程 {charter.rhash()}（抄存在工作区之外，核验时用 --charter 给出）",
            f"参与方 {'、'.join(f'{p}={n}' for p, n, _ in chosen)}",
            f"下一步: 填好 templates/ 里的表；把 {FORM} 另存为 抽查计划.xlsx，改区划、事项、日期、期号",
            f"  （或照 {EXAMPLE} 写 TOML）；再运行 sampler -C {directory} check templates/*.xlsx",
            f"  和 sampler -C {directory} plan 抽查计划.xlsx",
        ]
    )
    return Reply(
        data={"workspace": str(root), "charter": charter.rhash(), "parties": [p[0] for p in chosen]}, text=text
    )


def _parties(given: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    return tuple((code, name or code, False) for code, _, name in (g.partition("=") for g in given))


def _public_keys(files: tuple[Path, ...], parties: tuple[tuple[str, str, bool], ...]) -> dict[str, records.Key]:
    """Return the public keys that parties made at their own desks, by party."""
    found: dict[str, records.Key] = {}
    for f in files:
        key = _public_key(f, "party")
        if key.owner not in {p for p, _, _ in parties}:
            _refuse("KEY_OTHER", "公钥文件不是所列参与方的", "用 sampler keys new 生成；--party 要写同一代码", f.name)
        found[key.owner] = key
    return found


def _public_key(file: Path, role: str) -> records.Key:
    key = records.Key.from_dict(canon.decode(file.read_bytes()))
    if records.key_id(bytes.fromhex(key.public)) != key.key_id or key.role != role:
        _refuse("KEY_OTHER", "公钥文件不是所列参与方的", "用 sampler keys new 生成；见证方加 --witness", file.name)
    if not signing.sound(bytes.fromhex(key.public)):
        _refuse("KEY_WEAK", "这把公钥谁都能冒签", "请持有人用 sampler keys new 重新生成", file.name)
    return key


def _check(agency: str, parties: tuple[tuple[str, str, bool], ...]) -> None:
    """Refuse what the charter could not hold, before anything is written."""
    if not AGENCY.fullmatch(agency):
        _refuse("AGENCY_FORM", "机关代码不对", "写 2 至 16 位大写字母或数字，例如 --agency XJSC", agency)
    codes = [p for p, _, _ in parties]
    if len(codes) < 2:  # noqa: PLR2004  # one alone could choose the seed
        _refuse("PARTIES_FEW", "至少需要两个参与方", PARTY_HINT, "、".join(codes))
    for code in codes:
        if not is_id(code):
            _refuse("PARTY_FORM", "参与方代码只能用字母、数字、点、横线", PARTY_HINT, code)
        if codes.count(code) > 1:
            _refuse("PARTY_TWICE", "两个参与方的代码相同", PARTY_HINT, code)


def _refuse(code: str, message: str, hint: str, found: str) -> NoReturn:
    raise InputError([Problem(code=code, message=message, hint=hint, found=clip(found))])


def _charter(
    session: Session, agency: str, name: str, parties: tuple[tuple[str, str, bool], ...],
    given: dict[str, records.Key], watching: list[records.Key], approvals: int, *, demo: bool, beacon: bool,
) -> records.Charter:  # fmt: skip
    made = [keys.make(session.workspace, session.world, role, agency) for role in ("agency", "log")]
    made += [
        given[p] if p in given else keys.make(session.workspace, session.world, "party", p, outside=out)
        for p, _, out in parties
    ]
    made += watching
    charter = records.Charter(
        agency=agency, name=name, spec=SPEC,
        keys=tuple(sorted(made, key=lambda k: k.key_id)),
        parties=tuple(sorted((records.Party(party=p, name=n) for p, n, _ in parties), key=lambda p: p.party)),
        sources=("ceremony", *(("drand",) if beacon else ()), "lottery", "parties"), min_reveals=2, approvals=approvals, disclosure="after-inspection",
        calendar=CALENDAR, witness_k=len(watching) // 2 + 1 if watching else None, demo=True if demo else None,
    )  # fmt: skip
    return records.Charter.from_dict(charter.to_dict())
