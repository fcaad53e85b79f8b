"""How well two reports go together: category, distance, time and words, with the weights that decide. Pure.

The weights were fitted on one half of a city's marked repeats and judged on the other (``bench/duplicates.py``,
ADR 0014).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

METRES = 100
"""Within this distance cases count as near."""

HERE = 10
"""Within this distance two reports are of one spot: positions are no more exact."""

SAME, MAJOR, NAMED, OTHER = "same", "major", "named", ""
"""How the categories go together. ``named``: nobody chose one yet, but the words speak of the candidate's."""
CATEGORY_WEIGHT: Mapping[str, float] = {SAME: 1.0, NAMED: 0.6, MAJOR: 0.45, OTHER: 0.0}
DISTANCE_WEIGHT, DISTANCE_FADES = 1.4, 60.0
"""Weight at the very place, and metres in which it falls to a third."""
TIME_WEIGHT, TIME_FADES = 0.4, 19.0
"""Weight for the same moment, and days in which it falls to a third."""
TEXT_WEIGHT = 0.5
CLOSED_WEIGHT = -1.0
"""For a case that is closed already: what comes again after that is mostly reported as new."""
UNKNOWN_METRES = 60.0
"""What a case in the same grid counts as, when one of the two has no point."""
ALIKE = 0.1
"""From this similarity on words alone make it probable that the same is meant."""
NAMED_FROM = 0.5
"""The share of a category's name that words have to hold to speak of it."""

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of two reports. ``metres`` None: not known; ``text``: Jaccard of bigrams, 0 to 1."""

    category: str
    metres: float | None
    days: float
    text: float = 0.0
    closed: bool = False


def score(traits: Traits) -> float:
    """How well a candidate fits; comparable within one question only."""
    metres = UNKNOWN_METRES if traits.metres is None else traits.metres
    return (
        CATEGORY_WEIGHT[traits.category]
        + DISTANCE_WEIGHT * math.exp(-metres / DISTANCE_FADES)
        + TIME_WEIGHT * math.exp(-traits.days / TIME_FADES)
        + TEXT_WEIGHT * traits.text
        + CLOSED_WEIGHT * traits.closed
    )


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared bigrams and words as a share of all; 0 where there are none."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def metres_between(lon_e6: int, lat_e6: int, other_lon_e6: int, other_lat_e6: int) -> float:
    """Distance in metres on the plane that touches the first point: exact enough for a few hundred."""
    north = (other_lat_e6 - lat_e6) / 1e6 * METRES_PER_DEGREE
    east = (other_lon_e6 - lon_e6) / 1e6 * METRES_PER_DEGREE * math.cos(math.radians(lat_e6 / 1e6))
    return math.hypot(north, east)
