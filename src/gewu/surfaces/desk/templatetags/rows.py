"""The lines of a queue.

They are written here and not in a template: fifty lines of a dozen values each took Django's templates more than half
of the time of the whole page (``python -m bench queue``). Every value goes through ``conditional_escape``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape as safe
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gewu.cases.search import Piece
from gewu.imports.deadlines import Outside
from gewu.surfaces.desk.present.rows import Line
from gewu.surfaces.desk.templatetags.outside import their_deadline
from gewu.surfaces.look import dates
from gewu.surfaces.look.templatetags.look import clock

register = template.Library()

_NUMBER = "0" * 14
"""Stands in the address of a case for its number, so that the address is asked for once."""


@register.simple_tag
def case_rows(
    shown: Iterable[tuple[Line, Sequence[Piece]]], outside: Mapping[UUID, Sequence[Outside]], *, pick: object = False
) -> SafeString:
    """The lines of cases, each with what was found of the words (``pieces``). ``pick``: with a box to choose it by."""
    language, now = get_language(), timezone.localtime()
    address = reverse("desk:case", args=[_NUMBER])
    reported, urgent, choose = safe(_("reported")), safe(_("Urgent")), _("Choose %(number)s")
    drawn = []
    for line, pieces in shown:
        number, since = safe(line.number), timezone.localtime(line.reported_at)
        url = safe(address.replace(_NUMBER, quote(line.number, safe="")))
        tags = "".join(f' <span class="tag">{safe(one)}</span>' for one in line.notes)
        age = dates.span_words(int((now - since).total_seconds()), language)
        box = choose % {"number": line.number}
        drawn.append(
            f'<li class="row" data-row data-number="{number}" data-id="{line.row.record_id}"'
            f' data-version="{line.row.version}" data-url="{url}">\n'
            + (
                f'<label class="row-pick"><input type="checkbox" name="case" value="{line.row.record_id}">'
                f'<span class="sr">{safe(box)}</span></label>\n'
                if pick
                else ""
            )
            + f'<a class="row-in" href="{url}">\n'
            f'<span class="row-clock">{clock(line.due, line.warns_at, paused=line.paused, word=line.word)}</span>\n'
            f'<span class="row-number num">{number}</span>\n'
            '<span class="row-what cut">'
            + (f'<span class="tag tag-urgent">{urgent}</span> ' if line.urgent else "")
            + f"{safe(line.what)}{tags}</span>\n"
            f'<span class="row-age num" title="{safe(dates.instant_words(since, now, language))}">'
            f'<span class="sr">{reported} </span>{safe(age)}</span>\n'
            f'<span class="row-due num">{safe(line.due_short)}</span>\n'
            f'<span class="row-where cut">{safe(line.where)}</span>\n'
            f'<span class="row-who cut">{safe(line.who)}</span>\n'
            + _said(safe(their_deadline(line, outside)))
            + _said("".join(f"<mark>{safe(p.text)}</mark>" if p.hit else safe(p.text) for p in pieces))
            + "</a></li>"
        )
    return mark_safe("".join(drawn))  # noqa: S308 - every value above is escaped


def _said(words: str) -> str:
    return f'<span class="row-said">{words}</span>\n' if words else ""
