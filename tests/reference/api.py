"""What property tests compare the program with: plain functions over plain values, naive and slow on purpose.

Levels, strata and clauses are strings, hashes and keys are bytes, probabilities are Fractions. A refusal is a
RefusedError whose first argument is the code.
"""

from fractions import Fraction
from typing import Any

from tests.reference import assign, bytes_, pareto, strata, tree
from tests.reference.assign import Block, Demands, TicketOf
from tests.reference.strata import Cell, RefusedError, Stratum

__all__ = [
    "Block",
    "RefusedError",
    "Stratum",
    "ref_assign",
    "ref_choose",
    "ref_clause_total",
    "ref_digits",
    "ref_inclusion",
    "ref_jcs",
    "ref_leaf",
    "ref_levels",
    "ref_nonce",
    "ref_parameters",
    "ref_rhash",
    "ref_root",
    "ref_seed",
    "ref_strata",
    "ref_ticket",
    "ref_weights",
]


def ref_clause_total(ratio: str, units: int, period: str = "task", drawn: int = 0, batches_left: int = 1) -> int:
    """Draw.md 4.2; ratio as in the plan, e.g. `>=3%`."""
    return strata.clause_total(ratio, units, period, drawn, batches_left)


def ref_strata(clause_cells: dict[str, dict[Cell, int]], totals: dict[str, int]) -> dict[str, Stratum]:
    """Stratum id -> (stratum, clause, cells, units N, n), from clause -> cell -> N_cell and clause -> total."""
    return strata.strata(clause_cells, totals)


def ref_weights(risks: list[int], a: int, b: int, gamma: int) -> list[int]:
    """One w per eligible unit of a stratum; f = a / b."""
    return strata.weights(risks, a, b, gamma)


def ref_levels(weights: list[int], n: int, *, cooldown: bool) -> tuple[list[str], dict[str, int]]:
    """Level (`T`, `1`..) of each eligible unit and target_e12 of each level that occurs."""
    return strata.levels(weights, n, cooldown=cooldown)


def ref_choose(
    units: list[tuple[str, int]], key: bytes, m: int, reserves: int
) -> tuple[list[str], list[str], tuple[int, int] | None]:
    """Drawn and reserves in order of their keys, and tau = (h, L); key = H("stream", seed, "object")."""
    return pareto.choose(units, key, m, reserves)


def ref_inclusion(big_l: list[int], counts: list[int], m: int) -> list[Fraction]:
    """Pi of each level, wrong by less than 10^-35."""
    return pareto.inclusion(big_l, counts, m)


def ref_parameters(target_e12: list[int], counts: list[int], m: int) -> list[int]:
    """L of each numbered level, from its target."""
    return pareto.parameters([Fraction(value, strata.E12) for value in target_e12], counts, m)


def ref_digits(value: Fraction, places: int = 30) -> str:
    return pareto.digits(value, places)


def ref_ticket(seed: bytes) -> TicketOf:
    """The function (round, object, group, officer) -> 40-bit ticket of a seed."""
    return assign.ticket_of(seed)


def ref_assign(
    demands: Demands, max_loads: dict[str, int], ladder: list[tuple[str, int, int]], ticket: TicketOf
) -> list[Block]:
    """Blocks by their smallest object; demands: object -> group -> (count, eligible officers).

    A rung is (id, below, above). Keep it tiny: about four objects, five officers.
    """
    return assign.assign(demands, max_loads, ladder, ticket)


def ref_seed(commitment: bytes, source: str, value: bytes, parties: dict[str, bytes | None]) -> bytes:
    """Party -> r, None where the party is absent."""
    return bytes_.seed(commitment, source, value, parties)


def ref_nonce(secret: bytes, draw_id: str, tree_name: str, key: str) -> bytes:
    return bytes_.nonce(secret, draw_id, tree_name, key)


def ref_leaf(nonce: bytes, tree_name: str, draw_id: str, row: str) -> bytes:
    return bytes_.blinded_leaf(nonce, tree_name, draw_id, row)


def ref_jcs(value: Any) -> bytes:
    return bytes_.jcs(value)


def ref_rhash(record: dict[str, Any]) -> bytes:
    return bytes_.rhash(record)


def ref_root(leaves: list[bytes]) -> bytes:
    """The root above leaf HASHES (RFC 6962: SHA-256(0x00 || data); blinded trees: ref_leaf)."""
    return tree.root(leaves)
