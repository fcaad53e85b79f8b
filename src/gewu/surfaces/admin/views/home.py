"""What needs a hand: what stands still until an administrator acts, each with the page where that is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.connections import models as connections
from gewu.ledger.counting import CAP, open_cases_of_owner
from gewu.ledger.outbox import administration
from gewu.registry.models import Change, Person, Post, SecondFactor
from gewu.registry.packs.rows import UNKNOWN_OWNER
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.people import NO_PASSWORD, OFTEN, of_district
from gewu.surfaces.admin.views.posts import of_state
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk


@dataclass(frozen=True, slots=True)
class Hand:
    """One thing: how many, what, why it matters, where it is mended. ``tone`` is late, soon or empty."""

    count: int
    text: str
    why: str
    url: str
    tone: str = "soon"

    @property
    def shown(self) -> str:
        return f"{CAP}+" if self.count > CAP else str(self.count)


@admin_page
@require_safe
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The list, the most pressing first; what needs nothing is not in it. Ten statements."""
    hands = [
        one for one in (*_posts(desk), *_logins(desk), *_planned(desk), *_time(desk), *_outside(desk)) if one.count
    ]
    hands.sort(key=lambda one: one.tone != "late")
    sheet = s.Page("home", _("What needs a hand"))
    district = desk.district_id
    people = Person.objects.filter(of_district(district)).distinct().count()
    sheet.facts = [
        s.Fact(_("People"), str(people), reverse("admin:people")),
        s.Fact(_("Posts"), str(sum(p.active for p in desk.directory.posts.values())), reverse("admin:posts")),
        s.Fact(_("Units"), str(sum(u.active for u in desk.directory.units.values())), reverse("admin:units")),
    ]
    return s.show(request, desk, sheet, "admin/home.html", hands=hands)


def _posts(desk: Desk) -> list[Hand]:
    today, url = s.today(desk), reverse("admin:posts")
    found = Post.objects.filter(district_id=desk.district_id)
    needed: set[str] = set()
    for name in {p.name for p in desk.directory.playbooks if p.active}:
        book = desk.directory.playbook(name)
        needed |= set(book.roles()) if book else set()
    held = {p.role for p in desk.directory.posts.values() if p.active and p.person is not None}
    bare = sorted(needed & set(desk.directory.roles) - held)
    roles = names.listed([names.role(desk.directory, code, desk.language) for code in bare], desk.language)
    return [
        Hand(
            len(bare),
            _("Roles that playbooks name and nobody holds: %(roles)s") % {"roles": roles},
            _("What only they may do waits."),
            f"{url}?state=vacant",
            "late",
        ),
        Hand(
            found.filter(of_state("locked", today)).count(),
            _("Posts whose holder is locked"),
            _("Work that comes to them is seen by nobody."),
            f"{url}?state=locked",
            "late",
        ),
        Hand(
            found.filter(of_state("ending", today)).count(),
            _("Posts that end within 30 days"),
            _("Name who comes after them."),
            f"{url}?state=ending",
        ),
        Hand(
            found.filter(of_state("vacant", today)).count(),
            _("Vacant posts of units that work here"),
            _("Their unit goes on without them."),
            f"{url}?state=vacant",
            "",
        ),
    ]


def _logins(desk: Desk) -> list[Hand]:
    url = reverse("admin:people")
    found = Person.objects.filter(of_district(desk.district_id)).distinct()
    administrators = {p.person for p in desk.directory.holders("administrator") if p.person is not None}
    with_factor = SecondFactor.objects.filter(person__in=administrators, confirmed_at__isnull=False).count()
    return [
        Hand(
            found.filter(failed_logins__gte=OFTEN).count(),
            _("People with many wrong passwords"),
            _("Somebody forgot theirs, or somebody else tries."),
            f"{url}?state=failed",
            "late",
        ),
        Hand(
            len(administrators) - with_factor,
            _("Administrators without a second factor"),
            _("They see no page of the administration."),
            f"{url}?{urlencode({'q': 'admin'})}",
            "late",
        ),
        Hand(
            found.filter(first_password_until__lte=timezone.now()).count(),
            _("First passwords that ran out unused"),
            _("Make another one and hand it over."),
            f"{url}?state=first",
        ),
        Hand(
            found.filter(NO_PASSWORD, is_active=True).count(),
            _("People without a password"),
            _("They come in by a login service, or not at all."),
            f"{url}?state=no_login",
            "",
        ),
    ]


def _planned(desk: Desk) -> list[Hand]:
    found, url = Change.objects.filter(district_id=desk.district_id), reverse("admin:log")
    failed = found.filter(state=Change.FAILED, done_at__gte=timezone.now() - timedelta(days=30)).count()
    waiting = found.filter(state=Change.PLANNED).count()
    return [
        Hand(
            failed,
            _("Planned changes that were refused on their day"),
            _("Read why and make them anew."),
            f"{url}?state=failed",
            "late",
        ),
        Hand(
            waiting,
            _("Changes that wait for their day"),
            _("They are checked again on it."),
            f"{url}?state=planned",
            "",
        ),
    ]


def _time(desk: Desk) -> list[Hand]:
    today = s.today(desk)
    years = desk.directory.calendar_plan.published_years
    found = []
    if today.year not in years:
        found.append((today.year, "late"))
    if today.month >= 11 and today.year + 1 not in years:
        found.append((today.year + 1, "soon"))
    return [
        Hand(
            1,
            _("Missing holiday plan: %(year)s") % {"year": year},
            _("Deadlines that reach into that year are provisional."),
            f"{reverse('admin:calendar')}?year={year}",
            tone,
        )
        for year, tone in found
    ]


def _outside(desk: Desk) -> list[Hand]:
    district = desk.district_id
    states = administration.states(district)
    alive = {
        f"channel:{c}"
        for c in connections.Channel.objects.filter(district_id=district, active=True).values_list("id", flat=True)
    }
    alive |= {
        f"webhook:{w}"
        for w in connections.Webhook.objects.filter(district_id=district, active=True).values_list("id", flat=True)
    }
    failing = sum(1 for name, state in states.items() if name in alive and state.state != "ok")
    failed, more = administration.list_messages(district, statuses=["failed"])
    return [
        Hand(
            failing,
            _("Channels and systems that do not answer"),
            _("People are not told, other systems hear nothing."),
            reverse("desk:connections"),
            "late",
        ),
        Hand(
            len(failed) + bool(more),
            _("Messages that nobody took"),
            _("They can be sent again."),
            reverse("desk:connections-messages"),
        ),
        Hand(
            open_cases_of_owner(district, UNKNOWN_OWNER),
            _("Open cases whose owner is unknown"),
            _("They are in the queue for the ownerless until somebody names one."),
            reverse("desk:home"),
            "",
        ),
    ]
