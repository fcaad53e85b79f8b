"""How days and quantities are spread: by a generator with a seed, so that the same story is told every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from gewu.stories.files import Chapter

_SATURDAY = 5


def divided(total: int, among: int, rng: Random) -> list[int]:
    """A total as so many positive whole numbers, none much larger than twice the mean."""
    weights = [rng.uniform(0.3, 1.7) for _ in range(among)]
    free, scale = total - among, sum(weights) or 1.0
    found = [1 + int(free * weight / scale) for weight in weights]
    for index in rng.sample(range(among), total - sum(found)) if found else ():
        found[index] += 1
    return found


def months(first: date, last: date) -> list[tuple[date, date]]:
    """The months of a period, each as its first and last day within it."""
    found = []
    while first <= last:
        end = min((first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1), last)
        found.append((first, end))
        first = end + timedelta(days=1)
    return found


def workday(first: date, last: date, rng: Random) -> date:
    """Some Monday to Friday of a period; its first day where it has none."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return rng.choice([day for day in days if day.weekday() < _SATURDAY] or days[:1])


def occasions(chapter: Chapter, holders: Sequence[str], rng: Random) -> list[tuple[date, str]]:
    """Day and holder of each record of a chapter, in the order of days."""
    first, last = chapter.period
    if chapter.each_month:
        spans = months(first, last)
        return sorted(
            (workday(*span, rng), holder) for span in spans for holder in holders for _ in range(chapter.each_month)
        )
    if chapter.count == 1:
        return [(first, holders[0])]
    length = (last - first).days
    cuts = [first + timedelta(days=length * n // chapter.count) for n in range(chapter.count + 1)]
    return [
        (workday(cuts[n], max(cuts[n], cuts[n + 1] - timedelta(days=1)), rng), holders[n % len(holders)])
        for n in range(chapter.count)
    ]
