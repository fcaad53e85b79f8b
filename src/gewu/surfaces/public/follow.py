"""Follow a report: by number alone what anybody may know, by number and code one's own words and the answer."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from django.views.decorators.cache import never_cache

from gewu.cases import followcodes, queries, services
from gewu.cases.queries import CaseView
from gewu.core.playbook.model import FormField
from gewu.core.records import Photo
from gewu.ledger.door import Acting
from gewu.ledger.errors import CommandReused, LedgerError, Refused
from gewu.registry.directory import Directory
from gewu.surfaces.look.forms import Field
from gewu.surfaces.public import opened, photos
from gewu.surfaces.public.photos import ROLE
from gewu.surfaces.public.replies import (
    ADDED,
    NOTE,
    OPINION,
    Typed,
    given,
    note_fields,
    note_typed,
    open_moves,
    opinion_faults,
    opinion_fields,
    opinion_typed,
)
from gewu.surfaces.public.report import BAIT, text_fault
from gewu.surfaces.public.site import asked_language, bounded, language, polite, shown_in, with_district
from gewu.surfaces.public.story import own_photos, playbook_of, story_of, talk_of
from gewu.surfaces.throttle import budgets
from gewu.surfaces.words import error_text, fault_text

NUMBER_MOST = 40


def clean_number(text: str) -> str:
    """A case number as it is stored: full-width digits as ordinary ones, no spaces or hyphens."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not c.isspace() and c not in "-‐‑–—.")[:NUMBER_MOST]


def clean_code(text: str) -> str:
    """A code as people copy it. The letters have no 0, 1 or 8: they are read as O, I and B."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(str.maketrans("018", "OIB"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())[:NUMBER_MOST]


@never_cache
@bounded
@polite
@with_district
def find(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Ask for the number and, if at hand, the code. They travel in the body, never in an address."""
    if request.method != "POST":
        return _ask(request)
    number, code = clean_number(request.POST.get("number", "")), clean_code(request.POST.get("code", ""))
    if other := asked_language(request):  # nothing is looked up by switching
        with override(other):
            return shown_in(_ask(request, number, code=code), other)
    if not number:
        return _ask(request, number_fault=fault_text("required", language()))
    budgets.spend_here(request, budgets.LOOK)
    budgets.check_here(request, budgets.WRONG)
    district_id = directory.district.id
    record_id = queries.find_by_number(district_id, number) if number.isascii() and number.isdigit() else None
    if code:
        # Compared also when there is no such case, so that the time tells nothing about numbers.
        whose = followcodes.follower(district_id, record_id or UUID(int=0), code)
        if record_id is None or whose is None:
            budgets.spend_here(request, budgets.WRONG)
            mismatch = _("Number and code do not belong together. Please check both.")
            return _ask(request, number, mismatch, code=code)
        opened.remember(request, record_id, whose)
    elif record_id is None:
        budgets.spend_here(request, budgets.WRONG)
        return _ask(request, number, _unknown())
    return redirect("public:progress", number)


def _ask(
    request: HttpRequest, number: str = "", general: str = "", number_fault: str = "", code: str = ""
) -> HttpResponse:
    fields = [
        Field(
            "number",
            _("Number of the report"),
            value=number,
            hint=_("19 digits, for example 5001012026112200001."),
            error=number_fault,
            required=True,
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "60"},
        ),
        Field(
            "code",
            pgettext("resident", "Follow code"),
            value=code,
            hint=_("Eight letters and digits. With it you see your own words and the answer, and can add to them."),
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": "60"},
        ),
    ]
    context = {"fields": fields, "general": general}
    return render(request, "public/follow.html", context, status=422 if general or number_fault else 200)


def _unknown() -> str:
    return _("There is no report with this number. Please check it; it has 19 digits.")


@dataclass(slots=True)
class Subject:
    """The case of a page, as its visitor may see it."""

    record_id: UUID
    view: CaseView
    acting: Acting
    opened: bool

    @property
    def joined(self) -> int:
        """The event by which this visitor joined the case; 0 for the first reporter."""
        return services.joined_of(self.acting.actor.person)

    @property
    def judges(self) -> bool:
        """Whether this visitor is asked for an opinion: who joined, only where no first reporter is waiting."""
        first = self.view.timeline[0].args if self.view.timeline else {}
        return not self.joined or not first.get("has_reporter")


