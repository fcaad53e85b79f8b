"""Answers about who asks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from gewu.surfaces.api.fields import Out
from gewu.surfaces.api.outputs.common import Named


class PostOut(Out):
    """A post: a seat in a unit with one role and a territory."""

    code: str
    name: str
    unit: Named
    roles: list[Named]
    scope: list[str] = Field(description="Place prefixes and area:CODE; what the post sees beside its own work.")


class MeOut(Out):
    """Who asks."""

    district: Named
    timezone: str
    person: Named | None = Field(description="None for a program with a token.")
    post: PostOut
    posts: list[PostOut]


class TokenOut(Out):
    """A new token; its text is shown once and stored nowhere."""

    prefix: str
    token: str
    name: str
    expires: datetime


class LiveTokenOut(Out):
    """A token that still opens something; its text is known to nobody but its program."""

    prefix: str
    name: str
    post: str
    created: datetime
    expires: datetime


class Tokens(Out):
    items: list[LiveTokenOut]


class SessionOut(Out):
    """A session that is alive."""

    id: UUID
    device: str = Field(description="The kind of device, browser and system, in words.")
    since: datetime
    used: datetime = Field(description="When it was last used, to the minute.")
    current: bool = Field(description="Whether it is the session that asks.")


class SessionsOut(Out):
    """The sessions of a person that are alive, the last used first."""

    items: list[SessionOut]


class EndedOut(Out):
    """How many sessions were ended."""

    ended: int
