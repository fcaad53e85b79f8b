"""Webhooks: set up, change, try, rotate the secret, read the log, send again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.connections import models as m
from gewu.connections import webhooks
from gewu.ledger.outbox import administration
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.connections import shared
from gewu.surfaces.desk.views.connections.errors import explained
from gewu.surfaces.desk.views.connections.shared import ADMINISTRATOR, OFFICE
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field


@desk_page(ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The form for a new webhook; once saved, its page with the secret, shown this once."""
    wish = _wish(request) if request.method == "POST" else webhooks.Wish("", "")
    fields = _fields(desk, wish)
    if request.method == "POST":
        try:
            row, secret = webhooks.create(desk.district_id, wish, desk.post.post_code)
        except webhooks.BadWebhook as error:
            shared.show_faults(fields, error.faults)
        else:
            return _show(request, desk, row, secret=secret)
    context: dict[str, object] = {"fields": fields, "faulty": [f for f in fields if f.error]}
    status = 422 if request.method == "POST" else 200
    return page(request, desk, "desk/connections_webhook_new.html", context, status=status)


@desk_page(ADMINISTRATOR, OFFICE)
@require_safe
def one(request: HttpRequest, desk: Desk, webhook: UUID) -> HttpResponse:
    """A webhook: how it fares, what it hears, its log."""
    return _show(request, desk, _row(desk, webhook))


@desk_page(ADMINISTRATOR)
@require_POST
def change(request: HttpRequest, desk: Desk, webhook: UUID) -> HttpResponse:
    """Save another form of a webhook."""
    row, wish = _row(desk, webhook), _wish(request)
    try:
        webhooks.change(row, wish)
    except webhooks.BadWebhook as error:
        fields = _fields(desk, wish)
        shared.show_faults(fields, error.faults)
        return _show(request, desk, row, fields=fields)
    messages.success(request, _("Saved. It holds for events from now on."))
    return redirect("desk:webhook", row.id)


@desk_page(ADMINISTRATOR, OFFICE)
@require_POST
def act(request: HttpRequest, desk: Desk, webhook: UUID, verb: str) -> HttpResponse:
    """What a button does: try, resume, switch on or off, rotate the secret, send again."""
    row, now = _row(desk, webhook), timezone.now()
    to = f"webhook:{row.id}"
    if verb == "again":
        return _again(request, desk, row)
    if verb == "resume":
        administration.try_now(desk.district_id, to, now)
        messages.success(request, _("What waits is tried now."))
    elif ADMINISTRATOR not in desk.roles:
        messages.error(request, _("Only an administrator changes connections."))
    elif verb == "ping":
        webhooks.ping(row)
        messages.success(request, _("A test message is on its way: see the log in a moment."))
    elif verb in ("on", "off"):
        webhooks.switch(row, on=verb == "on")
        messages.success(request, _("Switched on.") if verb == "on" else _("Switched off."))
    elif verb == "rotate":
        return _show(request, desk, row, secret=webhooks.rotate(row))
    else:
        raise Http404
    return redirect("desk:webhook", row.id)


def _again(request: HttpRequest, desk: Desk, row: m.Webhook) -> HttpResponse:
    """Send ticked messages again, or all of a time window."""
    to, now = f"webhook:{row.id}", timezone.now()
    if ids := shared.chosen_ids(request):
        n = administration.replay(desk.district_id, ids, now, to)
    else:
        since = shared.instant(request.POST.get("since", ""), desk)
        until = shared.instant(request.POST.get("until", ""), desk)
        if since is None or until is None or until <= since:
            messages.warning(request, _("Tick messages, or give a beginning and a later end."))
            return redirect("desk:webhook", row.id)
        only = request.POST.get("failed_only") == "1"
        n = administration.replay_window(desk.district_id, to, since, until, now, failed_only=only)
    say = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", n)
    messages.success(request, say % {"n": n})
    return redirect("desk:webhook", row.id)


def _row(desk: Desk, webhook: UUID) -> m.Webhook:
    found = m.Webhook.objects.filter(district_id=desk.district_id, id=webhook).first()
    if found is None:
        raise Http404
    return found


