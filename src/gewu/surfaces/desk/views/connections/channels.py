"""Notification channels: set up, change, and the posts that are told by them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.connections import models as m
from gewu.connections import routes
from gewu.connections.channels import KINDS, Kind
from gewu.ledger.outbox import administration
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.connections import shared
from gewu.surfaces.desk.views.connections.routeform import route_fields, wish_of
from gewu.surfaces.desk.views.connections.shared import ADMINISTRATOR, OFFICE
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told by a channel."""

    id: int
    name: str
    digest: int
    of_post: bool


@desk_page(ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """The form for a new channel of a kind."""
    spec = KINDS.get(kind)
    if spec is None:
        raise Http404
    fields = _fields(spec, desk, request.POST if request.method == "POST" else None, None)
    status = 200
    if request.method == "POST":
        try:
            row = routes.save_channel(desk.district_id, kind, request.POST.get("name", ""), _given(request, spec))
        except routes.Unfit as error:
            shared.show_faults(fields, error.faults)
            status = 422
        else:
            messages.success(request, _("The channel is there. Say below or under “How I am told” who uses it."))
            return redirect("desk:channel", row.id)
    context: dict[str, object] = {
        "kind": names.said(spec.title, desk.language),
        "hint": names.said(spec.hint, desk.language),
        "fields": fields,
        "faulty": [f for f in fields if f.error],
    }
    return page(request, desk, "desk/connections_channel_new.html", context, status=status)


@desk_page(ADMINISTRATOR, OFFICE)
@require_safe
def one(request: HttpRequest, desk: Desk, channel: UUID) -> HttpResponse:
    """A channel: how it fares, whom it tells, its log."""
    return _show(request, desk, _row(desk, channel))


@desk_page(ADMINISTRATOR)
@require_POST
def act(request: HttpRequest, desk: Desk, channel: UUID, verb: str) -> HttpResponse:
    """Save settings, switch on or off, resume, tell a post, try or remove a route."""
    row = _row(desk, channel)
    spec = KINDS[row.kind]
    if verb == "change":
        try:
            routes.save_channel(desk.district_id, row.kind, request.POST.get("name", ""), _given(request, spec), row)
        except routes.Unfit as error:
            fields = _fields(spec, desk, request.POST, row)
            shared.show_faults(fields, error.faults)
            return _show(request, desk, _row(desk, channel), fields=fields)
        messages.success(request, _("Saved."))
    elif verb in ("on", "off"):
        routes.switch_channel(row, on=verb == "on")
        messages.success(request, _("Switched on.") if verb == "on" else _("Switched off."))
    elif verb == "resume":
        administration.try_now(desk.district_id, f"channel:{row.id}", timezone.now())
        messages.success(request, _("What waits is tried now."))
    elif verb == "tell":
        return _tell(request, desk, row)
    elif verb in ("try", "forget"):
        route = m.Route.objects.filter(channel=row, id=_number(request.POST.get("route", ""))).first()
        if route is None:
            raise Http404
        if verb == "try":
            routes.try_out(route)
            messages.success(request, _("A test message is on its way: see the log in a moment."))
        else:
            routes.remove_route(route)
            messages.success(request, _("Removed."))
    else:
        raise Http404
    return redirect("desk:channel", row.id)


def _tell(request: HttpRequest, desk: Desk, row: m.Channel) -> HttpResponse:
    """Tell a post by this channel."""
    post = desk.directory.post(request.POST.get("post", ""))
    wish, faults = wish_of(request)
    if post is None or not post.active:
        faults["post"] = "choice", ""
    if not faults and post is not None:
        try:
            routes.save_route(row, wish, post=post.id)
        except routes.Unfit as error:
            faults = error.faults
        else:
            messages.success(request, _("Saved. It holds for notices from now on."))
            return redirect("desk:channel", row.id)
    fields = _post_fields(desk, row, wish, request.POST.get("post", ""))
    shared.show_faults(fields, faults)
    return _show(request, desk, row, told=fields)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _row(desk: Desk, channel: UUID) -> m.Channel:
    found = m.Channel.objects.filter(district_id=desk.district_id, id=channel).first()
    if found is None or found.kind not in KINDS:
        raise Http404
    return found


def _show(
    request: HttpRequest, desk: Desk, row: m.Channel, *,
    fields: list[Field] | None = None, told: list[Field] | None = None,
) -> HttpResponse:  # fmt: skip
    to, spec = f"channel:{row.id}", KINDS[row.kind]
    states = administration.states(desk.district_id, [to])
    found, after = administration.list_messages(desk.district_id, destination=to, after=shared.page_mark(request))
    bad = bool(fields or told)
    fields = fields or _fields(spec, desk, None, row)
    told = told or _post_fields(desk, row, routes.Wish(language=desk.language[:2]), "")
    context: dict[str, object] = {
        "row": row,
        "kind": names.said(spec.title, desk.language),
        "health": shared.health(desk.district_id, to, active=row.active, states=states),
        "routes": [_told(route, desk) for route in m.Route.objects.filter(channel=row).select_related("post")],
        "lines": shared.lines(found, desk, {}),
        "after": after,
        "fields": fields,
        "faulty": [f for f in fields if f.error],
        "told": told,
        "told_faulty": [f for f in told if f.error],
        "may_change": ADMINISTRATOR in desk.roles,
    }
    return page(request, desk, "desk/connections_channel.html", context, status=422 if bad else 200)


def _told(route: m.Route, desk: Desk) -> Told:
    if route.post is not None:
        post = desk.directory.post(route.post.code)
        name = post.name(desk.language) if post else route.post.code
        return Told(route.id, names.typeset(name, desk.language), route.digest_minutes, True)
    return Told(route.id, names.person(desk.directory, str(route.person_id), "", desk.language), route.digest_minutes,
                False)  # fmt: skip


def _given(request: HttpRequest, spec: Kind) -> dict[str, str]:
    return {one.name: request.POST.get(one.name, "") for one in spec.settings}


def _fields(spec: Kind, desk: Desk, given: object, row: m.Channel | None) -> list[Field]:
    """The settings of a kind as fields; secrets are never shown, and one that is left empty stays as it is."""
    read = given.get if hasattr(given, "get") else None
    kept = row.settings if row is not None else {}

    def value(name: str, default: str) -> str:
        return str(read(name, default)) if read is not None else str(kept.get(name, default))

    found = [Field("name", _("Name people see"), value=value("name", row.name if row else ""), required=True,
                   hint=_("People choose the channel by it."))]  # fmt: skip
    for one in spec.settings:
        kind = "password" if one.secret else "select" if one.choices else "textarea" if one.lines > 1 else "text"
        hint = names.said(one.hint, desk.language)
        if one.secret and row is not None:
            hint = f"{hint} {_('Leave it empty to keep the one there is.')}".strip()
        found.append(
            Field(
                one.name, names.said(one.title, desk.language), kind,
                "" if one.secret else value(one.name, one.default),
                hint=hint, required=one.required and not (one.secret and row is not None), rows=one.lines,
                choices=[Choice(code, names.said(words, desk.language)) for code, words in one.choices],
                attrs={"autocomplete": "off", "spellcheck": "false"},
            )
        )  # fmt: skip
    return found


def _post_fields(desk: Desk, row: m.Channel, wish: routes.Wish, post: str) -> list[Field]:
    """The form by which a post is told."""
    posts = sorted((p for p in desk.directory.posts.values() if p.active), key=lambda p: p.code)
    choices = [
        Choice(p.code, names.typeset(p.name(desk.language), desk.language),
               group=names.unit(desk.directory, p.unit, desk.language))
        for p in sorted(posts, key=lambda p: (p.unit, p.code))
    ]  # fmt: skip
    first = Field("post", _("Post"), "select", post, choices=[Choice("", _("Choose a post")), *choices], required=True)
    return [first, *route_fields(desk, KINDS[row.kind].address, wish, has_address=False, prefix="tell")]
