"""The process that looks files through and carries them out, apart from the one that answers people.

A file that takes all memory or all time takes this process only. Each round also tells of deadlines of other platforms
and removes what was kept long enough.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from gewu.cases.services import acting_of
from gewu.core.records import Actor
from gewu.imports import deadlines, runs
from gewu.imports.intake import BAD, CREATED, Taken, take
from gewu.imports.mapping import BadMapping, Platform, platform, platforms
from gewu.imports.problems import BadFile, Problem
from gewu.imports.rows import Bad, Item, Judge
from gewu.imports.runs import Run, Superseded
from gewu.imports.sheets import Sheet, open_sheet
from gewu.ledger.door import Acting, new_id, now_us
from gewu.ledger.errors import Busy
from gewu.ledger.rows import dumps
from gewu.ledger.ticker import live_districts
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Post
from gewu.registry.people import actor_for

log = structlog.get_logger(__name__)

BATCH = 500
PAUSE = 1.0
TELL_EVERY = 60.0
PURGE_EVERY = 3600.0
UNKNOWN_SHOWN = 60
ENOUGH_COLUMNS = 4
"""So many columns of another platform say that a sheet is one of that."""

COMPARED = 300
"""Files of at most so many rows are held against the cases near by; of larger ones every case page shows them."""

MAY_IMPORT = "intake_officer"
Tick = Callable[[int], None]


def step(worker: str, now: datetime | None = None) -> bool:
    """Work on one run of each district that has one waiting. Returns whether there was any."""
    found = False
    for district_id in live_districts():
        run = runs.claim(district_id, worker, now or datetime.now(UTC))
        if run is not None:
            found = True
            carry(run)
    return found


def carry(run: Run, tick: Tick | None = None) -> None:
    """Look a claimed run through, or carry it out. Whatever is wrong with the file ends it with a reason."""
    try:
        if run.status == runs.CHECKING:
            look(run)
        else:
            execute(run, tick)
    except BadFile as error:
        runs.refuse(run, error.problem, datetime.now(UTC))
    except Superseded:
        log.info("imports.superseded", district=run.district_id, run=str(run.id))
    except (OperationalError, InterfaceError, Busy):
        raise  # the database is away or others hold the rows: the lease runs out, and the run goes on
    except Exception:
        log.exception("imports.failed", district=run.district_id, run=str(run.id))
        runs.refuse(run, Problem("failed"), datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that a run needs."""

    directory: Directory
    platform: Platform
    acting: Acting
    sheet: Sheet
    judge: Judge


def opened(run: Run) -> Opened:
    """Read the file and prepare to judge its rows. Raises ``BadFile``."""
    directory = get_directory(run.district_id)
    chart = _platform(run.platform)
    acting = importer(run.district_id, run.person, run.post)
    judge = Judge(directory, chart, acting, int(time.time()), run.choices)
    return Opened(directory, chart, acting, _sheet(run.data(), chart), judge)


def _sheet(data: bytes, chart: Platform) -> Sheet:
    """The sheet; one of another platform is called by its name."""
    try:
        return open_sheet(data, chart)
    except BadFile as error:
        if error.problem.code != "no_header":
            raise
        other = next((one for one in platforms() if one.code != chart.code and _fits(data, one)), None)
        if other is None:
            raise
        raise BadFile("other_platform", other=_said(other), platform=_said(chart)) from error


def _fits(data: bytes, chart: Platform) -> bool:
    try:
        return len(open_sheet(data, chart).columns) >= ENOUGH_COLUMNS
    except BadFile:
        return False


def _said(chart: Platform) -> dict[str, str]:
    return {"en": chart.title.en, "zh": chart.title.zh}


def _platform(code: str) -> Platform:
    try:
        found = platform(code)
    except BadMapping as error:
        raise BadFile("no_playbook", move=str(error), source=code) from error
    if found is None:
        raise BadFile("no_playbook", move="", source=code)
    return found


def importer(district_id: int, person: str, post: str) -> Acting:
    """The identity in whose name a run imports: the person who sent it, at the post they sent it from.

    Raises ``BadFile`` when that post may not register reports any more.
    """
    row = Post.objects.filter(district_id=district_id, code=post, retired_on=None).first()
    if row is None:
        raise BadFile("not_allowed")
    found = actor_for(row)
    if MAY_IMPORT not in found.roles:
        raise BadFile("not_allowed")
    acting = acting_of(found)
    return Acting(Actor(person, acting.actor.unit, acting.actor.roles), acting.path, acting.scope)


# ---- the first look


