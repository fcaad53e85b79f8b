"""Volunteer teams and upgrade projects over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx

from api.conftest import Api
from support.occasion_play import ZONE, Play, when
from support.occasions import BUREAU, COMMUNITY, OFFICE

TEAM, PROJECT, ROADS = "volunteer_team", "estate_project", "road_renewal"


def day(days: int = 0) -> str:
    """A day so many days from now."""
    return (datetime.now(ZONE) + timedelta(days=days)).date().isoformat()


class Made(Play):
    """A team or a project, made by the street's clerk unless told otherwise."""

    def __init__(self, api: Api, kind: str, who: httpx.Client | None = None, **form: Any) -> None:
        self.api, self.who = api, who or api.as_("unit_clerk", unit=OFFICE)
        made = self.who.post(f"/occasions/types/{kind}", json={"form": {**first(kind), **form}})
        assert made.status_code == 201, made.text
        self.id, self.number = made.json()["id"], made.json()["number"]

    def works(self) -> dict[str, Any]:
        answer = self.who.get(f"/occasions/{self.id}/works")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def stage(self) -> str:
        return str(self.get()["stage"]["code"])


def first(kind: str) -> dict[str, Any]:
    """The form by which one begins."""
    sort = {TEAM: "neighbours", PROJECT: "low_rent", ROADS: "area"}[kind]
    name = {TEAM: "邻里守望志愿服务队", PROJECT: "某廉租房小区提档", ROADS: "某片区道路整治"}[kind]
    form = {"name": name, "sort": sort, "unit": OFFICE, "place": COMMUNITY, "starts_at": when(-1), "where": "某小区"}
    return {**form, "no_manager": True, "no_fund": True} if kind == PROJECT else form


def listed(api: Api, kind: str = PROJECT, items: tuple[tuple[str, int], ...] = (("cameras_fitted", 61),)) -> Made:
    """A project whose list is complete: the residents are to be asked."""
    play = Made(api, kind)
    play.move("diagnose", form={"findings": "无物业、无维修资金，监控和门禁缺失"})
    for item, quantity in items:
        play.move("plan_item", form={"item": item, "quantity": quantity})
    play.move("submit_list")
    return play


def at_work(api: Api, kind: str = PROJECT, builder: str = BUREAU, **more: Any) -> Made:
    """A project whose works are under way."""
    play = listed(api, kind, **more)
    play.move("consult", form={"asked": 100, "agree": 60, "against": 10, "on": day()})
    play.move("carry")
    play.move("fund", form={"source": "residents", "measure": "yuan", "amount": 30_000})
    play.move("begin_works", form={"builder": builder, "due_on": day(30)})
    return play


def done(play: Made, who: httpx.Client, item: str, quantity: int, unit: str = BUREAU) -> None:
    """A line of what was built."""
    play.move("record_result", who, form={"unit": unit, "item": item, "quantity": quantity})
