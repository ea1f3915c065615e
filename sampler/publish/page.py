"""The public page of one draw: one static file, no script, nothing fetched, readable on a phone and on paper."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sampler.canon import sha256
from sampler.publish import words
from sampler.publish.facts import facts
from sampler.wording import REASONS, beijing, groups_of_four, plain

if TYPE_CHECKING:
    from collections.abc import Mapping


def page(bundle: Mapping[str, bytes], labels: Mapping[str, str], level: str) -> bytes:
    """Return the page of the draw as `level` lets the public see it. Codes only: no personal name at any level.

    Parameters
    ----------
    bundle
        Path to bytes of the auditor's bundle (records.md, 6).
    labels
        Code to Chinese text for districts and object types; only an open page uses them.
    level
        ``open``, ``standard`` or ``after-inspection``.

    Raises
    ------
    StepError, RecordError
        As :func:`sampler.publish.facts.facts`.
    """
    template = environment().get_template("page.html")
    return template.render(f=facts(bundle, labels, level), **_style()).encode()


@cache
def environment() -> Environment:
    """Return the templates: escaping on, undefined names refused, texts made fit to show."""
    env = Environment(
        loader=PackageLoader("sampler.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    env.globals.update(level_text=words.LEVELS, reason_text=REASONS)
    env.filters.update(grouped=groups_of_four, beijing=beijing, short=words.short)
    return env


def _shown(value: object) -> object:
    """Make every printed text fit to show; markup of our own passes."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _style() -> dict[str, Markup]:
    """Return the style sheet and the hash under which the policy lets it in."""
    env = environment()
    css = env.get_template("page.css").render()
    allowed = b64encode(sha256(css.encode())).decode()
    return {"css": Markup(css), "css_hash": Markup(allowed)}  # noqa: S704  # our own file, not input
