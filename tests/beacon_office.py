"""An office whose public value is a real round of drand quicknet, sealed before it and drawn after it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli import office as o
from tests.cli.office import DRAW, ok, refused, say

ROUND = 31799517
SIGNATURE = "b7a6d29a93f17085866bf67bed95be9c3b46fd74e7cab12bbf91340f27d99ecc83bc5d46ff4b2b4c6f28aa975bf69fcc"
ANSWER = {"round": ROUND, "randomness": "00" * 32, "signature": SIGNATURE}
SEALED_ON, KNOWN_ON = "2026-08-30T09:00:00Z", "2026-08-31T18:45:15Z"


def sealed(source: Path, root: Path) -> Path:
    """Return an office that has sealed the round while it is still to come, its secrets revealed."""
    assert say(root.parent, "init", root.name, "--beacon", "--demo", "beacon").code == 0
    o.clock(root, SEALED_ON)
    o.inputs(source, root / "input", drand=("lottery:kl8:2026339", f"drand:quicknet:{ROUND}"))
    plan = root / "input/plan.toml"
    lines = plan.read_text().splitlines()
    plan.write_text("\n".join('reveal = "2026-08-31T10:00:00Z"' if x.startswith("reveal =") else x for x in lines))
    early = plan.with_name("early.toml")
    early.write_text(plan.read_text().replace(str(ROUND), "31700000"))
    for p in o.PARTIES:
        ok(root, "reveal", "S", "--party", p, "--commit")
    refused(root, "BEACON_KNOWN", "seal", "input/early.toml", "--sitting", "S")
    ok(root, "seal", "input/plan.toml", "--sitting", "S")
    o.revealed(root)
    return root


def drawn(source: Path, root: Path) -> Path:
    """Return such an office after its draw, with its site."""
    sealed(source, root)
    ok(root, "close", "S")
    o.clock(root, KNOWN_ON)
    answer = root.with_name("answer.json")
    answer.write_text(json.dumps(ANSWER))
    ok(root, "seed", "S", "--file", answer)
    ok(root, "draw", DRAW)
    ok(root, "publish")
    return root
