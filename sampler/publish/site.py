"""The public site: every page, data file and asset of it, as path to bytes; written by `io`, never here.

Pages name only files whose names carry their content's hash (assets, data folders). Written before the pages that name
them and removed one generation later, they let nobody see half a site, on a file system or in object storage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, tables, trust
from sampler.disclosure import DRAWN, OPENED
from sampler.plan import LEVELS
from sampler.publish import copies, scripts, twins, words
from sampler.publish.english import ENGLISH
from sampler.publish.page import environment
from sampler.publish.views import Bar, Deadline, Source, View, item_rows, outcome_bars, view
from sampler.wording import RESULTS, TYPES, beijing, has_outsider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jinja2 import Environment

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "worker-src blob:; base-uri 'none'; form-action 'none'"
)
LANGUAGES: Final = ("zh", "en")
NAV: Final = (
    ("index.html", "首页", "Home"),
    ("items.html", "抽查事项清单", "Items"),
    ("plans.html", "抽查计划公告", "Plans"),
    ("tasks.html", "抽查任务公告", "Tasks"),
    ("results.html", "抽查结果公告", "Results"),
    ("log.html", "透明日志", "Log"),
    ("proved.html", "证明了什么", "What is proved"),
    ("verify.html", "核验", "Verify"),
)
HASH_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The agency's side: its charter, its log, what is due."""

    charter: bytes
    checkpoint: bytes
    entries: bytes
    due: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A whole site.

    Parameters
    ----------
    files
        Path to bytes, in the order in which they must be written: what is named before what names it.
    batches
        Draw to the number of result batches that this site publishes.
    """

    files: Mapping[str, bytes]
    batches: Mapping[str, int] = field(default_factory=dict)


def build(office: Office, sources: Sequence[Source]) -> Site:
    """Return the site of a workspace; the same input gives the same bytes."""
    views = [view(s) for s in sources]
    files: dict[str, bytes] = {f"assets/{name}": data for name, data in assets().values()}
    for v in views:
        files |= _data(v)
    files |= {"log/checkpoint": office.checkpoint, "log/entries": office.entries}
    files |= twins.files(canon.decode(office.charter)["name"], views)
    for source, v in zip(sources, views, strict=True):
        files |= _task_pages(office, source, v)
    for lang in LANGUAGES:
        files |= _Pages(office, views, sources, lang).all()
    return Site(files=files, batches={v.draw_id: v.batches for v in views if v.batches})


@cache
def assets() -> dict[str, tuple[str, bytes]]:
    """Return kind to file name and bytes of style sheet, page script and kernel."""
    css = environment().get_template("site/site.css").render().encode()
    made = {
        "css": ("site", "css", css),
        "js": ("page", "js", scripts.page()),
        "kernel": ("kernel", "js", scripts.kernel()),
    }
    return {
        kind: (f"{name}-{canon.sha256(data).hex()[:HASH_DIGITS]}.{end}", data)
        for kind, (name, end, data) in made.items()
    }


def _data(v: View) -> dict[str, bytes]:
    """Return a draw's public copy, and the same bytes as a script for readers without a server."""
    if not v.copy:
        return {}
    out = {f"{v.folder}/{p}": d for p, d in v.copy.items()}
    return out | {f"{v.folder}/{p}": d for p, d in copies.wrapped(v.copy).items()}


def _task_pages(office: Office, source: Source, v: View) -> dict[str, bytes]:
    """Return the pages behind the QR codes: certificate numbers and units; no index names them."""
    if v.state not in (DRAWN, OPENED):
        return {}
    roster = tables.decode(
        source.files["roster.tsv"],
        source.files["roster.tsv"].split(b"\n", 1)[0].decode().split("\t"),
        file="roster.tsv",
    )
    unit = dict(zip(roster.key, roster["unit"], strict=True))
    role = dict(zip(roster.key, roster["role"], strict=True))
    template = environment().get_template("site/task.html")
    out = {}
    for object_id, (members, vacant) in teams(source.files).items():
        who = [
            {
                "inspector_id": one,
                "unit": source.labels.get(unit[one], ""),
                "expert": role[one] == "expert",
            }
            for one in members
        ]
        page = template.render(
            d=v, team=who, vacant=vacant, object_id=object_id, site=_site(office, [v]),
            css=assets()["css"][0],
        )  # fmt: skip
        out[f"t/{source.tokens[object_id]}.html"] = page.encode()
    return out


