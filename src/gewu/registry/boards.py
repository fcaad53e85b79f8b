"""The notice board of a community: who answers for what, by post, with duty, promise and the line of the office.

Put together from units, posts and their dates, duties and complaint lines; nothing on it is stored as a board. A name
is on it only where it was released for the present holder (``contacts``); logins and private telephones never are.
Building heads are neighbours, so they are counted and not listed; of Party organisations there are counts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gewu.registry import buildings, duties
from gewu.registry.directory import Directory
from gewu.registry.duties import Duty, Line
from gewu.registry.entries import PlaceInfo, PostInfo, PublicName, UnitInfo

NO_POST, VACANT, NO_PHONE = "no_post", "vacant", "no_phone"
GAPS = (NO_POST, VACANT, NO_PHONE)
"""What keeps a board from being complete: no such post, nobody at it, no telephone of post or office."""
NO_LINE = "no_line"
"""The district has no complaint line."""


@dataclass(frozen=True, slots=True)
class Former:
    """What stood there before: a post or a body that ended on a day."""

    code: str
    zh: str
    en: str
    last_day: date | None

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Entry:
    """A post on a board. ``post`` is None where none is set up; ``of_office``: the telephone is the office's, not the
    post's. ``since`` is the day from which the post or, when later, its duty holds."""

    duty: Duty
    post: PostInfo | None
    unit: UnitInfo | None
    vacant: bool
    name: PublicName | None
    phone: str
    of_office: bool
    since: date | None
    before: tuple[Former, ...] = ()

    @property
    def gap(self) -> str:
        """What is missing here, one of ``GAPS``; empty where nothing is."""
        if self.post is None:
            return NO_POST
        return VACANT if self.vacant else "" if self.phone else NO_PHONE


