"""month: the front door. It does what can be done, stops where people must look or sign, and goes on when called again.

Three stops: 核对封存 (look and seal), 摇号派人 (draw and assign), 公示归档 (publish and file). Every step is an ordinary
command; at each stop a page says what was done, what is sealed, what comes next and who signs.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sampler.commands import shell
from sampler.commands.shell import Reply, command
from sampler.disclosure import AFTER
from sampler.errors import StepError
from sampler.io import monthly
from sampler.io.session import Session, need, open_session
from sampler.office.monthpage import Page, month_page
from sampler.wording import beijing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.io.monthly import Party, State

MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@command("month")
@click.argument("month")
@click.option("--yes", is_flag=True, help="已核对（停站处不再询问）：封存；或：审批表已签字，揭示并截止")
@click.option("--value", default="", metavar="号码", help="公开数，例如快乐8的二十个号码连写")
@click.option(
    "--results", "form", type=click.Path(path_type=Path), default=None, metavar="文件", help="填好的检查结果登记表"
)
@click.option("--site", default="", metavar="网址", help="公示网站的网址，印在任务单的二维码里")
def month(workspace: Path, month: str, yes: bool, value: str, form: Path | None, site: str) -> Reply:  # click's flags
    """一个月从头到尾：核对封存、摇号派人、公示归档，三站；随时可停，再运行即接着做。"""
    need(MONTH.fullmatch(month), "MONTH_FORM", "月份写成 2026-12 的样子", "例如 sampler month 2026-12")
    session = open_session(workspace)
    walk = Walk(workspace, month, yes=yes, value=value, form=form, site=site)
    s = monthly.state(session, workspace, month)
    before = s.stop
    waits = (walk.seal, walk.draw, walk.file)[before](session, s)
    s = monthly.state(session, workspace, month)
    page = _page(session, s, month, before, waits)
    path = session.workspace.path(f"months/{month}/{before + 1}-{monthly.STOPS[before]}.html")
    session.workspace.write(f"months/{month}/{path.name}", month_page(page))
    text = [f"{month} {monthly.STOPS[before]}", *(f"  {line}" for line in page.done), "下一步:"]
    text += [f"  {line}" for line in page.next]
    data = {
        "month": month, "sitting_id": s.sitting, "stop": monthly.STOPS[s.stop], "draws": list(s.draws), "done": s.done,
        "next": page.next, "page": str(path),
    }  # fmt: skip
    return Reply(data=data, text="\n".join([*text, f"说明页 {path}"]))


class Walk:
    """The commands of each stop, run one after the other; a method returns what people must do next."""

    def __init__(self, root: Path, month: str, *, yes: bool, value: str, form: Path | None, site: str) -> None:
        self._root, self._month = root, month
        self._yes, self._value, self._form, self._site = yes, value, form, site

    def _run(self, *words: str) -> None:
        """Run one command of this program, word for word."""
        code = shell.step(list(words))
        if code:
            hint = "按上面写的更正，再运行同一命令即接着做"
            raise StepError("MONTH_STOPPED", f"停在这一步: sampler {' '.join(words)}", hint=hint, found=words[0])

    def _agreed(self, question: str) -> bool:
        """Return whether somebody has looked: --yes, or an answer at a terminal."""
        return self._yes or (sys.stdin.isatty() and click.confirm(question, err=True))

    def seal(self, session: Session, s: State) -> list[str]:
        """Check, promise, and seal once somebody agrees."""
        if not s.plans:
            form = f"把 {monthly.FORM} 另存为 抽查计划.xlsx 填好（抽查月份 {self._month}）"
            toml = f'或照 {monthly.EXAMPLE} 写 TOML（period = "{self._month}"）'
            return [f"在工作区放好 {self._month} 的计划：{form}，{toml}；再运行 sampler month"]
        for plan in s.plans:
            self._run("plan", plan)
        for p in s.parties:
            if p.here and not p.promised:
                self._run("reveal", s.sitting, "--party", p.party, "--commit")
        away = [p for p in s.parties if not p.here and not p.promised]
        if away:
            return [f"请{p.name}在自己的工作区承诺（sampler reveal {s.sitting} --party {p.party} --commit），"
                    "把文件交来后 sampler import" for p in away]  # fmt: skip
        if not self._agreed(f"以上试算已核对，封存 {len(s.plans)} 个计划？封存后不能改"):
            return [f"核对以上试算；无误后 sampler month {self._month} --yes 封存"]
        self._run("seal", *s.plans, "--sitting", s.sitting)
        for draw_id in monthly.state(session, self._root, self._month).draws:
            self._run("lists", draw_id)
        return []

    def draw(self, session: Session, s: State) -> list[str]:
        """Reveal and close once the form is signed; draw once the public value is there."""
        if not s.closed:
            if not self._agreed("审批表已打印封存码并签字？现在揭示并截止"):
                return [
                    f"打印 lists/ 里的行政检查审批表，核对封存码 {s.seal_code}，负责人签字；再 sampler month {self._month} --yes"
                ]
            waits = self._reveal(session, s)
            if waits:
                return waits
            self._run("close", s.sitting)
        if not s.valued:
            waits = self._seed(s)
            if waits:
                return waits
        for draw_id in s.draws:
            self._run("draw", draw_id)
        for draw_id in s.draws:  # the papers of a visit say which other tasks it serves
            self._run("lists", draw_id, *(["--site", self._site] if self._site else []))
            self._run("verify", f"bundles/{draw_id}")
        return []

    def _reveal(self, session: Session, s: State) -> list[str]:
        """Reveal for every party whose key is here; after-inspection hands the last one's secret to the first."""
        left = [p for p in s.parties if not p.given]
        handed = any(session.logged("custody", sitting_id=s.sitting))
        for n, p in enumerate(left):
            last = s.level == AFTER and not handed and n == len(left) - 1
            if p.here:
                self._run("reveal", s.sitting, "--party", p.party, *(["--to", s.parties[0].party] if last else []))
        away = [p for p in left if not p.here]
        return [f"请{p.name}在自己的工作区揭示（sampler reveal {s.sitting} --party {p.party}），把文件交来后 sampler import"
                for p in away]  # fmt: skip

    def _seed(self, s: State) -> list[str]:
        value = self._value
        if not value and sys.stdin.isatty():
            value = click.prompt(f"公开数 {s.source}", default="", show_default=False, err=True)
        if not value and s.source != "parties":
            return [f"等公开数 {s.source} 产生，再 sampler month {self._month} --value 号码"]
        self._run("seed", s.sitting, "--value", value)
        return []

    def file(self, session: Session, s: State) -> list[str]:
        """Record results, open what is due, show that all is whole, and publish what the level allows by now."""
        if self._form is not None:
            self._results(s, self._form)
            s = monthly.state(session, self._root, self._month)
        waits = [
            f"{d}: 还有 {want - have} 户没有登记结果；填 lists/{d}/检查结果登记表.xlsx，再 sampler month {self._month} --results 该表"
            for d, (have, want) in s.results.items()
            if have < want
        ]
        if not waits and s.unopened:
            waits = self._open(session, s)
        self._run("log", "check")
        for draw_id in s.draws:
            self._run("verify", f"bundles/{draw_id}")
        self._run("publish")
        return waits

    def _open(self, session: Session, s: State) -> list[str]:
        """Open list and results once nobody may be visited any more."""
        if session.today <= s.visits_end:
            return [f"检查期到 {s.visits_end} 为止；期满后再运行 sampler month {self._month}，公开名单和结果"]
        for draw_id in s.unopened:
            self._run("open", draw_id)
        return []

    def _results(self, s: State, form: Path) -> None:
        """Record a filled form for the one draw it belongs to: its task numbers say which."""
        draws = [d for d in s.draws if d in str(form)] or list(s.draws)
        need(len(draws) == 1, "MONTH_FORM_UNCLEAR", "本场有几个任务，看不出这份登记表属于哪一个",
             "表放在 lists/任务编号/ 下，或用 sampler results 任务编号 文件")  # fmt: skip
        self._run("results", draws[0], str(form))


