"""The command line: a lazy group, so that ``--help`` loads nothing heavy.

stdout: documents only, so that it pipes. stderr: hints, warnings, progress. Exit 0 done, 1 the answer is "no",
2 usage or unreadable input.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

COMMANDS = {
    "demo": ("sampler.commands.demo", "在自带示例上走完一个月的抽查"),
    "init": ("sampler.commands.setup", "建立工作区：章程、密钥、模板、示例计划"),
    "month": ("sampler.commands.month", "一个月从头到尾，三站：核对封存、摇号派人、公示归档"),
    "check": ("sampler.commands.check", "导入前检查文件"),
    "plan": ("sampler.commands.plan", "试算：规模、概率、剔除、派人可行性（不抽）"),
    "seal": ("sampler.commands.seal", "封存：登记并承诺名单、权重、规则"),
    "reveal": ("sampler.commands.sitting", "参与方承诺（--commit）或揭示"),
    "export": ("sampler.commands.exchange", "写出给参与方的文件（章程、封存）"),
    "import": ("sampler.commands.exchange", "接收参与方或核验人交来的文件"),
    "close": ("sampler.commands.sitting", "截止揭示"),
    "seed": ("sampler.commands.value", "记录公开数"),
    "draw": ("sampler.commands.draw", "摇号并派人，写出可核验的证据包"),
    "amend": ("sampler.commands.amend", "抽取之后换人：先登记事由，再由封存的变更链决定"),
    "lists": ("sampler.commands.lists", "生成检查名单、任务单、公示页"),
    "results": ("sampler.commands.results", "登记检查结果，显示进度"),
    "due": ("sampler.commands.due", "期限：逾期的在前；各部门进度"),
    "verify": ("sampler.commands.verify", "重放并核验一个证据包"),
    "publish": ("sampler.commands.publish", "公示网站：读者在自己的浏览器里核验"),
    "void": ("sampler.commands.ending", "作废：写明理由，公布本应抽中的名单"),
    "open": ("sampler.commands.ending", "检查后公开；或为一户写出核验文件"),
    "attest": ("sampler.commands.ending", "审计人签署核验意见"),
    "explain": ("sampler.commands.explain", "某对象为何抽中或未抽中、为何派这些人"),
    "fairness": ("sampler.commands.fairness", "派人是否均衡：工作量、搭档、从未派出的人员"),
    "estimate": ("sampler.commands.estimate", "由抽查结果推断合格率：区间与目标"),
    "train": ("models.commands", "训练风险积分表"),
    "score": ("models.commands", "按积分表给名录打分"),
    "evaluate": ("models.commands_measure", "在靠后的检查上检验模型，与简单排法比较"),
    "card": ("models.commands_decide", "写模型卡"),
    "promote": ("models.commands_decide", "现用与挑战模型配对比较，过线才更替"),
    "simulate": ("models.commands_decide", "在真实历史上模拟抽查与再训练的循环"),
    "keys": ("sampler.commands.keys", "密钥：参与方工作区、口令、更换、停用"),
    "audit": ("sampler.commands.audit", "审计任何摇号程序：可达、均匀、次序、种子"),
    "backup": ("sampler.commands.backup", "备份整个工作区并读回核对"),
    "restore": ("sampler.commands.backup", "从备份恢复到新目录"),
    "upgrade": ("sampler.commands.upgrade", "把旧版的工作区升级到本程序的版式"),
    "stream": ("sampler.commands.stream", "千万户以上的名录：承诺、抽取、逐户核验，内存有界，可续跑"),
    "log": ("sampler.commands.log", "透明日志：show、check"),
}
"""Command to the module that holds it (as an attribute of the same name) and its line in the help."""


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the commands in the order of a month's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        attribute = f"{cmd_name}_" if cmd_name in ("import", "open") else cmd_name
        found: click.Command = getattr(module, attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        """List the commands without importing them."""
        with formatter.section("命令"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="double-random-sampler", prog_name="sampler")
@click.option("-C", "--workspace", default=".", metavar="目录", help="先进入此目录，默认当前目录")
def group(workspace: str) -> None:
    """双随机、一公开：按风险加权、无人能左右、人人可复算的抽查摇号。"""
    enter(workspace)


def enter(workspace: str) -> None:
    """Work in `workspace`, as if started there."""
    try:
        os.chdir(workspace)
    except OSError as e:
        raise click.UsageError(f"进不了目录 {workspace}: {e.strerror}") from e


def main(argv: list[str] | None = None) -> None:
    """Run the program; every failure becomes a code, a place and a way out."""
    from sampler.commands import shell

    sys.exit(shell.run(group, sys.argv[1:] if argv is None else argv))


if __name__ == "__main__":
    main()
