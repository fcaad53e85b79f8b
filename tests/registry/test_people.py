"""Logging in, posts and their dates, tokens of programs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from gewu.core.places import Scope
from gewu.registry.models import District, Person, Post, Unit
from gewu.registry.people import (
    TokenError,
    actor_post,
    authenticate,
    issue_token,
    posts_today,
    resolve_token,
    revoke_token,
    set_password,
    set_passwords,
)
from registry.conftest import DISTRICT

PASSWORD = "a long enough secret"


pytestmark = pytest.mark.usefixtures("rolled_back")


def seat(code: str) -> Post:
    return Post.objects.get(code=code, district__code=DISTRICT)


def later() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def test_a_login_without_a_password_lets_nobody_in() -> None:
    assert authenticate("mini-officer1", "") is None
    assert authenticate("mini-officer1", "!") is None


def test_the_right_password_lets_in_and_every_other_does_not() -> None:
    set_password("mini-officer1", PASSWORD)
    person = authenticate(" mini-officer1 ", PASSWORD)
    assert person is not None
    assert person.login == "mini-officer1"
    for login, password in (
        ("mini-officer1", PASSWORD + " "),
        ("mini-officer1", PASSWORD.upper()),
        ("mini-officer2", PASSWORD),
        ("", PASSWORD),
        ("mini-officer1\0", PASSWORD),
        ("mini-officer1", PASSWORD * 100),
    ):
        assert authenticate(login, password) is None


def test_who_is_inactive_cannot_log_in() -> None:
    set_password("mini-officer1", PASSWORD)
    Person.objects.filter(login="mini-officer1").update(is_active=False)
    assert authenticate("mini-officer1", PASSWORD) is None


def test_a_password_for_a_whole_district() -> None:
    assert set_passwords(District.objects.get(code=DISTRICT), PASSWORD) == 2
    assert authenticate("mini-clerk1", PASSWORD) is not None


def holding(table: str, text: str) -> int:
    """How many rows of a table hold a text in any column."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{text}%"])
        found: int = cursor.fetchone()[0]
        return found


def test_the_password_itself_is_stored_nowhere() -> None:
    set_password("mini-officer1", PASSWORD)
    assert holding("registry_person", "mini-officer1") == 1
    assert holding("registry_person", PASSWORD) == 0


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2024, 12, 31), []),
        (date(2025, 1, 1), ["clerk1"]),
        (date(2025, 6, 30), ["clerk1"]),
        (date(2025, 7, 1), ["clerk2"]),
    ],
)
def test_posts_count_on_their_days(day: date, codes: list[str]) -> None:
    person = Person.objects.get(login="mini-clerk1")
    assert [post.post_code for post in posts_today(person, day)] == codes


def test_a_post_says_who_acts_from_where_and_how_far() -> None:
    person = Person.objects.get(login="mini-clerk1")
    found = actor_post(person, "clerk1", date(2025, 1, 1))
    assert found is not None
    assert (found.unit_code, found.unit_path, found.roles) == ("squad", "/bureau/squad/", frozenset({"mini_clerk"}))
    assert found.scope == Scope(("990101001",), frozenset({"zone"}))
    assert found.person_id == person.pk
    assert actor_post(person, "officer1", date(2025, 1, 1)) is None


def test_posts_of_an_ended_unit_are_over() -> None:
    Unit.objects.filter(code="squad", district__code=DISTRICT).update(valid_to=date(2025, 3, 31))
    person = Person.objects.get(login="mini-clerk1")
    assert posts_today(person, date(2025, 3, 31)) != ()
    assert posts_today(person, date(2025, 4, 1)) == ()


# ---- tokens


def test_a_token_acts_as_its_post_with_one_statement() -> None:
    token = issue_token(seat("officer1"), "city platform", later())
    statements: list[str] = []

    def counted(execute: Any, statement: str, *rest: Any) -> Any:
        statements.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(counted):
        actor = resolve_token(token)
    assert len(statements) == 1
    assert actor is not None
    assert (actor.post_code, actor.roles) == ("officer1", frozenset({"mini_officer"}))
    assert actor.token == token.split("_")[1]
    assert actor.district_id == District.objects.get(code=DISTRICT).pk


def test_a_forged_token_is_nobody() -> None:
    token = issue_token(seat("officer1"), "city platform", later())
    mark, prefix, secret = token.split("_", 2)
    last = "A" if secret[-1] != "A" else "B"
    for forged in (
        "",
        "gewu",
        f"{mark}_{prefix}_",
        f"{mark}_{prefix}_{secret[:-1]}{last}",
        f"{mark}_{'0' * 12}_{secret}",
        f"{mark}_{prefix}_{secret} ",
        f"格物_{prefix}_{secret}",
        f"{mark}_{prefix}\0_{secret}",
    ):
        assert resolve_token(forged) is None


def test_a_revoked_or_expired_token_is_nobody() -> None:
    post = seat("officer1")
    revoked, expired = issue_token(post, "one", later()), issue_token(post, "two", later())
    assert revoke_token(revoked.split("_")[1])
    assert not revoke_token(revoked.split("_")[1])
    assert resolve_token(revoked) is None
    expired_prefix = expired.split("_")[1]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_apitoken SET expires_at = now() WHERE prefix = %s", [expired_prefix])
    assert resolve_token(expired) is None


def test_a_token_of_a_post_that_is_over_is_nobody() -> None:
    token = issue_token(seat("clerk1"), "old", later())
    assert resolve_token(token) is None


def test_a_token_of_somebody_inactive_is_nobody() -> None:
    token = issue_token(seat("officer1"), "one", later())
    Person.objects.filter(login="mini-officer1").update(is_active=False)
    assert resolve_token(token) is None


def test_a_token_needs_a_name_and_a_future() -> None:
    post = seat("officer1")
    for name, expires in (
        (" ", later()),
        ("x", datetime.now(UTC) - timedelta(seconds=1)),
        ("x", datetime(2030, 1, 1)),  # noqa: DTZ001 - without a zone on purpose
    ):
        with pytest.raises(TokenError):
            issue_token(post, name, expires)


def test_the_secret_is_stored_nowhere() -> None:
    token = issue_token(seat("officer1"), "city platform", later())
    _, prefix, secret = token.split("_", 2)
    assert holding("registry_apitoken", prefix) == 1
    assert holding("registry_apitoken", secret) == 0
