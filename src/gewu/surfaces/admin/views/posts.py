"""Posts: who holds which, since when, until when; given, left vacant, ended, added."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.registry import sessions
from gewu.registry.administration.changes import Step
from gewu.registry.entries import PostInfo
from gewu.registry.models import Change, Post
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.giving import TOPIC, give_form, leaving, post_name, refused, spans, wish_to_give
from gewu.surfaces.admin.views.log import changes_table
from gewu.surfaces.admin.views.people import name_of, person_of
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
    everything = request.GET.get("form") in ("csv", "xlsx")
    after = s.words_of(request, "after", 64)
    rows = list(
        (found.filter(code__gt=after) if after and not everything else found).order_by("code")[
            : 10_000 if everything else s.LIST + 1
        ]
    )
    shown = rows if everything else rows[: s.LIST]
    days = spans(shown)
    table = s.Table(
        "posts",
        [
            s.Column(_("Post")),
            s.Column(_("Code")),
            s.Column(_("Unit")),
            s.Column(_("Role")),
            s.Column(_("In post")),
            s.Column(_("Held since")),
            s.Column(_("Last day")),
        ],
        [
            [
                s.Cell(post_name(p, desk.language), reverse("admin:post", args=[p.code])),
                s.Cell(p.code, code=True),
                s.Cell(
                    names.unit(desk.directory, p.unit.code, desk.language), reverse("admin:unit", args=[p.unit.code])
                ),
                s.Cell(names.role(desk.directory, p.role.code, desk.language)),
                s.Cell(
                    name_of(p.person, desk.language),
                    reverse("admin:person", args=[p.person.login]),
                    "" if p.person.is_active else _("locked"),
                )
                if p.person
                else s.Cell(_("vacant"), soft=True),
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
    sheet.next_after = rows[s.LIST - 1].code if len(rows) > s.LIST and not everything else ""
    titles = [_("Standing"), _("Vacant"), _("Ending within 30 days"), _("No longer standing"), _("Holder is locked")]
    anything = s.Choice("", _("All"))
    sheet.filters = [
        s.Field("q", _("Post, code or holder"), value=words, prefix="f", required=True, attrs={"autocomplete": "off"}),
        s.Field(
            "state",
            _("State"),
            "select",
            state,
            prefix="f",
            required=True,
            choices=[s.Choice(c, t) for c, t in zip(STATES, titles, strict=True)],
        ),
        s.Field("role", _("Role"), "select", role, prefix="f", required=True, choices=[anything, *role_choices(desk)]),
        s.Field(
            "unit", _("Unit"), "select", unit, prefix="f", required=True, choices=[anything, *s.unit_choices(desk)]
        ),
    ]
    sheet.clear = reverse("admin:posts") if words or unit or role or state != "standing" else ""
    sheet.forms = [new_form(desk)]
    return s.show(request, desk, sheet)


def role_choices(desk: Desk) -> list[s.Choice]:
    """All roles by name."""
    return [s.Choice(code, names.role(desk.directory, code, desk.language)) for code in sorted(desk.directory.roles)]


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
            name_of(found.person, desk.language) if found.person else _("vacant"),
            reverse("admin:person", args=[found.person.login]) if found.person else "",
        ),
        s.Fact(_("Held since"), since if found.person else None),
        s.Fact(_("Last day"), until),
        s.Fact(
            _("Unit"),
            names.unit(desk.directory, found.unit.code, desk.language),
            reverse("admin:unit", args=[found.unit.code]),
        ),
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
    sheet.tables = [
        changes_table(
            desk,
            Change.objects.filter(district_id=desk.district_id, table="post", key=found.code).select_related("made_by")[
                :20
            ],
            _("What was changed"),
        )
    ]
    if not ended:
        sheet.forms = [
            give_form(desk, post=found),
            *([_leave_form(desk, found)] if found.person else []),
            _name_form(found),
            _end_form(desk, found),
        ]
        if form is not None:
            sheet.forms = [form if form.action == old.action else old for old in sheet.forms]
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
            s.Field(
                "name_zh",
                _("Chinese name"),
                value=found.name_zh,
                required=True,
                prefix="name",
                attrs={"maxlength": "100"},
            ),
            s.Field(
                "name_en",
                _("English name"),
                value=found.name_en,
                required=True,
                prefix="name",
                attrs={"maxlength": "100"},
            ),
            s.Field(
                "work_phone",
                _("Work telephone"),
                "tel",
                found.work_phone,
                prefix="name",
                hint=_("The line of the office; it stands on public notice boards."),
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
        s.Choice("", _("None")),
        *(s.Choice(p.code, f"{_named(desk, p)} · {names.unit(desk.directory, p.unit, desk.language)}") for p in same),
    ]
    return s.Form(
        _("End the post"),
        reverse("admin:post-act", args=[found.code, "end"]),
        [
            s.day_field("last", _("Last day"), s.today(desk), prefix="end"),
            s.Field("successor", _("Post in its place"), "select", found.successor, prefix="end", choices=choices),
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
                wish.lines = [(post_name(found, desk.language), name_of(found.person, desk.language), _("vacant"))]
                wish.consequences = leaving(desk, found, found.person)
                return s.carry(request, desk, wish)
        case "name":
            form = _name_form(found)
            steps, lines = changed(
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
                return s.carry(request, desk, wish)
        case _:
            raise Http404(_("There is no such page."))
    s.filled(form.fields, request, errors)
    return show_post(request, desk, found, form)


def changed(
    row: Any, request: HttpRequest, errors: s.Errors, wanted: dict[str, str], table: str, key: str
) -> tuple[list[Step], list[tuple[str, str, str]]]:
    """The steps for those of the text fields that differ, and the lines that show it."""
    steps, lines = [], []
    for name, title in wanted.items():
        new, old = s.words_of(request, name, 200), str(getattr(row, name))
        if name.startswith("name") and not new:
            errors[name] = _("This is needed.")
        if new != old:
            steps.append(Step("set", table, key, name, new))
            lines.append((title, old or "–", new or "–"))
    return steps, lines


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
            return s.carry(request, desk, wish)
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
            return s.carry(request, desk, wish)
    return refused(
        request, desk, give_form(desk, person=person), errors, "people", (name_of(person, desk.language), back)
    )


# ---- a new post


def new_form(desk: Desk, unit: str = "") -> s.Form:
    """The form for a new post, of a unit if one is named."""
    return s.Form(
        _("New post"),
        reverse("admin:post-new"),
        [
            s.Field(
                "unit",
                _("Unit"),
                "select",
                unit,
                required=True,
                prefix="np",
                choices=[s.Choice("", _("Choose")), *s.unit_choices(desk)],
            ),
            s.Field(
                "role",
                _("Role"),
                "select",
                required=True,
                prefix="np",
                choices=[s.Choice("", _("Choose")), *role_choices(desk)],
            ),
            s.Field(
                "code",
                _("Code"),
                required=True,
                prefix="np",
                hint=_("Letters, digits and dashes; it stays for ever."),
                attrs={"maxlength": "64", "autocomplete": "off"},
            ),
            s.Field("name_zh", _("Chinese name"), required=True, prefix="np", attrs={"maxlength": "100"}),
            s.Field(
                "name_en",
                _("English name"),
                prefix="np",
                attrs={"maxlength": "100"},
                hint=_("Left empty, the Chinese name stands here too."),
            ),
            s.Field(
                "scope",
                _("Territory"),
                required=True,
                prefix="np",
                value=desk.directory.district.code,
                hint=_("Codes of places, or area:CODE, with spaces between."),
            ),
            s.day_field("valid_from", _("First day"), s.today(desk), prefix="np"),
            s.day_field("valid_to", _("Last day"), None, required=False, prefix="np"),
            s.reason_field("np"),
        ],
        _("Add the post"),
    )


@admin_page
@require_POST
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add a post; it is vacant until it is given to somebody."""
    errors = s.Errors()
    values: dict[str, Any] = {
        name: s.needed(request, name, errors, 100) for name in ("unit", "role", "code", "name_zh")
    }
    values["name_en"] = s.words_of(request, "name_en") or values["name_zh"]
    scope = s.needed(request, "scope", errors, 1000).split()
    values["prefixes"] = [one for one in scope if not one.startswith("area:")]
    values["areas"] = [one.removeprefix("area:") for one in scope if one.startswith("area:")]
    start, last = s.day_of(request, "valid_from", errors), s.day_of(request, "valid_to", errors)
    if start and last and last < start:
        errors["valid_to"] = _("This is before the first day.")
    values |= {"valid_from": str(start) if start else "", "valid_to": str(last) if last else ""}
    values["source"] = s.needed(request, "reason", errors, 300)
    if not errors:
        step = Step("add", "post", values["code"], value=values)
        wish = s.Wish(
            [step],
            TOPIC,
            _("New post"),
            _("The post is added. Give it to somebody."),
            reverse("admin:post", args=[values["code"]]),
            None,
            values["source"],
        )
        return s.carry(request, desk, wish)
    return refused(request, desk, new_form(desk, values["unit"]), errors, "posts", (_("Posts"), reverse("admin:posts")))
