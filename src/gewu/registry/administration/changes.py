"""Changes to the registry: carried out now or on a day, refused when the district would not stand any more.

A change of a row that a pack brought is an override, so that a reload keeps it; a row that no pack has is added under
the district's own name (``packs.standing``). Each is judged by the checker of packs as of its day, with everything that
belongs to it, in one transaction. What was wrong before is nobody's fault now: only new faults refuse it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction
from django.utils import timezone

from gewu.registry import models as m
from gewu.registry import overrides
from gewu.registry.administration import rows
from gewu.registry.overrides import OverrideError
from gewu.registry.packs.load import PACK_LOCK
from gewu.registry.packs.standing import faults
from gewu.registry.versions import bump

log = structlog.get_logger(__name__)

SET, ADD, REMOVE = "set", "add", "remove"
JUDGED = frozenset({"unit", "post", "rule", "area"})
"""Tables whose rows the checker of packs looks at together."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: a field of it gets a value, it is added with these values, or an added one is taken out again."""

    verb: str
    table: str
    key: str
    field: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, at which post, and why."""

    person: m.Person | None
    post: str = ""
    reason: str = ""


@dataclass(slots=True)
class Refused(ValueError):
    """A change after which the district would not stand; ``faults`` are the sentences of the checker."""

    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "; ".join(self.faults)


def today_in(district: m.District) -> date:
    """The date in the district."""
    return datetime.now(ZoneInfo(district.timezone)).date()


def carry_out(
    district: m.District, steps: Sequence[Step], by: By, *, topic: str, day: date | None = None
) -> list[m.Change]:
    """Do all steps, or plan them for a later day; judged now as of that day in any case. Raises ``Refused``."""
    today = today_in(district)
    day = day or today
    with transaction.atomic():
        _lock()
        planned = day > today
        before = [_said(step, district) for step in steps]
        _do(district, steps, by, day, keep=not planned)
        now = timezone.now()
        made = [
            m.Change(
                district=district, topic=topic, verb=step.verb, table=step.table, key=step.key, field=step.field,
                before=old, after=step.value, day=day, reason=by.reason, made_by=by.person, made_post=by.post,
                state=m.Change.PLANNED if planned else m.Change.DONE, done_at=None if planned else now,
            )
            for step, old in zip(steps, before, strict=True)
        ]  # fmt: skip
        for row in made:
            row.save()
    for step in steps:
        log.info("registry.changed", table=step.table, key=step.key, field=step.field, post=by.post, day=str(day))
    return made


def why_not(district: m.District, steps: Sequence[Step], by: By, day: date | None = None) -> list[str]:
    """What the checker has against steps; nothing is changed. Empty when they may be done."""
    with transaction.atomic():
        _lock()
        try:
            _do(district, steps, by, day or today_in(district), keep=False)
        except Refused as refused:
            return refused.faults
    return []


def note(
    district: m.District, by: By, *, topic: str, verb: str, table: str, key: str, before: Any = None, after: Any = None
) -> m.Change:
    """Write down what was done elsewhere (a lock, a password, a session that was ended)."""
    now = timezone.now()
    return m.Change.objects.create(
        district=district, topic=topic, verb=verb, table=table, key=key, before=before, after=after,
        day=today_in(district), reason=by.reason, made_by=by.person, made_post=by.post, done_at=now,
    )  # fmt: skip


def withdraw(change: m.Change, by: By) -> bool:
    """Take back a planned change before its day. False when it is done already, or was taken back."""
    waiting = m.Change.objects.filter(pk=change.pk, state=m.Change.PLANNED)
    said = f"{by.person.login if by.person else ''} {by.reason}".strip()
    return bool(waiting.update(state=m.Change.WITHDRAWN, done_at=timezone.now(), note=said))


def do_due(district_id: int, _now: datetime | None = None) -> list[m.Change]:
    """Carry out what was planned for today or before, in the order of days; what is refused by now says why."""
    district = m.District.objects.get(pk=district_id)
    due = m.Change.objects.filter(district=district, state=m.Change.PLANNED, day__lte=today_in(district))
    done = []
    for planned in due.order_by("day", "id").select_related("made_by"):
        step = Step(planned.verb, planned.table, planned.key, planned.field, planned.after)
        by = By(planned.made_by, planned.made_post, planned.reason)
        with transaction.atomic():
            _lock()
            row = m.Change.objects.select_for_update().get(pk=planned.pk)
            if row.state != m.Change.PLANNED:
                continue
            try:
                row.before = _said(step, district)
                _do(district, [step], by, today_in(district), keep=True)
                row.state = m.Change.DONE
            except Refused as refused:
                row.state, row.note = m.Change.FAILED, str(refused)
                log.warning("registry.planned change refused", change=row.pk, why=row.note)
            row.done_at = timezone.now()
            row.save()
            done.append(row)
    return done


# ---- one step


def _lock() -> None:
    """A load of a pack and a change would each judge what the other is about to change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PACK_LOCK])


def _do(district: m.District, steps: Sequence[Step], by: By, day: date, *, keep: bool) -> None:
    """Do the steps and judge them; undone again unless they are to be kept, and always where they are refused."""
    judged = any(step.table in JUDGED for step in steps)
    before = faults(district, day) if judged else frozenset()
    with transaction.atomic():
        try:
            for step in steps:
                _one(district, step, by)
        except OverrideError as error:
            raise Refused([str(error)]) from error
        found = sorted((faults(district, day) if judged else frozenset()) - before)
        found += rows.own_faults(district, day)
        if found:
            raise Refused(found)
        if not keep:
            transaction.set_rollback(True)
        else:
            bump()


def owner_of(table: str, district: m.District) -> m.District | None:
    """The district whose overrides of a table count: none for tables that all districts share."""
    return district if overrides.is_territorial(overrides.KEYS[table][0]) else None


def _said(step: Step, district: m.District) -> Any:
    if step.verb == ADD:
        return None
    if step.verb == REMOVE:
        return rows.plain(step.table, step.key, district)
    try:
        return overrides.said(step.table, step.key, step.field, owner_of(step.table, district))
    except OverrideError as error:
        raise Refused([str(error)]) from error


def _one(district: m.District, step: Step, by: By) -> None:
    if step.verb == ADD:
        rows.add(step.table, step.value, district)
        return
    if step.verb == REMOVE:
        rows.remove(step.table, step.key, district)
        return
    owner = owner_of(step.table, district)
    live = overrides.live(step.table, step.key, step.field, owner)
    if live is not None and live.pack_value == step.value:
        overrides.end_override(live)  # back to what the pack says
        return
    reason = by.reason or (by.person.login if by.person else "administration")
    overrides.set_override(
        step.table, step.key, step.field, step.value, reason=reason, district=owner, by=by.person
    )  # fmt: skip
