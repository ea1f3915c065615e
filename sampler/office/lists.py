"""What the office's documents show of one draw, gathered once from the auditor's bundle.

Names and phones join here and nowhere else: the bundle has none (records.md, 2), and no page outside the office does.
A view is plain data; the workbook, its twins and the task sheets only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from sampler.canon import rhash
from sampler.errors import RecordError
from sampler.office.text import ROLES
from sampler.tables import NONE
from sampler.wording import (
    CLASSES,
    GIVEN,
    SEAL_DIGITS,
    TRIGGERS,
    TYPES,
    Papers,
    approval,
    given_by,
    groups_of_four,
    has_outsider,
    pi_e12,
    plain,
    unit_of,
    unit_sizes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One officer or expert of one team. `role` is the roster's, `group` the template's."""

    inspector_id: str
    name: str
    phone: str
    unit: str
    department: str
    district: str
    role: str
    role_text: str
    group: str
    leader: bool

    @property
    def text(self) -> str:
        """Name, certificate number and unit, as the lists and task sheets print them."""
        expert = "，专家" if self.role == "expert" else ""
        known = f"{self.inspector_id}，" if self.name != self.inspector_id else ""
        return f"{self.name}（{known}{self.unit}{expert}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """Places of one slot group that no eligible officer could fill."""

    group: str
    group_text: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the task (抽查事项): its name and legal basis."""

    name: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A drawn object or a reserve. `rank` 0: taken with certainty (必查); `trigger`: the lead it is visited for.

    `given`: the document of the level above that drew it.
    """

    object_id: str
    name: str
    address: str
    district: str
    district_text: str
    type_text: str
    class_text: str
    industry_text: str
    stratum: str
    rank: int
    pi_e12: int
    trigger: str = ""
    given: str = ""

    @property
    def way(self) -> str:
        """How it came into the list (抽取方式)."""
        if self.given:
            return GIVEN
        if self.trigger:
            return "定向"
        return "抽取" if self.rank else "必查"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A drawn object with its place in the list, its task number and its team, leader first."""

    no: int
    task_id: str
    pick: Pick
    team: tuple[Member, ...]
    vacant: tuple[Vacancy, ...]

    @property
    def leader_text(self) -> str:
        """The team leader (组长); empty when no officer could be assigned."""
        return "\n".join(m.text for m in self.team if m.leader)

    @property
    def others_text(self) -> str:
        """The other members (组员), one a line."""
        return "\n".join(m.text for m in self.team if not m.leader)

    @property
    def vacant_text(self) -> str:
        """Vacant places in words; empty when the team is full."""
        return "\n".join(f"{v.group_text}：缺 {v.count} 人" for v in self.vacant)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawView:
    """All that the office's documents need of one draw, in the order of the draw record (by object id).

    Every text is fit to show (:func:`sampler.wording.plain`): no layout has to think of it again.

    Parameters
    ----------
    charter
        Record hash of the charter, for ``verify --charter``.
    seal_code
        The first 40 digits of the sitting hash in groups of four.
    excluded
        Reason and count, by reason.
    parties
        Name of each party and whether its secret entered the seed.
    demo
        Secrets came from a fixed label: for show only.
    outsider
        Some party or witness key is held outside the agency.
    amended
        Number of amendments in the bundle: the teams shown are those of the draw itself.
    """

    draw_id: str
    agency: str
    title: str
    plan_id: str
    period: str
    visits: tuple[str, str]
    approval: tuple[str, str]
    charter: str
    sitting_id: str
    seal_code: str
    seed: str
    source: str
    value: str
    parties: tuple[tuple[str, bool], ...]
    registry: int
    frame: int
    excluded: tuple[tuple[str, int], ...]
    n: int
    items: tuple[Item, ...]
    tasks: tuple[Task, ...]
    reserves: tuple[Pick, ...]
    demo: bool
    outsider: bool
    amended: int
    target: str = ""
    given: str = ""
    order: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """定向 with its filter, 不定向, or the document of the level above."""
        if self.given:
            return f"{GIVEN}：{self.given}"
        return f"定向：{self.target}" if self.target else "不定向"

    @property
    def taken(self) -> str:
        """What the visited objects are called: drawn here, or given."""
        return GIVEN if self.given else "抽中"

    @property
    def districts(self) -> dict[str, tuple[Task, ...]]:
        """Tasks by district code, in increasing order of code."""
        codes = sorted({t.pick.district for t in self.tasks})
        return {c: tuple(t for t in self.tasks if t.pick.district == c) for c in codes}

    @property
    def vacancies(self) -> int:
        """Number of places without an officer."""
        return sum(v.count for v in chain.from_iterable(t.vacant for t in self.tasks))


