"""Template tags of the registers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.office.kinds import ADDRESS, HANDOVER, INSTRUCTION, KINDS, LETTER, ORDER, may_see
from gewu.office.queries import entries_about
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.case import Shown
from gewu.surfaces.desk.present.registers import line
from gewu.surfaces.desk.views.registers.lists import making
from gewu.surfaces.desk.who import Desk

register = template.Library()


@register.inclusion_tag("desk/parts/register_links.html")
def registers_of(desk: Desk, shown: Shown) -> dict[str, Any]:
    """The entries that are about a case, and the ways to make one of it. One statement, none for other posts."""
    kinds = [k for k in KINDS if may_see(desk.directory.current_playbook(k), desk.roles)]
    if not kinds:
        return {}
    row = shown.view.row
    found = entries_about(desk.district_id, desk.acting, row.record_id, kinds)
    new = []
    for kind in (ORDER, INSTRUCTION, LETTER):
        move = making(desk, kind)
        if move is not None and not row.ended:
            url = f"{reverse('desk:register-new', args=[ADDRESS[kind]])}?{urlencode({'case': row.number})}"
            new.append((names.said(move.title, desk.language), url))
    if making(desk, HANDOVER) is not None:
        new.append((_("Hand over the shift"), reverse("desk:register-new", args=[ADDRESS[HANDOVER]])))
    papers = {ORDER: "desk:paper-order", LETTER: "desk:paper-letter", HANDOVER: "desk:paper-handover"}
    lines = [(line(one, desk), _paper(papers.get(one.kind, ""), str(one.record_id))) for one in found]
    return {"lines": lines, "new": new}


def _paper(name: str, record_id: str) -> str:
    """Where the paper of an entry is made; empty for an entry that has none."""
    return f"{reverse(name, args=[record_id])}?format=pdf" if name else ""
