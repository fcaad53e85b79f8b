"""What pages, programs and papers show of a joint duty of five agencies of which one never reports, one reports late
and two report at the same moment: the missing one is named everywhere and is nowhere a zero."""

from __future__ import annotations

import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from api.conftest import Api
from desk.conftest import Seat, Sit, text
from gewu.occasions import services
from support.district import acting, directory, district_id
from support.duty import BUREAU, FIRE, FIVE, POLICE, TOBACCO, TRANSPORT, Duty


@pytest.fixture
def played(api: Api) -> Duty:
    """Reported in time by three of them (two at once), late by one, never by the body that gets letters."""
    duty = Duty(api)
    parts = duty.worked("城管已清理违建 6 处")
    with ThreadPoolExecutor(2) as pool:
        sent = [
            pool.submit(duty.send, "report", duty.by(unit), form={"words": "已完成"}, target=parts[unit])
            for unit in (POLICE, TRANSPORT)
        ]
    assert [one.result().status_code for one in sent] == [200, 200]
    at = int((datetime.now(UTC) + timedelta(days=8)).timestamp() * 1_000_000)
    clerk = acting("unit_clerk", unit=FIRE)
    services.act(
        district_id(), clerk, UUID(duty.id), "report", texts={"words": "迟报"}, at_us=at, target=parts[FIRE]
    )  # fmt: skip
    duty.move("close_reporting", reason="两次催报未果")
    return duty


def _row(page: str, name: str) -> str:
    """The row of a table that begins with a name, as text."""
    for row in re.findall(r"<tr>.*?</tr>", page, re.S):
        if name in row:
            return re.sub(r"<[^>]+>|\s+", " ", row)
    raise AssertionError(name)


def _xml(answer: Any) -> str:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return re.sub(r"<[^>]+>", "", file.read("word/document.xml").decode())


def test_programs_see_who_reported_in_time_late_and_never(played: Duty) -> None:
    found = {a["unit"]["code"]: (a["status"], a["late"], a["signature"]) for a in played.get()["agencies"]}
    assert found == {
        BUREAU: ("reported", False, "to_sign"),
        POLICE: ("reported", False, "to_sign"),
        TRANSPORT: ("reported", False, "to_sign"),
        FIRE: ("reported", True, "to_sign"),
        TOBACCO: ("not_reported", False, ""),
    }
    totals = played.totals(by="unit,item")
    sums = {one["unit"]["code"]: one["quantity"] for one in totals["items"]}
    assert sums == {BUREAU: 6, POLICE: 52, TRANSPORT: 3, FIRE: 4}
    assert [(one["unit"]["code"], one["occasions"]) for one in totals["not_reported"]] == [(TOBACCO, [played.id])]


@pytest.mark.parametrize(
    ("language", "missing", "late"), [("en", "not reported", "reported late"), ("zh-CN", "未报送", "逾期报送")]
)
def test_the_pages_name_who_has_not_reported(played: Duty, sit: Sit, language: str, missing: str, late: str) -> None:
    office: Seat = sit("comprehensive_office", language=language)
    chinese = language.startswith("zh")

    def name(unit: str) -> str:
        found = directory().units[unit]
        return found.name_zh if chinese else found.name_en

    page = office.get(f"/desk/workdays/{played.id}").content.decode()
    assert missing in _row(page, name(TOBACCO))
    assert not re.search(r"\b0\b", _row(page, name(TOBACCO)))
    assert late in _row(page, name(FIRE))
    assert missing not in _row(page, name(BUREAU))
    listed = text(office.get("/desk/duties"))
    assert played.number in listed.replace("\u2009", "")
    assert missing in listed
    results = office.get("/desk/results", occasion=played.id)
    shown = results.content.decode()
    assert missing in _row(shown, name(TOBACCO))
    assert not re.search(r"\b0\b", _row(shown, name(TOBACCO)))
    for unit in (BUREAU, POLICE, TRANSPORT, FIRE):
        assert missing not in _row(shown, name(unit))
    alone = text(office.get("/desk/results", occasion=played.id, unit=TOBACCO))
    assert missing in alone


def test_the_joint_report_has_a_line_for_each_that_reported_and_names_the_one_that_did_not(
    played: Duty, sit: Sit
) -> None:
    office = sit("comprehensive_office")
    for unit in (BUREAU, POLICE):
        played.move("sign", played.by(unit), form={"signed_by": "支队长"}, target=played.part("signature", unit))
    chinese = _xml(office.get(f"/desk/workdays/{played.id}/papers/joint-report", format="docx", language="zh-hans"))
    names = {unit: directory().units[unit].name_zh for unit in FIVE}
    assert all(name in chinese for name in names.values())
    assert "未报送" in chinese
    assert "逾期报送" in chinese
    assert re.search(r"清理违章搭建.{0,40}6\s*处", chinese)
    signing = chinese[chinese.rindex("各单位工作情况") :]
    assert names[FIRE] in signing
    assert names[TOBACCO] not in signing  # who did not report is asked for no signature
    english = _xml(office.get(f"/desk/workdays/{played.id}/papers/joint-report", format="docx", language="en"))
    assert "not reported" in english
    pdf = office.get(f"/desk/workdays/{played.id}/papers/joint-report", format="pdf")
    assert pdf.content.startswith(b"%PDF")


def test_the_sheet_of_results_sums_what_was_reported_and_says_who_is_missing(played: Duty, sit: Sit) -> None:
    office = sit("comprehensive_office")
    sheet = office.get("/desk/results/sheet", occasion=played.id)
    book = load_workbook(io.BytesIO(sheet.content), read_only=True)
    cells = [cell for page in book.worksheets for row in page.iter_rows(values_only=True) for cell in row if cell]
    assert 52 in cells
    assert "not reported" in cells


def test_a_clerk_records_results_at_the_desk_from_a_list_of_items(played: Duty, api: Api, sit: Sit) -> None:
    duty = Duty(api).on_duty(BUREAU, POLICE)
    police = sit("unit_clerk", unit=POLICE)
    page = police.get(f"/desk/workdays/{duty.id}")
    assert "Vehicles towed or held (vehicle-time)" in text(page).replace("\u2009", " ")
    form = {"unit": POLICE, "item": "vehicles_towed", "quantity": "7", "basis": "道路交通安全法", "command": ""}
    sent = police.send(f"/desk/workdays/{duty.id}/record_result", **form)
    assert sent.status_code == 302, text(sent)
    assert duty.sums() == {"vehicles_towed": 7}
    wrong = police.send(f"/desk/workdays/{duty.id}/record_result", **{**form, "unit": BUREAU})
    assert wrong.status_code == 409
    assert "its own results" in text(wrong)


def test_posts_without_a_part_do_not_see_what_occasions_brought(sit: Sit) -> None:
    assert sit("administrator").get("/desk/results").status_code == 403
    assert sit("comprehensive_office").get("/desk/results", unit="no such", **{"from": "x"}).status_code == 422
    assert sit("comprehensive_office").get("/desk/results", after="bad").status_code == 422
