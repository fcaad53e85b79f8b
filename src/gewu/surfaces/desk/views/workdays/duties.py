"""Joint duty: operations that are under way, who takes part and has reported, and what was brought in a period."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor
from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import SCHEDULE, may_see, types
from gewu.occasions.queries import Filter, Page, ResultFilter, list_occasions
from gewu.occasions.queries.agencies import NOT_REPORTED
from gewu.occasions.queries.duties import standings
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.duties import is_duty, results_url, states
from gewu.surfaces.desk.present.workdays import Line, line
from gewu.surfaces.desk.views.workdays.month import asked_period, may_schedule, period_field, step, tabs
from gewu.surfaces.desk.views.workdays.results import period_days, sums_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

_ENDED = {"open": False, "ended": True}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation in the list, with its agencies and how each stands."""

    line: Line
    agencies: tuple[tuple[str, str, bool], ...]
    """Name, state, and whether a report is missing."""
    heads: int
    missing: int


@desk_page()
@require_safe
def duties(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Operations of a state, newest first, and the figures of a period. Four statements beside session and post.

    Without a period those under way are shown, whenever they began; with one all that began in it.
    """
    type_, book = _asked(request, desk)
    errors: list[str] = []
    period = asked_period(request, errors)
    chosen = bool(request.GET.get("period"))
    state = request.GET.get("state", "")
    state = state if state in ("open", "ended", "all") else "all" if chosen else "open"
    try:
        asked = Filter(type_, ended=_ENDED.get(state), period=period if chosen else "")
        found = list_occasions(desk.district_id, desk.acting, asked, after=request.GET.get("after") or None)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = Page([], None)
    standing = standings(desk.district_id, [row.record_id for row in found.rows])
    said = states()
    rows = []
    for row in found.rows:
        one = standing[row.record_id]
        agencies = tuple(
            (names.unit(desk.directory, unit, desk.language), said.get(code, code), code == NOT_REPORTED)
            for unit, code in one.agencies
        )
        rows.append(Operation(line(row, desk), agencies, one.heads, sum(missing for *_of, missing in agencies)))
    first, last = period_days(period)
    kept = {"type": type_, "from": first.isoformat(), "to": last.isoformat()}
    shown = {"type": type_, "period": period, "state": state}
    context: dict[str, object] = {
        "title": names.said(book.title, desk.language),
        "tabs": tabs(desk, type_, "desk:workdays"),
        "type": type_,
        "period": period,
        "operations": rows,
        "heads": sum(one.heads for one in rows),
        "sums": sums_of(desk, ResultFilter(type=type_, first=first, last=last), kept),
        "results_url": results_url(**kept),
        "fields": [
            period_field(period),
            Field(
                "state", _("State"), "select", state, prefix="f", required=True,
                choices=[Choice("open", _("Open")), Choice("ended", _("Ended")), Choice("all", _("All"))],
            ),
        ],
        "errors": errors,
        "before": f"?{urlencode({**shown, 'period': step(period, -1)})}",
        "before_name": step(period, -1),
        "after": f"?{urlencode({**shown, 'period': step(period, 1)})}",
        "after_name": step(period, 1),
        "year": f"?{urlencode({**shown, 'period': period[:4]})}" if len(period) > 4 else "",
        "next_url": f"?{urlencode({**shown, 'after': found.after})}" if found.after else "",
        "new_url": f"{reverse('desk:workday-new')}?type={type_}",
        "new_title": names.said(book.moves[SCHEDULE].title, desk.language) if may_schedule(desk, book) else "",
    }  # fmt: skip
    return page(request, desk, "desk/duties.html", context, status=422 if errors else 200)


def _asked(request: HttpRequest, desk: Desk) -> tuple[str, Playbook]:
    """The type that was asked for, else the first of those in which agencies take part. Raises ``PermissionDenied``."""
    found = {name: book for name, book in types(desk.directory).items() if is_duty(book)}
    if not may_see(desk.directory, desk.roles) or not found:
        text = _("Joint duty is not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name})
    name = request.GET.get("type", "")
    name = name if name in found else next(iter(found))
    return name, found[name]
