"""A committee task lives under the version it began with, whatever that called its moves."""

from __future__ import annotations

from typing import Any

from gewu.ledger.rebuild import rebuild_all
from gewu.occasions import services
from gewu.occasions.queries import get_occasion
from gewu.occasions.services import Filled
from support.district import CODE, START_US, acting, district_id
from support.versions import new_version, registry_restored

TYPE = "committee_task"
OWNER = "housing-construction-commission"


def test_a_task_under_the_version_that_named_its_report_as_councils_do(db: object) -> None:
    """Version 1 called it report_done, as the report on one resolution is called; here it ends no part."""
    office, owner = acting("comprehensive_office"), acting("unit_clerk", unit=OWNER)
    now = START_US // 1_000_000
    args: dict[str, Any] = {
        "sort": "renewal", "task_force": "task-force-renewal", "unit": OWNER, "place": CODE, "starts_at": now,
        "ends_at": now + 30 * 86_400,
    }  # fmt: skip
    with registry_restored():
        new_version(TYPE, ("report_complete", "report_done"))
        filled = Filled(args, {"name": "背街小巷更新", "demand": "完成 10 条"})
        task = services.schedule(district_id(), office, TYPE, filled, at_us=START_US).outcome.record_id
        for n, (who, move, words) in enumerate(
            (
                (owner, "take_on", {}),
                (owner, "report_done", {"result": "全部完成"}),
                (office, "close", {"seen": "现场核验通过"}),
            ),
            start=1,
        ):
            services.act(district_id(), who, task, move, texts=words, version=n, at_us=START_US + n * 60_000_000)
        assert get_occasion(district_id(), office, task).row.stage == "done"
        assert rebuild_all(district_id()).ok
