"""The second question: where. By name, on the map, by the phone's position, by coordinates, or in words alone."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from gewu.registry import positions
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces.desk.present.maps import bounds_of
from gewu.surfaces.look.context import THEME_COOKIE
from gewu.surfaces.look.forms import Choice, Field
from gewu.surfaces.public import drafts
from gewu.surfaces.public.atlas import NEAR_M, SIZES, Atlas, Drawing, Window, atlas_of, draw, pressed
from gewu.surfaces.public.drafts import Draft
from gewu.surfaces.public.places import Spot, find_places, offered, spot_of
from gewu.surfaces.public.report import MOVE, draft_of, form_fields, gone, text_fault, where_words
from gewu.surfaces.public.site import asked_language, bounded, language, polite, shown_in, with_district
from gewu.surfaces.throttle import budgets
from gewu.surfaces.words import error_text

POINT_VIEW = "point"
QUERY_MOST = 100
DATUMS = ("wgs84", "gcj02", "bd09")


@dataclass(slots=True)
class Faults:
    """What is wrong, by field, and what was typed as coordinates, so that it can be shown again."""

    fields: dict[str, str] = field(default_factory=dict)
    general: str = ""
    lon: str = ""
    lat: str = ""
    datum: str = "wgs84"

    def __bool__(self) -> bool:
        return bool(self.fields or self.general)


@never_cache
@bounded
@polite
@with_district
def where(request: HttpRequest, directory: Directory, token: str) -> HttpResponse:
    """Ask where, and go on when it is known."""
    draft = drafts.load(request, token)
    if draft is None:
        return gone(request)
    if draft.sent:
        return redirect("public:done", token)
    if not draft.description.strip():
        return redirect("public:what", token)
    if request.method != "POST":
        return _show(request, directory, draft, Faults())
    budgets.spend_here(request, budgets.UPLOAD)
    if code := asked_language(request):
        draft.address = request.POST.get("address", "").replace("\r\n", "\n")
        draft.query = request.POST.get("query", "")[:QUERY_MOST]
        drafts.save(request, draft)
        return shown_in(redirect("public:where", token), code)
    before = draft.side, draft.lon, draft.lat
    faults, target = _take(request, directory, draft)
    if faults:
        drafts.save(request, draft)
        return _show(request, directory, draft, faults)
    if target == "public:same" and (draft.lon, draft.lat) != before[1:] and _sides(directory, draft):
        target = "public:where"  # a new point beside a boundary: which side is asked once
    if target == "public:same":
        draft.join = ""  # what is near may be something else now
    drafts.save(request, draft)
    return redirect(target, token)


def _sides(directory: Directory, draft: Draft) -> tuple[Choice, ...]:
    spot = _spot(directory, draft)
    return spot.sides if spot and not draft.side else ()


def _take(request: HttpRequest, directory: Directory, draft: Draft) -> tuple[Faults, str]:
    """Take one form in: first what was typed, then what was pressed. Returns faults and the page to go to."""
    data = request.POST
    faults = Faults(lon=data.get("lon", "").strip(), lat=data.get("lat", "").strip(), datum=data.get("datum", "wgs84"))
    action = data.get("action", "")
    draft.address = data.get("address", "").replace("\r\n", "\n")
    draft.query = data.get("query", "")[:QUERY_MOST]
    _check_words(directory, draft, faults)
    if faults:
        return faults, ""
    if action == "back":
        return faults, "public:what"
    if action != "clear" and data.get("point_lon") and data.get("point_lat"):
        # Pressed on the live map; it goes along with whatever is sent next.
        _set_point(directory, draft, data["point_lon"], data["point_lat"], "wgs84", "map", faults)
        if faults:
            return faults, ""
    press = pressed(data)
    if press is not None:
        _press(directory, draft, press, faults)
        return faults, "public:where"
    if action == "gps":
        _set_point(directory, draft, data.get("gps_lon", ""), data.get("gps_lat", ""), "wgs84", "gps", faults)
        return faults, "public:where"
    if action == "clear":
        draft.forget_point()
        draft.place = draft.view = ""
        return faults, "public:where"
    if action == "out":
        draft.view = _outer(directory, draft.view, draft)
        return faults, "public:where"
    side = data.get("side", "")
    if side and draft.has_point:
        spot = _spot(directory, draft)
        draft.side = side if spot and side in {c.value for c in spot.sides} else ""
    if faults.lon or faults.lat:
        _set_point(directory, draft, faults.lon, faults.lat, faults.datum, "typed", faults)
        if faults or action == "coordinates":
            return faults, "public:where"
    elif action == "coordinates":
        faults.fields["lat"] = _("Please fill in both numbers.")
        return faults, ""
    _choose(directory, draft, data.get("place", ""))
    if action == "find" or (draft.query.strip() and not draft.has_place):
        return faults, "public:where"
    if not draft.has_place:
        faults.fields["address"] = _(
            "Please say where: describe the place, choose a community, or give a position. One of them is enough."
        )
        return faults, ""
    return faults, "public:same"


def _check_words(directory: Directory, draft: Draft, faults: Faults) -> None:
    address_fault = text_fault(form_fields(directory, MOVE).get("address"), draft.address)
    if address_fault:
        faults.fields["address"] = address_fault
    query_fault = text_fault(None, draft.query)
    if query_fault:
        faults.fields["query"] = query_fault


def _choose(directory: Directory, draft: Draft, code: str) -> None:
    """Take a place that was chosen by name. A position inside it stays, because it says more."""
    place = directory.place(code) if code else None
    if place is None or not place.active or place.kind == "grid" or place.code == directory.district.code:
        return
    if draft.has_point:
        spot = _spot(directory, draft)
        if spot is None or not spot.code.startswith(code):
            draft.forget_point()
    draft.place = draft.view = code


def _press(directory: Directory, draft: Draft, press: tuple[int, float, float], faults: Faults) -> None:
    """Far away a press opens the part below it; near enough it is the position."""
    size, x, y = press
    if not (x or y):
        return  # the Enter key on the map: nothing was pointed at
    atlas = atlas_of(directory)
    if atlas.empty:
        return
    lon, lat = window_of(atlas, draft).position(x, y, size)
    if draft.view != POINT_VIEW:
        root = draft.view if directory.place(draft.view) else atlas.root
        part = atlas.part_at(directory, root, lon, lat)
        if not part and atlas.parts(directory, root):  # beside what is shown: start again from above
            part = atlas.part_at(directory, atlas.root, lon, lat)
        if part:
            draft.forget_point()
            draft.place = draft.view = part
            draft.query = ""
            return
    _set_point(directory, draft, repr(lon), repr(lat), "wgs84", "map", faults)


def _set_point(
    directory: Directory, draft: Draft, lon_text: str, lat_text: str, datum: str, origin: str, faults: Faults
) -> None:
    """Take a position, or say why it is none. Outside the district the one that was there before stays."""
    try:
        lon, lat = _number(lon_text), _number(lat_text)
    except ValueError:
        if origin == "typed":
            faults.fields["lat"] = _("These are not coordinates. Write two numbers like 30.8075 and 108.4087.")
        else:
            faults.general = _("No position came with this. Please try again or describe the place in words.")
        return
    try:
        found = positions.locate(directory, lon, lat, datum if datum in DATUMS else "wgs84")
    except (OutsideDistrict, BadPosition) as error:
        sentence = error_text(error, language(), directory=directory)
        if origin == "typed":
            faults.fields["lat"] = sentence
        else:
            faults.general = sentence
        return
    draft.lon, draft.lat = round(found.lon, 6), round(found.lat, 6)
    draft.origin, draft.side, draft.place, draft.view, draft.query = origin, "", "", POINT_VIEW, ""


def _number(text: str) -> float:
    """A number as people type it. Raises ``ValueError``."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("°").replace(",", ".")
    if not plain or len(plain) > 30 or not all(c in "0123456789.+-e" for c in plain):
        raise ValueError(plain)
    return float(plain)


