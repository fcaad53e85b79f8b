"""The cockpit: every figure opens as many cases as it says, each post counts its own territory, and nobody is named."""

from __future__ import annotations

import io
import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from PIL import Image

from gewu.evaluation.recurrence import refresh_recurrence
from gewu.ledger.door import now_us
from gewu.surfaces.cockpit import draw
from gewu.surfaces.cockpit.counted import counted
from gewu.surfaces.cockpit.draw import Bar, Line
from gewu.surfaces.cockpit.heat import steps
from support import district as d

HOUR = 3_600_000_000
DAY = 24 * HOUR
TAIBAI = "500101017"
CARDS = ("late", "stages", "flow", "areas", "units", "kinds", "heat", "again")


@pytest.fixture
def busy(db: object) -> list[d.Walk]:
    """Cases of the last days: one done, one that came again, one that a unit keeps too long, one that no unit has."""
    now = now_us()
    done = d.Walk(at_us=now - 25 * DAY).answered()
    late = d.Walk(at_us=now - 20 * DAY).handling()
    waiting = d.Walk(at_us=now - 5 * HOUR).filed()
    refresh_recurrence(d.district_id())
    return [done, late, waiting]


def office(street: str) -> str:
    """The unit through whose posts the governance centre of a street works."""
    units = d.directory().units.values()
    return next(u.parent for u in units if u.kind == "governance_centre" and u.place == street)


def figures_of(page: str) -> dict[str, set[int]]:
    """Addresses of the records behind the numbers of a page, with the numbers."""
    found: dict[str, set[int]] = {}
    for url, n in re.findall(r'<a href="([^"]+)" data-n="(\d+)">', page):
        found.setdefault(unescape(url), set()).add(int(n))
    return found


def behind(seat: object, url: str) -> list[str]:
    """The numbers of all cases behind an address, page by page."""
    numbers: list[str] = []
    while url:
        answer = seat.get(url)  # type: ignore[attr-defined]
        assert answer.status_code == 200, url
        page = answer.content.decode()
        numbers += re.findall(r'href="/desk/cases/(\d+)"', page)
        after = re.search(r'<a href="(\?[^"]+)" rel="next"', page)
        url = f"/cockpit/records{unescape(after[1])}" if after else ""
    return numbers


