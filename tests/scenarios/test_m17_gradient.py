"""M16 and M17: dispatched to a unit, claimed, and lifted by difficulty: private, small, big and hard matters.

A level is proposed at dispatch and fixed at claim or at the table; the clock only proposes the next step, the office in
charge confirms or refuses it, and its wait has a clock of its own.
"""

from __future__ import annotations

from typing import Any

import pytest

from gewu.cases.queries import get_case
from gewu.core.records import RUNNING, Clock
from gewu.ledger import ticker
from gewu.ledger.door import Outcome
from gewu.ledger.errors import Refused
from gewu.ledger.rebuild import rebuild_all
from gewu.office import services as office
from gewu.office.queries import get_order
from gewu.office.services import Filled, issue_order
from support.district import Walk, acting, directory, district_id, photo

DAY = 24 * 60
OFFICE = "comprehensive_office"


def _claimed(tier: str) -> Walk:
    walk = Walk().dispatched()
    return walk.later(10).move(walk.clerk(), "claim", args={"tier": tier} if tier else {})


def _clocks(walk: Walk, name: str) -> list[Clock]:
    state = get_case(district_id(), acting(OFFICE), walk.record_id).state
    return [c for c in state.clocks if c.spec == name]


def _running(walk: Walk, name: str) -> list[Clock]:
    return [c for c in _clocks(walk, name) if c.status == RUNNING]


def _fields(walk: Walk) -> dict[str, Any]:
    return dict(get_case(district_id(), acting(OFFICE), walk.record_id).state.fields)


def _seen(walk: Walk) -> int:
    return get_case(district_id(), acting(OFFICE), walk.record_id).row.version


def _other_unit(walk: Walk) -> str:
    return next(
        p.unit for p in directory().holders("unit_clerk") if p.unit != walk.lead and directory().units[p.unit].accounts
    )


def _tick_until(walk: Walk, due_at: int) -> None:
    """The ticker comes by every six hours until an instant has passed."""
    at = walk.at_us
    while at <= due_at * 1_000_000:
        at += 6 * 3_600_000_000
        while ticker.tick(district_id(), at):
            pass
    walk.at_us = at


def test_a_level_is_proposed_at_dispatch_and_fixed_at_claim(db: object) -> None:
    walk = Walk().filed()
    lead = str(directory().responsible(_fields(walk)["category"], walk.place, ()).rule.unit)
    walk.later(5).move(acting("dispatcher"), "dispatch", args={"lead": lead, "tier_proposed": "big"})
    assert (_fields(walk).get("tier_proposed"), _fields(walk).get("tier")) == ("big", None)
    assert _clocks(walk, "level") == []
    walk.later(10).move(walk.clerk(), "claim", args={"tier": "small"})
    assert _fields(walk)["tier"] == "small"
    (level,) = _running(walk, "level")
    assert (level.limit_value, level.unit) == (5, "work_day")


def test_a_matter_needs_no_level_and_then_has_no_clock_for_it(db: object) -> None:
    walk = _claimed("")
    assert _fields(walk).get("tier") is None
    assert _clocks(walk, "level") == []
    with pytest.raises(Refused) as refused:
        walk.move(walk.clerk(), "ask_step", texts={"reason": "超出本单位能力"})
    assert "level" in refused.value.refusal.detail["why"]["en"]
    walk.move(acting("dispatcher"), "fix_level", args={"tier": "big"}, texts={"note": "会上定为大事"})
    assert (_running(walk, "level")[0].limit_value, _fields(walk)["tier"]) == (15, "big")
    with pytest.raises(Refused):
        walk.move(acting("dispatcher"), "fix_level", args={"tier": "private"})


def test_the_days_set_at_the_table_are_the_limit(db: object) -> None:
    walk = Walk().filed()
    lead = str(directory().responsible(_fields(walk)["category"], walk.place, ()).rule.unit)
    walk.later(5).move(acting("dispatcher"), "dispatch", args={"lead": lead, "limit_days": 7})
    (handle,) = _running(walk, "handle")
    assert (handle.limit_value, handle.unit) == (7, "work_day")


