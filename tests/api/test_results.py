"""Lines of results: what can be counted, whose line it is, what it replaces; sums and the lines behind them agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api.conftest import Api
from gewu.ledger.door import SYSTEM
from gewu.ledger.rebuild import rebuild_all
from gewu.ledger.verify import verify_all
from gewu.occasions.measures import HEADER, measures, read
from gewu.occasions.queries import results
from support.district import district_id
from support.duty import BUREAU, FIRE, INVITED, LAW, POLICE, TOBACCO, TRANSPORT, Duty, today

ALL = (BUREAU, POLICE, TRANSPORT, *INVITED)


def fields_of(answer: httpx.Response) -> dict[str, str]:
    return {one["field"].removeprefix("form."): one["code"] for one in answer.json().get("errors", [])}


def test_every_item_has_its_measure_and_strand(api: Api) -> None:
    office = api.as_("comprehensive_office")
    items = {one["item"]: one for one in office.get("/occasions/measures").json()["items"]}
    assert (items["road_occupying_business"]["measure"], items["road_occupying_business"]["strand"]) == (
        "case", "enforcement",
    )  # fmt: skip
    assert items["paving_bricks"]["measure"] == "m2"
    assert items["tricycle_permits"]["strand"] == "relief"
    assert len(items) == len(measures(district_id()))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Steps,m,米,repair,Steps,梯步,assumption", "item is a code"),
        ("steps,m,米,mending,Steps,梯步,assumption", "strand is one of"),
        ("steps,,米,repair,Steps,梯步,assumption", "required in both languages"),
        ("steps,m,米,repair,Steps", "columns"),
    ],
)
def test_a_file_of_measures_with_a_slip_is_refused(row: str, reason: str) -> None:
    rows, problems = read(",".join(HEADER) + "\n" + row + "\n")
    assert not rows
    assert reason in problems[0].reason


def test_sums_and_the_lines_behind_them_agree(api: Api) -> None:
    duty = Duty(api).on_duty()
    for unit, item, quantity in (
        (BUREAU, "road_occupying_business", 40),
        (BUREAU, "road_occupying_business", 2),
        (BUREAU, "paving_bricks", 120),
        (POLICE, "traffic_violations", 70),
        (POLICE, "road_occupying_business", 5),
        (TOBACCO, "persuasions", 9),
    ):
        answer = duty.result(unit, item, quantity)
        assert answer.status_code == 200, answer.text
    assert duty.sums() == {
        "paving_bricks": 120, "persuasions": 9, "road_occupying_business": 47, "traffic_violations": 70,
    }  # fmt: skip
    by_unit = duty.totals(by="unit,item", item="road_occupying_business")["items"]
    found = {one["unit"]["code"]: (one["quantity"], one["lines"]) for one in by_unit}
    assert found == {BUREAU: (42, 2), POLICE: (5, 1)}
    assert duty.sums(strand="repair") == {"paving_bricks": 120}
    assert duty.sums(type="joint_duty", to="2019-12-31") == {}
    mixed = duty.totals(by="unit")["items"]
    bureau = next(one for one in mixed if one["unit"]["code"] == BUREAU)
    assert (bureau["quantity"], bureau["lines"], bureau["measure"]) == (None, 3, "")  # cases and square metres
    lines: list[Any] = []
    after = None
    while True:
        asked = {"occasion": duty.id, "item": "road_occupying_business", "limit": "2"} | (
            {"after": after} if after else {}
        )
        page = duty.office.get("/occasions/results", params=asked).json()
        lines += page["items"]
        after = page["after"]
        if after is None:
            break
    assert sum(one["quantity"] for one in lines) == 47
    assert [one["line"] for one in lines] == [5, 2, 1]
    assert {one["basis"] for one in lines} == {LAW}
    assert rebuild_all(district_id()).ok
    assert verify_all(district_id()).ok


def test_who_has_not_reported_is_counted_whole_and_named_up_to_a_bound(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (Duty(api).on_duty(BUREAU, POLICE) for _n in range(3))
    first.move("end_duty")
    waiting = {
        one["unit"]["code"]: one
        for one in api.as_("comprehensive_office").get("/occasions/results/totals").json()["not_reported"]
    }
    assert {unit: (one["due"], one["to_come"]) for unit, one in waiting.items()} == {BUREAU: (1, 2), POLICE: (1, 2)}
    assert waiting[POLICE]["occasions"] == [third.id, second.id, first.id]
    assert waiting[POLICE]["under_way"] == [third.id, second.id]
    monkeypatch.setattr(results, "NAMED", 1)
    named = {one.unit: one for one in results.unreported(district_id(), SYSTEM, results.ResultFilter())}
    police = named[POLICE]
    assert (police.due, police.to_come, [str(one) for one in police.occasions]) == (1, 2, [third.id])
    assert [str(one) for one in police.under_way] == [third.id]
    one = results.unreported(district_id(), SYSTEM, results.ResultFilter(occasion=UUID(first.id), unit=POLICE))
    assert [(body.due, body.to_come) for body in one] == [(1, 0)]


def test_bad_input_is_refused_and_names_the_field(api: Api) -> None:
    duty = Duty(api).on_duty()
    cases = (
        (duty.result(BUREAU, "no_such_item", 1), {"item": "not_found"}),
        (duty.result(BUREAU, "steps", 0), {"quantity": "too_small"}),
        (duty.result(BUREAU, "steps", 10**12), {"quantity": "too_large"}),
        (duty.result(BUREAU, "road_occupying_business", 1, basis=""), {"basis": "required"}),
        (duty.result(BUREAU, "steps", 3, on="2999-01-01"), {"on": "too_far"}),
        (duty.result(BUREAU, "steps", 3, place="999999"), {"place": "not_found"}),
        (duty.result(BUREAU, "steps", 3, corrects=7), {"corrects": "not_found"}),
        (duty.result("no-such-unit", "steps", 3, duty.by(BUREAU)), {"unit": "not_found"}),
    )
    for answer, fields in cases:
        assert answer.status_code == 422, answer.text
        assert fields_of(answer) == fields
    assert duty.result(BUREAU, "steps", 3, basis="").status_code == 200  # a repair needs no legal basis
    bad = ({"item": "nothing"}, {"unit": "nobody"}, {"type": "nothing"}, {"by": "weather"}, {"form": "2019-01-01"})
    for asked in bad:
        assert duty.office.get("/occasions/results/totals", params=asked).status_code == 422


def test_each_body_records_its_own(api: Api) -> None:
    duty = Duty(api).on_duty(BUREAU, POLICE, TOBACCO)
    assert duty.result(POLICE, "vehicles_towed", 3, duty.by(BUREAU)).status_code == 409  # the convener neither
    assert duty.result(BUREAU, "steps", 3, duty.by(POLICE)).status_code == 409
    assert duty.result(TOBACCO, "persuasions", 3, duty.by(BUREAU)).status_code == 200  # by letter
    assert duty.result(TOBACCO, "persuasions", 3, duty.by(POLICE)).status_code == 409
    assert duty.result(FIRE, "persuasions", 3, duty.by(FIRE)).status_code == 409  # takes no part
    assert duty.result(FIRE, "persuasions", 3, duty.by(BUREAU)).status_code == 409
    assert duty.sums() == {"persuasions": 3}


def test_a_request_that_is_sent_again_is_answered_as_the_first_time(api: Api) -> None:
    duty = Duty(api).on_duty(BUREAU, POLICE)
    duty.result(BUREAU, "steps", 81)
    clerk, path = duty.by(BUREAU), f"/occasions/{duty.id}/moves/"
    for move, body in (
        ("record_result", {"form": {"unit": BUREAU, "item": "steps", "quantity": 18, "corrects": 1}}),
        ("strike_result", {"form": {"line": 2}, "reason": "重复登记"}),
    ):
        key = {"Idempotency-Key": str(uuid4())}
        first, second = (clerk.post(path + move, json=body, headers=key) for _n in range(2))
        assert (first.status_code, second.status_code) == (200, 200), second.text
        assert second.headers["Idempotency-Replayed"] == "true"
        assert first.json()["version"] == second.json()["version"]
    assert duty.sums() == {}


def test_each_body_writes_down_its_own_heads(api: Api) -> None:
    duty = Duty(api).invited(BUREAU, POLICE).accepted(BUREAU, POLICE)
    own = {"level": "agency", "unit": POLICE, "heads": 12}
    assert duty.send("attend", duty.by(POLICE), form=own).status_code == 200
    assert duty.send("attend", duty.by(POLICE), form={**own, "unit": BUREAU}).status_code == 409
    assert duty.send("attend", duty.by(BUREAU), form={**own, "heads": 13, "corrects": 1}).status_code == 200
    assert duty.send("attend", duty.by(POLICE), form={**own, "corrects": 1}).status_code == 409  # replaced before
    assert duty.send("attend", duty.by(POLICE), form={**own, "corrects": 9}).status_code == 422
    assert duty.get()["heads"] == 13


def test_a_line_is_replaced_or_struck_once(api: Api) -> None:
    duty = Duty(api).on_duty(BUREAU, POLICE)
    assert duty.result(BUREAU, "steps", 81).status_code == 200
    assert duty.result(BUREAU, "steps", 18, corrects=1, on=today()).status_code == 200
    assert duty.sums() == {"steps": 18}
    assert duty.result(BUREAU, "steps", 19, corrects=1).status_code == 409
    assert duty.send("strike_result", duty.by(POLICE), form={"line": 2}, reason="不是我们的").status_code == 409
    assert duty.send("strike_result", duty.by(BUREAU), form={"line": 2}).status_code == 422  # without a reason
    duty.move("strike_result", duty.by(BUREAU), form={"line": 2}, reason="重复登记")
    assert duty.sums() == {}
    assert duty.send("strike_result", duty.by(BUREAU), form={"line": 2}, reason="重复登记").status_code == 409
    assert duty.result(BUREAU, "steps", 20, corrects=2).status_code == 409
    assert duty.send("strike_result", duty.by(BUREAU), form={"line": 9}, reason="无").status_code == 422
    assert rebuild_all(district_id()).ok


def test_of_two_who_replace_a_line_at_once_one_succeeds(api: Api) -> None:
    duty = Duty(api).on_duty(BUREAU, POLICE)
    for _n in range(4):
        duty.result(BUREAU, "steps", 10)
    for line in range(1, 5):
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(duty.result, BUREAU, "steps", n, corrects=line) for n in (1, 2)]
            form, who = {"line": line}, duty.by(BUREAU)
            asked += [pool.submit(duty.send, "strike_result", who, form=form, reason="误登") for _n in "ab"]
        codes = sorted(one.result().status_code for one in asked)
        assert codes == [200, 409, 409, 409], [one.result().text for one in asked]
    lines = duty.office.get("/occasions/results", params={"occasion": duty.id}).json()["items"]
    assert sum(one["quantity"] for one in lines) == duty.sums().get("steps", 0) <= 8
    assert rebuild_all(district_id()).ok
