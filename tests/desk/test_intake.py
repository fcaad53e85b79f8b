"""Intake in one screen, and found-and-fixed in one step: what is wrong is said, what was typed is kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from desk.conftest import Seat, Sit, forms, jpeg, text
from support.district import POINT

LON, LAT = (str(x) for x in POINT)


def intake(**more: Any) -> dict[str, Any]:
    return {
        "command_id": str(uuid4()),
        "source": "phone",
        "description": "路面有大片油污",
        "category": "道路不洁（事件 06012）",
        "lon": LON,
        "lat": LAT,
        "datum": "wgs84",
        **more,
    }


@pytest.fixture
def officer(sit: Sit) -> Seat:
    return sit("intake_officer")


def test_one_post_makes_a_case_and_shows_its_number_large(officer: Seat) -> None:
    answer = officer.send("/desk/intake", **intake(reporter_phone="13812345678", photo_scene=jpeg()))
    assert answer.status_code == 302, text(answer)
    done = officer.client.get(answer["Location"])
    number = answer["Location"].split("/")[3]
    assert f'class="big-number num">{number}<' in done.content.decode()
    assert f'data-copy="{number}"' in done.content.decode()
    assert "Follow code" in text(done)
    case = officer.get(f"/desk/cases/{number}")
    assert "13812345678" not in text(case), "it is shown on asking, for a purpose"
    assert "/thumb" in case.content.decode()


def test_the_same_form_sent_twice_is_one_case(officer: Seat) -> None:
    form = intake()
    first, second = (officer.send("/desk/intake", **form)["Location"] for _ in range(2))
    assert first == second


def test_an_error_keeps_everything_and_stands_beside_its_field(officer: Seat) -> None:
    answer = officer.send(
        "/desk/intake", **intake(description="", reporter_name="王某", reporter_phone="12", photo_scene=jpeg())
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'id="register_intake-description-error"' in html
    assert "not a telephone number" in text(answer)
    kept = forms(answer)[""]
    assert kept["reporter_name"] == ["王某"]
    assert kept["category"] == ["道路不洁（事件 06012）"]
    assert kept["lon"] == [LON]
    assert len(kept["kept"]) == 1
    again = officer.send("/desk/intake", **intake(kept=kept["kept"][0], command_id=kept["command_id"][0]))
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"lon": "106.5", "lat": "29.5"}, "outside Wanzhou District"),
        ({"lon": LAT, "lat": LON}, "swapped"),
        ({"lon": "here", "lat": "there"}, "two numbers"),
        ({"lon": "nan", "lat": "inf"}, "two numbers"),
        ({"lon": "", "lat": "", "place": ""}, "Say where it is"),
        ({"lon": "", "lat": "", "place": "nowhere at all"}, "Nothing has this name or code"),
    ],
)
def test_a_place_that_is_none_says_why(officer: Seat, place: dict[str, str], words: str) -> None:
    answer = officer.send("/desk/intake", **intake(**place))
    assert answer.status_code == 422
    assert words in text(answer)


def test_a_community_by_name_in_either_language(officer: Seat) -> None:
    for name in ("高笋塘社区", "Gaosuntang Community", "高笋塘街道 高笋塘社区（500101001008）"):
        answer = officer.send("/desk/intake", **intake(lon="", lat="", place=name))
        assert answer.status_code == 302, (name, text(answer))


def test_a_category_by_code_alone_asks_which_kind_is_meant(officer: Seat) -> None:
    answer = officer.send("/desk/intake", **intake(category="01001"))
    assert answer.status_code == 422
    assert "Several fit" in text(answer)
    assert officer.send("/desk/intake", **intake(category="matter 06012")).status_code == 422
    assert officer.send("/desk/intake", **intake(category="06012")).status_code == 302


def test_what_is_around_a_place_is_told_before_it_is_registered(officer: Seat) -> None:
    found = officer.get("/desk/find/around", lon=LON, lat=LAT, datum="wgs84", category="06012")
    page = text(found)
    assert "Shuangxi Community" in page
    assert "synthetic grid" in page
    assert "Affairs Centre, Sanitation Section" in page
    assert "possible standard" in page
    assert "outside Wanzhou" in text(officer.get("/desk/find/around", lon="1", lat="1", datum="wgs84"))


def test_intake_is_for_the_intake_officer(sit: Sit) -> None:
    answer = sit("dispatcher").get("/desk/intake")
    assert answer.status_code == 403
    assert "not for the post" in text(answer)


def test_found_and_fixed_takes_two_photos_in_one_step(sit: Sit) -> None:
    seat = sit("collector", covering="500101001")
    form = intake(standard="matter:06012-1") | {"source": ""}
    form.pop("source")
    alone = seat.send("/desk/spot", **form, photo_before=jpeg())
    assert alone.status_code == 422
    assert "Photos are missing: after handling × 1" in text(alone)
    kept = forms(alone)[""]["kept"][0]
    answer = seat.send("/desk/spot", **form, kept=kept, photo_after=jpeg())
    assert answer.status_code == 302, text(answer)
    assert "fixed on the spot" in text(seat.client.get(answer["Location"]))


def test_a_collector_reports_what_others_have_to_solve(sit: Sit) -> None:
    seat = sit("collector", covering="500101001")
    form = intake()
    form.pop("source")
    answer = seat.send("/desk/found", **form)
    assert answer.status_code == 302, text(answer)
    assert "Collector's round" in text(seat.client.get(answer["Location"]))
