"""make bench PART=assignment: solving, certifying and verifying at a country's size, beside a MinMax LP."""

from __future__ import annotations

import gc
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from sampler import canon
from sampler.assign import arrays, solve
from sampler.assign.bans import too_many
from sampler.assign.blocks import Block, build
from sampler.assign.certify import check
from sampler.assign.model import Rules, Rung, Target, parse_rules
from sampler.assign.residual import EXACT, both, is_anchored, is_unique, tickets, tight
from sampler.canon import H
from sampler.records import Assignment
from sampler.roster import Officer, Recusals
from tests.bench import ROOT, Report, peak_mb

SEED = bytes(range(32))
LP_SECONDS = 60
DRAWS = 200
SAMPLED = 1000
MET = ((200, 40, 3), (200, 40, 2), (1000, 50, 6), (1000, 50, 5), (1000, 50, 4))
COUNTRY = (100, 1000, 50)
"""Districts, and visits and officers in each."""
JUDGES = {"speed": "numpy and llvmlite (extra `speed`)", "numpy": "numpy", "stdlib": "the standard library alone"}
RUNGS = ((0, 0), (1, 1), (3, 3), (9, 9), (999, 999))


@dataclass
class Clock:
    """CPU seconds by step, summed over the blocks."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def run(self, step: str, action: Callable[[], Any]) -> Any:
        """Run an action and book its CPU time."""
        begun = time.process_time()
        found = action()
        self.spent[step] += time.process_time() - begun
        return found


Case = tuple[dict[str, Any], list[Target], list[Officer], Recusals]


def instance(districts: int, visits: int, officers: int, *, open_to_all: bool = False) -> Case:
    """Return a plan (a lead and a food officer a visit), objects, officers of random qualifications, recusals."""
    r = random.Random(f"{districts} {visits} {officers}")
    who, what = [], []
    for d in range(districts):
        for n in range(officers):
            quals = frozenset(q for q in ("food", "lead") if open_to_all or r.random() < 0.5)
            name = f"{d:03}{n:07}"
            who.append(Officer(name, "u", "d", f"{d:03}", "officer", "2027-12-31", frozenset(), quals, visits, ()))
        what += [Target(f"91{d:03}{e:013}", "-", "B", "enterprise", f"{d:03}", "-", frozenset()) for e in range(visits)]
    barred = frozenset((w.inspector_id, "object", r.choice(what).object_id) for w in who for _ in range(3))
    plan = {
        "visits": {"from": "2026-12-01", "to": "2026-12-31"},
        "items": ["fire"],
        "templates": [
            {
                "template": "team",
                "groups": [
                    {"group": "food", "count": 1, "needs": ["food"]},
                    {"group": "lead", "count": 1, "needs": ["lead"]},
                ],
            }
        ],
        "assignment": {
            "jurisdiction": "district",
            "leave_days": 2,
            "ladder": [{"rung": f"r{b}", "below": b, "above": a} for b, a in RUNGS],
        },
    }
    return plan, what, who, barred


def measure(case: Case, *, exact: bool) -> tuple[list[object], dict[str, Any]]:
    """Return one row: arcs, then CPU seconds of every step; and the record."""
    plan, what, who, barred = case
    rules, clock, rungs = parse_rules(plan), Clock(), Counter[str]()
    blocks: list[Block] = clock.run("build", lambda: build(rules, what, who, barred))
    for block in blocks:
        rungs[certify(block, rules, clock, exact=exact)] += 1
    record = clock.run("solve", lambda: solve.solve("ZJ-2026-0001", plan, what, who, barred, SEED))
    clock.run("check", lambda: check(record, plan, what, who, barred, SEED, judge=arrays.FAST))
    spent = {k: f"{v:.2f}" for k, v in clock.spent.items()}
    return [
        f"{sum(len(b.who) for b in blocks):,}",
        *(spent.get(k, "-") for k in ("solve", "build", "tickets", "flow", "certificate", "stdlib", "check")),
        ", ".join(f"{r} {n}" for r, n in sorted(rungs.items())),
    ], record


def met(visits: int, officers: int, most: int) -> list[object]:
    """Return one row for a limit on how often two officers meet."""
    plan, what, who, barred = instance(1, visits, officers)
    plan["assignment"]["together"] = most
    clock = Clock()
    record = clock.run("solve", lambda: solve.solve("ZJ-2026-0001", plan, what, who, barred, SEED))
    clock.run("check", lambda: check(record, plan, what, who, barred, SEED, judge=arrays.FAST))
    stages = [s for b in record["blocks"] for s in b["stages"]]
    lifted, left = sum("lifted" in s for s in stages), len(too_many(record, most))
    spent = [f"{clock.spent[k]:.2f}" for k in ("solve", "check")]
    return [f"{visits:,} x {officers}", most, len(stages), lifted, *spent, left]


def certify(block: Block, rules: Rules, clock: Clock, *, exact: bool) -> str:
    """Solve one block step by step and return its rung."""
    costs: array[int] = clock.run("tickets", lambda: tickets(block, SEED, 0))
    rung, filled = clock.run("flow", lambda: solve._rung(block, rules))
    used, p = clock.run("flow", lambda: solve.cheapest(block, rung, filled, costs))
    clock.run("certificate", lambda: judged(block, rung, used, costs, p, arrays.tight))
    if exact:
        clock.run("stdlib", lambda: judged(block, rung, used, costs, p, tight))
    return str(rung.rung)


def judged(block: Block, rung: Rung, used: list[int], costs: array[int], p: list[int], judge: Any) -> None:
    """Check a certificate."""
    found = judge(block, rung, used, costs, p)
    if not (is_anchored(p, found) and is_unique(block.nodes, both(block, rung, used), found)):
        raise ValueError(block.block)


def minmax(block: Block, rung: Rung) -> tuple[float, float]:
    """Return the least possible largest chance of a pair (LP, HiGHS) and the CPU seconds."""
    n, groups = len(block.who), arrays.group_column(block)
    who = np.frombuffer(block.who, np.int32).astype(np.int64)
    pair = np.unique(np.asarray(block.places)[groups] * len(block.officers) + who, return_inverse=True)[1]
    ids, ones, pairs = np.arange(n), np.ones(n), int(pair.max()) + 1
    low, high = block.bounds(rung)
    loads = coo_array((ones, (who, ids)), shape=(len(low), n + 1)).tocsr()
    q = coo_array((np.r_[ones, -np.ones(pairs)], (np.r_[pair, np.arange(pairs)], np.r_[ids, np.full(pairs, n)])))
    begun = time.process_time()
    found = linprog(
        np.r_[np.zeros(n), 1.0],
        A_ub=vstack([q, loads, -loads]).tocsr(),
        b_ub=np.r_[np.zeros(pairs), high, [-x for x in low]],
        A_eq=coo_array((ones, (groups, ids)), shape=(len(block.groups), n + 1)).tocsr(),
        b_eq=np.asarray(block.counts, float),
        bounds=(0, 1),
        method="highs-ipm",
    )
    return float(found.x[-1]), time.process_time() - begun


def largest(block: Block, plan: dict[str, Any]) -> tuple[float, float]:
    """Return the largest share of draws in which an officer met an object, and CPU seconds a draw."""
    rules, met, begun = parse_rules(plan), Counter[tuple[int, int]](), time.process_time()
    for k in range(DRAWS):
        used = solve.solve_block(block, rules, H("dry", bytes(32), k)).used
        met.update((block.who[a], block.places[g]) for a, g in zip(used, block.group_of(used), strict=True))
    return max(met.values()) / DRAWS, (time.process_time() - begun) / DRAWS


def apart(visits: int, officers: int) -> list[str]:
    """Run the LP in a process of its own, ended at the limit: HiGHS does not look at its clock while it factorises."""
    call = [sys.executable, "-m", "tests.bench_assignment", str(visits), str(officers)]
    done = subprocess.run(call, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode == -signal.SIGXCPU:
        return ["stopped", f"> {LP_SECONDS}"]
    done.check_returncode()
    return done.stdout.split()


def checked(record: dict[str, Any]) -> list[list[object]]:
    """Return CPU and wall seconds of reading and checking a record, and MB, each judge in a process of its own."""
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "assignment.json"
        path.write_bytes(canon.encode(record))
        for judge, name in JUDGES.items():
            call = [sys.executable, "-m", "tests.bench_assignment", judge, str(path)]
            done = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True)
            rows.append([name, *done.stdout.split()])
    return rows


def alone(judge: str, path: Path) -> None:
    """Read a record and check it as `sampler verify` does, and print what :func:`checked` wants."""
    case, spent = instance(*COUNTRY), list[float]()
    gc.disable()  # as a replay does

    def run(action: Callable[[], Any]) -> Any:
        cpu, clock = time.process_time(), time.perf_counter()
        found = action()
        spent.extend((time.process_time() - cpu, time.perf_counter() - clock))
        return found

    record = run(lambda: read(path.read_bytes()))
    judges = {"speed": arrays.FAST, "numpy": replace(arrays.FAST, priced=EXACT.priced), "stdlib": EXACT}
    run(lambda: check(record, *case, SEED, judge=judges[judge]))
    sys.stdout.write(" ".join([*(f"{s:.2f}" for s in spent), str(peak_mb())]))


def read(data: bytes) -> dict[str, Any]:
    """Return a record of canonical bytes, as a replay reads it: every field checked, written again and compared."""
    found = Assignment.parse(data)
    if found.encode() != data:
        raise ValueError("a second form")
    return found.to_dict()


def started() -> float:
    """Return CPU seconds of a process that only loads what a replay needs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import sampler.auditor, sampler.assign.arrays"], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one(visits: int, officers: int) -> None:
    """Solve one LP and print its value and its seconds; the limit is one of processor time, for busy machines."""
    resource.setrlimit(resource.RLIMIT_CPU, (LP_SECONDS, LP_SECONDS + 10))
    case = instance(1, visits, officers)
    (block,) = build(parse_rules(case[0]), *case[1:])
    q, seconds = minmax(block, solve._rung(block, parse_rules(case[0]))[0])
    sys.stdout.write(f"{q:.3f} {seconds:.1f}")


