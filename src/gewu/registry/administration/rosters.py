"""Who is on duty when: shifts of a unit, one by one or as a sheet, checked for gaps and people in two places.

The shifts of today and the days around it stand in every snapshot of the directory, so that a page can say who is on
duty now without asking the database.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from gewu.registry import models as m
from gewu.registry.administration.changes import By, note
from gewu.registry.directory import Directory
from gewu.registry.versions import bump

EXTRA = "rosters"
TOPIC = "rosters"
LONGEST = timedelta(hours=72)
AHEAD = timedelta(days=14)
"""How far gaps are looked for."""
MOST_ROWS = 2000
HEADS = ("unit", "login", "duty", "from", "until")


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A shift as the directory holds it: the unit, the person and the name of both languages, as what, when."""

    unit: str
    person: int
    login: str
    name_en: str
    name_zh: str
    duty: str
    starts_at: datetime
    ends_at: datetime

    def name(self, language: str) -> str:
        """The person's name."""
        return (self.name_zh if language.startswith("zh") else self.name_en) or self.login


@dataclass(frozen=True, slots=True)
class Wanted:
    """A shift that somebody wants; ``line`` is where it stands in a sheet."""

    unit: str
    login: str
    duty: str
    starts_at: datetime
    ends_at: datetime
    line: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a shift is refused: a code, the line of the sheet, and what it is about."""

    code: str
    line: int
    about: str = ""


class Unfit(ValueError):
    """Shifts that were refused; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.line}: {f.code} {f.about}" for f in faults))
        self.faults = list(faults)


# ---- in the directory


def read(district_id: int) -> tuple[OnDuty, ...]:
    """The shifts that touch yesterday to the day after tomorrow: one statement, whenever a snapshot is made."""
    now = timezone.now()
    rows = m.Shift.objects.filter(
        district_id=district_id,
        removed_at=None,
        ends_at__gt=now - timedelta(days=1),
        starts_at__lt=now + timedelta(days=3),
    ).select_related("unit", "person")
    return tuple(
        OnDuty(
            x.unit.code, x.person_id, x.person.login, x.person.name_en, x.person.name_zh, x.duty, x.starts_at, x.ends_at
        )
        for x in rows
    )


def stamp() -> str:
    """Moves once a day; a change of a roster moves the registry's own version."""
    return timezone.now().date().isoformat()


def on_duty(directory: Directory, at: datetime, unit: str = "") -> list[OnDuty]:
    """Who is on duty at an instant, of one unit or of all."""
    shifts: tuple[OnDuty, ...] = directory.extras.get(EXTRA, ())
    return [x for x in shifts if x.starts_at <= at < x.ends_at and (not unit or x.unit == unit)]


# ---- changing them


def put(district: m.District, wanted: Sequence[Wanted], by: By) -> int:
    """Add shifts, all or none. One that is there already in the same words is left alone. Raises ``Unfit``."""
    units = {u.code: u for u in m.Unit.objects.filter(district=district, retired_on=None)}
    people = {p.login: p for p in m.Person.objects.filter(login__in={w.login for w in wanted})}
    faults = [f for w in wanted for f in _faults(w, units, people)]
    if len(wanted) > MOST_ROWS:
        faults.append(Fault("too_many", 0, str(MOST_ROWS)))
    if faults:
        raise Unfit(faults)
    with transaction.atomic():
        m.District.objects.select_for_update().get(pk=district.pk)  # two sheets at once would each find no clash
        low = min((w.starts_at for w in wanted), default=timezone.now())
        high = max((w.ends_at for w in wanted), default=timezone.now())
        there = list(
            m.Shift.objects.filter(
                person__in=people.values(), removed_at=None, ends_at__gt=low, starts_at__lt=high, district=district
            ).select_related("unit")
        )
        known = {(s.unit.code, s.person_id, s.duty, s.starts_at, s.ends_at) for s in there}
        new = [w for w in wanted if (w.unit, people[w.login].pk, w.duty, w.starts_at, w.ends_at) not in known]
        faults = _clashes(new, there, people)
        if faults:
            raise Unfit(faults)
        m.Shift.objects.bulk_create(
            m.Shift(
                district=district,
                unit=units[w.unit],
                person=people[w.login],
                duty=w.duty,
                starts_at=w.starts_at,
                ends_at=w.ends_at,
            )
            for w in new
        )
        for code in sorted({w.unit for w in new}):
            own = [w for w in new if w.unit == code]
            after = [f"{w.login} {w.starts_at.isoformat()} {w.ends_at.isoformat()} {w.duty}".strip() for w in own[:50]]
            note(
                district,
                by,
                topic=TOPIC,
                verb="roster",
                table="shift",
                key=code,
                after={"shifts": len(own), "first": after},
            )
        if new:
            bump()
    return len(new)


