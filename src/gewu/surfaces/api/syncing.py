"""One item of a device: carried out by the same services as every page, and answered for itself (ADR 28)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from gewu.cases import queries, services
from gewu.cases.queries import Step
from gewu.core.playbook.model import Playbook
from gewu.core.records import Photo, Refusal
from gewu.home.database import is_connection_loss
from gewu.ledger import attachments, received, store
from gewu.ledger.door import Outcome
from gewu.ledger.errors import Busy, Conflict, LedgerError, NotFound, Refused
from gewu.ledger.received import Entry
from gewu.occasions import services as occasions
from gewu.occasions.kinds import ARRIVE, readable
from gewu.occasions.kinds import KIND as OCCASION
from gewu.occasions.table import seen_of
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces import words
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import inputs_field as f
from gewu.surfaces.api.create import made_of
from gewu.surfaces.api.errors import problem_of
from gewu.surfaces.api.forms import split_form
from gewu.surfaces.api.identity import Who
from gewu.surfaces.api.moves import playbook_of
from gewu.surfaces.api.outputs import field as fo
from gewu.surfaces.api.problems import PROBLEMS, ProblemError
from gewu.surfaces.api.show import Show

_log = logging.getLogger(__name__)
_MAKERS = {"report": services.report, "fix_on_spot": services.fix_on_spot}
CASE = "case"
_TWO_CASES = frozenset({"merge", "absorb", "split_off", "split_create"})
_ARRIVALS = frozenset({ARRIVE})
_ACTS: dict[str, Callable[..., Outcome]] = {CASE: services.act, OCCASION: occasions.act}
_LONGEST_AWAY = timedelta(days=60)
_AHEAD = timedelta(minutes=5)
Body = TypeVar("Body", bound=BaseModel)


class _Later(Exception):
    """The item cannot be judged yet. ``code`` says what it waits for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Overtaken(Exception):
    """Somebody else took a step on the case that the person outside did not know of."""

    def __init__(self, case: UUID, steps: list[Step]) -> None:
        super().__init__("overtaken")
        self.case = case
        self.steps = steps


def take_all(found: Who, device: UUID, items: Sequence[f.ItemIn], now: datetime) -> list[fo.ItemOut]:
    """Carry out what can be carried out, each for itself, in the order of the device, and write down what came.

    Raises ``ProblemError`` when the device is another person's; then nothing was done.
    """
    person = found.acting.actor.person
    if (received.owner(found.district_id, device) or person) != person:
        raise ProblemError("other_person")
    answers: dict[UUID, fo.ItemOut] = {}
    for item in sorted(items, key=lambda one: one.seq):
        if item.id in answers:
            continue
        answer = _take(found, item, now, answers)
        answers[item.id] = answer
        entry = Entry(item.id, item.seq, item.kind, answer.status, answer.code, answer.case)
        received.write_down(found.district_id, device, person, [entry], now)
    return [answers[item.id] for item in items]


def _take(found: Who, item: f.ItemIn, now: datetime, answers: dict[UUID, fo.ItemOut]) -> fo.ItemOut:
    try:
        earlier = store.answered(found.district_id, [item.id]).get(item.id)
        if earlier is not None:
            return _replayed(found, item, earlier)
        if item.after is not None and not _is_over(found, item.after, answers):
            return _waiting(item, "waits_for_earlier")
        return _done(found, item, _believable(item.made_at, now))
    except _Later as later:
        return _waiting(item, later.code)
    except _Overtaken as overtaken:
        return _conflict(found, item, overtaken)
    except Busy:
        return _waiting(item, "busy")
    except ProblemError as problem:
        return _refused(found, item, problem)
    except (LedgerError, OutsideDistrict, BadPosition, services.UnknownPlace, attachments.BadAttachment) as error:
        return _refused(found, item, problem_of(error, found.language, None, found.directory))
    except Exception as error:
        if is_connection_loss(error):
            raise
        # A fault of ours over one item must not hold up the others; it is logged, and the item is set aside.
        _log.exception("an item of the field failed: %s", item.kind)
        return _refused(found, item, ProblemError("server"))


