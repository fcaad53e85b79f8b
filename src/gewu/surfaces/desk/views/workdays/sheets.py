"""Files of the workdays: the sheets of a session, and the list of sessions."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.occasions.queries import OccasionRow, OccasionView, list_occasions
from gewu.papers.council import council_minutes
from gewu.papers.errors import PaperFault
from gewu.papers.files import LISTS, Format, render
from gewu.papers.joint import joint_report
from gewu.papers.links import public_links
from gewu.papers.meeting import minutes
from gewu.papers.model import Paper
from gewu.papers.setting import Setting
from gewu.papers.words import language_of
from gewu.papers.workday import result_sheet, session_list, sign_in_sheet
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.workdays.lists import session_filter
from gewu.surfaces.desk.views.workdays.month import asked_type
from gewu.surfaces.desk.views.workdays.session import open_session
from gewu.surfaces.desk.who import Desk, desk_page

MOST = 5000
_PAGE = 500
_SHEETS: dict[str, Callable[[Setting, OccasionView], Paper]] = {
    "sign-in": sign_in_sheet,
    "results": result_sheet,
    "joint-report": joint_report,
    "minutes": minutes,
    "council-minutes": council_minutes,
}


@desk_page()
@require_safe
def paper(request: HttpRequest, desk: Desk, record_id: UUID, which: str) -> HttpResponse:
    """A sheet of a session as a file: ``format``, ``language``."""
    make = _SHEETS.get(which)
    if make is None:
        raise Http404(_("There is no such sheet."))
    opened = open_session(desk, record_id)
    return handed_out(request, desk, make(setting_of(request, desk), opened.view))


@desk_page()
@require_safe
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The sessions of the same filter as the list, as a file: XLSX unless told otherwise."""
    type_, book = asked_type(request, desk)
    wanted, _fields, errors = session_filter(request, desk, type_, book)
    if errors:
        messages.error(request, errors[0])
        return redirect("desk:workday-sessions")
    rows: list[OccasionRow] = []
    after: str | None = None
    while len(rows) < MOST:
        found = list_occasions(desk.district_id, desk.acting, wanted, after=after, limit=_PAGE)
        rows += found.rows
        after = found.after
        if after is None:
            break
    setting = setting_of(request, desk)
    title = book.title["zh" if setting.chinese else "en"]
    return handed_out(request, desk, session_list(setting, title, wanted.period, rows), Format.XLSX)


def setting_of(request: HttpRequest, desk: Desk) -> Setting:
    language = language_of(request.GET.get("language") or desk.language)
    links = public_links(request.build_absolute_uri("/"))
    return Setting(desk.directory, desk.acting, language, timezone.now(), desk.post.unit_code, links)


def handed_out(request: HttpRequest, desk: Desk, made: Paper, usual: Format = Format.PDF) -> HttpResponse:
    """The paper as a download, or the way back with what is wrong."""
    wanted = request.GET.get("format", usual.value)
    if wanted not in LISTS:
        raise Http404(_("This paper is not made in that form."))
    try:
        connection.close()  # setting takes a while, in which somebody else can use the connection
        file = render(made, Format(wanted))
    except PaperFault as error:
        messages.error(request, names.typeset(str(error), desk.language))
        return redirect("desk:workdays")
    response = HttpResponse(file.data, content_type=file.media)
    response.headers["Content-Disposition"] = file.disposition
    response.headers["Cache-Control"] = "private, no-store"
    return response
