"""What a replay answers: numbered steps, and what no replay can prove (PROTOCOL 7, DESIGN 4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

from sampler.errors import Place, SamplerError, clip

if TYPE_CHECKING:
    from collections.abc import Callable

    from sampler.verify.bundle import Bundle

Status = Literal["ok", "fail", "na"]
NEVER_PROVED: Final = (
    "名录在封存时是否齐全: 没有登记进来的对象, 重放看不见",
    "机关是否保守秘密: 名单在检查前有没有走漏, 重放看不见",
    "检查是否如实进行: 现场做了什么, 重放看不见",
)
"""What no replay proves, whatever the bundle holds; a report always ends with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The answer to one step.

    Parameters
    ----------
    no, id
        1 to 16, and the step's stable English name.
    status
        ``ok``, ``fail`` or ``na`` (not applicable, or its inputs cannot be read).
    want, found
        What the rule asks for, and what stands in the bundle.
    meaning
        What follows from it, in plain Chinese.
    file
        Where it was seen; empty for the bundle as a whole.
    """

    no: int
    id: str
    status: Status
    want: str = ""
    found: str = ""
    meaning: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The answer of a replay; `first_failed` is None when no step failed, `trust` when nothing can be said of it."""

    draw_id: str
    level: str
    steps: tuple[Step, ...]
    not_proved: tuple[str, ...]
    trust: dict[str, object] | None = None

    @property
    def first_failed(self) -> int | None:
        """Number of the first failed step."""
        return next((s.no for s in self.steps if s.status == "fail"), None)

    def to_dict(self) -> dict[str, object]:
        """Return the ``data`` of ``verify --json`` (DESIGN 4)."""
        return {
            "draw_id": self.draw_id,
            "level": self.level,
            "first_failed": self.first_failed,
            "steps": [asdict(s) for s in self.steps],
            "not_proved": list(self.not_proved),
            "trust": self.trust,
        }


class VerifyError(SamplerError):
    """A step's rule does not hold.

    Parameters
    ----------
    want, found
        The rule, and what was there instead.
    meaning
        What follows from it, in plain Chinese.
    file
        Where it was seen.
    """

    exit_code = 1

    def __init__(self, want: str, found: object, meaning: str, file: str = "") -> None:
        super().__init__("VERIFY_FAILED", meaning, place=Place(file=file), found=clip(found))
        self.want = want


class NotApplicable(Exception):  # noqa: N818  # not an error: the step has nothing to judge
    """A step has nothing to judge; the text says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One step: its name, its rule, what holding it shows, and the function that judges it.

    The function raises `VerifyError`, or returns a remark that is added to the meaning. None: the step judges the
    other steps.
    """

    id: str
    want: str
    shows: str
    judge: Callable[[Bundle], str] | None


def need(holds: object, want: object, found: object, meaning: str, file: str = "") -> None:
    """Refuse with `VerifyError` unless `holds`."""
    if not holds:
        raise VerifyError(clip(want), found, meaning, file)


def same(want: object, found: object, meaning: str, file: str = "") -> None:
    """Refuse with `VerifyError` unless `found` is what is wanted."""
    need(want == found, want, found, meaning, file)
