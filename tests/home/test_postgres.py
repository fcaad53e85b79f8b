"""The embedded server: two side by side, killed and recovered, closed to strangers."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from gewu.home import instance
from gewu.home.errors import HomeError
from gewu.home.layout import Home
from gewu.home.postgres import HOST, SUPERUSER, Postgres

NewHome = Callable[..., Home]
pytestmark = pytest.mark.skipif(
    bool(os.environ.get("GEWU_TEST_DATABASE_URL")),
    reason="these tests start the embedded server, whatever server the others work on",
)


@pytest.fixture(scope="module")
def server(new_home: NewHome) -> Postgres:
    """A server of its own, with one table and one durable row."""
    server = Postgres(new_home())
    assert server.start()
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int PRIMARY KEY)")
        connection.execute("INSERT INTO kept VALUES (1)")
    return server


def _rows(server: Postgres) -> list[int]:
    with psycopg.connect(server.superuser_dsn()) as connection:
        return [number for (number,) in connection.execute("SELECT id FROM kept ORDER BY id")]


def _kill(server: Postgres) -> int:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def test_two_homes_run_side_by_side(server: Postgres, new_home: NewHome) -> None:
    other = Postgres(new_home())
    other.start()
    assert server.status().port != other.status().port
    with (
        psycopg.connect(other.superuser_dsn()) as connection,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        connection.execute("SELECT * FROM kept")
    assert _rows(server) == [1]
    assert other.stop()
    assert not other.status().running
    assert server.status().running


def test_a_second_start_finds_it_running(server: Postgres) -> None:
    before = server.pid()
    assert not Postgres(server.home).start()
    assert server.pid() == before


def test_killed_under_a_session_it_recovers_what_was_committed(server: Postgres) -> None:
    port = server.status().port
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("INSERT INTO kept VALUES (2)")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO kept VALUES (3)")
        killed = _kill(server)
        assert server.start()
        connection.close()
    assert server.pid() != killed
    assert server.status().port == port
    assert _rows(server) == [1, 2]


def test_a_stale_process_id_that_now_belongs_to_a_stranger_does_not_stop_it(server: Postgres) -> None:
    _kill(server)
    while server.pid() is not None:
        pass
    pid_file = Path(server.folder) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    assert not server.status().running
    assert server.start()
    assert 1 in _rows(server)


def test_a_port_that_somebody_took_is_replaced(new_home: NewHome, server: Postgres) -> None:
    other = Postgres(new_home())
    instance.update(other.home, lambda found: setattr(found, "database_port", server.status().port))
    other.start()
    assert other.status().port != server.status().port
    assert instance.read(other.home) is not None
    other.stop()


def test_nobody_gets_in_without_a_password(server: Postgres) -> None:
    port = server.status().port
    socket = next(path for path in (server.home.run, Path(_found(server).socket_folder)) if path.exists())
    for host in (HOST, str(socket)):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=host, port=port, user=SUPERUSER, dbname="postgres", passfile=os.devnull)
    wrong = server.dsn(SUPERUSER, "wrong", "postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def _found(server: Postgres) -> instance.Instance:
    found = instance.read(server.home)
    assert found is not None
    return found


def test_it_is_durable_checksummed_and_sorts_alike_everywhere(server: Postgres) -> None:
    with psycopg.connect(server.superuser_dsn()) as connection:
        for name, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "listen_addresses": HOST,
            "TimeZone": "UTC",
            "password_encryption": "scram-sha-256",
        }.items():
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,), name
        assert connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'postgres'"
        ).fetchone() == ("b", "C.UTF-8")


def test_its_folder_is_private_and_it_does_not_run_as_root(server: Postgres) -> None:
    status = server.folder.stat()
    assert stat.S_IMODE(status.st_mode) == 0o700
    assert status.st_uid != 0
    assert Path("/proc", str(server.pid())).stat().st_uid == status.st_uid


def test_a_home_with_a_very_long_path(new_home: NewHome) -> None:
    server = Postgres(new_home("/".join(["a-folder-with-a-long-name"] * 6)))
    server.start()
    with psycopg.connect(server.superuser_dsn()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    socket = Path(_found(server).socket_folder)
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    server.stop()
    socket.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_root_with_a_home_that_nobody_else_can_reach(new_home: NewHome) -> None:
    server = Postgres(new_home(mode=0o700))
    server.start()
    assert not server.folder.is_relative_to(server.home.path)
    assert server.folder.stat().st_uid != 0
    assert stat.S_IMODE(server.home.path.parent.stat().st_mode) == 0o700  # a folder above the home is left alone
    server.stop()
    assert Postgres(server.home).start()  # found again where it was recorded
    server.stop()
    Path(_found(server).socket_folder).rmdir()


def test_a_folder_of_another_version_is_refused(new_home: NewHome) -> None:
    home = new_home()
    home.ensure()
    home.cluster.mkdir(mode=0o700)
    (home.cluster / "PG_VERSION").write_text("14\n")
    with pytest.raises(HomeError, match=r"made by PostgreSQL 14.*pg_upgrade"):
        Postgres(home).start()


def test_a_creation_that_was_cut_short_is_done_again(new_home: NewHome) -> None:
    home = new_home()
    home.ensure()
    half = home.path / "pg.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = Postgres(home)
    server.start()
    assert not half.exists()
    assert server.status().running
    server.stop()
