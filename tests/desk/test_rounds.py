"""Rounds at the desk: announced, voted without a script, counted, compared, saved as a sheet; honours."""

from __future__ import annotations

import io
import re

import openpyxl
import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.conftest import Sit, forms, jpeg, text
from gewu.assessments import counting
from support.district import district_id
from support.showcase import Showcase, place_of, streets


@pytest.fixture
def voting(db: object) -> Showcase:
    return Showcase().voting()


def test_the_office_announces_a_round_and_a_street_nominates(sit: Sit) -> None:
    office = sit("comprehensive_office")
    assert "Announce a round" in text(office.get("/desk/rounds"))
    page = office.get("/desk/rounds/new")
    assert 'value="office-gaosuntang"' in page.content.decode()
    plan = Showcase().plan()
    sent = {name: value for name, value in plan.items() if name not in ("streets", "departments")}
    missing = office.send("/desk/rounds/new", **sent)
    assert missing.status_code == 422
    assert plan["nominate_by"] in missing.content.decode(), "what was typed comes back"
    made = office.send("/desk/rounds/new", **sent, streets=list(plan["streets"]), departments=list(plan["departments"]))
    assert made.status_code == 302, text(made)
    url = made["Location"]
    unit = plan["streets"][0]
    street = sit("unit_clerk", unit=unit)
    assert "Nominate a point" in text(street.get(url))
    given = {"title": "望江路社区", "track": "scenery", "place": place_of(unit)}
    answer = street.send(f"{url}/act/nominate", **given)
    assert answer.status_code == 422
    assert "望江路社区" in answer.content.decode()
    answer = street.client.post(f"{url}/act/nominate", {**given, "photo_before": jpeg()})
    assert answer.status_code == 302, text(answer)
    shown = text(street.get(url))
    assert "望江路社区" in shown
    assert "no picture after yet" in shown
    assert "Still missing" in text(office.get(url))
    assert office.send(f"{url}/act/remind").status_code == 302
    assert sit("unit_clerk", unit=streets(8)[7]).get(url).status_code == 404


