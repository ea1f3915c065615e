"""Properties of the firm known before the visit: which are used, of what kind, and their values.

A text (industry, district, class, zip, any code) becomes the smoothed past rate of its group, a number (with a
fraction somewhere, or named ``x:number``) thousandths, a date (``established``) days before the visit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models import columns, leaks
from models.problems import refuse
from models.reading import as_number, as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.history import History
    from models.options import Options

TEXT, NUMBER, DATE = "text", "number", "date"
KINDS: Final = frozenset({TEXT, NUMBER, DATE})
DEFAULTS: Final = (
    "district", "industry", "object_type", "class", "established", "licences", "owner_id", "facility_type",
    "risk_class", "risk_category", "business_type", "license_description", "category", "zip", "zipcode", "zip_code",
    "postal_code", "postcode",
)  # fmt: skip
"""Used without being named: what such files usually call the kind of firm and its place. Never a name or a text."""
PAIRS: Final = (("district", "industry"),)
"""Attributes whose combination is a group of its own."""
_FIXED: Final = {"established": DATE, "licences": NUMBER}
"""Of what kind these are, whatever they hold."""
_PLACE: Final = re.compile(
    r"(^|_)(zip|zipcode|postal|post|postcode|district|ward|borough|county|town|township|street|community|region|area"
    r"|precinct|tract|neighbou?rhood)(_|$)|邮编|区划|行政区|辖区|街道|乡镇|社区|片区|地区",
    re.IGNORECASE,
)
_DIVISION: Final = re.compile(r"[A-Za-z]?([0-9]{2})[0-9]{0,3}")
_ZIP: Final = re.compile(r"(^|_)(zip|postal)_?(code)?$", re.IGNORECASE)
_FIVE: Final = re.compile(r"([0-9]{5})(-?[0-9]{4})?")
_FORM: Final = re.compile(
    r"[^\w ]|_|\d|\b(inc|llc|corp|ltd|co|the|restaurant|cafe)\b|有限公司|有限责任公司|分公司|分店|店$"
)
_CODES: Final = re.compile(r"(^|_)(zip|code|id|ward|district|postcode)(_|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute in use.

    Parameters
    ----------
    name, kind
        Column and one of ``text``, ``number``, ``date``.
    """

    name: str
    kind: str


def choose(history: History, objects: pd.DataFrame | None, options: Options) -> tuple[Attribute, ...]:
    """Return the attributes to use, in order of name.

    Parameters
    ----------
    history
        Visits before the as-of date.
    objects
        Properties by object (index: identifier), or none.
    options
        Names asked for and excluded.

    Raises
    ------
    InputError
        ``ATTRIBUTE_MISSING``, ``ATTRIBUTE_KIND``, or what `leaks` refuses.
    """
    known = set(history.raw.columns) | (set(objects.columns) if objects is not None else set())
    asked = options.attributes or tuple(n for n in DEFAULTS if n in known)
    wanted = {name: kind for name, _, kind in (a.strip().partition(":") for a in asked)}
    chosen = [(n, k) for n, k in sorted(wanted.items()) if n not in options.exclude]
    return tuple(_checked(history, objects, name, kind) for name, kind in chosen)


def _checked(history: History, objects: pd.DataFrame | None, name: str, kind: str) -> Attribute:
    roles = history.roles
    leaks.check_name(name, inspector_col=roles.inspector_col, outcome_cols=roles.outcome_cols)
    in_history = name in history.raw.columns
    if not in_history and (objects is None or name not in objects.columns):
        hint = "spell it like a heading of the history or of the objects file"
        refuse("ATTRIBUTE_MISSING", "no such attribute", hint=hint, found=name, column=name)
    if name in {roles.id_col, roles.date_col}:
        hint = f"leave {name} out of --attributes"
        refuse("ATTRIBUTE_KEY", "identifier and date are no attributes", hint=hint, found=name, column=name)
    if kind and kind not in KINDS:
        hint = f"write {name}:text, {name}:number or {name}:date"
        refuse("ATTRIBUTE_KIND", "unknown kind of attribute", hint=hint, found=kind, column=name)
    raw = history.raw[name] if in_history or objects is None else objects[name]
    if in_history:
        leaks.check_values(name, raw, history.failed)
    return Attribute(name, kind or _kind(name, raw))


