"""A registry on a PostgreSQL server: fetched by a server-side cursor, the draw is the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sampler.errors import SamplerError
from sampler.io.engines import committing, drawing, fetching
from tests import large

psycopg = pytest.importorskip("psycopg", reason="psycopg (extra `postgres`) is not installed")
pytestmark = pytest.mark.integration
USER = "postgres"


def program(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ["PATH"]]))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A cluster of the test's own, on a socket in its own folder."""
    initdb, control = program("initdb"), program("pg_ctl")
    if not initdb or not control:
        pytest.skip(reason="no PostgreSQL server is installed (initdb, pg_ctl)")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's path must be short
    as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, USER)
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    run([*as_user, initdb, "-D", folder / "data", "-A", "trust", "-U", USER])
    options = f"-k {folder} -c listen_addresses=''"
    begin = [*as_user, control, "-D", folder / "data", "-w", "-o", options, "-l", folder / "log"]
    run([*begin, "start"])
    try:
        yield f"postgresql:///postgres?host={folder}&user={USER}"
    finally:
        run([*as_user, control, "-D", folder / "data", "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def test_the_same_draw_from_a_server(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = large.rows(5_000, 6)
    names = "object_id, class, type, district, risk_ppm, cooling"
    with psycopg.connect(server) as c:
        c.execute(
            "create table objects (object_id text, class text, type text, district text, risk_ppm integer, cooling boolean)"
        )
        with c.cursor().copy(f"copy objects ({names}) from stdin") as copy:
            for row in held:
                copy.write_row(row)
    monkeypatch.setattr(fetching, "BATCH", 700)
    assert fetching.fetch(server, f"select {names} from objects", tmp_path / "f.parquet") == 5_000  # noqa: S608  # our own names
    job = committing.Job(
        folder=tmp_path / "out", sources=[tmp_path / "f.parquet"], plan=large.plan(), draw_id=large.DRAW, rows=900, processes=1,
    )  # fmt: skip
    want = large.in_memory(large.plan(), held)
    assert committing.commit(job, large.SECRET)["root"] == want["root"]
    found = drawing.run(tmp_path / "out", large.SEED, 1)
    assert (found.drawn, found.reserves, found.tau) == (want["drawn"], want["reserves"], want["tau.tsv"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("delete from pg_class returning relname as object_id", "FETCH_SOURCE"),
        ("selec", "FETCH_SOURCE"),
        ("select 1 as object_id, 'A' as class, 't' as type, 'd' as district, 5 as risk_ppm", "FRAME_COLUMNS"),
        ("select 'a' as object_id, 'A' as class, 't' as type, 'd' as district, 0.5 as risk_ppm", "FRAME_COLUMNS"),
    ],
)
def test_what_a_server_refuses_or_gives_wrongly(server: str, query: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(SamplerError) as caught:
        fetching.fetch(server, query, tmp_path / "f.parquet")
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(SamplerError) as caught:
        fetching.fetch(f"postgresql:///x?host={tmp_path}", "select 1", tmp_path / "f.parquet")
    assert caught.value.code == "FETCH_SOURCE"
