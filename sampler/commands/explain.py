"""explain: why an object was drawn or not, in integers anybody can redo, and why these officers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sampler import lots, records, tables, ticket, units
from sampler.commands.explain_team import assigned, member_text, officer_text
from sampler.commands.shell import Reply, command
from sampler.errors import StepError
from sampler.io.session import need, open_session
from sampler.io.store import Workspace
from sampler.plan import Plan
from sampler.select import exact
from sampler.wording import REASONS

E12 = 10**12


@command("explain")
@click.argument("draw_id")
@click.argument("object_id", metavar="对象代码或执法人员编号")
@click.option(
    "--size",
    type=int,
    default=None,
    metavar="件数",
    help="现场实有件数与封存的抽样基数不同的批次：按同一规则给出取哪几件",
)
def explain(workspace: Path, draw_id: str, object_id: str, size: int | None) -> Reply:
    """某对象为何抽中或未抽中，为何派这些人；某执法人员为何派到这些对象。"""
    w = open_session(workspace).workspace
    folder = f"bundles/{draw_id}"
    need(
        w.exists(f"{folder}/manifest.json"),
        "NOT_DRAWN",
        f"{draw_id} 还没有证据包",
        "先运行 sampler draw，或核对任务编号",
    )
    t = {n: tables.decode(w.read(f"{folder}/{n}"), c, file=n) for n, c in records.TABLE_COLUMNS.items()}
    result = records.Draw.parse(w.read(f"{folder}/draw.json"), "draw.json")
    if object_id in t["roster.tsv"]["inspector_id"]:
        found = assigned(w, folder, t, result).officer(object_id)
        return Reply(data=found, text=officer_text(found))
    if object_id in t["excluded.tsv"]["object_id"]:
        reason = t["excluded.tsv"]["reason"][t["excluded.tsv"]["object_id"].index(object_id)]
        return Reply(
            data={"object_id": object_id, "outcome": "excluded", "reason": reason},
            text=f"{object_id} 未纳入抽取: {REASONS.get(reason, reason)}",
        )
    if object_id not in t["frame.tsv"]["object_id"]:
        raise StepError("OBJECT_UNKNOWN", "登记库里没有这个对象", hint="核对代码", found=object_id)
    plan: Plan = w.record(Plan, f"{folder}/plan.json")
    data = _facts(t, result, object_id, owners=plan.owners)
    lot = next((x for x in result.lots or () if x.object_id == object_id), None)
    need(lot or size is None, "LOT_NONE", f"{object_id} 不是按件抽样的批次", "--size 只用于抽中或备选的批次")
    if lot is not None:
        data["lot"] = {"size": lot.size, "items": list(lot.items)}
    if lot is not None and size is not None:
        sample = plan.samples(dict(zip(t["strata.tsv"]["stratum"], t["strata.tsv"]["clause"], strict=True)))
        there = lots.items(bytes.fromhex(result.seed), object_id, size, sample[data["stratum"]])
        data["lot"]["there"] = {"size": size, "items": list(there)}
    if data["outcome"] == "drawn":
        data["team"] = assigned(w, folder, t, result).team(object_id)
        data["amended"] = _amended(w.names(f"{folder}/amendments"), w, object_id)
    return Reply(data=data, text=_text(data))


def _facts(t: dict[str, tables.Table], result: records.Draw, object_id: str, *, owners: bool) -> dict[str, Any]:
    frame = t["frame.tsv"]
    i = frame["object_id"].index(object_id)
    stratum, level = frame["stratum"][i], frame["level"][i]
    j = t["levels.tsv"]["key"].index(f"{stratum}/{level}")
    parameter = int(t["levels.tsv"]["L"][j])
    held = units.of_frame(frame, owners=owners)
    unit, size = held.ids[held.of[i]], held.sizes()[held.of[i]]
    h = ticket.ticket(ticket.object_key(bytes.fromhex(result.seed)), unit)
    chosen = next((c for c in result.drawn if c.object_id == object_id), None)
    reserve = next((c for c in result.reserves if c.object_id == object_id), None)
    outcome = "drawn" if chosen else "reserve" if reserve else "not-drawn"
    found = chosen or reserve
    data: dict[str, Any] = {
        "object_id": object_id, "outcome": outcome, "stratum": stratum, "level": level, "L": parameter,
        "pi_e12": units.object_pi(int(t["levels.tsv"]["pi_e12"][j]), size), "ticket": f"{h:064x}", "rank": found.rank if found else None,
    }  # fmt: skip
    if size > 1:
        instead = units.second(bytes.fromhex(result.seed), unit, held.objects(frame["object_id"])[unit])
        data["owner"] = {"owner_id": unit, "objects": size, "stands": instead}
    tau = t["tau.tsv"]
    if level not in "0T" and stratum in tau["stratum"]:
        k = tau["stratum"].index(stratum)
        bound = exact.Key(int(tau["h"][k], 16), int(tau["L"][k]), "")
        data |= {"tau": {"h": tau["h"][k], "L": bound.L}, "below_tau": _below(h, parameter, bound)}
    return data


def _below(h: int, parameter: int, tau: exact.Key) -> bool:
    """Return whether Q(h, L) < Q(tau), by cross multiplication (draw.md, 9)."""

    def parts(x: int, lam: int) -> tuple[int, int]:
        return (2 * x + 1) * (2**32 - lam), lam * (2**257 - 2 * x - 1)

    (a, b), (c, d) = parts(h, parameter), parts(tau.h, tau.L)
    return a * d < c * b


def _amended(names: list[str], w: Workspace, object_id: str) -> list[dict[str, Any]]:
    """Return what amendments did to the team since; never why."""
    found: list[records.Amendment] = [w.record(records.Amendment, n) for n in names]
    return [{"number": a.number, **c.to_dict()} for a in found for c in a.changes if c.object_id == object_id]


def _text(d: dict[str, Any]) -> str:
    words = {"drawn": "抽中", "reserve": "备选", "not-drawn": "未抽中"}
    lines = [
        f"{d['object_id']}: {words[d['outcome']]}",
        f"  分层 {d['stratum']}，概率档 {d['level']}，本月入样概率 {d['pi_e12'] / E12:.6f}",
        f"  摇号数 {d['ticket']}",
    ]
    if "owner" in d:
        o = d["owner"]
        lines.append(f"  所有者 {o['owner_id']} 有 {o['objects']} 个对象，先抽所有者；抽中时按散列数取 {o['stands']}")
    if d["level"] == "T":
        lines.append("  该档必查")
    elif d["level"] == "0":
        lines.append("  在轮休期内，本月不抽")
    elif "tau" in d:
        side = "小于" if d["below_tau"] else "不小于"
        lines.append(f"  由摇号数与 L={d['L']} 算出的键值{side}本层界限（h={d['tau']['h'][:16]}…, L={d['tau']['L']}）")
    if "lot" in d:
        taken = "、".join(map(str, d["lot"]["items"]))
        lines.append(f"  抽样基数 {d['lot']['size']}，按次序取第 {taken} 件（散列数最小者先取，draw.md 9.7）")
    if "there" in d.get("lot", {}):
        there = d["lot"]["there"]
        lines.append(
            f"  现场实有 {there['size']} 件，按同一规则取第 {'、'.join(map(str, there['items']))} 件；在笔录上写明实有件数"
        )
    lines += [line for m in d.get("team", []) for line in member_text(m)]
    for a in d.get("amended", []):
        left, came = ("、".join(m["inspector_id"] for m in a[k]) or "无" for k in ("leaving", "entering"))
        lines.append(f"  第 {a['number']} 次变更: 换下 {left}，换上 {came}")
    return "\n".join(lines)
