"""The official letter as an office sends it, and the form on which its reply comes back."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from desk.conftest import Sit
from gewu.core.records import Photo
from gewu.ledger.erasure import erase
from gewu.office import services
from gewu.office.queries import get_letter
from gewu.papers import model as m
from gewu.papers.letters import MOST_PHOTOS, official_letter
from gewu.papers.setting import Setting
from gewu.papers.writers import docx as docx_writer
from gewu.papers.writers import fonts, pdf
from gewu.surfaces.cli import main
from office.conftest import DAY, HOUR, Trail, body, scan, unit
from papers.conftest import EVIL
from papers.test_desk import name, said
from support.district import Walk, acting, directory, district_id, photo

WORDS = "经核实，报刊亭已闲置半年。\n\n请贵单位：\n一、于一周内移走；\n二、函告结果。"


def draft(trail: Trail, *photos: Photo, words: str = WORDS, **args: str) -> Trail:
    who = acting("dispatcher")
    filled = services.Filled({"unit": body(), **args}, {"subject": "关于移走报刊亭的函", "words": words}, photos)
    return trail.made(services.draft_letter(district_id(), who, filled, at_us=trail.at_us))


def send(trail: Trail) -> Trail:
    given = {"sent_on": "2026-11-19", "due_on": "2026-11-27", "variant": "exchange"}
    return trail.later(HOUR).move(acting("dispatcher"), "send", args=given)


def made(trail: Trail, language: str = "zh-hans", contact: str = "") -> m.Paper:
    setting = Setting(directory(), acting("dispatcher"), language, datetime(2026, 11, 20, 4, tzinfo=UTC))
    return official_letter(setting, get_letter(district_id(), acting("dispatcher"), trail.record_id), contact)


def lines(paper: m.Paper) -> list[str]:
    return ["".join(run.text for run in block.runs) for block in paper.blocks if isinstance(block, m.Paragraph)]


def facts(paper: m.Paper) -> dict[str, str]:
    return {fact.label: fact.cell.text for block in paper.blocks if isinstance(block, m.Facts) for fact in block.facts}


def box(paper: m.Paper) -> m.Box:
    return next(block for block in paper.blocks if isinstance(block, m.Box))


# ---- what stands in it


def test_a_letter_has_issuer_number_addressee_title_body_date_seal_and_contact(trail: Trail) -> None:
    paper = made(draft(trail))
    issuer = directory().units[directory().holders("comprehensive_office")[0].unit].name_zh
    assert (paper.office, paper.number, paper.title) == (issuer, trail.number, "关于移走报刊亭的函")
    said_lines = lines(paper)
    assert said_lines[:5] == [
        f"{directory().units[body()].name_zh}：",
        "经核实，报刊亭已闲置半年。",
        "请贵单位：",
        "一、于一周内移走；",
        "二、函告结果。",
    ]
    assert "附件：回执" in said_lines
    closing = next(block for block in paper.blocks if isinstance(block, m.Closing))
    assert (closing.issuer, closing.date, closing.seal) == (issuer, "2026年11月20日", "（盖章）")
    assert any(line.startswith("（联系人：派遣员") and "电话：＿" in line for line in said_lines)
    assert "（联系人：王某 023-58000000）" in lines(made(trail, contact="王某 023-58000000"))


def test_a_letter_that_was_sent_is_dated_that_day_and_the_form_asks_for_what_the_register_records(trail: Trail) -> None:
    case = Walk().intake()
    send(draft(trail, case=str(case.record_id)))
    paper = made(trail)
    assert paper.day == date(2026, 11, 19)
    told = facts(paper)
    assert told["来函编号"] == trail.number
    assert told["来函日期"] == "2026年11月19日"
    assert told["函复期限"] == "2026年11月27日"
    assert told["案件"] == case.number
    playbook = services.playbook_of(directory(), "letter")
    by_hand = playbook.moves["record_reply"].form
    assert [field.title["zh"] for field in by_hand] == ["回函日期", "回函编号", "回函内容"]
    for field in by_hand:
        assert (told.get(field.title["zh"]) == "") != (field.title["zh"] in box(paper).label and box(paper).text == "")
    signed = next(block for block in paper.blocks if isinstance(block, m.Signatures))
    assert [(one.title, one.seal) for one in signed.blocks] == [("回函单位经办人", "（盖章）"), ("回函登记", "")]


def test_a_reply_that_was_recorded_stands_in_the_form(trail: Trail) -> None:
    who = acting("dispatcher")
    send(draft(trail)).later(5 * DAY)
    given = {"own_day": "2026-11-24", "own_number": "邮函〔2026〕7号"}
    trail.move(who, "record_reply", args=given, texts={"reply": "已移走"}, photos=[scan(who)])
    paper = made(trail)
    assert (facts(paper)["回函日期"], facts(paper)["回函编号"]) == ("2026年11月24日", "邮函〔2026〕7号")
    assert box(paper).text == "已移走"
    assert "附件：回执" in lines(paper)  # the reply's scan is not enclosed in our letter


def test_the_words_are_those_of_the_last_draft(trail: Trail) -> None:
    draft(trail).later(HOUR)
    trail.move(acting("dispatcher"), "revise", texts={"subject": "关于报刊亭的函", "words": "请于三日内移走。"})
    paper = made(trail)
    assert paper.title == "关于报刊亭的函"
    assert "请于三日内移走。" in lines(paper)
    assert "经核实，报刊亭已闲置半年。" not in lines(paper)


def test_photos_of_the_draft_are_enclosed_and_documents_counted(trail: Trail) -> None:
    who = acting("dispatcher")
    draft(trail, photo(who), scan(who)).later(HOUR)
    trail.move(who, "revise", texts={"subject": "函", "words": "内容"}, photos=[photo(who)])
    send(trail).move(who, "add_note", texts={"note": "电话记录"}, photos=[photo(who)], version=None)
    paper = made(trail)
    at = lines(paper).index("附件：1.回执")
    assert [line.strip("\u3000") for line in lines(paper)[at : at + 3]] == [
        "附件：1.回执",
        "2.照片（2张）",
        "3.材料（1份，另附）",
    ]
    (figures,) = [block for block in paper.blocks if isinstance(block, m.Figures)]
    assert [figure.caption for figure in figures.figures] == ["现场", "现场"]
    assert "附件2" in lines(paper)
    english = lines(made(trail, "en"))
    assert english[english.index("Enclosed: 1. Reply form") + 1] == "2. Photos (2)"


def test_more_photos_than_a_letter_encloses_stay_in_the_register(trail: Trail) -> None:
    who = acting("dispatcher")
    draft(trail, *(photo(who) for _ in range(MOST_PHOTOS + 2)))
    (figures,) = [block for block in made(trail).blocks if isinstance(block, m.Figures)]
    assert len(figures.figures) == MOST_PHOTOS
    assert (
        lines(made(trail))[lines(made(trail)).index("附件：1.回执") + 1].strip("\u3000") == f"2.照片（{MOST_PHOTOS}张）"
    )
    assert not any("材料" in line for line in lines(made(trail)))


def test_a_void_letter_says_so_and_an_erased_one_keeps_no_word(trail: Trail) -> None:
    who = acting("dispatcher")
    draft(trail, photo(who)).later(HOUR).move(who, "void", texts={"reason": "写错了"})
    assert lines(made(trail))[0] == "（作废）"
    erase(district_id(), trail.record_id, acting("comprehensive_office"))
    paper = made(trail)
    assert paper.title == "公函"
    assert "本函文字已依申请删除，办理记录保留。" in lines(paper)
    assert "附件：回执" in lines(paper)
    assert "报刊亭" not in str(paper)


# ---- how it is set


def test_the_first_page_has_the_issuer_between_lines_and_no_number(trail: Trail) -> None:
    document = Document(io.BytesIO(docx_writer.write(made(draft(trail)))))
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert (round(section.header_distance.mm), round(section.footer_distance.mm)) == (30, 20)
    assert section.first_page_header.paragraphs[0].text == made(trail).office
    thick = {
        part: [int(p._p.pPr.find(qn("w:pBdr"))[0].get(qn("w:sz"))) for p in found.paragraphs[-2:]]
        for part, found in (("head", section.first_page_header), ("foot", section.first_page_footer))
    }
    assert thick["head"] == thick["foot"][::-1] == [18, 6]
    assert not list(section.first_page_footer._element.iter(qn("w:fldSimple")))
    assert [f.get(qn("w:instr")).strip() for f in section.footer._element.iter(qn("w:fldSimple"))] == [
        "PAGE",
        "NUMPAGES",
    ]
    number = next(p for p in document.paragraphs if p.text == trail.number)
    assert number.alignment == 2  # right


@pytest.mark.skipif(not fonts.of_this_machine().chinese, reason="no Chinese font: install fonts-noto-cjk")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_as_pdf_the_reply_form_is_the_second_page(trail: Trail, language: str) -> None:
    reader = PdfReader(io.BytesIO(pdf.write(made(draft(trail, photo(acting("dispatcher"))), language))))
    pages = ["".join(page.extract_text().replace("\u200b", "").split()) for page in reader.pages]
    form, page = ("回执", "第2页共3页") if language == "zh-hans" else ("Replyform", "Page2of3")
    assert len(pages) == 3
    assert trail.number.replace(" ", "") in pages[0]
    assert page.replace("2", "1", 1) not in pages[0]
    assert form in pages[1]
    assert page in pages[1]
    assert len(reader.pages[2].images) == 1


def test_texts_stay_texts(trail: Trail) -> None:
    paper = made(draft(trail, words="\n".join(EVIL)))
    told = "\n".join(
        node.text or "" for node in Document(io.BytesIO(docx_writer.write(paper))).element.body.iter(qn("w:t"))
    )
    for text in EVIL:
        assert text in told
    if fonts.of_this_machine().chinese:
        pages = PdfReader(io.BytesIO(pdf.write(paper))).pages
        read = "".join("".join(page.extract_text().replace("\u200b", "").split()) for page in pages)
        for text in EVIL:
            assert "".join(text.split()) in read
        assert "root:" not in read


def test_equal_letters_give_equal_bytes(trail: Trail) -> None:
    send(draft(trail, photo(acting("dispatcher"))))
    assert docx_writer.write(made(trail)) == docx_writer.write(made(trail))


# ---- where it is taken


def test_a_letter_is_taken_from_its_page_in_both_languages(trail: Trail, sit: Sit) -> None:
    draft(trail)
    seat = sit("dispatcher", language="zh-CN")
    page = seat.get(f"/desk/registers/entries/{trail.record_id}").content.decode()
    address = f"/desk/papers/letters/{trail.record_id}"
    for form in ("pdf", "docx"):
        assert f'href="{address}?format={form}"' in page
    response = seat.get(address, format="docx")
    assert name(response) == f"公函 {trail.number}.docx"
    assert "回函登记" in said(response)
    english = said(seat.get(address, format="docx", language="en"))
    assert "Entered in the register by" in english
    assert "关于移走报刊亭的函" in english
    assert seat.get(address, format="xlsx").status_code == 422
    assert "公函" in seat.get("/desk/papers").content.decode()


def test_a_letter_is_for_those_who_may_look_into_its_register(trail: Trail, sit: Sit) -> None:
    draft(trail)
    address = f"/desk/papers/letters/{trail.record_id}"
    for role in ("comprehensive_office", "assessor", "intake_officer", "shift_leader"):
        assert sit(role).get(address, format="docx").status_code == 200, role
    assert sit("unit_clerk", unit=unit()).get(address, format="docx").status_code == 404
    assert sit("collector").get(address, format="docx").status_code == 404
    order = Trail().order()
    assert sit("dispatcher").get(f"/desk/papers/letters/{order.record_id}", format="docx").status_code == 404


def test_the_command_line_makes_it(trail: Trail, tmp_path: Path) -> None:
    draft(trail, scan(acting("dispatcher")))

    def gewu(number: str, *more: str) -> tuple[int, str]:
        given = ["paper", "letter", number, "--district", "500101", "--format", "docx", "-o", str(tmp_path), *more]
        done = CliRunner().invoke(main, given)
        return done.exit_code, done.output + done.stderr

    assert gewu(trail.number, "--contact", "王某 023-58000000")[0] == 0
    document = Document(str(tmp_path / f"公函 {trail.number}.docx"))
    assert "（联系人：王某 023-58000000）" in [p.text for p in document.paragraphs]
    code, output = gewu("x")
    assert (code, "there is no letter x" in output) == (1, True)
