"""Budgets of attempts, shared by all processes: who knocks too often waits.

A budget of ``attempts`` refills evenly over ``seconds`` (the generic cell rate algorithm: one instant per key, one
statement per attempt, no counters to reset). Keys are keyed hashes, so that the table tells no address and no login.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from gewu.ledger.keys import keyed_hash


@dataclass(frozen=True, slots=True)
class Budget:
    """``attempts`` at once, refilled within ``seconds``."""

    name: str
    attempts: int
    seconds: int


LOGIN_HERE = Budget("login-here", 10, 600)
"""Attempts on one login from one address."""
LOGIN = Budget("login", 60, 3600)
"""Attempts on one login from anywhere: generous, so that strangers cannot easily lock somebody out."""
ADDRESS = Budget("address", 120, 600)
"""Attempts on any login from one address: an office may stand behind it."""
REPORT = Budget("report", 20, 1200)
"""Reports without a login from one address."""
FOLLOW = Budget("follow", 60, 600)
"""Look-ups by number and code from one address."""
FOLLOW_NUMBER = Budget("follow-number", 20, 3600)
"""Wrong codes on one number from anywhere."""


class TooMany(Exception):
    """The budget is used up; trying again makes sense after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; wait {seconds} s")
        self.seconds = seconds


def spend(budget: Budget, *subject: str) -> None:
    """Take one attempt from the budget of a subject. Raises ``TooMany``; then nothing was taken. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH b AS (SELECT make_interval(secs => %(step)s) AS step, make_interval(secs => %(most)s) AS most),"
            " taken AS (INSERT INTO api_throttle AS t (key, full_at) SELECT %(key)s, now() + step FROM b"
            " ON CONFLICT (key) DO UPDATE SET full_at = greatest(t.full_at, now()) + make_interval(secs => %(step)s)"
            " WHERE greatest(t.full_at, now()) - now() <= make_interval(secs => %(most)s - %(step)s) RETURNING 1)"
            " SELECT EXISTS (SELECT FROM taken),"
            " (SELECT extract(epoch FROM full_at + step - most - now()) FROM api_throttle, b WHERE key = %(key)s)",
            {"key": _key(budget, subject), "step": budget.seconds / budget.attempts, "most": budget.seconds},
        )
        taken, wait = cursor.fetchone()
    if not taken:
        raise TooMany(max(1, math.ceil(wait or 0)))


def forgive(budget: Budget, *subject: str) -> None:
    """Give a subject its whole budget back, and drop the budgets that are whole again anyway."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM api_throttle WHERE key = %s OR full_at < now() - interval '1 hour'", [_key(budget, subject)]
        )


def spend_login(request: HttpRequest, login: str) -> None:
    """Call before a password is looked at. Raises ``TooMany``."""
    address = address_of(request)
    spend(ADDRESS, address)
    spend(LOGIN, login)
    spend(LOGIN_HERE, login, address)


def forgive_login(request: HttpRequest, login: str) -> None:
    """Call after a password was right."""
    forgive(LOGIN_HERE, login, address_of(request))


def _key(budget: Budget, subject: tuple[str, ...]) -> bytes:
    return keyed_hash("\0".join(("throttle", budget.name, *subject)).encode())


def address_of(request: HttpRequest) -> str:
    """The address a request comes from; of IPv6 the /64 that one household has.

    Behind a proxy that is declared (a public https address) it is the one that the proxy names.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
