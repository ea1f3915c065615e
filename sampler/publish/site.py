"""The public site: every page, data file and asset of it, as path to bytes; written by `io`, never here.

A site is a part for each draw, which depends on that draw alone, and a front, which is made anew each time. Pages name
only files whose names carry their content's hash (assets, data folders), and the log, which only grows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, tables, trust
from sampler.disclosure import DRAWN, OPENED
from sampler.plan import LEVELS
from sampler.publish import copies, scripts, twins, words
from sampler.publish.english import ENGLISH, ONE
from sampler.publish.outcomes import by_category, months
from sampler.publish.page import environment
from sampler.publish.rates import Answers, Rate, answers, rate, recent
from sampler.publish.views import Card, Deadline, Source, View, item_rows, view
from sampler.sharedlog import ENTRIES
from sampler.wording import QUALIFICATIONS, TYPES, beijing, has_outsider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
JOINTS: Final = {"、": ", ", "　": ": "}
"""What joins the words of a clause, in Chinese and English."""
_JOINT: Final = re.compile("([、　])")
HASH_DIGITS: Final = 12
MOST_ROWS: Final = 500
"""Rows of a page's longest table: the newest; a draw's own page and the CSV have all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The agency's side: its charter, its log, what is due, the item list of its newest seal and the words of its codes."""

    charter: bytes
    checkpoint: bytes
    entries: bytes
    due: tuple[Deadline, ...] = ()
    items: bytes = b""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a site holds of one draw: its files by path, and what the pages about all draws are made of.

    Parameters
    ----------
    card
        What these pages show.
    answers
        What rates are computed from; it holds weights, and no page does.
    """

    card: Card
    files: Mapping[str, bytes]
    answers: Answers | None


def part(office: Office, source: Source) -> Part:
    """Return the part of one draw; the same input gives the same bytes, whatever else is published."""
    v = view(source)
    said = answers(source.files, v.copy) if v.results and not v.void else None
    files = _data(v) | _task_pages(office, source, v)
    for lang in LANGUAGES:
        files |= _Pages(office, lang).draw(v, rate([said]) if said and said.is_open else None)
    return Part(card=Card.from_dict(v.to_dict()), files=files, answers=said)  # a view would keep the whole copy


def draw_pages(draw_id: str) -> list[str]:
    """Return the paths of a draw's pages, to which other draws may point."""
    return [f"draws/{draw_id}.html", f"en/draws/{draw_id}.html"]


def front(
    office: Office, cards: Sequence[Card], said: Sequence[Answers] = (), target: float | None = None
) -> dict[str, bytes]:
    """Return what is not of one draw: the pages about all, the log, the lists for programs, style and scripts.

    Parameters
    ----------
    cards, said
        Of all draws, in log order.
    target
        The rate that the office wants to reach.
    """
    told = _rates(said, target)
    files: dict[str, bytes] = {f"assets/{name}": data for name, data in assets().values()}
    files |= {"log/checkpoint": office.checkpoint, ENTRIES: office.entries}
    files |= {f"{copies.FOLDER}/log/{p}": d for p, d in copies.wrapped({ENTRIES: office.entries}).items()}
    files |= twins.files(canon.decode(office.charter)["name"], cards, item_list(office))
    for lang in LANGUAGES:
        files |= _Pages(office, lang).front(cards, told)
    return files


def _rates(said: Sequence[Answers], target: float | None) -> dict[str, Any]:
    """Return the rate of the last twelve months, and of every month all of whose draws are open."""
    of: dict[str, list[Answers]] = {}
    for a in said:
        of.setdefault(a.period, []).append(a)
    year = recent(said)
    span = (min(a.period for a in year), max(a.period for a in year)) if year else ("", "")
    return {
        "year": rate(year, target),
        "span": span,
        "months": {month: rate(some) for month, some in of.items() if all(a.is_open for a in some)},
    }


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
    """Return a draw's public copy without its log, and the same bytes as a script for readers without a server."""
    if not v.copy:
        return {}
    held = {p: d for p, d in v.copy.items() if p != ENTRIES}
    scripts = {f"{copies.FOLDER}/{v.folder}/{p}": d for p, d in copies.wrapped(held).items()}
    return {f"data/{v.folder}/{p}": d for p, d in held.items()} | scripts


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
            d=v, team=who, vacant=vacant, object_id=object_id, site=_site(office),
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


def _site(office: Office) -> dict[str, Any]:
    charter = canon.decode(office.charter)
    return {
        "agency": charter["name"],
        "demo": "demo" in charter,
        "charter": canon.rhash(charter).hex(),
        "outsider": has_outsider(charter),
    }


def _counts(office: Office, cards: Sequence[Card]) -> dict[str, int]:
    return {
        "draws": len(cards),
        "objects": sum(c.n for c in cards if c.state != words.VOID),
        "voids": sum(c.state == words.VOID for c in cards),
        "redraws": sum(bool(c.redraw) for c in cards),
        "overdue": sum(d.overdue for d in office.due),
    }


