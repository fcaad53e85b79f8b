"""Responsibility: the rules, who would get a case and why, and changes of it from a day on."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.registry.administration.changes import Step
from gewu.registry.models import ResponsibilityRule
from gewu.registry.responsibility import ANY, AREA_PREFIX
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.giving import refused
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk

TOPIC = "responsibility"


def _key(rule: ResponsibilityRule) -> str:
    return f"{rule.kind}:{rule.category}:{rule.place}:{rule.owner}"


def _what(desk: Desk, rule: ResponsibilityRule) -> tuple[str, str, str]:
    """Category, place and owner of a rule, in words."""
    return category_words(desk, rule.kind, rule.category), place_words(desk, rule.place), owner_words(desk, rule.owner)


def category_words(desk: Desk, kind: str, code: str) -> str:
    """What a pattern of categories means."""
    if code == ANY:
        return _("any category")
    kinds = ("matter", "component") if kind == ANY else (kind,)
    for one in kinds:
        exact = desk.directory.categories.get(f"{one}:{code}")
        if exact:
            return f"{code} {names.typeset(exact.name(desk.language), desk.language)}"
    major = next((c for c in desk.directory.categories.values() if c.kind in kinds and c.major == code), None)
    name = names.typeset(major.major_name(desk.language), desk.language) if major else ""
    return f"{code}… {name}".strip()


def place_words(desk: Desk, code: str) -> str:
    """What a place or area of a rule is called."""
    if code == ANY:
        return _("anywhere")
    if code.startswith(AREA_PREFIX):
        area = desk.directory.areas.get(code.removeprefix(AREA_PREFIX))
        return names.typeset(area.name(desk.language), desk.language) if area else code
    return names.place_full(desk.directory, code, desk.language)


def owner_words(desk: Desk, code: str) -> str:
    """What an owner of a rule is called."""
    if code == ANY:
        return _("any owner")
    owner = desk.directory.owners.get(code)
    return names.typeset(owner.name(desk.language), desk.language) if owner else code


@admin_page
@require_safe
def responsibility(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who would get this, and the rules. One statement."""
    sheet = s.Page(
        "responsibility",
        _("Responsibility"),
        lead=_("The most specific rule wins: first the category, then the place, then the owner of the facility."),
    )
    category, place, owner = (
        s.words_of(request, "category", 120),
        s.words_of(request, "place", 120),
        s.words_of(request, "owner", 64),
    )
    unit = s.words_of(request, "unit", 64)
    sheet.filters = [
        s.Field("category", _("Category"), value=category, prefix="f", required=True, attrs=_like("06012")),
        s.Field("place", _("Place"), value=place, prefix="f", required=True, attrs=_like("500101001001")),
        s.picked("owner", _("Owner"), _owners(desk), owner, _("nobody said")),
        s.picked("unit", _("Rules of the unit"), s.unit_choices(desk), unit, _("All")),
    ]
    key, where = _category(desk, category), _place(desk, place)
    if category and not key:
        sheet.errors.append(_("No category is called “%(words)s”. Type its code or its name.") % {"words": category})
    if place and not where:
        sheet.errors.append(_("No place is called “%(words)s”. Type its code or its name.") % {"words": place})
    if key and (where or not place):
        sheet.tables.append(_who_gets(desk, key, where or desk.directory.district.code, owner))
    sheet.tables.append(table := _rules(request, desk, sheet, key, where, unit))
    sheet.saved = table
    sheet.clear = reverse("admin:responsibility") if category or place or owner or unit else ""
    sheet.forms = [_add_form(desk, key.partition(":")[2] if key else "", where)]
    return s.show(request, desk, sheet)


def _like(example: str) -> dict[str, str]:
    return {"autocomplete": "off", "placeholder": example}


def _owners(desk: Desk) -> list[s.Choice]:
    return [s.Choice(one.code, owner_words(desk, one.code)) for one in desk.directory.owners.values()]


def _category(desk: Desk, words: str) -> str:
    found = find.categories(desk.directory, words, 1) if words else []
    return found[0].key if found else ""