def remove(district: m.District, shift_id: int, by: By) -> bool:
    """Take a shift out of the roster; False when it is not in it (any more)."""
    with transaction.atomic():
        row = (
            m.Shift.objects.filter(district=district, pk=shift_id, removed_at=None)
            .select_related("unit", "person")
            .first()
        )
        if row is None:
            return False
        m.Shift.objects.filter(pk=row.pk).update(removed_at=timezone.now())
        before = f"{row.person.login} {row.starts_at.isoformat()} {row.ends_at.isoformat()} {row.duty}".strip()
        note(district, by, topic=TOPIC, verb="roster", table="shift", key=row.unit.code, before=before)
        bump()
    return True


def _faults(w: Wanted, units: dict[str, m.Unit], people: dict[str, m.Person]) -> Iterable[Fault]:
    if w.unit not in units:
        yield Fault("no_unit", w.line, w.unit)
    if w.login not in people:
        yield Fault("no_login", w.line, w.login)
    elif not people[w.login].is_active:
        yield Fault("locked", w.line, w.login)
    if w.ends_at <= w.starts_at:
        yield Fault("order", w.line)
    elif w.ends_at - w.starts_at > LONGEST:
        yield Fault("too_long", w.line)


def _clashes(new: Sequence[Wanted], there: Sequence[m.Shift], people: dict[str, m.Person]) -> list[Fault]:
    """Nobody is in two places: overlapping shifts of one person."""
    spans: dict[int, list[tuple[datetime, datetime, int]]] = {}
    for s in there:
        spans.setdefault(s.person_id, []).append((s.starts_at, s.ends_at, 0))
    for w in new:
        spans.setdefault(people[w.login].pk, []).append((w.starts_at, w.ends_at, w.line or 1))
    logins = {p.pk: p.login for p in people.values()}
    found = []
    for person, own in spans.items():
        for one, two in pairwise(sorted(own)):
            if two[0] < one[1] and (one[2] or two[2]):
                found.append(Fault("two_places", max(one[2], two[2]), logins[person]))
    return found


# ---- gaps


def gaps(shifts: Iterable[m.Shift], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The spans between two instants in which none of these shifts holds."""
    found, at = [], start
    for s in sorted(shifts, key=lambda s: s.starts_at):
        if s.starts_at >= end:
            break
        if s.starts_at > at:
            found.append((at, s.starts_at))
        at = max(at, s.ends_at)
    if at < end:
        found.append((at, end))
    return found


# ---- sheets


def parse(data: bytes, zone: str, unit: str) -> list[Wanted]:
    """The shifts of a CSV: unit (may be left out where one is meant), login, duty, from, until. Raises ``Unfit``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what spreadsheets in China save
        except UnicodeDecodeError:
            raise Unfit([Fault("not_text", 1)]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = {"login", "from", "until"} - set(reader.fieldnames or ())
    if missing:
        raise Unfit([Fault("columns", 1, ", ".join(sorted(missing)))])
    found: list[Wanted] = []
    faults: list[Fault] = []
    for row in reader:
        line = reader.line_num
        given = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str) and not isinstance(v, list)}
        if not any(given.values()):
            continue
        start, end = instant(given.get("from", ""), zone), instant(given.get("until", ""), zone)
        if start is None or end is None:
            faults.append(Fault("instant", line, given.get("from", "") if start is None else given.get("until", "")))
            continue
        found.append(
            Wanted(given.get("unit", "") or unit, given.get("login", ""), given.get("duty", "")[:100], start, end, line)
        )
    if faults:
        raise Unfit(faults)
    return found


def instant(text: str, zone: str) -> datetime | None:
    """``2026-11-27 08:30`` (or with T) in the district's time zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    if not 1900 <= found.year <= 2999:
        return None
    return (found.replace(tzinfo=ZoneInfo(zone)) if found.tzinfo is None else found).astimezone(UTC)


def sheet(shifts: Iterable[m.Shift], zone: str) -> str:
    """The shifts as a CSV that ``parse`` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADS)
    for s in shifts:
        start, end = (x.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") for x in (s.starts_at, s.ends_at))
        duty = f"'{s.duty}" if s.duty[:1] in ("=", "+", "-", "@") else s.duty
        writer.writerow([s.unit.code, s.person.login, duty, start, end])
    return "\ufeff" + out.getvalue()
