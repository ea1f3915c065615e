"""Changing a team after the draw: cause first, then chance, and no more than the cause asks for (assignment.md, 14).

Everything but the chance follows from the cause: who leaves, which places are filled anew, who may enter. So nobody
chooses, and a change without a cause that frees a place cannot be made.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from sampler.assign.bans import Past, arcs_of, declared, meetings
from sampler.assign.blocks import Block, components, make_block
from sampler.assign.certify import check_blocks
from sampler.assign.model import Eligibility, Template, visits
from sampler.canon import H
from sampler.errors import DrawError, Place
from sampler.ticket import assign_tickets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sampler.assign.model import Rules, Target
    from sampler.assign.residual import Arithmetic
    from sampler.canon import Json
    from sampler.roster import Officer, Recusals

AWAY: Final = ("certificate", "illness", "leave", "left")
"""Kinds that take an officer from every visit he has not paid yet."""
KINDS: Final = (*AWAY, "out-of-scope", "recusal", "vacancy")
PER_OBJECT: Final = 2
PER_OFFICER: Final = 3
PER_DRAW: Final = 20
"""Flags: more than 2 changes of one object, 3 of one officer, 1 in 20 objects of a draw (PROTOCOL 3.10)."""
Member = tuple[str, str]
"""Group and officer."""
Reserve = tuple[str, str, int]
"""Object, stratum, rank."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the seal holds of the assignment: rules, rows of the frame, roster, recusals."""

    rules: Rules
    targets: Mapping[str, Target]
    officers: tuple[Officer, ...]
    recusals: Recusals


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other draws of the sitting took: visits by officer, and who is away by a cause logged there."""

    visits: Mapping[str, int] = field(default_factory=dict)
    away: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Teams:
    """Who visits what at one moment.

    Parameters
    ----------
    members, template
        By object: who serves in which group; the template of its team.
    stratum, reserves
        Stratum of the objects; (object, stratum, rank) of the reserves not called yet, in order.
    barred, away
        Recusals that came up since the seal; officers who pay no more visits.
    gone
        Objects that proved to have left the registry.
    elsewhere
        Visits and absences in the other draws of the sitting.
    """

    members: dict[str, frozenset[Member]]
    template: dict[str, str]
    stratum: dict[str, str]
    reserves: tuple[Reserve, ...]
    barred: Recusals = frozenset()
    away: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    def loads(self) -> Counter[str]:
        """Return how many visits every officer has."""
        return Counter(i for team in self.members.values() for _, i in team)

    def past(self) -> Past:
        """Return the teams as they stand, and how often each pair meets in them."""
        standing = {e: frozenset(i for _, i in team) for e, team in self.members.items()}
        return Past(standing, meetings(standing.values()))


@dataclass(frozen=True, slots=True)
class Freed:
    """What a cause does before chance: the teams without those who leave, who they are, what is to be filled."""

    teams: Teams
    leaving: dict[str, frozenset[Member]]
    wanted: dict[str, dict[str, int]]
    reserve: Reserve | None = None


def elsewhere(others: Iterable[tuple[dict[str, Json], Iterable[dict[str, Json]]]]) -> Elsewhere:
    """Return what draws took of a sitting's officers, each given by its assignment and its amendments so far."""
    taken, away = Counter[str](), set[str]()
    for assignment, amendments in others:
        past = list(amendments)
        taken.update(visits(assignment, past))
        away |= {a["cause"]["inspector_id"] for a in past if a["cause"]["kind"] in AWAY}
    return Elsewhere(taken, frozenset(away))


def begin(assignment: dict[str, Json], drawn: Iterable[Any], reserves: Iterable[Any]) -> Teams:
    """Return the teams of a draw before any amendment; `drawn` and `reserves` are those of the draw record."""
    ranked = sorted(reserves, key=lambda r: (r.stratum, r.rank))
    return Teams(
        members={
            t["object_id"]: frozenset((m["group"], m["inspector_id"]) for m in t["members"])
            for t in assignment["teams"]
        },
        template={t["object_id"]: t["template"] for t in assignment["teams"]},
        stratum={c.object_id: c.stratum for c in drawn},
        reserves=tuple((r.object_id, r.stratum, r.rank) for r in ranked),
    )


