"""Publishing the site: a draw's part is made anew when something of the draw has changed, and kept as it lies when not.

The log is shown to each draw as far as the draw's own last entry (with witnesses: as far as they have cosigned), so
that a finished draw's copy never changes again. The next site is built beside the last and takes its place at once.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sampler
from sampler import canon
from sampler.errors import StoreError
from sampler.estimate import parse_target
from sampler.io import agenda, beside
from sampler.io import site as store
from sampler.publish import sitecheck
from sampler.publish.rates import Answers
from sampler.publish.site import NAV, Office, draw_pages, front, part
from sampler.publish.views import Card
from sampler.sharedlog import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sampler.errors import Problem
    from sampler.io.session import Session

NOTES: Final = "private/pages"
"""What was published where; task pages are among it, so it is private."""
NAMED_BY_HASH: Final = ("data/", "offline/", "assets/")
OURS: Final = frozenset({"data", "offline", "assets", "draws", "t", "log", "api", "en", *(path for path, _, _ in NAV)})
"""What a site has at its top; whatever else lies there was put by others and stays."""
FOLDER_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What came of it: with problems nothing was published."""

    files: int = 0
    written: int = 0
    batches: Mapping[str, int]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """What the site holds of one draw, and of which input it was made."""

    key: str
    paths: tuple[str, ...]
    card: Card
    answers: Answers | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as canonical JSON takes it."""
        said = {"answers": self.answers.to_dict()} if self.answers else {}
        return {"key": self.key, "paths": list(self.paths), "card": self.card.to_dict(), **said}

    @classmethod
    def from_dict(cls, v: dict[str, Any]) -> _Note:
        """Return what :meth:`to_dict` wrote."""
        said = Answers.from_dict(v["answers"]) if "answers" in v else None
        return cls(key=v["key"], paths=tuple(v["paths"]), card=Card.from_dict(v["card"]), answers=said)


def publish(session: Session, site: Path, target: str | None = None) -> Published:
    """Make the site, judge it, put it in the place of the last one.

    Parameters
    ----------
    target
        The rate that the office wants to reach, as ``98.5%``; empty for none, None for that of the last time.

    Raises
    ------
    StoreError
        ``SITE_FOREIGN`` when the directory holds other things than a site, ``SITE_BUSY`` when it cannot be replaced.
    """
    return _Publishing(session, _own(site), target).run()


def _own(site: Path) -> Path:
    """Refuse to replace a directory that holds something else than a site."""
    place = beside.recovered(site)
    held = place.is_dir() and any(not p.name.startswith(".") for p in place.iterdir())
    if held and not (place / "api/index.json").is_file():
        hint = "为网站另选一个新的或空的目录"
        raise StoreError("SITE_FOREIGN", "这个目录里是别的东西，不是网站", hint=hint, found=str(site))
    return place


class _Publishing:
    """One run."""

    def __init__(self, session: Session, place: Path, target: str | None) -> None:
        self._session, self._w, self._place = session, session.workspace, place
        self._folder = f"{NOTES}/{canon.sha256(str(place).encode()).hex()[:FOLDER_DIGITS]}"
        self._target = self._last_target() if target is None else target
        self._goal = parse_target(self._target) if self._target else None
        self._office = store.office(session)
        self._secrets = store.secrets(session)
        self._beside = beside.Beside(place)
        self._elsewhere = {*front(self._office, ()), *(p for d in heads(session) for p in draw_pages(d))}
        self._problems: list[Problem] = []
        self._new: dict[str, _Note] = {}

    def run(self) -> Published:
        """Do it."""
        for draw_id, size in heads(self._session).items():
            self._new[draw_id] = self._part(draw_id, size)
        self._office = self._with_this_done()
        paths = {p for n in self._new.values() for p in n.paths}
        said = [n.answers for n in self._new.values() if n.answers]
        files = front(self._office, [n.card for n in self._new.values()], said, self._goal)
        self._problems += sitecheck.check(files, self._secrets.of_all(), self._office.entries, paths)
        batches = {d: n.card.batches for d, n in self._new.items() if n.card.batches}
        if self._problems:
            self._beside.drop()
            return Published(batches=batches, problems=tuple(self._problems))
        for path, data in files.items():
            self._beside.put(path, data)
        self._switch({*paths, *files})
        for draw_id, number in batches.items():
            self._w.write_json(f"{agenda.PUBLISHED}/{draw_id}.json", {"batches": number})
        return Published(files=len(paths) + len(files), written=self._beside.changed, batches=batches)

    def _with_this_done(self) -> Office:
        """Return the office's side without the deadlines that this publishing meets."""
        met = {d for d, n in self._new.items() if n.card.batches}
        due = (d for d in self._office.due if not (d.what == agenda.WORDS["publish"] and d.draw_id in met))
        return replace(self._office, due=tuple(due))

    def _last_target(self) -> str:
        name = f"{self._folder}/target.json"
        return str(self._w.read_json(name)) if self._w.exists(name) else ""

    def _part(self, draw_id: str, size: int) -> _Note:
        """Return the note of a draw's part, kept or made."""
        key, known = _key(self._session, draw_id, size), self._known(draw_id)
        if known and known.key == key and self._beside.keep_all(known.paths):
            return known
        made = part(self._office, store.source(self._session, draw_id, size))
        secrets = self._secrets.of_draw(draw_id)
        self._problems += sitecheck.check(made.files, secrets, self._office.entries, self._elsewhere)
        for path, data in made.files.items():
            self._beside.put(path, data)
        return _Note(key=key, paths=tuple(made.files), card=made.card, answers=made.answers)

    def _known(self, draw_id: str) -> _Note | None:
        name = f"{self._folder}/{draw_id}.json"
        return _Note.from_dict(self._w.read_json(name)) if self._w.exists(name) else None

    def _switch(self, now: set[str]) -> None:
        """Take over what stays for readers with an old page, and what others put there; switch; note what is there."""
        name = f"{self._folder}/kept.json"
        before: Any = self._w.read_json(name) if self._w.exists(name) else []
        held = set(beside.inside(self._place)) if self._place.is_dir() else set()
        kept = {p for p in held if p.startswith(NAMED_BY_HASH)} - now - set(before)
        for path in sorted(kept | {p for p in held if p.partition("/")[0] not in OURS}):
            self._beside.keep(path)
        self._beside.switch()
        self._w.write_json(name, sorted(kept, key=str.encode))
        for draw_id, note in self._new.items():
            known = self._known(draw_id)
            if known is None or known.key != note.key:
                self._w.write_json(f"{self._folder}/{draw_id}.json", note.to_dict())
        self._w.write_json(f"{self._folder}/target.json", self._target)


