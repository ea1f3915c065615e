"""A draw procedure that is somebody else's program: run once a seed, without a shell (docs/spec/audit.md, 5).

The command is typed by the person who audits; its output is hostile input.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sampler.errors import Place, StepError
from sampler.io.store import write_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sampler.audit import Line

FIELD: Final = re.compile(r"[,\t]")
PLACEHOLDERS: Final = ("seed", "frame", "n")
MOST_BYTES: Final = 2**26
"""Largest output of one run, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A list of ids as a text file: a heading, then a line an id, which is the first field.

    Parameters
    ----------
    heading
        First line.
    lines
        Id to its whole line, in the order of the file.
    """

    heading: str
    lines: Mapping[str, str]

    def bytes(self, order: Sequence[str]) -> bytes:
        """Return the file with its lines in another order."""
        return "\n".join([self.heading, *(self.lines[i] for i in order), ""]).encode()


def read_frame(name: str, data: bytes) -> Frame:
    """Return the frame in a UTF-8 text file.

    Raises
    ------
    StepError
        ``AUDIT_FRAME`` for a file without lines, with an id twice or in another encoding.
    """
    heading, *rows = _text(name, data).removeprefix("\ufeff").splitlines() or [""]
    lines = {FIELD.split(row)[0].strip(): row for row in rows if row.strip()}
    count = sum(1 for row in rows if row.strip())
    if not lines or len(lines) != count:
        message = "名录里有重复的代码" if lines else "名录里没有对象"
        raise StepError("AUDIT_FRAME", message, hint="首行为表头，其后一行一户，第一列为代码", place=Place(file=name))
    return Frame(heading=heading, lines=lines)


def read_claims(name: str, data: bytes, ids: Sequence[str]) -> tuple[float, ...]:
    """Return the claimed probability of each id: a heading, then ``id,probability`` lines.

    Raises
    ------
    StepError
        ``AUDIT_CLAIMED`` for an id without a probability, or one outside 0..1.
    """
    rows = [FIELD.split(row) for row in _text(name, data).removeprefix("\ufeff").splitlines()[1:] if row.strip()]
    hint = "首行为表头，其后一行一户：代码,概率"
    try:
        found = {row[0].strip(): float(row[1]) for row in rows}
        wrong = next((i for i in ids if not 0 <= found[i] <= 1), None)
    except (IndexError, ValueError, KeyError) as e:
        raise StepError("AUDIT_CLAIMED", "概率文件读不通", hint=hint, place=Place(file=name), found=str(e)) from e
    if wrong is not None:
        raise StepError("AUDIT_CLAIMED", "概率不在 0 与 1 之间", hint=hint, place=Place(file=name), found=wrong)
    return tuple(found[i] for i in ids)


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        raise StepError("AUDIT_FRAME", "文件不是 UTF-8", hint="另存为 UTF-8", place=Place(file=name)) from e


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command with ``{seed}``, and perhaps ``{frame}`` and ``{n}``, in its words.

    Parameters
    ----------
    words
        The command, already split.
    frame
        What it draws from.
    folder
        Where frames in another order are written.
    n
        How many it is asked for.
    seconds
        How long one run may take.
    """

    words: tuple[str, ...]
    frame: Frame
    folder: Path
    n: int
    seconds: float

    @property
    def ordered(self) -> bool:
        """Whether the command reads the frame from a file we write."""
        return any("{frame}" in w for w in self.words)

    def run(self, seed: int, ids: Sequence[str]) -> list[Line]:
        """Return the lines the program prints, fields apart.

        Raises
        ------
        StepError
            ``AUDIT_COMMAND`` when it cannot be started, fails, takes too long or prints what is no text.
        """
        path = self.folder / "frame.csv"
        write_file(path, self.frame.bytes(ids))
        values = {"seed": str(seed), "frame": str(path), "n": str(self.n)}
        words = [_filled(w, values) for w in self.words]
        try:
            done = subprocess.run(  # noqa: S603  # no shell; the auditor typed the command
                words, capture_output=True, timeout=self.seconds, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired as e:
            raise self._failed(f"{self.seconds:g} 秒内没有完成", seed, "") from e
        except (OSError, ValueError) as e:
            raise self._failed("程序启动不了", seed, str(e)) from e
        if done.returncode:
            raise self._failed(f"程序以退出码 {done.returncode} 结束", seed, done.stderr.decode("utf-8", "replace"))
        try:
            text = done.stdout[:MOST_BYTES].decode()
        except UnicodeDecodeError as e:
            raise self._failed("程序的输出不是 UTF-8 文字", seed, str(e)) from e
        return [tuple(f.strip() for f in FIELD.split(row)) for row in text.splitlines() if row.strip()]

    def _failed(self, message: str, seed: int, found: str) -> StepError:
        hint = f"单独运行一次看看，种子 {seed}；每行一户（或一组，用逗号分开）"
        return StepError("AUDIT_COMMAND", message, hint=hint, found=found)


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name in PLACEHOLDERS:
        word = word.replace("{" + name + "}", values[name])
    return word


def split(command: str) -> tuple[str, ...]:
    """Return the words of a command line.

    Raises
    ------
    StepError
        ``AUDIT_COMMAND`` for unbalanced quotes, or a command that takes no seed.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError as e:
        raise StepError("AUDIT_COMMAND", "命令里的引号不成对", hint="检查 --command", found=command) from e
    if not any("{seed}" in w for w in words):
        hint = "写成 --command '程序 {seed}'；还可以用 {frame}（名录文件）和 {n}（要抽几户）"
        raise StepError("AUDIT_COMMAND", "命令里没有 {seed}", hint=hint, found=command)
    return words
