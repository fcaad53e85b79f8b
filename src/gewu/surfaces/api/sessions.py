"""Sessions of people: one's own, and for an administrator those of the district; one's own password."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.http import HttpRequest
from ninja import Router, Status

from gewu.registry import sessions
from gewu.registry.models import Person
from gewu.surfaces.api import inputs as i
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ProblemError
from gewu.surfaces.api.show import Show
from gewu.surfaces.signin import passwords
from gewu.surfaces.signin.devices import device_words

router = Router(tags=["identity"])
log = structlog.get_logger(__name__)


@router.get("/sessions", response=o.SessionsOut, operation_id="list_sessions")
def list_sessions(request: HttpRequest) -> o.SessionsOut:
    """Where the person who asks is logged in. For people only: a program has no session."""
    found = who(request)
    return _shown(found, _person(found), request.session.session_key)


@router.delete("/sessions", response=o.EndedOut, operation_id="end_other_sessions")
def end_other_sessions(request: HttpRequest) -> o.EndedOut:
    """End all sessions of one's own but this one, at once."""
    person = _person(who(request))
    return o.EndedOut(ended=sessions.end_others(person, request.session.session_key))


@router.delete("/sessions/{session_id}", response={204: None}, operation_id="end_session")
def end_session(request: HttpRequest, session_id: UUID) -> Any:
    """End one of one's own sessions, at once."""
    found = who(request)
    if not sessions.end(_person(found), session_id):
        raise ProblemError("not_found", _no_session(found.language))
    return Status(204, None)


@router.get("/people/{login}/sessions", response=o.SessionsOut, operation_id="list_sessions_of")
def list_sessions_of(request: HttpRequest, login: str) -> o.SessionsOut:
    """Where somebody of the district is logged in; for administrators."""
    found = who(request)
    current = request.session.session_key if found.person is not None else None
    return _shown(found, _somebody(found, login), current)


@router.delete("/people/{login}/sessions", response=o.EndedOut, operation_id="end_sessions_of")
def end_sessions_of(request: HttpRequest, login: str) -> o.EndedOut:
    """End all sessions of somebody of the district, at once; for administrators."""
    found = who(request)
    person = _somebody(found, login)
    count = sessions.end_others(person)
    log.info("sessions ended", login=person.login, count=count, post=found.post.post_code)
    return o.EndedOut(ended=count)


@router.delete("/people/{login}/sessions/{session_id}", response={204: None}, operation_id="end_session_of")
def end_session_of(request: HttpRequest, login: str, session_id: UUID) -> Any:
    """End one session of somebody of the district, at once; for administrators."""
    found = who(request)
    person = _somebody(found, login)
    if not sessions.end(person, session_id):
        raise ProblemError("not_found", _no_session(found.language))
    log.info("sessions ended", login=person.login, count=1, post=found.post.post_code)
    return Status(204, None)


@router.put("/password", response={204: None}, operation_id="change_password")
def change_password(request: HttpRequest, body: i.PasswordIn) -> Any:
    """Change one's own password; all other sessions end."""
    try:
        faults = passwords.change(request, _person(who(request)), body.old, body.new)
    except passwords.WrongPassword as error:
        raise ProblemError("bad_login") from error
    if faults:
        raise ProblemError("invalid", errors=[("new", "password", " ".join(faults))])
    return Status(204, None)


def _person(found: Who) -> Person:
    if found.person is None:
        chinese = found.language.startswith("zh")
        raise ProblemError(
            "not_allowed",
            "令牌没有会话，请由本人登录后办理。" if chinese else "A token has no sessions; log in as a person.",
        )
    return found.person


def _somebody(found: Who, login: str) -> Person:
    chinese = found.language.startswith("zh")
    if not found.has("administrator"):
        raise ProblemError("not_allowed", "仅管理员可以办理。" if chinese else "Only an administrator may do this.")
    person = sessions.person_of(found.district_id, login)
    if person is None:
        raise ProblemError("not_found", "本区没有此账号。" if chinese else "Nobody in this district has this login.")
    return person


def _shown(found: Who, person: Person, current: str | None) -> o.SessionsOut:
    show = Show(found.directory, found.language)
    return o.SessionsOut(
        items=[
            o.SessionOut(
                id=one.id,
                device=device_words(one.device, found.language),
                since=show.here(one.since),
                used=show.here(one.used_at),
                current=one.current,
            )
            for one in sessions.sessions_of(person, current)
        ]
    )


def _no_session(language: str) -> str:
    return "没有此会话。" if language.startswith("zh") else "There is no such session any more."
