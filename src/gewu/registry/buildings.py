"""Buildings and the Party chain down to them, asked of the database: thousands of rows that no directory holds.

Every function names the district, takes a place as the prefix of its code, and answers for one day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Left

from gewu.core.playbook.model import Words
from gewu.registry.models import Building, Organisation, Place
from gewu.registry.packs.rows import ORGANISATION_KINDS

PAGE = 50
SUGGESTED = 20
WORDS = 5
"""More words than these are not looked for."""

_LEVELS = {"street_committee": "street", "community_org": "community", "grid_branch": "grid"}


LEVEL_NAMES = {
    "street_committee": Words("Street Party working committee", "街道党工委"),
    "community_org": Words("Community Party organisation", "社区党组织"),
    "grid_branch": Words("Grid Party branch", "网格党支部"),
    "building_group": Words("Building Party group", "楼栋党小组"),
}


def level_name(kind: str, language: str) -> str:
    """What a level of the Party chain is called."""
    words = LEVEL_NAMES.get(kind)
    return words[language] if words else kind


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of all buildings below a place. Shares are counts of ``buildings``; a surface divides."""

    buildings: int = 0
    households: int = 0
    with_head: int = 0
    with_party_group: int = 0
    with_property_management: int = 0
    with_maintenance_fund: int = 0
    with_organisation: int = 0
    synthetic_rows: int = 0

    @property
    def without_property_management(self) -> int:
        return self.buildings - self.with_property_management


_COUNTS: dict[str, Any] = {
    "buildings": Count("id"),
    "households": Sum("households", default=0),
    "with_head": Count("id", filter=~Q(head="")),
    "with_party_group": Count("id", filter=Q(party_group=True)),
    "with_property_management": Count("id", filter=Q(property_management=True)),
    "with_maintenance_fund": Count("id", filter=Q(maintenance_fund=True)),
    "with_organisation": Count("id", filter=Q(organisation=True)),
    "synthetic_rows": Count("id", filter=Q(synthetic=True)),
}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the Party chain: organisations, the places they could be in, and how many of these have one."""

    kind: str
    organisations: int
    places: int
    covered: int
    synthetic: int


def _alive(day: date) -> Q:
    """Rows that exist on a day; both ends of a validity belong to it."""
    starts, ends = Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
    return Q(retired_on=None) & starts & ends


def standing(district_id: int, day: date, prefix: str = "") -> QuerySet[Building]:
    """The buildings of a district, or of the place with this code, that stand on a day."""
    found = Building.objects.filter(_alive(day), district_id=district_id)
    return found.filter(place__startswith=prefix) if prefix else found


def page(
    district_id: int, day: date, prefix: str = "", words: str = "", after: str = "", limit: int = PAGE
) -> tuple[list[Building], str]:
    """Buildings by code, and the code after which the next page begins ("" on the last): one statement."""
    found = _said(standing(district_id, day, prefix), words)
    rows = list(found.filter(code__gt=after).order_by("code")[: limit + 1])
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else ""


def suggest(district_id: int, day: date, prefix: str = "", words: str = "", limit: int = SUGGESTED) -> list[Building]:
    """Buildings for somebody to choose from: those of a place whose name or code has all the words."""
    return list(_said(standing(district_id, day, prefix), words).order_by("code")[:limit])


def _said(rows: QuerySet[Building], words: str) -> QuerySet[Building]:
    for word in words.split()[:WORDS]:
        rows = rows.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(code__startswith=word))
    return rows


def get(district_id: int, code: str) -> Building | None:
    """A building by code, also one that is gone."""
    return Building.objects.filter(district_id=district_id, code=code).first()


def by_code(district_id: int, codes: Iterable[str]) -> dict[str, Building]:
    """Buildings by their codes, also those that are gone: one statement."""
    return {row.code: row for row in Building.objects.filter(district_id=district_id, code__in=list(codes))}


def profile(district_id: int, day: date, prefix: str = "") -> Profile:
    """Counts over the buildings of a place: one statement."""
    return Profile(**standing(district_id, day, prefix).aggregate(**_COUNTS))


def profiles(district_id: int, day: date, prefix: str, digits: int) -> dict[str, Profile]:
    """The same for every place below one, by the first ``digits`` of its code (9 streets, 12 communities)."""
    rows = standing(district_id, day, prefix).annotate(part=Left("place", digits)).values("part")
    found: dict[str, Profile] = {}
    for row in rows.annotate(**_COUNTS).order_by("part"):
        counts: dict[str, Any] = dict(row)
        part = counts.pop("part")
        found[part] = Profile(**counts)
    return found


# ---- the Party chain


def organisations(district_id: int, day: date, kind: str = "", prefix: str = "") -> QuerySet[Organisation]:
    """Organisations that exist on a day, of one kind and below one place where these are named."""
    found = Organisation.objects.filter(_alive(day), district_id=district_id)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(place__startswith=prefix) if prefix else found


def coverage(district_id: int, day: date, prefix: str = "") -> list[Level]:
    """Every level of the chain below a place, from the street down: three statements.

    Places of a level are counted within the streets that have a committee, because the chain hangs from it: a
    community of a street that takes no part is not a gap.
    """
    rows = list(organisations(district_id, day, prefix=prefix).values_list("kind", "place", "synthetic"))
    streets = tuple(sorted({place for kind, place, _s in rows if kind == ORGANISATION_KINDS[0]})) or (prefix[:9],)
    known = Place.objects.filter(_alive(day), district_id=district_id, code__startswith=prefix).values_list(
        "kind", "code"
    )
    places = [(kind, code) for kind, code in known if code.startswith(streets)]
    levels = []
    for kind in ORGANISATION_KINDS:
        of_kind = [(place, synthetic) for k, place, synthetic in rows if k == kind]
        if kind in _LEVELS:
            total = sum(1 for level, _code in places if level == _LEVELS[kind])
        else:
            total = sum(part.buildings for part in profiles(district_id, day, prefix, 9).values())
        covered = len({place for place, _synthetic in of_kind})
        levels.append(Level(kind, len(of_kind), total, covered, sum(synthetic for _place, synthetic in of_kind)))
    return levels
