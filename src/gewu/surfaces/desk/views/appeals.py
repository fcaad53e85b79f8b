"""Appeals against figures: a unit's clerk lodges one, two reviewers decide, everybody concerned reads why."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.cases import services
from gewu.cases.queries import find_by_number
from gewu.cases.queries.page import TimelineEntry
from gewu.core.playbook import model as m
from gewu.core.records import Command, Facts
from gewu.core.rules import moves_open
from gewu.evaluation import api
from gewu.evaluation.appealbook import AppealRow, AppealView, get_appeal, list_appeals, may_see_appeals
from gewu.evaluation.appeals import PLAYBOOK, NotConcerned, UnknownIndicator, lodge
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.ledger.lookups import facts_for
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import figures, names
from gewu.surfaces.desk.present.moves import form_for, split_open
from gewu.surfaces.desk.present.pickers import About
from gewu.surfaces.desk.views.moving import together
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

LONGEST = 1000


@desk_page()
@require_http_methods(["GET", "HEAD", "POST"])
def appeals(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The appeals one may see; a unit's clerk lodges one here."""
    if not may_see_appeals(desk.acting):
        text = _("Appeals are not for the post “%(post)s”: units lodge them, the duty desk reviews them.")
        raise PermissionDenied(text % {"post": desk.name})
    if request.method == "POST":
        return _lodge(request, desk)
    return _list(request, desk, {}, 200)


def _lodge(request: HttpRequest, desk: Desk) -> HttpResponse:
    data = request.POST
    number, reason = data.get("case", "").strip(), formdata.clean_text(data.get("reason", ""))[:LONGEST]
    faults: dict[str, str] = {}
    case = find_by_number(desk.district_id, number) if number.isascii() and number.isdigit() else None
    if case is None:
        faults["case"] = _("There is no case with this number.")
    if not reason:
        faults["reason"] = _("Say why, so that the reviewers can judge.")
    if case is not None and not faults:
        try:
            made = lodge(
                desk.district_id, desk.acting, data.get("indicator", ""), case, reason,
                command_id=formdata.command_id(data),
            )  # fmt: skip
        except UnknownIndicator:
            faults["indicator"] = _("Choose one of the indicators.")
        except (NotConcerned, NotFound):
            faults["case"] = _("Only a unit that was sent the case may appeal against what it does to its figures.")
        except Refused as error:
            faults["form"] = words.refusal_text(error.refusal, _playbook(desk), desk.language, desk.directory)
        except LedgerError as error:
            faults["form"] = words.error_text(error, desk.language)
        else:
            messages.success(request, _("The appeal is lodged. You are told what becomes of it."))
            return redirect("desk:appeal", made.record_id)
    return _list(request, desk, faults, 422)


def _playbook(desk: Desk) -> m.Playbook | None:
    return desk.directory.playbook(PLAYBOOK)


def _list(request: HttpRequest, desk: Desk, faults: dict[str, str], status: int) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    known = api.definitions(desk.district_id)
    choices = [Choice(i.code, figures.title(i, desk.language)) for i in known.of("department") if i.entries is None]
    fields = [
        Field(
            "case", _("Number of the case"), value=data.get("case", ""), error=faults.get("case", ""), required=True,
            attrs={"inputmode": "numeric", "autocomplete": "off"},
        ),
        Field(
            "indicator", _("Indicator"), "select", data.get("indicator", ""), error=faults.get("indicator", ""),
            required=True, choices=[Choice("", _("Choose")), *choices],
        ),
        Field(
            "reason", _("Reason"), "textarea", data.get("reason", ""), error=faults.get("reason", ""), required=True,
            attrs={"maxlength": str(LONGEST)},
        ),
    ]  # fmt: skip
    context: dict[str, object] = {
        "rows": [_shown(row, desk) for row in list_appeals(desk.district_id, desk.acting)],
        "fields": fields if "unit_clerk" in desk.roles else [],
        "general": [faults["form"]] if "form" in faults else [],
        "command_id": uuid4(),
        "open": bool(faults) or bool(data.get("case")),
    }
    return page(request, desk, "desk/appeals.html", context, status=status)


