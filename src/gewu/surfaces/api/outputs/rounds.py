"""Answers about rounds of the double showcase, their ballots and results, and about honours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.cases import AssignmentOut, ClockOut, EventOut, MoveOut
from gewu.surfaces.api.outputs.common import Named


class PointPhotoOut(Out):
    """A photo of a point. ``released`` when a person let the public see it."""

    id: UUID
    role: str
    released: bool


class PointOut(Out):
    """A point that a street shows. Its number stands in moves and ballots."""

    entry: int
    track: Named
    unit: Named
    place: Named
    title: str | None
    words: str | None
    result: str | None
    built: bool
    withdrawn: bool
    cases: list[str] = Field(description="Numbers of the solved cases it comes from.")
    photos: list[PointPhotoOut]


class ServiceOut(Out):
    """What a department did for the streets since the last round."""

    unit: Named
    item: Named
    quantity: int
    measure: Named
    street: Named | None
    day: date
    note: str | None


class PlacedOut(Out):
    """A point with its rank. ``score`` is in hundredths of 100, rounded once; ``exact`` is the fraction before that."""

    entry: int
    unit: Named
    n: int = Field(description="Ballots that could rank it; its own unit's is not among them.")
    rank: int | None
    score: int | None
    exact: str


class TrackOut(Out):
    """The result of a track. Without a quorum, or with fewer than ``fewest`` ballots, nothing is told."""

    track: Named
    ballots: int
    units: int
    delegates: int
    quorum_met: bool
    told: bool
    places: list[PlacedOut]


class DepartmentOut(Out):
    """A department's rating: means and answers by scale (quality, efficiency), in hundredths of a mark."""

    unit: Named
    raters: int
    answered: list[int]
    unanswered: list[int]
    means: list[int | None]
    rank: int | None
    score: int | None
    exact: str


class ResultOut(Out):
    """What was counted, and by which method."""

    method: str
    quorum: int
    fewest: int
    units: int
    codes: int
    left_out: list[int]
    unreadable: int
    root: str = Field(description="Merkle root of the ballots and ratings that were counted.")
    tracks: list[TrackOut]
    sheets: int
    departments: list[DepartmentOut] = Field(description="Internal; the public pages do not show it.")


class RoundRowOut(Out):
    """A round in a list."""

    id: UUID
    period: str
    version: int
    stage: Named
    ended: bool
    due_at: datetime | None
    quorum: int
    method: str
    streets: list[Named]
    departments: list[Named]
    nominate_by: date | None
    build_by: date | None
    tour_on: date | None
    vote_by: date | None
    entries: int
    codes: int
    ballots: int | None
    ratings: int | None


class RoundPage(Out):
    """Rounds, the newest first. ``after`` begins the next page; None at the end."""

    items: list[RoundRowOut]
    after: str | None


class RoundOut(RoundRowOut):
    """A round with everything its page shows. Nothing in it tells what anybody voted."""

    place: Named
    points: list[PointOut]
    services: list[ServiceOut]
    result: ResultOut | None
    missing: list[Named] | None = Field(description="Units whose part is missing at this stage; for the office.")
    counters: dict[str, int]
    clocks: list[ClockOut]
    assignments: list[AssignmentOut]
    moves: list[MoveOut]
    timeline: list[EventOut]


class RoundMadeOut(Out):
    """A new round or honour."""

    id: UUID
    number: str
    version: int
    replayed: bool


class CodesOut(Out):
    """Voting codes, shown this once."""

    id: UUID
    codes: list[str]


class BallotTakenOut(Out):
    """A ballot or rating as it stands. The receipt says which version; it tells nothing of what it says."""

    at: datetime
    receipt: str
    versions: int
    replayed: bool


class OwnBallotsOut(Out):
    """What the asking unit has given itself; nobody else can ask for it."""

    tracks: dict[str, dict[str, int]]
    receipts: dict[str, str]
    rating: dict[str, list[int | None]] | None


class ToJudgeOut(Out):
    """What a delegate judges."""

    period: str
    open: bool
    points: list[PointOut]
    tracks: dict[str, dict[str, int]] = Field(description="Ballots given with this code so far.")


class RecountOut(Out):
    """The result counted again from the ballots, beside the one that stands."""

    same: bool
    same_root: bool
    missing: int = Field(description="Ballots and ratings fewer than were counted; negative when there are more.")
    ballots: list[int] = Field(description="Then, now.")
    ratings: list[int]
    then: ResultOut
    now: ResultOut


class SeenOut(Out):
    """One ballot or rating, as it was shown to the auditor; None where it does not open."""

    voter: str
    kind: str
    at: datetime
    says: dict[str, Any] | None


class LookedOut(Out):
    """The ballots of a track. That they were looked at stands for good."""

    at: datetime
    items: list[SeenOut]


class LookOut(Out):
    """A line of the log of looks."""

    at: datetime
    person: Named
    post: str
    track: str
    ballots: int
    words: str | None


class Looks(Out):
    items: list[LookOut]


class StandingOut(Out):
    """A rank in one published round. ``firsts`` counts first ranks in a row, computed from the rounds."""

    period: str
    rank: int | None
    score: int | None
    n: int
    firsts: int


class HistoryOut(Out):
    """Ranks of a unit over the published rounds, oldest first."""

    unit: Named
    rounds: list[StandingOut]


class History(Out):
    items: list[HistoryOut]


class HonourRowOut(Out):
    """An honour. ``name`` only where the nominee agreed to publish it."""

    id: UUID
    number: str
    version: int
    stage: Named
    ended: bool
    honour: Named
    level: Named
    place: Named
    unit: Named
    subject: str | None
    name: str | None
    notice_until: datetime | None
    awarded_at: datetime | None


class HonourPage(Out):
    """Honours, the newest first, and how many were awarded by class."""

    items: list[HonourRowOut]
    after: str | None
    awarded: dict[str, int]


class HonourOut(HonourRowOut):
    """An honour with its moves and timeline."""

    deeds: str | None
    assignments: list[AssignmentOut]
    clocks: list[ClockOut]
    moves: list[MoveOut]
    timeline: list[EventOut]


class PublicRankOut(Out):
    """A place among the upper half; places further down are not ranked in public."""

    rank: int
    score: int
    n: int
    title: str | None
    street: Named


class PublicTrackOut(Out):
    """A track of a published round."""

    track: Named
    points: int
    ballots: int
    told: bool
    places: list[PublicRankOut]


class PublicRoundOut(Out):
    """A published round as anybody may see it: no department, no last place."""

    period: str
    method: str
    quorum: int
    tracks: list[PublicTrackOut]


class PublicRounds(Out):
    items: list[PublicRoundOut]
