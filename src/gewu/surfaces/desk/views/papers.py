"""Papers at the desk: what can be printed and filed, in which form and language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gewu.ledger.errors import NotFound
from gewu.office.kinds import HANDOVER, LETTER, ORDER, may_see
from gewu.office.queries import get_handover, get_letter, get_order
from gewu.papers import notice as notices
from gewu.papers.bulletin import Wanted as WantedBulletin
from gewu.papers.bulletin import bulletin
from gewu.papers.casesheet import case_sheet
from gewu.papers.dispatch import Wanted as WantedList
from gewu.papers.dispatch import dispatch_list
from gewu.papers.errors import PaperFault
from gewu.papers.files import LETTERS, LISTS, Format, render
from gewu.papers.handover import handover_sheet
from gewu.papers.letters import official_letter
from gewu.papers.links import public_links
from gewu.papers.model import Paper
from gewu.papers.orders import follow_up_order
from gewu.papers.setting import Setting
from gewu.papers.words import LANGUAGES, language_of
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.case import open_case, record_of
from gewu.surfaces.desk.who import FIELD_ROLES, Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

BULLETIN_ROLES = frozenset({"comprehensive_office", "assessor", "shift_leader", "administrator"})
"""Roles that make the month's bulletin; its internal edition ranks departments."""
T = TypeVar("T")
_CHINESE_NAME, _ENGLISH_NAME = "简体中文", "English"


class _Bad(ValueError):
    """A form of a download that makes no sense; the message is a sentence for the page."""


# ---- the page


@desk_page()
@require_safe
def papers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What can be made here: the month's bulletin and dispatch lists."""
    return _page(request, desk)


def _page(request: HttpRequest, desk: Desk, errors: list[str] | None = None, status: int = 200) -> HttpResponse:
    asked = request.GET
    today = timezone.localdate()
    last = date(today.year - (today.month == 1), today.month - 1 or 12, 1)
    context: dict[str, object] = {
        "errors": errors or [],
        "may_bulletin": _may_bulletin(desk),
        "bulletin_fields": [
            Field("month", _("Month"), "month", asked.get("month", f"{last:%Y-%m}"), required=True, prefix="b"),
            Field(
                "edition",
                _("Edition"),
                "select",
                asked.get("edition", "internal"),
                required=True,
                prefix="b",
                choices=(
                    Choice("internal", _("Internal, with departments and late cases")),
                    Choice("publication", _("For publication, without ranks")),
                ),
            ),
            Field("number", _("Number of the bulletin"), "text", asked.get("number", ""), prefix="b"),
            _language_field(desk, asked.get("language", ""), "b"),
            Field(
                "annex",
                _("With an annex of all indicators (XLSX always has it)"),
                "checkbox",
                asked.get("annex") == "1",
                prefix="b",
            ),
        ],
        "list_fields": [
            Field("unit", _("Unit"), "select", asked.get("unit", _own_unit(desk)), prefix="l", choices=_units(desk)),
            Field(
                "day",
                _("Due by the end of"),
                "date",
                asked.get("day", ""),
                _("Empty: everything that is open"),
                prefix="l",
            ),
            Field(
                "place",
                _("Street, community or grid"),
                "text",
                asked.get("place", ""),
                prefix="l",
                attrs={"data-find": "places", "autocomplete": "off"},
            ),
            _language_field(desk, asked.get("language", ""), "l"),
        ],
        "list_forms": LISTS,
    }
    return page(request, desk, "desk/papers.html", context, status=status)


def _language_field(desk: Desk, asked: str, prefix: str) -> Field:
    choices = tuple(Choice(code, _CHINESE_NAME if code.startswith("zh") else _ENGLISH_NAME) for code in LANGUAGES)
    chosen = language_of(asked or desk.language)
    return Field(
        "language", _("Language of the paper"), "select", chosen, prefix=prefix, required=True, choices=choices
    )


def _own_unit(desk: Desk) -> str:
    """A unit's own people want their own list."""
    return desk.post.unit_code if desk.roles <= {"unit_clerk", *FIELD_ROLES} else ""


