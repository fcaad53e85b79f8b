"""The process that writes a queue, or what a search finds, as a sheet, apart from the one that answers people.

A sheet has the columns of the list and no words of a case: neither what was reported nor who reported it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gewu.cases import search
from gewu.cases.queries import CaseRow, count_to, list_cases
from gewu.imports.tables import write_xlsx
from gewu.ledger.ticker import live_districts
from gewu.registry.models import Person
from gewu.registry.people import actor_post
from gewu.surfaces import words
from gewu.surfaces.desk.asked import unseal
from gewu.surfaces.desk.present.rows import line
from gewu.surfaces.desk.queues import asked_for
from gewu.surfaces.desk.who import Desk, desk_of
from gewu.worklists import sheets
from gewu.worklists.sheets import MOST_ROWS, Sheet, Superseded

log = structlog.get_logger(__name__)

BATCH = 500
PAUSE = 1.0
PURGE_EVERY = 600.0


def step(worker: str, now: datetime | None = None) -> bool:
    """Make one sheet of each district that has one waiting. Returns whether there was any."""
    found = False
    for district_id in live_districts():
        sheet = sheets.claim(district_id, worker, now or datetime.now(UTC))
        if sheet is not None:
            found = True
            carry(sheet)
    return found


def carry(sheet: Sheet) -> None:
    """Make a claimed sheet. Whatever is wrong with it ends it."""
    try:
        make(sheet)
    except Superseded:
        log.info("sheets.superseded", district=sheet.district_id, sheet=str(sheet.id))
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out, and somebody begins anew
    except Exception:
        log.exception("sheets.failed", district=sheet.district_id, sheet=str(sheet.id))
        sheets.fail(sheet, datetime.now(UTC))


def make(sheet: Sheet) -> None:
    """Write the queue or the search as it is now, as far as whoever asked sees it now. Raises ``Superseded``."""
    person = Person.objects.get(pk=sheet.person)
    post = actor_post(person, sheet.post)
    if post is None:
        raise PermissionError("the person does not hold the post any more")
    with translation.override(sheet.language):
        desk = desk_of(person, post)
        with timezone.override(desk.directory.district.timezone):
            _write(sheet, desk)


def _write(sheet: Sheet, desk: Desk) -> None:
    total, pages = _pages(sheet, desk)
    written = 0

    def rows() -> Iterator[list[str]]:
        nonlocal written
        for page in pages:
            for row in page[: MOST_ROWS - written]:
                yield _cells(row, desk)
            written = min(MOST_ROWS, written + len(page))
            sheets.advance(sheet, written, max(total, written), datetime.now(UTC))
            if written >= MOST_ROWS:
                return

    sheet.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = sheet.path.with_suffix(f".{sheet.worker}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            write_xlsx(handle, sheet.title, _header(), rows())
            handle.flush()
            os.fsync(handle.fileno())
        size = part.stat().st_size
        part.replace(sheet.path)
    finally:
        part.unlink(missing_ok=True)
    try:
        sheets.finish(sheet, written, size, datetime.now(UTC))
    except Superseded:
        if not _of_another(sheet):
            sheet.path.unlink(missing_ok=True)
        raise


def _pages(sheet: Sheet, desk: Desk) -> tuple[int, Iterator[list[CaseRow]]]:
    """How many rows there are at most, and the rows in batches; nothing is read before the first one is wanted.

    Raises ``ValueError`` where the sheet asks for what there is not any more.
    """
    sealed = sheet.query.get("s", "")
    said = unseal(sealed, desk.post.post_code)
    if sealed and not said:
        raise ValueError("what was looked for cannot be read any more")
    asked = asked_for(desk, sheet.query, searching=bool(said))
    if asked.errors:
        raise ValueError("; ".join(asked.errors))
    district, acting = desk.district_id, desk.acting

    def found(after: str | None) -> tuple[list[CaseRow], str | None]:
        if said:
            matches = search.search(district, acting, said, asked.filter, after=after, limit=BATCH)
            return [match.row for match in matches.found], matches.after
        page = list_cases(district, acting, asked.filter, after=after, limit=BATCH)
        return page.rows, page.after

    def batches() -> Iterator[list[CaseRow]]:
        rows, after = found(None)
        yield rows
        while after is not None:
            rows, after = found(after)
            yield rows

    if said:
        return search.count_to(district, acting, said, asked.filter, MOST_ROWS), batches()
    return count_to(district, acting, asked.filter, MOST_ROWS), batches()


def _of_another(sheet: Sheet) -> bool:
    """Whether the file is wanted by whoever made or makes the sheet now."""
    found = sheets.get(sheet.district_id, sheet.id, sheet.person, sheet.post)
    return found is not None and found.status != sheets.CANCELLED


def _header() -> list[str]:
    return [
        _("Number"), _("Outside number"), _("Stage"), _("Clock"), _("Due"), _("Category"), _("Place"),
        _("Who has it"), _("Lead unit"), _("Source"), _("Urgent"), _("Reported at"), _("Notes"),
    ]  # fmt: skip


def _cells(row: CaseRow, desk: Desk) -> list[str]:
    shown = line(row, desk.directory, desk.playbook_of, desk.language)
    unit = desk.directory.units.get(row.lead_unit)
    field = desk.playbook.fields.get("source") if desk.playbook else None
    source = words.choice_name(field, row.source, desk.language) if field else row.source
    return [
        row.number, row.outside_number, shown.stage, _clock(row), _when(row.due_at), shown.what, shown.where,
        shown.who, unit.name(desk.language) if unit else row.lead_unit, source, _("yes") if row.urgent else "",
        _when(row.reported_at), " · ".join(shown.notes),
    ]  # fmt: skip


def _clock(row: CaseRow) -> str:
    now = timezone.now()
    if row.ended:
        return _("Ended")
    if row.due_at is None:
        return _("no limit runs")
    if row.due_at < now:
        return _("Overdue")
    return _("Nearly due") if row.warns_at is not None and row.warns_at <= now else _("In time")


def _when(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at is not None else ""


def run_forever(stop: threading.Event) -> None:
    """Make sheets until told to stop; outlive a database that goes away."""
    worker = f"{os.getpid()}-{uuid4().hex[:8]}"
    purged = float("-inf")
    while not stop.is_set():
        busy = False
        try:
            busy = step(worker)
            if time.monotonic() - purged >= PURGE_EVERY:
                purged = time.monotonic()
                for district_id in live_districts():
                    sheets.purge(district_id, datetime.now(UTC))
        except (OperationalError, InterfaceError) as error:
            log.warning("sheets.database", error=str(error).strip())
            connection.close()
            stop.wait(2)
        if not busy:
            stop.wait(PAUSE)
