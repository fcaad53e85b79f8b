"""How well near cases find the repeats that a city's staff marked: hit@1 and hit@5, on a half that fitted nothing.

``python -m bench.duplicates DATA`` reads ``service_requests_*.csv.gz`` and ``duplicate_pairs.csv`` of a folder. Each
pair names a request and the one that it repeats. Candidates and ranking are those of ``gewu.cases.ranking``, on the
file instead of the database; the yardstick beside it is the plain rule: the same type, nearest first. ``--fit`` looks
for weights on the first half.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from gewu.cases.ranking import MAJOR, METRES, OTHER, SAME, Traits, jaccard, metres_between, score
from gewu.cases.words import pairs

DEFAULT_POINT = (42_359_400, -71_058_700)
"""Where the city puts requests without a position."""
DAYS = 60
PRINTED = "%m/%d/%Y %I:%M:%S %p"


@dataclass(frozen=True, slots=True)
class Request:
    """One row of the export. Positions are millionths of a degree."""

    id: str
    lat_e6: int
    lon_e6: int
    opened: float
    closed: float
    type: str
    reason: str
    said: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A repeat: what it could be the repeat of, and which one it is. ``right`` -1: not among the candidates."""

    candidates: tuple[Traits, ...]
    right: int


def read(folder: Path) -> tuple[dict[str, Request], list[tuple[str, str]]]:
    """The requests with a position of their own, and the pairs (repeat, first)."""
    found: dict[str, Request] = {}
    with gzip.open(next(folder.glob("service_requests_*.csv.gz")), "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["LATITUDE"] or not row["LONGITUDE"]:
                continue
            lat, lon = round(float(row["LATITUDE"]) * 1e6), round(float(row["LONGITUDE"]) * 1e6)
            if (lat, lon) == DEFAULT_POINT:
                continue
            opened, closed = instant(row["OPEN_DT"]), instant(row["CLOSED_DT"])
            said = pairs(f"{row['CASE_TITLE']}\n{row['Location']}")
            found[row["CASE_ENQUIRY_ID"]] = Request(
                row["CASE_ENQUIRY_ID"], lat, lon, opened, closed, row["TYPE"], row["REASON"], said
            )
    with (folder / "duplicate_pairs.csv").open(encoding="utf-8", newline="") as file:
        return found, [(row["child"], row["parent"]) for row in csv.DictReader(file)]


def instant(text: str) -> float:
    """Seconds of a printed local time, good for differences; infinite when there is none."""
    return datetime.strptime(text, PRINTED).replace(tzinfo=UTC).timestamp() if text else math.inf


def questions(requests: dict[str, Request], marked: Sequence[tuple[str, str]], *, both: bool) -> list[Question]:
    """A question for each pair. ``both`` also takes candidates that came later, as the case page does."""
    cells: dict[tuple[int, int], list[Request]] = defaultdict(list)
    for request in requests.values():
        cells[request.lat_e6 // 1000, request.lon_e6 // 1000].append(request)

    def around(asked: Request) -> Iterator[tuple[Request, Traits]]:
        row, column = asked.lat_e6 // 1000, asked.lon_e6 // 1000
        for cell in itertools.product(range(row - 1, row + 2), range(column - 2, column + 3)):
            for other in cells.get(cell, ()):
                metres = metres_between(asked.lon_e6, asked.lat_e6, other.lon_e6, other.lat_e6)
                days = (asked.opened - other.opened) / 86_400
                if other.id == asked.id or metres > METRES or abs(days) > DAYS or (days < 0 and not both):
                    continue
                same = SAME if other.type == asked.type else MAJOR if other.reason == asked.reason else OTHER
                yield (
                    other,
                    Traits(same, metres, abs(days), jaccard(asked.said, other.said), other.closed <= asked.opened),
                )

    asked = []
    for child, parent in marked:
        found = list(around(requests[child])) if child in requests else []
        right = next((i for i, (other, _) in enumerate(found) if other.id == parent), -1)
        asked.append(Question(tuple(traits for _, traits in found), right))
    return asked


def hits(asked: Sequence[Question], rank: Callable[[Traits], tuple[float, ...]]) -> tuple[float, float, float]:
    """hit@1, hit@5 and the ceiling: the share of questions whose answer is among what ``rank`` (smaller is better)
    lets through. An infinite first value leaves a candidate out."""
    first = five = held = 0
    for question in asked:
        if question.right < 0 or math.isinf(rank(question.candidates[question.right])[0]):
            continue
        own = rank(question.candidates[question.right])
        better = sum(1 for i, c in enumerate(question.candidates) if i != question.right and rank(c) < own)
        equal = sum(1 for i, c in enumerate(question.candidates) if i < question.right and rank(c) == own)
        held += 1
        first += better + equal < 1
        five += better + equal < 5
    return first / len(asked), five / len(asked), held / len(asked)


def nearest(traits: Traits) -> tuple[float, ...]:
    """The yardstick: the same type, nearest first, then latest."""
    return (traits.metres or 0.0, traits.days) if traits.category == SAME else (math.inf,)


def ours(traits: Traits) -> tuple[float, ...]:
    """The product's own ranking."""
    return (-score(traits),)


def fit(asked: Sequence[Question], rounds: int = 400) -> dict[str, float]:
    """Weights drawn at random (with a fixed seed) that do best at hit@1 and hit@5 together."""
    draw = random.Random(311)
    known = [q for q in asked if q.right >= 0]
    tables = [
        (
            np.array([[c.category == SAME, c.category == MAJOR, c.text, c.closed] for c in q.candidates], float),
            np.array([c.metres or 0.0 for c in q.candidates]),
            np.array([c.days for c in q.candidates]),
            q.right,
        )
        for q in known
    ]
    best, found = 0.0, dict[str, float]()
    for _ in range(rounds):
        w = {
            "major": draw.uniform(0.1, 0.9), "text": draw.uniform(0.0, 3.0), "closed": draw.uniform(-1.5, 0.0),
            "near": draw.uniform(0.1, 2.0), "fades": draw.uniform(5, 80),
            "time": draw.uniform(0.1, 1.5), "days": draw.uniform(1, 40),
        }  # fmt: skip
        linear = np.array([1.0, w["major"], w["text"], w["closed"]])
        first = five = 0
        for flags, metres, days, right in tables:
            value = flags @ linear + w["near"] * np.exp(-metres / w["fades"]) + w["time"] * np.exp(-days / w["days"])
            before = int((value > value[right]).sum() + (value[:right] == value[right]).sum())
            first, five = first + (before < 1), five + (before < 5)
        if first + five > best:
            best, found = first + five, w | {"hit1": first / len(asked), "hit5": five / len(asked)}
    return {name: round(value, 3) for name, value in found.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line of JSON. 0, also where the data is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args(arguments)
    if not (given.folder / "duplicate_pairs.csv").is_file():
        print(json.dumps({"skipped": f"{given.folder} has no duplicate_pairs.csv"}))
        return 0
    requests, marked = read(given.folder)
    marked.sort()
    result: dict[str, object] = {"pairs": len(marked), "with_position": sum(c in requests for c, _ in marked)}
    for name, both in (("intake", False), ("case_page", True)):
        asked = questions(requests, marked, both=both)
        half = {"fitted": asked[::2], "held_out": asked[1::2], "all": asked}
        for part, some in half.items():
            for rule, rank in (("nearest", nearest), ("ours", ours)):
                first, five, held = hits(some, rank)
                result[f"{name}_{part}_{rule}"] = {
                    "hit1": round(first, 3), "hit5": round(five, 3), "ceiling": round(held, 3),
                }  # fmt: skip
        if given.fit and not both:
            result["fit"] = fit(half["fitted"])
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
