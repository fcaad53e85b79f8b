"""The sessions of the demonstration district: made once, by the verbs that people use, and sound to the ledger."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from gewu.ledger.rebuild import rebuild_all
from gewu.occasions import demo, obligations
from gewu.occasions.models import Occasion
from support.district import district_id
from support.occasions import TYPE


def test_the_demo_shows_who_held_a_session_and_who_not(db: object) -> None:
    now = int(time.time())
    made = demo.run(district_id(), now)
    assert made == Occasion.objects.filter(district_id=district_id()).count() > 10
    assert demo.run(district_id(), now) == 0
    period = f"{datetime.now(UTC):%Y-%m}"
    found = {one.status for one in obligations.obligations(district_id(), TYPE, (period,), datetime.now(UTC))}
    assert "held" in found
    assert found & {"not_yet", "planned"}
    assert Occasion.objects.filter(district_id=district_id(), led_by="leader").exists()
    assert rebuild_all(district_id()).ok