def free(sealed: Sealed, teams: Teams, cause: dict[str, Json], done: Collection[str]) -> Freed:
    """Return what `cause` frees (assignment.md, 14).

    Parameters
    ----------
    sealed, teams
        The seal, and the teams as earlier amendments left them.
    cause
        An amendment-cause record (records.md, 3.18).
    done
        Objects with a result logged before the cause: their visits are over and stay.

    Raises
    ------
    DrawError
        ``AMEND_KIND`` for a kind that is none, ``AMEND_FIELDS`` when officer, object or interval is missing, unknown
        or too much, ``AMEND_NOTHING`` when nothing would change.
    """
    kind, who, what = cause["kind"], cause.get("inspector_id", ""), cause.get("object_id", "")
    if kind not in KINDS:
        _refuse("AMEND_KIND", "事由的种类不在规定之内", "kind", kind)
    _check_fields(kind, who, what, cause, sealed, teams)
    if what in done:
        _refuse("AMEND_NOTHING", "这个对象已经检查过", "object_id", what)
    if kind == "out-of-scope":
        freed = _replaced(sealed, teams, what)
    elif kind == "vacancy":
        freed = _vacant(sealed, teams, what, done)
    else:
        objects = [what] if kind == "recusal" else [e for e in teams.members if e not in done]
        freed = _without(teams, who, objects)
        after = {"away": teams.away | {who}} if kind in AWAY else {"barred": teams.barred | {(who, "object", what)}}
        freed = replace(freed, teams=replace(freed.teams, **after))
    if not freed.leaving and not freed.wanted:
        _refuse("AMEND_NOTHING", "这个事由不涉及任何尚未进行的检查", "kind", kind)
    return freed


def _check_fields(kind: str, who: str, what: str, cause: dict[str, Json], sealed: Sealed, teams: Teams) -> None:
    needs_who, needs_what = kind in (*AWAY, "recusal"), kind in ("recusal", "out-of-scope")
    if bool(who) != needs_who or (who and who not in {o.inspector_id for o in sealed.officers}):
        _refuse("AMEND_FIELDS", "此事由须写明(且只在此时写)名册上的一名执法人员", "inspector_id", who)
    if (needs_what and not what) or (what and kind in AWAY) or (what and what not in teams.members):
        _refuse("AMEND_FIELDS", "此事由须写明(且只在此时写)一个抽中的对象", "object_id", what)
    if ("interval" in cause) != (kind in ("illness", "leave")):
        _refuse("AMEND_FIELDS", "病假、请假须写明起止日期, 其他事由不写", "interval")
    if "interval" in cause:
        first, last = cause["interval"]["from"], cause["interval"]["to"]
        if not first <= last or last < sealed.rules.first_day or first > sealed.rules.last_day:
            _refuse("AMEND_FIELDS", "起止日期与检查期间不相交", "interval", f"{first}..{last}")


def _without(teams: Teams, who: str, objects: Iterable[str]) -> Freed:
    leaving = {e: frozenset(m for m in teams.members[e] if m[1] == who) for e in objects}
    leaving = {e: team for e, team in leaving.items() if team}
    members = teams.members | {e: teams.members[e] - team for e, team in leaving.items()}
    wanted = {e: dict(Counter(g for g, _ in team)) for e, team in leaving.items()}
    return Freed(replace(teams, members=members), leaving, wanted)


def _vacant(sealed: Sealed, teams: Teams, what: str, done: Collection[str]) -> Freed:
    objects = [what] if what else sorted(teams.members.keys() - set(done) - teams.gone)
    found = {e: vacant(sealed, teams, e) for e in objects}
    return Freed(teams, {}, {e: places for e, places in found.items() if places})


def _replaced(sealed: Sealed, teams: Teams, what: str) -> Freed:
    """Release the team of an object that is not there, and call the next reserve of its stratum."""
    if what in teams.gone:
        _refuse("AMEND_NOTHING", "这个对象已经移出", "object_id", what)
    stratum, team = teams.stratum[what], teams.members[what]
    reserve = next((r for r in teams.reserves if r[1] == stratum), None)
    call = reserve[0] if reserve else ""
    left = replace(
        teams,
        members=teams.members | {what: frozenset()} | ({call: frozenset()} if call else {}),
        gone=teams.gone | {what},
        reserves=tuple(r for r in teams.reserves if r != reserve),
    )
    if not call:
        return Freed(left, {what: team}, {})
    template = _eligibility(sealed, left).template(sealed.targets[call])
    left = replace(left, template=left.template | {call: template.template}, stratum=left.stratum | {call: stratum})
    return Freed(left, {what: team}, {call: {g.group: g.count for g in template.groups}}, reserve)


