"""Budgets of attempts, shared by all processes: who knocks too often waits.

A budget of ``attempts`` refills evenly over ``seconds`` (the generic cell rate algorithm: one instant per key, one
statement per attempt, no counters to reset). Keys are keyed hashes, so that the table tells no address and no login.
Whole mobile networks come from one address: the budgets are for programs, not for people.
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

SECOND_FACTOR = Budget("second-factor", 20, 14_400)
"""Codes that are tried for one person, from anywhere. Three of a million fit at a time: guessing takes years."""

REPORT = Budget("report", 20, 1200)
"""Reports without a login from one address, by the API."""
FOLLOW = Budget("follow", 60, 600)
"""Look-ups by number and code from one address, by the API."""
FOLLOW_NUMBER = Budget("follow-number", 20, 3600)
"""Wrong codes on one number from anywhere."""

SEND = Budget("send", 30, 3600)
"""Reports that are sent from the public pages."""
UPLOAD = Budget("upload", 150, 3600)
"""Forms with words or photos that are taken in before a report is sent."""
LOOK = Budget("look", 120, 600)
"""Numbers that are looked up on the public pages."""
WRONG = Budget("wrong", 15, 600)
"""Wrong pairs of number and code. A code has 40 bits: guessing at this pace takes longer than the case."""
PICTURE = Budget("picture", 300, 600)
"""Photos that are made small for a page."""
BOARD = Budget("board", 300, 600)
"""Notice boards that are looked at: there are hundreds, and programs have the API."""
SAY = Budget("say", 30, 3600)
"""Notes and opinions on a report."""

VOTE = Budget("vote", 3000, 600)
"""Pages and ballots of delegates: a whole hall stands behind one address, and all of it votes in the same minute."""
VOTE_WRONG = Budget("vote-wrong", 120, 600)
"""Wrong voting codes from one address. A code has 59 bits: guessing at this pace finds none."""

OPEN311_READ = Budget("open311-read", 1200, 600)
"""Questions by Open311 from one address."""
OPEN311_FILE = Budget("open311-file", 600, 3600)
"""Requests that are filed by Open311 with one key: an application speaks for many residents."""
OPEN311_KEY = Budget("open311-key", 30, 600)
"""Wrong Open311 keys from one address."""


class TooMany(Exception):
    """The budget is used up; trying again makes sense after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; wait {seconds} s")
        self.seconds = seconds


def spend(budget: Budget, *subject: str) -> None:
    """Take one attempt from the budget of a subject. Raises ``TooMany``; then nothing was taken.

    One statement; one more, that clears away what is over, when the subject is new.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH b AS (SELECT make_interval(secs => %(step)s) AS step, make_interval(secs => %(most)s) AS most),"
            " taken AS (INSERT INTO throttle_budget AS t (key, full_at) SELECT %(key)s, now() + step FROM b"
            " ON CONFLICT (key) DO UPDATE SET full_at = greatest(t.full_at, now()) + make_interval(secs => %(step)s)"
            " WHERE greatest(t.full_at, now()) - now() <= make_interval(secs => %(most)s - %(step)s)"
            " RETURNING t.xmax = 0 AS fresh)"
            " SELECT (SELECT fresh FROM taken),"
            " (SELECT extract(epoch FROM full_at + step - most - now()) FROM throttle_budget, b WHERE key = %(key)s)",
            {"key": _key(budget, subject), "step": budget.seconds / budget.attempts, "most": budget.seconds},
        )
        fresh, wait = cursor.fetchone()
    if fresh is None:
        raise TooMany(max(1, math.ceil(wait or 0)))
    if fresh:
        _sweep()


def check(budget: Budget, *subject: str) -> None:
    """Raise ``TooMany`` when the budget of a subject is used up already; takes nothing. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM full_at - now()) FROM throttle_budget WHERE key = %s", [_key(budget, subject)]
        )
        row = cursor.fetchone()
    over = float(row[0]) + budget.seconds / budget.attempts - budget.seconds if row else 0.0
    if over > 0:
        raise TooMany(max(1, math.ceil(over)))


def forgive(budget: Budget, *subject: str) -> None:
    """Give a subject its whole budget back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM throttle_budget WHERE key = %s", [_key(budget, subject)])


def spend_here(request: HttpRequest, budget: Budget) -> None:
    """Take one attempt from the budget of the address that asks. Raises ``TooMany``."""
    spend(budget, address_of(request))


def check_here(request: HttpRequest, budget: Budget) -> None:
    """Raise ``TooMany`` when the budget of the address that asks is used up already; takes nothing."""
    check(budget, address_of(request))


def _sweep() -> None:
    """Drop budgets that are whole again anyway, and sessions (with their unsent drafts) that are over.

    Rows that somebody else holds are left to the next one: two sweeps never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH whole AS (DELETE FROM throttle_budget WHERE key IN (SELECT key FROM throttle_budget"
            " WHERE full_at < now() - interval '1 hour' FOR UPDATE SKIP LOCKED))"
            " DELETE FROM django_session WHERE session_key IN (SELECT session_key FROM django_session"
            " WHERE expire_date < now() FOR UPDATE SKIP LOCKED)"
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


def address_of(request: HttpRequest) -> str:
    """The address a request comes from; of IPv6 the /64 that one household has.

    Behind a proxy that is declared (a public https address) it is the one that the proxy names.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        # The last entry is the one that our own proxy wrote; those before it are whatever the visitor sent.
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def _key(budget: Budget, subject: tuple[str, ...]) -> bytes:
    return keyed_hash("\0".join(("throttle", budget.name, *subject)).encode())
