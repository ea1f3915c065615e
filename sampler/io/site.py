"""Between a workspace and its public site: what goes in, and what may not come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sampler import disclosure, merkle, records, tables
from sampler.errors import StoreError
from sampler.io import agenda, beside, bundle
from sampler.io.workdays import FILE, Workdays, read_workdays
from sampler.plan import Plan
from sampler.publish.site import Office
from sampler.publish.views import Deadline, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sampler.io.session import Session


def office(session: Session) -> Office:
    """Return the agency's side of the site."""
    w = session.workspace
    workdays = read_workdays(w.read(FILE)) if w.exists(FILE) else Workdays()
    newest = _newest(session)
    due, _ = agenda.agenda(session, workdays, session.world.now())
    return Office(
        charter=w.read("charter.json"),
        checkpoint=w.read("log/checkpoint"),
        entries=w.read("log/entries"),
        due=tuple(
            Deadline(draw_id=d.draw_id, what=agenda.WORDS[d.what], day=d.day, count=d.count, overdue=d.overdue)
            for d in due
        ),
        items=w.read(f"draws/{newest}/items.tsv") if newest else b"",
        labels=_labels(session, newest) if newest else {},
    )


def _newest(session: Session) -> str:
    """Return the newest sealed draw that has the 抽查事项清单; nothing before the first."""
    sealed = (str(e["draw_id"]) for e in reversed(session.logged("commitment")))
    return next((d for d in sealed if session.workspace.exists(f"draws/{d}/items.tsv")), "")


def _labels(session: Session, draw_id: str) -> dict[str, str]:
    return {k: v[0] for k, v in _private(session, draw_id, "labels").items()}


def source(session: Session, draw_id: str, size: int | None = None) -> Source:
    """Return a draw as the site is made of it, with the first `size` entries of the log, or with all."""
    files = bundle.assemble(session, draw_id, size)
    objects = _private(session, draw_id, "objects")
    return Source(
        draw_id=draw_id,
        files=files,
        labels=_labels(session, draw_id),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Every text that may not stand on the site yet, with what it is.

    Parameters
    ----------
    nowhere
        What may stand in no file: names, phones, addresses of task pages.
    drawn
        Draw to the objects it drew, while they are not public.
    told
        Objects that some draw has published.
    """

    nowhere: Mapping[str, str]
    drawn: Mapping[str, Mapping[str, str]]
    told: frozenset[str]

    def of_draw(self, draw_id: str) -> dict[str, str]:
        """Return what may not stand in the files of a draw: another draw may show the same object."""
        return {**self.nowhere, **self.drawn.get(draw_id, {})}

    def of_all(self) -> dict[str, str]:
        """Return what may not stand in the files that are of no draw."""
        hidden = {o: what for objects in self.drawn.values() for o, what in objects.items() if o not in self.told}
        return {**self.nowhere, **hidden}

    def of(self, draw_id: str) -> dict[str, str]:
        """Return what may not stand in the files of a draw, or of none."""
        return self.of_draw(draw_id) if draw_id else self.of_all()


def secrets(session: Session) -> Secrets:
    """Return every text that may stand nowhere on the site, and what it is."""
    told: set[str] = set()
    nowhere: dict[str, str] = {}
    hidden: dict[str, dict[str, str]] = {}
    for e in session.logged("registration"):
        draw_id = str(e["draw_id"])
        w, base = session.workspace, f"draws/{e['draw_id']}"
        for inspector, (name, *rest) in _private(session, draw_id, "roster").items():
            nowhere |= {t: f"{inspector} 的姓名或电话" for t in (name, *rest) if len(t) > 1}
        files = {n: w.read(f"{base}/{n}") for n in ("draw.json", "opening.json") if w.exists(f"{base}/{n}")}
        if "draw.json" not in files:
            continue
        nowhere |= dict.fromkeys(_tokens(session, draw_id, files).values(), f"{draw_id} 的任务页地址")
        plan = Plan.parse(w.read(f"{base}/plan.json"), "plan.json")
        drawn = {c.object_id for c in records.Draw.parse(files["draw.json"], "draw.json").drawn}
        if (plan.disclosure, disclosure.stage_of(files)) in disclosure.TOLD:
            told |= drawn
        else:
            hidden[draw_id] = dict.fromkeys(drawn, f"{draw_id} 抽中的对象")
    return Secrets(nowhere=nowhere, drawn=hidden, told=frozenset(told))


class Folder(Mapping[str, bytes]):
    """The files of a site, each read when it is asked for: a site may be larger than memory."""

    def __init__(self, place: Path, paths: Iterable[str]) -> None:
        self._place, self._paths = place, dict.fromkeys(paths)

    def __getitem__(self, path: str) -> bytes:
        """Return a file's bytes."""
        if path not in self._paths:
            raise KeyError(path)
        return self._place.joinpath(path).read_bytes()

    def __contains__(self, path: object) -> bool:
        """Return whether a file is there, without reading it."""
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        """Return the paths."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self._paths)

    def only(self, paths: Iterable[str]) -> Folder:
        """Return some of the files."""
        return Folder(self._place, paths)


def read(site: Path) -> Folder:
    """Return the files of a site."""
    place = beside.recovered(site)
    if not (place / "index.html").is_file():
        raise StoreError("NO_SITE", "这里没有网站", hint="先运行 sampler publish", found=str(site))
    return Folder(place, sorted(p for p in beside.inside(place) if _is_ours(place, p)))


def _is_ours(place: Path, path: str) -> bool:
    return place.joinpath(path).is_file() and not PurePosixPath(path).name.startswith(".")
