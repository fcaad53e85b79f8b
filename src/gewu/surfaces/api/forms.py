"""Forms of moves: described for programs, and one flat object taken apart into what the ledger wants.

Free words (``text``, ``phone``) are kept apart from typed values because they are encrypted; the client need not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gewu.core.forms import CODE_LIMIT, TEXT_LIMIT, has_control
from gewu.core.playbook.model import FormField, Move
from gewu.core.records import Arg
from gewu.surfaces import words
from gewu.surfaces.api.problems import ProblemError

MAX_FIELDS = 60
_MAX_UNITS = 50


def split_form(move: Move | None, form: Mapping[str, Any], language: str) -> tuple[dict[str, Arg], dict[str, str]]:
    """Typed values and free words of a form. Raises ``ProblemError`` for unknown fields and values of a wrong shape.

    What a field may hold is judged by the core.
    """
    fields = {f.name: f for f in move.form} if move else {}
    args: dict[str, Arg] = {}
    texts: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    for name, value in form.items():
        field = fields.get(name)
        if value is None:
            continue
        if field is not None and field.free:
            if isinstance(value, str):
                texts[name] = value
            else:
                faults.append((name, "type"))
        elif field is not None and field.type == "units":
            if isinstance(value, list) and len(value) <= _MAX_UNITS and all(isinstance(v, str) for v in value):
                args[name] = tuple(value)
            else:
                faults.append((name, "type"))
        elif field is not None and field.type == "instant":
            at = _instant(value)
            if at is None:
                faults.append((name, "date"))
            else:
                args[name] = at
        elif field is None:
            faults.append((name, "unknown"))
        elif fault := _scalar_fault(field, value):
            faults.append((name, fault))
        else:
            args[name] = value
    if faults:
        raise ProblemError(
            "invalid",
            errors=[(f"form.{n}", code, words.fault_text(code, language, fields.get(n))) for n, code in faults],
        )
    return args, texts


def _scalar_fault(field: FormField, value: Any) -> str:
    """What the look-ups before the core's own checks could not bear."""
    if field.type in ("bool", "tick"):
        return "" if isinstance(value, bool) else "type"
    if field.type == "int":
        return "" if isinstance(value, int) and not isinstance(value, bool) else "type"
    if not isinstance(value, str):
        return "type"
    if len(value) > CODE_LIMIT:
        return "too_long"
    return "control" if has_control(value) else ""


def _instant(value: Any) -> int | None:
    """Seconds since the epoch from ISO 8601 with a zone."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return int(at.timestamp()) if at.tzinfo is not None else None
    except (OverflowError, ValueError):
        return None


def form_schema(move: Move, language: str) -> dict[str, Any]:
    """JSON Schema of a move's form, with titles in one language; ``x-type`` is the playbook's type of the field."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [f.name for f in move.form if f.required],
        "properties": {f.name: field_schema(f, language) for f in move.form},
    }


def field_schema(field: FormField, language: str) -> dict[str, Any]:
    """JSON Schema of one field."""
    kind = field.type
    found: dict[str, Any] = {"title": field.title[language], "x-type": kind}
    if field.hint:
        found["description"] = field.hint[language]
    if kind in ("bool", "tick"):
        found |= {"type": "boolean"} | ({"const": True} if kind == "tick" and field.required else {})
    elif kind == "int":
        found["type"] = "integer"
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        found |= {name: bound for name, bound in bounds.items() if bound is not None}
    elif kind == "units":
        found |= {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": _MAX_UNITS}
    elif kind == "choice":
        found |= {"type": "string", "enum": list(field.choices)}
        found["x-titles"] = {c: words.choice_name(field, c, language) for c in field.choices}
    elif kind == "date":
        found |= {"type": "string", "format": "date"} | ({"x-max-days": field.max_days} if field.max_days else {})
    elif kind == "instant":
        found |= {"type": "string", "format": "date-time"}
    elif field.free:
        found |= {"type": "string", "maxLength": field.maximum or TEXT_LIMIT}
    else:
        found |= {"type": "string", "maxLength": CODE_LIMIT}
    return found
