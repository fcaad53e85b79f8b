"""The catalogue with its limits: read, and changed from a day on; a reload of the pack keeps what was changed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.core.deadlines import TimeUnit
from gewu.registry.administration.changes import Step
from gewu.registry.entries import StandardInfo
from gewu.registry.models import Change, District, Override
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.log import changes_table
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.typography import sign

TOPIC = "catalogue"


def units_of_time() -> dict[str, str]:
    """How limits are counted, in words."""
    return {
        TimeUnit.URGENT_MINUTE: _("minutes, day and night"),
        TimeUnit.URGENT_HOUR: _("hours, day and night"),
        TimeUnit.URGENT_DAY: _("days, Sundays too"),
        TimeUnit.WORK_MINUTE: _("minutes of working time"),
        TimeUnit.WORK_HOUR: _("hours of working time"),
        TimeUnit.WORK_DAY: _("working days"),
    }


def limit_words(value: int, unit: str) -> str:
    """``4 hours of working time``."""
    return f"{value} {units_of_time().get(TimeUnit(unit), unit)}"


@admin_page
@require_safe
def catalogue(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Categories with the limits of their standards. One statement; the rest is in memory."""
    words, kind = s.words_of(request), request.GET.get("kind", "")
    changed = set(Override.objects.filter(table="standard", ended_at=None).values_list("key", flat=True))
    only = request.GET.get("changed") == "1"
    rows = []
    found = []
    for category in desk.directory.categories.values():
        if not category.active or (kind and category.kind != kind):
            continue
        called = (category.key, category.name_zh, category.name_en, category.major_name_zh, category.major_name_en)
        text = " ".join(called).lower()
        if any(word not in text for word in words.lower().split()[:5]):
            continue
        standards = desk.directory.standards_for(category.key)
        if only and not any(one.key in changed for one in standards):
            continue
        found.append(category.key)
        rows.append(
            [
                s.Cell(
                    names.typeset(category.name(desk.language), desk.language),
                    reverse("admin:category", args=[category.kind, category.code]),
                ),
                s.Cell(f"{_kinds().get(category.kind, category.kind)} {category.code}", code=True),
                s.Cell(names.typeset(category.major_name(desk.language), desk.language), soft=True),
                s.Cell(len(standards)),
                s.Cell(_range(standards)),
                s.Cell(_("changed here") if any(one.key in changed for one in standards) else ""),
            ]
        )
    everything = s.whole(request)
    after = request.GET.get("after", "")
    start = found.index(after) + 1 if after in found and not everything else 0
    shown = rows if everything else rows[start : start + s.LIST]
    table = s.Table(
        "catalogue",
        s.columns(_("Category"), _("Code"), _("Major class"), s.number(_("Standards")), _("Limits"), _("Changes")),
        shown,
        empty_title=_("No category is found"),
        empty=_("Widen or clear the filters."),
    )
    sheet = s.Page(
        "catalogue",
        _("Catalogue"),
        lead=_(
            "Categories come from packs. Limits may be changed here from a day on; a reload of the pack keeps them."
        ),
        tables=[table],
        saved=table,
    )
    sheet.next_after = found[start + s.LIST - 1] if not everything and len(found) > start + s.LIST else ""
    sheet.filters = [
        s.search(_("Name or code"), words),
        s.picked("kind", _("Kind"), [s.Choice(k, t) for k, t in _kinds().items()], kind, _("All")),
        s.Field("changed", _("Only what was changed here"), "checkbox", only, prefix="f"),
    ]
    sheet.clear = reverse("admin:catalogue") if words or kind or only else ""
    return s.show(request, desk, sheet)


def _kinds() -> dict[str, str]:
    return {"matter": _("matter"), "component": _("component")}


def _range(standards: tuple[StandardInfo, ...]) -> str:
    limits = list(dict.fromkeys(limit_words(one.limit_value, one.limit_unit) for one in standards))
    return sign(";", get_language()).join(limits[:3]) + (" …" if len(limits) > 3 else "")


@admin_page
@require_safe
def category(request: HttpRequest, desk: Desk, kind: str, code: str) -> HttpResponse:
    """One category: its standards with limits, each with a form. Two statements."""
    return _show(request, desk, f"{kind}:{code}")


