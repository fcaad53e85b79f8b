"""The third question of a report: who, and whether they wait for an answer. Answering it sends the report."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from gewu.cases import services
from gewu.core.records import Photo
from gewu.ledger.errors import LedgerError, Refused
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.look.forms import Choice, Field
from gewu.surfaces.public import drafts, opened
from gewu.surfaces.public.drafts import Draft, Sent
from gewu.surfaces.public.photos import ROLE
from gewu.surfaces.public.report import BAIT, MOVE, form_fields, gone, text_fault, where_of, where_words
from gewu.surfaces.public.site import asked_language, bounded, language, polite, shown_in, with_district
from gewu.surfaces.throttle import budgets
from gewu.surfaces.words import error_text, fault_text


@never_cache
@bounded
@polite
@with_district
def who(request: HttpRequest, directory: Directory, token: str) -> HttpResponse:
    """The third question; answering it sends the report."""
    draft = drafts.load(request, token)
    if draft is None:
        return gone(request)
    if before := drafts.page_before(draft):
        return redirect(f"public:{before}", token)
    if request.method != "POST":
        return _show_who(request, directory, draft, {})
    draft.name = request.POST.get("name", "").strip()
    draft.phone = unicodedata.normalize("NFKC", request.POST.get("phone", "")).strip()
    draft.wants = request.POST.get("wants", "")
    if code := asked_language(request):
        drafts.save(request, draft)
        return shown_in(redirect("public:who", token), code)
    if request.POST.get("action") == "back":
        drafts.save(request, draft)
        return redirect("public:where", token)
    faults = _who_faults(directory, draft)
    if faults:
        return _show_who(request, directory, draft, faults)
    if request.POST.get(BAIT, ""):
        return _show_who(request, directory, draft, {}, _("The field “website” has to stay empty. Please clear it."))
    budgets.spend_here(request, budgets.SEND)
    drafts.save(request, draft)
    if draft.join:
        return _join(request, directory, draft)
    try:
        made = services.report(directory.district.id, services.reporter(draft.visitor), intake_of(draft))
    except Refused as error:
        return _refused(request, directory, draft, error)
    except (LedgerError, OutsideDistrict, BadPosition, services.UnknownPlace) as error:
        return _show_who(request, directory, draft, {}, error_text(error, language(), directory=directory))
    drafts.finish(request, draft, Sent(made.number, made.follow_code, made.position.place))
    opened.remember(request, made.outcome.record_id)
    return redirect("public:done", token)


def _join(request: HttpRequest, directory: Directory, draft: Draft) -> HttpResponse:
    """Add the draft to the case that the visitor took for theirs. Closed meanwhile, it goes in as a report instead."""
    intake = intake_of(draft)
    texts = dict(intake.texts)
    words = [text for text in (texts.pop("description", ""), texts.pop("address", "")) if text]
    declared = form_fields(directory, services.JOIN).get("description")
    texts["description"] = "\n".join(words)[: declared.maximum if declared and declared.maximum else None]
    try:
        joined = services.join(
            directory.district.id, services.reporter(draft.visitor), UUID(draft.join), source="web", texts=texts,
            has_reporter=draft.wants == "yes", photos=intake.photos, command_id=draft.command_id,
        )  # fmt: skip
    except Refused as error:
        if error.refusal.code in ("unknown_move", "wrong_stage"):
            draft.join = ""
            drafts.save(request, draft)
            said = _("That case was closed in the meantime. Send once more, and yours goes in as a report of its own.")
            return _show_who(request, directory, draft, {}, said)
        return _refused(request, directory, draft, error)
    except LedgerError as error:
        return _show_who(request, directory, draft, {}, error_text(error, language(), directory=directory))
    drafts.finish(request, draft, Sent(joined.number, joined.follow_code, "", joined=True))
    opened.remember(request, joined.outcome.record_id, joined.seq)
    return redirect("public:done", draft.token)


def _who_faults(directory: Directory, draft: Draft) -> dict[str, str]:
    declared = form_fields(directory, MOVE)
    faults = {
        "name": text_fault(declared.get("reporter_name"), draft.name),
        "phone": text_fault(declared.get("reporter_phone"), draft.phone),
        "wants": "" if draft.wants in ("yes", "no") else _("Please choose one of the two."),
    }
    return {name: fault for name, fault in faults.items() if fault}


def intake_of(draft: Draft) -> services.Intake:
    """A draft as the cases room wants it."""
    texts = {
        "description": draft.description,
        "address": draft.address,
        "reporter_name": draft.name,
        "reporter_phone": draft.phone,
    }
    return services.Intake(
        args={"source": "web", "has_reporter": draft.wants == "yes"},
        texts={name: text for name, text in texts.items() if text.strip()},
        where=where_of(draft),
        photos=tuple(Photo(p.id, ROLE) for p in draft.photos),
        command_id=draft.command_id,
    )


def _refused(request: HttpRequest, directory: Directory, draft: Draft, error: Refused) -> HttpResponse:
    """Put what the playbook does not take where it was asked."""
    faults = error.refusal.fields
    declared = form_fields(directory, MOVE)
    said = {
        asked: fault_text(faults[field], language(), declared.get(field))
        for field, asked in (("reporter_name", "name"), ("reporter_phone", "phone"))
        if field in faults
    }
    if faults.get("photos"):
        draft.photos = []
        drafts.save(request, draft)
        return _show_who(
            request,
            directory,
            draft,
            {},
            _("The photos waited too long and are gone. Your words are kept: add photos again, or send without them."),
        )
    general = ""
    if not said:
        playbook = directory.playbook(services.PLAYBOOK)
        general = error_text(error, language(), playbook, directory)
    return _show_who(request, directory, draft, said, general)


def _show_who(
    request: HttpRequest, directory: Directory, draft: Draft, faults: dict[str, str], general: str = ""
) -> HttpResponse:
    fields = [
        Field(
            "wants",
            _("Would you like an answer?"),
            "radios",
            draft.wants,
            error=faults.get("wants", ""),
            required=True,
            choices=[
                Choice("yes", pgettext("resident", "Yes"), _("You find it here, by the number you get in a moment.")),
                Choice("no", _("No, I only want you to know")),
            ],
        ),
        Field(
            "name",
            pgettext("resident", "Your name"),
            value=draft.name,
            error=faults.get("name", ""),
            attrs={"autocomplete": "name"},
        ),
        Field(
            "phone",
            pgettext("resident", "Your telephone number"),
            "tel",
            draft.phone,
            _("Only for questions about this report, and for the answer."),
            faults.get("phone", ""),
            attrs={"autocomplete": "tel", "inputmode": "tel"},
        ),
    ]
    context = {
        "step": 3,
        "draft": draft,
        "fields": fields,
        "general": general,
        "place": where_words(directory, draft),
        "joins": bool(draft.join),
        "bait": BAIT,
        "fields_first": fields[:1],
        "fields_rest": fields[1:],
    }
    return render(request, "public/who.html", context, status=422 if faults or general else 200)