def _units(desk: Desk) -> tuple[Choice, ...]:
    units = [unit for unit in desk.directory.units.values() if unit.active]
    if own := _own_unit(desk):
        units = [unit for unit in units if unit.path.startswith(desk.directory.units[own].path)]
    named = sorted((names.unit(desk.directory, unit.code, desk.language), unit.code) for unit in units)
    every = (Choice("", _("All units")),) if not own else ()
    return (*every, *(Choice(code, name) for name, code in named))


def _may_bulletin(desk: Desk) -> bool:
    """Whether the post makes bulletins: by its role, and with a territory of its own."""
    return bool(desk.roles & BULLETIN_ROLES) and bool(desk.acting.scope is None or desk.acting.scope.prefixes)


# ---- lists and bulletins


@desk_page()
@require_safe
def dispatch(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The dispatch list as a file: `unit`, `day`, `place`, `format`, `language`."""

    def make() -> Paper:
        place = find.meant_place(desk.directory, request.GET.get("place", ""), desk.language)
        if place.unknown or place.several:
            raise _Bad(_("There is no such place, or several could be meant. Choose one from the list."))
        unit = request.GET.get("unit", "")
        if unit and unit not in desk.directory.units:
            raise _Bad(_("There is no such unit. Choose one from the list."))
        return dispatch_list(_setting(request, desk), WantedList(unit, place.code, _day(request.GET.get("day", ""))))

    return _answer(request, desk, make, LISTS)


@desk_page()
@require_safe
def month_bulletin(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The bulletin of a month as a file: `month`, `edition`, `number`, `format`, `language`."""
    if not _may_bulletin(desk):
        return _page(request, desk, [_("Bulletins are made by the comprehensive office and the assessors.")], 403)

    def make() -> Paper:
        year, month = _month(request.GET.get("month", ""))
        number = request.GET.get("number", "").strip()[:60]
        wanted = WantedBulletin(
            year,
            month,
            number,
            publication=request.GET.get("edition") == "publication",
            annex=request.GET.get("annex") == "1" or request.GET.get("format") == Format.XLSX,
        )
        try:
            return bulletin(_setting(request, desk), wanted)
        except ValueError as error:
            raise _Bad(_("This month has not begun yet. Choose an earlier one.")) from error

    return _answer(request, desk, make, LISTS)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise _Bad(_("This is not a day. Write it like 2026-11-30.")) from error


def _month(text: str) -> tuple[int, int]:
    try:
        first = date.fromisoformat(f"{text.strip()}-01")
    except ValueError as error:
        raise _Bad(_("This is not a month. Write it like 2026-11.")) from error
    if first.year < 2000:
        raise _Bad(_("This is not a month. Write it like 2026-11."))
    return first.year, first.month


# ---- papers of a case


@desk_page()
@require_safe
def sheet(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The case sheet as a file. The reporter is masked as on the page."""
    opened = open_case(desk, record_of(desk, number))
    return _answer(request, desk, lambda: case_sheet(_setting(request, desk), opened.view, opened.playbook), LETTERS)


@desk_page()
@require_http_methods(["GET", "HEAD", "POST"])
def party_notice(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Write a notice to a party, then take it as a file. What is written is not kept: the signed scan is."""
    opened = open_case(desk, record_of(desk, number))
    setting = _setting(request, desk)
    draft = notices.draft_for(setting, opened.view)
    sent = request.POST if request.method == "POST" else None
    fields = _notice_fields(desk, draft, {name: str(value) for name, value in sent.items()} if sent is not None else {})
    if sent is not None and not any(field.error for field in fields):
        written = {field.name: field.text.strip() for field in fields}
        until = date.fromisoformat(written["until"]) if written["until"] else None
        notice = notices.Notice(
            written["party"],
            written["matter"],
            written["basis"],
            written["demand"],
            written["number"],
            until,
            written["contact"],
        )
        return _answer(request, desk, lambda: notices.party_notice(setting, opened.view, notice), LETTERS)
    note = next((move.name for move in opened.moves if move.name == "add_note"), "")
    context: dict[str, object] = {"number": number, "fields": fields, "note_move": note, "forms": LETTERS}
    status = 422 if sent is not None else 200
    return page(request, desk, "desk/papers_notice.html", context, status=status)


def _notice_fields(desk: Desk, draft: notices.Notice, sent: dict[str, str]) -> list[Field]:
    def one(name: str, label: str, kind: str, value: str, hint: str = "", longest: int = 200) -> Field:
        made = Field(name, label, kind, sent.get(name, value), hint)
        if len(made.text) > longest:
            made.error = _("At most %(n)d characters.") % {"n": longest}
        return made

    must_not = _("Nothing that tells who reported it: the party will read this.")
    fields = [
        one("party", _("Party"), "text", draft.party),
        one("number", _("Number of the notice"), "text", draft.number),
        one("matter", _("What was found"), "textarea", draft.matter, must_not, notices.LONGEST),
        one("basis", _("Basis"), "textarea", draft.basis, _("The article, as it is cited"), notices.LONGEST),
        one("demand", _("What is to be done"), "textarea", draft.demand, "", notices.LONGEST),
        one("until", _("Until"), "date", ""),
        one("contact", _("Contact"), "text", draft.contact),
    ]
    until = next(field for field in fields if field.name == "until")
    try:
        _day(until.text)
    except _Bad as error:
        until.error = str(error)
    return [*fields, _language_field(desk, sent.get("language", ""), "")]


# ---- papers of registers


@desk_page()
@require_safe
def order(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """A follow-up order as a file."""
    _guard(desk, ORDER)
    found = _entry(lambda: get_order(desk.district_id, desk.acting, record_id), desk)
    return _answer(request, desk, lambda: follow_up_order(_setting(request, desk), found), LETTERS)


@desk_page()
@require_safe
def letter(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """An official letter with its reply form as a file."""
    _guard(desk, LETTER)
    found = _entry(lambda: get_letter(desk.district_id, desk.acting, record_id), desk)
    return _answer(request, desk, lambda: official_letter(_setting(request, desk), found), LETTERS)


@desk_page()
@require_safe
def handover(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """A shift handover as a file."""
    _guard(desk, HANDOVER)
    found = _entry(lambda: get_handover(desk.district_id, desk.acting, record_id), desk)
    return _answer(request, desk, lambda: handover_sheet(_setting(request, desk), found), LISTS)


def _guard(desk: Desk, kind: str) -> None:
    if not may_see(desk.directory.current_playbook(kind), desk.roles):
        raise Http404(_("This register is not one of your post's."))


def _entry(read: Callable[[], T], desk: Desk) -> T:
    try:
        return read()
    except NotFound as error:
        raise Http404(words.error_text(error, desk.language)) from error


# ---- files


def _setting(request: HttpRequest, desk: Desk) -> Setting:
    given = request.POST if request.method == "POST" else request.GET
    language = language_of(given.get("language") or desk.language)
    links = public_links(request.build_absolute_uri("/"))
    return Setting(desk.directory, desk.acting, language, timezone.now(), desk.post.unit_code, links)


def _answer(request: HttpRequest, desk: Desk, make: Callable[[], Paper], forms: tuple[Format, ...]) -> HttpResponse:
    """The paper as a download, or the page with what is wrong."""
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("format", forms[0].value)
    if wanted not in forms:
        return _page(request, desk, [_("This paper is not made in that form. Choose one of those offered.")], 422)
    try:
        paper = make()
        connection.close()  # setting a long list takes seconds, in which somebody else can use the connection
        made = render(paper, Format(wanted))
    except _Bad as error:
        return _page(request, desk, [str(error)], 422)
    except PaperFault as error:
        return _page(request, desk, [str(error)], 503)
    response = HttpResponse(made.data, content_type=made.media)
    response.headers["Content-Disposition"] = made.disposition
    response.headers["Cache-Control"] = "private, no-store"
    return response
