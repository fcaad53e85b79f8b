"""The bulletin carries the very numbers of evaluation, in every form; its public edition singles nobody out."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from desk.conftest import Sit, text
from gewu.core.places import Scope
from gewu.evaluation.api import By, Live, definitions, evaluate, month
from gewu.papers import model as m
from gewu.papers.bulletin import Wanted, bulletin
from gewu.papers.figures import months_of
from gewu.papers.files import Format, render
from gewu.papers.links import Links
from gewu.papers.setting import Setting
from gewu.papers.writers import fonts
from support.district import Walk, acting, directory, district_id

AT = datetime(2026, 12, 3, 2, tzinfo=UTC)
ZONE = "Asia/Shanghai"
NOVEMBER = month(ZONE, 2026, 11)
OCTOBER_US = 1_792_375_200_000_000  # 2026-10-19 10:00 in Chongqing


@pytest.fixture
def cases(db: object) -> list[Walk]:
    """November: two closed, one handled late and still open, one only filed; October: one closed."""
    late = Walk().dispatched()
    late.later(60 * 24 * 4).move(late.clerk(), "claim")
    return [Walk().closed(), Walk().closed(), late, Walk().filed(), Walk(at_us=OCTOBER_US).closed()]


def setting(language: str = "zh-hans", role: str = "assessor") -> Setting:
    return Setting(directory(), acting(role), language, AT, links=Links("https://gewu.example"))


def cells(paper: m.Paper) -> list[m.Cell]:
    return [cell for table in paper.tables for row in table.rows for cell in row]


def words(paper: m.Paper) -> str:
    said = [run.text for block in paper.blocks if isinstance(block, m.Paragraph) for run in block.runs]
    said += [block.text for block in paper.blocks if isinstance(block, m.Heading)]
    titles = [f"{table.caption} {[c.title for c in table.columns]} {table.groups}" for table in paper.tables]
    return "\n".join([*said, *titles, *(cell.text for cell in cells(paper))])


def test_every_integer_is_the_one_that_evaluation_gives(cases: list[Walk]) -> None:
    paper = bulletin(setting(), Wanted(2026, 11, annex=True))
    known = definitions(district_id())
    table = evaluate(Live(district_id()), known.of("area"), By.TOTAL, [NOVEMBER], as_of=NOVEMBER.end)
    total = paper.tables[0]
    assert len(total.rows) == len(known.of("area"))
    for indicator, row in zip(known.of("area"), total.rows, strict=True):
        cell = table.cell(indicator.code)
        if indicator.counts:
            assert (row[1].value, row[3].value) == (cell.numerator, cell.numerator)
        elif indicator.unit == "percent":
            assert (row[1].value, row[2].value) == (cell.numerator, cell.denominator)
    assert table.cell("reported").numerator == 4
    streets = evaluate(Live(district_id()), known.of("area"), By.STREET, [NOVEMBER], as_of=NOVEMBER.end)
    listed = [t for t in paper.tables if t.columns[0].title == "街道（镇）"]
    titles = [title for t in listed for title, span in t.groups if title]
    shown = [i for i in known.of("area") if i.title.zh in titles or f"{i.title.zh}（小时）" in titles]
    counted = 0
    for indicator in shown:
        for one in listed:
            place = 0
            for title, span in one.groups:
                if title in (indicator.title.zh, f"{indicator.title.zh}（小时）"):
                    for group, row in zip(streets.groups(), one.rows, strict=False):
                        numbers = [c.value for c in row[place : place + span]]
                        cell = streets.cell(indicator.code, group)
                        wanted = [cell.numerator] if indicator.counts else [cell.numerator, cell.denominator]
                        if indicator.unit == "mean":
                            wanted = [None, cell.denominator]
                        assert numbers[: len(wanted)] == wanted
                        counted += 1
                place += span
    assert counted > 25


def test_the_same_numbers_stand_in_all_three_forms(cases: list[Walk]) -> None:
    paper = bulletin(setting(), Wanted(2026, 11))
    sheet = load_workbook(io.BytesIO(render(paper, Format.XLSX).data))
    document = Document(io.BytesIO(render(paper, Format.DOCX).data))
    rows = paper.tables[0].rows
    for n, row in enumerate(rows):
        printed = [cell.text for cell in document.tables[0].rows[n + 1].cells]
        assert printed == [cell.text for cell in row]
        for k, cell in enumerate(row, 1):
            assert sheet.worksheets[0].cell(4 + n, k).value == (cell.text if cell.value is None else cell.value)
    if fonts.of_this_machine().chinese:
        reader = PdfReader(io.BytesIO(render(paper, Format.PDF).data))
        first = "".join("".join(page.extract_text().split()) for page in reader.pages[:3])
        for row in rows:
            assert "".join("".join(cell.text.split()) for cell in row) in first


def test_numbers_open_their_cases_at_the_desk(cases: list[Walk], sit: Sit) -> None:
    paper = bulletin(setting(), Wanted(2026, 11))
    filed = next(row for row in paper.tables[0].rows if row[0].text == "立案数")
    assert filed[1].link.startswith("https://gewu.example/desk/figures/records?indicator=filed&part=numerator&by=total")
    page = sit("assessor").get(filed[1].link.removeprefix("https://gewu.example"))
    assert page.status_code == 200
    shown = text(page)
    for walk in cases[:4]:
        assert walk.number in shown
    assert cases[4].number not in shown
    bare = bulletin(replace(setting(), links=Links()), Wanted(2026, 11))
    assert not [cell for cell in cells(bare) if cell.link]


def test_movement_compares_each_month_as_it_stood_at_its_own_end(cases: list[Walk]) -> None:
    paper = bulletin(setting(), Wanted(2026, 11))
    row = next(row for row in paper.tables[0].rows if row[0].text == "结案数")
    assert [cell.text for cell in row[3:6]] == ["2", "1", "+1"]
    assert "无去年同期数据" in paper.tables[0].note
    october = bulletin(setting(), Wanted(2026, 10))
    row = next(row for row in october.tables[0].rows if row[0].text == "结案数")
    assert [cell.text for cell in row[3:6]] == ["1", "0", "+1"]
    months = months_of(ZONE, 2026, 11, int(AT.timestamp()))
    assert [one.as_of == one.period.end for one in (months.this, months.before, months.year_ago)] == [True] * 3
    assert months.year_ago.period.code == "2025-11"
    assert months_of(ZONE, 2026, 12, int(AT.timestamp())).this.as_of == int(AT.timestamp())
    assert months_of(ZONE, 2026, 1, int(AT.timestamp())).before.period.code == "2025-12"


def test_the_internal_edition_ranks_departments_and_lists_late_cases(cases: list[Walk]) -> None:
    said = words(bulletin(setting(), Wanted(2026, 11)))
    for phrase in ("各部门情况", "'名次'", "等级", "超时案件", cases[2].number, "统计方法说明"):
        assert phrase in said


def test_the_edition_for_publication_singles_nobody_out(cases: list[Walk]) -> None:
    paper = bulletin(setting(), Wanted(2026, 11, publication=True, annex=True))
    said = words(paper)
    for phrase in ("部门情况", "'名次'", "等级", "超时案件", "得分", cases[2].number):
        assert phrase not in said
    assert not [cell for cell in cells(paper) if cell.link]
    hidden = [i.title.zh for i in definitions(district_id()).of("area") if not i.public]
    assert hidden
    assert not [title for title in hidden if title in {row[0].text for row in paper.tables[0].rows}]
    streets = next(t for t in paper.tables if t.columns[0].title == "街道（镇）")
    codes = {p.name_zh: p.code for p in directory().places.values() if p.kind == "street"}
    order = [codes[row[0].text] for row in streets.rows]
    assert order == sorted(order)
    assert "不排名次" in said


def test_the_method_says_how_each_indicator_was_counted(cases: list[Walk]) -> None:
    paper = bulletin(setting("en"), Wanted(2026, 11))
    known = definitions(district_id())
    method = paper.tables[-1]
    assert [c.title for c in method.columns][:3] == ["Indicator", "Numerator", "Denominator"]
    versions = {row[5].text for row in method.rows}
    assert {i.version for i in (*known.of("area"), *known.of("department"))} == versions
    assert known.version in paper.standing
    row = next(row for row in method.rows if row[0].text.startswith("Handled in time"))
    assert row[1].text == "Of these, those whose handling was completed in time."
    assert row[2].text == "Cases whose handling is completed or overdue."
    assert row[3].text == "the dispatch"
    reached = next(row for row in method.rows if row[0].text.startswith("Solved, say the reporters"))
    assert "\nNot counted, but shown apart: those whose" in reached[1].text
    said = words(paper)
    assert "1 November 2026 to 30 November 2026, as of 1 December 2026, 00:00" in str(paper.blocks)
    assert "Bulletin on urban management in November 2026" in paper.title
    assert not [char for char in said if "\u4e00" <= char <= "\u9fff"]


def test_a_bulletin_takes_a_bounded_number_of_statements(cases: list[Walk]) -> None:
    definitions(district_id())
    frame = setting()
    with CaptureQueriesContext(connection) as captured:
        bulletin(frame, Wanted(2026, 11, annex=True))
    assert len(captured.captured_queries) <= 15


def test_a_post_counts_its_own_territory_only(cases: list[Walk]) -> None:
    whole = bulletin(setting(), Wanted(2026, 11)).tables[0].rows[0]
    here = cases[0].place[:9]
    elsewhere = next(p.code for p in directory().places.values() if p.kind == "street" and p.code != here)
    for prefix, number in ((here, 4), (elsewhere, 0)):
        who = replace(acting("assessor"), scope=Scope((prefix,), frozenset()))
        assert bulletin(replace(setting(), acting=who), Wanted(2026, 11)).tables[0].rows[0][1].value == number
    assert whole[1].value == 4
    nobody = replace(acting("assessor"), scope=Scope((), frozenset()))
    with pytest.raises(PermissionError):
        bulletin(replace(setting(), acting=nobody), Wanted(2026, 11))


def test_the_desk_hands_bulletins_to_those_who_make_them(db: object, sit: Sit) -> None:
    address = "/desk/papers/bulletin"
    office = sit("comprehensive_office", language="zh-CN")
    made = office.get(address, month="2026-01", format="docx", number="万城管通报〔2026〕1号")
    assert made.status_code == 200
    assert "%E5%85%B3%E4%BA%8E2026%E5%B9%B41%E6%9C%88" in made["Content-Disposition"]
    assert "万城管通报〔2026〕1号" in "\n".join(p.text for p in Document(io.BytesIO(made.content)).paragraphs)
    assert sit("dispatcher").get(address, month="2026-01").status_code == 403
    for wrong, sentence in (("2099-01", "尚未开始"), ("soon", "月份无效"), ("0001-01", "月份无效")):
        answer = office.get(address, month=wrong)
        assert answer.status_code == 422
        assert sentence in text(answer)
