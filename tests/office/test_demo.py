"""The demonstration fills all four registers, once."""

from __future__ import annotations

from gewu.ledger.door import now_us
from gewu.ledger.rebuild import rebuild_all
from gewu.office import demo
from gewu.office.kinds import KINDS
from gewu.office.queries import Filter, list_entries
from support.district import acting, district_id


def test_the_demonstration_fills_the_registers_once(db: object) -> None:
    now = now_us() // 1_000_000
    assert demo.run(district_id(), now) == 8
    assert demo.run(district_id(), now) == 0
    shown = {k: len(list_entries(district_id(), acting("assessor"), Filter(k)).rows) for k in KINDS}
    assert shown == {"instruction": 2, "follow_up_order": 3, "letter": 2, "handover": 1}
    assert rebuild_all(district_id()).ok
