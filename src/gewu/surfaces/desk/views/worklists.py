"""Views that people saved of queues, and sheets of a queue that are made beside the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.imports.tables import XLSX
from gewu.surfaces.desk.asked import unseal
from gewu.surfaces.desk.queues import FILTERS, asked_for, known, saved_views, title
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.worklists import sheets, views
from gewu.worklists.sheets import Sheet

# ---- views


@desk_page()
@require_safe
def saved(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One's own views, to rename, share, put in order and remove, and those that others share."""
    found = saved_views(desk)
    context: dict[str, object] = {
        "own": [one for one in found if one.own],
        "shared": [one for one in found if not one.own],
        "sharing": _sharing(desk),
        "most": views.MOST,
        "longest": views.LONGEST,
    }
    return page(request, desk, "desk/views.html", context)


def _sharing(desk: Desk) -> list[tuple[str, str]]:
    """Choices of whom a view is for: (value, words)."""
    said = {"unit": _("Everybody of my unit"), "role": _("Everybody with my role")}
    return [("", _("Only me")), *((key, said[key]) for key in views.sharing(desk.acting))]


@desk_page()
@require_POST
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep a queue with its filters under a name. Words of a search are not kept."""
    query = _query(request, desk)
    back = f"{reverse('desk:home')}?{urlencode(query)}"
    try:
        views.save(desk.district_id, desk.acting, desk.post.post_code, request.POST.get("title", ""), query)
    except ValueError:
        messages.error(request, _("Give the view a name."))
    except views.Full:
        messages.error(request, _("You keep %(n)d views already. Remove one of them first.") % {"n": views.MOST})
    else:
        messages.success(request, _("The view is saved; it stands among the queues."))
    return redirect(back)


def _query(request: HttpRequest, desk: Desk) -> dict[str, str]:
    """The queue and filters of a form, as far as there are such."""
    given = {key: request.POST.get(key, "")[:200] for key in ("queue", *FILTERS)}
    code = given["queue"] if known(given["queue"], desk) else asked_for(desk, {}).code
    return {"queue": code, **{key: given[key] for key in FILTERS if given[key]}}


@desk_page()
@require_POST
def change(request: HttpRequest, desk: Desk, view_id: UUID) -> HttpResponse:
    """Rename, share, move or remove a view of one's own."""
    what, post = request.POST.get("do", ""), desk.post.post_code
    if what in ("up", "down"):
        views.move(desk.district_id, desk.acting, post, view_id, -1 if what == "up" else 1)
        return redirect("desk:views")
    if what == "remove":
        done = views.remove(desk.district_id, desk.acting, post, view_id)
        said = _("The view is removed. Its cases are where they were.")
    else:
        done = views.change(
            desk.district_id, desk.acting, post, view_id,
            title=request.POST.get("title", ""), shared=request.POST.get("shared", ""),
        )  # fmt: skip
        said = _("The view is changed.")
    if not done:
        raise Http404(_("There is no such view or sheet of yours."))
    messages.success(request, said)
    return redirect("desk:views")


# ---- sheets


@dataclass(frozen=True, slots=True)
class Line:
    """A sheet with how it stands, in a word, and its tone."""

    sheet: Sheet
    state: str
    tone: str
    may_fetch: bool


@desk_page()
@require_POST
def ask(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have the queue written as a sheet, beside the page, or what is found, by the sealed words of its address."""
    query = _query(request, desk)
    sealed = request.POST.get("s", "")
    if sealed:
        if not unseal(sealed, desk.post.post_code):
            messages.error(request, _("This search is over. Look for the words again, then export what is found."))
            return redirect("desk:home")
        query = {"s": sealed, **{key: value for key, value in query.items() if key != "queue"}}
    asked = asked_for(desk, query, searching=bool(sealed))
    if asked.errors:
        for error in asked.errors:
            messages.error(request, error)
        return redirect(f"{reverse('desk:home')}?{urlencode(query)}")
    try:
        sheets.ask(desk.district_id, desk.acting, desk.post.post_code, desk.language, title(asked.code, desk), query)
    except sheets.Busy:
        said = _("%(n)d of your sheets are on their way already. Wait for one of them, or stop it.")
        messages.error(request, said % {"n": sheets.MOST_WAITING})
    return redirect("desk:sheets")


@desk_page()
@require_safe
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One's sheets: how far they are, to fetch, to stop."""
    return page(request, desk, "desk/sheets.html", _lines(desk))


@desk_page()
@require_safe
def part(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The part of that page that moves, for the script that watches it. No content says: nothing moves any more."""
    context = _lines(desk)
    if not context["works"]:
        return HttpResponse(status=204)
    return render(request, "desk/parts/sheet_rows.html", {"desk": desk, **context})


def _lines(desk: Desk) -> dict[str, object]:
    found = sheets.of_person(desk.district_id, desk.acting.actor.person, desk.post.post_code)
    sight = sheets.sight_of(desk.acting)
    states = {
        sheets.WAITING: (_("waits for its turn"), "time"),
        sheets.RUNNING: (_("is being written"), "time"),
        sheets.DONE: (_("ready"), "ended"),
        sheets.FAILED: (_("could not be written"), "late"),
        sheets.CANCELLED: (_("stopped"), "ended"),
    }
    lines = [
        Line(one, *states[one.status], may_fetch=one.status == sheets.DONE and one.sight == sight) for one in found
    ]
    return {"lines": lines, "works": any(one.works for one in found), "most": sheets.MOST_ROWS, "hours": 24}


@desk_page()
@require_safe
def fetch(_request: HttpRequest, desk: Desk, sheet_id: UUID) -> HttpResponse:
    """The file, for who asked for it, at the post they asked from, while they see what they saw then."""
    sheet = _own(desk, sheet_id)
    if sheet.status != sheets.DONE or not sheet.path.is_file():
        raise Http404(_("This sheet is not there (any more). Have it written again."))
    if sheet.sight != sheets.sight_of(desk.acting):
        raise Http404(_("What you may see has changed since. Have the sheet written again."))
    stem = f"{'found' if 's' in sheet.query else sheet.query.get('queue', 'queue')}-{sheet.made_at:%Y%m%d-%H%M}"
    response = FileResponse(sheet.path.open("rb"), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)


@desk_page()
@require_POST
def stop(request: HttpRequest, desk: Desk, sheet_id: UUID) -> HttpResponse:
    """Stop a sheet, or throw one away."""
    sheets.cancel(_own(desk, sheet_id))
    messages.success(request, _("The sheet is removed."))
    return redirect("desk:sheets")


def _own(desk: Desk, sheet_id: UUID) -> Sheet:
    found = sheets.get(desk.district_id, sheet_id, desk.acting.actor.person, desk.post.post_code)
    if found is None:
        raise Http404(_("There is no such view or sheet of yours."))
    return found
