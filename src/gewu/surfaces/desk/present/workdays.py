"""Occasions as their lists and their page show them: months, sessions, matters, the sign-in list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.cases.queries import PhotoRow
from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import ARRIVE, RESULT
from gewu.occasions.obligations import HELD, MISSED, NOT_OWED, NOT_YET, PLANNED, Obligation
from gewu.occasions.queries import Attended, CaseState, Matter, MatterRow, OccasionRow, OccasionView
from gewu.occasions.queries.agencies import PATROL, SUPPORT
from gewu.registry import buildings
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.case import ClockLine, Part, clock_of, part_of
from gewu.surfaces.desk.present.moves import MoveForm
from gewu.surfaces.desk.present.rows import who as who_has
from gewu.surfaces.desk.present.timeline import Entry, Said, teller
from gewu.surfaces.desk.who import Desk

CALL = ("cause", "solved", "rating")
"""Fields of a whistle that stand among its facts."""
LISTED = frozenset({RESULT, PATROL, SUPPORT})
"""Moves that a campaign sees by the hundred: they stand in lists of their own and not among what happened."""


@dataclass(frozen=True, slots=True)
class Line:
    """An occasion in a list."""

    row: OccasionRow
    url: str
    stage: str
    unit: str
    where: str
    led_by: str
    quiet: bool
    what: str
    """The subject of an activity and its kind."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A member's month in the calendar: how it stands, in a word and by a sign, and where its sessions are."""

    state: str
    word: str
    short: str
    url: str
    street: int
    leader: int


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the calendar."""

    name: str
    code: str
    mine: bool
    assumed: bool
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class ShownMatter:
    """A matter on the page of a session. ``forms`` are the moves about it that can be made now."""

    matter: Matter
    category: str
    where: str
    source: str
    outcome: str
    unit: str
    tier: str
    case_url: str
    case_stage: str
    case_who: str
    replies: tuple[tuple[str, str, str], ...]
    forms: list[MoveForm]
    topic: str = ""
    kind: str = ""
    executor: str = ""
    settle_url: str = ""
    below: tuple[str, str] | None = None
    above: tuple[str, str] | None = None
    """Address and number of the meeting that referred it, and of the one that took it up."""


@dataclass(frozen=True, slots=True)
class ListedMatter:
    """A matter in the list behind a number."""

    row: MatterRow
    url: str
    case_url: str
    category: str
    where: str
    unit: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page of a session needs beside its moves."""

    line: Line
    title: str
    facts: tuple[Said, ...]
    words: tuple[Said, ...]
    parts: tuple[Part, ...]
    clocks: tuple[ClockLine, ...]
    timeline: list[Entry]
    photos: tuple[PhotoRow, ...]
    attendance: tuple[tuple[int, str, str, int], ...]
    told: tuple[tuple[str, str, str, int | None, bool, int | None, str], ...]
    erased: bool
    begins: str = ""
    """What the playbook calls its beginning, where it is no session that begins and ends."""


def statuses() -> dict[str, tuple[str, str]]:
    """How a month stands: the word, and a sign short enough for a calendar."""
    return {
        HELD: (_("held"), "●"),
        PLANNED: (_("planned"), "○"),
        NOT_YET: (_("not yet"), "·"),
        MISSED: (_("missed"), "✕"),
        NOT_OWED: (_("not owed"), "–"),
    }


def outcomes() -> dict[str, str]:
    """What became of a matter, in a word."""
    return {
        "": _("on the table"),
        "case": _("case"),
        "joined": _("joined to an open case"),
        "answered": _("answered at the table"),
        "withdrawn": _("withdrawn"),
        "raised": _("lifted by one level"),
        "kept": _("left at its level"),
        "tasked": _("owner and due date set"),
        "referred": _("referred to the level above"),
        "deferred": _("put off to another session"),
        "adopted": _("carried"),
        "rejected": _("not carried"),
    }


def known_buildings(rows: Iterable[OccasionRow], desk: Desk) -> dict[str, str]:
    """The names of those buildings that are in the register, by code: one statement, none where no code is given."""
    codes = {row.building for row in rows if row.building}
    found = buildings.by_code(desk.district_id, codes) if codes else {}
    chinese = words.chinese(desk.language)
    return {code: one.name_zh if chinese else one.name_en for code, one in found.items()}


