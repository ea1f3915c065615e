"""Clock and entropy, the two things no rule can replay. Everything below this layer takes them as arguments."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Protocol

from sampler.canon import H

TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"


class World(Protocol):
    """What a command may ask of the world."""

    def now(self) -> dt.datetime:
        """Return the time in UTC."""

    def entropy(self, n: int, purpose: str) -> bytes:
        """Return `n` bytes nobody can foresee; `purpose` names their use."""


class RealWorld:
    """The system's clock and generator."""

    def now(self) -> dt.datetime:
        """Return the time in UTC."""
        return dt.datetime.now(dt.UTC)

    def entropy(self, n: int, purpose: str) -> bytes:  # noqa: ARG002  # the demo's twin needs it
        """Return fresh bytes of the operating system."""
        return secrets.token_bytes(n)


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """A world that always gives the same: for show only, and its charter says so.

    Parameters
    ----------
    label
        Everything is derived from it; anybody can foresee every byte.
    day
        The day on which the demo always stands.
    """

    label: str
    day: dt.datetime

    def now(self) -> dt.datetime:
        """Return the demo's fixed moment."""
        return self.day

    def entropy(self, n: int, purpose: str) -> bytes:
        """Return the bytes the label gives for `purpose`."""
        return H("demo", self.label, purpose)[:n]
