"""Pages on devices: how many of each kind stand and answer, the list behind each number, one device, its alarms."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.cases.queries import BadCursor
from gewu.imports import alarms
from gewu.registry import devices
from gewu.registry.devicekinds import kind_of, kinds
from gewu.registry.models import Device
from gewu.surfaces import words
from gewu.surfaces.desk.views.district import shared as s
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.forms import Choice, Field

FILE_ROWS = 20_000


@desk_page()
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Devices by kind and by what they reported; every number opens its list. Two statements."""
    wanted = _wanted(request, desk)
    counts = devices.counts(desk.district_id, wanted)
    made, cases = alarms.count_alarms(desk.directory, desk.acting, alarms.Asked())
    total = sum(one.devices for one in counts)
    sheet = s.Sheet("devices", _("Devices"))
    sheet.facts = [
        s.Fact(_("Devices"), total, _list_url()),
        s.Fact(
            _("Online"), sum(one.online for one in counts), _list_url(state=devices.ONLINE),
            s.share(sum(one.online for one in counts), total),
        ),
        s.Fact(_("Alarms"), made, reverse("desk:device-alarms")),
        s.Fact(_("Cases that came of them"), cases, f"{reverse('desk:device-alarms')}?made=1"),
    ]  # fmt: skip
    columns = [
        s.Column(_("Kind")), s.Column(_("Devices"), True), s.Column(_("Online"), True), s.Column("%", True),
        s.Column(_("Offline"), True), s.Column(_("Faulty"), True), s.Column(_("Nothing reported"), True),
    ]  # fmt: skip
    rows = [
        [
            s.Cell(_kind(desk, one.kind), _list_url(kind=one.kind)),
            s.Cell(one.devices, _list_url(kind=one.kind)),
            s.Cell(one.online, _list_url(kind=one.kind, state=devices.ONLINE)),
            s.Cell(s.share(one.online, one.devices)),
            s.Cell(one.offline, _list_url(kind=one.kind, state=devices.OFFLINE)),
            s.Cell(one.fault, _list_url(kind=one.kind, state=devices.FAULT)),
            s.Cell(one.unreported, _list_url(kind=one.kind, state="none")),
        ]
        for one in counts
    ]
    empty = _("Whoever runs this system takes them in from a file: gewu devices FILE.")
    sheet.tables = [
        s.Table("devices-by-kind", columns, rows, empty_title=_("No devices are registered here"), empty=empty)
    ]
    sheet.notes = [
        *s.made_up(sum(one.synthetic for one in counts), total),
        _("Kept is which device stands where. Pictures, number plates and features of faces are not."),
    ]
    return s.answer(request, desk, sheet)


@desk_page()
@require_safe
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Devices by code, 50 a page, or all of them as a file. One statement."""
    wanted = _wanted(request, desk)
    whole = request.GET.get("form", "") in s.FORMS
    after = "" if whole else request.GET.get("after", "")[:64].replace("\0", "")
    sheet = s.Sheet("devices", _("Devices"), back=(_("Devices by kind"), reverse("desk:devices")))
    limit = FILE_ROWS if whole else devices.PAGE
    rows, sheet.next_after = devices.page(desk.district_id, wanted, after, limit)
    offered = [Choice("", _("All")), *(Choice(code, _kind(desk, code)) for code in kinds(desk.directory))]
    states = [Choice("", _("All")), *(Choice(code or "none", _state(desk, code)) for code in devices.STATES)]
    sheet.fields = [
        Field("kind", _("Kind"), "select", wanted.kind, prefix="f", required=True, choices=offered),
        Field("state", _("State"), "select", wanted.state, prefix="f", required=True, choices=states),
        s.words_field(request),
    ]
    sheet.clear = _list_url() if wanted.kind or wanted.state or wanted.words else ""
    columns = [
        s.Column(_("Device")), s.Column(_("Kind")), s.Column(_("Place")), s.Column(_("Where it stands")),
        s.Column(_("Unit")), s.Column(_("State")), s.Column(_("Since")), s.Column(_("Until")),
    ]  # fmt: skip
    cells = [
        [
            s.Cell(row.code, reverse("desk:device", args=[row.code]), code=True), s.Cell(_kind(desk, row.kind)),
            s.Cell(s.place_name(desk, row.place)), s.Cell(row.spot), s.unit_cell(desk, row.unit),
            s.Cell(_state(desk, row.state), soft=row.state != devices.FAULT), s.Cell(row.since), s.Cell(row.until),
        ]
        for row in rows
    ]  # fmt: skip
    sheet.tables = [
        s.Table(
            "devices", columns, cells, empty_title=_("No device is found"),
            empty=_("Clear a filter, or ask a post with a larger territory."),
        )
    ]  # fmt: skip
    return s.answer(request, desk, sheet)


@desk_page()
@require_safe
def one(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One device and its last alarms. Three statements."""
    row = devices.get(desk.district_id, code)
    if row is None or not _sees(desk, row):
        raise Http404(_("There is no such device, or it is not in your territory."))
    sheet = s.Sheet("devices", row.code, back=(_("Devices"), _list_url()))
    unit = s.unit_cell(desk, row.unit)
    sheet.facts = [
        s.Fact(_("Kind"), _kind(desk, row.kind), _list_url(kind=row.kind)),
        s.Fact(_("Place"), s.place_name(desk, row.place)),
        s.Fact(_("Where it stands"), row.spot),
        s.Fact(_("Unit"), unit.value, unit.url),
        s.Fact(_("State"), _state(desk, row.state), note=_when(row)),
        s.Fact(_("Since"), row.since),
        s.Fact(_("Until"), row.until),
        s.Fact(_("Source"), s.cited(row.source)),
    ]
    if row.synthetic:
        sheet.notes = [_("This device is synthetic: it shows the table and says nothing about the district.")]
    rows, _after = alarms.list_alarms(desk.directory, desk.acting, alarms.Asked(device=code))
    sheet.tables = [_alarms(desk, rows, _("Alarms"))]
    return s.answer(request, desk, sheet)


