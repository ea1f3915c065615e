"""A month on real inspections: Chicago's food inspections as an office's input files, the ordinary commands, figures.

The data stays where SAMPLER_TEST_DATA says and is never copied into the project. What the office side adds (officers,
plan, public number) is fictitious. Figures go into docs/guide/real-data.md, written by the run.

    python -m tests.real_data            print the figures
    python -m tests.real_data --write    write them into the guide
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any, Final

import pandas as pd

from tests.support import ROOT, sampler

FILE: Final = Path("inspections") / "chicago_canvass_2011_2014.parquet"
GUIDE: Final = ROOT / "docs" / "guide" / "real-data.md"
BEGIN, END = "<!-- figures:begin -->\n", "<!-- figures:end -->\n"
SECONDS: Final = "秒"
"""Ends the lines that may differ from run to run."""
ASOF: Final = "2014-09-01"
LABEL: Final = "double-random-sampler real data: chicago 2014-09"
SITTING, DRAW = "CHIC-2014-09-S1", "CHIC-2014-0001"
PARTIES: Final = ("business", "law", "notary")
VALUE: Final = "0205091113182022263135394148525761667180"
"""Twenty balls made up for the demonstration."""
OFFICERS: Final = 60
LEAST: Final = 50
"""A police district with fewer licences joins those without one."""
NOWHERE: Final = "D00"
CLASSES: Final = {"Risk 1 (High)": "C", "Risk 2 (Medium)": "B", "Risk 3 (Low)": "A"}
COLUMNS: Final = (
    "establishment_id", "date", "name", "facility_type", "risk_class", "police_district", "result",
    "critical_n", "serious_n", "minor_n", "inspection_id",
)  # fmt: skip
PLAN: Final = """\
plan_id = "chicago-2014-09"
scope = "city"
title = "真实数据演练：2014年9月"
agency = "CHIC"
period = "2014-09"
disclosure = "after-inspection"
visits = {{ from = "2014-09-01", to = "2014-09-30" }}
items = ["FOOD"]
districts = [{districts}]
active = ["存续"]
exclusions = ["status", "no-class", "ratio-zero", "no-clause", "cap"]
types = [{{ type = "enterprise", stratum = "food" }}]
clauses = [{{ clause = "all", classes = ["A", "B", "C"], types = ["food"], ratio = "5%", period = "task" }}]
cooldown = []
risk = {{ floor = "1/5", gamma = 2 }}
reserves = 2
templates = [{{ template = "base", groups = [
  {{ group = "lead", count = 1, needs = ["lead"] }}, {{ group = "member", count = 1, needs = [] }} ] }}]
assignment = {{ jurisdiction = "district", leave_days = 5, ladder = [
  {{ rung = "even", below = 1, above = 1 }}, {{ rung = "wide", below = 3, above = 3 }},
  {{ rung = "free", below = 100, above = 100 }} ] }}
dry_runs = 2
q_max = "1/2"

[source]
source = "lottery:kl8:2026339"

[approval]
form = "真实数据演练"
date = "2026-11-25"

[deadlines]
reveal = "2026-11-30T10:00:00Z"
draw = "2026-12-01T10:00:00Z"

[files]
objects = "objects.csv"
classes = "classes.csv"
roster = "roster.csv"
recusals = "recusals.csv"
items = "items.csv"
caps = "caps.csv"
history = "history.csv"
scores = "scores.csv"
model = "points.json"
"""
Rows = Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection, in the office's terms."""

    oid: str
    date: str
    name: str
    industry: str
    class_: str
    district: str
    passed: bool
    severity: int
    defects: int


@dataclass(slots=True)
class Inputs:
    """What the files say, and what the office could not know: each licence's outcome from the as-of date on."""

    objects: dict[str, Visit]
    past: list[Visit]
    later: list[Visit]
    districts: dict[str, str]
    outcome: dict[str, int] = field(default_factory=dict)

    @property
    def newcomers(self) -> int:
        """Licences that the file first mentions on or after the as-of date."""
        return len(self.objects) - len({v.oid for v in self.past})


def severity(critical: int, serious: int, minor: int) -> int:
    """Return 3 for a critical violation, 2 for a serious one, 1 for a minor one, else 0."""
    return 3 if critical else 2 if serious else 1 if minor else 0


