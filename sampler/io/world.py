"""Clock and entropy, the two things no rule can replay. Everything below this layer takes them as arguments."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from sampler.canon import H

TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"


class World(Protocol):
    """What a command may ask of the world."""

    def now(self) -> dt.datetime:
        """Return the time in UTC."""

    def entropy(self, n: int, purpose: str) -> bytes:
        """Return `n` bytes nobody can foresee; `purpose` names their use."""

    def passphrase(self, *, new: bool = False) -> str:
        """Return the passphrase of this workspace's secrets, or the one for secrets still to be written."""


VARIABLE: Final = "SAMPLER_PASSPHRASE"
NEW_VARIABLE: Final = "SAMPLER_NEW_PASSPHRASE"


class RealWorld:
    """The system's clock and generator; a passphrase comes from the environment or is asked for once."""

    def __init__(self) -> None:
        self._known: str | None = None

    def passphrase(self, *, new: bool = False) -> str:
        """Return the passphrase; for new secrets an unset variable means none."""
        if new:
            return os.environ.get(NEW_VARIABLE, os.environ.get(VARIABLE, ""))
        if self._known is None:
            given = os.environ.get(VARIABLE)
            self._known = given if given is not None else getpass.getpass("口令: ")
        return self._known

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

    def passphrase(self, *, new: bool = False) -> str:  # noqa: ARG002  # the real world's twin needs it
        """Return none: everybody knows a demo's secrets."""
        return ""

    def entropy(self, n: int, purpose: str) -> bytes:
        """Return the bytes the label gives for `purpose`."""
        return H("demo", self.label, purpose)[:n]
