"""The field: photos by their content, an outbox acknowledged item by item, and what a phone keeps for the day."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.views.decorators.gzip import gzip_page
from ninja import File, Form, Router, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from gewu.cases import queries
from gewu.cases.services import PLAYBOOK
from gewu.core.evolve import state_from_json
from gewu.core.playbook.model import Move, Playbook
from gewu.core.records import Command, Refusal, State
from gewu.core.rules import holds_part, moves_open
from gewu.ledger import attachments, received
from gewu.ledger.lookups import facts_for
from gewu.occasions.queries import OccasionRow, calls_on
from gewu.surfaces import words
from gewu.surfaces.api import inputs_field as f
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.errors import invalid
from gewu.surfaces.api.forms import form_schema
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.outputs import field as fo
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.show import Show, degrees
from gewu.surfaces.api.syncing import take_all

router = Router(tags=["field"])
TASKS = 60
PHOTOS = 4
_SIMPLE = frozenset({"text", "phone", "choice", "bool", "tick", "int", "date"})
"""Fields that a phone asks for without looking anything up."""
_MAKING = ("report", "fix_on_spot")


@router.post("/field/photos/known", response=fo.KnownOut, operation_id="known_photos")
def known(request: HttpRequest, body: f.KnownIn) -> fo.KnownOut:
    """Which of these photos this person sent before, so that a device sends the others only."""
    found = who(request)
    there = attachments.held(found.district_id, body.hashes, found.acting.actor.person)
    return fo.KnownOut(known=[one for one in body.hashes if one in there])


@router.post("/field/photos", response={200: fo.KnownOut, 201: fo.KnownOut}, operation_id="upload_field_photo")
def upload(
    request: HttpRequest,
    photo: Annotated[UploadedFile, File(..., description="A JPEG, PNG or WebP photo of at most 15 MB.")],
    wanted: Form[f.UploadForm],
) -> Status[fo.KnownOut]:
    """Take in a photo under the hash of its bytes: 201, or 200 when it is there already. One that was cut off on the
    way has another hash and is refused; a photo that no item takes up is removed after a day."""
    found = who(request)
    if (photo.size or 0) > attachments.MAX_BYTES:
        raise attachments.BadAttachment("too_large", "the photo is too large")
    data = photo.read()
    if hashlib.sha256(data).hexdigest() != wanted.hash:
        raise invalid(request, ("hash", "other_content"))
    person = found.acting.actor.person
    answer = fo.KnownOut(known=[wanted.hash])
    if wanted.hash in attachments.held(found.district_id, [wanted.hash], person):
        return Status(200, answer)
    attachments.stage(found.district_id, data, person)
    return Status(201, answer)


@router.post("/field/sync", response=fo.SyncOut, operation_id="sync")
def sync(request: HttpRequest, body: f.SyncIn) -> fo.SyncOut:
    """Take what waits on a device, at most 20 items, and answer each for itself.

    An item is a command with an id of its own: sent twice, it is done once. A move says which version of the case was
    seen; notes and photos that others added since do not matter, a step that they took is a conflict and is told.
    """
    found = who(request)
    if body.person != found.acting.actor.person:
        raise ProblemError("other_person")
    answers = take_all(found, body.device, body.items, datetime.now(UTC))
    seen = received.seen(found.district_id, body.device)
    return fo.SyncOut(items=answers, highest=seen.highest, missing=list(seen.missing))


@router.get("/field/today", response=fo.TodayOut, operation_id="today")
@decorate_view(gzip_page)
def today(request: HttpRequest) -> fo.TodayOut:
    """The tasks of the acting post, earliest deadline first, each with its open moves, and what may be entered anew.

    Whistles that call the post stand among its cases.
    """
    found, now = who(request), datetime.now(UTC)
    wanted = queries.Filter(mine=True, ended=False)
    page = queries.list_cases(found.district_id, found.acting, wanted, limit=TASKS)
    ids = [row.record_id for row in page.rows]
    states = queries.states_of(found.district_id, ids)
    photos = queries.first_photos(found.district_id, ids, PHOTOS)
    show = Show(found.directory, found.language, found.acting)
    tasks = [_task(found, show, row, state_from_json(states[row.record_id]), photos) for row in page.rows]
    tasks = sorted([*tasks, *_calls(found, show)], key=lambda one: (one.due_at is None, one.due_at or now, one.number))
    playbook = found.directory.current_playbook(PLAYBOOK)
    return fo.TodayOut(
        person=found.acting.actor.person,
        name=found.post.name(found.language),
        at=show.here(now),
        more=page.after is not None,
        tasks=tasks,
        making=_making(found, playbook) if playbook else [],
    )


def _task(found: Who, show: Show, row: queries.CaseRow, state: State, photos: dict[UUID, list[UUID]]) -> fo.TaskOut:
    playbook = found.directory.playbook(row.playbook, row.playbook_version)
    held = [part.slot for part in state.assignments if holds_part(part, found.acting.actor)]
    return fo.TaskOut(
        id=row.record_id,
        number=row.number,
        version=row.version,
        stage=show.stage(playbook, row.stage),
        parts=sorted(set(held)),
        category=words.category_name(found.directory, row.category, found.language) if row.category else "",
        place=words.place_name(found.directory, row.place, found.language),
        words=row.excerpt,
        urgent=row.urgent,
        lon=degrees(row.lon_e6),
        lat=degrees(row.lat_e6),
        clock=words.clock_name(playbook, row.clock, found.language) if row.clock else "",
        due_at=show.local(row.due_at),
        warns_at=show.local(row.warns_at),
        photos=photos.get(row.record_id, []),
        moves=_moves(found, show, playbook, f"/api/v1/cases/{row.record_id}/", state) if playbook else [],
        presence=row.urgent,
    )


def _calls(found: Who, show: Show) -> list[fo.TaskOut]:
    """The whistles that call the post. Two statements, one where there are none."""
    rows = calls_on(found.district_id, found.acting, TASKS)
    states = queries.states_of(found.district_id, [row.record_id for row in rows]) if rows else {}
    return [_call(found, show, row, state_from_json(states[row.record_id])) for row in rows]


def _call(found: Who, show: Show, row: OccasionRow, state: State) -> fo.TaskOut:
    playbook = found.directory.playbook(row.playbook, row.playbook_version)
    place = words.place_name(found.directory, row.place, found.language)
    return fo.TaskOut(
        id=row.record_id,
        number=row.number,
        version=row.version,
        stage=show.stage(playbook, row.stage),
        parts=sorted({part.slot for part in state.assignments if holds_part(part, found.acting.actor)}),
        category=playbook.title[found.language] if playbook else "",
        place=f"{place} · {row.spot}" if row.spot else place,
        words=row.subject,
        urgent=state.fields.get("urgent") is True,
        lon=None,
        lat=None,
        clock=words.clock_name(playbook, row.clock, found.language) if row.clock else "",
        due_at=show.local(row.due_at),
        warns_at=show.local(row.warns_at),
        photos=[],
        moves=_moves(found, show, playbook, f"/api/v1/occasions/{row.record_id}/", state) if playbook else [],
        presence=True,
    )


def _moves(found: Who, show: Show, playbook: Playbook, base: str, state: State) -> list[o.MoveOut]:
    """The open moves that a phone can make: those of a part that the person holds, and additions."""
    facts = facts_for(
        found.directory, None, Command("", ""), found.acting.actor, int(datetime.now(UTC).timestamp()), None
    )
    if isinstance(facts, Refusal):
        return []
    return [
        show.move(playbook, move, None, base)
        for move, refusal in moves_open(playbook, state, facts)
        if refusal is None and _for_phone(move)
    ]


def _for_phone(move: Move) -> bool:
    mine = move.additive or any(rule.relation == "holder" for rule in move.actors)
    return mine and all(field.type in _SIMPLE for field in move.form) and move.name != "absorb"


def _making(found: Who, playbook: Playbook) -> list[fo.MakingFieldOut]:
    made = []
    for name in _MAKING:
        move = playbook.moves.get(name)
        if move is not None and any(rule.role in found.acting.actor.roles for rule in move.actors):
            title, form = move.title[found.language], form_schema(move, found.language)
            made.append(fo.MakingFieldOut(name=name, title=title, needs_photos=dict(move.photos), form=form))
    return made


@router.get("/field/catalogue", response=fo.FieldCatalogueOut, operation_id="field_catalogue")
@decorate_view(gzip_page)
def catalogue(request: HttpRequest) -> fo.FieldCatalogueOut:
    """What a phone looks up without a line: all categories and standards, the places of the post's territory."""
    found = who(request)
    directory, language = found.directory, found.language
    scope = found.acting.scope
    return fo.FieldCatalogueOut(
        categories=[
            fo.FieldCategoryOut(key=c.key, name=c.name(language), major=c.major_name(language))
            for c in directory.categories.values()
            if c.active
        ],
        standards=[
            fo.FieldStandardOut(
                key=s.key, category=s.category, filing=s.filing[language],
                limit=words.limit_text(s.limit_value, s.limit_unit, language),
            )
            for s in directory.standards.values()
            if s.active
        ],
        places=[
            o.Named(code=p.code, name=words.place_name(directory, p.code, language))
            for p in directory.places.values()
            if p.active and (scope is None or scope.covers(p.code, ()))
        ],
    )  # fmt: skip