def _kind(name: str, raw: pd.Series) -> str:
    if name in _FIXED:
        return _FIXED[name]
    if _CODES.search(name):
        return TEXT
    numbers = as_number(raw).to_numpy()
    filled = raw.notna().to_numpy()
    fraction = bool(np.any(numbers[filled] % 1 != 0)) if filled.any() else False
    return NUMBER if fraction and bool(np.isfinite(numbers[filled]).all()) else TEXT


def at_visits(history: History, objects: pd.DataFrame | None, attribute: Attribute) -> NDArray[np.generic]:
    """Return the attribute at each visit: from the visit's own row, else from the objects file."""
    if attribute.name in history.raw.columns:
        return _values(history.raw[attribute.name], attribute)
    return _looked_up(objects, history.ids, attribute)


def at_objects(
    history: History, objects: pd.DataFrame | None, ids: NDArray[np.object_], attribute: Attribute
) -> NDArray[np.generic]:
    """Return the attribute of each object now: from the objects file, else from its last visit."""
    if objects is not None and attribute.name in objects.columns:
        return _looked_up(objects, ids, attribute)
    if attribute.name not in history.raw.columns:
        return _empty(len(ids), attribute)
    last = pd.DataFrame({attribute.name: history.raw[attribute.name].to_numpy()}, index=history.ids)
    return _looked_up(last[~last.index.duplicated(keep="last")], ids, attribute)


def _looked_up(objects: pd.DataFrame | None, ids: NDArray[np.object_], attribute: Attribute) -> NDArray[np.generic]:
    if objects is None or attribute.name not in objects.columns:
        return _empty(len(ids), attribute)
    return _values(objects[attribute.name].reindex(ids).reset_index(drop=True), attribute)


def _empty(n: int, attribute: Attribute) -> NDArray[np.generic]:
    return np.full(n, "", dtype="object") if attribute.kind == TEXT else np.full(n, columns.MISSING, dtype="int64")


def _values(raw: pd.Series, attribute: Attribute) -> NDArray[np.generic]:
    if attribute.kind == DATE:
        return columns.days(raw, "objects", optional=True)
    if attribute.kind == NUMBER:
        numbers = as_number(raw).to_numpy()
        usable = np.isfinite(numbers) & (np.abs(np.nan_to_num(numbers)) < columns.MAX_VALUE)
        return np.where(usable, np.rint(np.where(usable, numbers, 0) * columns.MILLI), columns.MISSING).astype("int64")
    text = as_text(raw)
    tidy = _tidy(attribute.name)
    if tidy is not None:
        text = text.map({v: tidy(v) for v in text.unique()})
    return text.to_numpy(dtype="object")


def _tidy(name: str) -> Callable[[str], str] | None:
    if name == "industry":
        return _division
    if name in {"name", "名称"}:
        return _chain
    return _five if _ZIP.search(name) else None


def _five(code: str) -> str:
    """Return the first five digits of a zip code with or without its four more; other text as it is."""
    match = _FIVE.fullmatch(code)
    return match[1] if match else code


def _chain(name: str) -> str:
    """Return a name without numbers, punctuation and company forms, so that branches of a chain share it."""
    return " ".join(_FORM.sub(" ", name.casefold()).split())


def pairs(values: dict[str, NDArray[np.generic]], used: tuple[Attribute, ...]) -> dict[str, NDArray[np.generic]]:
    """Return text attributes by name, and the combinations of `PAIRS` whose parts are among them."""
    texts = {a.name: values[a.name].astype("object") for a in used if a.kind == TEXT}
    for one, two in PAIRS:
        if one in texts and two in texts:
            joined = texts[one] + "\x1f" + texts[two]
            known = (texts[one] != "") & (texts[two] != "")
            texts[f"{one}*{two}"] = np.where(known, joined, "")
    return dict(texts)


def is_place(name: str) -> bool:
    """Return whether an attribute, or a part of a combination, says where the firm is.

    >>> [n for n in ("zip", "district*industry", "police_district", "industry", "facility_type") if is_place(n)]
    ['zip', 'district*industry', 'police_district']
    """
    return any(_PLACE.search(part) for part in name.split("*"))


def _division(code: str) -> str:
    """Return the two-digit division of a GB/T 4754 code; other text as it is."""
    match = _DIVISION.fullmatch(code)
    return match[1] if match else code
