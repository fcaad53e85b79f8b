"""The rounds of the demonstration: played by the same verbs, sound, and played once."""

from __future__ import annotations

import time

from gewu.assessments import counting, demo
from gewu.assessments.queries.rounds import history, list_rounds, published
from gewu.ledger.rebuild import rebuild_all
from support.district import district_id
from support.showcase import office


def test_four_quarters_are_played_and_the_last_is_at_voting(db: object) -> None:
    assert demo.run(district_id(), int(time.time())) == 4
    rows = list_rounds(district_id(), office()).rows
    assert [r.stage for r in rows] == ["voting", "published", "published", "published"]
    assert all((r.entries, len(r.streets), len(r.departments)) == (22, 11, 11) for r in rows)
    for row in rows[1:]:
        assert counting.recompute(district_id(), row.record_id).same
    best = max(history(published(district_id())).values(), key=lambda one: one[-1].firsts)
    assert best[-1].firsts == 3
    assert rebuild_all(district_id()).ok
    assert demo.run(district_id(), int(time.time())) == 0
