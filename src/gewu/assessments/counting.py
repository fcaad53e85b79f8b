"""Counting: what ballots and ratings say together, the root that binds them, and counting again to compare.

A result is plain whole numbers and texts, so that it can stand in an event: scores are hundredths, rounded once, with
the exact fraction beside them. Below ``kinds.FEWEST`` voters nothing is told, a mean of few says what each said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.assessments import kinds as k
from gewu.assessments.ballots import Ground, ground, opened_marks, opened_places
from gewu.core import ranking
from gewu.core.records import Refusal
from gewu.ledger import chain
from gewu.ledger.errors import Refused
from gewu.ledger.keys import KeyFault
from gewu.ledger.rows import micros

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A ballot (or a rating, then without track) as it stands in its table."""

    track: str
    voter: str
    kind: str
    at: datetime
    command: UUID
    sealed: bytes

    def leaf(self, district_id: int, record_id: UUID) -> bytes:
        """The hash of everything that must not change."""
        body = [
            district_id, record_id.hex, self.track, self.voter, self.kind, micros(self.at), self.command.hex,
            self.sealed.hex(),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()).digest()


@dataclass(frozen=True, slots=True)
class Cast:
    """All that was cast in a round. ``codes`` are the voters that codes stand for."""

    ballots: tuple[Row, ...]
    ratings: tuple[Row, ...]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A result counted again from the ballots, beside the one that stands in the round's last count."""

    then: Result
    now: Result
    ballots_then: int
    ballots_now: int
    ratings_then: int
    ratings_now: int
    same_root: bool

    @property
    def same(self) -> bool:
        """Whether the result is the same and no ballot was altered, added or removed."""
        return self.same_root and self.then == self.now

    @property
    def missing(self) -> int:
        """How many ballots and ratings there are fewer than were counted; negative when there are more."""
        return self.ballots_then + self.ratings_then - self.ballots_now - self.ratings_now


def collect(district_id: int, record_id: UUID) -> Cast:
    """Everything cast in a round, in three statements."""
    key: list[Any] = [district_id, record_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT track, voter, kind, at, commands[cardinality(commands)], sealed FROM assessments_ballot"
            " WHERE district_id = %s AND record_id = %s ORDER BY track, voter",
            key,
        )
        ballots = tuple(_row(*row) for row in cursor.fetchall())
        cursor.execute(
            "SELECT '', voter, 'unit', at, commands[cardinality(commands)], sealed FROM assessments_rating"
            " WHERE district_id = %s AND record_id = %s ORDER BY voter",
            key,
        )
        ratings = tuple(_row(*row) for row in cursor.fetchall())
        cursor.execute("SELECT hash FROM assessments_code WHERE district_id = %s AND record_id = %s", key)
        codes = frozenset(bytes(row[0]).hex()[:32] for row in cursor.fetchall())
    return Cast(ballots, ratings, codes)


def _row(track: str, voter: str, kind: str, at: datetime, command: UUID, sealed: Any) -> Row:
    return Row(track, voter, kind, at, command, bytes(sealed))


def root(found: Ground, cast: Cast) -> str:
    """The Merkle root of all ballots, by track and voter, then all ratings, by voter."""
    leaves = [row.leaf(found.district_id, found.record_id) for row in (*cast.ballots, *cast.ratings)]
    return chain.merkle_root(leaves).hex()


def tally(found: Ground, cast: Cast, left_out: Collection[int] = ()) -> Result:
    """The result of a round, whatever the order of the ballots. ``left_out`` are points that no longer take part.

    Ballots of nobody who may vote, and such as do not open, are left out and counted as ``unreadable``.
    """
    entitled = set(found.units)
    unreadable = 0
    by_track: dict[str, list[tuple[Row, ranking.Ballot]]] = {track: [] for track in found.tracks}
    for row in cast.ballots:
        known = row.voter in (entitled if row.kind == "unit" else cast.codes)
        places = _opened(found, row, opened_places) if known and row.track in by_track else None
        if places is None:
            unreadable += 1
            continue
        by_track[row.track].append((row, ranking.Ballot(row.voter if row.kind == "unit" else "", places)))
    sheets = []
    for row in cast.ratings:
        marks = _opened(found, row, opened_marks) if row.voter in found.streets else None
        if marks is None:
            unreadable += 1
        else:
            sheets.append((row.voter, marks))
    return {
        "method": ranking.METHOD,
        "quorum": found.quorum,
        "fewest": k.FEWEST,
        "units": len(found.units),
        "codes": found.delegates,
        "left_out": sorted(left_out),
        "unreadable": unreadable,
        "tracks": {track: _track(found, track, by_track[track], left_out) for track in found.tracks},
        "departments": _departments(found, sheets),
    }


