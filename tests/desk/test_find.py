"""At the desk: the search box, near cases beside an intake and a case, and joining with one click."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from desk.conftest import Seat, Sit, forms, jpeg, text
from gewu.cases import followcodes, services
from gewu.cases.queries import find_by_number, get_case
from support.district import POINT, Walk, acting, district_id

LON, LAT = (str(x) for x in POINT)
HERE = {"lon": LON, "lat": LAT, "datum": "wgs84", "category": "06012"}


def intake(**more: Any) -> dict[str, Any]:
    return {
        "command_id": str(uuid4()), "source": "hotline", "description": "油污把老人滑倒了", "address": "王牌路口",
        **HERE, **more,
    }  # fmt: skip


@pytest.fixture
def officer(sit: Sit) -> Seat:
    return sit("intake_officer")


# ---- the search box


def test_words_find_cases_and_are_marked_where_they_stand(officer: Seat) -> None:
    walk = Walk().intake(description="人行道上的井盖破损，行人差点踩空")
    Walk().intake()
    answer = officer.look_for("井盖破损")
    html = answer.content.decode()
    assert re.findall(r'data-number="(\d+)"', html) == [walk.number]
    assert "人行道上的<mark>井盖破损</mark>，行人" in html
    assert 'value="井盖破损"' in html


def test_what_is_looked_for_stands_in_no_address_and_is_the_posts_alone(officer: Seat, sit: Sit) -> None:
    walk = Walk().intake()
    there = officer.send("/desk/search", q="138 0000 0000", source="phone", place="")["Location"]
    assert there.endswith("&source=phone")
    assert "0000" not in there
    page = text(officer.client.get(there))
    assert walk.number in page
    altered = there.replace("?s=", "?s=AAAA")
    for strange in (altered, "/desk/?s=xyz", "/desk/?s=" + "A" * 5000):
        assert officer.client.get(strange)["Location"] == "/desk/"
    assert sit("dispatcher").client.get(there)["Location"] == "/desk/"
    assert officer.client.get("/desk/?s=*")["Location"] == "/desk/"
    assert officer.send("/desk/search", q="  ")["Location"] == "/desk/"
    assert officer.client.get("/desk/search").status_code == 405


def test_ended_cases_are_found_too_and_filters_hold(officer: Seat) -> None:
    walk = Walk().answered()
    assert walk.number in text(officer.look_for("油污"))
    assert walk.number not in text(officer.look_for("油污", category="matter:09"))


def test_a_number_or_its_end_or_a_telephone_finds_the_case(officer: Seat, sit: Sit) -> None:
    walk = Walk().intake()
    assert officer.look_for(f" {walk.number} ")["Location"] == f"/desk/cases/{walk.number}"
    assert walk.number in text(officer.look_for(walk.number[-5:]))
    assert walk.number in text(officer.look_for("138 0000 0000"))
    assert walk.number not in text(sit("dispatcher").look_for("138 0000 0000"))


def test_nothing_found_says_what_can_be_done(officer: Seat, sit: Sit) -> None:
    assert "Nothing found for “油<b>”" in text(officer.look_for("油<b>")).replace("&lt;", "<").replace("&gt;", ">")
    chinese = text(sit("intake_officer", language="zh-CN").look_for("没有的词"))
    assert "没有找到“没有的词”" in chinese
    assert "后五位" in chinese


def test_found_pages_go_on(officer: Seat) -> None:
    numbers = [Walk().intake(description=f"路灯不亮 {n}").number for n in range(52)]
    first = officer.look_for("路灯").content.decode()
    following = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert following is not None
    second = officer.client.get("/desk/" + following[1].replace("&amp;", "&")).content.decode()
    shown = re.findall(r'data-number="(\d+)"', first) + re.findall(r'data-number="(\d+)"', second)
    assert shown == list(reversed(numbers))


def test_a_search_takes_at_most_three_statements(officer: Seat) -> None:
    for _ in range(12):
        Walk().intake()
    found = officer.tenant_statements(officer.send("/desk/search", q="油污")["Location"])
    assert len(found) <= 3, found


# ---- beside an intake


def test_near_cases_appear_once_the_place_is_known(officer: Seat) -> None:
    walk = Walk().intake()
    page = officer.send("/desk/find/near", **HERE, description="路上有油污")
    html = page.content.decode()
    assert walk.number in html
    assert "same category, at the same place" in text(page)
    assert f'name="join" value="{walk.number}"' in html
    assert text(officer.send("/desk/find/near", category="06012")) == ""
    nothing = officer.send("/desk/find/near", **{**HERE, "lon": "108.3000", "lat": "30.7000"})
    assert text(nothing) == "No open case near by that this could be."


def test_near_cases_are_asked_by_post_for_the_duty_desk(sit: Sit) -> None:
    assert sit("intake_officer").get("/desk/find/near").status_code in (404, 405)
    assert sit("dispatcher").send("/desk/find/near", **HERE).status_code == 403


def test_one_click_joins_with_what_was_typed(officer: Seat) -> None:
    walk = Walk().intake()
    form = intake(join=walk.number, reporter_name="李某", reporter_phone="13911112222", photo_scene=jpeg())
    answer = officer.send("/desk/intake", **form)
    assert answer.status_code == 302, text(answer)
    assert urlsplit(answer["Location"]).path == f"/desk/intake/{walk.number}/done"
    joined = int(parse_qs(urlsplit(answer["Location"]).query)["joined"][0])
    done = officer.client.get(answer["Location"])
    code = followcodes.follow_code(district_id(), walk.record_id, joined)
    assert code in text(done)
    assert walk.follow_code not in text(done)
    assert "Joined to a case that was there" in text(done)
    view = get_case(district_id(), acting("intake_officer"), walk.record_id, private=True)
    entry = view.timeline[-1]
    assert entry.kind == "join"
    assert entry.args == {"source": "hotline", "has_reporter": True}
    assert entry.texts == {
        "description": "油污把老人滑倒了\n王牌路口", "reporter_name": "李某", "reporter_phone": "13911112222",
    }  # fmt: skip
    assert len(entry.photos) == 1
    # The same form again joins nothing more.
    form.pop("photo_scene")
    assert officer.send("/desk/intake", **form)["Location"] == answer["Location"]


def test_joining_what_is_over_keeps_everything_typed(officer: Seat) -> None:
    walk = Walk().answered()
    answer = officer.send("/desk/intake", **intake(join=walk.number, reporter_phone="13911112222"))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "油污把老人滑倒了" in html
    assert "13911112222" in html
    assert "error-summary" in html
    assert forms(answer)[""]["command_id"]
    wrong = officer.send("/desk/intake", **intake(join="50010100000000"))
    assert wrong.status_code == 422
    assert "There is no case 50010100000000" in text(wrong)


def test_closed_ones_are_shown_but_not_to_be_joined(officer: Seat) -> None:
    walk = Walk().answered()
    page = officer.send("/desk/find/near", **HERE)
    assert walk.number in text(page)
    assert "Closed already" in text(page)
    assert f'value="{walk.number}"' not in page.content.decode()


def test_all_sources_of_other_channels_can_be_chosen(officer: Seat) -> None:
    page = officer.get("/desk/intake")
    for source in ("hotline", "city_platform", "platform141", "leader", "transfer"):
        assert f'value="{source}"' in page.content.decode()
    answer = officer.send("/desk/intake", **intake(source="leader"))
    assert answer.status_code == 302, text(answer)
    number = answer["Location"].split("/")[3]
    assert find_by_number(district_id(), number) is not None
    assert "Leader's instruction" in text(officer.get(f"/desk/cases/{number}"))


# ---- beside a case


def test_a_case_shows_its_neighbours_to_merge_into(sit: Sit) -> None:
    one, two = Walk().intake(), Walk().intake()
    seat = sit("dispatcher")
    case = seat.get(f"/desk/cases/{one.number}").content.decode()
    assert f'data-part="/desk/cases/{one.number}/near?part=1"' in case
    part = seat.get(f"/desk/cases/{one.number}/near", part="1").content.decode()
    assert "<html" not in part
    link = re.search(r'href="([^"]+move=merge[^"]+)"', part)
    assert link is not None
    page = seat.client.get(link[1].replace("&amp;", "&").partition("#")[0])
    merge = forms(page)[f"/desk/cases/{one.number}/merge"]
    assert merge["target"] == [two.number]
    assert "<html" in seat.get(f"/desk/cases/{one.number}/near").content.decode()


def test_everybody_at_the_desk_sees_the_neighbours_that_they_may_see(sit: Sit) -> None:
    walk, own, other = Walk().handling(), Walk().handling(), Walk().dispatched("office-shahe")
    street = sit("unit_clerk", unit="office-shahe")
    seat = sit("unit_clerk", unit=walk.lead)
    assert (
        f'data-part="/desk/cases/{walk.number}/near?part=1"' in seat.get(f"/desk/cases/{walk.number}").content.decode()
    )
    part = seat.get(f"/desk/cases/{walk.number}/near", part="1").content.decode()
    assert own.number in part
    assert "move=merge" not in part
    beside = text(street.get(f"/desk/cases/{other.number}/near", part="1"))
    assert walk.number not in beside
    assert street.get(f"/desk/cases/{walk.number}/near").status_code == 404
    outside = sit("collector", covering=walk.place)
    assert "data-part" not in outside.get(f"/desk/cases/{walk.number}").content.decode()


def test_the_codes_of_those_who_joined_are_for_who_answers_them(officer: Seat, sit: Sit) -> None:
    walk = Walk().intake()
    joined = services.join(
        district_id(), acting("intake_officer"), walk.record_id, source="phone", texts={"reporter_phone": "13911112222"}
    )
    assert joined.follow_code in text(officer.get(f"/desk/cases/{walk.number}"))
    assert joined.follow_code not in text(sit("dispatcher").get(f"/desk/cases/{walk.number}"))
    assert "13911112222" not in text(sit("dispatcher").get(f"/desk/cases/{walk.number}"))


def test_a_case_page_stays_within_eight_statements(sit: Sit) -> None:
    walk = Walk().handling()
    assert len(sit("dispatcher").tenant_statements(f"/desk/cases/{walk.number}")) <= 8
