"""What the office's documents show of one draw, gathered once from the auditor's bundle.

Names and phones join here and nowhere else: the bundle has none (records.md, 2), and no page outside the office does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sampler.canon import rhash
from sampler.errors import RecordError
from sampler.office.inforce import Team, teams
from sampler.office.text import ROLES
from sampler.office.views import DrawView, Item, Member, Pick, Task, Vacancy
from sampler.tables import NONE
from sampler.wording import (
    CLASSES,
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
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Shared:
    """Visits that serve several draws of a sitting (records.md, 3.17).

    Parameters
    ----------
    merged
        Object to the earlier draw whose visit it is.
    guests
        Object to the later draws that share this draw's visit.
    """

    merged: Mapping[str, str] = field(default_factory=dict)
    guests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def view(
    bundle: Mapping[str, bytes],
    names: Mapping[str, str],
    people: Mapping[str, tuple[str, str]],
    labels: Mapping[str, str],
    addresses: Mapping[str, str] | None = None,
    shared: Shared | None = None,
) -> DrawView:
    """Return the view of a drawn bundle, with the teams in force.

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
    shared
        Which visits are one with visits of other draws.

    Raises
    ------
    RecordError
        ``VIEW_MISSING`` when a file is absent, ``VIEW_TYPE`` when it holds another record, ``VIEW_FIELD`` when a
        field that the documents show is absent or stands for nothing in the bundle, ``VIEW_MIXED`` when the
        records are of different draws.
    """
    papers = Papers(files=bundle, made="lists", missing="VIEW_MISSING", mistyped="VIEW_TYPE")
    try:
        return _Gather(papers, names, people, labels, addresses or {}, shared or Shared()).view()
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
        shared: Shared,
    ) -> None:
        self._papers, self._shared = papers, shared
        self._names, self._people, self._labels = names, people, labels
        self._addresses = addresses
        self._frame = papers.rows("frame.tsv")
        self._roster = papers.rows("roster.tsv")
        self._levels = papers.rows("levels.tsv")
        self._plan = papers.record("plan")
        self._sizes = unit_sizes(self._plan, self._frame)
        lots = papers.record("draw").get("lots", ())
        self._lots = {lot["object_id"]: (lot["size"], tuple(lot["items"])) for lot in lots}
        templates = self._plan["templates"]
        self._groups = {t["template"]: [g["group"] for g in t["groups"]] for t in templates}

    def view(self) -> DrawView:
        record, plan = self._papers.record, self._plan
        charter, seal = record("charter"), record("commitment")
        seed, sitting, drawn = record("seed"), record("sitting"), record("draw")
        who = {p["party"]: p["name"] for p in charter["parties"]}
        amendments = self._papers.numbered("amendment")
        called = {a["reserve"]["object_id"] for a in amendments if "reserve" in a}
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
            tasks=self._tasks(drawn, amendments),
            reserves=tuple(self._pick(p) for p in drawn["reserves"] if p["object_id"] not in called),
            demo="demo" in charter,
            outsider=has_outsider(charter),
            order=tuple(self._text(b) for b in drawn.get("order", ())),
            target=plain(plan["target"]["filter"]) if "target" in plan else "",
            given=given_by(plan),
            amended=len(amendments),
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
            lot=self._lots.get(object_id),
            pi_e12=pi_e12(row, self._levels, self._sizes[unit_of(self._plan, row)]),
        )

    def _trigger(self, object_id: str) -> str:
        """Return what was reported of an object, one line each: why, when, the document's number."""
        listed = self._plan.get("target", {}).get("triggers", ())
        mine = (t for t in listed if t["object_id"] == object_id)
        return "\n".join(f"{TRIGGERS[t['reason']]}　{t['date']}　{self._text(t['source'])}" for t in mine)

    def _tasks(self, drawn: Mapping[str, Any], amendments: Sequence[Mapping[str, Any]]) -> tuple[Task, ...]:
        """Return the tasks in force: those drawn, and behind them the reserves that amendments called."""
        now = teams(self._papers.record("assignment"), amendments, self._groups)
        called = [a["reserve"] for a in amendments if "reserve" in a]
        return tuple(
            self._task(drawn["draw_id"], no, pick, now[pick["object_id"]])
            for no, pick in enumerate([*drawn["drawn"], *called], start=1)
        )

    def _task(self, draw_id: str, no: int, pick: Mapping[str, Any], team: Team) -> Task:
        object_id = pick["object_id"]
        vacant = (Vacancy(group=v["group"], group_text=self._text(v["group"]), count=v["count"]) for v in team.vacant)
        return Task(
            no=no,
            task_id=f"{draw_id}-{no:04d}",
            pick=self._pick(pick),
            team=self._team(team),
            vacant=tuple(vacant),
            changes=team.changes,
            gone=team.gone,
            called=team.called,
            merged=self._shared.merged.get(object_id, ""),
            guests=self._shared.guests.get(object_id, ()),
        )

    def _team(self, team: Team) -> tuple[Member, ...]:
        """Return the members, leader first: the first officer in the template's order of groups; experts never lead."""
        place = {group: n for n, group in enumerate(self._groups[team.template])}
        rank = {m["inspector_id"]: (self._expert(m), place[m["group"]], m["inspector_id"]) for m in team.members}
        ordered = sorted(team.members, key=lambda m: rank[m["inspector_id"]])
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
