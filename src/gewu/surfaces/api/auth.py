"""Logging in and out, the acting post, tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import auth
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import Router, Status

from gewu.home.middleware import comes_with_token
from gewu.registry import people
from gewu.registry.models import ApiToken, Post
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.errors import invalid
from gewu.surfaces.api.identity import SESSION_POST, Who, who, who_of
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.show import Show
from gewu.surfaces.signin import door, secondfactor
from gewu.surfaces.throttle import budgets

router = Router(tags=["identity"])
_MOST_DAYS = 400


def me_of(found: Who) -> o.MeOut:
    """Who asks, as an answer."""
    directory = found.directory
    show = Show(directory, found.language)
    person = found.person
    name = None
    if person is not None:
        chinese = found.language.startswith("zh")
        name = o.Named(code=person.login, name=(person.name_zh if chinese else person.name_en) or person.login)
    return o.MeOut(
        district=o.Named(code=directory.district.code, name=directory.district.name(found.language)),
        timezone=directory.district.timezone,
        person=name,
        post=show.post(found.post),
        posts=[show.post(post) for post in found.posts],
    )


@router.post("/session", response={201: o.MeOut}, auth=None, operation_id="log_in")
def log_in(request: HttpRequest, body: i.LoginIn) -> Any:
    """Log in with a session cookie. Changing requests then need the cookie gewu_csrf as header X-CSRFToken."""
    if comes_with_token(request):
        raise ProblemError("bad_request")
    login = body.login.strip()
    budgets.spend_login(request, login)
    person = people.authenticate(login, body.password)
    if person is None:
        raise ProblemError("bad_login")
    if body.post is not None and people.actor_post(person, body.post) is None:
        raise ProblemError("no_post")
    proved = secondfactor.is_on(person)
    if proved and not (body.code and secondfactor.check(person, body.code)):
        raise ProblemError("second_factor")
    door.begin(request, person)
    if proved:
        request.session[secondfactor.SESSION_MARK] = True
    if body.post is not None:
        request.session[SESSION_POST] = body.post
    try:
        found = who_of(request, person)
    except ProblemError:
        auth.logout(request)
        raise
    budgets.forgive_login(request, login)
    get_token(request)  # so that the cookie comes along
    return Status(201, me_of(found))


@router.delete("/session", response={204: None}, operation_id="log_out")
def log_out(request: HttpRequest) -> Any:
    """End the session."""
    if who(request).person is None:
        raise ProblemError("bad_request")
    auth.logout(request)
    return Status(204, None)


@router.get("/me", response=o.MeOut, operation_id="me")
def me(request: HttpRequest) -> o.MeOut:
    """Person, acting post and the posts that may be chosen."""
    return me_of(who(request))


@router.post("/session/post", response=o.MeOut, operation_id="change_post")
def change_post(request: HttpRequest, body: i.PostChoiceIn) -> o.MeOut:
    """Act for another of one's own posts from now on."""
    found = who(request)
    if found.person is None or all(post.post_code != body.post for post in found.posts):
        raise ProblemError("no_post")
    request.session[SESSION_POST] = body.post
    return me_of(who_of(request, found.person))


@router.get("/tokens", response=o.Tokens, operation_id="list_tokens")
def list_tokens(request: HttpRequest) -> o.Tokens:
    """The live tokens of the acting post; an administrator sees those of the whole district."""
    found = who(request)
    live = ApiToken.objects.filter(district_id=found.district_id, revoked_at=None, expires_at__gt=timezone.now())
    if not found.has("administrator"):
        live = live.filter(post_id=found.post.post_id)
    show = Show(found.directory, found.language)
    return o.Tokens(
        items=[
            o.LiveTokenOut(
                prefix=token.prefix,
                name=token.name,
                post=token.post.code,
                created=show.here(token.created_at),
                expires=show.here(token.expires_at),
            )
            for token in live.select_related("post")[:200]
        ]
    )


@router.post("/tokens", response={201: o.TokenOut}, operation_id="issue_token")
def issue_token(request: HttpRequest, body: i.TokenIn) -> Any:
    """Issue a token for the acting post, for at most 400 days. The text is shown this once. Needs a session."""
    found = who(request)
    if found.person is None:
        raise ProblemError("not_allowed", _only_session(found.language))
    post = Post.objects.get(pk=found.post.post_id)
    if (body.expires - timezone.now()).days > _MOST_DAYS:
        raise invalid(request, ("expires", "too_far"))
    try:
        text = people.issue_token(post, body.name, body.expires)
    except people.TokenError as error:
        fault = ("name", "required") if not body.name.strip() else ("expires", "past")
        raise invalid(request, fault) from error
    prefix = text.split("_", 2)[1]
    return Status(201, o.TokenOut(prefix=prefix, token=text, name=body.name.strip(), expires=body.expires))


@router.delete("/tokens/{prefix}", response={204: None}, operation_id="revoke_token")
def revoke_token(request: HttpRequest, prefix: str) -> Any:
    """End a token of one's own post; an administrator ends any of the district."""
    found = who(request)
    if not (prefix.isascii() and prefix.isalnum()):
        raise ProblemError("not_found", _no_token(found.language))
    own = ApiToken.objects.filter(prefix=prefix, district_id=found.district_id, revoked_at=None)
    if not found.has("administrator"):
        own = own.filter(post_id=found.post.post_id)
    if not own.exists() or not people.revoke_token(prefix):
        raise ProblemError("not_found", _no_token(found.language))
    return Status(204, None)


def _only_session(language: str) -> str:
    if language.startswith("zh"):
        return "签发令牌须由本人登录后办理，令牌不能再签发令牌。"
    return "A token is issued by a person who is logged in; a token cannot issue another."


def _no_token(language: str) -> str:
    if language.startswith("zh"):
        return "您的岗位没有此有效令牌。"
    return "Your post has no live token with this prefix."
