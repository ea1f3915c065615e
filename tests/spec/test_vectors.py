"""The vectors: made by the reference, answered by the program, reproducible by hand (docs/spec/conformance.md)."""

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import conformance, forgeries, make_vectors, vectors_program
from tests.javascript import node_or_skip
from tests.support import ROOT
from tests.vectorgen import areas

FILES = conformance.vector_files()
VECTORS = {str(path): json.loads((ROOT / path).read_text(encoding="utf-8")) for path in FILES}
OWN = {path: v for path, v in VECTORS.items() if Path(path).parts[2] in areas.AREAS}
FIELDS = {"spec", "area", "op", "desc", "input", "want"}


def test_committed_vectors_are_what_the_reference_makes() -> None:
    files = make_vectors.golden() | areas.files()
    assert make_vectors.differences(make_vectors.VECTORS, files, make_vectors.present(make_vectors.VECTORS)) == []


def test_differences_are_seen(tmp_path: Path) -> None:
    files = {"bytes/a.json": b"1", "bytes/b.json": b"2"}
    make_vectors.write(tmp_path, files)
    (tmp_path / "bytes/a.json").write_bytes(b"3")
    (tmp_path / "bytes/b.json").rename(tmp_path / "bytes/c.json")
    assert make_vectors.differences(tmp_path, files, make_vectors.present(tmp_path)) == [
        "missing: bytes/b.json", "not made by the reference: bytes/c.json", "different: bytes/a.json",
    ]  # fmt: skip
    make_vectors.write(tmp_path, files)
    assert make_vectors.present(tmp_path) == set(files)


def test_there_are_enough_and_most_are_negative() -> None:
    negative = [v for v in OWN.values() if "mutation" in v]
    assert len(OWN) >= 400
    assert len(negative) >= 0.7 * len(OWN)
    assert sum((ROOT / path).stat().st_size for path in FILES) < 2_300_000
    assert {v["area"] for v in OWN.values()} == set(areas.AREAS)


@pytest.mark.parametrize("path", OWN)
def test_a_vector_has_the_form_of_the_page_and_our_answer(path: str) -> None:
    v = VECTORS[path]
    assert set(v) - {"mutation"} == FIELDS
    assert v["spec"] == "draw/v1-draft"
    assert path == f"tests/vectors/{v['area']}/{Path(path).name}"
    assert Path(path).name.startswith(v["op"] + "-")
    assert ("mutation" in v) == ("error" in v["want"])
    assert vectors_program.outcome(v) == v["want"]


def test_every_operation_and_every_code_of_the_page_has_vectors() -> None:
    page = (ROOT / "docs/spec/conformance.md").read_text(encoding="utf-8")
    operations = page.split("## 4. Operations")[1].split("### 4.15")[0]
    listed = set(re.findall(r"^\|.*?`([A-Za-z-]+)` \|", operations, re.MULTILINE))
    asked = {v["op"] for v in OWN.values()}
    assert listed <= asked
    assert {op.removesuffix("-follows") for op in asked} <= listed | {"seed"}
    codes = set(re.findall(r"`([A-Z]+_[A-Z_0-9]+)`", page.split("## 4. Operations")[1].split("\n## 5.")[0]))
    seen = Counter(v["want"].get("error") for v in OWN.values())
    assert codes - set(seen) == set()
    known = (ROOT / "docs/spec/errors.md").read_text(encoding="utf-8")
    assert [code for code in codes if f"`{code}`" not in known] == []


def test_no_two_vectors_ask_the_same() -> None:
    asked = Counter(json.dumps([v["area"], v["op"], v["input"]], sort_keys=True) for v in OWN.values())
    assert [text for text, count in asked.items() if count > 1] == []


def shell_lines() -> list[tuple[str, str, Any]]:
    return [(path, v["desc"], v["want"]["ok"]) for path, v in OWN.items() if v["desc"].startswith("printf ")]


def test_some_vectors_are_reproducible_in_a_shell() -> None:
    found = [row for row in shell_lines() if "sha256sum" in row[1]]
    assert len(found) >= 8
    for path, line, want in found:
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
        assert done.stdout.split()[0] == want, path


