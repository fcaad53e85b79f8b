"""Answers about occasions: building workdays, roadside offices and what else people meet for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.cases import AssignmentOut, ClockOut, EventOut, MoveOut
from gewu.surfaces.api.outputs.common import Named, PhotoOut


class OccasionTypeOut(Out):
    """A type of occasion: its playbook, and how one is scheduled."""

    type: str
    title: str
    title_of_move: str
    form: dict[str, Any] = Field(description="JSON Schema of the form by which one is scheduled.")
    may_schedule: bool


class OccasionTypes(Out):
    items: list[OccasionTypeOut]


class OccasionRowOut(Out):
    """A line of a list of occasions."""

    id: UUID
    type: Named
    number: str
    version: int
    stage: Named
    ended: bool
    period: str = Field(description="The month in which it takes place: 2026-11")
    place: Named
    building: str
    unit: Named | None
    led_by: Named | None
    leader: str
    strand: str = Field(description="Of an activity: party_building, rule_of_law, rule_of_virtue, ...")
    activity: str
    subject: str
    reached: int
    starts_at: datetime | None
    ends_at: datetime | None
    times: dict[str, datetime | None] = Field(
        description="opened, adjourned, settled, followed, noticed, closed, cancelled"
    )
    counts: dict[str, int] = Field(
        description="postponements, attendance (lines), matters, withdrawn, cases, joined, answered, ended, answers,"
        " tellings, matters_open, cases_open"
    )
    clock: Named | None
    due_at: datetime | None


class OccasionPage(Out):
    """Some occasions, newest first. ``after`` begins the next page; None at the end."""

    items: list[OccasionRowOut]
    after: str | None


class OccasionCreatedOut(Out):
    """A new occasion."""

    id: UUID
    number: str
    version: int
    replayed: bool


class ReplyOut(Out):
    """An answer given face to face."""

    at: datetime
    unit: Named | None
    question: str
    answer: str


class FollowedOut(Out):
    """A case that came of an occasion, as it stands now."""

    id: UUID
    number: str
    stage: Named
    ended: bool
    due_at: datetime | None
    in_sight: bool = Field(description="Whether the acting post sees the case itself.")


class ExecutionOut(Out):
    """What came of a resolution."""

    outcome: str = Field(description="done, not_done")
    at: datetime
    done_on: date | None
    words: str


class VoteOut(Out):
    """A vote on a matter. How it came out is counted: see the matter's ``outcome``."""

    motion: str
    present: int
    stakeholders: int
    votes_for: int
    votes_against: int
    votes_abstained: int
    executor: str = Field(description="residents, community, unit")
    until: date | None
    execution: ExecutionOut | None = Field(description="None while nobody reported, and where it was not carried.")


class EvaluationOut(Out):
    """What the residents judged; whoever did not answer is counted as such."""

    evaluated_on: date
    asked: int
    satisfied: int
    dissatisfied: int
    unanswered: int
    words: str


class TableMatterOut(Out):
    """A matter and what became of it. ``outcome`` is empty while it is on the table."""

    no: int
    phase: str = Field(description="before or at the session")
    words: str
    category: Named | None
    place: Named | None
    building: str
    raised: int
    source: str
    at: datetime
    replies: list[ReplyOut]
    outcome: str = Field(
        description="case, joined, answered, withdrawn, raised, kept, tasked, referred, deferred, adopted, rejected;"
        " empty while it is on the table."
    )
    settled_at: datetime | None
    unit: Named | None
    limit_days: int | None
    tier: str
    solved: str
    answer: str
    case: FollowedOut | None
    tabled: bool = Field(description="An open case that was put on the table.")
    due_on: date | None
    follow: str = Field(description="following, ended, merged, referred; empty where nothing is followed.")
    waiting: bool = Field(description="Referred, and waiting for a meeting of the level above.")
    came_from: str = Field(description="The number of the meeting of the level below that referred it.")
    went_to: str = Field(description="The number of the meeting of the level above that took it up.")
    topic: str
    kind: str = Field(description="Which of the four matters, where the procedure asks for it.")
    vote: VoteOut | None


class AttendedOut(Out):
    """A line of the sign-in sheet."""

    line: int
    level: str
    unit: Named | None
    body: str
    heads: int


class ToldOut(Out):
    """What the building was told, or what was published."""

    final: bool
    posted_on: date
    way: str
    heads: int | None
    words: str
    days: int | None
    where: str


