"""The form of a route: where to, how often, when not, what about, in which language."""

from __future__ import annotations

from datetime import time

from django.http import HttpRequest
from django.utils.translation import gettext as _

from gewu.connections import routes
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice, Field


def route_fields(desk: Desk, address: str, wish: routes.Wish, *, has_address: bool, prefix: str) -> list[Field]:
    """The fields of a route. ``address`` is what the channel wants: mail, phone or nothing."""
    found: list[Field] = []
    kept = _("Leave it empty to keep the one there is.") if has_address else ""
    if address == "mail":
        found.append(Field("address", _("Mail address"), value=wish.address, required=not has_address, hint=kept,
                           attrs={"inputmode": "email", "autocomplete": "email"}, prefix=prefix))  # fmt: skip
    elif address == "phone":
        found.append(Field("address", _("Mobile number"), "tel", wish.address, required=not has_address, hint=kept,
                           attrs={"autocomplete": "tel"}, prefix=prefix))  # fmt: skip
    minutes = {1: _("at once"), 15: _("every 15 minutes"), 60: _("every hour"), 240: _("every 4 hours"),
               1440: _("once a day")}  # fmt: skip
    playbook = desk.playbook
    told = (
        [Choice(code, names.said(said, desk.language)) for code, said in playbook.messages.items()] if playbook else []
    )
    told = [one for one in told if one.value != "answer"]  # that one is the reporter's
    return [
        *found,
        Field("digest_minutes", _("How often at most"), "select", str(wish.digest_minutes), required=True,
              choices=[Choice(str(n), minutes[n]) for n in routes.DIGESTS], prefix=prefix,
              hint=_("Everything that comes in between stands in one message.")),
        Field("quiet_from", _("Quiet from"), "time", f"{wish.quiet_from:%H:%M}", required=True, prefix=prefix),
        Field("quiet_to", _("Quiet until"), "time", f"{wish.quiet_to:%H:%M}", required=True, prefix=prefix,
              hint=_("The same time twice: never quiet.")),
        Field("urgent_at_once", _("Urgent cases at once, also at night"), "checkbox", wish.urgent_at_once,
              prefix=prefix),
        Field("language", _("Language"), "select", wish.language[:2], required=True, prefix=prefix,
              choices=[Choice("zh", "简体中文"), Choice("en", "English")]),
        Field("messages", _("Only these notices"), "checkboxes", wish.messages, choices=told, prefix=prefix),
    ]  # fmt: skip


def wish_of(request: HttpRequest) -> tuple[routes.Wish, dict[str, tuple[str, str]]]:
    """A route as the form gives it, and what cannot be read in it."""
    post, faults = request.POST, {}
    wish = routes.Wish(address=post.get("address", "").strip(), messages=post.getlist("messages"))
    minutes = post.get("digest_minutes", "")
    wish.digest_minutes = int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else 0
    for name in ("quiet_from", "quiet_to"):
        try:
            setattr(wish, name, time.fromisoformat(post.get(name, "")).replace(tzinfo=None))
        except ValueError:
            faults[name] = "time", ""
    wish.urgent_at_once = post.get("urgent_at_once") == "1"
    wish.language = "zh" if post.get("language", "").startswith("zh") else "en"
    return wish, faults
