"""The five strands: the year's ledger of activities and councils, with the Party chain and the devices beside it."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import may_see
from gewu.occasions.queries import STRANDS, Ledger, ledger
from gewu.registry import buildings, devices
from gewu.registry.devicekinds import kind_of
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.workdays import choice
from gewu.surfaces.desk.views.district import shared as s
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.forms import Field

FIRST_YEAR = 1990


@desk_page()
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A year by strand and kind, by street, and what stands beside it. Every number opens its records. The kinds are
    the table that is saved as a file."""
    if not may_see(desk.directory, desk.roles):
        text = _("Activities are not for the post “%(post)s”. Your own tasks are in the queue.")
        raise PermissionDenied(text % {"post": desk.name})
    today = s.today(desk)
    sheet = s.Sheet("strands", _("Five strands"))
    year = _year(request, today, sheet.errors)
    sheet.fields = [
        Field("year", _("Year"), value=str(year), prefix="f", required=True, attrs={"inputmode": "numeric"})
    ]
    found = ledger(desk.district_id, desk.acting, year)
    sheet.tables = [_kinds(desk, found, year), _streets(desk, found, year)]
    day = min(today, date(year, 12, 31))
    sheet.tables += [_chain(desk, day), _devices(desk, day)]
    sheet.notes = [
        _("Counted is what was held, as far as your post sees it. Of the Party there are counts only, no members."),
        _("Which kinds belong to which strand stands in the playbook of activities."),
    ]
    return s.answer(request, desk, sheet)


def _year(request: HttpRequest, today: date, errors: list[str]) -> int:
    written = request.GET.get("year", "").strip()
    if written.isascii() and written.isdigit() and len(written) == 4 and FIRST_YEAR <= int(written) <= today.year + 1:
        return int(written)
    if written:
        errors.append(_("Year: four digits, for example 2026. The present year is shown."))
    return today.year


def _book(desk: Desk, type_: str) -> Playbook | None:
    return desk.directory.playbook(type_)


def _listed(type_: str, year: int, **more: str) -> str:
    asked = {"type": type_, "period": str(year), "state": "all", "held": "1", **more}
    return f"{reverse('desk:workday-sessions')}?{urlencode(asked)}"


def _kinds(desk: Desk, found: Ledger, year: int) -> s.Table:
    """Kinds of activities by strand; councils stand with self-governance."""
    columns = [
        s.Column(_("Strand")), s.Column(_("Kind")), s.Column(_("Held"), True), s.Column(_("People reached"), True),
        s.Column(_("Matters deliberated"), True),
    ]  # fmt: skip
    lines: list[tuple[int, str, list[s.Cell]]] = []
    for one in found.kinds:
        book = _book(desk, one.type)
        url = _listed(one.type, year, strand=one.strand, activity=one.activity)
        name = choice(book, "activity", one.activity, desk.language)
        cells = [
            s.Cell(choice(book, "strand", one.strand, desk.language)), s.Cell(name, url), s.Cell(one.sessions, url),
            s.Cell(one.reached, url), s.Cell(None),
        ]  # fmt: skip
        lines.append((_rank(one.strand), name, cells))
    self_governance = next(
        (
            choice(book, "strand", STRANDS[3], desk.language)
            for book in (_book(desk, one.type) for one in found.kinds)
            if book is not None
        ),
        _("Self-governance"),
    )
    for council in found.councils:
        book = _book(desk, council.type)
        if book is None or not council.sessions:
            continue
        asked = {"type": council.type, "period": str(year), "state": "deliberated"}
        matters = f"{reverse('desk:workday-matters')}?{urlencode(asked)}"
        name, url = names.said(book.title, desk.language), _listed(council.type, year)
        cells = [
            s.Cell(self_governance), s.Cell(name, url), s.Cell(council.sessions, url), s.Cell(None),
            s.Cell(council.deliberated, matters),
        ]  # fmt: skip
        lines.append((3, name, cells))
    rows = [cells for _rank_of, _name, cells in sorted(lines, key=lambda line: line[:2])]
    empty = _("What is held is registered under Workdays, Activity: planned beforehand, or in one step afterwards.")
    title = _("By strand and kind")
    return s.Table("five-strands", columns, rows, title, _("Nothing was registered for this year"), empty)


def _rank(strand: str) -> int:
    return STRANDS.index(strand) if strand in STRANDS else len(STRANDS)


def _streets(desk: Desk, found: Ledger, year: int) -> s.Table:
    """Activities by street, a column for each strand."""
    book = next((_book(desk, one.type) for one in found.streets), None)
    strands = [choice(book, "strand", code, desk.language) for code in STRANDS]
    columns = [s.Column(_("Street")), *(s.Column(name, True) for name in strands), s.Column(_("People reached"), True)]
    by: dict[str, dict[str, tuple[str, int, int]]] = {}
    for one in found.streets:
        by.setdefault(one.street, {})[one.strand] = (one.type, one.sessions, one.reached)
    rows = []
    for street, parts in by.items():
        cells = [s.Cell(s.place_name(desk, street) if street else _("Whole district"))]
        for code in STRANDS:
            type_, n, _people = parts.get(code, ("", 0, 0))
            url = _listed(type_, year, strand=code, **({"street": street} if street else {})) if n and street else ""
            cells.append(s.Cell(n, url, soft=not n))
        cells.append(s.Cell(sum(people for _type, _n, people in parts.values())))
        rows.append(cells)
    empty = _("A street appears here with its first activity of the year.")
    return s.Table("five-strands-streets", columns, rows, _("By street"), _("No street has one yet"), empty)


def _chain(desk: Desk, day: date) -> s.Table:
    """Organisations of the Party at the end of the year: counts only."""
    columns = [s.Column(_("Party organisations")), s.Column(_("Count"), True), s.Column(_("Covered"), True)]
    rows = [
        [
            s.Cell(buildings.level_name(one.kind, desk.language), reverse("desk:chain")),
            s.Cell(one.organisations, reverse("desk:chain")),
            s.Cell(s.share(one.covered, one.places)),
        ]
        for one in buildings.coverage(desk.district_id, day, desk.directory.district.code)
        if one.organisations
    ]
    empty = _("A pack brings them in the file organisations.csv.")
    title = _("Party building: organisations")
    return s.Table("five-strands-party", columns, rows, title, _("No organisations are registered"), empty)


def _devices(desk: Desk, day: date) -> s.Table:
    """Devices that support governance, by kind."""
    columns = [s.Column(_("Devices")), s.Column(_("Count"), True), s.Column(_("Online"), True)]
    wanted = devices.Wanted(day, scope=desk.acting.scope, unit_of=desk.post.unit_code)
    url = f"{reverse('desk:device-list')}?kind="
    rows = [
        [
            s.Cell(kind_of(desk.directory, one.kind).title(desk.language), url + one.kind),
            s.Cell(one.devices, url + one.kind),
            s.Cell(one.online, f"{url}{one.kind}&state={devices.ONLINE}"),
        ]
        for one in devices.counts(desk.district_id, wanted)
    ]
    empty = _("Devices are brought in by the command gewu devices or over the interface.")
    return s.Table("five-strands-devices", columns, rows, _("Smart support: devices"), _("No devices yet"), empty)
