"""A session over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from api.conftest import Api
from support.district import CATEGORY
from support.occasions import BUREAU, COMMUNITY, OFFICE, TYPE

ZONE = ZoneInfo("Asia/Shanghai")


def when(hours: float) -> str:
    """An instant so many hours from now, as a program writes it."""
    return (datetime.now(ZONE) + timedelta(hours=hours)).isoformat(timespec="seconds")


def workday_form(**more: Any) -> dict[str, Any]:
    """The form of a session of the street, an hour from now."""
    return {
        "led_by": "street", "leader": "街道党工委书记", "unit": OFFICE, "place": COMMUNITY, "building": "3",
        "where": "望江路社区 3 栋楼下", "starts_at": when(1), "ends_at": when(3), **more,
    }  # fmt: skip


class Play:
    """A session over HTTP, in the name of the street's clerk unless told otherwise."""

    def __init__(self, api: Api, who: httpx.Client | None = None, kind: str = TYPE, **form: Any) -> None:
        self.api, self.who = api, who or api.as_("unit_clerk", unit=OFFICE)
        given = {name: value for name, value in {**workday_form(), **form}.items() if value is not None}
        made = self.who.post(f"/occasions/types/{kind}", json={"form": given})
        assert made.status_code == 201, made.text
        self.id, self.number = made.json()["id"], made.json()["number"]

    def get(self, who: httpx.Client | None = None) -> dict[str, Any]:
        answer = (who or self.who).get(f"/occasions/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, move: str, who: httpx.Client | None = None, key: str = "", **body: Any) -> httpx.Response:
        headers = {"If-Match": f'"{self.get()["version"]}"'}
        if key:
            headers["Idempotency-Key"] = key
        return (who or self.who).post(f"/occasions/{self.id}/moves/{move}", json=body, headers=headers)

    def move(self, name: str, who: httpx.Client | None = None, **body: Any) -> dict[str, Any]:
        answer = self.send(name, who, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def collect(self, words: str, **form: Any) -> None:
        self.move("collect", form={"words": words, "category": CATEGORY, "source": "residents", **form})

    def settle(self, no: int, **order: Any) -> httpx.Response:
        body = {"lead": BUREAU, "limit_days": 5, "tier": "small", **order}
        return self.who.post(f"/occasions/{self.id}/matters/{no}/case", json=body)
