"""Looking at single ballots: for the auditor, after the count, for a reason that is written down first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog
from django.db import connection, transaction

from gewu.assessments import counting
from gewu.assessments import kinds as k
from gewu.assessments.ballots import ground, opened_marks, opened_places
from gewu.assessments.lookups import stands
from gewu.core.records import Refusal
from gewu.ledger.door import Acting, new_id
from gewu.ledger.errors import Refused
from gewu.ledger.keys import KeyFault
from gewu.registry.people import ActorPost

log = structlog.get_logger(__name__)
WORDS_MOST = 200
RATINGS = "ratings"
"""Stands for the ratings where a track is named."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One ballot or rating as it was shown. A delegate is a number within the list, since nobody knows more.

    ``says`` is None when it does not open: it was altered.
    """

    voter: str
    kind: str
    at: datetime
    says: dict[int, int] | dict[str, list[int | None]] | None


@dataclass(frozen=True, slots=True)
class Look:
    """A line of the log of looks."""

    at: datetime
    person: str
    post: str
    track: str
    ballots: int
    words: str | None


def look(
    district_id: int, acting: Acting, post: ActorPost, record_id: UUID, track: str, words: str
) -> tuple[list[Seen], datetime]:
    """Show the ballots of one track, or the ratings, and write down who looked and why, before anything is shown.

    Raises ``NotFound``, ``Refused``: not the auditor, the voting is not over, no reason.
    """
    words = words.strip()
    standing = stands(district_id, acting, record_id)
    found = ground(district_id, record_id)
    if k.AUDITOR not in acting.actor.roles:
        raise Refused(Refusal("not_allowed", {"roles": [k.AUDITOR]}), record_id)
    if standing.stage not in k.WITH_RESULT:
        raise Refused(Refusal("wrong_stage", {"stage": standing.stage, "from": sorted(k.WITH_RESULT)}), record_id)
    faults = {}
    if track not in (*found.tracks, RATINGS):
        faults["track"] = "choice"
    if not words:
        faults["words"] = "required"
    elif len(words) > WORDS_MOST:
        faults["words"] = "too_long"
    if faults:
        raise Refused(Refusal("invalid", {}, faults), record_id)
    now = datetime.now(UTC)
    with transaction.atomic():
        cast = counting.collect(district_id, record_id)
        rows = cast.ratings if track == RATINGS else tuple(row for row in cast.ballots if row.track == track)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO assessments_look (district_id, id, record_id, at, person, post, track, ballots, sealed)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    district_id, new_id(), record_id, now, acting.actor.person, post.post_code, track, len(rows),
                    found.cipher.seal({"words": words}),
                ],
            )  # fmt: skip
    log.info("ballots.looked_at", district=district_id, record=str(record_id), post=post.post_code, track=track)
    opener = opened_marks if track == RATINGS else opened_places
    shown, delegates = [], 0
    for row in rows:
        delegates += row.kind == "delegate"
        try:
            says = opener(found.cipher, row.sealed)
        except (KeyFault, ValueError, KeyError):
            says = None
        shown.append(Seen(row.voter if row.kind == "unit" else str(delegates), row.kind, row.at, says))
    return shown, now


def looks(district_id: int, acting: Acting, record_id: UUID) -> list[Look]:
    """Who looked at the ballots of a round, newest first. For those who may see the round and are office or auditor."""
    stands(district_id, acting, record_id)
    if acting.actor.roles.isdisjoint({k.OFFICE, k.AUDITOR}):
        raise Refused(Refusal("not_allowed", {"roles": sorted((k.OFFICE, k.AUDITOR))}), record_id)
    found = ground(district_id, record_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, person, post, track, ballots, sealed FROM assessments_look"
            " WHERE district_id = %s AND record_id = %s ORDER BY id DESC",
            [district_id, record_id],
        )
        return [Look(*[*row[:5], found.cipher.open(bytes(row[5])).get("words", "")]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at ballots for whoever lists all of them: no reason, which may name people."""

    id: UUID
    record_id: UUID
    at: datetime
    post: str
    track: str
    ballots: int


def every_look(district_id: int, after: UUID | None = None, limit: int = 50) -> tuple[list[Looked], UUID | None]:
    """One page of the looks at ballots of all rounds, latest first, and where the next begins: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, record_id, at, post, track, ballots FROM assessments_look WHERE district_id = %s"
            " AND (%s::uuid IS NULL OR id < %s::uuid) ORDER BY id DESC LIMIT %s",
            [district_id, after, after, limit + 1],
        )
        found = [Looked(*row) for row in cursor.fetchall()]
    return found[:limit], found[limit - 1].id if len(found) > limit else None
