"""Rules of the example: what may be inspected, how often, and the plan of 2026-12."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from data.example_codes import COUNTY, COUNTY_NAME, FOOD, INDUSTRIES, is_food

MARKET = "市场监管"
AGENCY = "XJSC"
YEAR = 2026
PLAN_ITEMS = ("GS-01", "WS-01", "ZJ-01")
"""Items of the plan: registration, online shops, product quality; together they cover every type."""
RATIOS = {"A": "1%", "B": "2%", "C": "10%", "D": "30%"}


class Item(NamedTuple):
    """One row of items.csv, with its department and yearly cap for caps.csv."""

    item_id: str
    name: str
    legal_basis: str
    kind: str
    object_types: str
    ratio: str
    frequency: str
    qualification: str
    department: str
    cap: int


_FIRMS = "enterprise;individual;coop"
_ALL = "enterprise;individual;coop;repoffice;seller;product"
ITEMS = tuple(
    Item(*row)
    for row in (
        ("GS-01", "登记事项及公示信息检查", "《企业信息公示暂行条例》《企业公示信息抽查暂行办法》", "general",
         _FIRMS + ";repoffice", ">=1%", ">=1/y", "", MARKET, 2),
        ("GS-02", "外国企业常驻代表机构检查", "《外国企业常驻代表机构登记管理条例》", "general",
         "repoffice", "<=50%", "1/y", "", MARKET, 2),
        ("SP-01", "食品生产监督检查", "《中华人民共和国食品安全法》《食品生产经营监督检查管理办法》", "key",
         "enterprise;individual", ">=30%", ">=1/y", "food", MARKET, 4),
        ("SP-02", "食品销售监督检查", "《中华人民共和国食品安全法》《食品生产经营监督检查管理办法》", "key",
         "enterprise;individual;seller", ">=2%", ">=1/y", "food", MARKET, 4),
        ("SP-03", "餐饮服务监督检查", "《中华人民共和国食品安全法》《食品生产经营监督检查管理办法》", "key",
         "enterprise;individual", ">=2‰", ">=2/y", "food", MARKET, 4),
        ("SP-04", "食品安全监督抽检", "《中华人民共和国食品安全法》《食品安全抽样检验管理办法》", "key",
         "product", "20%", "2/y", "food", MARKET, 6),
        ("WS-01", "网络交易监督检查", "《中华人民共和国电子商务法》《网络交易监督管理办法》", "general",
         "seller", "<=10%", "<=2/y", "", MARKET, 2),
        ("ZJ-01", "产品质量监督抽查", "《中华人民共和国产品质量法》《产品质量监督抽查管理暂行办法》", "general",
         "product", "<=30%", "<=2/y", "", MARKET, 2),
        ("JL-01", "计量监督检查", "《中华人民共和国计量法》", "general",
         _FIRMS, "<=6%", "<=2/y", "metrology", MARKET, 2),
        ("TS-01", "特种设备使用单位检查", "《中华人民共和国特种设备安全法》", "key",
         "enterprise", "<=6%", "<=1/2y", "special-equipment", MARKET, 2),
        ("GG-01", "广告行为检查", "《中华人民共和国广告法》", "general", _ALL, "<=2%", "<=2/y", "", MARKET, 2),
        ("JG-01", "价格行为检查", "《中华人民共和国价格法》", "general", _ALL, "3%", "1/y", "", MARKET, 12),
        ("AQ-01", "生产安全监督检查", "《中华人民共和国安全生产法》", "key",
         "enterprise", "20%", "1/y", "", "应急管理", 4),
        ("HB-01", "排污单位检查", "《中华人民共和国环境保护法》《排污许可管理条例》", "key",
         "enterprise;individual", "<=10%", "<=2/y", "", "生态环境", 2),
        ("WL-01", "文化经营场所检查", "《娱乐场所管理条例》《互联网上网服务营业场所管理条例》", "general",
         "enterprise;individual", "100%", "1/y", "", "文化和旅游", 2),
    )
)  # fmt: skip
_CAPS = {i.item_id: i.cap for i in ITEMS}


def limit(item_id: str) -> int:
    """Return how many visits of one year the history may hold.

    One less than the cap for items of the plan: otherwise the caps would take objects out of the frame of 2026-12,
    and its 1,136 visits would no longer follow from the published class counts.
    """
    return _CAPS[item_id] - (item_id in PLAN_ITEMS)


def suitable(kind: str, industry: str) -> list[str]:
    """Return the items an object can be visited for, the one of last resort at the end."""
    if kind == "product":
        return ["ZJ-01", *(["SP-04"] if is_food(industry) else []), "GG-01", "JG-01"]
    if kind == "seller":
        return ["WS-01", "GG-01", "JG-01"]
    if kind == "repoffice":
        return ["GS-01", "GS-02", "GG-01", "JG-01"]
    food = [item for prefix, item in zip(FOOD, ("SP-01", "SP-02", "SP-03"), strict=True) if industry.startswith(prefix)]
    if kind == "coop":
        food = []
    devices = ["TS-01"] if kind == "enterprise" and industry.startswith(("C", "H61")) else []
    return [*food, "GS-01", *devices, "JL-01", "GG-01", "JG-01"]


def plan(districts: list[str], *, merge_types: bool) -> bytes:
    """Return plan.toml of 2026-12 as an office writes it; fields as in docs/spec/records.md, 3.2.

    Parameters
    ----------
    districts
        Codes in use.
    merge_types
        Whether all types share their strata; a registry of 500 is too small for two families of strata.
    """
    individual = "entity" if merge_types else "individual"
    other = "entity" if merge_types else "enterprise"
    # With a cool-down n may be at most a quarter of those eligible: 500 objects cannot spare a year of visits.
    cooling = (6, 3, 1) if merge_types else (12, 6, 3)
    strata = {t: individual if t in {"individual", "coop"} else other for t in _ALL.split(";")}
    record = {
        "plan_id": "P-2026-12",
        "scope": COUNTY,
        "title": f"{COUNTY_NAME}2026年12月双随机抽查（示例）",
        "agency": AGENCY,
        "period": "2026-12",
        "disclosure": "standard",
        "visits": {"from": "2026-12-01", "to": "2026-12-31"},
        "items": list(PLAN_ITEMS),
        "districts": districts,
        "active": ["存续"],
        "exclusions": ["status", "no-class", "no-clause", "ratio-zero", "cap"],
        "types": [{"type": t, "stratum": s} for t, s in sorted(strata.items())],
        "clauses": _clauses(sorted(set(strata.values()))),
        "cooldown": [{"class": c, "months": m} for c, m in zip("ABC", cooling, strict=True)],
        "risk": {"floor": "1/5", "gamma": 2},
        "reserves": 2,
        "templates": _templates(),
        "assignment": _assignment(),
        "dry_runs": 10,
        "q_max": "1/2" if merge_types else "1/5",
        "note": "抽查比例参照河南2021年做法（高30%、中高10%、中2%、低1%），对应D、C、B、A四类。",
    }
    lines = ["# 示例计划。字段含义见 docs/spec/records.md 3.2；文件路径相对于本文件。"]
    lines += [f"{key} = {_toml(value)}" for key, value in record.items()]
    for section, fields in _SECTIONS.items():
        lines += ["", f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in fields.items())]
    return ("\n".join(lines) + "\n").encode()


_SECTIONS = {
    "source": {"source": "lottery:kl8:2026339"},
    "approval": {"form": "审批表 2026-12", "date": "2026-11-25"},
    "deadlines": {"reveal": "2026-11-30T10:00:00Z", "draw": "2026-12-01T10:00:00Z"},
    "files": {
        **{k: f"{k}.csv" for k in ("objects", "classes", "roster", "recusals", "items", "caps", "history", "scores")},
        "model": "points.json",
        "labels": "labels.csv",
    },
}


def _toml(value: Any, depth: int = 0) -> str:
    """Return a value as TOML; tables of a list stand one a line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v, depth + 1)}" for k, v in value.items()) + " }"
    if isinstance(value, list) and depth == 0 and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"  {_toml(v, 1)},\n" for v in value) + "]"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v, depth + 1) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _clauses(types: list[str]) -> list[dict[str, Any]]:
    """Return one clause for each class."""
    return [
        {"clause": letter, "classes": [letter], "types": types, "ratio": ratio, "period": "task"}
        for letter, ratio in RATIOS.items()
    ]


def _templates() -> list[dict[str, Any]]:
    """Return the team of two: a lead and a member, who must know food where food is inspected."""
    lead = {"group": "lead", "count": 1, "needs": ["lead"]}
    food = sorted(filter(is_food, INDUSTRIES))
    return [
        {
            "template": "food",
            "when": {"industries": food},
            "groups": [lead, {"group": "member", "count": 1, "needs": ["food"]}],
        },
        {"template": "default", "groups": [lead, {"group": "member", "count": 1, "needs": []}]},
    ]


def _assignment() -> dict[str, Any]:
    """Return the ladder: equal loads first, then one, two and four apart."""
    rungs = (("even", 0, 0), ("one", 1, 1), ("two", 2, 2), ("four", 4, 4))
    return {
        "jurisdiction": "district",
        "leave_days": 5,
        "ladder": [{"rung": name, "below": below, "above": above} for name, below, above in rungs],
    }
