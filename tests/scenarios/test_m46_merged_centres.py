"""M46, four centres become one: their work goes on under the affairs centre, and where they went stays known."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

from api.conftest import Api, api
from enforcement.conftest import AFFAIRS, CENTRES, REFORMS, Write, wanzhou, write
from gewu.enforcement.acts import read_act
from gewu.enforcement.plan import make_plan
from gewu.enforcement.reform import NotPossible, apply
from gewu.ledger.models import Event
from gewu.registry.directory import CHECK_SECONDS, refresh
from gewu.registry.models import Reform
from support.district import Walk, acting, directory

__all__ = ["api", "wanzhou", "write"]

ACT = REFORMS / "2024-1-affairs-centre.yaml"


def test_open_cases_of_the_four_centres_are_worked_on_by_the_affairs_centre(api: Api, wanzhou: int) -> None:
    walks = {code: Walk().dispatched(code) for code in CENTRES}
    act = read_act(ACT)
    assert make_plan(wanzhou, act).records == len(CENTRES)
    apply(wanzhou, act, by="test")
    refresh()
    time.sleep(CHECK_SECONDS)  # until the server has asked again
    clerk = api.as_("unit_clerk", unit=AFFAIRS)
    for code, walk in walks.items():
        case = clerk.get(f"/cases/{walk.record_id}").json()
        assert [a["unit"]["code"] for a in case["assignments"] if a["slot"]["code"] == "handle"] == [AFFAIRS], code
        done = clerk.post(
            f"/cases/{walk.record_id}/moves/claim",
            json={},
            headers={"If-Match": f'"{case["version"]}"', "Idempotency-Key": str(uuid4())},
        )
        assert done.status_code == 200, done.text
    kinds = Event.objects.filter(district_id=wanzhou, record_id=walks[CENTRES[0]].record_id).values_list(
        "kind", flat=True
    )
    assert list(kinds.order_by("seq"))[-2:] == ["succeed_unit", "claim"]


def test_where_a_centre_went_and_what_the_affairs_centre_came_from(api: Api, wanzhou: int) -> None:
    apply(wanzhou, read_act(ACT), by="test")
    office = api.as_("comprehensive_office")
    gone = office.get("/bodies/sanitation-centre", params={"day": "2026-01-01"}).json()
    assert (gone["stands"], gone["last_day"], gone["successor"]["code"]) == (False, "2024-11-26", AFFAIRS)
    assert [(s["old"]["code"], s["new"]["code"], s["act"]) for s in gone["way"]] == [
        ("sanitation-centre", AFFAIRS, "Wanzhou-2024-1")
    ]
    before = office.get("/bodies/sanitation-centre", params={"day": "2024-11-26"}).json()
    assert (before["stands"], before["successor"]) == (True, None)
    formed = office.get(f"/bodies/{AFFAIRS}").json()
    assert [s["old"]["code"] for s in formed["took_over"]] == list(CENTRES)


def test_a_unit_that_followed_may_be_followed_itself(api: Api, wanzhou: int, write: Write) -> None:
    merge = "  merge:\n    - {{units: [{0}], into: {1}}}\n"
    apply(wanzhou, write(merge.format("sanitation-centre", "landscaping-centre"), "T-1", "2026-11-01"), by="test")
    walk = Walk().dispatched("landscaping-centre")
    apply(wanzhou, write(merge.format("landscaping-centre", AFFAIRS), "T-2", "2026-11-10"), by="test")
    way = api.as_("comprehensive_office").get("/bodies/sanitation-centre").json()["way"]
    assert [s["new"]["code"] for s in way] == ["landscaping-centre", AFFAIRS]
    refresh()
    clerk = acting("unit_clerk", unit=AFFAIRS)
    walk.later(10)
    version = Event.objects.filter(district_id=wanzhou, record_id=walk.record_id).count()
    walk.move(clerk, "claim", version=version)
    assert walk.stage == "handling"


def test_two_people_carry_the_same_act_out_at_the_same_moment(wanzhou: int) -> None:
    from django.db import connections

    for _ in range(3):
        Walk().dispatched("sanitation-centre")
    answers: list[object] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        try:
            answers.append(apply(wanzhou, read_act(ACT), by="test"))
        except (NotPossible, RuntimeError) as error:
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    plans = [a for a in answers if not isinstance(a, Exception)]
    assert len(plans) == 2, answers
    assert sorted(p.done is None for p in plans) == [False, True]
    assert Reform.objects.count() == 1
    assert Event.objects.filter(district_id=wanzhou, kind="succeed_unit").count() == 3


def test_a_clerk_who_acts_while_the_act_is_carried_out_loses_nothing(wanzhou: int) -> None:
    """Whichever comes first, the case is claimed once and lies with the affairs centre."""
    from django.db import connections

    from gewu.cases import services
    from gewu.ledger.errors import LedgerError

    walk = Walk().dispatched("sanitation-centre")
    apply(wanzhou, read_act(ACT), by="test")
    refresh()
    clerk = acting("unit_clerk", unit=AFFAIRS)
    version = Event.objects.filter(district_id=wanzhou, record_id=walk.record_id).count()
    done: list[object] = []
    start = threading.Barrier(4)

    def claim() -> None:
        start.wait()
        try:
            at = walk.at_us + 60_000_000
            done.append(services.act(wanzhou, clerk, walk.record_id, "claim", version=version, at_us=at))
        except LedgerError as error:
            done.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not isinstance(one, Exception) for one in done) == 1
    assert directory().units[AFFAIRS].active
