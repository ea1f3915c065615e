"""The page of a stop: what was done, what is sealed, what comes next, who signs. One printable sheet, no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.office.tasks import environment, style
from sampler.wording import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

STOPS: Final = ("一、核对封存", "二、摇号派人", "三、公示归档")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page says.

    Parameters
    ----------
    stop
        0, 1 or 2.
    done, next
        Sentences.
    facts
        Label and text: what is sealed.
    signs
        Who signs.
    """

    agency: str
    month: str
    stop: int
    done: Sequence[str]
    facts: Sequence[tuple[str, str]]
    next: Sequence[str]
    signs: Sequence[str]
    demo: bool


def month_page(page: Page) -> bytes:
    """Return the page as one HTML file."""
    shown = {
        "agency": plain(page.agency), "month": page.month, "stops": STOPS, "stop": page.stop, "signs": page.signs,
        "done": [plain(x) for x in page.done], "next": [plain(x) for x in page.next], "demo": page.demo,
        "facts": [(label, plain(text)) for label, text in page.facts],
    }  # fmt: skip
    return environment().get_template("month.html").render(**shown, **style()).encode()
