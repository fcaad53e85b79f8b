"""A backup made while people work, and what a restore of it proves, refuses and forgets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from gewu.home import instance
from gewu.home.binaries import Runner, program
from gewu.home.database import APP_ROLE, DATABASE, OWNER_ROLE
from gewu.home.layout import Home
from gewu.home.postgres import Postgres
from support.district import CATEGORY, POINT, Walk, acting, district_id, photo
from support.servers import Session

LOAD_THREADS = 2
GONE = {"description": "桥头石狮像缺失一角急盼修复", "reporter_name": "邬某某", "reporter_phone": "13911112222"}
"""Erased before the backup."""
LATER = {"description": "榕树气根缠住电话亭顶棚", "reporter_name": "谌某某", "reporter_phone": "13933334444"}
"""Erased after it."""
KEPT = {"description": "喷泉水池瓷砖松动割脚", "reporter_name": "亓某某", "reporter_phone": "13955556666"}


def gewu(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gewu", *arguments],
        env=environment, text=True, capture_output=True, check=False, timeout=180,
    )  # fmt: skip


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a command with ``--json`` gives."""
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def embedded(home: Home) -> dict[str, str]:
    """The environment of a home with a server of its own."""
    drop = {"GEWU_DATABASE_URL", "GEWU_OWNER_DATABASE_URL", "GEWU_KEY_FILE"}
    return {**{k: v for k, v in os.environ.items() if k not in drop}, "GEWU_HOME": str(home.path)}


@dataclass
class Story:
    """What was done, and where it lies."""

    source: dict[str, str]
    source_home: Home
    backup: Path
    home: Home
    made: dict[str, Any]
    restored: dict[str, Any]
    before: list[str]
    records: dict[str, UUID]
    secrets: dict[str, list[str]] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return embedded(self.home)

    def connect(self, role: str = APP_ROLE) -> psycopg.Connection[Any]:
        found = instance.read(self.home)
        assert found is not None
        password = found.app_password if role == APP_ROLE else found.owner_password
        return psycopg.connect(Postgres(self.home).dsn(role, password, DATABASE), autocommit=True)


def secrets_of(connection: psycopg.Connection[Any], record_id: UUID) -> list[str]:
    """Everything by which the words of a record could be read or found again, as a dump would show it."""
    row = connection.execute(
        "SELECT k.wrapped, c.phone_hash FROM ledger_recordkey k JOIN cases_case c USING (district_id, record_id)"
        " WHERE record_id = %s",
        [record_id],
    ).fetchone()
    assert row is not None
    found = [bytes(value).hex() for value in row]
    photos = connection.execute("SELECT wrapped FROM ledger_attachment WHERE record_id = %s", [record_id]).fetchall()
    return found + [bytes(value).hex() for (value,) in photos]


