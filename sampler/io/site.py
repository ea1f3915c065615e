"""Between a workspace and its public site: what goes in, and how a reader never meets half of it.

The next site is built beside the last one and takes its place at once (:mod:`sampler.io.beside`). What the last one had
and the next one has not is gone; data and assets, whose names carry their hash, one publishing later, for readers whose
page is still open. Files in the directory that were never ours stay.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sampler import disclosure, merkle, records, tables
from sampler.errors import StoreError
from sampler.io import agenda, beside, bundle
from sampler.io.workdays import FILE, Workdays, read_workdays
from sampler.plan import Plan
from sampler.publish.site import Office, Site
from sampler.publish.views import Deadline, Source

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.io.session import Session
    from sampler.io.store import Workspace

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
    place = beside.recovered(site)
    if not (place / "index.html").is_file():
        raise StoreError("NO_SITE", "这里没有网站", hint="先运行 sampler publish", found=str(site))
    return {p: place.joinpath(p).read_bytes() for p in sorted(beside.inside(place)) if _is_ours(place, p)}


def _is_ours(place: Path, path: str) -> bool:
    return place.joinpath(path).is_file() and not PurePosixPath(path).name.startswith(".")


def write(session: Session, site: Path, made: Site) -> int:
    """Put a site in the place of the last one, at once, and note what is public; return how many files changed.

    Raises
    ------
    StoreError
        ``SITE_FOREIGN`` when the directory holds other things than a site, ``SITE_BUSY`` when it cannot be replaced.
    """
    w = session.workspace
    following = beside.Beside(_own(site))
    place = str(following.place)
    before: Any = w.read_json(KEPT) if w.exists(KEPT) else {}
    last = before.get(place, {"now": [], "before": []})
    keep = {p for p in last["now"] if p.startswith(NAMED_BY_HASH)} - made.files.keys()
    ours = {*last["now"], *last["before"], *made.files}
    _note(w, before, place, now=ours, kept=set())  # of all that may be ours, whichever site a crash leaves
    for path, data in made.files.items():
        following.put(path, data)
    if following.place.is_dir():
        for path in sorted(keep | set(beside.inside(following.place)) - ours):
            following.keep(path)
    following.switch()
    _note(w, before, place, now=set(made.files), kept=keep)
    for draw_id, batches in made.batches.items():
        w.write_json(f"{agenda.PUBLISHED}/{draw_id}.json", {"batches": batches})
    return following.changed


def _own(site: Path) -> Path:
    """Refuse to replace a directory that holds something else than a site."""
    place = beside.recovered(site)
    held = place.is_dir() and any(not p.name.startswith(".") for p in place.iterdir())
    if held and not (place / "api/index.json").is_file():
        hint = "为网站另选一个新的或空的目录"
        raise StoreError("SITE_FOREIGN", "这个目录里是别的东西，不是网站", hint=hint, found=str(site))
    return place


def _note(w: Workspace, before: dict[str, Any], place: str, *, now: set[str], kept: set[str]) -> None:
    listed = {"now": sorted(now, key=str.encode), "before": sorted(kept, key=str.encode)}
    w.write_json(KEPT, before | {place: listed})
