"""The example's officers, experts and recusals: fictitious, with no real name, phone or code."""

from __future__ import annotations

from dataclasses import dataclass

from stream import Stream

FAMILY = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")
GIVEN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a variant is."""

    name: str
    classes: dict[str, int]
    inactive: int
    n_districts: int
    officers: int
    experts: int
    recusals: int

    @property
    def districts(self) -> tuple[str, ...]:
        """Codes of the fictitious districts."""
        return tuple(f"9901{n:02d}" for n in range(1, self.n_districts + 1))


def make_roster(size: Size) -> tuple[list[str], dict[str, list[str]]]:
    """Return roster rows and the leads of each district."""
    s = Stream(f"roster/{size.name}")
    leads: dict[str, list[str]] = {d: [] for d in size.districts}
    rows = []
    for n in range(size.officers + size.experts):
        expert = n >= size.officers
        district = size.districts[n % size.n_districts]
        code = f"{'EX' if expert else 'LE'}{district}-{n:04d}"
        skills = _skills(s, n // size.n_districts)
        if not expert and "lead" in skills:
            leads[district].append(code)
        where = "*" if expert else district
        name = f"{s.pick(FAMILY)}{s.pick(GIVEN)}{s.pick(GIVEN)}"
        expiry = "2026-10-31" if s.chance(40_000) else f"20{27 + s.below(4)}-12-31"
        leave = f"2026-12-{1 + s.below(9):02d}..2026-12-{20 + s.below(9):02d}" if s.chance(30_000) else ""
        role = "专家" if expert else "执法人员"
        unit = "专家库" if expert else f"{district[-2:]}号监管所"
        rows.append(
            f"{code},{name},000{s.below(10**8):08d},{unit},市场监管,{where},{expiry},,{';'.join(skills)},{role},12,{leave}"
        )
    return sorted(rows), leads


def _skills(s: Stream, n: int) -> list[str]:
    skills = [
        q for q, ppm in (("drug", 200_000), ("metrology", 150_000), ("special-equipment", 150_000)) if s.chance(ppm)
    ]
    if n % 2 == 0 or s.chance(100_000):
        skills.append("lead")
    if n % 4 < 2 or s.chance(100_000):  # two of four: leads and members alike
        skills.append("food")
    return sorted(skills)


def make_recusals(size: Size, objects: list[tuple[str, str]]) -> list[str]:
    """Return distinct recusals between officers and objects of one district."""
    s = Stream(f"recusals/{size.name}")
    rows: set[str] = set()
    while len(rows) < size.recusals:
        oid, district = s.pick(objects)
        n = size.districts.index(district) + size.n_districts * s.below(size.officers // size.n_districts)
        reason = s.pick(("kin", "former-employer", "interest", "requested"))
        asked = "object" if reason == "requested" else "officer"
        rows.add(f"LE{district}-{n:04d},object,{oid},{reason},{asked}")
    return sorted(rows)
