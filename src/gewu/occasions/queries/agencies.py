"""Who takes part in an occasion of agencies: invited, accepted or not, reported in time, late or not at all, signed.

Read from a view that is there already: parts and clocks of the state, words of the timeline. No statement of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from gewu.cases.queries import TimelineEntry
from gewu.core.records import Assignment, Clock, State
from gewu.ledger.rows import moment
from gewu.occasions.kinds import AGENCY, REPORTED
from gewu.occasions.queries.views import Attended, OccasionView

INVITATION, SIGNATURE = "invitation", "signature"
INVITE, ACCEPT, DECLINE, REPORT, SIGN, REFUSE = "invite", "accept", "decline", "report", "sign", "refuse_signature"
PATROL, SUPPORT, TEAMS = "log_patrol", "support", "set_teams"

INVITED, DECLINED, UNANSWERED, TAKES_PART, HAS_REPORTED, NOT_REPORTED, CANCELLED = (
    "invited", "declined", "unanswered", "takes_part", "reported", "not_reported", "cancelled",
)  # fmt: skip
"""How a body stands. ``takes_part``: it works, and no report is due yet. ``not_reported``: one is due, or was closed
without it."""
SIGNING, SIGNED, REFUSED, UNSIGNED = "to_sign", "signed", "refused", "unsigned"


@dataclass(frozen=True, slots=True)
class Agency:
    """A body in an operation. ``late`` is about its report; ``heads`` is None where nobody wrote any down.

    ``signature`` is empty where none is owed: only who reported signs.
    """

    unit: str
    letter: bool
    standing: str
    from_on: date | None
    until_on: date | None
    status: str
    task: str = ""
    reason: str = ""
    heads: int | None = None
    due_at: datetime | None = None
    reported_at: datetime | None = None
    late: bool = False
    words: str = ""
    signature: str = ""
    signed_at: datetime | None = None
    signed_by: str = ""
    opinion: str = ""

    @property
    def takes_part(self) -> bool:
        """Whether it accepted: only then a report is owed."""
        return self.status in (TAKES_PART, HAS_REPORTED, NOT_REPORTED)


@dataclass(frozen=True, slots=True)
class Patrol:
    """An entry of the patrol log."""

    on: date
    hours: str
    unit: str
    where: str
    what: str
    heads: int | None


@dataclass(frozen=True, slots=True)
class Support:
    """One body helped another."""

    on: date
    unit: str
    helped: str
    swapped: bool
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Teams and routes as they were set at an instant."""

    at: datetime
    teams: str
    route: str


@dataclass(slots=True)
class _Told:
    """What was said about one part, by move."""

    events: dict[str, TimelineEntry] = field(default_factory=dict)


def agencies(view: OccasionView) -> tuple[Agency, ...]:
    """Every body that was invited, core agencies first, each once: as its last invitation stands."""
    told = _by_part(view)
    parts = view.state.assignments
    found: dict[str, Agency] = {}
    for part in parts:
        if part.slot == INVITATION:
            found[part.unit] = _invited(part, told.get(part.no, _Told()))
    for part in parts:
        if part.slot == AGENCY and part.unit in found:
            found[part.unit] = _taking_part(found[part.unit], part, told.get(part.no, _Told()), view)
    for part in parts:
        if part.slot == SIGNATURE and part.unit in found:
            found[part.unit] = _signing(found[part.unit], part, told.get(part.no, _Told()))
    for unit, heads in _heads(view.attendance).items():
        if unit in found:
            found[unit] = replace(found[unit], heads=heads)
    return tuple(sorted(found.values(), key=lambda one: one.standing != "core"))


def patrols(view: OccasionView) -> tuple[Patrol, ...]:
    """The patrol log, oldest entry first."""
    found = []
    for event in _of(view, PATROL):
        texts = event.texts or {}
        found.append(
            Patrol(
                _day(event, "on") or event.at.date(), texts.get("hours", ""), str(event.args.get("unit", "")),
                texts.get("where", ""), texts.get("what", ""), event.args.get("heads"),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.on))


def supports(view: OccasionView) -> tuple[Support, ...]:
    """Which body helped which, oldest first."""
    found = [
        Support(
            _day(event, "on") or event.at.date(), str(event.args.get("unit", "")), str(event.args.get("helped", "")),
            bool(event.args.get("swapped")), (event.texts or {}).get("words", ""),
        )
        for event in _of(view, SUPPORT)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.on))


def plans(view: OccasionView) -> tuple[Plan, ...]:
    """Teams and routes, the last set last."""
    return tuple(
        Plan(event.at, (event.texts or {}).get("teams", ""), (event.texts or {}).get("route", ""))
        for event in _of(view, TEAMS)
    )


def heads(view: OccasionView) -> int:
    """How many people were mustered in all."""
    return sum(line.heads for line in view.attendance)


def _of(view: OccasionView, move: str) -> Iterator[TimelineEntry]:
    return (event for event in view.timeline if event.kind == move)


def _by_part(view: OccasionView) -> dict[int, _Told]:
    """The events that opened or ended each part."""
    found: dict[int, _Told] = {}
    for event in view.timeline:
        for effect in event.effects:
            if effect[0] == "open":
                found.setdefault(int(effect[1]["no"]), _Told()).events[event.kind] = event
            elif effect[0] == "end":
                found.setdefault(int(effect[1]), _Told()).events[event.kind] = event
    return found


def _day(event: TimelineEntry, name: str) -> date | None:
    given = event.args.get(name)
    return date.fromisoformat(str(given)) if given else None


def _text(told: _Told, move: str, name: str) -> str:
    event = told.events.get(move)
    return (event.texts or {}).get(name, "") if event is not None else ""


def _invited(part: Assignment, told: _Told) -> Agency:
    event = told.events.get(INVITE)
    status = INVITED if part.live else {"declined": DECLINED, "accepted": TAKES_PART}.get(part.outcome, part.outcome)
    return Agency(
        unit=part.unit,
        letter=part.letter,
        standing=str(event.args.get("standing", "")) if event else "",
        from_on=_day(event, "from_on") if event else None,
        until_on=_day(event, "until_on") if event else None,
        status=status,
        task=_text(told, INVITE, "task"),
        reason=_text(told, DECLINE, "reason"),
    )


def _taking_part(known: Agency, part: Assignment, told: _Told, view: OccasionView) -> Agency:
    clock = _clock(view.state, part.no)
    if part.live:
        status = NOT_REPORTED if clock is not None else TAKES_PART
    else:
        status = {REPORTED: HAS_REPORTED, "missing": NOT_REPORTED}.get(part.outcome, part.outcome)
    reported = status == HAS_REPORTED
    return replace(
        known,
        status=status,
        due_at=moment(clock.due_at) if clock is not None else None,
        reported_at=moment(part.ended_at) if reported else None,
        late=reported and clock is not None and part.ended_at > clock.due_at,
        words=_text(told, REPORT, "words"),
    )


def _signing(known: Agency, part: Assignment, told: _Told) -> Agency:
    signed = part.outcome == SIGNED
    return replace(
        known,
        signature=SIGNING if part.live else part.outcome,
        signed_at=moment(part.ended_at) if signed else None,
        signed_by=_text(told, SIGN, "signed_by"),
        opinion=_text(told, SIGN, "opinion") or _text(told, REFUSE, "reason"),
    )


def _clock(state: State, part: int) -> Clock | None:
    return next((c for c in state.clocks if c.spec == REPORT and c.assignment == part), None)


def _heads(lines: tuple[Attended, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        if line.unit:
            found[line.unit] = found.get(line.unit, 0) + line.heads
    return found
