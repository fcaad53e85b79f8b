"""M41, evaluation of effectiveness: the committee's office has scorecards of departments and streets for a period, with
their working, as pages and as a file; ranks stay inside the office, and nobody at a post is ranked."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook

from desk.conftest import Sit
from desk.conftest import sit as sit_at_the_desk
from support import district as d

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
