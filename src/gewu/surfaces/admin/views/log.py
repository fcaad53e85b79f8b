"""The log of changes: who, when, what it was and is, and what waits for its day."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.registry.administration.changes import withdraw
from gewu.registry.models import Change
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.said import sentence
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.dates import instant_words
from gewu.surfaces.look.typography import sign

STATES = ("", Change.PLANNED, Change.FAILED, Change.WITHDRAWN)


def verbs() -> dict[str, str]:
    """What was done, in words."""
    return {
        "set": _("changed"),
        "add": _("added"),
        "remove": _("taken out"),
        "person": _("person made"),
        "name": _("renamed"),
        "lock": _("locked"),
        "unlock": _("unlocked"),
        "first_password": _("first password"),
        "no_password": _("password taken away"),
        "sessions": _("sessions ended"),
        "factor": _("second factor forgotten"),
        "reform": _("carried out"),
        "roster": _("roster"),
    }


def tables() -> dict[str, str]:
    """Kinds of rows, in words."""
    return {
        "person": _("person"),
        "post": _("post"),
        "unit": _("unit"),
        "rule": _("responsibility"),
        "category": _("category"),
        "standard": _("standard"),
        "calendar": _("calendar"),
        "calendar day": _("day of the calendar"),
        "holiday year": _("holiday plan"),
        "shift": _("roster"),
        "reform": _("act"),
    }


def fields() -> dict[str, str]:
    """Columns, in words."""
    return {
        "person": _("holder"),
        "name_zh": _("name in Chinese"),
        "name_en": _("name in English"),
        "unit": _("unit"),
        "work_phone": _("telephone"),
        "valid_from": _("first day"),
        "valid_to": _("last day"),
        "successor": _("successor"),
        "calendar": _("working hours"),
        "limit_value": _("limit"),
        "limit_unit": _("counted in"),
        "urgent": _("urgent"),
        "limit_status": _("basis of the limit"),
        "queue": _("queue for the ownerless"),
        "accounts": _("works in Gewu"),
        "scope_prefixes": _("territory"),
        "kind": _("kind"),
    }


def plain(value: Any) -> str:
    """A value of the log as text."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return sign(",", get_language()).join(f"{k} {v}" for k, v in value.items() if v not in ("", None, [], False))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def history(desk: Desk, key: str, *kinds: str) -> s.Table:
    """What was last changed of one row. One statement."""
    rows = Change.objects.filter(district_id=desk.district_id, table__in=kinds, key=key).select_related("made_by")
    return changes_table(desk, rows[:20], _("What was changed"))


def changes_table(desk: Desk, rows: Iterable[Change], title: str = "") -> s.Table:
    """Changes as a table, the newest first."""
    columns = s.columns(_("When"), _("What"), _("Before"), _("After"), _("Holds from"), _("By"), _("Why"))
    now, words, kinds, names = timezone.localtime(), verbs(), tables(), fields()
    states = {
        Change.PLANNED: _("waits for its day"),
        Change.WITHDRAWN: _("withdrawn"),
        Change.FAILED: _("refused on its day"),
    }
    lines = []
    for row in rows:
        by = desk.directory.posts.get(row.made_post)
        what = f"{kinds.get(row.table, row.table)} {row.key}"
        done = f"{words.get(row.verb, row.verb)} {names.get(row.field, row.field)}".strip()
        state = states.get(row.state, "")
        lines.append(
            [
                s.Cell(instant_words(timezone.localtime(row.made_at), now, desk.language)),
                s.Cell(what, _where(row), f"{done} · {state}" if state else done),
                s.Cell(plain(row.before)),
                s.Cell(plain(row.after)),
                s.Cell(row.day),
                s.Cell(row.made_by.login if row.made_by else "–", note=by.name(desk.language) if by else row.made_post),
                s.Cell(
                    row.reason or "–", note=sentence(row.note) if row.state == Change.FAILED and row.note else row.note
                ),
            ]
        )
    return s.Table(
        "changes",
        columns,
        lines,
        title=title,
        empty_title=_("Nothing was changed yet"),
        empty=_("Every change of an administrator stands here: who, when, before and after."),
    )


def _where(row: Change) -> str:
    page = {"person": "admin:person", "post": "admin:post", "unit": "admin:unit"}.get(row.table)
    return reverse(page, args=[row.key]) if page else ""


@admin_page
@require_safe
def log(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All changes, the newest first. One statement."""
    words, state = s.words_of(request), request.GET.get("state", "")
    found = Change.objects.filter(district_id=desk.district_id).select_related("made_by")
    if state in STATES[1:]:
        found = found.filter(state=state)
    for word in words.split()[:5]:
        found = found.filter(Q(key__icontains=word) | Q(reason__icontains=word) | Q(made_by__login__icontains=word))
    everything = request.GET.get("form") in ("csv", "xlsx")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 10 and not everything:
        found = found.filter(pk__lt=int(after))
    rows = list(found[: 20_000 if everything else s.LIST + 1])
    sheet = s.Page(
        "log",
        _("Changes"),
        lead=_("Every change that was made here, who made it and why. Nothing of it is ever deleted."),
    )
    sheet.next_after = str(rows[s.LIST - 1].pk) if len(rows) > s.LIST and not everything else ""
    table = changes_table(desk, rows if everything else rows[: s.LIST])
    sheet.tables, sheet.saved = [table], table
    titles = [_("All"), _("Planned"), _("Refused on their day"), _("Withdrawn before their day")]
    sheet.filters = [
        s.Field("q", _("Words"), value=words, prefix="f", required=True, attrs={"autocomplete": "off"}),
        s.Field(
            "state",
            _("State"),
            "select",
            state,
            prefix="f",
            required=True,
            choices=[s.Choice(c, t) for c, t in zip(STATES, titles, strict=True)],
        ),
    ]
    sheet.clear = reverse("admin:log") if words or state else ""
    waiting = [row for row in rows if row.state == Change.PLANNED][:20]
    if state == Change.PLANNED and waiting:
        choices = [
            s.Choice(str(row.pk), f"{row.day} · {tables().get(row.table, row.table)} {row.key}") for row in waiting
        ]
        field = s.Field("change", _("Which"), "select", required=True, prefix="w", choices=choices)
        sheet.forms = [
            s.Form(
                _("Withdraw a planned change"), reverse("admin:withdraw"), [field, s.reason_field("w")], _("Withdraw")
            )
        ]
    return s.show(request, desk, sheet)


@admin_page
@require_POST
def take_back(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Withdraw a planned change before its day."""
    wanted = request.POST.get("change", "")
    row = get_object_or_404(
        Change,
        pk=int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0,
        district_id=desk.district_id,
    )
    if withdraw(row, s.by_of(desk, s.words_of(request, "reason", 300))):
        messages.success(request, _("The planned change is withdrawn."))
    else:
        messages.info(request, _("It was done or withdrawn already."))
    return redirect(f"{reverse('admin:log')}?state=planned")
