"""What a level of disclosure lets the public see of a draw, gathered before any page is laid out.

A page sees a :class:`Facts` and nothing else, so a template cannot leak what the level withholds. Below ``open`` it
holds no class, stratum id, level, pi, rank, team or reserve; at ``after-inspection`` no seed and no drawn object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler.canon import decode, rhash
from sampler.errors import RecordError, StepError
from sampler.publish import words
from sampler.ticket import object_key, ticket
from sampler.wording import SEAL_DIGITS, TYPES, Papers, approval, has_outsider, pi_e12, unit_of, unit_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN: Final = "open"
STANDARD: Final = "standard"
AFTER: Final = "after-inspection"
LEVELS: Final = (OPEN, STANDARD, AFTER)
TICKET_DIGITS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the plan: how many objects it covers, how many were to be drawn. `ratio` only when open."""

    name: str
    ratio: str
    frame: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the protocol with its log entries: index and blinded leaf."""

    name: str
    meaning: str
    entries: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The seed and what it was made of; a party's secret is empty when it stayed absent."""

    seed: str
    commitment: str
    source: str
    value: str
    parties: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A drawn object or a reserve. Below ``open`` only id and ticket are filled."""

    object_id: str
    ticket: str
    stratum: str = ""
    rank: str = ""
    pi: str = ""
    kind: str = ""
    district: str = ""
    team: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What is taken of a drawn lot: `items` of `size`, in the order in which they are taken (draw.md 9.7)."""

    object_id: str
    size: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a page of the draw may show at `level`."""

    level: str
    draw_id: str
    agency: str
    title: str
    plan_id: str
    period: str
    visits: tuple[str, str]
    approval: tuple[str, str]
    deadlines: tuple[str, str]
    charter: str
    plan: str
    frame_root: str
    seal_code: str
    source: str
    registry: int
    frame: int
    excluded: tuple[tuple[str, int], ...]
    clauses: tuple[Clause, ...]
    steps: tuple[Step, ...]
    n: int
    draw_leaf: tuple[int, str]
    seed: Seed | None
    drawn: tuple[Row, ...]
    reserves: tuple[Row, ...]
    lots: tuple[Lot, ...]
    demo: bool
    void: bool
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]


def facts(bundle: Mapping[str, bytes], labels: Mapping[str, str], level: str, *, sealed: bool = False) -> Facts:
    """Return what `level` lets the public see of the drawn `bundle`, or of one that is only `sealed`.

    Raises
    ------
    StepError
        ``PUBLISH_LEVEL`` when the level is unknown, or ``open`` though the sealed plan promised less.
    RecordError
        ``PAGE_MISSING``, ``PAGE_TYPE``, ``PAGE_FIELD`` when the bundle lacks what the page shows, ``PAGE_MIXED`` when
        its records are of different draws, ``PAGE_LOG`` when the draw is not in the log.
    """
    papers = Papers(files=bundle, made="pages", missing="PAGE_MISSING", mistyped="PAGE_TYPE")
    try:
        return _Gather(papers, labels, level, sealed=sealed).facts()
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise RecordError("PAGE_FIELD", "the bundle lacks what the page shows", hint=papers.hint, found=str(e)) from e


class _Gather:
    """Reads the bundle once; every method that withholds something asks `self._open`."""

    def __init__(self, papers: Papers, labels: Mapping[str, str], level: str, *, sealed: bool) -> None:
        self._papers, self._labels, self._level, self._sealed = papers, labels, level, sealed
        self._plan = self._papers.record("plan")
        self._charter = self._papers.record("charter")
        self._draw = self._expected() if sealed else self._papers.record("draw")
        promised = self._plan["disclosure"]
        if level not in LEVELS or (level == OPEN and promised != OPEN):
            raise StepError(
                "PUBLISH_LEVEL",
                f"a draw sealed as {promised} cannot be published as {level}",
                hint="the level of disclosure is sealed with the plan",
                found=level,
            )
        self._open = level == OPEN

    def facts(self) -> Facts:
        seal, registration = self._papers.record("commitment"), self._papers.record("registration")
        plan, steps = self._plan, self._steps()
        if seal["draw_id"] != self._draw["draw_id"] or (
            self._draw["n"] != len(self._draw["drawn"]) and not self._sealed
        ):
            raise RecordError(
                "PAGE_MIXED", "the records are not of one draw", hint=self._papers.hint, found=seal["draw_id"]
            )
        if not (self._sealed or steps[-1].entries or "void.json" in self._papers.files):
            raise RecordError(
                "PAGE_LOG", "the log has no entry of this draw", hint=self._papers.hint, found=seal["draw_id"]
            )
        return Facts(
            level=self._level,
            draw_id=self._draw["draw_id"],
            agency=self._charter["name"],
            title=plan["title"],
            plan_id=plan["plan_id"],
            period=plan["period"],
            visits=(plan["visits"]["from"], plan["visits"]["to"]),
            approval=(approval(seal["approval"]), seal["approval"]["date"]),
            deadlines=(seal["reveal_deadline"], registration["deadline"]),
            charter=rhash(self._charter).hex(),
            plan=seal["plan"],
            frame_root=seal["frame"]["root"],
            seal_code=self._papers.record("sitting")["sitting"][:SEAL_DIGITS],
            source=seal["source"],
            registry=seal["registry"],
            frame=seal["frame"]["count"],
            excluded=tuple(sorted(seal["excluded"]["counts"].items())),
            clauses=self._clauses(),
            steps=steps,
            n=self._draw["n"],
            draw_leaf=steps[-1].entries[-1] if steps[-1].entries else (0, ""),
            seed=None if self._sealed or self._level == AFTER else self._seed(),
            drawn=self._drawn(),
            reserves=self._rows_open(self._draw["reserves"], {}) if self._open and not self._sealed else (),
            lots=self._lots() if self._open and not self._sealed else (),
            demo="demo" in self._charter,
            void="void.json" in self._papers.files,
            proved=words.proved(self._level),
            not_proved=self._not_proved(seal["source"]),
        )

    def _expected(self) -> dict[str, Any]:
        """Return what stands for the draw record of a draw that is only sealed."""
        n = sum(int(s["n"]) for s in self._papers.rows("strata.tsv").values())
        seal = self._papers.record("commitment")
        return {"draw_id": seal["draw_id"], "n": n, "drawn": [], "reserves": []}

    def _clauses(self) -> tuple[Clause, ...]:
        """Return the counts by clause; only an open page says which clause it is."""
        strata = self._papers.rows("strata.tsv").values()
        out = []
        for no, clause in enumerate(self._plan["clauses"], start=1):
            mine = [s for s in strata if s["clause"] == clause["clause"]]
            out.append(
                Clause(
                    name=words.clause(clause, self._plan["types"], self._labels) if self._open else f"条款 {no}",
                    ratio=clause["ratio"] if self._open else "",
                    frame=sum(int(s["N"]) for s in mine),
                    n=sum(int(s["n"]) for s in mine),
                )
            )
        return tuple(out)

    def _steps(self) -> tuple[Step, ...]:
        """Return the steps with this draw's entries, in log order."""
        mine = {"draw_id": self._draw["draw_id"], "sitting_id": self._papers.record("sitting")["sitting_id"]}
        found: dict[str, list[tuple[int, str]]] = {}
        names = [v.encode() for v in mine.values()]
        for index, line in enumerate(self._papers.need("log/entries").splitlines()):
            if not any(n in line for n in names):
                continue  # reading every entry of a long log for every draw would take most of the time
            entry = decode(line)
            where = "draw_id" if "draw_id" in entry else "sitting_id"
            if entry.get(where) == mine[where]:
                found.setdefault(entry["type"], []).append((index, entry["leaf"]))
        return tuple(
            Step(name=name, meaning=meaning, entries=tuple(found.get(kind, ()))) for name, kind, meaning in words.STEPS
        )

    def _seed(self) -> Seed:
        seed = self._papers.record("seed")
        who = {p["party"]: p["name"] for p in self._charter["parties"]}
        return Seed(
            seed=seed["seed"],
            commitment=rhash(self._papers.record("commitment")).hex(),
            source=seed["source"],
            value=seed["value"],
            parties=tuple((who[p["party"]], p.get("r", "")) for p in seed["parties"]),
        )

    def _drawn(self) -> tuple[Row, ...]:
        picks = self._draw["drawn"]
        if self._sealed or self._level == AFTER:
            return ()
        if not self._open:
            return self._rows_bare(picks)
        teams = self._papers.record("assignment")["teams"]
        return self._rows_open(picks, {t["object_id"]: t["members"] for t in teams})

    def _lots(self) -> tuple[Lot, ...]:
        """Return what is taken of the lots drawn; below ``open`` it would tell their clause."""
        drawn = {p["object_id"] for p in self._draw["drawn"]}
        lots = [lot for lot in self._draw.get("lots", ()) if lot["object_id"] in drawn]
        return tuple(Lot(object_id=x["object_id"], size=x["size"], items=tuple(x["items"])) for x in lots)

    def _rows_bare(self, picks: list[dict[str, Any]]) -> tuple[Row, ...]:
        """Return the drawn with their tickets only: how many share a stratum would tell their class (ADR 0009)."""
        key = self._ticket_key()
        frame = self._papers.rows("frame.tsv") if "units" in self._plan else {}
        named = [(p["object_id"], unit_of(self._plan, frame.get(p["object_id"], p))) for p in picks]
        return tuple(Row(object_id=o, ticket=_ticket(key, unit)) for o, unit in named)

    def _rows_open(self, picks: list[dict[str, Any]], teams: Mapping[str, Any]) -> tuple[Row, ...]:
        frame, levels, key = self._papers.rows("frame.tsv"), self._papers.rows("levels.tsv"), self._ticket_key()
        out, sizes = [], unit_sizes(self._plan, frame)
        for pick in picks:
            row = frame[pick["object_id"]]
            unit = unit_of(self._plan, row)
            out.append(
                Row(
                    object_id=pick["object_id"],
                    stratum=pick["stratum"],
                    ticket=_ticket(key, unit),
                    rank=str(pick["rank"]) if pick["rank"] else "必查",
                    pi=words.percent_e12(pi_e12(row, levels, sizes[unit])),
                    kind=self._labels.get(row["type"], TYPES.get(row["type"], row["type"])),
                    district=self._labels.get(row["district"], row["district"]),
                    team=tuple(m["inspector_id"] for m in teams.get(pick["object_id"], ())),
                )
            )
        return tuple(out)

    def _ticket_key(self) -> bytes:
        return object_key(bytes.fromhex(self._papers.record("seed")["seed"]))

    def _not_proved(self, source: str) -> tuple[str, ...]:
        attested = any(path.startswith("attestation-") for path in self._papers.files)
        return words.not_proved(
            outsider=has_outsider(self._charter),
            source=source,
            unattested=not self._open and not attested,
        )


def _ticket(key: bytes, object_id: str) -> str:
    return f"{ticket(key, object_id):0{TICKET_DIGITS}x}"
