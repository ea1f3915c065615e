"""The ceremony with its parties apart, secrets in custody, digits by hand, drawn, voided, redrawn, opened, vouched for."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from sampler import canon
from sampler.disclosure import public_copy
from sampler.verify import Report, verify
from tests.cli import office as o
from tests.cli.office import DRAW, bundle, ok, refused, say

AFTER = ('disclosure = "standard"', 'disclosure = "after-inspection"')
DIGITS = "3141592653589793238"
CEREMONY = ("lottery:kl8:2026339", "ceremony:hall:d10:19")


def judge(files: dict[str, bytes], **options: str) -> Report:
    return verify(files.__getitem__, sorted(files), **options)  # type: ignore[arg-type]  # times and codes are text


def step(report: Report, id_: str) -> str:
    return next(s.status for s in report.steps if s.id == id_)


@pytest.fixture(scope="session")
def source(demo: Path) -> Path:
    return demo / "input"


@pytest.fixture(scope="session")
def plain(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sealed office at level standard; tests copy it."""
    root = o.office(source, tmp_path_factory.mktemp("plain") / "w")
    o.sealed(root)
    return root


@pytest.fixture(scope="session")
def deferred(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sealed office at level after-inspection."""
    root = o.office(source, tmp_path_factory.mktemp("deferred") / "w", level=AFTER)
    o.sealed(root)
    return root


@pytest.fixture(scope="session")
def drawn(deferred: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(deferred, tmp_path_factory.mktemp("drawn") / "w"))
    o.revealed(root, kept=True)
    o.valued(root)
    ok(root, "draw", DRAW)
    return root


def fresh(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root, tmp_path / "w"))


def test_custody_from_the_seal_to_the_opening(drawn: Path, tmp_path: Path) -> None:
    root = fresh(drawn, tmp_path)
    report = judge(bundle(root))
    assert (report.first_failed, step(report, "parties")) == (None, "ok")
    closing = json.loads(bundle(root)["closing.json"])
    assert [c["party"] for c in closing["custody"]] == ["notary"]
    refused(root, "OPEN_EARLY", "open", DRAW)
    o.clock(root, o.AFTER_VISITS)
    assert ok(root, "open", DRAW)["secrets"] == ["notary"]
    assert judge(bundle(root)).first_failed is None
    assert ok(root, "open", DRAW)["secrets"] == ["notary"], "doing it twice does it once"
    assert public_copy(bundle(root)).keys() >= {"seed.json", "drawn.tsv", "exclusions.tsv", "opening.json"}


def test_the_kept_secret_stands_in_the_seed_alone(drawn: Path) -> None:
    files = bundle(drawn)
    secret = (drawn / "private/parties/S/notary.secret").read_bytes().strip()
    assert [p for p, d in files.items() if secret in d] == ["seed.json"]
    assert secret not in b"".join(public_copy(files).values())


def test_a_lost_custody_secret_leaves_the_draw_undrawn_not_redrawn(deferred: Path, tmp_path: Path) -> None:
    root = fresh(deferred, tmp_path)
    o.revealed(root, kept=True)
    o.valued(root)
    (root / "private/parties/S/notary.kept").unlink()
    refused(root, "KEPT_MISSING", "draw", DRAW)
    refused(root, "KEPT_MISSING", "void", DRAW, "--cause", "保管的秘密丢失")
    ok(root, "void", DRAW, "--cause", "保管的秘密丢失", "--missing", "notary")
    report = judge(bundle(root))
    assert report.first_failed is None
    assert any("没有公布本应抽中的名单" in n for n in report.not_proved)


def test_what_is_there_cannot_be_called_missing(deferred: Path, tmp_path: Path) -> None:
    """An office that dislikes the result shows it with its Void, or gives nothing up."""
    root = fresh(deferred, tmp_path)
    o.revealed(root, kept=True)
    refused(root, "VOID_NOT_MISSING", "void", DRAW, "--cause", "x", "--missing", "law")
    o.valued(root)
    refused(root, "VOID_NOT_MISSING", "void", DRAW, "--cause", "x", "--missing", "source")
    refused(root, "PARTY_UNKNOWN", "void", DRAW, "--cause", "x", "--missing", "nobody")
    ok(root, "void", DRAW, "--cause", "x")
    assert judge(bundle(root)).first_failed is None


def test_all_may_not_reveal_at_after_inspection(deferred: Path, tmp_path: Path) -> None:
    root = fresh(deferred, tmp_path)
    for p in ("business", "law"):
        ok(root, "reveal", "S", "--party", p)
    refused(root, "CUSTODY_NEEDED", "reveal", "S", "--party", "notary")


@pytest.fixture(scope="session")
def by_hand(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = o.office(source, tmp_path_factory.mktemp("hall") / "w", ceremony=CEREMONY)
    o.sealed(root)
    return root


def test_ceremony_the_outsider_reveals_after_the_digits(by_hand: Path, tmp_path: Path) -> None:
    root = fresh(by_hand, tmp_path)
    assert json.loads((root / f"draws/{DRAW}/commitment.json").read_bytes())["last"] == "notary"
    for p in ("business", "law"):
        ok(root, "reveal", "S", "--party", p)
    refused(root, "REVEAL_LATER", "reveal", "S", "--party", "notary")
    refused(root, "LAST_HANDED", "reveal", "S", "--party", "notary", "--to", "law")
    o.valued(root, value=DIGITS)
    refused(root, "LAST_MISSING", "draw", DRAW)
    ok(root, "reveal", "S", "--party", "notary")
    ok(root, "draw", DRAW)
    assert judge(bundle(root)).first_failed is None


def test_ceremony_needs_an_outsider(source: Path, tmp_path: Path) -> None:
    assert say(tmp_path, "init", "w", "--agency", "XJSC").code == 0
    root = tmp_path / "w"
    o.inputs(source, root / "input", ceremony=CEREMONY)
    for p in ("business", "law"):
        ok(root, "reveal", "S", "--party", p, "--commit")
    before = (root / "log/entries").read_bytes()
    refused(root, "CEREMONY_OUTSIDER", "seal", "input/plan.toml", "--sitting", "S")
    assert (root / "log/entries").read_bytes() == before


def test_a_draw_of_another_level_may_not_share_the_sitting(source: Path, tmp_path: Path) -> None:
    root = o.office(source, tmp_path / "w")
    for p in o.PARTIES:
        ok(root, "reveal", "S", "--party", p, "--commit")
    text = (root / "input/plan.toml").read_text()
    (root / "input/other.toml").write_text(text.replace(*AFTER).replace('plan_id = "P-', 'plan_id = "Q-'))
    refused(root, "SITTING_LEVELS", "seal", "input/plan.toml", "input/other.toml", "--sitting", "S")


# void and redraw


def test_void_before_anybody_can_know(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    ok(root, "reveal", "S", "--party", "business")
    data = ok(root, "void", DRAW, "--cause", "名单有误")
    assert data["draw"] is None
    assert judge(bundle(root)).first_failed is None
    refused(root, "ALREADY_DONE", "void", DRAW, "--cause", "另一个理由")


def test_void_once_the_result_can_be_known_waits_for_the_value_and_shows_all(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    o.revealed(root)
    refused(root, "VOID_WAIT", "void", DRAW, "--cause", "结果不合意")
    o.valued(root)
    data = ok(root, "void", DRAW, "--cause", "程序有误")
    files = bundle(root)
    assert canon.rhash(json.loads(files["draw.json"])).hex() == data["draw"]
    report = judge(files)
    assert report.first_failed is None
    assert any("作废" in n for n in report.not_proved)
    refused(root, "DRAW_VOID", "draw", DRAW)
    altered = json.loads(files["draw.json"])
    altered["drawn"] = altered["drawn"][1:]
    assert judge({**files, "draw.json": canon.encode(altered)}).first_failed == 1


def test_redraw_names_the_void_and_every_difference(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    ok(root, "void", DRAW, "--cause", "审批手续有误")
    roster = root / "input/roster.csv"
    roster.write_text("".join(roster.read_text().splitlines(keepends=True)[:-1]))
    o.sealed(root, "T")
    second = "XJSC-2026-0002"
    registered = json.loads((root / f"draws/{second}/registration.json").read_bytes())
    assert registered["redraw"]["draw_id"] == DRAW
    assert registered["redraw"]["differs"] == ["roster"]
    o.revealed(root, "T")
    o.valued(root, "T")
    ok(root, "draw", second)
    files, old = bundle(root, second), bundle(root, DRAW)
    assert verify(files.__getitem__, sorted(files), before=old).first_failed is None
    assert any("--before" in n for n in judge(files).not_proved)
    counted = ok(root, "log", "check")["counts"]
    assert counted == {"registrations": 2, "draws": 2, "voids": 1, "redraws": 1}
    other = {**old, "roster.tsv": files["roster.tsv"]}
    assert verify(files.__getitem__, sorted(files), before=other).first_failed == 4, "a difference that was not there"


def test_the_same_task_is_not_sealed_again_while_its_draw_stands(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    for p in o.PARTIES:
        ok(root, "reveal", "T", "--party", p, "--commit")
    refused(root, "DRAW_OPEN", "seal", "input/plan.toml", "--sitting", "T")
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    refused(root, "DRAW_EXISTS", "seal", "input/plan.toml", "--sitting", "T")


def test_deadlines_are_flagged(plain: Path, drawn: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    assert ok(root, "log", "check")["overdue"] == []
    o.clock(root, o.LATE)
    late = say(root, "log", "check")
    assert (late.code, [w["what"] for w in late.data["overdue"]]) == (1, ["draw"])
    kept = fresh(drawn, tmp_path / "k")
    o.clock(kept, o.LATE)
    assert [w["what"] for w in say(kept, "log", "check").data["overdue"]] == ["opening"]
    files = bundle(kept)
    assert step(judge(files, now="2027-01-30T00:00:00Z"), "results") != "fail"
    assert judge(files, now=o.LATE).first_failed == 15
    assert judge(public_copy(files), now=o.LATE).first_failed == 15


# parties at their own desks


@pytest.fixture(scope="session")
def desks(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an office and two parties at their own desks, sealed at after-inspection."""
    base = tmp_path_factory.mktemp("desks")
    for party in ("law", "notary"):
        outside = ("--outside",) if party == "notary" else ()
        ok(base, "keys", "new", party, "--party", party, *outside)
    words = ("--party", "business=业务股", "--party", "law=法规股", "--party", "notary=公证处")
    public = ("--party-key", "law/law.public.json", "--party-key", "notary/notary.public.json")
    ok(base, "init", "w", "--agency", "XJSC", *words, *public)
    root = base / "w"
    o.inputs(source, root / "input", level=AFTER)
    late = {
        'reveal = "2026-11-30T10:00:00Z"': 'reveal = "2099-11-30T10:00:00Z"',
        'draw = "2026-12-01T10:00:00Z"': 'draw = "2099-12-01T10:00:00Z"',
    }
    text = (root / "input/plan.toml").read_text()
    for old, new in late.items():
        text = text.replace(old, new)
    (root / "input/plan.toml").write_text(text)
    ok(root, "export")
    ok(root, "reveal", "S", "--party", "business", "--commit")
    for party in ("law", "notary"):
        ok(base / party, "import", root / "out/charter.json")
        file = ok(base / party, "reveal", "S", "--party", party, "--commit")["file"]
        ok(root, "import", base / party / file)
    ok(root, "seal", "input/plan.toml", "--sitting", "S")
    ok(root, "export", "S")
    return base


def test_parties_at_their_own_desks(desks: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(desks, tmp_path / "b"))
    root, law, notary = base / "w", base / "law", base / "notary"
    assert not (root / "private/keys/party-notary.key").exists()
    refused(notary, "NOT_SEALED", "reveal", "S", "--party", "notary")
    for desk in (law, notary):
        ok(desk, "import", root / "out/S.json")
    ok(root, "reveal", "S", "--party", "business")
    ok(root, "import", law / ok(law, "reveal", "S", "--party", "law")["file"])
    handed = notary / ok(notary, "reveal", "S", "--party", "notary", "--to", "law")["file"]
    assert stat.S_IMODE(handed.stat().st_mode) == 0o600
    refused(notary, "ALREADY_DONE", "reveal", "S", "--party", "notary")
    ok(law, "import", handed)
    ok(root, "import", law / "out/S-custody-notary.json")
    o.valued(root)
    refused(root, "KEPT_MISSING", "draw", DRAW)
    ok(root, "import", law / ok(law, "reveal", "S", "--party", "notary")["file"])
    ok(root, "draw", DRAW)
    report = judge(bundle(root))
    assert report.first_failed is None
    assert report.trust
    assert report.trust["stage"] == "outsider"


def test_a_desk_refuses_what_does_not_fit(desks: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(desks, tmp_path / "b"))
    root, law, notary = base / "w", base / "law", base / "notary"
    parcel = json.loads((root / "out/S.json").read_bytes())
    seal = next(r for r in parcel["records"] if r["type"] == "commitment")
    seal["registry"] += 1
    (base / "changed.json").write_bytes(canon.encode(parcel))
    refused(law, "PARCEL_SIGNATURE", "import", base / "changed.json")
    refused(law, "PARCEL_FORM", "import", root / "charter.json")
    ok(law, "import", root / "out/S.json")
    ok(notary, "import", root / "out/S.json")
    handed = notary / ok(notary, "reveal", "S", "--party", "notary", "--to", "law")["file"]
    other = json.loads(handed.read_bytes())
    other["secret"]["r"] = "11" * 32
    (base / "other.json").write_bytes(canon.encode(other))
    refused(law, "CUSTODY_SECRET", "import", base / "other.json")
    own = law / ok(law, "reveal", "S", "--party", "law")["file"]
    stolen = json.loads(own.read_bytes())
    stolen["records"][0]["party"] = "business"
    (base / "stolen.json").write_bytes(canon.encode(stolen))
    refused(root, "PARCEL_SIGNATURE", "import", base / "stolen.json")
    assert say(root, "import", handed).codes == ["PARCEL_FOR"]


def test_an_office_that_shows_a_party_another_seal_gets_no_reveal(desks: Path, tmp_path: Path) -> None:
    """The reveal names the sitting hash that the party computed from the seals it was shown."""
    base = Path(shutil.copytree(desks, tmp_path / "b"))
    root, law = base / "w", base / "law"
    ok(law, "import", root / "out/S.json")
    file = law / ok(law, "reveal", "S", "--party", "law")["file"]
    parcel = json.loads(file.read_bytes())
    private = bytes.fromhex((law / "private/keys/party-law.key").read_text())
    from sampler.io.session import signature  # noqa: PLC0415
    from sampler.records import Reveal  # noqa: PLC0415

    record = Reveal.from_dict(parcel["records"][0] | {"sitting": "11" * 32})
    parcel |= {"records": [record.to_dict()], "signatures": [signature(private, record).to_dict()]}
    (base / "other.json").write_bytes(canon.encode(parcel))
    refused(root, "OTHER_SITTING", "import", base / "other.json")


# keys


def test_a_key_is_rotated_and_the_old_one_counts_no_more(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    for role, owner in (("agency", ()), ("log", ()), ("party", ("--owner", "law"))):
        ok(root, "keys", "rotate", "--role", role, *owner, "--cause", "到期更换")
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    files = bundle(root)
    assert judge(files).first_failed is None
    assert ok(root, "log", "check")["size"] == 15
    assert sorted(p for p in files if p.startswith("keys/")) == ["keys/0001.json", "keys/0002.json", "keys/0003.json"]
    old = root / "private/keys/agency-XJSC.key.0001.old"
    shutil.copy(old, root / "private/keys/agency-XJSC.key")
    ok(root, "void", DRAW, "--cause", "用旧钥匙签")
    assert judge(bundle(root)).first_failed == 3, "what the old key signs after the change does not count"


def test_a_lost_key_is_replaced_by_all_others_together(desks: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(desks, tmp_path / "b"))
    root, law = base / "w", base / "law"
    ok(base, "keys", "new", "notary2", "--party", "notary", "--outside")
    words = ("keys", "rotate", "--owner", "notary", "--cause", "U 盘遗失", "--key", base / "notary2/notary.public.json")
    refused(root, "KEY_CHANGE_SIGNERS", *words)
    waiting = root / "out/key-change-0001.json"
    signed = law / ok(law, "keys", "sign", waiting)["file"]
    refused(root, "KEY_CHANGE_SIGNERS", "import", signed)
    both = base / "notary2" / ok(base / "notary2", "keys", "sign", signed)["file"]
    ok(root, "import", both)
    now = {k["owner"]: k["key_id"] for k in ok(root, "keys", "list")["keys"] if k["role"] == "party"}
    assert now["notary"] == json.loads((base / "notary2/notary.public.json").read_bytes())["key_id"]


def test_a_desk_follows_the_keys_that_change(desks: Path, tmp_path: Path) -> None:
    """The agency's and the log's keys are replaced between seal and reveal; a party's own key before it takes part."""
    base = Path(shutil.copytree(desks, tmp_path / "b"))
    root, law = base / "w", base / "law"
    ok(root, "keys", "rotate", "--role", "agency", "--cause", "年度更换")
    ok(root, "keys", "rotate", "--role", "log", "--cause", "年度更换")
    ok(root, "export", "S")
    ok(law, "import", root / "out/S.json")
    ok(law, "import", root / "out/S.json")
    ok(root, "import", law / ok(law, "reveal", "S", "--party", "law")["file"])
    parcel = json.loads((root / "out/S.json").read_bytes())
    unsigned = parcel | {"signatures": [s for s in parcel["signatures"] if s["type"] != "key-change"]}
    (base / "unsigned.json").write_bytes(canon.encode(unsigned))
    refused(base / "notary", "KEY_CHANGE_SIGNERS", "import", base / "unsigned.json")
    other = json.loads(json.dumps(parcel))
    next(r for r in other["records"] if r["type"] == "key-change")["cause"] = "别的理由"
    (base / "other.json").write_bytes(canon.encode(other))
    refused(law, "KEY_CHANGE_SIGNERS", "import", base / "other.json")


def test_a_revoked_key_signs_nothing(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    law = next(k["key_id"] for k in ok(root, "keys", "list")["keys"] if k["owner"] == "law")
    ok(root, "keys", "revoke", law, "--cause", "被盗")
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    assert judge(bundle(root)).first_failed == 3
    refused(root, "KEY_UNKNOWN", "keys", "revoke", law, "--cause", "再次")


def test_a_passphrase_locks_every_key(desks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(shutil.copytree(desks, tmp_path / "b"))
    law = base / "law"
    private = (law / "private/keys/party-law.key").read_text().strip()
    monkeypatch.setenv("SAMPLER_NEW_PASSPHRASE", "正确的口令")
    ok(law, "keys", "passphrase")
    data = (law / "private/keys/party-law.key").read_bytes()
    assert private.encode() not in data
    monkeypatch.setenv("SAMPLER_PASSPHRASE", "错误的口令")
    refused(law, "PASSPHRASE", "reveal", "T", "--party", "law", "--commit")
    monkeypatch.setenv("SAMPLER_PASSPHRASE", "正确的口令")
    ok(law, "reveal", "T", "--party", "law", "--commit")
    secrets = [p.read_bytes() for p in (law / "private/parties").rglob("*") if p.is_file()]
    assert len(secrets) == 4
    assert all(s.startswith(b"{") for s in secrets), "old secrets are locked with the keys, new ones when written"


def test_a_passphrase_that_is_typed_locks_new_secrets_too(
    desks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set in the environment: what a locked workspace writes must not lie there plain."""
    law = Path(shutil.copytree(desks, tmp_path / "b")) / "law"
    monkeypatch.setenv("SAMPLER_NEW_PASSPHRASE", "正确的口令")
    ok(law, "keys", "passphrase")
    monkeypatch.delenv("SAMPLER_NEW_PASSPHRASE")
    typed = ["错误的口令", "正确的口令"]
    monkeypatch.setattr("getpass.getpass", lambda _: typed.pop(0))
    refused(law, "PASSPHRASE", "reveal", "T", "--party", "law", "--commit")
    assert not (law / "private/parties/T").exists()
    ok(law, "reveal", "T", "--party", "law", "--commit")
    assert all(p.read_bytes().startswith(b"{") for p in (law / "private/parties/T").iterdir())


def test_two_parties_do_not_share_a_key(tmp_path: Path) -> None:
    ok(tmp_path, "keys", "new", "law", "--party", "law")
    key = json.loads((tmp_path / "law/law.public.json").read_bytes())
    (tmp_path / "other.json").write_bytes(canon.encode(key | {"owner": "notary"}))
    words = (
        "--party",
        "law=b",
        "--party",
        "notary=c",
        "--party-key",
        tmp_path / "law/law.public.json",
        "--party-key",
        tmp_path / "other.json",
    )
    refused(tmp_path, "KEY_TWICE", "init", "w", *words)
    assert not (tmp_path / "w").exists()


def test_no_key_and_no_secret_in_any_record_page_or_log(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    secrets = [p for p in (root / "private").rglob("*") if p.suffix in (".key", ".secret", ".chain")]
    assert len(secrets) == 3 + 2 + 6 + 1
    texts = {p: p.read_text().strip() for p in secrets}
    outside = [p for p in root.rglob("*") if p.is_file() and root / "private" not in p.parents]
    for p in outside:
        data = p.read_bytes()
        assert not [s for s, text in texts.items() if text.encode() in data or bytes.fromhex(text) in data], p
    assert {stat.S_IMODE(p.stat().st_mode) for p in secrets} == {0o600}


# one firm, and the auditor


def test_one_firm_s_opening(drawn: Path, tmp_path: Path) -> None:
    root = fresh(drawn, tmp_path)
    firm = bundle(root)["frame.tsv"].split(b"\n")[1].split(b"\t")[0].decode()
    refused(root, "OPEN_EARLY", "open", DRAW, "--object", firm)
    o.clock(root, o.AFTER_VISITS)
    ok(root, "open", DRAW)
    path = root / ok(root, "open", DRAW, "--object", firm)["file"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ok(root, "verify", path)["level"] == "opening"
    refused(root, "OBJECT_UNKNOWN", "open", DRAW, "--object", "nobody")


def test_an_auditor_attests_and_the_office_takes_it_in(plain: Path, tmp_path: Path) -> None:
    root = fresh(plain, tmp_path)
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    folder = Path(shutil.copytree(root / "bundles" / DRAW, tmp_path / "audit/b"))
    file = tmp_path / "audit" / ok(folder.parent, "attest", "b", "--name", "审计局")["file"]
    assert stat.S_IMODE((folder.parent / "auditor.key").stat().st_mode) == 0o600
    ok(root, "import", file)
    report = judge(bundle(root))
    assert (report.first_failed, step(report, "attestation")) == (None, "ok")
    assert judge(public_copy(bundle(root))).first_failed is None
    forged = json.loads(file.read_bytes())
    forged["records"][0]["auditor"] = "审计厅"
    (tmp_path / "forged.json").write_bytes(canon.encode(forged))
    refused(root, "PARCEL_SIGNATURE", "import", tmp_path / "forged.json")
    (folder / "tau.tsv").write_bytes(b"")
    refused(folder.parent, "ATTEST_FAILED", "attest", "b", "--name", "审计局")