def _shown(row: AppealRow, desk: Desk) -> dict[str, object]:
    indicator = api.definitions(desk.district_id).indicators.get(row.indicator)
    return {
        "row": row,
        "url": reverse("desk:appeal", args=[row.record_id]),
        "title": figures.title(indicator, desk.language) if indicator else row.indicator,
        "unit": names.unit(desk.directory, row.unit, desk.language),
        "stage": names.typeset(words.stage_name(_playbook(desk), row.stage, desk.language), desk.language),
        "at": datetime.fromtimestamp(row.lodged_at, timezone.get_current_timezone()),
    }


def _read(desk: Desk, record_id: UUID) -> tuple[AppealView, m.Playbook]:
    try:
        view = get_appeal(desk.district_id, desk.acting, record_id)
    except NotFound as error:
        raise Http404(_("There is no such appeal, or it is not for your post.")) from error
    playbook = desk.playbook_of(view.state.playbook, view.state.playbook_version)
    if playbook is None:
        raise Http404(_("The playbook of appeals is not loaded. Ask the people who run this system."))
    return view, playbook


@desk_page()
@require_safe
def appeal(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """One appeal: what was said, and what the post can do now."""
    return _page(request, desk, *_read(desk, record_id))


@desk_page()
@require_POST
def act(request: HttpRequest, desk: Desk, record_id: UUID, move: str) -> HttpResponse:
    """Support, grant, reject or withdraw. On an error the page comes back with what was typed."""
    view, playbook = _read(desk, record_id)
    found = playbook.moves.get(move)
    if found is None or found.creates:
        raise Http404(_("This appeal has no such move."))
    given = formdata.read(request, desk, found)
    try:
        services.act(
            desk.district_id, desk.acting, record_id, found.name, args=given.args, texts=given.texts,
            version=given.version, command_id=given.command_id,
        )  # fmt: skip
    except Conflict:
        text = _("Somebody was faster: look at the appeal again.")
        return _page(request, desk, *_read(desk, record_id), general=text, sent=(found, given), status=409)
    except Refused as error:
        text = words.refusal_text(error.refusal, playbook, desk.language, desk.directory)
        return _page(request, desk, view, playbook, general=text, sent=(found, given), status=422)
    except LedgerError as error:
        text = words.error_text(error, desk.language)
        return _page(request, desk, view, playbook, general=text, sent=(found, given), status=409)
    messages.success(request, _("%(move)s: done.") % {"move": names.said(found.title, desk.language)})
    return redirect("desk:appeal", record_id)


def _page(
    request: HttpRequest,
    desk: Desk,
    view: AppealView,
    playbook: m.Playbook,
    *,
    general: str = "",
    sent: tuple[m.Move, formdata.Given] | None = None,
    status: int = 200,
) -> HttpResponse:
    about = About(desk.directory, playbook, desk.language, desk.acting.actor, view.state)
    facts = facts_for(desk.directory, None, Command("", ""), desk.acting.actor, int(time.time()), None)
    moves, closed = split_open(moves_open(playbook, view.state, facts) if isinstance(facts, Facts) else [], about)
    forms = []
    for move in moves:
        again = sent is not None and sent[0].name == move.name
        form = form_for(move, about, sent[1].typed if again and sent is not None else None)
        form.command_id, form.version = str(uuid4()), view.state.seq
        form.action = reverse("desk:appeal-act", args=[view.row.record_id, form.name])
        form.open = again
        form.errors = [general] if again and general else []
        forms.append(form)
    context: dict[str, object] = {
        "appeal": _shown(view.row, desk),
        "said": [_event(entry, playbook, desk) for entry in view.timeline if entry.kind in playbook.moves],
        "forms": forms,
        "general": "" if any(form.open for form in forms) else general,
        "closed": together([c for c in closed if not c.other_post]),
    }
    return page(request, desk, "desk/appeal.html", context, status=status)


def _event(entry: TimelineEntry, playbook: m.Playbook, desk: Desk) -> dict[str, object]:
    kind, texts = entry.kind, entry.texts
    return {
        "title": names.said(playbook.moves[kind].title, desk.language),
        "who": names.person(desk.directory, entry.actor, entry.unit, desk.language),
        "at": entry.at,
        "reason": (texts or {}).get("reason", ""),
        "erased": texts is None,
    }
