"""An erased reporter is nowhere: in no table, search, page, paper, export, log, file, message or later backup."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gewu.home import instance
from gewu.home.binaries import Runner, program
from gewu.home.database import DATABASE, OWNER_ROLE
from gewu.home.layout import Home
from gewu.home.postgres import Postgres
from keeping import reporter
from keeping.looks import Looked, gewu, look, plain_dump, without_cluster
from keeping.reporter import INDEXED, MARK, WORDS, Said
from support.district import CODE
from support.servers import Session
from support.traces import Words


@dataclass
class Story:
    """The whole story: what was said, what could be seen before and after, and a home restored from before."""

    said: Said
    session: Session
    before: Looked
    after: Looked
    secrets: list[str]
    backups: dict[str, Path]
    restored: Home
    outputs: str


def spawned(environment: dict[str, str], *arguments: Any) -> str:
    """The same as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "gewu", *(str(one) for one in arguments)],
        env=environment, text=True, capture_output=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def story(
    database_session: Session, new_home: Callable[..., Home], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """It happens; a backup is made; the cases are erased by the command; all is looked at again, and restored."""
    from django.db import connections

    folder = tmp_path_factory.mktemp("erased")
    source = {**os.environ, **database_session.environment(), "GEWU_LOG_LEVEL": "DEBUG"}
    with (
        pytest.MonkeyPatch.context() as patch,
        reporter.listening() as own_log,
        reporter.web(database_session, folder / "web.log") as url,
    ):
        patch.setenv("GEWU_EGRESS_ALLOW", "http://127.0.0.1")
        with reporter.outside() as (receiver, inbox):
            said = Said(url, folder / "web.log", own_log, receiver, inbox)
            reporter.tell(said)
            secrets = _secrets(database_session, said)
            outputs = spawned(source, "backup", folder / "backups")
            before = look(said, database_session, folder / "before")
            for number in said.cases.values():
                outputs += gewu("erase", number, "--yes")
            after = look(said, database_session, folder / "after")
            outputs += spawned(source, "backup", folder / "later.tar")
            backups = {"before": next((folder / "backups").glob("gewu-*")), "after": folder / "later.tar"}
            home = new_home()
            home.path.mkdir()
            shutil.copy(database_session.home.key_file, home.path / "key")
            journal = database_session.home.path / "erasures.jsonl"
            outputs += spawned(_embedded(home), "restore", backups["before"], "--erasures", journal)
            yield Story(said, database_session, before, after, secrets, backups, home, outputs)
    connections.close_all()
    connections["default"].close_pool()
    database_session.make_database()


def _embedded(home: Home) -> dict[str, str]:
    drop = {"GEWU_DATABASE_URL", "GEWU_OWNER_DATABASE_URL", "GEWU_KEY_FILE"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "GEWU_HOME": str(home.path), "GEWU_LOG_LEVEL": "DEBUG"}


def _secrets(session: Session, said: Said) -> list[str]:
    """Keys and hashes by which the words could be read or found again, as a dump shows them."""
    queries = (
        "SELECT wrapped FROM ledger_recordkey WHERE record_id = ANY(%s)",
        "SELECT wrapped FROM ledger_attachment WHERE record_id = ANY(%s)",
        "SELECT sha256 FROM ledger_attachment WHERE record_id = ANY(%s)",
        "SELECT phone_hash FROM cases_case WHERE record_id = ANY(%s)",
        "SELECT phone_hash FROM cases_caller WHERE record_id = ANY(%s)",
        "SELECT digest FROM imports_item WHERE record_id = ANY(%s)",
    )
    with psycopg.connect(session.owner()) as connection:
        found = [bytes(row[0]).hex() for q in queries for row in connection.execute(q, [said.records]).fetchall()]
    assert len(found) >= 4 * 3 + 2
    return found


# ---- before: the same looks find the words where they may be


SEEN = (
    "desk case telephone", "desk case sheet", "desk case open311", "desk case page", "desk letters entry",
    "desk reveals", "desk reveals csv", "desk run mistaken csv", "desk run mistaken xlsx", "desk reply csv",
    "desk reply xlsx", "paper case telephone docx", "paper case telephone pdf", "paper dispatch docx",
    "paper dispatch pdf", "paper dispatch xlsx", "api search mark", "api search phone", "api case telephone",
    "api letter", "api near", "api replies", "public follow page", "api follow page",
)  # fmt: skip
"""Where the words are to be seen as long as nobody erased them."""


@pytest.mark.parametrize("name", SEEN)
def test_the_words_are_seen_where_they_may_be_and_nowhere_later(story: Story, name: str) -> None:
    assert WORDS.within(story.before.shown[name])
    assert not WORDS.within(story.after.shown[name])


@pytest.mark.parametrize("what", ["mark", "address", "phone"])
def test_who_is_found_before_is_found_no_more(story: Story, what: str) -> None:
    number = story.said.cases["telephone"].encode()
    assert number in story.before.shown[f"desk search {what}"]
    assert story.after.shown[f"desk search {what}"] == b""
    assert len(json.loads(story.before.shown[f"api search {what}"])["items"]) >= len(story.said.cases)
    assert json.loads(story.after.shown[f"api search {what}"])["items"] == []


def test_every_look_still_speaks_of_the_cases(story: Story) -> None:
    """What is looked at afterwards is no empty page and no refusal: the numbers of the cases stand where they stood."""
    numbers = Words(list(story.said.cases.values()))
    lost = {
        name
        for name, content in story.before.shown.items()
        if numbers.within(content) and not numbers.within(story.after.shown[name])
    }
    # Nothing was found any more by words; what is near has no position any more.
    assert {name for name in lost if "search" not in name and "near" not in name} == set()
    for name in ("export events.parquet", "export log.xes", "api xes", "open311 requests xml", "paper order pdf"):
        assert numbers.within(story.after.shown[name]) or "parquet" in name, name


# ---- after: nowhere


def test_nothing_that_is_shown_holds_a_word(story: Story) -> None:
    found = {name: pieces for name, content in story.after.shown.items() if (pieces := WORDS.within(content))}
    assert found == {}


def test_photos_are_gone(story: Story) -> None:
    assert len(story.said.photos) >= 5
    shown = [story.before.shown[f"photo {photo}"] for photo in story.said.photos]
    assert set(shown) == {b"there"}
    assert {story.after.shown[f"photo {photo}"] for photo in story.said.photos} == {b"gone"}
    files = {path.stem for path in (story.session.home.path / "attachments").rglob("*.bin")}
    assert files.isdisjoint(photo.hex for photo in story.said.photos)


def test_the_database_holds_no_word_no_pair_of_characters_and_no_key(story: Story) -> None:
    before, after = story.before.dump, story.after.dump
    assert INDEXED.lexemes(before) == INDEXED.pairs
    assert all(secret in before for secret in story.secrets)
    assert WORDS.within(before.encode()) == WORDS.within(MARK.lower().encode())  # the index has it; the rest is sealed
    assert WORDS.within(after.encode()) == set()
    assert WORDS.lexemes(after) == set()
    assert not [secret for secret in story.secrets if secret in after]
    assert all(str(record) in after for record in story.said.records)  # that it happened stays


def test_what_browsers_left_holds_no_word(story: Story) -> None:
    assert b"public_reports" in story.after.sessions
    assert WORDS.within(story.before.sessions) == WORDS.within(story.after.sessions) == set()


def test_the_home_holds_no_word(story: Story) -> None:
    assert (story.session.home.path / "erasures.jsonl").read_text().count('"all"') >= len(story.said.cases)
    assert story.before.home == story.after.home == {}


def test_the_logs_hold_no_word(story: Story) -> None:
    logs = story.said.logs() + story.outputs
    assert "reveal" in logs
    assert str(story.said.record("page")) in logs
    assert story.said.cases["sheet"] in story.outputs
    assert WORDS.within(logs.encode()) == set()


def test_what_went_outside_held_no_word(story: Story) -> None:
    number = Words([story.said.cases["telephone"]])
    hooked = b"\n".join(one.body for one in story.said.hook.got)
    mailed = b"\n".join(email.message_from_bytes(mail, policy=policy.default).get_content().encode()
                        for mail in story.said.inbox.mails)  # fmt: skip
    for told in (hooked, mailed):
        assert number.within(told)
        assert WORDS.within(told) == set()
    assert WORDS.within(b"\n".join(story.said.inbox.mails)) == set()


def test_a_later_backup_holds_no_word(story: Story, tmp_path: Path) -> None:
    assert INDEXED.lexemes(_dump_of(story.backups["before"])) == INDEXED.pairs
    with tarfile.open(story.backups["after"]) as packed:
        packed.extractall(tmp_path, filter="data")
    dump = _dump_of(tmp_path)
    assert WORDS.lexemes(dump) == WORDS.within(dump.encode()) == set()
    assert WORDS.within(story.backups["after"].read_bytes()) == set()
    assert not [secret for secret in story.secrets if secret in dump]


def _dump_of(backup: Path) -> str:
    tool = program("pg_restore", Runner(os.geteuid(), os.getegid(), drop=False))
    return subprocess.run(
        [str(tool), "--file=-", str(backup / "database.dump")], capture_output=True, text=True, check=True
    ).stdout


def test_a_backup_from_before_that_is_restored_forgets_again(story: Story, tmp_path: Path) -> None:
    found = instance.read(story.restored)
    assert found is not None
    dump = plain_dump(Postgres(story.restored).dsn(OWNER_ROLE, found.owner_password, DATABASE))
    assert all(str(record) in dump for record in story.said.records)
    assert WORDS.lexemes(dump) == WORDS.within(dump.encode()) == set()
    assert not [secret for secret in story.secrets if secret in dump]
    assert WORDS.below(without_cluster(story.restored, tmp_path)) == {}
    files = {path.stem for path in (story.restored.path / "attachments").rglob("*.bin")}
    assert files.isdisjoint(photo.hex for photo in story.said.photos)
    environment = _embedded(story.restored)
    told = spawned(environment, "verify")
    paper = tmp_path / "case.docx"
    number = story.said.cases["telephone"]
    told += spawned(environment, "paper", "case", number, "--district", CODE, "--format", "docx", "-o", paper)
    assert Words([number]).within(paper.read_bytes())
    assert WORDS.within(paper.read_bytes() + told.encode()) == set()
