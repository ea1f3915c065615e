"""What the office's documents show of one draw, as plain data: the workbook, its twins and the forms only lay it out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from sampler.wording import GIVEN


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

    `given`: the document of the level above that drew it; `lot`: number of items of the lot, and those to take, in order.
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
    lot: tuple[int, tuple[int, ...]] | None = None

    @property
    def lot_text(self) -> str:
        """Which items of the lot to take, in the order drawn; empty where no items are drawn."""
        if self.lot is None:
            return ""
        return f"抽样基数 {self.lot[0]}，按次序取 {len(self.lot[1])} 件：第 " + "、".join(map(str, self.lot[1])) + " 件"

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
    """A drawn object with its place in the list, its task number and its team in force, leader first.

    Parameters
    ----------
    changes
        Numbers of the amendments that changed the team.
    gone, called
        Number of the amendment that took the object off the list, or called it as a reserve; 0: none.
    merged
        The earlier draw of the sitting whose visit this is.
    guests
        Later draws of the sitting whose visit this is too.
    """

    no: int
    task_id: str
    pick: Pick
    team: tuple[Member, ...]
    vacant: tuple[Vacancy, ...]
    changes: tuple[int, ...] = ()
    gone: int = 0
    called: int = 0
    merged: str = ""
    guests: tuple[str, ...] = ()

    @property
    def visited(self) -> bool:
        """Whether somebody goes there for this task alone: neither taken off the list nor merged into another visit."""
        return not self.gone and not self.merged

    @property
    def mark(self) -> str:
        """What an amendment or a merged visit changed, one line each; empty for most tasks."""
        numbers = "、".join(map(str, self.changes))
        lines = [f"第 {self.gone} 次变更移出，不检查"] if self.gone else []
        lines += [f"第 {self.called} 次变更由备选递补"] if self.called else []
        lines += [f"小组按第 {numbers} 次变更"] if numbers and not self.gone else []
        lines += [f"合并检查：并入 {self.merged}，不另上门"] if self.merged else []
        lines += [f"合并检查：同时办理 {'、'.join(self.guests)} 的事项"] if self.guests else []
        return "\n".join(lines)

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
        Number of amendments in the bundle: the teams shown are those in force after the last.
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
