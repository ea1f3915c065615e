"""Make the example registry, roster, history and plan: ``python data/make_example.py [--check]``.

The same bytes on every machine: all chance comes from SHA-256, all arithmetic is on whole numbers, and only the
standard library is used. ``--check`` writes nothing and fails if a committed file differs.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a script finds its own project first

from data.example_chance import E12, Chance
from data.example_codes import COUNTY, COUNTY_NAME, DISTRICTS, INDUSTRIES, SECTIONS, TYPES
from data.example_history import Visit, World, history, truth
from data.example_people import Person, Staff, recusals, roster
from data.example_registry import ACTIVE, Counts, Thing, grade, registry
from data.example_rules import ITEMS, YEAR, plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).resolve().parent
SEED = "sampler example 1"
_WEIGHTS = {"A": 1, "B": 2, "C": 10, "D": 30}


class Variant(NamedTuple):
    """One size of the example.

    Parameters
    ----------
    counts, grades
        Active objects by type and by class.
    gone
        Objects no longer active, in addition.
    districts
        Districts in use.
    staff
        People.
    scale
        Factor of the visiting rates.
    truth_step
        The truth is kept for every n-th object of class A, for all others.
    """

    counts: Counts
    grades: dict[str, int]
    gone: int
    districts: int
    staff: Staff
    scale: int
    truth_step: int


VARIANTS = {
    "full": Variant(
        counts=Counts(enterprise=14_200, individual=31_600, coop=1_500, repoffice=30, seller=140, product=84),
        grades={"A": 31_107, "B": 12_044, "C": 3_682, "D": 721},
        gone=900,
        districts=10,
        staff=Staff(officers=500, experts=20, roaming=18, expired=20, away=16, foreign=50, recusals=300),
        scale=1,
        truth_step=10,
    ),
    "small": Variant(
        counts=Counts(enterprise=160, individual=310, coop=20, repoffice=2, seller=5, product=3),
        grades={"A": 320, "B": 130, "C": 38, "D": 12},
        gone=10,
        districts=2,
        staff=Staff(officers=20, experts=2, roaming=1, expired=1, away=1, foreign=1, recusals=8),
        scale=10,
        truth_step=1,
    ),
}


def build(name: str) -> dict[str, bytes]:
    """Return the files of one variant, by name."""
    variant = VARIANTS[name]
    chance = Chance(f"{SEED}/{name}")
    things = registry(chance, variant.counts, variant.gone, variant.districts)
    grade(chance, things, variant.grades)
    people = roster(chance, variant.staff, demand(things))
    world = World(chance, things, people, variant.scale)
    visits = history(world)
    return {
        "objects.csv": _objects(things),
        "classes.csv": _csv("object_id class source month", ((t.object_id, t.grade, "P", "2026-11") for t in things)),
        "roster.csv": _roster(people),
        "recusals.csv": _dicts(recusals(chance, people, things, variant.staff.recusals)),
        "items.csv": _csv(
            "item_id name legal_basis kind object_types ratio frequency qualification", (i[:8] for i in ITEMS)
        ),
        "caps.csv": _csv("item_id department year cap", ((i.item_id, i.department, YEAR, i.cap) for i in ITEMS)),
        "history.csv": _history(visits),
        "truth.csv": _csv("object_id true_risk_ppm", _kept(things, truth(world), variant.truth_step)),
        "labels.csv": _csv(
            "code name", [(COUNTY, COUNTY_NAME), *DISTRICTS.items(), *((i.code, i.name) for i in INDUSTRIES.values())]
        ),
        "plan.toml": plan(list(DISTRICTS)[: variant.districts], merge_types=name == "small"),
    }


def reference() -> dict[str, bytes]:
    """Return the small reference tables."""
    industries = [*SECTIONS.items(), *((i.code, i.name) for i in INDUSTRIES.values())]
    return {
        "industries.csv": _csv("code name", sorted(industries)),
        "districts.csv": _csv("code name", DISTRICTS.items()),
    }


def demand(things: Iterable[Thing]) -> dict[str, int]:
    """Return the expected visits of 2026-12 by district, in hundredths."""
    visits: dict[str, int] = {}
    for thing in things:
        if thing.status == ACTIVE:
            visits[thing.district] = visits.get(thing.district, 0) + _WEIGHTS[thing.grade]
    return dict(sorted(visits.items()))


def decimal(numerator: int, denominator: int, digits: int) -> str:
    """Return a fraction rounded half up to a fixed number of digits, without floating point.

    >>> decimal(2, 3, 4)
    '0.6667'
    """
    scaled = (2 * numerator * 10**digits + denominator) // (2 * denominator)
    whole, part = divmod(scaled, 10**digits)
    return f"{whole}.{part:0{digits}d}"


def _kept(things: Iterable[Thing], risks: dict[str, int], step: int) -> Iterable[tuple[str, int]]:
    """Yield the truth of what is kept aside; a sample of class A stands for it, to save space."""
    seen = 0
    for thing in things:
        seen += thing.grade == "A" and thing.status == ACTIVE
        if thing.object_id in risks and (thing.grade != "A" or seen % step == 0):
            yield thing.object_id, risks[thing.object_id]


def _objects(things: Iterable[Thing]) -> bytes:
    """Return objects.csv, with the headings and words clerks use."""
    heading = "统一社会信用代码 主体类型 所有者代码 名称 区划 行业 登记状态 成立日期"
    return _csv(
        heading,
        (
            (t.object_id, TYPES[t.kind], t.owner_id, t.name, t.district, t.industry, t.status, t.established)
            for t in things
        ),
    )


def _roster(people: Iterable[Person]) -> bytes:
    """Return roster.csv, with the headings and words clerks use."""
    heading = "执法证号 姓名 手机号 所在单位 所在部门 区划 执法证有效期 执法事项范围 岗位资质 角色 工作量上限 请假"
    roles = {"officer": "执法人员", "expert": "专家"}
    rows = (
        (
            *(p.inspector_id, p.name, p.phone, p.unit, p.department, p.district, p.expiry),
            *(";".join(p.items), ";".join(p.qualifications), roles[p.role], p.max_load, ";".join(p.leave)),
        )
        for p in people
    )
    return _csv(heading, rows)


def _history(visits: Iterable[Visit]) -> bytes:
    """Return history.csv; W is 1/pi with two digits, empty like pi where nothing was drawn."""
    return _csv(
        "object_id date result severity defects item inspector_id draw_id pi W",
        (
            (*v[:8], decimal(v.pi_e12, E12, 12), decimal(E12, v.pi_e12, 2)) if v.pi_e12 else (*v[:8], "", "")
            for v in visits
        ),
    )


def _dicts(rows: Sequence[dict[str, str]]) -> bytes:
    """Return a CSV of rows that name their columns."""
    return _csv(" ".join(rows[0]), (row.values() for row in rows))


def _csv(heading: str, rows: Iterable[Iterable[object]]) -> bytes:
    """Return UTF-8 CSV with LF and the given space-separated heading."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading.split())
    writer.writerows(rows)
    return text.getvalue().encode()


def outdated(files: dict[str, bytes], folder: Path) -> list[str]:
    """Return the names of files that differ from those in `folder`, or are missing or superfluous there."""
    present = {p.name for p in folder.iterdir()} if folder.is_dir() else set()
    wrong = [n for n, data in files.items() if n not in present or (folder / n).read_bytes() != data]
    return sorted([*wrong, *(present - files.keys())])


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write `files` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make or check all files; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file differs")
    parser.add_argument("--size", choices=[*VARIANTS, "all"], default="all")
    options = parser.parse_args(arguments)
    jobs = {HERE / "reference": reference()}
    for name in VARIANTS if options.size == "all" else [options.size]:
        jobs[HERE / "example" / name] = build(name)
    wrong = []
    for folder, files in jobs.items():
        wrong += [f"{folder.name}/{name}" for name in outdated(files, folder)]
        if not options.check:
            write(files, folder)
    if options.check and wrong:
        sys.stderr.write("differs from its generator: " + ", ".join(wrong) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
