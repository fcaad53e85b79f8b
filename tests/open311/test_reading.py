"""Discovery, services and definitions: both formats, both languages, caches, other origins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from open311.conftest import Open311, mapped, texts
from open311.schemas import DEFINITION, DISCOVERY, ERRORS, SERVICES, fits
from support.district import directory

ADDRESSES = [
    ("discovery", "discovery", DISCOVERY),
    ("services", "services", SERVICES),
    ("services/matter-06012", "service_definition", DEFINITION),
    ("services/component-01001", "service_definition", DEFINITION),
    ("services/other", "service_definition", DEFINITION),
]


@pytest.mark.parametrize(("path", "root", "schema"), ADDRESSES)
def test_both_formats_say_the_same(open311: Open311, path: str, root: str, schema: dict[str, Any]) -> None:
    found = open311.get(f"{path}.json")
    other = open311.get(f"{path}.xml")
    assert found.headers["Content-Type"] == "application/json; charset=utf-8"
    assert other.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert other.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    fits(found.json(), schema)
    tag, value = mapped(other.content)
    assert tag == root
    if not found.json():
        return
    assert value == texts(found.json())
    for answer in (found, other):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


def test_discovery_leads_to_this_endpoint(open311: Open311) -> None:
    found = open311.json("discovery")
    endpoint = found["endpoints"][0]
    assert endpoint["url"] == str(open311.http.base_url).rstrip("/")
    assert datetime.fromisoformat(found["changeset"]) < datetime.now(UTC)
    assert "500101" in found["contact"]
    assert mapped(open311.get("").content)[0] == "discovery"


def test_every_active_category_is_a_service_and_one_takes_the_rest(open311: Open311) -> None:
    found = {service["service_code"]: service for service in open311.json("services", lang="en")}
    active = {key.replace(":", "-") for key, category in directory().categories.items() if category.active}
    assert set(found) == active | {"other"}
    assert found["component-01001"]["metadata"] is True
    assert found["matter-06012"]["metadata"] is False
    assert all(service["type"] == "realtime" for service in found.values())


@pytest.mark.parametrize(
    ("header", "lang", "chinese"),
    [
        ("zh-CN,zh;q=0.9", "", True),
        ("en-GB,en;q=0.9", "", False),
        ("en", "zh-CN", True),
        ("zh-CN", "en", False),
        ("*", "", True),  # nothing is asked for: the district's own
        ("", "xx", True),
    ],
)
def test_the_language_is_the_one_that_is_asked_for(open311: Open311, header: str, lang: str, chinese: bool) -> None:
    answer = open311.http.get("services.json", params={"lang": lang}, headers={"Accept-Language": header})
    name = next(s["service_name"] for s in answer.json() if s["service_code"] == "component-01001")
    assert name == ("供水井盖" if chinese else "Water supply manhole cover")
    assert answer.headers["Content-Language"] == ("zh-hans" if chinese else "en")


def test_a_facility_may_have_an_owner(open311: Open311) -> None:
    found = open311.json("services/component-01001", lang="en")
    assert [a["code"] for a in found["attributes"]] == ["owner"]
    owner = found["attributes"][0]
    assert owner["datatype"] == "singlevaluelist"
    assert owner["required"] is False
    assert {"key": "water", "name": "Water company"} in owner["values"]
    assert open311.json("services/matter-06012") == {"service_code": "matter-06012", "attributes": []}


@pytest.mark.parametrize(
    ("accept", "mime"),
    [
        ("application/json", "application/json"),
        ("text/xml", "text/xml"),
        ("application/xml", "text/xml"),
        ("application/json;q=0.9, text/xml;q=0.1", "application/json"),
        ("*/*", "text/xml"),
        ("image/png", "text/xml"),
    ],
)
def test_without_an_extension_accept_decides(open311: Open311, accept: str, mime: str) -> None:
    answer = open311.http.get("services", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == f"{mime}; charset=utf-8"
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "services.csv", 400),
        ("GET", "services/matter-99999.json", 404),
        ("GET", "services/matter:06012.json", 404),
        ("GET", "nothing/here.json", 404),
        ("GET", "services.json?jurisdiction_id=city.gov", 404),
        ("GET", "tokens/123.json", 404),
        ("GET", "requests/abc.json", 404),
        ("GET", "requests/1.json", 404),
        ("POST", "services.json", 405),
        ("DELETE", "requests.json", 405),
        ("PUT", "discovery.json", 405),
    ],
)
def test_what_goes_wrong_is_told_in_the_asked_format(open311: Open311, method: str, path: str, status: int) -> None:
    answer = open311.http.request(method, path, headers={"Accept": "application/json"})
    assert answer.status_code == status, answer.text
    fits(answer.json(), ERRORS)
    assert {error["code"] for error in answer.json()} == {status}
    other = open311.http.request(method, path.replace(".json", ".xml"))
    assert other.status_code == status
    tag, value = mapped(other.content)
    assert tag == "errors"
    assert value[0]["code"] == str(status)
    assert ("Allow" in other.headers) == (status == 405)


def test_one_jurisdiction_may_be_named(open311: Open311) -> None:
    assert open311.json("services", jurisdiction_id="500101") == open311.json("services", jurisdiction_id="")


def test_other_origins_may_ask_first(open311: Open311) -> None:
    answer = open311.http.request("OPTIONS", "requests.json", headers={"Origin": "https://example.org"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"


def test_markup_in_an_address_stays_words(open311: Open311) -> None:
    answer = open311.get("services/%3Cscript%3E&<x>.xml")
    assert answer.status_code == 404
    assert b"<script>" not in answer.content
    assert mapped(answer.content)[0] == "errors"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_who_asks_without_end_has_to_wait(open311: Open311, owner_connection: Any) -> None:
    assert open311.get("services.json").status_code == 200
    # The budget of this address is used up, as after hundreds of questions.
    owner_connection.execute("UPDATE throttle_budget SET full_at = now() + interval '10 minutes'")
    answer = open311.get("services.json")
    assert answer.status_code == 429
    fits(answer.json(), ERRORS)
    assert int(answer.headers["Retry-After"]) > 0
