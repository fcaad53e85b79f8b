"""A replay from file to figures."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from gewu.cases.replay import figures, sharing
from gewu.cases.replay.district import read_territory, register
from gewu.cases.replay.export import Export, Rejected, read_export
from gewu.cases.replay.lives import Lives
from gewu.cases.replay.mapping import Mapping, read_mapping
from gewu.ledger.verify import verify_all
from gewu.registry.directory import get_directory, refresh


class Progress(Protocol):
    """What a long step tells how far it is."""

    label: str
    total: int | None
    done: int

    def advance(self, count: int = 1) -> None:
        """So many more are done."""


@dataclass(slots=True)
class Replayed:
    """What a replay did. ``seconds`` covers reading, deciding and writing, not the verification after it."""

    mapping: str
    district: str
    district_id: int
    as_of: int
    cases_in: int = 0
    already: int = 0
    later: int = 0
    cases_filed: int = 0
    events: int = 0
    seconds: float = 0.0
    rejected: list[Rejected] = field(default_factory=list)
    closed_on_time: int = 0
    closed_overdue: int = 0
    ward_agreement: int = 0
    ward_compared: int = 0
    chain_ok: bool = False
    faults: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The figures for programs. ``ward_agreement`` is a number of cases, out of ``ward_compared``."""
        return {
            "cases_in": self.cases_in,
            "cases_filed": self.cases_filed,
            "rejected": len(self.rejected),
            "events": self.events,
            "seconds": round(self.seconds, 3),
            "cases_per_s": round(self.cases_filed / self.seconds, 1) if self.seconds else 0.0,
            "closed_on_time": self.closed_on_time,
            "closed_overdue": self.closed_overdue,
            "ward_agreement": self.ward_agreement,
            "ward_compared": self.ward_compared,
            "chain_ok": self.chain_ok,
        }


def run(
    export: Path,
    *,
    mapping: Path,
    territory: Path,
    as_of: datetime | None = None,
    processes: int = 0,
    progress: Callable[[str, int | None], Progress] | None = None,
) -> Replayed:
    """Play an export into the district that its mapping names, and verify that district.

    ``as_of`` without a zone is in the district's. Raises ``BadMapping``, ``BadExport`` and ``PackError`` before a case
    is written. ``processes``: how many share the work; 0 takes as many as there are cores for a large file (see
    ``sharing``). ``progress`` begins a step with a label and a total (None: not known).
    """
    begun = time.perf_counter()
    step = progress or _silent
    chart = read_mapping(mapping)
    outlines = read_territory(territory, chart)
    read = read_export(export, chart, step("reading", None).advance)
    instant = _as_of(as_of, chart, read)
    registered = register(chart, outlines, read.rows)
    refresh()
    directory = get_directory(registered.district_id)
    result = Replayed(chart.name, directory.district.code, registered.district_id, instant, rejected=read.rejected)
    result.cases_in = len(read.rows) + len(read.rejected)
    # Before the first case, so that the live ticker never sees a clock of these.
    figures.stand_still(registered.district_id, instant)
    before = figures.count(registered.district_id)
    lives = Lives(chart, directory, registered, instant)
    told = step("replaying", len(read.rows))
    wanted = processes or sharing.processes_for(len(read.rows))
    for played in sharing.play(read.rows, sharing.Chart(mapping, registered, instant), lives, wanted):
        result.already += played.already
        result.later += played.later
        result.rejected += played.rejected
        told.advance(played.rows)
    result.seconds = time.perf_counter() - begun
    after = figures.count(registered.district_id)
    result.cases_filed, result.events = after.cases - before.cases, after.events - before.events
    result.closed_on_time, result.closed_overdue = after.closed_on_time, after.closed_overdue
    result.ward_agreement, result.ward_compared = after.place_agreed, after.place_compared
    report = verify_all(registered.district_id, progress=step("verifying", None))
    result.chain_ok, result.faults = report.ok, [str(fault) for fault in report.faults]
    return result


def _as_of(given: datetime | None, mapping: Mapping, read: Export) -> int:
    if given is not None:
        zone = ZoneInfo(mapping.spec.district.timezone)
        return int((given if given.tzinfo else given.replace(tzinfo=zone)).timestamp())
    return read.newest if read.newest is not None else int(time.time())


def write_rejected(rejected: list[Rejected], path: Path) -> None:
    """Write the rejected rows as CSV: line, number, reason."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "number", "reason"))
        writer.writerows((one.line, one.number, one.reason) for one in sorted(rejected, key=lambda one: one.line))


def report_name(mapping: str) -> str:
    """A file name for the report of a replay that runs now."""
    return f"replay-{mapping}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.csv"


class _Silent:
    label = ""
    total: int | None = None
    done = 0

    def advance(self, count: int = 1) -> None:
        """Tell nobody."""


def _silent(_label: str, _total: int | None) -> Progress:
    return _Silent()
