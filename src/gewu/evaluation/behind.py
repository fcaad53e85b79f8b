"""The records behind a figure: the same conditions as the figure, listed instead of counted."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from gewu.evaluation.conditions import literal, parts, recurs
from gewu.evaluation.definitions import Indicator
from gewu.evaluation.statement import ENTRY_ARRAYS, PLACE_DIGITS, Asking, granted, restrictions
from gewu.evaluation.values import By, Found, Part, Period, Where

LONGEST_PAGE = 1000
NONE = "FALSE"


def records_behind(
    district_id: int,
    indicator: Indicator,
    part: Part,
    by: By,
    group: str,
    period: Period,
    *,
    as_of: int,
    where: Where,
    limit: int,
    after: tuple[int, UUID] | None,
) -> list[Found]:
    """See ``api.records_of``."""
    asking = Asking(district_id, by, [period], as_of, where)
    wanted = [
        f"f.district_id = {district_id}",
        f"f.{indicator.at} >= {period.start}",
        f"f.{indicator.at} < {period.end}",
        f"f.{indicator.at} <= {as_of}",
        *_of_group(indicator, part, by, group),
        *(restrictions(where, "f.lead_unit") if not _own_units(indicator, by) else _places(where)),
    ]
    if indicator.top is not None:
        wanted.append(_top(asking, indicator, part, wanted))
    wanted.append(_of_part(asking, indicator, group, part))
    if after is not None:
        wanted.append(f"(f.{indicator.at}, f.record_id) > ({int(after[0])}, '{UUID(str(after[1]))}'::uuid)")
    text = (
        f"SELECT f.record_id, f.number, f.{indicator.at}, f.category, f.place, f.lead_unit, f.stage"
        f" FROM evaluation_fact f{_recurrence(indicator)}"
        f" WHERE {' AND '.join(wanted)} ORDER BY f.{indicator.at}, f.record_id LIMIT {min(limit, LONGEST_PAGE)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(text)
        return [Found(*row) for row in cursor.fetchall()]


def _recurrence(indicator: Indicator) -> str:
    if not recurs(indicator):
        return ""
    return " LEFT JOIN evaluation_recurrence r ON r.district_id = f.district_id AND r.record_id = f.record_id"


def _own_units(indicator: Indicator, by: By) -> bool:
    return by is By.UNIT and indicator.entries is not None and indicator.entries.by_unit


def _places(where: Where) -> Sequence[str]:
    return restrictions(Where(where.places, where.categories), "f.lead_unit")


def _of_group(indicator: Indicator, part: Part, by: By, group: str) -> list[str]:
    code = _quoted(group)
    if by in PLACE_DIGITS:
        return [f"substr(f.place, 1, {PLACE_DIGITS[by]}) = {code}"]
    if by is By.ZONE:
        return [f"{code} = ANY(f.areas)"]
    if by is By.UNIT:
        if indicator.entries is not None and indicator.entries.by_unit:
            kind = "returned" if part is Part.NUMERATOR else "received"
            return [f"{code} = ANY(f.{ENTRY_ARRAYS[kind]})"]
        return [f"f.lead_unit = {code}"]
    if by is By.CATEGORY:
        return [f"f.category = {code}"]
    return [f"f.source = {code}"] if by is By.SOURCE else []


def _quoted(code: str) -> str:
    """A group as SQL; one that can be none gives no records."""
    try:
        return literal(code)
    except ValueError:
        return "NULL"


def _of_part(asking: Asking, indicator: Indicator, group: str, part: Part) -> str:
    if indicator.entries is not None:
        return _of_entries(indicator, asking.by, group, part)
    fact = parts(indicator, asking.as_of, person=asking.where.person)
    if indicator.top is not None:
        return fact.denominator if part in (Part.NUMERATOR, Part.DENOMINATOR, Part.REST) else NONE
    if part is Part.NUMERATOR or (part is Part.DENOMINATOR and indicator.counts):
        return fact.numerator
    if part is Part.DENOMINATOR:
        return fact.denominator
    if part is Part.REST:
        return NONE if indicator.counts or indicator.span else f"({fact.denominator} AND NOT {fact.numerator})"
    if part is Part.UNANSWERED:
        return fact.unanswered or NONE
    if part is Part.EXEMPT:
        return fact.exempt or NONE
    judged = fact.numerator if indicator.counts else fact.denominator
    pair = f"a.case_id = f.record_id AND a.indicator = {literal(indicator.code)}"
    return f"({judged} AND EXISTS (SELECT 1 FROM {granted(asking)} a WHERE {pair}))"


def _of_entries(indicator: Indicator, by: By, group: str, part: Part) -> str:
    entries = indicator.entries
    assert entries is not None
    counted, among = _any(entries.numerator), _any(entries.denominator)
    if entries.by_unit and by is By.UNIT:
        # What another unit returned is not in this unit's figure.
        counted = f"coalesce({_quoted(group)} = ANY(f.{ENTRY_ARRAYS['returned']}), FALSE)"
    if part is Part.NUMERATOR:
        return counted
    if part is Part.DENOMINATOR:
        return among
    return f"({among} AND NOT {counted})" if part is Part.REST else NONE


def _any(columns: Sequence[str]) -> str:
    return "(" + " + ".join(f"f.{name}" for name in columns) + " > 0)"


def _top(asking: Asking, indicator: Indicator, part: Part, wanted: Sequence[str]) -> str:
    """The most frequent categories of the group; equal ones in the order of their codes, which changes no sum."""
    if part not in (Part.NUMERATOR, Part.REST):
        return "TRUE"
    fact = parts(indicator, asking.as_of, person=asking.where.person)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.category FROM evaluation_fact f{_recurrence(indicator)} WHERE {' AND '.join(wanted)}"
            f" AND {fact.denominator} GROUP BY 1 ORDER BY count(*) DESC, f.category LIMIT {indicator.top}"
        )
        most = ", ".join(literal(row[0]) for row in cursor.fetchall())
    if not most:
        return NONE
    return f"(f.category IN ({most}))" if part is Part.NUMERATOR else f"(f.category NOT IN ({most}))"
