"""The page of the field, its service worker, and what a phone needs to put it on its home screen."""

from __future__ import annotations

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.field.words import words
from gewu.surfaces.look import islands

FILES = (
    "look/tokens.css",
    "look/base.css",
    "look/components.css",
    "look/print.css",
    "look/look.js",
    "look/favicon.svg",
    "field/field.css",
    "maps/maps.css",
    "field/icon-192.png",
)
"""What the page loads beside its island."""
MAPS = "/desk/maps/"
"""Where the polygons are that are kept once they were seen."""
MOST_PLACES = 60
"""Places of one's own that are filled on the map."""


@never_cache
@ensure_csrf_cookie
@desk_page()
@require_safe
def field(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page: a frame in which the island shows tasks, forms and the outbox."""
    code = desk.directory.district.code
    scope = desk.acting.scope
    own = sorted(prefix for prefix in scope.prefixes if len(prefix) > len(code)) if scope else []
    context: dict[str, object] = {
        "words": words(),
        "person": desk.acting.actor.person,
        "map_url": f"{reverse('desk:maps-map', args=[code])}?lang={desk.language}",
        "places": " ".join(own[:MOST_PLACES]),
    }
    return page(request, desk, "field/field.html", context)


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker, with the names of the files it keeps. It lies here because it rules over what lies below."""
    own = islands.island("worker").script
    files = [static(name) for name in FILES] + [static(f"built/{name}") for name in islands.island("field").files]
    code = (islands.BUILT / own).read_text(encoding="utf-8")
    later = [static(f"built/{name}") for name in islands.later("field")]
    digest = hashlib.sha256(code.encode())
    for name in FILES:
        digest.update(_content(name))
    name = f"field-{hashlib.sha256(json.dumps([files, later]).encode() + digest.digest()).hexdigest()[:16]}"
    head = json.dumps({"name": name, "page": reverse("field:field"), "files": files, "later": later, "maps": MAPS})
    response = HttpResponse(f"self.FIELD = {head};\n{code}", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _content(name: str) -> bytes:
    from django.contrib.staticfiles import finders

    found = finders.find(name)
    assert isinstance(found, str), f"{name} is not among the static files"
    with open(found, "rb") as file:  # noqa: PTH123 - the finder gives a plain path
        return file.read()


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """What the page is called and looks like on a home screen."""
    icons = [
        {"src": static(f"field/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    body = {
        "id": reverse("field:field"),
        "name": _("Gewu in the field"),
        "short_name": _("Gewu"),
        "start_url": reverse("field:field"),
        "scope": reverse("field:field"),
        "display": "standalone",
        "background_color": "#f6f5f1",
        "theme_color": "#0f5e63",
        "icons": icons,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), content_type="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response