def look(run: Run) -> None:
    """Judge every row and write nothing but what was found."""
    this = opened(run)
    sheet, judge = this.sheet, this.judge
    counts = {"good": 0, "known": 0, "bad": 0}
    bad: list[Taken] = []
    seen = 0
    for batch in runs.in_batches(sheet.rows, BATCH):
        found = [judge.row(sheet, row) for row in batch]
        items = [one for one in found if isinstance(one, Item)]
        known = _known(run.district_id, this.platform.code, [one.number for one in items])
        counts["known"] += len(known)
        counts["good"] += len(items) - len(known)
        wrong = [one for one in found if isinstance(one, Bad)]
        counts["bad"] += len(wrong)
        bad += [Taken(one.row, one.number, BAD, problems=one.problems, cells=one.cells) for one in wrong]
        seen += len(batch)
        runs.looked_at(run, seen, datetime.now(UTC))
    unknown = dict(islice(sorted(judge.tally.unknown.items(), key=lambda one: (-one[1], one[0])), UNKNOWN_SHOWN))
    preview: dict[str, Any] = {
        **counts,
        "rows": seen,
        "unknown": unknown,
        "header": sheet.header,
        "header_row": sheet.header_row,
        "columns": {name: [sheet.header[at] for at in positions] for name, positions in sheet.columns.items()},
        "notes": [note.as_json() for note in (*sheet.notes, *_notes(judge))],
    }
    runs.checked(run, preview, bad, datetime.now(UTC))


def _notes(judge: Judge) -> list[Problem]:
    return [Problem("masked_phones", "", {"n": judge.tally.masked})] if judge.tally.masked else []


def _known(district_id: int, code: str, numbers: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outside_number FROM imports_item WHERE district_id = %s AND platform = %s"
            " AND outside_number = ANY(%s)",
            [district_id, code, numbers],
        )
        return {row[0] for row in cursor.fetchall()}


# ---- carrying it out


def execute(run: Run, tick: Tick | None = None) -> None:
    """Import every row from where the run stands, batch by batch."""
    this = opened(run)
    progress = runs.Progress(run.next_row)
    for batch in runs.in_batches(this.sheet.rows, BATCH):
        # Rows that are done are judged too: a number that stands twice is told by where it stood first.
        found = [this.judge.row(this.sheet, row) for row in batch]
        left = [one for one in found if one.row > progress.next_row]
        if left:
            _batch(run, this, progress, left)
        if tick:
            tick(len(batch))
    now = datetime.now(UTC)
    done = runs.get(run.district_id, run.id)
    if done is not None and done.created:
        _tell(run, done.created, now)
    runs.finish(run, now)


def _batch(run: Run, this: Opened, progress: runs.Progress, left: list[Item | Bad]) -> None:
    last = left[-1].row

    def settle(results: list[Taken]) -> None:
        _one_notice(run.district_id, results)
        runs.settle(run, progress, last, results, datetime.now(UTC))

    take(
        this.directory, this.platform, this.acting, left, at_us=now_us(), run_id=run.id, settle=settle,
        compare=run.total <= COMPARED,
    )  # fmt: skip
    progress.next_row = last


def _one_notice(district_id: int, results: list[Taken]) -> None:
    """Take the notices of single cases back: thousands of rows are told in one notice at the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ledger_outgoing WHERE district_id = %s AND topic = 'notice' AND status = 'waiting'"
            " AND record_id = ANY(%s)",
            [district_id, [one.record_id for one in results if one.outcome == CREATED]],
        )


def _tell(run: Run, created: int, now: datetime) -> None:
    """One notice for the duty desk, tied to the first case that was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_outgoing (district_id, id, record_id, seq, topic, destination, payload, status,"
            " attempts, next_at, last_error, created_at, sent_at)"
            " SELECT %s, %s, i.record_id, 1, 'notice', %s, %s, 'waiting', 0, %s, '', %s, NULL FROM imports_item i"
            " WHERE i.district_id = %s AND i.run_id = %s AND i.record_id IS NOT NULL ORDER BY i.row_no LIMIT 1",
            [
                run.district_id, new_id(), f"role:{MAY_IMPORT}",
                dumps({"message": "imported", "event": "import", "n": created, "run": str(run.id)}), now, now,
                run.district_id, run.id,
            ],
        )  # fmt: skip


# ---- the process


def run_forever(stop: threading.Event) -> None:
    """Work until told to stop; outlive a database that goes away."""
    worker = f"{os.getpid()}-{uuid4().hex[:8]}"
    told = purged = float("-inf")
    while not stop.is_set():
        busy = False
        try:
            busy = step(worker)
            if time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                for district_id in live_districts():
                    deadlines.tell(district_id, datetime.now(UTC))
            if time.monotonic() - purged >= PURGE_EVERY:
                purged = time.monotonic()
                for district_id in live_districts():
                    runs.purge(district_id, datetime.now(UTC))
        except (OperationalError, InterfaceError, Busy) as error:
            log.warning("imports.database", error=str(error).strip())
            connection.close()
            stop.wait(2)
        if not busy:
            stop.wait(PAUSE)


RESUME_AFTER = runs.LEASE + timedelta(seconds=1)
"""How long after a worker died another one takes its run up."""
