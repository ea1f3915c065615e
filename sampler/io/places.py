"""Codes of districts (行政区划代码) in the office's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.io.values import Bad
from sampler.tables import is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def district_code(known: Collection[str], names: Mapping[str, str] | None) -> Callable[[str], str]:
    """Return a parser of districts.

    Parameters
    ----------
    known
        Known codes; empty: any code is accepted.
    names
        Names an office may write instead of codes.
    """
    codes = frozenset(known)

    def parse(text: str) -> str:
        code = (names or {}).get(text, text)
        if (codes and code not in codes) or not is_id(code):
            raise Bad("DISTRICT_UNKNOWN", "区划代码不在名单里", "填方案所列的 6 位行政区划代码")
        return code

    return parse
