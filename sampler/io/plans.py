"""The plan as the office writes it, with file names, turned into the plan record and clean tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from sampler import allocation, canon, frame, records, roster, sources, units
from sampler.draw import Sources
from sampler.errors import CanonError, InputError, Place, PlanError, Problem, RecordError
from sampler.io import dated
from sampler.io.approval import approval
from sampler.io.checks import check_file
from sampler.io.earlier import Earlier, by_month
from sampler.io.imported import PRIVATE
from sampler.io.labels import labels
from sampler.io.listed import unknown, with_list, with_lots
from sampler.io.plandoc import read_document
from sampler.io.planfile import input_file, input_path, section
from sampler.io.session import plain_hash
from sampler.plan import Plan, validate
from sampler.tables import NONE, Table, encode, from_rows

KINDS = ("objects", "classes", "roster", "recusals", "items", "caps", "history", "scores")
LONG = ("objects", "classes")
"""Kinds with a row for each object whose files are not hashed: read piece by piece, never held whole."""
SECTIONS = ("files", "approval", "deadlines", "source", "given")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A plan and everything it names, read and checked.

    Parameters
    ----------
    plan
        The validated record.
    sources
        Clean tables for :func:`sampler.draw.commit`.
    private
        Names and phones, for the office's own documents: the bytes of their tables.
    source
        The public source, exact.
    model, training
        SHA-256 of the points table and of the history file, empty when not given.
    warnings
        What the import reports.
    """

    plan: Plan
    sources: Sources
    private: dict[str, bytes]
    source: str
    approval: records.Approval
    reveal_deadline: str
    draw_deadline: str
    model: str
    training: str
    warnings: tuple[Problem, ...]


Past = Callable[[Plan], tuple[frozenset[str], list[Earlier]]]
"""From a plan to the ids of all earlier draws and to those its cool-downs see (`sampler.io.earlier.draws`)."""


def load(path: Path, past: Past = lambda _: (frozenset(), [])) -> PlanFile:
    """Return the plan in `path` with all its files.

    Parameters
    ----------
    path
        The plan, TOML or the Excel form.
    past
        What earlier draws did; none outside a workspace.

    Raises
    ------
    PlanError, InputError
        Every problem of the plan or of its files, with its place.
    """
    document = read_document(path)
    try:
        return _load(path, document.fields, past)
    except (PlanError, RecordError) as e:
        raise document.placed(e) from e


def _load(path: Path, toml: dict[str, Any], past: Past) -> PlanFile:
    files: dict[str, tuple[str, Any]] = {k: (input_path if k in LONG else input_file)(path, toml, k) for k in KINDS}
    plan = plan_record(with_lots(path, with_list(path, toml)), _caps(files["caps"]), path.name)
    codes = dated.load(path.parent, plan.visits.first)
    read = {
        k: check_file(name, data, k, districts=plan.districts, dated=codes)
        for k, (name, data) in files.items()
        if k != "scores"
    }
    problems = [p for r in read.values() for p in r.problems]
    if problems:
        raise InputError(problems)
    private = {k: read[k].private() for k in PRIVATE}
    tables = {k: r.table for k, r in read.items()}
    _check_items(plan, tables["items"])
    if problems := unknown(path, toml, files["objects"][0], tables["objects"]["object_id"]):
        raise InputError(problems)
    source = str(section(toml, "source", path).get("source", ""))
    sources.parse_source(source)
    deadlines = section(toml, "deadlines", path)
    return PlanFile(
        plan=plan,
        sources=_sources(plan, tables, files["scores"][1], past),
        private=private | {"labels": encode(labels(path, toml, files))},
        source=source,
        approval=approval(section(toml, "approval", path), path.name),
        reveal_deadline=str(deadlines.get("reveal", "")),
        draw_deadline=str(deadlines.get("draw", "")),
        model=_hash_of(path, toml, "model"),
        training=_training(path, toml, files["history"][1]),
        warnings=tuple(w for r in read.values() for w in r.warnings),
    )


