"""While somebody calls: who it is, what the words speak of, chat text taken apart, a draft for its writer only."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.conftest import Seat, Sit, forms, jpeg, text
from desk.test_intake import intake
from gewu.cases.queries import get_case
from gewu.surfaces.desk import drafts
from support.district import Walk, acting, district_id

NUMBER = "13812340011"
PAGES = ("/desk/find/caller", "/desk/find/hints", "/desk/find/chat", "/desk/intake/draft", "/desk/intake/draft/open")


@pytest.fixture
def officer(sit: Sit) -> Seat:
    return sit("intake_officer")


def test_a_caller_is_recognised_and_a_case_is_urged_in_one_press(officer: Seat) -> None:
    walk = Walk().intake(reporter_phone=NUMBER, reporter_name="王大明")
    walk.later(5).move(acting("intake_officer"), "send_verify")
    with CaptureQueriesContext(connection) as captured:
        answer = officer.send("/desk/find/caller", tel="138 1234 0011")
    assert sum("cases_" in q["sql"] for q in captured.captured_queries) == 1
    assert walk.number in text(answer)
    assert "gave the name 王**" in text(answer)
    assert "王大明" not in text(answer)
    command = str(uuid4())
    form = {"source": "phone", "description": "怎么还没人来", "urge": walk.number, "command_id": command}
    done = officer.send("/desk/intake", **form)
    assert done.status_code == 302, text(done)
    assert officer.send("/desk/intake", **form)["Location"] == done["Location"], "pressed twice is urged once"
    view = get_case(district_id(), acting("intake_officer"), walk.record_id)
    assert (view.counts["reminders"], view.timeline[-1].kind) == (1, "remind")
    assert (view.timeline[-1].texts or {})["note"] == "怎么还没人来"
    page = text(officer.client.get(done["Location"]))
    assert "Urged" in page
    assert "They are reminded now" in page


def test_a_case_that_cannot_be_urged_says_so_and_keeps_the_words(officer: Seat) -> None:
    walk = Walk().intake(reporter_phone=NUMBER)
    answer = officer.send("/desk/intake", source="phone", description="怎么还没人来", urge=walk.number)
    assert answer.status_code == 422
    assert forms(answer)[""]["description"] == ["怎么还没人来"]
    assert officer.send("/desk/intake", source="phone", description="x", urge="999").status_code == 422


def test_words_bring_categories_with_their_reason_and_places(officer: Seat) -> None:
    answer = officer.send("/desk/find/hints", description="高笋塘广场旁边路灯不亮了", address="")
    html = answer.content.decode()
    assert 'data-take="category" data-value="Street lamp problem (matter 01037)" data-key="1"' in html
    assert "“路灯不亮”" in html
    assert 'data-take="place"' in html
    assert "500101001008" in html
    assert text(officer.send("/desk/find/hints", description="", address="")) == ""


def test_chat_text_comes_back_as_proposals(officer: Seat) -> None:
    given = "[图片]\n张三 14:02\n高笋塘社区门口路灯不亮了\n地点：高笋塘社区3组12号\n电话 13812345678"
    body = officer.send("/desk/find/chat", text=given).json()
    assert {one["name"]: one["value"] for one in body["proposals"]} == {
        "description": "高笋塘社区门口路灯不亮了",
        "reporter_phone": "13812345678",
        "reporter_name": "张三",
        "place": "Gaosuntang Community, Gaosuntang Street (500101001008)",
        "address": "高笋塘社区3组12号",
        "source": "chat",
    }
    assert any("14:02" in note for note in body["notes"])
    assert any("1 photo" in note for note in body["notes"])
    assert officer.send("/desk/find/chat", text="路灯不亮").json() == {"proposals": [], "notes": []}


def test_a_draft_is_opened_by_its_writer_only_and_not_for_ever(officer: Seat, sit: Sit) -> None:
    form = intake(reporter_phone=NUMBER, reporter_name="王大明")
    with CaptureQueriesContext(connection) as captured:
        sealed = officer.send("/desk/intake/draft", **form).json()["sealed"]
    written = [q["sql"] for q in captured.captured_queries if q["sql"].startswith(("INSERT", "UPDATE"))]
    assert all("registry_session" in sql for sql in written), "nothing is stored"
    assert "王" not in sealed
    assert NUMBER not in sealed
    fields = officer.send("/desk/intake/draft/open", sealed=sealed).json()["fields"]
    assert fields["reporter_name"] == "王大明"
    assert fields["command_id"] == form["command_id"], "registered meanwhile, it is registered once"
    other = sit("intake_officer", number=1)
    for wrong in (sealed[:-4], sealed[::-1], "", "x" * 200_000):
        assert officer.send("/desk/intake/draft/open", sealed=wrong).json()["fields"] == {}
    assert other.send("/desk/intake/draft/open", sealed=sealed).json()["fields"] == {}
    assert officer.send("/desk/intake/draft", description="长" * 50_000).status_code == 413
    token = drafts.seal({"a": "b"}, "me", now=1000)
    assert drafts.unseal(token, "me", now=1000 + drafts.HOURS * 3600) == ({"a": "b"}, 1000)
    assert drafts.unseal(token, "me", now=1001 + drafts.HOURS * 3600) is None


def test_who_does_not_take_calls_gets_no_answer(sit: Sit, officer: Seat) -> None:
    for path in PAGES:
        assert sit("dispatcher").send(path, tel=NUMBER).status_code == 403
        assert officer.get(path, tel=NUMBER).status_code == 405


def test_a_number_in_the_address_is_not_read(officer: Seat) -> None:
    """It would stand in the log of every proxy; what follows # is sent to nobody."""
    answer = officer.get("/desk/intake", tel=NUMBER)
    assert forms(answer)[""]["reporter_phone"] == [""]


def test_a_photo_that_is_kept_can_be_left_out(officer: Seat) -> None:
    first = officer.send("/desk/intake", **intake(description="", photo_scene=jpeg()))
    kept = forms(first)[""]["kept"]
    assert len(kept) == 1
    assert 'type="checkbox" name="kept"' in first.content.decode()
    done = officer.send("/desk/intake", **intake())
    assert "/thumb" not in officer.get(f"/desk/cases/{done['Location'].split('/')[3]}").content.decode()


def test_whoever_has_to_log_in_while_registering_is_led_back_to_the_draft(officer: Seat) -> None:
    officer.client.logout()
    answer = officer.send("/desk/intake", **intake())
    assert answer["Location"] == "/desk/login?next=%2Fdesk%2Fintake"
