"""Template tags of the look: the mark, state shapes, clocks, dates in words, form fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from gewu.surfaces.look import dates, typography
from gewu.surfaces.look.forms import Field
from gewu.surfaces.look.typography import spaced

register = template.Library()

_FILES = re.compile(r"([\w/-]+\.yaml)")
_CODES = re.compile(r"(?a)((?<![A-Za-z0-9])[a-z]\w*(?:[./-]\w+)*)")
"""In a Chinese sentence, words in small Latin letters."""

# Every state has a shape of its own, so that it reads without colour. All are drawn in a 12 by 12 box.
_SHAPES = {
    "time": '<circle cx="6" cy="6" r="4.5"/>',
    "soon": '<path d="M6 1 11.5 11H.5z"/>',
    "late": '<path d="M6 .5 11.5 6 6 11.5.5 6z"/>',
    "paused": '<path d="M2.5 1.5h2.6v9H2.5zM6.9 1.5h2.6v9H6.9z"/>',
    "ended": '<circle class="hollow" cx="6" cy="6" r="4"/>',
    "back": '<path d="M5 1 1 4.5 5 8V5.6c2.6 0 4 .9 4.6 3.4H11C10.6 5.3 8.5 3.4 5 3.4z"/>',
}


def _shape(state: str) -> SafeString:
    drawing = _SHAPES.get(state, _SHAPES["ended"])
    drawn = f'<svg class="shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">{drawing}</svg>'
    return mark_safe(drawn)  # noqa: S308 - the drawing is one of the constants above


_RUNNING = mark_safe("".join(_shape(one) for one in ("time", "soon", "late")))  # noqa: S308 - constants
"""The shapes of a clock that runs; the style sheet shows one of them."""


@register.simple_tag
def shape(state: str) -> SafeString:
    """The shape of a state: time, soon, late, paused, ended, back."""
    return _shape(state)


@register.simple_tag
def chip(state: str, text: object) -> SafeString:
    """A state in a word and a shape."""
    return format_html('<span class="chip chip-{}">{}<span>{}</span></span>', state, _shape(state), text)


@register.simple_tag
def mark(size: int = 24) -> SafeString:
    """The mark: a grid of three by three with one cell filled."""
    cells = [(x, y) for y in range(3) for x in range(3)]
    drawn = "".join(
        f'<rect x="{1 + 8 * x}" y="{1 + 8 * y}" width="6" height="6" rx="1"'
        + (' class="mark-on"/>' if (x, y) == (1, 1) else ' class="mark-off"/>')
        for x, y in cells
    )
    return format_html(
        '<svg class="mark" viewBox="0 0 24 24" width="{0}" height="{0}" aria-hidden="true" focusable="false">{1}</svg>',
        size,
        mark_safe(drawn),  # noqa: S308 - numbers made above
    )


@register.simple_tag
def clock(
    due: datetime | None, amber_at: datetime | None = None, *, paused: bool = False, word: str = ""
) -> SafeString:
    """How long is left or past, with the state's shape; it runs on while the page is open. ``word`` replaces the time
    when there is no deadline."""
    now = timezone.now()
    state = dates.state_of(due, amber_at, now, paused=paused)
    if due is None or state == "paused":
        return format_html('<span class="clock clock-{}">{}<span>{}</span></span>', state, _shape(state), word)
    return format_html(
        '<time class="clock clock-{}" datetime="{}" title="{}" data-due="{}" data-amber="{}">{}<span>{}</span></time>',
        state,
        due.isoformat(),
        when(due),
        int(due.timestamp()),
        int(amber_at.timestamp()) if amber_at else "",
        _RUNNING,
        dates.left_words(due, now, get_language()),
    )


@register.filter
def when(value: datetime | date | None) -> str:
    """``22 Nov, 14:05`` or ``11月22日 周日 14:05``."""
    if value is None:
        return ""
    now = timezone.localtime()
    if isinstance(value, datetime):
        return dates.instant_words(timezone.localtime(value), now, get_language())
    return dates.day_words(value, now.date(), get_language())


@register.filter
def short(value: datetime | None) -> str:
    """The time when it is today, else also the day."""
    return dates.short_words(timezone.localtime(value), timezone.localtime(), get_language()) if value else ""


@register.filter
def left(value: datetime | None) -> str:
    """How long until, or past."""
    return dates.left_words(value, timezone.now(), get_language()) if value else ""


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago."""
    return dates.ago_words(value, timezone.now(), get_language()) if value else ""


@register.filter
def age(value: datetime | None) -> str:
    """A bare duration since an instant."""
    return dates.span_words(int((timezone.now() - value).total_seconds()), get_language()) if value else ""


@register.filter
def han(value: object) -> str:
    """Our own words with thin spaces between Han and Latin or digits, when the page is Chinese."""
    text = "" if value is None else str(value)
    return spaced(text) if dates.chinese(get_language()) else text


@register.simple_tag
def sign(mark: str) -> str:
    """A sign between two words as the language of the page writes it: ``: `` or ``：``."""
    return typography.sign(mark, get_language())


@register.filter
def codes(value: object) -> SafeString:
    """A sentence of ours with the codes and names of files in it marked up as such."""
    wanted = _CODES if dates.chinese(get_language()) else _FILES
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", one) if n % 2 else one,) for n, one in enumerate(wanted.split(str(value)))),
    )


@register.filter
def beside(columns: Sequence[Any], row: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each cell of a row with its column."""
    return list(zip(columns, row, strict=True))


@register.inclusion_tag("look/field.html")
def field(one: Field) -> dict[str, Any]:
    """A form field with label, hint, error and input."""
    return {"f": one}


@register.inclusion_tag("look/error_summary.html")
def error_summary(fields: Any, general: Any = "") -> dict[str, Any]:
    """All errors of a form at its head, each leading to its field. ``general`` is one sentence or several."""
    sentences = [general] if isinstance(general, str) and general else list(general or [])
    return {"fields": [f for f in fields if f.error], "general": sentences}


@register.inclusion_tag("look/empty.html")
def empty(title: str, detail: str = "") -> dict[str, str]:
    """An empty state: what would fill the place."""
    return {"title": title, "detail": detail}
