"""The notice board of a community: who answers for what, by post, with duty, promise and the line of the office.

Put together from units, posts and their dates, duties and complaint lines; nothing on it is stored as a board. A name
is on it only where it was released for the present holder (``contacts``); logins and private telephones never are.
Building heads are neighbours, so they are counted and not listed; of Party organisations there are counts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gewu.core.places import PlaceLevel
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
    return Maker(directory).board(code)


class Maker:
    """Makes boards of one directory; what they share is looked up once."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.said = duties.said(directory)
        self._posts: dict[str, list[PostInfo]] = {}
        self._made: dict[tuple[str, str], Entry] = {}

    def board(self, code: str) -> Board | None:
        """See ``board``."""
        place = self.directory.place(code)
        if place is None or place.kind != "community":
            return None
        street = self.directory.place(place.parent)
        if not place.active:
            after = self._standing(place.successor)
            return Board(place, street, None, self.directory.as_of, ended=True, successor=after)
        wide = [duty for duty in self.said.duties if duty.level != duties.GRID]
        parts = [Part(duty, self._entries(duty, place)) for duty in wide]
        return Board(
            place,
            street,
            self._offices.get(place.parent),
            self.directory.as_of,
            tuple(part for part in parts if part.entries),
            self._grids(place),
            self.said.lines,
            tuple(self._moved(place)),
        )

    @cached_property
    def _offices(self) -> Mapping[str, UnitInfo]:
        """The office of each street: the highest unit with just its territory."""
        found = [u for u in self.directory.units.values() if u.active and u.accounts and u.place]
        return {unit.place: unit for unit in sorted(found, key=lambda u: (u.path.count("/"), u.code), reverse=True)}

    @cached_property
    def _ended_posts(self) -> Mapping[str, list[PostInfo]]:
        """Posts that ended, by their successor."""
        found: dict[str, list[PostInfo]] = {}
        for post in self.directory.posts.values():
            if post.successor and not post.active:
                found.setdefault(post.successor, []).append(post)
        return found

    @cached_property
    def _ended_units(self) -> Mapping[str, list[UnitInfo]]:
        """Bodies that ended, by their successor."""
        found: dict[str, list[UnitInfo]] = {}
        for unit in self.directory.units.values():
            if unit.successor:
                found.setdefault(unit.successor, []).append(unit)
        return found

    def _standing(self, code: str) -> PlaceInfo | None:
        """The place that stands today in the place of one that ended, by way of all between."""
        seen: set[str] = set()
        while code and code not in seen:
            seen.add(code)
            place = self.directory.place(code)
            if place is None or place.active:
                return place
            code = place.successor
        return None

    def _holders(self, duty: Duty) -> list[PostInfo]:
        if duty.code not in self._posts:
            units = self.directory.units
            self._posts[duty.code] = [
                post
                for post in sorted(self.directory.holders(duty.role), key=lambda post: post.code)
                if duty.unit_kind in ("", units[post.unit].kind)
            ]
        return self._posts[duty.code]

    def _entries(self, duty: Duty, place: PlaceInfo) -> tuple[Entry, ...]:
        posts, units = self._holders(duty), self.directory.units
        if duty.level == duties.COMMUNITY:
            found = [post for post in posts if place.code in post.prefixes]
        elif duty.level == duties.STREET:
            found = [post for post in posts if units[post.unit].place == place.parent]
        else:
            wide = [post for post in posts if self.directory.district.code in post.prefixes]
            # A whole office stands for the district: one line for each unit, not one for each of its posts.
            found = list({post.unit: post for post in reversed(wide)}.values())
        if not found:
            # Many a street has no body of a kind, and that is no gap; what a community is owed is one.
            return (self._none(duty, place),) if duty.level == duties.COMMUNITY else ()
        return tuple(self._entry(duty, post) for post in found)

    def _none(self, duty: Duty, place: PlaceInfo) -> Entry:
        office = self._offices.get(place.parent)
        phone = office.work_phone if office else ""
        return Entry(duty, None, office, True, None, phone, bool(phone), None)

    def _entry(self, duty: Duty, post: PostInfo) -> Entry:
        key = (duty.code, post.code)
        if key not in self._made:
            unit = self.directory.units[post.unit]
            whole = duty.level == duties.DISTRICT
            own = "" if whole else post.work_phone
            begins = unit.valid_from if whole else post.valid_from
            self._made[key] = Entry(
                duty,
                post,
                unit,
                post.person is None,
                None if whole else post.public_name,
                own or unit.work_phone,
                not own and bool(unit.work_phone),
                max((day for day in (begins, duty.valid_from) if day), default=None),
                tuple(self._before(post, unit)),
            )
        return self._made[key]

    def _before(self, post: PostInfo, unit: UnitInfo) -> Iterable[Former]:
        for old in self._ended_posts.get(post.code, ()):
            yield Former(old.name_zh, old.name_en, old.valid_to)
        for body in self._ended_units.get(unit.code, ()):
            yield Former(body.name_zh, body.name_en, body.valid_to)

    def _grids(self, place: PlaceInfo) -> tuple[GridPart, ...]:
        """The grids of a community, those with the same posts together, in the order of their codes."""
        wanted = [duty for duty in self.said.duties if duty.level == duties.GRID]
        made: dict[tuple[Entry, ...], list[PlaceInfo]] = {}
        for grid in sorted(self.directory.places_in(place.code), key=lambda p: p.code) if wanted else ():
            entries = [self._entry(duty, post) for duty in wanted for post in nearest(self._holders(duty), grid.code)]
            answering = tuple(entries) or tuple(self._none(duty, place) for duty in wanted)
            made.setdefault(answering, []).append(grid)
        return tuple(GridPart(tuple(grids), entries) for entries, grids in made.items())

    def _moved(self, place: PlaceInfo) -> Iterable[Moved]:
        """Posts of this community that ended and whose successor stands on another board."""
        for old in (post for posts in self._ended_posts.values() for post in posts):
            if place.code not in old.prefixes:
                continue
            now = self._last(old)
            if now is None or not now.active or place.code in now.prefixes:
                continue
            places = (self.directory.place(code) for code in now.prefixes)
            where = next((p.code for p in places if p and p.kind == "community"), "")
            yield Moved(Former(old.name_zh, old.name_en, old.valid_to), now, where)

    def _last(self, post: PostInfo) -> PostInfo | None:
        seen = {post.code}
        found: PostInfo | None = post
        while found is not None and not found.active and found.successor:
            if found.successor in seen:
                return None
            seen.add(found.successor)
            found = self.directory.post(found.successor)
        return found


def nearest(posts: Iterable[PostInfo], code: str) -> list[PostInfo]:
    """Of the posts whose territory has a place in it, those with the smallest territory, in their order.

    Who has the whole district in reserve does not answer for a grid.
    """
    reach = [(max((len(p) for p in post.prefixes if code.startswith(p)), default=0), post) for post in posts]
    most = max((length for length, _post in reach), default=0)
    return [post for length, post in reach if length == most] if most > PlaceLevel.DISTRICT.digits else []
