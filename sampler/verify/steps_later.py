"""Steps 14 to 16: amendments, results with deadlines and openings, attestations (records.md, 3.12 to 3.18)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sampler import canon, disclosure, records
from sampler.assign.amend import Sealed, Teams, begin, check, flags
from sampler.assign.amend import key as amend_key
from sampler.assign.model import parse_rules, parse_targets
from sampler.canon import sha256
from sampler.errors import SamplerError
from sampler.units import object_pi, owner_of
from sampler.verify import opening as single
from sampler.verify.bundle import UnreadableError
from sampler.verify.papers import replayed_only
from sampler.verify.report import NotApplicable, VerifyError, need, same
from sampler.verify.sitting import taken_elsewhere
from sampler.verify.steps_charter import approved
from sampler.verify.steps_draw import arithmetic
from sampler.verify.steps_seed import disclosure_of
from sampler.wording import MEASURES, RESULT_STATES, RESULTS

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle
    from sampler.verify.report import Step

ENTRIES: Final = "log/entries"
OPEN_DAYS: Final = 30
"""An opening is due this many days after the last day of the visits (records.md, 3.15)."""
ATTESTED: Final = 13
"""Steps that an attestation answers for: those whose outcome does not change later."""


def amendments(b: Bundle) -> str:
    """Judge step 14: causes logged first, chance from the sealed chain, none hidden (records.md, 3.18)."""
    if b.withheld("amendments/0001.json"):
        count = _logged(b, "amendment")
        raise NotApplicable(f"变更 {count} 次, 内容不公开")
    found = b.documents("amendments/", records.Amendment)
    same(_logged(b, "amendment"), len(found), "日志里的变更与包里的不同: 有变更被隐去或补入", ENTRIES)
    causes = _logged(b, "amendment-cause")
    need(causes >= len(found), len(found), causes, "有变更没有先登记事由", ENTRIES)
    if causes > len(found):
        b.not_proved.append(f"{causes - len(found)} 项变更事由已登记, 还没有变更")
    if not found:
        raise NotApplicable("没有变更")
    for number, a in enumerate(found, start=1):
        _amendment(b, a, number)
    _replayed(b, found)
    _flags(b, found)
    return f"{len(found)} 次变更, 逐次重算相同"


def _replayed(b: Bundle, found: list[records.Amendment]) -> None:
    """Replay every amendment from its cause and chain value: who leaves, who enters, no more (assignment.md, 14)."""
    sealed, teams = before(b)
    for a in found:
        cause, chain = bytes.fromhex(a.cause.rhash()), bytes.fromhex(a.chain or "")
        key = amend_key(bytes.fromhex(b.seed.seed), cause, a.number, chain)
        try:
            teams = replace(teams, elsewhere=taken_elsewhere(b, a.cause))
            teams = check(sealed, teams, a.to_dict(), _done(b, a.cause), key, arithmetic())
        except (UnreadableError, VerifyError):
            raise
        except SamplerError as e:
            p, file = e.problem, f"amendments/{a.number:04d}.json"
            raise VerifyError("事由与变更链所定的变更", f"{p.code} {p.found}".strip(), p.message, file) from e


def before(b: Bundle) -> tuple[Sealed, Teams]:
    """Return what the seal holds of the assignment, and the teams as they were drawn."""
    everyone = [c.object_id for c in (*b.draw.drawn, *b.draw.reserves)]
    targets = {t.object_id: t for t in parse_targets(b.table("frame.tsv"), everyone)}
    sealed = Sealed(parse_rules(b.plan.to_dict()), targets, tuple(b.officers), b.recusals)
    return sealed, begin(b.assignment.to_dict(), b.draw.drawn, b.draw.reserves)


def _done(b: Bundle, cause: records.AmendmentCause) -> frozenset[str]:
    """Return the objects with a result logged before the cause."""
    at = b.index_of.get((cause.TYPE, cause.rhash()), 0)
    batches = [r for r in b.documents("results/", records.Results) if b.index_of.get((r.TYPE, r.rhash()), at) < at]
    return frozenset(row.object_id for r in batches for row in r.rows)


def _flags(b: Bundle, found: list[records.Amendment]) -> None:
    """Say where amendments heap up: a series of illnesses is how a team would be chosen by hand (PROTOCOL 3.10)."""
    flagged = flags([a.to_dict() for a in found], b.draw.n)
    if flagged:
        b.not_proved.append(f"变更异常频繁, 请查事由: {'、'.join(flagged)}")


def _amendment(b: Bundle, a: records.Amendment, number: int) -> None:
    file = f"amendments/{number:04d}.json"
    same((number, number), (a.number, a.cause.number), "变更的编号不连续", file)
    same(a.draw_id, a.cause.draw_id, "变更的事由属于另一次抽查", file)
    cause, done = (b.index_of.get((r.TYPE, r.rhash()), -1) for r in (a.cause, a))
    need(0 <= cause < done, "事由先于变更", f"第 {cause} 条, 第 {done} 条", "变更先于它的事由", file)
    approved(b, a.cause.approval, file)
    anchor = b.commitment.anchor
    if a.chain is None:
        return
    end = anchor.end if anchor else ""
    need(on_chain(bytes.fromhex(a.chain), number, end), end, a.chain, "变更所用的随机数不在封存的变更链上", file)


def on_chain(value: bytes, number: int, end: str) -> bool:
    """Return whether `value` is a_number of the chain that ends in `end` (hex)."""
    for _ in range(number):
        value = sha256(value)
    return value.hex() == end


def results(b: Bundle) -> str:
    """Judge step 15: batches without a gap, single openings that say what the seal says, nothing overdue."""
    shown = [*_void(b), *_results(b), *_opened(b), *_single(b)]
    _deadlines(b)
    if not shown:
        raise NotApplicable("还没有检查结果")
    return ", ".join(shown)


def _void(b: Bundle) -> list[str]:
    """Check a Void: it names this draw, and shows the whole replay once the outcome could be known (3.12)."""
    void = b.void
    if void is None:
        return []
    file = "void.json"
    same(b.registration.rhash(), void.registration, "作废所指的登记不是这一份", file)
    seal = b.commitment.rhash() if b.has("commitment.json") else None
    same(seal, void.commitment, "作废所指的封存不是这一份", file)
    b.not_proved.append(f"这次抽查已作废, 理由: {void.cause}; 结果不能使用")
    if not b.has("sitting.json"):
        return ["封存之前作废"]
    given = {r.party for r in b.sitting.reveals} | {c.party for c in b.documents("custody-", records.Custody)}
    if len(given) < b.charter.min_reveals:
        return [f"作废: 只有 {len(given)} 方揭示"]
    if void.missing:
        b.not_proved.append(f"作废时缺 {'、'.join(void.missing)}: 没有公布本应抽中的名单")
        _missing(b, void.missing, file)
        return ["作废, 结果无法算出"]
    need(void.draw, "本应抽中的完整名单", "没有", "结果已可以算出, 作废却没有公布它: 可能是挑选结果", file)
    if b.has("draw.json"):
        same(b.draw.rhash(), void.draw, "作废所公布的不是这次抽查的结果", file)
    return ["作废, 本应抽中的名单已公布" if replayed_only(b) else "抽取之后作废"]


def _missing(b: Bundle, missing: tuple[str, ...], file: str) -> None:
    """Refuse what a Void calls missing and the log shows: a result that can be computed is not given up in silence."""
    known = {*(p.party for p in b.commitment.parties), "source"}
    need(set(missing) <= known, "参与方或 source", missing, "作废所称缺少的不是参与方", file)
    there = {r.party for r in b.sitting.reveals}
    there |= {"source"} if b.has("public-value.json") else set()
    there |= set(b.closing.absent) if b.has("closing.json") else set()
    false = sorted(there & set(missing))
    need(not false, "日志里没有的秘密或来源", false, "作废所称缺少的, 日志里就有: 可能是挑选结果", file)


def _results(b: Bundle) -> list[str]:
    if b.withheld("results/0001.json"):
        return []
    found = b.documents("results/", records.Results)
    same(_logged(b, "results"), len(found), "日志里的检查结果与包里的不同: 有结果被隐去", ENTRIES)
    previous, drawn = canon.ZERO_HASH.hex(), _drawn(b)
    together: set[str] = set()
    for number, r in enumerate(found, start=1):
        file = f"results/{number:04d}.json"
        same((number, previous), (r.batch, r.previous), "检查结果的批次不连续", file)
        strangers = [row.object_id for row in r.rows if drawn and row.object_id not in drawn]
        need(not strangers, "抽中的对象", strangers[:3], "结果里有没有抽中的对象", file)
        unlawful = [row.object_id for row in r.rows if not _lawful(row)]
        need(
            not unlawful,
            "3.17 所列的情况与代码",
            unlawful[:3],
            "结果行不合规则: 缺日期、结果、两名执法人员, 或代码不对",
            file,
        )
        merged = [row for row in r.rows if row.merged_into is not None]
        odd = [row.object_id for row in merged if row.merged_into not in _earlier(b)]
        need(not odd, "同一场次编号较小的抽查", odd[:3], "结果所并入的不是同一场次在先的抽查", file)
        together |= {str(row.merged_into) for row in merged}
        previous = r.rhash()
    if together:
        b.not_proved.append(f"与 {'、'.join(sorted(together))} 合并的检查: 结果是否相同, 须对照那次抽查的证据包")
    places = [b.index_of.get((r.TYPE, r.rhash()), 0) for r in found]
    need(all(x < y for x, y in pairwise(places)), "批次按日志的次序", places, "检查结果的次序与日志不同", ENTRIES)
    done = {row.object_id for r in found for row in r.rows}
    return [f"{len(done)} 户有结果"] if found else []


def _earlier(b: Bundle) -> frozenset[str]:
    """Return the draws of this sitting with a smaller draw_id: only these make visits that this draw shares."""
    mine = b.commitment.draw_id
    return frozenset(c.draw_id for c in b.sitting.commitments if c.draw_id.encode() < mine.encode())


_REASONS: Final = frozenset({"closed", "deregistered", "moved", "other"})
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _lawful(row: records.Result) -> bool:
    """Return whether a row keeps the rules of 3.17."""
    codes = [] if row.result is None else [str(row.result), *(row.also or ())]
    visited = row.state == "visited"
    return (
        row.state in RESULT_STATES
        and visited == bool(codes)
        and set(codes) <= RESULTS.keys()
        and len(set(codes)) == len(codes)
        and ("1" not in codes or len(codes) == 1)
        and (not visited or (row.date is not None and len(row.officers or ()) >= 2))  # noqa: PLR2004  # 行政处罚法 42
        and (row.reason is None or (row.state == "not-visited" and row.reason in _REASONS))
        and (row.severity or 0) <= 3  # noqa: PLR2004  # the scale of DESIGN 5
        and (row.measure is None or row.measure in MEASURES)
        and all(t is None or _TIME.fullmatch(t) for t in (row.entered_at, row.left_at))
    )


def _drawn(b: Bundle) -> set[str]:
    """Return who may have a result: the drawn, and the reserves that replaced an object out of scope."""
    if b.has("draw.json"):
        return {c.object_id for c in (*b.draw.drawn, *b.draw.reserves)}
    return set(b.table("drawn.tsv").key) if b.has("drawn.tsv") else set()


def _opened(b: Bundle) -> list[str]:
    opening = b.opening
    if opening is None:
        return []
    if b.has("draw.json"):
        same(b.draw.rhash(), opening.draw, "公开记录所指的不是这次抽取", "opening.json")
    kept = {c.party for c in b.closing.custody}
    same(sorted(kept), sorted(opening.secrets), "公开的秘密与保管的不同", "opening.json")
    used = {p.party: p.r for p in b.seed.parties}
    for party, r in opening.secrets.items():
        same(used.get(party), r, f"公开的 {party} 的秘密不是种子所用的", "opening.json")
    return ["已全部公开"]


def _single(b: Bundle) -> list[str]:
    found = [(p, b.record(p, records.OpeningFile)) for p in b.under("openings/")]
    for path, file in found:
        single.check(file, path)
        same(b.commitment.rhash(), file.opening.commitment, "单户核验文件属于另一次封存", path)
        if b.has("levels.tsv") and file.opening.tree == "frame":
            same(_pi(b, file.opening.row.split("\t")), file.opening.pi_e12, "单户核验文件所写的概率与封存的不同", path)
    return [f"{len(found)} 份单户核验文件"] if found else []


def _pi(b: Bundle, row: list[str]) -> int | None:
    """Return the probability of the object of an opened row: that of its unit, shared by the unit's objects."""
    levels = b.table("levels.tsv")
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True)).get("/".join(row[-2:]))
    unit = owner_of(row[0], row[1]) if b.plan.owners else row[0]
    size = b.units.sizes()[b.units.ids.index(unit)] if unit in b.units.ids else 1
    return None if pi is None else object_pi(pi, size)