def item_list(office: Office) -> list[dict[str, Any]]:
    """Return the rows of the 抽查事项清单 in the clerk's words."""
    known = {tables.NONE: words.NEEDS_NONE, **QUALIFICATIONS, **office.labels}
    return [
        {
            **row,
            "objects": [TYPES.get(o, o) for o in row["object_types"].split(",")],
            "kinds": [words.ITEM_KINDS.get(row["kind"], row["kind"])],
            "needs": [known.get(q, q) for q in row["qualification"].split(",")],
        }
        for row in item_rows({"items.tsv": office.items} if office.items else {})
    ]


def _newest(cards: Sequence[Card]) -> dict[str, Any]:
    return {"draws": cards[:MOST_ROWS], "more": len(cards) - MOST_ROWS}


class _Pages:
    """The pages of one language."""

    def __init__(self, office: Office, lang: str) -> None:
        self._office, self._lang = office, lang
        self._env: Environment = environment()
        self._site = _site(office)

    def draw(self, v: View, told: Rate | None) -> dict[str, bytes]:
        """Return the page of one draw."""
        path = f"draws/{v.draw_id}.html"
        return {self._path(path): self._page("draw.html", path, d=v, rate=told)}

    def front(self, cards: Sequence[Card], told: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the pages that are not of one draw."""
        lists: dict[str, dict[str, Any]] = {
            "index.html": {"draws": cards[::-1], "due": self._office.due, "counts": _counts(self._office, cards)},
            "items.html": {"items": item_list(self._office)},
            "plans.html": _newest(cards[::-1]),
            "tasks.html": _newest([c for c in cards[::-1] if c.is_drawn]),
            "results.html": self._results(cards) | {"rates": told},
            "log.html": self._log(),
            "proved.html": self._proved(),
            "verify.html": {},
        }
        return {self._path(path): self._page(path, path, **given) for path, given in lists.items()}

    def _path(self, path: str) -> str:
        return path if self._lang == "zh" else f"en/{path}"

    def _page(self, template: str, path: str, **given: Any) -> bytes:
        deep = path.count("/")
        english = self._lang == "en"
        root = "../" * (deep + english)
        page = self._env.get_template(f"site/{template}").render(
            **given, site=self._site, policy=POLICY, nav=NAV, here=path, home="../" * deep, root=root,
            other=root + path if english else f"{root}en/{path}", t=lambda zh, en: en if english else zh,
            say=self._say, one=self._one, clause=self._clause, clock=self._clock, **{k: name for k, (name, _) in assets().items()},
        )  # fmt: skip
        return page.encode()

    def _say(self, text: str) -> str:
        return ENGLISH.get(text, text) if self._lang == "en" else words.typeset(text)

    def _one(self, kind: str) -> str:
        return ONE.get(kind, kind) if self._lang == "en" else kind

    def _clause(self, name: str) -> str:
        if self._lang == "zh":
            return name
        return "".join(
            JOINTS.get(word) or ENGLISH.get(word, word) for word in _JOINT.split(name.replace("条款", "Clause"))
        )

    def _clock(self, time: str) -> str:
        return beijing(time).replace("（北京时间）", " (Beijing time)") if self._lang == "en" else beijing(time)

    def _results(self, cards: Sequence[Card]) -> dict[str, Any]:
        rows = [(c, r) for c in cards[::-1] for r in c.results]
        bars = [replace(b, name=self._say(b.name)) for b in by_category(cards)] if rows else []
        late = [d for d in self._office.due if d.overdue]
        return {
            "results": rows[:MOST_ROWS], "more": len(rows) - MOST_ROWS, "outcome_bars": bars, "months": months(cards), "late": late,
            "periods": sorted({c.period for c, _ in rows}, reverse=True),
        }  # fmt: skip

    def _log(self) -> dict[str, Any]:
        lines = self._office.entries.splitlines()
        rows = [self._entry(n, lines[n]) for n in range(max(0, len(lines) - MOST_ROWS), len(lines))]
        return {"entries": rows[::-1], "size": len(lines), "checkpoint": self._office.checkpoint.decode().splitlines()}

    def _entry(self, index: int, line: bytes) -> dict[str, Any]:
        e = canon.decode(line)
        of = e.get("draw_id") or e.get("sitting_id") or "—"
        return {"index": index, "name": words.ENTRIES.get(e["type"], e["type"]), "of": of, "leaf": e["leaf"]}

    def _proved(self) -> dict[str, Any]:
        return {
            "levels": [(level, words.LEVELS[level]) for level in LEVELS],
            "proved": {level: words.proved(level) for level in LEVELS},
            "withheld": words.WITHHELD,
            "never": words.NEVER,
            "stages": trust.STAGES,
        }
