"""The addresses of maps: for strangers those of the districts that take reports, for people at a post their own."""

from __future__ import annotations

import gzip
import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.registry.directory import Directory, UnknownDistrict, get_directory
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.maps import describe, shapes, tiles
from gewu.surfaces.maps.tiles import NoTile
from gewu.surfaces.public.site import served

YEAR = 365 * 24 * 3600
RETRY = 60


def _open(code: str) -> Directory:
    """The district that strangers may look at under this code. Raises ``Http404``."""
    for district in served():
        try:
            directory = get_directory(district)
        except UnknownDistrict:
            continue
        if directory.district.code == code:
            return directory
    raise Http404(_("There is no map here."))


def _own(desk: Desk, code: str) -> Directory:
    if desk.directory.district.code != code:
        raise Http404(_("There is no map here."))
    return desk.directory


# ---- strangers


@require_safe
def description(request: HttpRequest, code: str) -> HttpResponse:
    """What an island has to know of the district's map."""
    return _described(request, _open(code), describe.EVERYBODY)


@require_safe
def shape(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """Polygons of the district down to its communities. Grids are for those who work with them."""
    return _shapes(request, _open(code), part, "", private=False)


@require_safe
def tile(_request: HttpRequest, code: str, layer: int, z: int, x: int, y: int) -> HttpResponse:
    """A tile of the base map."""
    return _tile(_open(code), layer, z, x, y, private=False)


# ---- people at a post


@desk_page()
@require_safe
def desk_description(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """What an island has to know of the map of the post's district."""
    return _described(request, _own(desk, code), describe.DESK)


@desk_page()
@require_safe
def desk_shape(request: HttpRequest, desk: Desk, code: str, part: str, street: str = "") -> HttpResponse:
    """Polygons of the post's district; its grids street by street."""
    return _shapes(request, _own(desk, code), part, street, private=True)


@desk_page()
@require_safe
def desk_tile(_request: HttpRequest, desk: Desk, code: str, layer: int, z: int, x: int, y: int) -> HttpResponse:
    """A tile of the base map."""
    return _tile(_own(desk, code), layer, z, x, y, private=True)


# ---- answers


def _described(request: HttpRequest, directory: Directory, base: str) -> HttpResponse:
    wanted = request.GET.get("lang", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language):
        found = describe.describe(directory, language, base)
    answer = HttpResponse(json.dumps(found, ensure_ascii=False), content_type="application/json; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _shapes(request: HttpRequest, directory: Directory, part: str, street: str, *, private: bool) -> HttpResponse:
    found = shapes.packed(directory, part, street)
    if found is None:
        raise Http404(_("There is no map here."))
    if found.etag in parse_etags(request.headers.get("If-None-Match", "")):
        answer = HttpResponse(status=304)
    else:
        packs = "gzip" in request.headers.get("Accept-Encoding", "")
        body = found.body if packs else gzip.decompress(found.body)
        answer = HttpResponse(body, content_type="application/geo+json; charset=utf-8")
        if packs:
            answer.headers["Content-Encoding"] = "gzip"
    answer.headers["ETag"] = found.etag
    answer.headers["Vary"] = "Accept-Encoding"
    # The address holds a mark of what was there when the page was told; a new outline is a new address.
    age = f"max-age={YEAR}" if request.GET.get("v") else "no-cache"
    answer.headers["Cache-Control"] = f"{'private' if private else 'public'}, {age}"
    return answer


def _tile(directory: Directory, layer: int, z: int, x: int, y: int, *, private: bool) -> HttpResponse:
    try:
        found = tiles.tile(directory, layer, z, x, y)
    except NoTile as error:
        answer = HttpResponse(status=404)
        if error.later:
            answer.headers["X-Map-Retry"] = str(RETRY)
        answer.headers["Cache-Control"] = f"private, max-age={RETRY}" if error.later else "private, max-age=3600"
        return answer
    answer = HttpResponse(found.body, content_type=found.kind)
    age = found.days * 86_400
    answer.headers["Cache-Control"] = f"{'private' if private else 'public'}, max-age={min(age, 86_400)}"
    return answer
