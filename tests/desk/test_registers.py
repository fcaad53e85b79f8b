"""The registers at the desk: lists, new entries, moves, scans, who may not see, notices that lead there."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from desk.conftest import Sit, forms, jpeg, text
from gewu.ledger import outbox, ticker
from gewu.ledger.door import now_us
from office.conftest import DAY, PDF, Trail, body, unit
from support.district import Walk, acting, district_id


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.pdf", PDF, content_type="application/pdf")


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def now() -> Trail:
    return Trail(at_us=now_us())


def only(response: Any, suffix: str) -> dict[str, list[str]]:
    """The one form whose address ends so."""
    found = [fields for action, fields in forms(response).items() if action.endswith(suffix)]
    assert len(found) == 1, list(forms(response))
    return found[0]


def test_an_instruction_is_recorded_with_its_scan(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    page = seat.get("/desk/registers/instructions/new")
    assert page.status_code == 200
    given = {
        "command_id": forms(page)[""]["command_id"][0],
        "own_number": "万府批〔2026〕88号",
        "own_day": day(-1),
        "leader": "分管领导",
        "words": "请牵头解决",
        "variant": "document",
        "due_on": day(10),
    }
    refused = seat.send("/desk/registers/instructions/new", **given)
    assert refused.status_code == 422
    assert "Photos are missing" in text(refused)
    made = seat.client.post("/desk/registers/instructions/new", {**given, "photo_other": pdf()}, follow=True)
    said = text(made)
    assert made.status_code == 200
    assert "万府批〔2026〕88号" in said
    assert "请牵头解决" in said
    scan = re.search(r'href="(/desk/photos/[0-9a-f-]{36})"', made.content.decode())
    assert scan is not None
    document = seat.get(scan[1])
    assert document.content == PDF
    assert document["Content-Type"] == "application/pdf"
    assert document["Content-Disposition"].startswith("attachment")
    assert document["X-Content-Type-Options"] == "nosniff"
    assert seat.get(scan[1] + "/thumb")["Content-Type"] == "image/svg+xml"


def test_what_is_no_scan_is_refused_and_what_was_typed_stays(sit: Sit) -> None:
    seat = sit("comprehensive_office", language="zh-hans")
    bad = SimpleUploadedFile("scan.pdf", b"MZ no pdf at all", content_type="application/pdf")
    page = seat.client.post(
        "/desk/registers/instructions/new", {"own_number": "1", "words": "请牵头解决", "photo_other": bad}
    )
    assert page.status_code == 422
    assert "文件既不是照片" in text(page)
    assert "请牵头解决" in page.content.decode()


def test_an_order_goes_its_way_over_the_pages(sit: Sit) -> None:
    office, clerk = sit("comprehensive_office"), sit("unit_clerk", unit=unit())
    made = office.client.post(
        "/desk/registers/orders/new",
        {"unit": unit(), "matter": "占道经营", "demand": "清理并设疏导点", "due_on": day(5)},
        follow=True,
    )
    assert made.status_code == 200
    where = made.redirect_chain[-1][0]
    page = clerk.get(where)
    assert "占道经营" in text(page)
    assert clerk.send(f"{where}/acknowledge", **_hidden(page, "/acknowledge")).status_code == 302
    page = clerk.get(where)
    answered = clerk.send(f"{where}/answer", **{**_hidden(page, "/answer"), "answer": "已办结"})
    assert answered.status_code == 302
    page = office.get(where)
    stale = {**_hidden(page, "/strike_off"), "version": "1", "days": "30"}
    assert office.send(f"{where}/strike_off", **stale).status_code == 409
    again = office.send(f"{where}/strike_off", **{**_hidden(page, "/strike_off"), "days": "-1"})
    assert again.status_code == 422
    assert office.send(f"{where}/strike_off", **{**_hidden(page, "/strike_off"), "days": "30"}).status_code == 302
    assert "Struck off, look-back to come" in text(office.get(where))
    closed = text(clerk.get(where))
    assert "Nothing to do here for your post" in closed or "Add a note" in closed


def _hidden(page: Any, suffix: str) -> dict[str, str]:
    fields = only(page, suffix)
    return {name: fields[name][0] for name in ("command_id", "version")}


def test_a_list_is_searched_filtered_and_saved(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    assert "Nothing open in this register" in text(seat.get("/desk/registers/orders"))
    first = now().order(due_on=day(5))
    second = now().order(due_on=day(9))
    listed = text(seat.get("/desk/registers/orders"))
    assert first.number in listed
    assert second.number in listed
    found = text(seat.get("/desk/registers/orders", number=first.number))
    assert second.number not in found
    assert "No entry fits these filters" in text(seat.get("/desk/registers/orders", number="没有"))
    assert seat.get("/desk/registers/orders", year="26").status_code == 422
    assert seat.get("/desk/registers/orders", after="x").status_code == 422
    saved = seat.get("/desk/registers/orders/csv")
    rows = list(csv.reader(io.StringIO(saved.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [second.number, first.number]
    assert len({len(row) for row in rows}) == 1


def test_a_cell_that_would_be_a_formula_is_text(sit: Sit) -> None:
    from gewu.office import services
    from gewu.office.services import Filled

    filled = Filled({"unit": unit(), "due_on": day(5)}, {"matter": '=HYPERLINK("x")', "demand": "要求"})
    services.issue_order(district_id(), acting("comprehensive_office"), filled)
    saved = sit("comprehensive_office").get("/desk/registers/orders/csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK" in saved


def test_from_a_case_an_order_is_prefilled_and_then_shown_there(sit: Sit) -> None:
    seat, walk = sit("comprehensive_office"), Walk(at_us=now_us()).dispatched()
    page = seat.get(f"/desk/cases/{walk.number}")
    link = re.search(r'href="(/desk/registers/orders/new\?case=\d+)"', page.content.decode())
    assert link is not None
    form = seat.get(link[1])
    fields = next(f for f in forms(form).values() if "matter" in f)
    assert fields["case"] == [walk.number]
    assert walk.lead in fields["unit"][0]
    made = seat.client.post(
        link[1],
        {
            "unit": fields["unit"][0],
            "matter": fields["matter"][0],
            "demand": "限期办结",
            "due_on": day(3),
            "case": walk.number,
        },
        follow=True,
    )
    assert walk.number in text(made)
    number = re.search(r"万城管督〔\d{4}〕\d+号", text(made))
    assert number is not None
    assert number[0] in text(seat.get(f"/desk/cases/{walk.number}"))
    assert number[0] not in text(sit("collector", covering=walk.place).get(f"/desk/cases/{walk.number}"))


def test_an_instruction_leads_to_an_order(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    trail = now().instruction(own_day=day(-1), due_on=day(20))
    page = seat.get(f"/desk/registers/entries/{trail.record_id}")
    link = re.search(r'href="(/desk/registers/orders/new\?instruction=[^"]+)"', page.content.decode())
    assert link is not None
    form = seat.get(link[1])
    fields = next(f for f in forms(form).values() if "matter" in f)
    assert fields["instruction"] == [trail.number]
    made = seat.client.post(
        "/desk/registers/orders/new",
        {"unit": unit(), "matter": "事项", "demand": "要求", "due_on": day(3), "instruction": trail.number},
        follow=True,
    )
    assert trail.number in text(made)
    assert "In hand" in text(seat.get(f"/desk/registers/entries/{trail.record_id}"))


def test_a_letter_goes_to_a_body_without_accounts_only(sit: Sit) -> None:
    seat = sit("dispatcher")
    given = {"unit": unit(), "subject": "函", "words": "内容"}
    refused = seat.send("/desk/registers/letters/new", **given)
    assert refused.status_code == 422
    assert "this unit works in Gewu" in text(refused)
    assert seat.send("/desk/registers/letters/new", **{**given, "unit": body()}).status_code == 302


def test_two_shift_leaders_sign_and_then_it_stands(sit: Sit) -> None:
    walk = Walk(at_us=now_us()).intake()
    out, incoming = sit("shift_leader"), sit("shift_leader", number=1)
    assert walk.number in text(out.get("/desk/registers/handovers/new"))
    made = out.client.post("/desk/registers/handovers/new", {"variant": "day", "notes": "留意积水点"}, follow=True)
    where = made.redirect_chain[-1][0]
    assert walk.number in text(made)
    assert out.send(f"{where}/hand_over", **_hidden(made, "/hand_over")).status_code == 302
    own = text(out.get(where))
    assert "Somebody else has to take over" in own
    page = incoming.get(where)
    assert incoming.send(f"{where}/take_over", **{**_hidden(page, "/take_over"), "read": "1"}).status_code == 302
    page = text(out.get(where))
    assert "Taken over" in page
    assert out.send(f"{where}/add_note", note="补一句").status_code == 409


@pytest.mark.parametrize("path", ["", "/instructions", "/orders", "/letters", "/handovers"])
def test_who_has_no_part_is_told_so(sit: Sit, path: str) -> None:
    seat = sit("collector", covering="500101001")
    response = seat.get(f"/desk/registers{path}")
    assert response.status_code == 403
    assert "not for the post" in text(response)


def test_a_unit_sees_its_orders_but_no_instructions(sit: Sit) -> None:
    clerk = sit("unit_clerk", unit=unit())
    order, instruction = now().order(due_on=day(5)), now().instruction(own_day=day(-1), due_on=day(20))
    assert order.number in text(clerk.get("/desk/registers/orders"))
    assert clerk.get("/desk/registers/instructions").status_code == 403
    assert clerk.get(f"/desk/registers/entries/{instruction.record_id}").status_code in (403, 404)
    assert clerk.get("/desk/registers/orders/new").status_code == 403
    scan = sit("comprehensive_office").get(f"/desk/registers/entries/{instruction.record_id}")
    photo = re.search(r'href="(/desk/photos/[0-9a-f-]{36})"', scan.content.decode())
    assert photo is not None
    assert clerk.get(photo[1]).status_code == 404


def test_a_notice_opens_the_entry(sit: Sit) -> None:
    trail = now().order(due_on=day(5))
    outbox.deliver(district_id())
    clerk = sit("unit_clerk", unit=unit())
    page = clerk.get("/desk/notices")
    assert f'href="/desk/registers/entries/{trail.record_id}"' in page.content.decode()
    assert trail.number in text(page)
    assert "A follow-up order has been issued to you" in text(page)
    ticker.tick(district_id(), trail.at_us + 30 * DAY)
    outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=31))
    assert "The limit of a follow-up order is over" in text(sit("comprehensive_office").get("/desk/notices"))


def test_the_form_of_numbers_is_set_at_the_desk(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    fields = next(f for f in forms(seat.get("/desk/registers/numbers")).values() if "letter" in f)
    given = {name: values[0] for name, values in fields.items() if name != "csrfmiddlewaretoken"}
    bad = seat.send("/desk/registers/numbers", **{**given, "follow_up_order": "督办{counter}"})
    assert bad.status_code == 422
    given["follow_up_order"] = "督〔{year}〕{counter}"
    assert seat.send("/desk/registers/numbers", **given).status_code == 302
    assert re.fullmatch(r"督〔\d{4}〕\d+", now().order(due_on=day(5)).number)
    assert sit("dispatcher").get("/desk/registers/numbers").status_code == 403


def test_pages_take_few_statements(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    trail = now().instruction(own_day=day(-1), due_on=day(20))
    now().order(due_on=day(5), instruction=str(trail.record_id))

    def made(path: str) -> int:
        seat.get(path)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            assert seat.get(path).status_code == 200
        tenant = ("ledger_", "cases_", "office_")
        return sum(1 for q in captured.captured_queries if any(name in q["sql"] for name in tenant))

    assert made("/desk/registers/orders") <= 3
    assert made(f"/desk/registers/entries/{trail.record_id}") <= 8


def test_the_pages_speak_chinese(sit: Sit) -> None:
    seat = sit("comprehensive_office", language="zh-hans")
    trail = now().order(due_on=day(5))
    for path in (
        "/desk/registers/instructions",
        "/desk/registers/orders",
        "/desk/registers/letters/new",
        "/desk/registers/orders/new",
        "/desk/registers/numbers",
        f"/desk/registers/entries/{trail.record_id}",
    ):
        page = seat.get(path)
        main = "<main" + page.content.decode().partition("<main")[2].partition("</main>")[0]
        said = re.sub(r"<(script|style).*?</\1>|<[^>]+>|\{[a-z]+\}", " ", main, flags=re.S)
        english = [w for w in re.findall(r"[A-Za-z]{3,}", said) if w not in ("PDF", "CSV", "DOCX", "XLSX", "English")]
        assert english == [], (path, english)


def test_a_photo_still_comes_as_a_photo(sit: Sit) -> None:
    seat = sit("comprehensive_office")
    trail = now().order(due_on=day(5))
    where = f"/desk/registers/entries/{trail.record_id}"
    page = seat.get(where)
    sent = {**_hidden(page, "/add_note"), "note": "现场照片", "photo_other": jpeg()}
    assert seat.client.post(f"{where}/add_note", sent).status_code == 302
    photo = re.search(r'href="(/desk/photos/[0-9a-f-]{36})"', seat.get(where).content.decode())
    assert photo is not None
    assert seat.get(photo[1])["Content-Type"] == "image/jpeg"


def test_a_case_that_goes_out_by_letter_leads_to_the_letter(sit: Sit) -> None:
    walk = Walk(at_us=now_us() - DAY // 12).dispatched(lead=body())
    outbox.deliver(district_id())
    seat = sit("dispatcher")
    link = re.search(r'href="(/desk/registers/letters/new\?[^"]+)"', seat.get("/desk/notices").content.decode())
    assert link is not None
    where = link[1].replace("&amp;", "&")
    fields = next(f for f in forms(seat.get(where)).values() if "subject" in f)
    assert fields["case"] == [walk.number]
    assert body() in fields["unit"][0]
    given = {name: fields[name][0] for name in ("unit", "subject", "words", "case", "command_id")}
    made = seat.client.post(where, given, follow=True)
    assert walk.number in text(made)
    entry = made.redirect_chain[-1][0]
    sent = {"sent_on": day(0), "due_on": day(7), "variant": "exchange"}
    assert seat.send(f"{entry}/send", **{**_hidden(made, "/send"), **sent}).status_code == 302
    page = seat.get(entry)
    reply = {**_hidden(page, "/record_reply"), "own_day": day(0), "reply": "已移走", "photo_other": pdf()}
    assert seat.client.post(f"{entry}/record_reply", reply).status_code == 302
    assert f'href="/desk/cases/{walk.number}?move=reply_by_letter"' in seat.get(entry).content.decode()


def test_an_order_on_paper_is_known_to_whoever_sends_it(sit: Sit) -> None:
    trail = Trail(at_us=now_us() - DAY // 12).order(body(), due_on=day(5))
    outbox.deliver(district_id())
    seat = sit("dispatcher")
    where = f"/desk/registers/entries/{trail.record_id}"
    assert f'href="{where}"' in seat.get("/desk/notices").content.decode()
    assert trail.number in text(seat.get(where))