def test_the_program_answers_under_python_o() -> None:
    done = subprocess.run(
        [sys.executable, "-O", "-m", "tests.vectors_program", "vectors", *map(str, FILES)],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")[:-1]
    assert [line.split("\t")[0] for line in lines] == list(map(str, FILES))
    score = conformance.Score()
    for path, line in zip(FILES, lines, strict=True):
        conformance.judge_answer(path, line.split("\t", 1)[1], score)
    assert score.failures == []
    assert score.passed >= len(OWN)


def test_the_second_implementation_answers_every_vector() -> None:
    score = conformance.Score()
    conformance.judge_vectors([node_or_skip(), "sampler/publish/js/cli.mjs"], score)
    assert score.failures == []
    assert score.without == {"audit", "estimate", "plan/grace"}
    asked = [v for v in OWN.values() if v["area"] not in {"audit", "estimate"} and not v["op"].startswith("grace")]
    assert score.passed >= len(asked)
    assert score.passed + score.skipped == len(FILES)


def test_the_program_skips_what_it_does_not_know_and_stops_at_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"area": "weather", "op": "x", "input": {}}', encoding="utf-8")
    known = str(FILES[0])
    words = [sys.executable, "-m", "tests.vectors_program"]
    done = subprocess.run([*words, "vectors", str(tmp_path / "a.json"), known], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith(f'{tmp_path / "a.json"}\t{{"skip":"weather/x"}}\n{known}\t')
    for wrong in (["vectors", str(tmp_path / "none.json")], ["vector"], []):
        assert subprocess.run([*words, *wrong], cwd=ROOT, capture_output=True, check=False).returncode == 2


# the judge: it must see what is wrong


def test_the_judge_tells_wrong_answers_missing_answers_and_skips_apart() -> None:
    path = next(p for p in FILES if p.name == "lp-seed.json")
    score = conformance.Score(without=frozenset({"bytes/lp"}))
    conformance.judge_answer(path, '{"ok":"0000000473656564"}', score)
    conformance.judge_answer(path, '{"ok": "0000000473656564"}', score)
    conformance.judge_answer(path, '{"error":"CANON_JSON"}', score)
    conformance.judge_answer(path, None, score)
    conformance.judge_answer(path, '{"skip":"not done"}', score)
    assert score.closing() == "1 passed, 3 failed, 1 skipped"


def judge(tmp_path: Path, program: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "p.py").write_text(program, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "tests.conformance", "--only", "vectors", "--verifier", f"{sys.executable} {tmp_path / 'p.py'}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_judge_fails_a_program_that_says_yes_to_everything(tmp_path: Path) -> None:
    done = judge(tmp_path, "import sys\nfor p in sys.argv[2:]: print(p, '{\"ok\":true}', sep='\\t')\n")
    assert done.returncode == 1
    closing = re.fullmatch(r"(\d+) passed, (\d+) failed, 0 skipped", done.stdout.splitlines()[-1])
    assert closing is not None
    assert int(closing[2]) > 0.9 * len(FILES)


def test_a_skip_must_be_declared() -> None:
    path = next(p for p in FILES if p.parent.name == "estimate" and "-follows" in p.name)
    op = VECTORS[str(path)]["op"].removesuffix("-follows")
    for without, failed in [
        ({"estimate"}, 0),
        ({f"estimate/{op}"}, 0),
        ({"audit"}, 1),
        ({"estimate/other"}, 1),
        (set(), 1),
    ]:
        score = conformance.Score(without=frozenset(without))
        conformance.judge_answer(path, '{"skip":"later"}', score)
        assert (score.skipped, len(score.failures)) == (1 - failed, failed)


def test_the_judge_passes_a_program_that_declares_all_its_gaps_and_fails_one_that_hides_them_or_crashes(
    tmp_path: Path,
) -> None:
    skips = "import sys\nif sys.argv[1] == 'without':\n    print(WITHOUT)\n    raise SystemExit\nfor p in sys.argv[2:]: print(p, '{\"skip\":\"later\"}', sep='\\t')\n"
    every = "\\n".join(sorted({p.parent.name for p in FILES}))
    done = judge(tmp_path, skips.replace("WITHOUT", f"'{every}'"))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"0 passed, 0 failed, {len(FILES)} skipped")
    done = judge(tmp_path, skips.replace("WITHOUT", "'audit'"))
    audits = sum(p.parent.name == "audit" for p in FILES)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        1,
        f"0 passed, {len(FILES) - audits} failed, {audits} skipped",
    )
    done = judge(tmp_path, "raise SystemExit('broken')")
    assert done.returncode == 1
    assert "FAILED: vectors: exit 1: broken" in done.stdout


def test_every_forgery_differs_from_the_golden_bundle_and_its_manifest_fits() -> None:
    good = forgeries.read_bundle(conformance.GOLDEN)
    assert len(forgeries.FORGERIES) >= 30
    for name, forge in forgeries.FORGERIES.items():
        files = forge(good)
        assert {p for p in files if files[p] != good.get(p)} - {"manifest.json"}, name
        listed = {f["path"]: f["sha256"] for f in json.loads(files["manifest.json"])["files"]}
        assert listed == {p: hashlib.sha256(d).hexdigest() for p, d in files.items() if p != "manifest.json"}, name
