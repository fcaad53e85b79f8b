"""From the rooms' values to answers: codes get names, instants the district's zone, private words a mask."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.cases.queries import CaseRow, CaseView, PhotoRow, TimelineEntry
from gewu.cases.services import ALONG
from gewu.core.playbook.model import Move, Playbook
from gewu.core.records import REPORTER, Assignment, Clock, Command, Refusal
from gewu.core.rules import moves_open
from gewu.keeping.reveals import sight_of
from gewu.ledger.door import Acting
from gewu.ledger.lookups import Position, facts_for
from gewu.registry.directory import Directory
from gewu.registry.entries import StandardInfo
from gewu.registry.people import ActorPost
from gewu.surfaces import words
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.forms import form_schema
from gewu.surfaces.api.problems import ROOT

PRIVATE_TEXTS = ("reporter_name", "reporter_phone")
_SPECIAL = {"merge": "merge", "split_create": "split", "split_off": "split", "absorb": "merge"}
"""Moves that touch two cases have addresses of their own."""


class Show:
    """Makes answers for one identity in one language."""

    def __init__(self, directory: Directory, language: str, acting: Acting | None = None) -> None:
        self.directory = directory
        self.language = language
        self.acting = acting

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.directory.district.timezone)

    def at(self, seconds: int) -> datetime:
        """An instant of the core."""
        return datetime.fromtimestamp(seconds, self.zone)

    def local(self, at: datetime | None) -> datetime | None:
        """An instant of the database."""
        return at.astimezone(self.zone) if at else None

    def here(self, at: datetime) -> datetime:
        """As ``local``, for one that is there."""
        return at.astimezone(self.zone)

    # ---- codes with names

    def unit(self, code: str) -> o.Named | None:
        return o.Named(code=code, name=words.unit_name(self.directory, code, self.language)) if code else None

    def unit_or_code(self, code: str) -> o.Named:
        return o.Named(code=code, name=words.unit_name(self.directory, code, self.language))

    def role(self, code: str) -> o.Named:
        return o.Named(code=code, name=words.role_name(self.directory, code, self.language))

    def category(self, key: str) -> o.Named | None:
        return o.Named(code=key, name=words.category_name(self.directory, key, self.language)) if key else None

    def place(self, code: str) -> o.Named:
        return o.Named(code=code, name=words.place_name(self.directory, code, self.language))

    def area(self, code: str) -> o.Named:
        found = self.directory.areas.get(code)
        return o.Named(code=code, name=found.name(self.language) if found else code)

    def person(self, person: str) -> o.Named:
        code = REPORTER if person.startswith(REPORTER) else person  # a reporter's visit has a secret name
        return o.Named(code=code, name=words.person_name(self.directory, person, self.language))

    def stage(self, playbook: Playbook | None, code: str) -> o.Named:
        return o.Named(code=code, name=words.stage_name(playbook, code, self.language))

    def post(self, post: ActorPost) -> o.PostOut:
        return o.PostOut(
            code=post.post_code,
            name=post.name(self.language),
            unit=self.unit_or_code(post.unit_code),
            roles=[self.role(role) for role in sorted(post.roles)],
            scope=str(post.scope).split(),
        )

    def standard(self, found: StandardInfo) -> o.StandardOut:
        return o.StandardOut(
            key=found.key,
            category=found.category,
            filing=found.filing[self.language],
            closing=found.closing[self.language],
            limit=words.limit_text(found.limit_value, found.limit_unit, self.language),
            limit_value=found.limit_value,
            limit_unit=found.limit_unit,
            urgent=found.urgent,
            limit_status=found.limit_status,
        )

    def position(self, position: Position) -> o.PlaceOut:
        """Where a new case is."""
        candidates = position.candidates or (position.place,)
        return o.PlaceOut(
            code=position.place,
            name=words.place_name(self.directory, position.place, self.language),
            areas=[self.area(code) for code in position.areas],
            candidates=[self.place(code) for code in candidates],
            on_boundary=position.on_boundary,
            synthetic=position.synthetic,
            lon=degrees(position.lon_e6),
            lat=degrees(position.lat_e6),
        )

    def photo(self, photo: PhotoRow) -> o.PhotoOut:
        return o.PhotoOut(
            id=photo.id,
            role=photo.role,
            mime=photo.mime,
            width=photo.width,
            height=photo.height,
            taken_at=self.local(photo.taken_at),
            lon=degrees(photo.lon_e6),
            lat=degrees(photo.lat_e6),
            erased=photo.erased,
            url=f"{ROOT}attachments/{photo.id}",
        )

    # ---- a line of a list

    def row(self, row: CaseRow) -> o.CaseRowOut:
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        clock = None
        if row.clock:
            clock = o.Named(code=row.clock, name=words.clock_name(playbook, row.clock, self.language))
        return o.CaseRowOut(
            id=row.record_id,
            number=row.number,
            outside_number=row.outside_number,
            version=row.version,
            stage=self.stage(playbook, row.stage),
            ended=row.ended,
            urgent=row.urgent,
            place=self.place(row.place),
            areas=list(row.areas),
            category=self.category(row.category),
            source=row.source,
            lead_unit=self.unit(row.lead_unit),
            holders=list(row.holders),
            clock=clock,
            clock_status=row.clock_status,
            due_at=self.local(row.due_at),
            reported_at=self.here(row.reported_at),
            updated_at=self.here(row.updated_at),
            excerpt=row.excerpt,
            flags=list(row.flags),
            tags=list(row.tags),
            lon=degrees(row.lon_e6),
            lat=degrees(row.lat_e6),
        )

    # ---- one case

    def case(self, view: CaseView) -> o.CaseOut:
        """Everything; ``view`` holds names and telephones of reporters masked."""
        assert self.acting is not None
        row, state = view.row, view.state
        playbook = self.directory.playbook(state.playbook, state.playbook_version)
        sight = sight_of(self.acting, state.assignments)
        standard = self.directory.standards.get(view.standard)
        owner = self.directory.owner(view.owner)
        tier = str(state.fields.get("tier") or "")
        place = Position(
            row.place, row.areas, row.lon_e6, row.lat_e6, "on_boundary" in row.flags, view.candidates,
            bool((found := self.directory.place(row.place)) and found.synthetic),
        )  # fmt: skip
        return o.CaseOut(
            id=row.record_id,
            number=row.number,
            outside_number=row.outside_number,
            version=row.version,
            playbook=state.playbook,
            playbook_version=state.playbook_version,
            stage=self.stage(playbook, row.stage),
            ended=row.ended,
            erased=view.erased,
            place=self.position(place),
            category=self.category(row.category),
            owner=o.Named(code=owner.code, name=owner.name(self.language)) if owner else None,
            standard=self.standard(standard) if standard else None,
            source=row.source,
            urgent=row.urgent,
            tier=o.Named(code=tier, name=words.tier_name(playbook, tier, self.language)) if tier else None,
            lead_unit=self.unit(row.lead_unit),
            texts=_without_private(view.texts),
            reporter=_reporter(view, sight),
            fields=dict(state.fields),
            counters=dict(state.counters),
            flags=list(row.flags),
            tags=sorted(state.tags),
            due_at=self.local(row.due_at),
            times={name: self.local(at) for name, at in view.times.items()},
            clocks=[self.clock(playbook, c) for c in state.clocks],
            assignments=[self.assignment(playbook, a) for a in state.assignments],
            moves=self.moves(playbook, view),
            links=[
                o.LinkOut(kind=k.kind, id=k.record_id, number=k.number, stage=self.stage(playbook, k.stage))
                for k in view.links
            ],
            photos=[self.photo(photo) for photo in view.photos],
            timeline=[self.event(playbook, entry) for entry in view.timeline],
        )

    def clock(self, playbook: Playbook | None, clock: Clock) -> o.ClockOut:
        now = int(datetime.now(UTC).timestamp())
        until = now if clock.status == "running" else clock.stopped_at
        return o.ClockOut(
            id=clock.id,
            clock=o.Named(code=clock.spec, name=words.clock_name(playbook, clock.spec, self.language)),
            status=clock.status,
            unit=self.unit(clock.holder),
            limit=words.limit_text(clock.limit_value, clock.unit, self.language),
            started_at=self.at(clock.started_at),
            due_at=self.at(clock.due_at),
            stopped_at=self.at(clock.stopped_at) if clock.stopped_at else None,
            overdue=until > clock.due_at,
            extended=clock.extended,
            provisional=clock.provisional,
        )

    def assignment(self, playbook: Playbook | None, part: Assignment) -> o.AssignmentOut:
        outcome = None
        if part.outcome:
            outcome = o.Named(code=part.outcome, name=words.outcome_name(part.outcome, self.language))
        actor = self.acting.actor if self.acting else None
        return o.AssignmentOut(
            no=part.no,
            slot=o.Named(code=part.slot, name=words.slot_name(playbook, part.slot, self.language)),
            mode=part.mode,
            unit=self.unit(part.unit),
            role=self.role(part.role) if part.role else None,
            person=self.person(part.person) if part.person else None,
            letter=part.letter,
            status=part.status,
            outcome=outcome,
            opened_at=self.at(part.opened_at),
            ended_at=self.at(part.ended_at) if part.ended_at else None,
            mine=bool(
                actor
                and part.live
                and (not part.person or part.person == actor.person)
                and (not part.unit or part.unit == actor.unit)
                and (not part.role or part.role in actor.roles)
            ),
        )

    def moves(self, playbook: Playbook | None, view: CaseView) -> list[o.MoveOut]:
        """Every move from the present stage, open or with the reason why it is closed."""
        if playbook is None or self.acting is None:
            return []
        now = int(datetime.now(UTC).timestamp())
        facts = facts_for(self.directory, None, Command("", ""), self.acting.actor, now, None)
        if isinstance(facts, Refusal):
            return []
        base = f"{ROOT}cases/{view.row.record_id}/"
        return [
            self.move(playbook, move, refusal, base)
            for move, refusal in moves_open(playbook, view.state, facts)
            if move.name not in ALONG
        ]

    def move(self, playbook: Playbook, move: Move, refusal: Refusal | None, base: str) -> o.MoveOut:
        why = None
        if refusal is not None:
            detail = words.refusal_text(refusal, playbook, self.language, self.directory)
            why = o.ReasonOut(code=refusal.code, detail=detail)
        return o.MoveOut(
            name=move.name,
            title=move.title[self.language],
            hint=move.hint[self.language] if move.hint else "",
            open=refusal is None,
            closed_because=why,
            additive=move.additive,
            direction=move.direction,
            needs_reason=move.reason,
            needs_photos=dict(move.photos),
            bulk=move.bulk,
            form=self.form(playbook, move),
            href=base + _SPECIAL.get(move.name, f"moves/{move.name}"),
        )

    def form(self, playbook: Playbook, move: Move) -> dict[str, Any]:
        """The form that the move's address takes: splitting off takes that of the new case."""
        if move.name != "split_off" or "split_create" not in playbook.moves:
            return form_schema(move, self.language)
        form = form_schema(playbook.moves["split_create"], self.language)
        del form["properties"]["parent"]
        form["required"] = [name for name in form["required"] if name != "parent"]
        return form

    def event(self, playbook: Playbook | None, entry: TimelineEntry) -> o.EventOut:
        return o.EventOut(
            seq=entry.seq,
            at=self.here(entry.at),
            kind=entry.kind,
            title=words.event_name(playbook, entry.kind, entry.args, self.language),
            actor=self.person(entry.actor),
            unit=self.unit(entry.unit),
            args=entry.args,
            texts=_without_private(entry.texts),
            photos=[photo.id for photo in entry.photos],
        )


def degrees(e6: int | None) -> float | None:
    """Degrees from millionths."""
    return None if e6 is None else e6 / 1_000_000


def _without_private(texts: dict[str, str] | None) -> dict[str, str] | None:
    return None if texts is None else {k: v for k, v in texts.items() if k not in PRIVATE_TEXTS}


def _reporter(view: CaseView, sight: str) -> o.ReporterOut | None:
    texts = view.texts or {}
    told = any(texts.get(name) for name in PRIVATE_TEXTS)
    if not view.has_reporter and not told:
        return None
    shown = sight != "hidden"
    return o.ReporterOut(
        wants_answer=view.has_reporter,
        name=texts.get("reporter_name", "") if shown else "",
        phone=texts.get("reporter_phone", "") if shown else "",
        shown=sight,
    )


def photo_out(photo_id: UUID, role: str, staged: Any) -> o.PhotoOut:
    """A photo that waits for its command."""
    return o.PhotoOut(
        id=photo_id,
        role=role,
        mime=staged.mime,
        width=staged.width,
        height=staged.height,
        taken_at=staged.taken_at,
        lon=degrees(staged.lon_e6),
        lat=degrees(staged.lat_e6),
        url=f"{ROOT}attachments/{photo_id}",
    )
