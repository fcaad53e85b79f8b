"""What was solved near me: told by community, paged, and without a word of whoever reported."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gewu.surfaces.public import remembered, solved
from support.district import POINT, Walk, acting, directory


@pytest.fixture
def page(db: object) -> Client:
    remembered.forget()
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_ACCEPT="text/html")


def texts(client: Client, address: str = "/solved") -> list[str]:
    """The lines of the list, as text."""
    body = client.get(address).content.decode()
    return [
        " ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<li[^>]*>\s*<h3>.*?</li>", body, re.S)
    ]


def test_a_solved_case_is_told_by_kind_community_and_days_only(page: Client) -> None:
    assert texts(page) == []
    assert b"Nothing was closed here yet" in page.get("/solved").content
    walk = Walk().closed()
    Walk().checked()
    remembered.forget()
    (line,) = texts(page)
    community = directory().places[walk.place[:12]]
    assert community.name("en") in line
    assert re.search(r"Reported 19 Nov(?: 2026)?, closed 19 Nov(?: 2026)?, after 1 h 20 min", line)
    body = page.get("/solved").content.decode()
    for said in (walk.number, walk.place, "油污", "王某", "13800000000", "108.40", "30.80"):
        assert said not in body
    street = walk.place[:9]
    other = next(p.code for p in directory().places_in(directory().district.code) if p.code != street)
    assert len(texts(page, f"/solved?place={walk.place[:12]}")) == len(texts(page, f"/solved?place={street}")) == 1
    assert texts(page, f"/solved?place={other}") == []
    assert page.get(f"/solved?place={walk.place}").status_code == 404
    assert page.get("/solved?place=junk").status_code == 404


def test_what_the_reporter_says_is_not_solved_is_left_out(page: Client) -> None:
    walk = Walk().answered()
    assert len(texts(page)) == 1
    walk.later(30).move(acting("intake_officer"), "follow_up", args={"solved": "unsolved", "satisfied": "unsatisfied"})
    remembered.forget()
    assert texts(page) == []


def test_it_is_paged_and_asks_little(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        Walk().closed()
    monkeypatch.setattr(solved, "PAGE", 2)
    page.get("/solved")
    remembered.forget()
    with CaptureQueriesContext(connection) as asked:
        body = page.get("/solved").content.decode()
    assert len([one for one in asked if "cases_case" in one["sql"] or "keeping_release" in one["sql"]]) == 2
    (older,) = re.findall(r'href="(\?after=[^"]+)" rel="next"', body)
    assert len(texts(page)) == 2
    assert len(texts(page, f"/solved{older}")) == 1
    assert "Back to the latest" in page.get(f"/solved{older}").content.decode()
    assert len(texts(page, "/solved?after=junk~1")) == 2


def test_a_position_leads_to_its_community_and_stands_in_no_address(page: Client) -> None:
    walk = Walk().closed()
    found = page.post("/solved/here", {"lon": f"{POINT[0]:.3f}", "lat": f"{POINT[1]:.3f}"})
    assert found.headers["Location"] == f"/solved?place={walk.place[:12]}"
    for lon, lat in (("2.35", "48.85"), ("x", "1"), ("nan", "nan"), ("", "")):
        assert page.post("/solved/here", {"lon": lon, "lat": lat}).headers["Location"] == "/solved?outside=1"
    assert "lies outside" in page.get("/solved?outside=1").content.decode()
    assert page.get("/solved/here").status_code == 405


def test_names_lead_to_places(page: Client) -> None:
    name = directory().places[next(iter(directory().places_in(directory().district.code))).code].name_zh
    assert page.get("/solved", {"q": name}).status_code in (200, 302)
    assert "No street or community has this name" in page.get("/solved", {"q": "Atlantis"}).content.decode()
