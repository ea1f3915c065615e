"""The office's files as clean columns, one function a kind of file.

Every function takes the cells of a file (`readers.read_rows`) and returns an `Imported`: the rows that can be accepted,
and each problem at its place. Nothing is raised for a bad cell; the caller decides, usually with
``raise InputError(imported.problems)``. Nothing is repaired in silence: what was normalised is counted in the warnings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.io.doubts import report_near_duplicates
from sampler.io.identity import free_code, inspector_code, object_code, plain_code
from sampler.io.imported import Imported, finish
from sampler.io.sheet import Sheet
from sampler.io.values import (
    Bad,
    code_of,
    dates,
    decimals,
    integers,
    intervals,
    listing,
    months,
    past,
    risk,
)
from sampler.io.vocabulary import CLASSES, ITEM_KINDS, RECUSAL_KINDS, ROLES, STATES, TYPES, chooser, result
from sampler.tables import NONE, is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sampler.io.raw import RawTable

EVERYWHERE: Final = "*"
"""The district of an officer who may visit any."""
_EVERYWHERE_WORDS: Final = frozenset({"*", "全部", "全市", "全省", "全县", "全区", "不限", "所有"})
_FREE_TYPES: Final = frozenset({"product", "project"})
_YEARS: Final = (2000, 2100)
_MOST_VISITS: Final = 366
_MOST_DEFECTS: Final = 100_000
_MOST_LOAD: Final = 100_000
_HUGE_WEIGHT: Final = 1e12

_type: Final = chooser(TYPES, "TYPE_UNKNOWN", "不认识的主体类型")
_class: Final = chooser(CLASSES, "CLASS_UNKNOWN", "信用风险分类不是 A、B、C、D")
_role: Final = chooser(ROLES, "ROLE_UNKNOWN", "不认识的角色")
_state: Final = chooser(STATES, "STATE_UNKNOWN", "不认识的人员状态")
_item_kind: Final = chooser(ITEM_KINDS, "ITEM_KIND_UNKNOWN", "事项类别不是一般或重点")
_recusal_kind: Final = chooser(RECUSAL_KINDS, "RECUSAL_KIND_UNKNOWN", "不认识的回避类型")


def import_objects(
    raw: RawTable, *, districts: Collection[str] = (), district_names: Mapping[str, str] | None = None
) -> Imported:
    """Return the registry of inspected objects (检查对象名录库).

    Parameters
    ----------
    raw
        The file's cells.
    districts
        Known district codes; empty: any code is accepted.
    district_names
        Names an office may write instead of codes, for example 元宝区 to 210602.
    """
    sheet = Sheet(raw, "objects")
    if not sheet.readable:
        return finish(sheet, {})
    types = sheet.codes("object_type", _type, empty=None)
    free = {n for n, t in enumerate(types) if t in _FREE_TYPES}
    ids = _object_ids(sheet, free)
    columns = {
        "object_id": ids,
        "owner_id": _owners(sheet, ids),
        "object_type": types,
        "district": sheet.codes("district", _district(districts, district_names), empty=None),
        "industry": sheet.codes("industry", code_of),
        "tags": sheet.codes("tags", listing(code_of)),
        "status": sheet.codes("status", empty=None),
        "established": sheet.codes("established", dates(old_epoch=sheet.raw.old_epoch)),
    }
    names = sheet.names("name")
    report_near_duplicates(sheet, ids, columns["district"], names)
    return finish(sheet, columns, {"name": names, "address": sheet.names("address")})


def _object_ids(sheet: Sheet, free: set[int]) -> list[str]:
    """Return object ids; those of products and projects follow no national rule."""
    others = set(range(len(sheet))) - free
    ids = sheet.codes("object_id", object_code, empty=None, skip=free) if others else [""] * len(sheet)
    if free:
        for n, code in enumerate(sheet.codes("object_id", free_code, empty=None, skip=others)):
            ids[n] = ids[n] or code
    warn_numbers(sheet, "object_id")
    return ids


def warn_numbers(sheet: Sheet, name: str) -> None:
    """Say that codes stand in a column as numbers."""
    count = sheet.raw.numeric.get(sheet.header.columns.get(name, -1), 0)
    if count:
        sheet.warn("CODE_NUMBER", f"{count} 个代码以数字存储, 可能丢了开头的 0", "把该列设为文本后核对", column=name)


def _owners(sheet: Sheet, ids: list[str]) -> list[str]:
    """Return owner codes; an object that owns itself has none, so that one fact has one form."""
    owners = sheet.codes("owner_id", object_code)
    own = [n for n, (a, b) in enumerate(zip(owners, ids, strict=True)) if a == b and a]
    if own:
        message = f"{len(own)} 行的所有者就是对象自己, 记作 -"
        sheet.warn("NORMALISED", message, row=sheet.numbers[own[0]], column="owner_id", found=ids[own[0]])
    for n in own:
        owners[n] = NONE
    return owners


def _district(known: Collection[str], names: Mapping[str, str] | None) -> Callable[[str], str]:
    codes = frozenset(known)

    def parse(text: str) -> str:
        code = (names or {}).get(text, text)
        if (codes and code not in codes) or not is_id(code):
            raise Bad("DISTRICT_UNKNOWN", "区划代码不在名单里", "填方案所列的 6 位行政区划代码")
        return code

    return parse


def object_ref(known: Collection[str]) -> Callable[[str], str]:
    """Return a parser of references to objects: those known are taken as they are, others are checked."""
    there = frozenset(known)

    def parse(text: str) -> str:
        return text if text in there else object_code(text)

    return parse


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
    if not sheet.readable:
        return finish(sheet, {})
    columns = {
        "object_id": sheet.codes("object_id", object_ref(objects), empty=None),
        "class": sheet.codes("class", _class, empty=None),
        "source": sheet.names("source", empty=NONE),
        "month": sheet.codes("month", months(old_epoch=sheet.raw.old_epoch)),
    }
    warn_numbers(sheet, "object_id")
    return finish(sheet, columns)


def import_roster(
    raw: RawTable,
    *,
    districts: Collection[str] = (),
    district_names: Mapping[str, str] | None = None,
) -> Imported:
    """Return the roster of officers (执法检查人员名录库); names, phones and id numbers go to `private`.

    Parameters
    ----------
    raw
        The file's cells.
    districts, district_names
        As for `import_objects`; an officer's district may also be empty or 全市, meaning all.
    """
    sheet = Sheet(raw, "roster")
    if not sheet.readable:
        return finish(sheet, {})
    old = sheet.raw.old_epoch
    columns = {
        "inspector_id": sheet.codes("inspector_id", inspector_code, empty=None),
        "unit": sheet.codes("unit", code_of),
        "department": sheet.codes("department", code_of, empty=None),
        "district": sheet.codes("district", _officer_district(districts, district_names), empty=EVERYWHERE),
        "role": sheet.codes("role", _role, empty="officer"),
        "expiry": sheet.codes("expiry", dates(old_epoch=old, endless=True), empty=None),
        "items": sheet.codes("items", listing(code_of)),
        "qualifications": sheet.codes("qualifications", listing(code_of)),
        "max_load": sheet.codes("max_load", integers("LOAD_RANGE", 0, _MOST_LOAD, "工作量上限"), empty=None),
        "leave": sheet.codes("leave", intervals(old_epoch=old)),
    }
    _drop_inactive(sheet)
    _warn_roster(sheet, columns["inspector_id"])
    return finish(sheet, columns, {name: sheet.names(name) for name in ("name", "phone", "id_number")})


def _officer_district(known: Collection[str], names: Mapping[str, str] | None) -> Callable[[str], str]:
    parse_code = _district(known, names)

    def parse(text: str) -> str:
        return EVERYWHERE if text in _EVERYWHERE_WORDS else parse_code(text)

    return parse


def _drop_inactive(sheet: Sheet) -> None:
    """Leave out officers marked 失效 (失效人员不纳入抽取范围), and say how many."""
    states = sheet.codes("state", _state, empty="active")
    gone = [n for n, state in enumerate(states) if state == "inactive"]
    if gone:
        sheet.warn("ROW_INACTIVE", f"{len(gone)} 名失效人员没有导入", row=sheet.numbers[gone[0]], column="state")
        sheet.bad.update(gone)


def _warn_roster(sheet: Sheet, ids: list[str]) -> None:
    """Say where an empty cell was given a meaning, or a certificate number a code."""
    typed = sheet.texts("inspector_id")
    coded = [n for n, code in enumerate(ids) if code.startswith("x") and not typed[n].isascii() and n not in sheet.bad]
    if coded:
        message = f"{len(coded)} 个执法证号含汉字, 已换成代码"
        row, found = sheet.numbers[coded[0]], f"{typed[coded[0]]} = {ids[coded[0]]}"
        sheet.warn("ID_CODED", message, row=row, column="inspector_id", found=found)
    for name, code, meaning in (
        ("district", "DISTRICT_ALL", "区划为空, 视为可去所有区划"),
        ("role", "ROLE_DEFAULT", "没有写角色, 视为执法人员"),
    ):
        empty = [n for n, text in enumerate(sheet.texts(name)) if not text.strip()]
        if empty:
            sheet.warn(code, f"{len(empty)} 人{meaning}", "核对", row=sheet.numbers[empty[0]], column=name)
    warn_numbers(sheet, "inspector_id")


def import_recusals(raw: RawTable, *, inspectors: Collection[str] = (), objects: Collection[str] = ()) -> Imported:
    """Return recusals (回避): either columns kind and target, or object_id and/or owner_id.

    Parameters
    ----------
    raw
        The file's cells.
    inspectors
        Known inspectors; empty: any is accepted.
    objects
        As for `import_classes`.
    """
    sheet = Sheet(raw, "recusals")
    split = sheet.has("object_id") or sheet.has("owner_id")
    if not sheet.readable or (not split and not sheet.require("kind", "target")):
        return finish(sheet, {})
    kinds, targets = _split_targets(sheet, objects) if split else _named_targets(sheet, objects)
    columns = {
        "inspector": sheet.codes("inspector", _member(inspectors), empty=None),
        "kind": kinds,
        "target": targets,
        "reason": sheet.codes("reason", code_of),
        "asked_by": sheet.codes("asked_by", code_of),
    }
    return finish(sheet, columns)


def _member(inspectors: Collection[str]) -> Callable[[str], str]:
    known = frozenset(inspectors)

    def parse(text: str) -> str:
        code = inspector_code(text)
        if known and code not in known:
            raise Bad("INSPECTOR_UNKNOWN", "名录库里没有这名人员", "核对执法证号")
        return code

    return parse


def _named_targets(sheet: Sheet, known: Collection[str]) -> tuple[list[str], list[str]]:
    return sheet.codes("kind", _recusal_kind, empty=None), sheet.codes("target", object_ref(known), empty=None)


def _split_targets(sheet: Sheet, known: Collection[str]) -> tuple[list[str], list[str]]:
    objects = sheet.codes("object_id", object_ref(known), empty="")
    owners = sheet.codes("owner_id", object_ref(known), empty="")
    for n, pair in enumerate(zip(objects, owners, strict=True)):
        if n not in sheet.bad and all(pair) == any(pair):
            bad = Bad("RECUSAL_TARGET", "每行要有对象或所有者之一, 不能都有或都没有", "两者都回避时写成两行")
            sheet.problem(n, "object_id", bad, " ".join(pair))
    kinds = ["object" if a else "owner" for a in objects]
    return kinds, [a or b for a, b in zip(objects, owners, strict=True)]


def import_items(raw: RawTable) -> Imported:
    """Return the published list of inspection items (抽查事项清单); an item needs a legal basis."""
    sheet = Sheet(raw, "items")
    if not sheet.readable:
        return finish(sheet, {})
    columns = {
        "item_id": sheet.codes("item_id", plain_code, empty=None),
        "kind": sheet.codes("kind", _item_kind, empty=None),
        "qualification": sheet.codes("qualification", listing(code_of)),
        "object_types": sheet.codes("object_types", listing(_type), empty=None),
        "name": sheet.names("name", empty=None),
        "legal_basis": _bases(sheet),
    }
    return finish(sheet, columns)


def _bases(sheet: Sheet) -> list[str]:
    bases = sheet.names("legal_basis", empty="")
    bad = Bad("BASIS_MISSING", "事项没有法律依据", "补上法律依据; 没有依据的事项不得检查")
    for n, text in enumerate(bases):
        if not text and n not in sheet.bad:
            sheet.problem(n, "legal_basis", bad)
    return bases


def import_caps(raw: RawTable) -> Imported:
    """Return yearly caps of visits for each item and department (频次上限)."""
    sheet = Sheet(raw, "caps")
    if not sheet.readable:
        return finish(sheet, {})
    columns = {
        "item": sheet.codes("item", plain_code, empty=None),
        "department": sheet.codes("department", code_of, empty=None),
        "year": sheet.codes("year", integers("YEAR_RANGE", *_YEARS, "年度"), empty=None),
        "cap": sheet.codes("cap", integers("CAP_RANGE", 0, _MOST_VISITS, "频次上限"), empty=None),
    }
    return finish(sheet, columns)


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
    if not sheet.readable:
        return finish(sheet, {})
    columns = {
        "object_id": sheet.codes("object_id", object_ref(objects), empty=None),
        "date": sheet.codes("date", past(dates(old_epoch=sheet.raw.old_epoch), today), empty=None),
        "result": sheet.codes("result", result, empty=None),
        "severity": sheet.codes("severity", integers("SEVERITY_RANGE", 0, 3, "严重程度")),
        "defects": sheet.codes("defects", integers("DEFECTS_RANGE", 0, _MOST_DEFECTS, "问题数")),
        "item": sheet.codes("item", listing(code_of)),
        "inspector_id": sheet.codes("inspector_id", listing(inspector_code)),
        "draw_id": sheet.codes("draw_id", plain_code),
        "pi": sheet.codes("pi", decimals("PI_RANGE", 1e-12, 1, "入样概率")),
        "W": sheet.codes("W", decimals("W_RANGE", 0, _HUGE_WEIGHT, "权重")),
    }
    warn_numbers(sheet, "object_id")
    return finish(sheet, columns)


def import_scores(raw: RawTable, *, objects: Collection[str] = ()) -> Imported:
    """Return risk scores in millionths; `objects` as for `import_classes`."""
    sheet = Sheet(raw, "scores")
    if not sheet.readable:
        return finish(sheet, {})
    columns = {
        "object_id": sheet.codes("object_id", object_ref(objects), empty=None),
        "risk_ppm": sheet.codes("risk_ppm", risk, empty=None),
    }
    warn_numbers(sheet, "object_id")
    return finish(sheet, columns)