def _is_over(found: Who, item: UUID, answers: dict[UUID, fo.ItemOut]) -> bool:
    """Whether an item was answered for good, be it refused: what was set aside holds up nothing."""
    if item in answers:
        return answers[item].status != "waiting"
    return bool(received.answered(found.district_id, [item]) or store.answered(found.district_id, [item]))


def _believable(made_at: datetime, now: datetime) -> int:
    """When it was done; 0 where the clock of the device cannot be right."""
    return int(made_at.timestamp()) if now - _LONGEST_AWAY < made_at < now + _AHEAD else 0


def _done(found: Who, item: f.ItemIn, made_at: int) -> fo.ItemOut:
    if item.kind == "move":
        return _moved(found, item, made_at)
    body = _body(found, f.NewBody, item.body)
    wanted = i.CreateIn(form=body.form, position=body.position, place=body.place, photos=_photos(found, item.photos))
    made = made_of(
        found.directory, found.acting, found.language, _MAKERS[item.kind], item.kind, wanted, item.id, made_at=made_at
    )
    return _accepted(found, item, made.outcome.record_id, made.outcome.seq, made.outcome.replayed)


def _moved(found: Who, item: f.ItemIn, made_at: int) -> fo.ItemOut:
    body = _body(found, f.MoveBody, item.body)
    playbook, kind = _playbook(found, body.case)
    move = playbook.moves.get(body.move)
    if move is None or move.system or move.name in _TWO_CASES:
        raise problem_of(Refused(Refusal("unknown_move", {"move": body.move})), found.language, playbook)
    args, texts = split_form(move, body.form, found.language)
    if body.reason is not None:
        texts["reason"] = body.reason
    site = _site(found, kind, body)
    photos = tuple(Photo(str(one.id), one.role) for one in _photos(found, item.photos))
    version = None if move.additive else _version(found, body)
    try:
        outcome = _ACTS[kind](
            found.district_id, found.acting, body.case, move.name, args=args, texts=texts, photos=photos,
            version=version, target=body.target, command_id=str(item.id), made_at=made_at, site=site,
        )  # fmt: skip
    except Conflict as error:
        raise _Later("busy") from error  # in this very moment: the next round sees what it was
    except Refused as error:
        steps = _overtaking(found, body.case, body.version) if body.version else []
        if steps and error.refusal.code in ("wrong_stage", "not_allowed", "part_ended"):
            raise _Overtaken(body.case, steps) from error
        raise problem_of(error, found.language, playbook, found.directory, move.name) from error
    return _accepted(found, item, body.case, outcome.seq, outcome.replayed)


def _playbook(found: Who, record: UUID) -> tuple[Playbook, str]:
    """The playbook of a case or of a whistle, and which of them it is. Raises ``NotFound``."""
    try:
        return playbook_of(found, record), CASE
    except NotFound:
        if not readable(found.directory, found.acting):
            raise
        seen = seen_of(found.district_id, found.acting, record)
    playbook = found.directory.playbook(seen.playbook, seen.playbook_version)
    if playbook is None:
        raise LedgerError(f"playbook {seen.playbook} version {seen.playbook_version} is not loaded")
    return playbook, OCCASION


def _site(found: Who, kind: str, body: f.MoveBody) -> tuple[int, int] | None:
    """Where somebody arrived at an emergency or a whistle. Any other position is dropped: nobody's way is kept."""
    if body.position is None or body.move not in _ARRIVALS:
        return None
    state = queries.states_of(found.district_id, [body.case])[body.case] if kind == CASE else None
    if state is not None and state["fields"].get("urgent") is not True:
        return None
    at = services.position_of(found.directory, services.Where(**body.position.model_dump()))
    return (at.lon_e6, at.lat_e6) if at.lon_e6 is not None and at.lat_e6 is not None else None


def _version(found: Who, body: f.MoveBody) -> int:
    """The version against which an exclusive move goes: that of now, if nothing but additions came since it was seen.

    Raises ``_Overtaken`` where somebody else took a step meanwhile.
    """
    if body.version is None:
        raise ProblemError("version_required")
    if _overtaking(found, body.case, body.version):
        raise _Overtaken(body.case, queries.steps_since(found.district_id, body.case, body.version))
    steps = queries.steps_since(found.district_id, body.case, body.version)
    return steps[-1].seq if steps else body.version


