"""What a case page shows of its reporters and of holds: masked names, the form that asks for them, who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gewu.cases.queries import CaseView
from gewu.keeping import holds, reveals
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice, Field


@dataclass(frozen=True, slots=True)
class Person:
    """A reporter's name and number, masked or as they were given. ``joined`` is None for the first one."""

    name: str
    phone: str
    joined: datetime | None


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A hold as the page shows it."""

    reason: str
    words: str
    until: date | None
    since: datetime


@dataclass(slots=True)
class KeepingPanel:
    """``hidden``: whoever handles the case is told nothing. ``shown_at``: names are as given, this once."""

    hidden: bool
    people: tuple[Person, ...]
    may_reveal: bool
    shown_at: datetime | None = None
    ask: str = ""
    fields: Sequence[Field] = ()
    errors: list[str] = field(default_factory=list)
    open: bool = False
    holds: Sequence[HeldLine] = ()
    hold_fields: Sequence[Field] = ()
    hold_errors: list[str] = field(default_factory=list)
    may_hold: bool = False

    @property
    def masked(self) -> bool:
        """Whether there is somebody whose name is not shown as it was given."""
        return bool(self.people) and self.shown_at is None


def panel_of(desk: Desk, record_id: UUID, view: CaseView) -> KeepingPanel:
    """The panel of a case that was read with names masked. One statement for who may hold; one more where one does."""
    parts = view.state.assignments
    hidden = reveals.sight_of(desk.acting, parts) == "hidden"
    people = () if hidden else _people(view)
    may_hold = bool(desk.roles & holds.HOLD_ROLES)
    return KeepingPanel(
        hidden=hidden and view.has_reporter,
        people=people,
        may_reveal=bool(people) and reveals.may_reveal(desk.acting, parts),
        ask=str(uuid4()),
        fields=reveal_fields(),
        holds=_held(desk, record_id) if may_hold else (),
        hold_fields=hold_fields(),
        may_hold=may_hold and not view.erased,
    )


def _held(desk: Desk, record_id: UUID) -> tuple[HeldLine, ...]:
    found = holds.list_holds(desk.district_id, record_id)
    return tuple(HeldLine(reason_name(one.reason), one.words or "", one.until, one.set_at) for one in found)


def _people(view: CaseView) -> tuple[Person, ...]:
    found = []
    for entry in view.timeline:
        name, phone = ((entry.texts or {}).get(key, "") for key in ("reporter_name", "reporter_phone"))
        if name or phone:
            found.append(Person(name, phone, entry.at if entry.seq > 1 else None))
    return tuple(found)


def shown(identity: reveals.Identity) -> tuple[Person, ...]:
    """Reporters as they were given."""
    return tuple(Person(one.name, one.phone, one.at if one.seq > 1 else None) for one in identity.reporters)


def purpose_name(code: str) -> str:
    """What a name was shown for."""
    names = {
        "call_back": pgettext("purpose", "Call back"),
        "verify": pgettext("purpose", "Verify what was reported"),
        "correct": pgettext("purpose", "Correct name or number"),
        "other": pgettext("purpose", "Something else"),
    }
    return names.get(code, code)


def reason_name(code: str) -> str:
    """Why a record is held."""
    names = {
        "litigation": pgettext("hold", "Lawsuit"),
        "appeal": pgettext("hold", "Appeal or complaint"),
        "inspection": pgettext("hold", "Inspection or audit"),
        "other": pgettext("hold", "Another reason"),
    }
    return names.get(code, code)


def reveal_fields(purpose: str = "", words: str = "", errors: dict[str, str] | None = None) -> list[Field]:
    """The form that asks for names and numbers."""
    wrong = errors or {}
    choices = [Choice(code, purpose_name(code)) for code in reveals.PURPOSES]
    return [
        Field(
            "purpose", _("What for"), "radios", purpose, choices=choices, required=True, prefix="reveal",
            error=wrong.get("purpose", ""),
        ),
        Field(
            "words", _("In words"), "text", words, prefix="reveal", error=wrong.get("words", ""),
            hint=_("Needed for something else."), attrs={"maxlength": str(reveals.WORDS_MOST), "autocomplete": "off"},
        ),
    ]  # fmt: skip


def hold_fields(
    reason: str = "", words: str = "", until: str = "", errors: dict[str, str] | None = None
) -> list[Field]:
    """The form that puts a hold on a record."""
    wrong = errors or {}
    choices = [Choice(code, reason_name(code)) for code in holds.REASONS]
    return [
        Field(
            "reason", _("Why"), "radios", reason, choices=choices, required=True, prefix="hold",
            error=wrong.get("reason", ""),
        ),
        Field("words", _("In words"), "text", words, prefix="hold", error=wrong.get("words", "")),
        Field(
            "until", _("Last day"), "date", until, prefix="hold", error=wrong.get("until", ""),
            hint=_("Without one it stays until somebody lifts it."),
        ),
    ]  # fmt: skip
