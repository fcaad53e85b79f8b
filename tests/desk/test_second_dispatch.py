"""Inside a unit: many cases handed on at once, each to whoever covers its place and has least to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from desk.conftest import Sit, forms, text
from gewu.cases.queries import get_case
from gewu.cases.queries.loads import loads_of
from support.district import Walk, acting, directory, district_id, post

UNIT, CREW = "sanitation-section", "sanitation-crew"


def ready(n: int) -> list[Walk]:
    return [Walk().handling(UNIT) for _ in range(n)]


def given_of(page: HttpResponse) -> dict[str, list[str]]:
    """The form of a plan as a browser would send it; selects have their chosen option."""
    return forms(page)[""]


def works(walk: Walk) -> list[tuple[str, str, bool]]:
    view = get_case(district_id(), acting("unit_clerk", unit=UNIT), walk.record_id)
    return [(a.unit, a.person, a.live) for a in view.state.assignments if a.slot == "work"]


def test_cases_are_handed_on_at_once_spread_over_the_people(sit: Sit) -> None:
    walks = ready(3)
    clerk = sit("unit_clerk", unit=UNIT)
    assert "Hand on inside the unit" in clerk.get("/desk/", queue="mine").content.decode()
    chosen = [str(walk.record_id) for walk in walks]
    clerk.client.post("/desk/bulk", {"move": "assign_inside", "case": chosen})
    with CaptureQueriesContext(connection) as captured:
        plan = clerk.client.post("/desk/bulk", {"move": "assign_inside", "case": chosen})
    assert sum("ledger_assignment" in q["sql"] for q in captured.captured_queries) <= 2, "no statement for each case"
    assert re.search(r"\d open", text(plan)), "everybody is shown with what they have on their hands"
    given = given_of(plan)
    people = [given[f"hand_{record}"][0] for record in chosen]
    inside = [p for p in directory().holders("worker") if f"/{UNIT}/" in directory().units[p.unit].path]
    team = {str(p.person): p.unit for p in inside}
    assert set(people) <= set(team)
    assert len(set(people)) == min(3, len(team)), "spread, for nobody has anything yet"
    done = clerk.client.post("/desk/bulk", given | {"note": ["尽快处理"]})
    assert "3 cases went" in text(done)
    for walk, person in zip(walks, people, strict=True):
        assert works(walk) == [(team[person], person, True)]
    for at, late in ((datetime(2026, 1, 1, tzinfo=UTC), 0), (datetime(2099, 1, 1, tzinfo=UTC), 3)):
        loads = loads_of(district_id(), sorted(team), at)
        assert (sum(load.open for load in loads.values()), sum(load.late for load in loads.values())) == (3, late)


def test_a_squad_gets_it_without_a_person_and_it_is_taken_back_at_once(sit: Sit) -> None:
    one, two = ready(2)
    clerk = sit("unit_clerk", unit=UNIT)
    chosen = [str(one.record_id), str(two.record_id)]
    plan = given_of(clerk.client.post("/desk/bulk", {"move": "assign_inside", "case": chosen}))
    plan |= {f"hand_{record}": [f"unit:{UNIT}"] for record in chosen}
    assert "2 cases went" in text(clerk.client.post("/desk/bulk", plan))
    assert works(one) == [(UNIT, "", True)]
    back = given_of(clerk.client.post("/desk/bulk", {"move": "recall_work", "case": chosen}))
    missing = clerk.client.post("/desk/bulk", back)
    assert "2 stayed as they were" in text(missing), "it needs a reason"
    done = clerk.client.post("/desk/bulk", back | {"reason": ["派错人了"], "command_id": [str(uuid4())]})
    assert "2 cases went" in text(done)
    assert works(one) == [(UNIT, "", False)]


def test_what_stayed_says_why_and_goes_again_with_what_was_written(sit: Sit) -> None:
    good, bad = Walk().handling(UNIT), Walk().dispatched(UNIT)
    clerk = sit("unit_clerk", unit=UNIT)
    chosen = [str(good.record_id), str(bad.record_id)]
    plan = given_of(clerk.client.post("/desk/bulk", {"move": "assign_inside", "case": chosen}))
    done = clerk.client.post("/desk/bulk", plan | {"note": ["今晚完成"]})
    assert "1 case went" in text(done)
    assert "1 stayed as it was" in text(done)
    again = forms(done)["/desk/bulk"]
    assert again["case"] == [str(bad.record_id)]
    assert again["note"] == ["今晚完成"]
    bad.later(5).move(acting("unit_clerk", unit=UNIT), "claim")
    second = given_of(clerk.client.post("/desk/bulk", again))
    assert second["note"] == ["今晚完成"]
    assert second["hand_" + str(bad.record_id)] == plan["hand_" + str(bad.record_id)]
    assert "1 case went" in text(clerk.client.post("/desk/bulk", second))


def test_nobody_outside_the_unit_can_be_chosen(sit: Sit) -> None:
    [walk] = ready(1)
    clerk = sit("unit_clerk", unit=UNIT)
    stranger = next(p for p in directory().holders("worker") if not p.unit.startswith(UNIT))
    plan = given_of(clerk.client.post("/desk/bulk", {"move": "assign_inside", "case": [str(walk.record_id)]}))
    for wrong in (str(stranger.person), "unit:landscaping-section", "", "unit:"):
        done = clerk.client.post("/desk/bulk", plan | {f"hand_{walk.record_id}": [wrong]})
        assert "Choose one of those who are listed" in text(done), wrong
    assert works(walk) == []


def test_a_person_brings_their_squad_along_and_one_of_another_squad_is_refused(sit: Sit) -> None:
    one, two = ready(2)
    clerk = sit("unit_clerk", unit=UNIT)
    north, south = f"{CREW}-north", f"{CREW}-south"
    worker = post("worker", unit=north)
    page = clerk.get(f"/desk/cases/{one.number}", move="assign_inside")
    assert "Own people: Affairs Centre, Sanitation Section" in text(page)
    assert "Empty:" not in text(page)
    address = f"/desk/cases/{one.number}/assign_inside"
    given = forms(page)[address] | {"worker": [str(worker.person)], "note": ["今晚完成"]}
    refused = clerk.client.post(address, given | {"squad": [south]})
    assert refused.status_code == 422
    assert "is not of Sanitation Crew 2 (south bank)" in text(refused)
    again = forms(refused)[address]
    assert (again["worker"], again["squad"], again["note"]) == ([str(worker.person)], [south], ["今晚完成"])
    assert clerk.client.post(address, given | {"squad": [""]}).status_code == 302
    assert works(one) == [(north, str(worker.person), True)]
    # A squad of its own accord, and nobody named.
    address = f"/desk/cases/{two.number}/assign_inside"
    plain = forms(clerk.get(f"/desk/cases/{two.number}"))[address]
    assert clerk.client.post(address, plain | {"squad": [south], "worker": [""]}).status_code == 302
    assert works(two) == [(south, "", True)]


def test_a_unit_without_squads_is_not_asked_for_one(sit: Sit) -> None:
    walk = Walk().handling("lighting-section")
    clerk = sit("unit_clerk", unit="lighting-section")
    page = clerk.get(f"/desk/cases/{walk.number}", move="assign_inside")
    form = forms(page)[f"/desk/cases/{walk.number}/assign_inside"]
    assert "squad" not in form
    worker = post("worker", unit="lighting-section")
    sent = clerk.client.post(f"/desk/cases/{walk.number}/assign_inside", form | {"worker": [str(worker.person)]})
    assert sent.status_code == 302
    view = get_case(district_id(), acting("unit_clerk", unit="lighting-section"), walk.record_id)
    assert [(a.unit, a.person) for a in view.state.assignments if a.slot == "work"] == [
        ("lighting-section", str(worker.person))
    ]


def test_the_form_of_one_case_tells_loads_too(sit: Sit) -> None:
    [walk] = ready(1)
    clerk = sit("unit_clerk", unit=UNIT)
    worker = post("worker", unit=UNIT)
    page = clerk.get(f"/desk/cases/{walk.number}", move="assign_inside").content.decode()
    option = re.search(rf'<option value="{worker.person}"[^>]*>([^<]*)<', page)
    assert option is not None
    assert "0 open" in option[1]
