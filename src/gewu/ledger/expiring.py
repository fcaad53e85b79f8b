"""The ticker's way through the door: clocks that are due make events, in the same steps as commands do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction

from gewu.core.decide import EXPIRE, decide, system_actor
from gewu.core.records import Command, Event, Facts, Refusal
from gewu.ledger import store
from gewu.ledger.door import Outcome, Working, Written, new_id, opened, take, write
from gewu.ledger.errors import Refused
from gewu.registry.directory import Directory, get_directory


def expire_due(district_id: int, ids: Sequence[UUID], at_us: int, directory: Directory | None = None) -> list[Outcome]:
    """Run every due clock of these records, leaving out records that others hold. One transaction.

    The ticker's way through the door: clocks are read again under the lock, so each fires exactly once.
    """
    directory = directory or get_directory(district_id)
    outcomes: list[Outcome] = []
    with transaction.atomic():
        written = Written()
        working = []
        for row in store.lock(district_id, sorted(ids), skip_locked=True).values():
            work = opened(directory, row)
            for event, command in expiries(directory, work, at_us):
                take(directory, work, command, event, at_us, written)
                outcomes.append(Outcome(work.record_id, event.seq, event.kind, at_us, work.state))
            working.append(work)
        write(district_id, working, written, at_us)
    return outcomes


def expiries(directory: Directory, work: Working, at_us: int) -> Iterator[tuple[Event, Command]]:
    """Events of all clocks of one record that are due at an instant, one after the other; the caller applies each."""
    now = at_us // 1_000_000
    done: set[tuple[str, int]] = set()
    while work.state is not None:
        due = [c for c in work.state.clocks if c.status == "running" and c.next_at <= now]
        due = [c for c in due if (c.id, c.version) not in done]
        if not due:
            return
        clock = min(due, key=lambda c: (c.next_at, c.id))
        done.add((clock.id, clock.version))
        command = Command(str(new_id()), EXPIRE, {"clock": clock.id})
        facts = Facts(now, system_actor(), directory.calendar_for, units=directory.unit_facts)
        answer = decide(work.playbook, work.state, command, facts)
        if isinstance(answer, Refusal):
            raise Refused(answer, work.record_id)
        yield answer, command
