"""A client of the Open311 endpoint of the live server, and the key of a post at the duty desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import psycopg
import pytest

from gewu.registry.models import Post
from gewu.registry.people import issue_token
from support.district import POINT, district_id, post

LON, LAT = POINT
WORDS = "人行道上的井盖破损，行人差点踩空。"
LISTS = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}


def key(role: str = "intake_officer") -> str:
    """A token of a post with this role."""
    found = Post.objects.get(district_id=district_id(), code=post(role, covering="500101").code)
    return issue_token(found, "open311 test", datetime.now(UTC) + timedelta(days=1))


def mapped(text: bytes) -> tuple[str, Any]:
    """The root's name, and the values of XML as JSON has them; scalars are text, nothing is None."""
    root = ElementTree.fromstring(text)
    return root.tag, _value(root)


def _value(element: ElementTree.Element) -> Any:
    if element.tag in LISTS:
        assert {child.tag for child in element} <= {LISTS[element.tag]}
        return [_value(child) for child in element]
    if len(element):
        assert len({child.tag for child in element}) == len(element), "an element stands twice"
        return {child.tag: _value(child) for child in element}
    return element.text


def texts(value: Any) -> Any:
    """Values of JSON as XML has them."""
    if isinstance(value, dict):
        return {name: texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or value == "" else str(value)


@dataclass
class Open311:
    """The endpoint as an application sees it."""

    http: httpx.Client
    api_key: str

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params)

    def json(self, path: str, **params: Any) -> Any:
        answer = self.http.get(f"{path}.json", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self, path: str = "requests.json", *, headers: Any = None, files: Any = None, **form: Any
    ) -> httpx.Response:
        sent = {"api_key": self.api_key, "service_code": "matter-06012", "description": WORDS, "lat": LAT, "long": LON}
        sent |= form
        sent = {name: value for name, value in sent.items() if value is not None}
        return self.http.post(path, data=sent, headers=headers, files=files)

    def file(self, **form: Any) -> str:
        """The number of a new request."""
        answer = self.post(**form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["service_request_id"])


@pytest.fixture
def open311(live_server: str, owner_connection: psycopg.Connection) -> Iterator[Open311]:
    """A client that has asked nothing yet."""
    owner_connection.execute("TRUNCATE throttle_budget")
    with httpx.Client(base_url=f"{live_server}/open311/v2", timeout=30) as http:
        yield Open311(http, key())
