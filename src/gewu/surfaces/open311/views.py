"""The addresses that are read: discovery, services, requests, tokens, updates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from gewu.cases.queries import outside
from gewu.cases.queries.outside import PublicChange, PublicRow, Wanted
from gewu.core.playbook.model import Playbook
from gewu.surfaces.names import place_name, unit_name
from gewu.surfaces.open311 import catalogue, filing, reading, streets
from gewu.surfaces.open311.endpoint import Asked, endpoint, jurisdictions
from gewu.surfaces.open311.faults import Fault
from gewu.surfaces.open311.formats import MIME, Answer
from gewu.surfaces.public.site import base_url
from gewu.surfaces.public.story import HANDLED_IN, plain_stage, stage_of, steps_of

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
PATH = "/open311/v2"
KEEP_S = 60


@endpoint(keep=KEEP_S, everywhere=True)
def discovery(asked: Asked) -> Answer:
    """Which version speaks here, in which formats, whom to ask, and when what is cached has changed."""
    every = jurisdictions()
    base = base_url(asked.request)
    changed = asked.instant(
        max((d.version[1] for d in every if d.version[1]), default=datetime(1970, 1, 1, tzinfo=UTC))
    )
    names = ", ".join(f"{d.district.name(asked.language)} (jurisdiction_id {d.district.code})" for d in every)
    value = {
        "changeset": changed,
        "contact": _("The duty desk of %(names)s runs this service. How requests are worked on: %(base)s")
        % {"names": names, "base": f"{base}/about"},
        "key_service": _(
            "A key (api_key) is needed to file requests, not to read them. It is an API token of Gewu for a post at"
            " the duty desk: ask the administrators of the district for one, see %(base)s."
        )
        % {"base": f"{base}/about"},
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{base}{PATH}",
                "changeset": changed,
                "type": "production",
                "formats": [mime for mime in MIME if mime != "application/xml"],
            }
        ],
    }
    return Answer("discovery", value)


@endpoint(keep=KEEP_S)
def services(asked: Asked) -> Answer:
    """Every kind of request that can be filed."""
    found = catalogue.offered(asked.directory)
    return Answer("services", [catalogue.service(asked.directory, key, asked.language) for key in found])


@endpoint(keep=KEEP_S)
def service(asked: Asked, *, code: str) -> Answer:
    """What may be added to one kind of request."""
    key = catalogue.key_of(asked.directory, code)
    if key is None or (key and asked.directory.category(key) is None):
        raise Fault(404, _("service_code was not found: %(codes)s.") % {"codes": code[:80]})
    return Answer("service_definition", catalogue.definition(asked.directory, key, asked.language))


# ---- requests


def list_answer(asked: Asked) -> Answer:
    """Requests by number, or by kind, status, time and place; newest first."""
    question = reading.question_of(asked.params, asked.directory, datetime.now(UTC))
    numbers = tuple(n for n in question.numbers if filing.is_number(n))
    if question.numbers and not numbers:
        return Answer("service_requests", [])
    wanted = Wanted(
        numbers=numbers,
        categories=question.categories,
        streets=streets.within(asked.directory, question.near) if question.near else None,
        closed=None if len(question.statuses) == 2 else "closed" in question.statuses,
        reported=question.reported,
        updated=question.updated,
        limit=question.size + 1,
        offset=(question.page - 1) * question.size,
    )
    found = outside.public_cases(asked.district_id, wanted)
    headers = {}
    if len(found) > question.size:
        params = asked.params.copy()
        params["page"], params["page_size"] = str(question.page + 1), str(question.size)
        here = asked.request.build_absolute_uri(asked.request.path)
        headers["Link"] = f'<{here}?{params.urlencode()}>; rel="next"'
    return Answer("service_requests", _shown(asked, found[: question.size], question.extensions), headers=headers)


requests = endpoint(post=filing.file_request)(list_answer)


@endpoint()
def request(asked: Asked, *, number: str) -> Answer:
    """One request, whatever its stage."""
    found = _numbered(asked, number)
    if not found:
        raise Fault(404, _("service_request_id was not found: %(number)s.") % {"number": number[:40]})
    return Answer("service_requests", _shown(asked, found, reading.extended(asked.params)))


@endpoint()
def token(asked: Asked, *, number: str) -> Answer:
    """The number of a request is given at once here, so that it is its own token."""
    if not _numbered(asked, number):
        raise Fault(404, _("token was not found: %(number)s.") % {"number": number[:40]})
    return Answer("service_requests", [{"service_request_id": number, "token": number}])


def _numbered(asked: Asked, number: str) -> list[PublicRow]:
    return outside.public_cases(asked.district_id, Wanted(numbers=(number,))) if filing.is_number(number) else []


def _shown(asked: Asked, found: list[PublicRow], extensions: bool) -> list[dict[str, Any]]:
    if not extensions or not found:
        return [_one(asked, row) for row in found]
    told = outside.public_steps(asked.district_id, [row.record_id for row in found])
    return [_one(asked, row) | _extended(asked, row, told[row.record_id]) for row in found]


def _one(asked: Asked, row: PublicRow) -> dict[str, Any]:
    """A request as the public pages tell it: no words, no names, no position finer than its street."""
    directory, language = asked.directory, asked.language
    street = streets.street_of(row.place)
    lon, lat = streets.points_of(directory).get(street, (None, None))
    return {
        "service_request_id": row.number,
        "status": "closed" if row.closed else "open",
        "status_notes": _notes(asked, row),
        "service_name": catalogue.service_name(directory, row.category, language),
        "service_code": catalogue.code_of(row.category),
        "description": None,
        "agency_responsible": unit_name(directory, row.lead_unit, language) if row.lead_unit else None,
        "service_notice": None,
        "requested_datetime": asked.instant(row.reported_at),
        "updated_datetime": asked.instant(row.updated_at),
        "expected_datetime": asked.instant(row.due_at) if row.stage in HANDLED_IN else None,
        "address": place_name(directory, street, language) if street in directory.places else None,
        "address_id": street,
        "zipcode": None,
        "lat": lat,
        "long": lon,
        "media_url": None,
    }


def _notes(asked: Asked, row: PublicRow) -> str:
    text = _sentence(asked.directory.playbook(row.playbook, row.playbook_version), row.stage, asked.language)
    if row.stage == "suspended" and row.held_until:
        text += " " + _("On hold until %(day)s.") % {"day": row.held_until}
    if row.goes_on:
        text += " " + _("It goes on as %(number)s.") % {"number": row.goes_on}
    return text


def _sentence(playbook: Playbook | None, stage: str, language: str) -> str:
    """A stage in plain words, as residents read it."""
    plain = plain_stage(stage, playbook, language)
    title, text = str(plain.title), str(plain.text)
    mark = "。" if language.startswith("zh") else ". "
    return f"{title}{mark}{text}" if text else title


def _extended(asked: Asked, row: PublicRow, told: list[tuple[datetime, Any]]) -> dict[str, Any]:
    directory = asked.directory
    playbook = directory.playbook(row.playbook, row.playbook_version)
    standard = directory.standards.get(row.standard)
    notes = [
        {"datetime": asked.instant(step.at), "description": step.title, "type": stage_of(effects)}
        for step, (_at, effects) in zip(steps_of(told, playbook, asked.language), told, strict=True)
    ]
    return {
        "extended_attributes": {
            "stage": row.stage,
            "position": "street",
            "limit_official": standard is not None and standard.limit_status == "official",
            "merged_into": row.goes_on,
        },
        "notes": notes,
    }


# ---- updates


@endpoint()
def updates(asked: Asked) -> Answer:
    """Changes of requests, oldest first: of a span of time, of some requests, or the last 24 hours of all."""
    now = datetime.now(UTC)
    numbers = reading.listed(asked.params, "service_request_id")
    if len(numbers) > reading.MOST:
        raise Fault(400, _("service_request_id: at most %(most)d at once.") % {"most": reading.MOST})
    span = reading.span_of(asked.params, "start_date", "end_date", now)
    if span is None and not numbers:
        span = (now - reading.LATELY, now)
    known = [number for number in numbers if filing.is_number(number)]
    found = outside.public_changes(asked.district_id, span, known, reading.MOST) if known or not numbers else []
    return Answer("service_request_updates", [_update(asked, change) for change in found])


def _update(asked: Asked, change: PublicChange) -> dict[str, Any]:
    stage = stage_of(change.effects)
    playbook = asked.directory.playbook(change.playbook, change.playbook_version)
    return {
        "update_id": f"{change.number}-{change.seq}",
        "service_request_id": change.number,
        "status": "closed" if _ends(playbook, stage) else "open",
        "updated_datetime": asked.instant(change.at),
        "description": _sentence(playbook, stage, asked.language),
        "media_url": None,
    }


def _ends(playbook: Playbook | None, stage: str) -> bool:
    found = playbook.stages.get(stage) if playbook else None
    return stage == outside.CLOSED or (found is not None and found.end)


@endpoint(everywhere=True)
def nowhere(_asked: Asked, **_path: str) -> Answer:
    """An address that leads nowhere."""
    known = f"{PATH}/discovery.xml"
    raise Fault(404, _("There is nothing at this address. %(known)s tells what there is.") % {"known": known})