def test_an_overdue_big_matter_proposes_hard_and_the_office_confirms_with_an_order(db: object) -> None:
    walk = _claimed("big")
    (level,) = _running(walk, "level")
    _tick_until(walk, level.due_at)
    # The clock gave nobody work but the office that decides; the level stays until it has.
    assert _fields(walk)["tier"] == "big"
    (step,) = _running(walk, "step")
    case = get_case(district_id(), acting(OFFICE), walk.record_id)
    part = case.state.assignment(step.assignment)
    assert part is not None
    assert (part.slot, part.role) == ("step", OFFICE)
    (level,) = _clocks(walk, "level")
    assert level.stopped_at >= level.due_at
    # Without a follow-up order nothing becomes a hard matter.
    said = {"note": "超时未办结，升为难事"}
    with pytest.raises(Refused) as refused:
        walk.move(acting(OFFICE), "confirm_step", texts=said, version=_seen(walk))
    assert "follow-up order" in refused.value.refusal.detail["why"]["en"]
    filled = Filled(
        {"unit": walk.lead, "due_on": "2027-03-31", "case": str(walk.record_id)},
        {"matter": "路面油污长期未解决", "demand": "由包片领导督办，限期办结"},
    )
    order = issue_order(district_id(), acting(OFFICE), filled, walk.at_us)
    for stranger in (str(walk.record_id), "019a0000-0000-7000-8000-000000000000", "order"):
        with pytest.raises(Refused) as refused:
            walk.move(acting(OFFICE), "confirm_step", args={"order": stranger}, texts=said, version=_seen(walk))
        assert refused.value.refusal.fields == {"order": "not_found"}
    walk.move(
        acting(OFFICE),
        "confirm_step",
        args={"order": str(order.outcome.record_id)},
        texts=said,
        version=_seen(walk),
    )
    assert _fields(walk)["tier"] == "hard"
    assert ("supervised_by", str(order.outcome.record_id)) in [(k, str(r)) for k, r in walk.outcomes[-1].state.links]
    assert (_running(walk, "step"), _running(walk, "level")[0].limit_value) == ([], 30)
    # Beyond the limit of a hard matter the office is asked again: there is no level above, so it decides what follows.
    _tick_until(walk, _running(walk, "level")[0].due_at)
    assert len(_running(walk, "step")) == 1
    with pytest.raises(Refused):
        walk.move(acting(OFFICE), "confirm_step", texts=said, version=_seen(walk))
    walk.move(acting(OFFICE), "refuse_step", texts={"reason": "会议定于下月再议"}, version=_seen(walk))
    assert _running(walk, "level")[0].limit_value == 30
    assert rebuild_all(district_id()).ok


def test_a_hard_matter_has_milestones_that_the_meeting_set(db: object) -> None:
    walk = _claimed("hard")
    filled = Filled(
        {"unit": walk.lead, "due_on": "2027-03-31", "case": str(walk.record_id)},
        {"matter": "路面油污长期未解决", "demand": "由包片领导督办"},
    )
    order = issue_order(district_id(), acting(OFFICE), filled, walk.at_us).outcome.record_id
    contact = acting("area_contact_office")

    def act(move: str, at_us: int, args: dict[str, Any] | None = None, **texts: str) -> Outcome:
        version = get_order(district_id(), acting(OFFICE), order).entry.row.version
        return office.act(district_id(), contact, order, move, args=args, texts=texts, version=version, at_us=at_us)

    day = 86_400_000_000
    with pytest.raises(Refused):
        act("milestone_reached", walk.at_us, seen="已完成")
    act("set_milestone", walk.at_us, {"due_on": "2026-12-15"}, milestone="完成管网改造方案")
    with pytest.raises(Refused):
        act("set_milestone", walk.at_us, {"due_on": "2027-01-15"}, milestone="完成施工")
    act("supervise", walk.at_us + day, supervision="领导现场察看，要求加快")
    while ticker.tick(district_id(), walk.at_us + 60 * day):
        pass
    after = act("milestone_reached", walk.at_us + 61 * day, seen="方案已批复")
    assert after.state is not None
    (milestone,) = [c for c in after.state.clocks if c.spec == "milestone"]
    assert milestone.stopped_at > milestone.due_at
    act("set_milestone", walk.at_us + 61 * day, {"due_on": "2027-02-28"}, milestone="完成施工")
    assert rebuild_all(district_id()).ok


def test_the_wait_of_the_office_has_its_own_clock_and_is_told_on(db: object, app_connection: Any) -> None:
    walk = _claimed("small").later(60)
    walk.move(walk.clerk(), "ask_step", texts={"reason": "需多部门协同"})
    (step,) = _running(walk, "step")
    _tick_until(walk, step.due_at)
    _tick_until(walk, step.due_at + 4 * 86_400)
    told = app_connection.execute(
        "SELECT DISTINCT destination FROM ledger_outgoing"
        " WHERE record_id = %s AND payload->>'message' IN ('due', 'overdue')",
        [walk.record_id],
    ).fetchall()
    assert any(OFFICE in row[0] for row in told)
    assert any("area_contact_office" in row[0] for row in told)
    assert _fields(walk)["tier"] == "small"


