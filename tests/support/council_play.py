"""A residents' council over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx

from api.conftest import Api
from gewu.ledger import ticker
from support.district import district_id
from support.occasion_play import ZONE, Play, when
from support.occasions import COMMUNITY, OFFICE

COUNCIL, FOUR = "residents_council", "four_matters_five_deliberations"


def today() -> str:
    return datetime.now(ZONE).date().isoformat()


def in_days(days: int) -> str:
    """The date so many days from now."""
    return (datetime.now(ZONE).date() + timedelta(days=days)).isoformat()


class Council(Play):
    """A council, in the name of the street's clerk."""

    def __init__(self, api: Api, who: httpx.Client | None = None, kind: str = COUNCIL, **form: Any) -> None:
        self.api = api
        self.who = who or api.as_("unit_clerk", unit=OFFICE)
        self.kind = kind
        given = {
            "unit": OFFICE, "place": COMMUNITY, "leader": "社区党委书记", "where": "社区议事厅",
            "starts_at": when(100), "ends_at": when(102), **form,
        }  # fmt: skip
        made = self.who.post(f"/occasions/types/{kind}", json={"form": given})
        assert made.status_code == 201, made.text
        self.id, self.number = made.json()["id"], made.json()["number"]

    def propose(self, words: str = "加装小区路灯", **form: Any) -> None:
        given = {"words": words, "source": "residents", "topic": "services", **form}
        self.move("collect", form=given)

    def announced(self, *words: str) -> Council:
        for one in words or ("加装小区路灯",):
            self.propose(one)
        self.move("announce", form={"posted_on": today(), "way": "board", "notice": "周五晚议事"})
        return self

    def wait(self, days: float = 4) -> Council:
        """Let clocks run out as if so many days had passed."""
        at = datetime.now(ZONE) + timedelta(days=days)
        ticker.tick(district_id(), int(at.timestamp() * 1_000_000))
        return self

    def opened(self, *words: str) -> Council:
        self.announced(*words).wait().move("open_session", form={"present": 40, "stakeholders": 24})
        return self

    def vote(self, matter: int, yes: int, no: int, abstained: int = 0, **form: Any) -> httpx.Response:
        given = {
            "motion": "由社区牵头加装三盏路灯", "present": 40, "stakeholders": 24, "votes_for": yes,
            "votes_against": no, "votes_abstained": abstained, "executor": "community", "until": in_days(30), **form,
        }  # fmt: skip
        return self.send("resolve_matter", matter=matter, form=given)

    def carried(self, matter: int, **form: Any) -> None:
        answer = self.vote(matter, 30, 5, 2, **form)
        assert answer.status_code == 200, answer.text

    def published(self) -> Council:
        self.move("attend", form={"level": "stakeholder", "heads": 24})
        self.move("adjourn", form={"summary": "逐项表决"})
        self.move("publish", form={"posted_on": today(), "way": "board", "where": "社区公示栏", "days": 7})
        return self

    def outcome(self, matter: int) -> str:
        return str(self.get()["matters"][matter - 1]["outcome"])

    def stage(self) -> str:
        return str(self.get()["stage"]["code"])
