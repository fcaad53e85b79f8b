"""While somebody calls: who it is, what their words speak of, chat text taken apart, a draft that survives a reload.

Everything personal comes by POST: no address holds it, no log sees it, and nothing here is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gewu.cases import chat
from gewu.cases.callers import Call, cases_of_caller, digits_of
from gewu.cases.catalogued import suggest_categories
from gewu.keeping import reveals
from gewu.surfaces.desk import drafts, find
from gewu.surfaces.desk.formdata import clean_text
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.rows import Line, line
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.templatetags.look import when

NOT_IN_DRAFTS = frozenset({"csrfmiddlewaretoken", "kept", "join", "urge"})
MOST_FIELDS, LONGEST_NAME = 40, 60
CHAT = "chat"
"""The source that pasted chat text has, where the playbook knows it."""


# ---- who calls


@dataclass(frozen=True, slots=True)
class Again:
    """A case of the caller as the page shows it."""

    line: Line
    call: Call

    @property
    def excerpt(self) -> str:
        """The beginning of what was said."""
        return self.call.row.excerpt


@desk_page("intake_officer")
@require_POST
def caller(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Cases that came from this telephone, and the masked name that came with them. Nothing changes."""
    number = request.POST.get("tel", "")
    found = cases_of_caller(desk.district_id, desk.acting, number)
    again = [Again(line(one.row, desk.directory, desk.playbook_of, desk.language), one) for one in found]
    masked = reveals.sight_of(desk.acting) == "masked"
    name = next((one.name for one in found if one.name), "") if masked else ""
    context = {"again": again, "name": name, "asked": bool(digits_of(number))}
    return render(request, "desk/parts/caller.html", context)


# ---- what the words speak of


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to take over with one key."""

    key: int
    field: str
    value: str
    name: str
    why: str


def hints_of(desk: Desk, description: str, address: str) -> list[Hint]:
    """Up to three categories and three places of which the words speak, with the words that did."""
    found = []
    for number, one in enumerate(suggest_categories(desk.directory, description), 1):
        category = desk.directory.categories[one.key]
        said = names.listed((f"“{word}”" for word in one.said), desk.language)
        label = names.category_label(category, desk.language)
        found.append(Hint(number, "category", label, names.category(desk.directory, one.key, desk.language), said))
    for number, place in enumerate(find.mentioned_places(desk.directory, f"{address}\n{description}"), 4):
        label = names.place_label(desk.directory, place, desk.language)
        found.append(Hint(number, "place", label, names.place_full(desk.directory, place.code, desk.language), ""))
    return found


@desk_page("intake_officer")
@require_POST
def hints(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Categories and places for the words so far. Nothing changes, and nothing is chosen."""
    texts = [clean_text(request.POST.get(name, ""))[: chat.LONGEST] for name in ("description", "address")]
    return render(request, "desk/parts/hints.html", {"hints": hints_of(desk, *texts)})


# ---- text copied out of a chat


@desk_page("intake_officer")
@require_POST
def take_apart(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A pasted text as proposals for the fields: JSON ``{proposals: [{name, label, value}], notes: [...]}``."""
    found = chat.read(clean_text(request.POST.get("text", "")), timezone.localdate())
    if not found.looks_copied:
        return JsonResponse({"proposals": [], "notes": []})
    return JsonResponse({"proposals": proposals(desk, found), "notes": _notes(found)})


def proposals(desk: Desk, found: chat.Chat) -> list[dict[str, str]]:
    """What goes into which field, in the order in which it is shown."""
    places = find.mentioned_places(desk.directory, "\n".join((*found.places, found.words)), 1)
    place = names.place_label(desk.directory, places[0], desk.language) if places else ""
    offered = (
        ("description", found.words),
        ("reporter_phone", found.phones[0] if found.phones else ""),
        ("reporter_name", found.names[0] if found.names else ""),
        ("place", place),
        ("address", found.places[0] if found.places else ""),
    )
    move = desk.playbook.moves.get("register_intake") if desk.playbook else None
    form = {one.name: one for one in move.form} if move else {}
    labels = {name: names.typeset(names.said(one.title, desk.language), desk.language) for name, one in form.items()}
    labels["place"] = _("Community, street or grid")
    made = [{"name": name, "label": labels.get(name, name), "value": value} for name, value in offered if value]
    source = form.get("source")
    if source is not None and CHAT in source.choices and (found.messages or found.pictures):
        shown = names.said(source.choice_titles[source.choices.index(CHAT)], desk.language)
        made.append({"name": "source", "label": labels["source"], "value": CHAT, "shown": shown})
    return made


def _notes(found: chat.Chat) -> list[str]:
    """What a person should know that fits into no field."""
    notes = []
    if found.said_at is not None:
        at = timezone.make_aware(found.said_at)
        notes.append(_("Said %(at)s.") % {"at": when(at)})
    if found.pictures:
        n = found.pictures
        said = ngettext(
            "%(n)d photo belongs to it: copy it in the chat and paste it here.",
            "%(n)d photos belong to it: copy each in the chat and paste it here.",
            n,
        )
        notes.append(said % {"n": n})
    if len(found.phones) > 1:
        notes.append(_("Also a telephone: %(others)s") % {"others": " · ".join(found.phones[1:])})
    if found.identity_numbers:
        notes.append(_("The number of an identity card was left out: a case does not need it."))
    if found.shortened:
        notes.append(_("The text is very long; only its beginning was read."))
    return notes


# ---- drafts


def _whose(desk: Desk) -> str:
    return f"{desk.district_id}/{desk.person.pk}/intake"


@never_cache
@desk_page("intake_officer")
@require_POST
def seal_draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is in the form so far, sealed for this person: JSON ``{sealed}``. Nothing is stored."""
    fields: dict[str, str] = {}
    for name, value in list(request.POST.items())[:MOST_FIELDS]:
        if name not in NOT_IN_DRAFTS and value and isinstance(value, str):
            fields[name[:LONGEST_NAME]] = value
    try:
        return JsonResponse({"sealed": drafts.seal(fields, _whose(desk))})
    except ValueError:
        return JsonResponse({"sealed": ""}, status=413)


@never_cache
@desk_page("intake_officer")
@require_POST
def open_draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The fields of a sealed draft of one's own: JSON ``{fields, at}``; both empty where it is nobody's or too old."""
    opened = drafts.unseal(request.POST.get("sealed", ""), _whose(desk))
    if opened is None:
        return JsonResponse({"fields": {}, "at": ""})
    fields, at = opened
    body: dict[str, Any] = {"fields": fields, "at": when(datetime.fromtimestamp(at, UTC))}
    return JsonResponse(body)