@desk_page()
@require_safe
def alarm_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Alarms and the cases they went into, newest first. One statement."""
    made = request.GET.get("made") == "1"
    whole = request.GET.get("form", "") in s.FORMS
    errors: list[str] = []
    asked = alarms.Asked(joined=False if made else None)
    after = "" if whole else request.GET.get("after", "")[:200].replace("\0", "")
    limit = FILE_ROWS if whole else alarms.PAGE
    try:
        rows, mark = alarms.list_alarms(desk.directory, desk.acting, asked, after=after, limit=limit)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        rows, mark = [], ""
    title = _("Cases that came of alarms") if made else _("Alarms")
    sheet = s.Sheet("devices", title, errors=errors, back=(_("Devices by kind"), reverse("desk:devices")))
    sheet.next_after = mark
    sheet.tables = [_alarms(desk, rows)]
    return s.answer(request, desk, sheet)


def _alarms(desk: Desk, rows: list[alarms.AlarmRow], title: str = "") -> s.Table:
    columns = [
        s.Column(_("Taken in")), s.Column(_("Device")), s.Column(_("Alarm")), s.Column(_("Case")),
        s.Column(_("What became of it")), s.Column(_("Stage")),
    ]  # fmt: skip
    cells = []
    for row in rows:
        book = desk.playbook_of(row.playbook, row.playbook_version)
        stage = words.stage_name(book, row.stage, desk.language)
        cells.append([
            s.Cell(timezone.localtime(row.taken_at).strftime("%Y-%m-%d %H:%M")),
            s.Cell(row.device, reverse("desk:device", args=[row.device]), code=True), s.Cell(row.kind),
            s.Cell(row.case, reverse("desk:case", args=[row.record_id]), code=True),
            s.Cell(_("joined the open case") if row.joined else _("a case was made")), s.Cell(stage),
        ])  # fmt: skip
    empty = _("Systems that watch devices send them to /api/v1/devices/alarms with the token of an intake post.")
    return s.Table("alarms", columns, cells, title, _("No alarm has come in"), empty)


def _wanted(request: HttpRequest, desk: Desk) -> devices.Wanted:
    data = request.GET
    kind, state = data.get("kind", ""), data.get("state", "")
    return devices.Wanted(
        s.today(desk),
        kind=kind if kind in kinds(desk.directory) else "",
        state=state if state in (*devices.STATES, "none") else "",
        words=s.asked_words(request),
        scope=desk.acting.scope,
        unit_of=desk.acting.actor.unit,
    )


def _sees(desk: Desk, row: Device) -> bool:
    own = bool(row.unit) and row.unit == desk.acting.actor.unit
    return own or desk.acting.sees(row.place, desk.directory.areas_of(row.place), ())


def _list_url(**asked: str) -> str:
    return reverse("desk:device-list") + (f"?{urlencode(asked)}" if asked else "")


def _kind(desk: Desk, kind: str) -> str:
    return kind_of(desk.directory, kind).title(desk.language)


def _state(desk: Desk, state: str) -> str:
    return devices.STATES[state][desk.language]


def _when(row: Device) -> str:
    return timezone.localtime(row.state_at).strftime("%Y-%m-%d %H:%M") if row.state_at else ""
