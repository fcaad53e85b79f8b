"""The description is valid, complete, and true: whatever it allows never ends in a server error."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate

from api.conftest import Api

EXAMPLES = 4
"""For each operation. Enough to find a server error that any odd value causes, and still short."""
_SPARED = {"log_in", "log_out", "change_post", "erase_case", "upload_photo", "upload_scan"}
"""Held by tests of their own: they end sessions, spend budgets of attempts or take files."""


def test_the_description_is_valid_and_names_problems(api: Api) -> None:
    with api.client() as client:
        document = client.get("/openapi.json").json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            assert operation["operationId"]
            assert "application/problem+json" in operation["responses"]["404"]["content"]
            assert ("401" in operation["responses"]) or operation["security"] == []
    assert set(document["components"]["securitySchemes"]) == {"TokenAuth", "SessionAuth"}


def test_the_description_page_comes_from_our_own_server(api: Api) -> None:
    page = httpx.get(f"{api.base}/api/v1/docs")
    assert page.status_code == 200
    assert "//cdn" not in page.text
    assert "https://" not in page.text
    for part in ("swagger-ui-bundle.js", "swagger-ui-init.js", "swagger-ui.css"):
        assert part in page.text
        assert httpx.get(f"{api.base}/static/ninja/{part}").status_code == 200


def test_every_problem_has_an_address(api: Api) -> None:
    with api.client() as client:
        kinds = client.get("/problems").json()["items"]
        assert {k["status"] for k in kinds} >= {400, 401, 403, 404, 405, 409, 413, 415, 422, 428, 429, 503}
        for kind in kinds:
            assert client.get(f"/problems/{kind['code']}").json() == kind
        chinese = client.get("/problems", headers={"Accept-Language": "zh-CN"}).json()["items"]
        assert all(ours["title"] != theirs["title"] for ours, theirs in zip(kinds, chinese, strict=True))
        assert client.get("/problems/none").status_code == 404


def test_no_request_that_the_description_allows_ends_in_a_server_error(api: Api) -> None:
    schema = schemathesis.openapi.from_url(f"{api.base}/api/v1/openapi.json")
    headers = {"Authorization": api.as_("shift_leader").headers["Authorization"]}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] in _SPARED:
            continue

        def attempt(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers)
            assert answer.status_code < 500, (case.method, case.path, answer.text)
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0] == "application/problem+json"
                assert answer.json()["code"]

        run = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        given(case=operation.as_strategy())(run(attempt))()
        tried += 1
    assert tried >= 25


@pytest.mark.parametrize("text", ["\u0000", "\ud800", "\u202e", "a" * 5000, "%", "'; --", "\U0001f600"])
def test_odd_texts_in_addresses_and_conditions_are_no_server_error(api: Api, text: str) -> None:
    client = api.as_("shift_leader")
    odd = text.encode("utf-8", "surrogatepass")
    escaped = quote(odd)
    for path in (
        f"/cases/by-number/{escaped}",
        f"/playbooks/{escaped}",
        f"/problems/{escaped}",
        f"/cases?place={escaped}",
        f"/cases?after={escaped}",
        f"/places?q={escaped}",
        f"/responsible?category={escaped}&place={escaped}",
        f"/posts?role={escaped}",
        f"/{escaped}",
    ):
        answer = client.get(path)
        assert answer.status_code < 500, (path, answer.text)
