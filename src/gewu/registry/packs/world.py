"""A pack together with the packs it requires: what its rows may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from gewu.registry.packs.rows import (
    UNKNOWN_OWNER,
    AreaRow,
    CalendarRow,
    CategoryRow,
    DatedRow,
    DistrictRow,
    OwnerRow,
    PackData,
    PlaceRow,
    PlaybookRow,
    PostRow,
    RoleRow,
    RuleRow,
    ShapeRow,
    UnitRow,
)

V = TypeVar("V")


def in_force(row: DatedRow, today: date) -> bool:
    """Whether a row has not ended; one that begins later counts, because a pack may be loaded ahead."""
    return row.valid_to is None or row.valid_to >= today


class World:
    """Merged look-ups. Where a key stands twice the required pack's row is kept; ``validate`` reports the other."""

    def __init__(self, data: PackData, required: Sequence[PackData], today: date) -> None:
        self.data = data
        self.required = required
        self.today = today
        packs = (*required, data)
        districts = {pack.district.code: pack.district for pack in packs if pack.district}
        self.districts = districts
        self.district: DistrictRow | None = data.district or next(iter(districts.values()), None)
        self.roles: dict[str, RoleRow] = _first((row.code, row) for pack in packs for row in pack.roles)
        self.categories: dict[str, CategoryRow] = _first((row.key, row) for pack in packs for row in pack.categories)
        self.places: dict[str, PlaceRow] = _first((row.code, row) for pack in packs for row in pack.places)
        self.shapes: dict[str, ShapeRow] = _first((row.code, row) for pack in packs for row in pack.shapes)
        self.areas: dict[str, AreaRow] = _first((row.code, row) for pack in packs for row in pack.areas)
        self.units: dict[str, UnitRow] = _first((row.code, row) for pack in packs for row in pack.units)
        self.owners: dict[str, OwnerRow] = _first((row.code, row) for pack in packs for row in pack.owners)
        self.calendars: dict[str, CalendarRow] = _first((row.code, row) for pack in packs for row in pack.calendars)
        self.posts: list[PostRow] = [row for pack in packs for row in pack.posts]
        self.post_codes = frozenset(post.code for post in self.posts)
        self.rules: list[RuleRow] = [row for pack in packs for row in pack.rules]
        self.playbooks: list[tuple[PackData, PlaybookRow]] = [(pack, row) for pack in packs for row in pack.playbooks]

    def roles_held(self) -> frozenset[str]:
        """Roles of posts that have not ended. Without a district every defined role counts as held."""
        if self.district is None:
            return frozenset(self.roles)
        return frozenset(post.role for post in self.posts if in_force(post, self.today))

    def owner_codes(self) -> frozenset[str]:
        """All owners; the ownerless are always there."""
        return frozenset((*self.owners, UNKNOWN_OWNER))

    def shape_of(self, area: AreaRow) -> ShapeRow | None:
        """The polygon of an area: its column names a feature's code or the file that holds the area's own feature."""
        if area.shape in self.shapes:
            return self.shapes[area.shape]
        own = self.shapes.get(area.code)
        if own and area.shape in ("", "1", own.file, own.file.rpartition("/")[2]):
            return own
        return None


def _first(pairs: Iterable[tuple[str, V]]) -> dict[str, V]:
    found: dict[str, V] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found
