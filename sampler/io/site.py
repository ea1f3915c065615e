"""Between a workspace and its public site: what goes in, and how a reader never meets half of it.

Files are written in the order of `Site.files`: data and assets, whose names carry their hash, before the pages that name
them, the home page last. What the last site had and this one has not is removed; data and assets only one publishing
later, for readers whose page is still open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sampler import canon, disclosure, merkle, records, tables
from sampler.errors import StoreError
from sampler.io import agenda, bundle
from sampler.io.store import write_file
from sampler.io.workdays import FILE, Workdays, read_workdays
from sampler.plan import Plan
from sampler.publish.site import Office, Site
from sampler.publish.views import Deadline, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sampler.io.session import Session

KEPT: Final = "private/site.json"
"""What the last two sites held: task pages are among it, so it is private."""
NAMED_BY_HASH: Final = ("data/", "assets/")


def office(session: Session) -> Office:
    """Return the agency's side of the site."""
    w = session.workspace
    workdays = read_workdays(w.read(FILE)) if w.exists(FILE) else Workdays()
    due, _ = agenda.agenda(session, workdays, session.world.now())
    return Office(
        charter=w.read("charter.json"),
        checkpoint=w.read("log/checkpoint"),
        entries=w.read("log/entries"),
        due=tuple(
            Deadline(draw_id=d.draw_id, what=agenda.WORDS[d.what], day=d.day, count=d.count, overdue=d.overdue)
            for d in due
        ),
    )


def sources(session: Session) -> list[Source]:
    """Return every registered draw, in log order."""
    return [_source(session, str(e["draw_id"])) for e in session.logged("registration")]


def _source(session: Session, draw_id: str) -> Source:
    files = bundle.assemble(session, draw_id)
    objects = _private(session, draw_id, "objects")
    return Source(
        draw_id=draw_id,
        files=files,
        labels={k: v[0] for k, v in _private(session, draw_id, "labels").items()},
        names={k: v[0] for k, v in objects.items()},
        natural=_natural(files),
        tokens=_tokens(session, draw_id, files),
    )


def _natural(files: dict[str, bytes]) -> frozenset[str]:
    """Return the sole traders, whose names are mostly their owners'."""
    if "frame.tsv" not in files:
        return frozenset()
    frame = tables.decode(files["frame.tsv"], records.TABLE_COLUMNS["frame.tsv"], file="frame.tsv")
    return frozenset(o for o, kind in zip(frame.key, frame["type"], strict=True) if kind == "individual")


def _tokens(session: Session, draw_id: str, files: dict[str, bytes]) -> dict[str, str]:
    if "draw.json" not in files:
        return {}
    secret = bytes.fromhex(session.workspace.read(f"private/secrets/{draw_id}.key").decode())
    draw = records.Draw.parse(files["draw.json"], "draw.json")
    return {c.object_id: merkle.token(secret, draw_id, c.object_id) for c in (*draw.drawn, *draw.reserves)}


def _private(session: Session, draw_id: str, kind: str) -> dict[str, tuple[str, ...]]:
    """Return id to private fields; none where the workspace has none."""
    name = f"private/names/{draw_id}-{kind}.tsv"
    if not session.workspace.exists(name):
        return {}
    data = session.workspace.read(name)
    table = tables.decode(data, data.split(b"\n", 1)[0].decode().split("\t"), file=name)
    return {row[0]: tuple(row[1:]) for row in table.rows()}


def secrets(session: Session) -> dict[str, str]:
    """Return every text that may stand nowhere on the site, and what it is."""
    told: set[str] = set()
    out: dict[str, str] = {}
    for e in session.logged("registration"):
        draw_id = str(e["draw_id"])
        files = bundle.assemble(session, draw_id)
        for inspector, (name, *rest) in _private(session, draw_id, "roster").items():
            out |= {t: f"{inspector} 的姓名或电话" for t in (name, *rest) if len(t) > 1}
        if "draw.json" not in files:
            continue
        out |= dict.fromkeys(_tokens(session, draw_id, files).values(), f"{draw_id} 的任务页地址")
        plan = Plan.parse(files["plan.json"], "plan.json")
        draw = records.Draw.parse(files["draw.json"], "draw.json")
        drawn = {c.object_id for c in draw.drawn}
        if (plan.disclosure, disclosure.stage_of(files)) in disclosure.TOLD:
            told |= drawn
        else:
            out |= dict.fromkeys(drawn, f"{draw_id} 抽中的对象")
    return {k: v for k, v in out.items() if k not in told}


def read(site: Path) -> dict[str, bytes]:
    """Return the files of a site."""
    if not (site / "index.html").is_file():
        raise StoreError("NO_SITE", "这里没有网站", hint="先运行 sampler publish", found=str(site))
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in _files(site)}


def _files(site: Path) -> Iterator[Path]:
    return (p for p in sorted(site.rglob("*")) if p.is_file() and not p.name.startswith("."))


def write(session: Session, site: Path, made: Site) -> int:
    """Write a site over the last one and note what is public; return how many files changed."""
    w = session.workspace
    before: Any = w.read_json(KEPT) if w.exists(KEPT) else {}
    known = {str(site.resolve()): {"now": [], "before": []}} | before
    last = known[str(site.resolve())]
    keep = {p for p in last["now"] if p.startswith(NAMED_BY_HASH)}
    now = sorted(made.files, key=str.encode)
    known[str(site.resolve())] = {"now": now, "before": sorted(keep | set(last["now"]), key=str.encode)}
    w.write(KEPT, canon.encode(known))
    changed = 0
    for path, data in made.files.items():
        target = site.joinpath(*path.split("/"))
        if not (target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data):
            write_file(target, data)
            changed += 1
    for path in {*last["now"], *last["before"]} - set(now) - keep:
        site.joinpath(*path.split("/")).unlink(missing_ok=True)
    for draw_id, batches in made.batches.items():
        w.write_json(f"{agenda.PUBLISHED}/{draw_id}.json", {"batches": batches})
    return changed
