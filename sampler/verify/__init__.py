"""Replay: sixteen numbered steps from a bundle's bytes to an answer (PROTOCOL 7).

Needs the standard library and `cryptography`; numpy and scipy only to compute the probabilities of step 11 again.
Nothing is believed because somebody signed it: signatures say who answers for a record, the steps say whether
the record is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import trust
from sampler.errors import SamplerError, clip
from sampler.verify.bundle import AUDITOR, Bundle, UnreadableError
from sampler.verify.opening import verify_opening
from sampler.verify.report import (
    NEVER_PROVED,
    NotApplicable,
    Report,
    Rule,
    Step,
    VerifyError,
)
from sampler.verify.steps_charter import charter, registration
from sampler.verify.steps_draw import assignment, selection
from sampler.verify.steps_files import files, forms
from sampler.verify.steps_frame import probabilities, trees
from sampler.verify.steps_later import amendments, attestation, results
from sampler.verify.steps_log import outside_quorum, transparency
from sampler.verify.steps_order import order, outsider
from sampler.verify.steps_seed import bits, parties, public_value, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["REPLAYED", "RULES", "Report", "Step", "verify", "verify_opening"]

RULES: Final = (
    Rule("files", "文件与清单完全一致", "文件齐全, 与清单逐字节相符", files),
    Rule("records", "每个文件只有规范的一种写法", "文件都能严格读出, 同属这次抽查", forms),
    Rule("charter", "章程固定, 应签的都已签", "每份记录都由章程所列的人签名", charter),
    Rule("registration", "先登记后封存, 编号连续", "计划在登记和封存之后没有改动", registration),
    Rule("log", "每份记录都在只增不改的日志里", "记录都在日志里, 日志没有改写", transparency),
    Rule("order", "封存 < 揭示 < 截止 < 公开数 < 抽取", "随机数产生之前一切已经封存", order),
    Rule("parties", "揭示的秘密就是承诺的秘密", "各方的秘密没有调换", parties),
    Rule("public-value", "公开数出自封存时指定的来源", "公开数不能预知, 也不能挑选", public_value),
    Rule("seed", "种子只由封存、公开数和秘密算出", "种子没有挑选的余地", seed),
    Rule("trees", "名单、人员与文件就是封存的那些", "封存之后没有人增、删、改名单", trees),
    Rule("probabilities", "抽取数与概率由计划、风险分和历史定出", "每户抽中的机会由规则定出", probabilities),
    Rule("selection", "名单由种子和概率唯一确定", "抽中的就是应抽中的", selection),
    Rule("assignment", "派员由种子和规则唯一确定", "执法人员合格, 派员没有挑选的余地", assignment),
    Rule("amendments", "变更先有事由后有随机", "变更合规", amendments),
    Rule("results", "结果按期公布", "结果齐全", results),
    Rule("attestation", "外部核验", "有人核验并签名", None),
)
"""The steps in order; the number of a step is its place, from 1."""
REPLAYED: Final = 13
"""Steps that every draw has: a copy that lacks their files shows less, however it names its level."""


def verify(
    read: Callable[[str], bytes],
    paths: Sequence[str],
    *,
    charter: str = "",
    head: bytes | None = None,
    seal_code: str = "",
    now: str = "",
    before: Mapping[str, bytes] | None = None,
) -> Report:
    """Return what a replay of a bundle finds; a defect of the bundle is an answer, never an exception.

    Parameters
    ----------
    read
        Path to bytes; only paths of `paths` are ever read.
    paths
        Every path of the bundle's directory, with ``/`` between parts, `manifest.json` included.
    charter
        Hash of the charter, known from elsewhere; without it the keys are not pinned.
    head
        A checkpoint from outside the bundle.
    seal_code
        The code on the signed form.
    now
        The time (records.md, 1.2) at which deadlines are judged; without it they are not.
    before
        Files of the voided draw that this one replaces.
    """
    b = Bundle(read, tuple(paths), pin=charter, head=head, seal_code=seal_code, now=now, before=before)
    steps: tuple[Step, ...] = ()
    for no, rule in enumerate(RULES, start=1):
        steps += (_step(no, rule, b, steps),)
    draw_id, level = _name(b)
    if level not in (AUDITOR, ""):
        open_steps = "、".join(str(s.no) for s in steps[:REPLAYED] if s.status == "na")
        b.not_proved.append(
            f"公开级别为 {level} 的副本: 第 {open_steps or '-'} 步因文件不公开而没有核对, 或只核对了一部分"
        )
    return Report(
        draw_id=draw_id, level=level, steps=steps, not_proved=(*b.not_proved, *NEVER_PROVED), trust=_trust(b, steps)
    )


def _trust(b: Bundle, steps: tuple[Step, ...]) -> dict[str, object] | None:
    """Return how far the draw is out of its office's hands; None when a step failed."""
    if any(s.status == "fail" for s in steps):
        return None
    done = {s.id: s.status == "ok" for s in steps}
    sealed = b.has("commitment.json")
    return trust.report(
        trust.Evidence(
            seal_code=bool(b.seal_code) and done["parties"],
            outsider=sealed and done["order"] and outsider(b),
            witnessed=done["log"] and outside_quorum(b),
            bits=bits(b) if sealed and done["public-value"] else 0,
            attested=done["attestation"],
        )
    )


def _step(no: int, rule: Rule, b: Bundle, before: tuple[Step, ...]) -> Step:
    try:
        remark = attestation(b, before) if rule.judge is None else rule.judge(b)
    except NotApplicable as e:
        return Step(no=no, id=rule.id, status="na", want=rule.want, meaning=str(e))
    except VerifyError as e:
        p = e.problem
        return Step(
            no=no, id=rule.id, status="fail", want=e.want, found=p.found, meaning=p.message, file=p.place.file
        )  # fmt: skip
    except UnreadableError as e:
        if e.step == no:
            meaning = "文件读不出来, 证据包不完整或已损坏"
            return Step(
                no=no, id=rule.id, status="fail", want=rule.want, found=e.problem.message, meaning=meaning,
                file=e.problem.place.file,
            )  # fmt: skip
        why = b.withheld(e.problem.place.file) if e.cause is None else ""
        if why:
            return Step(no=no, id=rule.id, status="na", want=rule.want, meaning=f"{why}: {e.problem.place.file}")
        meaning = f"取决于第 {e.step} 步: {e.problem.place.file} 读不出来"
        return Step(no=no, id=rule.id, status="na", want=rule.want, meaning=meaning, file=e.problem.place.file)
    except SamplerError as e:
        p = e.problem
        found = f"{p.code} {p.found}".strip()
        return Step(
            no=no, id=rule.id, status="fail", want=rule.want, found=found, meaning=p.message, file=p.place.file
        )  # fmt: skip
    except (ArithmeticError, LookupError, TypeError, ValueError) as e:
        found = clip(f"{type(e).__name__}: {e}")
        return Step(no=no, id=rule.id, status="fail", want=rule.want, found=found, meaning="内容自相矛盾, 无法重算")
    return Step(no=no, id=rule.id, status="ok", want=rule.want, found=remark, meaning=rule.shows)


def _name(b: Bundle) -> tuple[str, str]:
    try:
        return b.manifest.draw_id, b.manifest.level
    except UnreadableError:
        return "", ""
