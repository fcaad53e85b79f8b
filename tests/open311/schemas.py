"""What GeoReport v2 promises of each answer, as JSON Schema; written from the text of the standard."""

from __future__ import annotations

from typing import Any

import jsonschema

TEXT = {"type": "string"}
NAMED = {"type": "string", "minLength": 1}
MAYBE = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$"}
MAYBE_INSTANT = {"anyOf": [INSTANT, {"type": "null"}]}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


DISCOVERY = _object(
    {
        "changeset": INSTANT,
        "contact": NAMED,
        "key_service": NAMED,
        "endpoints": _array(
            _object(
                {
                    "specification": {"const": "http://wiki.open311.org/GeoReport_v2"},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "changeset": INSTANT,
                    "type": {"enum": ["production", "test"]},
                    "formats": _array({"enum": ["text/xml", "application/json"]}, contains={"const": "text/xml"}),
                }
            ),
            minItems=1,
        ),
    }
)
SERVICES = _array(
    _object(
        {
            "service_code": {"type": "string", "pattern": r"^[A-Za-z0-9_-]+$"},
            "service_name": NAMED,
            "description": MAYBE,
            "metadata": {"type": "boolean"},
            "type": {"enum": ["realtime", "batch", "blackbox"]},
            "keywords": MAYBE,
            "group": MAYBE,
        }
    ),
    minItems=1,
)
DEFINITION = _object(
    {
        "service_code": NAMED,
        "attributes": _array(
            _object(
                {
                    "variable": {"type": "boolean"},
                    "code": NAMED,
                    "datatype": {"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
                    "required": {"type": "boolean"},
                    "datatype_description": MAYBE,
                    "order": {"type": "integer", "minimum": 1},
                    "description": MAYBE,
                },
                values=_array(_object({"key": NAMED, "name": NAMED})),
            )
        ),
    }
)
FILED = _array(_object({"service_request_id": NAMED}, service_notice=MAYBE, account_id=MAYBE), minItems=1, maxItems=1)
TOKEN = _array(_object({"service_request_id": NAMED, "token": NAMED}), minItems=1, maxItems=1)
_REQUEST = {
    "service_request_id": NAMED,
    "status": {"enum": ["open", "closed"]},
    "status_notes": MAYBE,
    "service_name": NAMED,
    "service_code": NAMED,
    "description": {"type": ["string", "null"], "maxLength": 4000},
    "agency_responsible": MAYBE,
    "service_notice": MAYBE,
    "requested_datetime": INSTANT,
    "updated_datetime": INSTANT,
    "expected_datetime": MAYBE_INSTANT,
    "address": MAYBE,
    "address_id": MAYBE,
    "zipcode": MAYBE,
    "lat": NUMBER,
    "long": NUMBER,
    "media_url": MAYBE,
}
REQUESTS = _array(_object(_REQUEST))
EXTENDED = _array(
    _object(
        {
            **_REQUEST,
            "extended_attributes": {"type": "object"},
            "notes": _array(_object({"datetime": INSTANT, "description": NAMED, "type": NAMED})),
        }
    )
)
UPDATES = _array(
    _object(
        {
            "update_id": NAMED,
            "service_request_id": NAMED,
            "status": {"enum": ["open", "closed"]},
            "updated_datetime": INSTANT,
            "description": NAMED,
            "media_url": MAYBE,
        }
    )
)
ERRORS = _array(_object({"code": {"type": "integer"}, "description": NAMED}), minItems=1)


def fits(value: Any, schema: dict[str, Any]) -> None:
    """Raises ``jsonschema.ValidationError``."""
    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)
