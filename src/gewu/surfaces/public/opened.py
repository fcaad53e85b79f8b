"""Which reports this session may speak for: those whose code was given here, and those that were made here."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.http import HttpRequest

from gewu.cases.services import joined_of, reporter
from gewu.surfaces.public import drafts

SESSION_KEY = "public_opened"
MOST = 20
"""How many reports a session holds open; an older one gives way."""


def remember(request: HttpRequest, record_id: UUID, joined: int = 0) -> None:
    """Open a report for this session, under a name of its own: photos are bound to it.

    ``joined`` is the event by which its reporter joined a case that was there; the name ends with it.
    """
    opened = dict(request.session.get(SESSION_KEY, {}))
    held = opened.get(record_id.hex)
    if held is None or joined_of(reporter(held).actor.person) != joined:
        opened[record_id.hex] = secrets.token_hex(16) + (f".{joined}" if joined else "")
    for key in list(opened)[:-MOST]:
        del opened[key]
    request.session[SESSION_KEY] = opened


def visitor_of(request: HttpRequest, record_id: UUID) -> str:
    """The name under which this session speaks on a report that is open to it; empty when it is not."""
    return str(request.session.get(SESSION_KEY, {}).get(record_id.hex, ""))


def forget(request: HttpRequest, record_id: UUID, number: str) -> None:
    """Close a report for this session, with the page that showed its code."""
    opened = dict(request.session.get(SESSION_KEY, {}))
    opened.pop(record_id.hex, None)
    request.session[SESSION_KEY] = opened
    drafts.forget_sent(request, number)
