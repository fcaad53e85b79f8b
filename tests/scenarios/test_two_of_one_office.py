"""Two people of one office do the same at once: the second is told that it was done, not that they may not.

A move that ends a part needs no version, so that phones and parallel agencies do not collide; whoever comes a moment
later has lost the part by which they would have acted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.conftest import Api, photo
from support.council_play import Council, today
from support.district import Walk
from support.duty import BUREAU, FIRE, POLICE, TOBACCO, Duty
from support.locks import waiting

LEAD = "public-security-bureau"
CHINESE = {"Accept-Language": "zh-CN"}


@dataclass
class Race:
    """A move that two people of one office make: where, who, and what each of them sends."""

    record: UUID | str
    address: str
    who: httpx.Client
    body: Callable[[], dict[str, Any]]
    stranger: httpx.Client
    """Somebody of the same role who never had such a part."""


def _walk() -> Walk:
    return Walk(at_us=int((datetime.now(UTC) - timedelta(hours=3)).timestamp() * 1_000_000))


def _assist(move: str) -> Callable[[Api], Race]:
    def start(api: Api) -> Race:
        case = _walk().dispatched(assists=(POLICE,))
        body = {"form": {"note": "已协助"}} if move == "assist_done" else {"form": {}, "reason": "不属本单位"}
        clerks = (api.as_("unit_clerk", unit=unit) for unit in (POLICE, case.lead))
        return Race(case.record_id, f"/cases/{case.record_id}/moves/{move}", next(clerks), lambda: body, next(clerks))

    return start


def _work(api: Api) -> Race:
    """Work inside a unit, in its common pool."""
    case = _walk().handling(LEAD)
    case.later(5).move(case.clerk(), "assign_inside")
    worker = api.as_("worker", unit=LEAD)

    def body() -> dict[str, Any]:
        return {"form": {"note": "已处置"}, "photos": [photo(worker, "after")]}

    address = f"/cases/{case.record_id}/moves/work_done"
    return Race(case.record_id, address, worker, body, api.as_("worker"))


def _duty(move: str, unit: str) -> Callable[[Api], Race]:
    def start(api: Api) -> Race:
        duty, slot = Duty(api), {"accept": "invitation", "report": "agency", "sign": "signature"}[move]
        if move == "accept":
            duty.invited(BUREAU, FIRE, TOBACCO)
        else:
            duty.on_duty(BUREAU, FIRE, TOBACCO).move("end_duty", form={"summary": "按方案完成"})
        if move == "sign":
            for one in (BUREAU, FIRE, TOBACCO):
                assert duty.report(one).status_code == 200
            duty.move("all_reported")
        form = {"words": "已完成"} if move == "report" else {}
        body = {"form": form, "target": duty.part(slot, unit)}
        address = f"/occasions/{duty.id}/moves/{move}"
        return Race(duty.id, address, duty.speaks(unit), lambda: body, duty.by(POLICE))

    return start


def _council(api: Api) -> Race:
    play = Council(api).opened("路灯", "停车")
    for no in (1, 2):
        play.carried(no)
    body = {"matter": 1, "form": {"done_on": today(), "result": "完成"}}
    address = f"/occasions/{play.id}/moves/report_done"
    return Race(play.id, address, play.who, lambda: body, api.as_("unit_clerk", unit=POLICE))


RACES: dict[str, Callable[[Api], Race]] = {
    "an assisting unit is done": _assist("assist_done"),
    "an assisting unit returns it": _assist("assist_return"),
    "workers of one unit": _work,
    "an agency accepts": _duty("accept", FIRE),
    "an agency reports": _duty("report", FIRE),
    "an agency signs": _duty("sign", FIRE),
    "a letter speaks for an agency": _duty("sign", TOBACCO),
    "a resolution is reported on": _council,
}


@pytest.mark.parametrize("name", RACES)
def test_the_second_is_told_that_it_was_done(api: Api, app_connection: psycopg.Connection, name: str) -> None:
    race = RACES[name](api)
    bodies = [race.body() for _ in range(2)]
    refused = race.stranger.post(race.address, json=race.body())
    assert refused.status_code in (403, 404), refused.text  # who never had a part is told so as before

    # Both have to have read the part as open before either of them is let to the record.
    patience = time.monotonic() + 20
    with ThreadPoolExecutor(2) as pool:
        with app_connection.transaction():
            app_connection.execute("SELECT 1 FROM ledger_record WHERE id = %s FOR UPDATE", [race.record])
            sent = [pool.submit(race.who.post, race.address, json=body, headers=CHINESE) for body in bodies]
            while waiting(app_connection) < 2 and time.monotonic() < patience:
                time.sleep(0.01)
        answers = [each.result() for each in sent]
    assert sorted(a.status_code for a in answers) == [200, 409], [a.text for a in answers]
    told = next(a for a in answers if a.status_code == 409).json()
    assert (told["code"], "已" in told["detail"]) in {("part_ended", True), ("guard", True)}
    again = race.who.post(race.address, json=race.body(), headers={"Accept-Language": "en"})
    assert again.status_code == 409, again.text  # and a moment later as well
    assert "already" in again.json()["detail"]
