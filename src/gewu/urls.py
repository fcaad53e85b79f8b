"""The addresses of this installation. Each surface keeps its own list."""

from __future__ import annotations

from importlib.util import find_spec

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path

handler400 = "gewu.home.errorpages.bad_request"
handler403 = "gewu.home.errorpages.forbidden"
handler404 = "gewu.home.errorpages.not_found"
handler500 = "gewu.home.errorpages.server_error"


def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers; the error handler makes it 503 when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def _surface(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    """Return the addresses of a surface, or none when it is left out of this installation."""
    here = find_spec(module.rpartition(".")[0]) and find_spec(module)
    return [path(prefix, include(module))] if here else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("i18n/", include("django.conf.urls.i18n")),
    *_surface("look/", "gewu.surfaces.look.urls"),
    *_surface("maps/", "gewu.surfaces.maps.urls"),
    *_surface("open311/v2/", "gewu.surfaces.open311.urls"),
    *_surface("api/v1/", "gewu.surfaces.api.urls"),
    *_surface("desk/", "gewu.surfaces.desk.urls"),
    *_surface("field/", "gewu.surfaces.field.urls"),
    *_surface("cockpit/", "gewu.surfaces.cockpit.urls"),
    *_surface("admin/", "gewu.surfaces.admin.urls"),
    *_surface("", "gewu.surfaces.public.urls"),
]