def line(row: OccasionRow, desk: Desk, known: Mapping[str, str] | None = None) -> Line:
    """An occasion as a list shows it. ``known`` are names of buildings by their codes."""
    language = desk.language
    playbook = desk.playbook_of(row.playbook, row.playbook_version)
    where = names.place_short(desk.directory, row.place, language)
    if row.building in (known or {}):
        where = names.typeset((known or {})[row.building], language)
    elif row.building:
        where = _("%(place)s, building %(building)s") % {"place": where, "building": row.building}
    spec = playbook.clocks.get(row.clock) if playbook else None
    return Line(
        row,
        reverse("desk:workday", args=[row.record_id]),
        names.typeset(words.stage_name(playbook, row.stage, language), language),
        names.unit(desk.directory, row.unit, language) if row.unit else "",
        where,
        choice(playbook, "led_by", row.led_by, language),
        spec is not None and row.clock == "hold",
        " · ".join(one for one in (row.subject, choice(playbook, "activity", row.activity, language)) if one),
    )


def choice(playbook: Playbook | None, name: str, value: str, language: str) -> str:
    """The title of a choice, of a field or of any form of the playbook."""
    if playbook is None or not value:
        return value
    known = playbook.fields.get(name)
    forms = (one for move in playbook.moves.values() for one in move.form if one.name == name)
    for one in (known, *forms):
        if one is not None and value in one.choices:
            return names.typeset(words.choice_name(one, value, language), language)
    return value


def members(found: Sequence[Obligation], desk: Desk, type_: str) -> list[Member]:
    """The rows of a calendar, the own street first."""
    said = statuses()
    rows: dict[str, list[Obligation]] = {}
    for one in found:
        rows.setdefault(one.member.member, []).append(one)
    shown = []
    for code, months in rows.items():
        cells = tuple(
            Cell(
                one.status,
                said[one.status][0],
                said[one.status][1],
                f"{reverse('desk:workday-sessions')}?type={type_}&period={one.period}&unit={code}&state=all",
                one.count.street_held,
                one.count.leader_held,
            )
            for one in months
        )
        name, mine = names.unit(desk.directory, code, desk.language), code == desk.post.unit_code
        shown.append(Member(name, code, mine, months[0].member.assumed, cells))
    return sorted(shown, key=lambda row: not row.mine)


def show(view: OccasionView, desk: Desk, playbook: Playbook | None) -> Shown:
    """Prepare a session for its page."""
    language, directory, row, state = desk.language, desk.directory, view.row, view.state
    parts = tuple(
        part_of(a, state.clocks, directory, playbook, language)
        for a in state.assignments
        if playbook is None or a.slot not in playbook.slots or not playbook.slots[a.slot].items
    )
    shown = line(row, desk, known_buildings([row], desk))
    fields = playbook.fields if playbook is not None and ARRIVE in playbook.moves else {}
    own = {name: names.said(one.title, language) for name, one in fields.items()}
    facts = [
        (_("Subject"), row.subject),
        (_("Strand"), choice(playbook, "strand", row.strand, language)),
        (_("Kind"), choice(playbook, "activity", row.activity, language)),
        (_("People reached"), str(row.reached) if row.activity and row.opened_at else ""),
        (_("Led by"), shown.led_by),
        (_("Leader"), row.leader),
        (own.get("unit", _("Held by")), shown.unit),
        (_("Place"), shown.where),
        (_("Where"), row.spot),
        *(
            (own[name], choice(playbook, name, str(state.fields.get(name) or ""), language))
            for name in CALL
            if name in own
        ),
    ]
    running = (c for c in state.clocks if not c.assignment and c.status != "stopped")
    return Shown(
        line=shown,
        title=names.said(playbook.title, language) if playbook else row.type,
        facts=tuple(Said(label, text) for label, text in facts if text),
        words=_said(view, playbook, language),
        parts=tuple(sorted(parts, key=lambda p: not p.live)),
        clocks=tuple(clock_of(c, playbook, language) for c in running),
        timeline=teller(view, directory, playbook, language).tell(
            [event for event in view.timeline if event.kind not in LISTED]
        ),
        photos=view.photos,
        attendance=tuple(_attended(a, desk, playbook) for a in view.attendance),
        told=tuple(
            (
                t.posted_on.isoformat(),
                choice(playbook, "way", t.way, language),
                t.words,
                t.heads,
                t.final,
                t.days,
                t.where,
            )
            for t in view.tellings
        ),
        erased=row.erased,
        begins=own.get("starts_at", ""),
    )