def _place(desk: Desk, words: str) -> str:
    found = find.places(desk.directory, words, 1) if words else []
    return found[0].code if found else ""


def _who_gets(desk: Desk, key: str, place: str, owner: str) -> s.Table:
    found = desk.directory.candidates(key, place, (), owner)
    rows = [
        [
            s.unit_cell(desk, c.unit.code, _("gets it") if n == 0 and c.rule else ""),
            s.Cell(names.said(c.why, desk.language)),
            s.Cell(
                _("queue for the ownerless") if c.queue else _("rule") if c.rule else _("by territory only"), soft=True
            ),
        ]
        for n, c in enumerate(found)
    ]
    title = _("Who would get %(category)s in %(place)s") % {
        "category": names.category(desk.directory, key, desk.language),
        "place": place_words(desk, place),
    }
    return s.Table(
        "who",
        s.columns(_("Unit"), _("Because of"), _("Kind of claim")),
        rows,
        title=title,
        empty_title=_("Nobody would get this"),
        empty=_("Add a rule below."),
    )


def _rules(request: HttpRequest, desk: Desk, sheet: s.Page, key: str, place: str, unit: str) -> s.Table:
    found = ResponsibilityRule.objects.filter(district_id=desk.district_id, retired_on=None).select_related("unit")
    if unit:
        found = found.filter(unit__code=unit)
    if key:
        kind, _sep, code = key.partition(":")
        prefixes = [code[:n] for n in range(1, len(code) + 1)]
        found = found.filter(kind__in=(kind, ANY), category__in=(*prefixes, ANY))
    if place:
        areas = [f"{AREA_PREFIX}{a}" for a in desk.directory.areas_of(place)]
        found = found.filter(place__in=(*(place[:n] for n in range(6, len(place) + 1)), *areas, ANY))
    rows, sheet.next_after = s.one_page(request, found, "pk", 50_000)
    lines = []
    for rule in rows:
        what, where, whose = _what(desk, rule)
        lines.append(
            [
                s.Cell(what, reverse("admin:rule", args=[rule.pk])),
                s.Cell(where),
                s.Cell(whose),
                s.unit_cell(desk, rule.unit.code, _("queue for the ownerless") if rule.queue else ""),
                s.Cell(s.cited(rule.source), soft=True),
            ]
        )
    return s.Table(
        "rules",
        s.columns(_("Category"), _("Place"), _("Owner"), _("Unit"), _("Source")),
        lines,
        title=_("Rules"),
        empty_title=_("No rule is found"),
        empty=_("Widen or clear the filters."),
    )


# ---- changing them


@admin_page
@require_safe
def rule(request: HttpRequest, desk: Desk, rule_id: int) -> HttpResponse:
    """One rule and the form by which another unit answers. One statement."""
    return _show(request, desk, _of(desk, rule_id))