def teams(files: Mapping[str, bytes]) -> dict[str, tuple[list[str], int]]:
    """Return every object's team as amendments left it, and how many of its places are vacant."""
    out = {
        t["object_id"]: ([m["inspector_id"] for m in t["members"]], len(t["vacant"]))
        for t in canon.decode(files["assignment.json"])["teams"]
    }
    for path in sorted(p for p in files if p.startswith("amendments/")):
        for change in canon.decode(files[path])["changes"]:
            members, _ = out.get(change["object_id"], ([], 0))
            left = {m["inspector_id"] for m in change["leaving"]}
            entered = [m["inspector_id"] for m in change["entering"]]
            kept = [m for m in members if m not in left]
            out[change["object_id"]] = (kept + entered, len(change["vacant"]))
    return out


def _site(office: Office, views: Sequence[View]) -> dict[str, Any]:
    charter = canon.decode(office.charter)
    seen: set[str] = set()
    redraws = 0
    for v in views:
        again = v.plan_id in seen
        redraws += again
        seen |= {v.plan_id} if v.void else set()
    return {
        "agency": charter["name"],
        "demo": "demo" in charter,
        "charter": canon.rhash(charter).hex(),
        "log_size": office.entries.count(b"\n"),
        "outsider": has_outsider(charter),
        "counts": {
            "draws": len(views),
            "objects": sum(v.n for v in views if not v.void),
            "voids": sum(bool(v.void) for v in views),
            "redraws": redraws,
            "overdue": sum(d.overdue for d in office.due),
        },
    }


class _Pages:
    """The pages of one language."""

    def __init__(self, office: Office, views: Sequence[View], sources: Sequence[Source], lang: str) -> None:
        self._office, self._views, self._sources, self._lang = office, views, sources, lang
        self._env: Environment = environment()
        self._site = _site(office, views)

    def all(self) -> dict[str, bytes]:
        """Return every page, the home page last."""
        lists: dict[str, dict[str, Any]] = {
            "items.html": {"items": self._items()},
            "plans.html": {"draws": self._views},
            "tasks.html": {"draws": self._views},
            "results.html": self._results(),
            "log.html": {"entries": list(self._entries()), "checkpoint": self._office.checkpoint.decode()},
            "proved.html": self._proved(),
            "verify.html": {},
            "index.html": {"draws": self._views[::-1], "due": self._office.due},
        }
        out = {f"draws/{v.draw_id}.html": self._page("draw.html", f"draws/{v.draw_id}.html", d=v) for v in self._views}
        out |= {path: self._page(path, path, **given) for path, given in lists.items()}
        return out if self._lang == "zh" else {f"en/{path}": data for path, data in out.items()}

    def _page(self, template: str, path: str, **given: Any) -> bytes:
        deep = path.count("/")
        english = self._lang == "en"
        root = "../" * (deep + english)
        page = self._env.get_template(f"site/{template}").render(
            **given, site=self._site, policy=POLICY, nav=NAV, here=path, home="../" * deep, root=root,
            other=root + path if english else f"{root}en/{path}", t=lambda zh, en: en if english else zh,
            say=self._say, clause=self._clause, clock=beijing, **{k: name for k, (name, _) in assets().items()},
        )  # fmt: skip
        return page.encode()

    def _say(self, text: str) -> str:
        return ENGLISH.get(text, text) if self._lang == "en" else text

    def _clause(self, name: str) -> str:
        return name.replace("条款", "Clause") if self._lang == "en" else name

    def _items(self) -> list[dict[str, Any]]:
        latest = next((s.files for s in reversed(self._sources) if "items.tsv" in s.files), {})
        return [
            {
                **row,
                "objects": [TYPES.get(o, o) for o in row["object_types"].split(",")],
                "kind": words.ITEM_KINDS.get(row["kind"], row["kind"]),
                "qualification": words.NEEDS_NONE if row["qualification"] == tables.NONE else row["qualification"],
            }
            for row in item_rows(latest)
        ]

    def _results(self) -> dict[str, Any]:
        rows = [{**{n: getattr(r, n) for n in r.__slots__}, "draw": v} for v in self._views for r in v.results]
        bars = [Bar(name=self._say(RESULTS[str(code)]), value=n, width=w) for code, n, w in outcome_bars(self._views)]
        return {"results": rows, "outcome_bars": bars}

    def _entries(self) -> Iterator[dict[str, Any]]:
        for index, line in enumerate(self._office.entries.splitlines()):
            e = canon.decode(line)
            of = e.get("draw_id") or e.get("sitting_id") or "—"
            yield {"index": index, "name": words.ENTRIES.get(e["type"], e["type"]), "of": of, "leaf": e["leaf"]}

    def _proved(self) -> dict[str, Any]:
        return {
            "levels": [(level, words.LEVELS[level]) for level in LEVELS],
            "proved": {level: words.proved(level) for level in LEVELS},
            "never": words.NEVER,
            "stages": trust.STAGES,
        }
