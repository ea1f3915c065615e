"""A small sealed and drawn month with hostile names, as records.md says. Hashes are not replayable."""

from __future__ import annotations

from typing import Any

from sampler.canon import ZERO_HASH, encode, rhash, sha256
from sampler.tables import encode as table_bytes
from sampler.tables import from_rows

DRAW = "QDSC-2026-0012"
SITTING = "QDSC-2026-12-A"
DISTRICTS = ("370202", "370203", "370211")
CLASSES = {"A": "individual", "B": "enterprise", "C": "enterprise", "D": "enterprise"}
PHONE = "1390532{:04d}"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙"
HOSTILE = (
    "<script>alert(1)</script>有限公司",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+86 青岛测试商行",
    "-2+3 餐饮店",
    "\t制表符开头商店",
    "海洋\u202e司公限有\u202c食品",
    "𠮷野家（青岛）餐饮管理有限公司䶮分店",
    "青岛经济技术开发区黄岛新区长江中路街道办事处辖区内特种设备安装改造维修与检验检测技术服务" * 2 + "有限公司",
    '"引号",逗号\r\n换行商行',
    "https://evil.example/?a=1",
    "{{ 7*7 }}{% raw %}",
)


def digest(label: str) -> str:
    return sha256(label.encode()).hex()


def object_id(n: int) -> str:
    if n % 7 == 3:
        return f"{370200000000000 + n * 7919:015d}"
    return f"91{DISTRICTS[n % 3]}MA3C{n * 37 % 10000:04d}X{n % 10}"


def inspector_id(n: int) -> str:
    return f"37020{n % 3}-{n:04d}"