def main() -> None:
    """Measure and write."""
    report = Report("assignment", "The assignment, measured", packages=("numpy", "scipy", "ortools"))
    report.text(
        "CPU seconds of one process. *solve* is the whole of `solve`: eligibility and blocks, tickets, rung, flow, potentials, "
        "uniqueness, record. The four columns after it are its parts measured again; *certificate* is what a verifier must add "
        "to eligibility and tickets: bounds, reduced costs, anchoring, uniqueness (numpy; *stdlib*: the same without numpy). "
        "*check* is the checker's whole work on the record: eligibility of every member, all tickets, earlier rungs, and from half a million "
        "tickets on making the function that hashes them (0.15)."
    )
    rows: list[list[object]] = []
    peak, beside = 0, list[list[object]]()
    sizes = [
        ("100,000 x 5,000, 100 districts", instance(*COUNTRY), False),
        ("5,000 x 400, one block", instance(1, 5000, 400), True),
        ("1,136 x 500, one block, every officer everywhere", instance(1, 1136, 500, open_to_all=True), True),
        ("1,000 x 50", instance(1, 1000, 50), True),
        ("200 x 40", instance(1, 200, 40), True),
    ]
    for name, case, exact in sizes:
        row, record = measure(case, exact=exact)
        rows.append([name, *row])
        if len(rows) == 1:
            peak, beside = peak_mb(), checked(record)
    head = ("visits x officers", "arcs", "solve", "build", "tickets", "flow", "certificate", "stdlib", "check", "rungs")
    report.table(head, rows)
    report.text(f"Peak memory of the first row: {peak} MB.")
    report.text(
        "## The first row's check in a process of its own\n\nAs `sampler verify` does it (step 13), by what is installed; verdict and words are the same. *reading* "
        "is from the file's bytes to the record: canonical JSON, every field, written again and compared. Objects, officers and plan are given: the frame's rows are "
        f"read by earlier steps. Start-up of Python with all modules: {started():.2f} CPU seconds more. MB is the most that the process held."
    )
    report.table(("checked with", "reading: CPU s", "wall s", "check: CPU s", "wall s", "MB"), beside)
    report.text(
        "## A limit on meetings\n\nThe same with `together`: how many stages of bans, CPU seconds of `solve` and of the whole check, and the "
        "pairs that still meet too often."
    )
    report.table(
        ("visits x officers", "together", "stages", "lifted", "solve", "check", "left"), [met(*m) for m in MET]
    )
    report.text(
        "## Beside a MinMax linear program\n\nThe program that asks for the smallest possible largest chance of a pair, with the same "
        f"arcs and bounds (own re-statement; HiGHS interior point, stopped after {LP_SECONDS} s). It gives chances, not yet an assignment; "
        f"ours is what {DRAWS} draws showed, which errs upwards as the largest of many shares."
    )
    beside = []
    for name, visits, officers in (("200 x 40", 200, 40), ("1,000 x 50", 1000, 50), ("5,000 x 400", 5000, 400)):
        case = instance(1, visits, officers)
        (block,) = build(parse_rules(case[0]), *case[1:])
        ours = largest(block, case[0]) if visits <= SAMPLED else None
        shown = [f"{ours[0]:.3f}", f"{ours[1]:.3f}"] if ours else ["-", "-"]
        beside.append([name, f"{len(block.who):,}", *apart(visits, officers), *shown])
    report.table(
        ("size", "arcs", "LP: largest chance", "LP: CPU s", "ours: largest share", "ours: CPU s a draw"), beside
    )
    report.write()


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0] in JUDGES:
        alone(words[0], Path(words[1]))
    elif words:
        one(*map(int, words))
    else:
        main()
