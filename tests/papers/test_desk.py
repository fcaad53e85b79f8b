"""Papers taken at the desk: by whom, of what, under which name; what they say is what the ledger knows."""

from __future__ import annotations

import io
import time
from urllib.parse import unquote, urlsplit

import pytest
from django.http import HttpResponse
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from pypdf import PdfReader

from desk.conftest import Sit, forms, text
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import erase
from gewu.papers import dispatch
from gewu.papers.writers import fonts
from papers.conftest import EVIL
from support.district import Walk, directory, district_id

NOW = time.time_ns() // 1000
EARLIER = NOW - 3_600_000_000
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def said(response: HttpResponse) -> str:
    """All words of a DOCX, as they stand one after the other."""
    assert response.status_code == 200
    assert response["Content-Type"] == DOCX
    body = Document(io.BytesIO(response.content)).element.body
    return "\n".join(node.text or "" for node in body.iter(qn("w:t")))


def name(response: HttpResponse) -> str:
    return unquote(response["Content-Disposition"].partition("filename*=UTF-8''")[2])


# ---- case sheet


def test_a_case_file_tells_everything_of_a_case(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).checked()
    seat = sit("shift_leader", language="zh-CN")
    response = seat.get(f"/desk/cases/{walk.number}/papers/file", format="docx")
    assert name(response) == f"案卷 {walk.number}.docx"
    assert response["Content-Disposition"].startswith('attachment; filename="case-sheet-')
    assert response["Cache-Control"] == "private, no-store"
    told = said(response)
    for words in (
        "路面有大片油污，行人易滑倒",
        "已清洗路面并撒沙防滑",
        "道路不洁",
        "登记",
        "派遣",
        "处置反馈",
        "按时，剩",
        walk.number,
    ):
        assert words in told
    document = Document(io.BytesIO(response.content))
    assert len(document.inline_shapes) == 3
    moves = len(walk.outcomes)
    timeline = next(t for t in document.tables if [c.text for c in t.rows[0].cells] == ["时间", "内容", "办理人"])
    assert len(timeline.rows) == moves + 1


@pytest.mark.parametrize("role", ["shift_leader", "dispatcher", "unit_clerk"])
def test_the_reporter_is_masked_on_paper(sit: Sit, role: str) -> None:
    walk = Walk(at_us=EARLIER).dispatched()
    seat = sit(role, unit=walk.lead) if role == "unit_clerk" else sit(role)
    told = said(seat.get(f"/desk/cases/{walk.number}/papers/file", format="docx"))
    assert "138****0000" in told
    assert "13800000000" not in told
    assert "王某" not in told


def test_a_case_out_of_sight_has_no_papers(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).filed()
    away = sit("collector", away=walk.place)
    for page in ("file", "notice"):
        assert away.get(f"/desk/cases/{walk.number}/papers/{page}").status_code == 404
    assert sit("dispatcher").get("/desk/cases/1234/papers/file").status_code == 404


def test_a_case_file_takes_few_statements(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).checked()
    statements = sit("dispatcher").tenant_statements(f"/desk/cases/{walk.number}/papers/file?format=docx")
    assert len(statements) <= 6 + 3, statements  # number, case page, and one for each photo


@pytest.mark.skipif(not fonts.of_this_machine().chinese, reason="no Chinese font: install fonts-noto-cjk")
def test_a_case_file_is_a_pdf_in_either_language(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).filed()
    seat = sit("dispatcher")
    address = f"/desk/cases/{walk.number}/papers/file"
    english = PdfReader(io.BytesIO(seat.get(address).content))
    assert "Case file" in english.pages[0].extract_text()
    chinese = seat.get(address, language="zh-hans")
    assert name(chinese) == f"案卷 {walk.number}.pdf"
    assert "城市管理案卷" in PdfReader(io.BytesIO(chinese.content)).pages[0].extract_text()


def test_the_page_of_a_case_offers_its_papers(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).filed()
    page = sit("dispatcher").get(f"/desk/cases/{walk.number}").content.decode()
    assert f"/desk/cases/{walk.number}/papers/file?format=docx" in page
    assert f"/desk/cases/{walk.number}/papers/notice" in page


# ---- notice to a party


def test_a_notice_says_what_was_written_and_never_what_was_reported(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).handling()
    seat = sit("unit_clerk", unit=walk.lead, language="zh-CN")
    address = f"/desk/cases/{walk.number}/papers/notice"
    page = seat.get(address)
    assert "道路不洁" in forms(page)[""]["matter"][0]
    assert "油污" not in page.content.decode()
    written = {
        "party": "沿街餐饮店",
        "matter": EVIL[0],
        "basis": "《条例》第十四条",
        "demand": "三日内清理。\n恢复原状。",
        "number": "万城管改〔2026〕5号",
        "until": "2026-12-01",
        "contact": "023-58000000",
        "language": "zh-hans",
        "format": "docx",
    }
    made = seat.client.post(address, written)
    told = said(made)
    for words in (
        "沿街餐饮店",
        EVIL[0],
        "《条例》第十四条",
        "2026年12月1日",
        "拒绝签收",
        "留置送达",
        "见证人",
        "023-58000000",
    ):
        assert words in told
    for never in ("油污", "王某", "王*", "138"):
        assert never not in told
    assert name(made) == "整改通知书 万城管改〔2026〕5号.docx"


