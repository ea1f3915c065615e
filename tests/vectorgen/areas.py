"""All vectors: relative path to bytes."""

from tests.vectorgen import (
    allocation,
    audits,
    bytes_,
    drawn,
    estimates,
    inference,
    levels,
    log,
    lots,
    merkle,
    nearmiss_bytes,
    nearmiss_draw,
    owners,
    plans,
    probability,
    records,
    select,
    sources,
    target,
    ticket,
)
from tests.vectorgen.case import Case

MODULES = (
    bytes_, ticket, merkle, allocation, levels, probability, select, inference, drawn, sources, nearmiss_bytes, nearmiss_draw,
    records, log, owners, target, lots, plans, estimates, audits,
)  # fmt: skip
AREAS = (
    "allocation",
    "audit",
    "bytes",
    "estimate",
    "inference",
    "levels",
    "log",
    "merkle",
    "plan",
    "probability",
    "records",
    "select",
    "sources",
    "ticket",
)


def cases() -> list[Case]:
    return [case for module in MODULES for case in module.cases()]


def files() -> dict[str, bytes]:
    made = [(case.path, case.text().encode()) for case in cases()]
    out = dict(made)
    if len(out) != len(made):
        raise ValueError("two vectors of one name")
    return out
