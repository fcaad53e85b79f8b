"""Rows of a replay shared among processes: each takes some, decides and writes them on a connection of its own.

A case knows nothing of another one, and a number that stands twice was taken out when the file was read; so the order
in which shares are written does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from gewu.cases.replay import figures
from gewu.cases.replay.district import Registered
from gewu.cases.replay.export import Rejected, Row
from gewu.cases.replay.lives import Lives
from gewu.cases.replay.mapping import read_mapping
from gewu.home.helpers import cores, helpers
from gewu.ledger.bulk import execute_many
from gewu.registry.directory import get_directory

SHARE = 4_000
"""Rows that are numbered and located together: two batches, so that one is written while the other is decided."""
_WORTH = 8 * SHARE
"""With fewer rows the start of other processes costs as much as it saves."""


@dataclass(slots=True)
class Played:
    """What became of one share: rows there already, rows opened too late, and rows that were refused."""

    rows: int
    already: int = 0
    later: int = 0
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chart:
    """What a process needs to play rows; ``as_of`` in seconds since the epoch."""

    mapping: Path
    registered: Registered
    as_of: int


def processes_for(rows: int) -> int:
    """How many processes play so many rows: one for each core, and one alone when there are few rows."""
    return cores() if rows >= _WORTH else 1


def play(rows: Sequence[Row], chart: Chart, lives: Lives, processes: int) -> Iterator[Played]:
    """Play rows share by share, in this process or in so many others. Yields what became of each as it is written."""
    shares = [rows[start : start + SHARE] for start in range(0, len(rows), SHARE)]
    if processes == 1:
        yield from (one_share(share, chart, lives) for share in shares)
        return
    with helpers(processes, _begin, chart) as pool:
        waiting = iter(shares)
        running: set[Future[Played]] = set()
        try:
            for share in waiting:
                running.add(pool.submit(_one, share))
                if len(running) > processes:  # one more than can run, so that nobody waits for rows
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in ended)
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in ended)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def one_share(rows: Sequence[Row], chart: Chart, lives: Lives) -> Played:
    """Play some rows in this process."""
    district_id = chart.registered.district_id
    there = figures.already_there(district_id, [row.number for row in rows])
    wanted = [row for row in rows if row.number not in there and row.opened <= chart.as_of]
    done = execute_many(district_id, lives.of(wanted), mute=True)
    numbers = {str(row.line): row.number for row in wanted} if done.failed else {}
    return Played(
        rows=len(rows),
        already=len(there),
        later=len(rows) - len(there) - len(wanted),
        rejected=[
            Rejected(int(one.tag), numbers[one.tag], f"move {one.move} was refused: {one.reason}")
            for one in done.failed
        ],
    )


_mine: dict[str, tuple[Chart, Lives]] = {}
"""What this process was started with, when it is one of several."""


def _begin(chart: Chart) -> None:
    directory = get_directory(chart.registered.district_id)
    _mine["chart"] = chart, Lives(read_mapping(chart.mapping), directory, chart.registered, chart.as_of)


def _one(rows: Sequence[Row]) -> Played:
    return one_share(rows, *_mine["chart"])
