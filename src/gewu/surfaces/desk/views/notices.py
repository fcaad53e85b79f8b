"""Notices for the post: what came in, what ran out, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gewu.cases.queries import BadCursor, Notice, list_notices, mark_read
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk, desk_page, page

_LATE = {"due": "late", "overdue": "late", "warn": "soon", "returned": "back", "rework": "back"}


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


@desk_page()
@require_safe
def notices(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of notices, newest first; ``?unread=1`` shows those that nobody has read."""
    unread = request.GET.get("unread") == "1"
    try:
        found, after = list_notices(
            desk.district_id, desk.acting, unread=unread, after=request.GET.get("after") or None
        )
    except BadCursor as error:
        messages.error(request, words.error_text(error, desk.language))
        return redirect("desk:notices")
    context: dict[str, object] = {
        "lines": [_line(one, desk) for one in found],
        "after": after,
        "only_unread": unread,
    }
    return page(request, desk, "desk/notices.html", context)


def _line(one: Notice, desk: Desk) -> Line:
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
    return Line(
        one.id,
        text,
        about,
        one.number,
        names.category(desk.directory, one.category, desk.language),
        names.place_short(desk.directory, one.place, desk.language),
        one.at,
        one.read_at is None,
        _LATE.get(one.message, ""),
    )


@desk_page()
@require_POST
def read(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Mark the chosen notices as read, or all of them."""
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
