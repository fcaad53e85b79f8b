"""`gewu egress`, `gewu webhook`, `gewu channel`, `gewu messages`: what leaves the house, for the IT staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

_STATUSES = ("waiting", "sending", "sent", "failed", "dropped")
_DISTRICT = click.option("--district", "code", default="", help="Code of the district, where there are several.")


def _refuse(out: Output, reason: str) -> NoReturn:
    out.result({"error": reason}, reason)
    out.finish(Exit.PROBLEMS)


def _district(out: Output, code: str) -> int:
    """The id of the district meant: the one with this code, or the only one there is."""
    from gewu.registry.models import District

    found = list(District.objects.order_by("id").values_list("id", "code"))
    chosen = [pk for pk, one in found if not code or one == code]
    if len(chosen) == 1:
        return int(chosen[0])
    known = ", ".join(one for _, one in found) or "none"
    _refuse(out, f"name the district with --district, one of: {known}")


def _uuid(out: Output, text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        _refuse(out, f"{text!r} is not the id of a {what}; see: gewu {what} list")


def _moment(out: Output, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        _refuse(out, f"{text!r} is not an ISO 8601 instant, such as 2026-03-01T08:00:00+08:00")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# ---- egress


@click.group()
def egress() -> None:
    """The list of hosts that may be reached. Everything else is refused, inside addresses above all."""


@egress.command("list")
@command
def egress_list(out: Output) -> None:
    """Show the list, with those in GEWU_EGRESS_ALLOW."""
    with_database(out)
    from gewu.connections.allow import environment_entries
    from gewu.connections.models import EgressRule

    rows = [{"entry": entry, "from": "GEWU_EGRESS_ALLOW", "note": ""} for entry in environment_entries()]
    rows += [{"entry": rule.entry, "from": "table", "note": rule.note} for rule in EgressRule.objects.all()]
    text = "\n".join(f"{r['entry']}  ({r['from']}{', ' + r['note'] if r['note'] else ''})" for r in rows)
    out.result({"allowed": rows}, text or "the list is empty: nothing leaves")


@egress.command("allow")
@click.argument("entry")
@click.option("--note", default="", help="What it is for.")
@command
def egress_allow(out: Output, *, entry: str, note: str) -> None:
    """Add ENTRY: a host, *.host, host:port, an address or network; with http:// before it also without TLS."""
    with_database(out)
    from django.db import transaction

    from gewu.connections import snapshot
    from gewu.connections.allow import BadRule, read_rule
    from gewu.connections.models import EgressRule

    try:
        read_rule(entry)
    except BadRule as error:
        _refuse(out, str(error))
    with transaction.atomic():
        EgressRule.objects.update_or_create(entry=entry.strip().lower(), defaults={"note": note[:200]})
        snapshot.bump()
    out.result({"allowed": entry}, f"{entry} may be reached from now on")


@egress.command("forbid")
@click.argument("entry")
@command
def egress_forbid(out: Output, *, entry: str) -> None:
    """Take ENTRY off the list again."""
    with_database(out)
    from django.db import transaction

    from gewu.connections import snapshot
    from gewu.connections.models import EgressRule

    with transaction.atomic():
        gone, _ = EgressRule.objects.filter(entry=entry.strip().lower()).delete()
        snapshot.bump()
    if not gone:
        _refuse(out, f"{entry} is not in the table; what GEWU_EGRESS_ALLOW holds is taken off there")
    out.result({"forbidden": entry}, f"{entry} may not be reached any more")


# ---- webhooks


@click.group()
def webhook() -> None:
    """Events told to other systems."""


@webhook.command("list")
@_DISTRICT
@command
def webhook_list(out: Output, *, code: str) -> None:
    """Show the webhooks and how each receiver fares."""
    with_database(out)
    from gewu.connections.models import Webhook

    district = _district(out, code)
    rows = [
        {"id": str(one.id), "name": one.name, "url": one.url, "active": one.active, **_health(district, "webhook", one)}
        for one in Webhook.objects.filter(district_id=district)
    ]
    out.result({"webhooks": rows}, _lines(rows) or "no webhook")


