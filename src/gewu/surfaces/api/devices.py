"""Devices of the district: the register, what they report of themselves, and alarms that become cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from gewu.cases.queries import BadCursor
from gewu.cases.services import PLAYBOOK
from gewu.imports import alarms
from gewu.imports.worker import MAY_IMPORT
from gewu.ledger.errors import NotFound, Refused
from gewu.registry import devices
from gewu.registry.devicekinds import kind_of, kinds
from gewu.registry.models import Device
from gewu.surfaces import words
from gewu.surfaces.api.errors import invalid, problem_of
from gewu.surfaces.api.fields import Code, In, Instant, Out, Plain, Prose
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.problems import ROOT, ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import Show
from gewu.surfaces.names import chinese

router = Router(tags=["devices"])
MOST_STATES = 5000
DeviceCode = Annotated[str, Path(..., max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]
State = Literal["online", "offline", "fault"]


class DeviceQuery(Schema):
    """Which devices: all conditions hold together."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field("", max_length=32)
    state: Literal["", "online", "offline", "fault", "none"] = Field("", description="none: nothing was reported.")
    place: str = Field("", max_length=15, pattern=r"^[0-9]*$", description="Code of a place.")
    unit: str = Field("", max_length=64)
    q: str = Field("", max_length=100, description="Words for where it stands, or the beginning of the code.")
    day: date | None = Field(None, description="Devices that stand on this day; today when left out.")


class DevicePageQuery(DeviceQuery):
    after: str = Field("", max_length=64)
    limit: int = Field(50, ge=1, le=500)


class AlarmQuery(Schema):
    """Which alarms."""

    model_config = ConfigDict(extra="forbid")
    device: str = Field("", max_length=64)
    kind: str = Field("", max_length=32, description="A kind of device.")
    first: date | None = Field(None, description="Taken in from this day on.")
    last: date | None = Field(None, description="Taken in up to this day.")
    joined: bool | None = Field(None, description="false: those of which a case came.")


class AlarmPageQuery(AlarmQuery):
    after: str = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=200)


class DeviceOut(Out):
    """A device. Nothing that it records is kept."""

    code: str
    kind: Named
    place: Named
    unit: Named | None
    spot: str
    since: date | None
    until: date | None
    state: Named
    state_at: datetime | None
    synthetic: bool
    source: str


class DevicePage(Out):
    items: list[DeviceOut]
    after: str | None


class KindOut(Out):
    """Devices of a kind that stand, by what they reported last."""

    kind: Named
    devices: int
    online: int
    offline: int
    fault: int
    unreported: int
    synthetic: int


class DeviceFigures(Out):
    day: date
    devices: int
    online: int
    kinds: list[KindOut]


class StateIn(In):
    """What a device reports of itself."""

    device: Code
    state: State


class StatesIn(In):
    states: Annotated[list[StateIn], Field(min_length=1, max_length=MOST_STATES)]


class StatesOut(Out):
    """How many were written down, and codes that are not registered."""

    taken: int
    unknown: list[str]


class AlarmIn(In):
    """An alarm. ``number`` is the sender's own for it: sent again, it changes nothing."""

    device: Code
    number: Annotated[Plain, Field(min_length=1, max_length=64)]
    kind: Annotated[Plain, Field(min_length=1, max_length=60)] = Field(examples=["消防通道占用"])
    at: Instant
    words: Annotated[Prose, Field(max_length=1000)] = ""
    category: Code = Field("", examples=["matter:09009"])


class AlarmTakenOut(Out):
    """What became of it: a case was ``created``, an open one ``joined``, or it was ``known``."""

    outcome: Literal["created", "joined", "known"]
    case: str = Field(description="The case's number.")
    address: str


class AlarmOut(Out):
    device: str
    number: str
    kind: str
    at: datetime
    taken_at: datetime
    joined: bool
    case: str
    stage: Named


class AlarmPage(Out):
    """Alarms, newest first, with counts over all that are meant."""

    alarms: int
    cases: int
    items: list[AlarmOut]
    after: str | None


@router.get("/devices", response=DevicePage, operation_id="list_devices")
def list_devices(request: HttpRequest, wanted: Query[DevicePageQuery]) -> DevicePage:
    """Devices of the post's territory and unit that stand, by code."""
    known_only(request, DevicePageQuery)
    found = who(request)
    rows, after = devices.page(found.district_id, _wanted(request, found, wanted), wanted.after, wanted.limit)
    return DevicePage(items=[_device(found, row) for row in rows], after=after or None)


@router.get("/devices/figures", response=DeviceFigures, operation_id="device_figures")
def figures(request: HttpRequest, wanted: Query[DeviceQuery]) -> DeviceFigures:
    """Devices by kind and by what they reported last; GET /devices with the same conditions opens each number."""
    known_only(request, DeviceQuery)
    found = who(request)
    meant = _wanted(request, found, wanted)
    kinds = [
        KindOut(
            kind=_kind(found, one.kind), devices=one.devices, online=one.online, offline=one.offline, fault=one.fault,
            unreported=one.unreported, synthetic=one.synthetic,
        )
        for one in devices.counts(found.district_id, meant)
    ]  # fmt: skip
    return DeviceFigures(
        day=meant.day, devices=sum(k.devices for k in kinds), online=sum(k.online for k in kinds), kinds=kinds
    )