def _attended(one: Attended, desk: Desk, playbook: Playbook | None) -> tuple[int, str, str, int]:
    who = one.body or (names.unit(desk.directory, one.unit, desk.language) if one.unit else "")
    return one.line, choice(playbook, "level", one.level, desk.language), who, one.heads


def _said(view: OccasionView, playbook: Playbook | None, language: str) -> tuple[Said, ...]:
    """Words that belong to the session as a whole: the notice, the summary."""
    found = []
    for event in view.timeline:
        for name in ("notice", "summary"):
            if (event.texts or {}).get(name):
                label = names.typeset(words.field_name(playbook, event.kind, name, language), language)
                found.append(Said(label, (event.texts or {})[name]))
    return tuple(found)


def shown_matter(one: Matter, desk: Desk, playbook: Playbook | None, forms: list[MoveForm]) -> ShownMatter:
    """A matter with its case as it stands now."""
    directory, language = desk.directory, desk.language
    url, stage, who = _case(one.case, desk)
    return ShownMatter(
        matter=one,
        category=names.category(directory, one.category, language) if one.category else "",
        where=names.place_short(directory, one.place, language) if one.place else "",
        source=choice(playbook, "source", one.source, language),
        outcome=outcomes().get(one.outcome, one.outcome),
        unit=names.unit(directory, one.unit, language) if one.unit else "",
        tier=_tier(desk, one.tier),
        case_url=url,
        case_stage=stage,
        case_who=who,
        replies=tuple((names.unit(directory, r.unit, language), r.question, r.answer) for r in one.replies),
        forms=forms,
        below=_meeting(one.came_from),
        above=_meeting(one.went_to),
        topic=choice(playbook, "topic", one.topic, language),
        kind=choice(playbook, "matter_kind", one.kind, language),
        executor=_executor(one, desk, playbook),
    )


def _meeting(named: tuple[UUID, str] | None) -> tuple[str, str] | None:
    return (reverse("desk:workday", args=[named[0]]), named[1]) if named else None


def _executor(one: Matter, desk: Desk, playbook: Playbook | None) -> str:
    """Who carries a resolution out: the unit that was named, else the side."""
    if one.vote is None:
        return ""
    if one.unit and one.vote.executor == "unit":
        return names.unit(desk.directory, one.unit, desk.language)
    return choice(playbook, "executor", one.vote.executor, desk.language)


def _tier(desk: Desk, code: str) -> str:
    playbook = desk.playbook
    found = playbook.tiers.get(code) if playbook else None
    return names.said(found.title, desk.language) if found else code


def _case(case: CaseState | None, desk: Desk) -> tuple[str, str, str]:
    if case is None:
        return "", "", ""
    playbook = desk.playbook_of(case.playbook, case.playbook_version)
    stage = names.typeset(words.stage_name(playbook, case.stage, desk.language), desk.language)
    if case.row is None:
        return "", stage, ""
    url = reverse("desk:case", args=[case.number])
    return url, stage, who_has(case.row, desk.directory, playbook, desk.language)


def listed(row: MatterRow, desk: Desk) -> ListedMatter:
    """A matter in the list behind a number."""
    directory, language = desk.directory, desk.language
    outcome = outcomes().get(row.outcome, row.outcome)
    if row.case_stage:
        playbook = desk.playbook_of(row.case_playbook, row.case_version)
        outcome = names.typeset(words.stage_name(playbook, row.case_stage, language), language)
    return ListedMatter(
        row,
        f"{reverse('desk:workday', args=[row.occasion])}#matter-{row.no}",
        reverse("desk:case", args=[row.case_number]) if row.case_number else "",
        names.category(directory, row.category, language) if row.category else "",
        names.place_short(directory, row.place, language),
        names.unit(directory, row.unit, language) if row.unit else "",
        outcome,
    )


def local_input(at: datetime) -> str:
    """An instant as ``datetime-local`` takes it."""
    return at.strftime("%Y-%m-%dT%H:%M")