def _show(request: HttpRequest, desk: Desk, key: str, form: s.Form | None = None) -> HttpResponse:
    found = desk.directory.category(key)
    if found is None:
        raise Http404(_("There is no such category."))
    standards = desk.directory.standards_for(key)
    live = {
        o.key: o
        for o in Override.objects.filter(
            table="standard", field="limit_value", ended_at=None, key__in=[x.key for x in standards]
        )
    }
    sheet = s.Page(
        "catalogue",
        names.typeset(found.name(desk.language), desk.language),
        back=(_("Catalogue"), reverse("admin:catalogue")),
    )
    sheet.facts = [
        s.Fact(_("Code"), f"{_kinds().get(found.kind, found.kind)} {found.code}"),
        s.Fact(_("Major class"), names.typeset(found.major_name(desk.language), desk.language)),
        s.Fact(_("Responsibility"), _("Who would get this"), f"{reverse('admin:responsibility')}?category={found.key}"),
    ]
    rows = [
        [
            s.Cell(one.code, code=True),
            s.Cell(names.said(one.filing, desk.language)),
            s.Cell(names.said(one.closing, desk.language)),
            s.Cell(
                limit_words(one.limit_value, one.limit_unit),
                note=_("the pack says %(value)s") % {"value": live[one.key].pack_value} if one.key in live else "",
            ),
            s.Cell(_("official") if one.limit_status == "official" else _("assumption"), soft=True),
        ]
        for one in standards
    ]
    columns = s.columns(_("Standard"), _("Filed when"), _("Closed when"), _("Limit"), _("Basis"))
    sheet.tables = [
        s.Table(
            "standards",
            columns,
            rows,
            title=_("Standards"),
            empty_title=_("No standard"),
            empty=_("The pack has none for this category."),
        ),
        changes_table(
            desk,
            Change.objects.filter(
                district_id=desk.district_id, table="standard", key__in=[x.key for x in standards]
            ).select_related("made_by")[:20],
            _("What was changed"),
        ),
    ]
    if District.objects.count() > 1:
        sheet.notes = [
            _(
                "The catalogue is shared by all districts of this installation: a limit changed here holds for "
                "all of them."
            )
        ]
    sheet.forms = [_limit_form(desk, one) for one in standards]
    sheet.put(form)
    return s.show(request, desk, sheet)


def _limit_form(desk: Desk, one: StandardInfo) -> s.Form:
    return s.Form(
        _("Change the limit of %(code)s") % {"code": one.code},
        reverse("admin:limit", args=[one.kind, one.code]),
        [
            s.Field(
                "limit_value",
                _("Limit"),
                "number",
                str(one.limit_value),
                required=True,
                prefix=one.code,
                attrs={"min": "1", "max": "100000"},
            ),
            s.select(
                "limit_unit",
                _("Counted in"),
                [s.Choice(k, t) for k, t in units_of_time().items()],
                one.limit_unit,
                prefix=one.code,
            ),
            s.select(
                "limit_status",
                _("Basis"),
                [s.Choice("official", _("official")), s.Choice("assumption", _("assumption"))],
                one.limit_status,
                prefix=one.code,
            ),
            s.day_field("from", _("From"), s.today(desk), prefix=one.code),
            s.reason_field(one.code),
        ],
        _("Change it"),
    )


@admin_page
@require_POST
def limit(request: HttpRequest, desk: Desk, kind: str, code: str) -> HttpResponse:
    """Another limit of a standard, from a day on."""
    one = desk.directory.standard(f"{kind}:{code}")
    if one is None:
        raise Http404(_("There is no such standard."))
    errors: s.Errors = {}
    form = _limit_form(desk, one)
    text, unit, status = (request.POST.get(name, "") for name in ("limit_value", "limit_unit", "limit_status"))
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    if not 1 <= value <= 100_000:
        errors["limit_value"] = _("A limit is a whole number from 1 to 100,000.")
    if unit not in set(TimeUnit):
        errors["limit_unit"] = _("Choose one of the list.")
    if status not in ("official", "assumption"):
        errors["limit_status"] = _("Choose one of the list.")
    day = s.from_today(request, desk, errors)
    reason = s.needed(request, "reason", errors, 300)
    back = reverse("admin:category", args=one.category.split(":", 1))
    steps = [
        Step("set", "standard", one.key, name, new)
        for name, new, old in (
            ("limit_value", value, one.limit_value),
            ("limit_unit", unit, one.limit_unit),
            ("limit_status", status, one.limit_status),
        )
        if new != old
    ]
    if not errors and not steps:
        form.errors = [_("Nothing is different.")]
    elif not errors:
        wish = s.Wish(steps, TOPIC, form.title, _("The limit is changed."), back, day, reason)
        wish.lines = [(one.code, limit_words(one.limit_value, one.limit_unit), limit_words(value, unit))]
        wish.consequences = [
            _("Cases filed from then on get the new limit. Deadlines that run stay as they were promised.")
        ]
        return s.carry(request, desk, wish, form)
    s.filled(form.fields, request, errors)
    form.folded = False
    return _show(request, desk, one.category, form)
