"""The database of an installation: roles, immediate foreign keys, versions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection, connections, models

from gewu.home import database
from gewu.home.errors import HomeError
from support.servers import Session


def _deferrable(owner: psycopg.Connection) -> list[str]:
    rows = owner.execute(
        "SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE contype = 'f' AND condeferrable"
    )
    return [name for (name,) in rows]


def test_no_foreign_key_of_any_migration_is_deferrable(owner_connection: psycopg.Connection) -> None:
    count = owner_connection.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'").fetchone()
    assert count is not None
    assert count[0] > 0
    assert _deferrable(owner_connection) == []


def test_a_foreign_key_is_immediate_however_it_is_made(
    fresh_db: Session,
) -> None:
    class Parent(models.Model):
        class Meta:
            app_label = "immediate"

    class Child(models.Model):
        parent = models.ForeignKey(Parent, models.CASCADE)

        class Meta:
            app_label = "immediate"

    later = models.ForeignKey(Parent, models.CASCADE, null=True, related_name="+")
    later.set_attributes_from_name("later")
    later.model = Child
    with connections["owner"].schema_editor() as editor:
        editor.create_model(Parent)
        editor.create_model(Child)
        editor.add_field(Child, later)
    with psycopg.connect(fresh_db.owner(), autocommit=True) as owner:
        made = owner.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'immediate_child'::regclass"
        ).fetchone()
        assert made == (2,)
        assert _deferrable(owner) == []
        owner.execute("BEGIN")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):  # the statement itself, not the commit
            owner.execute("INSERT INTO immediate_child (parent_id) VALUES (7)")
        owner.execute("ROLLBACK")
    with connections["owner"].schema_editor() as editor:
        editor.remove_field(Child, later)
        editor.delete_model(Child)
        editor.delete_model(Parent)


def test_the_app_role_works_on_tables_that_it_does_not_own(db: Session, app_connection: psycopg.Connection) -> None:
    if db.app() == db.owner():
        pytest.skip("one role only on this server")
    owners = app_connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert owners == [(database.owner_role(),)]
    app_connection.execute("INSERT INTO django_session VALUES ('k', 'd', now())")
    app_connection.execute("UPDATE django_session SET session_data = 'e' WHERE session_key = 'k'")
    app_connection.execute("DELETE FROM django_session WHERE session_key = 'k'")
    for statement in ("CREATE TABLE mine (id int)", "DROP TABLE django_session", "TRUNCATE django_session"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute(statement)


def test_processes_that_start_together_may_grant_the_same_rights(db: Session) -> None:
    with psycopg.connect(db.app()) as connection:
        role = connection.info.user
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(database.grant_app_rights, db.owner(), role) for _ in range(40)]:
            done.result()


def test_django_works_as_the_app_role_and_migrates_as_the_owner(db: Session) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('TimeZone')")
        assert cursor.fetchone() == (database.app_role(), "UTC")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (database.owner_role(),)


def test_single_role_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEWU_DATABASE_URL", "postgresql://works:secret@db.example/gewu")
    monkeypatch.delenv("GEWU_OWNER_DATABASE_URL")
    assert database.single_role()
    assert database.owner_dsn() == database.app_dsn()
    assert database.app_role() == "works"
    monkeypatch.setenv("GEWU_OWNER_DATABASE_URL", "postgresql://owns:secret@db.example/gewu")
    assert not database.single_role()
    assert database.owner_role() == "owns"


def test_an_owner_without_an_app_url_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEWU_DATABASE_URL")
    monkeypatch.setenv("GEWU_OWNER_DATABASE_URL", "postgresql://owns:secret@db.example/gewu")
    with pytest.raises(HomeError, match="GEWU_DATABASE_URL is not"):
        database.embedded()


def test_a_url_keeps_its_parameters_as_options() -> None:
    entry = database.django_database(
        "postgresql://works:p%40ss@db.example:6543/gewu?sslmode=require", OPTIONS={"connect_timeout": 5}
    )
    assert entry["PASSWORD"] == "p@ss"
    assert entry["HOST"] == "db.example"
    assert entry["PORT"] == "6543"
    assert entry["OPTIONS"] == {"sslmode": "require", "connect_timeout": 5}


def test_a_url_that_is_none_is_refused_with_an_example() -> None:
    with pytest.raises(HomeError, match="postgresql://user:password@host"):
        database.django_database("postgresql://[broken")


def test_a_connection_whose_server_session_ended_is_not_handed_out_again(
    db: Session, owner_connection: psycopg.Connection
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        before = cursor.fetchone()
    connection.close()  # back into the pool
    owner_connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        [db.name],
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != before


@pytest.mark.parametrize(("version", "fits"), [(140_019, False), (150_000, True), (180_004, True)])
def test_a_server_below_15_is_refused(version: int, fits: bool) -> None:
    server = SimpleNamespace(info=SimpleNamespace(server_version=version))
    if fits:
        assert database.check_version(server) == version // 10_000
    else:
        with pytest.raises(HomeError, match="PostgreSQL 14; Gewu needs 15 or later"):
            database.check_version(server)
