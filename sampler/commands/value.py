"""seed: the public value arrives, typed, fetched or called out digit by digit, and is kept with its evidence."""

from __future__ import annotations

from pathlib import Path

import click

from sampler import beacon, records, sources
from sampler.commands.shell import Reply, command
from sampler.io import ceremony
from sampler.io.bundle import sitting_record
from sampler.io.session import Session, need, open_session, plain_hash
from sampler.io.world import TIME_FORM
from sampler.office.hall import hall_minutes
from sampler.sources import Digits, Source, parse_source
from sampler.tables import is_id

BACK = "b"
GROUP = 5


@command("seed")
@click.argument("sitting")
@click.option("--value", default=None, help="开奖号码或现场数字，原样")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path),
    default=None,
    help="从文件读取号码；信标：中继的答复原样保存的 JSON",
)
@click.option("--guided", is_flag=True, help="现场摇号：逐位提示、逐位录入，最后通读确认")
@click.option("--evidence", multiple=True, type=click.Path(path_type=Path), help="报纸扫描件、公告等，只作证据")
def seed(
    workspace: Path, sitting: str, value: str | None, file: Path | None, guided: bool, evidence: tuple[Path, ...]
) -> Reply:
    """记录封存时指定来源的公开数；现场摇号另写一份供签名的纪要。"""
    session = open_session(workspace)
    with session.hold():
        need(session.logged("closing", sitting_id=sitting), "NOT_CLOSED", "该场次还没有截止", "先运行 sampler close")
        source = parse_source(ceremony.source(session, sitting))
        given = (value is not None) + bool(file) + guided
        need(given <= 1, "VALUE_TWICE", "--value、--file 与 --guided 只写一个", "只留一个")
        kept = _evidence(evidence)
        if source.kind == "drand":
            text = _fetched(session, int(source.ids[1]), file, kept)
        elif guided:
            text = _called_out(source)
        else:
            text = file.read_text(encoding="utf-8").strip() if file else (value or "")
        sources.check_value(source.text, text)
        _record(session, sitting, source, text, kept)
        minutes = _minutes(session, sitting, source, text)
    return _reply(session, sitting, source, text, minutes)


def _reply(session: Session, sitting: str, source: Source, text: str, minutes: str) -> Reply:
    weak = "（弱：最后揭示者可以中止）" if source.kind == "parties" else ""
    last = ceremony.last(session, sitting)
    lines = [f"公开数已记录: {source.text} = {text}{weak}"]
    lines += [f"纪要供在场各人签名: {minutes}"] if minutes else []
    lines += [f"现在由 {last} 揭示: sampler reveal {sitting} --party {last}"] if last else []
    data = {"sitting_id": sitting, "source": source.text, "value": text}
    return Reply(data=data | ({"minutes": minutes} if minutes else {}), text="\n".join(lines))


def _record(session: Session, sitting: str, source: Source, text: str, kept: dict[str, bytes]) -> None:
    """Write and log the value; its evidence lies beside it."""
    found = tuple(
        records.Evidence(file=f"evidence/{n}", sha256=plain_hash(kept[n])) for n in sorted(kept, key=str.encode)
    )
    total = sitting_record(session, sitting)
    record = records.PublicValue(
        sitting_id=sitting, sitting=total.sitting, source=source.text, value=text, evidence=found
    )
    record = records.PublicValue.from_dict(record.to_dict())
    session.workspace.write_final(f"sittings/{sitting}/public-value.json", record.encode())
    for name, data in kept.items():
        session.workspace.write_final(f"sittings/{sitting}/evidence/{name}", data)
    session.append(record, sitting_id=sitting)


def _fetched(session: Session, round_: int, file: Path | None, kept: dict[str, bytes]) -> str:
    """Return the value of a round from a relay's answer, checked in full; the answer becomes evidence."""
    time, now = beacon.time_of(round_), session.world.now().strftime(TIME_FORM)
    late = "到时再取；迟到就等，不换轮次，不换来源"
    need(now >= time, "BEACON_EARLY", f"信标第 {round_} 轮在 {time} 之后才有", late)
    hint = f"取来 {beacon.CHAIN} 第 {round_} 轮的答复，原样存成文件，用 --file 给出；{late}"
    need(file, "BEACON_FILE", "信标的公开数由文件给出，不能手写", hint)
    data = file.read_bytes() if file else b""
    signature = beacon.parse(data, round_)
    beacon.check(round_, signature)
    kept[beacon.evidence_name(round_)] = data
    return beacon.value(signature)


def _called_out(source: Source) -> str:
    """Return the digits of a ceremony, each typed as it is called out; `b` takes the last one back."""
    need(source.kind == "ceremony", "GUIDED_KIND", "--guided 只用于现场摇号", "彩票号码用 --value 录入")
    part = source.parts[0]
    length, alphabet = (part.length, part.alphabet) if isinstance(part, Digits) else (0, "")
    found = ""
    while True:
        while len(found) < length:
            word = click.prompt(
                f"第 {len(found) + 1}/{length} 次（{alphabet[0]}-{alphabet[-1]}，{BACK}=退一位）", err=True
            ).strip()
            if word == BACK:
                found = found[:-1]
            elif len(word) == 1 and word in alphabet:
                found += word
            else:
                click.echo(f"只能是 {alphabet} 中的一位", err=True)
        click.echo(f"通读: {in_groups(found)}", err=True)
        if click.confirm("与现场记录逐位一致？", err=True):
            return found
        found = found[:-1]


def in_groups(digits: str) -> str:
    """Return digits in groups of five, as they are read aloud."""
    return " ".join(digits[i : i + GROUP] for i in range(0, len(digits), GROUP))


def _minutes(session: Session, sitting: str, source: Source, text: str) -> str:
    """Write the minutes of a ceremony in the hall and return their place; other sources need none."""
    if source.kind != "ceremony":
        return ""
    names = [p.name for p in session.charter.parties]
    code = sitting_record(session, sitting).sitting
    name = f"lists/{sitting}/现场摇号纪要.docx"
    session.workspace.write(name, hall_minutes(session.charter.name, sitting, code, source, text, names))
    return name


def _evidence(paths: tuple[Path, ...]) -> dict[str, bytes]:
    """Return the evidence by name; nothing is written before the record that lists it."""
    found: dict[str, bytes] = {}
    for p in sorted(paths, key=lambda p: p.name.encode()):
        form = is_id(p.name) and not p.name.startswith(".") and p.name not in found
        need(form, "EVIDENCE_NAME", "证据文件名只能用字母、数字、点、横线，不以点开头，不重名", "改名后再试")
        found[p.name] = p.read_bytes()
    return found
