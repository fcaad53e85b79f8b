"""Notices for the post: what came in, what ran out, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gewu.assessments.kinds import HONOUR
from gewu.assessments.kinds import KIND as ROUND
from gewu.assessments.queries.rounds import names_of as round_names
from gewu.cases.queries import BadCursor, Notice, list_notices, mark_read
from gewu.evaluation.appeals import KIND as APPEAL
from gewu.occasions.kinds import KIND as OCCASION
from gewu.occasions.queries import numbers_of
from gewu.office.kinds import ADDRESS, LETTER
from gewu.office.queries import kind_of
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.registers import entry_url
from gewu.surfaces.desk.views.registers.lists import making
from gewu.surfaces.desk.who import Desk, desk_page, page

OBLIGATION = "obligation_"
"""How messages begin that tell a street of what it owes."""
_LATE = {"due": "late", "overdue": "late", "warn": "soon", "returned": "back", "rework": "back",
    "sent_back": "back", "relapsed": "back", "refused": "back", "look_back": "soon",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as the page shows it."""

    id: UUID
    text: str
    about: str
    number: str
    what: str
    where: str
    at: datetime
    unread: bool
    tone: str
    url: str = ""
    more: tuple[str, str] = ("", "")
    """What can be done about it elsewhere: words and address."""


@desk_page()
@require_safe
def notices(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of notices, newest first; ``?unread=1`` shows those that wait for the person."""
    unread = request.GET.get("unread") == "1"
    try:
        found, after = list_notices(
            desk.district_id, desk.acting, unread=unread, after=request.GET.get("after") or None
        )
    except BadCursor as error:
        messages.error(request, words.error_text(error, desk.language))
        return redirect("desk:notices")
    entries = kind_of(
        desk.district_id, [n.record_id for n in found if n.record_id and n.kind not in ("case", OCCASION)]
    )
    entries |= numbers_of(desk.district_id, [n.record_id for n in found if n.record_id and n.kind == OCCASION])
    entries = {
        **entries,
        **round_names(desk.district_id, [n.record_id for n in found if n.record_id and n.kind == ROUND]),
    }
    context: dict[str, object] = {
        "lines": [_line(one, desk, entries) for one in found],
        "after": after,
        "only_unread": unread,
    }
    return page(request, desk, "desk/notices.html", context)


def _line(one: Notice, desk: Desk, entries: Mapping[UUID, tuple[str, str]]) -> Line:
    playbook = desk.playbook_of(one.playbook, one.playbook_version)
    text = names.typeset(words.message_text(playbook, one.message, desk.language), desk.language)
    clock = str(one.detail.get("clock", "") or "")
    about = names.typeset(words.clock_name(playbook, clock, desk.language), desk.language) if clock else ""
    letter = str(one.detail.get("letter_to", "") or "")
    if letter:
        text = _("Letter to %(unit)s: %(text)s") % {
            "unit": names.unit(desk.directory, letter, desk.language),
            "text": text,
        }
    number, what, url = one.number, names.category(desk.directory, one.category, desk.language), ""
    where = names.place_short(desk.directory, one.place, desk.language)
    if one.kind == "case" and number:
        url = reverse("desk:case", args=[number])
    elif one.kind == APPEAL and one.record_id is not None:
        what = names.said(playbook.title, desk.language) if playbook else ""
        where, url = "", reverse("desk:appeal", args=[one.record_id])
    elif one.kind == OCCASION and one.record_id is not None:
        number = entries.get(one.record_id, ("", ""))[1]
        what = names.said(playbook.title, desk.language) if playbook else ""
        url = reverse("desk:workday", args=[one.record_id])
    elif one.message.startswith(OBLIGATION):
        number, where = str(one.detail.get("period", "")), ""
        what = names.unit(desk.directory, str(one.detail.get("member", "")), desk.language)
        url = f"{reverse('desk:workdays')}?{urlencode({'type': one.detail.get('programme', ''), 'period': number})}"
    elif one.kind == ROUND and one.record_id is not None:
        name, number = entries.get(one.record_id, ("", ""))
        what, where = names.said(playbook.title, desk.language) if playbook else "", ""
        url = reverse("desk:honour" if name == HONOUR else "desk:round", args=[one.record_id]) if number else ""
    elif one.kind == "house":
        what, where, url = "", "", reverse("desk:connections")
    elif one.record_id is not None:
        number = entries.get(one.record_id, ("", ""))[1]
        what, where = names.said(playbook.title, desk.language) if playbook else "", ""
        url = entry_url(one.record_id) if number else ""
    return Line(
        one.id,
        text,
        about,
        number,
        what,
        where,
        one.at,
        one.unread,
        _LATE.get(one.message, ""),
        url,
        _write(one, letter, desk) if letter else ("", ""),
    )


def _write(one: Notice, unit: str, desk: Desk) -> tuple[str, str]:
    """The way from a case that goes out by letter to the letter."""
    if one.kind != "case" or making(desk, LETTER) is None:
        return "", ""
    query = urlencode({"case": one.number, "unit": unit})
    return _("Write the letter"), f"{reverse('desk:register-new', args=[ADDRESS[LETTER]])}?{query}"


@desk_page()
@require_POST
def read(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Mark the chosen notices as read by this person, or all of them."""
    chosen: list[UUID] = []
    for text in request.POST.getlist("notice"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            continue
    if not chosen and request.POST.get("all") != "1":
        messages.warning(request, _("Choose the notices first."))
        return redirect("desk:notices")
    n = mark_read(desk.district_id, desk.acting, chosen, timezone.now())
    messages.success(request, ngettext("%(n)d notice marked as read.", "%(n)d notices marked as read.", n) % {"n": n})
    return redirect("desk:notices")