def read(parquet: Path) -> Inputs:
    """Return the inspections in order of day, split at the as-of date."""
    frame = pd.read_parquet(parquet, columns=list(COLUMNS)).sort_values(["date", "inspection_id"])
    visits = [_visit(*row) for row in frame.itertuples(index=False, name=None)]
    past, later = [v for v in visits if v.date < ASOF], [v for v in visits if v.date >= ASOF]
    objects: dict[str, Visit] = {v.oid: v for v in past}  # the last visit before the as-of date describes a licence
    for v in later:
        objects.setdefault(v.oid, v)
    inputs = Inputs(dict(sorted(objects.items())), past, later, _districts(objects, past, later))
    first: dict[str, str] = {}
    for v in later:
        if first.setdefault(v.oid, v.date) == v.date:
            inputs.outcome[v.oid] = max(v.severity, inputs.outcome.get(v.oid, 0))
    return inputs


def _visit(*row: Any) -> Visit:
    licence, date, name, facility, risk, district, result, critical, serious, minor, _ = row
    counts = (int(critical), int(serious), int(minor))
    return Visit(
        f"CHI-{licence}", date.date().isoformat(), str(name), re.sub(r"[^0-9A-Z]+", "-", facility.upper()).strip("-"),
        CLASSES[risk], "" if pd.isna(district) else f"D{int(district):02d}", result == "Pass", severity(*counts),
        sum(counts),
    )  # fmt: skip


def _districts(objects: Iterable[str], past: list[Visit], later: list[Visit]) -> dict[str, str]:
    known = {v.oid: v.district for v in past if v.district}
    for v in later:
        if v.district:
            known.setdefault(v.oid, v.district)
    size = Counter(known.values())
    return {o: known[o] if o in known and size[known[o]] >= LEAST else NOWHERE for o in objects}


def officers(inputs: Inputs) -> list[tuple[str, str, bool]]:
    """Return (certificate, district, lead): two for each district, the others where most licences wait for one."""
    size = Counter(inputs.districts.values())
    staff = dict.fromkeys(sorted(size), 2)
    for _ in range(OFFICERS - sum(staff.values())):
        staff[max(staff, key=lambda d: Fraction(size[d], staff[d]))] += 1
    return [(f"OFF-{d}-{n}", d, n % 2 == 0) for d, count in staff.items() for n in range(count)]


def write_inputs(inputs: Inputs, folder: Path) -> None:
    """Write the office's files and its plan into `folder`."""
    folder.mkdir(parents=True)
    objects, where = inputs.objects.values(), inputs.districts
    _csv(folder, "objects", "object_id object_type name district industry status",
         ((v.oid, "企业", v.name, where[v.oid], v.industry, "存续") for v in objects))  # fmt: skip
    _csv(folder, "classes", "object_id class source month", ((v.oid, v.class_, "city", "2014-08") for v in objects))
    _csv(folder, "history", "object_id date result severity defects item",
         ((v.oid, v.date, 1 if v.passed else 5, v.severity, v.defects, "FOOD") for v in inputs.past))  # fmt: skip
    _csv(folder, "roster", "inspector_id name unit department district role expiry items qualifications max_load leave",
         ((i, f"虚构{i[4:]}", f"{d}站", "food", d, "执法人员", "2014-12-31", "", "lead" if lead else "", 60, "")
          for i, d, lead in officers(inputs)))  # fmt: skip
    _csv(folder, "recusals", "inspector_id kind target reason_code asked_by", ())
    _csv(folder, "items", "item_id name legal_basis kind object_types ratio frequency qualification",
         [("FOOD", "食品经营检查", "演练用，无法律效力", "general", "enterprise", "5%", "1次/月", "")])  # fmt: skip
    _csv(folder, "caps", "item_id department year cap", [("FOOD", "food", 2014, 12)])
    listed = ", ".join(f'"{d}"' for d in sorted(set(where.values())))
    (folder / "plan.toml").write_text(PLAN.format(districts=listed), encoding="utf-8")


def _csv(folder: Path, name: str, header: str, rows: Rows) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(header.split())
        out.writerows(rows)