@webhook.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, help="Only records of this kind (may be repeated, as the others).")
@click.option("--move", "moves", multiple=True, help="Only this move.")
@click.option("--stage", "stages", multiple=True, help="Only events that lead to this stage.")
@click.option("--unit", "units", multiple=True, help="Only cases of this unit.")
@click.option("--place", "places", multiple=True, help="Only in this place: a code, its beginning, or area:CODE.")
@_DISTRICT
@command
def webhook_add(out: Output, *, name: str, url: str, code: str, **filters: tuple[str, ...]) -> None:
    """Post events to URL. The secret by which the receiver checks them is shown once."""
    with_database(out)
    from gewu.connections import webhooks

    wish = webhooks.Wish(name, url, **{key: list(values) for key, values in filters.items()})
    try:
        row, secret = webhooks.create(_district(out, code), wish, "command line")
    except webhooks.BadWebhook as error:
        _refuse(out, _faults(error.faults))
    out.result({"id": str(row.id), "secret": secret}, f"{row.id}\n{secret}\nThe secret is not shown again.")


def _webhook(out: Output, text: str) -> Any:
    from gewu.connections.models import Webhook

    found = Webhook.objects.filter(id=_uuid(out, text, "webhook")).first()
    if found is None:
        _refuse(out, f"there is no webhook {text}")
    return found


@webhook.command("ping")
@click.argument("webhook_id")
@command
def webhook_ping(out: Output, *, webhook_id: str) -> None:
    """Write a test message; the outbox sends it."""
    with_database(out)
    from gewu.connections import webhooks

    message = webhooks.ping(_webhook(out, webhook_id))
    out.result({"message": str(message)}, f"message {message} waits for the outbox; see: gewu messages list")


@webhook.command("rotate")
@click.argument("webhook_id")
@command
def webhook_rotate(out: Output, *, webhook_id: str) -> None:
    """Make a new secret, shown once; the old one signs beside it for seven days."""
    with_database(out)
    from gewu.connections import webhooks

    secret = webhooks.rotate(_webhook(out, webhook_id))
    out.result({"secret": secret}, f"{secret}\nThe secret is not shown again. The old one holds for seven days.")


@webhook.command("on")
@click.argument("webhook_id")
@command
def webhook_on(out: Output, *, webhook_id: str) -> None:
    """Switch a webhook on."""
    _switch(out, webhook_id, on=True)


@webhook.command("off")
@click.argument("webhook_id")
@command
def webhook_off(out: Output, *, webhook_id: str) -> None:
    """Switch a webhook off. What waits for it is put away."""
    _switch(out, webhook_id, on=False)


def _switch(out: Output, webhook_id: str, *, on: bool) -> None:
    with_database(out)
    from gewu.connections import webhooks

    webhooks.switch(_webhook(out, webhook_id), on=on)
    out.result({"active": on}, "switched on" if on else "switched off")


# ---- channels


@click.group()
def channel() -> None:
    """Ways to tell people something outside Gewu; they are set up on the desk's pages."""


@channel.command("list")
@_DISTRICT
@command
def channel_list(out: Output, *, code: str) -> None:
    """Show the channels, how many use each, and how each fares."""
    with_database(out)
    from gewu.connections.models import Channel

    district = _district(out, code)
    rows = [
        {
            "id": str(one.id), "kind": one.kind, "name": one.name, "active": one.active, "routes": one.routes.count(),
            **_health(district, "channel", one),
        }
        for one in Channel.objects.filter(district_id=district)
    ]  # fmt: skip
    out.result({"channels": rows}, _lines(rows) or "no channel")


