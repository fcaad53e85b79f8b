"""One answer, two formats: JSON, and the XML it is a mapping of. Nothing that comes in is ever read as either.

In XML a list is an element whose children are named in the singular, and the whole has a root; in JSON a list is an
array and the root is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse

CONTENT_TYPES: Mapping[str, str] = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
MIME = {"text/xml": "xml", "application/xml": "xml", "application/json": "json"}

ITEMS: Mapping[str, str] = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
"""What one child of a list is called in XML."""

# What XML 1.0 cannot hold at all, and marks that turn the direction of the text around them.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address says: the name of the root in XML, and values of JSON."""

    root: str
    value: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def format_of(request: HttpRequest, extension: str) -> str:
    """The format of the extension; without one that of ``Accept``; else XML, which the standard requires of all.

    Empty when the extension is neither.
    """
    if extension:
        return extension if extension in CONTENT_TYPES else ""
    return MIME[request.get_preferred_type(list(MIME)) or "text/xml"]


def render(answer: Answer, form: str) -> HttpResponse:
    """The HTTP answer."""
    body = as_json(answer.value) if form == "json" else as_xml(answer.root, answer.value)
    response = HttpResponse(body, status=answer.status, content_type=CONTENT_TYPES[form])
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


def as_json(value: Any) -> bytes:
    """UTF-8, Chinese legible."""
    return json.dumps(_fit(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def as_xml(root: str, value: Any) -> bytes:
    """UTF-8 with its declaration."""
    tree = ElementTree.Element(root)
    _fill(tree, _fit(value))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(tree, encoding="unicode")}'.encode()


def clean(text: str) -> str:
    """Text without what has no place in either format."""
    return _UNFIT.sub("", text)


def _fit(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: _fit(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fit(inner) for inner in value]
    return value


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _fill(ElementTree.SubElement(element, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(ElementTree.SubElement(element, ITEMS[element.tag]), inner)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None and value != "":
        element.text = str(value)
