"""One vector: its file, and how the naive twin answers it."""

import hashlib
import json
from typing import Any, NamedTuple

from tests.reference.ops import outcome

SPEC = "draw/v1-draft"
Input = dict[str, Any]


class Case(NamedTuple):
    """A vector without its expected outcome, which `text` asks the twin for."""

    area: str
    op: str
    name: str
    desc: str
    given: Input
    mutation: str = ""
    code: str = ""

    @property
    def path(self) -> str:
        return f"{self.area}/{self.op}-{self.name}.json"

    def truth(self) -> Any:
        """What the twin makes of a good one."""
        return outcome(self.area, self.op, self.given)["ok"]

    def text(self) -> str:
        """The file. The twin and the author of the case must agree on whether and why it is refused."""
        want = outcome(self.area, self.op, self.given)
        if want.get("error", "") != self.code:
            raise ValueError(f"{self.path}: the twin says {want}, the case {self.code or 'ok'}")
        head = {"spec": SPEC, "area": self.area, "op": self.op, "desc": self.desc}
        if self.mutation:
            head["mutation"] = self.mutation
        lines = [f" {compact(key)}: {compact(value)}" for key, value in head.items()]
        inner = ",\n".join(f"  {compact(key)}: {compact(value)}" for key, value in self.given.items())
        lines += [f' "input": {{\n{inner}\n }}', f' "want": {compact(want)}']
        return "{\n" + ",\n".join(lines) + "\n}\n"


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


class Maker:
    """Cases of one operation."""

    def __init__(self, area: str, op: str) -> None:
        self.area, self.op = area, op
        self.cases: list[Case] = []

    def good(self, name: str, desc: str, **given: Any) -> None:
        self.cases.append(Case(self.area, self.op, name, desc, given))

    def bad(self, code: str, name: str, mutation: str, desc: str = "", **given: Any) -> None:
        self.cases.append(Case(self.area, self.op, name, desc or f"refused: {mutation}", given, mutation, code))


def digest(label: str) -> bytes:
    """Bytes that everybody can make again: SHA-256 of a label."""
    return hashlib.sha256(label.encode()).digest()


def flip(hexed: str, bit: int = 0) -> str:
    """The same bytes with one bit changed, counted from the left."""
    data = bytearray.fromhex(hexed)
    data[bit // 8] ^= 128 >> bit % 8
    return data.hex()