@channel.command("add")
@click.argument("kind")
@click.argument("name")
@click.option("--set", "given", multiple=True, metavar="SETTING=VALUE", help="A setting (may be repeated).")
@_DISTRICT
@command
def channel_add(out: Output, *, kind: str, name: str, given: tuple[str, ...], code: str) -> None:
    """Set up a channel of a KIND (mail, sms, wecom, dingtalk)."""
    with_database(out)
    from gewu.connections import routes
    from gewu.connections.channels import KINDS

    if kind not in KINDS:
        _refuse(out, f"there is no kind {kind!r}; there are: {', '.join(KINDS)}")
    values = {one.name: one.default for one in KINDS[kind].settings} | dict(
        pair.split("=", 1) for pair in given if "=" in pair
    )
    unknown = sorted(set(values) - {one.name for one in KINDS[kind].settings})
    if unknown:
        names = ", ".join(one.name for one in KINDS[kind].settings)
        _refuse(out, f"{kind} has no setting {', '.join(unknown)}; it has: {names}")
    try:
        row = routes.save_channel(_district(out, code), kind, name, values)
    except routes.Unfit as error:
        _refuse(out, _faults(error.faults))
    out.result({"id": str(row.id)}, f"{row.id}")


# ---- messages


@click.group()
def messages() -> None:
    """Messages to the outside: those that wait, those that nobody took, and sending them again."""


@messages.command("list")
@click.option("--status", type=click.Choice([*_STATUSES, "all"]), default="failed", show_default=True)
@click.option("--to", "destination", default="", help="Only to this destination, such as webhook:ID.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@_DISTRICT
@command
def messages_list(out: Output, *, status: str, destination: str, limit: int, code: str) -> None:
    """Show messages, newest first. Exit code 1 when any rests as failed."""
    with_database(out)
    from gewu.ledger.outbox import administration

    statuses = [] if status == "all" else [status]
    found, _ = administration.list_messages(
        _district(out, code), destination=destination, statuses=statuses, limit=limit
    )
    rows = [
        {
            "id": str(one.id), "to": one.destination, "status": one.status, "attempts": one.attempts,
            "answer": one.code, "written": one.created_at.isoformat(), "error": one.error,
        }
        for one in found
    ]  # fmt: skip
    out.result({"messages": rows}, _lines(rows) or "none")
    out.finish(Exit.PROBLEMS if any(row["status"] == "failed" for row in rows) else Exit.OK)


@messages.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--to", "destination", default="", help="The destination, for a time window.")
@click.option("--since", default="", help="Beginning of the window, ISO 8601.")
@click.option("--until", default="", help="End of the window, ISO 8601 (default: now).")
@click.option("--failed-only", is_flag=True, help="Only what rests as failed.")
@_DISTRICT
@command
def messages_replay(
    out: Output, *, ids: tuple[str, ...], destination: str, since: str, until: str, failed_only: bool, code: str
) -> None:
    """Send messages again, each under its own key: those with these IDS, or all of a time window of one destination."""
    with_database(out)
    from gewu.ledger.outbox import administration

    district, now = _district(out, code), datetime.now(UTC)
    if ids:
        count = administration.replay(district, [_uuid(out, one, "messages") for one in ids], now, destination)
    elif destination and since:
        end = _moment(out, until) if until else now
        begin = _moment(out, since)
        count = administration.replay_window(district, destination, begin, end, now, failed_only=failed_only)
    else:
        _refuse(out, "name messages by id, or a window by --to and --since")
    out.result({"replayed": count}, f"{count} messages are sent again by the outbox")


# ---- what the lists have in common


def _health(district: int, kind: str, row: Any) -> dict[str, Any]:
    from gewu.ledger.outbox import administration

    to = f"{kind}:{row.id}"
    state = administration.states(district, [to]).get(to)
    counts = administration.counts(district, to)
    return {
        "state": state.state if state else "unused",
        **counts,
        "taken": state.taken if state else 0,
        "error": state.error if state else "",
    }


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "\n".join("  ".join(str(value) for value in row.values() if value != "") for row in rows)


def _faults(faults: dict[str, tuple[str, str]]) -> str:
    from gewu.connections.allow import REASONS

    return "; ".join(f"{name}: {REASONS.get(code, code)} {detail}".strip() for name, (code, detail) in faults.items())
