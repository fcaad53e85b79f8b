"""What strangers read of a month: by street and kind of problem, with n and method; no ranks, departments or people."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gewu.surfaces.public import results
from support.district import START_US, Walk, directory

NOW = datetime(2026, 12, 2, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _on_a_day_in_december(db: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results.timezone, "now", lambda: NOW)


def read(language: str = "en", **query: Any) -> HttpResponse:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language).get("/results", query)


def test_a_month_by_street_and_kind() -> None:
    walk = Walk().answered()
    Walk(START_US + 60_000_000).handling()
    page = read().content.decode()
    assert "n = 2" in page  # the second is overdue by then, so both are judged
    assert "few cases" in page
    assert "How this is counted" in page
    street = directory().places[walk.place[:9]]
    assert street.name_en in page
    for word in (">Rank<", "Grade", "Sanitation", "Dispatcher", "Closed by force", walk.number):
        assert word not in page, word


def test_no_department_is_named() -> None:
    Walk().answered()
    page = read("zh-CN").content.decode()
    assert "办理结果" in page
    assert "按期处置率" in page
    streets = {place.name_zh for place in directory().places.values()}
    for unit in directory().units.values():
        if len(unit.name_zh) > 4 and unit.name_zh not in streets:
            assert unit.name_zh not in page.partition("<main")[2].partition("</main")[0]


def test_streets_stand_in_the_order_of_their_codes() -> None:
    Walk().answered()
    rows = results._streets(directory(), [], results._tables(directory(), _shown(), _november(), NOW_S)[1])
    codes = sorted(p.code for p in directory().places.values() if len(p.code) == 9)
    names = [results._said(results.place_name(directory(), code, results.language())) for code in codes]
    assert [row.name for row in rows] == [name for name in names if name in {row.name for row in rows}]


NOW_S = int(NOW.timestamp())


def _shown() -> list[Any]:
    known = results.api.definitions(directory().district.id)
    return [i for i in known.indicators.values() if i.public]


def _november() -> Any:
    return results.api.month("Asia/Shanghai", 2026, 11)


@pytest.mark.parametrize("month", ["2019-01", "2026-13", "x", "2027-01", "9999-99"])
def test_months_that_are_not_offered(month: str) -> None:
    assert read(month=month).status_code == 404


def test_asked_again_within_the_hour_it_costs_no_statement_on_cases() -> None:
    Walk().answered()
    first = read().content
    with CaptureQueriesContext(connection) as seen:
        assert read().content.count(b"<tr") == first.count(b"<tr")
    assert [q for q in seen if "evaluation_" in q["sql"]] == []
