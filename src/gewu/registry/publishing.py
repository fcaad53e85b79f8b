"""What an office corrects on its notice boards: the telephone of a post or office, and a name that may be told.

Each is an override (``overrides``): dated, with who made it and on what it rests, reported by every reload of a pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q

from gewu.registry import models as m
from gewu.registry.overrides import OverrideError, set_override

PHONE, RELEASED = "work_phone", "released"
Table = Literal["post", "unit"]


class Changed(OverrideError):
    """Somebody else changed it since it was looked at."""


@dataclass(frozen=True, slots=True)
class Act:
    """One correction in the log. ``value`` is the telephone or the name; empty where it was taken away."""

    at: datetime
    table: str
    key: str
    field: str
    value: Any
    by: str
    reason: str


def set_phone(
    district: m.District, table: Table, code: str, phone: str, *, seen: str, reason: str, by: m.Person
) -> None:
    """Give a post or unit another work telephone; empty takes it away. Raises ``OverrideError``, ``Changed``."""
    with transaction.atomic():
        row = _locked(district, table, code)
        if row.work_phone != seen:
            raise Changed(f"the telephone is {row.work_phone!r} now")
        set_override(table, code, PHONE, phone.strip(), reason=reason, district=district, by=by)


def release_name(
    district: m.District, code: str, zh: str, en: str, basis: str, *, on: date, reason: str, by: m.Person
) -> None:
    """Let the name of whoever holds a post now be told to everybody. Raises ``OverrideError``."""
    with transaction.atomic():
        post = _locked(district, "post", code)
        assert isinstance(post, m.Post)
        holder = post.person.login if post.person else ""
        found = {"zh": zh.strip(), "en": en.strip(), "basis": basis, "holder": holder, "on": on.isoformat()}
        set_override("post", code, RELEASED, found, reason=reason, district=district, by=by)


def withdraw_name(district: m.District, code: str, *, reason: str, by: m.Person) -> None:
    """Tell the name of whoever holds a post to nobody any more. Raises ``OverrideError``."""
    with transaction.atomic():
        _locked(district, "post", code)
        set_override("post", code, RELEASED, {}, reason=reason, district=district, by=by)


def acts(district_id: int, posts: Sequence[str], units: Sequence[str], limit: int = 50) -> list[Act]:
    """The corrections of these posts and units, newest first. One statement.

    A withdrawn name stands in the log only as long as it is the one that is told: afterwards that there was one.
    """
    keys = Q(table="post", key__in=list(posts)) | Q(table="unit", key__in=list(units))
    rows = m.Override.objects.filter(keys, district_id=district_id, field__in=(PHONE, RELEASED)).select_related(
        "made_by"
    )
    return [
        Act(
            row.made_at,
            row.table,
            row.key,
            row.field,
            row.value if row.ended_at is None or row.field == PHONE else None,
            row.made_by.login if row.made_by else "",
            row.reason,
        )
        for row in rows.order_by("-id")[:limit]
    ]


def _locked(district: m.District, table: Table, code: str) -> m.Post | m.Unit:
    model: type[m.Post] | type[m.Unit] = m.Post if table == "post" else m.Unit
    rows: Iterable[Any] = model.objects.select_for_update(of=("self",)).filter(
        district=district, code=code, retired_on=None
    )
    found: m.Post | m.Unit | None = next(iter(rows), None)
    if found is None:
        raise OverrideError(f"there is no {table} {code!r}")
    return found
