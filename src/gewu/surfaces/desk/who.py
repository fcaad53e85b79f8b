"""Who sits at the desk: a person who logged in, at one of their posts, in a language."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gewu.assessments.kinds import PLAYBOOKS as ASSESSMENTS
from gewu.assessments.kinds import may_see as may_see_rounds
from gewu.cases.queries import UNREAD_CAP, unread_notices
from gewu.cases.services import acting_of
from gewu.core.places import PlaceLevel
from gewu.core.playbook.model import Playbook
from gewu.evaluation.appealbook import may_see_appeals
from gewu.keeping.releases import may_release
from gewu.ledger.door import Acting
from gewu.occasions.kinds import may_see as may_see_occasions
from gewu.office.kinds import KINDS, may_see
from gewu.registry.administration.rosters import on_duty
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Person
from gewu.registry.people import ActorPost, actor_post, posts_today
from gewu.surfaces.signin.secondfactor import lacks

SESSION_POST = "desk_post"
SEES_REPORTER = frozenset({"intake_officer", "shift_leader"})
"""Roles whose work needs the reporter's name and telephone number."""
EVALUATES = frozenset({"shift_leader", "comprehensive_office", "dispatcher", "assessor", "administrator"})
"""Roles that look at figures. Nobody sees those of another person."""
LEADS = EVALUATES | {"area_contact_office"}
"""Roles for which the cockpit is made: those that look at figures, and the offices of leaders."""
CENTRE = "governance_centre"
"""The kind of the units that are a level of the centre; where it has no accounts, it works through the unit above."""
KEEPS_DRAFT = frozenset({"intake"})
"""Pages that bring back what was typed: whoever has to log in while sending one is led back to it."""
FIELD_ROLES = frozenset({"collector", "worker"})
"""Roles that work on a phone, outside."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The person, the post they act for, and what they may ask."""

    person: Person
    post: ActorPost
    acting: Acting
    directory: Directory
    language: str

    @property
    def district_id(self) -> int:
        """The district of the post."""
        return self.post.district_id

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the post."""
        return self.post.roles

    @property
    def name(self) -> str:
        """The name of the post."""
        return self.post.name(self.language)

    @property
    def sees_reporter(self) -> bool:
        """Whether the post hands out follow codes; names and numbers are shown to it on request only."""
        return bool(self.roles & SEES_REPORTER)

    @property
    def in_field(self) -> bool:
        """Whether pages are made for a phone outside."""
        return bool(self.roles) and self.roles <= FIELD_ROLES

    @property
    def registers(self) -> bool:
        """Whether the post may register a report."""
        return "intake_officer" in self.roles

    @property
    def sees_registers(self) -> bool:
        """Whether the post has a part in a register of the office."""
        return any(may_see(self.directory.current_playbook(kind), self.roles) for kind in KINDS)

    @property
    def sees_workdays(self) -> bool:
        """Whether the post looks at building workdays and other occasions."""
        return may_see_occasions(self.directory, self.roles)

    @property
    def sees_rounds(self) -> bool:
        """Whether the post has a part in rounds of the showcase or in honours."""
        return any(may_see_rounds(self.directory.playbook(name), self.roles) for name in ASSESSMENTS)

    @property
    def evaluates(self) -> bool:
        """Whether the post may look at the figures of areas, departments and posts."""
        return bool(self.roles & EVALUATES)

    @property
    def sees_hops(self) -> bool:
        """Whether matters hop by way of the post: the district's centre and whoever looks at its figures, and the
        clerk of a street's office."""
        if self.roles & (EVALUATES - {"administrator"}):
            return True
        unit = self.directory.units.get(self.post.unit_code)
        return "unit_clerk" in self.roles and unit is not None and len(unit.place) == PlaceLevel.STREET.digits

    @property
    def leads(self) -> bool:
        """Whether the cockpit is for this post: it looks at figures, or its clerk works for the centre of a street."""
        if self.roles & LEADS:
            return True
        units = self.directory.units.values()
        return "unit_clerk" in self.roles and any(
            unit.kind == CENTRE and unit.active and self.post.unit_code in (unit.code, unit.parent) for unit in units
        )

    @property
    def sees_appeals(self) -> bool:
        """Whether the post lodges or reviews appeals against figures."""
        return may_see_appeals(self.acting)

    @property
    def releases_photos(self) -> bool:
        """Whether the post decides which photos of closed cases the public sees."""
        return may_release(self.roles)

    @property
    def playbook(self) -> Playbook | None:
        """The playbook under which new cases start."""
        return self.directory.current_playbook()

    def playbook_of(self, name: str, version: int) -> Playbook | None:
        """The playbook of a record, in the version it started under."""
        return self.directory.playbook(name, version) or self.directory.playbook(name)


