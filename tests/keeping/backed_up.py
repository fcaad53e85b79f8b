"""A backup that is made while people work, what they do after it, and its restore: the story of ``test_backup``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from gewu.cases.queries import get_case
from gewu.home import instance
from gewu.home.database import APP_ROLE, DATABASE
from gewu.home.layout import Home
from gewu.home.postgres import Postgres
from gewu.keeping import releases
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import erase
from gewu.ledger.seals import make_seal
from support.district import CATEGORY, CODE, POINT, Walk, acting, district_id, photo, post
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
    copies: dict[str, UUID] = field(default_factory=dict)
    """Of photos that were released for the public, by what became of them."""

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


def release(walk: Walk) -> UUID:
    """Show the photo of the result to everybody; the id of the copy."""
    shown = get_case(district_id(), SYSTEM, walk.record_id).photos[-1].id
    code = post("shift_leader", covering=CODE).code
    return releases.release(district_id(), acting("shift_leader"), code, walk.record_id, shown, "after", ()).copy_id


def _take_back(walk: Walk) -> None:
    code = post("shift_leader", covering=CODE).code
    assert releases.withdraw(district_id(), acting("shift_leader"), code, walk.record_id, "after")


def tell(session: Session, home: Home, folder: Path) -> Story:
    """Cases are made and one is erased; under load a backup is made; another is erased; the backup is restored."""

    source = {**os.environ, **session.environment()}
    walks = {name: Walk().intake(**texts) for name, texts in (("gone", GONE), ("later", LATER), ("kept", KEPT))}
    for walk in walks.values():
        who = acting("intake_officer")
        walk.later(5).move(who, "add_note", texts={"note": walk.number}, photos=[photo(who, "other")], version=None)
    records = {name: walk.record_id for name, walk in walks.items()}
    with psycopg.connect(session.owner()) as owner:
        secrets = {name: secrets_of(owner, record_id) for name, record_id in records.items()}
    shown = {name: Walk().closed() for name in ("shown", "taken back before", "taken back after", "erased after")}
    copies = {name: release(walk) for name, walk in shown.items()}
    records |= {name: walk.record_id for name, walk in shown.items()}
    _take_back(shown["taken back before"])
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
    erase(district_id(), records["erased after"], acting("shift_leader"))
    _take_back(shown["taken back after"])

    home.path.mkdir()
    shutil.copy(session.home.key_file, home.path / "key")
    journal = session.home.path / "erasures.jsonl"
    restored = gewu(embedded(home), "restore", str(folder), "--erasures", str(journal), "--json")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    return Story(
        source, session.home, Path(answer(done)["path"]), home, answer(done), answer(restored), before,
        records, secrets, copies,
    )  # fmt: skip
