"""The registers of the office over HTTP: entries made, moved and read, with the rights that the desk has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import Client

from api.conftest import Api, Steps, intake, photo, token
from api.test_bad_input import problem_of
from api.test_budgets import client as in_process
from api.test_budgets import statements
from office.conftest import HOUR, PDF, Trail, body, unit
from support.district import CODE, post

__all__ = ["in_process"]

Rows = Callable[[], dict[str, int]]


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


# ---- each register on its way


def test_an_instruction_comes_with_its_scan_and_an_order_is_tied_to_it(api: Api) -> None:
    office = api.as_("comprehensive_office")
    form = {"own_number": "1", "own_day": day(-1), "leader": "x", "words": "y", "variant": "phone", "due_on": day(5)}
    problem = problem_of(office.post("/registers/instructions", json={"form": form}), 422, "needs_photos")
    assert problem["missing_photos"] == {"any": 1}
    made = instruction(api)
    tied = order(api, instruction=made["id"])
    seen = get(office, made)
    assert (seen["number"], seen["kind"], seen["own_number"]) == (
        made["number"],
        "instruction",
        "万府批〔2026〕88号",
    )
    assert seen["stage"]["code"] == "in_hand"
    assert seen["variant"]["code"] == "document"
    assert seen["texts"]["words"] == "请牵头解决占道经营反弹问题"
    assert [(t["id"], t["kind"], t["number"]) for t in seen["links"]] == [
        (tied["id"], "follow_up_order", tied["number"])
    ]
    assert [e["kind"] for e in seen["timeline"]] == ["record", "order_issued"]
    assert seen["timeline"][0]["photos"] == [seen["photos"][0]["id"]]
    read = office.get(f"/attachments/{seen['photos'][0]['id']}")
    assert (read.content, read.headers["Content-Type"]) == (PDF, "application/pdf")
    assert read.headers["Content-Disposition"].startswith("attachment")


def test_an_order_goes_to_its_unit_and_is_struck_off(api: Api) -> None:
    office, clerk = api.as_("comprehensive_office"), api.as_("unit_clerk", unit=unit())
    made = order(api)
    seen = get(clerk, made)
    assert seen["unit"]["code"] == unit()
    open_moves = {m["name"]: m for m in seen["moves"] if m["open"]}
    assert {"acknowledge", "object"} <= set(open_moves)
    assert "strike_off" not in open_moves
    closed = {m["name"]: m["closed_because"]["code"] for m in seen["moves"] if not m["open"]}
    assert closed["remind"] == "not_allowed"
    assert open_moves["acknowledge"]["href"].endswith(f"/registers/entries/{made['id']}/moves/acknowledge")
    move(clerk, made, "acknowledge")
    move(office, made, "remind", form={"note": "请加快"})
    move(clerk, made, "answer", form={"answer": "已清理"}, photos=[scan(clerk)])
    answered = get(office, made)
    assert answered["reminders"] == 1
    assert answered["times"]["answered"] is not None
    assert clerk.get(answered["photos"][0]["url"].removeprefix("/api/v1")).content == PDF
    done = move(office, made, "strike_off", form={"days": 0})
    assert done["stage"]["code"] == "closed"
    assert get(office, made)["ended"]


def test_a_letter_is_sent_and_its_reply_recorded(api: Api) -> None:
    case = intake(api)
    dispatcher = api.as_("dispatcher")
    made = letter(api, case=case["id"])
    move(dispatcher, made, "revise", form={"subject": "关于移走报刊亭的函", "words": "请于三日内移走。"})
    sent = {"sent_on": day(-1), "due_on": day(7), "variant": "exchange"}
    move(dispatcher, made, "send", form=sent)
    reply = {"own_day": day(-1), "own_number": "邮函〔2026〕7号", "reply": "已移走"}
    refused = dispatcher.post(
        f"/registers/entries/{made['id']}/moves/record_reply", json={"form": reply}, headers={"If-Match": '"3"'}
    )
    assert problem_of(refused, 422, "needs_photos")["errors"][0]["field"] == "photos"
    move(dispatcher, made, "record_reply", form=reply, photos=[scan(dispatcher)])
    seen = get(dispatcher, made)
    assert seen["texts"] == {"subject": "关于移走报刊亭的函", "words": "请于三日内移走。"}
    assert (seen["own_number"], seen["sent_on"], seen["stage"]["code"]) == ("邮函〔2026〕7号", day(-1), "replied")
    assert [(t["kind"], t["number"]) for t in seen["links"]] == [("case", case["number"])]
    assert seen["place"]["code"] == case["place"]["code"]
    chinese = dispatcher.get(f"/registers/entries/{made['id']}", headers={"Accept-Language": "zh-CN"}).json()
    assert chinese["stage"]["name"] == "已回函，待办结"
    assert chinese["variant"]["name"] == "公文交换"


def test_a_handover_lists_what_is_open_and_two_sign_it(api: Api) -> None:
    case = intake(api)
    out, incoming = api.as_("shift_leader"), api.as_("shift_leader", number=1)
    made = make(out, "handovers", {"variant": "day", "notes": "高笋塘积水点注意排水"})
    seen = get(out, made)
    matters = seen["matters_listed"]
    assert [m["number"] for m in matters["cases"]] == [case["number"]]
    assert [(s["stage"]["code"], s["open"]) for s in matters["stages"]] == [("registered", 1)]
    assert seen["matters"] == 1
    move(out, made, "hand_over")
    own = out.post(
        f"/registers/entries/{made['id']}/moves/take_over", json={"form": {"read": True}}, headers={"If-Match": '"2"'}
    )
    assert "Somebody else" in problem_of(own, 409, "guard")["detail"]
    done = move(incoming, made, "take_over", form={"read": True})
    assert done["stage"]["code"] == "taken"
    late = out.post(f"/registers/entries/{made['id']}/moves/add_note", json={"form": {"note": "补一句"}})
    problem_of(late, 409, "wrong_stage")


# ---- lists


def test_pages_follow_one_another_without_gap_or_repeat(api: Api) -> None:
    made = [order(api)["id"] for _ in range(5)]
    office, seen, url = api.as_("comprehensive_office"), [], "/registers/orders?limit=2&counts=true"
    counts = []
    while True:
        answer = office.get(url)
        page = answer.json()
        seen += [row["id"] for row in page["items"]]
        counts.append(page["counts"])
        if page["after"] is None:
            assert "Link" not in answer.headers
            break
        link, _, relation = answer.headers["Link"].partition(";")
        assert relation.strip() == 'rel="next"'
        url = link.strip("<>").removeprefix("/api/v1")
    assert seen == made[::-1]
    assert counts == [{"open": 5, "late": 0}, None, None]


def test_conditions_narrow_a_list(api: Api) -> None:
    late = Trail().order(due_on="2026-11-20")  # issued and due before today
    new, ended = order(api), letter(api)
    move(api.as_("dispatcher"), ended, "void", reason="写错了")
    office = api.as_("comprehensive_office")

    def ids(register: str, **params: Any) -> set[str]:
        answer = office.get(f"/registers/{register}", params=params)
        assert answer.status_code == 200, answer.text
        return {row["id"] for row in answer.json()["items"]}

    both = {str(late.record_id), new["id"]}
    assert ids("orders") == both
    assert ids("orders", ended="false") == both
    assert ids("orders", ended="true") == set()
    assert ids("orders", overdue="true") == {str(late.record_id)}
    assert ids("orders", number=new["number"]) == {new["id"]}
    assert ids("orders", number="%") == set()
    assert ids("orders", unit=unit()) == both
    assert ids("orders", unit="NOBODY") == set()
    assert ids("orders", year=datetime.now(UTC).year) >= {new["id"]}
    assert ids("orders", year=2001) == set()
    assert ids("letters", ended="true") == {ended["id"]}
    assert ids("letters", ended="false") == set()
    row = office.get("/registers/orders", params={"overdue": "true"}).json()["items"][0]
    assert row["excerpt"] == "农贸市场周边占道经营"
    assert row["due_at"].endswith("+08:00")
    assert row["unit"]["name"]


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [
        ("/registers/orders?colour=red", "colour", "unknown"),
        ("/registers/orders?limit=0", "limit", "too_small"),
        ("/registers/orders?year=26", "year", "too_small"),
        ("/registers/orders?after=x", "after", "bad_cursor"),
        ("/registers/instructions?unit=x", "unit", "unknown"),
    ],
)
def test_a_wrong_condition_is_named(api: Api, path: str, field: str, code: str) -> None:
    found = problem_of(api.as_("comprehensive_office").get(path), 422, "bad_cursor" if field == "after" else "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [(field, code)]


def test_the_registers_of_a_post_come_with_their_forms(api: Api) -> None:
    order(api)

    def seen(client: httpx.Client) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in client.get("/registers").json()["items"]}

    office = seen(api.as_("comprehensive_office"))
    assert list(office) == ["instructions", "orders", "letters", "handovers"]
    assert (office["orders"]["open"], office["orders"]["late"]) == (1, 0)
    form = office["orders"]["make"]["form"]
    assert set(form["required"]) == {"unit", "matter", "demand", "due_on"}
    assert office["orders"]["make"]["href"] == "/api/v1/registers/orders"
    assert office["instructions"]["make"]["needs_photos"] == {"any": 1}
    assert office["handovers"]["make"] is None
    clerk = seen(api.as_("unit_clerk", unit=unit()))
    assert list(clerk) == ["orders"]
    assert clerk["orders"]["make"] is None
    assert seen(api.as_("collector")) == {}


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
