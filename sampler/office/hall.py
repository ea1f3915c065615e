"""Minutes of a ceremony in the hall (现场摇号纪要): every throw with its number, for signature by those present."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.office.word import Paper
from sampler.wording import SEAL_DIGITS, groups_of_four

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.sources import Source

_TOOLS: Final = {"d6": "六面骰，1 至 6", "d10": "数字球，0 至 9，每次放回"}
_COLUMNS: Final = 10


def hall_minutes(agency: str, sitting: str, code: str, source: Source, value: str, parties: Sequence[str]) -> bytes:
    """Return the minutes as a Word document.

    Parameters
    ----------
    agency
        The agency's name.
    sitting, code
        The sitting and its hash in hex, of which the seal code is the beginning.
    source
        The sealed ceremony.
    value
        The digits as called out.
    parties
        Names of those who hold secrets and are to be present.
    """
    _, alphabet, length = source.ids
    paper = Paper(f"{sitting} 现场摇号纪要")
    paper.title("现场摇号纪要")
    paper.pairs(
        [
            ("检查机关", agency), ("场次", sitting), ("封存码", groups_of_four(code[:SEAL_DIGITS])),
            ("封存的来源", source.text), ("摇号用具", _TOOLS[alphabet]), ("次数", f"{length} 次，一次不多，一次不少"),
            ("时间地点", ""), ("应到各方", "、".join(parties)),
        ]
    )  # fmt: skip
    paper.head("逐次结果")
    headings = [str(n) for n in range(1, _COLUMNS + 1)]
    starts = range(0, len(value), _COLUMNS)
    rows = [[f"{s + 1} 起", *value[s : s + _COLUMNS].ljust(_COLUMNS)] for s in starts]
    paper.grid(["次", *headings], [18, *[14] * _COLUMNS], rows)
    paper.note(
        "试摇不计入；每次由摇号人唱号、记录人录入、监督人复核，录入后不改。各人签名前请逐位核对上表，并核对封存码与已签字的审批表一致。"
    )
    paper.sign("主持人", "摇号人", "记录人", "监督人", "见证人")
    return paper.bytes()
