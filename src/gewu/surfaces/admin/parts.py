"""The shape that lists and forms share: filters, headings, pages of fifty, cells that lead on, inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.registry.models import Person
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.district.shared import Cell, Column, Fact
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice, Field

LIST = 50
"""Rows of one page of a list."""
Row = TypeVar("Row", bound=Model)


# ---- lists


def columns(*titles: str | Column) -> list[Column]:
    """Headings; one of numbers comes as a ``Column``."""
    return [one if isinstance(one, Column) else Column(one) for one in titles]


def number(title: str) -> Column:
    """The heading of a column of numbers."""
    return Column(title, num=True)


def whole(request: HttpRequest) -> bool:
    """Whether the whole list is asked for, as a file."""
    return request.GET.get("form") in ("csv", "xlsx")


def one_page(request: HttpRequest, found: QuerySet[Row], key: str, most: int) -> tuple[list[Row], str]:
    """One page of rows by their key and where the next one begins; all of them, up to ``most``, for a file."""
    after = request.GET.get("after", "").replace("\0", "").strip()[:64]
    if whole(request):
        return list(found.order_by(key)[:most]), ""
    if key == "pk" and not (after.isascii() and after.isdigit() and len(after) < 10):
        after = ""
    if after:
        found = found.filter(**{f"{key}__gt": after})
    rows = list(found.order_by(key)[: LIST + 1])
    return rows[:LIST], str(getattr(rows[LIST - 1], key)) if len(rows) > LIST else ""


def search(label: str, words: str) -> Field:
    """The filter by words."""
    return Field("q", label, value=words, prefix="f", required=True, attrs={"autocomplete": "off"})


def picked(name: str, label: str, choices: Sequence[Choice], value: str, nothing: str = "") -> Field:
    """A filter of which one is chosen; ``nothing`` is what the empty one is called."""
    return select(name, label, choices, value, prefix="f", nothing=nothing)


def by_state(titles: Mapping[str, str], state: str) -> Field:
    """The filter by state."""
    return picked("state", _("State"), [Choice(code, title) for code, title in titles.items()], state)


# ---- units and people


def name_of(person: Person, language: str) -> str:
    """The person's name, else the login."""
    return names.typeset((person.name_zh if language.startswith("zh") else person.name_en) or person.login, language)


def unit_cell(desk: Desk, code: str, note: str = "") -> Cell:
    """A unit by name, leading to its page; an empty cell without one."""
    return Cell(names.unit(desk.directory, code, desk.language), _unit_url(code), note) if code else Cell("")


def unit_fact(desk: Desk, title: str, code: str) -> Fact:
    """A unit by name, leading to its page."""
    return Fact(title, names.unit(desk.directory, code, desk.language) if code else "", _unit_url(code))


def _unit_url(code: str) -> str:
    return reverse("admin:unit", args=[code]) if code else ""


def person_cell(desk: Desk, person: Person | None, note: str = "") -> Cell:
    """A person by name, leading to their page; where there is none, that the post is vacant."""
    if person is None:
        return Cell(_("vacant"), soft=True)
    return Cell(name_of(person, desk.language), reverse("admin:person", args=[person.login]), note)


# ---- inputs


def text(
    name: str,
    label: str,
    value: str = "",
    *,
    prefix: str,
    most: int = 100,
    hint: str = "",
    required: bool = True,
    exact: bool = False,
) -> Field:
    """A line of text; an ``exact`` one is not completed by the browser."""
    attrs = {"maxlength": str(most)} | ({"autocomplete": "off"} if exact else {})
    return Field(name, label, value=value, hint=hint, required=required, prefix=prefix, attrs=attrs)


def phone(value: str = "", *, prefix: str, hint: str = "") -> Field:
    """The work telephone."""
    return Field("work_phone", _("Work telephone"), "tel", value, hint, prefix=prefix)


def names_of(row: object, prefix: str) -> list[Field]:
    """Both names of what is there, to be changed."""
    titles = {"name_zh": _("Chinese name"), "name_en": _("English name")}
    return [text(name, title, str(getattr(row, name)), prefix=prefix) for name, title in titles.items()]


def new_names(prefix: str) -> list[Field]:
    """Both names of what is new."""
    said = _("Left empty, the Chinese name stands here too.")
    return [
        text("name_zh", _("Chinese name"), prefix=prefix),
        text("name_en", _("English name"), prefix=prefix, required=False, hint=said),
    ]


def new_code(prefix: str) -> Field:
    """The code of what is new."""
    said = _("Letters, digits and dashes; it stays for ever.")
    return text("code", _("Code"), prefix=prefix, most=64, hint=said, exact=True)


def select(
    name: str,
    label: str,
    choices: Sequence[Choice],
    value: str = "",
    *,
    prefix: str,
    nothing: str = "",
    required: bool = True,
) -> Field:
    """One of a list; ``nothing`` is what stands first, for none of them."""
    first = [Choice("", nothing)] if nothing else []
    return Field(name, label, "select", value, required=required, prefix=prefix, choices=[*first, *choices])
