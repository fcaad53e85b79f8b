"""Photos for the public: somebody looks at a closed case's photos, covers what must not be seen, releases a copy."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.cases.queries import CaseView, PhotoRow, get_case
from gewu.keeping import releases
from gewu.keeping.blurring import Grid, blurred, grid_of, upright
from gewu.keeping.releases import Release
from gewu.ledger import attachments
from gewu.ledger.errors import LedgerError, NotFound
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.case import record_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

ROLES = tuple(sorted(releases.RELEASE_ROLES))
_AFTER = ("after", "check")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of the case with what became of it; ``live`` is the release that is public now."""

    row: PhotoRow
    role: str
    live: Release | None


@desk_page(*ROLES)
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Closed cases with a photo of afterwards: what nobody released yet, or what is public. One statement."""
    shown = request.GET.get("show") == "public"
    found = releases.lines(
        desk.district_id,
        desk.acting,
        released=shown,
        after=_mark(request.GET.get("after", "")),
        limit=releases.PAGE + 1,
    )
    lines = found[: releases.PAGE]
    more = (
        {"after": f"{lines[-1].closed_at.timestamp():.6f}~{lines[-1].record_id.hex}"} if len(found) > len(lines) else {}
    )
    context: dict[str, object] = {
        "public": shown,
        "lines": [
            {
                "one": line,
                "what": names.category(desk.directory, line.category, desk.language),
                "where": names.place_short(desk.directory, line.place, desk.language),
                "sides": [side_name(side) for side in line.sides],
            }
            for line in lines
        ],
        "next_url": f"?{urlencode({**({'show': 'public'} if shown else {}), **more})}" if more else "",
    }
    return page(request, desk, "desk/releases.html", context)


@desk_page(*ROLES)
@require_safe
def of_case(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The photos of a case, what is public of them, and who released and withdrew what."""
    view = _view(desk, number)
    every = releases.releases_of(desk.district_id, view.row.record_id)
    live = {one.photo_id: one for one in every if one.withdrawn_at is None}
    photos = [Photo(row, _role(row), live.get(row.id)) for row in _photos(view)]
    context: dict[str, object] = {
        **_head(desk, view),
        "photos": photos,
        "log": [_line(desk, one) for one in every],
        "public": [(side_name(one.side), one) for one in sorted(live.values(), key=lambda one: -len(one.side))],
    }
    return page(request, desk, "desk/releases_case.html", context)


@never_cache
@desk_page(*ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, desk: Desk, number: str, photo_id: UUID) -> HttpResponse:
    """Mark what must not be seen, look at the copy as it would be, and release it."""
    view = _view(desk, number)
    row = next((one for one in _photos(view) if one.id == photo_id), None)
    found = attachments.read(desk.district_id, photo_id) if row is not None else None
    if row is None or found is None:
        raise Http404(_("There is no such photo in this case, or it was erased."))
    grid = grid_of(*upright(found[0]))
    action = request.POST.get("action", "")
    if request.method == "POST":
        marks = {int(m) for m in request.POST.getlist("mark") if m.isascii() and m.isdigit() and len(m) < 6}
        marks = {m for m in marks if m < grid.cells}
        side = request.POST.get("side", "")
    else:
        before = [one for one in releases.releases_of(desk.district_id, view.row.record_id) if one.photo_id == photo_id]
        marks = set(before[0].marks) if before else set()
        side = before[0].side if before else ("after" if row.role in _AFTER else "before")
    errors: dict[str, str] = {}
    if action in ("look", "release") and side not in releases.SIDES:
        errors["side"] = words.fault_text("required", desk.language)
    if action == "release" and request.POST.get("looked") != "1":
        errors["looked"] = _("Look at the copy and confirm it first.")
    if action == "release" and not errors:
        try:
            releases.release(
                desk.district_id, desk.acting, desk.post.post_code, view.row.record_id, photo_id, side, marks
            )  # fmt: skip
        except LedgerError as error:
            errors["general"] = words.error_text(error, desk.language)
        else:
            messages.success(request, _("The copy is public now. You can withdraw it at any time."))
            return redirect("desk:releases-case", number)
    context: dict[str, object] = {
        **_head(desk, view),
        "photo": row,
        "role": _role(row),
        "errors": errors,
        "side": side,
        "side_field": _side_field(side, errors.get("side", "")),
        "looked_field": _looked_field(errors.get("looked", "")),
        "marks": sorted(marks),
        "grid": grid,
        "cells": _cells(grid, marks),
    }
    looks = action in ("look", "release") and "side" not in errors
    if looks:
        made = blurred(found[0], marks)
        context["copy"] = f"data:image/jpeg;base64,{base64.b64encode(made.data).decode()}"
        context["copy_size"] = (made.width, made.height)
    template = "desk/release_look.html" if looks else "desk/release_mark.html"
    return page(request, desk, template, context, status=422 if errors else 200)


