"""Field rules of the bundle's tables and of scores.csv (docs/spec/records.md, section 2)."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from sampler.disclosure import COPY_COLUMNS
from sampler.errors import Place, TableError
from sampler.records import TABLE_COLUMNS
from sampler.roster import parse_recusals, parse_roster
from sampler.tables import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.tables import Table

_ID: Final = r"[0-9A-Za-z._-]{1,64}"
_NUMBER: Final = r"(?:0|[1-9][0-9]{0,14})"
_LIST: Final = rf"{_ID}(?:,{_ID})*"
_LEVEL: Final = r"(?:0|T|[1-9][0-9]{0,3})"
_MONTH: Final = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])"
_TEXT: Final = r"[^\x00-\x1f\x7f-\x9f]{1,1024}"
_SHORT_ID: Final = r"[0-9A-Za-z_-]{1,30}"

COLUMNS: Final = {**TABLE_COLUMNS, **COPY_COLUMNS}
"""Every table of a bundle or a copy, and its columns."""
_FORMS: Final[dict[str, dict[str, str]]] = {
    "frame.tsv": {
        "object_id": rf"(?!-$){_ID}", "owner_id": _ID, "class": r"[A-D]", "type": _ID, "district": _SHORT_ID,
        "industry": _ID, "tags": _LIST, "stratum": _ID, "level": _LEVEL,
    },
    "excluded.tsv": {"object_id": rf"(?!-$){_ID}", "reason": _ID},
    "strata.tsv": dict.fromkeys(("stratum", "clause"), _ID)
    | dict.fromkeys(("N", "eligible", "n", "m", "take_all"), _NUMBER),
    "levels.tsv": {"key": f"{_ID}/{_LEVEL}"} | dict.fromkeys(("count", "target_e12", "L", "pi_e12"), _NUMBER),
    "tau.tsv": {"stratum": _ID, "h": r"[0-9a-f]{64}", "L": _NUMBER},
    "history.tsv": {"key": f"(?!-/){_ID}/{_MONTH}", "draw_id": _ID, "pi_e12": f"-|{_NUMBER}", "drawn": "[01]"},
    "items.tsv": {
        "item_id": _ID, "kind": "general|key", "qualification": _ID, "object_types": _LIST, "name": _TEXT,
        "legal_basis": _TEXT,
    },
    "clauses.tsv": {"clause": r"[0-9]{3}", "N": _NUMBER, "n": _NUMBER},
    "drawn.tsv": {"object_id": rf"(?!-$){_ID}", "owner": _ID, "ticket": r"[0-9a-f]{64}"},
    "exclusions.tsv": {
        "object_id": rf"(?!-$){_ID}", "reason": _ID, "nonce": r"-|[0-9a-f]{32}", "leaf": r"[0-9a-f]{64}",
    },
    "roster.tsv": {"inspector_id": rf"(?!-$){_ID}"},
    "recusals.tsv": {"reason": _ID, "asked_by": _ID},
}  # fmt: skip
_NONCE: Final = r"[0-9a-f]{32}"
FORMS: Final = {
    file: {name: re.compile(forms.get(name, _NONCE)) for name in COLUMNS[file] if name == "nonce" or name in forms}
    for file, forms in _FORMS.items()
}
"""Table to column to the form of its fields; columns not named here are parsed by `sampler.roster`."""
LISTS: Final = {"frame.tsv": ("tags",), "items.tsv": ("object_types",)}

_SCORES_HEAD: Final = b"object_id,risk_ppm\n"
_SCORE: Final = re.compile(rf"(?!-,)({_ID}),(0|[1-9][0-9]{{0,5}}|1000000)")


def parse_table(file: str, data: bytes) -> Table:
    """Return the table in `data` with every field checked.

    Raises
    ------
    TableError
        ``TABLE_*``, ``ROSTER_*`` or ``RECUSAL_*`` with file, row and column of the first offence.
    """
    table = decode(data, COLUMNS[file], file=file)
    for column, form in FORMS[file].items():
        _check_column(file, column, form, table[column])
    for column in LISTS.get(file, ()):
        _check_lists(file, column, table[column])
    if "nonce" in table.columns and not data.isascii():
        raise TableError("TABLE_ASCII", f"{file}: a committed row is not ASCII", place=Place(file=file))
    if file == "roster.tsv":
        parse_roster(table.without("nonce"))
    if file == "recusals.tsv":
        parse_recusals(table.without("nonce"))
    return table


def parse_scores(data: bytes) -> dict[str, int]:
    """Return object id to risk in ppm (records.md, 2).

    Raises
    ------
    TableError
        ``SCORES_HEAD``, ``SCORES_ROW``, ``SCORES_ORDER`` with the row.
    """
    if not data.startswith(_SCORES_HEAD) or not data.endswith(b"\n"):
        raise _scores("SCORES_HEAD", "header is not object_id,risk_ppm, or the last line has no end", 1)
    lines = data.decode("ascii", "replace").split("\n")[1:-1]
    found = [_SCORE.fullmatch(line) for line in lines]
    if None in found:
        raise _scores("SCORES_ROW", "row is not id,risk", 2 + found.index(None))
    ids = [line.partition(",")[0] for line in lines]
    for n, (a, b) in enumerate(itertools.pairwise(ids)):
        if a >= b:
            raise _scores("SCORES_ORDER", "ids do not increase", n + 3)
    return {i: int(line.partition(",")[2]) for i, line in zip(ids, lines, strict=True)}


def _scores(code: str, message: str, row: int) -> TableError:
    return TableError(code, f"scores.csv: row {row}: {message}", place=Place(file="scores.csv", row=row))


def _check_column(file: str, column: str, form: re.Pattern[str], values: Sequence[str]) -> None:
    for n, value in enumerate(values):
        if form.fullmatch(value) is None:
            raise _field(file, column, n, value)


def _check_lists(file: str, column: str, values: Sequence[str]) -> None:
    for n, value in enumerate(values):
        parts = value.split(",")
        if len(parts) > 1 and any(a >= b for a, b in itertools.pairwise(parts)):
            raise _field(file, column, n, value)


def _field(file: str, column: str, n: int, value: str) -> TableError:
    place = Place(file=file, row=n + 2, column=column)
    return TableError("TABLE_VALUE", f"{file}: row {n + 2}: {column} is malformed", place=place, found=value or "''")
