"""Figures at the desk: every number opens its cases; a person's own figures are nobody else's."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from support import district as d

NOVEMBER = {"month": "2026-11", "as_of": "2026-11-20 12:00"}


def links(page: str) -> dict[str, str]:
    found = re.findall(r'<a href="(/desk/figures/records\?[^"]+)">(\d+)</a>', page)
    return {unescape(url): n for url, n in found}


def test_every_number_opens_as_many_cases(sit) -> None:
    first = d.Walk().answered()
    second = d.Walk(d.START_US + 60_000_000).handling()
    leader = sit("shift_leader")
    page = leader.get("/desk/figures", **NOVEMBER).content.decode()
    assert "Handled in time" in page
    found = links(page)
    assert len(found) > 20
    for url, n in found.items():
        rows = leader.get(url).content.decode()
        numbers = re.findall(r'href="/desk/cases/(\d+)"', rows)
        assert len(numbers) == int(n), url
        assert set(numbers) <= {first.number, second.number}
    one = leader.get("/desk/figures", **NOVEMBER, indicator="dispatched", of="department").content.decode()
    assert "2</a>" in one
    assert "Sanitation" in one


def test_pages_by_area_department_and_post_say_who_is_ranked(sit) -> None:
    d.Walk().answered()
    leader = sit("comprehensive_office")
    departments = leader.get("/desk/figures", **NOVEMBER, of="department").content.decode()
    assert ">Rank<" in departments
    assert "illustrative" in departments
    posts = leader.get("/desk/figures", **NOVEMBER, of="post").content.decode()
    assert ">Rank<" not in posts
    assert "Shift leaders" in posts
    assert not re.search(r"Dispatcher \d", posts.partition("<main")[2]), "no person's post stands among the figures"


def test_who_may_look(sit) -> None:
    walk = d.Walk().answered()
    clerk = sit("unit_clerk", unit=walk.lead)
    assert clerk.get("/desk/figures").status_code == 403
    assert clerk.get("/desk/figures/records", indicator="filed", by="total", period="2026-11").status_code == 403
    assert "Evaluation" not in clerk.get("/desk/").content.decode().partition("<main")[0]
    own = sit("collector", covering=walk.place).get("/desk/figures/own", month="2026-11").content.decode()
    assert "Verified in time" in own
    assert "Filed in time" not in own.partition("<details")[0]


def test_what_cannot_be_understood_is_said(sit) -> None:
    leader = sit("shift_leader")
    for query in ({"month": "2026-13"}, {"month": "soon"}, {"as_of": "yesterday"}):
        answer = leader.get("/desk/figures", **query)
        assert answer.status_code == 422, query
        assert "for example" in answer.content.decode()
    for query in (
        {"indicator": "x", "by": "unit", "period": "2026-11"},
        {"indicator": "filed", "by": "mood", "period": "2026-11"},
        {"indicator": "filed", "by": "unit", "period": "9999-99"},
        {"indicator": "filed", "by": "unit", "period": "2026-11", "after": "1.zz"},
    ):
        assert leader.get("/desk/figures/records", **query).status_code == 404, query
    odd = leader.get("/desk/figures/records", indicator="filed", by="unit", period="2026-11", group="x' OR '1'='1")
    assert odd.status_code == 200
    assert "No case stands here" in odd.content.decode()


def test_files_hold_whole_numbers(sit) -> None:
    d.Walk().answered()
    leader = sit("shift_leader")
    text = leader.get("/desk/figures/sheet.csv", **NOVEMBER, of="department").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    mine = [r for r in rows if r["indicator"] == "handling_rate"]
    handling = {r["group"]: (r["numerator"], r["denominator"], r["value"]) for r in mine}
    assert handling["sanitation-section"] == ("1", "1", "100.0\u202f%")
    book = load_workbook(io.BytesIO(leader.get("/desk/figures/sheet.xlsx", **NOVEMBER, of="department").content))
    sheet = list(book.active.iter_rows(values_only=True))
    assert len(sheet) == len(rows) + 1
    assert leader.get("/desk/figures/sheet.exe", **NOVEMBER).status_code == 404


def test_a_page_of_figures_is_a_few_statements(sit) -> None:
    d.Walk().answered()
    leader = sit("shift_leader")
    leader.get("/desk/figures", **NOVEMBER)
    with CaptureQueriesContext(connection) as seen:
        leader.get("/desk/figures", **NOVEMBER)
    assert len([q for q in seen if "evaluation_" in q["sql"]]) <= 2


def test_in_chinese(sit) -> None:
    d.Walk().answered()
    page = sit("shift_leader", language="zh-Hans").get("/desk/figures", **NOVEMBER).content.decode()
    assert "按期处置率" in page
    for word in ("Counted", "After appeals", "Unanswered", "Definitions", "As of", "Save as"):
        assert word not in page, word


def test_definitions_are_said_in_sentences(sit) -> None:
    """What is counted, in words; nothing of the form in which the file says it."""
    for language, counted in (("en", "Cases that were filed"), ("zh-CN", "已立案")):
        page = sit("shift_leader", language=language).get("/desk/figures", **NOVEMBER, indicator="filed")
        (definition,) = re.findall(r'<div class="ev-definition">.*?</div>', page.content.decode(), re.DOTALL)
        assert counted in unescape(definition)
        assert "_at" not in definition
        assert "{" not in definition
