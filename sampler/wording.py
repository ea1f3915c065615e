"""What the office's documents and the public page share: how they read a bundle, name its codes and print its texts.

The two stand side by side and may not import each other: one holds personal names, the other must not. What both say
of a draw has to be said once, or an officer and a citizen read different words about the same record.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler import trust
from sampler.allocation import E12
from sampler.canon import decode
from sampler.errors import Place, RecordError
from sampler.records import TABLE_COLUMNS
from sampler.sources import parse_source
from sampler.tables import decode as decode_table
from sampler.units import object_pi, owner_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = dict[str, str]

SEAL_DIGITS: Final = 40
"""How much of the sitting hash stands on the 审批表."""

TYPES: Final = {
    "enterprise": "企业",
    "individual": "个体工商户",
    "coop": "农民专业合作社",
    "repoffice": "外国企业常驻代表机构",
    "seller": "网络经营者",
    "product": "产品",
    "lot": "批次",
    "project": "项目",
}
CLASSES: Final = {"A": "A 低风险", "B": "B 一般风险", "C": "C 较高风险", "D": "D 高风险"}
QUALIFICATIONS: Final = {"food": "食品", "metrology": "计量", "special-equipment": "特种设备"}
"""Officers' qualifications (检查人员要求) that the example names by code; an office's own words come first."""
REASONS: Final = {
    "status": "登记状态不可检查",
    "no-class": "无信用风险分类",
    "no-clause": "无对应抽查条款",
    "ratio-zero": "抽查比例为零（无事不扰）",
    "cap": "年度频次上限已满",
    "off-target": "不在定向抽查范围",
    "grace": "新设立，在包容审慎期内",
}
RESULTS: Final = {
    "1": "未发现问题",
    "2": "未按规定公示应当公示的信息",
    "3": "公示信息隐瞒真实情况、弄虚作假",
    "4": "通过登记的住所（经营场所）无法联系",
    "5": "发现问题已责令改正",
    "6": "不配合检查情节严重",
    "7": "未发现开展本次抽查涉及的经营活动",
    "8": "发现问题待后续处理",
}
"""The eight national result categories (检查结果)."""
TRIGGERS: Final = {
    "complaint": "投诉", "report": "举报", "recall": "产品召回", "accident": "事故报告",
    "alert": "监测预警", "transfer": "转办交办",
}  # fmt: skip
"""Why an object stands on a list of triggers (线索名单)."""
GIVEN: Final = "上级下达名单"
"""What a list drawn by the level above is called, everywhere: it is no draw of this office."""
RESULT_STATES: Final = {"visited": "已检查", "not-visited": "未检查", "out-of-scope": "封存前已不在登记库"}
"""States of a result row (records.md, 3.17)."""
VISITS: Final = {
    "visited": "已检查",
    "no-contact": "无法联系",
    "closed": "已停业",
    "deregistered": "已注销或吊销",
    "moved": "已迁出",
    "other": "未检查",
    "out-of-scope": "封存前已不在登记库",
}
"""What became of a visit (检查情况); drawn but not checkable is an outcome, not a gap: about 6 % of visits."""
MEASURES: Final = {
    "none": "未发现问题或已规范/已改正，无需后续处置",
    "stop": "停止检查反馈日常监管",
    "order": "责令改正",
    "transfer": "移送办案机构",
    "copy": "抄告相关部门",
}
"""Follow-up (后续处置)."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The files of an auditor's bundle (records.md, 6), read for one kind of document.

    Parameters
    ----------
    made
        What is made from the bundle, for the hint of a refusal.
    missing, mistyped
        The codes under which that kind of document refuses an absent file and a record of another type.
    """

    files: Mapping[str, bytes]
    made: str
    missing: str
    mistyped: str

    @property
    def hint(self) -> str:
        """What to do about a bundle that does not serve."""
        return f"{self.made} are made from the auditor's bundle of a finished draw; run `sampler verify` on it"

    def need(self, path: str) -> bytes:
        """Return the bytes of one file."""
        if path not in self.files:
            raise RecordError(self.missing, f"{path} is not in the bundle", hint=self.hint, place=Place(file=path))
        return self.files[path]

    def record(self, kind: str) -> dict[str, Any]:
        """Return the record of one type, its fields as they stand."""
        path = f"{kind}.json"
        value = decode(self.need(path))
        if not isinstance(value, dict) or value.get("type") != kind:
            raise RecordError(self.mistyped, f"{path} does not hold a {kind}", hint=self.hint, place=Place(file=path))
        return value

    def numbered(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one type numbered in a folder (``amendments/0001.json`` ...), in their order."""
        found = [decode(self.files[p]) for p in sorted(self.files) if p.startswith(f"{kind}s/")]
        if any(not isinstance(a, dict) or a.get("type") != kind for a in found):
            raise RecordError(self.mistyped, f"{kind}s/ holds something else", hint=self.hint, place=Place(file=kind))
        return found

    def rows(self, path: str) -> dict[str, Row]:
        """Return the rows of one table by key."""
        names = TABLE_COLUMNS[path]
        table = decode_table(self.need(path), names, file=path)
        return {row[0]: dict(zip(names, row, strict=True)) for row in table.rows()}


