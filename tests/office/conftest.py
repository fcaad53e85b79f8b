"""Entries of the registers, made through their services in the name of the right posts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from gewu.core.records import Photo
from gewu.ledger import attachments
from gewu.ledger.door import Acting, Outcome
from gewu.office import services
from gewu.office.services import Filled, Made
from support.district import NOTHING, START_US, acting, directory, district_id

DAY = 86_400_000_000
HOUR = 3_600_000_000
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def scan(who: Acting) -> Photo:
    """A staged PDF of this actor."""
    return Photo(str(attachments.stage(district_id(), PDF, who.actor.person, documents=True).id), "other")


def body() -> str:
    """A unit that has no accounts and gets letters."""
    return sorted(u.code for u in directory().units.values() if not u.accounts and u.active)[0]


def unit() -> str:
    """A unit with accounts and a clerk."""
    return sorted(p.unit for p in directory().holders("unit_clerk") if p.person is not None)[0]


@dataclass
class Trail:
    """An entry on its way. Each verb makes one move and returns the trail."""

    at_us: int = START_US
    record_id: UUID = NOTHING
    number: str = ""
    outcomes: list[Outcome] = field(default_factory=list)

    def later(self, us: int) -> Trail:
        self.at_us += us
        return self

    @property
    def state(self) -> Any:
        state = self.outcomes[-1].state
        assert state is not None
        return state

    @property
    def stage(self) -> str:
        stage: str = self.state.stage
        return stage

    def made(self, made: Made) -> Trail:
        self.record_id, self.number = made.outcome.record_id, made.number
        self.outcomes.append(made.outcome)
        return self

    def move(self, who: Acting, name: str, **options: Any) -> Trail:
        options.setdefault("version", self.outcomes[-1].seq)
        options.setdefault("at_us", self.at_us)
        self.outcomes.append(services.act(district_id(), who, self.record_id, name, **options))
        return self

    # what tests begin with

    def instruction(self, **args: Any) -> Trail:
        who = acting("comprehensive_office")
        given = {
            "own_number": "万府批〔2026〕88号",
            "own_day": "2026-11-18",
            "variant": "document",
            "due_on": "2026-12-01",
            **args,
        }
        texts = {"leader": "区政府分管领导", "words": "请城管局牵头，一周内解决占道经营反弹问题。"}
        filled = Filled(given, texts, (scan(who),))
        return self.made(services.record_instruction(district_id(), who, filled, at_us=self.at_us))

    def order(self, to: str = "", due_on: str = "2026-11-26", **args: Any) -> Trail:
        given = {"unit": to or unit(), "due_on": due_on, **args}
        texts = {"matter": "农贸市场周边占道经营", "demand": "清理占道摊位，落实疏导点。"}
        who = acting("comprehensive_office")
        return self.made(services.issue_order(district_id(), who, Filled(given, texts), at_us=self.at_us))

    def working(self) -> Trail:
        self.order().later(HOUR)
        return self.move(acting("unit_clerk", unit=unit()), "acknowledge")

    def answered(self) -> Trail:
        self.working().later(DAY)
        return self.move(acting("unit_clerk", unit=unit()), "answer", texts={"answer": "已清理，设疏导点一处。"})

    def letter(self, to: str = "", **args: Any) -> Trail:
        texts = {"subject": "关于移动报刊亭的函", "words": "请贵单位于一周内移走闲置报刊亭。"}
        who = acting("dispatcher")
        filled = Filled({"unit": to or body(), **args}, texts)
        return self.made(services.draft_letter(district_id(), who, filled, at_us=self.at_us))

    def sent(self) -> Trail:
        given = {"sent_on": "2026-11-19", "due_on": "2026-11-27", "variant": "exchange"}
        return self.letter().later(HOUR).move(acting("dispatcher"), "send", args=given)

    def handover(self) -> Trail:
        filled = Filled({"variant": "day"}, {"notes": "高笋塘积水点注意排水。"})
        return self.made(services.open_handover(district_id(), acting("shift_leader"), filled, at_us=self.at_us))


@pytest.fixture
def trail(db: object) -> Trail:
    return Trail()
