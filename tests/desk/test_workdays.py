"""Building workdays at the desk: the month, the list, one session, the table, and what does not go."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.conftest import Sit, forms, text
from gewu.ledger import outbox
from gewu.ledger.door import now_us
from support.district import CATEGORY, acting, district_id
from support.occasions import BUREAU, COMMUNITY, DAY, OFFICE, Session, solve


def now() -> Session:
    return Session(at_us=now_us())


def only(response: Any, suffix: str) -> dict[str, list[str]]:
    """The one form whose address ends so."""
    found = [fields for action, fields in forms(response).items() if action.endswith(suffix)]
    assert len(found) == 1, list(forms(response))
    return found[0]


def local(hours: int) -> str:
    at = datetime.now(UTC) + timedelta(hours=8 + hours)
    return f"{at:%Y-%m-%dT%H:%M}"


def held() -> Session:
    """A session that is in session now, with one matter on its table."""
    session = Session(at_us=now_us() - 3 * DAY).scheduled()
    session.opened()
    session.at_us = now_us()
    return session


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_clerk_schedules_a_session_and_finds_it(sit: Sit, language: str) -> None:
    seat = sit("unit_clerk", unit=OFFICE, language=language)
    page = seat.get("/desk/workdays/new")
    assert page.status_code == 200
    given = {
        "command_id": forms(page)[""]["command_id"][0],
        "led_by": "street",
        "leader": "街道主任",
        "unit": forms(page)[""]["unit"][0],
        "place": COMMUNITY,
        "building": "12",
        "where": "12 栋楼下",
        "starts_at": local(48),
        "ends_at": local(50),
    }
    answer = seat.send("/desk/workdays/new", **given)
    assert answer.status_code == 302, text(answer)
    shown = seat.get(answer["Location"])
    assert shown.status_code == 200
    assert "街道主任" in text(shown)
    listed = seat.get("/desk/workdays/sessions")
    assert re.search(r"12\s*栋|building 12", text(listed))
    month = seat.get("/desk/workdays")
    assert month.status_code == 200
    again = seat.send("/desk/workdays/new", **given)
    assert again["Location"] == answer["Location"]  # a second click makes no second session


def test_a_form_with_mistakes_comes_back_as_it_was(sit: Sit) -> None:
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    given = {
        "led_by": "street",
        "leader": "Street director",
        "unit": OFFICE,
        "place": "nowhere",
        "starts_at": local(2),
        "ends_at": local(1),
    }
    answer = seat.send("/desk/workdays/new", **given)
    assert answer.status_code == 422
    assert "Street director" in answer.content.decode()
    answer = seat.send("/desk/workdays/new", **{**given, "place": COMMUNITY})
    assert answer.status_code == 422
    assert "end after it begins" in text(answer)


def test_a_matter_is_added_settled_at_the_table_and_followed(sit: Sit) -> None:
    session = held()
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    url = f"/desk/workdays/{session.record_id}"
    page = seat.get(url)
    added = seat.send(
        f"{url}/collect",
        command_id=only(page, "/collect")["command_id"][0],
        words="Street lamp out",
        category=CATEGORY,
        raised="7",
    )
    assert added.status_code == 302, text(added)
    assert "Street lamp out" in text(seat.get(url))
    table = seat.get(f"{url}/matters/2/case")
    assert table.status_code == 200
    assert "Street lamp out" in table.content.decode()
    form = forms(table)[""]
    given = {
        "command_id": form["command_id"][0],
        "description": "Street lamp out",
        "category": CATEGORY,
        "lead_other": BUREAU,
        "limit_days": "3",
        "tier_proposed": "small",
    }
    answer = seat.send(f"{url}/matters/2/case", **given)
    assert answer.status_code == 302, text(answer)
    shown = text(seat.get(url))
    number = re.search(r"500101\d+", shown)
    assert number
    assert "3 working days" in shown
    # the bureau has it at once, with the session named on the case
    bureau = sit("unit_clerk", unit=BUREAU, language="en")
    case = bureau.get(f"/desk/cases/{number[0]}")
    assert case.status_code == 200
    assert session.number in text(case)
    again = seat.get(f"{url}/matters/2/case")
    assert again.status_code == 302


def test_an_error_at_the_table_keeps_what_was_typed(sit: Sit) -> None:
    session = held()
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    url = f"/desk/workdays/{session.record_id}/matters/1/case"
    answer = seat.send(
        url, description="Lamp", category=CATEGORY, limit_days="0", lead_other=BUREAU, note="before the holiday"
    )
    assert answer.status_code == 422
    assert "before the holiday" in answer.content.decode()
    assert seat.get(f"/desk/workdays/{session.record_id}/matters/9/case").status_code == 404


def test_a_matter_joins_an_open_case_by_its_number(sit: Sit) -> None:
    first = held().settle()
    session = held()
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    table = seat.get(f"/desk/workdays/{session.record_id}/matters/1/case")
    assert first.settled[0].case_number in text(table)  # near by, same category
    url = f"/desk/workdays/{session.record_id}/settle_joined?matter=1"
    answer = seat.send(url, case=first.settled[0].case_number)
    assert answer.status_code == 302, text(answer)
    assert session.view().matters[0].outcome == "joined"
    lost = seat.send(url, case=first.settled[0].case_number)
    assert lost.status_code == 409
    assert "left the table" in text(lost)


def test_moves_are_made_and_refused_with_a_sentence(sit: Sit) -> None:
    session = held()
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    url = f"/desk/workdays/{session.record_id}"
    version = only(seat.get(url), "/adjourn")["version"][0]
    answer = seat.send(f"{url}/adjourn", version=version, summary="One matter")
    assert answer.status_code == 302, text(answer)
    page = text(seat.get(url))
    assert "Matters are on the table still" in page
    stale = seat.send(f"{url}/finish_settling", version="1")
    assert stale.status_code == 409
    assert seat.send(f"{url}/settle_case", version="1").status_code == 404
    answered = seat.send(
        f"{url}/settle_answered?matter=1",
        unit_other=BUREAU,
        unit=BUREAU,
        answer="Repaired this morning",
        solved="building",
    )
    assert answered.status_code == 302, text(answered)
    assert "Repaired this morning" in text(seat.get(url))


def test_numbers_of_the_month_open_their_records(sit: Sit) -> None:
    session = held().settle()
    solve(session.case())
    held()
    seat = sit("comprehensive_office", language="en")
    period = session.view().row.period
    page = seat.get("/desk/workdays", period=period)
    found = dict(re.findall(r"<dt>([^<]+)</dt><dd class=\"num\"><a href=\"([^\"]+)\"", page.content.decode()))
    assert found["Matters raised"]
    raised = seat.get(found["Matters raised"].replace("&amp;", "&"))
    assert raised.content.decode().count('class="reg-number"') == 2
    solved = seat.get(found["Solved"].replace("&amp;", "&"))
    assert solved.content.decode().count('class="reg-number"') == 1
    sessions = seat.get(found["Sessions led by the street"].replace("&amp;", "&"))
    assert sessions.content.decode().count('class="reg-number"') == 2
    year = seat.get("/desk/workdays", period=period[:4])
    assert year.status_code == 200
    assert "wd-year" in year.content.decode()


def test_a_building_of_the_register_is_called_by_its_name(sit: Sit) -> None:
    code = "500101001007B0001"
    session = now().scheduled(building=code)
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    assert "Wangjianglu Community, Building 1" in text(seat.get(f"/desk/workdays/{session.record_id}"))
    assert "Wangjianglu Community, Building 1" in text(seat.get("/desk/workdays/sessions"))
    assert code in seat.get("/desk/workdays/new").content.decode()  # offered while typing


def test_lists_make_few_statements(sit: Sit) -> None:
    session = held().settle()
    seat = sit("comprehensive_office")
    for path in ("/desk/workdays", "/desk/workdays/sessions", "/desk/workdays/matters"):
        found = [s for s in seat.tenant_statements(path) if "ledger_notice" not in s]
        assert len(found) <= 3, found
    assert session.number in text(seat.get("/desk/workdays/sessions"))


def test_sheets_and_lists_are_files(sit: Sit) -> None:
    session = held().settle()
    seat = sit("unit_clerk", unit=OFFICE)
    base = f"/desk/workdays/{session.record_id}/papers"
    for which in ("sign-in", "results"):
        for form, begin in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
            for language in ("zh-hans", "en"):
                answer = seat.get(f"{base}/{which}", format=form, language=language)
                assert answer.status_code == 200
                assert answer.content.startswith(begin)
    assert seat.get(f"{base}/none").status_code == 404
    assert seat.get("/desk/workdays/sheet").content.startswith(b"PK")


def test_who_has_no_part_is_told_so(sit: Sit) -> None:
    session = held()
    away = sit("unit_clerk", unit="office-taibai", language="en")
    assert away.get(f"/desk/workdays/{session.record_id}").status_code == 404
    assert session.number not in text(away.get("/desk/workdays/sessions"))
    worker = sit("worker", language="en")
    assert worker.get("/desk/workdays").status_code == 403
    bureau = sit("unit_clerk", unit=BUREAU, language="en")
    assert bureau.get("/desk/workdays/new").status_code == 403
    assert bureau.get(f"/desk/workdays/{session.record_id}").status_code == 200


def test_bad_filters_are_said(sit: Sit) -> None:
    seat = sit("comprehensive_office", language="en")
    assert seat.get("/desk/workdays", period="2026-13").status_code == 422
    assert seat.get("/desk/workdays/sessions", period="x").status_code == 422
    assert seat.get("/desk/workdays/sessions", after="x").status_code == 422
    assert seat.get("/desk/workdays/matters", after="x").status_code == 422
    assert seat.get("/desk/workdays/sessions", unit="nothing like it").status_code == 422
    assert seat.get("/desk/workdays", type="none").status_code == 200


def test_notices_lead_to_the_session(sit: Sit) -> None:
    session = now().scheduled(who=acting("comprehensive_office"), led_by="leader")
    outbox.deliver(district_id())
    seat = sit("unit_clerk", unit=OFFICE, language="en")
    page = seat.get("/desk/notices")
    assert session.number in text(page)
    assert f"/desk/workdays/{session.record_id}" in page.content.decode()