def _show(
    request: HttpRequest, desk: Desk, row: m.Webhook, *, secret: str = "", fields: list[Field] | None = None
) -> HttpResponse:
    to = f"webhook:{row.id}"
    states = administration.states(desk.district_id, [to])
    found, after = administration.list_messages(desk.district_id, destination=to, after=shared.page_mark(request))
    bad = fields is not None
    fields = fields or _fields(desk, _as_wish(row))
    context: dict[str, object] = {
        "row": row,
        "ended": explained(row.ended),
        "secret": secret,
        "rotated": row.old_until if row.old_until and row.old_until > timezone.now() else None,
        "health": shared.health(desk.district_id, to, active=row.active, states=states),
        "hears": _hears(row, desk),
        "lines": shared.lines(found, desk, {}),
        "after": after,
        "fields": fields,
        "faulty": [f for f in fields if f.error],
        "may_change": ADMINISTRATOR in desk.roles,
    }
    response = page(request, desk, "desk/connections_webhook.html", context, status=422 if bad else 200)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _hears(row: m.Webhook, desk: Desk) -> list[str]:
    """The filters in words; none means everything."""
    playbook = desk.playbook
    found = [names.typeset(_title(playbook.moves.get(code) if playbook else None, code, desk), desk.language)
             for code in row.moves]  # fmt: skip
    found += [names.typeset(_title(playbook.stages.get(code) if playbook else None, code, desk), desk.language)
              for code in row.stages]  # fmt: skip
    found += [names.unit(desk.directory, code, desk.language) for code in row.units]
    kinds = {stored.kind: stored.title for stored in desk.directory.playbooks if stored.active}
    heard = [names.said(kinds[code], desk.language) if code in kinds else code for code in row.kinds]
    return [*heard, *found, *row.places]


def _title(found: object, code: str, desk: Desk) -> str:
    title = getattr(found, "title", None)
    return str(title[desk.language]) if title else code


def _as_wish(row: m.Webhook) -> webhooks.Wish:
    return webhooks.Wish(row.name, row.url, row.kinds, row.moves, row.stages, row.units, row.places)


def _wish(request: HttpRequest) -> webhooks.Wish:
    post = request.POST
    return webhooks.Wish(
        post.get("name", ""), post.get("url", ""), post.getlist("kinds"), post.getlist("moves"),
        post.getlist("stages"), post.get("units", "").replace(",", " ").split(),
        post.get("places", "").replace(",", " ").split(),
    )  # fmt: skip


def _fields(desk: Desk, wish: webhooks.Wish) -> list[Field]:
    playbook = desk.playbook
    moves = [Choice(c, names.said(v.title, desk.language)) for c, v in playbook.moves.items()] if playbook else []
    stages = [Choice(c, names.said(v.title, desk.language)) for c, v in playbook.stages.items()] if playbook else []
    kinds: dict[str, str] = {}
    for stored in desk.directory.playbooks:
        if stored.active:
            kinds.setdefault(stored.kind, names.said(stored.title, desk.language))
    return [
        Field("name", _("Name people see"), value=wish.name, required=True,
              hint=_("Which system listens, for people.")),
        Field("url", _("Web address"), value=wish.url, required=True, attrs={"inputmode": "url", "spellcheck": "false"},
              hint=_("Where events are posted to. Its host has to be on the list of allowed hosts.")),
        Field("kinds", _("Only these kinds of record"), "checkboxes", wish.kinds,
              choices=[Choice(code, title) for code, title in sorted(kinds.items())]),
        Field("stages", _("Only events that lead to these stages"), "checkboxes", wish.stages, choices=stages),
        Field("moves", _("Only these moves"), "checkboxes", wish.moves, choices=moves),
        Field("units", _("Only cases of these units"), value=" ".join(wish.units),
              hint=_("Codes of units, separated by spaces. Units below them are meant too.")),
        Field("places", _("Only cases in these places"), value=" ".join(wish.places),
              hint=_("Place codes or their beginnings, or area:CODE, separated by spaces.")),
    ]  # fmt: skip
