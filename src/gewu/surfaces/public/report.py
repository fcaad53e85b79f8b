"""Report a problem: what, where, who. One question a page, without scripts, nothing lost on the way.

The first question and the last page are here, with what all three share; ``where`` and ``who`` ask the others.
"""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from gewu.cases import services
from gewu.core.forms import has_control
from gewu.core.playbook.model import FormField
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.look.forms import Field
from gewu.surfaces.public import drafts, photos, promises
from gewu.surfaces.public.drafts import Draft, DraftPhoto
from gewu.surfaces.public.places import community_name, spot_of
from gewu.surfaces.public.site import (
    MAX_PHOTOS,
    asked_language,
    base_url,
    bounded,
    language,
    polite,
    shown_in,
    with_district,
)
from gewu.surfaces.throttle import budgets
from gewu.surfaces.words import fault_text

MOVE = "report"
BAIT = "website"
"""A field that people do not see and programs like to fill."""


def form_fields(directory: Directory, move: str) -> dict[str, FormField]:
    """The form of a move as the district's playbook declares it."""
    playbook = directory.playbook(services.PLAYBOOK)
    found = playbook.moves.get(move) if playbook else None
    return {f.name: f for f in found.form} if found else {}


def text_fault(field: FormField | None, value: str, *, required: bool = False) -> str:
    """What is wrong with free words, as a sentence; empty when nothing is."""
    if not value.strip():
        return fault_text("required", language(), field) if required else ""
    if has_control(value):
        return fault_text("control", language(), field)
    if field is not None and len(value) > (field.maximum or len(value)):
        return fault_text("too_long", language(), field)
    return ""


def draft_of(request: HttpRequest, token: str) -> Draft:
    """The draft of this visitor, or a page that says that it is gone."""
    found = drafts.load(request, token)
    if found is None:
        raise Http404
    return found


# ---- what


