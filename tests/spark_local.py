"""Spark on this machine: why it cannot be had, or a session of it; for the integration tests and the benchmark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

JAVA = 17


def missing() -> str:
    """Return what is missing for Spark, or nothing."""
    if find_spec("pyspark") is None:
        return "pyspark (extra `spark`) is not installed"
    home = os.environ.get("JAVA_HOME", "")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        return f"Spark needs Java {JAVA} or later: none found in JAVA_HOME or PATH"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA:
        return f"Spark needs Java {JAVA} or later: {said.splitlines()[0] if said else java}"
    return ""


@contextmanager
def session(folder: Path) -> Iterator[Any]:
    """Give a session of two cores whose files lie in a folder; its Java has ended afterwards."""
    from pyspark import SparkContext  # noqa: PLC0415  # an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ["PYSPARK_PYTHON"] = sys.executable
    found = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.shuffle.partitions", "5")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "100000")
        .config("spark.local.dir", str(folder / "local"))
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )
    try:
        yield found
    finally:
        found.stop()
        gateway = SparkContext._gateway  # nothing public ends it
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()
        SparkContext._gateway = SparkContext._jvm = None
