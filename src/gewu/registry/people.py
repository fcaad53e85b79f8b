"""Who acts: logins and passwords, the posts people hold today, and the tokens of programs."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db.models import F, QuerySet
from django.utils import timezone

from gewu.core.places import Scope
from gewu.dbbackend.cursors import raw_cursor
from gewu.registry import models as m
from gewu.registry import sessions
from gewu.registry.directory import get_directory

_MARK = "gewu"
_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_LONGEST_PASSWORD = 1024


class TokenError(ValueError):
    """A token that cannot be issued; the message says why."""


@dataclass(frozen=True, slots=True)
class ActorPost:
    """The acting identity: a person at a post, or a program with a token of that post (then ``token`` is its prefix).

    ``person_id`` is None where a program acts for a post that nobody holds.
    """

    district_id: int
    person_id: int | None
    post_id: int
    post_code: str
    name_en: str
    name_zh: str
    unit_code: str
    unit_path: str
    roles: frozenset[str]
    scope: Scope
    token: str = ""

    def name(self, language: str) -> str:
        """The name of the post."""
        return self.name_zh if language.startswith("zh") else self.name_en


# ---- logging in


def authenticate(login: str, password: str) -> m.Person | None:
    """The active person with this login and password, else None. Unknown logins take as long as wrong passwords."""
    login = login.strip()
    usable = "\0" not in login and len(password) <= _LONGEST_PASSWORD
    person = m.Person.objects.filter(login=login).select_related("district").first() if usable and login else None
    if person is None:
        make_password(password[:_LONGEST_PASSWORD])
        return None
    if not person.check_password(password):
        wrong = m.Person.objects.filter(pk=person.pk)
        wrong.update(failed_logins=F("failed_logins") + 1, failed_at=timezone.now())
        return None
    if not person.is_active:
        return None
    if person.failed_logins:
        m.Person.objects.filter(pk=person.pk).update(failed_logins=0)
    if person.first_password_until is not None and person.first_password_until <= timezone.now():
        return None
    return person


def set_password(login: str, password: str, *, keep: str | None = None) -> None:
    """Give a person another password and end their sessions, but not the one with the key ``keep``.

    Raises ``Person.DoesNotExist``, and ``ValueError`` for an empty password.
    """
    if not password or len(password) > _LONGEST_PASSWORD:
        raise ValueError(f"a password has 1 to {_LONGEST_PASSWORD} characters")
    found = m.Person.objects.filter(login=login)
    if not found.update(password=make_password(password), first_password_until=None):
        raise m.Person.DoesNotExist(f"there is no login {login!r}")
    sessions.end_all(m.Person.objects.filter(login=login), keep=keep)


def set_passwords(district: m.District, password: str, logins: Iterable[str] | None = None) -> int:
    """Give everybody in a district (or these logins) the same password, for demonstrations; returns how many.

    Their sessions end. Hashed once: with a careful hasher hundreds of logins would otherwise take a minute.
    """
    people = m.Person.objects.filter(district=district)
    if logins is not None:
        people = people.filter(login__in=list(logins))
    sessions.end_all(people)
    return people.update(password=make_password(password), first_password_until=None)


# ---- posts


def posts_today(person: m.Person, today: date | None = None) -> tuple[ActorPost, ...]:
    """The posts that a person may act for today (the date in each post's district), by code. One statement."""
    rows = _with_all(m.Post.objects.filter(person=person, person__is_active=True))
    return tuple(_placed(_actor(post)) for post in rows.order_by("code") if _serves(post, today))


def actor_post(person: m.Person, post_code: str, today: date | None = None) -> ActorPost | None:
    """One of the person's posts of today by code, or None. One statement."""
    rows = _with_all(m.Post.objects.filter(person=person, person__is_active=True, code=post_code))
    return next((_placed(_actor(post)) for post in rows if _serves(post, today)), None)


def actor_for(post: m.Post) -> ActorPost:
    """The acting identity of a post, whether or not it is valid today: for imports and demonstrations."""
    return _actor(_with_all(m.Post.objects.filter(pk=post.pk)).get())


def _with_all(posts: QuerySet[m.Post]) -> QuerySet[m.Post]:
    return posts.select_related("district", "unit", "role", "person").defer("district__bounds_source")


def _serves(post: m.Post, today: date | None) -> bool:
    """Whether the post and its unit are valid on a day (else today in the district)."""
    day = today or datetime.now(ZoneInfo(post.district.timezone)).date()
    return all(_valid((row.retired_on, row.valid_from, row.valid_to), day) for row in (post, post.unit))


def _placed(actor: ActorPost) -> ActorPost:
    """The actor at the unit that stands today in the place of the post's own, after a reform."""
    directory = get_directory(actor.district_id)
    post = directory.posts.get(actor.post_code)
    unit = directory.units.get(post.unit) if post is not None and post.unit != actor.unit_code else None
    return replace(actor, unit_code=unit.code, unit_path=unit.path) if unit is not None else actor


def _valid(span: tuple[date | None, date | None, date | None], day: date) -> bool:
    """Whether a row that was retired, begins and ends on these days is valid on a day."""
    retired_on, valid_from, valid_to = span
    return retired_on is None and (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def _actor(post: m.Post) -> ActorPost:
    return ActorPost(
        district_id=post.district_id,
        person_id=post.person_id,
        post_id=post.pk,
        post_code=post.code,
        name_en=post.name_en,
        name_zh=post.name_zh,
        unit_code=post.unit.code,
        unit_path=post.unit.path,
        roles=frozenset({post.role.code}),
        scope=Scope(tuple(post.scope_prefixes), frozenset(post.scope_areas)),
    )


# ---- tokens


def issue_token(post: m.Post, name: str, expires: datetime) -> str:
    """A new token for a program that acts as ``post``; the text is returned once and never stored.

    Raises ``TokenError`` for an empty name, an expiry that is past, or one without a time zone.
    """
    if not name.strip():
        raise TokenError("a token needs a name that says which program uses it")
    if expires.tzinfo is None:
        raise TokenError("the expiry has no time zone, so it names no instant")
    if expires <= timezone.now():
        raise TokenError(f"the expiry {expires.isoformat()} is past")
    prefix = secrets.token_hex(_PREFIX_BYTES)
    plaintext = f"{_MARK}_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    m.ApiToken.objects.create(
        prefix=prefix,
        hash=_digest(plaintext),
        name=name.strip()[:200],
        district_id=post.district_id,
        post=post,
        expires_at=expires.astimezone(UTC),
    )
    return plaintext


def resolve_token(plaintext: str) -> ActorPost | None:
    """Who a token acts as; None for an unknown, revoked or expired one, or one whose post is over. One statement."""
    parts = plaintext.split("_", 2)
    if len(parts) != 3 or parts[0] != _MARK or not plaintext.isascii() or not parts[1].isalnum():
        return None
    with raw_cursor() as cursor:
        cursor.execute(_BY_PREFIX, [parts[1], timezone.now()])
        found = cursor.fetchone()
    # Compared also when there is none, so that the time tells nothing about prefixes.
    stored = found[0] if found else _digest("")
    if not hmac.compare_digest(stored, _digest(plaintext)) or found is None:
        return None
    _, prefix, active, zone = found[:4]
    day = datetime.now(ZoneInfo(zone)).date()
    if active is False or not (_valid(found[4:7], day) and _valid(found[7:10], day)):
        return None
    post_id, code, name_en, name_zh, person, prefixes, areas, role, unit, path, home = found[10:]
    actor = ActorPost(
        district_id=home,
        person_id=person,
        post_id=post_id,
        post_code=code,
        name_en=name_en,
        name_zh=name_zh,
        unit_code=unit,
        unit_path=path,
        roles=frozenset({role}),
        scope=Scope(tuple(json.loads(prefixes)), frozenset(json.loads(areas))),
        token=prefix,
    )
    return _placed(actor)


# Written out and kept prepared: a token comes with every request of a program. Putting the statement together took most
# of its time here, planning it most of its time on the server.
_BY_PREFIX = """
    SELECT t.hash, t.prefix, h.is_active, d.timezone, p.retired_on, p.valid_from, p.valid_to,
           u.retired_on, u.valid_from, u.valid_to, p.id, p.code, p.name_en, p.name_zh, p.person_id, p.scope_prefixes,
           p.scope_areas, r.code, u.code, u.path, d.id
    FROM registry_apitoken t JOIN registry_post p ON p.id = t.post_id JOIN registry_unit u ON u.id = p.unit_id
    JOIN registry_role r ON r.id = p.role_id JOIN registry_district d ON d.id = p.district_id
    LEFT JOIN registry_person h ON h.id = p.person_id
    WHERE t.prefix = $1 AND t.revoked_at IS NULL AND t.expires_at > $2"""


def revoke_token(prefix: str) -> bool:
    """End a token now. False when there is none with this prefix that still lives."""
    return bool(m.ApiToken.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=timezone.now()))


def _digest(plaintext: str) -> str:
    """SHA-256 is enough for 256 random bits: nobody can guess what slow hashing protects."""
    return hashlib.sha256(plaintext.encode()).hexdigest()
