"""How far a draw is out of its own office's hands, and what the next stage would need (PROTOCOL 2).

Verify, pages and reports say the same, so it is said once, here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES: Final = (
    ("self", "机关自证", "名单、概率、派员都可复算, 但先后次序只有本机关自己的密钥作证"),
    ("form", "表证", "封存码由负责人在公开数产生之前签在审批表上, 且已核对"),
    ("outsider", "外证", "封存之后、揭示截止之前, 有机关以外的人签过名"),
    ("witnessed", "见证", "机关以外的见证方超过半数共同签署日志, 公开数不少于 128 比特"),
    ("attested", "核验", "此外有审计人重放全包并签署意见"),
)
"""Id, name and meaning of the stages, lowest first; each includes those before it but for `form`."""
NEXT: Final = {
    "self": "请负责人在公开数产生之前把封存码签在审批表上, 核验时用 --seal-code 给出; 或加入机关以外的参与方",
    "form": "章程加入一个机关以外的参与方或见证方",
    "outsider": "设机关以外的见证方 (超过半数共同签署日志), 并用不少于 128 比特的公开数 (例如三期快乐8)",
    "witnessed": "请审计人重放全包并签署核验意见 (sampler attest)",
    "attested": "",
}
STRONG_BITS: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was seen: each fact checked by a step of the replay, never merely claimed."""

    seal_code: bool = False
    outsider: bool = False
    witnessed: bool = False
    bits: int = 0
    attested: bool = False


def stage(e: Evidence) -> str:
    """Return the id of the stage that the evidence reaches."""
    if e.outsider and e.witnessed and e.bits >= STRONG_BITS:
        return "attested" if e.attested else "witnessed"
    if e.outsider:
        return "outsider"
    return "form" if e.seal_code else "self"


def report(e: Evidence) -> dict[str, Any]:
    """Return stage, its meaning and what is missing for the next, as reports and pages carry it."""
    found = stage(e)
    no = [s[0] for s in STAGES].index(found)
    _, name, meaning = STAGES[no]
    return {"stage": found, "no": no + 1, "of": len(STAGES), "name": name, "meaning": meaning, "next": NEXT[found]}


def lines(found: Mapping[str, Any]) -> list[str]:
    """Return the two lines that a person reads."""
    out = [f"可信程度: {found['no']}/{found['of']} {found['name']}: {found['meaning']}"]
    return out + ([f"  再进一步: {found['next']}"] if found["next"] else [])