def heads(session: Session) -> dict[str, int]:
    """Return every registered draw, in log order, and how much of the log its copy shows.

    As much as holds the last entry of the draw, its sitting, the charter and its keys; where witnesses sign the log, up
    to the first checkpoint after it that enough of them have signed, if there is one.
    """
    own: dict[str, int] = {}
    ends: dict[str, int] = {}
    sitting: dict[str, str] = {}
    common = 0
    for n, e in enumerate(session.journal.rows(), start=1):
        draw_id, sitting_id = e.get("draw_id"), e.get("sitting_id")
        if draw_id:
            own[draw_id] = n
            if sitting_id:
                sitting[draw_id] = sitting_id
        elif sitting_id:
            ends[sitting_id] = n
        else:
            common = n
    signed = _cosigned(session)
    sizes = {d: max(n, common, ends.get(sitting.get(d, ""), 0)) for d, n in own.items()}
    return {d: next(iter(signed[bisect_left(signed, n) :]), n) for d, n in sizes.items()}


def _cosigned(session: Session) -> list[int]:
    """Return the sizes of the checkpoints that enough witnesses signed; none in a log without witnesses."""
    least = session.charter.witness_k
    if not least:
        return []
    w = session.workspace
    names = w.names("log/checkpoints")
    return sorted(int(n.rpartition("/")[2]) for n in names if w.read(n).count("\n— ".encode()) > least)


def _key(session: Session, draw_id: str, size: int) -> str:
    """Return a hash of everything a draw's part is made of: final since it was logged, but for what is listed here."""
    w, base = session.workspace, f"draws/{draw_id}"
    loose = [n for n in w.names(base) if "/attestation-" in n]
    names = [n for n in (f"private/names/{draw_id}-{k}.tsv" for k in ("objects", "labels")) if w.exists(n)]
    head = w.read(f"log/checkpoints/{size:08d}")
    return canon.H("pages", _edition(), head, *(canon.sha256(w.read(n)) for n in (*loose, *names))).hex()


@cache
def _edition() -> bytes:
    """Return a hash of this program: another edition makes other pages."""
    root = Path(sampler.__file__).parent
    texts = sorted(p for p in root.rglob("*") if p.suffix in (".py", ".html", ".css", ".mjs"))
    return canon.sha256(b"".join(canon.lp(p.read_bytes()) for p in texts))


def check(session: Session, site: Path) -> tuple[int, list[Problem]]:
    """Return how many files a site has and what is wrong with it, each draw's files held to what that draw may show."""
    files = store.read(site)
    log, secrets, parts = files.get(ENTRIES, b""), store.secrets(session), dict(_parts(files))
    found = [
        p
        for draw_id, paths in parts.items()
        for p in sitecheck.check(files.only(paths), secrets.of(draw_id), log, files)
    ]
    return len(files), found


def _parts(files: Mapping[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Return the paths of every draw; under the empty name those that are of no draw."""
    out: dict[str, list[str]] = {}
    for path in files:
        folder, _, rest = path.removeprefix("en/").partition("/")
        draw_id = (
            rest.partition("/")[0].removesuffix(".html")
            if folder in ("draws", "data", "offline") and rest[:4] != "log/"
            else ""
        )
        out.setdefault(draw_id, []).append(path)
    yield from out.items()
