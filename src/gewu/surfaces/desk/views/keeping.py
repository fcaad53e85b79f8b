"""Names that are shown for a purpose, the log of who was shown them, and holds against erasing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gewu.keeping import holds, reveals
from gewu.ledger.errors import LedgerError, NotFound
from gewu.surfaces import words
from gewu.surfaces.desk.present import keeping as present
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.case import Opened, case_page, open_case, record_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field
from gewu.surfaces.throttle import budgets

AUDITORS = tuple(sorted(reveals.AUDIT_ROLES))


@never_cache
@desk_page(*sorted(reveals.REVEAL_ROLES))
@require_POST
def reveal(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Show names and numbers on this page, this once. Sent again, the page comes without them."""
    record_id = record_of(desk, number)
    opened = open_case(desk, record_id)
    purpose, said = request.POST.get("purpose", ""), request.POST.get("words", "")
    panel = present.panel_of(desk, record_id, opened.view)
    try:
        identity = reveals.reveal(
            desk.district_id,
            desk.acting,
            desk.post,
            record_id,
            purpose,
            said,
            ask=_id(request.POST.get("ask", "")),
            address=budgets.address_of(request),
        )
    except reveals.BadPurpose as error:
        fault = words.fault_text(error.code, desk.language)
        panel.fields = present.reveal_fields(purpose, said, {error.field: fault})
        return _with(request, desk, opened, panel, 422)
    except NotFound as error:
        raise Http404(words.error_text(error, desk.language)) from error
    except LedgerError as error:
        panel.fields = present.reveal_fields(purpose, said)
        panel.errors = [words.error_text(error, desk.language, opened.playbook, desk.directory)]
        return _with(request, desk, opened, panel, 429 if isinstance(error, reveals.TooManyReveals) else 409)
    panel.people, panel.shown_at = present.shown(identity), identity.at
    response = case_page(request, desk, opened, keeping=panel)
    response.headers["Cache-Control"] = "no-store"
    return response


def _with(request: HttpRequest, desk: Desk, opened: Opened, panel: present.KeepingPanel, status: int) -> HttpResponse:
    panel.open = True
    return case_page(request, desk, opened, keeping=panel, status=status)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# ---- holds


