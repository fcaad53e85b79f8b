"""Sessions over REST: listed, ended at once, for others by administrators only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx

from api.conftest import Api
from api.test_bad_input import problem_of
from gewu.registry.people import set_password
from support.district import post

PASSWORD = "a long pass phrase 9"
NEW = "another long pass phrase 9"


def login_of(role: str) -> str:
    login = post(role).login
    set_password(login, PASSWORD)
    return login


@contextmanager
def inside(api: Api, login: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
    with api.client() as client:
        answer = client.post("/session", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRFToken"] = client.cookies["gewu_csrf"]
        yield client


def test_one_session_ends_another_at_once(api: Api) -> None:
    login = login_of("intake_officer")
    with inside(api, login) as here, inside(api, login) as there, inside(api, login) as third:
        items = there.get("/sessions").json()["items"]
        assert [one["current"] for one in items].count(True) == 1
        target = next(one["id"] for one in items if one["current"])
        assert len(items) == 3
        assert here.delete(f"/sessions/{target}").status_code == 204
        problem_of(there.get("/me"), 401, "unauthenticated")
        problem_of(here.delete(f"/sessions/{target}"), 404, "not_found")
        assert here.delete("/sessions").json() == {"ended": 1}
        problem_of(third.get("/me"), 401, "unauthenticated")
        assert here.get("/me").status_code == 200


def test_an_administrator_ends_those_of_others_and_nobody_else_does(api: Api) -> None:
    login, boss = login_of("intake_officer"), login_of("administrator")
    with inside(api, login) as theirs, inside(api, boss) as admin:
        problem_of(theirs.get(f"/people/{boss}/sessions"), 403, "not_allowed")
        problem_of(theirs.delete(f"/people/{boss}/sessions"), 403, "not_allowed")
        found = admin.get(f"/people/{login}/sessions").json()["items"]
        assert len(found) == 1
        problem_of(admin.delete(f"/people/{boss}/sessions/{found[0]['id']}"), 404, "not_found")
        assert admin.delete(f"/people/{login}/sessions/{found[0]['id']}").status_code == 204
        problem_of(theirs.get("/me"), 401, "unauthenticated")
        assert admin.delete(f"/people/{login}/sessions").json() == {"ended": 0}
        problem_of(admin.get("/people/nobody-here/sessions"), 404, "not_found")
        problem_of(admin.delete(f"/people/{login}/sessions/{uuid4()}"), 404, "not_found")


def test_a_program_has_no_sessions(api: Api) -> None:
    program = api.as_("intake_officer")
    problem_of(program.get("/sessions"), 403, "not_allowed")
    problem_of(program.put("/password", json={"old": PASSWORD, "new": NEW}), 403, "not_allowed")


def test_another_password_ends_the_others(api: Api) -> None:
    login = login_of("intake_officer")
    with inside(api, login) as here, inside(api, login) as there:
        problem_of(here.put("/password", json={"old": "wrong", "new": NEW}), 401, "bad_login")
        found = problem_of(here.put("/password", json={"old": PASSWORD, "new": "short"}), 422, "invalid")
        assert found["errors"][0]["field"] == "new"
        assert there.get("/me").status_code == 200
        assert here.put("/password", json={"old": PASSWORD, "new": NEW}).status_code == 204
        problem_of(there.get("/me"), 401, "unauthenticated")
        assert here.get("/me").status_code == 200
    problem_of(httpx.post(f"{api.base}/api/v1/session", json={"login": login, "password": PASSWORD}), 401, "bad_login")
    with inside(api, login, NEW):
        pass
