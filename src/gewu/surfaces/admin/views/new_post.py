"""A new post: its unit, role, territory and days. It is vacant until it is given to somebody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gewu.registry.administration.changes import Step
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.admin.views.giving import TOPIC, refused
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk


def role_choices(desk: Desk) -> list[s.Choice]:
    """All roles by name."""
    return [s.Choice(code, names.role(desk.directory, code, desk.language)) for code in sorted(desk.directory.roles)]


def new_form(desk: Desk, unit: str = "") -> s.Form:
    """The form for a new post, of a unit if one is named."""
    return s.Form(
        _("New post"),
        reverse("admin:post-new"),
        [
            s.select("unit", _("Unit"), s.unit_choices(desk), unit, prefix="np", nothing=_("Choose")),
            s.select("role", _("Role"), role_choices(desk), prefix="np", nothing=_("Choose")),
            s.new_code("np"),
            *s.new_names("np"),
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
        return s.carry(request, desk, wish, new_form(desk))
    return refused(request, desk, new_form(desk, values["unit"]), errors, "posts", (_("Posts"), reverse("admin:posts")))
