"""Codes of districts (行政区划代码) in the office's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.io.values import Bad
from sampler.tables import is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sampler.io.dated import Dated


def district_code(known: Collection[str], dated: Dated | None) -> Callable[[str], str]:
    """Return a parser of districts.

    Parameters
    ----------
    known
        Codes the plan knows; empty: any code is accepted.
    dated
        The office's table of codes, if it has one: then names are understood too.
    """
    codes = frozenset(known)
    listed = dated.district if dated else None

    def parse(text: str) -> str:
        code = listed(text) if listed and text not in codes else text
        if (codes and code not in codes) or not is_id(code):
            raise Bad("DISTRICT_UNKNOWN", "区划代码不在名单里", "填方案所列的 6 位行政区划代码")
        return listed(code) if listed else code

    return parse
