"""The API as a whole: its rooms, its authentication, its description."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.renderers import BaseRenderer

from gewu import __version__
from gewu.surfaces.api import (
    attachments,
    auth,
    ballots,
    boards,
    cases,
    create,
    devices,
    district,
    errors,
    field,
    honours,
    hops,
    imports,
    logs,
    moves,
    near,
    notices,
    occasion_figures,
    occasions,
    public,
    registers,
    registry,
    results,
    rounds,
    sessions,
    status,
    strands,
    works,
)
from gewu.surfaces.api.identity import SessionAuth, TokenAuth
from gewu.surfaces.api.openapi import GewuAPI
from gewu.surfaces.api.parsing import StrictParser

DESCRIPTION = """Report, register, verify, file, dispatch, handle, check, close and answer cases of a city district.

A program sends `Authorization: Bearer <token>`; a page sends the session cookie and, to change something, the header
`X-CSRFToken`. Moves that others could make at the same time need `If-Match` with the version that was seen; a move or
a new case is safe to send again with the same `Idempotency-Key`. Errors are `application/problem+json` with a stable
`code`, in the language of `Accept-Language`.
"""


class Renderer(BaseRenderer):
    """JSON in which Chinese stays legible."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        """The body of an answer."""
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)


api: NinjaAPI = GewuAPI(
    title="Gewu",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[TokenAuth(), SessionAuth()],
    parser=StrictParser(),
    renderer=Renderer(),
)
errors.install(api)
for _room in (
    auth,
    sessions,
    attachments,
    create,
    moves,
    near,
    hops,
    cases,
    field,
    imports,
    logs,
    registers,
    registry,
    results,
    district,
    devices,
    works,
    occasions,
    occasion_figures,
    strands,
    notices,
    rounds,
    ballots,
    boards,
    honours,
    public,
    status,
):
    api.add_router("", _room.router)
