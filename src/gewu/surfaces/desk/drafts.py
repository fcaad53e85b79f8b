"""What somebody typed and has not sent yet: sealed for them by the server, kept by their browser's tab, stored nowhere.

A reload or the end of a session must not cost a caller's words, and a shared computer must not keep them (ADR 0034). So
the tab holds a text that only this person can have opened again, for some hours, and the server holds nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

HOURS = 12
"""How long a draft can be opened: a shift."""
LONGEST = 40_000
_NONCE = 12


@functools.cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(hashlib.blake2b(secret.encode(), digest_size=32, person=b"gewu-desk-draft").digest())


def seal(fields: Mapping[str, str], whose: str, now: float | None = None) -> str:
    """Fields by name as a token for the browser, bound to whose they are. Raises ``ValueError`` for one too long."""
    body = json.dumps({"at": int(now or time.time()), "fields": dict(fields)}, ensure_ascii=False).encode()
    if len(body) > LONGEST:
        raise ValueError("a draft is longer than a form can be")
    nonce = os.urandom(_NONCE)
    return base64.urlsafe_b64encode(nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, body, whose.encode())).decode()


def unseal(token: str, whose: str, now: float | None = None) -> tuple[dict[str, str], int] | None:
    """The fields and when they were sealed; None for a draft that is too old, altered, or somebody else's."""
    if not token or len(token) > LONGEST * 2:
        return None
    try:
        sealed = base64.urlsafe_b64decode(token)
        body = json.loads(_cipher(settings.SECRET_KEY).decrypt(sealed[:_NONCE], sealed[_NONCE:], whose.encode()))
    except (ValueError, InvalidTag):
        return None
    at = int(body["at"])
    if not 0 <= int(now or time.time()) - at <= HOURS * 3600:
        return None
    return {str(name): str(value) for name, value in body["fields"].items()}, at
