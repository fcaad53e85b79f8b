"""Logging in: clear errors, one post or a choice, and demonstration logins only on a demonstration."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from gewu.home import instance
from gewu.home.layout import Home
from gewu.registry.models import Person, Post
from gewu.registry.people import set_password
from support.district import directory, post

PASSWORD = "a-password-for-tests"


def visitor(language: str = "en") -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, REMOTE_ADDR="127.9.1.1")


def login_of(role: str) -> str:
    return post(role).login


def test_the_right_password_leads_where_one_wanted_to_go(db: object) -> None:
    login = login_of("dispatcher")
    set_password(login, PASSWORD)
    client = visitor()
    asked = client.get("/desk/notices")
    assert asked.status_code == 302
    assert asked["Location"] == "/desk/login?next=%2Fdesk%2Fnotices"
    answer = client.post("/desk/login", {"login": login, "password": PASSWORD, "next": "/desk/notices"})
    assert answer.status_code == 302
    assert answer["Location"] == "/desk/notices"
    assert client.get("/desk/notices").status_code == 200


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "/desk/logout"])
def test_a_foreign_target_is_not_followed(db: object, target: str) -> None:
    login = login_of("dispatcher")
    set_password(login, PASSWORD)
    answer = visitor().post("/desk/login", {"login": login, "password": PASSWORD, "next": target})
    assert answer["Location"] == "/desk/"


@pytest.mark.parametrize(("language", "words"), [("en", "Login or password is wrong"), ("zh-CN", "账号或密码有误")])
def test_a_wrong_password_says_so_and_keeps_the_login(db: object, language: str, words: str) -> None:
    answer = visitor(language).post("/desk/login", {"login": "nobody-here", "password": "wrong"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="nobody-here"' in page
    assert "wrong<" not in page


def test_guessing_is_slowed_down(db: object) -> None:
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR="127.9.1.77")
    codes = [client.post("/desk/login", {"login": "guessed-login", "password": str(n)}).status_code for n in range(12)]
    assert codes[0] == 422
    assert codes[-1] == 429


def test_somebody_with_two_posts_chooses(fresh_db: object) -> None:
    first = post("dispatcher")
    second = next(p for p in directory().holders("intake_officer"))
    person = Person.objects.get(pk=first.person)
    Post.objects.filter(code=second.code).update(person=person)
    set_password(first.login, PASSWORD)
    client = visitor()
    answer = client.post("/desk/login", {"login": first.login, "password": PASSWORD})
    assert answer["Location"] == "/desk/post"
    choice = client.get("/desk/post").content.decode()
    assert first.name_en in choice
    assert second.name_en in choice
    assert client.post("/desk/post", {"post": "not-mine"}).status_code == 422
    assert client.post("/desk/post", {"post": second.code})["Location"] == "/desk/"
    assert client.get("/desk/intake").status_code == 200


def test_demonstration_logins_are_listed_only_on_a_demonstration(
    db: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Homes of its own: other tests make a demonstration of the one that they share.
    monkeypatch.setenv("GEWU_HOME", str(tmp_path / "plain"))
    assert "demonstration" not in visitor().get("/desk/login").content.decode()
    login = login_of("dispatcher")
    monkeypatch.setenv("GEWU_HOME", str(tmp_path / "demo"))
    home = Home.current()
    home.path.mkdir(mode=0o700)
    instance.update(home, lambda found: found.demo_passwords.update({login: "shown-on-the-page"}))
    page = visitor().get("/desk/login").content.decode()
    assert "demonstration" in page
    assert "shown-on-the-page" in page
    assert login in page


def test_after_logging_out_nothing_is_shown(db: object) -> None:
    login = login_of("dispatcher")
    set_password(login, PASSWORD)
    client = visitor()
    client.post("/desk/login", {"login": login, "password": PASSWORD})
    assert client.get("/desk/logout").status_code == 405
    client.post("/desk/logout")
    assert client.get("/desk/").status_code == 302
