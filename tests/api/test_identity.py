"""Logging in, changing the post, tokens, and what happens to those who guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.conftest import CATEGORY, Api
from api.test_bad_input import problem_of
from gewu.registry.models import Person, Post
from gewu.registry.people import set_password
from support.district import district_id, post

PASSWORD = "a long pass phrase 9"


@pytest.fixture
def login(api: Api) -> str:
    """The login of an intake officer with a known password."""
    found = post("intake_officer").login
    set_password(found, PASSWORD)
    return found


@pytest.fixture
def session(api: Api, login: str) -> Iterator[httpx.Client]:
    """A client that is logged in like a page."""
    with api.client() as client:
        answer = client.post("/session", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRFToken"] = client.cookies["gewu_csrf"]
        yield client


def test_a_person_logs_in_acts_and_logs_out(api: Api, session: httpx.Client, login: str) -> None:
    me = session.get("/me").json()
    assert me["person"]["code"] == login
    assert me["district"] == {"code": "500101", "name": "Wanzhou District"}
    assert [r["code"] for r in me["post"]["roles"]] == ["intake_officer"]
    form = {"description": "路灯不亮", "source": "counter", "category": CATEGORY}
    made = session.post("/cases/intakes", json={"form": form})
    assert made.status_code == 201, made.text
    assert made.json()["place"]["code"] == "500101"
    assert session.delete("/session").status_code == 204
    problem_of(session.get("/me"), 401, "unauthenticated")


def test_a_session_changes_nothing_without_the_csrf_token(session: httpx.Client) -> None:
    body = {"form": {"description": "路灯不亮", "source": "counter", "category": CATEGORY}}
    del session.headers["X-CSRFToken"]
    problem_of(session.post("/cases/intakes", json=body), 403, "csrf")
    problem_of(session.post("/cases/intakes", json=body, headers={"X-CSRFToken": "x" * 64}), 403, "csrf")
    assert session.get("/cases").status_code == 200


def test_somebody_with_two_posts_chooses_one(api: Api, login: str) -> None:
    person = Person.objects.get(login=login)
    second = Post.objects.filter(district_id=district_id(), role__code="shift_leader").exclude(person=person).first()
    assert second is not None
    holder = second.person_id
    Post.objects.filter(pk=second.pk).update(person=person)
    try:
        with api.client() as client:
            answer = client.post("/session", json={"login": login, "password": PASSWORD, "post": second.code})
            assert answer.status_code == 201, answer.text
            assert answer.json()["post"]["code"] == second.code
            client.headers["X-CSRFToken"] = client.cookies["gewu_csrf"]
            other = next(p["code"] for p in answer.json()["posts"] if p["code"] != second.code)
            assert client.post("/session/post", json={"post": other}).json()["post"]["code"] == other
            assert client.get("/me").json()["post"]["code"] == other
            problem_of(client.post("/session/post", json={"post": "nobody"}), 403, "no_post")
    finally:
        Post.objects.filter(pk=second.pk).update(person=holder)
    with api.client() as client:
        answer = client.post("/session", json={"login": login, "password": PASSWORD, "post": second.code})
        problem_of(answer, 403, "no_post")
        problem_of(client.get("/me"), 401, "unauthenticated")


def test_a_token_is_issued_once_works_and_ends(api: Api, session: httpx.Client) -> None:
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    issued = session.post("/tokens", json={"name": "hotline bridge", "expires": expires})
    assert issued.status_code == 201, issued.text
    text = issued.json()["token"]
    listed = session.get("/tokens").json()["items"]
    assert issued.json()["prefix"] in {t["prefix"] for t in listed}
    assert text not in str(listed)
    with api.client(Authorization=f"Bearer {text}") as program:
        assert program.get("/me").json()["person"] is None
        problem_of(program.post("/tokens", json={"name": "x", "expires": expires}), 403, "not_allowed")
        assert session.delete(f"/tokens/{issued.json()['prefix']}").status_code == 204
        problem_of(program.get("/me"), 401, "unauthenticated")
    problem_of(session.delete(f"/tokens/{issued.json()['prefix']}"), 404, "not_found")


@pytest.mark.parametrize(
    ("expires", "code"),
    [
        ("1900-01-01T00:00:00Z", "date"),
        ("2020-01-01T00:00:00Z", "past"),
        ("2090-01-01T00:00:00Z", "too_far"),
        ("2027-01-01T00:00:00", "date"),
        (1_800_000_000, "type"),
        ("tomorrow", "date"),
    ],
)
def test_a_token_needs_a_believable_expiry(session: httpx.Client, expires: object, code: str) -> None:
    found = problem_of(session.post("/tokens", json={"name": "x", "expires": expires}), 422, "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [("expires", code)]


def test_who_guesses_passwords_has_to_wait(api: Api, login: str) -> None:
    with api.client() as client:
        codes = []
        for _ in range(12):
            answer = client.post("/session", json={"login": login, "password": "wrong"})
            codes.append(answer.status_code)
            if answer.status_code == 429:
                break
            problem_of(answer, 401, "bad_login")
        found = problem_of(answer, 429, "throttled")
        assert codes.count(401) == 10
        assert int(answer.headers["Retry-After"]) == found["seconds"] > 0
        # The right password does not help either, and another login still works.
        problem_of(client.post("/session", json={"login": login, "password": PASSWORD}), 429, "throttled")
        other = client.post("/session", json={"login": "nobody-here", "password": "wrong"})
        problem_of(other, 401, "bad_login")


def test_hostile_logins_are_refused_quietly(api: Api) -> None:
    with api.client() as client:
        for body in (
            {"login": "a\x00b", "password": "x"},
            {"login": "x" * 65, "password": "x"},
            {"login": ["x"]},
            {"login": "x", "password": "x" * 1025},
            {"login": "x", "password": "x", "admin": True},
        ):
            problem_of(client.post("/session", json=body), 422, "invalid")
        surrogate = client.post(
            "/session", content=b'{"login": "\\ud800", "password": "x"}', headers={"Content-Type": "application/json"}
        )
        problem_of(surrogate, 422, "invalid")
        form = client.post("/session", data={"login": "x", "password": "x"})
        problem_of(form, 415, "media_type")
