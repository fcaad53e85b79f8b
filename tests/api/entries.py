"""Entries of the registers, made and moved over HTTP in the name of the right posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from api.conftest import Api
from office.conftest import PDF, body, unit


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def scan(client: httpx.Client, data: bytes = PDF) -> dict[str, str]:
    """A scan that waits for its command."""
    answer = client.post("/registers/scans", files={"scan": ("a.pdf", data, "application/pdf")})
    assert answer.status_code == 201, answer.text
    return {"id": answer.json()["id"], "role": "other"}


def make(client: httpx.Client, register: str, form: dict[str, Any], *photos: dict[str, str]) -> dict[str, Any]:
    """An entry that has to be made."""
    answer = client.post(f"/registers/{register}", json={"form": form, "photos": photos})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == f'"{found["version"]}"'
    assert answer.headers["Location"] == f"/api/v1/registers/entries/{found['id']}"
    return found


def move(client: httpx.Client, entry: dict[str, Any], name: str, **sent: Any) -> dict[str, Any]:
    """A move that has to work, on the version that the entry has now."""
    seen = get(client, entry)
    answer = client.post(
        f"/registers/entries/{entry['id']}/moves/{name}", json=sent, headers={"If-Match": f'"{seen["version"]}"'}
    )
    assert answer.status_code == 200, f"{name}: {answer.text}"
    found: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == f'"{found["version"]}"'
    return found


def get(client: httpx.Client, entry: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/registers/entries/{entry['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == f'"{found["version"]}"'
    return found


def instruction(api: Api) -> dict[str, Any]:
    office = api.as_("comprehensive_office")
    form = {
        "own_number": "万府批〔2026〕88号",
        "own_day": day(-1),
        "leader": "分管领导",
        "words": "请牵头解决占道经营反弹问题",
        "variant": "document",
        "due_on": day(10),
    }
    return make(office, "instructions", form, scan(office))


def order(api: Api, **more: Any) -> dict[str, Any]:
    form = {"unit": unit(), "matter": "农贸市场周边占道经营", "demand": "清理占道摊位", "due_on": day(7), **more}
    return make(api.as_("comprehensive_office"), "orders", form)


def letter(api: Api, **more: Any) -> dict[str, Any]:
    form = {"unit": body(), "subject": "关于移动报刊亭的函", "words": "请于一周内移走。", **more}
    return make(api.as_("dispatcher"), "letters", form)