def script() -> list[list[str]]:
    """Return the commands of the month, as the guide lists them."""
    known = ["--objects", "input/objects.csv", "--classes", "input/classes.csv"]
    history = ["--history", "input/history.csv", "--asof", ASOF]
    tables = ("objects", "classes", "roster", "recusals", "items", "caps", "history")
    return [
        ["check", *(f"input/{n}.csv" for n in tables)],
        ["train", *history, *known, "--target", "severity>=2", "--exclude", "district", "--out", "input/points.json"],
        ["score", "--model", "input/points.json", *history, *known, "--out", "input/scores.csv"],
        ["plan", "input/plan.toml"],
        *(["reveal", SITTING, "--party", p, "--commit"] for p in PARTIES),
        ["seal", "input/plan.toml", "--sitting", SITTING],
        *(["reveal", SITTING, "--party", p] for p in PARTIES[:-1]),
        ["reveal", SITTING, "--party", PARTIES[-1], "--to", "law"],
        ["close", SITTING],
        ["seed", SITTING, "--value", VALUE],
        ["draw", DRAW],
        ["lists", DRAW],
        ["open", DRAW],
        ["verify", f"bundles/{DRAW}"],
    ]


def typed() -> list[str]:
    """Return every command as the guide shows it."""
    init = f"init 目录 --agency CHIC --name 真实数据演练 --demo '{LABEL}'"
    return [f"sampler {words}" for words in (init, *(shlex.join(w) for w in script()))]


def run(data: Path, root: Path) -> dict[str, str]:
    """Return the figures, by their line in the guide, of a whole month in the new folder `root`."""
    begun = time.perf_counter()
    inputs = read(data / FILE)
    done: dict[str, Any] = {}
    _step(["init", str(root), "--agency", "CHIC", "--name", "真实数据演练", "--demo", LABEL], root.parent)
    write_inputs(inputs, root / "input")
    for words in script():
        done[words[0]] = _step(words, root)
    files = sorted(p.name for p in (root / "lists" / DRAW).iterdir())
    figures = _known(inputs, done) | _drawn(inputs, done) | {"生成的文书": "、".join(files)}
    steps = Counter(s["status"] for s in done["verify"]["steps"])
    figures["核验"] = f"{steps.total()} 步：通过 {steps['ok']}，不适用 {steps['na']}，不通过 {steps['fail']}"
    figures |= _outcomes(inputs, done, root)
    figures["从读数据到核验完毕"] = f"{time.perf_counter() - begun:.0f} {SECONDS}"
    return figures


def _step(words: list[str], cwd: Path) -> Any:
    answer = sampler(*words, "--json", cwd=cwd)
    assert answer.code == 0, (words, answer.out[-2000:], answer.err[-2000:])
    return answer.json["data"]


def _known(inputs: Inputs, done: dict[str, Any]) -> dict[str, str]:
    trained, drawable = done["train"], done["plan"]["frame"]["eligible"]
    classes = Counter(v.class_ for v in inputs.objects.values())
    return {
        "许可证（名录）": f"{len(inputs.objects):,}",
        "检查记录": f"{len(inputs.past) + len(inputs.later):,}",
        f"其中 {ASOF} 之前（可用于训练）": f"{len(inputs.past):,}",
        f"其中 {ASOF} 及以后（只用于事后对照）": f"{len(inputs.later):,}",
        "此日以后才首次出现的许可证": f"{inputs.newcomers:,}",
        "A、B、C 类": "、".join(f"{classes[c]:,}" for c in "ABC"),
        "训练所用检查（同户同日合并后）": f"{trained['rows']:,}",
        "其中严重程度 ≥2": f"{trained['positives']:,}（{_percent(trained['positives'], trained['rows'])}）",
        "可抽对象": f"{drawable:,}",
    }


def _drawn(inputs: Inputs, done: dict[str, Any]) -> dict[str, str]:
    drawn, vacant = done["draw"], done["draw"]["vacancies"]
    pi = sorted(d["pi_e12"] for d in drawn["drawn"])
    sent = {m["inspector_id"] for d in drawn["drawn"] for m in d["team"]}
    return {
        "层、概率档": f"{len(done['plan']['strata'])}、{done['plan']['levels']:,}",
        "抽中、备选": f"{drawn['n']}、{len(drawn['reserves'])}",
        "抽中者的入样概率": f"{pi[0] / 10**10:.2f} % 至 {pi[-1] / 10**10:.2f} %",
        "派出人员、空缺": f"{len(sent)}/{len(officers(inputs))}、{sum(v['count'] for v in vacant)}",
    }