class Load(threading.Thread):
    """Takes in reports with photos, one after the other, until told to stop."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop
        self.acknowledged: list[str] = []
        self.error: Exception | None = None

    def run(self) -> None:
        from django.db import connection

        from gewu.cases import services

        who = acting("intake_officer")
        try:
            while not self.stop.is_set():
                made = services.register_intake(
                    district_id(),
                    who,
                    services.Intake(
                        {"source": "phone", "category": CATEGORY},
                        {"description": "路灯不亮", "reporter_phone": "13800001111"},
                        services.Where(*POINT),
                        (photo(who),),
                    ),
                )
                self.acknowledged.append(made.number)
        except Exception as error:
            self.error = error
        finally:
            connection.close()


@pytest.fixture(scope="module")
def story(
    database_session: Session, new_home: Callable[..., Home], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """Cases are made and one is erased; under load a backup is made; another is erased; the backup is restored."""
    from django.db import connections

    from gewu.ledger.erasure import erase
    from gewu.ledger.seals import make_seal

    source = {**os.environ, **database_session.environment()}
    folder = tmp_path_factory.mktemp("backups")
    walks = {name: Walk().intake(**texts) for name, texts in (("gone", GONE), ("later", LATER), ("kept", KEPT))}
    for walk in walks.values():
        who = acting("intake_officer")
        walk.later(5).move(who, "add_note", texts={"note": walk.number}, photos=[photo(who, "other")], version=None)
    records = {name: walk.record_id for name, walk in walks.items()}
    with psycopg.connect(database_session.owner()) as owner:
        secrets = {name: secrets_of(owner, record_id) for name, record_id in records.items()}
    make_seal(district_id())
    erase(district_id(), records["gone"], acting("shift_leader"))
    stop = threading.Event()
    threads = [Load(stop) for _ in range(LOAD_THREADS)]
    for thread in threads:
        thread.start()
    try:
        while min(len(thread.acknowledged) for thread in threads) < 3 and not any(t.error for t in threads):
            stop.wait(0.02)
        before = [number for thread in threads for number in thread.acknowledged]
        done = gewu(source, "backup", str(folder), "--json")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not [thread.error for thread in threads if thread.error]
    assert sum(len(thread.acknowledged) for thread in threads) > len(before)  # they went on meanwhile
    assert done.returncode == 0, done.stderr
    erase(district_id(), records["later"], acting("shift_leader"))

    home = new_home()
    home.path.mkdir()
    shutil.copy(database_session.home.key_file, home.path / "key")
    journal = database_session.home.path / "erasures.jsonl"
    restored = gewu(embedded(home), "restore", str(folder), "--erasures", str(journal), "--json")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    yield Story(
        source, database_session.home, Path(answer(done)["path"]), home, answer(done), answer(restored), before,
        records, secrets,
    )  # fmt: skip
    connections.close_all()
    connections["default"].close_pool()
    database_session.make_database()


# ---- whole


def test_a_restored_backup_is_whole_and_verifies(story: Story) -> None:
    assert story.restored["ok"]
    assert story.restored["records"] == story.made["counts"]["ledger_record"]
    assert story.restored["events"] == story.made["counts"]["ledger_event"]
    assert story.restored["seals"] == 1
    verified = gewu(story.environment(), "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert answer(verified)["events"] == story.restored["events"]


def test_every_case_acknowledged_before_the_backup_is_in_it(story: Story) -> None:
    with story.connect() as connection:
        rows = connection.execute("SELECT number FROM cases_case WHERE number = ANY(%s)", [story.before]).fetchall()
    assert sorted(number for (number,) in rows) == sorted(story.before)


def test_photos_come_back_byte_by_byte(story: Story) -> None:
    with story.connect() as connection:
        rows = connection.execute("SELECT district_id, id FROM ledger_attachment WHERE wrapped IS NOT NULL").fetchall()
    assert len(rows) >= len(story.before)
    for district, photo_id in rows:
        name = Path("attachments", str(district), photo_id.hex[-2:], f"{photo_id.hex}.bin")
        assert (story.home.path / name).read_bytes() == (story.source_home.path / name).read_bytes()


def test_words_can_be_read_in_the_restored_home(story: Story) -> None:
    script = (
        "import django; django.setup()\n"
        "from uuid import UUID\n"
        "from gewu.cases.queries import get_case\n"
        "from gewu.ledger.door import SYSTEM\n"
        f"print(get_case({district_id()}, SYSTEM, UUID('{story.records['kept']}')).texts['description'])"
    )
    environment = {**story.environment(), "DJANGO_SETTINGS_MODULE": "gewu.home.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, text=True, capture_output=True, check=False, timeout=60
    )
    assert done.stdout.strip() == KEPT["description"], done.stderr


def test_the_app_role_may_not_change_the_past_after_a_restore_either(story: Story) -> None:
    with story.connect() as connection:
        for statement in (
            "UPDATE ledger_event SET actor = 'x'",
            "DELETE FROM keeping_reveal",
            "TRUNCATE ledger_seal CASCADE",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute("UPDATE ledger_notice SET read_at = now()")


def test_numbers_given_after_the_backup_are_not_given_again(story: Story) -> None:
    with story.connect() as connection:
        row = connection.execute("SELECT max(next) FROM ledger_numberblock").fetchone()
    assert row is not None
    assert row[0] > 20_000


def test_the_backup_is_private_and_holds_no_key(story: Story) -> None:
    key = (story.source_home.path / "key").read_text().split()[-1]
    for path in story.backup.rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0, path
            data = path.read_bytes()
            assert key.encode() not in data
            assert bytes.fromhex(key) not in data
    assert answer(gewu(story.source, "keys", "--json"))["keys"] == story.made["keys"]


def test_a_restored_home_is_backed_up_again_as_one_file_and_shares_photos_in_a_folder(
    story: Story, tmp_path: Path
) -> None:
    file = tmp_path / "all.tar"
    made = gewu(story.environment(), "backup", str(file), "--json")
    assert made.returncode == 0, made.stderr
    with tarfile.open(file) as tar:
        names = set(tar.getnames())
    assert {"manifest.json", "database.dump", "attachments.jsonl", "erasures.jsonl"} <= names
    assert sum(name.startswith("attachments/") for name in names) == answer(made)["photos"]
    for shared in (0, answer(made)["photos"]):
        again = gewu(story.environment(), "backup", str(tmp_path / "many"), "--keep", "1", "--json")
        assert answer(again)["linked"] == shared
    assert len(list((tmp_path / "many").glob("gewu-*"))) == 1


# ---- forgotten


def dump_text(backup: Path) -> str:
    """The dump as SQL with all its rows."""
    tool = program("pg_restore", Runner(os.geteuid(), os.getegid(), drop=False))
    done = subprocess.run(
        [str(tool), "--file=-", str(backup / "database.dump")], capture_output=True, text=True, check=True
    )
    return done.stdout


def traces(texts: dict[str, str]) -> list[str]:
    """Pieces of the words that an index, a log or an export could hold."""
    return [*texts.values(), *(texts["description"][i : i + 3] for i in range(len(texts["description"]) - 3))]


def bigrams(texts: dict[str, str]) -> list[str]:
    """Lexemes of the description as the index has them, between quotes."""
    return [f"'{texts['description'][i : i + 2]}'" for i in range(len(texts["description"]) - 1)]


def test_what_was_erased_before_is_nowhere_in_the_backup(story: Story) -> None:
    dump = dump_text(story.backup)
    assert str(story.records["gone"]) in dump  # that it happened stays
    for piece in [*traces(GONE), *bigrams(GONE), *story.secrets["gone"]]:
        assert piece not in dump, piece
    # The same search finds what was not erased: the index and the keys are there to be found.
    assert any(piece in dump for piece in bigrams(KEPT))
    assert all(piece in dump for piece in story.secrets["kept"])
    for path in story.backup.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(piece.encode() in data for piece in traces(GONE)), path


def test_what_was_erased_after_the_backup_is_forgotten_again(story: Story) -> None:
    assert story.restored["erased_again"] == 1
    assert all(piece in dump_text(story.backup) for piece in story.secrets["later"])  # the backup still had it
    with story.connect(OWNER_ROLE) as connection:
        row = connection.execute(
            "SELECT wrapped, erased_at, (SELECT count(*) FROM cases_words w WHERE w.record_id = k.record_id)"
            " FROM ledger_recordkey k WHERE record_id = %s",
            [story.records["later"]],
        ).fetchone()
        photos = connection.execute(
            "SELECT district_id, id, wrapped FROM ledger_attachment WHERE record_id = %s", [story.records["later"]]
        ).fetchall()
    assert row is not None
    assert (row[0], row[2]) == (None, 0)
    assert row[1] is not None
    assert photos
    for district, photo_id, wrapped in photos:
        assert wrapped is None
        assert not (
            story.home.path / "attachments" / str(district) / photo_id.hex[-2:] / f"{photo_id.hex}.bin"
        ).exists()
    journal = (story.home.path / "erasures.jsonl").read_text()
    assert str(story.records["gone"]) in journal
    assert str(story.records["later"]) in journal


def test_what_was_erased_is_in_no_export_of_the_running_system(story: Story, tmp_path: Path) -> None:
    done = gewu(story.environment(), "xes", str(tmp_path / "log.xes"))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "log.xes").read_text(encoding="utf-8")
    assert not any(piece in text for piece in [*traces(GONE), *traces(LATER)])


# ---- refused


@pytest.fixture
def copied(story: Story, tmp_path: Path) -> Path:
    return Path(shutil.copytree(story.backup, tmp_path / "copy"))


@pytest.fixture
def empty(new_home: Callable[..., Home], story: Story) -> Home:
    """A home with nothing in it but the key file."""
    home = new_home()
    home.path.mkdir()
    shutil.copy(story.source_home.path / "key", home.path / "key")
    return home


def refused(home: Home, backup: Path) -> str:
    """Restore, which must not go; returns why. Nothing but the key lies in the home afterwards."""
    done = gewu(embedded(home), "restore", str(backup))
    assert done.returncode == 3, done.stdout + done.stderr
    left = {path.name for path in home.path.iterdir()} if home.path.exists() else set()
    assert left <= {"key", "logs", "key.lock"}, left
    return done.stderr


def test_an_altered_dump_is_refused(copied: Path, empty: Home) -> None:
    dump = copied / "database.dump"
    data = bytearray(dump.read_bytes())
    data[len(data) // 2] ^= 1
    dump.write_bytes(data)
    assert "database.dump was altered" in refused(empty, copied)


def test_an_altered_or_missing_photo_is_refused(copied: Path, empty: Home) -> None:
    photos = sorted(copied.glob("attachments/*/*/*.bin"))
    photos[0].write_bytes(photos[0].read_bytes()[:-1] + b"\0\0")
    assert f"{photos[0].name} was altered" in refused(empty, copied)
    photos[0].unlink()
    assert f"{photos[0].name} is missing" in refused(empty, copied)


def test_a_manifest_made_to_fit_altered_files_is_refused(copied: Path, empty: Home) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["counts"]["ledger_event"] -= 1
    (copied / "manifest.json").write_text(json.dumps(manifest))
    assert "The manifest was changed" in refused(empty, copied)


def test_without_the_key_file_nothing_begins(story: Story, empty: Home) -> None:
    (empty.path / "key").unlink()
    assert "there is no key file" in refused(empty, story.backup)
    assert not (empty.path / "key").exists()
    (empty.path / "key").write_text(f"k1 {'ab' * 32}\n")
    (empty.path / "key").chmod(0o600)
    assert "does not hold the master keys k1" in refused(empty, story.backup)


def test_a_backup_of_a_later_version_is_refused(copied: Path, empty: Home) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["migrations"].append("ledger.9999_later")
    (copied / "manifest.json").write_text(json.dumps(manifest))
    assert "does not know ledger.9999_later" in refused(empty, copied)


def test_a_home_in_use_is_refused_and_left_alone(story: Story) -> None:
    files = sorted(path.name for path in story.home.path.iterdir())
    done = gewu(story.environment(), "restore", str(story.backup))
    assert done.returncode == 3
    assert "is in use" in done.stderr
    forced = gewu(story.environment(), "restore", str(story.backup), "--force")
    assert forced.returncode == 2
    assert "Nothing is ever overwritten" in forced.stderr
    assert sorted(path.name for path in story.home.path.iterdir()) == files
    assert gewu(story.environment(), "verify").returncode == 0


def test_a_restore_that_fails_half_way_leaves_a_home_that_nothing_uses(copied: Path, empty: Home) -> None:
    # The dump is cut off and everything made to fit with the key, as a bad disk before the hashing would leave it.
    from gewu.home.keys import load_master_keys
    from gewu.keeping.backup import manifest as m

    (copied / "database.dump").write_bytes((copied / "database.dump").read_bytes()[:-5000])
    found = m.parse((copied / "manifest.json").read_text(), copied)
    with (copied / "database.dump").open("rb") as handle:
        found.files["database.dump"] = m.entry(*m.sha256_of(handle))
    found.sign(load_master_keys(empty)[found.signed_with])
    (copied / "manifest.json").write_text(found.text())
    done = gewu(embedded(empty), "restore", str(copied))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "pg_restore ended" in done.stderr
    for command in (["verify"], ["serve"], ["backup", str(copied / "no")], ["restore", str(copied)]):
        refusing = gewu(embedded(empty), *command)
        assert refusing.returncode == 3, command
        assert "did not" in refusing.stderr
