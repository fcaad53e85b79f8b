"""DOCX as Word and LibreOffice read it: page, styles, tables, fields, links; texts stay texts."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from gewu.papers import model as m
from gewu.papers.writers import docx as writer
from papers.conftest import EVIL, paper, table


def opened(made: m.Paper) -> Doc:
    return Document(io.BytesIO(writer.write(made)))


def texts(document: Doc) -> str:
    return "\n".join(node.text or "" for node in document.element.body.iter(qn("w:t")))


def said(paragraph: Paragraph) -> str:
    """With what its fields show, which `text` leaves out."""
    return "".join(node.text or "" for node in paragraph._p.iter(qn("w:t")))


def test_the_page_is_a4_with_the_margins_of_official_letters() -> None:
    section = opened(paper()).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins if margin] == [37, 35, 28, 26]
    lying = opened(paper(landscape=True, look=m.Look.FORM)).sections[0]
    assert (round(lying.page_width.mm), round(lying.page_height.mm)) == (297, 210)
    assert lying.orientation == WD_ORIENT.LANDSCAPE


def test_sizes_and_chinese_typefaces_are_those_of_the_standard() -> None:
    styles = opened(paper()).styles

    def face(name: str) -> Any:
        return styles[name].element.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia"))

    assert (styles["Title"].font.size, styles["Body Text"].font.size) == (Pt(22), Pt(16))
    assert (face("Body Text"), face("Heading 1"), face("Title")) == ("FangSong", "SimHei", "FZXiaoBiaoSong-B05S")
    assert "仿宋".encode() in zipfile.ZipFile(io.BytesIO(writer.write(paper()))).read("word/fontTable.xml")


def test_title_headings_and_words_are_where_a_reader_looks_for_them() -> None:
    document = opened(paper())
    named = {p.style.name: p.text for p in document.paragraphs if p.style is not None}
    assert named["Title"] == "关于2026年10月城市管理运行情况的通报"
    assert [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"] == [
        "一、总体情况"
    ]
    assert "万州区城市管理局" in named["Gewu Office"]
    assert document.core_properties.title == "关于2026年10月城市管理运行情况的通报"
    assert document.core_properties.author == "万州区城市管理局"
    assert document.core_properties.created is not None
    assert document.core_properties.created.date() == paper().day


def test_the_footer_counts_pages_with_fields() -> None:
    footer = opened(paper()).sections[0].footer
    fields = [node.get(qn("w:instr")).strip() for node in footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert said(footer.paragraphs[0]) == "第1页　共1页"
    assert footer.paragraphs[1].text == "数据截至2026年11月1日 00:00"
    english = opened(paper(language="en")).sections[0].footer
    assert said(english.paragraphs[0]) == "Page 1 of 1"


def test_tables_repeat_their_head_and_are_not_torn() -> None:
    found = opened(paper(table(40))).tables[0]
    rows = found._tbl.tr_lst
    assert [cell.text for cell in found.rows[0].cells] == ["街道", "立案", "结案率"]
    assert len(rows) == 41
    assert [row.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in rows[:3]] == [True, False, False]
    assert all(row.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None for row in rows)
    long = replace(table(1), rows=[(m.Cell("长" * 700), m.Cell(), m.Cell())])
    assert opened(paper(long)).tables[0]._tbl.tr_lst[1].find(qn("w:trPr")).find(qn("w:cantSplit")) is None


def test_groups_stand_above_their_columns() -> None:
    found = opened(paper(table(2, groups=(("", 1), ("案件", 2)), dense=True))).tables[0]
    assert [c.text for c in found.rows[0].cells] == ["街道", "案件", "案件"]
    assert [c.text for c in found.rows[1].cells] == ["街道", "立案", "结案率"]
    assert all(row._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in found.rows[:2])


def test_numbers_are_links_to_what_they_count() -> None:
    document = opened(paper())
    links = {h.text: h.address for p in document.paragraphs for h in p.hyperlinks}
    assert links == {"1234": "https://gewu.example/desk/all"}
    cell = document.tables[0].rows[1].cells[1].paragraphs[0]
    assert (cell.hyperlinks[0].text, cell.hyperlinks[0].address) == ("120", "https://gewu.example/desk/x?n=0")
    assert not cell.hyperlinks[0].address.startswith("http://evil")


def test_photos_stand_in_it_with_words_for_those_who_do_not_see() -> None:
    document = opened(paper())
    assert len(document.inline_shapes) == 3
    assert {node.get("descr") for node in document.element.body.iter(qn("wp:docPr"))} == {"处置前"}
    assert all(shape.width <= Mm(77) and shape.height <= Mm(61) for shape in document.inline_shapes)


def test_texts_stay_texts(evil: m.Paper) -> None:
    document = opened(evil)
    found = texts(document)
    for text in EVIL:
        assert text in found
    assert not list(document.element.body.iter(qn("w:instrText")))
    assert not list(document.element.body.iter(qn("w:fldSimple")))
    assert document.core_properties.title == EVIL[0]


def test_equal_papers_give_equal_bytes() -> None:
    first, second = writer.write(paper()), writer.write(paper())
    assert first == second
    assert {entry.date_time[:3] for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(2026, 11, 5)}


def test_five_thousand_rows_are_five_thousand_rows() -> None:
    document = opened(paper(table(5000), look=m.Look.FORM))
    assert len(document.tables[0]._tbl.tr_lst) == 5001
    assert len(document.part.rels) > 5000


@pytest.mark.parametrize("look", list(m.Look))
def test_no_two_tables_touch(look: m.Look) -> None:
    boxes = tuple(m.Box(str(n)) for n in range(3))
    children = [child.tag for child in opened(paper(*boxes, look=look)).element.body]
    assert all(pair != (qn("w:tbl"), qn("w:tbl")) for pair in pairwise(children))
    assert children[-2] == qn("w:p")
