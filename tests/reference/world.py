"""The small world of the golden bundle: 14 registry rows, 5 officers, 2 parties; every secret from one label."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference.bytes_ import code, recusal_id, sha256
from tests.reference.tables import Row, joined

LABEL = "sampler/golden/bundle-12/"
AGENCY = "DEMO"
DRAW_ID = "DEMO-2026-0001"
SITTING_ID = "DEMO-S-2026-12"
SOURCE = "lottery:kl8:2026339"
VALUE = "0307081419222528313440414652556061697378"
EVIDENCE = "evidence/kl8-2026339.txt"
PARTIES = {"business": "业务股", "notary": "公证处"}


def secret(name: str) -> bytes:
    return sha256((LABEL + name).encode())


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secret("key/" + name))


# id, owner, class, type, district, industry, tags, risk
OBJECTS: list[tuple[str, str, str, str, str, str, list[str], int]] = [
    ("91310101MA1FL0001A", "-", "B", "enterprise", "310101", "F51", [], 150_000),
    ("91310101MA1FL0002B", "-", "B", "enterprise", "310101", "餐饮", ["food"], 420_000),
    ("92310101MA1FL0003C", "-", "B", "individual", "310101", "F52", [], 90_000),
    ("91310104MA1FL0004D", "-", "B", "enterprise", "310104", "F51", [], 300_000),
    ("92310104MA1FL0005E", "-", "B", "individual", "310104", "餐饮", ["food", "night"], 610_000),
    ("91310101MA1FL0006F", "91310000MA1FL9999X", "C", "enterprise", "310101", "餐饮", ["food"], 900_000),
    ("91310101MA1FL0007G", "91310000MA1FL9999X", "C", "enterprise", "310101", "F51", [], 450_000),
    ("91310101MA1FL0008H", "-", "C", "enterprise", "310101", "F51", [], 300_000),
    ("92310101MA1FL0009J", "-", "C", "individual", "310101", "F52", [], 300_000),
    ("product-2026.0001_batch-00000001", "91310101MA1FL0008H", "C", "enterprise", "310101", "C14", ["food"], 120_000),
    ("92310101MA1FL0011L", "-", "C", "individual", "310101", "F52", [], 50_000),
    ("91310104MA1FL0012M", "-", "C", "enterprise", "310104", "餐饮", ["food"], 0),
]
EXCLUDED = {"91310101MA1FL0013N": "status", "91310104MA1FL0014P": "ratio-zero"}
COOLING_KEY = "91310101MA1FL0001A/2026-11"


def frame_rows() -> list[Row]:
    return [
        {
            "object_id": object_id,
            "owner_id": owner,
            "class": class_,
            "type": type_,
            "district": district,
            "industry": code(industry),
            "tags": joined([code(tag) for tag in tags]),
        }
        for object_id, owner, class_, type_, district, industry, tags, _ in OBJECTS
    ]


def scores() -> dict[str, int]:
    """The excluded ones have a score too: the file covers at least the frame."""
    return {row[0]: row[7] for row in OBJECTS} | dict.fromkeys(EXCLUDED, 200_000)


def history_rows() -> list[Row]:
    """Two draws of the city above, which this log does not hold; class B cools for two months."""
    rows = []
    for month, draw_id, pi in (
        ("2026-10", "CITY-2026-0010", "100000000000"),
        ("2026-11", "CITY-2026-0011", "250000000000"),
    ):
        for row in OBJECTS:
            if row[2] == "B":
                key = f"{row[0]}/{month}"
                rows.append({"key": key, "draw_id": draw_id, "pi_e12": pi, "drawn": str(int(key == COOLING_KEY))})
    return rows


def item_rows() -> list[Row]:
    names = ("item_id", "kind", "qualification", "object_types", "name", "legal_basis")
    return [
        dict(zip(names, row, strict=True))
        for row in (
            ("M-001", "general", "-", "enterprise,individual", "登记事项检查", "公司法"),
            ("M-002", "key", "food", "enterprise,individual", "食品经营监督检查", "食品安全法"),
        )
    ]


def roster_rows() -> list[Row]:
    names = "inspector_id district expiry qualifications max_load leave"
    same = {"unit": "U1", "department": "market", "role": "officer", "items": "M-001,M-002"}
    return [
        same | dict(zip(names.split(), row, strict=True))
        for row in (
            ("P01", "*", "2029-06-30", "food,lead", "6", "-"),
            ("P02", "310101", "2028-01-31", "lead", "5", "-"),
            ("P03", "310101", "2027-12-31", "food", "4", "2026-12-10..2026-12-11"),
            ("P04", "*", "2026-12-25", "-", "5", "2026-11-01..2026-12-07,2027-01-01..2027-01-31"),
            ("P05", "310104", "2026-12-24", "lead", "5", "-"),
        )
    ]


def recusal_rows() -> list[Row]:
    who, kind, target = "P04", "owner", "91310000MA1FL9999X"
    return [
        {
            "rec_id": recusal_id(who, kind, target),
            "inspector": who,
            "kind": kind,
            "target": target,
            "reason": "former-employer",
            "asked_by": who,
        }
    ]


def plan() -> dict[str, Any]:
    return {
        "type": "plan",
        "plan_id": "DEMO-P-2026-12",
        "scope": "310100",
        "title": "2026年12月双随机抽查",
        "agency": AGENCY,
        "period": "2026-12",
        "disclosure": "standard",
        "visits": {"from": "2026-12-07", "to": "2026-12-25"},
        "items": ["M-001"],
        "districts": ["310101", "310104"],
        "active": ["存续"],
        "exclusions": ["status", "no-class", "no-clause", "ratio-zero", "cap"],
        "types": [{"type": "enterprise", "stratum": "firm"}, {"type": "individual", "stratum": "firm"}],
        "clauses": [
            {"clause": "a-free", "classes": ["A"], "types": ["firm"], "ratio": "0%", "period": "task"},
            {
                "clause": "b-year",
                "classes": ["B"],
                "types": ["firm"],
                "ratio": ">=45.5%",
                "period": "year",
                "drawn": 2,
                "batches_left": 2,
            },
            {"clause": "c-task", "classes": ["C"], "types": ["firm"], "ratio": "40%", "period": "task"},
        ],
        "caps": [{"item": "M-001", "department": "market", "cap": 4}],
        "cooldown": [{"class": "B", "months": 2}],
        "risk": {"floor": {"num": "1", "den": "5"}, "gamma": 2},
        "reserves": 2,
        "templates": [
            {
                "template": "food",
                "when": {"tags": ["food"]},
                "groups": [
                    {"group": "lead", "count": 1, "needs": ["lead"]},
                    {"group": "member", "count": 1, "needs": ["food"]},
                ],
            },
            {
                "template": "plain",
                "groups": [
                    {"group": "lead", "count": 1, "needs": ["lead"]},
                    {"group": "member", "count": 1, "needs": []},
                ],
            },
        ],
        "assignment": {
            "jurisdiction": "district",
            "leave_days": 2,
            "ladder": [{"rung": "even", "below": 0, "above": 0}, {"rung": "loose", "below": 1, "above": 1}],
        },
        "dry_runs": 100,
        "q_max": {"num": "1", "den": "1"},
    }