def test_a_notice_with_faults_comes_back_with_what_was_written(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).handling()
    seat = sit("unit_clerk", unit=walk.lead)
    address = f"/desk/cases/{walk.number}/papers/notice"
    again = seat.client.post(address, {"party": "x" * 300, "until": "tomorrow", "matter": "kept", "format": "pdf"})
    assert again.status_code == 422
    assert "At most 200 characters" in text(again)
    assert "This is not a day" in text(again)
    assert forms(again)[""]["matter"] == ["kept"]


# ---- dispatch list


def test_a_dispatch_list_has_the_open_cases_of_each_unit(sit: Sit) -> None:
    first, second = Walk(at_us=EARLIER).handling(), Walk(at_us=EARLIER).dispatched()
    waiting = Walk(at_us=EARLIER).filed()
    seat = sit("dispatcher", language="zh-CN")
    response = seat.get("/desk/papers/dispatch", format="xlsx")
    book = load_workbook(io.BytesIO(response.content))
    sheet = book[directory().units[first.lead].name_zh[:31]]
    numbers = {sheet.cell(row, 2).value for row in range(4, sheet.max_row + 1)}
    assert {first.number, second.number} <= numbers
    assert waiting.number not in numbers
    assert sheet["A4"].value == 1
    link = sheet["B4"].hyperlink.target
    assert link.startswith("http://"), "absolute, below the address that was asked: a paper leaves the house"
    assert seat.client.get(urlsplit(link).path).status_code == 200
    assert sheet["E4"].value == "路面有大片油污，行人易滑倒"
    assert "2件" in sheet["A1"].value
    assert name(response).startswith("派遣单 20")


def test_a_unit_gets_its_own_list_and_sees_no_others(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).handling()
    own = sit("unit_clerk", unit=walk.lead)
    assert walk.number in said(own.get("/desk/papers/dispatch", format="docx"))
    page = own.get("/desk/papers")
    assert forms(page)["/desk/papers/dispatch"]["unit"] == [walk.lead]
    assert "/desk/papers/bulletin" not in forms(page)
    other = next(u for u in sorted({p.unit for p in directory().holders("unit_clerk")}) if u != walk.lead)
    told = said(sit("unit_clerk", unit=other).get("/desk/papers/dispatch", format="docx", unit=walk.lead))
    assert walk.number not in told
    assert "No open case fits." in told


def test_a_list_for_a_day_ends_with_that_day(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).handling()
    seat = sit("dispatcher")
    assert walk.number in said(seat.get("/desk/papers/dispatch", format="docx", day="2027-12-31"))
    assert walk.number not in said(seat.get("/desk/papers/dispatch", format="docx", day="2020-01-01"))
    assert walk.number in said(seat.get("/desk/papers/dispatch", format="docx", place=walk.place))


def test_a_list_takes_one_statement(sit: Sit) -> None:
    for _walk in range(3):
        Walk(at_us=EARLIER).dispatched()
    assert len(sit("dispatcher").tenant_statements("/desk/papers/dispatch?format=docx")) == 1


def test_a_long_list_is_read_page_by_page(sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_PAGE", 2)
    walks = [Walk(at_us=EARLIER).dispatched() for _n in range(5)]
    seat = sit("dispatcher")
    told = said(seat.get("/desk/papers/dispatch", format="docx"))
    assert all(told.count(walk.number) == 1 for walk in walks)
    assert len(seat.tenant_statements("/desk/papers/dispatch?format=docx")) == 3
    monkeypatch.setattr(dispatch, "MOST_ROWS", 3)
    told = said(seat.get("/desk/papers/dispatch", format="docx"))
    assert "Only the first 3 cases are listed" in told
    assert sum(walk.number in told for walk in walks) == 3


def test_an_erased_case_has_its_course_and_no_words(sit: Sit) -> None:
    walk = Walk(at_us=EARLIER).handled()
    erase(district_id(), walk.record_id, SYSTEM)
    response = sit("assessor").get(f"/desk/cases/{walk.number}/papers/file", format="docx")
    told = said(response)
    assert "erased by request" in told
    assert "Dispatch" in told
    for gone in ("油污", "已清洗", "138", "王"):
        assert gone not in told
    assert not Document(io.BytesIO(response.content)).inline_shapes


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"format": "exe"}, "not made in that form"),
        ({"unit": "no-such-unit"}, "no such unit"),
        ({"day": "31.12."}, "not a day"),
        ({"place": "Nowhere at all"}, "no such place"),
    ],
)
def test_a_wish_that_makes_no_sense_says_why(sit: Sit, query: dict[str, str], sentence: str) -> None:
    response = sit("dispatcher").get("/desk/papers/dispatch", **query)
    assert response.status_code == 422
    assert sentence in text(response)


def test_without_a_chinese_font_the_page_says_what_to_install(sit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "of_this_machine", lambda: fonts.find(system=False))
    Walk(at_us=EARLIER).handling()
    response = sit("dispatcher", language="zh-CN").get("/desk/papers/dispatch", format="pdf")
    assert response.status_code == 503
    assert "fonts-noto-cjk" in text(response)
    assert "没有中文字体" in text(response)


def test_both_languages_of_the_page_are_complete(sit: Sit) -> None:
    page = text(sit("comprehensive_office", language="zh-CN").get("/desk/papers"))
    for words in ("月度通报", "派遣单", "下载 XLSX", "文书语言", "附全部指标"):
        assert words in page
    assert "Bulletin" not in page