def vacant(sealed: Sealed, teams: Teams, object_id: str) -> dict[str, int]:
    """Return the empty places of an object, by group."""
    if object_id in teams.gone:
        return {}
    filled = Counter(g for g, _ in teams.members[object_id])
    template = _template(sealed.rules, teams.template[object_id])
    return {g.group: g.count - filled[g.group] for g in template.groups if g.count > filled[g.group]}


def _template(rules: Rules, name: str) -> Template:
    return next(t for t in rules.templates if t.template == name)


def _eligibility(sealed: Sealed, teams: Teams) -> Eligibility:
    """Return who may still enter: the sealed rules, later recusals, loads less the visits held, nobody who is away."""
    held = teams.loads() + Counter(teams.elsewhere.visits)
    away = teams.away | teams.elsewhere.away
    left = [
        replace(o, max_load=max(0, o.max_load - held[o.inspector_id]))
        for o in sealed.officers
        if o.inspector_id not in away
    ]
    return Eligibility(sealed.rules, left, frozenset(sealed.recusals) | teams.barred)


def parts(sealed: Sealed, freed: Freed) -> list[Block]:
    """Return the blocks of the freed places alone; loads are what is left, floors there are none."""
    who = _eligibility(sealed, freed.teams)
    rows = []
    for e in sorted(freed.wanted):
        serving = {i for _, i in freed.teams.members[e]}
        groups = _template(sealed.rules, freed.teams.template[e]).groups
        wanted = tuple(replace(g, count=freed.wanted[e][g.group]) for g in groups if g.group in freed.wanted[e])
        target = sealed.targets[e]
        lists = [[n for n in who.of(target, g) if who.officers[n].inspector_id not in serving] for g in wanted]
        rows.append((target, Template(freed.teams.template[e], (), wanted), lists))
    found = components([lists for _, _, lists in rows], len(who.officers))
    paid = _paid(sealed, freed.teams) if sealed.rules.limits else {}
    return [make_block(who.officers, [rows[e] for e in part], sealed.rules.limits, paid) for part in found]


def _paid(sealed: Sealed, teams: Teams) -> Counter[tuple[str, str]]:
    """Return how many visits each officer has within each limit."""
    found: Counter[tuple[str, str]] = Counter()
    for e, team in teams.members.items():
        here = [x.limit for x in sealed.rules.limits if sealed.targets[e].district in x.districts]
        found.update((limit, i) for _, i in team for limit in here)
    return found


def key(seed: bytes, cause: bytes, number: int, chain: bytes) -> bytes:
    """Return K_j, which takes the seed's place in the tickets of amendment `number`."""
    return H("amend", seed, number, cause, chain)


def enter(freed: Freed, entering: Mapping[str, Collection[Member]]) -> Teams:
    """Return the teams after the freed places were filled."""
    joined = {e: freed.teams.members[e] | frozenset(team) for e, team in entering.items()}
    return replace(freed.teams, members=freed.teams.members | joined)


def changes(sealed: Sealed, freed: Freed, after: Teams) -> list[dict[str, Json]]:
    """Return the `changes` of an amendment record: who leaves, who enters, what stays empty, by object."""
    return [
        {
            "object_id": e,
            "leaving": _listed(freed.leaving.get(e, frozenset())),
            "entering": _listed(after.members[e] - freed.teams.members[e]),
            "vacant": [{"group": g, "count": n} for g, n in sorted(vacant(sealed, after, e).items())],
        }
        for e in sorted({*freed.leaving, *freed.wanted})
    ]


def _listed(team: Iterable[Member]) -> list[dict[str, str]]:
    return [{"group": g, "inspector_id": i} for g, i in sorted(team)]


def reserve_entry(freed: Freed) -> dict[str, Json] | None:
    """Return the `reserve` of an amendment record, None when no reserve is called."""
    if freed.reserve is None:
        return None
    return dict(zip(("object_id", "stratum", "rank"), freed.reserve, strict=True))


