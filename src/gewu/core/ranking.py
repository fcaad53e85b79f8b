"""How ballots become ranks and marks become scores, exactly: fractions throughout, one rounding at the end.

*Ballots.* A ballot is a weak order over the entries that its voter may judge. Entries of the voter's own unit are taken
off it. Each other entry gets, from this ballot, the share of its rivals there that it was placed before; a rival in the
same place counts half (the count of Borda with ties halved, divided by the number of rivals). An entry's score is the
mean of its shares over the ballots that could rank it, so that recusal neither helps nor hurts. Entries that a ballot
leaves out share its last place. Equal scores share a rank, and the next rank is left out (1, 2, 2, 4).

*Marks.* Each rater marks a unit on several scales. The score of a scale is the mean of the marks that were given, the
score of the unit the mean of its scales. What was not answered is counted and shown, never taken for a mark.

The article has no more than "ranking by the participants" and "departments rated by streets" (S0): the method is ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

METHOD = "borda-1"
"""The name and version of what stands above; a result says by which it was made."""
LOWEST, HIGHEST = 1, 5
"""The ends of the scale of marks."""
_HALF = Fraction(1, 2)
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one voter says of one track. ``unit`` is the voter's own, empty for a voter of none.

    ``places`` gives the place of each entry that is ranked, 1 the best; equal numbers are ties, gaps mean nothing.
    """

    unit: str
    places: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with its score. ``n`` ballots could rank it; ``score`` and ``rank`` are None when none could."""

    entry: int
    unit: str
    n: int
    score: Fraction | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A unit with the marks it got: for each scale their mean and how many there are; ``unanswered`` for each scale.

    ``raters`` could have marked it. ``score`` and ``rank`` are None below the quorum.
    """

    unit: str
    raters: int
    means: tuple[Fraction | None, ...]
    answered: tuple[int, ...]
    score: Fraction | None
    rank: int | None

    @property
    def unanswered(self) -> tuple[int, ...]:
        """How many of those who could have marked it did not, for each scale."""
        return tuple(self.raters - n for n in self.answered)


def shares(entries: Mapping[int, str], ballot: Ballot) -> dict[int, Fraction]:
    """The share of rivals that each entry was placed before, on one ballot; ``entries`` gives the unit of each entry.

    Empty when fewer than two entries are left to judge, or when the ballot ranks none of them: it then says nothing.
    """
    open_to = [entry for entry, unit in entries.items() if not ballot.unit or unit != ballot.unit]
    ranked = {entry: ballot.places[entry] for entry in open_to if entry in ballot.places}
    if len(open_to) < 2 or not ranked:
        return {}
    last = max(ranked.values()) + 1
    places = {entry: ranked.get(entry, last) for entry in open_to}
    sizes: dict[int, int] = {}
    for place in places.values():
        sizes[place] = sizes.get(place, 0) + 1
    behind, seen = {}, len(open_to)
    for place in sorted(sizes):
        seen -= sizes[place]
        behind[place] = seen
    rivals = len(open_to) - 1
    return {entry: Fraction(2 * behind[p] + sizes[p] - 1, 2 * rivals) for entry, p in places.items()}


def place(entries: Mapping[int, str], ballots: Iterable[Ballot]) -> list[Placed]:
    """The entries of one track in the order of their scores, those without a score last.

    The result does not depend on the order of the ballots, nor on that of the entries.
    """
    sums: dict[int, Fraction] = dict.fromkeys(entries, Fraction(0))
    counts: dict[int, int] = dict.fromkeys(entries, 0)
    for ballot in ballots:
        for entry, share in shares(entries, ballot).items():
            sums[entry] += share
            counts[entry] += 1
    scores = {entry: sums[entry] / counts[entry] if counts[entry] else None for entry in entries}
    ranks = ranked(scores)
    found = [Placed(entry, unit, counts[entry], scores[entry], ranks[entry]) for entry, unit in entries.items()]
    return sorted(found, key=lambda p: (p.rank is None, p.rank or 0, p.entry))


def mark(
    units: Collection[str],
    sheets: Iterable[tuple[str, Mapping[str, Sequence[int | None]]]],
    raters: Collection[str],
    scales: int,
    quorum: int,
) -> list[Marked]:
    """The units in the order of their scores. A sheet is (rater's unit, marks of each unit on each scale or None).

    A rater does not mark itself: such marks are left out and it is not among those who could have. ``quorum`` is the
    percentage of those who could have that must have answered every scale. Marks beyond the scale raise ``ValueError``.
    """
    given: dict[str, list[list[int]]] = {unit: [[] for _ in range(scales)] for unit in units}
    for rater, marks in sheets:
        for unit, row in marks.items():
            if unit == rater or unit not in given:
                continue
            for scale, value in enumerate(row[:scales]):
                if value is None:
                    continue
                if isinstance(value, bool) or not LOWEST <= value <= HIGHEST:
                    raise ValueError(f"a mark is a whole number from {LOWEST} to {HIGHEST}")
                given[unit][scale].append(value)
    rows = {}
    for unit in units:
        able = len(set(raters) - {unit})
        means = tuple(Fraction(sum(values), len(values)) if values else None for values in given[unit])
        answered = tuple(len(values) for values in given[unit])
        score = None
        if able and all(m is not None for m in means) and all(reached(n, able, quorum) for n in answered):
            score = sum((m for m in means if m is not None), Fraction(0)) / scales
        rows[unit] = (able, means, answered, score)
    ranks = ranked({unit: row[3] for unit, row in rows.items()})
    found = [Marked(unit, *row, ranks[unit]) for unit, row in rows.items()]
    return sorted(found, key=lambda m: (m.rank is None, m.rank or 0, m.unit))


def ranked(scores: Mapping[K, Fraction | None]) -> dict[K, int | None]:
    """Ranks by score, the highest first; equal scores share a rank, and what has no score has no rank."""
    known = sorted((score for score in scores.values() if score is not None), reverse=True)
    first: dict[Fraction, int] = {}
    for number, score in enumerate(known, start=1):
        first.setdefault(score, number)
    return {key: None if score is None else first[score] for key, score in scores.items()}


def reached(have: int, able: int, percent: int) -> bool:
    """Whether ``have`` of ``able`` is at least so many percent, in whole numbers. Of nobody, nobody is enough."""
    return able > 0 and have > 0 and 100 * have >= percent * able


def rounded(value: Fraction, digits: int = 2) -> int:
    """A fraction in units of 10 to the minus ``digits``, halves upwards: the one rounding of a result."""
    scaled = value * int(10**digits) + _HALF
    return int(scaled.numerator // scaled.denominator)