def pi_e12(row: Row, levels: Mapping[str, Row], size: int = 1) -> int:
    """Return the probability of one frame row, whose unit has `size` objects; a unit of level T is certain."""
    pi = E12 if row["level"] == "T" else int(levels[f"{row['stratum']}/{row['level']}"]["pi_e12"])
    return object_pi(pi, size)


def unit_of(plan: Mapping[str, Any], row: Row) -> str:
    """Return the unit of a frame row: its owner where the plan draws owners, else the object."""
    return owner_of(row["object_id"], row["owner_id"]) if "units" in plan else row["object_id"]


def unit_sizes(plan: Mapping[str, Any], frame: Mapping[str, Row]) -> Counter[str]:
    """Return how many objects each unit has."""
    return Counter(unit_of(plan, row) for row in frame.values())


def given_by(plan: Mapping[str, Any]) -> str:
    """Return authority, document and date of a given list (records.md, 3.2); empty for every other plan."""
    given = plan.get("target", {}).get("given")
    return plain(f"{given['authority']}　{given['document']}　{given['date']}") if given else ""


def has_outsider(charter: Mapping[str, Any]) -> bool:
    """Return whether some party or witness key is held outside the agency."""
    return any("outside" in k for k in charter["keys"] if k["role"] in {"party", "witness"})


def weak_points(*, outsider: bool, source: str) -> list[str]:
    """Return what this draw in particular cannot prove, how far it is out of its office's hands, and what is next."""
    lines = []
    if not outsider:
        lines.append("承诺方和见证方均在本机关之内：封存先于公开数这一顺序，未由外部证明。")
    if source == "parties":
        lines.append("种子未使用公开数（弱）：最后揭示的一方可以拒绝揭示而使本场作废。")
    bits = parse_source(source).outcomes.bit_length() - 1
    return [*lines, *trust.lines(trust.report(trust.Evidence(outsider=outsider, bits=bits)))]


def plain(text: str) -> str:
    """Return `text` with control and direction characters shown as ``⟨U+202E⟩``, so that nothing hides or reverses.

    >>> plain("a" + chr(0x202E) + "b")
    'a⟨U+202E⟩b'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _UNSEEN else c for c in text)


def approval(fields: Mapping[str, Any]) -> str:
    """Return the approval form, and who approved when it says so."""
    by = "、".join(fields.get("by", ()))
    return f"{fields['form']}（批准：{by}）" if by else str(fields["form"])


def groups_of_four(digits: str) -> str:
    """Return `digits` in groups of four, as the seal code is printed and read aloud."""
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))


def beijing(time: str) -> str:
    """Return a record's time as the reader's clock shows it.

    >>> beijing("2026-12-03T18:30:00Z")
    '2026-12-04 02:30:00（北京时间）'
    """
    there = dt.datetime.fromisoformat(time).astimezone(dt.timezone(dt.timedelta(hours=8)))
    return f"{there:%Y-%m-%d %H:%M:%S}（北京时间）"


INELIGIBLE: Final = {
    "expert": "专家与执法人员不同", "department": "不是该部门人员", "certificate": "证件过期", "leave": "请假",
    "jurisdiction": "不在辖区", "recusal": "回避或轮换", "items": "事项不在范围", "needs": "没有所需资质",
    "fixed": "名额已指定", "few": "人数不足",
}  # fmt: skip
"""Why an officer may not serve at an object (assignment.md, 2); a recusal's own reason is never shown."""
