"""Template tags for what other platforms call a case, and until when they want it done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gewu.imports.deadlines import Outside
from gewu.imports.mapping import BadMapping, platform
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.rows import Line
from gewu.surfaces.look.dates import short_words

register = template.Library()


@register.filter
def platform_title(code: str) -> str:
    """What a platform is called."""
    try:
        found = platform(code)
    except BadMapping:
        found = None
    return names.said(found.title, get_language() or "en") if found else code


@register.filter
def their_deadline(line: Line, outside: Mapping[UUID, Sequence[Outside]]) -> str:
    """``12345 hotline: until 27 Nov, 18:00`` for a line of a queue; empty where no platform waits for it."""
    if not outside or line.row.ended:
        return ""
    found = [one for one in outside.get(line.row.record_id, ()) if one.deadline_at is not None]
    if not found or found[0].deadline_at is None:
        return ""
    at = short_words(timezone.localtime(found[0].deadline_at), timezone.localtime(), get_language())
    return _("%(platform)s: until %(at)s") % {"platform": platform_title(found[0].platform), "at": at}
