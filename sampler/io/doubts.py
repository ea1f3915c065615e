"""Rows that may be one firm twice. Nothing is merged: two codes are two objects until the office says otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sampler.io.held import Held
    from sampler.io.sheet import Sheet

_NOISE: Final = re.compile(r"[\W_]+")
_REGNO: Final = 15
_SHOWN: Final = 3


def fold_name(name: str) -> str:
    """Return a name without what clerks write differently: width, case, brackets, blanks, points.

    >>> fold_name("甲（青石） 食品 有限公司") == fold_name("甲(青石)食品有限公司")
    True
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def report_near_duplicates(sheet: Sheet, held: Held) -> None:
    """Warn of rows with one name in one district under different codes, an old 注册号 beside a new code first.

    Parameters
    ----------
    sheet
        Gets the warning ``NEAR_DUPLICATE``, counted, with the first places.
    held
        The accepted rows, one for each code.
    """
    districts, names = held.columns["district"], held.columns["name"]

    def key(n: int) -> tuple[str, str]:
        return districts[n], fold_name(names[n])

    once: set[int] = set()
    again: set[int] = set()
    for n in held.order:  # hashes alone: millions of names are not held
        mark = hash(key(n))
        (again if mark in once else once).add(mark)
    once.clear()
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n in sorted(held.order) if again else ():
        if hash(key(n)) in again:
            groups[key(n)].append(n)
    found = [rows for (_, name), rows in groups.items() if name and len(rows) > 1]
    if found:
        _warn(sheet, held, found)


def _warn(sheet: Sheet, held: Held, found: list[list[int]]) -> None:
    ids, numbers = held.columns["object_id"], held.numbers
    old = {rows[0] for rows in found if len({len(ids[n]) == _REGNO for n in rows}) > 1}
    found.sort(key=lambda rows: (rows[0] not in old, rows[0]))
    shown = "；".join("、".join(f"第 {numbers[n]} 行 {ids[n]}" for n in rows[:_SHOWN]) for rows in found[:_SHOWN])
    message = f"{len(found)} 组对象名称和区划相同而代码不同" + (
        f"，其中 {len(old)} 组是注册号与统一社会信用代码并存" if old else ""
    )
    hint = "逐组核实：同一家的只留统一社会信用代码那一行；不是同一家的不用改"
    sheet.warn("NEAR_DUPLICATE", message, hint, row=numbers[found[0][0]], column="name", found=shown)