def _outcomes(inputs: Inputs, done: dict[str, Any], root: Path) -> dict[str, str]:
    """Compare with what the city found later, for the licences it went to."""
    pi, seen = chances(root / "bundles" / DRAW), inputs.outcome
    drawn = [d["object_id"] for d in done["draw"]["drawn"]]
    old = {v.oid for v in inputs.past}
    told = [o for o in drawn if o in seen]
    old_drawn, old_told = [o for o in drawn if o in old], [o for o in told if o in old]
    lines = {
        "名录中日后有结果": f"{len(seen):,}（{_percent(len(seen), len(inputs.objects))}）",
        "按 π 加权，日后有结果者所占": _percent(sum(pi[o] for o in seen), sum(pi.values())),
        "抽中者中日后有结果": f"{len(told)}（{_percent(len(told), len(drawn))}）",
        "抽中且此前已有记录者中日后有结果": f"{len(old_told)}（{_percent(len(old_told), len(old_drawn))}）",
    }
    for name, least in (("严重程度 ≥2", 2), ("危急问题（严重程度 3）", 3)):
        bad = {o: int(s >= least) for o, s in seen.items()}
        plain = [bad[o] for o in told]
        lines |= {
            f"{name}：全部有结果者": _percent(sum(bad.values()), len(bad)),
            f"{name}：有结果者按 π 加权（期望个数之比）": _percent(sum(pi[o] * y for o, y in bad.items()), sum(pi[o] for o in bad)),
            f"{name}：抽中且有结果者": f"{_percent(sum(plain), len(plain))}，95 % 区间 {wilson(plain, [1] * len(plain))}",
            f"{name}：抽中且有结果者按 1/π 加权": _weighted(plain, [Fraction(10**12, pi[o]) for o in told]),
        }  # fmt: skip
    return lines


def _weighted(values: Sequence[int], weights: Sequence[Fraction]) -> str:
    hits = sum((w * y for w, y in zip(weights, values, strict=True)), Fraction(0))
    return f"{_percent(hits, sum(weights, Fraction(0)))}，95 % 区间 {wilson(values, weights)}"


def chances(bundle: Path) -> dict[str, int]:
    """Return the sealed inclusion probability of every object of the frame, in units of 10^-12."""
    level = {r["key"]: int(r["pi_e12"]) for r in _table(bundle / "levels.tsv")}
    return {r["object_id"]: level[f"{r['stratum']}/{r['level']}"] for r in _table(bundle / "frame.tsv")}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def _percent(part: Fraction | int, whole: Fraction | int) -> str:
    return f"{float(Fraction(part) / Fraction(whole)) * 100:.1f} %"


def wilson(values: Sequence[int], weights: Sequence[Fraction | int]) -> str:
    """Return Wilson's 95 % interval of a weighted share, for the effective number (sum w)^2 / sum w^2."""
    total = Fraction(sum(weights))
    n = float(total**2 / sum(w * w for w in weights))
    p = float(sum(w * y for w, y in zip(weights, values, strict=True)) / total)
    z = 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{(middle - half) * 100:.1f}–{(middle + half) * 100:.1f} %"


def block(figures: dict[str, str]) -> str:
    """Return the table of figures with its markers."""
    return f"{BEGIN}| 项目 | 数值 |\n| --- | --- |\n" + "".join(f"| {k} | {v} |\n" for k, v in figures.items()) + END


def stable(text: str) -> str:
    """Return the block of figures within `text`, without timings."""
    found = text[text.index(BEGIN) : text.index(END) + len(END)]
    return "".join(line for line in found.splitlines(keepends=True) if not line.endswith(f" {SECONDS} |\n"))


def main(arguments: list[str]) -> int:
    """Run the month; print the figures or write them into the guide."""
    data = os.environ.get("SAMPLER_TEST_DATA", "")
    if not data:
        sys.stderr.write("SAMPLER_TEST_DATA is not set\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        made = block(run(Path(data), Path(folder) / "w"))
    if "--write" in arguments:
        text = GUIDE.read_text(encoding="utf-8")
        GUIDE.write_text(text[: text.index(BEGIN)] + made + text[text.index(END) + len(END) :], encoding="utf-8")
    else:
        sys.stdout.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
