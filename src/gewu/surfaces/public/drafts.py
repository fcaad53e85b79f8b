"""A report on its way through the three questions, kept on the server until it is sent.

A draft lives in the visitor's session, encrypted, so that the words of a report that is never sent are readable neither
in the database nor in a backup of it. Its token stands in the addresses of the three pages; it is of no use without the
session. The command id is made once, when the form starts: however often it is sent, one case comes of it.
"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core import signing
from django.http import HttpRequest

from gewu.ledger.keys import Cipher, KeyFault, keyed_hash

SESSION_KEY = "public_reports"
MOST = 4
"""How many drafts a session holds; an older one gives way."""
START_SALT = "gewu.public.start"
START_AGE = 12 * 3600
"""Seconds that an unsent first page stays good."""


@dataclass(slots=True)
class DraftPhoto:
    """A photo that is taken in and waits. ``taken_at`` is ISO 8601, position in millionths of a degree, WGS-84."""

    id: str
    taken_at: str = ""
    lon_e6: int | None = None
    lat_e6: int | None = None


@dataclass(slots=True)
class Sent:
    """What came of it."""

    number: str
    code: str
    place: str
    joined: bool = False


@dataclass(slots=True)
class Draft:
    """Everything said so far. A position is in degrees, WGS-84; ``origin`` says where it comes from."""

    token: str
    command_id: str
    visitor: str
    description: str = ""
    photos: list[DraftPhoto] = field(default_factory=list)
    address: str = ""
    query: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    origin: str = ""
    side: str = ""
    view: str = ""
    name: str = ""
    phone: str = ""
    wants: str = ""
    join: str = ""
    """The record that the visitor took for theirs, as 32 hexadecimal digits; empty for a report of its own."""
    sent: Sent | None = None

    @property
    def has_point(self) -> bool:
        """Whether a position is known."""
        return self.lon is not None and self.lat is not None

    @property
    def has_place(self) -> bool:
        """Whether the second question is answered, be it in words alone."""
        return bool(self.has_point or self.place or self.address.strip())

    def forget_point(self) -> None:
        """Take the position back."""
        self.lon = self.lat = None
        self.origin = self.side = ""


def new_start() -> str:
    """What the first page carries, so that sending it twice begins one draft."""
    return signing.dumps(uuid.uuid4().hex, salt=START_SALT)


def begin(start: str) -> Draft:
    """A fresh draft for a first page; one that is too old or not ours begins anew."""
    try:
        token = str(signing.loads(start, salt=START_SALT, max_age=START_AGE))
    except signing.BadSignature:
        token = uuid.uuid4().hex
    return Draft(token, str(uuid.uuid4()), secrets.token_hex(16))


def load(request: HttpRequest, token: str) -> Draft | None:
    """The draft of this session with this token."""
    sealed = request.session.get(SESSION_KEY, {}).get(token)
    if not sealed:
        return None
    try:
        data: dict[str, Any] = json.loads(_cipher(token).open_bytes(base64.b64decode(sealed)))
    except (KeyFault, ValueError):
        return None
    photos = [DraftPhoto(**photo) for photo in data.pop("photos")]
    sent = data.pop("sent")
    return Draft(**data, photos=photos, sent=Sent(**sent) if sent else None)


def save(request: HttpRequest, draft: Draft) -> None:
    """Keep a draft in the session."""
    held = dict(request.session.get(SESSION_KEY, {}))
    held.pop(draft.token, None)
    sealed = _cipher(draft.token).seal_bytes(json.dumps(asdict(draft), ensure_ascii=False).encode())
    held[draft.token] = base64.b64encode(sealed).decode()
    for token in list(held)[:-MOST]:
        del held[token]
    request.session[SESSION_KEY] = held


def finish(request: HttpRequest, draft: Draft, sent: Sent) -> None:
    """Keep number and code for the last page, and nothing else of what was said."""
    save(request, Draft(draft.token, draft.command_id, draft.visitor, wants=draft.wants, sent=sent))


def page_before(draft: Draft) -> str:
    """The page to go to before one that needs words and place (done, what, where); empty when both are there."""
    if draft.sent:
        return "done"
    if not draft.description.strip():
        return "what"
    return "" if draft.has_place else "where"


def forget_sent(request: HttpRequest, number: str) -> None:
    """Forget the last page of a report with this number."""
    held = dict(request.session.get(SESSION_KEY, {}))
    for token in list(held):
        draft = load(request, token)
        if draft is None or (draft.sent and draft.sent.number == number):
            del held[token]
    request.session[SESSION_KEY] = held


def _cipher(token: str) -> Cipher:
    return Cipher(keyed_hash(b"public draft/" + token.encode()), 0, uuid.UUID(token))
