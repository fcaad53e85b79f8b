"""A backup made while people work, and what a restore of it proves, refuses and forgets."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gewu.home.binaries import Runner, program
from gewu.home.database import OWNER_ROLE
from gewu.home.layout import Home
from gewu.ledger import attachments
from keeping.backed_up import GONE, KEPT, LATER, Story, answer, embedded, gewu, tell
from support.district import district_id
from support.servers import Session


@pytest.fixture(scope="module")
def story(
    database_session: Session, new_home: Callable[..., Home], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    from django.db import connections

    yield tell(database_session, new_home(), tmp_path_factory.mktemp("backups"))
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


def in_the_restored_home(story: Story, expression: str) -> str:
    """What an expression of the program gives there."""
    script = (
        "import django; django.setup()\n"
        "from uuid import UUID\n"
        "from gewu.cases.queries import get_case\n"
        "from gewu.keeping import releases\n"
        "from gewu.ledger import attachments\n"
        "from gewu.ledger.door import SYSTEM\n"
        f"print({expression})"
    )
    environment = {**story.environment(), "DJANGO_SETTINGS_MODULE": "gewu.home.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, text=True, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_released_picture_is_public_again_as_it_was(story: Story) -> None:
    copy = story.copies["shown"]
    read = f"attachments.read({district_id()}, UUID('{copy}'))"
    assert in_the_restored_home(story, f"releases.public_copy({district_id()}, UUID('{copy}')) is not None") == "True"
    own = attachments.read(district_id(), copy)
    assert own is not None
    told = in_the_restored_home(story, f"__import__('hashlib').sha256({read}[0]).hexdigest(), {read}[1]")
    assert told == f"{hashlib.sha256(own[0]).hexdigest()} image/jpeg"


@pytest.mark.parametrize(
    ("what", "why"), [("taken back before", "by_hand"), ("taken back after", "by_hand"), ("erased after", "erased")]
)
def test_a_picture_that_was_taken_back_or_erased_is_not_public_after_a_restore(
    story: Story, what: str, why: str
) -> None:
    copy = story.copies[what]
    name = Path("attachments", str(district_id()), copy.hex[-2:], f"{copy.hex}.bin")
    assert (story.backup / name).exists() == what.endswith("after")  # the backup itself is from before
    assert not (story.home.path / name).exists()
    with story.connect(OWNER_ROLE) as connection:
        rows = connection.execute("SELECT why FROM keeping_release WHERE copy_id = %s", [copy]).fetchall()
        kept = connection.execute("SELECT wrapped FROM ledger_attachment WHERE id = %s", [copy]).fetchall()
    assert rows == [(why,)]
    assert [one for one in kept if one != (None,)] == []


def test_words_can_be_read_in_the_restored_home(story: Story) -> None:
    told = f"get_case({district_id()}, SYSTEM, UUID('{story.records['kept']}')).texts['description']"
    assert in_the_restored_home(story, told) == KEPT["description"]


def test_the_app_role_may_not_change_the_past_after_a_restore_either(story: Story) -> None:
    with story.connect() as connection:
        for statement in (
            "UPDATE ledger_event SET actor = 'x'",
            "DELETE FROM keeping_reveal",
            "TRUNCATE ledger_seal CASCADE",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute("UPDATE ledger_reading SET read_at = now()")


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
    assert story.restored["erased_again"] == 3  # two records, and a picture that was taken back
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
