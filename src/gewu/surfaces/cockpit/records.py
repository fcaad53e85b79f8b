"""The cases behind a number of the cockpit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gewu.cases.queries.standing import Standing, Which, list_standing
from gewu.evaluation import api
from gewu.evaluation.again import again_behind
from gewu.evaluation.api import By, Found, Part
from gewu.ledger.rows import FOREVER
from gewu.surfaces.cockpit.asked import Asked, asked_of, cockpit_page
from gewu.surfaces.cockpit.board import stage_name, turn_of
from gewu.surfaces.cockpit.counted import indicator_of
from gewu.surfaces.cockpit.views import place_of
from gewu.surfaces.desk.present import figures, names
from gewu.surfaces.desk.views.evaluation.asked import instant_of, period_of
from gewu.surfaces.desk.who import Desk, page

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = (
    "month",
    "street",
    "what",
    "as_of",
    "unit",
    "stage",
    "stages",
    "indicator",
    "part",
    "by",
    "group",
    "days",
    "place",
    "category",
)


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of cases: what they are, and where the next page begins."""

    title: str
    group: str
    rows: Sequence[Found | Standing]
    now: bool
    """Whether they are asked of what stands now: what moved on since the counting is not among them."""


@never_cache
@cockpit_page
@require_safe
def records(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of the cases behind a number, in one statement beside session, post and unread notices."""
    data = request.GET
    asked, errors = asked_of(request, desk)
    as_of = instant_of(data.get("as_of", ""), desk.directory.district.timezone)
    if errors or (data.get("as_of") and as_of is None):
        raise Http404(_("There is no such number."))
    at = int(timezone.now().timestamp()) if as_of is None else as_of
    readers = {"standing": _standing, "late": _late, "again": _again, "figure": _figure}
    reader = readers.get(data.get("what", ""))
    if reader is None:
        raise Http404(_("There is no such number."))
    try:
        found = reader(request, desk, asked, at)
    except ValueError as error:
        raise Http404(_("There is no such number.")) from error
    query = {k: v for k in KEPT if (v := data.get(k)) is not None} | {"as_of": str(at)}
    rows = found.rows[:PAGE]
    more = rows[-1] if len(found.rows) > PAGE else None
    context: dict[str, object] = {
        "title": found.title,
        "group": found.group,
        "now": found.now,
        "place": place_of(desk, asked),
        "period": "" if found.now else data.get("days") or asked.period.code,
        "as_of": datetime.fromtimestamp(at, timezone.get_current_timezone()),
        "rows": [_row(one, desk) for one in rows],
        "next_url": f"?{urlencode({**query, 'after': f'{_mark(more)}.{more.record_id}'})}" if more else "",
        "first_url": f"?{urlencode(query)}" if data.get("after") else "",
        "back_query": urlencode(asked.query),
    }
    return page(request, desk, "cockpit/records.html", context)


def _standing(request: HttpRequest, desk: Desk, asked: Asked, _at: int) -> Behind:
    stages = tuple(s for s in request.GET.get("stages", "").split(".") if s)
    wanted = Which(asked.where.places, stages)
    rows = list_standing(desk.district_id, wanted, limit=PAGE + 1, after=_instant(request))
    return Behind(
        _("Open now"), names.listed((stage_name(desk, stage) for stage in stages), desk.language), rows, now=True
    )


def _late(request: HttpRequest, desk: Desk, asked: Asked, at: int) -> Behind:
    data = request.GET
    unit, stage = data.get("unit"), data.get("stage", "")
    when = datetime.fromtimestamp(at, UTC)
    wanted = Which(asked.where.places, (stage,) if stage else (), late_at=when, unit=unit)
    rows = list_standing(desk.district_id, wanted, limit=PAGE + 1, after=_instant(request))
    who = names.unit(desk.directory, unit, desk.language) if unit else turn_of(desk, stage) if stage else ""
    return Behind(_("Late now"), who, rows, now=True)


def _again(request: HttpRequest, desk: Desk, asked: Asked, at: int) -> Behind:
    data = request.GET
    place, category = data.get("place"), data.get("category")
    spot = (place, category) if place is not None and category is not None else None
    rows = again_behind(
        desk.district_id, asked.period, as_of=at, where=asked.where, limit=PAGE + 1, spot=spot, after=_second(request)
    )
    group = ""
    if spot is not None:
        where = names.place_short(desk.directory, spot[0], desk.language)
        group = f"{names.category(desk.directory, spot[1], desk.language)} · {where}"
    return Behind(_("Came again"), group, rows, now=False)


def _figure(request: HttpRequest, desk: Desk, asked: Asked, at: int) -> Behind:
    data, known = request.GET, api.definitions(desk.district_id)
    indicator = indicator_of(known, data.get("indicator", ""))
    days = data.get("days", "")
    one_day = f"{days}/{days}" if days and "/" not in days else days
    period = period_of(one_day, desk.directory.district.timezone) if days else asked.period
    if indicator is None or period is None or data.get("by") not in list(By) or data.get("part") not in list(Part):
        raise Http404(_("There is no such number."))
    by, group, part = By(data["by"]), data.get("group", ""), Part(data["part"])
    rows = api.records_of(
        desk.district_id,
        indicator,
        part,
        by,
        group,
        period,
        as_of=at,
        where=asked.where,
        limit=PAGE + 1,
        after=_second(request),
    )
    said = {
        Part.NUMERATOR: _("Counted"),
        Part.DENOMINATOR: _("All that were judged"),
        Part.REST: _("The rest"),
        Part.UNANSWERED: _("Unanswered"),
    }
    title = figures.title(indicator, desk.language)
    title = title if indicator.counts or part not in said else f"{title} · {said[part]}"
    named = "" if by is By.TOTAL else figures.group_name(desk.directory, by, group, desk.language)
    return Behind(title, named, rows, now=False)


def _mark(row: Found | Standing) -> str:
    return str(row.at if isinstance(row, Found) else (row.due_at - EPOCH) // timedelta(microseconds=1))


def _second(request: HttpRequest) -> tuple[int, UUID] | None:
    """Where the page before ended. Raises ``ValueError`` for what no page wrote."""
    text = request.GET.get("after", "")
    at, _dot, record = text.partition(".")
    return (int(at[:18]), UUID(record)) if text else None


def _instant(request: HttpRequest) -> tuple[datetime, UUID] | None:
    found = _second(request)
    if found is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=found[0]), found[1]
    except OverflowError as error:
        raise ValueError("no page ends there") from error


def _row(one: Found | Standing, desk: Desk) -> dict[str, object]:
    zone = timezone.get_current_timezone()
    found: dict[str, object] = {
        "number": one.number,
        "category": names.category(desk.directory, one.category, desk.language),
        "place": names.place_short(desk.directory, one.place, desk.language),
        "unit": names.unit(desk.directory, one.lead_unit, desk.language) if one.lead_unit else "",
        "stage": stage_name(desk, one.stage),
    }
    if isinstance(one, Found):
        return {**found, "at": datetime.fromtimestamp(one.at, zone)}
    return {**found, "at": one.reported_at.astimezone(zone), "due": None if one.due_at == FOREVER else one.due_at}