def plan_record(toml: dict[str, Any], caps: list[dict[str, Any]], file: str) -> Plan:
    """Return the validated plan record of a TOML plan; fractions are written `1/5` there."""
    fields = {k: v for k, v in toml.items() if k not in SECTIONS}
    if "caps" not in fields:
        year = str(fields.get("period", ""))[:4]
        mine = (c for c in caps if c["item"] in fields.get("items", []) and c["year"] == year)
        fields["caps"] = [{k: v for k, v in c.items() if k != "year"} for c in mine]
    try:
        if isinstance(fields.get("risk"), dict) and "floor" in fields["risk"]:
            fields["risk"] = {**fields["risk"], "floor": _fraction(fields["risk"]["floor"])}
        if "q_max" in fields:
            fields["q_max"] = _fraction(fields["q_max"])
        plan = Plan.from_dict({"type": "plan", **fields})
    except RecordError as e:
        p = e.problem
        hint = "字段见 docs/spec/records.md 3.2"
        raise PlanError(
            e.code,
            f"计划字段不对: {p.message}",
            hint=hint,
            place=Place(file=file, column=p.place.column),
            found=p.found,
        ) from e
    return validate(plan)


def _fraction(text: object) -> dict[str, str]:
    try:
        value = Fraction(str(text))
    except (ValueError, ZeroDivisionError) as e:
        raise PlanError("PLAN_RATIO", "应写分数，如 1/5", hint="写 0 到 1 之间的分数", found=text) from e
    return {"num": str(value.numerator), "den": str(value.denominator)}


def _hash_of(path: Path, toml: dict[str, Any], kind: str) -> str:
    named = kind in section(toml, "files", path)
    return plain_hash(input_file(path, toml, kind)[1]) if named else ""


def _training(path: Path, toml: dict[str, Any], history: bytes) -> str:
    """Return the hash of the training rows that the points table names, else of the history file."""
    if "model" in section(toml, "files", path):
        name, data = input_file(path, toml, "model")
        try:
            named = canon.decode(data).get("trained_on", "")
        except (CanonError, AttributeError) as e:
            raise PlanError(
                "MODEL_FORM", "积分表不是规范的 JSON", hint="用 sampler train 重新生成", place=Place(file=name)
            ) from e
        if isinstance(named, str) and len(named) == len(plain_hash(b"")):
            return named
    return plain_hash(history)


def _caps(file: tuple[str, bytes]) -> list[dict[str, Any]]:
    read = check_file(*file, "caps")
    if read.problems:
        raise InputError(read.problems)
    t = read.table
    columns = (t[c] for c in ("item", "department", "year", "cap"))
    return [{"item": i, "department": d, "year": y, "cap": int(c)} for i, d, y, c in zip(*columns, strict=True)]


def _check_items(plan: Plan, items: Table) -> None:
    listed = set(items["item_id"])
    kinds = dict(zip(items["item_id"], items["kind"], strict=True))
    general = next((i for i in plan.items if plan.batches and kinds.get(i) == "general"), None)
    if general is not None:
        hint = "只有重点检查事项可以抽批次次序；去掉 batches，或分成两个计划"
        place = Place(file="plan", column="batches")
        raise PlanError("BATCH_GENERAL", "一般检查事项不抽批次次序", hint=hint, place=place, found=general)
    for item in plan.items:
        if item not in listed:
            raise PlanError(
                "ITEM_UNLISTED",
                "抽查事项不在已公布的清单中，不得检查",
                hint="先公布事项，或改用清单内的事项",
                place=Place(file="plan", column="items"),
                found=item,
            )


def _sources(plan: Plan, t: dict[str, Table], scores: bytes, past: Past) -> Sources:
    classes = dict(zip(t["classes"]["object_id"], t["classes"]["class"], strict=True))
    owner = owners(t["objects"]) if plan.owners else {}
    known, seen = past(plan)
    visits = _visits(t["history"], plan.period[:4], owner, frozenset(e.draw_id for e in seen if e.triggered))
    registry = frame.Registry(objects=t["objects"], classes=classes, visits=visits)
    return Sources(
        registry=registry,
        history=history_table(t["history"], plan, classes, known, seen, owner),
        items=from_rows(records.TABLE_COLUMNS["items.tsv"], t["items"].rows()),
        roster=from_rows(roster.ROSTER_COLUMNS, t["roster"].rows()),
        recusals=_recusals(t["recusals"], rotation(t["history"], t["roster"]) if plan.assignment.rotate else []),
        scores=scores,
    )


def owners(objects: Table) -> dict[str, str]:
    """Return object to owner, of all objects of the registry."""
    columns = zip(objects["object_id"], objects["owner_id"], strict=True)
    return {oid: units.owner_of(oid, owner) for oid, owner in columns}


