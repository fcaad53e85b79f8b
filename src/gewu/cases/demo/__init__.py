"""A month of clearly synthetic cases in Wanzhou, driven through the same commands that people use."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from django.db import connection

from gewu.cases.demo.logins import Login, demo_logins
from gewu.cases.demo.month import OUTSIDE, Maker
from gewu.ledger.bulk import Done, Life, execute_many
from gewu.ledger.pictures import stage_pictures
from gewu.registry import models as m
from gewu.registry.directory import get_directory, refresh

__all__ = ["DemoFailed", "Login", "Made", "run"]

DISTRICT = "500101"


class Progress(Protocol):
    """What a long step tells how far it is."""

    total: int | None

    def advance(self, count: int = 1) -> None:
        """So many more are done."""


class DemoFailed(Exception):
    """The playbook or the packs of this district allow none of the demonstration's stories."""


@dataclass(slots=True)
class Made:
    """What a run did: cases and events written now, cases that were there before, seconds, and the logins.

    ``failed`` names the cases that the district's playbook or packs do not allow as told; they were left out.
    """

    cases: int = 0
    events: int = 0
    photos: int = 0
    already: int = 0
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0
    logins: list[Login] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": round(self.seconds, 3)}


def run(*, count: int = 2000, seed: int = 1, progress: Progress | None = None, now: int | None = None) -> Made:
    """Make a month of ``count`` cases up to ``now`` (seconds; else this instant), unless demonstration cases are there.

    Needs the packs ``standard`` and ``wanzhou``. Raises ``DemoFailed`` when not one case can be made as its story says.
    """
    begun = time.perf_counter()
    refresh()
    directory = get_directory(m.District.objects.get(code=DISTRICT).pk)
    made = Made(already=_there(directory.district.id))
    if count and not made.already:
        month = Maker(directory, seed, count, int(time.time()) if now is None else now).month()
        if progress is not None:
            progress.total = len(month.lives)
        made.photos = stage_pictures(directory.district.id, month.uploads)
        done = _write(directory.district.id, month.lives, progress)
        made.cases, made.events = done.records, done.events
        made.failed = [f"{one.tag}, step {one.step}, move {one.move}: {one.reason}" for one in done.failed]
        if made.failed and not made.cases:
            raise DemoFailed(f"none of {len(made.failed)} synthetic cases could be made: {made.failed[0]}")
    made.logins = demo_logins(directory)
    made.seconds = time.perf_counter() - begun
    return made


def _write(district_id: int, lives: list[Life], progress: Progress | None) -> Done:
    reached = 0

    def advance(count: int) -> None:
        nonlocal reached
        if progress is not None:
            progress.advance(count - reached)
        reached = count

    return execute_many(district_id, lives, progress=advance)


def _there(district_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cases_case WHERE district_id = %s AND outside_number LIKE %s",
            [district_id, f"{OUTSIDE}%"],
        )
        return int(cursor.fetchone()[0])
