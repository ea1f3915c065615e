"""The office's files as clean columns, one function a kind of file.

Every function takes the cells of a file (`readers.read_rows`) and returns an `Imported`: the rows that can be accepted,
and each problem at its place. Nothing is raised for a bad cell; the caller decides, usually with
``raise InputError(imported.problems)``. Nothing is repaired in silence: what was normalised is counted in the warnings.
The rules see some rows at a time (`sampler.io.part`); officers are in `sampler.io.people`, results in
`sampler.io.visits`, lists of objects to visit in `sampler.io.listfiles`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sampler.io.fields import code, must, reading, text, warn_numbers
from sampler.io.identity import free_code, inspector_code, known_object, object_code, plain_code
from sampler.io.imported import Imported, run
from sampler.io.places import district_code
from sampler.io.sheet import Sheet
from sampler.io.values import Bad, code_of, dates, decimals, integers, listing, months, past, risk
from sampler.io.vocabulary import CLASSES, ITEM_KINDS, chooser, object_type, result
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sampler.io.dated import Dated
    from sampler.io.imported import Columns
    from sampler.io.part import Part
    from sampler.io.raw import RawTable

_FREE_TYPES: Final = frozenset({"product", "lot", "project"})
_YEARS: Final = (2000, 2100)
_MOST_VISITS: Final = 366
_MOST_DEFECTS: Final = 100_000
_MOST_LICENCES: Final = 100_000
_HUGE_WEIGHT: Final = 1e12

_YEAR_WORD: Final = re.compile(r"年度?\Z")
_TIMES_WORD: Final = re.compile(r"次(?:[/每]?年)?\Z")

_cap: Final = integers("CAP_RANGE", 0, _MOST_VISITS, "频次上限")
_class: Final = chooser(CLASSES, "CLASS_UNKNOWN", "信用风险分类不是 A、B、C、D")
_item_kind: Final = chooser(ITEM_KINDS, "ITEM_KIND_UNKNOWN", "事项类别不是一般或重点")


def import_objects(raw: RawTable, *, districts: Collection[str] = (), dated: Dated | None = None) -> Imported:
    """Return the registry of inspected objects (检查对象名录库).

    Parameters
    ----------
    raw
        The file's cells.
    districts
        Known district codes; empty: any code is accepted.
    dated
        The office's tables of districts and industries on the day in question; names are then understood too.
    """
    sheet = Sheet(raw, "objects")
    rest = reading(
        {
            "district": must(district_code(districts, dated)),
            "industry": code((dated and dated.industry) or code_of),
            "tags": code(listing(code_of)),
            "status": must(),
            "established": code(dates(old_epoch=sheet.raw.old_epoch)),
            "licences": code(integers("LICENCES_RANGE", 0, _MOST_LICENCES, "许可证数")),
            "licence": text(),
        },
        private=("name", "address"),
    )

    def rules(part: Part) -> tuple[Columns, Columns]:
        types = part.codes("object_type", object_type, empty=None)
        ids = _object_ids(part, {n for n, t in enumerate(types) if t in _FREE_TYPES})
        who = {"object_id": ids, "owner_id": _owners(part, ids), "object_type": types}
        columns, private = rest(part)
        return who | columns, private

    warn_numbers(sheet, "object_id")
    if sheet.has("licence") and sheet.has("licences"):
        sheet.refuse_column("licences", "既有许可证号又有许可证数", "只留一列: 有许可证号就由程序合并计数")
    return run(sheet, rules)


def _object_ids(part: Part, free: set[int]) -> list[str]:
    """Return object ids; those of products and projects follow no national rule."""
    others = set(range(len(part))) - free
    ids = part.codes("object_id", object_code, empty=None, skip=free) if others else [""] * len(part)
    if free:
        for n, own in enumerate(part.codes("object_id", free_code, empty=None, skip=others)):
            ids[n] = ids[n] or own
    return ids


def _owners(part: Part, ids: list[str]) -> list[str]:
    """Return owner codes; an object that owns itself has none, so that one fact has one form."""
    owners = part.codes("owner_id", object_code)
    own = [n for n, (a, b) in enumerate(zip(owners, ids, strict=True)) if a == b and a]
    found = ids[own[0]] if own else ""
    part.tally("NORMALISED", own, "{n} 行的所有者就是对象自己, 记作 -", column="owner_id", found=found)
    for n in own:
        owners[n] = NONE
    return owners


def import_classes(raw: RawTable, *, objects: Collection[str] = ()) -> Imported:
    """Return credit-risk classes A to D (信用风险分类).

    Parameters
    ----------
    raw
        The file's cells.
    objects
        Known objects: their ids are taken as they are (a product's number follows no national rule).
    """
    sheet = Sheet(raw, "classes")
    fields = {
        "object_id": must(known_object(objects)),
        "class": must(_class),
        "source": text(NONE),
        "month": code(months(old_epoch=sheet.raw.old_epoch)),
    }
    warn_numbers(sheet, "object_id")
    return run(sheet, reading(fields))


def import_items(raw: RawTable) -> Imported:
    """Return the published list of inspection items (抽查事项清单); an item needs a legal basis."""
    fields = {
        "item_id": must(plain_code),
        "kind": must(_item_kind),
        "qualification": code(listing(code_of)),
        "object_types": must(listing(object_type)),
        "name": text(None),
        "legal_basis": text(),
    }
    return run(Sheet(raw, "items"), reading(fields, after=_check_bases))


def _check_bases(part: Part, columns: Columns) -> None:
    bad = Bad("BASIS_MISSING", "事项没有法律依据", "补上法律依据; 没有依据的事项不得检查")
    for n, basis in enumerate(columns["legal_basis"]):
        if not basis and n not in part.bad:
            part.problem(n, "legal_basis", bad)


def import_caps(raw: RawTable) -> Imported:
    """Return yearly caps of visits for each item and department (频次上限)."""
    fields = {
        "item": must(plain_code),
        "department": must(code_of),
        "year": must(_without(_YEAR_WORD, integers("YEAR_RANGE", *_YEARS, "年度"))),
        "cap": must(_without(_TIMES_WORD, _times)),
    }
    return run(Sheet(raw, "caps"), reading(fields))


def _without(word: re.Pattern[str], parse: Callable[[str], str]) -> Callable[[str], str]:
    """Return a parser that overlooks a unit at the end: 2026年, 2次."""
    return lambda text: parse(word.sub("", text))


def _times(text: str) -> str:
    if text in ("不限", "无上限", "不设上限"):
        raise Bad("CAP_RANGE", "上限不是次数", "填 0 到 366 的整数; 不设上限的重点事项, 这一行整行删去")
    return _cap(text)


def import_history(raw: RawTable, *, objects: Collection[str] = (), today: str = "") -> Imported:
    """Return earlier inspections and their results.

    Parameters
    ----------
    raw
        The file's cells.
    objects
        As for `import_classes`.
    today
        An inspection after this day is refused; empty: not checked.
    """
    sheet = Sheet(raw, "history")
    fields = {
        "object_id": must(known_object(objects)),
        "date": must(past(dates(old_epoch=sheet.raw.old_epoch), today)),
        "result": must(result),
        "severity": code(integers("SEVERITY_RANGE", 0, 3, "严重程度")),
        "defects": code(integers("DEFECTS_RANGE", 0, _MOST_DEFECTS, "问题数")),
        "item": code(listing(code_of)),
        "inspector_id": code(listing(inspector_code)),
        "draw_id": code(plain_code),
        "pi": code(decimals("PI_RANGE", 1e-12, 1, "入样概率")),
        "W": code(decimals("W_RANGE", 0, _HUGE_WEIGHT, "权重")),
    }
    warn_numbers(sheet, "object_id")
    return run(sheet, reading(fields))


def import_scores(raw: RawTable, *, objects: Collection[str] = ()) -> Imported:
    """Return risk scores in millionths; `objects` as for `import_classes`."""
    sheet = Sheet(raw, "scores")
    warn_numbers(sheet, "object_id")
    return run(sheet, reading({"object_id": must(known_object(objects)), "risk_ppm": must(risk)}))
