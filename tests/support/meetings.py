"""Joint meetings over HTTP, and cases that stand at a level."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from api.conftest import Api
from gewu.cases import services
from gewu.ledger import outbox
from support.district import CATEGORY, Walk, acting, district_id
from support.occasion_play import ZONE, Play
from support.occasions import COMMUNITY, OFFICE, STREET

TYPE = "joint_meeting"
COMMITTEE = "governance-committee-office"
CENTRE = "500101"
LEVELS: dict[str, dict[str, str]] = {
    "community": {"unit": OFFICE, "place": COMMUNITY, "leader": "社区党委书记"},
    "street": {"unit": OFFICE, "place": STREET, "leader": "街道党工委书记"},
    "district": {"unit": COMMITTEE, "place": CENTRE, "leader": "区委副书记"},
}


def deliver() -> None:
    """Everything that waits in the outbox goes on its way."""
    while outbox.deliver(district_id(), datetime(2030, 1, 1, tzinfo=UTC))[0]:
        pass


def chair(api: Api, level: str) -> httpx.Client:
    """Who convenes a meeting of a level."""
    if level == "district":
        return api.as_("comprehensive_office")
    return api.as_("unit_clerk", unit=OFFICE)


def in_days(days: int) -> str:
    """A day so many days from now, as a form takes it."""
    return (datetime.now(ZONE).date() + timedelta(days=days)).isoformat()


class Meeting(Play):
    """A joint meeting of a level, in the name of who convenes it."""

    def __init__(self, api: Api, level: str = "street", who: httpx.Client | None = None, **form: Any) -> None:
        self.level = level
        given = {**LEVELS[level], "led_by": level, "where": "会议室", "building": None, **form}
        super().__init__(api, who or chair(api, level), TYPE, **given)

    def bring(self, words: str, **form: Any) -> None:
        """A free matter for the agenda."""
        self.move("collect", form={"words": words, "source": "department", **form})

    def table(self, case: Walk, words: str = "超出本级能力，请会议研究") -> httpx.Response:
        """Put a case on the table."""
        return self.send("table_case", form={"case": str(case.record_id), "words": words})

    def opened(self) -> Meeting:
        """The meeting begins, and people have signed in."""
        self.move("open_session")
        self.move("attend", form={"level": "department", "unit": "urban-management-bureau", "heads": 2})
        return self

    def decide(self, move: str, item: int, reason: str = "", **form: Any) -> httpx.Response:
        """An item leaves the table."""
        body: dict[str, Any] = {"matter": item, "form": form}
        if reason:
            body["reason"] = reason
        return self.send(move, **body)

    def item(self, no: int) -> dict[str, Any]:
        """An item as the meeting shows it."""
        found: dict[str, Any] = next(one for one in self.get()["matters"] if one["no"] == no)
        return found


class Here(Walk):
    """A case of the community whose office convenes."""

    def intake(self, **texts: str) -> Walk:
        form = {"description": "路面有大片油污，行人易滑倒", "reporter_name": "王某", **texts}
        given = services.Intake({"source": "phone", "category": CATEGORY}, form, services.Where(place=COMMUNITY))
        made = services.register_intake(district_id(), acting("intake_officer"), given, at_us=self.at_us)
        self.record_id, self.number, self.place = made.outcome.record_id, made.number, made.position.place
        self.outcomes.append(made.outcome)
        return self


def at_level(tier: str, *, asked: bool = False) -> Walk:
    """A case that is being handled at a level; ``asked``: its unit asks for the next one."""
    walk = Here(at_us=int((datetime.now(UTC) - timedelta(hours=3)).timestamp() * 1_000_000)).dispatched()
    walk.later(10).move(walk.clerk(), "claim", args={"tier": tier})
    if asked:
        walk.later(5).move(walk.clerk(), "ask_step", texts={"reason": "需多部门协同"})
    return walk


def office() -> Any:
    """The comprehensive office as it comes to the door."""
    return acting("comprehensive_office")
