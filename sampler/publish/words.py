"""The words of the public pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sampler.wording import CLASSES, GIVEN, TYPES, given_by, weak_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEPS: Final = (
    ("登记", "registration", "抽查编号连续登记，不留空号"),
    ("承诺", "party-commitment", "各方交出密值的哈希，此后不能更换"),
    ("封存", "commitment", "名录、规则、人员与公开数来源全部固定"),
    ("揭示", "reveal", "各方揭示密值"),
    ("截止", "closing", "揭示截止，早于公开数产生"),
    ("公开数", "public-value", "封存时指定的公开数，逐字登记"),
    ("摇号", "draw", "由种子算出抽中名单"),
    ("派人", "draw", "由同一种子随机匹配检查人员，与名单同时登记"),
)
"""Step, type of its log entries, meaning; in the order the protocol demands."""

VOID: Final = "void"
STATES: Final = {
    "registered": "已登记", "sealed": "已封存", "drawn": "已摇号", "opened": "已公开名单", VOID: "已作废",
}  # fmt: skip
ENTRIES: Final = {
    "charter": "章程", "registration": "登记", "party-commitment": "参与方承诺", "commitment": "封存", "reveal": "揭示",
    "custody": "保管签收", "closing": "截止", "public-value": "公开数", "draw": "摇号与派人", "results": "检查结果",
    "opening": "公开名单", "void": "作废", "amendment-cause": "变更事由", "amendment": "变更", "key-change": "密钥变更",
}  # fmt: skip
"""Type of a log entry to its name."""
ITEM_KINDS: Final = {"general": "一般检查事项", "key": "重点检查事项"}
NEEDS_NONE: Final = "无需专业岗位资格"
DIRECTED, UNDIRECTED = "定向", "不定向"
NEVER: Final = ("名录在录入时是否完整。", "知情人是否保守秘密。", "现场检查是否如实进行。")
WITHHELD: Final = "选取的完整性尚未向公众证明：本级别不公开全部材料，须由持全套材料的审计方复算后出具证明。"
TRUST_LINES: Final = ("可信程度", "再进一步")

_NARROW: Final = re.compile("(?<=[\u3400-\u9fff）”])([,;:]) |([,;:]) (?=[\u3400-\u9fff])")
_WIDE: Final = {",": "，", ";": "；", ":": "："}
LEVELS: Final = {"open": "全部公开", "standard": "标准公开", "after-inspection": "检查后公开"}


def percent_e12(pi: int) -> str:
    """Return a probability given in 10^-12 as an exact percentage.

    >>> percent_e12(98765432101)
    '9.8765432101%'
    """
    whole, rest = divmod(pi, 10**10)
    tail = f"{rest:010d}".rstrip("0")
    return f"{whole}.{tail}%" if tail else f"{whole}%"


def clause(record: Mapping[str, Any], types: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    """Return a clause as an open page names it: its classes and the object types of its stratum types."""
    held = [t["type"] for t in types if t["stratum"] in record["types"]]
    kinds = "、".join(labels.get(t, TYPES.get(t, t)) for t in held)
    return "、".join(CLASSES.get(c, c) for c in record["classes"]) + "　" + kinds


def proved(level: str) -> tuple[str, ...]:
    """Return what holds when every step of a full `sampler verify` passes."""
    sealed = "名录、规则、抽查数量和检查人员名录在公开数产生之前已经封存；封存值写入日志，事后改动会被发现。"
    if level == "after-inspection":
        return (sealed, "抽中名单已登记入日志（见“摇号叶”）；检查完成后公开时，可核对其与登记时一致。")
    lines = (
        sealed,
        "种子由封存值、公开数和各方密值算出，任何一方都不能单独决定或预知。",
        "给定种子，每个对象的摇号值唯一确定；本页各摇号值可逐个复算。",
    )
    whole = "每个对象的概率和整份抽中名单都能由公开的材料重新算出，多一户、少一户都会被发现。"
    return (*lines, whole) if level == "open" else lines


def not_proved(*, outsider: bool, source: str, unattested: bool) -> tuple[str, ...]:
    """Return what no replay can show, and what this draw in particular lacks."""
    lines = list(NEVER)
    if unattested:
        lines.insert(0, WITHHELD)
    return (*lines, *weak_points(outsider=outsider, source=source))


def typeset(text: str) -> str:
    """Return a Chinese text with the wide marks that pages set; other rooms write narrow ones.

    >>> typeset("名单都可复算, 但次序只有本机关作证")
    '名单都可复算，但次序只有本机关作证'
    """
    return _NARROW.sub(lambda found: _WIDE[found[1] or found[2]], text)


def is_trust(line: str) -> bool:
    """Return whether a line tells the trust level, which the site shows on its own."""
    return line.strip().startswith(TRUST_LINES)


def draw_type(plan: Mapping[str, Any]) -> str:
    """Return 定向 for a plan with a target or whose clauses pick some of the classes, 不定向 for the rest.

    A list given by the level above goes by its own name.
    """
    if given_by(plan):
        return GIVEN
    if "target" in plan:
        return DIRECTED
    reached = {c for clause in plan["clauses"] for c in clause["classes"]}
    return UNDIRECTED if reached >= set(CLASSES) else DIRECTED


def short(percent: str) -> str:
    """Return an exact percentage as people read it: three digits.

    >>> short("9.8765432101%")
    '9.88%'
    """
    return f"{float(percent[:-1]):.3g}%" if percent.endswith("%") else percent
