"""Units: their posts and what hangs on them; renamed, added, ended with a successor by an act."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gewu.enforcement.acts import Act, Merge
from gewu.enforcement.plan import make_plan
from gewu.enforcement.reform import NotPossible, apply
from gewu.ledger.counting import open_parts_of_units
from gewu.ledger.errors import Busy
from gewu.registry.administration.changes import Step, note
from gewu.registry.models import Change, Post, ResponsibilityRule, Unit
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.giving import held_rows, holding_columns, refused
from gewu.surfaces.admin.views.log import changes_table
from gewu.surfaces.admin.views.people import name_of
from gewu.surfaces.admin.views.posts import changed, new_form, standing
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk, page

TOPIC = "units"
STATES = ("standing", "ended", "letters")


@admin_page
@require_safe
def units(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tree of units. One statement; the rest is in memory."""
    words, state = s.words_of(request), request.GET.get("state", "")
    state = state if state in STATES else "standing"
    today = s.today(desk)
    counts = dict(
        Post.objects.filter(standing(today), district_id=desk.district_id)
        .values_list("unit__code")
        .annotate(n=Count("pk"))
        .order_by()
    )
    rows = []
    for unit in desk.directory.units.values():
        if (state == "ended") == unit.active or (state == "letters" and unit.accounts):
            continue
        if any(w not in f"{unit.code} {unit.name_zh} {unit.name_en}".lower() for w in words.lower().split()[:5]):
            continue
        depth = max(0, unit.path.count("/") - 2) if state == "standing" and not words else 0
        heir = desk.directory.units.get(unit.successor)
        rows.append(
            [
                s.Cell(
                    f"{'　' * depth}{names.unit(desk.directory, unit.code, desk.language)}",
                    reverse("admin:unit", args=[unit.code]),
                ),
                s.Cell(unit.code, code=True),
                s.Cell(counts.get(unit.code)),
                s.Cell(_("in Gewu") if unit.accounts else _("by official letter")),
                s.Cell(unit.valid_from),
                s.Cell(unit.valid_to),
                s.Cell(names.unit(desk.directory, heir.code, desk.language), reverse("admin:unit", args=[heir.code]))
                if heir
                else s.Cell(""),
            ]
        )
    table = s.Table(
        "units",
        [
            s.Column(_("Unit")),
            s.Column(_("Code")),
            s.Column(_("Posts"), num=True),
            s.Column(_("Works")),
            s.Column(_("From")),
            s.Column(_("Last day")),
            s.Column(_("In its place")),
        ],
        rows,
        empty_title=_("No unit is found"),
        empty=_("Widen or clear the filters."),
    )
    sheet = s.Page("units", _("Units"), tables=[table], saved=table)
    titles = [_("Standing"), _("Ended or to come"), _("By official letter")]
    sheet.filters = [
        s.Field("q", _("Name or code"), value=words, prefix="f", required=True, attrs={"autocomplete": "off"}),
        s.Field(
            "state",
            _("State"),
            "select",
            state,
            prefix="f",
            required=True,
            choices=[s.Choice(c, t) for c, t in zip(STATES, titles, strict=True)],
        ),
    ]
    sheet.clear = reverse("admin:units") if words or state != "standing" else ""
    sheet.forms = [_new_form(desk)]
    return s.show(request, desk, sheet)