@never_cache
@bounded
@polite
@with_district
def start(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The first question. Nothing is kept before it is answered."""
    if request.method != "POST":
        return _show_what(request, drafts.begin(""), start=drafts.new_start())
    carried = request.POST.get("start", "")
    fresh = drafts.begin(carried)
    return _take_what(request, directory, drafts.load(request, fresh.token) or fresh, carried)


@never_cache
@bounded
@polite
@with_district
def what(request: HttpRequest, directory: Directory, token: str) -> HttpResponse:
    """The first question again, with what was answered."""
    draft = drafts.load(request, token)
    if draft is None:
        return gone(request)
    if draft.sent:
        return redirect("public:done", token)
    if request.method != "POST":
        return _show_what(request, draft)
    return _take_what(request, directory, draft, "")


def _take_what(request: HttpRequest, directory: Directory, draft: Draft, carried: str) -> HttpResponse:
    if draft.sent:
        return redirect("public:done", draft.token)
    budgets.spend_here(request, budgets.UPLOAD)
    draft.description = request.POST.get("description", "").replace("\r\n", "\n")
    removed = request.POST.get("remove", "")
    draft.photos = [p for p in draft.photos if p.id != removed]
    identity = services.reporter(draft.visitor).actor.person
    taken, photo_fault = photos.take_in(
        directory.district.id, request, "photos", identity, len(draft.photos), language()
    )
    draft.photos += [
        DraftPhoto(str(s.id), s.taken_at.isoformat() if s.taken_at else "", s.lon_e6, s.lat_e6) for s in taken
    ]
    if code := asked_language(request):  # words and photos are kept as they are
        drafts.save(request, draft)
        return shown_in(redirect("public:what", draft.token), code)
    field = form_fields(directory, MOVE).get("description")
    fault = text_fault(field, draft.description, required=True)
    if removed and not photo_fault:
        drafts.save(request, draft)
        return redirect("public:what", draft.token)
    bait = request.POST.get(BAIT, "")
    if fault or photo_fault or bait:
        if draft.photos:  # what is in stays in
            drafts.save(request, draft)
            carried = ""
        return _show_what(request, draft, fault, photo_fault, start=carried, bait=bait)
    _point_from_photos(directory, draft)
    drafts.save(request, draft)
    return redirect("public:where", draft.token)


def _show_what(
    request: HttpRequest, draft: Draft, fault: str = "", photo_fault: str = "", *, start: str = "", bait: str = ""
) -> HttpResponse:
    fields = [
        Field(
            "description",
            pgettext("resident", "Your description"),
            "textarea",
            draft.description,
            _("Say what you see, in your own words. Please leave out names and telephone numbers of others."),
            fault,
            required=True,
            rows=5,
        ),
        Field(
            "photos",
            pgettext("resident", "Photos"),
            "file",
            hint=_("Up to %(most)d, JPEG, PNG or WebP, 15 MB each. A photo taken on the spot often knows where it is.")
            % {"most": MAX_PHOTOS},
            error=photo_fault,
            attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": ""},
        ),
    ]
    context = {
        "step": 1,
        "draft": draft,
        "start": start,
        "fields": fields,
        "shown_photos": [(p, parse_datetime(p.taken_at) if p.taken_at else None) for p in draft.photos],
        "bait": BAIT,
        "bait_error": _("The field “website” has to stay empty. Please clear it.") if bait else "",
        "bait_value": bait,
    }
    return render(request, "public/what.html", context, status=422 if fault or photo_fault or bait else 200)


def _point_from_photos(directory: Directory, draft: Draft) -> None:
    """Take the place that a photo knows, unless the visitor has said where. Outside the district it says nothing."""
    if draft.origin == "photo":
        draft.forget_point()
    if draft.has_point or draft.place:
        return
    for photo in draft.photos:
        if photo.lon_e6 is None or photo.lat_e6 is None:
            continue
        lon, lat = photo.lon_e6 / 1e6, photo.lat_e6 / 1e6
        try:
            spot_of(directory, lon, lat, language())
        except (OutsideDistrict, BadPosition):
            continue
        draft.lon, draft.lat, draft.origin = lon, lat, "photo"
        return


# ---- where, in words and as a place


def where_of(draft: Draft) -> services.Where:
    """The place of a draft: its point, or the place that was chosen by name."""
    if draft.has_point:
        return services.Where(draft.lon, draft.lat, place=draft.side)
    return services.Where(place=draft.place)


def where_words(directory: Directory, draft: Draft) -> str:
    """The answer to the second question in one line."""
    if draft.has_point:
        assert draft.lon is not None
        assert draft.lat is not None
        try:
            spot = spot_of(directory, draft.lon, draft.lat, language())
        except (OutsideDistrict, BadPosition):
            return draft.address
        return community_name(directory, draft.side, language()) if draft.side else spot.name
    return community_name(directory, draft.place, language()) if draft.place else ""


# ---- done


@never_cache
@with_district
def done(request: HttpRequest, directory: Directory, token: str) -> HttpResponse:
    """The number, the code, and what happens next."""
    draft = drafts.load(request, token)
    if draft is None:
        return gone(request)
    if draft.sent is None:
        return redirect("public:what", token)
    sent = draft.sent
    context = {
        "number": sent.number,
        "code": sent.code,
        "link": f"{base_url(request)}/follow#{sent.number}-{sent.code}",
        "place": community_name(directory, sent.place, language()) if sent.place else "",
        "joined": sent.joined,
        "promises": promises.after_report(directory, language(), wants=draft.wants == "yes"),
    }
    return render(request, "public/done.html", context)


@never_cache
@polite
@with_district
def staged_photo(request: HttpRequest, directory: Directory, token: str, photo_id: UUID) -> HttpResponse:
    """A photo of one's own draft, small."""
    budgets.spend_here(request, budgets.PICTURE)
    draft = draft_of(request, token)
    if str(photo_id) not in {p.id for p in draft.photos}:
        raise Http404
    response = photos.picture(directory.district.id, str(photo_id), "thumb")
    if response is None:
        raise Http404
    return response


def gone(request: HttpRequest) -> HttpResponse:
    """A draft that this browser does not have (any more)."""
    return render(
        request,
        "look/error.html",
        {
            "status": 404,
            "title": _("This report is no longer here"),
            "detail": _(
                "It was open for more than half a day, or it was begun in another browser. Please begin again; a "
                "report that was sent can be followed by its number."
            ),
            "back": "/",
        },
        status=404,
    )
