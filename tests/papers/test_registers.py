"""Papers of the registers: the order that a unit gets, the sheet that two shifts sign."""

from __future__ import annotations

import io

from docx import Document
from openpyxl import load_workbook

from desk.conftest import Sit, text
from office.conftest import DAY, HOUR, Trail, unit
from papers.test_desk import said
from support.district import Walk, acting, directory


def test_an_order_goes_to_its_unit_with_what_became_of_it(trail: Trail, sit: Sit) -> None:
    case = Walk().filed()
    trail.order(case=str(case.record_id)).later(HOUR)
    clerk, office = acting("unit_clerk", unit=unit()), acting("comprehensive_office")
    trail.move(clerk, "acknowledge").later(HOUR)
    trail.move(office, "remind", texts={"note": "请加快 *办理*"}).later(DAY)
    trail.move(clerk, "answer", texts={"answer": "已清理，设疏导点一处。"})
    seat = sit("comprehensive_office", language="zh-CN")
    told = said(seat.get(f"/desk/papers/orders/{trail.record_id}", format="docx"))
    for words in (
        "督办单",
        trail.number,
        directory().units[unit()].name_zh,
        "农贸市场周边占道经营",
        "2026年11月26日",
        case.number,
        "请加快 *办理*",
        "签收",
        "已清理，设疏导点一处。",
    ):
        assert words in told
    english = said(seat.get(f"/desk/papers/orders/{trail.record_id}", format="docx", language="en"))
    assert "by 26 November 2026" in english
    assert "Struck off by the office" in english


def test_an_order_is_for_those_who_may_look_into_its_register(trail: Trail, sit: Sit) -> None:
    trail.order()
    address = f"/desk/papers/orders/{trail.record_id}"
    assert sit("unit_clerk", unit=unit()).get(address, format="docx").status_code == 200
    assert sit("assessor").get(address, format="docx").status_code == 200
    other = next(p.unit for p in directory().holders("unit_clerk") if p.unit != unit() and not p.prefixes)
    assert sit("unit_clerk", unit=other).get(address, format="docx").status_code == 404
    assert sit("intake_officer").get(address, format="docx").status_code == 404
    assert sit("comprehensive_office").get(f"/desk/papers/handovers/{trail.record_id}").status_code == 404


def test_a_handover_has_the_open_matters_and_two_signatures(trail: Trail, sit: Sit) -> None:
    cases = [Walk().filed() for _n in range(3)]
    trail.handover().later(HOUR)
    leader = acting("shift_leader")
    trail.move(leader, "hand_over", texts={"remark": "对讲机三台已清点"})
    seat = sit("shift_leader", language="zh-CN")
    address = f"/desk/papers/handovers/{trail.record_id}"
    response = seat.get(address, format="docx")
    told = said(response)
    for words in ("交接班记录", "白班", "高笋塘积水点注意排水。", "交班人", "接班人", "系统签字：", "对讲机三台已清点"):
        assert words in told
    for case in cases:
        assert case.number in told
    last = Document(io.BytesIO(response.content)).tables[-1].rows[0].cells
    assert ("对讲机" in last[0].text, "对讲机" in last[1].text) == (True, False)
    assert last[1].text.count("签名：") == 1
    sheet = load_workbook(io.BytesIO(seat.get(address, format="xlsx").content))
    assert {"按环节", "说明"} <= set(sheet.sheetnames)
    assert sheet["按环节"]["B4"].value == 3


def test_the_page_of_an_entry_offers_its_paper(trail: Trail, sit: Sit) -> None:
    trail.order()
    seat = sit("comprehensive_office")
    page = seat.get(f"/desk/registers/entries/{trail.record_id}").content.decode()
    assert f"/desk/papers/orders/{trail.record_id}?format=docx" in page


def test_a_handover_is_what_it_was_when_it_was_written(trail: Trail, sit: Sit) -> None:
    before = Walk().filed()
    trail.handover()
    after = Walk().filed()
    told = said(sit("shift_leader").get(f"/desk/papers/handovers/{trail.record_id}", format="docx"))
    assert before.number in told
    assert after.number not in told


def test_what_is_not_there_is_said_in_words(sit: Sit) -> None:
    missing = sit("comprehensive_office").get("/desk/papers/orders/00000000-0000-0000-0000-000000000001")
    assert missing.status_code == 404
    assert "no such" in text(missing)
