"""What every answer carries, and the slim path for programs with a token."""

from __future__ import annotations

import sys
import types

import pytest
from django.http import HttpRequest, JsonResponse
from django.test import Client, override_settings
from django.urls import path

_URLS = types.ModuleType("urls_of_the_request_tests")


def _tell(request: HttpRequest) -> JsonResponse:
    return JsonResponse({name: hasattr(request, name) for name in ("session", "user", "_messages")})


def _fail(_request: HttpRequest) -> JsonResponse:
    raise RuntimeError("a secret of the inside")


_URLS.urlpatterns = [path("api/v1/tell", _tell), path("tell", _tell), path("api/fail", _fail), path("fail", _fail)]
_URLS.handler500 = "gewu.home.errorpages.server_error"
sys.modules[_URLS.__name__] = _URLS


@pytest.fixture
def client() -> Client:
    with override_settings(ROOT_URLCONF=_URLS.__name__, ALLOWED_HOSTS=["testserver"]):
        yield Client(enforce_csrf_checks=True, raise_request_exception=False)


def test_a_token_skips_session_user_and_csrf(client: Client) -> None:
    answer = client.post("/api/v1/tell", headers={"Authorization": "Bearer abc"})
    assert answer.json() == {"session": False, "user": False, "_messages": False}
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.cookies


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/api/v1/tell", {}),
        ("/api/v1/tell", {"Authorization": "Basic abc"}),
        ("/tell", {"Authorization": "Bearer abc"}),  # only the API knows tokens
    ],
)
def test_everything_else_keeps_its_csrf_check(client: Client, address: str, headers: dict[str, str]) -> None:
    assert client.get(address, headers=headers).json() == {"session": True, "user": True, "_messages": True}
    refused = client.post(address, headers=headers)
    assert refused.status_code == 403


def test_every_answer_is_closed_to_other_sites(client: Client) -> None:
    for address in ("/tell", "/api/v1/tell", "/nowhere"):
        headers = client.get(address).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_fault_tells_nothing_about_the_inside(client: Client) -> None:
    problem = client.get("/api/fail")
    assert problem.status_code == 500
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["status"] == 500
    page = client.get("/fail", headers={"Accept": "text/html"})
    assert page.status_code == 500
    for answer in (problem, page):
        assert b"secret" not in answer.content


def test_static_files_come_from_the_application_itself(client: Client) -> None:
    answer = client.get("/static/look/look.js")
    assert answer.status_code == 200
    assert b"window.gewu" in b"".join(answer.streaming_content)
    answer.close()
    assert "javascript" in answer.headers["Content-Type"]
