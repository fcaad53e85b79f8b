"""Posts: who holds which, since when, until when; given, left vacant, ended, added."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.registry import sessions
from gewu.registry.administration.changes import Step
from gewu.registry.entries import PostInfo
from gewu.registry.models import Post
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.giving import TOPIC, give_form, leaving, post_name, refused, spans, wish_to_give
from gewu.surfaces.admin.views.log import history
from gewu.surfaces.admin.views.new_post import new_form, role_choices
from gewu.surfaces.admin.views.people import person_of
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk

SOON = timedelta(days=30)
STATES = ("standing", "vacant", "ending", "ended", "locked")


def standing(today: date) -> Q:
    """Posts that stand on a day, or will."""
    return Q(retired_on=None) & (Q(valid_to=None) | Q(valid_to__gte=today))


def of_state(state: str, today: date) -> Q:
    """The filter of the list."""
    match state:
        case "vacant":
            return standing(today) & Q(person=None, unit__accounts=True)
        case "ending":
            return standing(today) & Q(valid_to__lte=today + SOON)
        case "ended":
            return ~standing(today)
        case "locked":
            return standing(today) & Q(person__is_active=False)
    return standing(today)


@admin_page
@require_safe
def posts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All posts by code. Three statements."""
    day, words = s.today(desk), s.words_of(request)
    state = request.GET.get("state", "")
    state = state if state in STATES else "standing"
    unit, role = s.words_of(request, "unit", 64), s.words_of(request, "role", 64)
    found = Post.objects.filter(of_state(state, day), district_id=desk.district_id).select_related(
        "unit", "role", "person"
    )
    if unit:
        found = found.filter(unit__code=unit)
    if role:
        found = found.filter(role__code=role)
    for word in words.split()[:5]:
        found = found.filter(
            Q(code__icontains=word)
            | Q(name_zh__icontains=word)
            | Q(name_en__icontains=word)
            | Q(person__login__icontains=word)
            | Q(person__name_zh__icontains=word)
            | Q(person__name_en__icontains=word)
        )
    shown, next_after = s.one_page(request, found, "code", 10_000)
    days = spans(shown)
    table = s.Table(
        "posts",
        s.columns(_("Post"), _("Code"), _("Unit"), _("Role"), _("In post"), _("Held since"), _("Last day")),
        [
            [
                s.Cell(post_name(p, desk.language), reverse("admin:post", args=[p.code])),
                s.Cell(p.code, code=True),
                s.unit_cell(desk, p.unit.code),
                s.Cell(names.role(desk.directory, p.role.code, desk.language)),
                s.person_cell(desk, p.person, _("locked") if p.person and not p.person.is_active else ""),
                s.Cell(days[p.code][0] if p.person else None),
                s.Cell(days[p.code][1]),
            ]
            for p in shown
        ],
        empty_title=_("No post is found"),
        empty=_("Widen or clear the filters."),
    )
    sheet = s.Page(
        "posts",
        _("Posts"),
        lead=_(
            "A post is a seat in a unit with one role and a territory. People come and go; the post and its "
            "records stay."
        ),
    )
    sheet.tables, sheet.saved = [table], table
    sheet.next_after = next_after
    titles = [_("Standing"), _("Vacant"), _("Ending within 30 days"), _("No longer standing"), _("Holder is locked")]
    sheet.filters = [
        s.search(_("Post, code or holder"), words),
        s.by_state(dict(zip(STATES, titles, strict=True)), state),
        s.picked("role", _("Role"), role_choices(desk), role, _("All")),
        s.picked("unit", _("Unit"), s.unit_choices(desk), unit, _("All")),
    ]
    sheet.clear = reverse("admin:posts") if words or unit or role or state != "standing" else ""
    sheet.forms = [new_form(desk)]
    return s.show(request, desk, sheet)


def of_code(desk: Desk, code: str) -> Post:
    """The post of the address. Raises ``Http404``."""
    found = (
        Post.objects.filter(district_id=desk.district_id, code=code).select_related("unit", "role", "person").first()
    )
    if found is None:
        raise Http404(_("There is no such post."))
    return found


