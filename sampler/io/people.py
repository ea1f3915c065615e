"""The roster of officers (执法检查人员名录库) and their recusals (回避) as clean columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.io.fields import code, must, reading, warn_numbers
from sampler.io.identity import inspector_code, known_inspector, known_object
from sampler.io.imported import Imported, run
from sampler.io.places import district_code
from sampler.io.sheet import Sheet
from sampler.io.values import Bad, code_of, dates, integers, intervals, listing
from sampler.io.vocabulary import RECUSAL_KINDS, ROLES, STATES, chooser
from sampler.roster import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sampler.io.dated import Dated
    from sampler.io.imported import Columns
    from sampler.io.part import Part
    from sampler.io.raw import RawTable

_EVERYWHERE_WORDS: Final = frozenset({"*", "全部", "全市", "全省", "全县", "全区", "不限", "所有"})
_MOST_LOAD: Final = 100_000

_role: Final = chooser(ROLES, "ROLE_UNKNOWN", "不认识的角色")
_state: Final = chooser(STATES, "STATE_UNKNOWN", "不认识的人员状态")
_recusal_kind: Final = chooser(RECUSAL_KINDS, "RECUSAL_KIND_UNKNOWN", "不认识的回避类型")


def import_roster(raw: RawTable, *, districts: Collection[str] = (), dated: Dated | None = None) -> Imported:
    """Return the roster of officers; names, phones and id numbers go to `private`.

    Parameters
    ----------
    raw
        The file's cells.
    districts, dated
        As for `import_objects`; an officer's district may also be empty or 全市, meaning all.
    """
    sheet = Sheet(raw, "roster")
    old = sheet.raw.old_epoch
    fields = {
        "inspector_id": must(inspector_code),
        "unit": code(code_of),
        "department": must(code_of),
        "district": code(_anywhere(district_code(districts, dated)), EVERYWHERE),
        "role": code(_role, "officer"),
        "expiry": must(dates(old_epoch=old, endless=True)),
        "items": code(listing(code_of)),
        "qualifications": code(listing(code_of)),
        "max_load": must(integers("LOAD_RANGE", 0, _MOST_LOAD, "工作量上限")),
        "leave": code(intervals(old_epoch=old)),
    }
    warn_numbers(sheet, "inspector_id")
    return run(sheet, reading(fields, before=_leave_out, after=_look_at_roster, private=("name", "phone", "id_number")))


def _anywhere(parse_code: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: EVERYWHERE if text in _EVERYWHERE_WORDS else parse_code(text)


def _leave_out(part: Part) -> None:
    """Leave out officers marked 失效 (失效人员不纳入抽取范围): their certificates may have run out, their cells be empty."""
    states = part.codes("state", _state, empty="active")
    gone = [n for n, state in enumerate(states) if state == "inactive"]
    part.tally("ROW_INACTIVE", gone, "{n} 名失效人员没有导入", column="state")
    part.drop(gone)


def _look_at_roster(part: Part, columns: Columns) -> None:
    """Say where a cell was given a meaning."""
    ids, typed = columns["inspector_id"], part.texts("inspector_id")
    coded = [n for n, c in enumerate(ids) if c.startswith("x") and not typed[n].isascii() and n not in part.bad]
    found = f"{typed[coded[0]]} = {ids[coded[0]]}" if coded else ""
    part.tally("ID_CODED", coded, "{n} 个执法证号含汉字, 已换成代码", column="inspector_id", found=found)
    for name, what, meaning in (
        ("district", "DISTRICT_ALL", "区划为空, 视为可去所有区划"),
        ("role", "ROLE_DEFAULT", "没有写角色, 视为执法人员"),
    ):
        empty = [n for n, text in enumerate(part.texts(name)) if not text.strip() and n not in part.bad]
        part.tally(what, empty, "{n} 人" + meaning, "核对", column=name)


def import_recusals(raw: RawTable, *, inspectors: Collection[str] = (), objects: Collection[str] = ()) -> Imported:
    """Return recusals: either columns kind and target, or object_id and/or owner_id.

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
    there = known_object(objects)
    if not split:
        sheet.require("kind", "target")
    who, why = (
        {"inspector": must(known_inspector(inspectors, "名录库里没有这名人员"))},
        {"reason": code(code_of), "asked_by": code(code_of)},
    )
    if not split:
        return run(sheet, reading({**who, "kind": must(_recusal_kind), "target": must(there), **why}))
    rest = reading({**who, **why})

    def rules(part: Part) -> tuple[Columns, Columns]:
        kinds, targets = _split_targets(part, there)
        columns, private = rest(part)
        return {**columns, "kind": kinds, "target": targets}, private

    return run(sheet, rules)


def _split_targets(part: Part, there: Callable[[str], str]) -> tuple[list[str], list[str]]:
    objects = part.codes("object_id", there, empty="")
    owners = part.codes("owner_id", there, empty="")
    for n, pair in enumerate(zip(objects, owners, strict=True)):
        if n not in part.bad and all(pair) == any(pair):
            bad = Bad("RECUSAL_TARGET", "每行要有对象或所有者之一, 不能都有或都没有", "两者都回避时写成两行")
            part.problem(n, "object_id", bad, " ".join(pair))
    return ["object" if a else "owner" for a in objects], [a or b for a, b in zip(objects, owners, strict=True)]
