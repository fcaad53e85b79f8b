"""People: found, made, given posts, let in and kept out. Nobody is ever deleted."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gewu.registry import sessions
from gewu.registry.administration import logins
from gewu.registry.administration.changes import Refused, note
from gewu.registry.models import Change, Person, Post
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.said import sentence
from gewu.surfaces.admin.views.giving import give_form, held_rows, holding_columns
from gewu.surfaces.admin.views.log import changes_table
from gewu.surfaces.admin.views.ways_in import login_forms, name_form
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.dates import instant_words
from gewu.surfaces.signin import oidc, secondfactor

NO_PASSWORD = Q(("password__startswith", "!"))
"""How Django marks a password that opens nothing."""
OFTEN = 5
"""So many wrong passwords since the last right one are worth a look."""


def of_district(district_id: int) -> Q:
    """People who belong to a district or hold a post there."""
    return Q(district_id=district_id) | Q(posts__district_id=district_id, posts__retired_on=None)


STATES = ("", "locked", "no_post", "no_login", "first", "failed")


def _filtered(state: str) -> Q:
    return {
        "locked": Q(is_active=False),
        "no_post": Q(has_post=False),
        "no_login": NO_PASSWORD,
        "first": Q(first_password_until__isnull=False),
        "failed": Q(failed_logins__gte=OFTEN),
    }.get(state, Q())


@admin_page
@require_safe
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody of the district by login. Two statements."""
    words, state = s.words_of(request), request.GET.get("state", "")
    state = state if state in STATES else ""
    serving = Post.objects.filter(person=OuterRef("pk"), district_id=desk.district_id, retired_on=None)
    found = Person.objects.annotate(has_post=Exists(serving)).filter(Q(district_id=desk.district_id) | Q(has_post=True))
    for word in words.split()[:5]:
        by_post = serving.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(code__icontains=word))
        found = found.filter(
            Q(login__icontains=word) | Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Exists(by_post)
        )
    found = found.filter(_filtered(state))
    rows, next_after = s.one_page(request, found, "login", 5000)
    posts: dict[int, list[str]] = {}
    for post in Post.objects.filter(
        person__in=[p.pk for p in rows], district_id=desk.district_id, retired_on=None
    ).order_by("code"):
        posts.setdefault(post.person_id or 0, []).append(
            names.typeset(post.name_zh if desk.language.startswith("zh") else post.name_en, desk.language)
        )
    sheet = s.Page(
        "people", _("People"), lead=_("Everybody with a login. What somebody may do comes from their posts.")
    )
    table = s.Table(
        "people",
        s.columns(_("Name"), _("Login"), _("Posts"), _("How they log in"), s.number(_("Wrong passwords"))),
        [
            [
                s.person_cell(desk, p),
                s.Cell(p.login, code=True),
                s.Cell(
                    names.listed(posts.get(p.pk, [])[:4], desk.language) or _("none"),
                    note=_more(len(posts.get(p.pk, [])) - 4),
                ),
                s.Cell(_way_in(p)),
                s.Cell(p.failed_logins or None),
            ]
            for p in rows
        ],
        empty_title=_("Nobody is found"),
        empty=_("Widen or clear the filters, or make a new person below."),
    )
    sheet.tables, sheet.saved = [table], table
    sheet.next_after = next_after
    titles = [
        _("All"),
        _("Locked"),
        _("Without a post"),
        _("Without a password"),
        _("First password not changed yet"),
        _("Many wrong passwords"),
    ]
    sheet.filters = [
        s.search(_("Name, login or post"), words),
        s.by_state(dict(zip(STATES, titles, strict=True)), state),
    ]
    sheet.clear = reverse("admin:people") if words or state else ""
    sheet.forms = [_new_form()]
    return s.show(request, desk, sheet)


def _more(count: int) -> str:
    return ngettext("and %(n)d more", "and %(n)d more", count) % {"n": count} if count > 0 else ""


def _way_in(person: Person) -> str:
    if not person.is_active:
        return _("locked")
    if person.first_password_until is not None:
        return _("first password") if person.first_password_until > timezone.now() else _("first password ran out")
    return _("password") if person.has_usable_password() else _("no password")


def _new_form() -> s.Form:
    attrs = {"autocomplete": "off", "spellcheck": "false", "maxlength": "64"}
    return s.Form(
        _("New person"),
        reverse("admin:person-new"),
        [
            s.Field(
                "login",
                _("Login"),
                required=True,
                prefix="new",
                attrs=attrs,
                hint=_("Stays for ever. With a login service: exactly what it calls this person."),
            ),
            s.Field("name_zh", _("Name in Chinese"), required=True, prefix="new", attrs={"maxlength": "100"}),
            s.Field(
                "name_en",
                _("Name in English"),
                prefix="new",
                attrs={"maxlength": "100"},
                hint=_("Left empty, the Chinese name stands here too."),
            ),
        ],
        _("Make this person"),
    )