@desk_page(*sorted(holds.HOLD_ROLES))
@require_POST
def hold(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Keep a case from being erased, by schedule and by request."""
    record_id = record_of(desk, number)
    opened = open_case(desk, record_id)
    given = {name: request.POST.get(name, "").strip() for name in ("reason", "words", "until")}
    faults: dict[str, str] = {}
    last: date | None = None
    if given["reason"] not in holds.REASONS:
        faults["reason"] = words.fault_text("required", desk.language)
    if given["reason"] == "other" and not given["words"]:
        faults["words"] = words.fault_text("required", desk.language)
    if given["until"]:
        try:
            last = date.fromisoformat(given["until"])
        except ValueError:
            faults["until"] = words.fault_text("date", desk.language)
    if not faults:
        try:
            holds.put(desk.district_id, record_id, desk.acting, given["reason"], given["words"][:200], last)
        except ValueError:
            faults["until"] = words.fault_text("past", desk.language)
        except LedgerError as error:
            messages.error(request, words.error_text(error, desk.language))
            return redirect("desk:case", number)
    if faults:
        panel = present.panel_of(desk, record_id, opened.view)
        panel.hold_fields = present.hold_fields(given["reason"], given["words"], given["until"], faults)
        panel.hold_errors = list(faults.values())
        return case_page(request, desk, opened, keeping=panel, status=422)
    messages.success(request, _("The case is held: nothing of it is erased."))
    return redirect("desk:case", number)


@desk_page(*sorted(holds.HOLD_ROLES))
@require_POST
def release(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Lift every hold of a case."""
    record_id = record_of(desk, number)
    open_case(desk, record_id)
    if holds.lift(desk.district_id, record_id, desk.acting):
        messages.success(request, _("The hold is lifted."))
    return redirect("desk:case", number)


# ---- the log


@desk_page(*AUDITORS)
@require_safe
def log(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who was shown whose name and number, when and what for; latest first."""
    wanted, fields = _wanted(request, desk)
    try:
        found, after = reveals.list_reveals(desk.district_id, desk.acting, wanted, request.GET.get("after") or None)
    except ValueError:
        return redirect("desk:reveals")
    query = {key: request.GET[key] for key in ("post", "number", "purpose", "since", "until") if request.GET.get(key)}
    context: dict[str, object] = {
        "lines": [_line(desk, one) for one in found],
        "fields": fields,
        "filtered": bool(query),
        "next_url": f"?{urlencode({**query, 'after': after})}" if after else "",
        "csv_query": urlencode(query),
    }
    return page(request, desk, "desk/reveal_log.html", context)


@never_cache
@desk_page(*AUDITORS)
@require_safe
def log_csv(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The log as CSV, with the same filters."""
    wanted, _fields = _wanted(request, desk)
    zone = ZoneInfo(desk.directory.district.timezone)

    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        head = [_("Time"), _("Post"), _("Program"), _("Case number"), _("What for"), _("In words")]
        yield "\ufeff" + writer.writerow(head)
        for one in reveals.every_reveal(desk.district_id, desk.acting, wanted):
            line = _line(desk, one)
            row = [one.at.astimezone(zone).isoformat(timespec="seconds"), line["post"], one.token, one.number]
            yield writer.writerow([_plain(str(cell)) for cell in [*row, line["purpose"], one.words or ""]])

    # Read whole: a stream would be read after the request's connection and language are gone.
    response = HttpResponse("".join(lines()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="reveals.csv"'
    return response


class _Line:
    """Gives back what a CSV writer writes."""

    def write(self, text: str) -> str:
        return text


def _plain(cell: str) -> str:
    """A cell that a spreadsheet takes for a formula is shown as text."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _line(desk: Desk, one: reveals.Reveal) -> dict[str, object]:
    post = desk.directory.posts.get(one.post)
    return {
        "at": one.at,
        "post": names.typeset(post.name(desk.language), desk.language) if post else one.post,
        "token": one.token,
        "number": one.number,
        "purpose": present.purpose_name(one.purpose),
        "words": one.words,
    }


def _wanted(request: HttpRequest, desk: Desk) -> tuple[reveals.Wanted, list[Field]]:
    """The filters of a request, and their fields as the page shows them; what is no filter is left out."""
    zone = ZoneInfo(desk.directory.district.timezone)
    given = {key: request.GET.get(key, "").strip()[:60] for key in ("post", "number", "purpose", "since", "until")}
    days: dict[str, datetime | None] = {}
    for key in ("since", "until"):
        try:
            days[key] = datetime.combine(date.fromisoformat(given[key]), time.min, zone)
        except ValueError:
            days[key], given[key] = None, ""
    posts = [
        Choice(post.code, names.typeset(post.name(desk.language), desk.language))
        for role in sorted(reveals.REVEAL_ROLES)
        for post in desk.directory.holders(role)
    ]
    purposes = [Choice(code, present.purpose_name(code)) for code in reveals.PURPOSES]
    everything = Choice("", _("all"))
    fields = [
        Field("post", _("Post"), "select", given["post"], choices=[everything, *posts]),
        Field("number", _("Case number"), "text", given["number"], attrs={"inputmode": "numeric"}),
        Field("purpose", _("What for"), "select", given["purpose"], choices=[everything, *purposes]),
        Field("since", _("From"), "date", given["since"]),
        Field("until", _("To"), "date", given["until"]),
    ]
    end = days["until"] + timedelta(days=1) if days["until"] else None
    return reveals.Wanted(given["post"], given["number"], given["purpose"], days["since"], end), fields
