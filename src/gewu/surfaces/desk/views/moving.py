"""A page of a record with its moves: what registers, rounds and sessions have in common when a form is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar
from uuid import uuid4

from gewu.core.playbook import model as m
from gewu.core.records import Command, Facts, State
from gewu.core.rules import moves_open
from gewu.ledger.errors import Busy, CommandReused, Conflict, LedgerError, Refused
from gewu.ledger.lookups import facts_for
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present.again import refused_as, sent_again
from gewu.surfaces.desk.present.moves import About, Closed, MoveForm, form_for, split_open
from gewu.surfaces.desk.who import Desk

DOCK = 4
"""How many moves stand at the foot of a page; the others come after the timeline."""


class View(Protocol):
    """A record as a room read it."""

    @property
    def state(self) -> State: ...


V = TypeVar("V", bound=View)


@dataclass(slots=True)
class OpenRecord(Generic[V]):
    """A record as somebody at the desk has it before them."""

    view: V
    playbook: m.Playbook
    about: About
    moves: list[m.Move]
    closed: list[Closed]

    def open(self, name: str) -> bool:
        """Whether the post can make a move now."""
        return any(move.name == name for move in self.moves)


@dataclass(slots=True)
class Failed(Generic[V]):
    """Why a move was not made: the record as it is now, the form as it was sent with its errors, the
    answer's status."""

    opened: OpenRecord[V]
    form: MoveForm
    status: int


def judged(desk: Desk, about: About) -> tuple[list[m.Move], list[Closed]]:
    """Which moves are open to the post, and why the others are not."""
    facts = facts_for(desk.directory, None, Command("", ""), desk.acting.actor, int(time.time()), None)
    found = moves_open(about.playbook, about.state, facts) if isinstance(facts, Facts) and about.state else []
    return split_open(found, about)


def opened_as(desk: Desk, view: V, playbook: m.Playbook) -> OpenRecord[V]:
    """A record that was read, with what the post can do with it."""
    about = About(desk.directory, playbook, desk.language, desk.acting.actor, view.state)
    return OpenRecord(view, playbook, about, *judged(desk, about))


def tried(
    desk: Desk,
    opened: OpenRecord[V],
    move: m.Move,
    given: formdata.Given,
    carry_out: Callable[[], object],
    reopen: Callable[[], OpenRecord[V]],
    changed: str,
) -> Failed[V] | None:
    """Carry out a move; None once it is made. ``changed`` is said where somebody was faster."""

    def again(opened: OpenRecord[V], faults: dict[str, str], general: list[str], status: int) -> Failed[V]:
        form = sent_again(move, opened.about, given, opened.view.state.seq, faults, general)
        return Failed(opened, form, status)

    if given.faults:
        return again(opened, dict(given.faults), [], 422)
    try:
        carry_out()
    except Conflict as error:
        given.version = error.version
        return again(reopen(), {}, [changed], 409)
    except Refused as error:
        return again(reopen(), *refused_as(error.refusal, move, opened.playbook, desk))
    except LedgerError as error:
        if isinstance(error, CommandReused):
            given.command_id = str(uuid4())
        text = words.error_text(error, desk.language, opened.playbook, desk.directory)
        return again(opened, {}, [text], 409 if isinstance(error, (Busy, CommandReused)) else 422)
    return None


def forms_of(
    opened: OpenRecord[V],
    sent: MoveForm | None,
    asked: str,
    *,
    elsewhere: Collection[str] = (),
    filled: Mapping[str, str] | None = None,
) -> list[MoveForm]:
    """The forms of the moves that are open, but those that stand ``elsewhere`` on the page; the one that was sent as it
    was sent, the one that was asked for open. ``filled`` is what fields have beforehand."""
    forms = []
    for move in opened.moves:
        if move.name not in elsewhere:
            form = sent if sent is not None and sent.name == move.name else form_for(move, opened.about, filled)
            form.open = form.open or move.name == asked
            forms.append(form)
    if sent is not None and sent not in forms and sent.name not in elsewhere:
        forms.insert(0, sent)  # no longer possible, but what was typed is shown
    return forms


def ready(form: MoveForm, opened: OpenRecord[V], action: str, *, documents: bool = False) -> None:
    """Give a form what it needs to be sent: its own command, the version it was made for, where it goes."""
    form.command_id = form.command_id or str(uuid4())
    form.version = form.version or opened.view.state.seq
    form.action, form.documents = action, documents


def docked(forms: list[MoveForm]) -> tuple[list[MoveForm], list[MoveForm]]:
    """The forms that stand at the foot of the page, the way forward first, and the others."""
    first = [f for f in forms if f.forward or f.open][:DOCK]
    first += [f for f in forms if f not in first and f.key][: DOCK - len(first)]
    return first, [f for f in forms if f not in first]


def closed_parts(closed: list[Closed]) -> dict[str, object]:
    """Moves that cannot be made now: those of the post, and those of other posts; with one reason they share a line."""
    others = [one for one in closed if one.other_post]
    return {
        "closed": together([one for one in closed if not one.other_post]),
        "closed_others": together(others),
        "closed_number": len(others),
    }


def together(closed: list[Closed]) -> list[Closed]:
    """Moves that are closed for the same reason as one line, in the order of the first of each."""
    by_reason: dict[str, list[Closed]] = {}
    for one in closed:
        by_reason.setdefault(one.reason, []).append(one)
    return [replace(some[0], title=" · ".join(one.title for one in some)) for some in by_reason.values()]
