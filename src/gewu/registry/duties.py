"""``duties.csv`` and ``lines.csv`` of packs: what a role owes and promises on a notice board, and where to complain.

``duties.csv`` has a row for each kind of post that stands on a board: which role, in which kind of unit, which level.
``lines.csv`` has the complaint lines. A district's own pack replaces single codes of the packs it requires.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from gewu.registry import contacts
from gewu.registry.directory import Directory
from gewu.registry.models import BoardFile, PackLoad
from gewu.registry.packs.loaded import closure
from gewu.registry.packs.problems import Problem, Problems
from gewu.registry.packs.report import Counts
from gewu.registry.packs.tables import Columns, Fields, parse_csv
from gewu.registry.packs.world import World
from gewu.registry.packs.write import Load

DUTIES, LINES = "duties.csv", "lines.csv"
FILES = (DUTIES, LINES)
COMMUNITY, GRID, STREET, DISTRICT = "community", "grid", "street", "district"
LEVELS = (COMMUNITY, GRID, STREET, DISTRICT)
LONGEST = 300
_DUTY_COLUMNS = Columns(
    ("code", "role", "level", "duty_zh", "duty_en", "promise_zh", "promise_en", "source"), ("unit_kind", "valid_from")
)
_LINE_COLUMNS = Columns(("code", "number", "name_zh", "name_en", "source"), ("hours_zh", "hours_en", "valid_from"))


@dataclass(frozen=True, slots=True)
class Duty:
    """What stands on boards for the posts of a role. ``unit_kind`` narrows them to units of a kind; empty: any."""

    line: int
    code: str
    role: str
    unit_kind: str
    level: str
    duty_zh: str
    duty_en: str
    promise_zh: str
    promise_en: str
    valid_from: date | None
    source: str

    def duty(self, language: str) -> str:
        """What the post has to do."""
        return self.duty_zh if language.startswith("zh") else self.duty_en

    def promise(self, language: str) -> str:
        """What may be expected of it."""
        return self.promise_zh if language.startswith("zh") else self.promise_en


@dataclass(frozen=True, slots=True)
class Line:
    """A telephone on which anybody may complain or ask."""

    line: int
    code: str
    number: str
    name_zh: str
    name_en: str
    hours_zh: str
    hours_en: str
    valid_from: date | None
    source: str

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en

    def hours(self, language: str) -> str:
        """When somebody answers; empty where nobody wrote it."""
        return self.hours_zh if language.startswith("zh") else self.hours_en


@dataclass(frozen=True, slots=True)
class Boards:
    """Everything that the files say for a district, in their order."""

    duties: tuple[Duty, ...]
    lines: tuple[Line, ...]


def _duty(row: Fields) -> Duty:
    return Duty(
        row.line,
        row.code("code"),
        row.code("role"),
        row.code("unit_kind", required=False),
        row.choice("level", LEVELS),
        row.text("duty_zh", required=True, longest=LONGEST),
        row.text("duty_en", required=True, longest=LONGEST),
        row.text("promise_zh", required=True, longest=LONGEST),
        row.text("promise_en", required=True, longest=LONGEST),
        row.day("valid_from"),
        row.text("source", required=True),
    )


def _line(row: Fields) -> Line:
    number = row.text("number", required=True, longest=24)
    fault = contacts.phone_fault(number)
    if fault:
        row.bad(f"number {number!r} {fault}")
    return Line(
        row.line,
        row.code("code"),
        number,
        row.name("name_zh"),
        row.name("name_en"),
        row.name("hours_zh", required=False),
        row.name("hours_en", required=False),
        row.day("valid_from"),
        row.text("source", required=True),
    )


def read(own: Mapping[str, str], problems: Problems) -> Boards:
    """The rows of a pack's own files; what is wrong with them goes into ``problems``."""
    duties = tuple(map(_duty, parse_csv(own[DUTIES], DUTIES, _DUTY_COLUMNS, problems))) if DUTIES in own else ()
    lines = tuple(map(_line, parse_csv(own[LINES], LINES, _LINE_COLUMNS, problems))) if LINES in own else ()
    _doubles(DUTIES, duties, problems)
    _doubles(LINES, lines, problems)
    return Boards(duties, lines)


def _doubles(file: str, rows: Sequence[Duty | Line], problems: Problems) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if row.code and first.setdefault(row.code, row.line) != row.line:
            problems.add(file, row.line, f"code {row.code!r} stands twice, first on line {first[row.code]}")


class BoardFiles:
    """The two files as packs carry them. See ``gewu.registry.packs.extras.TableExtra``."""

    files: tuple[str, ...] = FILES

    def check(self, own: Mapping[str, str], required: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Nothing here: duties name roles, which ``check_in`` knows."""
        return []

    def check_in(self, own: Mapping[str, str], world: World, problems: Problems) -> None:
        """Faults of rows, doubled codes, roles and kinds of units that nothing defines."""
        kinds = {unit.kind for unit in world.units.values()}
        for duty in read(own, problems).duties:
            if duty.role and duty.role not in world.roles:
                problems.add(DUTIES, duty.line, f"role {duty.role!r} is not defined")
            if duty.unit_kind and world.district is not None and duty.unit_kind not in kinds:
                problems.add(DUTIES, duty.line, f"no unit is of the kind {duty.unit_kind!r}")

    def load(self, pack: str) -> Mapping[str, str]:
        """The files of a pack as it was loaded last."""
        return dict(BoardFile.objects.filter(pack=pack, file__in=FILES).values_list("file", "body"))

    def store(self, pack: str, own: Mapping[str, str]) -> Mapping[str, int]:
        """Never called: ``store_in`` is."""
        return {}

    def store_in(self, own: Mapping[str, str], load: Load) -> None:
        """Keep the files, and forget those that the pack no longer has."""
        known = self.load(load.pack)
        for file in FILES:
            before, now = known.get(file), own.get(file)
            if before is None and now is None:
                continue
            counts = load.report.tables.setdefault(file, Counts())
            if now is None:
                BoardFile.objects.filter(pack=load.pack, file=file).delete()
                counts.retired += 1
            elif before == now:
                counts.unchanged += 1
            else:
                kept = {"body": now, "loaded_at": timezone.now()}
                BoardFile.objects.update_or_create(pack=load.pack, file=file, defaults=kept)
                counts.updated += before is not None
                counts.created += before is None


_known: dict[int, tuple[object, Boards]] = {}


def said(directory: Directory) -> Boards:
    """What the packs of a district say for its boards. Read once for each version of the registry."""
    district_id = directory.district.id
    held = _known.get(district_id)
    if held is not None and held[0] == directory.version:
        return held[1]
    own = set(PackLoad.objects.filter(district_id=district_id).values_list("pack", flat=True))
    rows = list(BoardFile.objects.filter(pack__in=own | closure(own), file__in=FILES).order_by("pack"))
    duties: dict[str, Duty] = {}
    lines: dict[str, Line] = {}
    for pack in sorted({row.pack for row in rows}, key=lambda name: (name in own, name)):
        made = read({row.file: row.body for row in rows if row.pack == pack}, Problems())
        duties |= {duty.code: duty for duty in made.duties}
        lines |= {line.code: line for line in made.lines}
    found = Boards(tuple(duties.values()), tuple(lines.values()))
    _known[district_id] = directory.version, found
    return found
