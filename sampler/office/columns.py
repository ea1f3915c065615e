"""The column map: what the level above calls its columns, for reading its lists and for reporting back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler.errors import Place, PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELDS: Final = (
    "object_id", "name", "address", "district", "district_name", "draw_id", "task_id", "title", "agency", "items",
    "leader", "team", "team_ids", "state", "date", "result", "result_name", "severity", "defects", "measure", "officers",
)  # fmt: skip
"""What a column of the level above may hold, apart from a fixed text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the level above: its heading, and the field or the fixed text under it."""

    heading: str
    field: str = ""
    text: str = ""


def columns(toml: Mapping[str, Any], file: str) -> tuple[Column, ...]:
    """Return the columns of a map: ``columns = [{ heading = "主体代码", field = "object_id" }, ...]``.

    Raises
    ------
    PlanError
        ``COLUMNS_FORM`` with the column that does not hold.
    """
    listed = toml.get("columns")
    if not isinstance(listed, list) or not listed:
        raise _form(file, "columns", "")
    found: list[Column] = []
    for n, one in enumerate(listed, start=1):
        known = isinstance(one, dict) and set(one) in ({"heading", "field"}, {"heading", "text"})
        if not known or not all(isinstance(v, str) for v in one.values()) or one.get("field", "name") not in FIELDS:
            raise _form(file, f"columns {n}", one)
        found.append(Column(**one))
    names = [c.heading.strip() for c in found]
    if "" in names or len(set(names)) != len(names):
        raise _form(file, "heading", "、".join(names))
    return tuple(found)


def _form(file: str, column: str, found: object) -> PlanError:
    hint = '每列写 { heading = "上级的列名", field = "字段" } 或 { heading = "列名", text = "固定文字" }，列名不重复；字段: '
    place = Place(file=file, column=column)
    return PlanError("COLUMNS_FORM", "列名对照表写法不对", hint=hint + "、".join(FIELDS), place=place, found=str(found))


def headings(found: Sequence[Column]) -> dict[str, str]:
    """Return heading to field, for reading the list that came down."""
    return {c.heading: c.field for c in found if c.field}
