"""The registers over HTTP: who may what, two at once, what is wrong, and how few statements it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import Client

from api.conftest import Api, Steps, intake, photo, token
from api.entries import day, get, instruction, letter, move, order, scan
from api.test_bad_input import problem_of
from api.test_budgets import client as in_process
from api.test_budgets import statements
from office.conftest import HOUR, PDF, Trail, body, unit
from support.district import CODE, post

__all__ = ["in_process"]

Rows = Callable[[], dict[str, int]]


# ---- rights


def test_who_has_no_part_in_a_register_is_told_so(api: Api, rows: Rows) -> None:
    made = instruction(api)
    before = rows()
    for client in (api.as_("dispatcher"), api.as_("intake_officer")):
        for answer in (
            client.get("/registers/instructions"),
            client.get(f"/registers/entries/{made['id']}"),
            client.post("/registers/instructions", json={"form": {}}),
            client.post(f"/registers/entries/{made['id']}/moves/arrange", json={}, headers={"If-Match": '"1"'}),
            client.post(f"/registers/entries/{made['id']}/moves/add_note", json={"form": {"note": "x"}}),
        ):
            problem = problem_of(answer, 403, "not_allowed")
            assert "占道" not in str(problem)
            assert made["number"] not in str(problem)
    collector = api.as_("collector")
    refused = collector.post("/registers/scans", files={"scan": ("a.pdf", PDF, "application/pdf")})
    problem_of(refused, 403, "not_allowed")
    assert rows() == before


def test_who_may_read_may_not_always_write(api: Api) -> None:
    assessor, made = api.as_("assessor"), order(api)
    assert get(assessor, made)["number"] == made["number"]
    assert not [m["name"] for m in get(assessor, made)["moves"] if m["open"]]
    refused = assessor.post("/registers/orders", json={"form": {"unit": unit(), "matter": "x", "demand": "y",
                                                                "due_on": day(3)}})  # fmt: skip
    problem_of(refused, 403, "not_allowed")
    note = assessor.post(f"/registers/entries/{made['id']}/moves/add_note", json={"form": {"note": "x"}})
    problem_of(note, 403, "not_allowed")


def test_a_unit_sees_only_its_own_orders(api: Api) -> None:
    made = order(api)
    clerk = api.as_("unit_clerk", unit=unit())
    directory = api.as_("comprehensive_office").get("/posts", params={"role": "unit_clerk"}).json()["items"]
    other = next(p for p in directory if p["unit"]["code"] != unit() and not p["scope"] and p["person"])
    stranger = api.of(other["code"])
    assert [row["id"] for row in clerk.get("/registers/orders").json()["items"]] == [made["id"]]
    assert stranger.get("/registers/orders").json()["items"] == []
    for answer in (
        stranger.get(f"/registers/entries/{made['id']}"),
        stranger.post(f"/registers/entries/{made['id']}/moves/acknowledge", json={}, headers={"If-Match": '"1"'}),
    ):
        problem_of(answer, 404, "not_found")


def test_cases_and_entries_keep_to_their_own_addresses(api: Api) -> None:
    steps, made = Steps(api, intake(api)), letter(api)
    officer = api.as_("dispatcher")
    found = problem_of(officer.get(f"/registers/entries/{steps.id}"), 404, "not_found")
    assert "register" in found["detail"]
    problem_of(officer.get(f"/cases/{made['id']}"), 404, "not_found")
    note = {"form": {"note": "x"}}
    problem_of(officer.post(f"/registers/entries/{steps.id}/moves/add_note", json=note), 404, "not_found")
    problem_of(officer.post(f"/cases/{made['id']}/moves/add_note", json=note), 404, "not_found")
    problem_of(officer.get("/registers/cases"), 404, "not_found")
    problem_of(officer.post(f"/registers/entries/{made['id']}/moves/draft", json={}), 404, "unknown_move")
    with api.client() as nobody:
        problem_of(nobody.get("/registers/letters"), 401, "unauthenticated")
        problem_of(nobody.post("/registers/letters", json={"form": {}}), 401, "unauthenticated")


# ---- two at once, and twice the same


def test_the_same_key_makes_one_entry_and_one_number(api: Api, rows: Rows) -> None:
    key, office = str(uuid4()), api.as_("comprehensive_office")
    form = {"unit": unit(), "matter": "占道经营", "demand": "清理", "due_on": day(7)}
    first = office.post("/registers/orders", json={"form": form}, headers={"Idempotency-Key": key})
    before = rows()
    again = office.post("/registers/orders", json={"form": form}, headers={"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {**first.json(), "replayed": True}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert rows() == before
    other = {"unit": body(), "subject": "函", "words": "内容"}
    reused = office.post("/registers/letters", json={"form": other}, headers={"Idempotency-Key": key})
    problem_of(reused, 409, "command_reused")
    following = order(api)["number"]
    assert following != first.json()["number"]
    assert int(following.rstrip("号").rpartition("〕")[2]) == int(
        first.json()["number"].rstrip("号").rpartition("〕")[2]
    ) + 1  # fmt: skip


def test_a_replayed_move_gives_the_first_answer_whatever_came_since(api: Api) -> None:
    made, key = order(api), str(uuid4())
    clerk, office = api.as_("unit_clerk", unit=unit()), api.as_("comprehensive_office")
    headers = {"If-Match": '"1"', "Idempotency-Key": key}
    path = f"/registers/entries/{made['id']}/moves/acknowledge"
    first = clerk.post(path, json={}, headers=headers)
    assert first.status_code == 200, first.text
    move(clerk, made, "answer", form={"answer": "已清理"})
    again = clerk.post(path, json={}, headers=headers)
    assert again.status_code == 200, again.text
    assert again.json() == {**first.json(), "replayed": True}
    assert get(office, made)["stage"]["code"] == "answered"


def test_exclusive_moves_need_the_version_that_was_seen(api: Api) -> None:
    made = order(api)
    office, clerk = api.as_("comprehensive_office"), api.as_("unit_clerk", unit=unit())
    path = f"/registers/entries/{made['id']}/moves"
    problem_of(clerk.post(f"{path}/acknowledge", json={}), 428, "version_required")
    problem_of(clerk.post(f"{path}/acknowledge", json={}, headers={"If-Match": "x"}), 400, "bad_header")
    note = office.post(f"{path}/remind", json={"form": {"note": "请加快"}})
    assert (note.status_code, note.json()["version"]) == (200, 2)
    stale = clerk.post(f"{path}/acknowledge", json={}, headers={"If-Match": '"1"'})
    found = problem_of(stale, 409, "stale")
    assert found["version"] == 2
    assert stale.headers["ETag"] == '"2"'
    assert "entry" in found["detail"]
    assert "case" not in found["title"] + found["detail"]


# ---- what is wrong


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"colour": "red"}, "form.colour", "unknown"),
        ({"unit": "NOBODY"}, "form.unit", "not_found"),
        ({"unit": 5}, "form.unit", "type"),
        ({"due_on": "soon"}, "form.due_on", "date"),
        ({"due_on": "2020-01-01"}, "form.due_on", "past"),
        ({"matter": "x" * 201}, "form.matter", "too_long"),
        ({"demand": "bell\x07"}, "form.demand", "control"),
        ({"demand": None}, "form.demand", "required"),
        ({"case": str(uuid4())}, "form.case", "not_found"),
        ({"case": "not-an-id"}, "form.case", "not_found"),
    ],
)
def test_a_wrong_field_is_named_and_costs_no_number(
    api: Api, rows: Rows, change: dict[str, Any], field: str, code: str
) -> None:
    before = rows()
    form = {"unit": unit(), "matter": "占道经营", "demand": "清理", "due_on": day(7), **change}
    office = api.as_("comprehensive_office")
    found = problem_of(office.post("/registers/orders", json={"form": form}), 422, "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [(field, code)]
    assert found["errors"][0]["message"]
    assert rows() == before


def test_a_letter_is_for_bodies_without_accounts(api: Api) -> None:
    form = {"unit": unit(), "subject": "函", "words": "内容"}
    found = problem_of(api.as_("dispatcher").post("/registers/letters", json={"form": form}), 422, "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [("form.unit", "has_account")]


def test_scans_are_sniffed_and_only_their_sender_uses_them(api: Api) -> None:
    office, dispatcher = api.as_("comprehensive_office"), api.as_("dispatcher")

    def sent(data: bytes) -> httpx.Response:
        return dispatcher.post("/registers/scans", files={"scan": ("a.pdf", data, "application/pdf")})

    found = problem_of(sent(b"MZ\x90\x00" * 20), 415, "not_a_scan")
    assert [e["field"] for e in found["errors"]] == ["scan"]
    problem_of(sent(PDF[:-8]), 422, "damaged")
    problem_of(sent(b""), 422, "empty")
    problem_of(dispatcher.post("/registers/scans"), 422, "invalid")
    # a case's photos stay photos: a PDF is taken for registers only
    refused = dispatcher.post(
        "/attachments", files={"photo": ("a.pdf", PDF, "application/pdf")}, data={"role": "other"}
    )
    problem_of(refused, 415, "not_a_photo")
    mine, made = scan(dispatcher), letter(api)
    path = f"/registers/entries/{made['id']}/moves/add_note"
    other = office.post(path, json={"form": {"note": "x"}, "photos": [mine]})
    assert problem_of(other, 422, "invalid")["errors"][0]["field"] == "photos"
    picture = photo(dispatcher, "other")
    ok = dispatcher.post(path, json={"form": {"note": "x"}, "photos": [mine, picture]})
    assert ok.status_code == 200, ok.text
    seen = get(office, made)
    assert sorted(p["mime"] for p in seen["photos"]) == ["application/pdf", "image/jpeg"]
    assert office.get(f"/attachments/{mine['id']}").content == PDF
    problem_of(office.get(f"/attachments/{mine['id']}", params={"size": "thumb"}), 404, "not_found")
    problem_of(api.as_("collector").get(f"/attachments/{mine['id']}"), 404, "not_found")


# ---- what it costs


def asked(client: Client, role: str, path: str) -> tuple[Any, int]:
    """What an address answers, and how many statements that took beside finding out who asks."""
    headers = {"Authorization": f"Bearer {token(post(role, covering=CODE).code)}"}
    assert client.get(path, headers=headers).status_code == 200
    with statements() as found:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json(), len(found)


def test_lists_take_at_most_three_statements(in_process: Client) -> None:
    trail = Trail()
    for _ in range(3):
        trail.later(HOUR).order()
    page, n = asked(in_process, "comprehensive_office", "/api/v1/registers/orders?counts=true")
    assert len(page["items"]) == 3
    assert n <= 3
    page, n = asked(in_process, "comprehensive_office", "/api/v1/registers")
    assert len(page["items"]) == 4
    assert n <= 3


def test_an_entry_with_its_whole_story_takes_at_most_eight(in_process: Client) -> None:
    trail = Trail().answered()
    seen, n = asked(in_process, "comprehensive_office", f"/api/v1/registers/entries/{trail.record_id}")
    assert len(seen["timeline"]) == 3
    assert n <= 8