def subject_of(request: HttpRequest, directory: Directory, number: str) -> Subject | None:
    """The case with this number. None when there is none."""
    plain = clean_number(number)
    record_id = queries.find_by_number(directory.district.id, plain) if plain.isascii() and plain.isdigit() else None
    if record_id is None:
        return None
    visitor = opened.visitor_of(request, record_id)
    acting = services.reporter(visitor)
    return Subject(
        record_id, queries.get_case(directory.district.id, acting, record_id, private=False), acting, bool(visitor)
    )


@never_cache
@bounded
@polite
@with_district
def progress(request: HttpRequest, directory: Directory, number: str) -> HttpResponse:
    """Where a report stands; with the code given before, also its words. Sent to be shown in another language it
    keeps what was typed into its forms."""
    budgets.spend_here(request, budgets.LOOK)
    subject = subject_of(request, directory, number)
    if subject is None:
        return _ask(request, clean_number(number), _unknown())
    other = asked_language(request) if request.method == "POST" else ""
    if not other:
        return _show(request, directory, subject)
    with override(other):
        note = note_typed(request)
        if request.FILES:
            note.faults = {"photos": _("Please choose the photos once more: your browser let go of them.")}
        opinion = opinion_typed(request, _opinion_form(directory, subject))
        return shown_in(_show(request, directory, subject, note, opinion), other)


def _show(
    request: HttpRequest,
    directory: Directory,
    subject: Subject,
    note: Typed | None = None,
    opinion: Typed | None = None,
) -> HttpResponse:
    story = story_of(directory, subject.view, language())
    context: dict[str, object] = {"story": story, "opened": subject.opened, "bait": BAIT}
    if subject.opened:
        moves = open_moves(directory, subject.view, subject.acting.actor)
        context |= {
            "talk": talk_of(subject.view, subject.joined),
            "address": "" if subject.joined else (subject.view.texts or {}).get("address", ""),
            "note_fields": note_fields(note) if NOTE in moves and not story.goes_on else [],
            "opinion_fields": opinion_fields(moves[OPINION], opinion) if OPINION in moves and subject.judges else [],
            "opinion": given(moves.get(OPINION, {}), subject.view),
            "command_id": str(uuid.uuid4()),
            "general": " ".join(typed.general for typed in (note, opinion) if typed and typed.general),
            "answer_of": story.goes_on and _answer_of(directory, subject),
        }
    bad = any(typed is not None and typed.bad for typed in (note, opinion))
    return render(request, "public/progress.html", context, status=422 if bad else 200)


def _opinion_form(directory: Directory, subject: Subject) -> dict[str, FormField]:
    """What this visitor is asked about the result; empty when nothing is."""
    moves = open_moves(directory, subject.view, subject.acting.actor) if subject.opened and subject.judges else {}
    return moves.get(OPINION, {})


def _answer_of(directory: Directory, subject: Subject) -> list[str]:
    """The answers to the case that a merged one goes on as: they are meant for all its reporters."""
    seen = {subject.record_id}
    view = subject.view
    while True:
        target = next((link.record_id for link in view.links if link.kind == "merged_into"), None)
        if target is None or target in seen:
            break
        seen.add(target)
        view = queries.get_case(directory.district.id, services.reporter(), target, private=False)
    replies = [(entry.texts or {}).get("reply", "") for entry in view.timeline if entry.kind == "answer"]
    return [reply for reply in replies if reply]


# ---- what a reporter may add


