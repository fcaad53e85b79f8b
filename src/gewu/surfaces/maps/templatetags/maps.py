"""The tag that makes an element a map (docs/maps.md)."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gewu.registry.directory import Directory
from gewu.surfaces.look.templatetags.islands import island
from gewu.surfaces.maps import describe

register = template.Library()


@register.simple_tag
def map_files() -> SafeString:
    """What a page with maps loads in its head: the frame's styles and the island. MapLibre comes with the first map."""
    return format_html('<link rel="stylesheet" href="{}">{}', static("maps/maps.css"), island("map"))


ATTRIBUTES = (
    "points", "live", "pick", "lon", "lat", "point", "place", "bounds", "label", "list", "gestures", "self",
)  # fmt: skip


@register.simple_tag
def map_data(directory: Directory, base: str = describe.EVERYBODY, **wanted: object) -> SafeString:
    """The attributes of an element that becomes a map: ``<figure {% map_data directory points=url %}>``.

    ``base`` is ``/desk/maps`` on pages for people at a post. What else may be said stands in ``ATTRIBUTES``; an empty
    value or ``False`` is left out. Raises ``TemplateSyntaxError`` for anything else.
    """
    unknown = sorted(set(wanted) - set(ATTRIBUTES))
    if unknown:
        raise template.TemplateSyntaxError(f"map_data knows no {', '.join(unknown)}")
    language = get_language() or "en"
    given = [
        (name.replace("_", "-"), "" if value is True else str(value))
        for name, value in wanted.items()
        if value is True or (value not in (None, False) and str(value))
    ]
    address = f"{base}/{directory.district.code}/map.json?lang={language}"
    return format_html('data-island="map" data-district="{}"{}', address, format_html_join("", ' data-{}="{}"', given))
