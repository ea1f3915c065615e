"""What the page of an open draw says of one code where owners are drawn: its owner's ticket, its own probability."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from sampler import ticket, units, wording
from sampler.publish import scripts
from tests import owned
from tests.javascript import node_or_skip

NEEDED = ("seed.json", "draw.json", "plan.json", "frame.tsv", "excluded.tsv", "levels.tsv", "tau.tsv")


def look_up(files: dict[str, bytes], code: str) -> Any:
    texts = json.dumps({n: files[n].decode() for n in NEEDED})
    ask = f"const t = {texts}; const read = (p) => (p in t ? new TextEncoder().encode(t[p]) : undefined);\n"
    ask += f"console.log(JSON.stringify(m_firm.lookUp(read, {json.dumps(code)})));\n"
    script = scripts._joined("firm") + ask
    done = subprocess.run([node_or_skip(), "-"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "object_id", ["91310101MA1FL0006F", "91310101MA1FL0007G", "91310101MA1FL0008H", "91310101MA1FL0001A"]
)
def test_a_code_is_answered_by_its_owner(object_id: str) -> None:
    frame, levels = owned.table("frame.tsv"), owned.table("levels.tsv")
    pi = units.frame_pi(frame, dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True)), owners=True)
    unit = units.owner_of(object_id, frame["owner_id"][frame["object_id"].index(object_id)])
    key = ticket.object_key(bytes.fromhex(json.loads(owned.made()["seed.json"])["seed"]))
    found = look_up(owned.made(), object_id)
    assert found["ticket"] == f"{ticket.ticket(key, unit):064x}"
    assert found["pi"] == str(pi[object_id])
    assert found["drawn"] == (object_id in {r["object_id"] for r in json.loads(owned.made()["draw.json"])["drawn"]})


def test_the_office_prints_the_share() -> None:
    row = {"object_id": "p", "owner_id": "f", "stratum": "s", "level": "T"}
    assert wording.pi_e12(row, {}, 4) == 250_000_000_000
    assert wording.unit_of({"units": "owner"}, row) == "f"
    assert wording.unit_of({}, row) == "p"
    assert wording.unit_sizes({"units": "owner"}, {"p": row, "f": {**row, "object_id": "f", "owner_id": "-"}}) == {
        "f": 2
    }
