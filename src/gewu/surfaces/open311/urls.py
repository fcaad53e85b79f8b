"""The addresses under ``/open311/v2``. The end of each names the format; without one ``Accept`` does."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, re_path

from gewu.surfaces.open311 import views

_FORMAT = r"(?:\.(?P<extension>[A-Za-z0-9]{1,8}))?"


def _at(path: str, view: Callable[..., HttpResponse]) -> URLPattern:
    return re_path(rf"^{path}{_FORMAT}/?$", view)


urlpatterns = [
    _at("(?:discovery)?", views.discovery),
    _at("services", views.services),
    _at(r"services/(?P<code>[^/.]{1,80})", views.service),
    _at("requests", views.requests),
    # Some clients write the format as a folder.
    re_path(r"^requests/(?P<extension>json|xml)$", views.requests),
    _at(r"requests/(?P<number>[^/.]{1,80})", views.request),
    _at(r"tokens/(?P<number>[^/.]{1,80})", views.token),
    _at("servicerequestupdates", views.updates),
    _at(r"(?P<rest>.*?)", views.nowhere),
]