class AgencyOut(Out):
    """A body in an operation of agencies. Not reported is said so, and is no zero."""

    unit: Named
    letter: bool = Field(description="Whether it gets letters, and others write down what it answers.")
    standing: str = Field(description="core, invited")
    from_on: date | None
    until_on: date | None
    status: str = Field(
        description="invited, declined, unanswered, takes_part, reported, not_reported, cancelled; takes_part: no"
        " report is due yet"
    )
    reason: str = Field(description="Why it declined.")
    task: str
    heads: int | None = Field(description="Mustered; None where nobody wrote any down.")
    due_at: datetime | None = Field(description="Until when its report is due.")
    reported_at: datetime | None
    late: bool = Field(description="Whether its report came after the limit.")
    words: str
    signature: str = Field(description="to_sign, signed, refused, unsigned; empty where none is owed.")
    signed_at: datetime | None
    signed_by: str
    opinion: str


class PatrolOut(Out):
    """An entry of the patrol log."""

    on: date
    hours: str
    unit: Named | None
    where: str
    what: str
    heads: int | None


class SupportOut(Out):
    """One body helped another."""

    on: date
    unit: Named | None
    helped: Named | None
    swapped: bool
    words: str


class PlanOut(Out):
    """Teams and routes."""

    at: datetime
    teams: str
    route: str


class OccasionOut(OccasionRowOut):
    """An occasion with everything that its page shows."""

    playbook_version: int
    texts: dict[str, str] | None = Field(description="Its first words; None once erased.")
    heads: int = Field(description="How many attended.")
    matters: list[TableMatterOut]
    attendance: list[AttendedOut]
    told: list[ToldOut]
    agencies: list[AgencyOut] = Field(description="Of an operation of agencies; core agencies first.")
    patrols: list[PatrolOut]
    supports: list[SupportOut]
    plans: list[PlanOut]
    evaluations: list[EvaluationOut]
    clocks: list[ClockOut]
    assignments: list[AssignmentOut]
    moves: list[MoveOut]
    photos: list[PhotoOut]
    timeline: list[EventOut]


class SettledOut(Out):
    """A matter that became a case."""

    case_id: UUID
    case_number: str
    version: int = Field(description="Of the occasion.")
    replayed: bool


class ObligationOut(Out):
    """A member's month: what it owes and whether it did it."""

    member: Named
    period: str
    least: int
    status: str = Field(description="held, planned, not_yet, missed, not_owed")
    street_held: int
    street_planned: int
    leader_held: int
    leader_planned: int
    assumed: bool = Field(description="That it is a member is an assumption.")


class Obligations(Out):
    items: list[ObligationOut]


class OccasionFiguresOut(Out):
    """Counts of one type in a period; shares are for the reader to divide, with ``solved`` and ``matters`` as n."""

    type: str
    period: str
    leader_sessions: int
    street_sessions: int
    cancelled: int
    matters: int
    leader_matters: int
    at_session: int
    as_cases: int
    joined: int
    answered: int
    open: int
    following: int
    solved: int
    leader_solved: int
    low: int = Field(description="Of the solved ones, those solved at the building or in the community.")
    deliberated: int = Field(description="Matters that a table came to an end with.")
    adopted: int
    rejected: int
    deferred: int
    executed: int = Field(description="Of the adopted resolutions, those reported as carried out.")
    not_executed: int
    executing: int = Field(description="Adopted, and nobody reported yet.")
    asked: int = Field(description="Residents who were asked for their judgement.")
    satisfied: int
    dissatisfied: int
    reached: int = Field(description="People whom activities reached.")


class CompletionOut(Out):
    """Tasks that began in a period, as they stand now."""

    type: str
    period: str
    tasks: int = Field(description="Dropped ones left out.")
    done: int
    in_time: int = Field(description="Of the done ones, those checked by their deadline.")
    open: int
    late: int = Field(description="Of the open ones, those beyond a limit.")
    dropped: int


class LevelOut(Out):
    """A level of joint meetings in a period."""

    level: str
    meetings: int = Field(description="That began.")
    from_below: int = Field(description="Of the items, those that the level below referred.")
    items: dict[str, int] = Field(description="By the states of GET /occasions/matters; a number opens that list.")


class LevelsOut(Out):
    """Items of joint meetings by level, lowest first."""

    type: str
    period: str
    items: list[LevelOut]


class ListedMatterOut(Out):
    """A matter in a list over occasions."""

    occasion: UUID
    number: str
    no: int
    words: str
    category: Named | None
    place: Named
    unit: Named | None
    outcome: str
    case_number: str
    case_stage: Named | None


class ListedMatters(Out):
    """Some matters, newest session first."""

    items: list[ListedMatterOut]
    after: str | None