def check(
    sealed: Sealed, teams: Teams, record: dict[str, Json], done: Collection[str], seed: bytes, judge: Arithmetic
) -> Teams:
    """Return the teams after an amendment, refused unless it is the one its cause and the chain prescribe.

    Parameters
    ----------
    record
        An amendment record whose chain value has been checked.
    seed
        K_j, see :func:`key`; of no use when the chain was withheld.

    Raises
    ------
    DrawError
        ``AMEND_*`` for the cause, ``AMEND_RESERVE``, ``AMEND_CHANGES`` when it changes more, less or something else;
        the codes of assignment.md 10 for the certificate.
    """
    freed = free(sealed, teams, record["cause"], done)
    if record.get("reserve") != reserve_entry(freed):
        _refuse("AMEND_RESERVE", "替补的不是该层的下一个备选", "reserve", record.get("reserve"))
    entering = {c["object_id"]: [(m["group"], m["inspector_id"]) for m in c["entering"]] for c in record["changes"]}
    if set(entering) != {*freed.leaving, *freed.wanted}:
        _refuse("AMEND_CHANGES", "变动的对象不是事由所及的", "changes", sorted(entering)[:3])
    after = enter(freed, entering)
    if record["changes"] != changes(sealed, freed, after):
        _refuse("AMEND_CHANGES", "离开、加入或空缺与事由不符", "changes")
    blocks = parts(sealed, freed) if "chain" in record else []
    if [b.block for b in blocks] != [b["block"] for b in record["blocks"]]:
        _refuse("ASSIGN_BLOCKS", "派员的区块不对", "blocks")
    if not declared(record["blocks"], sealed.rules.together):
        _refuse("ASSIGN_BANS", "同组次数的限制与记录不符", "blocks")
    _check_entering(freed, entering, blocks)
    free_rules = replace(sealed.rules, ladder=())
    past = freed.teams.past()
    seats = ([(e, g, i) for e in b.templates for g, i in entering[e]] for b in blocks)
    used = [arcs_of(b, those) or [] for b, those in zip(blocks, seats, strict=True)]
    check_blocks(blocks, record["blocks"], used, free_rules, seed, rule=assign_tickets, judge=judge, past=past)
    return after


def _check_entering(freed: Freed, entering: dict[str, list[Member]], blocks: list[Block]) -> None:
    open_to = {(e, g, i) for b in blocks for (e, g), who in b.open_to() for i in who}
    for e, team in entering.items():
        count = Counter(g for g, _ in team)
        if any(n > freed.wanted.get(e, {}).get(g, 0) for g, n in count.items()):
            _refuse("AMEND_CHANGES", "加入的人多于空出的名额", "changes", e)
        if len({i for _, i in team}) < len(team):
            _refuse("ASSIGN_TWICE", "同一人在一个小组里两次", "changes", e)
        if wrong := [i for g, i in team if (e, g, i) not in open_to]:
            _refuse("ASSIGN_INELIGIBLE", "加入的人不能到该对象检查", "changes", wrong[0])


def flags(records: Collection[dict[str, Json]], drawn: int) -> list[str]:
    """Return what stands out in the amendments of a draw, in words (PROTOCOL 3.10)."""
    objects: Counter[str] = Counter()
    officers: Counter[str] = Counter()
    for r in records:
        objects.update(c["object_id"] for c in r["changes"])
        officers.update({m["inspector_id"] for c in r["changes"] for m in c["leaving"]})
    found = [f"对象 {e} 变更 {n} 次" for e, n in sorted(objects.items()) if n > PER_OBJECT]
    found += [f"执法人员 {i} 被换下 {n} 次" for i, n in sorted(officers.items()) if n > PER_OFFICER]
    found += [f"第 {r['number']} 次变更没有变更链的值, 名额留空" for r in records if "chain" not in r]
    if len(objects) * PER_DRAW > drawn:
        found.append(f"{drawn} 户中 {len(objects)} 户有变更, 超过二十分之一")
    return found


def _refuse(code: str, message: str, where: str, found: object = "") -> NoReturn:
    hint = "变更只能由 sampler amend 按登记的事由作出"
    raise DrawError(code, message, hint=hint, place=Place(file="amendments", column=where), found=found)
