"""Logging in, choosing a post, logging out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gewu.home import instance
from gewu.home.layout import Home
from gewu.registry import models
from gewu.registry.directory import get_directory
from gewu.registry.people import ActorPost, authenticate, posts_today
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import SESSION_POST, acting_post, language, take_post
from gewu.surfaces.look.dates import span_words
from gewu.surfaces.look.forms import Field
from gewu.surfaces.signin import door, oidc, secondfactor, waiting
from gewu.surfaces.throttle import budgets


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A login of a demonstration."""

    login: str
    password: str
    title: str


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Login and password; then the post, if the person holds several."""
    target = target_of(request)
    error, name, status = "", "", 200
    if request.method == "POST":
        name = request.POST.get("login", "").strip()[:150]
        person, wait = _known(request, name)
        if wait:
            span = span_words(wait, language())
            error, status = _("Too many attempts with this login. Wait %(time)s, then try again.") % {"time": span}, 429
        elif person is None:
            error, status = _("Login or password is wrong. Check both; capital letters count in the password."), 422
        else:
            return enter_by(request, person, target, name)
    elif "no_post" in request.GET:
        error = _("Your post has ended, so you were logged out. Ask the people who run this system.")
    return login_page(request, error, status, name)


def login_page(request: HttpRequest, error: str = "", status: int = 200, name: str = "") -> HttpResponse:
    """The page on which people log in, perhaps with what went wrong."""
    fields = [
        Field("login", _("Login"), value=name, required=True, attrs={"autocomplete": "username", "autofocus": ""}),
        Field("password", _("Password"), "password", required=True, attrs={"autocomplete": "current-password"}),
    ]
    target = target_of(request)
    provider = oidc.provider()
    context = {
        "fields": fields,
        "error": error,
        "next": target,
        "demo": _demo_logins(),
        "provider": (provider.name or _("single sign-on")) if provider else "",
        "provider_url": _with("desk:oidc", target) if provider else "",
    }
    return render(request, "desk/login.html", context, status=status)


def enter_by(request: HttpRequest, person: models.Person, target: str, name: str = "") -> HttpResponse:
    """Let in somebody of whom is known who they are; whoever has a second factor is asked for it first."""
    posts = posts_today(person)
    if not posts:
        error = _("This login holds no post today. Ask the people who run this system.")
        return login_page(request, error, 422, name)
    if secondfactor.is_on(person):
        waiting.put(request, person)
        return redirect(_with("desk:login-code", target))
    door.begin(request, person)
    return _enter(request, posts, target)


def _known(request: HttpRequest, name: str) -> tuple[models.Person | None, int]:
    """The person whose password was given, if it is right; and how many seconds to wait after too many attempts."""
    try:
        budgets.spend_login(request, name)
    except budgets.TooMany as error:
        return None, error.seconds
    person = authenticate(name, request.POST.get("password", ""))
    if person is not None:
        budgets.forgive_login(request, name)
    return person, 0


def _enter(request: HttpRequest, posts: tuple[ActorPost, ...], target: str) -> HttpResponse:
    if len(posts) == 1:
        take_post(request, posts[0])
        return redirect(target or "desk:home")
    return redirect(_with("desk:post", target))


def _with(name: str, target: str) -> str:
    """A page that leads on to where one wanted to go."""
    return f"{reverse(name)}?{urlencode({'next': target})}" if target else reverse(name)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The second factor, after a right password."""
    target, person = target_of(request), waiting.get(request)
    if person is None:
        return redirect(_with("desk:login", target))
    error, status = "", 200
    if request.method == "POST":
        try:
            if secondfactor.check(person, request.POST.get("code", "")):
                posts = posts_today(person)
                waiting.drop(request)
                if not posts:
                    return redirect("desk:login")
                door.begin(request, person)
                request.session[secondfactor.SESSION_MARK] = True
                return _enter(request, posts, target)
            error, status = _("This code does not hold, or was used before. Wait for the next one and type that."), 422
        except budgets.TooMany as wait:
            span = span_words(wait.seconds, language())
            error, status = _("Too many attempts. Wait %(time)s, then try again.") % {"time": span}, 429
    attrs = {"autocomplete": "one-time-code", "autofocus": "", "maxlength": "40", "spellcheck": "false"}
    hint = _("Six digits from the app on your telephone. If it is lost, one of your recovery codes.")
    fields = [Field("code", _("One-time code"), required=True, hint=hint, attrs=attrs)]
    context = {"fields": fields, "error": error, "next": target, "login": person.login}
    return render(request, "desk/login_code.html", context, status=status)


def target_of(request: HttpRequest) -> str:
    """Where to go afterwards: only within this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    fits = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if fits and not target.startswith(("/desk/login", "/desk/post", "/desk/logout")) else ""


def _demo_logins() -> list[DemoLogin]:
    """The logins of a demonstration, by role; none on an installation that is not one."""
    found = instance.read(Home.current())
    passwords = found.demo_passwords if found else {}
    if not passwords:
        return []
    code = language()
    posts = models.Post.objects.filter(person__login__in=passwords, retired_on=None)
    order = list(passwords)
    rows = sorted(
        posts.select_related("person"), key=lambda post: order.index(post.person.login) if post.person else -1
    )
    return [
        DemoLogin(
            post.person.login,
            passwords[post.person.login],
            names.typeset(post.name_zh if code.startswith("zh") else post.name_en, code),
        )
        for post in rows
        if post.person is not None
    ]


@never_cache
@require_http_methods(["GET", "POST"])
def choose_post(request: HttpRequest) -> HttpResponse:
    """Choose for which post to act; also to change it during the day."""
    if not request.user.is_authenticated:
        return redirect("desk:login")
    posts = posts_today(request.user)
    target = target_of(request)
    error = ""
    if request.method == "POST":
        chosen = next((p for p in posts if p.post_code == request.POST.get("post")), None)
        if chosen is not None:
            take_post(request, chosen)
            return redirect(target or "desk:home")
        error = _("Choose one of your posts.")
    code = language()
    shown = [(p.post_code, names.typeset(p.name(code), code), _unit(p, code)) for p in posts]
    current = acting_post(request, request.user)
    context = {"posts": shown, "current": current.post_code if current else "", "next": target, "error": error}
    return render(request, "desk/post.html", context, status=422 if error else 200)


def _unit(post: ActorPost, code: str) -> str:
    return names.unit(get_directory(post.district_id), post.unit_code, code)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    request.session.pop(SESSION_POST, None)
    end_session(request)
    return redirect("desk:login")