P = ParamSpec("P")


def desk_page(
    *roles: str,
    without_second_factor: bool = False,
    with_first_password: bool = False,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Let a view be called by somebody at a post only (with one of these roles, if any are named).

    Without a login the login page comes first; without a chosen post, the choice; and where the installation requires
    a second factor for the post, the page on which it is switched on, which is ``without_second_factor``. Whoever
    came in with a first password chooses another one before anything else.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Desk, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            person = request.user
            post = acting_post(request, person)
            if post is None:
                return _choose(request, person)
            if roles and not post.roles & set(roles):
                raise PermissionDenied(_("This page is not for the post “%(post)s”.") % {"post": post.name(language())})
            if person.first_password_until is not None and not with_first_password:
                return redirect("desk:password")
            if not without_second_factor and lacks(request, post):
                return redirect("desk:second-factor")
            desk = desk_of(person, post)
            with timezone.override(desk.directory.district.timezone):
                return view(request, desk, *args, **kwargs)

        return guarded

    return decorate


def language() -> str:
    """The language of this request."""
    return get_language() or settings.LANGUAGE_CODE


def desk_of(person: Person, post: ActorPost) -> Desk:
    """The identity for a post."""
    return Desk(person, post, acting_of(post), get_directory(post.district_id), language())


def acting_post(request: HttpRequest, person: Person) -> ActorPost | None:
    """The post chosen in this session, if the person still holds it today. One statement."""
    code = request.session.get(SESSION_POST)
    return actor_post(person, code) if isinstance(code, str) else None


def take_post(request: HttpRequest, post: ActorPost) -> None:
    """Act for this post from now on; the district's time zone is the one in which its people read times."""
    request.session[SESSION_POST] = post.post_code


def _choose(request: HttpRequest, person: Person) -> HttpResponse:
    """With one post there is nothing to choose; with none there is nothing to do here."""
    posts = posts_today(person)
    if len(posts) == 1:
        take_post(request, posts[0])
        return redirect(request.get_full_path() if request.method == "GET" else "desk:home")
    if not posts:
        logout(request)
        return _to_login(request, no_post="1")
    return redirect(f"/desk/post?{urlencode({'next': request.get_full_path()})}")


def _to_login(request: HttpRequest, **more: str) -> HttpResponse:
    match = request.resolver_match
    back = request.method == "GET" or (match is not None and match.url_name in KEEPS_DRAFT)
    query = {"next": request.get_full_path(), **more} if back else more
    return redirect(f"{settings.LOGIN_URL}?{urlencode(query)}" if query else settings.LOGIN_URL)


def page(
    request: HttpRequest, desk: Desk, template: str, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    """Render a page of the desk with its head: nav, post, number of unread notices (one statement)."""
    unread = unread_notices(desk.district_id, desk.acting)
    return render(
        request,
        template,
        {
            "desk": desk,
            "unread": f"{UNREAD_CAP}+" if unread > UNREAD_CAP else unread,
            "now": timezone.now(),
            "on_duty": [
                (one.name(desk.language), one.duty, one.ends_at)
                for one in on_duty(desk.directory, timezone.now(), desk.post.unit_code)
            ],
            "unit_name": desk.directory.units[desk.post.unit_code].name(desk.language)
            if desk.post.unit_code in desk.directory.units
            else "",
            **context,
        },
        status=status,
    )
