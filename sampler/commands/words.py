"""What the libraries report in English, said to an office in Chinese: by code, with what to do.

The rules below `io` name what they found exactly, for auditors and for tests; a clerk reads the sentence here first.
"""

from __future__ import annotations

import errno
import re
from dataclasses import replace
from typing import Final

import click

from sampler.errors import Problem

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_OPEN: Final = "若是计划，对照 init 给出的示例计划改；若是工作区或证据包里的文件，可能被改动过，从备份恢复"
_BUNDLE: Final = "证据包或工作区的文件被改动过；从备份恢复，或重新运行 sampler draw"
WORDS: Final = {
    "CLAUSE_ABOVE": ("条款要抽的户数超过了它的全部对象", "改小该条款的比例"),
    "CLAUSE_ZERO": ("条款的比例太小，一户也抽不到", "改成向上取整的写法（如 >=3%）或提高比例；不抽这类对象就写 0%；年度数已抽满的条款，本批删去或写 0%"),
    "STRATUM_ZERO": ("有的层一户也抽不到", "在计划 types 里把户数少的类型并入同一层，或提高该条款的比例"),
    "STRATUM_ID": ("两层的编号相同", "类别、类型、区划的代码里不要用点"),
    "SIZE_COOLDOWN": ("有轮休期的层里，要抽的户数超过可抽的四分之一", "缩短该类的轮休期，或降低比例"),
    "SIZE_FRAME": ("要抽的户数超过可抽的户数", "降低该条款的比例"),
    "RATIO_ABOVE_ONE": ("抽查比例超过 100%", "改小比例；同一户一次只抽一回"),
    "RATIO_SYNTAX": ("看不懂抽查比例", "写成 10%、>=3% 或 <=2.5‰ 的样子，最多四位小数"),
    "FLOOR_RANGE": ("保底份额或加权强度超出范围", "risk.floor 写 0 到 1 之间的分数，gamma 写 0 到 3"),
    "RISK_RANGE": ("风险分不在 0 到 1000000 之间", "更正评分文件，或重新运行 sampler score"),
    "PI_TARGET": ("有的对象目标概率太小，无法精确达到", "提高保底份额 risk.floor，或减小 gamma"),
    "PI_NO_FIXED_POINT": ("概率参数没有算出来", "请连同计划报告此问题"),
    "PI_UNSTABLE": ("入样概率没有算稳", "请连同计划报告此问题"),
    "PI_INPUT": ("概率计算的输入不成立", "请连同计划报告此问题"),
    "WEIGHT_INPUT": ("推断权数的输入不成立", _BUNDLE),
    "WEIGHT_CERTAIN": ("轮休期内必查的对象又被抽中", "核对历史表与以前各次抽查的记录"),
    "WEIGHT_COOLING": ("轮休期内的对象又被抽中", "核对历史表与以前各次抽查的记录"),
    "WEIGHT_UNKNOWN": ("历史表缺少以前的抽中概率，算不出推断权数", "补齐以前各次抽查的证据包，或只用当月可抽对象的权数"),
    "PLAN_GROUPS": ("检查小组写得不对", "每个小组模板写一至几个名称不同的组，人数为正整数"),
    "PLAN_TEMPLATES": ("小组模板写得不对", "名称不能重复，最后一个不写 when"),
    "PLAN_JURISDICTION": ("看不懂 assignment.jurisdiction", "写 district（只派本区划）、cluster（同一片区，列出 clusters）或 any（不限区划）"),
    "PLAN_LADDER": ("工作量梯级写得不对", "名称不能重复；vacancy 由系统保留"),
    "RECORD_MISSING": ("缺少必需的字段", _OPEN),
    "RECORD_UNKNOWN": ("有不认识的字段", _OPEN),
    "RECORD_TYPE": ("记录的类型不对", _OPEN),
    "RECORD_VALUE": ("字段的值写得不对", _OPEN),
    "RECORD_ORDER": ("列表没有按升序排列，或有重复", _OPEN),
    "CANON_BYTES": ("JSON 文件不是规范写法", _BUNDLE),
    "CANON_JSON": ("文件不是 JSON", _BUNDLE),
    "CANON_UTF8": ("文件不是 UTF-8", _BUNDLE),
    "TABLE_HEADER": ("表头不对", _BUNDLE),
    "TABLE_WIDTH": ("有一行的格数不对", _BUNDLE),
    "TABLE_UTF8": ("文件不是 UTF-8", _BUNDLE),
    "TABLE_FIELD": ("单元格里有换行或制表符", _BUNDLE),
    "TABLE_NFC": ("文字的编码形式不统一", _BUNDLE),
    "TABLE_END": ("文件不完整，最后一行没有换行", _BUNDLE),
    "NOTE_SIGNATURE": ("日志检查点的签名不对", "日志可能被改写；停止使用，从备份核对"),
    "NOTE_FORM": ("日志检查点的写法不对", "日志可能被改写；停止使用，从备份核对"),
    "CHECKPOINT_FORM": ("日志检查点的写法不对", "日志可能被改写；停止使用，从备份核对"),
    "TILE_FORM": ("日志的静态文件不完整或不对", "重新拷贝；仍不对则不签"),
    "TILE_CHANGED": ("日志的静态文件被改动", "重新拷贝；仍不对则不签"),
    "TILE_ROOT": ("日志的条目与检查点不符", "重新拷贝；仍不对则不签"),
    "TILE_ENTRY": ("日志条目太长", "请报告此问题"),
    "LOG_END": ("日志不完整，最后一行没有换行", "从备份恢复日志"),
    "LOG_IDS": ("日志条目的编号不对", "日志可能被改写；停止使用，从备份核对"),
    "ASSIGN_SOLVER": ("派人没有算出来", "请连同计划报告此问题"),
    "PUBLISH_LEVEL": ("公示的内容超过封存时承诺的公开级别", "公开级别随计划封存，不能事后改"),
}  # fmt: skip
"""Code to what happened and what to do."""
OS_WORDS: Final = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "已经有同名的文件",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "名称太长",
}


def chinese(p: Problem) -> Problem:
    """Return `p` with a Chinese sentence in front of a message that has none."""
    if p.code not in WORDS or _CHINESE.search(p.message):
        return p
    message, hint = WORDS[p.code]
    return replace(p, message=f"{message}（{p.message}）", hint=hint)


def os_reason(e: OSError) -> str:
    """Return why the system refused."""
    return OS_WORDS.get(e.errno or 0, e.strerror or type(e).__name__)


def usage(e: click.ClickException) -> Problem:
    """Return what is wrong with the words typed after `sampler`."""
    ctx = e.ctx if isinstance(e, click.UsageError) else None
    hint = f"{ctx.command_path if ctx else 'sampler'} --help 列出用法"
    name = e.param.get_error_hint(ctx) if isinstance(e, click.BadParameter) and e.param and ctx else ""
    match e:
        case click.MissingParameter():
            message = f"缺少 {name or e.param_hint}"
        case click.NoSuchOption():
            message = f"没有 {e.option_name} 这个选项"
        case click.BadOptionUsage():
            message = f"选项 {e.option_name} 后面缺少内容"
        case click.BadParameter():
            message = f"{name or e.param_hint} 的值不对（{e.message}）"
        case _ if _CHINESE.search(e.format_message()):
            message = e.format_message()
        case _ if "No such command" in e.format_message():
            message = f"没有这个命令（{e.format_message()}）"
        case _:
            message = f"用法不对（{e.format_message()}）"
    return Problem(code="USAGE", message=message, hint=hint)
