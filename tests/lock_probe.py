"""What one set of libraries makes of the example: scores from a fixed table, and the AUC of tables trained anew.

Run by another environment's python (tests/integration/test_lock_sets.py), so it needs only what `models` imports:
python -m tests.lock_probe TABLE EXAMPLE
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from models.folds import Split
from models.measure import run_evaluate
from models.options import Options
from models.run import run_score

ASOF = "2026-12-01"


def probe(table: bytes, example: Path) -> dict[str, Any]:
    """Return versions, the hash of the fixed table's scores, and AUC and model hashes of two kinds trained anew."""
    history, objects, classes = ((example / f"{n}.csv").read_bytes() for n in ("history", "objects", "classes"))
    scores, _, _ = run_score(table, history, objects, asof=ASOF, classes=classes)
    trained = {}
    for learner in ("points", "trees"):
        split = Split(test_from="2026-03-01", folds=3)
        found = run_evaluate(history, Options(asof=ASOF), split, learner=learner, objects=objects, classes=classes)
        trained[learner] = {
            "auc": found.data["metrics"]["auc"]["value"],
            "model_sha256": found.data["model_sha256"],
            "predictions_sha256": hashlib.sha256(found.predictions).hexdigest(),
        }
    return {
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "scores_sha256": hashlib.sha256(scores).hexdigest(),
        "trained": trained,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]))))
