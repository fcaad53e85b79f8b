"""How I am told: a person's own routes by the channels of the district."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.connections import models as m
from gewu.connections import routes
from gewu.connections.channels import KINDS
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.connections import shared
from gewu.surfaces.desk.views.connections.routeform import route_fields, wish_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Field


@dataclass(frozen=True, slots=True)
class Way:
    """A channel as a person sees it: whether it is used, and the form for it."""

    id: UUID
    name: str
    kind: str
    route: m.Route | None
    to: str
    fields: list[Field]
    faulty: list[Field]


@desk_page()
@require_safe
def mine(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All channels by which this person may be told."""
    return _show(request, desk)


@desk_page()
@require_POST
def act(request: HttpRequest, desk: Desk, channel: UUID, verb: str) -> HttpResponse:
    """Save, try or end one's own route by a channel."""
    row = next((one for one in _personal(desk) if one.id == channel), None)
    if row is None:
        raise Http404
    route = m.Route.objects.filter(channel=row, person_id=desk.person.pk).first()
    if verb == "save":
        wish, faults = wish_of(request)
        if not faults:
            try:
                routes.save_route(row, wish, person=desk.person.pk)
            except routes.Unfit as error:
                faults = error.faults
        if faults:
            return _show(request, desk, row, wish, faults)
        messages.success(request, _("Saved. It holds for notices from now on."))
    elif route is None:
        raise Http404
    elif verb == "try":
        routes.try_out(route)
        messages.success(request, _("A test message is on its way. Nothing came? Ask the administrator to look."))
    elif verb == "end":
        routes.remove_route(route)
        messages.success(request, _("You are not told this way any more. Your address is removed."))
    else:
        raise Http404
    return redirect("desk:notices-mine")


def _personal(desk: Desk) -> list[m.Channel]:
    """Channels that reach one person: a robot's group belongs to a post, and is set up by the administrator."""
    found = m.Channel.objects.filter(district_id=desk.district_id, active=True)
    return [row for row in found if row.kind in KINDS and KINDS[row.kind].address]


def _show(
    request: HttpRequest, desk: Desk, at: m.Channel | None = None, wish: routes.Wish | None = None,
    faults: dict[str, tuple[str, str]] | None = None,
) -> HttpResponse:  # fmt: skip
    ways = []
    for row in _personal(desk):
        route = m.Route.objects.filter(channel=row, person_id=desk.person.pk).first()
        here = at is not None and at.id == row.id
        asked = wish if here and wish is not None else _as_wish(route, desk)
        kind = KINDS[row.kind]
        fields = route_fields(desk, kind.address, asked, has_address=route is not None, prefix=f"c{row.id.hex[:8]}")
        if here:
            shared.show_faults(fields, faults or {})
        to = masked(routes.address_of(route)) if route is not None else ""
        ways.append(Way(row.id, row.name, names.said(kind.title, desk.language), route, to, fields,
                        [f for f in fields if f.error]))  # fmt: skip
    return page(request, desk, "desk/connections_mine.html", {"ways": ways}, status=422 if faults else 200)


def masked(address: str) -> str:
    """An address as its owner recognises it and nobody else reads it."""
    name, mark, host = address.partition("@")
    if mark:
        return f"{name[:2]}…@{host}"
    return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else address


def _as_wish(route: m.Route | None, desk: Desk) -> routes.Wish:
    if route is None:
        return routes.Wish(language=desk.language[:2])
    return routes.Wish("", route.messages, route.digest_minutes, route.quiet_from, route.quiet_to,
                       route.urgent_at_once, route.language)  # fmt: skip
