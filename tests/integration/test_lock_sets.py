"""Two sets of libraries: a committed table scores alike to the byte, and tables trained anew come out the same.

The older set is installed with pip from the usual index; without one the test says so and is skipped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from models.options import Options
from models.run import run_train
from tests.lock_probe import ASOF
from tests.support import ROOT

pytestmark = pytest.mark.integration
EXAMPLE = ROOT / "data" / "example" / "full"
OLDER = (
    "scikit-learn==1.6.1", "numpy==2.0.2", "scipy==1.14.1", "pandas==2.2.3", "pyarrow==18.1.0", "threadpoolctl",
    "click", "python-calamine",
)  # fmt: skip


@pytest.fixture(scope="session")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the python of a fresh environment with the older set."""
    root = tmp_path_factory.mktemp("older")
    venv.create(root, with_pip=True)
    python = root / "bin" / "python"
    words = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *OLDER]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(reason=f"the older libraries cannot be installed here: {done.stderr[-300:]}")
    return python


def probed(python: Path, table: Path) -> Any:
    words = [str(python), "-m", "tests.lock_probe", str(table), str(EXAMPLE)]
    return json.loads(subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("learner", ["points", "trees"])
def test_a_committed_table_scores_alike_and_both_kinds_come_out_the_same(
    older: Path, tmp_path: Path, learner: str
) -> None:
    history, objects, classes = ((EXAMPLE / f"{n}.csv").read_bytes() for n in ("history", "objects", "classes"))
    raw, _, _ = run_train(history, Options(asof=ASOF), learner=learner, objects=objects, classes=classes)
    (tmp_path / "table.json").write_bytes(raw)
    here, there = (probed(p, tmp_path / "table.json") for p in (Path(sys.executable), older))
    assert here["scikit-learn"] != there["scikit-learn"]
    assert here["numpy"] != there["numpy"]
    assert here["scores_sha256"] == there["scores_sha256"]
    for kind, mine in here["trained"].items():
        assert abs(mine["auc"] - there["trained"][kind]["auc"]) <= 1e-4, kind
