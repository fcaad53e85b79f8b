"""Pages on buildings and on the Party chain down to them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.registry import buildings
from gewu.registry.buildings import Profile
from gewu.registry.models import Building
from gewu.registry.packs.rows import ORGANISATION_KINDS
from gewu.surfaces.desk.views.district import shared as s
from gewu.surfaces.desk.who import Desk, desk_page

_BELOW = {"district": 9, "street": 12}
"""How many digits the code of the next level has, for places that are shown by their parts."""
FILE_ROWS = 20_000


@desk_page()
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The buildings of a place: counts of its parts, or of a community the buildings themselves. Two statements."""
    errors: list[str] = []
    day = s.today(desk)
    code = _asked_place(request, desk)
    place = desk.directory.place(code)
    words = s.asked_words(request)
    kind = place.kind if place is not None else "district"
    profile = buildings.profile(desk.district_id, day, code)
    sheet = s.Sheet("buildings", _title(desk, code), facts=_facts(profile), errors=errors)
    sheet.fields = [s.words_field(request)]
    sheet.notes = s.made_up(profile.synthetic_rows, profile.buildings)
    if place is not None and place.parent:
        sheet.back = (s.place_name(desk, place.parent), _places_url(place.parent))
    if words or kind not in _BELOW:
        sheet.tables = [_list(request, desk, sheet, day, code, words)]
    else:
        parts = buildings.profiles(desk.district_id, day, code, _BELOW[kind])
        sheet.tables = [_parts(desk, parts)]
    sheet.clear = _places_url(code) if words else ""
    return s.answer(request, desk, sheet)


def _asked_place(request: HttpRequest, desk: Desk) -> str:
    """The code of the place that is asked for; the district's without one."""
    code = request.GET.get("place", "") or desk.directory.district.code
    if desk.directory.place(code) is None and code != desk.directory.district.code:
        raise Http404(_("There is no such place."))
    return code


def _title(desk: Desk, code: str) -> str:
    if code == desk.directory.district.code:
        return _("Buildings")
    return _("Buildings of %(place)s") % {"place": s.place_name(desk, code)}


def _places_url(code: str) -> str:
    return f"{reverse('desk:buildings')}?{urlencode({'place': code})}"


def _facts(found: Profile) -> list[s.Fact]:
    def line(label: str, part: int) -> s.Fact:
        return s.Fact(label, part, note=s.share(part, found.buildings))

    return [
        s.Fact(_("Buildings"), found.buildings),
        s.Fact(_("Households"), found.households),
        line(_("With a building head"), found.with_head),
        line(_("With a Party group"), found.with_party_group),
        line(_("With property management"), found.with_property_management),
        line(_("Without property management"), found.without_property_management),
        line(_("With a maintenance fund"), found.with_maintenance_fund),
        line(_("With an organisation of residents"), found.with_organisation),
    ]


def _parts(desk: Desk, parts: dict[str, Profile]) -> s.Table:
    columns = [
        s.Column(_("Place")), s.Column(_("Buildings"), True), s.Column(_("Households"), True),
        s.Column(_("With a building head"), True), s.Column("%", True), s.Column(_("With a Party group"), True),
        s.Column("%", True), s.Column(_("With property management"), True), s.Column("%", True),
    ]  # fmt: skip
    rows = []
    for code, part in parts.items():
        rows.append([
            s.Cell(s.place_name(desk, code), _places_url(code)), s.Cell(part.buildings), s.Cell(part.households),
            s.Cell(part.with_head), s.Cell(s.share(part.with_head, part.buildings)), s.Cell(part.with_party_group),
            s.Cell(s.share(part.with_party_group, part.buildings)), s.Cell(part.with_property_management),
            s.Cell(s.share(part.with_property_management, part.buildings)),
        ])  # fmt: skip
    empty = _("A pack brings buildings in the file buildings.csv. Ask the people who run this system to load one.")
    return s.Table("buildings", columns, rows, empty_title=_("No buildings are registered here"), empty=empty)


def _list(request: HttpRequest, desk: Desk, sheet: s.Sheet, day: date, code: str, words: str) -> s.Table:
    whole = request.GET.get("form", "") in s.FORMS
    after = "" if whole else request.GET.get("after", "")[:64].replace("\0", "")
    limit = FILE_ROWS if whole else buildings.PAGE
    rows, sheet.next_after = buildings.page(desk.district_id, day, code, words, after, limit)
    columns = [
        s.Column(_("Building")), s.Column(_("Code")), s.Column(_("Community")), s.Column(_("Households"), True),
        s.Column(_("Built"), True), s.Column(_("Property management")), s.Column(_("Maintenance fund")),
        s.Column(_("Organisation of residents")), s.Column(_("Building head")), s.Column(_("Party group")),
    ]  # fmt: skip
    cells = [
        [
            s.Cell(_name(desk, row), reverse("desk:building", args=[row.code])), s.Cell(row.code, code=True),
            s.Cell(s.place_name(desk, row.place[:12])), s.Cell(row.households), s.Cell(row.built),
            s.yes(row.property_management), s.yes(row.maintenance_fund), s.yes(row.organisation),
            s.yes(bool(row.head)), s.yes(row.party_group),
        ]
        for row in rows
    ]  # fmt: skip
    empty = _("Look for fewer words, or in a larger place.") if words else _("No pack has brought any for this place.")
    return s.Table("buildings", columns, cells, empty_title=_("No building is found"), empty=empty)


