"""What changed since a page was made: asked every few seconds by the pages that are open, and cheap to answer."""

from __future__ import annotations

import hashlib
import json

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import UNREAD_CAP, BadCursor, Filter, unread_notices, versions
from gewu.surfaces.desk.queues import asked_for
from gewu.surfaces.desk.views.case import open_case, record_of, shown_case
from gewu.surfaces.desk.views.queue import rail
from gewu.surfaces.desk.who import Desk, desk_page


@desk_page()
@require_safe
def queue_now(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The versions of the cases that stand on a page of a queue now; with ``numbers=1`` those of the rail too.

    One statement, two more with numbers. 304 where the asking page knows it all; no content for a queue that is not.
    """
    asked = asked_for(desk, request.GET.dict())
    if asked.errors:
        return HttpResponse(status=204)
    try:
        rows = versions(desk.district_id, desk.acting, asked.filter, after=request.GET.get("after") or None)
    except BadCursor:
        return HttpResponse(status=204)
    told: dict[str, object] = {"rows": {str(key): version for key, version in rows.items()}}
    if request.GET.get("numbers") == "1":
        told["numbers"] = {one.code: one.count for one in rail(desk, asked.code, asked.base, {})}
        unread = unread_notices(desk.district_id, desk.acting)
        told["unread"] = f"{UNREAD_CAP}+" if unread > UNREAD_CAP else str(unread)
    tag = f'"{hashlib.blake2b(json.dumps(told).encode(), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return JsonResponse(told, headers={"ETag": tag, "Cache-Control": "no-store"})


@desk_page()
@require_safe
def case_now(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """What happened to a case after the version ``since``, as a part of its page; no content while nothing has."""
    record_id = record_of(desk, number)
    now = versions(desk.district_id, desk.acting, Filter(records=(record_id,)))
    if record_id not in now:
        raise Http404(_("There is no case %(number)s in this district.") % {"number": number})
    since = request.GET.get("since", "")
    seen = int(since) if since.isascii() and since.isdigit() else now[record_id]
    if now[record_id] <= seen:
        return HttpResponse(status=204)
    opened = open_case(desk, record_id)
    news = [entry for entry in shown_case(desk, opened).timeline if entry.seq > seen]
    if not news:
        return HttpResponse(status=204)
    return render(request, "desk/parts/news.html", {"desk": desk, "news": news, "number": number, "live": True})
