"""The one table of budgets behind all doors."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connections
from django.test import RequestFactory
from django.utils import timezone

from gewu.surfaces.throttle import budgets
from gewu.surfaces.throttle.budgets import Budget, TooMany
from support.servers import Session as Server

THREE = Budget("test-three", 3, 3600)


@pytest.fixture
def whole(owner_connection: psycopg.Connection) -> psycopg.Connection:
    """Every budget is whole."""
    owner_connection.execute("TRUNCATE throttle_budget")
    return owner_connection


def test_a_budget_is_spent_and_given_back(whole: psycopg.Connection) -> None:
    for _ in range(3):
        budgets.check(THREE, "a")
        budgets.spend(THREE, "a")
    with pytest.raises(TooMany) as refused:
        budgets.spend(THREE, "a")
    assert 0 < refused.value.seconds <= 1200
    with pytest.raises(TooMany) as checked:
        budgets.check(THREE, "a")
    assert 0 < checked.value.seconds <= 1200
    budgets.spend(THREE, "b")
    budgets.spend(Budget("test-other", 3, 3600), "a")
    budgets.forgive(THREE, "a")
    budgets.spend(THREE, "a")


def test_asking_takes_nothing(whole: psycopg.Connection) -> None:
    for _ in range(9):
        budgets.check(THREE, "a")
    assert whole.execute("SELECT count(*) FROM throttle_budget").fetchone() == (0,)


def test_a_refusal_takes_nothing_and_time_gives_back(whole: psycopg.Connection) -> None:
    for _ in range(3):
        budgets.spend(THREE, "a")
    for _ in range(5):
        with pytest.raises(TooMany):
            budgets.spend(THREE, "a")
    # As if twenty minutes had passed, in which one of three came back.
    whole.execute("UPDATE throttle_budget SET full_at = full_at - interval '20 minutes'")
    budgets.spend(THREE, "a")
    with pytest.raises(TooMany):
        budgets.spend(THREE, "a")


def test_a_new_subject_clears_away_what_is_over(whole: psycopg.Connection) -> None:
    budgets.spend(THREE, "old")
    budgets.spend(THREE, "young")
    whole.execute("UPDATE throttle_budget SET full_at = now() - interval '2 hours' WHERE key = (%s)", [_only(whole)])
    over, alive = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    Session.objects.create(session_key="o" * 32, session_data="", expire_date=over)
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=alive)
    budgets.spend(THREE, "new")
    assert whole.execute("SELECT count(*) FROM throttle_budget").fetchone() == (2,)
    assert not Session.objects.filter(session_key="o" * 32).exists()
    assert Session.objects.filter(session_key="a" * 32).delete()[0] == 1


def _only(connection: psycopg.Connection) -> Any:
    row = connection.execute("SELECT key FROM throttle_budget ORDER BY full_at LIMIT 1").fetchone()
    assert row is not None
    return row[0]


def test_the_table_tells_no_address(whole: psycopg.Connection) -> None:
    budgets.spend_here(RequestFactory().get("/", REMOTE_ADDR="192.0.2.7"), THREE)
    row = whole.execute("SELECT key, t::text FROM throttle_budget t").fetchone()
    assert row is not None
    assert len(row[0]) == 32
    assert "192.0.2.7" not in row[1]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_what_counts_as_one_address(settings_of: Any, address: str, counted: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9")
    assert budgets.address_of(request) == counted
    settings_of("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"))
    assert budgets.address_of(request) == "203.0.113.9"


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    from django.conf import settings

    return lambda name, value: monkeypatch.setattr(settings, name, value)


def test_a_database_with_the_two_older_tables_is_brought_here(fresh_db: Server) -> None:
    def migrate(*target: str) -> None:
        call_command("migrate", *target, database="owner", interactive=False, verbosity=0, stdout=io.StringIO())

    def tables() -> set[str]:
        names = ["api_throttle", "public_knock", "throttle_budget"]
        with psycopg.connect(fresh_db.owner()) as connection:
            rows = connection.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [names])
            return {str(row[0]) for row in rows.fetchall()}

    assert tables() == {"throttle_budget"}
    connections.close_all()
    migrate("api", "0001")
    migrate("public", "0001")
    migrate("throttle", "zero")
    assert tables() == {"api_throttle", "public_knock"}
    with psycopg.connect(fresh_db.owner()) as connection:
        connection.execute("INSERT INTO api_throttle VALUES ('\\x01', now())")
        connection.execute("INSERT INTO public_knock VALUES ('\\x01', now(), 1)")
    migrate()
    assert tables() == {"throttle_budget"}
    budgets.spend(THREE, "a")  # as the role that works, which owns nothing
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