def test_a_street_votes_and_rates_without_a_script(sit: Sit, voting: Showcase) -> None:
    unit = voting.streets[0]
    street, url = sit("unit_clerk", unit=unit), f"/desk/rounds/{voting.record_id}/vote"
    page = street.get(url)
    able = [no for no in voting.of_track("service") if voting.points[no][1] != unit]
    assert set(re.findall(r'name="place_(\d+)"', page.content.decode())) == {
        str(no) for no, (_, own) in voting.points.items() if own != unit
    }, "one's own is not on the paper"
    for typed, words in (
        ({}, "Nothing is filled in"),
        ({f"place_{able[0]}": "first"}, "whole number"),
        ({f"place_{able[0]}": "0"}, "1 to 999"),
    ):
        wrong = street.send(url, paper="service", **typed)
        assert (wrong.status_code, words in text(wrong)) == (422, True), text(wrong)
    sent = {f"place_{no}": str(1 + i // 2) for i, no in enumerate(able)}
    assert street.send(url, paper="service", **sent).status_code == 302
    again = street.get(url)
    assert "Given. Receipt" in text(again)
    assert (
        f'name="place_{able[1]}" type="number" min="1" max="999" inputmode="numeric" value="1"'
        in again.content.decode()
    )
    marks = {f"mark_quality_{voting.departments[0]}": "5", f"mark_efficiency_{voting.departments[0]}": "4"}
    assert street.send(url, paper="ratings", **marks).status_code == 302
    assert street.send(url, paper="ratings", **{f"mark_quality_{voting.departments[0]}": "9"}).status_code == 422
    # Nobody else is told, on any page.
    for seat in (sit("comprehensive_office"), sit("unit_clerk", unit=voting.streets[1]), sit("assessor")):
        shown = seat.get(f"/desk/rounds/{voting.record_id}")
        assert shown.status_code == 200
        assert "Given. Receipt" not in text(shown)
    assert sit("comprehensive_office").get(url).status_code == 403


def test_the_office_counts_compares_and_saves_a_sheet(
    sit: Sit, voting: Showcase, owner_connection: psycopg.Connection
) -> None:
    voting.all_vote()
    office, url = sit("comprehensive_office"), f"/desk/rounds/{voting.record_id}"
    page = office.get(url)
    form = forms(page)[f"{url}/act/close_voting"]
    done = office.send(f"{url}/act/close_voting", version=form["version"][0], command_id=form["command_id"][0])
    assert done.status_code == 302, text(done)
    shown = text(office.get(url))
    assert "100.00" in shown
    assert "borda-1" in shown
    book = openpyxl.load_workbook(io.BytesIO(office.get(f"{url}/result.xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert [r[1] for r in rows if r[0] == "Bright service"] == ["1", "2", "3", "4", "5"]
    assert "same result" in text(office.get(f"{url}/recount"))
    owner_connection.execute("CREATE TABLE kept AS SELECT * FROM assessments_ballot")
    try:
        owner_connection.execute(
            "DELETE FROM assessments_ballot WHERE district_id = %s AND voter = ANY(%s)",
            [district_id(), list(voting.departments)],
        )
        compared = text(office.get(f"{url}/recount"))
        assert "6 ballots or ratings that were counted are gone" in compared
        assert not counting.recompute(district_id(), voting.record_id).same
    finally:
        owner_connection.execute("DROP TABLE kept")
    street = sit("unit_clerk", unit=voting.streets[0])
    assert street.get(f"{url}/recount").status_code == 403
    assert street.get(f"{url}/looks").status_code == 403
    auditor = sit("assessor")
    assert auditor.send(f"{url}/looks", track="service", words="").status_code == 422
    looked = auditor.send(f"{url}/looks", track="service", words="异议核查")
    assert "异议核查" in text(looked)
    assert looked["Cache-Control"] == "no-store"
    assert "异议核查" in text(office.get(f"{url}/looks"))
    assert office.send(f"{url}/looks", track="service", words="看看").status_code == 422


def test_codes_are_printed_once(sit: Sit, voting: Showcase) -> None:
    office, url = sit("comprehensive_office"), f"/desk/rounds/{voting.record_id}"
    command = forms(office.get(url))[f"{url}/codes"]["command_id"][0]
    page = office.send(f"{url}/codes", number="6", command_id=command)
    codes = re.findall(r'class="rnd-code">([^<]+)<', page.content.decode())
    assert len(codes) == 6
    assert office.send(f"{url}/codes", number="6", command_id=command).status_code == 302
    assert "shown before" in text(office.get(url))
    assert codes[0] not in office.get(url).content.decode()


def test_a_list_of_rounds_is_one_statement(sit: Sit, db: object) -> None:
    for period in ("2026Q1", "2026Q2", "2026Q3"):
        Showcase(period=period).announced()
    seat = sit("comprehensive_office")
    seat.get("/desk/rounds")
    with CaptureQueriesContext(connection) as captured:
        page = seat.get("/desk/rounds")
    assert text(page).index("Q3 2026") < text(page).index("Q2 2026") < text(page).index("Q1 2026")
    own = [q["sql"] for q in captured.captured_queries if "assessments_" in q["sql"]]
    assert len(own) == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_there_in_both_languages(sit: Sit, voting: Showcase, language: str) -> None:
    voting.all_vote().counted().published()
    office = sit("comprehensive_office", language=language)
    url = f"/desk/rounds/{voting.record_id}"
    for path in ("/desk/rounds", "/desk/rounds/ranks", "/desk/rounds/ranks?track=scenery", url, f"{url}/recount",
                 f"{url}/looks", "/desk/honours", "/desk/rounds/new"):  # fmt: skip
        page = office.get(path)
        assert page.status_code == 200, path
        if language != "en":
            assert "Double showcase" not in text(page)
            assert "Ranks over" not in text(page)


def test_an_honour_at_the_desk(sit: Sit) -> None:
    unit = streets()[0]
    street, office = sit("unit_clerk", unit=unit), sit("comprehensive_office")
    given = {
        "class": "finest_family",
        "level": "community",
        "place": place_of(unit),
        "subject": "和睦家庭",
        "deeds": "邻里互助",
    }
    refused = street.send("/desk/honours/new", **given, name="周某")
    assert refused.status_code == 422
    made = street.send("/desk/honours/new", **given, name="周某", agreed="1")
    assert made.status_code == 302, text(made)
    url = made["Location"]
    version = forms(office.get(url))[f"{url}/act/publicise"]["version"][0]
    assert office.send(f"{url}/act/publicise", days="5", version=version).status_code == 302
    assert "周某" in text(office.get(url))
    assert "和睦家庭" in text(street.get("/desk/honours"))