def _outer(directory: Directory, view: str, draft: Draft) -> str:
    """One step out: from the position to its community, to the street, to the district."""
    if view == POINT_VIEW:
        spot = _spot(directory, draft)
        place = directory.place(spot.code) if spot else None
        return place.parent if place and place.kind == "grid" else (place.code if place else "")
    place = directory.place(view)
    return place.parent if place and place.parent != directory.district.code else ""


def _spot(directory: Directory, draft: Draft) -> Spot | None:
    if draft.lon is None or draft.lat is None:
        return None
    try:
        return spot_of(directory, draft.lon, draft.lat, language())
    except (OutsideDistrict, BadPosition):
        return None


def window_of(atlas: Atlas, draft: Draft) -> Window:
    """What the map shows now."""
    if draft.view == POINT_VIEW and draft.lon is not None and draft.lat is not None:
        return Window(draft.lon, draft.lat, NEAR_M)
    return atlas.window(draft.view)


def _show(request: HttpRequest, directory: Directory, draft: Draft, faults: Faults) -> HttpResponse:
    spot = _spot(directory, draft)
    if draft.origin == "photo" and not draft.view:
        draft.view = POINT_VIEW
    found = find_places(directory, draft.query) if draft.query.strip() else []
    fields = {
        "address": Field(
            "address",
            pgettext("resident", "Describe the place"),
            "textarea",
            draft.address,
            _("Street and number, a shop, a bus stop, a building."),
            faults.fields.get("address", ""),
            rows=2,
        ),
        "query": Field(
            "query",
            _("Find the community or village"),
            value=draft.query,
            hint=_("Type a part of its name, or of an address."),
            error=faults.fields.get("query", ""),
            attrs={"autocomplete": "off"},
        ),
        "place": Field(
            "place",
            pgettext("resident", "Places found"),
            "radios",
            draft.place,
            choices=offered(directory, found, language()),
            required=True,
        ),
        "lat": Field(
            "lat",
            pgettext("resident", "Latitude"),
            value=faults.lat,
            error=faults.fields.get("lat", ""),
            attrs={"inputmode": "decimal", "autocomplete": "off"},
        ),
        "lon": Field(
            "lon",
            pgettext("resident", "Longitude"),
            value=faults.lon,
            attrs={"inputmode": "decimal", "autocomplete": "off"},
        ),
        "datum": Field(
            "datum",
            _("Where the numbers come from"),
            "select",
            faults.datum,
            required=True,
            choices=[
                Choice("wgs84", pgettext("resident", "GPS (WGS-84)")),
                Choice("gcj02", pgettext("resident", "Amap, Tencent (GCJ-02)")),
                Choice("bd09", pgettext("resident", "Baidu (BD-09)")),
            ],
        ),
        "side": Field(
            "side",
            _("Which side is it?"),
            "radios",
            draft.side,
            hint=_("The position lies at a boundary."),
            choices=[*(spot.sides if spot else ()), Choice("", _("I am not sure"))],
            required=True,
        ),
    }
    atlas = atlas_of(directory)
    view = directory.place(draft.view)
    near = draft.view == POINT_VIEW
    here = f"{draft.lon:.6f},{draft.lat:.6f}" if draft.lon is not None and draft.lat is not None else ""
    window = window_of(atlas, draft) if not atlas.empty else Window(0, 0, NEAR_M)
    context = {
        "step": 2,
        "draft": draft,
        "spot": spot,
        "at": f"{draft.lat:.5f}, {draft.lon:.5f}" if draft.lat is not None and draft.lon is not None else "",
        "chosen": where_words(directory, draft),
        "f": fields,
        "searched": bool(draft.query.strip()),
        "found": found,
        "shown_fields": list(fields.values()),
        "general": faults.general,
        "photo_outside": not spot and not draft.place and any(p.lon_e6 is not None for p in draft.photos),
        "map": not atlas.empty,
        "directory": directory,
        "map_point": here,
        "map_bounds": "" if here else bounds_of(directory, draft.view),
        "map_place": "" if here else draft.view if view else "",
        "stamp": secrets.token_hex(3),  # a fresh address each time: a browser may hold on to the image before
        "sizes": [(size, window.height(size)) for size in SIZES],
        "near": near,
        "view": draft.view,
        "view_name": spot.name if near and spot else (view or directory.district).name(language()),
        "synthetic": atlas.synthetic,
        "district": directory.district.name(language()),
        "open_coordinates": bool(faults.lon or faults.lat),
    }
    return render(request, "public/where.html", context, status=422 if faults else 200)


@never_cache
@with_district
def map_image(request: HttpRequest, directory: Directory, token: str, size: int) -> HttpResponse:
    """The map of the second question as an image. It follows the draft, so that no position stands in an address."""
    draft = draft_of(request, token)
    atlas = atlas_of(directory)
    if draft.origin == "photo" and not draft.view:
        draft.view = POINT_VIEW
    point = (draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else None
    view = draft.view if directory.place(draft.view) else atlas.root
    chosen = draft.place
    if draft.view == POINT_VIEW:
        spot = _spot(directory, draft)
        place = directory.place(spot.code) if spot else None
        code = place.parent if place and place.kind == "grid" else (place.code if place else atlas.root)
        view = chosen = code
    drawing = Drawing(window_of(atlas, draft), view, chosen, point)
    svg = draw(directory, atlas, drawing, size, language(), request.COOKIES.get(THEME_COOKIE, "auto"))
    return HttpResponse(svg, content_type="image/svg+xml")