@admin_page
@require_POST
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make a person; their page comes, where posts and a password are given."""
    errors: s.Errors = {}
    login = s.needed(request, "login", errors, 64)
    name_zh = s.needed(request, "name_zh", errors, 100)
    name_en = s.words_of(request, "name_en") or name_zh
    form = _new_form()
    if not errors:
        try:
            person = logins.add(s.district_of(desk), login, name_zh, name_en, s.by_of(desk))
        except Refused as refused:
            errors["login"] = " ".join(sentence(f) for f in refused.faults)
        else:
            messages.success(request, _("%(name)s is here now. Give a post and a way to log in.") % {"name": name_zh})
            return redirect("admin:person", person.login)
    s.filled(form.fields, request, errors)
    return s.show(
        request, desk, s.Page("people", _("New person"), forms=[form], back=(_("People"), reverse("admin:people")))
    )


def person_of(desk: Desk, login: str) -> Person:
    """The person of the address. Raises ``Http404``."""
    person = sessions.person_of(desk.district_id, login)
    if person is None:
        raise Http404(_("Nobody in this district has this login."))
    return person


@admin_page
@require_safe
def person(request: HttpRequest, desk: Desk, login: str) -> HttpResponse:
    """One person: posts with their days, how they come in, sessions, what was changed. Seven statements."""
    return show_person(request, desk, person_of(desk, login))


def show_person(
    request: HttpRequest,
    desk: Desk,
    found: Person,
    *,
    secret: tuple[str, str] | None = None,
    form: s.Form | None = None,
) -> HttpResponse:
    """The page of a person; with a first password this once."""
    state = secondfactor.state_of(found)
    open_sessions = len(sessions.sessions_of(found))
    sheet = s.Page("people", s.name_of(found, desk.language), back=(_("People"), reverse("admin:people")))
    query = urlencode({"login": found.login})
    sheet.facts = [
        s.Fact(_("Login"), found.login),
        s.Fact(_("Name in Chinese"), found.name_zh),
        s.Fact(_("Name in English"), found.name_en, lang="en"),
        s.Fact(_("How they log in"), _way_in(found)),
        s.Fact(_("Second factor"), _("switched on") if state.since else _("not switched on")),
        s.Fact(
            _("Sessions now"), str(open_sessions), f"{reverse('desk:sessions-people')}?{query}" if open_sessions else ""
        ),
        s.Fact(
            _("Wrong passwords since the last login"),
            str(found.failed_logins),
            note=instant_words(timezone.localtime(found.failed_at), timezone.localtime(), desk.language)
            if found.failed_at and found.failed_logins
            else "",
        ),
    ]
    if not found.is_active:
        sheet.notes.append(
            _(
                "This login is locked: nobody gets in by it. The posts stay; give them to somebody else if the "
                "person does not come back."
            )
        )
    posts = list(
        Post.objects.filter(person=found, district_id=desk.district_id, retired_on=None)
        .select_related("unit", "role")
        .order_by("code")
    )
    sheet.tables = [
        s.Table(
            "held",
            holding_columns(),
            held_rows(desk, posts),
            title=_("Posts held"),
            empty_title=_("No post"),
            empty=_("Without a post this person can log in and do nothing. Give one below."),
        ),
    ]
    sheet.tables.append(
        changes_table(
            desk,
            Change.objects.filter(district_id=desk.district_id).filter(
                Q(table="person", key=found.login)
                | Q(table="post", field="person", after=found.login)
                | Q(table="post", field="person", before=found.login)
            )[:20],
            _("What was changed"),
        )
    )
    sheet.forms = [give_form(desk, person=found)]
    if is_ours(desk, found):
        sheet.forms += login_forms(found, state.since is not None, open_sessions)
    else:
        sheet.notes.append(
            _("This login belongs to another district or to the whole installation, and is changed there.")
        )
    sheet.put(form)
    return s.show(request, desk, sheet, "admin/person.html", secret=secret, provider=oidc.provider() is not None)


def is_ours(desk: Desk, found: Person) -> bool:
    """Whether the login is the district's own: those of other districts and of the installation are changed there."""
    return found.district_id == desk.district_id and (not found.is_superuser or desk.person.is_superuser)


@admin_page
@require_http_methods(["POST"])
def act(request: HttpRequest, desk: Desk, login: str, verb: str) -> HttpResponse:
    """One of the forms on the page of a person."""
    found, district = person_of(desk, login), s.district_of(desk)
    if not is_ours(desk, found):
        raise PermissionDenied(
            _("This login belongs to another district or to the whole installation, and is changed there.")
        )
    errors: s.Errors = {}
    if verb == "name":
        name_zh, name_en = s.needed(request, "name_zh", errors), s.needed(request, "name_en", errors)
        if errors:
            named = name_form(found)
            s.filled(named.fields, request, errors)
            return show_person(request, desk, found, form=named)
        logins.rename(district, found, name_zh, name_en, s.by_of(desk))
        messages.success(request, _("The name is changed."))
        return redirect("admin:person", login)
    reason = s.needed(request, "reason", errors, 300)
    form = next((f for f in login_forms(found, True, 1) if f.action.endswith(f"/{verb}")), None)
    if form is None:
        raise Http404(_("There is no such page."))
    if errors:
        s.filled(form.fields, request, errors)
        return show_person(request, desk, found, form=form)
    by = s.by_of(desk, reason)
    try:
        match verb:
            case "first":
                text, until = logins.first_password(district, found, by)
                found.refresh_from_db()
                last = instant_words(timezone.localtime(until), timezone.localtime(), desk.language)
                return show_person(request, desk, found, secret=(text, last))
            case "provider":
                logins.by_provider_only(district, found, by)
                messages.success(request, _("The password is taken away."))
            case "lock" | "unlock":
                logins.lock(district, found, by, locked=verb == "lock")
                messages.success(request, _("The login is locked.") if verb == "lock" else _("The login is unlocked."))
            case "sessions":
                count = sessions.end_others(found, request.session.session_key)
                note(district, by, topic=logins.TOPIC, verb="sessions", table="person", key=login, after=count)
                messages.success(
                    request, ngettext("The session is ended.", "%(n)d sessions are ended.", count) % {"n": count}
                )
            case "factor":
                if secondfactor.forget(found, desk.person.login):
                    note(district, by, topic=logins.TOPIC, verb="factor", table="person", key=login)
                messages.success(request, _("The second factor is forgotten."))
    except Refused as refused:
        form.errors = [sentence(f) for f in refused.faults]
        return show_person(request, desk, found, form=form)
    return redirect("admin:person", login)
