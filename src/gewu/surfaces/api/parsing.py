"""JSON bodies, read strictly: UTF-8, bounded, without NaN, repeated names, deep nesting or numbers beyond belief."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from gewu.surfaces.api.problems import ProblemError

MAX_BODY = 256 * 1024
MAX_DEPTH = 16
MAX_INTEGER = 2**53
"""Beyond this a number is not the same in every JSON reader."""


class StrictParser(Parser):
    """Raises ``ProblemError``."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body of a request."""
        content_type = getattr(request, "content_type", None) or request.META.get("CONTENT_TYPE", "")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise ProblemError("media_type")
        return parse(request.body)


def parse(body: bytes) -> DictStrAny:
    """A JSON object. Raises ``ProblemError``."""
    if len(body) > MAX_BODY:
        raise ProblemError("too_large")
    try:
        found = json.loads(
            body.decode("utf-8"), parse_constant=_refuse, parse_int=_integer, object_pairs_hook=_without_repeats
        )
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad_json") from error
    if not isinstance(found, dict) or _depth(found) > MAX_DEPTH:
        raise ProblemError("bad_json")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > 17:
        raise ValueError("a whole number is too large")
    number = int(digits)
    if abs(number) > MAX_INTEGER:
        raise ValueError("a whole number is too large")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is repeated")
    return found


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        found, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(found, dict):
            waiting += [(inner, depth + 1) for inner in found.values()]
        elif isinstance(found, list):
            waiting += [(inner, depth + 1) for inner in found]
    return deepest
