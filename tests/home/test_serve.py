"""`gewu serve` on a home of its own: what is killed comes back, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest

from gewu.home.layout import Home
from gewu.home.ports import free_port, is_free
from gewu.home.postgres import Postgres

NewHome = Callable[..., Home]
pytestmark = pytest.mark.skipif(
    bool(os.environ.get("GEWU_TEST_DATABASE_URL")),
    reason="these tests start the embedded server, whatever server the others work on",
)
PATIENCE = 60.0  # only a test that fails waits so long


def _environment(home: Home, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEWU_")}
    return {**kept, "GEWU_HOME": str(home.path), **more}


def _gewu(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gewu", *arguments]
    return subprocess.run(command, env=_environment(home), text=True, capture_output=True, check=False, timeout=120)


def _until(what: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s in vain: {what}"
        time.sleep(0.1)


def _get(url: str, accept: str = "*/*") -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=30) as answer:
            return answer.status, answer.read().decode(), _lower(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), _lower(error.headers)
    except OSError:
        return 0, "", {}


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _children(pid: int, word: str) -> list[int]:
    """Return the child processes whose command line has a word."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == pid and word in (stat.parent / "cmdline").read_text().split("\0"):
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def home(new_home: NewHome) -> Home:
    home = new_home()
    done = _gewu(home, "migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["applied"]
    return home


@contextmanager
def _serving(home: Home) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = [sys.executable, "-m", "gewu", "serve", f"--port={port}", "--workers=2", "--threads=2"]
    log = home.logs / f"serve-{port}"
    with log.open("w") as errors:
        environment = _environment(home, GEWU_LOG_LEVEL="ERROR")
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=errors)
    url = f"http://127.0.0.1:{port}"
    try:
        _until("the server answers", lambda: process.poll() is not None or _get(f"{url}/healthz")[0] == 200)
        assert process.poll() is None, f"gewu serve ended with {process.returncode}: {log.read_text()}"
        yield process, url
    finally:
        process.terminate()
        process.wait(PATIENCE)
        _until("the port is free again", lambda: is_free(port))


@pytest.fixture(scope="module")
def served(home: Home) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """One `gewu serve` for the tests that it survives."""
    with _serving(home) as found:
        yield found


@pytest.fixture
def served_alone(home: Home) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """One `gewu serve` for a test that ends it."""
    with _serving(home) as found:
        yield found


def test_a_killed_database_comes_back_without_a_restart_of_the_web(
    home: Home, served: tuple[subprocess.Popen[bytes], str]
) -> None:
    server = Postgres(home)
    before = server.pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    seen = set()

    def healthy() -> bool:
        seen.add(_get(f"{served[1]}/healthz")[0])
        return server.pid() not in {before, None} and _get(f"{served[1]}/healthz")[0] == 200

    _until("the database is back", healthy)
    assert seen <= {200, 503}, "a clear answer at any time"


def test_a_killed_web_process_is_started_again(served: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = served
    (web,) = _children(process.pid, "web")
    workers = _children(web, "web")
    assert len(workers) == 2
    os.kill(web, signal.SIGKILL)
    # The workers of the killed one answer until they notice; so wait for its successor first.
    _until("there is another one", lambda: _children(process.pid, "web") not in ([], [web]))
    _until("the old workers are gone", lambda: not any(_lives(worker) for worker in workers))
    _until("it answers", lambda: _get(f"{url}/healthz")[0] == 200)


def test_a_killed_supervisor_leaves_no_process_on_the_port(
    home: Home, served_alone: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, url = served_alone
    children = [child for word in ("web", "ticker", "outbox") for child in _children(process.pid, word)]
    process.kill()
    process.wait()
    _until("the port is free", lambda: is_free(int(url.rpartition(":")[2])))
    _until("its children are gone", lambda: not any(_lives(child) for child in children))
    assert Postgres(home).status().running, "the database outlives it"


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_stops_in_order_and_the_database_runs_on(
    home: Home, served_alone: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, _url = served_alone
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert Postgres(home).status().running


def test_a_taken_port_is_named(home: Home, served: tuple[subprocess.Popen[bytes], str]) -> None:
    port = served[1].rpartition(":")[2]
    done = _gewu(home, "serve", "--port", port)
    assert done.returncode == 3
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr


def test_serving_tables_that_are_behind_is_refused(new_home: NewHome) -> None:
    home = new_home()
    done = _gewu(home, "serve", "--json")
    assert done.returncode == 3
    assert "Run: gewu migrate" in json.loads(done.stdout)["error"]


def test_db_commands_tell_the_state(new_home: NewHome) -> None:
    home = new_home()
    assert _gewu(home, "db", "status").returncode == 1
    assert not home.path.exists(), "asking makes nothing"
    started = json.loads(_gewu(home, "db", "start", "--json").stdout)
    assert started["started"]
    assert started["running"]
    status = _gewu(home, "db", "status", "--json")
    assert status.returncode == 0
    assert json.loads(status.stdout)["port"] == started["port"]
    app, owner = (_gewu(home, "db", "url", *how).stdout for how in ([], ["--owner"]))
    assert "gewu_app:" in app
    assert "gewu_owner:" in owner
    assert json.loads(_gewu(home, "db", "stop", "--json").stdout) == {"stopped": True}
    assert _gewu(home, "db", "status").returncode == 1


def test_without_a_database_the_web_says_so(new_home: NewHome) -> None:
    port, closed = free_port(), free_port()
    nowhere = f"postgresql://nobody:nothing@127.0.0.1:{closed}/nothing"
    command = [sys.executable, "-m", "gewu", "web", f"--port={port}", "--workers=1"]
    environment = _environment(new_home(), GEWU_DATABASE_URL=nowhere, GEWU_LOG_LEVEL="CRITICAL")
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/healthz"
        answers = [_get(url)]
        _until("it answers", lambda: answers[-1][0] != 0 or answers.append(_get(url)) is not None)
        status, body, headers = answers[-1]
        assert status == 503
        assert headers["retry-after"] == "5"
        assert json.loads(body)["title"] == "The database is not available"
        status, body, headers = _get(url, accept="text/html")
        assert status == 503
        assert "<h1>The database is not available</h1>" in body
        assert str(closed) not in body
    finally:
        process.terminate()
        process.wait(PATIENCE)