def _visits(
    history: Table, year: str, owner: Mapping[str, str], exempt: frozenset[str] = frozenset()
) -> dict[tuple[str, str], int]:
    """Return the visits of a calendar year by unit and item, without those of the `exempt` draws.

    One visit may be for several items.
    """
    visits: Counter[tuple[str, str]] = Counter()
    columns = (history[c] for c in ("object_id", "date", "item", "draw_id"))
    for oid, date, items, draw_id in zip(*columns, strict=True):
        if date.startswith(f"{year}-") and draw_id not in exempt:
            visits.update((owner.get(oid, oid), item) for item in items.split(","))
    return visits


def history_table(
    history: Table,
    plan: Plan,
    classes: Mapping[str, str],
    known: frozenset[str],
    earlier: list[Earlier],
    owner: Mapping[str, str] | None = None,
) -> Table:
    """Return history.tsv: who was or could have been drawn in the months that its class's cool-down can see.

    Parameters
    ----------
    history
        The office's list of visits. Of these only visits by draws made elsewhere enter, in the month of the visit;
        a visit outside any draw (a complaint, a campaign) starts no cool-down, or W would not hold.
    plan, classes
        The plan, and object to class.
    known, earlier
        Ids of all draws of this workspace, whose own records stand for their visits, and the draws in sight.
    owner
        Object to owner where owners are drawn, else empty. What a draw elsewhere gave an owner of several objects is
        unknown.
    """
    now, owner = frame.month_number(plan.period), owner or {}
    rows: dict[str, tuple[str, ...]] = {}
    sight: dict[str, int] = {}
    for oid, class_ in classes.items():
        unit = owner.get(oid, oid)
        sight[unit] = max(sight.get(unit, 0), plan.cool_months(class_))
    several = {unit for unit, n in Counter(owner.values()).items() if n > 1}

    def seen(unit: str, month: str) -> bool:
        return 0 < now - frame.month_number(month) <= sight.get(unit, 0)

    columns = (history[c] for c in ("object_id", "date", "draw_id", "pi"))
    for oid, date, draw_id, pi in sorted(zip(*columns, strict=True)):
        unit = owner.get(oid, oid)
        if draw_id not in ("", NONE) and draw_id not in known and seen(unit, date[:7]):
            key = f"{unit}/{date[:7]}"
            rows.setdefault(key, (key, draw_id, NONE if unit in several else _e12(pi), "1"))
    for key, (draw_id, pi_e12, drawn) in by_month(earlier, owners=plan.owners):
        unit, _, month = key.rpartition("/")
        if seen(unit, month) and (drawn or key not in rows):
            rows[key] = (key, draw_id, NONE if pi_e12 is None else str(pi_e12), "1" if drawn else "0")
    return from_rows(records.TABLE_COLUMNS["history.tsv"], rows.values())


def _e12(pi: str) -> str:
    if pi in ("", NONE):
        return NONE
    return str(allocation.round_e12(Fraction(pi)))


def _recusals(t: Table, rotated: list[tuple[str, str]]) -> Table:
    """Return recusals.tsv; who was at an object last time is listed like any other, under a reason of its own."""
    columns = (t[c] for c in ("inspector", "kind", "target", "reason", "asked_by"))
    listed = [*zip(*columns, strict=True), *((i, "object", o, "last-visit", "rule") for i, o in rotated)]
    rows: dict[str, tuple[str, ...]] = {}
    for i, k, o, reason, by in listed:
        key = roster.rec_id(i, k, o)
        rows.setdefault(key, (key, i, k, o, reason or NONE, by or NONE))
    return from_rows(roster.RECUSAL_COLUMNS, rows.values())


def rotation(history: Table, people: Table) -> list[tuple[str, str]]:
    """Return (officer, object) of the latest visit of every object, for officers still on the roster."""
    known, last = set(people["inspector_id"]), dict[str, str]()
    for oid, date in zip(history["object_id"], history["date"], strict=True):
        last[oid] = max(date, last.get(oid, ""))
    columns = (history[c] for c in ("object_id", "date", "inspector_id"))
    found = {
        (who, oid) for oid, date, team in zip(*columns, strict=True) if date == last[oid] for who in team.split(",")
    }
    return sorted((who, oid) for who, oid in found if who in known)
