"""Reads the parameters of a question. An empty one is as good as none; a wrong one is refused by its name."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from gewu.cases.queries.outside import Span
from gewu.registry.directory import Directory
from gewu.surfaces.open311.catalogue import key_of
from gewu.surfaces.open311.faults import Fault

WINDOW = timedelta(days=90)
"""The longest span of time of one question, and the one that is meant when none is given."""
MOST = 1000
"""Requests in one answer."""
DEEPEST = 100_000
"""How far pages reach; what lies beyond is found by a shorter span of time."""
RADIUS_M = 1000.0
RADIUS_MOST_M = 100_000.0
LATELY = timedelta(hours=24)
"""The span of updates that is meant when none is given."""
STATUSES = frozenset({"open", "closed"})

_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+\-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Circle:
    """A position in degrees (WGS-84) and a radius in metres."""

    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Question:
    """What requests are asked for. ``numbers`` override all the rest; ``categories`` None are all."""

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    statuses: frozenset[str] = STATUSES
    reported: Span | None = None
    updated: Span | None = None
    near: Circle | None = None
    page: int = 1
    size: int = MOST
    extensions: bool = False


def question_of(params: QueryDict, directory: Directory, now: datetime) -> Question:
    """Raises ``Fault`` that names the parameter."""
    extensions = extended(params)
    numbers = listed(params, "service_request_id")
    if numbers:
        if len(numbers) > MOST:
            raise Fault(400, _("service_request_id: at most %(most)d at once.") % {"most": MOST})
        return Question(numbers=numbers, extensions=extensions)
    updated = span_of(params, "updated_after", "updated_before", now)
    reported = span_of(params, "start_date", "end_date", now)
    if reported is None and updated is None:
        reported = (now - WINDOW, now)
    page, size = _whole(params, "page", 1, DEEPEST), _whole(params, "page_size", MOST, MOST)
    if (page - 1) * size > DEEPEST:
        raise Fault(400, _("page: pages reach %(most)d requests far. Ask for a shorter span.") % {"most": DEEPEST})
    return Question(
        categories=_categories(params, directory),
        statuses=_statuses(params),
        reported=reported,
        updated=updated,
        near=_circle(params),
        page=page,
        size=size,
        extensions=extensions,
    )


def extended(params: QueryDict) -> bool:
    """Whether more is wanted than the standard has."""
    return params.get("extensions", "").strip().lower() in ("true", "1", "yes")


def listed(params: QueryDict, name: str) -> tuple[str, ...]:
    """Values that are separated by commas or sent several times; each once."""
    found = (part.strip() for value in params.getlist(name) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in found if part))


def span_of(params: QueryDict, first: str, last: str, now: datetime) -> Span | None:
    """The span between two parameters; where one is missing, as long as may be. None when both are."""
    start, end = _instant(params, first), _instant(params, last)
    if start is None and end is None:
        return None
    if end is None:
        assert start is not None
        end = max(start, min(now, start + WINDOW))
    if start is None:
        start = end - WINDOW
    if start > end:
        raise Fault(400, _("%(first)s is later than %(last)s.") % {"first": first, "last": last})
    if end - start > WINDOW:
        said = _("%(first)s and %(last)s: the span is longer than %(days)d days.")
        raise Fault(400, said % {"first": first, "last": last, "days": WINDOW.days})
    return start, end


def _instant(params: QueryDict, name: str) -> datetime | None:
    text = params.get(name, "").strip()
    if not text:
        return None
    # A plus that was not escaped arrives as a space.
    plain = re.sub(r" (?=\d{2}:\d{2}$)", "+", text)
    try:
        found = datetime.fromisoformat(plain) if _INSTANT.fullmatch(plain) else None
    except ValueError:
        found = None
    if found is None or not _EARLIEST <= found < _LATEST:
        said = _("%(name)s: write an instant with its zone, e.g. 2026-11-22T08:00:00+08:00 or 2026-11-22T00:00:00Z.")
        raise Fault(400, said % {"name": name})
    return found.astimezone(UTC)


def _categories(params: QueryDict, directory: Directory) -> tuple[str, ...] | None:
    codes = listed(params, "service_code")
    found = {code: key_of(directory, code) for code in codes}
    unknown = [code for code, key in found.items() if key is None]
    if unknown:
        raise Fault(404, _("service_code was not found: %(codes)s.") % {"codes": ", ".join(unknown)[:200]})
    return tuple(key for key in found.values() if key is not None) if codes else None


def _statuses(params: QueryDict) -> frozenset[str]:
    found = frozenset(status.lower() for status in listed(params, "status"))
    if not found <= STATUSES:
        raise Fault(400, _("status: open and closed are the values."))
    return found or STATUSES


def _circle(params: QueryDict) -> Circle | None:
    if not any(params.get(name, "").strip() for name in ("lat", "long", "radius")):
        return None
    lat, lon = number_of(params.get("lat", "")), number_of(params.get("long", ""))
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        raise Fault(400, _("lat and long: give both, in degrees (WGS-84)."))
    given = params.get("radius", "").strip()
    radius = number_of(given) if given else RADIUS_M
    if radius is None or not 0 < radius <= RADIUS_MOST_M:
        raise Fault(400, _("radius: metres, more than 0 and at most %(most)d.") % {"most": int(RADIUS_MOST_M)})
    return Circle(lon, lat, radius)


def number_of(text: str) -> float | None:
    """A finite decimal number; None when it is none."""
    plain = text.strip()
    if not re.fullmatch(r"[+\-]?\d{1,9}(\.\d{0,20})?", plain, re.ASCII):
        return None
    found = float(plain)
    return found if math.isfinite(found) else None


def _whole(params: QueryDict, name: str, default: int, most: int) -> int:
    text = params.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise Fault(400, _("%(name)s: a whole number from 1 to %(most)d.") % {"name": name, "most": most})
    return int(text)