def _opened(found: Ground, row: Row, opener: Any) -> Any:
    try:
        return opener(found.cipher, row.sealed)
    except (KeyFault, ValueError, KeyError):
        return None


def _track(
    found: Ground, track: str, ballots: list[tuple[Row, ranking.Ballot]], left_out: Collection[int]
) -> dict[str, Any]:
    entries = {no: unit for no, unit in found.of_track(track).items() if no not in left_out}
    units = sum(row.kind == "unit" for row, _ in ballots)
    met = ranking.reached(units, len(found.units), found.quorum)
    told = met and len(ballots) >= k.FEWEST
    placed = ranking.place(entries, [ballot for _, ballot in ballots])
    return {
        "ballots": len(ballots),
        "units": units,
        "delegates": len(ballots) - units,
        "quorum_met": met,
        "told": told,
        "places": [
            {"entry": p.entry, "unit": p.unit, "n": p.n, **_score(p.score if told else None, p.rank, 100)}
            for p in (placed if told else sorted(placed, key=lambda p: p.entry))
        ],
    }


def _departments(found: Ground, sheets: list[tuple[str, Any]]) -> dict[str, Any]:
    marked = ranking.mark(found.departments, sheets, found.streets, len(k.SCALES), found.quorum)
    rows = []
    for one in marked:
        told = one.score is not None and min(one.answered) >= k.FEWEST
        rows.append(
            {
                "unit": one.unit,
                "raters": one.raters,
                "answered": list(one.answered),
                "unanswered": list(one.unanswered),
                "means": [
                    ranking.rounded(mean) if mean is not None and n >= k.FEWEST else None
                    for mean, n in zip(one.means, one.answered, strict=True)
                ],
                **_score(one.score if told else None, None, 1),
            }
        )
    exact = {row["unit"]: Fraction(row["exact"]) if row["exact"] else None for row in rows}
    ranks = ranking.ranked(exact)
    for row in rows:
        row["rank"] = ranks[row["unit"]]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, row["unit"]))
    return {"sheets": len(sheets), "raters": len(found.streets), "places": rows}


def _score(score: Fraction | None, rank: int | None, full: int) -> dict[str, Any]:
    """A score in hundredths, ``full`` being the best there is, with the exact fraction as text."""
    if score is None:
        return {"rank": None, "score": None, "exact": ""}
    return {"rank": rank, "score": ranking.rounded(score * full), "exact": f"{score.numerator}/{score.denominator}"}


def counted(district_id: int, record_id: UUID, left_out: Collection[int] = ()) -> dict[str, Any]:
    """The detail of the event of a count: result, numbers, root. The round must have left ``voting``."""
    found = ground(district_id, record_id)
    cast = collect(district_id, record_id)
    return {
        "result": tally(found, cast, left_out),
        "ballots": len(cast.ballots),
        "ratings": len(cast.ratings),
        "root": root(found, cast),
    }


def recompute(district_id: int, record_id: UUID) -> Recomputed:
    """Count again from the ballots and compare. Raises ``NotFound``, ``Erased``; ``Refused`` before the first count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT result, ballots, ratings, root FROM assessments_round WHERE district_id = %s AND record_id = %s",
            [district_id, record_id],
        )
        row = cursor.fetchone()
    found = ground(district_id, record_id)
    if row is None or row[0] is None:
        raise Refused(Refusal("wrong_stage", {"stage": found.stage, "from": sorted(k.WITH_RESULT)}), record_id)
    then: Result = json.loads(row[0])
    cast = collect(district_id, record_id)
    now = tally(found, cast, then["left_out"])
    return Recomputed(
        then, now, row[1], len(cast.ballots), row[2], len(cast.ratings), bytes(row[3]).hex() == root(found, cast)
    )


def turnout(rows: Iterable[str], able: Iterable[str]) -> tuple[list[str], list[str]]:
    """Of those who may, those who did and those who did not, in the order of their codes."""
    did = set(rows)
    may = sorted(set(able))
    return [code for code in may if code in did], [code for code in may if code not in did]
