"""Validation of a command's form against the fields its move declares. Pure; existence of codes is the caller's lookup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gewu.core.playbook.model import FormField, Move
from gewu.core.records import Arg, Command, Facts

TEXT_LIMIT = 4000
CODE_LIMIT = 80
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PHONE = re.compile(r"^\+?[0-9][0-9 \-]{4,19}$")
_CODES = frozenset({"code", "category", "standard", "owner", "unit", "person", "place", "record"})
EARLIEST = 631_152_000
"""1990-01-01 UTC: no instant before this is believed."""
LATEST = 4_102_444_800
"""2100-01-01 UTC."""


def has_control(text: str) -> bool:
    """Whether text holds control or direction-override characters (tab, line feed and return are fine)."""
    return bool(_CONTROL.search(text))


def check_form(move: Move, command: Command, facts: Facts) -> dict[str, str]:
    """Faults of the form as field -> code; empty when all is well.

    Codes: unknown, required, type, choice, control, too_long, too_small, too_large, phone, date, past, too_far,
    not_ticked, not_found.
    """
    faults: dict[str, str] = {}
    declared = {f.name for f in move.form}
    for name in (*command.args, *command.texts):
        if name not in declared and not (name == "reason" and name in command.texts):
            faults[name] = "unknown"
    for field in move.form:
        if field.free:
            if field.name in command.args:
                faults[field.name] = "type"
            elif fault := _text_fault(field, command.texts.get(field.name)):
                faults[field.name] = fault
        elif field.name in command.texts:
            faults[field.name] = "type"
        elif fault := _value_fault(field, command.args.get(field.name), facts):
            faults[field.name] = fault
    if "reason" not in declared:
        reason = command.texts.get("reason")
        if move.reason and not (reason or "").strip():
            faults["reason"] = "required"
        elif reason and has_control(reason):
            faults["reason"] = "control"
        elif reason and len(reason) > TEXT_LIMIT:
            faults["reason"] = "too_long"
    return faults


def _text_fault(field: FormField, value: str | None) -> str:
    if not isinstance(value, str) or not value.strip():
        if value is not None and not isinstance(value, str):
            return "type"
        return "required" if field.required else ""
    if has_control(value):
        return "control"
    if len(value) > (field.maximum or TEXT_LIMIT):
        return "too_long"
    if field.type == "phone" and not _PHONE.match(value.strip()):
        return "phone"
    return ""


def _value_fault(field: FormField, value: Arg, facts: Facts) -> str:
    if value is None or value == "" or value == ():
        return "required" if field.required else ""
    kind = field.type
    if kind == "tick":
        return "" if value is True else ("type" if not isinstance(value, bool) else "not_ticked" * field.required)
    if kind == "bool":
        return "" if isinstance(value, bool) else "type"
    if kind == "int":
        if not isinstance(value, int) or isinstance(value, bool):
            return "type"
        if field.minimum is not None and value < field.minimum:
            return "too_small"
        return "too_large" if field.maximum is not None and value > field.maximum else ""
    if kind == "instant":
        if not isinstance(value, int) or isinstance(value, bool):
            return "type"
        return "" if EARLIEST <= value < LATEST else "date"
    if kind == "units":
        if not isinstance(value, tuple) or not all(isinstance(v, str) for v in value):
            return "type"
        return "" if all(v in facts.units for v in value) and len(set(value)) == len(value) else "not_found"
    if not isinstance(value, str):
        return "type"
    if len(value) > CODE_LIMIT:
        return "too_long"
    if has_control(value):
        return "control"
    if kind == "choice":
        return "" if value in field.choices else "choice"
    if kind == "date":
        return _date_fault(field, value, facts)
    if kind == "unit":
        return "" if value in facts.units else "not_found"
    if kind == "standard":
        return "" if facts.limit is not None else "not_found"
    return "" if kind in _CODES else "type"


def _date_fault(field: FormField, value: str, facts: Facts) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "date"
    if len(value) != 10:
        return "date"
    zone = ZoneInfo(facts.calendar(None).timezone)
    today = datetime.fromtimestamp(facts.now, zone).date()
    if day < today:
        return "past"
    if field.max_days is not None and day > today + timedelta(days=field.max_days):
        return "too_far"
    return "" if day.year < 2100 else "too_far"


def instant_of(value: Arg, facts: Facts) -> int | None:
    """An instant from an argument: seconds as they are, a date as the last second of that day in the district's zone."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value:
        zone = ZoneInfo(facts.calendar(None).timezone)
        return int(datetime.combine(date.fromisoformat(value), time(23, 59, 59), zone).timestamp())
    return None


def clean(values: Mapping[str, Arg]) -> dict[str, Arg]:
    """Arguments without the empty ones."""
    return {k: v for k, v in values.items() if v is not None and v != "" and v != ()}
