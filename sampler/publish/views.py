"""What every page of the site shows of one draw, gathered from its public copy before any page is laid out.

A view asks the level and the stage before it holds anything: a template cannot print what is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from sampler import canon, records, tables, trust
from sampler.disclosure import AFTER, DRAWN, OPENED, SEALED, STANDARD, TOLD, public_copy, stage_of
from sampler.publish import words
from sampler.publish.facts import Facts, facts
from sampler.publish.outcomes import Bar, Outcome, bars, outcomes
from sampler.sources import parse_source
from sampler.wording import TYPES, given_by, has_outsider, plain

REGISTERED: Final = "registered"
FOLDER_DIGITS: Final = 12
"""Digits of the manifest's hash in a data folder's name: new bytes get a new name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One deadline of a draw that is not met yet, in the clerk's words."""

    draw_id: str
    what: str
    day: str
    count: int
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A draw as the workspace holds it.

    Parameters
    ----------
    files
        The auditor's bundle by path, as far as the draw has come.
    labels
        Code to Chinese text (districts, object types, units).
    names
        Object id to name; shown with results only, sole traders' masked.
    natural
        Ids of objects that are natural persons in trade (individual, seller): masked.
    tokens
        Object id to the token of its task page.
    """

    draw_id: str
    files: Mapping[str, bytes]
    labels: Mapping[str, str]
    names: Mapping[str, str]
    natural: frozenset[str]
    tokens: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the pages about all draws show of one; `folder`, where its copy stands below ``data/``, is empty before the seal.

    The folder is named by the copy's manifest, so that a page never meets files of another moment.
    """

    draw_id: str
    title: str
    plan_id: str
    period: str
    scope: str
    visits: tuple[str, str]
    type_name: str
    listed: bool
    items: tuple[str, ...]
    objects: tuple[str, ...]
    state: str
    level: str
    redraw: str
    n: int
    trust: Mapping[str, Any]
    results: tuple[Outcome, ...]
    batches: int
    folder: str

    @property
    def is_drawn(self) -> bool:
        """Whether the draw has taken place."""
        return self.state in (DRAWN, OPENED) or (self.state == words.VOID and self.n > 0)

    @property
    def state_text(self) -> str:
        """State in Chinese."""
        return words.STATES[self.state]

    @property
    def level_text(self) -> str:
        """Level in Chinese."""
        return words.LEVELS[self.level]

    def to_dict(self) -> dict[str, Any]:
        """Return the card as canonical JSON takes it; of a view what a card has."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(Card)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Card:
        """Return a card that :meth:`to_dict` wrote."""
        lists = {k: tuple(v) for k, v in value.items() if isinstance(v, list)}
        return Card(**{**value, **lists, "results": tuple(Outcome(**r) for r in value["results"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Card):
    """One draw as the public sees it; `facts` and `copy` are empty before the seal."""

    filter: str
    order: tuple[str, ...]
    told: bool
    void: str
    facts: Facts | None
    not_proved: tuple[str, ...]
    districts: tuple[Bar, ...]
    loads: tuple[Bar, ...]
    copy: Mapping[str, bytes]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(v) if isinstance(v, Outcome) else v for v in value]
    return dict(value) if isinstance(value, Mapping) else value


def _folder(draw_id: str, copy: Mapping[str, bytes]) -> str:
    return f"{draw_id}/{canon.sha256(copy['manifest.json']).hex()[:FOLDER_DIGITS]}" if copy else ""


def view(source: Source) -> View:
    """Return what the public may see of a draw."""
    plan = canon.decode(source.files["plan.json"])
    sealed = "commitment.json" in source.files
    copy = public_copy(source.files) if sealed else {}
    stage = stage_of(source.files) if sealed else REGISTERED
    told = (plan["disclosure"], stage) in TOLD
    void = canon.decode(source.files["void.json"])["cause"] if "void.json" in source.files else ""
    found = _facts(source, plan["disclosure"], stage) if sealed else None
    charter = canon.decode(source.files["charter.json"])
    results = outcomes(copy, source) if told else ()
    return View(
        draw_id=source.draw_id,
        title=plan["title"],
        plan_id=plan["plan_id"],
        period=plan["period"],
        scope=source.labels.get(plan["scope"], plan["scope"]),
        visits=(plan["visits"]["from"], plan["visits"]["to"]),
        type_name=words.draw_type(plan),
        filter=given_by(plan) or (plain(plan["target"]["filter"]) if "target" in plan else ""),
        order=_order(source, told=told),
        listed=not plan.get("target", {}).keys().isdisjoint({"triggers", "given"}),
        items=_items(source.files, plan),
        objects=tuple(dict.fromkeys(TYPES.get(t["type"], t["type"]) for t in plan["types"])),
        state=words.VOID if void else stage,
        level=plan["disclosure"],
        redraw=canon.decode(source.files["registration.json"]).get("redraw", {}).get("draw_id", ""),
        told=told,
        void=void,
        n=found.n if found and stage in (DRAWN, OPENED) else 0,
        trust=_trust(charter, source.files, attested=any(p.startswith("attestation-") for p in copy)),
        facts=found,
        not_proved=tuple(s for s in found.not_proved if not words.is_trust(s)) if found else (),
        districts=bars(Counter(r.district for r in found.drawn if r.district)) if found else (),
        loads=bars(Counter(i for r in found.drawn for i in r.team)) if found else (),
        results=results,
        batches=sum(p.startswith("results/") for p in copy),
        copy=copy,
        folder=_folder(source.draw_id, copy),
    )


def _order(source: Source, *, told: bool) -> tuple[str, ...]:
    """Return the order of batches once the drawn list is public."""
    drawn = canon.decode(source.files["draw.json"]) if told and "draw.json" in source.files else {}
    return tuple(plain(source.labels.get(b, b)) for b in drawn.get("order", ()))


def _facts(source: Source, level: str, stage: str) -> Facts:
    """Return the facts at the level the copy shows: once opened, a draw shows what `standard` does."""
    shown = STANDARD if level == AFTER and stage == OPENED else level
    return facts(source.files, source.labels, shown, sealed=stage == SEALED)


def _items(files: Mapping[str, bytes], plan: Mapping[str, Any]) -> tuple[str, ...]:
    names = {i["item_id"]: i["name"] for i in item_rows(files)}
    return tuple(names.get(i, i) for i in plan["items"])


def item_rows(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """Return the rows of the sealed 抽查事项清单; none before the seal."""
    if "items.tsv" not in files:
        return []
    columns = records.TABLE_COLUMNS["items.tsv"]
    table = tables.decode(files["items.tsv"], columns, file="items.tsv")
    return [dict(zip(columns, row, strict=True)) for row in table.rows()]


def _trust(charter: Mapping[str, Any], files: Mapping[str, bytes], *, attested: bool) -> dict[str, Any]:
    if "commitment.json" not in files:
        return trust.report(trust.Evidence())
    source = canon.decode(files["commitment.json"])["source"]
    bits = parse_source(source).outcomes.bit_length() - 1
    return trust.report(trust.Evidence(outsider=has_outsider(charter), bits=bits, attested=attested))