def _overtaking(found: Who, case: UUID, version: int) -> list[Step]:
    steps = queries.steps_since(found.district_id, case, version)
    return [step for step in steps if not step.harmless and step.actor != found.acting.actor.person]


def _photos(found: Who, wanted: Sequence[f.FieldPhotoIn]) -> list[i.PhotoIn]:
    """The photos of an item, by their content. One that another event holds is taken in once more from its bytes.

    Raises ``_Later`` where one has not come yet.
    """
    person = found.acting.actor.person
    there = attachments.held(found.district_id, [one.hash for one in wanted], person) if wanted else {}
    if any(one.hash not in there for one in wanted):
        raise _Later("photo_missing")
    used: set[UUID] = set()
    photos = []
    for one in wanted:
        free = next((p.id for p in there[one.hash] if p.free and p.id not in used), None)
        photo = free or attachments.again(found.district_id, there[one.hash][0], person, one.role)
        if photo is None:
            raise _Later("photo_missing")
        used.add(photo)
        photos.append(i.PhotoIn(id=photo, role=one.role))
    return photos


def _body(found: Who, model: type[Body], given: dict[str, Any]) -> Body:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        text = words.fault_text("type", found.language)
        faults = [(".".join(str(part) for part in one["loc"])[:80], "type", text) for one in error.errors()[:10]]
        raise ProblemError("invalid", errors=faults) from error


# ---- answers


def _waiting(item: f.ItemIn, code: str) -> fo.ItemOut:
    return fo.ItemOut(id=item.id, seq=item.seq, status="waiting", code=code)


def _accepted(found: Who, item: f.ItemIn, case: UUID, version: int, replayed: bool) -> fo.ItemOut:
    number = _number(found, case)
    status = "replayed" if replayed else "accepted"
    return fo.ItemOut(id=item.id, seq=item.seq, status=status, case=case, number=number, version=version)


def _number(found: Who, record: UUID) -> str:
    try:
        return queries.number_of(found.district_id, record)
    except NotFound:
        return occasions.number_of(found.district_id, record)


def _replayed(found: Who, item: f.ItemIn, earlier: store.Answered) -> fo.ItemOut:
    """The first answer again, if it is the same command: of the same kind, and on the same case."""
    same = earlier.kind == (item.body.get("move") if item.kind == "move" else item.kind)
    if item.kind == "move":
        same = same and str(earlier.record_id) == str(item.body.get("case", "")).lower()
    if not same:
        raise ProblemError("command_reused")
    return _accepted(found, item, earlier.record_id, earlier.seq, True)


def _conflict(found: Who, item: f.ItemIn, overtaken: _Overtaken) -> fo.ItemOut:
    playbook, _kind = _playbook(found, overtaken.case)
    show = Show(found.directory, found.language, found.acting)
    rest = [step for step in overtaken.steps if not step.harmless]
    return fo.ItemOut(
        id=item.id, seq=item.seq, status="conflict", code="stale", case=overtaken.case,
        number=_number(found, overtaken.case), version=overtaken.steps[-1].seq,
        detail=PROBLEMS["stale"].title[found.language], stage=_stage(found, playbook, overtaken.case),
        changed=[_changed(show, playbook, step) for step in rest],
    )  # fmt: skip


def _changed(show: Show, playbook: Playbook, step: Step) -> fo.ChangedOut:
    title = words.event_name(playbook, step.kind, step.args, show.language)
    return fo.ChangedOut(title=title, at=show.here(step.at), who=show.person(step.actor).name)


def _stage(found: Who, playbook: Playbook, case: UUID) -> str:
    state = queries.states_of(found.district_id, [case])[case]
    return words.stage_name(playbook, state["stage"], found.language)


def _refused(found: Who, item: f.ItemIn, problem: ProblemError) -> fo.ItemOut:
    """Why it was refused, in one sentence or several, without a word of what was sent."""
    detail = problem.detail
    if not detail:
        kind = PROBLEMS.get(problem.code, PROBLEMS["ledger"])
        text = (kind.detail or kind.title)[found.language].format(seconds="")
        detail = " ".join([text, *(message for _field, _code, message in problem.errors)])
    return fo.ItemOut(id=item.id, seq=item.seq, status="refused", code=problem.code, detail=detail)