def of_code(desk: Desk, code: str) -> Unit:
    """The unit of the address. Raises ``Http404``."""
    found = (
        Unit.objects.filter(district_id=desk.district_id, code=code)
        .select_related("parent", "place")
        .defer("place__geometry")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such unit."))
    return found


@admin_page
@require_safe
def unit(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One unit: what hangs on it, its posts, what was changed. Five statements."""
    return show_unit(request, desk, of_code(desk, code))


def show_unit(request: HttpRequest, desk: Desk, found: Unit, form: s.Form | None = None) -> HttpResponse:
    """The page of a unit, perhaps with a form that was refused."""
    info = desk.directory.units[found.code]
    posts = list(
        Post.objects.filter(standing(s.today(desk)), district_id=desk.district_id, unit=found)
        .select_related("unit", "role", "person")
        .order_by("code")
    )
    rules = ResponsibilityRule.objects.filter(district_id=desk.district_id, unit=found, retired_on=None).count()
    parts = open_parts_of_units(desk.district_id, [found.code])
    heir = desk.directory.units.get(info.successor)
    sheet = s.Page(
        "units", names.unit(desk.directory, found.code, desk.language), back=(_("Units"), reverse("admin:units"))
    )
    sheet.facts = [
        s.Fact(
            _("Below"),
            names.unit(desk.directory, found.parent.code, desk.language) if found.parent else "",
            reverse("admin:unit", args=[found.parent.code]) if found.parent else "",
        ),
        s.Fact(_("Works"), _("in Gewu") if found.accounts else _("by official letter")),
        s.Fact(_("Open parts of records"), str(parts)),
        s.Fact(_("Rules of responsibility"), str(rules)),
        s.Fact(_("Territory"), names.place_full(desk.directory, info.place, desk.language) if info.place else ""),
        s.Fact(
            _("Working hours"), _calendar_name(desk, info.calendar) if info.calendar else _("those of the unit above")
        ),
        s.Fact(_("Work telephone"), found.work_phone),
        s.Fact(_("From"), info.valid_from),
        s.Fact(_("Last day"), info.valid_to),
        s.Fact(
            _("Now in its place"),
            names.unit(desk.directory, heir.code, desk.language) if heir else "",
            reverse("admin:unit", args=[heir.code]) if heir else "",
        ),
        s.Fact(_("Code"), found.code),
        s.Fact(_("Source"), s.cited(found.source)),
    ]
    columns = [*holding_columns()[:1], s.Column(_("In post")), *holding_columns()[2:]]
    rows = [
        [
            row[0],
            s.Cell(name_of(p.person, desk.language), reverse("admin:person", args=[p.person.login]))
            if p.person
            else s.Cell(_("vacant"), soft=True),
            *row[2:],
        ]
        for p, row in zip(posts, held_rows(desk, posts), strict=True)
    ]
    sheet.tables = [
        s.Table(
            "unit-posts",
            columns,
            rows,
            title=_("Posts"),
            empty_title=_("No post"),
            empty=_("Add one below if people of this unit log in."),
        ),
        changes_table(
            desk,
            Change.objects.filter(
                district_id=desk.district_id, table__in=("unit", "reform"), key=found.code
            ).select_related("made_by")[:20],
            _("What was changed"),
        ),
    ]
    if info.active:
        sheet.forms = [
            _name_form(desk, found),
            *([new_form(desk, found.code)] if found.accounts else []),
            _new_form(desk, found.code),
            _end_form(desk, found),
        ]
        if form is not None:
            sheet.forms = [form if form.action == old.action else old for old in sheet.forms]
    return s.show(request, desk, sheet)


def _calendar_name(desk: Desk, code: str) -> str:
    return next((c.label for c in calendar_choices(desk) if c.value == code), code)


def calendar_choices(desk: Desk) -> list[s.Choice]:
    """The working hours that packs define, by title."""
    from gewu.registry.models import CalendarSpec

    zh = desk.language.startswith("zh")
    rows = CalendarSpec.objects.filter(Q(district_id=desk.district_id) | Q(district=None), retired_on=None)
    return [
        s.Choice(x.code, x.title_zh if zh else x.title_en) for x in rows if x.code in desk.directory.calendar_plan.specs
    ]


def _name_form(desk: Desk, found: Unit) -> s.Form:
    return s.Form(
        _("Name, telephone, working hours"),
        reverse("admin:unit-act", args=[found.code, "name"]),
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
            s.Field("work_phone", _("Work telephone"), "tel", found.work_phone, prefix="name"),
            s.Field(
                "calendar",
                _("Working hours"),
                "select",
                found.calendar,
                prefix="name",
                choices=[s.Choice("", _("those of the unit above")), *calendar_choices(desk)],
            ),
            s.day_field("from", _("From"), s.today(desk), prefix="name"),
            s.reason_field("name"),
        ],
        _("Save"),
    )


def _end_form(desk: Desk, found: Unit) -> s.Form:
    others = [c for c in s.unit_choices(desk) if c.value != found.code]
    return s.Form(
        _("End the unit; another follows"),
        reverse("admin:unit-act", args=[found.code, "end"]),
        [
            s.Field(
                "into",
                _("In its place stands"),
                "select",
                required=True,
                prefix="end",
                choices=[s.Choice("", _("Choose")), *others],
            ),
            s.day_field("from", _("From"), s.today(desk), prefix="end"),
            s.Field(
                "number",
                _("Number of the decision"),
                required=True,
                prefix="end",
                attrs={"maxlength": "64", "autocomplete": "off"},
                hint=_("Under this number it is found, and taken back by another."),
            ),
            s.Field("title_zh", _("Title in Chinese"), required=True, prefix="end", attrs={"maxlength": "100"}),
            s.reason_field("end"),
        ],
        _("Show what follows"),
        _(
            "Open work, rules and posts go over to the successor with their deadlines. Closed records stay with "
            "the unit that earned them."
        ),
        danger=True,
    )


@admin_page
@require_POST
def act(request: HttpRequest, desk: Desk, code: str, verb: str) -> HttpResponse:
    """One of the forms on the page of a unit."""
    found, errors = of_code(desk, code), s.Errors()
    back = reverse("admin:unit", args=[code])
    reason = s.needed(request, "reason", errors, 300)
    if verb == "name":
        form = _name_form(desk, found)
        day = s.day_of(request, "from", errors, required=True)
        if day and day < s.today(desk):
            errors["from"] = _("From today or a later day.")
        titles = {
            "name_zh": _("Chinese name"),
            "name_en": _("English name"),
            "work_phone": _("Work telephone"),
            "calendar": _("Working hours"),
        }
        steps, lines = changed(found, request, errors, titles, "unit", code)
        if not errors and not steps:
            form.errors = [_("Nothing is different.")]
        elif not errors:
            wish = s.Wish(steps, TOPIC, form.title, _("The unit is changed."), back, day, reason, lines)
            if any(step.field == "calendar" for step in steps):
                wish.consequences.append(
                    _("Deadlines that run go on as they are; new ones are counted by the new working hours.")
                )
            return s.carry(request, desk, wish)
    elif verb == "end":
        form = _end_form(desk, found)
        answer = _end(request, desk, found, errors, reason)
        if answer is not None:
            return answer
    else:
        raise Http404(_("There is no such page."))
    s.filled(form.fields, request, errors)
    return show_unit(request, desk, found, form)


def _end(request: HttpRequest, desk: Desk, found: Unit, errors: s.Errors, reason: str) -> HttpResponse | None:
    """Preview the act that merges the unit, then carry it out; None with errors."""
    into = s.needed(request, "into", errors, 64)
    number, title = s.needed(request, "number", errors, 64), s.needed(request, "title_zh", errors, 100)
    day = s.day_of(request, "from", errors, required=True)
    if into and into not in desk.directory.units:
        errors["into"] = _("There is no such unit.")
    if day and day < s.today(desk):
        errors["from"] = _("From today or a later day.")
    if errors or day is None:
        return None
    said = {
        "number": number,
        "date": day.isoformat(),
        "title": title,
        "merge": [found.code],
        "into": into,
        "why": reason,
    }
    text = json.dumps(said, ensure_ascii=False)
    wanted = Act(number, day, title, title, reason, merges=(Merge((found.code,), into),), text=text)
    back = reverse("admin:unit", args=[found.code])
    if request.POST.get("confirmed") == "1":
        try:
            plan = apply(desk.district_id, wanted, f"{desk.person.login} ({desk.post.post_code})")
        except NotPossible as error:
            return _shown(request, desk, found, into, day, error.plan.problems)
        except Busy:
            return _shown(
                request,
                desk,
                found,
                into,
                day,
                [_("A record is being changed by somebody. Wait a minute, then try again.")],
            )
        note(
            s.district_of(desk),
            s.by_of(desk, reason),
            topic=TOPIC,
            verb="reform",
            table="unit",
            key=found.code,
            before=found.code,
            after=said,
        )
        messages.success(
            request,
            ngettext("%(n)d record went over.", "%(n)d records went over.", plan.records) % {"n": plan.records}
            if day <= s.today(desk)
            else _("Planned for %(day)s. It is checked again on that day.") % {"day": day.isoformat()},
        )
        return redirect(back)
    plan = make_plan(desk.district_id, wanted)
    return _shown(request, desk, found, into, day, plan.problems, _follows(desk, plan, into))


def _follows(desk: Desk, plan: Any, into: str) -> list[str]:
    name = names.unit(desk.directory, into, desk.language)
    records = len({part.record_id for part in plan.parts})
    return [
        ngettext(
            "It has a part in %(n)d open record; that goes to %(unit)s with its deadline.",
            "It has a part in %(n)d open records; they go to %(unit)s with their deadlines.",
            records,
        )
        % {"n": records, "unit": name},
        ngettext(
            "%(n)d rule of responsibility answers with the successor.",
            "%(n)d rules of responsibility answer with the successor.",
            len(plan.rules),
        )
        % {"n": len(plan.rules)},
        ngettext(
            "%(n)d post is a post of the successor from then on; its holder goes on.",
            "%(n)d posts are posts of the successor from then on; their holders go on.",
            len(plan.posts),
        )
        % {"n": len(plan.posts)},
        _("It holds no item of enforcement any more, and cannot be chosen. Another decision can take this back."),
    ]


def _shown(
    request: HttpRequest,
    desk: Desk,
    found: Unit,
    into: str,
    day: date,
    faults: list[str],
    follows: list[str] | None = None,
) -> HttpResponse:
    wish = s.Wish([], TOPIC, _("End the unit; another follows"), "", reverse("admin:unit", args=[found.code]), day)
    wish.lines = [
        (
            _("Unit"),
            names.unit(desk.directory, found.code, desk.language),
            names.unit(desk.directory, into, desk.language),
        ),
        (_("Last day"), str(found.valid_to or _("no end set")), (day - timedelta(days=1)).isoformat()),
    ]
    wish.consequences = [] if faults else follows or []
    given = [
        (k, v) for k, values in request.POST.lists() for v in values if k not in ("csrfmiddlewaretoken", "confirmed")
    ]
    context: dict[str, object] = {
        "wish": wish,
        "faults": [s.sentence(f) for f in faults],
        "given": given,
        "tabs": s.tabs(),
        "tab": TOPIC,
        "action": request.get_full_path(),
    }
    return page(request, desk, "admin/confirm.html", context, status=422 if faults else 200)


# ---- a new unit


def _new_form(desk: Desk, parent: str = "") -> s.Form:
    examples = {u.kind: u for u in reversed(list(desk.directory.units.values())) if u.active}
    kinds = [
        s.Choice(kind, f"{kind} · {names.unit(desk.directory, examples[kind].code, desk.language)}")
        for kind in sorted(examples)
    ]
    return s.Form(
        _("New unit"),
        reverse("admin:unit-new"),
        [
            s.Field(
                "parent",
                _("Below"),
                "select",
                parent,
                prefix="nu",
                choices=[s.Choice("", _("none")), *s.unit_choices(desk)],
            ),
            s.Field(
                "code",
                _("Code"),
                required=True,
                prefix="nu",
                hint=_("Letters, digits and dashes; it stays for ever."),
                attrs={"maxlength": "64", "autocomplete": "off"},
            ),
            s.Field("kind", _("Kind of unit"), "select", required=True, prefix="nu", choices=kinds),
            s.Field("name_zh", _("Chinese name"), required=True, prefix="nu", attrs={"maxlength": "100"}),
            s.Field(
                "name_en",
                _("English name"),
                prefix="nu",
                attrs={"maxlength": "100"},
                hint=_("Left empty, the Chinese name stands here too."),
            ),
            s.Field(
                "accounts",
                _("Its people log in here (otherwise it gets official letters)"),
                "checkbox",
                True,
                prefix="nu",
            ),
            s.Field("work_phone", _("Work telephone"), "tel", prefix="nu"),
            s.day_field("valid_from", _("First day"), s.today(desk), prefix="nu"),
            s.reason_field("nu"),
        ],
        _("Add the unit"),
    )


@admin_page
@require_POST
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add a unit; posts and rules come after it."""
    errors = s.Errors()
    values: dict[str, Any] = {name: s.needed(request, name, errors, 100) for name in ("code", "kind", "name_zh")}
    values["name_en"] = s.words_of(request, "name_en") or values["name_zh"]
    values["parent"], values["work_phone"] = s.words_of(request, "parent", 64), s.words_of(request, "work_phone", 32)
    values["accounts"] = request.POST.get("accounts") == "1"
    start = s.day_of(request, "valid_from", errors)
    values["valid_from"] = str(start) if start else ""
    values["source"] = s.needed(request, "reason", errors, 300)
    if not errors:
        step = Step("add", "unit", values["code"], value=values)
        wish = s.Wish(
            [step],
            TOPIC,
            _("New unit"),
            _("The unit is added."),
            reverse("admin:unit", args=[values["code"]]),
            None,
            values["source"],
        )
        return s.carry(request, desk, wish)
    return refused(request, desk, _new_form(desk), errors, TOPIC, (_("Units"), reverse("admin:units")))
