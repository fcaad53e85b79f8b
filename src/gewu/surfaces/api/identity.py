"""Who asks: a program with a token, or a person with the session cookie that the pages use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from gewu.cases.services import acting_of
from gewu.home.middleware import comes_with_token
from gewu.ledger.door import Acting
from gewu.registry import people
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Person
from gewu.registry.people import ActorPost
from gewu.surfaces.api.problems import ProblemError, language_of
from gewu.surfaces.signin.secondfactor import lacks

SESSION_POST = "desk_post"
"""Where the session keeps the code of the post that the person acts for; the pages use the same."""


@dataclass(frozen=True, slots=True)
class Who:
    """The acting identity of a request. ``person`` is None for a program; ``posts`` are those it may change to."""

    post: ActorPost
    acting: Acting
    posts: tuple[ActorPost, ...]
    person: Person | None
    language: str

    @property
    def district_id(self) -> int:
        return self.post.district_id

    @property
    def directory(self) -> Directory:
        return get_directory(self.post.district_id)

    def has(self, *roles: str) -> bool:
        """Whether the post has one of these roles."""
        return not self.acting.actor.roles.isdisjoint(roles)


class TokenAuth(HttpBearer):
    """``Authorization: Bearer gewu_...``"""

    def authenticate(self, request: HttpRequest, token: str) -> Who | None:
        """Whoever the token acts as; None ends in 401."""
        post = people.resolve_token(token.strip())
        return Who(post, acting_of(post), (post,), None, language_of(request)) if post else None


class SessionAuth(APIKeyCookie):
    """The session cookie of the pages; anything but a question needs the CSRF token too."""

    param_name = "gewu_session"

    def __call__(self, request: HttpRequest) -> Who | None:
        """Whoever is logged in; None ends in 401."""
        if comes_with_token(request) or not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise ProblemError("csrf")
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Who | None:
        """The person at the post that the session names, else at their first."""
        person = request.user
        return who_of(request, person) if isinstance(person, Person) else None


def who_of(request: HttpRequest, person: Person) -> Who:
    """The person at the post of the session.

    Raises ``ProblemError`` when they hold none today, when they came in with a first password and did not change
    it yet, or when the post asks for a second factor that was not shown.
    """
    posts = people.posts_today(person)
    if not posts:
        raise ProblemError("no_post")
    if person.first_password_until is not None:
        raise ProblemError("first_password")
    wanted = request.session.get(SESSION_POST)
    post = next((p for p in posts if p.post_code == wanted), posts[0])
    if lacks(request, post):
        raise ProblemError("second_factor_missing")
    return Who(post, acting_of(post), posts, person, language_of(request))


def who(request: HttpRequest) -> Who:
    """The identity that authentication found."""
    found: Any = getattr(request, "auth", None)
    assert isinstance(found, Who), "this address has no authentication"
    return found
