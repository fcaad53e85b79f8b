"""The life of a case as residents read it: stages in plain words, no names, no notes of the staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext
from django.utils.translation import pgettext_lazy as word

from gewu.cases import services
from gewu.cases.queries import CaseView, PhotoRow, TimelineEntry
from gewu.cases.services import JOIN, joined_of
from gewu.core.playbook.model import Playbook
from gewu.core.records import REPORTER, RUNNING
from gewu.registry.directory import Directory
from gewu.surfaces.names import category_name, place_name, stage_name, unit_name

MERGED_INTO = "merged_into"
HANDLE = "handle"
HANDLED_IN = ("dispatched", "handling")
"""Stages in which the limit of a case is told."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A stage in words that need no explanation, and what it means for who waits. ``state``: time, paused, ended."""

    title: Lazy | str
    text: Lazy | str
    state: str = "time"


PLAIN: Mapping[str, Plain] = {
    "reported": Plain(word("resident", "Received"), lazy("The report is in. The duty desk reads it next.")),
    "registered": Plain(
        word("resident", "Accepted"), lazy("The duty desk has accepted it and sends somebody to look.")
    ),
    "verifying": Plain(
        word("resident", "Being looked at"), lazy("A collector has been asked to go to the place and look.")
    ),
    "verified": Plain(
        word("resident", "Looked at"),
        lazy("A collector has been there. The shift leader decides what follows."),
    ),
    "filed": Plain(word("resident", "Taken up"), lazy("It is a case now. The right unit is being chosen.")),
    "dispatched": Plain(
        word("resident", "Given to a unit"), lazy("A unit has been told to solve it and has to confirm.")
    ),
    "handling": Plain(word("resident", "Being solved"), lazy("The unit is at work on it.")),
    "suspended": Plain(word("resident", "On hold"), lazy("It cannot go on for now. Its limit stands still."), "paused"),
    "handled": Plain(
        word("resident", "Said to be solved"),
        lazy("The unit says that it is solved. Somebody else will check."),
    ),
    "checking": Plain(
        word("resident", "Being checked"), lazy("A collector has been asked to check the result on the spot.")
    ),
    "checked": Plain(
        word("resident", "Checked"),
        lazy("The result has been checked. The shift leader decides what follows."),
    ),
    "closed": Plain(word("resident", "Closed"), lazy("It is closed. The answer is being written.")),
    "answered": Plain(word("resident", "Done"), lazy("It is closed and done."), "ended"),
    "declined": Plain(word("resident", "Not taken up"), lazy("It was looked at and not taken up as a case."), "ended"),
    "voided": Plain(word("resident", "Not valid"), lazy("The report was set aside as not valid."), "ended"),
    "merged": Plain(
        word("resident", "Joined"),
        lazy("The same problem was reported before. Both go on as one case."),
        "ended",
    ),
}
"""A stage that a district adds has the title of its playbook."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the public timeline."""

    at: datetime
    title: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What anybody with the number may read."""

    number: str
    title: str
    text: str
    state: str
    ended: bool
    reported_at: datetime
    category: str
    street: str
    unit: str
    due_at: datetime | None
    late: bool
    official: bool
    """Whether the limit behind ``due_at`` is set by an official rule; otherwise it is an assumption."""
    on_hold_until: str
    steps: list[Step]
    erased: bool
    goes_on: str
    """The number of the case that a merged one goes on as."""


def plain_stage(stage: str, playbook: Playbook | None, language: str) -> Plain:
    """A stage in plain words, or under the playbook's title."""
    found = PLAIN.get(stage)
    return found or Plain(stage_name(playbook, stage, language), "")


def stage_of(effects: Sequence[Any]) -> str:
    """The stage that an event put its case in; empty when it changed none."""
    stages = [effect[1] for effect in effects if effect[0] == "stage"]
    return stages[-1] if stages else ""


