"""Running numbers of the registers, in the form an office writes them: 万城管督〔2026〕12号.

A counter for each register and year. A number is reserved in a transaction of its own, so that two that are issued at
the same time do not wait for one another's work: gaps are allowed, a number is never given twice.
"""

from __future__ import annotations

import structlog
from django.db import connection, transaction

from gewu.core.forms import has_control
from gewu.core.records import Refusal
from gewu.ledger.door import Acting
from gewu.ledger.errors import Refused
from gewu.office.kinds import HANDOVER, INSTRUCTION, LETTER, ORDER
from gewu.registry.directory import Directory

log = structlog.get_logger(__name__)

YEAR, COUNTER = "{year}", "{counter}"
LONGEST = 40
MAY_SET = frozenset({"comprehensive_office", "administrator"})
_DEFAULTS = {
    INSTRUCTION: "城管批〔{year}〕{counter}号",
    ORDER: "城管督〔{year}〕{counter}号",
    LETTER: "城管函〔{year}〕{counter}号",
    HANDOVER: "城管交〔{year}〕{counter}号",
}


class BadForm(ValueError):
    """A form that gives no usable number. ``code``: missing, braces, too_long, control."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def reserve(district_id: int, kind: str, year: int, count: int = 1) -> int:
    """The next counter of a register in a year, from 1, or the first of ``count``. Raises ``RuntimeError`` inside a
    transaction."""
    if connection.in_atomic_block:
        raise RuntimeError("numbers are reserved in a transaction of their own, before the one that uses them")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO office_counter (district_id, kind, year, next) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (district_id, kind, year)"
            " DO UPDATE SET next = office_counter.next + excluded.next - 1 RETURNING next",
            [district_id, kind, year, count + 1],
        )
        row = cursor.fetchone()
    return int(row[0]) - count


def default_form(directory: Directory, kind: str) -> str:
    """The form of a district that set none: its first character, the office, the register, year and counter."""
    return directory.district.name("zh")[:1] + _DEFAULTS[kind]


def forms(directory: Directory) -> dict[str, str]:
    """The form of each register of a district, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, form FROM office_numberform WHERE district_id = %s", [directory.district.id])
        own = dict(cursor.fetchall())
    return {kind: own.get(kind) or default_form(directory, kind) for kind in _DEFAULTS}


def set_form(directory: Directory, acting: Acting, kind: str, form: str) -> str:
    """Write the numbers of a register in this form from now on; an empty one gives the default back.

    Numbers given before stay as they are. Raises ``BadForm``, and ``Refused`` for a post that may not.
    """
    if not acting.actor.roles & MAY_SET:
        raise Refused(Refusal("not_allowed", {"roles": sorted(MAY_SET)}))
    form = form.strip()
    if form:
        check_form(form)
    district_id = directory.district.id
    with connection.cursor() as cursor:
        if form:
            cursor.execute(
                "INSERT INTO office_numberform (district_id, kind, form) VALUES (%s, %s, %s)"
                " ON CONFLICT (district_id, kind) DO UPDATE SET form = excluded.form",
                [district_id, kind, form],
            )
        else:
            cursor.execute("DELETE FROM office_numberform WHERE district_id = %s AND kind = %s", [district_id, kind])
    log.info("office.number_form", district=district_id, kind=kind, form=form, by=acting.actor.person)
    return form or default_form(directory, kind)


def check_form(form: str) -> None:
    """Raises ``BadForm`` unless year and counter stand in it once each, and nothing else in braces."""
    if form.count(YEAR) != 1 or form.count(COUNTER) != 1:
        raise BadForm("missing", "the form holds {year} once and {counter} once")
    if any(brace in form.replace(YEAR, "").replace(COUNTER, "") for brace in "{}"):
        raise BadForm("braces", "nothing but {year} and {counter} stands in braces")
    if len(form) > LONGEST:
        raise BadForm("too_long", f"the form has at most {LONGEST} characters")
    if has_control(form):
        raise BadForm("control", "the form holds control characters")


def written(form: str, year: int, counter: int) -> str:
    """``万城管督〔2026〕12号``."""
    return form.replace(YEAR, str(year)).replace(COUNTER, str(counter))
