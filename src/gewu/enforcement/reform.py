"""Carrying an act out: all of it in one transaction, or nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from gewu.enforcement.acts import Act
from gewu.enforcement.models import Transfer
from gewu.enforcement.plan import Plan, make_plan, teams
from gewu.enforcement.settle import settle
from gewu.ledger.door import now_us
from gewu.ledger.succession import Handed, hand_over
from gewu.registry.models import District, Reform, Succession, Unit
from gewu.registry.packs.load import PACK_LOCK
from gewu.registry.snapshot import build
from gewu.registry.versions import bump


class NotPossible(ValueError):
    """An act that cannot be done; ``plan.problems`` say why."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("; ".join(plan.problems))


def apply(district_id: int, act: Act, by: str) -> Plan:
    """Carry out an act; one that was applied already changes nothing. Returns what was done.

    Dates and successors are written, items change their holder from the act's day, and open parts go over through the
    door. Where the day is still to come, the open parts wait for it (see ``settle``). Raises ``NotPossible`` with every
    reason, and ``Busy`` when a record is held too long; then nothing has changed.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # An act and a load of a pack would each judge what the other is about to change.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PACK_LOCK])
        plan = make_plan(district_id, act)
        today = _today(district_id)
        if act.counter_of and act.day > today:
            plan.problems.append(f"an act is taken back from a day that has come, and {act.day} has not")
        if plan.problems:
            raise NotPossible(plan)
        if plan.done is not None:
            return plan
        reform = Reform.objects.create(
            district_id=district_id,
            number=act.number,
            day=act.day,
            title_en=act.title_en,
            title_zh=act.title_zh,
            source=act.source,
            text=act.text,
            sha256=act.sha256,
            teams=teams(act),
            items=sum(len(step.codes) for step in plan.items),
            counter_of=plan.counters,
            by=by[:200],
        )
        if plan.counters is not None:
            plan.handed = _take_back(plan, reform)
        else:
            _write(plan, reform)
        bump()
        if plan.counters is None and act.day <= today:
            plan.handed = settle(district_id)
    return plan


def _write(plan: Plan, reform: Reform) -> None:
    codes = {code for step in plan.units for code in (step.code, step.into)}
    ids = dict(Unit.objects.filter(district_id=reform.district_id, code__in=codes).values_list("code", "pk"))
    Succession.objects.bulk_create(
        Succession(
            district_id=reform.district_id,
            reform=reform,
            old_id=ids[step.code],
            new_id=ids[step.into],
            valid_from=reform.day,
        )
        for step in plan.units
    )
    Transfer.objects.bulk_create(
        Transfer(
            district_id=reform.district_id,
            reform=reform,
            item=code,
            old=step.old,
            new=step.new,
            valid_from=reform.day,
        )
        for step in plan.items
        for code in step.codes
    )


def _take_back(plan: Plan, reform: Reform) -> list[Handed]:
    """End what the act wrote, the day before the counter-act's, and hand back what is still open."""
    last = reform.day - timedelta(days=1)
    Succession.objects.filter(reform=plan.counters).update(valid_to=last)
    Transfer.objects.filter(reform=plan.counters).update(valid_to=last)
    if not plan.handed:
        return []
    done = hand_over(build(reform.district_id), plan.handed, reform.number, now_us())
    reform.moved = [[str(part.record_id), part.no, part.old, part.new] for part in done]
    reform.save(update_fields=["moved"])
    return done


def _today(district_id: int) -> date:
    zone = District.objects.values_list("timezone", flat=True).get(pk=district_id)
    return datetime.now(ZoneInfo(zone)).date()