def view(
    bundle: Mapping[str, bytes],
    names: Mapping[str, str],
    people: Mapping[str, tuple[str, str]],
    labels: Mapping[str, str],
    addresses: Mapping[str, str] | None = None,
) -> DrawView:
    """Return the view of a drawn bundle.

    Parameters
    ----------
    bundle
        Path to bytes of the auditor's bundle (records.md, 6).
    names
        Object id to name; a missing name shows as the id.
    people
        Inspector id to name and phone; a missing name shows as the id.
    labels
        Code to Chinese text for districts, units, departments, industries, types, groups.
    addresses
        Object id to address, where known.

    Raises
    ------
    RecordError
        ``VIEW_MISSING`` when a file is absent, ``VIEW_TYPE`` when it holds another record, ``VIEW_FIELD`` when a
        field that the documents show is absent or stands for nothing in the bundle, ``VIEW_MIXED`` when the
        records are of different draws.
    """
    papers = Papers(files=bundle, made="lists", missing="VIEW_MISSING", mistyped="VIEW_TYPE")
    try:
        return _Gather(papers, names, people, labels, addresses or {}).view()
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise RecordError("VIEW_FIELD", "the bundle lacks what the lists show", hint=papers.hint, found=str(e)) from e


class _Gather:
    """The joins of one view: codes of the bundle meet names and labels."""

    def __init__(
        self,
        papers: Papers,
        names: Mapping[str, str],
        people: Mapping[str, tuple[str, str]],
        labels: Mapping[str, str],
        addresses: Mapping[str, str],
    ) -> None:
        self._papers = papers
        self._names, self._people, self._labels = names, people, labels
        self._addresses = addresses
        self._frame = papers.rows("frame.tsv")
        self._roster = papers.rows("roster.tsv")
        self._levels = papers.rows("levels.tsv")
        self._plan = papers.record("plan")
        self._sizes = unit_sizes(self._plan, self._frame)
        templates = self._plan["templates"]
        self._groups = {t["template"]: [g["group"] for g in t["groups"]] for t in templates}

    def view(self) -> DrawView:
        record, plan = self._papers.record, self._plan
        charter, seal = record("charter"), record("commitment")
        seed, sitting, drawn = record("seed"), record("sitting"), record("draw")
        who = {p["party"]: p["name"] for p in charter["parties"]}
        if {seal["draw_id"], seed["draw_id"]} != {drawn["draw_id"]} or drawn["n"] != len(drawn["drawn"]):
            raise RecordError(
                "VIEW_MIXED", "the records are not of one draw", hint=self._papers.hint, found=drawn["draw_id"]
            )
        return DrawView(
            draw_id=drawn["draw_id"],
            agency=plain(charter["name"]),
            title=plain(plan["title"]),
            plan_id=plan["plan_id"],
            period=plan["period"],
            visits=(plan["visits"]["from"], plan["visits"]["to"]),
            approval=(plain(approval(seal["approval"])), seal["approval"]["date"]),
            charter=rhash(charter).hex(),
            sitting_id=sitting["sitting_id"],
            seal_code=groups_of_four(sitting["sitting"][:SEAL_DIGITS]),
            seed=seed["seed"],
            source=seed["source"],
            value=seed["value"],
            parties=tuple((plain(who[p["party"]]), "r" in p) for p in seed["parties"]),
            registry=seal["registry"],
            frame=seal["frame"]["count"],
            excluded=tuple(sorted(seal["excluded"]["counts"].items())),
            n=drawn["n"],
            items=self._items(),
            tasks=self._tasks(drawn),
            reserves=tuple(self._pick(p) for p in drawn["reserves"]),
            demo="demo" in charter,
            outsider=has_outsider(charter),
            order=tuple(self._text(b) for b in drawn.get("order", ())),
            target=plain(plan["target"]["filter"]) if "target" in plan else "",
            given=given_by(plan),
            amended=sum(path.startswith("amendments/") for path in self._papers.files),
        )

    def _text(self, code: str, own: Mapping[str, str] | None = None) -> str:
        return plain(self._labels.get(code) or (own or {}).get(code, code))

    def _items(self) -> tuple[Item, ...]:
        rows = self._papers.rows("items.tsv")
        return tuple(
            Item(name=plain(rows[i]["name"]), basis=plain(rows[i]["legal_basis"])) for i in self._plan["items"]
        )

    def _pick(self, pick: Mapping[str, Any]) -> Pick:
        object_id = pick["object_id"]
        row = self._frame[object_id]
        return Pick(
            object_id=object_id,
            name=plain(self._names.get(object_id) or object_id),
            address=plain(self._addresses.get(object_id, "")),
            district=row["district"],
            district_text=self._text(row["district"]),
            type_text=self._text(row["type"], TYPES),
            class_text=CLASSES.get(row["class"], row["class"]),
            industry_text="" if row["industry"] == NONE else self._text(row["industry"]),
            stratum=row["stratum"],
            rank=pick["rank"],
            trigger=self._trigger(object_id),
            given=given_by(self._plan),
            pi_e12=pi_e12(row, self._levels, self._sizes[unit_of(self._plan, row)]),
        )

    def _trigger(self, object_id: str) -> str:
        """Return what was reported of an object, one line each: why, when, the document's number."""
        listed = self._plan.get("target", {}).get("triggers", ())
        mine = (t for t in listed if t["object_id"] == object_id)
        return "\n".join(f"{TRIGGERS[t['reason']]}　{t['date']}　{self._text(t['source'])}" for t in mine)

    def _tasks(self, drawn: Mapping[str, Any]) -> tuple[Task, ...]:
        teams = {t["object_id"]: t for t in self._papers.record("assignment")["teams"]}
        return tuple(
            Task(
                no=no,
                task_id=f"{drawn['draw_id']}-{no:04d}",
                pick=self._pick(pick),
                team=self._team(teams[pick["object_id"]]),
                vacant=tuple(
                    Vacancy(group=v["group"], group_text=self._text(v["group"]), count=v["count"])
                    for v in teams[pick["object_id"]]["vacant"]
                ),
            )
            for no, pick in enumerate(drawn["drawn"], start=1)
        )

    def _team(self, team: Mapping[str, Any]) -> tuple[Member, ...]:
        """Return the members, leader first: the first officer in the template's order of groups; experts never lead."""
        place = {group: n for n, group in enumerate(self._groups[team["template"]])}
        rank = {m["inspector_id"]: (self._expert(m), place[m["group"]], m["inspector_id"]) for m in team["members"]}
        ordered = sorted(team["members"], key=lambda m: rank[m["inspector_id"]])
        return tuple(self._member(m, leader=n == 0 and not self._expert(m)) for n, m in enumerate(ordered))

    def _expert(self, member: Mapping[str, Any]) -> bool:
        return self._roster[member["inspector_id"]]["role"] == "expert"

    def _member(self, member: Mapping[str, Any], *, leader: bool) -> Member:
        who = member["inspector_id"]
        row = self._roster[who]
        name, phone = self._people.get(who, ("", ""))
        return Member(
            inspector_id=who,
            name=plain(name or who),
            phone=plain(phone),
            unit=self._text(row["unit"]),
            department=self._text(row["department"]),
            district=row["district"],
            role=row["role"],
            role_text=ROLES.get(row["role"], row["role"]),
            group=member["group"],
            leader=leader,
        )