def month_of(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")


def months() -> set[str]:
    return {month_of(now_us() - ago) for ago in (0, 5 * HOUR, 20 * DAY, 25 * DAY)}


def test_every_figure_opens_as_many_cases(sit, busy, monkeypatch) -> None:
    monkeypatch.setattr("gewu.surfaces.cockpit.records.PAGE", 2)
    leader = sit("comprehensive_office")
    known = {walk.number for walk in busy}
    seen = 0
    for month in months():
        page = leader.get("/cockpit/", month=month).content.decode()
        found = figures_of(page)
        for url, counts in found.items():
            numbers = behind(leader, url)
            assert counts == {len(numbers)}, url
            assert set(numbers) <= known, url
        seen += sum(n for counts in found.values() for n in counts)
        drawn = {unescape(url) for url in re.findall(r'<a href="([^"]+)" tabindex="-1">', page)}
        assert drawn <= set(found), "what a chart opens stands in its table too"
    assert seen > 40


def test_what_is_late_stands_with_its_holder_the_oldest_first(sit, busy) -> None:
    page = sit("comprehensive_office").get("/cockpit/").content.decode()
    card = page.partition('id="card-late"')[2].partition("</section>")[0]
    rows = re.findall(r'<th scope="row">([^<]+)</th>', card)
    assert rows == ["Affairs Centre, Sanitation Section", "Filed · Dispatcher"]
    over = [int(n) for n in re.findall(r"<td[^>]*>(\d+)\sd over", card)]
    assert len(over) == 1
    assert 5 < over[0] < 20


def test_a_problem_that_came_again_is_counted_where_it_came(sit, busy) -> None:
    page = sit("comprehensive_office").get("/cockpit/", month=month_of(now_us() - 5 * HOUR)).content.decode()
    card = page.partition('id="card-again"')[2].partition("</section>")[0]
    assert "Came again" in card
    found = figures_of(card)
    assert found
    numbers = {number for url in found for number in behind(sit("comprehensive_office"), url)}
    assert busy[0].number not in numbers


def test_who_may_look_and_at_what(sit, busy) -> None:
    for role in ("shift_leader", "dispatcher", "assessor", "area_contact_office", "administrator"):
        seat = sit(role)
        assert seat.get("/cockpit/").status_code == 200, role
        assert ">Cockpit<" in seat.get("/desk/").content.decode().partition("<main")[0]
    for refused in (
        sit("unit_clerk", unit=busy[1].lead),
        sit("collector", covering=busy[1].place),
        sit("intake_officer"),
    ):
        assert ">Cockpit<" not in refused.get("/desk/").content.decode().partition("<main")[0]
        for path in (
            "/cockpit/",
            "/cockpit/wall",
            "/cockpit/records?what=late",
            "/cockpit/late.png",
            "/cockpit/late.xlsx",
        ):
            assert refused.get(path).status_code == 403, path


def test_the_centre_of_a_street_counts_its_own_territory_only(sit, busy) -> None:
    here = busy[1].place[:9]
    own, other = sit("unit_clerk", unit=office(here)), sit("unit_clerk", unit="office-taibai")
    assert here != TAIBAI
    open_now = re.compile(r"<dt>Open now</dt><dd><a [^>]*>(\d+)</a>")
    for path in ("/cockpit/", "/cockpit/wall"):
        assert open_now.search(own.get(path).content.decode())[1] == "2"
        page = other.get(path).content.decode()
        assert open_now.search(page)[1] == "0"
        assert {n for counts in figures_of(page).values() for n in counts} == {0}
    assert other.get("/cockpit/", street=here).status_code == 422
    for what in ("standing", "late", "again"):
        assert behind(other, f"/cockpit/records?what={what}") == []
        assert other.get("/cockpit/records", what=what, street=here).status_code == 404
    asked = {
        "what": "figure",
        "indicator": "cockpit_reported",
        "part": "numerator",
        "by": "grid",
        "group": busy[1].place,
    }
    for month in months():
        assert not re.findall("/desk/cases/", other.get("/cockpit/records", **asked, month=month).content.decode())
    offered = other.get("/cockpit/").content.decode()
    assert here not in offered
    assert TAIBAI in offered


def test_a_street_can_be_chosen(sit, busy) -> None:
    leader = sit("comprehensive_office")
    open_now = re.compile(r"<dt>Open now</dt><dd><a [^>]*>(\d+)</a>")
    here = leader.get("/cockpit/", street=busy[1].place[:9]).content.decode()
    assert open_now.search(here)[1] == "2"
    assert "Communities: in time" in here
    for url, counts in figures_of(here).items():
        assert counts == {len(behind(leader, url))}, url
    there = leader.get("/cockpit/", street=TAIBAI).content.decode()
    assert open_now.search(there)[1] == "0"
    assert "Nothing is late." in there
    assert leader.get("/cockpit/", month="2026-13").status_code == 422
    assert leader.get("/cockpit/", month="2999-01").status_code == 422


def test_counted_once_a_minute_in_eight_statements(sit, busy, monkeypatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("gewu.surfaces.public.remembered.now", lambda: clock[0])
    leader, assessor = sit("comprehensive_office"), sit("assessor")
    leader.get("/cockpit/", street=TAIBAI)  # polygons and definitions are read once for each process

    def statements(seat: object) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert seat.get("/cockpit/").status_code == 200  # type: ignore[attr-defined]
        rooms = ("evaluation_", "cases_", "ledger_record", "ledger_clock")
        asked = [q["sql"] for q in seen if "ledger_notice" not in q["sql"]]
        return len([sql for sql in asked if any(room in sql for room in rooms)])

    assert statements(leader) == 8
    clock[0] = 59.0
    assert statements(leader) == statements(assessor) == 0
    clock[0] = 60.0
    assert statements(assessor) == 8
    url = next(iter(figures_of(leader.get("/cockpit/").content.decode())))
    with CaptureQueriesContext(connection) as seen:
        leader.get(url)
    listed = [q["sql"] for q in seen if "ledger_notice" not in q["sql"]]
    assert len([sql for sql in listed if "cases_case" in sql or "evaluation_fact" in sql]) == 1


def test_nobody_is_named(sit, busy) -> None:
    leader = sit("comprehensive_office", language="zh-Hans")
    pages = [
        leader.get(path).content.decode() for path in ("/cockpit/", "/cockpit/wall", "/cockpit/records?what=standing")
    ]
    people = {p.name_zh for role in ("collector", "unit_clerk", "dispatcher") for p in d.directory().holders(role)}
    for page in pages:
        main = page.partition("<main")[2]
        assert "王某" not in main
        assert "13800000000" not in main
        assert not [name for name in people if name in main]


def test_pictures_and_sheets_hold_the_same_numbers(sit, busy) -> None:
    leader = sit("comprehensive_office")
    for card in CARDS:
        sheet = leader.get(f"/cockpit/{card}.xlsx")
        rows = list(load_workbook(io.BytesIO(sheet.content)).active.iter_rows(values_only=True))
        assert len(rows) > 4, card
        if card == "stages":
            numbers = {row[0]: row[1] for row in rows[5:]}
            assert numbers["3 Dispatch"] == 1
            assert numbers["4 Handling"] == 1
            assert sum(numbers.values()) == 2
        picture = leader.get(f"/cockpit/{card}.png")
        if picture.status_code == 404:
            assert card in ("areas", "units", "kinds", "heat", "again"), (
                "what has no number of this month has no picture"
            )
            continue
        image = Image.open(io.BytesIO(picture.content))
        assert image.format == "PNG"
        assert image.width == 3 * (draw.WIDTH + 40)
        assert len(image.getcolors(maxcolors=1_000_000) or range(9)) > 8
    assert leader.get("/cockpit/late.png").status_code == 200
    assert leader.get("/cockpit/mood.png").status_code == 404
    assert leader.get("/cockpit/mood.xlsx").status_code == 404


def test_addresses_that_no_page_wrote(sit, busy) -> None:
    leader = sit("comprehensive_office")
    for query in (
        {"what": "mood"},
        {"what": "figure"},
        {"what": "figure", "indicator": "filed", "by": "mood", "part": "rest"},
        {"what": "standing", "after": "x.y"},
        {"what": "standing", "after": "999999999999999999.01970000-0000-7000-8000-000000000000"},
        {"what": "late", "as_of": "yesterday"},
        {"what": "again", "place": "x' OR '1'='1", "category": ""},
    ):
        assert leader.get("/cockpit/records", **query).status_code == 404, query


def test_in_chinese(sit, busy) -> None:
    page = sit("comprehensive_office", language="zh-Hans").get("/cockpit/").content.decode().partition("<main")[2]
    for word in ("超时件在谁手里", "信息收集", "按期处置率", "上报", "镇街"):
        assert word in page, word
    said = re.sub(r'="[^"]*"', "", page)  # addresses speak English
    for word in ("Late", "Reported", "Open now", "As a table", "Show", "unanswered"):
        assert word not in said, word


def test_the_memory_is_by_territory(sit, busy) -> None:
    """What the district counts is not what a street is shown, nor the other way round."""
    assert counted.__module__ == "gewu.surfaces.cockpit.counted"
    leader, street = sit("comprehensive_office"), sit("unit_clerk", unit="office-taibai")
    for seat, n in ((leader, "2"), (street, "0"), (leader, "2")):
        assert re.search(rf"<dt>Open now</dt><dd><a [^>]*>{n}</a>", seat.get("/cockpit/").content.decode())


# ---- drawings


def test_bars_begin_at_nought_and_say_their_values() -> None:
    drawn = draw.bars([Bar("A", 10, "10"), Bar("<b>", 5, "5", "/x?a=1&b=2"), Bar("C", 0, "0")])
    widths = [float(w) for w in re.findall(r'y="[\d.]+" width="([\d.]+)" height="9.0" rx="1" class="c-accent"', drawn)]
    assert widths == [draw.WIDTH, draw.WIDTH / 2, 0]
    assert "<b>" not in drawn
    assert "&lt;b&gt;" in drawn
    assert 'href="/x?a=1&amp;b=2"' in drawn
    assert "style=" not in drawn, "the content security policy allows no styles in elements"


def test_lines_begin_at_nought_and_their_names_do_not_lie_on_one_another() -> None:
    points = [(n, str(n), "") for n in (0, 3, 7, 0)]
    drawn = draw.lines(["a", "", "", "d"], [Line("In", points, "accent"), Line("Out", points, "ink-2", dashed=True)])
    names = {said: float(y) for y, said in re.findall(r'y="([\d.]+)" [^>]*font-weight="600">([^<]+)<', drawn)}
    assert abs(names["In"] - names["Out"]) >= 17
    assert ">8<" in drawn
    assert ">0<" in drawn
    assert draw.lines([""], [Line("In", [(0, "0", "")], "accent")]).startswith("<svg")


def test_names_that_do_not_fit_are_cut() -> None:
    assert draw.cut("短", 40) == "短"
    cut = draw.cut("万州区公安局交巡警支队联合执法大队", 100)
    assert cut.endswith("…")
    assert draw.wide(cut) <= 100


@pytest.mark.parametrize(
    ("most", "bounds"), [(0, []), (1, [1]), (3, [1, 2, 3]), (5, [1, 2, 3, 4, 5]), (17, [1, 5, 9, 13, 17])]
)
def test_shades_have_whole_bounds(most: int, bounds: list[int]) -> None:
    assert steps(most) == bounds
