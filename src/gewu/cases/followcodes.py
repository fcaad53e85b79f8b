"""The code that opens a report to whoever made it or joined it: derived by the house's key, stored nowhere."""

from __future__ import annotations

import base64
import hmac
from uuid import UUID

from gewu.cases.queries import joins_of
from gewu.ledger.keys import keyed_hash

CODE_LENGTH = 8


def follow_code(district_id: int, record_id: UUID, joined: int = 0) -> str:
    """The code that, with the case number, opens a report to its reporter. Derived, so that it is stored nowhere.

    ``joined`` is the event by which a further person joined: each has a code of their own.
    """
    who = b"/%d" % joined if joined else b""
    digest = keyed_hash(b"follow/%d/" % district_id + record_id.bytes + who)
    return base64.b32encode(digest).decode()[:CODE_LENGTH]


def check_follow_code(district_id: int, record_id: UUID, code: str) -> bool:
    """Whether it is the first reporter's code. Constant-time comparison, forgiving of case and spaces."""
    return hmac.compare_digest(_plain_code(code), follow_code(district_id, record_id).encode())


def follower(district_id: int, record_id: UUID, code: str) -> int | None:
    """Whose code it is: 0 the first reporter's, else the event by which somebody joined; None: nobody's.

    One statement at most; codes are compared in constant time.
    """
    if check_follow_code(district_id, record_id, code):
        return 0
    given = _plain_code(code)
    found = None
    for seq in joins_of(district_id, record_id):
        if hmac.compare_digest(given, follow_code(district_id, record_id, seq).encode()):
            found = seq
    return found


def _plain_code(code: str) -> bytes:
    return "".join(code.split()).replace("-", "").upper().encode()
