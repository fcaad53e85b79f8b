"""``stations.csv`` of packs: stations, kiosks and counters where residents are served, with hours and services.

What stands in it is public: where, when, what for, the line of the office, and how to get in. No person is named, and a
mobile number is refused. ``lon`` and ``lat`` are degrees, WGS-84. A district's own pack replaces single codes.
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
from gewu.registry.packs.tables import Columns, Fields, parse_csv
from gewu.registry.packs.world import World

FILE = "stations.csv"
KINDS = ("station", "kiosk", "counter")
LONGEST = 300
_COLUMNS = Columns(
    ("code", "kind", "place", "name_zh", "name_en", "hours_zh", "hours_en", "services_zh", "services_en", "source"),
    (
        "lon", "lat", "address_zh", "address_en", "work_phone", "access_zh", "access_en", "valid_from", "valid_to",
        "synthetic",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Station:
    """A place where residents are served; ``_zh`` and ``_en`` are the same in both languages."""

    line: int
    code: str
    kind: str
    place: str
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    lon: float | None
    lat: float | None
    hours_zh: str
    hours_en: str
    services_zh: str
    services_en: str
    work_phone: str
    access_zh: str
    access_en: str
    valid_from: date | None
    valid_to: date | None
    synthetic: bool
    source: str

    def said(self, what: str, language: str) -> str:
        """``name``, ``address``, ``hours``, ``services`` or ``access`` in a language (``zh...`` or English)."""
        return str(getattr(self, f"{what}_{'zh' if language.startswith('zh') else 'en'}"))

    def open_on(self, day: date) -> bool:
        """Whether it is there on a day: ``valid_to`` is its last one."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def _station(row: Fields) -> Station:
    phone = row.text("work_phone", longest=24)
    fault = contacts.phone_fault(phone) if phone else ""
    if fault:
        row.bad(f"work_phone {phone!r} {fault}")
    valid_from, valid_to = row.validity()
    lon, lat = _degrees(row, "lon", 180), _degrees(row, "lat", 90)
    if (lon is None) != (lat is None):
        row.bad("lon and lat stand together, or neither does")
    said = {
        name: row.text(name, required=name[:-3] in ("hours", "services"), longest=LONGEST)
        for name in (
            "address_zh", "address_en", "hours_zh", "hours_en", "services_zh", "services_en", "access_zh", "access_en",
        )
    }  # fmt: skip
    for name in ("address", "access"):
        if bool(said[f"{name}_zh"]) != bool(said[f"{name}_en"]):
            row.bad(f"{name} is given in both languages, or in neither")
    return Station(
        line=row.line,
        code=row.code("code"),
        kind=row.choice("kind", KINDS),
        place=row.code("place"),
        name_zh=row.name("name_zh"),
        name_en=row.name("name_en"),
        lon=lon,
        lat=lat,
        work_phone=phone,
        valid_from=valid_from,
        valid_to=valid_to,
        synthetic=row.flag("synthetic"),
        source=row.text("source", required=True),
        **said,
    )


def _degrees(row: Fields, name: str, most: int) -> float | None:
    text = row.text(name, longest=24)
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not -most <= found <= most:
        row.bad(f"{name} {text!r} is not a number of degrees")
        return None
    return found


def read(text: str, problems: Problems) -> tuple[Station, ...]:
    """The rows of a file; what is wrong with them goes into ``problems``."""
    rows = tuple(map(_station, parse_csv(text, FILE, _COLUMNS, problems)))
    first: dict[str, int] = {}
    for row in rows:
        if row.code and first.setdefault(row.code, row.line) != row.line:
            problems.add(FILE, row.line, f"code {row.code!r} stands twice, first on line {first[row.code]}")
    return rows


class StationFile:
    """The file as packs carry it. See ``gewu.registry.packs.extras.WorldExtra``."""

    files: tuple[str, ...] = (FILE,)

    def check(self, own: Mapping[str, str], required: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Nothing here: stations name places, which ``check_in`` knows."""
        return []

    def check_in(self, own: Mapping[str, str], world: World, problems: Problems) -> None:
        """Faults of rows, doubled codes, and places that no pack has."""
        for station in read(own[FILE], problems) if FILE in own else ():
            if station.place and station.place not in world.places:
                problems.add(FILE, station.line, f"place {station.place!r} is not known")

    def load(self, pack: str) -> Mapping[str, str]:
        """The file of a pack as it was loaded last."""
        return dict(BoardFile.objects.filter(pack=pack, file=FILE).values_list("file", "body"))

    def store(self, pack: str, own: Mapping[str, str]) -> Mapping[str, int]:
        """Keep the file, or forget it."""
        before, now = self.load(pack).get(FILE), own.get(FILE)
        if now is None:
            BoardFile.objects.filter(pack=pack, file=FILE).delete()
        elif now != before:
            kept = {"body": now, "loaded_at": timezone.now()}
            BoardFile.objects.update_or_create(pack=pack, file=FILE, defaults=kept)
        return {
            "created": int(before is None and now is not None),
            "updated": int(before is not None and now is not None and before != now),
            "retired": int(before is not None and now is None),
            "unchanged": int(before is not None and before == now),
        }


_known: dict[int, tuple[object, tuple[Station, ...]]] = {}


def stations(directory: Directory) -> tuple[Station, ...]:
    """The stations that are there on the day of the directory, by place. Read once for each version of the registry."""
    district_id = directory.district.id
    key = (directory.version, directory.as_of)
    held = _known.get(district_id)
    if held is not None and held[0] == key:
        return held[1]
    own = set(PackLoad.objects.filter(district_id=district_id).values_list("pack", flat=True))
    rows = list(BoardFile.objects.filter(pack__in=own | closure(own), file=FILE).order_by("pack"))
    found: dict[str, Station] = {}
    for row in sorted(rows, key=lambda one: (one.pack in own, one.pack)):
        found |= {station.code: station for station in read(row.body, Problems())}
    there = sorted((s for s in found.values() if s.open_on(directory.as_of)), key=lambda s: (s.place, s.code))
    _known[district_id] = key, tuple(there)
    return tuple(there)
