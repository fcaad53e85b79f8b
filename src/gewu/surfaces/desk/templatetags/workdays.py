"""Template tags of the workdays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse

from gewu.occasions.kinds import DECIDED_AT, SESSION, TABLED_AT
from gewu.occasions.queries import numbers_of
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.case import Shown
from gewu.surfaces.desk.present.timeline import link_name
from gewu.surfaces.desk.who import Desk

register = template.Library()


@register.inclusion_tag("desk/parts/workday_links.html")
def sessions_of(desk: Desk, shown: Shown) -> dict[str, Any]:
    """The sessions that a case comes from or was named at, the meetings on whose table it is or that decided on it.

    One statement, none for cases without any.
    """
    ties: dict[UUID, str] = {}
    for kind, other in shown.view.state.links:
        if kind in (SESSION, TABLED_AT, DECIDED_AT):
            ties[UUID(other)] = kind  # of a meeting that decided, that it did
    found = numbers_of(desk.district_id, list(ties))
    lines = []
    for record_id, (type_, number) in found.items():
        playbook = desk.directory.playbook(type_)
        title = names.said(playbook.title, desk.language) if playbook else type_
        url = reverse("desk:workday", args=[record_id]) if desk.sees_workdays else ""
        how = "" if ties[record_id] == SESSION else link_name(ties[record_id], desk.language)
        lines.append((how, title, number, url))
    return {"lines": lines}
