"""The compression function of SHA-256 for many messages at once, ready in a tenth of a second (FIPS 180-4, 6.2.2).

The same function as `kernels.sha256`, for a process that hashes some millions of messages and ends: numba takes 1.3 s
to start, and 6 s the first time. Here the 64 rounds are written in LLVM's own language, a message in each lane of a
vector, and made into the processor's instructions in memory. Needs llvmlite, which comes with numba (`speed`).
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import llvmlite.binding as llvm
import numpy as np
import numpy.typing as npt

from sampler.kernels.fips180 import ROUND, ROUNDS, START, STATE, WORDS

Words = npt.NDArray[np.uint32]
FEATURES: Final = llvm.get_host_cpu_features()
LANES: Final = 16 if FEATURES.get("avx512f") else 8
"""Messages in one vector: AVX2 has registers for 8; LLVM halves what a processor cannot hold."""
BLOCK: Final = 4096
"""Messages in the columns of an input: their words stay in the processor's cache."""
VECTOR: Final = f"<{LANES} x i32>"
TURN: Final = f"@llvm.fshr.v{LANES}i32"


class _Text:
    """The lines of the function's body; every value is named once, as LLVM wants it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def value(self, line: str) -> str:
        name = f"%v{len(self.lines)}"
        self.lines.append(f"{name} = {line}")
        return name

    def fold(self, how: str, *terms: str) -> str:
        """Return the sum, or what `how` makes of two, of all `terms`."""
        out, *rest = terms
        for term in rest:
            out = self.value(f"{how} {VECTOR} {out}, {term}")
        return out

    def turned(self, x: str, *by: int, shift: int = 0) -> str:
        """Return the exclusive or of x turned right `by` bits, and of x shifted right (FIPS 180-4, 4.1.2)."""
        terms = [self.value(f"call {VECTOR} {TURN}({VECTOR} {x}, {VECTOR} {x}, {VECTOR} {_every(n)})") for n in by]
        return self.fold("xor", *terms, *([self.value(f"lshr {VECTOR} {x}, {_every(shift)}")] if shift else []))

    def row(self, of: str, number: int) -> str:
        """Return the address of the vector at the current column of a row."""
        at = self.value(f"add i64 %j, {number * BLOCK}")
        word = self.value(f"getelementptr i32, i32* {of}, i64 {at}")
        return self.value(f"bitcast i32* {word} to {VECTOR}*")

    def load(self, number: int) -> str:
        return self.value(f"load {VECTOR}, {VECTOR}* {self.row('%x', number)}, align 4")

    def store(self, x: str, number: int) -> None:
        self.lines.append(f"store {VECTOR} {x}, {VECTOR}* {self.row('%o', number)}, align 4")


def _every(n: int) -> str:
    """Return the constant with n in every lane."""
    return "<" + ", ".join([f"i32 {n}"] * LANES) + ">"


def _rounds(text: _Text) -> None:
    start, w = [text.load(i) for i in range(STATE)], [text.load(STATE + i) for i in range(WORDS)]
    a, b, c, d, e, f, g, h = start
    for t in range(ROUNDS):
        here, after, late, last = (w[(t + k) % WORDS] for k in (0, 1, 9, 14))
        if t >= WORDS:
            small = text.turned(after, 7, 18, shift=3), text.turned(last, 17, 19, shift=10)
            here = w[t % WORDS] = text.fold("add", here, late, *small)
        chosen = text.fold("xor", g, text.fold("and", e, text.fold("xor", f, g)))
        most = text.fold("xor", text.fold("and", a, b), text.fold("and", c, text.fold("xor", a, b)))
        one = text.fold("add", h, text.turned(e, 6, 11, 25), chosen, text.fold("add", here, _every(ROUND[t])))
        two = text.fold("add", one, text.turned(a, 2, 13, 22), most)
        a, b, c, d, e, f, g, h = two, a, b, c, text.fold("add", d, one), e, f, g
    for i, (old, new) in enumerate(zip(start, (a, b, c, d, e, f, g, h), strict=True)):
        text.store(text.fold("add", old, new), i)


def _program() -> str:
    text = _Text()
    _rounds(text)
    body = "\n".join(text.lines)
    return f"""
declare {VECTOR} {TURN}({VECTOR}, {VECTOR}, {VECTOR})
define void @compress(i32* noalias %x, i32* noalias %o, i64 %n) {{
entry:
br label %loop
loop:
%j = phi i64 [0, %entry], [%next, %loop]
{body}
%next = add i64 %j, {LANES}
%more = icmp ult i64 %next, %n
br i1 %more, label %loop, label %end
end:
ret void
}}"""


def _compiled() -> tuple[Any, Any]:
    """Return the function, and the engine that holds its instructions as long as somebody holds it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    here = {"cpu": llvm.get_host_cpu_name(), "features": FEATURES.flatten()}
    machine = llvm.Target.from_default_triple().create_target_machine(**here)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_program()), machine)
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    return kind(engine.get_function_address("compress")), engine


_compress, _engine = _compiled()


def compress(x: Words, o: Words, n: int) -> None:
    """Take n states one block further: ``o[8, BLOCK]`` from ``x[24, BLOCK]``, columns of 32-bit words, n <= BLOCK.

    Up to the next multiple of `LANES`, columns of `o` after the n-th are written too.
    """
    for words, rows in ((x, STATE + WORDS), (o, STATE)):
        if words.shape != (rows, BLOCK) or words.dtype != np.uint32 or not words.flags.c_contiguous:
            raise ValueError("not the columns of this function")
    if not 0 <= n <= BLOCK:
        raise ValueError(f"the columns hold {BLOCK} messages, not {n}")
    if n:
        _compress(x.ctypes.data, o.ctypes.data, n)


def columns() -> tuple[Words, Words]:
    """Return an input whose states are the start of a message, and an output."""
    x = np.zeros((STATE + WORDS, BLOCK), np.uint32)
    x[:STATE] = np.array(START, np.uint32)[:, None]
    return x, np.zeros((STATE, BLOCK), np.uint32)
