"""An SMS gateway as data: where to post, what the body looks like, and how the answer says that it was taken.

Gateways differ in names only; this covers those that take one HTTP request with JSON or form fields and a fixed header
for authorisation. A gateway that wants requests signed in its own way needs a relay in between.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from gewu.connections import egress
from gewu.connections.allow import Refused, check, take_apart
from gewu.connections.answers import judged
from gewu.connections.channels.base import Kind, Letter, Setting, Way
from gewu.core.playbook.model import Words
from gewu.ledger.outbox import Answer, DeliveryError

MARKS = ("phone", "text", "id", "count", "first", "link", "subject")
_MARK = re.compile(r"\{([a-z_]+)\}")
DEFAULT_BODY = '{"phone": "{phone}", "text": "{text}", "id": "{id}"}'


class BadTemplate(ValueError):
    """A template of a body that cannot be used; the message says why."""


def template(text: str) -> dict[str, Any]:
    """The body of a request with its marks. Raises ``BadTemplate``."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadTemplate("this is not JSON") from error
    if not isinstance(found, dict) or not found:
        raise BadTemplate("this is not a JSON object")
    unknown = sorted({mark for mark in _marks(found) if mark not in MARKS})
    if unknown:
        raise BadTemplate(", ".join(f"{{{mark}}}" for mark in unknown))
    if "phone" not in _marks(found):
        raise BadTemplate("{phone}")
    return found


def _marks(value: Any) -> list[str]:
    if isinstance(value, str):
        return _MARK.findall(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [mark for one in inner for mark in _marks(one)]


def filled(value: Any, letter: Letter) -> Any:
    """A template with a letter's values in place of its marks; values are put into finished strings, never parsed."""
    if isinstance(value, str):
        return _MARK.sub(lambda found: _value(found[1], letter), value)
    if isinstance(value, dict):
        return {name: filled(one, letter) for name, one in value.items()}
    return [filled(one, letter) for one in value] if isinstance(value, list) else value


def _value(mark: str, letter: Letter) -> str:
    names = {"phone": "address", "text": "short"}
    return str(getattr(letter, names.get(mark, mark)))


def send(way: Way, letter: Letter) -> Answer:
    """Hand a short message to the gateway."""
    body = filled(template(str(way.settings["body"])), letter)
    if way.settings.get("format") == "form":
        data = urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()})
        mime = "application/x-www-form-urlencoded"
    else:
        data, mime = json.dumps(body, ensure_ascii=False), "application/json"
    headers = {"Content-Type": f"{mime}; charset=utf-8", "Idempotency-Key": letter.id}
    if way.secrets.get("authorization"):
        headers["Authorization"] = way.secrets["authorization"]
    try:
        reply = egress.request("POST", str(way.settings["url"]), rules=way.rules, headers=headers, body=data.encode())
    except (Refused, egress.Failed) as error:
        raise DeliveryError(str(error)) from error
    answer = judged(reply)
    name = str(way.settings.get("ok_field") or "")
    if not name:
        return answer
    try:
        said = json.loads(reply.body)
        for part in name.split("."):
            said = said[part]
    except (ValueError, TypeError, KeyError) as error:
        raise DeliveryError(f"the gateway's answer has no field {name!r}", code=reply.status) from error
    if str(said) != str(way.settings.get("ok_value") or ""):
        raise DeliveryError(f"the gateway refused: {name} is {str(said)[:100]}", code=reply.status, of_message=True)
    return answer


def _check(way: Way) -> dict[str, tuple[str, str]]:
    faults: dict[str, tuple[str, str]] = {}
    try:
        check(take_apart(str(way.settings.get("url", ""))), way.rules)
    except Refused as error:
        faults["url"] = error.code, error.detail
    try:
        template(str(way.settings.get("body", "")))
    except BadTemplate as error:
        faults["body"] = "template", str(error)
    return faults


SMS = Kind(
    "sms",
    Words("SMS gateway", "短信网关"),
    Words("Any gateway that takes one HTTP request.", "适用于以一次 HTTP 请求收短信的网关。"),
    "phone",
    (
        Setting("url", Words("Address of the gateway", "网关地址")),
        Setting(
            "format",
            Words("Form of the body", "请求体形式"),
            default="json",
            choices=(("json", Words("JSON", "JSON")), ("form", Words("Form fields", "表单字段"))),
        ),
        Setting(
            "body",
            Words("Body", "请求体"),
            Words(
                "A JSON object with the marks {phone} {text} {id} {count} {first} {link}.",
                "JSON 对象，可用占位符 {phone} {text} {id} {count} {first} {link}。",
            ),
            DEFAULT_BODY,
            lines=4,
        ),
        Setting(
            "ok_field",
            Words("Field that tells success", "成功标志字段"),
            Words(
                "Inside the answer, such as code or result.status; empty when the HTTP status says it all.",
                "回执中的字段，如 code 或 result.status；只看 HTTP 状态时留空。",
            ),
            required=False,
        ),
        Setting("ok_value", Words("Its value on success", "成功时的值"), required=False),
        Setting(
            "authorization",
            Words("Authorization header", "Authorization 请求头"),
            Words("The whole value, such as “Bearer …”.", "完整的值，如“Bearer …”。"),
            secret=True,
            required=False,
        ),
    ),
    send,
    _check,
)
