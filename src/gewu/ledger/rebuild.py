"""Rebuilding: fold every record's events again and compare with what the tables say, row for row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.core.evolve import evolve, state_from_json
from gewu.core.records import Event, State
from gewu.ledger import rows, store
from gewu.ledger.keys import Cipher, KeyFault, unwrap
from gewu.ledger.progress import Progress
from gewu.ledger.projections import Change, Journal, Projection, journals_of, projections_of
from gewu.registry.directory import Directory, get_directory

PAGE = 500


@dataclass(slots=True)
class Difference:
    """A row that its events do not give."""

    district_id: int
    record_id: str
    table: str
    reason: str

    def __str__(self) -> str:
        return f"district {self.district_id}, record {self.record_id}, {self.table}: {self.reason}"


@dataclass(slots=True)
class Report:
    records: int = 0
    events: int = 0
    erased: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "records": self.records,
            "events": self.events,
            "erased": self.erased,
            "differences": [asdict(d) for d in self.differences],
        }

    def __str__(self) -> str:
        found = "every row is as its events say" if self.ok else f"{len(self.differences)} differences"
        return f"{self.records} records rebuilt from {self.events} events ({self.erased} erased): {found}"


def rebuild_all(district_id: int | None = None, progress: Progress | None = None, most: int = 1000) -> Report:
    """Replay all events and compare state, clocks, assignments, links and projections. Changes nothing."""
    report = Report()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_district ORDER BY id")
        districts = [row[0] for row in cursor.fetchall()]
        if progress is not None:
            cursor.execute("SELECT count(*) FROM ledger_record WHERE %s IN (district_id, 0)", [district_id or 0])
            progress.total = int(cursor.fetchone()[0])
    for district in districts:
        if district_id is not None and district != district_id:
            continue
        directory = get_directory(district)
        last = UUID(int=0)
        while ids := page_of(district, last):
            _compare_page(directory, ids, report, most)
            last = ids[-1]
            if progress:
                progress.advance(len(ids))
    return report


def page_of(district_id: int, last: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_record WHERE district_id = %s AND id > %s ORDER BY id LIMIT %s",
            [district_id, last, PAGE],
        )
        return [row[0] for row in cursor.fetchall()]


def select_from(columns: Sequence[str], table: str, district_id: int, ids: list[UUID], key: str = "record_id") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {table} WHERE district_id = %s AND {key} = ANY(%s)", [district_id, ids]
        )
        return cursor.fetchall()


def _compare_page(directory: Directory, ids: list[UUID], report: Report, most: int) -> None:
    district_id = directory.district.id
    records = {r[1]: r for r in select_from(rows.RECORD_COLUMNS, "ledger_record", district_id, ids, "id")}
    keys = {r[1]: r for r in select_from(rows.KEY_COLUMNS, "ledger_recordkey", district_id, ids)}
    events: dict[UUID, list[tuple[Any, ...]]] = {i: [] for i in ids}
    for row in select_from(rows.EVENT_COLUMNS, "ledger_event", district_id, ids):
        events[row[1]].append(row)
    tables = {
        "ledger_clock": _grouped(select_from(rows.CLOCK_COLUMNS, "ledger_clock", district_id, ids)),
        "ledger_assignment": _grouped(select_from(rows.ASSIGNMENT_COLUMNS, "ledger_assignment", district_id, ids)),
        "ledger_link": _grouped(select_from(rows.LINK_COLUMNS, "ledger_link", district_id, ids)),
    }
    kinds = {r[2] for r in records.values()}
    details: dict[str, dict[UUID, dict[str, Any]]] = {}
    for projection in [p for kind in sorted(kinds) for p in projections_of(kind)]:
        found = select_from(("record_id", *projection.columns), projection.table, district_id, ids)
        details[projection.table] = {r[0]: dict(zip(projection.columns, r[1:], strict=True)) for r in found}
    for journal in [j for kind in sorted(kinds) for j in journals_of(kind)]:
        key = ("district_id", "record_id", "seq")
        tables[journal.table] = _grouped(select_from((*key, *journal.columns), journal.table, district_id, ids))
    for record_id in ids:
        report.records += 1
        faults = _compare(directory, records[record_id], keys.get(record_id), sorted(events[record_id], key=by_number),
                          tables, details, report)  # fmt: skip
        for table, reason in faults:
            if len(report.differences) < most:
                report.differences.append(Difference(district_id, str(record_id), table, reason))


def by_number(row: tuple[Any, ...]) -> int:
    return int(row[2])


def _grouped(found: list[tuple[Any, ...]]) -> dict[UUID, set[tuple[Any, ...]]]:
    grouped: dict[UUID, set[tuple[Any, ...]]] = {}
    for row in found:
        grouped.setdefault(row[1], set()).add(row)
    return grouped


def _compare(
    directory: Directory,
    record: tuple[Any, ...],
    key: tuple[Any, ...] | None,
    events: list[tuple[Any, ...]],
    tables: dict[str, dict[UUID, set[tuple[Any, ...]]]],
    details: dict[str, dict[UUID, dict[str, Any]]],
    report: Report,
) -> list[tuple[str, str]]:
    district_id, record_id, kind = record[0], record[1], record[2]
    erased = key is not None and key[4] is not None
    report.erased += erased
    cipher = None
    if key is not None and key[3] is not None:
        try:
            cipher = Cipher(unwrap(bytes(key[3]), key[2], district_id, record_id), district_id, record_id)
        except KeyFault as fault:
            return [("ledger_recordkey", str(fault))]
    projections, journals = projections_of(kind), journals_of(kind)
    folded: dict[str, dict[str, Any]] = {p.table: {} for p in projections}
    written: dict[str, set[tuple[Any, ...]]] = {j.table: set() for j in journals}
    state: State | None = None
    try:
        for change in changes_of(district_id, record_id, events, cipher, erased):
            report.events += 1
            state = change.after
            for projection in projections:
                folded[projection.table].update(projection.delta(change))
            for journal in journals:
                key = (district_id, record_id, change.event.seq)
                written[journal.table].update((*key, *row) for row in journal.rows(change))
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        return [("ledger_event", f"the events do not fold: {fault}")]
    except KeyFault as fault:
        return [("ledger_event", str(fault))]
    if state is None:
        return [("ledger_event", "the record has no events")]
    return [
        *_record_faults(directory, record, state),
        *_part_faults(district_id, record_id, state, tables),
        *(f for p in projections for f in _detail_faults(p, folded[p.table], details[p.table].get(record_id), erased)),
        *(f for j in journals for f in _journal_faults(j, written[j.table], tables[j.table].get(record_id, set()))),
    ]


def changes_of(
    district_id: int, record_id: UUID, events: Sequence[tuple[Any, ...]], cipher: Cipher | None, erased: bool
) -> Iterator[Change]:
    """The events of one record as its projections saw them."""
    state: State | None = None
    for row in events:
        event = Event(row[6], row[2], rows.micros(row[3]) // 1_000_000, row[4], row[5], store.as_json(row[8]))
        sealed = bytes(row[9]) if row[9] is not None else None
        before, state = state, evolve(state, event)
        yield Change(district_id, record_id, event, before, state, sealed, _opener(cipher, sealed, erased))


def _opener(cipher: Cipher | None, sealed: bytes | None, erased: bool) -> Callable[[], Mapping[str, str] | None]:
    def texts() -> Mapping[str, str] | None:
        if erased or cipher is None:
            return None
        return cipher.open(sealed) if sealed is not None else {}

    return texts


def _record_faults(directory: Directory, record: tuple[Any, ...], state: State) -> list[tuple[str, str]]:
    stored = dict(zip(rows.RECORD_COLUMNS, record, strict=True))
    playbook = directory.playbook(state.playbook, state.playbook_version)
    if playbook is None:
        return [("ledger_record", f"playbook {state.playbook} {state.playbook_version} is not loaded")]
    if state_from_json(store.as_json(stored.pop("state"))) != state:
        return [("ledger_record", "state differs from its events")]
    given = rows.record_values(state, playbook)
    given.pop("state")
    return [("ledger_record", f"{name} is {stored[name]!r}, its events give {v!r}") for name, v in given.items()
            if stored[name] != v]  # fmt: skip


def _part_faults(
    district_id: int, record_id: UUID, state: State, tables: dict[str, dict[UUID, set[tuple[Any, ...]]]]
) -> list[tuple[str, str]]:
    given: dict[str, set[tuple[Any, ...]]] = {
        "ledger_clock": {rows.clock_row(district_id, record_id, c) for c in state.clocks},
        "ledger_assignment": {rows.assignment_row(district_id, record_id, a) for a in state.assignments},
    }
    faults = []
    for table, expected in given.items():
        stored = tables[table].get(record_id, set())
        if stored != expected:
            faults.append((table, f"{len(stored ^ expected)} rows differ from its events"))
    links = {(row[2], str(row[3])) for row in tables["ledger_link"].get(record_id, set())}
    if links != set(state.links):
        faults.append(("ledger_link", "links differ from its events"))
    return faults


def _journal_faults(
    journal: Journal, expected: set[tuple[Any, ...]], stored: set[tuple[Any, ...]]
) -> list[tuple[str, str]]:
    plain = {tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in stored}
    if plain == expected:
        return []
    return [(journal.table, f"{len(plain ^ expected)} rows differ from its events")]


def _detail_faults(
    projection: Projection, expected: dict[str, Any], stored: dict[str, Any] | None, erased: bool
) -> list[tuple[str, str]]:
    if stored is None:
        return [(projection.table, "the row is missing")]
    faults = []
    for name in projection.columns:
        want, have = expected.get(name), stored[name]
        if isinstance(have, memoryview):
            have = bytes(have)
        if erased and name in projection.private:
            if have is not None:
                faults.append((projection.table, f"{name} survived the erasure"))
        elif want != have:
            faults.append((projection.table, f"{name} is {have!r}, its events give {want!r}"))
    return faults
