"""Validation of a command's form against the fields its move declares.

Pure. Whether a code exists is the caller's look-up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gewu.core.playbook.model import FormField, Move, Words
from gewu.core.records import Arg, Command, Facts

TEXT_LIMIT = 4000
CODE_LIMIT = 80
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PHONE = re.compile(r"^\+?[0-9][0-9 \-]{4,19}$")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
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
    args, texts, declared = command.args, command.texts, move.declared
    for name in args:
        if name not in declared:
            faults[str(name)[:CODE_LIMIT]] = "unknown"
    for name in texts:
        if name not in declared and name != "reason":
            faults[str(name)[:CODE_LIMIT]] = "unknown"
    for field in move.form:
        name = field.name
        if name in (args if field.free else texts):
            fault = "type"
        elif field.free:
            fault = _text_fault(field, texts.get(name))
        else:
            value = args.get(name)
            if value is None or value in ("", ()):
                fault = "required" if field.required else ""
            else:
                fault = _value_fault(field, value, facts)
        if fault:
            faults[name] = fault
    if "reason" not in declared and (move.reason or "reason" in texts):
        fault = _text_fault(_REASON if move.reason else _REMARK, texts.get("reason"))
        if fault:
            faults["reason"] = fault
    return faults


_REASON = FormField("reason", "text", Words("Reason", "理由"), required=True)
_REMARK = FormField("reason", "text", Words("Reason", "理由"), required=False)


def _text_fault(field: FormField, value: object) -> str:
    if value is None:
        return "required" if field.required else ""
    if not isinstance(value, str):
        return "type"
    if not value.strip():
        return "required" if field.required else ""
    if has_control(value):
        return "control"
    if len(value) > (field.maximum or TEXT_LIMIT):
        return "too_long"
    if field.type == "phone" and not _PHONE.match(value.strip()):
        return "phone"
    return ""


def _value_fault(field: FormField, value: Arg, facts: Facts) -> str:
    """What is wrong with a value that is not empty."""
    kind = field.type
    if kind == "tick":
        if not isinstance(value, bool):
            return "type"
        return "not_ticked" if field.required and not value else ""
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
    if not _DATE.fullmatch(value):
        return "date"
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "date"
    zone = ZoneInfo(facts.calendar(None).timezone)
    today = datetime.fromtimestamp(facts.now, zone).date()
    if day < today and not field.past:
        return "past"
    if day.year < 1990:
        return "date"
    if field.max_days is not None and day > today + timedelta(days=field.max_days):
        return "too_far"
    return "" if day.year < 2100 else "too_far"


def instant_of(value: Arg, facts: Facts) -> int | None:
    """An instant from an argument: seconds as they are, a date as the last second of that day in the district."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value:
        zone = ZoneInfo(facts.calendar(None).timezone)
        return int(datetime.combine(date.fromisoformat(value), time(23, 59, 59), zone).timestamp())
    return None


def clean(values: Mapping[str, Arg]) -> dict[str, Arg]:
    """Arguments without the empty ones."""
    return {k: v for k, v in values.items() if v is not None and v not in ("", ())}
