"""The registers of the office over HTTP: entries made, moved, listed and read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.conftest import Api, intake
from api.entries import day, get, instruction, letter, make, move, order, scan
from api.test_bad_input import problem_of
from office.conftest import PDF, Trail, unit

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
