"""A second factor beside the password: codes of a telephone (TOTP, RFC 6238), and recovery codes for a lost one.

The secret is sealed under the master key and bound to its row; recovery codes are kept as keyed hashes. A code is taken
once: codes of the same span of 30 seconds or of an earlier one are refused from then on, also when two requests bring
one at the same instant.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from gewu.connections.secrets import seal, unseal
from gewu.ledger.keys import keyed_hash
from gewu.registry import sessions
from gewu.registry.directory import get_directory
from gewu.registry.models import Person, RecoveryCode, SecondFactor
from gewu.registry.people import ActorPost
from gewu.surfaces.throttle import budgets

log = structlog.get_logger(__name__)
ISSUER = "Gewu"
STEP = 30
"""Seconds for which a code holds."""
DRIFT = 1
"""Spans by which the clocks of telephone and server may differ."""
CODES = 10
SESSION_MARK = "second_factor"
"""Where a session keeps that the second factor was shown in it."""
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l, o, u, which are read for others
_LENGTH = 10


@dataclass(frozen=True, slots=True)
class State:
    """Whether somebody has a second factor. ``since`` is None while it is not confirmed."""

    begun: bool = False
    since: datetime | None = None
    codes_left: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret as a telephone takes it: to be typed, as an address, and as the address of a picture (QR code)."""

    secret: str
    uri: str
    picture: str


def state_of(person: Person) -> State:
    """What a person has switched on."""
    found = SecondFactor.objects.filter(person=person).first()
    if found is None or found.confirmed_at is None:
        return State(begun=found is not None)
    return State(True, found.confirmed_at, RecoveryCode.objects.filter(person=person, used_at=None).count())


def is_on(person: Person) -> bool:
    """Whether a code is asked for when this person logs in."""
    return SecondFactor.objects.filter(person=person, confirmed_at__isnull=False).exists()


def required_for(post: ActorPost) -> bool:
    """Whether this installation lets nobody act for the post without a second factor."""
    asked: frozenset[str] = settings.SECOND_FACTOR_REQUIRED
    if not asked or "administrator" not in post.roles:
        return False
    return "required" in asked or get_directory(post.district_id).district.code in asked


def lacks(request: HttpRequest, post: ActorPost) -> bool:
    """Whether the session of a request may not act for the post, because the second factor was not shown in it."""
    return required_for(post) and not request.session.get(SESSION_MARK)


# ---- switching it on and off


def start(person: Person) -> None:
    """Make a secret that waits to be confirmed; one that waited before is forgotten. Nothing happens when it is on."""
    import pyotp

    with transaction.atomic():
        if is_on(person):
            return
        SecondFactor.objects.filter(person=person).delete()
        row = SecondFactor(person=person)
        row.key_id, row.sealed = seal(pyotp.random_base32(), person.district_id or 0, row.owner)
        row.save(force_insert=True)


def shown(person: Person) -> Shown | None:
    """The secret that waits to be confirmed; None when none waits. One that is confirmed is never shown again."""
    import pyotp
    import segno

    row = SecondFactor.objects.filter(person=person, confirmed_at=None).first()
    if row is None:
        return None
    secret = _secret(row)
    uri: str = pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=ISSUER)
    picture: str = segno.make_qr(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")
    return Shown(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), uri, picture)


def confirm(request: HttpRequest, person: Person, code: str) -> list[str]:
    """Switch it on by the first code of the telephone; returns the recovery codes, or nothing for a wrong code.

    The person's other sessions end: they began without it. Raises ``budgets.TooMany``.
    """
    budgets.spend(budgets.SECOND_FACTOR, str(person.pk))
    row = SecondFactor.objects.filter(person=person, confirmed_at=None).first()
    step = _step_of(row, code) if row is not None else None
    if step is None:
        return []
    with transaction.atomic():
        waiting = SecondFactor.objects.filter(person=person, confirmed_at=None)
        if not waiting.update(confirmed_at=timezone.now(), last_step=step):
            return []
        codes = _new_codes(person)
    budgets.forgive(budgets.SECOND_FACTOR, str(person.pk))
    request.session[SESSION_MARK] = True
    sessions.end_others(person, request.session.session_key)
    log.info("second factor on", login=person.login)
    return codes


def renew_codes(person: Person, code: str) -> list[str]:
    """Other recovery codes instead of those until now, or nothing for a wrong code. Raises ``budgets.TooMany``."""
    if not check(person, code):
        return []
    with transaction.atomic():
        return _new_codes(person)


def forget(person: Person, by: str) -> bool:
    """Switch it off and end the person's sessions; False when there was none. ``by`` is who did it, for the log."""
    found, _ = SecondFactor.objects.filter(person=person).delete()
    RecoveryCode.objects.filter(person=person).delete()
    if found:
        log.warning("second factor forgotten", login=person.login, by=by)
        sessions.end_others(person)
    return bool(found)


def switch_off(request: HttpRequest, person: Person, code: str) -> bool:
    """Switch off one's own by a code; the session that asks goes on. Raises ``budgets.TooMany``."""
    if not check(person, code):
        return False
    SecondFactor.objects.filter(person=person).delete()
    RecoveryCode.objects.filter(person=person).delete()
    request.session.pop(SESSION_MARK, None)
    log.info("second factor off", login=person.login)
    return True


# ---- codes


def check(person: Person, code: str) -> bool:
    """Take a code of the telephone or a recovery code; each is taken once. Raises ``budgets.TooMany``."""
    budgets.spend(budgets.SECOND_FACTOR, str(person.pk))
    row = SecondFactor.objects.filter(person=person, confirmed_at__isnull=False).first()
    if row is None or not (_take_step(row, code) or _take_recovery(person, code)):
        return False
    budgets.forgive(budgets.SECOND_FACTOR, str(person.pk))
    return True


def _take_step(row: SecondFactor, code: str) -> bool:
    step = _step_of(row, code)
    if step is None:
        return False
    # The condition stands in the statement: of two requests with the same code one finds nothing to change.
    return bool(SecondFactor.objects.filter(pk=row.pk, owner=row.owner, last_step__lt=step).update(last_step=step))


def _take_recovery(person: Person, code: str) -> bool:
    plain = _plain(code).lower()
    if len(plain) != _LENGTH:
        return False
    unused = RecoveryCode.objects.filter(person=person, hash=_hash(person, plain), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    log.info("recovery code used", login=person.login)
    return True


def _step_of(row: SecondFactor, code: str) -> int | None:
    """The span of 30 seconds that a code is of, if it is one of now or of the span before or after."""
    import pyotp

    plain = _plain(code)
    if len(plain) != 6 or not (plain.isascii() and plain.isdecimal()):
        return None
    totp = pyotp.TOTP(_secret(row), interval=STEP)
    now = int(time.time()) // STEP
    return next(
        (now + by for by in (0, -DRIFT, DRIFT) if secrets.compare_digest(totp.generate_otp(now + by), plain)), None
    )


def _plain(code: str) -> str:
    """A code without what people type around it; full-width digits as the others."""
    return "".join(c for c in unicodedata.normalize("NFKC", code[:40]) if c.isalnum())


def _secret(row: SecondFactor) -> str:
    return unseal(row.sealed, row.key_id, row.person.district_id or 0, row.owner)


def _new_codes(person: Person) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(person=person, hash=_hash(person, code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(person: Person, code: str) -> bytes:
    """Keyed: a code has 50 bits, which a stolen table alone must not give away to guessing."""
    return keyed_hash(f"recovery/{person.pk}/{code}".encode())
