"""A joint duty over HTTP: five agencies (three core, two invited), one of which gets letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx

from api.conftest import Api
from support.occasion_play import ZONE, when

TYPE = "joint_duty"
BUREAU, POLICE, TRANSPORT = "urban-management-bureau", "traffic-police", "transport-bureau"
FIRE, TOBACCO = "fire-rescue-detachment", "tobacco-bureau"
CORE, INVITED = (BUREAU, POLICE, TRANSPORT), (FIRE, TOBACCO)
FIVE = (*CORE, *INVITED)
LAW = "《市容环境卫生管理条例》第十四条"


def today() -> str:
    return datetime.now(ZONE).date().isoformat()


class Duty:
    """A joint duty that the urban management bureau convenes. ``by`` is the clerk of an agency."""

    def __init__(self, api: Api, who: httpx.Client | None = None, **form: Any) -> None:
        self.api = api
        self.who = who or self.by(BUREAU)
        self.office = api.as_("comprehensive_office")
        given = {
            "unit": BUREAU, "place": "500101", "where": "高笋塘商圈及周边道路", "purpose": "整治占道经营和车辆乱停",
            "basis": "城区交通秩序综合整治方案", "leader": "区政府分管领导", "starts_at": when(1),
            "ends_at": when(24 * 200), **form,
        }  # fmt: skip
        made = self.who.post(f"/occasions/types/{TYPE}", json={"form": given})
        assert made.status_code == 201, made.text
        self.id, self.number = made.json()["id"], made.json()["number"]

    def by(self, unit: str) -> httpx.Client:
        """The clerk of an agency."""
        return self.api.as_("unit_clerk", unit=unit)

    def speaks(self, unit: str) -> httpx.Client:
        """Whoever writes for an agency: the office for a body that gets letters."""
        return self.office if unit == TOBACCO else self.by(unit)

    def get(self, who: httpx.Client | None = None) -> dict[str, Any]:
        answer = (who or self.who).get(f"/occasions/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, move: str, who: httpx.Client | None = None, **body: Any) -> httpx.Response:
        headers = {"If-Match": f'"{self.get(self.office)["version"]}"'}
        return (who or self.who).post(f"/occasions/{self.id}/moves/{move}", json=body, headers=headers)

    def move(self, name: str, who: httpx.Client | None = None, **body: Any) -> dict[str, Any]:
        answer = self.send(name, who, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def worked(self, words: str = "已完成") -> dict[str, int]:
        """Five agencies on duty, four of which have results; it is over and the bureau has reported in these words.
        Returns the parts of all five."""
        self.on_duty(*FIVE)
        for unit, item, quantity in (
            (BUREAU, "illegal_structures", 6),
            (POLICE, "traffic_violations", 52),
            (TRANSPORT, "illegal_operation_vehicles", 3),
            (FIRE, "persuasions", 4),
        ):
            assert self.result(unit, item, quantity).status_code == 200
        self.move("end_duty")
        parts = {unit: self.part("agency", unit) for unit in FIVE}
        assert self.report(BUREAU, words).status_code == 200
        return parts

    def part(self, slot: str, unit: str) -> int:
        """The live part of an agency in a slot."""
        parts = self.get(self.office)["assignments"]
        return next(
            int(p["no"]) for p in parts
            if p["slot"]["code"] == slot and p["unit"]["code"] == unit and p["status"] != "ended"
        )  # fmt: skip

    def invited(self, *units: str) -> Duty:
        for unit in units:
            standing = "core" if unit in CORE else "invited"
            self.move("invite", form={"unit": unit, "standing": standing, "from_on": today()})
        return self

    def accepted(self, *units: str) -> Duty:
        for unit in units:
            self.move("accept", self.speaks(unit), target=self.part("invitation", unit))
        return self

    def on_duty(self, *units: str, heads: int = 38) -> Duty:
        """Invited, accepted, mustered and begun."""
        units = units or (*CORE, *INVITED)
        self.invited(*units).accepted(*units)
        for unit in units:
            self.move("attend", form={"level": "agency", "unit": unit, "heads": heads})
        self.move("muster")
        self.move("begin_duty")
        return self

    def result(
        self, unit: str, item: str, quantity: int, who: httpx.Client | None = None, **form: Any
    ) -> httpx.Response:
        """A line of results with a legal basis."""
        given = {"unit": unit, "item": item, "quantity": quantity, "basis": LAW, **form}
        return self.send("record_result", who or self.speaks(unit), form=given)

    def report(self, unit: str, words: str = "已完成") -> httpx.Response:
        return self.send("report", self.speaks(unit), form={"words": words}, target=self.part("agency", unit))

    def totals(self, who: httpx.Client | None = None, **asked: str) -> dict[str, Any]:
        answer = (who or self.office).get("/occasions/results/totals", params={"occasion": self.id, **asked})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def sums(self, **asked: str) -> dict[str, int]:
        """Quantity by item."""
        return {one["item"]["code"]: one["quantity"] for one in self.totals(**asked)["items"]}
