"""People and how they come in: made, locked and unlocked, given a first password. Nobody is ever deleted."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from gewu.registry import models as m
from gewu.registry import sessions
from gewu.registry.administration.changes import By, Refused, note, today_in
from gewu.registry.administration.rows import NOBODY_LEFT, own_faults

FIRST_FOR = timedelta(hours=72)
"""How long a first password may be used."""
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@\-]{1,63}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
TOPIC = "people"


def first_password(district: m.District, person: m.Person, by: By) -> tuple[str, datetime]:
    """A password to be handed over, and until when it may be used; sessions end. It is not to be had again."""
    text = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    until = timezone.now() + FIRST_FOR
    with transaction.atomic():
        m.Person.objects.filter(pk=person.pk).update(password=make_password(text), first_password_until=until)
        sessions.end_all(m.Person.objects.filter(pk=person.pk))
        note(district, by, topic=TOPIC, verb="first_password", table="person", key=person.login)
    return text, until


def by_provider_only(district: m.District, person: m.Person, by: By) -> None:
    """Take the password away: the person comes in by the login service of the installation, or not at all."""
    with transaction.atomic():
        m.Person.objects.filter(pk=person.pk).update(password=make_password(None), first_password_until=None)
        sessions.end_all(m.Person.objects.filter(pk=person.pk))
        note(district, by, topic=TOPIC, verb="no_password", table="person", key=person.login)


def add(district: m.District, login: str, name_zh: str, name_en: str, by: By) -> m.Person:
    """A new person without a password and without a post. Raises ``Refused``."""
    login = login.strip()
    if not LOGIN.fullmatch(login):
        raise Refused([f"{login!r} is not a login: 2 to 64 letters, digits, dot, dash, underscore and @ only"])
    try:
        with transaction.atomic():
            person = m.Person.objects.create_user(login, district=district, name_en=name_en, name_zh=name_zh)
            after = {"name_zh": person.name_zh, "name_en": person.name_en}
            note(district, by, topic=TOPIC, verb="person", table="person", key=login, after=after)
    except IntegrityError:
        raise Refused([f"the login {login!r} is taken"]) from None
    return person


def rename(district: m.District, person: m.Person, name_zh: str, name_en: str, by: By) -> None:
    """Another name of the person; the login stays, for ever."""
    before = {"name_zh": person.name_zh, "name_en": person.name_en}
    after = {"name_zh": name_zh[:200], "name_en": name_en[:200]}
    if before == after:
        return
    with transaction.atomic():
        m.Person.objects.filter(pk=person.pk).update(**after)
        note(district, by, topic=TOPIC, verb="name", table="person", key=person.login, before=before, after=after)
        _tell()


def lock(district: m.District, person: m.Person, by: By, *, locked: bool) -> None:
    """Let nobody in by this login any more, at once, or again. Posts stay. Raises ``Refused``."""
    if person.is_active != locked:
        return
    with transaction.atomic():
        m.Person.objects.filter(pk=person.pk).update(is_active=not locked)
        if locked:
            sessions.end_all(m.Person.objects.filter(pk=person.pk))
            if own_faults(district, today_in(district)):
                raise Refused([NOBODY_LEFT])
        verb = "lock" if locked else "unlock"
        note(district, by, topic=TOPIC, verb=verb, table="person", key=person.login)
        _tell()


def _tell() -> None:
    from gewu.registry.versions import bump

    bump()
