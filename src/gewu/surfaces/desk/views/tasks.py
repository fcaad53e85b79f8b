"""My tasks: what somebody outside has to do, as large rows for a phone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor, Filter, Page, list_cases
from gewu.surfaces import words
from gewu.surfaces.desk.present.rows import line
from gewu.surfaces.desk.who import Desk, desk_page, page


@desk_page()
@require_safe
def tasks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Cases in which the person, their unit or their role has a live part, earliest deadline first."""
    errors = []
    try:
        wanted = Filter(mine=True, ended=False)
        found = list_cases(desk.district_id, desk.acting, wanted, after=request.GET.get("after") or None)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = Page([], None)
    lines = [line(row, desk.directory, desk.playbook_of, desk.language) for row in found.rows]
    context: dict[str, object] = {"lines": lines, "after": found.after, "errors": errors}
    return page(request, desk, "desk/tasks.html", context, status=422 if errors else 200)


@desk_page()
@require_safe
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The keyboard of the desk."""
    return page(request, desk, "desk/keys.html", {})