@desk_page(*ROLES)
@require_POST
def withdraw(request: HttpRequest, desk: Desk, number: str, side: str) -> HttpResponse:
    """Take a picture away from the public at once."""
    try:
        gone = releases.withdraw(desk.district_id, desk.acting, desk.post.post_code, record_of(desk, number), side)
    except NotFound as error:
        raise Http404(words.error_text(error, desk.language)) from error
    except LedgerError as error:
        messages.error(request, words.error_text(error, desk.language))
    else:
        if gone:
            messages.success(request, _("The copy is withdrawn and deleted. The original stays with the case."))
    return redirect("desk:releases-case", number)


def side_name(side: str) -> str:
    """Before or after."""
    return {"before": _("before"), "after": _("after")}.get(side, side)


def _view(desk: Desk, number: str) -> CaseView:
    try:
        return get_case(desk.district_id, desk.acting, record_of(desk, number))
    except NotFound as error:
        raise Http404(words.error_text(error, desk.language)) from error


def _photos(view: CaseView) -> list[PhotoRow]:
    return [row for row in view.photos if not row.erased and row.mime != attachments.PDF]


def _role(row: PhotoRow) -> str:
    return {"before": _("before"), "after": _("after"), "scene": _("on site")}.get(row.role, _("photo"))


def _head(desk: Desk, view: CaseView) -> dict[str, object]:
    return {
        "number": view.row.number,
        "what": names.category(desk.directory, view.row.category, desk.language),
        "where": names.place_short(desk.directory, view.row.place, desk.language),
        "closed": view.times.get("closed"),
        "erased": view.erased,
    }


def _line(desk: Desk, one: Release) -> dict[str, object]:
    return {
        "one": one,
        "side": side_name(one.side),
        "covered": len(one.marks),
        "by": _post(desk, one.released_post),
        "withdrawn_by": _post(desk, one.withdrawn_post),
        "why": {
            releases.REPLACED: _("replaced by another copy"),
            releases.ERASED: _("erased with the case"),
        }.get(one.why, ""),
    }


def _post(desk: Desk, code: str) -> str:
    post = desk.directory.posts.get(code)
    return names.typeset(post.name(desk.language), desk.language) if post else code


def _side_field(side: str, error: str) -> Field:
    choices = [Choice(one, side_name(one)) for one in releases.SIDES]
    return Field("side", _("It shows the place"), "radios", side, error=error, required=True, choices=choices)


def _looked_field(error: str) -> Field:
    said = _("I looked at this copy: no face, no number plate, no name, telephone or door number can be read.")
    return Field("looked", said, "checkbox", False, error=error, required=True)


def _cells(grid: Grid, marks: set[int]) -> list[tuple[int, str, bool]]:
    return [
        (
            n,
            _("Row %(row)d, column %(column)d") % {"row": n // grid.columns + 1, "column": n % grid.columns + 1},
            n in marks,
        )
        for n in range(grid.cells)
    ]


def _mark(text: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended; whatever else somebody wrote into the address begins anew."""
    at, _sep, record = text.partition("~")
    try:
        return datetime.fromtimestamp(float(at), tz=timezone.get_current_timezone()), UUID(record)
    except (ValueError, OverflowError, OSError):
        return None
