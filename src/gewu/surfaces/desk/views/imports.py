"""Sheets of other platforms: sent, looked through, confirmed, watched; and the replies that go back to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.imports import left, replies, runs
from gewu.imports.mapping import FIELDS, BadMapping, Platform, broken, platform, platforms
from gewu.imports.problems import BadFile, problem_of
from gewu.imports.problems import text as said
from gewu.imports.rows import WITHOUT
from gewu.imports.runs import Run
from gewu.imports.sheets import MAX_BYTES
from gewu.imports.tables import CSV, XLSX, csv_bytes, fault_table, xlsx_bytes
from gewu.imports.worker import MAY_IMPORT
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

SHOWN = 12
MEANING = "meaning-"
MOST_REPLIES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A run as the list shows it."""

    run: Run
    platform: str
    state: str
    tone: str


@desk_page(MAY_IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The latest imports, and the form to send a sheet."""
    fields = _fields(request, desk)
    status = 200
    if request.method == "POST":
        sent = _send(request, desk, fields)
        if sent is not None:
            return redirect("desk:import", sent)
        status = 422
    waiting = len(replies.waiting(desk.district_id, limit=MOST_REPLIES))
    context: dict[str, object] = {
        "fields": fields,
        "faulty": [one for one in fields if one.error],
        "lines": [_line(run, desk) for run in runs.recent(desk.district_id)],
        "waiting": waiting,
        "broken": [str(one) for one in broken()],
        "megabytes": MAX_BYTES // (1024 * 1024),
        "days": runs.KEEP_DAYS,
    }
    return page(request, desk, "desk/imports.html", context, status=status)


def _fields(request: HttpRequest, desk: Desk) -> list[Field]:
    choices = [Choice(one.code, names.said(one.title, desk.language)) for one in platforms()]
    last = runs.recent(desk.district_id, 1)
    chosen = request.POST.get("platform", last[0].platform if last else "")
    accept = ".xlsx,.csv,.txt,text/csv," + XLSX
    return [
        Field("platform", _("Platform"), "radios", chosen, choices=choices, required=True),
        Field("file", _("Sheet"), "file", hint=_("XLSX or CSV, as the platform exports it"), required=True,
              attrs={"accept": accept}),
    ]  # fmt: skip


def _send(request: HttpRequest, desk: Desk, fields: list[Field]) -> UUID | None:
    which, file = fields
    chart = _platform(str(which.value))
    if chart is None:
        which.error = _("Choose the platform that the sheet comes from.")
    sent = request.FILES.get("file")
    if sent is None:
        file.error = _("Choose the file.")
    if chart is None or sent is None:
        return None
    if (sent.size or 0) > MAX_BYTES:
        file.error = said(BadFile("too_large", megabytes=MAX_BYTES // (1024 * 1024)).problem, desk.language)
        return None
    try:
        return runs.upload(
            desk.district_id, chart, sent.name or "", sent.read(), person=desk.acting.actor.person,
            post=desk.post.post_code, language=desk.language,
        )  # fmt: skip
    except BadFile as error:
        file.error = said(error.problem, desk.language)
        return None


def _platform(code: str) -> Platform | None:
    try:
        return platform(code)
    except BadMapping:
        return None


def _title(code: str, desk: Desk) -> str:
    chart = _platform(code)
    return names.said(chart.title, desk.language) if chart else code


def _line(run: Run, desk: Desk) -> Line:
    states = {
        runs.WAITING: (_("waits to be looked through"), "time"),
        runs.CHECKING: (_("is being looked through"), "time"),
        runs.CHECKED: (_("waits for your decision"), "soon"),
        runs.CONFIRMED: (_("is about to be imported"), "time"),
        runs.RUNNING: (_("is being imported"), "time"),
        runs.DONE: (_("imported"), "ended"),
        runs.REFUSED: (_("could not be read"), "late"),
        runs.CANCELLED: (_("not imported"), "ended"),
    }
    state, tone = states.get(run.status, (run.status, "ended"))
    return Line(run, _title(run.platform, desk), state, tone)


# ---- one run


@desk_page(MAY_IMPORT)
@require_safe
def one(request: HttpRequest, desk: Desk, run_id: UUID) -> HttpResponse:
    """What a sheet holds, how far its import is, what came of it."""
    run = _run(desk, run_id)
    return page(request, desk, "desk/imports_run.html", _shown(run, desk, {}))


@desk_page(MAY_IMPORT)
@require_safe
def part(request: HttpRequest, desk: Desk, run_id: UUID) -> HttpResponse:
    """The part of the page that moves, for the script that watches it. No content says: read the whole page anew."""
    run = _run(desk, run_id)
    if run.status not in runs.WORK:
        return HttpResponse(status=204)
    return render(request, "desk/imports_progress.html", {"desk": desk, **_shown(run, desk, {})})


def _run(desk: Desk, run_id: UUID) -> Run:
    run = runs.get(desk.district_id, run_id)
    if run is None:
        raise Http404(_("There is no such import in this district."))
    return run


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was left out, in words."""

    number: int
    reasons: tuple[str, ...]


def _shown(run: Run, desk: Desk, errors: dict[str, str], typed: dict[str, str] | None = None) -> dict[str, object]:
    seen = run.preview
    problem = run.problem
    first: list[Row] = []
    if run.wrapped is not None and run.status in (runs.CHECKED, runs.DONE, runs.CANCELLED):
        first = [
            Row(fault.row, tuple(said(one, desk.language, words.fault_text) for one in fault.problems))
            for fault in left.faults(run, SHOWN)
        ]
    fields = []
    if run.status == runs.CHECKED:
        fields = _meanings(run, errors, typed or {})
    bad = seen.get("bad", 0) if run.status == runs.CHECKED else run.bad
    percent = 100 * run.done_rows // run.total if run.total else 0
    return {
        "line": _line(run, desk),
        "run": run,
        "seen": seen,
        "notes": [said(problem_of(note), desk.language) for note in seen.get("notes", [])],
        "columns": _columns(run),
        "first": first,
        "more": max(0, bad - len(first)),
        "bad": bad,
        "fields": fields,
        "faulty": [one for one in fields if one.error],
        "problem": said(problem, desk.language) if problem else "",
        "percent": percent,
        "works": run.status in runs.WORK,
        "report": bool(bad) and run.wrapped is not None,
        "keep_until": run.made_at + timedelta(days=runs.KEEP_DAYS),
        "imported": run.status in (runs.DONE, runs.RUNNING) or run.created,
    }


def _columns(run: Run) -> list[tuple[str, str]]:
    """Which column was read as what: (our name, their columns)."""
    titles = {
        "number": _("Their number"), "title": _("Title"), "description": _("What is wrong"),
        "received": _("Received"), "deadline": _("Their deadline"), "category": _("Category"), "place": _("Place"),
        "address": _("Address"), "longitude": _("Longitude"), "latitude": _("Latitude"),
        "reporter_name": _("Reporter"), "reporter_phone": _("Telephone"), "urgent": _("Urgent"),
        "reminder": _("Reminder"),
    }  # fmt: skip
    found = run.preview.get("columns", {})
    return [(titles[name], " · ".join(found[name])) for name in FIELDS if name in found]


def _meanings(run: Run, errors: dict[str, str], typed: dict[str, str]) -> list[Field]:
    """An input for each unknown category: what it means here."""
    fields = []
    for number, (theirs, count) in enumerate(run.preview.get("unknown", {}).items()):
        rows = ngettext("%(n)d row", "%(n)d rows", count) % {"n": count}
        fields.append(
            Field(
                f"{MEANING}{number}",
                f"{theirs} ({rows})",
                value=typed.get(theirs, run.choices.get(theirs, "")),
                hint=_("Our category, or - to import without one: such cases wait to be registered"),
                error=errors.get(theirs, ""),
                attrs={"data-find": "categories", "autocomplete": "off"},
            )
        )
    return fields


@desk_page(MAY_IMPORT)
@require_POST
def decide(request: HttpRequest, desk: Desk, run_id: UUID) -> HttpResponse:
    """Import it, look again with other meanings of unknown categories, or leave it."""
    run = _run(desk, run_id)
    what = request.POST.get("do", "")
    if what == "cancel":
        if runs.cancel(run):
            messages.success(request, _("Stopped. What was imported stays, nothing more is."))
        return redirect("desk:import", run_id)
    choices, errors, typed = _chosen(request, run, desk)
    if errors:
        return page(request, desk, "desk/imports_run.html", _shown(run, desk, errors, typed), status=422)
    went = (runs.look_again if what == "look" else runs.confirm)(run, choices, desk.language)
    if not went:
        messages.warning(request, _("Somebody else decided already: look how it stands."))
    return redirect("desk:import", run_id)


def _chosen(request: HttpRequest, run: Run, desk: Desk) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    choices: dict[str, str] = {}
    errors: dict[str, str] = {}
    typed: dict[str, str] = {}
    for number, theirs in enumerate(run.preview.get("unknown", {})):
        text = request.POST.get(f"{MEANING}{number}", "").strip()[:200]
        typed[theirs] = text
        if not text:
            continue
        if text == WITHOUT:
            choices[theirs] = WITHOUT
            continue
        meant = find.meant_category(desk.directory, text, desk.language)
        if meant.code:
            choices[theirs] = meant.code
        elif meant.several:
            several = " · ".join(meant.several[:6])
            errors[theirs] = _("several fit; choose one of: %(several)s") % {"several": several}
        else:
            errors[theirs] = _("no category has this name or code")
    return choices, errors, typed


@desk_page(MAY_IMPORT)
@require_safe
def report(_request: HttpRequest, desk: Desk, run_id: UUID, form: str) -> HttpResponse:
    """The rows that were left out, as they stood, with row number and reasons, to be mended and sent again."""
    run = _run(desk, run_id)
    if form not in FORMS:
        raise Http404(_("There is XLSX and CSV."))
    try:
        header, rows = fault_table(run, desk.language, words.fault_text)
    except BadFile as error:
        raise Http404(_("The rows were removed, as announced.")) from error
    stem = f"{run.platform}-{run.made_at:%Y%m%d}-bad"
    return _download(header, rows, stem, form, _("Rows left out"))


FORMS = ("xlsx", "csv")


def _download(header: list[str], rows: list[list[str]], stem: str, form: str, title: str) -> HttpResponse:
    if form == "csv":
        response = HttpResponse(csv_bytes(header, rows), content_type=CSV)
    else:
        response = HttpResponse(xlsx_bytes(title, header, rows), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response


# ---- replies


@dataclass(frozen=True, slots=True)
class Waits:
    """Replies that wait for one platform."""

    code: str
    title: str
    count: int
    oldest: datetime


@desk_page(MAY_IMPORT)
@require_safe
def list_replies(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Replies to take back to platforms without an interface, and what went."""
    waiting: dict[str, list[replies.Waiting]] = {}
    for each in replies.waiting(desk.district_id, limit=MOST_REPLIES):
        waiting.setdefault(each.platform, []).append(each)
    context: dict[str, object] = {
        "waits": [Waits(code, _title(code, desk), len(own), own[0].made_at) for code, own in waiting.items()],
        "ids": {code: ",".join(str(each.id) for each in own) for code, own in waiting.items()},
        "groups": [(_title(code, desk), code, own) for code, own in waiting.items()],
        "gone": [(_title(each.platform, desk), _went(each), each) for each in replies.latest(desk.district_id)],
    }
    return page(request, desk, "desk/imports_replies.html", context)


def _went(each: replies.Waiting) -> tuple[str, str]:
    """How a reply stands, in a word, and its tone."""
    return {
        "taken": (_("taken along"), "ended"),
        "sent": (_("sent"), "ended"),
        "failed": (_("not accepted"), "late"),
        "dropped": (_("not wanted any more"), "ended"),
    }.get(each.status, (_("on its way"), "time"))


@desk_page(MAY_IMPORT)
@require_safe
def reply_sheet(_request: HttpRequest, desk: Desk, code: str, form: str) -> HttpResponse:
    """The replies that wait for a platform, in its own columns."""
    chart = _platform(code)
    if chart is None or form not in FORMS:
        raise Http404(_("There is no such platform."))
    header = [column.name for column in chart.spec.reply.columns]
    rows = []
    for each in replies.waiting(desk.district_id, code, MOST_REPLIES):
        made = replies.composed(desk.district_id, each, chart)
        rows.append([made[name] for name in header])
    stem = f"{code}-replies-{timezone.localtime():%Y%m%d-%H%M}"
    return _download(header, rows, stem, form, names.said(chart.title, desk.language))


@desk_page(MAY_IMPORT)
@require_POST
def take_replies(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Mark replies as taken along: those that the page listed, not what came since."""
    ids = []
    for text in request.POST.getlist("reply")[:MOST_REPLIES]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    n = replies.mark_taken(desk.district_id, ids, desk.acting.actor.person, timezone.now()) if ids else 0
    if n:
        text = ngettext("%(n)d reply marked as taken along.", "%(n)d replies marked as taken along.", n) % {"n": n}
        messages.success(request, text)
    else:
        messages.warning(request, _("Tick the replies first."))
    return redirect("desk:import-replies")
