"""The whole loop through the door, and what the ledger then says of itself."""

from __future__ import annotations

from gewu.ledger import rebuild, verify
from support.district import Walk, district_id


def test_a_reported_problem_is_closed_and_answered(db: object) -> None:
    walk = Walk().answered()
    assert walk.stage == "answered"
    report = verify.verify_all(district_id())
    assert report.ok, report.faults
    assert report.events == len(walk.outcomes)
    rebuilt = rebuild.rebuild_all(district_id())
    assert rebuilt.ok, rebuilt.differences
    assert rebuilt.records == 1
