"""Moves as forms, generated from the playbook. Nothing here knows a particular move; kinds of fields: ``pickers``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from gewu.cases.services import ALONG as ALONG_CASE
from gewu.core.playbook import model as m
from gewu.core.records import Assignment, Refusal
from gewu.core.rules import own_parts
from gewu.occasions.kinds import ALONG as ALONG_TABLE
from gewu.occasions.kinds import DECISION_LATE
from gewu.office.services import ALONG as ALONG_ENTRY
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.pickers import OTHER, About, fields_of, standards, typed_text
from gewu.surfaces.look.forms import Choice, Field
from gewu.surfaces.look.typography import sign

__all__ = ["OTHER", "About", "Closed", "MoveForm", "PhotoWish", "form_for", "split_open", "standards"]

HIDDEN = ALONG_CASE | ALONG_ENTRY | ALONG_TABLE | {DECISION_LATE}
"""Moves that another form makes along with its own: merging takes in, splitting and issuing create, a table joins."""


@dataclass(frozen=True, slots=True)
class PhotoWish:
    """Photos that a move needs: their role, how many, and the words for it."""

    role: str
    least: int
    label: str


@dataclass(slots=True)
class MoveForm:
    """A move that can be made now. ``errors`` are sentences that belong to no single field."""

    move: m.Move
    title: str
    hint: str
    key: str
    fields: list[Field]
    photos: list[PhotoWish]
    forward: bool
    back: bool
    errors: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    open: bool = False
    command_id: str = ""
    version: int = 0
    page: str = ""
    """Where the form is, when it needs a page of its own."""
    action: str = ""
    """Where the form is sent; empty: the move of a case."""
    documents: bool = False
    """Whether a PDF may come with it too."""

    @property
    def name(self) -> str:
        """The name of the move."""
        return self.move.name

    @property
    def inputs(self) -> list[Field]:
        """All fields, those inside others too."""
        inner = [one.data["other"] for one in self.fields if isinstance(one.data.get("other"), Field)]
        return [*self.fields, *(one for one in inner if isinstance(one, Field))]


@dataclass(frozen=True, slots=True)
class Closed:
    """A move that cannot be made now, and why."""

    title: str
    reason: str
    other_post: bool


def split_open(found: Sequence[tuple[m.Move, Refusal | None]], about: About) -> tuple[list[m.Move], list[Closed]]:
    """The moves that are open, and the closed ones with their reasons; those of other posts last."""
    opened: list[m.Move] = []
    closed: list[Closed] = []
    for move, refusal in found:
        if move.name in HIDDEN or all(a.relation in ("system", "reporter") for a in move.actors):
            continue
        if refusal is None:
            opened.append(move)
        else:
            title = names.said(move.title, about.language)
            closed.append(Closed(title, *_why_not(move, refusal, about)))
    opened.sort(key=lambda move: (not names.move_is_forward(move), move.additive, move.direction == "side"))
    return opened, sorted(closed, key=lambda c: c.other_post)


def _why_not(move: m.Move, refusal: Refusal, about: About) -> tuple[str, bool]:
    """Why a move is closed, and whether it is another post's.

    Whoever has the role, but not the part that it takes, is told who has it, or that nobody does.
    """
    language = about.language
    if refusal.code != "not_allowed":
        reason = words.refusal_text(refusal, about.playbook, language, about.directory)
        return names.typeset(reason, language), False
    rules = [rule for rule in move.actors if rule.slot and rule.role in about.actor.roles]
    if not rules or about.state is None:
        roles = names.listed((words.role_name(about.directory, r, language) for r in refusal.detail["roles"]), language)
        return names.typeset(_("This is done by: %(roles)s.") % {"roles": roles}, language), True
    parts = [part for part in about.state.assignments if part.live and any(_takes(rule, part) for rule in rules)]
    if not parts:
        missing = names.listed(dict.fromkeys(_wanted(rule, about) for rule in rules), language)
        return names.typeset(_("Nobody has a part “%(slot)s” now.") % {"slot": missing}, language), False
    told = [
        _("“%(slot)s” is with %(who)s (%(status)s).")
        % {
            "slot": words.slot_name(about.playbook, part.slot, language),
            "who": names.holder(about.directory, (part.unit, part.role, part.person), language),
            "status": words.name(part.status, language),
        }
        for part in parts
    ]
    return names.typeset(("" if words.chinese(language) else " ").join(told), language), True


def _takes(rule: m.ActorRule, part: Assignment) -> bool:
    """Whether a rule is about such a part, whoever has it."""
    return part.slot == rule.slot and rule.mode in ("", part.mode) and (part.letter or rule.relation != "letter")


def _wanted(rule: m.ActorRule, about: About) -> str:
    """The part that a rule takes: ``Handling (assist)``."""
    more = [words.name(rule.mode, about.language)] if rule.mode else []
    more += [_("by letter")] if rule.relation == "letter" else []
    slot = words.slot_name(about.playbook, rule.slot, about.language)
    if not more:
        return slot
    return f"{slot}{sign('(', about.language)}{names.listed(more, about.language)}{sign(')', about.language)}"


def form_for(move: m.Move, about: About, given: Mapping[str, str | bool | Sequence[str]] | None = None) -> MoveForm:
    """The form of a move. ``given`` are values that were typed before and came back with an error."""
    language = about.language
    fields = [one for wanted in move.form for one in fields_of(wanted, move, about, given or {})]
    if move.reason and not any(f.name == "reason" for f in move.form):
        fields.append(
            Field("reason", _("Reason"), "textarea", typed_text(given, "reason"), required=True, prefix=move.name)
        )
    target = _target(move, about, given)
    if target is not None:
        fields.insert(0, target)
    photos = [
        PhotoWish("other" if role == "any" else role, least, _photo_label(role, least, language))
        for role, least in move.photos.items()
    ]
    return MoveForm(
        move,
        names.said(move.title, language),
        names.said(move.hint, language),
        move.key,
        fields,
        photos,
        forward=names.move_is_forward(move),
        back=move.direction == "backward",
    )


def _photo_label(role: str, least: int, language: str) -> str:
    if role == "any":
        return _("Photos of the place, at least %(n)d") % {"n": least}
    return _("Photos %(role)s, at least %(n)d") % {"role": words.name(role, language), "n": least}


def _target(move: m.Move, about: About, given: Mapping[str, str | bool | Sequence[str]] | None) -> Field | None:
    """Which assignment is meant, where the actor has several that the move could be about."""
    if about.state is None:
        return None
    slots = {rule.slot for rule in move.actors if rule.slot}
    parts = {p.no: p for slot in slots for p in own_parts(move, about.state.assignments, about.actor, slot)}
    if len(parts) < 2:
        return None
    choices = []
    for no, part in sorted(parts.items()):
        who = names.holder(about.directory, (part.unit, part.role, part.person), about.language)
        slot = words.slot_name(about.playbook, part.slot, about.language)
        choices.append(Choice(str(no), f"{slot} · {who}"))
    value = typed_text(given, "target") or choices[0].value
    return Field("target", _("Which assignment"), "radios", value, required=True, choices=choices, prefix=move.name)
