"""M07, roadside office: leaders walk, note problems, assign them on the spot, follow them up. Played over HTTP."""

from __future__ import annotations

from api.conftest import Api
from gewu.ledger.rebuild import rebuild_all
from support.district import district_id
from support.occasion_play import Play, when
from support.occasions import BUREAU, OFFICE

WALK = "roadside_office"


def test_a_walk_notes_assigns_on_the_spot_and_follows_up(api: Api) -> None:
    who = api.as_("unit_clerk", unit=OFFICE)
    body = {"form": {"led_by": "street", "leader": "街道主任", "unit": OFFICE, "place": "500101001"}}
    bad = who.post(f"/occasions/types/{WALK}", json=body)
    assert bad.status_code == 422  # a walk has a route and a time
    play = Play.__new__(Play)
    play.api, play.who = api, who
    walked = {**_walk(), "where": "高笋塘至太白路"}
    made = who.post(f"/occasions/types/{WALK}", json={"form": walked})
    assert made.status_code == 201, made.text
    play.id, play.number = made.json()["id"], made.json()["number"]
    assert play.number.startswith("万马路办公〔")
    play.move("open_session")
    play.move("attend", form={"level": "street", "heads": 4})
    play.collect("占道堆物")
    play.collect("窨井盖破损", raised=1)
    settled = play.settle(1, limit_days=1)
    assert settled.status_code == 201, settled.text
    case = api.as_("unit_clerk", unit=BUREAU).get(f"/cases/{settled.json()['case_id']}").json()
    assert case["source"] == WALK
    play.move("settle_answered", matter=2, form={"unit": BUREAU, "answer": "已换盖板", "solved": "street"})
    play.move("adjourn")
    play.move("finish_settling")
    found = who.get("/occasions/figures", params={"type": WALK, "period": play.get()["period"]}).json()
    assert (found["street_sessions"], found["matters"], found["as_cases"], found["answered"]) == (1, 2, 1, 1)
    workdays = who.get("/occasions/figures", params={"period": play.get()["period"]}).json()
    assert workdays["matters"] == 0  # a walk is no building workday
    assert who.get("/occasions/obligations", params={"type": WALK}).json()["items"] == []  # nobody owes a walk
    assert rebuild_all(district_id()).ok


def _walk() -> dict[str, str]:
    return {
        "led_by": "street", "leader": "街道主任", "unit": OFFICE, "place": "500101001", "starts_at": when(1),
        "ends_at": when(3),
    }  # fmt: skip
