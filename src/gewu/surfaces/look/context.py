"""What every page needs to know of how it is shown."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from gewu.registry.marks import synthetic_names
from gewu.surfaces.look.dates import chinese

THEME_COOKIE = "gewu_theme"
THEMES = ("auto", "light", "dark")


def look(request: HttpRequest) -> dict[str, object]:
    """Theme from the cookie (``auto`` follows the system), and the language to which the switch leads."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    theme = theme if theme in THEMES else "auto"
    han = chinese(get_language())
    return {
        "look_synthetic": synthetic_names(get_language() or settings.LANGUAGE_CODE),
        "look_theme": theme,
        "look_next_theme": THEMES[(THEMES.index(theme) + 1) % len(THEMES)],
        "look_lang": "zh-Hans" if han else "en",
        "look_other_code": "en" if han else "zh-hans",
        "look_other_lang": "en" if han else "zh-Hans",
        "look_other_name": "English" if han else "中文",
        "look_zone": settings.TIME_ZONE,
        "look_here": request.get_full_path(),
    }