@admin_page
@require_safe
def post(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One post: its holder and days, what was changed, and every way to change it. Three statements."""
    return show_post(request, desk, of_code(desk, code))


def show_post(request: HttpRequest, desk: Desk, found: Post, form: s.Form | None = None) -> HttpResponse:
    """The page of a post, perhaps with a form that was refused."""
    since, until = spans([found])[found.code]
    sheet = s.Page("posts", post_name(found, desk.language), back=(_("Posts"), reverse("admin:posts")))
    territory = [names.place_full(desk.directory, p, desk.language) for p in found.scope_prefixes]
    territory += [a.name(desk.language) for code in found.scope_areas if (a := desk.directory.areas.get(code))]
    ended = found.retired_on is not None or (found.valid_to is not None and found.valid_to < s.today(desk))
    sheet.facts = [
        s.Fact(
            _("In post"),
            s.name_of(found.person, desk.language) if found.person else _("vacant"),
            reverse("admin:person", args=[found.person.login]) if found.person else "",
        ),
        s.Fact(_("Held since"), since if found.person else None),
        s.Fact(_("Last day"), until),
        s.unit_fact(desk, _("Unit"), found.unit.code),
        s.Fact(_("Role"), names.role(desk.directory, found.role.code, desk.language)),
        s.Fact(_("Territory"), names.listed(territory, desk.language)),
        s.Fact(_("Work telephone"), found.work_phone),
        s.Fact(
            _("In its place afterwards"),
            found.successor,
            reverse("admin:post", args=[found.successor]) if found.successor else "",
        ),
        s.Fact(_("Code"), found.code),
        s.Fact(_("Source"), s.cited(found.source)),
    ]
    if ended:
        sheet.notes.append(_("This post has ended. Records keep its name."))
    sheet.tables = [history(desk, found.code, "post")]
    if not ended:
        sheet.forms = [
            give_form(desk, post=found),
            *([_leave_form(desk, found)] if found.person else []),
            _name_form(found),
            _end_form(desk, found),
        ]
        sheet.put(form)
    return s.show(request, desk, sheet)


def _leave_form(desk: Desk, found: Post) -> s.Form:
    fields = [
        s.day_field("last", _("Last day"), s.today(desk), prefix="leave", hint=_("Yesterday or earlier: from now on.")),
        s.reason_field("leave"),
    ]
    return s.Form(
        _("Leave the post vacant"), reverse("admin:post-act", args=[found.code, "leave"]), fields, _("Leave it vacant")
    )


def _name_form(found: Post) -> s.Form:
    return s.Form(
        _("Name and telephone"),
        reverse("admin:post-act", args=[found.code, "name"]),
        [
            *s.names_of(found, "name"),
            s.phone(
                found.work_phone, prefix="name", hint=_("The line of the office; it stands on public notice boards.")
            ),
            s.reason_field("name"),
        ],
        _("Save"),
    )


def _named(desk: Desk, post: PostInfo) -> str:
    return names.typeset(post.name(desk.language), desk.language)


def _end_form(desk: Desk, found: Post) -> s.Form:
    same = [p for p in desk.directory.holders(found.role.code) if p.code != found.code]
    choices = [
        s.Choice(p.code, f"{_named(desk, p)} · {names.unit(desk.directory, p.unit, desk.language)}") for p in same
    ]
    return s.Form(
        _("End the post"),
        reverse("admin:post-act", args=[found.code, "end"]),
        [
            s.day_field("last", _("Last day"), s.today(desk), prefix="end"),
            s.select(
                "successor",
                _("Post in its place"),
                choices,
                found.successor,
                prefix="end",
                nothing=_("None"),
                required=False,
            ),
            s.reason_field("end"),
        ],
        _("End it"),
        _("A post whose role the playbooks need cannot end while it is the only one."),
        danger=True,
    )


@admin_page
@require_POST
def act(request: HttpRequest, desk: Desk, code: str, verb: str) -> HttpResponse:
    """One of the forms on the page of a post."""
    found, errors = of_code(desk, code), s.Errors()
    back = reverse("admin:post", args=[code])
    reason = s.needed(request, "reason", errors, 300)
    today = s.today(desk)
    match verb:
        case "leave":
            form = _leave_form(desk, found)
            last = s.day_of(request, "last", errors, required=True)
            if not errors and last and found.person:
                day = max(last + timedelta(days=1), today)
                wish = s.Wish(
                    [Step("set", "post", code, "person", None)],
                    TOPIC,
                    form.title,
                    _("The post is vacant."),
                    back,
                    day,
                    reason,
                )
                wish.lines = [(post_name(found, desk.language), s.name_of(found.person, desk.language), _("vacant"))]
                wish.consequences = leaving(desk, found, found.person)
                return s.carry(request, desk, wish, form)
        case "name":
            form = _name_form(found)
            steps, lines = s.changed(
                found,
                request,
                errors,
                {"name_zh": _("Chinese name"), "name_en": _("English name"), "work_phone": _("Work telephone")},
                "post",
                code,
            )
            if not errors and not steps:
                form.errors = [_("Nothing is different.")]
            elif not errors:
                return s.carry(
                    request,
                    desk,
                    s.Wish(steps, TOPIC, form.title, _("The post is changed."), back, None, reason, lines),
                    form,
                )
        case "end":
            form = _end_form(desk, found)
            last = s.day_of(request, "last", errors, required=True)
            heir = s.words_of(request, "successor", 64)
            if last and last < today - timedelta(days=1):
                errors["last"] = _("A post ends yesterday at the earliest: what was done at it stays done at it.")
            if last and found.valid_from and last < found.valid_from:
                errors["last"] = _("This is before the first day.")
            if not errors and last:
                steps = [Step("set", "post", code, "valid_to", last.isoformat())]
                if heir != found.successor:
                    steps.append(Step("set", "post", code, "successor", heir))
                wish = s.Wish(steps, TOPIC, form.title, _("The last day of the post is set."), back, None, reason)
                wish.lines = [(_("Last day"), str(found.valid_to or _("no end set")), last.isoformat())]
                wish.consequences = leaving(desk, found, found.person) if found.person else [_("Nobody holds it now.")]
                return s.carry(request, desk, wish, form)
        case _:
            raise Http404(_("There is no such page."))
    s.filled(form.fields, request, errors)
    return show_post(request, desk, found, form)


@admin_page
@require_POST
def give_to(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Give this post to somebody, from the page of the post."""
    found, errors = of_code(desk, code), s.Errors()
    person = sessions.person_of(desk.district_id, s.words_of(request, "login", 64))
    if person is None:
        errors["login"] = _("Nobody in this district has this login.")
    else:
        wish = wish_to_give(request, desk, found, person, reverse("admin:post", args=[code]), errors)
        if wish is not None:
            return s.carry(request, desk, wish, give_form(desk, post=found))
    form = give_form(desk, post=found)
    s.filled(form.fields, request, errors)
    return show_post(request, desk, found, form)


@admin_page
@require_POST
def give(request: HttpRequest, desk: Desk, login: str) -> HttpResponse:
    """Give a post to this person, from the page of the person."""
    person, errors = person_of(desk, login), s.Errors()
    back = reverse("admin:person", args=[login])
    found = (
        Post.objects.filter(district_id=desk.district_id, code=s.words_of(request, "post", 64))
        .select_related("unit", "role", "person")
        .first()
    )
    if found is None:
        errors["post"] = _("Choose a post.")
    else:
        wish = wish_to_give(request, desk, found, person, back, errors)
        if wish is not None:
            return s.carry(request, desk, wish, give_form(desk, person=person))
    return refused(
        request, desk, give_form(desk, person=person), errors, "people", (s.name_of(person, desk.language), back)
    )
