"""Rows that may be one firm twice. Nothing is merged: two codes are two objects until the office says otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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


def report_near_duplicates(sheet: Sheet, ids: list[str], districts: list[str], names: list[str]) -> None:
    """Warn of rows with one name in one district under different codes, an old 注册号 beside a new code first.

    Parameters
    ----------
    sheet
        Gets the warning ``NEAR_DUPLICATE``, counted, with the first places.
    ids, districts, names
        Columns of the same rows; rows already refused are passed over.
    """
    groups: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for n, (code, district, name) in enumerate(zip(ids, districts, names, strict=True)):
        if code and name and n not in sheet.bad:
            groups[district, fold_name(name)].setdefault(code, n)
    found = [group for (_, name), group in groups.items() if name and len(group) > 1]
    if not found:
        return
    found.sort(key=lambda g: (not _is_old_and_new(g), min(g.values())))
    shown = "；".join("、".join(f"第 {sheet.numbers[n]} 行 {c}" for c, n in g.items()) for g in found[:_SHOWN])
    old = sum(map(_is_old_and_new, found))
    message = f"{len(found)} 组对象名称和区划相同而代码不同" + (
        f"，其中 {old} 组是注册号与统一社会信用代码并存" if old else ""
    )
    hint = "逐组核实：同一家的只留统一社会信用代码那一行；不是同一家的不用改"
    first = min(found[0].values())
    sheet.warn("NEAR_DUPLICATE", message, hint, row=sheet.numbers[first], column="name", found=shown)


def _is_old_and_new(codes: dict[str, int]) -> bool:
    return len({len(code) == _REGNO for code in codes}) > 1
