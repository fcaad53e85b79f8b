"""What anybody sees of rounds and honours, and the page on which delegates vote with a code."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from gewu.assessments import services
from gewu.assessments.queries.points import points_of
from gewu.assessments.queries.rounds import turnout
from gewu.assessments.services import Filled
from gewu.ledger.door import now_us
from support.district import directory, district_id
from support.pages import Page
from support.showcase import DAY, Showcase, clerk, office, place_of, streets


@pytest.fixture
def visitor(db: object) -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_ACCEPT="text/html")


def body(response: Page) -> str:
    return response.content.decode()


def test_a_published_round_shows_the_upper_half_and_released_photos(visitor: Client) -> None:
    assert "No round has been published yet" in body(visitor.get("/showcase"))
    one = Showcase().announced()
    titles = {}
    for n, unit in enumerate(one.streets):
        for track in ("service", "scenery"):
            number = one.nominate(unit, track, title=f"点位{track}{n}")
            one.built(number)
            titles[number] = f"点位{track}{n}"
    one.toured().opened().all_vote().counted()
    assert "点位service0" not in body(visitor.get("/showcase")), "not before it is published"
    photos = {p.role: p.id for p in points_of(district_id(), one.record_id)[0].photos}
    one.move(office(), "release_photo", args={"photo": str(photos["after"]), "looked": True})
    assert visitor.get(f"/showcase/photo/{photos['after']}").status_code == 404, "not before it is published"
    one.published()
    page = body(visitor.get("/showcase"))
    ranked = re.findall(r'show-rank num">(\d+)</strong> <strong>([^<]+)<', page)
    first = [titles[no] for no in one.of_track("service")]
    # Everybody ranked by number; of five the upper three have a rank, the others stand in the order of nomination.
    assert [(r, t) for r, t in ranked if "service" in t] == [("1", first[0]), ("2", first[1]), ("3", first[2])]
    assert first[4] in page
    assert "borda-1" in page
    for code in one.departments:
        assert directory().units[code].name("en") not in page
    assert visitor.get(f"/showcase/photo/{photos['after']}")["Content-Type"] == "image/jpeg"
    assert visitor.get(f"/showcase/photo/{photos['before']}").status_code == 404, "nobody released it"
    one.move(office(), "withdraw_photo", args={"photo": str(photos["after"])})
    assert visitor.get(f"/showcase/photo/{photos['after']}").status_code == 404
    assert visitor.get(f"/showcase/photo/{UUID(int=7)}").status_code == 404
    assert visitor.get("/showcase?period=1999Q1").status_code == 404
    assert visitor.get("/showcase", HTTP_ACCEPT_LANGUAGE="zh-hans").status_code == 200


def test_a_photo_is_released_by_somebody_who_looked(visitor: Client) -> None:
    from gewu.ledger.errors import Refused

    one = Showcase().voting().all_vote().counted()
    photo = points_of(district_id(), one.record_id)[0].photos[0].id
    for args in ({"photo": str(photo)}, {"photo": str(UUID(int=1)), "looked": True}):
        with pytest.raises(Refused):
            one.move(office(), "release_photo", args=args)
    with pytest.raises(Refused):
        one.move(clerk(one.streets[0]), "release_photo", args={"photo": str(photo), "looked": True})


def test_a_delegate_votes_with_a_code(visitor: Client) -> None:
    one = Showcase().announced().nominated().toured()
    codes = services.issue_codes(district_id(), office(), one.record_id, 6)
    version = services.stands(district_id(), office(), one.record_id).version
    one.move(office(), "open_voting", version=version, args={"vote_by": one.day(5)})
    assert 'name="code"' in body(visitor.get("/vote"))
    wrong = visitor.post("/vote", {"code": "2222-2222-2222"})
    assert (wrong.status_code, "not known" in body(wrong)) == (404, True)
    page = visitor.post("/vote", {"code": codes[0].lower()})
    assert page["Cache-Control"] == "no-store"
    number = one.of_track("scenery")[1]
    assert f'name="place_{number}"' in body(page)
    for typed, words in (({}, "Nothing is filled in"), ({f"place_{number}": "x"}, "whole number"),
                         ({f"place_{number}": "0"}, "1 to 999")):  # fmt: skip
        again = visitor.post("/vote", {"code": codes[0], "paper": "scenery", **typed})
        assert (again.status_code, words in body(again)) == (422, True)
    done = visitor.post("/vote", {"code": codes[0], "paper": "scenery", f"place_{number}": "1"})
    assert "Your vote is in" in body(done)
    assert "Receipt" in body(done)
    assert turnout(district_id(), one.record_id).delegates == {"scenery": 1}
    assert "Receipt" not in body(visitor.post("/vote", {"code": codes[1]})), "another code is another voter"
    version = services.stands(district_id(), office(), one.record_id).version
    services.close_and_count(district_id(), office(), one.record_id, version=version)
    late = visitor.post("/vote", {"code": codes[1], "paper": "scenery", f"place_{number}": "1"})
    assert late.status_code == 422
    assert turnout(district_id(), one.record_id).delegates == {"scenery": 1}


def test_honours_in_public_with_a_name_only_where_it_was_agreed(visitor: Client) -> None:
    from gewu.ledger import ticker

    unit = streets()[0]
    args = {"class": "finest_building_head", "level": "street", "place": place_of(unit)}
    texts = {"subject": "12 栋", "deeds": "组织邻里守望"}
    filled = Filled({**args, "agreed": True}, {**texts, "name": "周某兰"})
    honour = services.nominate_honour(district_id(), clerk(unit), filled).outcome.record_id
    assert "12 栋" not in body(visitor.get("/honours")), "not before the notice"
    services.act(district_id(), office(), honour, "publicise", args={"days": 5}, version=1)
    page = body(visitor.get("/honours"))
    assert "12 栋" in page
    assert "周某兰" in page
    assert "组织邻里守望" not in page
    ticker.tick(district_id(), now_us() + 6 * DAY)
    services.act(district_id(), office(), honour, "award", version=3)
    assert "周某兰" in body(visitor.get("/honours"))
    services.act(district_id(), office(), honour, "withdraw_name")
    assert "周某兰" not in body(visitor.get("/honours"))
    assert "12 栋" in body(visitor.get("/honours"))