def _page(session: Session, s: State, month: str, stop: int, waits: Sequence[str]) -> Page:
    """Return what the page of a stop says."""
    facts = [("场次", s.sitting), *((f"任务 {d}", _task(session, s, d)) for d in s.draws)]
    facts += [("封存码", s.seal_code), ("公开数来源", s.source)]
    facts += [("揭示截止", beijing(s.deadline))] if s.deadline else []
    facts += [("各方", "、".join(map(_party, s.parties)))]
    done, then, signs = _stop(s, month)[stop]
    return Page(
        agency=session.charter.name, month=month, stop=stop, done=done, facts=[f for f in facts if f[1]],
        next=list(waits) or [then], signs=signs, demo=bool(session.charter.demo),
    )  # fmt: skip


def _task(session: Session, s: State, draw_id: str) -> str:
    """Return a draw's title, and in figures what is sealed and drawn."""
    said = [monthly.title(session, draw_id), f"可抽名录 {monthly.framed(session, draw_id):,} 户"]
    if draw_id in s.drawn:
        officers, vacant = monthly.sent(session, draw_id)
        said += [f"抽中 {s.results[draw_id][1]:,} 户", f"派出 {officers:,} 人", f"空缺 {vacant:,} 处"]
    return "；".join(said)


def _party(p: Party) -> str:
    return p.name + ("（已揭示或交保管）" if p.given else "（已承诺）" if p.promised else "（还没有承诺）")


def _stop(s: State, month: str) -> tuple[tuple[list[str], str, tuple[str, ...]], ...]:
    """Return for each stop what was done, what comes next when nobody is waited for, and who signs."""
    sealed = [f"计划 {p}" for p in s.plans] + [f"{d} 已封存" for d in s.draws]
    steps = (("各方已揭示并截止", s.closed), ("公开数已登记", s.valued), ("已摇号派人并逐步核验", bool(s.drawn)))
    filed = [f"{d}: 结果 {have}/{want} 户" for d, (have, want) in s.results.items()]
    filed += [f"{d}: 名单已公开" for d in s.opened]
    end = "公示网站在 site/；本月完成，备份整个工作区" if s.done else "检查结束后再次运行"
    return (
        (
            sealed,
            f"打印审批表，核对封存码并签字，再运行 sampler month {month} --yes",
            ("承办人", "部门负责人", "机关负责人"),
        ),
        (
            [word for word, true in steps if true],
            f"按 lists/ 里的派单表派单；检查后运行 sampler month {month} --results 登记表",
            ("主持人", "记录人", "监督人", "见证人"),
        ),
        (filed, end, ("经办人", "负责人")),
    )
