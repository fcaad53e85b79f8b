"""The registers of the office: instructions, follow-up orders, letters and handovers, each a playbook of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import WithJsonSchema

from gewu.core.evolve import replay
from gewu.core.playbook.model import Playbook
from gewu.core.records import Event, Refusal, State
from gewu.ledger import attachments
from gewu.ledger.attachments import BadAttachment
from gewu.ledger.door import Outcome
from gewu.ledger.errors import Conflict, LedgerError, NotFound, Refused
from gewu.ledger.models import Record
from gewu.office import queries, services
from gewu.office.kinds import ADDRESS, KINDS, SLUGS, WITH_UNIT, NotForPost, may_see
from gewu.office.queries import EntryView, Filter
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.attachments import UploadForm
from gewu.surfaces.api.create import IdempotencyKey, photos_of
from gewu.surfaces.api.errors import etag, invalid, problem_of
from gewu.surfaces.api.forms import split_form
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.moves import IfMatch, said_in
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.query import known_only
from gewu.surfaces.api.show import photo_out
from gewu.surfaces.api.show_registers import ENTRIES, ShowEntry

router = Router(tags=["registers"])
Register = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": [*SLUGS]}),
    Path(..., description="The register's name, as GET /registers tells it."),
]


@router.get("/registers", response=o.Registers, operation_id="list_registers")
def list_registers(request: HttpRequest) -> o.Registers:
    """The registers that the acting post may look into, with what is open, and how it makes entries of them."""
    found = who(request)
    books = {kind: found.directory.current_playbook(kind) for kind in KINDS}
    seen = {kind: book for kind, book in books.items() if book is not None and may_see(book, found.acting.actor.roles)}
    counts = _counts(found, *seen) if seen else {}
    show = _show(found)
    roles = found.acting.actor.roles
    return o.Registers(items=[show.register(book, counts.get(kind, (0, 0)), roles) for kind, book in seen.items()])


@router.post("/registers/scans", response={201: o.PhotoOut}, operation_id="upload_scan")
def upload_scan(
    request: HttpRequest,
    response: HttpResponse,
    scan: Annotated[UploadedFile, File(..., description="A JPEG, PNG or WebP photo or a PDF, of at most 15 MB.")],
    wanted: Form[UploadForm],
) -> Status[o.PhotoOut]:
    """Take in a scan. Its id then goes, among `photos`, with a new entry or a move of the same person; unused it is
    removed later. For whoever may look into a register. A PDF is kept as it is and never opened."""
    found = who(request)
    if not any(may_see(found.directory.current_playbook(kind), found.acting.actor.roles) for kind in KINDS):
        raise ProblemError("not_allowed", _no_register(found.language))
    try:
        staged = attachments.stage(
            found.district_id, scan.read(), found.acting.actor.person, wanted.role, documents=True
        )
    except BadAttachment as error:
        text = words.error_text(error, found.language)
        raise ProblemError(error.code, text, errors=[("scan", error.code, text)]) from error
    answer = photo_out(staged.id, wanted.role, staged)
    response.headers["Location"] = answer.url
    return Status(201, answer)


@router.get("/registers/{name}", response=o.EntryPage, operation_id="list_entries")
def list_entries(
    request: HttpRequest, response: HttpResponse, name: Register, wanted: Query[i.EntryFilter]
) -> o.EntryPage:
    """Entries of a register that the acting post sees, newest first, 50 a page unless told otherwise; the header Link
    leads to the next page."""
    known_only(request, i.EntryFilter)
    found = who(request)
    kind, _playbook = _register(found, name)
    if wanted.unit and kind not in WITH_UNIT:
        raise invalid(request, ("unit", "unknown"))
    now = datetime.now(UTC)
    conditions = Filter(
        kind,
        ended=wanted.ended,
        late_at=now if wanted.overdue else None,
        unit=wanted.unit,
        year=wanted.year or 0,
        number=wanted.number.strip(),
    )
    page = queries.list_entries(
        found.district_id, found.acting, conditions, after=wanted.after or None, limit=wanted.limit
    )
    if page.after is not None:
        rest = [(k, v) for k, values in request.GET.lists() if k not in ("after", "counts") for v in values]
        response.headers["Link"] = f'<{request.path}?{urlencode([*rest, ("after", page.after)])}>; rel="next"'
    counts = None
    if wanted.counts:
        is_open, late = _counts(found, kind)[kind]
        counts = {"open": is_open, "late": late}
    show = _show(found)
    return o.EntryPage(items=[show.line(row) for row in page.rows], after=page.after, counts=counts)


@router.post("/registers/{name}", response={201: o.EntryCreatedOut}, operation_id="make_entry")
def make_entry(
    request: HttpRequest,
    response: HttpResponse,
    name: Register,
    body: i.EntryIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[o.EntryCreatedOut]:
    """Make an entry: record an instruction, issue an order, draft a letter, open a handover. It gets its number here.

    GET /registers describes the form. What is open is listed in a handover by itself.
    """
    found = who(request)
    kind, playbook = _register(found, name)
    move = services.MAKING[kind]
    args, texts = split_form(playbook.moves.get(move), body.form, found.language)
    filled = services.Filled(args, texts, photos_of(body.photos), str(idempotency_key) if idempotency_key else "")
    try:
        made = services.make(found.district_id, found.acting, kind, filled)
    except Refused as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    outcome = made.outcome
    response.headers["Location"] = f"{ENTRIES}{outcome.record_id}"
    response.headers["ETag"] = etag(outcome.seq)
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    created = o.EntryCreatedOut(
        id=outcome.record_id, kind=kind, number=made.number, version=outcome.seq, replayed=outcome.replayed
    )
    return Status(201, created)


@router.get("/registers/entries/{uuid:entry_id}", response=o.EntryOut, operation_id="get_entry")
def get_entry(request: HttpRequest, response: HttpResponse, entry_id: UUID) -> o.EntryOut:
    """An entry of any register: its words, clocks, timeline and links, and every move of its stage, open or with the
    reason why not."""
    found = who(request)
    view = _view(found, entry_id)
    response.headers["ETag"] = etag(view.row.version)
    return _show(found).entry(view)


@router.post("/registers/entries/{uuid:entry_id}/moves/{move}", response=o.MovedOut, operation_id="make_entry_move")
def make_entry_move(
    request: HttpRequest,
    response: HttpResponse,
    entry_id: UUID,
    move: str,
    body: i.MoveIn,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> o.MovedOut:
    """Make a move of the register's playbook. GET /registers/entries/{id} tells which are open, and their forms."""
    found = who(request)
    playbook = _playbook_of(found, entry_id)
    known = playbook.moves.get(move)
    if known is None or known.system or known.creates:
        raise problem_of(Refused(Refusal("unknown_move", {"move": move[:80]})), found.language, playbook)
    said = said_in(known, body, if_match, idempotency_key, found.language)
    try:
        outcome = services.act(found.district_id, found.acting, entry_id, move, **said)
    except (Refused, Conflict) as error:
        raise problem_of(error, found.language, playbook, found.directory, move) from error
    return _moved(found, playbook, response, outcome)


