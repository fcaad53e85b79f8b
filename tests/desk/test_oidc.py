"""Logging in by OpenID Connect: against a provider that keeps to the rules, and one that breaks each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.http import HttpResponse
from django.test import Client
from joserfc.jwk import OctKey, RSAKey

from desk.conftest import text
from gewu.registry.models import Person, SecondFactor
from gewu.surfaces.signin import oidc, secondfactor
from support.district import post
from support.provider import CLIENT, SECRET, FakeProvider


@pytest.fixture
def there(db: object, monkeypatch: pytest.MonkeyPatch, owner_connection: psycopg.Connection) -> Iterator[FakeProvider]:
    """A provider that knows the dispatcher, and an installation that is told of it."""
    owner_connection.execute("TRUNCATE throttle_budget")
    provider = FakeProvider()
    provider.login = post("dispatcher").login
    monkeypatch.setenv("GEWU_OIDC_ISSUER", provider.issuer)
    monkeypatch.setenv("GEWU_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("GEWU_OIDC_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("GEWU_OIDC_NAME", "District ID")
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", "http://127.0.0.1")
    oidc.forget()
    yield provider
    provider.close()
    oidc.forget()


def browser(language: str = "en") -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, REMOTE_ADDR="127.9.5.1")


def there_and_back(client: Client, provider: FakeProvider, target: str = "") -> HttpResponse:
    left = client.get("/desk/login/provider", {"next": target} if target else {})
    assert left.status_code == 302, text(left)
    return client.get(provider.authorise(left["Location"]))


def inside(client: Client) -> bool:
    return client.get("/desk/notices").status_code == 200


def test_the_provider_says_who_it_is_and_the_desk_opens(there: FakeProvider) -> None:
    client = browser()
    page = client.get("/desk/login?next=/desk/papers").content.decode()
    assert "Log in with District ID" in page
    assert 'href="/desk/login/provider?next=%2Fdesk%2Fpapers"' in page
    answer = there_and_back(client, there, "/desk/papers")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/papers")
    assert inside(client)
    assert "通过District" in text(browser("zh-CN").get("/desk/login")).replace(" ", "").replace("\u2009", "")


def test_keys_that_were_changed_meanwhile_are_fetched(there: FakeProvider) -> None:
    assert there_and_back(browser(), there).status_code == 302
    there.key = there.signs_with = RSAKey.generate_key(2048, {"kid": "k2"})
    there.kid = "k2"
    client = browser()
    assert there_and_back(client, there).status_code == 302
    assert inside(client)


def _set(**more: Any) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.update(more)


@pytest.mark.parametrize(
    "change",
    [
        _set(iss="https://elsewhere.example"),
        _set(aud="another-client"),
        _set(aud=[CLIENT, "another-client"], azp="another-client"),
        _set(exp=int(time.time()) - 3600, iat=int(time.time()) - 7200),
        _set(nonce="of another attempt"),
        lambda claims: claims.pop("nonce"),
        lambda claims: claims.pop("exp"),
    ],
    ids=["issuer", "audience", "party", "expired", "nonce", "no nonce", "no end"],
)
def test_a_token_that_is_not_for_us_now_is_refused(
    there: FakeProvider, change: Callable[[dict[str, Any]], None]
) -> None:
    there.change = change
    client = browser()
    answer = there_and_back(client, there)
    assert answer.status_code == 403
    assert "cannot be trusted" in text(answer)
    assert not inside(client)


@pytest.mark.parametrize("how", ["another key", "shared secret", "description"])
def test_a_token_that_somebody_else_signed_is_refused(there: FakeProvider, how: str) -> None:
    client = browser()
    left = client.get("/desk/login/provider")
    if how == "another key":
        there.signs_with = RSAKey.generate_key(2048, {"kid": "k1"})
    elif how == "shared secret":
        there.signs_with, there.algorithm = OctKey.import_key(SECRET * 3), "HS256"
    else:
        there.told_issuer = "https://elsewhere.example"
        oidc.forget()
    answer = client.get(there.authorise(left["Location"]))
    assert answer.status_code == 403
    assert "cannot be trusted" in text(answer)
    assert not inside(client)


def test_a_state_holds_once_and_only_where_it_was_begun(there: FakeProvider) -> None:
    client = browser()
    left = client.get("/desk/login/provider")
    back = there.authorise(left["Location"])
    stranger = browser()
    refused = stranger.get(back)
    assert refused.status_code == 403
    assert "begun elsewhere" in text(refused)
    assert client.get(back).status_code == 302
    client.post("/desk/logout")
    assert client.get(back).status_code == 403
    assert not inside(client)
    assert browser().get("/desk/login/provider/back?code=x").status_code == 403


def test_somebody_whom_nobody_knows_here_is_told_so_and_not_made(there: FakeProvider) -> None:
    there.login = "known-elsewhere"
    count = Person.objects.count()
    answer = there_and_back(browser("zh-CN"), there)
    assert answer.status_code == 403
    assert "本系统没有对应账号" in text(answer)
    assert Person.objects.count() == count
    there.login = post("dispatcher").login
    Person.objects.filter(login=there.login).update(is_active=False)
    try:
        assert there_and_back(browser(), there).status_code == 403
    finally:
        Person.objects.filter(login=there.login).update(is_active=True)


def test_the_claim_is_the_one_that_was_set(there: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEWU_OIDC_CLAIM", "email")
    login = there.login
    there.change = _set(email=login)
    assert there_and_back(browser(), there).status_code == 403, "the provider has not verified it"
    there.change = _set(email=login, email_verified=True, preferred_username="somebody-else")
    assert there_and_back(browser(), there).status_code == 302


def test_a_refusal_there_and_a_provider_that_is_away_are_told(
    there: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    left = client.get("/desk/login/provider")
    state = there.authorise(left["Location"]).partition("state=")[2]
    denied = client.get(f"/desk/login/provider/back?error=access_denied&state={state}")
    assert denied.status_code == 403
    assert "did not confirm" in text(denied)
    oidc.forget()
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", "")
    before = len(there.asked)
    away = client.get("/desk/login/provider")
    assert away.status_code == 502
    assert "does not answer" in text(away)
    assert len(there.asked) == before, "a host that is not on the list is not asked"


def test_whoever_has_a_second_factor_is_asked_for_it_all_the_same(there: FakeProvider) -> None:
    person = Person.objects.get(login=there.login)
    secondfactor.start(person)
    SecondFactor.objects.filter(person=person).update(confirmed_at="2026-01-01T00:00:00Z")
    try:
        client = browser()
        answer = there_and_back(client, there, "/desk/papers")
        assert answer["Location"] == "/desk/login/code?next=%2Fdesk%2Fpapers"
        assert not inside(client)
    finally:
        SecondFactor.objects.filter(person=person).delete()


def test_without_a_provider_there_is_neither_button_nor_address(db: object) -> None:
    assert "/desk/login/provider" not in browser().get("/desk/login").content.decode()
    assert browser().get("/desk/login/provider").status_code == 404
    assert browser().get("/desk/login/provider/back").status_code == 404