def _deadlines(b: Bundle) -> None:
    """Flag what is overdue at the moment the person who verifies names."""
    if not b.now:
        b.not_proved.append("没有提供当前时间: 期限没有核对")
        return
    limit = b.registration.deadline
    ended = any(e.type in ("draw", "void") and e.draw_id == b.manifest.draw_id for e in b.logged)
    need(ended or b.now <= limit, f"{limit} 前抽取或作废", "都没有", "逾期既未抽取也未作废", "registration.json")
    deferred = disclosure_of(b) == disclosure.AFTER and ended and not b.has("void.json")
    if deferred and not b.has("opening.json"):
        due = _opening_due(b)
        need(b.now <= due, f"{due} 前公开", "没有", "检查早已结束, 名单逾期没有公开, 无法核验", ENTRIES)


def _opening_due(b: Bundle) -> str:
    """Return when the opening is due; a copy without the plan counts from the end of the period's month."""
    if b.has("plan.json"):
        return opening_due(b.plan.visits.last)
    year, month = map(int, b.registration.period.split("-"))
    return opening_due((dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).isoformat())


def opening_due(last: str) -> str:
    """Return the moment at which the opening of a draw is due, from the last day of its visits (3.15)."""
    return f"{dt.date.fromisoformat(last) + dt.timedelta(days=OPEN_DAYS + 1)}T00:00:00Z"


