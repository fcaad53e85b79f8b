"""The records behind a figure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.evaluation import api
from gewu.evaluation.api import By, Part
from gewu.evaluation.conditions import forgivable
from gewu.evaluation.definitions import Indicator
from gewu.surfaces import words
from gewu.surfaces.desk.present import figures, names
from gewu.surfaces.desk.views.evaluation.asked import ROLES, instant_of, period_of, territory
from gewu.surfaces.desk.who import Desk, desk_page, page

PAGE = 50


@desk_page(*ROLES)
@require_safe
def records(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of the cases behind a number, oldest first. One statement (two for a share of top categories)."""
    data, zone = request.GET, desk.directory.district.timezone
    indicator = api.definitions(desk.district_id).indicators.get(data.get("indicator", ""))
    period = period_of(data.get("period", ""), zone)
    as_of = instant_of(data.get("as_of", ""), zone)
    if indicator is None or period is None or data.get("by") not in list(By):
        raise Http404(_("There is no such figure."))
    by, group = By(data["by"]), data.get("group", "")
    part = Part(data["part"]) if data.get("part") in list(Part) else Part.DENOMINATOR
    at = int(timezone.now().timestamp()) if as_of is None else as_of
    found = api.records_of(
        desk.district_id,
        indicator,
        part,
        by,
        group,
        period,
        as_of=at,
        where=territory(desk),
        limit=PAGE + 1,
        after=_after(data.get("after", "")),
    )
    query = {"indicator": indicator.code, "by": by.value, "group": group, "period": period.code, "as_of": str(at)}
    more = found[PAGE - 1] if len(found) > PAGE else None
    after = {"after": f"{more.at}.{more.record_id}"} if more else {}
    context: dict[str, object] = {
        "title": figures.title(indicator, desk.language),
        "group": figures.group_name(desk.directory, by, group, desk.language),
        "period": period.code,
        "as_of": datetime.fromtimestamp(at, timezone.get_current_timezone()),
        "parts": [
            (title, f"?{urlencode({**query, 'part': one.value})}", one is part)
            for one, title in _part_titles(indicator).items()
        ],
        "rows": [_record(one, desk) for one in found[:PAGE]],
        "next_url": f"?{urlencode({**query, 'part': part.value, **after})}" if more else "",
        "first_url": f"?{urlencode({**query, 'part': part.value})}" if data.get("after") else "",
        "definition": figures.definition(indicator, desk.directory, desk.language),
    }
    return page(request, desk, "desk/evaluation_records.html", context)


def _part_titles(indicator: Indicator) -> dict[Part, str]:
    titles = {Part.NUMERATOR: _("Counted")}
    if not indicator.counts:
        titles[Part.REST] = _("The rest")
        titles[Part.DENOMINATOR] = _("All that were judged")
    if indicator.unanswered is not None:
        titles[Part.UNANSWERED] = _("Unanswered")
    if forgivable(indicator):
        titles[Part.EXEMPT] = _("Exempt by appeal")
    titles[Part.LEFT_OUT] = _("Left out by appeal")
    return titles


def _record(found: api.Found, desk: Desk) -> dict[str, object]:
    return {
        "number": found.number,
        "at": datetime.fromtimestamp(found.at, timezone.get_current_timezone()),
        "category": names.category(desk.directory, found.category, desk.language),
        "place": names.place_short(desk.directory, found.place, desk.language),
        "unit": names.unit(desk.directory, found.lead_unit, desk.language) if found.lead_unit else "",
        "stage": names.typeset(words.stage_name(desk.playbook, found.stage, desk.language), desk.language),
    }


def _after(text: str) -> tuple[int, UUID] | None:
    """Where the page before ended. Raises ``Http404`` for what no page wrote."""
    if not text:
        return None
    at, _dot, record = text.partition(".")
    try:
        return int(at[:12]), UUID(record)
    except ValueError as error:
        raise Http404(_("This address is broken off.")) from error