def _name(desk: Desk, row: Building) -> str:
    return row.name_zh if desk.language.startswith("zh") else row.name_en


@desk_page()
@require_safe
def building(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One building: counts and posts, nobody's name. One statement."""
    row = buildings.get(desk.district_id, code)
    if row is None:
        raise Http404(_("There is no such building."))
    post = desk.directory.post(row.head) if row.head else None
    head = (post.name(desk.language) if post else row.head) or _("none yet")
    filled = _("logs in") if post and post.person else _("a post without a login")
    sheet = s.Sheet(
        "buildings", _name(desk, row), back=(s.place_name(desk, row.place[:12]), _places_url(row.place[:12]))
    )
    sheet.facts = [
        s.Fact(_("Code"), row.code),
        s.Fact(_("Place"), s.place_name(desk, row.place), _places_url(row.place)),
        s.Fact(_("Households"), row.households),
        s.Fact(_("Built"), row.built),
        s.Fact(_("Property management"), str(s.yes(row.property_management).value)),
        s.Fact(_("Maintenance fund"), str(s.yes(row.maintenance_fund).value)),
        s.Fact(_("Organisation of residents"), str(s.yes(row.organisation).value)),
        s.Fact(_("Building head"), head, note=filled if row.head else ""),
        s.Fact(_("Party group"), str(s.yes(row.party_group).value)),
        s.Fact(_("From"), row.valid_from),
        s.Fact(_("To"), row.valid_to),
        s.Fact(
            _("Followed by"), row.successor, reverse("desk:building", args=[row.successor]) if row.successor else ""
        ),
        s.Fact(_("Source"), s.cited(row.source)),
    ]
    if row.synthetic:
        sheet.notes = [_("This building is synthetic: it shows the table and says nothing about the district.")]
    return s.answer(request, desk, sheet)


@desk_page()
@require_safe
def chain(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The Party chain below a place: coverage of each level, then street by street. No members. Five statements."""
    code = _asked_place(request, desk)
    day = s.today(desk)
    levels = buildings.coverage(desk.district_id, day, code)
    columns = [
        s.Column(_("Level")), s.Column(_("Organisations"), True), s.Column(_("Places of this level"), True),
        s.Column(_("Places with one"), True), s.Column("%", True),
    ]  # fmt: skip
    rows = [
        [
            s.Cell(buildings.level_name(level.kind, desk.language)), s.Cell(level.organisations), s.Cell(level.places),
            s.Cell(level.covered), s.Cell(s.share(level.covered, level.places)),
        ]
        for level in levels
    ]  # fmt: skip
    empty = _("A pack brings them in the file organisations.csv. Ask the people who run this system to load one.")
    table = s.Table(
        "party-chain", columns, rows if any(level.organisations for level in levels) else [],
        empty_title=_("No organisations are registered here"), empty=empty,
    )  # fmt: skip
    title = _("Party chain")
    sheet = s.Sheet("chain", title, [table])
    if code != desk.directory.district.code:
        sheet.title = _("Party chain of %(place)s") % {"place": s.place_name(desk, code)}
        sheet.back = (title, reverse("desk:chain"))
    elif table.rows:
        sheet.tables.append(_streets(desk, day))
    sheet.notes = [
        *s.made_up(sum(level.synthetic for level in levels), sum(level.organisations for level in levels)),
        _("Villages of the participating streets count among communities."),
        _("Organisations are counted; members are not kept."),
    ]
    return s.answer(request, desk, sheet)


def _streets(desk: Desk, day: date) -> s.Table:
    """Organisations of each level by street."""
    counted: Counter[tuple[str, str]] = Counter()
    for kind, place in buildings.organisations(desk.district_id, day).values_list("kind", "place"):
        counted[place[:9], kind] += 1
    columns = [s.Column(_("Street"))]
    columns += [s.Column(buildings.level_name(kind, desk.language), True) for kind in ORGANISATION_KINDS]
    rows = []
    for street in sorted({street for street, _kind in counted}):
        url = f"{reverse('desk:chain')}?{urlencode({'place': street})}"
        cells = [s.Cell(counted[street, kind]) for kind in ORGANISATION_KINDS]
        rows.append([s.Cell(s.place_name(desk, street), url), *cells])
    return s.Table("party-chain-streets", columns, rows, title=_("By street"))
