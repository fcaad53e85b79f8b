"""What the pages of connections have in common: states in words, lines of a log, sentences for faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from gewu.connections import models as m
from gewu.connections.numbers import numbers_of
from gewu.core.playbook.model import Playbook
from gewu.ledger.outbox import administration
from gewu.ledger.outbox.administration import Sent, State
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.connections.errors import explained
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Field
from gewu.surfaces.words import move_name

ADMINISTRATOR = "administrator"
OFFICE = "comprehensive_office"
TONES = {"waiting": "soon", "sending": "soon", "sent": "time", "failed": "late", "dropped": "ended"}
CAP = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a log shows it."""

    one: Sent
    tone: str
    status: str
    what: str
    about: str
    to: str
    error: str


@dataclass(frozen=True, slots=True)
class Health:
    """How a destination fares, in words."""

    tone: str
    word: str
    state: State | None
    waiting: str
    failed: str
    error: str


def status_word(status: str) -> str:
    """The status of a message in words."""
    words = {
        "waiting": _("waiting"),
        "sending": _("on its way"),
        "sent": _("taken"),
        "failed": _("not taken"),
        "dropped": _("put away"),
    }
    return words.get(status, status)


def health(district_id: int, destination: str, *, active: bool, states: dict[str, State]) -> Health:
    """The state of a destination; one that is switched off says so."""
    state = states.get(destination)
    counts = administration.counts(district_id, destination, CAP)
    error = explained(state.error) if state else ""
    if not active:
        tone, word = "ended", _("switched off")
    elif state is None:
        tone, word = "ended", _("not used yet")
    else:
        tone, word = {
            "ok": ("time", _("answers")),
            "failing": ("soon", _("fails now and then")),
            "down": ("late", _("does not answer")),
        }[state.state]
    return Health(tone, word, state, _capped(counts["waiting"]), _capped(counts["failed"]), error)


def _capped(count: int) -> str:
    return f"{CAP}+" if count > CAP else str(count)


def names_of(district_id: int) -> dict[str, str]:
    """The names of all destinations that people set up."""
    found = {
        f"webhook:{pk}": name
        for pk, name in m.Webhook.objects.filter(district_id=district_id).values_list("id", "name")
    }
    channels = m.Channel.objects.filter(district_id=district_id).values_list("id", "name")
    return found | {f"channel:{pk}": name for pk, name in channels}


def lines(found: list[Sent], desk: Desk, known: dict[str, str]) -> list[Line]:
    """Messages as lines of a log."""
    numbers = numbers_of(desk.district_id, [one.record_id for one in found if one.record_id is not None])
    return [_line(one, desk, desk.playbook, known, numbers) for one in found]


def _line(one: Sent, desk: Desk, playbook: Playbook | None, known: dict[str, str], numbers: dict[UUID, str]) -> Line:
    said = one.payload
    event = str(said.get("event", ""))
    if one.topic == "webhook":
        what = _("Test") if event == "ping" else names.typeset(move_name(playbook, event, desk.language), desk.language)
    else:
        what = str(said.get("subject", "") or one.topic)
    about = numbers.get(one.record_id, "") if one.record_id is not None and said.get("kind", "case") == "case" else ""
    to = known.get(one.destination, one.destination)
    return Line(one, TONES[one.status], status_word(one.status), what, about, to, explained(one.error))


def fault(code: str, detail: str) -> str:
    """A sentence for a field that cannot be taken: what is wrong and what to do."""
    sentences = {
        "required": _("Fill this in."),
        "choice": _("Choose one of the list."),
        "number": _("Write a number."),
        "mail": _("Write one mail address, such as name@example.org."),
        "phone": _("Write one telephone number, digits only."),
        "template": _("This cannot be used as a body: %(detail)s"),
        "unknown": _("Unknown here: %(detail)s"),
        "not_a_url": _("This is not the address of a web service. Write it whole, beginning with https://"),
        "scheme": _("Only https is allowed to %(detail)s."),
        "credentials": _("Leave user name and password out of the address."),
        "host": _("“%(detail)s” is not a host name or address in its usual form."),
        "not_allowed": _("%(detail)s is not on the list of allowed hosts. The IT staff can add it: gewu egress allow"),
        "inside": _("%(detail)s is an inside address that is not explicitly allowed. The IT staff can allow it."),
        "unknown_host": _("The host name %(detail)s is not known. Check how it is written."),
        "time": _("Write a time of day, such as 22:00."),
    }
    return sentences.get(code, code) % {"detail": detail}


def show_faults(fields: list[Field], faults: dict[str, tuple[str, str]]) -> None:
    """Put the sentences to their fields."""
    for field in fields:
        if field.name in faults:
            field.error = fault(*faults[field.name])


def chosen_ids(request: HttpRequest) -> list[UUID]:
    """The messages that were ticked."""
    found = []
    for text in request.POST.getlist("message"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def page_mark(request: HttpRequest) -> UUID | None:
    """Where the page of a log begins; None for the first, also where the mark is not readable."""
    try:
        return UUID(request.GET.get("after", ""))
    except ValueError:
        return None


def instant(text: str, desk: Desk) -> datetime | None:
    """A local date and time of a form, in the district's zone; None where it cannot be read."""
    from zoneinfo import ZoneInfo

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(desk.directory.district.timezone))
