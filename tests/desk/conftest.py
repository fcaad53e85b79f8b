"""People at the desk, as Django's test client on the real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gewu.registry.entries import PostInfo
from gewu.registry.models import Person
from gewu.surfaces.desk.who import SESSION_POST
from support.district import CODE, directory, picture, post


@dataclass
class Seat:
    """Somebody at a post, with a session."""

    client: Client
    post: str
    person: str

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(path, query)

    def send(self, path: str, **data: Any) -> HttpResponse:
        return self.client.post(path, data)

    def look_for(self, words: str, **filters: Any) -> HttpResponse:
        """Type words in the search box: the case a number leads to, or the list of what was found."""
        answer = self.send("/desk/search", q=words, **filters)
        assert answer.status_code == 302
        return answer if "/cases/" in answer["Location"] else self.client.get(answer["Location"])

    def tenant_statements(self, path: str) -> list[str]:
        """The statements on cases and their ledger that a page makes, beside session and post."""
        self.get(path)  # polygons and playbooks are read once for each process
        with CaptureQueriesContext(connection) as captured:
            response = self.get(path)
        assert response.status_code == 200
        return [q["sql"] for q in captured.captured_queries if "ledger_" in q["sql"] or "cases_" in q["sql"]]


Sit = Callable[..., Seat]


@pytest.fixture
def sit(db: object) -> Sit:
    """``sit(role, unit=..., covering=..., number=..., language=...)``: a person who is logged in at such a post.

    ``away`` asks for a post whose territory does not hold a place.
    """

    def seat(
        role: str, *, unit: str = "", covering: str = "", number: int = 0, language: str = "en", away: str = ""
    ) -> Seat:
        covering = covering or ("" if unit else CODE)
        found = next(posts_away(role, away)) if away else post(role, unit=unit, covering=covering, number=number)
        client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, HTTP_ACCEPT="text/html")
        client.force_login(Person.objects.get(pk=found.person), backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[SESSION_POST] = found.code
        session.save()
        return Seat(client, found.code, str(found.person))

    return seat


def posts_away(role: str, place: str) -> Iterator[PostInfo]:
    """Posts of a role with a territory in which a place does not lie."""
    for found in directory().holders(role):
        if found.prefixes and found.person is not None and not place.startswith(found.prefixes) and not found.areas:
            yield found


class _Form(HTMLParser):
    """Inputs of the forms of a page, by the form's action."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, list[str]]] = {}
        self._at: dict[str, list[str]] | None = None
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "form":
            self._at = self.forms.setdefault(given.get("action", ""), {})
        if self._at is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            ticks = given.get("type") in ("checkbox", "radio")
            values = self._at.setdefault(name, [])
            if not ticks or "checked" in given:
                values.append(given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self._at.setdefault(name, [""])
        elif tag == "select":
            self._select = name
            self._at.setdefault(name, [])
        elif tag == "option" and self._select and "selected" in given:
            self._at[self._select].append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._at is not None and self._area:
            self._at[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._at is not None and self._area:
            self._at[self._area][0] = self._at[self._area][0].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._at = None


def forms(response: HttpResponse) -> dict[str, dict[str, list[str]]]:
    """What the forms of a page hold, by action."""
    parser = _Form()
    parser.feed(response.content.decode())
    return parser.forms


def text(response: HttpResponse) -> str:
    """The page as text, without tags; white space in a row counts once."""
    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append
    parser.feed(response.content.decode())
    return " ".join("".join(parts).split())


def jpeg() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", picture(), content_type="image/jpeg")
