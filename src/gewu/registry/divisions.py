"""What kind of division a place right below a district is, by its code: names tell it only in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gewu.registry.entries import PlaceInfo

STREETS = range(1, 100)
TOWNS = range(100, 400)
"""Towns are 100 to 199, townships 200 to 399."""
_PROVINCES = frozenset((*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)))
"""First two digits of codes that are numbered by the national pattern (GB/T 2260)."""


@dataclass(frozen=True, slots=True)
class Divided:
    """Places of a district, in the order of codes. ``rest`` are all of them where codes do not tell, else none."""

    streets: tuple[PlaceInfo, ...]
    towns: tuple[PlaceInfo, ...]
    rest: tuple[PlaceInfo, ...] = ()


def divided(places: Iterable[PlaceInfo]) -> Divided:
    """Streets (街道) apart from towns and townships (镇, 乡), by digits 7 to 9 of their codes.

    Source: GB/T 10114, codes below the county: 001-099 subdistricts, 100-199 towns, 200-399 townships. Places with
    made-up codes, with codes of another country or with one outside these ranges stay together: their digits say
    nothing of a kind.
    """
    found = tuple(sorted(places, key=lambda place: place.code))
    kinds = [_number(place) for place in found]
    if not all(number in STREETS or number in TOWNS for number in kinds):
        return Divided((), (), found)
    streets = tuple(place for place, number in zip(found, kinds, strict=True) if number in STREETS)
    return Divided(streets, tuple(place for place in found if place not in streets))


def _number(place: PlaceInfo) -> int:
    """Digits 7 to 9 of a national code; 0 for any other, which is no number of the pattern."""
    national = len(place.code) == 9 and int(place.code[:2]) in _PROVINCES and not place.synthetic
    return int(place.code[6:]) if national else 0
