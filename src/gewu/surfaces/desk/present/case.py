"""A case as its page shows it: head, parts with their clocks, photos in pairs, timeline, moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from gewu.cases.queries import CaseView, PhotoRow
from gewu.core.playbook.model import Playbook
from gewu.core.records import Assignment, Clock
from gewu.registry.directory import Directory
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.rows import Line, line
from gewu.surfaces.desk.present.timeline import Entry, Said, link_name, teller


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock on the page. ``state``: running, paused, stopped; ``kept``: whether a stopped one was in time.

    ``rests``: it does not run, so that its day is not known; a clock of a pause is one that runs.
    """

    name: str
    due: datetime
    warns_at: datetime | None
    state: str
    kept: bool
    provisional: bool
    extended: int
    limit: str
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody's part in the case."""

    slot: str
    mode: str
    who: str
    status: str
    live: bool
    letter: bool
    outcome: str
    since: datetime
    until: datetime | None
    clocks: tuple[ClockLine, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """A case that belongs to this one."""

    kind: str
    number: str
    stage: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of the pair: when it came in, and when it was taken where the camera wrote it."""

    id: UUID
    at: datetime | None
    taken_at: datetime | None


@dataclass(slots=True)
class Shown:
    """Everything that the template of a case needs beside the moves."""

    line: Line
    view: CaseView
    place: str
    areas: str
    synthetic: bool
    candidates: tuple[str, ...]
    category: str
    category_code: str
    standard: tuple[Said, ...]
    limit: str
    owner: str
    source: str
    tier: str
    words: tuple[Said, ...]
    parts: tuple[Part, ...]
    clocks: tuple[ClockLine, ...]
    timeline: list[Entry]
    before: tuple[PhotoRow, ...]
    after: tuple[PhotoRow, ...]
    photos: tuple[PhotoRow, ...]
    ties: tuple[Tie, ...]
    counts: tuple[Said, ...]
    pair: tuple[Picture, Picture] | None
    """How it was and how it became, once both are there."""


def show(view: CaseView, directory: Directory, playbook: Playbook | None, language: str) -> Shown:
    """Prepare a case for its page."""
    state, row = view.state, view.row
    category = directory.categories.get(row.category)
    place = directory.places.get(state.place)
    source = playbook.fields.get("source") if playbook else None
    value, unit = state.fields.get("limit_value"), state.fields.get("limit_unit")
    parts = tuple(part_of(a, state.clocks, directory, playbook, language) for a in state.assignments)
    return Shown(
        line=line(row, directory, lambda _name, _version: playbook, language),
        view=view,
        place=names.place_full(directory, state.place, language),
        areas=names.listed((_area(directory, code, language) for code in state.areas), language),
        synthetic=bool(place and place.synthetic),
        candidates=tuple(names.place_full(directory, code, language) for code in view.candidates),
        category=names.category(directory, row.category, language),
        category_code=f"{names.KINDS[category.kind][language]} {category.code}" if category else "",
        standard=_standard(view.standard, directory, language),
        limit=names.typeset(words.limit_text(value, unit, language), language)
        if isinstance(value, int) and isinstance(unit, str)
        else "",
        owner=_owner(view.owner, directory, language),
        source=names.typeset(words.choice_name(source, row.source, language), language) if source else row.source,
        tier=names.typeset(words.tier_name(playbook, row_tier(view), language), language) if row_tier(view) else "",
        words=_texts(view, playbook, language, ("description", "address")),
        parts=tuple(sorted(parts, key=lambda p: not p.live)),
        clocks=tuple(
            clock_of(c, playbook, language) for c in state.clocks if not c.assignment and c.status != "stopped"
        ),
        timeline=teller(view, directory, playbook, language).tell(view.timeline),
        before=tuple(p for p in view.photos if p.role == "before"),
        after=tuple(p for p in view.photos if p.role == "after"),
        photos=view.photos,
        ties=tuple(
            Tie(
                link_name(k.kind, language),
                k.number,
                names.typeset(words.stage_name(playbook, k.stage, language), language),
            )
            for k in view.links
        ),
        counts=_counts(view),
        pair=_pair(view),
    )


def _pair(view: CaseView) -> tuple[Picture, Picture] | None:
    """The first photo of how it was (of the report or the verification, where none is called so) and the last after."""
    photos = [p for p in view.photos if not p.erased and p.mime != "application/pdf"]
    after = next((p for p in reversed(photos) if p.role == "after"), None)
    if after is None:
        return None
    earlier = [p for p in photos if p.role != "after" and p.seq <= after.seq]
    before = next((p for p in earlier if p.role == "before"), earlier[0] if earlier else None)
    if before is None:
        return None
    came = {entry.seq: entry.made_at or entry.at for entry in view.timeline}
    first, last = (Picture(p.id, came.get(p.seq), p.taken_at) for p in (before, after))
    return first, last


def row_tier(view: CaseView) -> str:
    """The tier of the matter, confirmed or proposed."""
    return str(view.state.fields.get("tier") or view.state.fields.get("tier_proposed") or "")


def _area(directory: Directory, code: str, language: str) -> str:
    found = directory.areas.get(code)
    return names.typeset(found.name(language), language) if found else code


def _owner(code: str, directory: Directory, language: str) -> str:
    found = directory.owners.get(code)
    return names.typeset(found.name(language), language) if found else code


def _standard(key: str, directory: Directory, language: str) -> tuple[Said, ...]:
    found = directory.standards.get(key)
    if found is None:
        return ()
    return (
        Said(_("File when"), names.said(found.filing, language)),
        Said(_("Close when"), names.said(found.closing, language)),
    )


def _texts(view: CaseView, playbook: Playbook | None, language: str, wanted: tuple[str, ...]) -> tuple[Said, ...]:
    found = view.texts or {}
    return tuple(
        Said(names.typeset(words.field_name(playbook, "register_intake", name, language), language), found[name])
        for name in wanted
        if found.get(name)
    )


def part_of(
    part: Assignment, clocks: tuple[Clock, ...], directory: Directory, playbook: Playbook | None, language: str
) -> Part:
    """A part as a page shows it, with its clocks."""
    return Part(
        slot=names.typeset(words.slot_name(playbook, part.slot, language), language),
        mode=words.name(part.mode, language) if part.mode in ("lead", "assist") else "",
        who=names.holder(directory, (part.unit, part.role, part.person), language),
        status=names.typeset(words.name(part.status, language), language),
        live=part.live,
        letter=part.letter,
        outcome=names.typeset(words.outcome_name(part.outcome, language), language) if part.outcome else "",
        since=_at(part.opened_at),
        until=_at(part.ended_at) if part.ended_at else None,
        clocks=tuple(clock_of(c, playbook, language) for c in clocks if c.assignment == part.no),
    )


def clock_of(clock: Clock, playbook: Playbook | None, language: str) -> ClockLine:
    """A clock as a page shows it."""
    spec = playbook.clocks.get(clock.spec) if playbook else None
    warns = clock.started_at if clock.phase else clock.next_at
    return ClockLine(
        name=names.typeset(words.clock_name(playbook, clock.spec, language), language),
        due=_at(clock.due_at),
        warns_at=_at(warns) if warns < clock.due_at else None,
        state="paused" if spec is not None and spec.move and clock.status == "running" else clock.status,
        kept=clock.stopped_at <= clock.due_at,
        provisional=clock.provisional,
        extended=clock.extended,
        limit=""
        if spec is not None and spec.source == "until"
        else names.typeset(words.limit_text(clock.limit_value, clock.unit, language), language),
        rests=clock.status == "paused",
    )


def _counts(view: CaseView) -> tuple[Said, ...]:
    labels = {"returns": _("Returned"), "reworks": _("Reworked"), "reminders": _("Reminded")}
    return tuple(Said(label, str(view.counts.get(name, 0))) for name, label in labels.items() if view.counts.get(name))


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
