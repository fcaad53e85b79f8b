"""M41, evaluation of effectiveness: the committee's office has scorecards of departments and streets for a period, with
their working, as pages and as a file; ranks stay inside the office, and nobody at a post is ranked."""

from __future__ import annotations

import io
import re
import time
from html import unescape
from itertools import pairwise

import pytest
from django.http import HttpResponse
from openpyxl import load_workbook

from desk.conftest import Sit, text
from desk.conftest import sit as sit_at_the_desk
from gewu.evaluation import api
from gewu.evaluation.api import By, Live
from support import district as d
from support.district import district_id

sit = sit_at_the_desk
NOVEMBER = {"month": "2026-11", "as_of": "2026-11-20 12:00"}


@pytest.fixture
def month(db: object) -> None:
    """A case that was answered, and one that waits for its unit still."""
    d.Walk().answered()
    d.Walk(d.START_US + 60_000_000).dispatched()


def test_the_committees_office_reads_scorecards_with_their_working(month: None, sit: Sit) -> None:
    office = sit("comprehensive_office")
    assert d.post("comprehensive_office").unit == "governance-committee-office"
    page = office.get("/desk/figures", **NOVEMBER, of="department").content.decode()
    assert ">Rank<" in page
    assert "illustrative" in page  # weights that nobody published say so
    assert "Sanitation" in page
    sheet = load_workbook(io.BytesIO(office.get("/desk/figures/sheet.xlsx", **NOVEMBER, of="department").content))
    assert any("Sanitation" in str(cell.value) for tab in sheet for row in tab for cell in row)


def test_nobody_at_a_post_is_ranked_and_departments_stay_inside(month: None, sit: Sit) -> None:
    office = sit("comprehensive_office")
    posts = office.get("/desk/figures", **NOVEMBER, of="post").content.decode()
    assert ">Rank<" not in posts
    clerk = sit("unit_clerk", unit="urban-management-bureau")
    assert clerk.get("/desk/figures", **NOVEMBER, of="department").status_code == 403
    public = office.client.get("/results", {"month": "2026-11"}).content.decode()
    assert not re.search(r"Sanitation Section", public.partition("<main")[2])


def test_cards_of_a_month_and_a_quarter_have_period_n_rank_and_the_period_before(month: None, sit: Sit) -> None:
    office = sit("comprehensive_office")
    for period, earlier in (("2026-11", "2026-10"), ("2026-Q4", "2026-Q3")):
        page = office.get("/desk/figures/cards", period=period)
        shown = text(page)
        assert f"Scorecards {period}" in shown
        assert f"Against {earlier}" in shown
        row = next(r for r in rows(page) if "Affairs Centre, Sanitation Section" in r)
        assert row[0] == "1"
        assert row[4] == "–"  # nothing to compare with
        assert row[5] == "2 few"  # two cases, and so marked
    url = next(u for u in re.findall(r'href="([^"]+)"', page.content.decode()) if "group=sanitation-section" in u)
    behind = office.client.get(unescape(url))
    assert behind.status_code == 200
    assert "Sanitation Section" in behind.content.decode()
    streets = text(office.get("/desk/figures/cards", period="2026-11", of="area"))
    assert "Street" in streets
    assert office.get("/desk/figures", month="2026-Q4").status_code == 200


def rows(page: HttpResponse) -> list[list[str]]:
    """The cells of the table, as text."""
    body = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.split(r"<t[hd][ >]", row)[1:] for row in body.split("<tr>")[1:]]
    return [
        [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>|^[^<>]*>", " ", cell))).strip() for cell in row] for row in cells
    ]


def test_points_and_ranks_of_a_card_are_those_of_the_figures(month: None, sit: Sit) -> None:
    office = sit("comprehensive_office")
    page = office.get("/desk/figures/cards", period="2026-11")
    known = api.definitions(district_id())
    formula = known.formulas["department"]
    period = api.month("Asia/Shanghai", 2026, 11)
    terms = [known[term.indicator] for term in formula.terms]
    table = api.evaluate(Live(district_id()), terms, By.UNIT, [period], as_of=int(time.time()))
    scores = {s.group: s for s in api.scores(table, [formula], known.grades, rank=True)}
    shown = [(row[0], row[2]) for row in rows(page)]
    expected = [(str(s.rank) if s.rank else "–", s.text) for g, s in scores.items() if g]
    assert sorted(shown) == sorted(expected)
    book = load_workbook(io.BytesIO(office.get("/desk/figures/cards/sheet", period="2026-11").content))
    cells = [str(cell.value) for tab in book for line in tab for cell in line]
    assert "Affairs Centre, Sanitation Section" in cells
    assert office.get("/desk/figures/cards/sheet", period="2026-Q4", format="pdf").content[:4] == b"%PDF"


def test_a_unit_sees_its_own_card_without_a_rank_and_no_other(month: None, sit: Sit) -> None:
    own = sit("unit_clerk", unit="sanitation-section")
    page = own.get("/desk/figures/cards", period="2026-11", of="area")
    assert page.status_code == 200
    assert len(rows(page)) == 1
    assert "Sanitation Section" in text(page)
    assert ">Rank<" not in page.content.decode()
    assert "/desk/figures/cards/sheet" not in page.content.decode()
    assert own.get("/desk/figures/cards/sheet", period="2026-11").status_code == 403
    other = sit("unit_clerk", unit="urban-management-bureau")
    assert "Sanitation Section" not in text(other.get("/desk/figures/cards", period="2026-11"))
    assert sit("collector").get("/desk/figures/cards").status_code == 403


@pytest.mark.parametrize("period", ["2026", "2026-Q5", "2026-Q0", "2026-13", "1999-Q1", "2026-11-01/2026-11-15", "x"])
def test_what_is_no_period_of_cards_is_said(db: object, sit: Sit, period: str) -> None:
    answer = sit("comprehensive_office").get("/desk/figures/cards", period=period)
    assert answer.status_code == 422
    assert "2026-Q4" in text(answer)


def test_a_quarter_is_its_three_months() -> None:
    for year, number in ((2024, 1), (2025, 2), (2026, 3), (2026, 4)):
        whole = api.quarter("Asia/Shanghai", year, number)
        parts = api.months("Asia/Shanghai", year, number * 3, 3)
        assert (whole.start, whole.end) == (parts[0].start, parts[-1].end)
        assert all(a.end == b.start for a, b in pairwise(parts))
