"""The types of what comes in: bounded, without control characters, and objects without unknown names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr
from pydantic_core import PydanticCustomError

from gewu.core.forms import EARLIEST, LATEST, has_control


class In(BaseModel):
    """An object in a request: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    """An object in an answer."""

    model_config = ConfigDict(frozen=True)


def _plain(text: str) -> str:
    if has_control(text) or "\n" in text or "\r" in text or "\t" in text:
        raise PydanticCustomError("control", "contains control characters")
    return text


def _words(text: str) -> str:
    if has_control(text):
        raise PydanticCustomError("control", "contains control characters")
    return text


def _written(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("type", "an instant is text in ISO 8601 with a zone")
    return value


def _believable(at: datetime) -> datetime:
    if not EARLIEST <= at.timestamp() < LATEST:
        raise PydanticCustomError("date", "not between 1990 and 2100")
    return at


Plain = Annotated[StrictStr, AfterValidator(_plain)]
"""One line without control characters."""
Code = Annotated[StrictStr, Field(max_length=80), AfterValidator(_plain)]
Line = Annotated[StrictStr, Field(max_length=200), AfterValidator(_plain)]
Prose = Annotated[StrictStr, Field(max_length=4000), AfterValidator(_words)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_believable)]
Degrees = Annotated[float, Field(allow_inf_nan=False, ge=-1000, le=1000)]
"""Wider than the earth, so that a swapped pair gets the better answer that knows the district."""
Version = Annotated[int, Field(strict=True, ge=1, le=2_147_483_647)]
Key = UUID
