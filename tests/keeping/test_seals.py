"""Seals as files: written with the day's seal, shown to everybody, and catching a past that was rewritten whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from django.test import Client

from gewu.keeping import seals
from gewu.ledger import chain, ticker, verify
from gewu.ledger.rows import micros
from gewu.ledger.seals import make_seal, seal_hash
from gewu.surfaces.cli import main
from support.district import CODE, Walk, district_id
from support.servers import Session


@pytest.fixture(autouse=True)
def folder(db: Session, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of published seals: one of its own, since other workers of the run keep house in the same home."""
    home = tmp_path_factory.mktemp("published")
    monkeypatch.setattr(seals, "folder_of", lambda code, _home=None: home / code)
    ticker._done.clear()  # other tests of this process kept house today
    return home / CODE


def rewrite(owner: psycopg.Connection[Any], record: Walk) -> None:
    """Change an event as the owner of the database could: with every hash, head and seal made to fit again."""
    for table in ("ledger_event", "ledger_seal", "ledger_sealedhead"):
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    events = owner.execute(
        "SELECT seq, at, actor, unit, kind, command_id, payload, sealed FROM ledger_event WHERE record_id = %s"
        " ORDER BY seq",
        [record.record_id],
    ).fetchall()
    previous, hashes = chain.GENESIS, {}
    for seq, then, actor, unit, kind, command_id, payload, sealed in events:
        at = then - timedelta(hours=5) if seq == len(events) else then  # it was in time after all
        body = chain.canonical(
            district_id(), record.record_id, seq, micros(at), actor, unit, kind, command_id, payload,
            bytes(sealed) if sealed else None, previous,
        )  # fmt: skip
        digest = chain.event_hash(body)
        owner.execute(
            "UPDATE ledger_event SET at = %s, previous_hash = %s, hash = %s WHERE record_id = %s AND seq = %s",
            [at, previous, digest, record.record_id, seq],
        )
        previous = hashes[seq] = digest
    owner.execute("UPDATE ledger_record SET head = %s WHERE id = %s", [previous, record.record_id])
    for seq, digest in hashes.items():
        owner.execute(
            "UPDATE ledger_sealedhead SET hash = %s WHERE record_id = %s AND seq = %s", [digest, record.record_id, seq]
        )
    before = chain.GENESIS
    for no, at, heads in owner.execute("SELECT no, at, heads FROM ledger_seal ORDER BY no").fetchall():
        leaves = owner.execute("SELECT hash FROM ledger_sealedhead WHERE seal_no = %s ORDER BY record_id", [no])
        root = chain.merkle_root([bytes(leaf) for (leaf,) in leaves.fetchall()])
        digest = seal_hash(district_id(), no, micros(at), heads, root, before)
        owner.execute(
            "UPDATE ledger_seal SET root = %s, previous_hash = %s, hash = %s WHERE no = %s", [root, before, digest, no]
        )
        before = digest
    for table in ("ledger_event", "ledger_seal", "ledger_sealedhead"):
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_the_day_s_seal_is_written_out_with_what_anybody_needs_to_check_it(folder: Path) -> None:
    walk = Walk().handled()
    now = datetime.now(UTC)
    ticker.keep_house(district_id(), now)
    ticker.keep_house(district_id(), now)
    (file,) = folder.glob("*.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    assert hashlib.sha256(data["sealed"].encode()).hexdigest() == data["hash"]
    assert json.loads(data["sealed"])[4:] == [data["records"], data["root"], data["previous"]]
    assert (data["district"], data["no"], data["records"]) == (CODE, 1, 1)
    text = file.read_text(encoding="utf-8")
    for private in (walk.number, str(walk.record_id), "油污", "王某", "13800000000"):
        assert private not in text
    assert set(data["how_to_check"]) == {"en", "zh"}


def test_seals_made_by_hand_are_caught_up_with_and_a_file_stays_as_it_was(folder: Path) -> None:
    Walk().intake()
    for _ in range(3):
        make_seal(district_id())
    assert len(seals.publish(district_id())) == 3
    oldest = min(folder.glob("*.json"))
    oldest.write_text("kept by hand")
    make_seal(district_id())
    assert len(seals.publish(district_id())) == 1
    assert oldest.read_text() == "kept by hand"


def test_a_rewritten_past_with_rewritten_seals_is_caught_by_a_file_that_was_kept(
    folder: Path, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    first = Walk().handled()
    make_seal(district_id())
    Walk().intake()
    make_seal(district_id())
    seals.publish(district_id())
    kept = Path(shutil.copytree(folder, tmp_path / "kept"))
    assert seals.compare([kept]) == (2, [])
    rewrite(owner_connection, first)
    assert verify.verify_all(district_id()).ok  # by itself the ledger says that all is well
    count, misfits = seals.compare([kept])
    assert count == 2
    assert [misfit.no for misfit in misfits] == [1, 2]
    assert "another seal under this number" in str(misfits[0])


def test_a_change_after_a_seal_leaves_the_older_files_fitting(
    folder: Path, owner_connection: psycopg.Connection[Any]
) -> None:
    Walk().intake()
    make_seal(district_id())
    later = Walk().intake()
    make_seal(district_id())
    seals.publish(district_id())
    rewrite(owner_connection, later)
    _, misfits = seals.compare([folder])
    assert [misfit.no for misfit in misfits] == [2]  # so it is between the two that something was changed


def test_files_that_are_none_that_were_altered_or_lack_their_seal_are_named(
    folder: Path, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    Walk().intake()
    make_seal(district_id())
    make_seal(district_id())
    first, last = seals.publish(district_id())
    data = json.loads(first.read_text(encoding="utf-8"))
    (tmp_path / "altered.json").write_text(json.dumps({**data, "records": 7}), encoding="utf-8")
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    (tmp_path / "elsewhere.json").write_text(json.dumps({**data, "district": "999999"}), encoding="utf-8")
    shutil.copy(last, tmp_path / "last.json")
    owner_connection.execute("ALTER TABLE ledger_seal DISABLE TRIGGER USER")
    owner_connection.execute("ALTER TABLE ledger_sealedhead DISABLE TRIGGER USER")
    owner_connection.execute("DELETE FROM ledger_sealedhead WHERE seal_no = 2")
    owner_connection.execute("DELETE FROM ledger_seal WHERE no = 2")
    owner_connection.execute("ALTER TABLE ledger_seal ENABLE TRIGGER USER")
    owner_connection.execute("ALTER TABLE ledger_sealedhead ENABLE TRIGGER USER")
    count, misfits = seals.compare([tmp_path])
    assert count == 4
    reasons = {Path(misfit.file).stem: misfit.reason for misfit in misfits}
    assert "altered" in reasons["altered"]
    assert "not a published seal" in reasons["other"]
    assert "no such district" in reasons["elsewhere"]
    assert "no such seal any more" in reasons["last"]


def test_the_command_line_says_what_does_not_fit(folder: Path, owner_connection: psycopg.Connection[Any]) -> None:
    walk = Walk().intake()

    def gewu(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--json"])

    sealed = gewu("seal")
    assert sealed.exit_code == 0, sealed.output
    files = json.loads(sealed.stdout.splitlines()[-1])["files"]
    assert [Path(file).parent for file in files] == [folder]
    assert gewu("verify", "--against", *files).exit_code == 0
    rewrite(owner_connection, walk)
    assert gewu("verify").exit_code == 0
    caught = gewu("verify", "--against", *files)
    assert caught.exit_code == 1
    assert json.loads(caught.stdout.splitlines()[-1])["misfits"][0]["no"] == 1


def test_everybody_can_read_and_download_them(folder: Path) -> None:
    Walk().intake()
    for _ in range(2):
        make_seal(district_id())
    (_, last) = seals.publish(district_id())
    for language, words in (("en", "What it is good for"), ("zh-CN", "每日封印")):
        page = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language).get("/seals")
        assert page.status_code == 200
        html = page.content.decode()
        assert words in html
        assert html.index("/seals/2.json") < html.index("/seals/1.json")
    answer = Client(SERVER_NAME="localhost").get("/seals/2.json")
    assert answer.content.decode() == last.read_text(encoding="utf-8")
    assert Client(SERVER_NAME="localhost").get("/seals/3.json").status_code == 404
    assert "/seals/1.json" in Client(SERVER_NAME="localhost").get("/seals?before=2").content.decode()
