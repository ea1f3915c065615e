"""The plan: the rule of a draw, as a record (docs/spec/records.md, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from sampler import batches as batching
from sampler.crew import Rules, Template, ask, check_teams
from sampler.lots import MOST_ITEMS, Lot
from sampler.schema import Big, By, Date, Id, Int, Month, Part, Record, Text
from sampler.target import OFF_TARGET, TRIGGERS, Target, When

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final = ("status", "no-class", "no-clause", "ratio-zero", "cap")
"""Reasons for which an object of the registry is not in the frame; every plan orders them."""
GRACE: Final = "grace"
"""Reason of a plan with a grace period, as `OFF_TARGET` is of a targeted one: such a plan orders it too."""
LEVELS: Final = ("open", "standard", "after-inspection")
CLASSES: Final = ("A", "B", "C", "D")
MAX_COOLDOWN: Final = 24
MAX_GRACE: Final = 36
MAX_GAMMA: Final = 3
MAX_PART: Final = 30
"""Class, stratum type and district make a stratum id, which is an id of at most 64 characters."""
OWNERS: Final = "owner"
WHOLE: Final = "100%"
"""The only ratio of a given list: its objects were drawn already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioField(Part):
    """A fraction in lowest terms."""

    den: Big
    num: Big

    def value(self) -> Fraction:
        """Return it as a number."""
        return Fraction(int(self.num), int(self.den))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Part):
    """First and last day on which the visits may take place (written `from`, `to`)."""

    first: Date
    last: Date

    @classmethod
    def from_dict(cls, value: object, path: str = "$") -> Window:
        """Read ``from`` and ``to``, which are no Python names."""
        if isinstance(value, dict):
            value = {{"from": "first", "to": "last"}.get(k, f"{k}?"): v for k, v in value.items()}
        return super(Window, cls).from_dict(value, path)

    def to_dict(self) -> dict[str, str]:
        """Write ``from`` and ``to``."""
        return {"from": self.first, "to": self.last}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeOf(Part):
    """An object type and the stratum type it is drawn in."""

    type: Id
    stratum: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Part):
    """A ratio for some classes and stratum types."""

    clause: Id
    classes: Annotated[tuple[Id, ...], By()]
    types: Annotated[tuple[Id, ...], By()]
    ratio: Text
    period: Id
    drawn: Int | None = None
    batches_left: Int | None = None
    sample: Int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap(Part):
    """Visits an object may receive in a year for an item of a department."""

    item: Id
    department: Id
    cap: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown(Part):
    """Months without a second draw for a class. `class` is written with an underscore in Python only."""

    class_: Id
    months: Int

    @classmethod
    def from_dict(cls, value: object, path: str = "$") -> Cooldown:
        """Read ``class``, which is no Python name."""
        if isinstance(value, dict):
            value = {{"class": "class_", "months": "months"}.get(k, f"{k}?"): v for k, v in value.items()}
        return super(Cooldown, cls).from_dict(value, path)

    def to_dict(self) -> dict[str, str | int]:
        """Write ``class``."""
        return {"class": self.class_, "months": self.months}


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk(Part):
    """f and gamma of the weights (draw.md, 6)."""

    floor: RatioField
    gamma: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Record):
    """The rule of a draw; see the field table."""

    TYPE: ClassVar[str] = "plan"
    plan_id: Id
    scope: Id
    title: Text
    agency: Id
    period: Month
    disclosure: Id
    visits: Window
    items: Annotated[tuple[Id, ...], By()]
    districts: Annotated[tuple[Id, ...], By()]
    active: tuple[Text, ...]
    exclusions: tuple[Id, ...]
    types: Annotated[tuple[TypeOf, ...], By(("type",))]
    clauses: tuple[Clause, ...]
    caps: tuple[Cap, ...]
    cooldown: Annotated[tuple[Cooldown, ...], By(("class_",))]
    risk: Risk
    reserves: Int
    templates: tuple[Template, ...]
    assignment: Rules
    dry_runs: Int
    q_max: RatioField
    note: Text | None = None
    units: Id | None = None
    target: Target | None = None
    grace: Int | None = None
    batches: Annotated[tuple[batching.Batch, ...], By(("batch",))] | None = None
    lots: Annotated[tuple[Lot, ...], By(("object_id",))] | None = None

    @property
    def listed(self) -> bool:
        """Whether objects are visited because a list names them: no draw from the registry, no estimate."""
        return self.target is not None and self.target.is_list

    @property
    def triggered(self) -> bool:
        """Whether that list holds what was reported of them: such visits count for no yearly cap."""
        return self.target is not None and self.target.triggers is not None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return every reason for which this plan leaves objects out."""
        return (*REASONS, *([OFF_TARGET] if self.target else []), *([GRACE] if self.grace is not None else []))

    def stratum_type(self, object_type: str) -> str:
        """Return the stratum type of an object type, `-` if the plan has none."""
        return next((t.stratum for t in self.types if t.type == object_type), "-")

    def clause_of(self, class_: str, stratum_type: str) -> Clause | None:
        """Return the first clause that holds a class and stratum type."""
        return next((c for c in self.clauses if class_ in c.classes and stratum_type in c.types), None)

    def samples(self, clause_of: Mapping[str, str]) -> dict[str, int]:
        """Return stratum to the number of items taken of a lot, given the clause of each stratum."""
        of = {c.clause: c.sample for c in self.clauses if c.sample is not None}
        return {stratum: of[clause] for stratum, clause in clause_of.items() if clause in of}

    @property
    def owners(self) -> bool:
        """Whether owners are drawn, and then one object of each (draw.md, 1.1)."""
        return self.units is not None

    def cool_months(self, class_: str) -> int:
        """Return the months of cool-down of a class."""
        return next((c.months for c in self.cooldown if c.class_ == class_), 0)


def validate(plan: Plan) -> Plan:
    """Return `plan` if its parts fit together.

    Raises
    ------
    PlanError
        ``PLAN_*`` with the field, what was found and what to write instead.
    """
    ask(plan.disclosure, plan.disclosure in LEVELS, "PLAN_LEVEL", "disclosure", "写 " + "、".join(LEVELS))
    visits = plan.visits
    ask(
        f"{visits.first}..{visits.last}", visits.first <= visits.last, "PLAN_VISITS", "visits", "开始日期不晚于结束日期"
    )
    ask(
        plan.exclusions,
        set(plan.exclusions) == set(plan.reasons) and len(set(plan.exclusions)) == len(plan.exclusions),
        "PLAN_EXCLUSIONS",
        "exclusions",
        "每个理由写一次: " + ", ".join(plan.reasons),
    )
    ask(len(plan.items), plan.items != (), "PLAN_ITEMS", "items", "至少写一个抽查事项")
    ask(plan.risk.gamma, plan.risk.gamma <= MAX_GAMMA, "PLAN_GAMMA", "risk.gamma", "写 0、1、2 或 3")
    ask(plan.units, plan.units in (None, OWNERS), "PLAN_UNITS", "units", "抽取单位是所有者时写 owner，否则不写")
    _fraction(plan.risk.floor, "risk.floor")
    _fraction(plan.q_max, "q_max")
    for c in plan.cooldown:
        ask(c.months, c.months <= MAX_COOLDOWN, "PLAN_COOLDOWN", "cooldown.months", "不超过 24 个月")
        ask(c.class_, c.class_ in CLASSES, "PLAN_COOLDOWN", "cooldown.class", "信用风险分类写 A、B、C、D")
    for part in (*(t.stratum for t in plan.types), *plan.districts):
        ask(
            part, "." not in part and len(part) <= MAX_PART, "PLAN_PART", "types, districts", "不含点，不超过 30 个字符"
        )
    _clauses(plan)
    check_teams(plan.templates, plan.assignment, plan.districts)
    _target(plan)
    batching.check(plan.batches, plan.districts)
    _lots(plan)
    return plan


def _lots(plan: Plan) -> None:
    """Check lots: sizes where a clause takes items, and only there."""
    samples = [c.sample for c in plan.clauses if c.sample is not None]
    right = (plan.lots is not None) == bool(samples) and plan.lots != ()
    ask(
        len(plan.lots or ()),
        right,
        "PLAN_LOTS",
        "lots",
        "条款写 sample（每批抽几件）的，附批次表 lots；不写 sample 的，不附",
    )
    ok = all(1 <= k <= MOST_ITEMS for k in samples) and all(1 <= x.size <= MOST_ITEMS for x in plan.lots or ())
    ask(samples, ok, "PLAN_LOTS", "lots", f"抽样数和抽样基数写 1 到 {MOST_ITEMS}；更多的按箱编号")


def _target(plan: Plan) -> None:
    """Check target and grace period; the objects of a list are visited because it names them, whatever rests."""
    ask(
        plan.grace, plan.grace is None or 1 <= plan.grace <= MAX_GRACE, "PLAN_GRACE", "grace", "写 1 到 36 个月，或不写"
    )
    t = plan.target
    if t is None:
        return
    one = [t.when, t.triggers, t.given].count(None) == 2 and t.when != When()  # noqa: PLR2004  # two of three absent
    ask(t.filter, one, "PLAN_TARGET", "target", "写筛选条件 when、线索名单 triggers、上级下达名单 given 之一")
    for x in t.triggers or ():
        ask(x.reason, x.reason in TRIGGERS, "PLAN_TRIGGER", "target.triggers.reason", "写 " + "、".join(TRIGGERS))
        ok = x.date <= plan.visits.last
        ask(x.date, ok, "PLAN_TRIGGER", "target.triggers.date", "线索日期不晚于检查结束日期")
    yearly = any(c.period == "year" for c in plan.clauses)
    free = not (plan.owners or plan.cooldown or yearly) and plan.grace is None
    hint = "名单至少一条，不写 cooldown、grace、units 和年度比例：名单上的检查不受轮休和包容期限制，也不占年度抽查数"
    ask(t.filter, not plan.listed or (free and bool(t.listed)), "PLAN_TARGET", "target", hint)
    if t.given:
        ok = t.given.date <= plan.visits.last and {c.ratio for c in plan.clauses} == {WHOLE}
        ask(
            t.filter,
            ok,
            "PLAN_GIVEN",
            "target.given",
            "每条比例写 100%（对象由上级抽定，不再抽取）；来文日期不晚于检查结束日期",
        )


def _clauses(plan: Plan) -> None:
    ask(0, plan.clauses != (), "PLAN_CLAUSES", "clauses", "至少写一条抽查比例")
    names = [c.clause for c in plan.clauses]
    ask(names, len(set(names)) == len(names), "PLAN_CLAUSES", "clauses.clause", "每条的名称不同")
    for c in plan.clauses:
        year = c.period == "year"
        ask(c.period, year or c.period == "task", "PLAN_CLAUSE_PERIOD", "clauses.period", "写 task 或 year")
        given = (c.drawn is not None, c.batches_left is not None)
        ask(
            c.period,
            given == (year, year) and (not year or c.batches_left != 0),
            "PLAN_CLAUSE_PERIOD",
            "clauses.batches_left",
            "year 才写 drawn 与 batches_left(至少 1)",
        )
        ask(c.classes, set(c.classes) <= set(CLASSES), "PLAN_CLASS", "clauses.classes", "信用风险分类写 A、B、C、D")


def _fraction(ratio: RatioField, field: str) -> None:
    ok = int(ratio.den) > 0 and 0 <= int(ratio.num) <= int(ratio.den)
    lowest = ok and (ratio.value().numerator, ratio.value().denominator) == (int(ratio.num), int(ratio.den))
    ask(f"{ratio.num}/{ratio.den}", lowest, "PLAN_RATIO", field, "写 0 到 1 之间的最简分数")