def frame_rows() -> list[list[str]]:
    rows = []
    for n in range(60):
        kind = "ABCD"[n % 4]
        district = DISTRICTS[n % 3]
        stratum = f"{kind}.{CLASSES[kind]}.{district}"
        level = "T" if kind == "D" else str(1 + n // 4 % 3)
        row = [
            object_id(n),
            "-",
            kind,
            CLASSES[kind],
            district,
            "F52",
            "tehg",
            stratum,
            level,
            digest(f"nonce{n}")[:32],
        ]
        rows.append(row)
    return rows


def roster_rows() -> list[list[str]]:
    return [
        [
            inspector_id(n),
            f"unit{n % 3}",
            "dept-food" if n % 2 else "dept-device",
            DISTRICTS[n % 3],
            "expert" if n >= 11 else "officer",
            "2028-12-31",
            "A01",
            "-",
            "8",
            "-",
            digest(f"roster{n}")[:32],
        ]
        for n in range(12)
    ]


PI = {"1": 98765432101, "2": 198765432102, "3": 298765432103, "T": 10**12}


def tables() -> dict[str, bytes]:
    frame = frame_rows()
    strata = sorted({r[7] for r in frame})
    counts = {s: sum(r[7] == s for r in frame) for s in strata}
    strata_rows = []
    for s in strata:
        clause, n = f"cl-{s[0]}", str(counts[s])
        drawn = [n, "0", n] if s[0] == "D" else ["1", "1", "0"]
        strata_rows.append([s, clause, n, n, *drawn])
    keys = sorted({(r[7], r[8]) for r in frame})
    levels = [[f"{s}/{v}", "2", str(PI[v]), "777777777", str(PI[v])] for s, v in keys]
    tau = [[s, digest("tau" + s), "888888888"] for s in strata if s[0] != "D"]
    head = "object_id owner_id class type district industry tags stratum level nonce"
    items = [["A01", "general", "-", "enterprise", "公示信息检查", "《企业信息公示暂行条例》第十四条"]]
    item = "item_id kind qualification object_types name legal_basis"
    roster = "inspector_id unit department district role expiry items qualifications max_load leave nonce"
    return {
        "frame.tsv": table_bytes(from_rows(head.split(), frame)),
        "strata.tsv": table_bytes(from_rows(["stratum", "clause", "N", "eligible", "n", "m", "take_all"], strata_rows)),
        "levels.tsv": table_bytes(from_rows(["key", "count", "target_e12", "L", "pi_e12"], levels)),
        "tau.tsv": table_bytes(from_rows(["stratum", "h", "L"], tau)),
        "items.tsv": table_bytes(from_rows(item.split(), items)),
        "roster.tsv": table_bytes(from_rows(roster.split(), roster_rows())),
    }


def charter(*, demo: bool, outside: bool) -> dict[str, Any]:
    out: dict[str, Any] = {
        "type": "charter",
        "agency": "QDSC",
        "name": "青岛市市场监督管理局",
        "spec": "draw/v1-draft",
        "keys": [
            {"key_id": digest("k1")[:16], "owner": "QDSC", "public": digest("p1"), "role": "agency"},
            {"key_id": digest("k2")[:16], "owner": "notary", "public": digest("p2"), "role": "party"},
        ],
        "parties": [{"party": "business", "name": "业务股"}, {"party": "notary", "name": "公证处"}],
        "sources": ["lottery"],
        "min_reveals": 1,
        "approvals": 1,
        "disclosure": "standard",
        "calendar": "cn-2026",
    }
    if outside:
        out["keys"][1]["outside"] = True
    return {**out, "demo": True} if demo else out


def plan(disclosure: str) -> dict[str, Any]:
    return {
        "type": "plan",
        "plan_id": "QD2026-07",
        "scope": "370200",
        "title": "2026年12月食品与特种设备部门联合双随机抽查",
        "agency": "QDSC",
        "period": "2026-12",
        "disclosure": disclosure,
        "visits": {"from": "2026-12-08", "to": "2026-12-31"},
        "items": ["A01"],
        "caps": [{"item": "A01", "department": "dept-food", "cap": 2}],
        "districts": list(DISTRICTS),
        "types": [{"type": t, "stratum": t} for t in ("individual", "enterprise")],
        "clauses": [
            {
                "clause": f"cl-{c}",
                "classes": [c],
                "types": [t],
                "ratio": "100%" if c == "D" else ">=5%",
                "period": "task",
            }
            for c, t in CLASSES.items()
        ],
        "templates": [
            {
                "template": "base",
                "groups": [
                    {"group": "lead", "count": 1, "needs": []},
                    {"group": "aide", "count": 1, "needs": []},
                    {"group": "tech", "count": 1, "needs": []},
                ],
            }
        ],
    }


def drawn_ids() -> list[list[str]]:
    """Return the rows of D (all taken) and the first unit of every other stratum: 15 + 9."""
    seen: set[str] = set()
    out = []
    for row in frame_rows():
        if row[2] == "D" or row[7] not in seen:
            out.append(row)
        seen.add(row[7])
    return sorted(out)


def draw() -> dict[str, Any]:
    chosen = drawn_ids()
    ids = {r[0] for r in chosen}
    spare: dict[str, dict[str, Any]] = {}
    for r in frame_rows():
        if r[0] not in ids and r[7] not in spare:
            spare[r[7]] = {"object_id": r[0], "stratum": r[7], "rank": 2}
    return {
        "type": "draw",
        "draw_id": DRAW,
        "commitment": digest("commitment"),
        "seed": digest("seed record"),
        "tau": digest("tau"),
        "assignment": digest("assignment"),
        "n": len(chosen),
        "drawn": [{"object_id": r[0], "stratum": r[7], "rank": int(r[2] != "D")} for r in chosen],
        "reserves": sorted(spare.values(), key=lambda r: r["object_id"]),
    }


def assignment() -> dict[str, Any]:
    teams = []
    for n, row in enumerate(drawn_ids()):
        members = [{"group": "aide", "inspector_id": inspector_id((n + 5) % 11)}]
        members.append({"group": "lead", "inspector_id": inspector_id(n % 5)})
        if n % 6 == 0:
            members.append({"group": "tech", "inspector_id": inspector_id(11)})
        vacant = [{"group": "tech", "count": 1}] if n % 9 == 4 else []
        teams.append({"object_id": row[0], "template": "base", "members": members, "vacant": vacant})
    return {"type": "assignment", "draw_id": DRAW, "blocks": [], "teams": teams, "bans": []}


STEPS = ("charter", "registration", "party-commitment", "party-commitment", "commitment", "reveal", "reveal")
LAST = ("closing", "public-value", "draw")


def entries() -> bytes:
    lines = []
    for n, kind in enumerate((*STEPS, *LAST)):
        e: dict[str, Any] = {"type": kind, "leaf": digest(f"leaf{n}")}
        if kind in {"registration", "commitment", "draw"}:
            e["draw_id"] = DRAW
        if kind not in {"charter", "registration", "draw"}:
            e["sitting_id"] = SITTING
        lines.append(encode(e))
    lines.append(encode({"type": "draw", "draw_id": "QDSC-2026-0011", "leaf": digest("another draw")}))
    return b"\n".join(lines) + b"\n"


def commitment(plan_: dict[str, Any], source: str) -> dict[str, Any]:
    return {
        "type": "commitment",
        "draw_id": DRAW,
        "sitting_id": SITTING,
        "registration": digest("registration"),
        "plan": rhash(plan_).hex(),
        "approval": {"form": "青市监审〔2026〕12号", "date": "2026-12-01"},
        "frame": {"root": digest("frame"), "count": 60},
        "excluded": {"root": digest("excluded"), "counts": {"cap": 2, "status": 5}},
        "registry": 67,
        "tables": {t: digest(t) for t in ("history", "items", "levels", "scores", "strata")},
        "roster": {"root": digest("roster"), "count": 12},
        "recusals": {"root": digest("recusals"), "count": 0},
        "spec": digest("spec"),
        "parties": [{"party": p, "c": digest("c" + p)} for p in ("business", "notary")],
        "source": source,
        "reveal_deadline": "2026-12-03T08:00:00Z",
        "previous": ZERO_HASH.hex(),
    }


def bundle(
    *,
    disclosure: str = "open",
    demo: bool = True,
    outside: bool = True,
    source: str = "lottery:kl8:2026339",
) -> dict[str, bytes]:
    """Return path -> bytes of the fake month."""
    plan_ = plan(disclosure)
    seal = commitment(plan_, source)
    value = "0102030405060708091011121314151617181920"
    parties = [{"party": "business", "r": digest("r business")}, {"party": "notary"}]
    seed = {
        "type": "seed",
        "draw_id": DRAW,
        "source": source,
        "value": value,
        "parties": parties,
        "seed": digest("seed"),
    }
    records = {
        "charter.json": charter(demo=demo, outside=outside),
        "registration.json": {
            "type": "registration",
            "draw_id": DRAW,
            "plan": rhash(plan_).hex(),
            "plan_id": "QD2026-07",
            "scope": "370200",
            "period": "2026-12",
            "deadline": "2026-12-06T08:00:00Z",
        },
        "plan.json": plan_,
        "sitting.json": {
            "type": "sitting",
            "sitting_id": SITTING,
            "sitting": digest("sitting"),
            "commitments": [{"draw_id": DRAW, "commitment": rhash(seal).hex()}],
            "party_commitments": [],
            "reveals": [],
        },
        "commitment.json": seal,
        "public-value.json": {
            "type": "public-value",
            "sitting_id": SITTING,
            "sitting": digest("sitting"),
            "source": source,
            "value": value,
            "evidence": [],
        },
        "seed.json": seed,
        "draw.json": draw(),
        "assignment.json": assignment(),
    }
    return {**{path: encode(r) for path, r in records.items()}, **tables(), "log/entries": entries()}


def names() -> dict[str, str]:
    chosen = [r[0] for r in drawn_ids()]
    plain = {o: f"青岛示例{n}号经营部" for n, o in enumerate(chosen[:-1])}
    return {**plain, **dict(zip(chosen, HOSTILE, strict=False))}


def people() -> dict[str, tuple[str, str]]:
    return {inspector_id(n): (SURNAMES[n] + "检查员" + SURNAMES[n], PHONE.format(n)) for n in range(11)}


def labels() -> dict[str, str]:
    return {
        "370202": "市南区",
        "370203": "市北区",
        "370211": "黄岛区[西海岸]新区*管委会/开发区管理委员会及其派出机构",
        "unit0": "市南区市场监管局",
        "unit1": "市北区市场监管局",
        "unit2": "西海岸新区市场监管局",
        "dept-food": "食品股",
        "dept-device": "特设股",
        "F52": "零售业",
        "lead": "主检",
        "aide": "协检",
        "tech": "技术专家",
    }