def steps_of(events: Iterable[tuple[datetime, Sequence[Any]]], playbook: Playbook | None, language: str) -> list[Step]:
    """Every change of stage in events (instant, effects), oldest first. A stage that is entered again says so."""
    steps: list[Step] = []
    seen: set[str] = set()
    for at, effects in events:
        stage = stage_of(effects)
        if not stage:
            continue
        title = str(plain_stage(stage, playbook, language).title)
        again = stage in seen
        steps.append(Step(at, _("%(stage)s, once more") % {"stage": title} if again else title, again))
        seen.add(stage)
    return steps


def story_of(directory: Directory, view: CaseView, language: str) -> Story:
    """The public side of a case."""
    row = view.row
    playbook = directory.playbook(row.playbook, row.playbook_version)
    plain = plain_stage(row.stage, playbook, language)
    due = None
    if row.stage in HANDLED_IN:
        clocks = [c for c in view.state.clocks if c.spec == HANDLE and c.status == RUNNING]
        if clocks:
            due = datetime.fromtimestamp(clocks[-1].due_at, UTC)
    late = due is not None and due < datetime.now(UTC)
    standard = directory.standards.get(view.standard) if view.standard else None
    street = row.place[:9]
    return Story(
        number=row.number,
        title=str(plain.title),
        text=str(plain.text),
        state="late" if late else plain.state,
        ended=row.ended,
        reported_at=row.reported_at,
        category=category_name(directory, row.category, language) if row.category else "",
        street=place_name(directory, street, language) if street in directory.places else "",
        unit=unit_name(directory, row.lead_unit, language) if row.lead_unit else "",
        due_at=due,
        late=late,
        official=standard is not None and standard.limit_status == "official",
        on_hold_until=str(view.state.fields.get("suspended_until") or "") if row.stage == "suspended" else "",
        steps=steps_of(((entry.at, entry.effects) for entry in view.timeline), playbook, language),
        erased=view.erased,
        goes_on=next((link.number for link in view.links if link.kind == MERGED_INTO), ""),
    )


# ---- what the code opens


@dataclass(frozen=True, slots=True)
class Said:
    """Words between the reporter and the duty desk, with the reporter's own photos."""

    at: datetime
    who: str
    text: str
    photos: tuple[PhotoRow, ...] = ()


_ANSWERS = {"answer": "reply", "decline": "reason"}
_OWN = {"add_note": "note", "follow_up": "note"}


def is_reporter(entry: TimelineEntry) -> bool:
    """Whether an event is the reporter's own."""
    return entry.actor.partition(":")[0] == REPORTER


def is_own(entry: TimelineEntry, joined: int) -> bool:
    """Whether an event is this reporter's own: the first one's (``joined`` 0), or that of who joined by an event."""
    return is_reporter(entry) and joined_of(entry.actor) == joined and (entry.kind != JOIN or entry.seq == joined)


def talk_of(view: CaseView, joined: int = 0) -> list[Said]:
    """One reporter's report and notes and the answers, oldest first. ``joined``: the event by which they joined.

    Notes of the staff are not among them, nor anything of others who reported the same case.
    """
    found = []
    for entry in view.timeline:
        texts = entry.texts or {}
        if entry.seq == (joined or 1):
            text = texts.get("description", "")
            found.append(
                Said(entry.at, pgettext("resident", "Your report"), text, entry.photos if is_reporter(entry) else ())
            )
        elif entry.kind in _ANSWERS:
            found.append(Said(entry.at, _("Answer of the duty desk"), texts.get(_ANSWERS[entry.kind], "")))
        elif entry.kind in _OWN and is_own(entry, joined) and (texts.get(_OWN[entry.kind]) or entry.photos):
            found.append(
                Said(entry.at, pgettext("resident", "You added"), texts.get(_OWN[entry.kind], ""), entry.photos)
            )
    return [said for said in found if said.text or said.photos]


def own_photos(view: CaseView, joined: int = 0) -> set[str]:
    """Ids of the photos that this reporter sent."""
    own = [e for e in view.timeline if is_own(e, joined) or (e.seq == joined and is_reporter(e))]
    return {str(p.id) for entry in own for p in entry.photos if not p.erased}


def playbook_of(directory: Directory, view: CaseView) -> Playbook | None:
    """The playbook that governs this case."""
    return directory.playbook(view.row.playbook or services.PLAYBOOK, view.row.playbook_version)