@router.post("/devices/states", response=StatesOut, operation_id="report_device_states")
def report_states(request: HttpRequest, body: StatesIn) -> StatesOut:
    """What devices report of themselves, many at once; each counts for the present moment. For an intake post."""
    found = _intake(request)
    states = {one.device: one.state for one in body.states}
    unknown = devices.report_states(found.district_id, states, timezone.now())
    return StatesOut(taken=len(states) - len(unknown), unknown=unknown)


@router.post("/devices/alarms", response={201: AlarmTakenOut, 200: AlarmTakenOut}, operation_id="ring_alarm")
def ring(request: HttpRequest, response: HttpResponse, body: AlarmIn) -> Status[AlarmTakenOut]:
    """An alarm becomes a case that names the device; soon after another of the same device it joins that case. For an
    intake post. 201: a case was made; 200: it was joined, or the alarm is known."""
    found = _intake(request)
    rung = alarms.Rung(body.device, body.number, body.kind, body.at, body.words, body.category)
    try:
        taken = alarms.ring(found.directory, found.acting, rung)
    except NotFound as error:
        raise ProblemError("not_found", _no_device(found)) from error
    except Refused as error:
        raise problem_of(
            error, found.language, found.directory.playbook(PLAYBOOK), found.directory, "report"
        ) from error
    address = f"{ROOT}cases/{taken.record_id}"
    made = taken.outcome == alarms.CREATED
    if made:
        response.headers["Location"] = address
    if taken.outcome == alarms.KNOWN:
        response.headers["Idempotency-Replayed"] = "true"
    return Status(201 if made else 200, AlarmTakenOut(outcome=taken.outcome, case=taken.number, address=address))


@router.get("/devices/alarms", response=AlarmPage, operation_id="list_alarms")
def list_alarms(request: HttpRequest, wanted: Query[AlarmPageQuery]) -> AlarmPage:
    """Alarms whose cases the post sees, newest first, and how many cases came of all of them."""
    known_only(request, AlarmPageQuery)
    found = who(request)
    asked = alarms.Asked(wanted.device, wanted.kind, wanted.first, wanted.last, wanted.joined)
    try:
        rows, after = alarms.list_alarms(found.directory, found.acting, asked, after=wanted.after, limit=wanted.limit)
    except BadCursor as error:
        raise invalid(request, ("after", "cursor")) from error
    count, cases = alarms.count_alarms(found.directory, found.acting, asked)
    show = Show(found.directory, found.language, found.acting)
    items = [
        AlarmOut(
            device=row.device, number=row.number, kind=row.kind, at=show.here(row.at), taken_at=show.here(row.taken_at),
            joined=row.joined, case=row.case,
            stage=show.stage(found.directory.playbook(row.playbook, row.playbook_version), row.stage),
        )
        for row in rows
    ]  # fmt: skip
    return AlarmPage(alarms=count, cases=cases, items=items, after=after or None)


@router.get("/devices/{code}", response=DeviceOut, operation_id="get_device")
def get_device(request: HttpRequest, code: DeviceCode) -> DeviceOut:
    """A device, also one that is gone."""
    found = who(request)
    row = devices.get(found.district_id, code)
    if row is None or not _sees(found, row):
        raise ProblemError("not_found", _no_device(found))
    return _device(found, row)


# ---- parts


def _intake(request: HttpRequest) -> Who:
    found = who(request)
    if not found.has(MAY_IMPORT):
        role = words.role_name(found.directory, MAY_IMPORT, found.language)
        if chinese(found.language):
            raise ProblemError("not_allowed", f"设备上报由{role}接入；请使用该岗位的账号或令牌。")
        raise ProblemError("not_allowed", f"Devices report to: {role}. Use a login or token of such a post.")
    return found


def _wanted(request: HttpRequest, found: Who, asked: DeviceQuery) -> devices.Wanted:
    if asked.kind and asked.kind not in kinds(found.directory):
        raise invalid(request, ("kind", "choice"))
    day = asked.day or datetime.now(ZoneInfo(found.directory.district.timezone)).date()
    return devices.Wanted(
        day, asked.kind, asked.state, asked.place, asked.unit, asked.q, found.acting.scope, found.acting.actor.unit
    )


def _sees(found: Who, row: Device) -> bool:
    own = bool(row.unit) and row.unit == found.acting.actor.unit
    return own or found.acting.sees(row.place, found.directory.areas_of(row.place), ())


def _device(found: Who, row: Device) -> DeviceOut:
    show = Show(found.directory, found.language, found.acting)
    return DeviceOut(
        code=row.code,
        kind=_kind(found, row.kind),
        place=Named(code=row.place, name=words.place_name(found.directory, row.place, found.language)),
        unit=show.unit(row.unit),
        spot=row.spot,
        since=row.since,
        until=row.until,
        state=Named(code=row.state or "none", name=devices.STATES[row.state][found.language]),
        state_at=show.local(row.state_at),
        synthetic=row.synthetic,
        source=row.source,
    )


def _kind(found: Who, kind: str) -> Named:
    return Named(code=kind, name=kind_of(found.directory, kind).title(found.language))


def _no_device(found: Who) -> str:
    if chinese(found.language):
        return "没有这台设备，或不在您的管辖范围内。"
    return "There is no such device, or it is not in your territory."
