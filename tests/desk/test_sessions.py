"""Sessions: seen by their owner, ended at once, and gone with the password."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from desk.conftest import Sit, text
from gewu.registry import sessions
from gewu.registry.models import Person, PersonSession
from gewu.registry.people import set_password
from support.district import post

PASSWORD = "a-password-for-tests"
PHONE = "Mozilla/5.0 (Linux; Android 14; X) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 MicroMessenger/8.0"
COMPUTER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


def come_in(login: str, agent: str = COMPUTER, language: str = "en", address: str = "127.9.2.1") -> Client:
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
    assert client.post("/desk/login", {"login": login, "password": PASSWORD}).status_code == 302
    assert inside(client)
    return client


def inside(client: Client) -> bool:
    return client.get("/desk/notices").status_code == 200


def login_of(role: str, number: int = 0) -> str:
    login = post(role, number=number).login
    set_password(login, PASSWORD)
    return login


def ids(client: Client, path: str = "/desk/sessions") -> list[str]:
    return re.findall(r'name="session" value="([0-9a-f-]{36})"', client.get(path).content.decode())


def test_a_person_sees_where_they_are_logged_in_and_ends_one(db: object) -> None:
    login = login_of("dispatcher")
    here, there, third = come_in(login), come_in(login, PHONE), come_in(login, "curl/8")
    shown = text(here.get("/desk/sessions"))
    assert "Computer · Chrome · Windows this session" in shown
    assert "Phone · WeChat · Android" in shown
    assert "Another program" in shown
    assert "手机 · 微信 · 安卓" in text(come_in(login, language="zh-CN").get("/desk/sessions"))
    seen_from_there = ids(there)
    mine = next(s for s in sessions.sessions_of(Person.objects.get(login=login), here.session.session_key) if s.current)
    assert str(mine.id) in seen_from_there
    assert str(mine.id) not in ids(here)
    here.post("/desk/sessions/end", {"session": _id_of(there)})
    assert not inside(there)
    assert inside(here)
    assert inside(third)
    answer = here.post("/desk/sessions/end", {"session": "others"}, follow=True)
    assert "2 sessions are ended" in text(answer)
    assert not inside(third)
    assert inside(here)
    assert ids(here) == []


def _id_of(client: Client) -> str:
    return str(PersonSession.objects.get(session_key=client.session.session_key).pk)


def test_nobody_ends_the_session_of_somebody_else(db: object) -> None:
    own, other = come_in(login_of("dispatcher")), come_in(login_of("shift_leader"))
    own.post("/desk/sessions/end", {"session": _id_of(other)})
    assert inside(other)
    assert own.get("/desk/sessions/people").status_code == 403
    refused = own.post("/desk/sessions/people/end", {"login": login_of("administrator"), "session": "all"})
    assert refused.status_code == 403
    assert own.post("/desk/sessions/end", {"session": "no-id"}).status_code == 404


def test_an_administrator_lists_and_ends_those_of_a_person(db: object) -> None:
    login = login_of("dispatcher")
    theirs, phone = come_in(login), come_in(login, PHONE)
    admin = come_in(login_of("administrator"))
    assert login in text(admin.get("/desk/sessions/people"))
    listed = text(admin.get(f"/desk/sessions/people?login={login}"))
    assert "Phone · WeChat · Android" in listed
    admin.post("/desk/sessions/people/end", {"login": login, "session": _id_of(phone)})
    assert not inside(phone)
    assert inside(theirs)
    admin.post("/desk/sessions/people/end", {"login": login, "session": "all"})
    assert not inside(theirs)
    assert inside(admin)
    assert "Not logged in anywhere" in text(admin.get(f"/desk/sessions/people?login={login}"))
    nobody = admin.get("/desk/sessions/people?login=nobody-here")
    assert nobody.status_code == 422
    assert "Nobody in this district has this login" in text(nobody)
    assert admin.post("/desk/sessions/people/end", {"login": "nobody-here", "session": "all"}).status_code == 404


def test_people_of_another_district_are_not_there(db: object) -> None:
    Person.objects.filter(login="far-away").delete()
    far = Person.objects.create_user("far-away", PASSWORD)
    try:
        assert come_in(login_of("administrator")).get("/desk/sessions/people?login=far-away").status_code == 422
    finally:
        far.delete()


def test_another_password_ends_the_others_and_keeps_this_one(db: object) -> None:
    login = login_of("dispatcher")
    here, there = come_in(login), come_in(login, PHONE)
    new = "quite-another-pass-phrase"
    wrong = here.post("/desk/password", {"old": "not-this", "new": new, "again": new})
    assert wrong.status_code == 422
    assert "This is not your password" in text(wrong)
    short = here.post("/desk/password", {"old": PASSWORD, "new": "short", "again": "short"})
    assert short.status_code == 422
    assert "The password is too short: it needs 10 signs or more." in text(short)
    own = here.post("/desk/password", {"old": PASSWORD, "new": f"{login}1", "again": f"{login}1"})
    assert "too much like the login or the name" in text(own)
    twice = here.post("/desk/password", {"old": PASSWORD, "new": new, "again": "other"})
    assert "not the same" in text(twice)
    assert inside(there)
    since = PersonSession.objects.get(session_key=here.session.session_key).since
    done = here.post("/desk/password", {"old": PASSWORD, "new": new, "again": new}, follow=True)
    assert "The new password holds" in text(done)
    assert not inside(there)
    assert inside(here)
    assert PersonSession.objects.get(session_key=here.session.session_key).since == since
    set_password(login, PASSWORD)
    assert not inside(here)


def test_who_found_an_open_session_cannot_guess_the_password(db: object) -> None:
    client = come_in(login_of("dispatcher"), address="127.9.2.88")
    sent = {"old": "guess", "new": "quite-another-pass-phrase", "again": "quite-another-pass-phrase"}
    codes = [client.post("/desk/password", sent).status_code for _ in range(12)]
    assert (codes[0], codes[-1]) == (422, 429)


def test_the_row_goes_with_the_session_and_holds_no_address(db: object) -> None:
    client = come_in(login_of("dispatcher"), address="203.0.113.77")
    key = client.session.session_key
    row = PersonSession.objects.filter(session_key=key).values().get()
    assert set(row) == {"id", "session_key", "person_id", "since", "used_at", "device"}
    assert row["device"] == "computer/chrome/windows"
    client.post("/desk/logout")
    assert not PersonSession.objects.filter(session_key=key).exists()
    swept = come_in(login_of("dispatcher")).session.session_key
    Session.objects.filter(session_key=swept).delete()
    assert not PersonSession.objects.filter(session_key=swept).exists()


def test_the_last_use_is_remembered_once_a_minute(db: object, sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    client = come_in(login_of("dispatcher"))
    key = client.session.session_key
    first = PersonSession.objects.get(session_key=key).used_at
    monkeypatch.setattr(sessions, "_seen", {})  # as another process, that has seen nothing yet
    assert inside(client)
    assert PersonSession.objects.get(session_key=key).used_at == first
    with time_machine.travel(first.timestamp() + 61, tick=True):
        monkeypatch.setattr(sessions, "_seen", {})
        assert inside(client)
        later = PersonSession.objects.get(session_key=key).used_at
        assert later > first
        with connection.execute_wrapper(_no_writing):
            assert inside(client)


def _no_writing(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    assert "registry_session" not in sql
    return execute(sql, params, many, context)


def test_a_session_that_was_ended_is_not_brought_back(db: object) -> None:
    login = login_of("dispatcher")
    client = come_in(login)
    key = client.session.session_key
    person = Person.objects.get(login=login)
    sessions.end_others(person)
    sessions._seen.clear()
    sessions.note(key, person.pk, "computer//")
    assert sessions.sessions_of(person) == []