# ---- who may see what


def _show(found: Who) -> ShowEntry:
    return ShowEntry(found.directory, found.language, found.acting)


def _counts(found: Who, *kinds: str) -> dict[str, tuple[int, int]]:
    return queries.count_open(found.district_id, found.acting, kinds, datetime.now(UTC))


def _register(found: Who, name: str) -> tuple[str, Playbook]:
    """The register of an address with its playbook. Raises ``ProblemError`` for a name that there is not, and for a
    post that has no part in it."""
    kind = SLUGS.get(name)
    playbook = found.directory.current_playbook(kind) if kind else None
    if kind is None or playbook is None:
        raise ProblemError("not_found", _unknown(found.language))
    if not may_see(playbook, found.acting.actor.roles):
        raise _not_for_post(found, kind)
    return kind, playbook


def _view(found: Who, entry_id: UUID) -> EntryView:
    try:
        return queries.get_entry(found.district_id, found.acting, entry_id)
    except NotForPost as error:
        raise _not_for_post(found, error.kind) from error
    except NotFound as error:
        raise ProblemError("not_found", _none(found.language)) from error


def _playbook_of(found: Who, entry_id: UUID) -> Playbook:
    """The playbook under which an entry lives, in one statement. Raises ``ProblemError``, ``LedgerError``."""
    row = (
        Record.objects.filter(district_id=found.district_id, id=entry_id, kind__in=KINDS)
        .values_list("kind", "playbook", "playbook_version", "place", "areas", "involved")
        .first()
    )
    if row is None or not found.acting.sees(*row[3:]):
        raise ProblemError("not_found", _none(found.language))
    if not may_see(found.directory.current_playbook(row[0]), found.acting.actor.roles):
        raise _not_for_post(found, row[0])
    playbook = found.directory.playbook(row[1], row[2])
    if playbook is None:
        raise LedgerError(f"playbook {row[1]} version {row[2]} is not loaded")
    return playbook


# ---- the answer for a move


def _moved(found: Who, playbook: Playbook, response: HttpResponse, outcome: Outcome) -> o.MovedOut:
    response.headers["ETag"] = etag(outcome.seq)
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    show = _show(found)
    state = outcome.state or _state_after(found, outcome)
    return o.MovedOut(
        id=outcome.record_id,
        move=outcome.move,
        version=outcome.seq,
        at=show.at(outcome.at_us // 1_000_000),
        stage=show.stage(playbook, state.stage),
        due_at=show.at(state.due_at) if state.due_at is not None else None,
        replayed=outcome.replayed,
    )


def _state_after(found: Who, outcome: Outcome) -> State:
    """The entry as it was after an earlier event, so that a replay gives the first answer whatever came later."""
    view = _view(found, outcome.record_id)
    events = [
        Event(e.kind, e.seq, int(e.at.timestamp()), e.actor, e.unit, {"effects": e.effects})
        for e in view.timeline
        if e.seq <= outcome.seq
    ]
    return replay(events) or view.state


# ---- words


def _not_for_post(found: Who, kind: str) -> ProblemError:
    playbook = found.directory.current_playbook(kind)
    title = playbook.title[found.language] if playbook else ADDRESS[kind]
    if found.language.startswith("zh"):
        return ProblemError("not_allowed", f"“{title}”台账不对当前岗位开放，请联系城综办。")
    return ProblemError("not_allowed", f"The register “{title}” is not for your post. Ask the comprehensive office.")


def _no_register(language: str) -> str:
    if language.startswith("zh"):
        return "当前岗位不办理台账，不能上传扫描件；案件照片请发送至 /api/v1/attachments。"
    return "The registers are not for your post. Photos of cases go to /api/v1/attachments."


def _unknown(language: str) -> str:
    names = words.listed(SLUGS, language)
    if language.startswith("zh"):
        return f"没有此台账，可选：{names}。"
    return f"There is no such register; there are: {names}."


def _none(language: str) -> str:
    if language.startswith("zh"):
        return "台账中没有此登记事项，或不在您的管辖范围内。"
    return "There is no such entry in a register, or it is not in your territory."