def test_one_step_at_a_time_and_a_big_matter_has_who_assists(db: object) -> None:
    walk = _claimed("private")
    walk.later(60).move(walk.clerk(), "ask_step", texts={"reason": "居民无法自行解决"})
    walk.later(60).move(acting(OFFICE), "confirm_step", texts={"note": "转由楼栋自治主办"})
    assert (_fields(walk)["tier"], walk.stage) == ("small", "handling")
    walk.later(60).move(walk.clerk(), "ask_step", texts={"reason": "楼栋无力解决"})
    with pytest.raises(Refused) as refused:
        walk.move(acting(OFFICE), "confirm_step", texts={"note": "升为大事"})
    assert "name who assists" in refused.value.refusal.detail["why"]["en"]
    other = _other_unit(walk)
    walk.move(acting(OFFICE), "confirm_step", args={"assists": (other,)}, texts={"note": "街道与部门联办"})
    assert _fields(walk)["tier"] == "big"
    assert len(_running(walk, "assist")) == 1


def test_a_step_up_may_change_who_leads(db: object) -> None:
    walk = _claimed("private")
    first, other = walk.lead, _other_unit(walk)
    walk.later(60).move(walk.clerk(), "ask_step", texts={"reason": "非居民自办事项"})
    walk.later(60).move(acting(OFFICE), "confirm_step", args={"lead": other}, texts={"note": "改由该单位主办"})
    assert (walk.stage, walk.lead) == ("dispatched", other)
    assert first != other
    assert _running(walk, "level") == []
    walk.later(60).move(walk.clerk(), "claim")
    assert (_fields(walk)["tier"], _running(walk, "level")[0].limit_value) == ("small", 5)


def test_danger_skips_steps_with_a_reason_and_down_needs_one_too(db: object) -> None:
    walk = _claimed("small")
    with pytest.raises(Refused):
        walk.later(5).move(acting("shift_leader"), "raise_for_danger", args={"danger": True})
    walk.move(acting("shift_leader"), "raise_for_danger", args={"danger": True}, texts={"reason": "边坡有垮塌风险"})
    assert _fields(walk)["tier"] == "hard"
    with pytest.raises(Refused):
        walk.move(acting(OFFICE), "lower_level")
    walk.later(DAY).move(acting(OFFICE), "lower_level", texts={"reason": "险情已排除"})
    assert (_fields(walk)["tier"], _running(walk, "level")[0].limit_value) == ("big", 15)
    walk.later(DAY).move(acting(OFFICE), "lower_level", texts={"reason": "街道可自行解决"})
    walk.later(DAY).move(acting(OFFICE), "lower_level", texts={"reason": "居民愿自行解决"})
    assert _fields(walk)["tier"] == "private"
    with pytest.raises(Refused):
        walk.move(acting(OFFICE), "lower_level", texts={"reason": "理由"})


def test_only_the_office_decides_and_a_refusal_leaves_the_level(db: object) -> None:
    walk = _claimed("small").later(60)
    walk.move(walk.clerk(), "ask_step", texts={"reason": "需多部门协同"})
    for role in ("dispatcher", "shift_leader", "area_contact_office"):
        with pytest.raises(Refused):
            walk.move(acting(role), "confirm_step", texts={"note": "同意"})
    walk.later(60).move(acting(OFFICE), "refuse_step", texts={"reason": "本级可以解决"})
    assert (_fields(walk)["tier"], len(_running(walk, "level")), _running(walk, "step")) == ("small", 1, [])


def test_handling_ends_a_step_that_waits_and_rework_starts_the_level_anew(db: object) -> None:
    walk = _claimed("small").later(60)
    walk.move(walk.clerk(), "ask_step", texts={"reason": "需多部门协同"})
    who = walk.clerk()
    walk.later(60).move(who, "report_handled", texts={"result": "已解决"}, photos=[photo(who, "after")])
    assert (_running(walk, "step"), _running(walk, "level")) == ([], [])
    walk.later(5).move(acting("dispatcher"), "rework", texts={"reason": "照片看不清"})
    assert len(_running(walk, "level")) == 1