def _of(desk: Desk, rule_id: int) -> ResponsibilityRule:
    found = (
        ResponsibilityRule.objects.filter(district_id=desk.district_id, pk=rule_id, retired_on=None)
        .select_related("unit")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such rule."))
    return found


def _show(request: HttpRequest, desk: Desk, found: ResponsibilityRule, form: s.Form | None = None) -> HttpResponse:
    what, where, whose = _what(desk, found)
    sheet = s.Page("responsibility", what, back=(_("Responsibility"), reverse("admin:responsibility")))
    sheet.facts = [
        s.Fact(_("Place"), where),
        s.Fact(_("Owner"), whose),
        s.unit_fact(desk, _("Unit"), found.unit.code),
        s.Fact(_("Source"), s.cited(found.source)),
    ]
    sheet.forms = [form or _unit_form(desk, found)]
    return s.show(request, desk, sheet)


def _unit_form(desk: Desk, found: ResponsibilityRule) -> s.Form:
    return s.Form(
        _("Another unit answers"),
        reverse("admin:rule-set", args=[found.pk]),
        [
            s.select("unit", _("Unit"), s.unit_choices(desk), found.unit.code, prefix="u"),
            s.day_field("from", _("From"), s.today(desk), prefix="u"),
            s.reason_field("u"),
        ],
        _("Change it"),
        folded=False,
    )


@admin_page
@require_POST
def set_unit(request: HttpRequest, desk: Desk, rule_id: int) -> HttpResponse:
    """Another unit answers for what the rule says, from a day on."""
    found, errors = _of(desk, rule_id), s.Errors()
    unit = s.needed(request, "unit", errors, 64)
    day = s.from_today(request, desk, errors)
    if unit and unit not in desk.directory.units:
        errors["unit"] = _("There is no such unit.")
    reason = s.needed(request, "reason", errors, 300)
    if unit == found.unit.code:
        errors["unit"] = _("This unit answers already.")
    if not errors:
        wish = s.Wish(
            [Step("set", "rule", _key(found), "unit", unit)],
            TOPIC,
            _("Another unit answers"),
            _("The rule is changed."),
            reverse("admin:rule", args=[rule_id]),
            day,
            reason,
        )
        wish.lines = [
            (
                " · ".join(_what(desk, found)),
                names.unit(desk.directory, found.unit.code, desk.language),
                names.unit(desk.directory, unit, desk.language),
            )
        ]
        wish.consequences = [
            _(
                "Cases dispatched from then on are proposed to the new unit. Open work stays where it is; "
                "dispatch it anew if it is to go over."
            )
        ]
        return s.carry(request, desk, wish, _unit_form(desk, found))
    form = _unit_form(desk, found)
    s.filled(form.fields, request, errors)
    return _show(request, desk, found, form)


def _add_form(desk: Desk, category: str = "", place: str = "") -> s.Form:
    kinds = [
        s.Choice(ANY, _("matters and components")),
        s.Choice("matter", _("matter")),
        s.Choice("component", _("component")),
    ]
    owners = [s.Choice(ANY, _("any owner")), *_owners(desk)]
    return s.Form(
        _("New rule"),
        reverse("admin:rule-add"),
        [
            s.select("kind", _("Kind"), kinds, ANY, prefix="r"),
            s.Field(
                "category",
                _("Category"),
                value=category or ANY,
                required=True,
                prefix="r",
                hint=_("The code or its beginning; * means all."),
            ),
            s.Field(
                "place",
                _("Place"),
                value=place or ANY,
                required=True,
                prefix="r",
                hint=_("The code of a place, area:CODE, or * for everywhere."),
            ),
            s.select("owner", _("Owner"), owners, ANY, prefix="r"),
            s.select("unit", _("Unit"), s.unit_choices(desk), prefix="r", nothing=_("Choose")),
            s.reason_field("r"),
        ],
        _("Add the rule"),
    )


@admin_page
@require_POST
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add a rule, from now on."""
    errors = s.Errors()
    values: dict[str, object] = {
        name: s.needed(request, name, errors, 64) for name in ("kind", "category", "place", "owner", "unit")
    }
    values["source"] = s.needed(request, "reason", errors, 300)
    if not errors:
        key = ":".join(str(values[name]) for name in ("kind", "category", "place", "owner"))
        wish = s.Wish(
            [Step("add", "rule", key, value=values)],
            TOPIC,
            _("New rule"),
            _("The rule is added."),
            reverse("admin:responsibility"),
            None,
            str(values["source"]),
        )
        unit = names.unit(desk.directory, str(values["unit"]), desk.language)
        wish.lines = [
            (
                " · ".join(
                    (
                        category_words(desk, str(values["kind"]), str(values["category"])),
                        place_words(desk, str(values["place"])),
                        owner_words(desk, str(values["owner"])),
                    )
                ),
                "–",
                unit,
            )
        ]
        return s.carry(request, desk, wish, _add_form(desk))
    return refused(
        request, desk, _add_form(desk), errors, TOPIC, (_("Responsibility"), reverse("admin:responsibility"))
    )
