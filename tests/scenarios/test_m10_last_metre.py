"""M10, top-down meets bottom-up: what residents raise is solved at the lowest point; the share solved at the building
or in the community is a number that opens its records."""

from __future__ import annotations

from api.conftest import Api
from gewu.ledger.models import Record
from support.district import district_id
from support.occasion_play import Play
from support.occasions import BUREAU, OFFICE, Session, solve


def test_the_level_of_solution(api: Api) -> None:
    """Four matters: answered at the building, answered by the district, a small case solved, a big one still open."""
    session = Session().scheduled().opened().collect("停车").collect("绿化").collect("管网")
    given = {"unit": BUREAU}
    for matter, solved in ((2, "building"), (3, "district")):
        session.move(
            "settle_answered", matter=matter, args={**given, "solved": solved}, texts={"answer": "已办"}, version=None
        )
    session.settle(1).settle(4, tier="big", assists=("traffic-police",), limit_days=15)
    solve(session.case())
    assert Record.objects.get(district_id=district_id(), id=session.settled[0].case_id).tier == "small"
    who = api.as_("comprehensive_office")
    period = session.view().row.period
    found = who.get("/occasions/figures", params={"period": period}).json()
    assert (found["matters"], found["solved"], found["low"], found["following"]) == (4, 3, 2, 1)
    for state in ("counted", "solved", "low", "following"):
        number = found["matters"] if state == "counted" else found[state]
        rows = who.get("/occasions/matters", params={"period": period, "state": state}).json()["items"]
        assert len(rows) == number
    pages, after = [], None
    while True:
        params: dict[str, str] = {"period": period, "limit": "1", **({"after": after} if after else {})}
        page = who.get("/occasions/matters", params=params).json()
        pages += [row["no"] for row in page["items"]]
        after = page["after"]
        if after is None:
            break
    assert pages == [4, 3, 2, 1]


def test_bottom_up_a_grid_worker_brings_a_matter_to_the_table(api: Api) -> None:
    play = Play(api)
    grid = api.as_("collector", covering="500101001001")
    added = play.send("collect", grid, form={"words": "楼道堆物", "source": "grid"})
    assert added.status_code == 200, added.text
    assert play.send("open_session", grid).status_code == 403
    shown = play.get()
    assert [(m["source"], m["phase"], m["outcome"]) for m in shown["matters"]] == [("grid", "before", "")]
    assert "reporter" not in str(shown["matters"])
    assert shown["unit"]["code"] == OFFICE