@never_cache
@bounded
@polite
@with_district
def note(request: HttpRequest, directory: Directory, number: str) -> HttpResponse:
    """Add words and photos to one's own report."""
    subject = _own(request, directory, number)
    if subject is None:
        return redirect("public:follow")
    if request.method != "POST":
        return redirect("public:progress", subject.view.row.number)
    budgets.spend_here(request, budgets.SAY)
    typed, opinion = note_typed(request), opinion_typed(request, _opinion_form(directory, subject))
    words = typed.values[ADDED]
    form = open_moves(directory, subject.view, subject.acting.actor).get(NOTE, {})
    faults = {ADDED: text_fault(form.get(ADDED), words, required=True)}
    taken: list[str] = []
    if not faults[ADDED] and not request.POST.get(BAIT):
        staged, fault = photos.take_in(
            directory.district.id, request, "photos", subject.acting.actor.person, 0, language()
        )
        taken = [str(s.id) for s in staged]
        faults["photos"] = fault
    faults = {name: fault for name, fault in faults.items() if fault}
    if request.POST.get(BAIT):
        faults[ADDED] = _("The field “website” has to stay empty. Please clear it.")
    if faults:
        return _show(request, directory, subject, Typed(typed.values, faults), opinion)
    general = _act(request, directory, subject, NOTE, {}, {ADDED: words}, taken)
    if general:
        return _show(request, directory, subject, Typed(typed.values, {}, general), opinion)
    return _done(request, directory, subject, opinion=opinion)


@never_cache
@bounded
@polite
@with_district
def opinion(request: HttpRequest, directory: Directory, number: str) -> HttpResponse:
    """Say whether it is solved and whether one is satisfied."""
    subject = _own(request, directory, number)
    if subject is None:
        return redirect("public:follow")
    if request.method != "POST":
        return redirect("public:progress", subject.view.row.number)
    budgets.spend_here(request, budgets.SAY)
    form, note = _opinion_form(directory, subject), note_typed(request)
    if not form:
        return _done(request, directory, subject, note=note)
    values = opinion_typed(request, form).values
    faults = opinion_faults(form, values)
    if faults:
        return _show(request, directory, subject, note, Typed(values, faults))
    args = {name: values[name] for name, field in form.items() if field.choices and values[name]}
    texts = {name: values[name] for name, field in form.items() if not field.choices and values[name].strip()}
    general = _act(request, directory, subject, OPINION, args, texts, [])
    if general:
        return _show(request, directory, subject, note, Typed(values, {}, general))
    return _done(request, directory, subject, note=note)


def _done(
    request: HttpRequest,
    directory: Directory,
    subject: Subject,
    note: Typed | None = None,
    opinion: Typed | None = None,
) -> HttpResponse:
    """Back to the page; what was begun in the other half of it is there still."""
    number = subject.view.row.number
    if (note and note.begun) or (opinion and opinion.begun):
        now = subject_of(request, directory, number)
        if now is not None:
            return _show(request, directory, now, note, opinion)
    return redirect("public:progress", number)


def _own(request: HttpRequest, directory: Directory, number: str) -> Subject | None:
    subject = subject_of(request, directory, number)
    return subject if subject is not None and subject.opened else None


def _act(
    request: HttpRequest,
    directory: Directory,
    subject: Subject,
    move: str,
    args: dict[str, str],
    texts: dict[str, str],
    photo_ids: list[str],
) -> str:
    """Make a reporter's move. Returns what to say when it did not go."""
    try:
        command_id = str(UUID(request.POST.get("command_id", "")))
    except ValueError:
        command_id = ""
    try:
        services.act(
            directory.district.id,
            subject.acting,
            subject.record_id,
            move,
            args=args,
            texts=texts,
            photos=[Photo(photo_id, ROLE) for photo_id in photo_ids],
            command_id=command_id,
        )
    except Refused as error:
        return error_text(error, language(), playbook_of(directory, subject.view), directory)
    except CommandReused:
        return _("This was sent before for another report. Please load the page again.")
    except LedgerError as error:
        return error_text(error, language(), directory=directory)
    return ""


@never_cache
@polite
@with_district
def photo(request: HttpRequest, directory: Directory, number: str, photo_id: UUID) -> HttpResponse:
    """A photo of one's own report."""
    budgets.spend_here(request, budgets.PICTURE)
    subject = _own(request, directory, number)
    if subject is None or str(photo_id) not in own_photos(subject.view, subject.joined):
        raise Http404
    response = photos.picture(directory.district.id, str(photo_id), "page")
    if response is None:
        raise Http404
    return response


@never_cache
@bounded
@with_district
def leave(request: HttpRequest, directory: Directory, number: str) -> HttpResponse:
    """Forget on this device that the code was given."""
    record_id = queries.find_by_number(directory.district.id, clean_number(number))
    if request.method == "POST" and record_id is not None:
        opened.forget(request, record_id, clean_number(number))
    return redirect("public:home")
