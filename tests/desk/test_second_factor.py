"""A second factor: switched on with a telephone, asked for after the password, taken once, guessed by nobody."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pyotp
import pytest
import time_machine
from click.testing import CliRunner
from django.conf import settings
from django.db import connection
from django.test import Client

from desk.conftest import text
from gewu.ledger.keys import keyed_hash
from gewu.registry import sessions
from gewu.registry.models import Person, RecoveryCode, SecondFactor
from gewu.registry.people import set_password
from gewu.surfaces.cli import main
from gewu.surfaces.signin import secondfactor
from support.district import post

PASSWORD = "a-password-for-tests"
START = datetime.now(UTC).replace(second=10, microsecond=0)
"""Ten seconds after the beginning of a span; near the real time, because the database has a clock of its own."""


@pytest.fixture(autouse=True)
def _afresh(db: object, owner_connection: psycopg.Connection) -> Iterator[None]:
    owner_connection.execute("TRUNCATE throttle_budget")
    yield
    SecondFactor.objects.all().delete()
    RecoveryCode.objects.all().delete()


def login_of(role: str = "administrator") -> str:
    login = post(role).login
    set_password(login, PASSWORD)
    return login


def browser(language: str = "en") -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, REMOTE_ADDR="127.9.3.1")


def come_in(login: str) -> Client:
    client = browser()
    assert client.post("/desk/login", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def inside(client: Client) -> bool:
    return client.get("/desk/notices").status_code == 200


def switch_on(client: Client) -> tuple[pyotp.TOTP, list[str]]:
    """Do what a person does; returns what the telephone knows then, and the recovery codes."""
    assert client.post("/desk/second-factor", {"verb": "start", "password": PASSWORD}).status_code == 302
    page = client.get("/desk/second-factor").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r"<code class=\"breaks\">([A-Z2-7 ]+)</code>", page)
    assert secret is not None
    phone = pyotp.TOTP(secret[1].replace(" ", ""))
    wrong = client.post("/desk/second-factor", {"verb": "confirm", "code": "000000"})
    assert wrong.status_code == 422
    done = client.post("/desk/second-factor", {"verb": "confirm", "code": phone.now()})
    assert done.status_code == 200
    codes = re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", done.content.decode())
    return phone, codes


def second_step(login: str, code: str) -> tuple[Client, int]:
    client = browser()
    asked = client.post("/desk/login", {"login": login, "password": PASSWORD, "next": "/desk/notices"})
    assert asked["Location"] == "/desk/login/code?next=%2Fdesk%2Fnotices"
    assert not inside(client)
    return client, client.post("/desk/login/code", {"code": code, "next": "/desk/notices"}).status_code


def test_the_code_is_asked_for_after_the_password_and_holds_once() -> None:
    login = login_of()
    with time_machine.travel(START, tick=False) as clock:
        here, other = come_in(login), come_in(login)
        phone, codes = switch_on(here)
        assert inside(here)
        assert not inside(other), "it began without the second factor"
        assert len(set(codes)) == 10
        # The code by which it was confirmed was taken; so is the next one, once it was used.
        assert second_step(login, phone.now())[1] == 422
        clock.shift(timedelta(seconds=30))
        client, status = second_step(login, phone.now())
        assert status == 302
        assert inside(client)
        again, status = second_step(login, phone.now())
        assert status == 422
        assert not inside(again)
        assert "was used before" in text(again.post("/desk/login/code", {"code": phone.now()}))
        assert second_step(login, codes[0])[1] == 302
        assert second_step(login, codes[0])[1] == 422
        assert second_step(login, codes[1].replace("-", " ").upper())[1] == 302


def test_clocks_may_differ_by_one_span_and_no_more() -> None:
    login = login_of()
    with time_machine.travel(START, tick=False) as clock:
        phone, _ = switch_on(come_in(login))
        clock.shift(timedelta(minutes=5))
        now = START + timedelta(minutes=5)
        assert second_step(login, phone.at(now - timedelta(seconds=60)))[1] == 422
        assert second_step(login, phone.at(now + timedelta(seconds=60)))[1] == 422
        assert second_step(login, phone.at(now - timedelta(seconds=30)))[1] == 302
        assert second_step(login, phone.at(now + timedelta(seconds=30)))[1] == 302
        assert second_step(login, phone.at(now))[1] == 422, "earlier than one that was taken"


def test_one_code_at_one_instant_opens_one_door() -> None:
    person = Person.objects.get(login=login_of())
    secondfactor.start(person)
    shown = secondfactor.shown(person)
    assert shown is not None
    SecondFactor.objects.filter(person=person).update(confirmed_at=START)
    code = pyotp.TOTP(shown.secret.replace(" ", "")).now()
    results: list[bool] = []

    def bring() -> None:
        try:
            results.append(secondfactor.check(person, code))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]


def test_guessing_ends_soon_from_wherever_it_comes() -> None:
    login = login_of()
    phone, _ = switch_on(come_in(login))
    codes = []
    client = browser()
    client.post("/desk/login", {"login": login, "password": PASSWORD})
    for n in range(24):
        client.defaults["REMOTE_ADDR"] = f"127.9.4.{n}"
        codes.append(client.post("/desk/login/code", {"code": f"{n:06}"}).status_code)
    assert codes[0] == 422
    assert codes[-1] == 429
    assert client.post("/desk/login/code", {"code": phone.now()}).status_code == 429


def test_nothing_in_the_tables_tells_the_secret_or_a_code(owner_connection: psycopg.Connection) -> None:
    login = login_of()
    phone, codes = switch_on(come_in(login))
    stored = owner_connection.execute("SELECT sealed, key_id FROM registry_secondfactor").fetchall()
    hashes = owner_connection.execute("SELECT hash FROM registry_recoverycode").fetchall()
    assert len(stored) == 1
    assert phone.secret.encode() not in bytes(stored[0][0])
    person = Person.objects.get(login=login)
    plain = codes[0].replace("-", "")
    assert keyed_hash(f"recovery/{person.pk}/{plain}".encode()) in {bytes(row[0]) for row in hashes}
    assert secondfactor.shown(person) is None, "a secret that is confirmed is never shown again"


def test_the_wait_for_the_code_ends_with_time_and_with_another_password() -> None:
    login = login_of()
    with time_machine.travel(START, tick=False) as clock:
        phone, _ = switch_on(come_in(login))
        client = browser()
        client.post("/desk/login", {"login": login, "password": PASSWORD})
        clock.shift(timedelta(minutes=11))
        late = client.post("/desk/login/code", {"code": phone.now()})
        assert late["Location"] == "/desk/login"
        client.post("/desk/login", {"login": login, "password": PASSWORD})
        set_password(login, "quite-another-pass-phrase")
        assert client.post("/desk/login/code", {"code": phone.now()})["Location"] == "/desk/login"
    assert browser().get("/desk/login/code")["Location"] == "/desk/login"


def test_new_recovery_codes_and_switching_off_need_a_code() -> None:
    login = login_of("dispatcher")
    client = come_in(login)
    _, codes = switch_on(client)
    assert client.post("/desk/second-factor", {"verb": "off", "code": "123"}).status_code == 422
    fresh = client.post("/desk/second-factor", {"verb": "codes", "code": codes[0]})
    new = re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", fresh.content.decode())
    assert len(new) == 10
    assert client.post("/desk/second-factor", {"verb": "off", "code": codes[1]}).status_code == 422
    assert client.post("/desk/second-factor", {"verb": "off", "code": new[0]}).status_code == 302
    assert inside(come_in(login))


def test_an_open_session_alone_cannot_switch_it_on() -> None:
    client = come_in(login_of("dispatcher"))
    refused = client.post("/desk/second-factor", {"verb": "start", "password": "guess"})
    assert refused.status_code == 422
    assert "This is not your password" in text(refused)
    assert not SecondFactor.objects.exists()


@pytest.mark.parametrize("setting", ["required", "500101"])
def test_where_it_is_required_an_administrator_does_nothing_without(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setattr(settings, "SECOND_FACTOR_REQUIRED", frozenset({setting}))
    client = come_in(login_of())
    assert client.get("/desk/connections")["Location"] == "/desk/second-factor"
    assert client.get("/api/v1/me").json()["code"] == "second_factor_missing"
    assert "requires it for your post" in text(client.get("/desk/second-factor"))
    switch_on(client)
    assert client.get("/desk/connections").status_code == 200
    assert client.get("/api/v1/me").status_code == 200
    assert inside(come_in(login_of("dispatcher"))), "nobody else is asked"


def test_another_district_requires_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SECOND_FACTOR_REQUIRED", frozenset({"110105"}))
    assert inside(come_in(login_of()))


def test_the_api_asks_for_the_code_too(live_server: str) -> None:
    login = login_of()
    _, codes = switch_on(come_in(login))
    with httpx.Client(base_url=f"{live_server}/api/v1", timeout=30) as client:
        plain = client.post("/session", json={"login": login, "password": PASSWORD})
        assert (plain.status_code, plain.json()["code"]) == (401, "second_factor")
        assert client.get("/me").status_code == 401
        used = client.post("/session", json={"login": login, "password": PASSWORD, "code": "000000"})
        assert used.json()["code"] == "second_factor"
        given = client.post("/session", json={"login": login, "password": PASSWORD, "code": codes[0]})
        assert given.status_code == 201, given.text
        assert client.get("/me").json()["person"]["code"] == login


def test_a_lost_telephone_is_forgotten_on_the_command_line() -> None:
    login = login_of()
    client = come_in(login)
    switch_on(client)
    done = CliRunner().invoke(main, ["password", login, "--forget-second-factor"])
    assert done.exit_code == 0, done.output
    assert "is forgotten" in done.output
    assert not inside(client)
    assert sessions.sessions_of(Person.objects.get(login=login)) == []
    assert inside(come_in(login)), "the password is as it was"
    nobody = CliRunner().invoke(main, ["password", "nobody-here", "--forget-second-factor"])
    assert nobody.exit_code == 1
