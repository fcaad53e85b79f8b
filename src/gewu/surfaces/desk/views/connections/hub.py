"""All connections at a glance, and the messages that wait or rest."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gewu.connections import allow
from gewu.connections import models as m
from gewu.connections.channels import KINDS
from gewu.ledger.outbox import administration
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.connections import shared
from gewu.surfaces.desk.views.connections.shared import ADMINISTRATOR, OFFICE, Health
from gewu.surfaces.desk.who import Desk, desk_page, page


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook or channel in the list."""

    id: object
    name: str
    detail: str
    health: Health


@desk_page(ADMINISTRATOR, OFFICE)
@require_safe
def hub(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Webhooks, channels, and what may be reached."""
    district = desk.district_id
    states = administration.states(district)
    hooks = [
        Row(h.id, h.name, h.url, shared.health(district, f"webhook:{h.id}", active=h.active, states=states))
        for h in m.Webhook.objects.filter(district_id=district)
    ]
    channels = [
        Row(
            c.id, c.name, names.said(KINDS[c.kind].title, desk.language) if c.kind in KINDS else c.kind,
            shared.health(district, f"channel:{c.id}", active=c.active, states=states),
        )
        for c in m.Channel.objects.filter(district_id=district)
    ]  # fmt: skip
    failed, more = administration.list_messages(district, statuses=["failed"])
    context: dict[str, object] = {
        "hooks": hooks,
        "channels": channels,
        "kinds": [(kind.code, names.said(kind.title, desk.language)) for kind in KINDS.values()],
        "entries": [*allow.environment_entries(), *m.EgressRule.objects.values_list("entry", flat=True)],
        "failed": f"{len(failed)}+" if more else len(failed),
        "may_change": ADMINISTRATOR in desk.roles,
    }
    return page(request, desk, "desk/connections.html", context)


@desk_page(ADMINISTRATOR, OFFICE)
@require_safe
def log(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Messages to the outside: those not taken, those that wait, or all."""
    which = request.GET.get("show", "failed")
    statuses = {"failed": ["failed"], "waiting": ["waiting", "sending"], "all": []}.get(which, ["failed"])
    found, after = administration.list_messages(desk.district_id, statuses=statuses, after=shared.page_mark(request))
    context: dict[str, object] = {
        "lines": shared.lines(found, desk, shared.names_of(desk.district_id)),
        "after": after,
        "show": which if which in ("failed", "waiting", "all") else "failed",
        "back": request.get_full_path(),
    }
    return page(request, desk, "desk/connections_messages.html", context)


@desk_page(ADMINISTRATOR, OFFICE)
@require_POST
def again(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Send the ticked messages again, each under its own key."""
    ids = shared.chosen_ids(request)
    if not ids:
        messages.warning(request, _("Choose the messages first."))
    else:
        n = administration.replay(desk.district_id, ids, timezone.now())
        say = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", n)
        messages.success(request, say % {"n": n})
    back = request.POST.get("back", "")
    return redirect(back if back.startswith("/desk/connections") else "desk:connections-messages")
