"""What the pages share: a sheet of facts, tables and forms; what forms say; the step before a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.registry.administration.changes import By, Refused, Step, carry_out, why_not
from gewu.registry.models import District
from gewu.surfaces.admin.parts import (
    LIST,
    by_state,
    columns,
    name_of,
    names_of,
    new_code,
    new_names,
    number,
    one_page,
    person_cell,
    phone,
    picked,
    search,
    select,
    text,
    unit_cell,
    unit_fact,
    whole,
)
from gewu.surfaces.admin.said import sentence
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.district.shared import FORMS, Cell, Column, Fact, Table, cited, file_of, today
from gewu.surfaces.desk.who import Desk, page
from gewu.surfaces.look.forms import Choice, Field

__all__ = [
    "LIST", "Cell", "Choice", "Column", "Fact", "Field", "Form", "Page", "Table", "by_state", "cited", "columns",
    "name_of", "names_of", "new_code", "new_names", "number", "one_page", "person_cell", "phone", "picked", "search",
    "select", "sentence", "text", "today", "unit_cell", "unit_fact", "whole",
]  # fmt: skip
Errors = dict[str, str]


@dataclass(slots=True)
class Form:
    """A form on a page. ``folded`` ones open on a press; one with an error is open. ``columns``: those of a sheet that
    it takes, each name and what stands in it.
    """

    title: str
    action: str
    fields: list[Field]
    button: str
    note: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    danger: bool = False
    folded: bool = True
    errors: Sequence[str] = ()
    files: bool = False
    columns: Sequence[tuple[str, str]] = ()

    @property
    def open(self) -> bool:
        return not self.folded or bool(self.errors) or any(one.error for one in self.fields)


@dataclass(slots=True)
class Page:
    """One page of the administration. ``saved`` is the table that goes into a file."""

    tab: str
    title: str
    lead: str = ""
    facts: list[Fact] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    filters: list[Field] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    back: tuple[str, str] | None = None
    clear: str = ""
    next_after: str = ""
    saved: Table | None = None
    tools: Sequence[tuple[str, str]] = ()
    status: int = 200

    def put(self, refused: Form | None) -> None:
        """A form that was refused takes the place of the fresh one, with what was typed and what is wrong."""
        if refused is not None:
            self.forms = [refused if refused.action == fresh.action else fresh for fresh in self.forms]


def tabs() -> list[tuple[str, str, str]]:
    """The parts of the administration: code, title, address."""
    return [
        ("home", _("What needs a hand"), reverse("admin:start")),
        ("people", _("People"), reverse("admin:people")),
        ("posts", _("Posts"), reverse("admin:posts")),
        ("units", _("Units"), reverse("admin:units")),
        *_more_tabs(),
        ("log", _("Changes"), reverse("admin:log")),
    ]


def _more_tabs() -> list[tuple[str, str, str]]:
    return [
        ("rosters", _("Duty rosters"), reverse("admin:rosters")),
        ("catalogue", _("Catalogue"), reverse("admin:catalogue")),
        ("responsibility", _("Responsibility"), reverse("admin:responsibility")),
        ("calendar", _("Calendar"), reverse("admin:calendar")),
        ("access", _("Shown names and ballots"), reverse("admin:access")),
    ]


def show(
    request: HttpRequest, desk: Desk, sheet: Page, template: str = "admin/page.html", **more: object
) -> HttpResponse:
    """The page, or its table as a file where ``form`` asks for one."""
    wanted = request.GET.get("form", "") if request.method == "GET" else ""
    if wanted in FORMS and sheet.saved is not None:
        return file_of(sheet.saved, wanted, today(desk))
    kept = {k: str(v) for k, v in request.GET.items() if v and k not in ("after", "form")}
    context: dict[str, object] = {
        "sheet": sheet,
        "tabs": tabs(),
        "files": [(form.upper(), f"?{urlencode({**kept, 'form': form})}") for form in FORMS]
        if sheet.saved is not None and sheet.saved.rows
        else [],
        "next_url": f"?{urlencode({**kept, 'after': sheet.next_after})}" if sheet.next_after else "",
        "first_url": f"?{urlencode(kept)}" if request.GET.get("after") else "",
        **more,
    }
    status = 422 if sheet.errors or any(f.errors or any(x.error for x in f.fields) for f in sheet.forms) else 200
    return page(request, desk, template, context, status=sheet.status if sheet.status != 200 else status)


# ---- what forms say


def district_of(desk: Desk) -> District:
    """The district of the desk, as a row."""
    return District.objects.get(pk=desk.district_id)


def words_of(request: HttpRequest, name: str = "q", longest: int = 100) -> str:
    """A line of text of the question or the form."""
    given = request.GET if request.method == "GET" else request.POST
    return given.get(name, "").replace("\0", "").strip()[:longest]


def day_of(request: HttpRequest, name: str, errors: Errors, *, required: bool = False) -> date | None:
    """A day of a form; what cannot be read is an error of that field."""
    text = request.POST.get(name, "").strip()
    if not text:
        if required:
            errors[name] = _("Choose a day.")
        return None
    try:
        found = date.fromisoformat(text)
        if 1900 <= found.year <= 2999:
            return found
    except ValueError:
        pass
    errors[name] = _("Write year, month and day, for example 2026-11-27.")
    return None


def from_today(request: HttpRequest, desk: Desk, errors: Errors, name: str = "from") -> date | None:
    """The day from which a change holds: today or later."""
    found = day_of(request, name, errors, required=True)
    if found and found < today(desk):
        errors[name] = _("From today or a later day.")
    return found


def needed(request: HttpRequest, name: str, errors: Errors, longest: int = 200) -> str:
    """A text that has to be there."""
    text = words_of(request, name, longest)
    if not text:
        errors[name] = _("This is needed.")
    return text


def filled(fields: Sequence[Field], request: HttpRequest, errors: Errors) -> list[Field]:
    """The fields with what was typed and what is wrong with it."""
    for one in fields:
        if request.method == "POST" and one.kind != "file":
            one.value = request.POST.get(one.name) == "1" if one.kind == "checkbox" else request.POST.get(one.name, "")
        one.error = errors.get(one.name, "")
    return list(fields)


def reason_field(prefix: str = "") -> Field:
    """Why; it stands in the log of changes."""
    hint = _("Stands in the log of changes.")
    return Field("reason", _("Why"), hint=hint, required=True, prefix=prefix, attrs={"maxlength": "300"})


def day_field(
    name: str, label: str, value: date | None, *, hint: str = "", required: bool = True, prefix: str = ""
) -> Field:
    """An input for a day."""
    return Field(name, label, "date", value.isoformat() if value else "", hint=hint, required=required, prefix=prefix)


def unit_choices(desk: Desk) -> list[Choice]:
    """All units that stand, as a select shows them."""
    return [
        Choice(
            unit.code,
            f"{' · ' * max(0, unit.path.count('/') - 2)}{names.unit(desk.directory, unit.code, desk.language)}",
        )
        for unit in desk.directory.units.values()
        if unit.active
    ]


# ---- changes


@dataclass(slots=True)
class Wish:
    """A change that somebody asks for: the steps, from which day, why, and what follows from it."""

    steps: list[Step]
    topic: str
    title: str
    done: str
    back: str
    day: date | None = None
    reason: str = ""
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    """What changes: its name, before, after."""
    consequences: list[str] = field(default_factory=list)
    after: Callable[[], None] | None = None


def by_of(desk: Desk, reason: str = "") -> By:
    """Who asks, at which post, and why."""
    return By(desk.person, desk.post.post_code, reason)


def carry(request: HttpRequest, desk: Desk, wish: Wish, form: Form) -> HttpResponse:
    """Show what follows from a change, then do it; what breaks the house comes back as the form, with the reasons."""
    district, by = district_of(desk), by_of(desk, wish.reason)
    confirmed = request.POST.get("confirmed") == "1"
    if not confirmed and (wish.consequences or wish.lines):
        if faults := why_not(district, wish.steps, by, wish.day):
            return sent_back(request, desk, wish.topic, form, [sentence(f) for f in faults])
        return before(request, desk, wish)
    try:
        carry_out(district, wish.steps, by, topic=wish.topic, day=wish.day)
    except Refused as refused:
        return sent_back(request, desk, wish.topic, form, [sentence(f) for f in refused.faults])
    if wish.after is not None:
        wish.after()
    if wish.day is not None and wish.day > today(desk):
        said = _("Planned for %(day)s. It is checked again on that day.") % {"day": wish.day.isoformat()}
    else:
        said = wish.done
    messages.success(request, said)
    return redirect(wish.back)


def changed(
    row: object, request: HttpRequest, errors: Errors, wanted: Mapping[str, str], table: str, key: str
) -> tuple[list[Step], list[tuple[str, str, str]]]:
    """The steps for those of the text fields that differ, and the lines that show it."""
    steps, lines = [], []
    for name, title in wanted.items():
        new, old = words_of(request, name, 200), str(getattr(row, name))
        if name.startswith("name") and not new:
            errors[name] = _("This is needed.")
        if new != old:
            steps.append(Step("set", table, key, name, new))
            lines.append((title, old or "–", new or "–"))
    return steps, lines


def sent_back(request: HttpRequest, desk: Desk, topic: str, form: Form, faults: Sequence[str]) -> HttpResponse:
    """The form alone as it was sent, and why it was not done: nothing typed is lost."""
    filled(form.fields, request, {})
    form.errors = [_("This was not done. Change what is named here, then send it again."), *faults]
    back = next(((title, url) for code, title, url in tabs() if code == topic), None)
    return show(request, desk, Page(topic, form.title, forms=[form], back=back))


def before(request: HttpRequest, desk: Desk, wish: Wish) -> HttpResponse:
    """What would change and what follows, to be confirmed."""
    given = [
        (k, v) for k, values in request.POST.lists() for v in values if k not in ("csrfmiddlewaretoken", "confirmed")
    ]
    context: dict[str, object] = {
        "wish": wish,
        "given": given,
        "tabs": tabs(),
        "tab": wish.topic,
        "action": request.get_full_path(),
    }
    return page(request, desk, "admin/confirm.html", context)