@dataclass(frozen=True, slots=True)
class Part:
    """A row of duties with the posts that carry it."""

    duty: Duty
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class GridPart:
    """Grids of the community that the same posts answer for."""

    grids: tuple[PlaceInfo, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A post of this community that ended, and the board on which its successor stands."""

    former: Former
    successor: PostInfo
    place: str


@dataclass(frozen=True, slots=True)
class Board:
    """The board of a community as of a day. Of one that ended, only ``successor`` says where to look."""

    place: PlaceInfo
    street: PlaceInfo | None
    office: UnitInfo | None
    as_of: date
    parts: tuple[Part, ...] = ()
    grids: tuple[GridPart, ...] = ()
    lines: tuple[Line, ...] = ()
    moved: tuple[Moved, ...] = ()
    ended: bool = False
    successor: PlaceInfo | None = None

    @property
    def entries(self) -> list[Entry]:
        """Every post on it, once."""
        every = [*(e for p in self.parts for e in p.entries), *(e for g in self.grids for e in g.entries)]
        return list({(e.duty.code, e.post.code if e.post else ""): e for e in every}.values())

    @property
    def gaps(self) -> list[tuple[str, Entry | None]]:
        """What is missing on it."""
        found: list[tuple[str, Entry | None]] = [(e.gap, e) for e in self.entries if e.gap]
        return found if self.lines else [*found, (NO_LINE, None)]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a community: buildings, those with a head, Party organisations from the community down."""

    buildings: int
    with_head: int
    organisations: int


def streets(directory: Directory) -> tuple[PlaceInfo, ...]:
    """The streets and towns of a district, by code."""
    return tuple(sorted(directory.places_in(directory.district.code), key=lambda place: place.code))


def communities(directory: Directory, street: str) -> tuple[PlaceInfo, ...]:
    """The communities and villages of a street, by code."""
    return tuple(sorted((p for p in directory.places_in(street) if p.kind == "community"), key=lambda p: p.code))


def counts(directory: Directory, code: str) -> Counts:
    """What is counted of a community and never listed. Two statements."""
    district = directory.district.id
    houses = buildings.profile(district, directory.as_of, code)
    chain = buildings.organisations(district, directory.as_of, prefix=code).count()
    return Counts(houses.buildings, houses.with_head, chain)


def board(directory: Directory, code: str) -> Board | None:
    """The board of a community by its code, also of one that ended; None where there is no such community."""
    place = directory.place(code)
    if place is None or place.kind != "community":
        return None
    street = directory.place(place.parent)
    if not place.active:
        after = _standing(directory, place.successor)
        return Board(place, street, None, directory.as_of, ended=True, successor=after)
    known = duties.said(directory)
    office = _office(directory, place.parent)
    parts = [Part(duty, _entries(directory, duty, place, office)) for duty in known.duties if duty.level != duties.GRID]
    return Board(
        place,
        street,
        office,
        directory.as_of,
        tuple(part for part in parts if part.entries),
        _grids(directory, [duty for duty in known.duties if duty.level == duties.GRID], place),
        known.lines,
        tuple(_moved(directory, place)),
    )


def _standing(directory: Directory, code: str) -> PlaceInfo | None:
    """The place that stands today in the place of one that ended, by way of all between."""
    seen: set[str] = set()
    while code and code not in seen:
        seen.add(code)
        place = directory.place(code)
        if place is None or place.active:
            return place
        code = place.successor
    return None


def _office(directory: Directory, street: str) -> UnitInfo | None:
    """The office of a street: the highest unit with just this territory."""
    found = [u for u in directory.units.values() if u.active and u.accounts and u.place == street]
    return min(found, key=lambda unit: (unit.path.count("/"), unit.code), default=None)


def _entries(directory: Directory, duty: Duty, place: PlaceInfo, office: UnitInfo | None) -> tuple[Entry, ...]:
    posts = [post for post in directory.holders(duty.role) if _of_kind(directory, duty, post)]
    if duty.level == duties.COMMUNITY:
        found = [post for post in posts if place.code in post.prefixes]
    elif duty.level == duties.STREET:
        found = [post for post in posts if _territory(directory, post) == place.parent]
    else:
        wide = [post for post in posts if directory.district.code in post.prefixes]
        # A whole office stands for the district: one line for each unit, not one for each of its posts.
        found = list({post.unit: post for post in reversed(wide)}.values())
    if not found:
        # Many a street has no body of a kind, and that is no gap; whatever a community is owed is one.
        return (_none(duty, office),) if duty.level == duties.COMMUNITY else ()
    return tuple(_entry(directory, duty, post) for post in sorted(found, key=lambda post: post.code))


def _of_kind(directory: Directory, duty: Duty, post: PostInfo) -> bool:
    unit = directory.units.get(post.unit)
    return unit is not None and duty.unit_kind in ("", unit.kind)


def _territory(directory: Directory, post: PostInfo) -> str:
    unit = directory.units.get(post.unit)
    return unit.place if unit is not None else ""


def _none(duty: Duty, office: UnitInfo | None) -> Entry:
    phone = office.work_phone if office else ""
    return Entry(duty, None, office, True, None, phone, bool(phone), None)


def _entry(directory: Directory, duty: Duty, post: PostInfo) -> Entry:
    unit = directory.units[post.unit]
    phone = post.work_phone if duty.level != duties.DISTRICT else ""
    since = max((day for day in (post.valid_from, duty.valid_from) if day), default=None)
    if duty.level == duties.DISTRICT:
        since = max((day for day in (unit.valid_from, duty.valid_from) if day), default=None)
    return Entry(
        duty,
        post,
        unit,
        post.person is None,
        post.public_name if duty.level != duties.DISTRICT else None,
        phone or unit.work_phone,
        not phone and bool(unit.work_phone),
        since,
        tuple(_before(directory, post, unit)),
    )


def _before(directory: Directory, post: PostInfo, unit: UnitInfo) -> Iterable[Former]:
    for old in directory.posts.values():
        if old.successor == post.code and not old.active:
            yield Former(old.code, old.name_zh, old.name_en, old.valid_to)
    for body in directory.units.values():
        if body.successor == unit.code:
            yield Former(body.code, body.name_zh, body.name_en, body.valid_to)


def _grids(directory: Directory, wanted: Sequence[Duty], place: PlaceInfo) -> tuple[GridPart, ...]:
    """The grids of a community, those with the same posts together, in the order of their codes."""
    if not wanted:
        return ()
    made: dict[tuple[Entry, ...], list[PlaceInfo]] = {}
    known: dict[tuple[str, str], Entry] = {}
    for grid in sorted(directory.places_in(place.code), key=lambda p: p.code):
        entries = []
        for duty in wanted:
            posts = [post for post in directory.holders(duty.role) if _of_kind(directory, duty, post)]
            for post in nearest(posts, grid.code):
                key = (duty.code, post.code)
                known[key] = known.get(key) or _entry(directory, duty, post)
                entries.append(known[key])
        made.setdefault(tuple(entries) or tuple(_none(duty, None) for duty in wanted), []).append(grid)
    return tuple(GridPart(tuple(grids), entries) for entries, grids in made.items())


def nearest(posts: Iterable[PostInfo], code: str) -> list[PostInfo]:
    """Of the posts whose territory has a place in it, those with the smallest territory; by code.

    Who has the whole district in reserve does not answer for a grid.
    """
    reach = {post.code: max((len(p) for p in post.prefixes if code.startswith(p)), default=0) for post in posts}
    most = max(reach.values(), default=0)
    if most <= 6:
        return []
    return sorted((post for post in posts if reach[post.code] == most), key=lambda post: post.code)


def _moved(directory: Directory, place: PlaceInfo) -> Iterable[Moved]:
    """Posts of this community that ended and whose successor stands on another board."""
    for old in directory.posts.values():
        if old.active or not old.successor or place.code not in old.prefixes:
            continue
        now = _last(directory, old)
        if now is None or not now.active or place.code in now.prefixes:
            continue
        where = next((code for code in now.prefixes if (p := directory.place(code)) and p.kind == "community"), "")
        yield Moved(Former(old.code, old.name_zh, old.name_en, old.valid_to), now, where)


def _last(directory: Directory, post: PostInfo) -> PostInfo | None:
    seen = {post.code}
    found: PostInfo | None = post
    while found is not None and not found.active and found.successor:
        if found.successor in seen:
            return None
        seen.add(found.successor)
        found = directory.post(found.successor)
    return found
