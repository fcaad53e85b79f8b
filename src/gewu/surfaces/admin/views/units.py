"""Units: their posts and what hangs on them; renamed, added, ended with a successor by an act."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.ledger.counting import open_parts_of_units
from gewu.registry.administration.changes import Step
from gewu.registry.models import Post, ResponsibilityRule, Unit
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.ending import end, end_form
from gewu.surfaces.admin.views.giving import held_rows, holding_columns, refused
from gewu.surfaces.admin.views.log import history
from gewu.surfaces.admin.views.new_post import new_form
from gewu.surfaces.admin.views.posts import standing
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk

TOPIC = "units"
STATES = ("standing", "ended", "letters")


@admin_page
@require_safe
def units(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tree of units. One statement; the rest is in memory."""
    words, state = s.words_of(request), request.GET.get("state", "")
    state = state if state in STATES else "standing"
    today = s.today(desk)
    counts: dict[str, int] = dict(
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
        rows.append(
            [
                s.Cell(
                    names.unit(desk.directory, unit.code, desk.language),
                    reverse("admin:unit", args=[unit.code]),
                    indent="　" * depth,
                ),
                s.Cell(unit.code, code=True),
                s.Cell(counts.get(unit.code)),
                s.Cell(_("in Gewu") if unit.accounts else _("by official letter")),
                s.Cell(unit.valid_from),
                s.Cell(unit.valid_to),
                s.unit_cell(desk, unit.successor if unit.successor in desk.directory.units else ""),
            ]
        )
    table = s.Table(
        "units",
        s.columns(_("Unit"), _("Code"), s.number(_("Posts")), _("Works"), _("From"), _("Last day"), _("In its place")),
        rows,
        empty_title=_("No unit is found"),
        empty=_("Widen or clear the filters."),
    )
    sheet = s.Page("units", _("Units"), tables=[table], saved=table)
    titles = {"standing": _("Standing"), "ended": _("Ended or to come"), "letters": _("By official letter")}
    sheet.filters = [s.search(_("Name or code"), words), s.by_state(titles, state)]
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
    sheet = s.Page(
        "units", names.unit(desk.directory, found.code, desk.language), back=(_("Units"), reverse("admin:units"))
    )
    sheet.facts = [
        s.unit_fact(desk, _("Below"), found.parent.code if found.parent else ""),
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
        s.unit_fact(desk, _("Now in its place"), info.successor if info.successor in desk.directory.units else ""),
        s.Fact(_("Code"), found.code),
        s.Fact(_("Source"), s.cited(found.source)),
    ]
    columns = [*holding_columns()[:1], s.Column(_("In post")), *holding_columns()[2:]]
    rows = [
        [
            row[0],
            s.person_cell(desk, p.person),
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
        history(desk, found.code, "unit", "reform"),
    ]
    if info.active:
        sheet.forms = [
            _name_form(desk, found),
            *([new_form(desk, found.code)] if found.accounts else []),
            _new_form(desk, found.code),
            end_form(desk, found),
        ]
        sheet.put(form)
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
            *s.names_of(found, "name"),
            s.phone(found.work_phone, prefix="name"),
            s.select(
                "calendar",
                _("Working hours"),
                calendar_choices(desk),
                found.calendar,
                prefix="name",
                nothing=_("those of the unit above"),
                required=False,
            ),
            s.day_field("from", _("From"), s.today(desk), prefix="name"),
            s.reason_field("name"),
        ],
        _("Save"),
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
        day = s.from_today(request, desk, errors)
        titles = {
            "name_zh": _("Chinese name"),
            "name_en": _("English name"),
            "work_phone": _("Work telephone"),
            "calendar": _("Working hours"),
        }
        steps, lines = s.changed(found, request, errors, titles, "unit", code)
        if not errors and not steps:
            form.errors = [_("Nothing is different.")]
        elif not errors:
            wish = s.Wish(steps, TOPIC, form.title, _("The unit is changed."), back, day, reason, lines)
            if any(step.field == "calendar" for step in steps):
                wish.consequences.append(
                    _("Deadlines that run go on as they are; new ones are counted by the new working hours.")
                )
            return s.carry(request, desk, wish, form)
    elif verb == "end":
        form = end_form(desk, found)
        answer = end(request, desk, found, errors, reason)
        if answer is not None:
            return answer
    else:
        raise Http404(_("There is no such page."))
    s.filled(form.fields, request, errors)
    return show_unit(request, desk, found, form)


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
            s.select(
                "parent", _("Below"), s.unit_choices(desk), parent, prefix="nu", nothing=_("none"), required=False
            ),
            s.new_code("nu"),
            s.select("kind", _("Kind of unit"), kinds, prefix="nu"),
            *s.new_names("nu"),
            s.Field(
                "accounts",
                _("Its people log in here (otherwise it gets official letters)"),
                "checkbox",
                True,
                prefix="nu",
            ),
            s.phone(prefix="nu"),
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
        return s.carry(request, desk, wish, _new_form(desk))
    return refused(request, desk, _new_form(desk), errors, TOPIC, (_("Units"), reverse("admin:units")))
