"""Make the example county, full and small, byte for byte the same everywhere.

Everything is fictitious: names, codes, districts. What is real are the rates: the class mix, the ratios and the
result categories follow published figures (data/README.md). Risk is learnable, noisy and drifting; truth.csv keeps
it aside for tests, and neither model nor draw may read it.

    python data/make_example.py            write data/example
    python data/make_example.py --check    fail if the files differ
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path

from people import Size, make_recusals, make_roster
from stream import MILLION, Stream

HERE = Path(__file__).resolve().parent
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TYPES = {
    "enterprise": "企业", "individual": "个体工商户", "coop": "农民专业合作社", "repoffice": "外国企业常驻代表机构",
    "seller": "网络经营者", "product": "产品",
}  # fmt: skip
TYPE_SHARE = (("enterprise", 330), ("individual", 600), ("coop", 40), ("repoffice", 3), ("seller", 15), ("product", 12))
PREFIX = {"enterprise": "91", "repoffice": "91", "individual": "92", "coop": "93"}
INDUSTRIES = (
    ("A0111", 20, 60), ("C1411", 15, 150), ("C1441", 8, 140), ("C2710", 4, 120), ("C3511", 12, 90), ("E4700", 30, 80),
    ("F5127", 25, 110), ("F5211", 120, 100), ("F5212", 160, 120), ("F5225", 50, 130), ("F5231", 70, 70), ("F5281", 40, 80),
    ("G5430", 25, 90), ("H6110", 20, 110), ("H6210", 180, 160), ("H6220", 60, 150), ("H6231", 30, 130), ("I6510", 25, 50),
    ("K7020", 20, 90), ("L7211", 30, 60), ("L7291", 20, 110), ("M7452", 8, 100), ("O8040", 60, 80), ("O8111", 30, 90),
    ("P8391", 20, 120), ("Q8425", 10, 110), ("R8890", 20, 90),
)  # fmt: skip
"""Code of GB/T 4754-2017, share, relative risk in percent."""
INDUSTRY_NAMES = (
    "稻谷种植", "糕点、面包制造", "液体乳制造", "化学药品原料药制造", "矿山机械制造", "房屋建筑业", "肉、禽、蛋、奶及水产品批发", "百货零售", "超级市场零售",
    "酒、饮料及茶叶零售", "纺织品及针织品零售", "计算机、软件及辅助设备零售", "普通货物道路运输", "旅游饭店", "正餐服务", "快餐服务", "茶馆服务", "应用软件开发",
    "物业管理", "汽车租赁", "企业总部管理", "环境保护监测", "理发及美容服务", "汽车修理与维护", "学前教育", "社区卫生服务中心", "其他文化艺术业",
)  # fmt: skip
DISTRICT_NAMES = ("城关镇", "东溪镇", "西坪镇", "南湾镇", "北桥镇", "云岭镇", "青塘镇", "松畈镇", "禾浦镇", "砚川镇")
BASE_RISK = {"A": 14_000, "B": 35_000, "C": 90_000, "D": 220_000}
PI = {"A": 6_000, "B": 15_000, "C": 40_000, "D": 100_000}
"""Monthly inclusion probability of the past draws, in ppm."""
NAME_A = ("云", "晨", "青", "禾", "星", "松", "泉", "岚", "棠", "溪", "砚", "苓", "榆", "澜", "𠮷", "䶮")
NAME_B = ("岭", "川", "屿", "桥", "坪", "湾", "垭", "畈", "塘", "浦")
KIND = {
    "enterprise": "有限公司",
    "individual": "经营部",
    "coop": "农民专业合作社",
    "repoffice": "代表处",
    "seller": "网店",
    "product": "产品",
}
START, LAST = (2023, 12), 36
UNCOMMITTED = {("full", "truth.csv")}
"""Made on demand by the tests; keeps the folder below 8 MB."""
SIZES = {
    "full": Size("full", {"A": 31_107, "B": 12_044, "C": 3_682, "D": 721}, 900, 10, 500, 20, 300),
    "small": Size("small", {"A": 320, "B": 130, "C": 38, "D": 12}, 20, 2, 20, 2, 8),
}


@dataclass(slots=True)
class Thing:
    """One object of the registry and what only its maker knows."""

    oid: str
    kind: str
    owner: str
    name: str
    district: str
    industry: str
    status: str
    since: str
    class_: str
    risk: int


def organisation(s: Stream) -> str:
    """Return nine characters with the check character of an organisation code."""
    body = [s.below(10) for _ in range(8)]
    check = (11 - sum(d * w for d, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11) % 11
    return "".join(map(str, body)) + ("X" if check == 10 else str(check))


def credit_code(s: Stream, prefix: str, district: str) -> str:
    """Return a credit code with the check character of GB 32100-2015."""
    body = prefix + district + organisation(s)
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def make_things(size: Size) -> list[Thing]:
    """Return the registry: active objects with a class each, then the struck-off ones."""
    s = Stream(f"objects/{size.name}")
    classes = s.shuffled([c for c, n in size.classes.items() for _ in range(n)])
    things: list[Thing] = []
    codes: set[str] = set()
    firms: list[Thing] = []
    for n in range(len(classes) + size.inactive):
        active = n < len(classes)
        kind = s.weighted(TYPE_SHARE) if active and firms else "enterprise"
        thing = _thing(s, kind, s.pick(size.districts), classes[n] if active else "B", firms, codes)
        thing.status = "存续" if active else s.pick(("注销", "吊销", "迁出"))
        things.append(thing)
        if kind == "enterprise" and active:
            firms.append(thing)
    return sorted(things, key=lambda t: t.oid)


def _thing(s: Stream, kind: str, district: str, class_: str, firms: list[Thing], codes: set[str]) -> Thing:
    owner = s.pick(firms) if kind in ("seller", "product") else None
    while True:
        if owner:
            oid, district = f"{kind[0].upper()}-{owner.oid}-{s.below(90) + 10}", owner.district
        else:
            oid = credit_code(s, PREFIX[kind], district)
        if oid not in codes:
            break
    codes.add(oid)
    industry, _, factor = INDUSTRIES[0] if kind == "coop" else s.weighted([(i, i[1]) for i in INDUSTRIES])
    name = f"{s.pick(NAME_A)}{s.pick(NAME_B)}{KIND[kind]}{s.below(9000) + 1000}"
    since = dt.date(2000, 1, 1) + dt.timedelta(days=s.below(9300))
    young = 130 if since.year >= 2022 else 90
    own = s.weighted(((30, 30), (70, 30), (120, 25), (250, 12), (500, 3)))
    risk = min(900_000, BASE_RISK[class_] * factor * young * own // 1_000_000)
    return Thing(oid, kind, owner.oid if owner else "", name, district, industry, "", since.isoformat(), class_, risk)


def drifted(thing: Thing, month: int) -> int:
    """Return the risk in a month: industries of one letter rise or fall together, by up to a third."""
    phase = (ord(thing.industry[0]) * 7 + month * 3) % 72
    wave = phase if phase < 36 else 72 - phase
    return min(900_000, thing.risk * (82 + wave) // 100)


def outcome(s: Stream, risk: int) -> tuple[int, int, int]:
    """Return result category, severity and number of defects of one visit."""
    if s.chance(risk):
        result, severity = s.weighted((((3, 2), 55), ((8, 2), 20), ((8, 3), 10), ((5, 2), 10), ((6, 3), 5)))
        return result, severity, severity + s.below(4)
    if s.chance(45_000 + risk // 4):
        return 4, 1, 1
    if s.chance(25_000 + risk // 5):
        return s.pick(((2, 1, 1), (5, 1, 1), (5, 1, 2)))
    return (7 if s.chance(20_000) else 1), 0, 0


def make_history(size: Size, things: list[Thing], leads: dict[str, list[str]]) -> list[str]:
    """Return 36 months of visits: twelve of hand-picked ones without a probability, then drawn ones."""
    s = Stream(f"history/{size.name}")
    boost = 1 if size.name == "full" else 4
    rows: list[tuple[str, str]] = []
    for m in range(LAST):
        year, month = divmod(START[0] * 12 + START[1] - 1 + m, 12)
        draw_id = f"XJSC-{year}-{month + 1:04d}" if m >= LAST // 3 else ""
        for t in things:
            pi = PI[t.class_] * boost
            if t.status != "存续" or t.since[:7] > f"{year}-{month + 1:02d}" or not s.chance(pi):
                continue
            date = dt.date(year, month + 1, 1 + s.below(28)).isoformat()
            result, severity, defects = outcome(s, drifted(t, m))
            drawn = f"{draw_id},0.{pi:06d}000000,{MILLION / pi:.6f}" if draw_id else ",,"
            item = "A03" if t.industry[:3] in ("C14", "F52", "H62") else "A01"
            who = s.pick(leads[t.district])
            rows.append((f"{date}{t.oid}", f"{t.oid},{date},{result},{severity},{defects},{item},{who},{drawn}"))
    return [row for _, row in sorted(rows)]


ITEMS = (
    ("A01", "登记事项检查", "市场主体登记管理条例", "general", "enterprise;individual;coop;repoffice", "1%-30%", "1次/月", "-"),
    ("A02", "公示信息检查", "企业信息公示暂行条例", "general", "enterprise;individual;coop", ">=3%", ">=1次/年", "-"),
    ("A03", "食品经营检查", "食品安全法", "key", "enterprise;individual;coop", ">=2‰", ">=2次/年", "food"),
    ("A04", "食品生产检查", "食品安全法", "key", "enterprise", ">=30%", ">=1次/年", "food"),
    ("A05", "药品经营检查", "药品管理法", "key", "enterprise", "20%", "1次/年", "drug"),
    ("A06", "特种设备使用检查", "特种设备安全法", "key", "enterprise", "<=6%", "1次/年", "special-equipment"),
    ("A07", "计量器具检查", "计量法", "general", "enterprise;individual", "5%", "1次/年", "metrology"),
    ("A08", "网络交易检查", "电子商务法", "general", "seller", "3%", "1次/年", "-"),
    ("A09", "产品质量监督抽查", "产品质量法", "key", "product", "<=30%", "<=2次/年", "-"),
    ("A10", "价格行为检查", "价格法", "general", "enterprise;individual", "1%", "1次/年", "-"),
    ("A11", "广告行为检查", "广告法", "general", "enterprise", "2%", "1次/年", "-"),
    ("A12", "外国企业常驻代表机构检查", "外国企业常驻代表机构登记管理条例", "general", "repoffice", "50%", "1次/年", "-"),
)  # fmt: skip


def build(size: Size) -> dict[str, str]:
    """Return every file of one variant by name."""
    things = make_things(size)
    active = [t for t in things if t.status == "存续"]
    roster, leads = make_roster(size)
    history = make_history(size, things, leads)
    objects = [
        f"{t.oid},{TYPES[t.kind]},{t.owner},{t.name},{t.district},{t.industry},{t.status},{t.since}" for t in things
    ]
    head = {
        "objects.csv": ("统一社会信用代码,主体类型,所有者代码,名称,区划,行业,登记状态,成立日期", objects),
        "classes.csv": ("object_id,class,source,month", [f"{t.oid},{t.class_},credit,2026-11" for t in active]),
        "roster.csv": ("执法证号,姓名,手机号,所在单位,所在部门,区划,执法证有效期,执法事项范围,岗位资质,角色,工作量上限,请假", roster),
        "recusals.csv": ("inspector_id,kind,target,reason_code,asked_by", make_recusals(size, [(t.oid, t.district) for t in active])),
        "items.csv": ("item_id,name,legal_basis,kind,object_types,ratio,frequency,qualification", [_item(i) for i in ITEMS]),
        "caps.csv": ("item_id,department,year,cap", [f"{i[0]},samr,2026,6" for i in ITEMS]),
        "history.csv": ("object_id,date,result,severity,defects,item,inspector_id,draw_id,pi,W", history),
        "labels.csv": ("code,name", _labels(size)),
        "truth.csv": ("object_id,true_risk_ppm", [f"{t.oid},{drifted(t, LAST)}" for t in active]),
    }  # fmt: skip
    files = {name: "\n".join([first, *rows]) + "\n" for name, (first, rows) in head.items()}
    files["plan.toml"] = (HERE / f"plan-{size.name}.toml").read_text(encoding="utf-8")
    return files


def _labels(size: Size) -> list[str]:
    districts = zip(size.districts, DISTRICT_NAMES, strict=False)
    industries = zip((i[0] for i in INDUSTRIES), INDUSTRY_NAMES, strict=True)
    return [f'{code},"{name}"' for code, name in (*districts, *industries)]


def _item(i: tuple[str, ...]) -> str:
    code, name, law, kind, types, ratio, often, qualification = i
    return f"{code},{name},《{law}》,{kind},{types},{ratio},{often},{'' if qualification == '-' else qualification}"


def main(arguments: list[str]) -> int:
    """Write or check both variants."""
    differs = []
    for size in SIZES.values():
        for name, text in build(size).items():
            if (size.name, name) in UNCOMMITTED:
                continue
            path = HERE / "example" / size.name / name
            if "--check" in arguments:
                if not path.is_file() or path.read_bytes() != text.encode():
                    differs.append(f"{size.name}/{name}")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
    if differs:
        sys.stderr.write("differs from what the generator makes: " + ", ".join(differs) + "\n")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
