"""Template tags of the workdays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse

from gewu.occasions.kinds import SESSION
from gewu.occasions.queries import numbers_of
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.case import Shown
from gewu.surfaces.desk.who import Desk

register = template.Library()


@register.inclusion_tag("desk/parts/workday_links.html")
def sessions_of(desk: Desk, shown: Shown) -> dict[str, Any]:
    """The sessions that a case comes from or was named at. One statement, none for cases without any."""
    ids = [UUID(other) for kind, other in shown.view.state.links if kind == SESSION]
    found = numbers_of(desk.district_id, list(dict.fromkeys(ids)))
    lines = []
    for record_id, (type_, number) in found.items():
        playbook = desk.directory.playbook(type_)
        title = names.said(playbook.title, desk.language) if playbook else type_
        url = reverse("desk:workday", args=[record_id]) if desk.sees_workdays else ""
        lines.append((title, number, url))
    return {"lines": lines}
