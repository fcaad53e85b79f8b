"""M03, what was solved is shown: a closed case becomes a point, before and after, with the way back to the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from api.conftest import Api
from gewu.assessments.queries.rounds import get_round
from scenarios.test_m02_double_showcase import Played, photo
from support.district import Walk, acting, directory, district_id
from support.showcase import place_of


@pytest.fixture
def api(live_server: str) -> Any:
    found = Api(live_server)
    yield found
    for client in found.clients.values():
        client.close()


def test_m03_a_solved_case_is_shown_before_and_after(api: Api) -> None:
    solved, unsolved = Walk().answered(), Walk().filed()
    street = next(
        u.code for u in directory().units.values() if u.kind == "street_office" and u.place == solved.place[:9]
    )
    play = Played(api, departments=2)
    if street not in play.book.streets:
        play.book.streets = (*play.book.streets[:-1], street)
        version = play.view()["version"]
        play.office.post(f"{play.at}/moves/void", json={"reason": "更换"}, headers={"If-Match": f'"{version}"'})
        form = {**play.book.plan(), "streets": list(play.book.streets), "departments": list(play.book.departments)}
        play.at = f"/rounds/{play.office.post('/rounds', json={'form': form}).json()['id']}"
    client = play.clerk(street)
    given = {"title": "王牌路油污点", "track": "service", "place": solved.place}
    answer = client.post(
        f"{play.at}/moves/nominate",
        json={"form": {**given, "case": str(unsolved.record_id)}, "photos": [photo(client, "before")]},
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_solved")
    pictures = [photo(client, "before"), photo(client, "after")]
    body = {"form": {**given, "case": str(solved.record_id)}, "photos": pictures}
    answer = client.post(f"{play.at}/moves/nominate", json=body)
    assert answer.status_code == 200, answer.text
    point = play.view(client)["points"][0]
    assert point["cases"] == [solved.number]
    assert point["built"], "a solved matter brings its picture after at once"
    assert [p["role"] for p in point["photos"]] == ["before", "after"]
    # Out of sight is out of reach: a street cannot show a case that is not in its territory.
    other = next(unit for unit in play.book.streets if unit != street)
    stranger = play.clerk(other)
    body = {
        "form": {**given, "place": place_of(other), "case": str(solved.record_id)},
        "photos": [photo(stranger, "before")],
    }
    answer = stranger.post(f"{play.at}/moves/nominate", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_found")
    # The share of points that come from solved matters.
    play.nominate(other, "scenery", "没有来源案件的点位")
    view = get_round(district_id(), acting("comprehensive_office"), UUID(play.at.split("/")[-1]))
    linked = [p for p in view.points if p.cases]
    assert (len(linked), len(view.points)) == (1, 2)
