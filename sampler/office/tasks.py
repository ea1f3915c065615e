"""The task sheets (任务单) as one printable page, a district on each sheet of paper. Internal: it holds names."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sampler.canon import sha256
from sampler.office import words
from sampler.wording import RESULTS

if TYPE_CHECKING:
    from sampler.office.views import DrawView


def tasks_page(view: DrawView) -> bytes:
    """Return the task sheets of `view` as one HTML file: no script, nothing fetched, one district a page.

    The sheets go into the field, so they carry no risk class, stratum or probability.
    """
    env = environment()
    template = env.get_template("tasks.html")
    return template.render(v=view, results=tuple(RESULTS.values()), warnings=words.warnings(view), **style()).encode()


@cache
def environment() -> Environment:
    """Return the environment of the office's pages: names are hostile input, so everything is escaped."""
    return Environment(
        loader=PackageLoader("sampler.office"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> dict[str, Markup]:
    """Return the pages' style and its hash for their content security policy."""
    css = environment().get_template("tasks.css").render()
    allowed = b64encode(sha256(css.encode())).decode()
    return {"css": Markup(css), "css_hash": Markup(allowed)}  # noqa: S704  # our own file, not input