def attestation(b: Bundle, steps: tuple[Step, ...]) -> str:
    """Judge step 16: somebody ran the full replay, of this draw and this log, and found the same (3.13)."""
    found = b.documents("attestation-", records.Attestation)
    if not found:
        raise NotApplicable("没有外部核验意见; 核验人可以就是您")
    mine = {report_hash(b.manifest.draw_id, done) for done in (steps, _as_if_checked(steps))}
    for a in found:
        file = f"attestation-{records.key_id(bytes.fromhex(a.public))}.json"
        if b.has("draw.json"):
            same(b.draw.rhash(), a.draw, "核验意见说的不是这次抽取", file)
        if b.copy is None:
            need(a.report in mine, sorted(mine), a.report, "核验意见的结论与本次重放不同", file)
        single.grown(b, a.checkpoint, file)
    names = "、".join(a.auditor for a in found)
    b.not_proved.append(f"核验人 {names} 的身份: 请另行确认其公钥")
    return f"{len(found)} 人核验: {names}"


def _as_if_checked(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps with those that could not be checked here as an auditor who could would have found them."""
    return tuple(replace(s, status="ok") if s.status == "na" else s for s in steps[:ATTESTED])


def report_hash(draw_id: str, steps: tuple[Step, ...]) -> str:
    """Return what an attestation signs of a replay: the status of steps 1 to 13 (3.13)."""
    rows = [{"id": s.id, "no": s.no, "status": s.status} for s in steps[:ATTESTED]]
    return canon.H("report", canon.encode({"draw_id": draw_id, "steps": rows})).hex()


def _logged(b: Bundle, type_: str) -> int:
    return sum(e.type == type_ and e.draw_id == b.manifest.draw_id for e in b.logged)
