"""``kill -9`` under load: nothing that was acknowledged is lost, nothing is half-written, clocks fire once.

The server is the product's own, on a home of its own; the load goes through HTTP.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from gewu.home import instance
from gewu.home.layout import Home
from gewu.home.ports import free_port
from gewu.home.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # only a test that fails waits so long
BODY = {
    "form": {"source": "phone", "category": "matter:06012", "description": "路面油污，行人易滑倒"},
    "position": {"lon": 108.4087, "lat": 30.8075},
}


@dataclass
class Installation:
    """A home with Wanzhou loaded, and a server that can be started and killed."""

    home: Home
    token: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(default_factory=Path)

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GEWU_") and k != "DJANGO_SETTINGS_MODULE"}
        return {**kept, "GEWU_HOME": str(self.home.path), "PYTHONPATH": str(ROOT / "tests")}

    def gewu(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json and return its answer; the exit code under ``exit``."""
        run = subprocess.run(
            [sys.executable, "-m", "gewu", *arguments, "--json"], env=self.environment, capture_output=True, text=True,
            check=False, timeout=300, cwd=ROOT,
        )  # fmt: skip
        assert run.returncode in (0, 1), run.stderr
        return {**json.loads(run.stdout.splitlines()[-1]), "exit": run.returncode}

    def script(self, text: str) -> None:
        run = subprocess.run(
            [sys.executable, "-c", text], env={**self.environment, "DJANGO_SETTINGS_MODULE": "gewu.home.settings"},
            capture_output=True, text=True, check=False, timeout=300, cwd=ROOT,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr

    def start(self) -> None:
        self.port = free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gewu", "serve", f"--port={self.port}", "--threads=4"],
                env=self.environment, stdout=log, stderr=log, start_new_session=True, cwd=ROOT,
            )  # fmt: skip
        self.until("the server answers", self.healthy)

    def healthy(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"waited in vain: {what}\n{self.log.read_text()[-3000:]}"
            time.sleep(0.1)

    def kill_all(self) -> None:
        """SIGKILL for supervisor, web, ticker and outbox at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        for pid in _children_of(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def connection(self) -> psycopg.Connection[Any]:
        found = instance.read(self.home)
        assert found is not None
        return psycopg.connect(Postgres(self.home).dsn("gewu_owner", found.owner_password, "gewu"), autocommit=True)

    def one(self, statement: str) -> int:
        with self.connection() as connection:
            row = connection.execute(statement).fetchone()
        assert row is not None
        return int(row[0])


def _children_of(pid: int) -> list[int]:
    """Descendants of a process that still live."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found, wanted = [], {pid}
    while wanted:
        wanted = {child for child, parent in parents.items() if parent in wanted}
        found += sorted(wanted)
    return [p for p in found if "postgres" not in _command(p)]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    if os.environ.get("GEWU_TEST_DATABASE_URL"):
        pytest.skip("kills the embedded server, which the other run of the suite has")
    folder = Path(tempfile.mkdtemp(prefix="gewu-crash-"))
    folder.chmod(0o711)  # the server's own user has to reach it
    found = Installation(Home(folder / "home"), log=folder / "serve.log")
    try:
        found.gewu("migrate")
        found.gewu("load", "packs/standard")
        found.gewu("load", "packs/wanzhou")
        found.token = found.gewu("token", "intake1")["token"]
        yield found
    finally:
        found.stop()
        subprocess.run([sys.executable, "-m", "gewu", "db", "stop"], env=found.environment, check=False, cwd=ROOT)
        shutil.rmtree(folder, ignore_errors=True)


class Load:
    """Clients that file cases as fast as they can and note what was acknowledged."""

    def __init__(self, installation: Installation, clients: int = 4) -> None:
        self.installation = installation
        self.acknowledged: list[str] = []
        self.strange: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self) -> None:
        url = f"http://127.0.0.1:{self.installation.port}/api/v1/cases/intakes"
        headers = {"Authorization": f"Bearer {self.installation.token}"}
        while not self._stop.is_set():
            try:
                answer = httpx.post(
                    url, json=BODY, headers={**headers, "Idempotency-Key": str(uuid.uuid4())}, timeout=20
                )
            except httpx.HTTPError:
                self._stop.wait(0.05)
                continue
            if answer.status_code == 201:
                self.acknowledged.append(answer.json()["number"])
            elif answer.status_code != 503:
                self.strange.append(f"{answer.status_code} {answer.text[:200]}")
            else:
                self._stop.wait(0.05)

    def until(self, count: int) -> None:
        self.installation.until(f"{count} acknowledged cases", lambda: len(self.acknowledged) >= count)


def _nothing_is_lost(installation: Installation, load: Load) -> None:
    assert load.strange == []
    with installation.connection() as connection:
        kept = {number for (number,) in connection.execute("SELECT number FROM cases_case").fetchall()}
        halves = connection.execute(
            "SELECT count(*) FROM ledger_record r"
            " WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.record_id = r.id)"
            " OR NOT EXISTS (SELECT 1 FROM ledger_event e WHERE e.record_id = r.id)"
            " OR NOT EXISTS (SELECT 1 FROM ledger_clock k WHERE k.record_id = r.id)"
        ).fetchone()
    assert set(load.acknowledged) <= kept
    assert len(load.acknowledged) == len(set(load.acknowledged))
    assert halves == (0,)
    verified, rebuilt = installation.gewu("verify"), installation.gewu("rebuild")
    assert (verified["ok"], verified["exit"]) == (True, 0), verified
    assert (rebuilt["ok"], rebuilt["exit"]) == (True, 0), rebuilt


def test_kill_9_of_the_server_under_load(installation: Installation) -> None:
    installation.start()
    with Load(installation) as load:
        load.until(40)
        installation.kill_all()
        before = len(load.acknowledged)
    assert before >= 40
    installation.start()
    _nothing_is_lost(installation, load)
    installation.stop()


def test_clocks_fire_once_across_kills(installation: Installation) -> None:
    installation.script(
        "import django; django.setup()\n"
        "from support.district import *\n"
        "import time\n"
        "at = (time.time_ns() // 1000) - 20 * 60_000_000\n"
        "for i in range(60): Walk(at_us=at).intake()\n"
    )
    waiting = "SELECT count(*) FROM ledger_clock WHERE status = 'running' AND next_at <= now()"
    assert installation.one(waiting) >= 60
    for _ in range(2):
        installation.start()
        installation.kill_all()
    installation.start()
    installation.until("all due clocks have fired", lambda: installation.one(waiting) == 0)
    assert installation.one("SELECT count(*) FROM ledger_event WHERE kind = 'expire'") == 60
    assert installation.one("SELECT count(DISTINCT record_id) FROM ledger_event WHERE kind = 'expire'") == 60
    installation.until(
        "their alerts are delivered",
        lambda: installation.one("SELECT count(*) FROM ledger_outgoing WHERE status = 'waiting'") == 0,
    )
    assert installation.one("SELECT count(*) FROM ledger_notice WHERE message = 'due'") == 60
    installation.stop()


def test_kill_9_of_postgresql_under_load(installation: Installation) -> None:
    installation.start()
    with Load(installation) as load:
        load.until(30)
        pid = int((Postgres(installation.home).folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        killed = len(load.acknowledged)
        installation.until("cases are acknowledged again", lambda: len(load.acknowledged) >= killed + 30)
    _nothing_is_lost(installation, load)
    installation.stop()
