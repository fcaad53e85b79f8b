"""PDF: page, fonts, links, tags; texts stay texts, and the typesetter reaches nothing."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import typst
from pypdf import PdfReader

from gewu.papers import model as m
from gewu.papers.errors import NoChineseFont, NotSet
from gewu.papers.writers import fonts, pdf, setter
from papers.conftest import EVIL, paper, table

pytestmark = pytest.mark.skipif(not fonts.of_this_machine().chinese, reason="no Chinese font: install fonts-noto-cjk")


def opened(made: m.Paper) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.write(made)))


def words(reader: PdfReader) -> str:
    """All text without white space, and without the marks at which long words may be broken."""
    return "".join("".join(page.extract_text().replace("\u200b", "").split()) for page in reader.pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_page_is_a4_and_says_which_it_is() -> None:
    reader = opened(paper())
    for page in reader.pages:
        assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
    count = len(reader.pages)
    assert count == 3
    for n, page in enumerate(reader.pages, 1):
        assert f"第{n}页共{count}页" in squeezed(page.extract_text())
    lying = opened(paper(landscape=True, look=m.Look.FORM)).pages[0].mediabox
    assert round(float(lying.width)) == 842


def test_chinese_and_numbers_can_be_read_out_again() -> None:
    said = words(opened(paper()))
    for text in (
        "关于2026年10月城市管理运行情况的通报",
        "万城管通报〔2026〕10号",
        "高笋塘街道2",
        "122",
        "82.5%",
        "1234",
    ):
        assert text in said


def test_fonts_are_embedded() -> None:
    reader = opened(paper())
    found = 0
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            keys = set(inner["/FontDescriptor"].get_object())
            assert keys & {"/FontFile", "/FontFile2", "/FontFile3"}
            found += 1
    assert found


def test_it_is_tagged_named_and_dated_by_the_paper() -> None:
    reader = opened(paper())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert reader.metadata is not None
    assert reader.metadata.title == "关于2026年10月城市管理运行情况的通报"
    assert reader.metadata.creation_date == datetime(2026, 11, 5, tzinfo=UTC)


def test_it_is_fit_for_archives_and_screen_readers_as_far_as_fonts_go() -> None:
    def said(made: m.Paper) -> bytes:
        root = opened(made).trailer["/Root"]
        return bytes(root["/Metadata"].get_object().get_data())

    for look in m.Look:
        metadata = said(paper(look=look))
        assert b"<pdfuaid:part>1" in metadata
        assert b"<pdfaid:part>2" in metadata
    odd = paper(m.paragraph("没有字形的字符\U000f0000"))
    assert b"pdfuaid" not in said(odd)
    assert "没有字形的字符" in words(opened(odd))


def test_numbers_are_links_to_what_they_count() -> None:
    reader = opened(paper())
    found = {
        str(note.get_object()["/A"]["/URI"])
        for page in reader.pages
        for note in page.get("/Annots", [])
        if note.get_object()["/Subtype"] == "/Link"
    }
    assert found == {"https://gewu.example/desk/all", *(f"https://gewu.example/desk/x?n={n}" for n in range(3))}


def test_texts_stay_texts(evil: m.Paper) -> None:
    reader = opened(evil)
    said = words(reader)
    assert reader.metadata is not None
    assert reader.metadata.title == EVIL[0]
    for text in EVIL:
        assert said.count(squeezed(text)) >= 4
    assert "root:" not in said


def test_equal_papers_give_equal_bytes() -> None:
    assert pdf.write(paper()) == pdf.write(paper())


def test_long_words_stay_within_the_page() -> None:
    column = (m.Column("甲", 1), m.Column("乙", 9))
    made = paper(m.Table("t", column, [(m.Cell("x" * 300), m.Cell("y"))]), look=m.Look.FORM)
    reader = opened(made)
    assert words(reader).count("x") == 300


def test_without_a_chinese_font_the_error_says_what_to_install() -> None:
    bare = fonts.find(system=False)
    assert not bare.chinese
    with pytest.raises(NoChineseFont, match="fonts-noto-cjk"):
        pdf.write(paper(), bare)
    english = paper(
        m.paragraph("Nothing but Latin letters."),
        language="en",
        title="Bulletin",
        office="Office",
        number="No. 1",
        date_line="5 November 2026",
        standing="",
    )
    assert "NothingbutLatinletters." in words(PdfReader(io.BytesIO(pdf.write(english, bare))))


@pytest.mark.parametrize(
    "reach",
    ['#read("/etc/passwd")', '#read("../setter.py")', '#read("../../files.py")', '#import "@preview/cetz:0.3.0"'],
)
def test_not_even_a_template_could_reach_other_files(reach: str) -> None:
    job = setter.Job({"main.typ": reach}, 0, tags=False)
    with pytest.raises(NotSet):
        setter.set_here(job, fonts.of_this_machine().fonts)
    assert [path.name for path in setter.ROOT.iterdir()] == ["paper.typ"]
    assert "#import" not in (setter.ROOT / "paper.typ").read_text()


def test_a_long_paper_is_set_by_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    run = subprocess.run

    def seen(command: list[str], **options: object) -> object:
        started.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", seen)
    reader = opened(paper(table(1500), look=m.Look.FORM))
    assert [command[-1] for command in started] == ["gewu.papers.writers.setter"]
    assert "高笋塘街道1499" in words(reader)
    assert len(reader.pages) > 30
    assert f"第{len(reader.pages)}页共{len(reader.pages)}页" in squeezed(reader.pages[-1].extract_text())
    assert "街道" in reader.pages[5].extract_text()[:40]  # the head of the table again


def test_what_the_typesetter_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = setter.Job({"main.typ": "#nothing"}, 0, tags=False)
    with pytest.raises(NotSet, match="unknown variable"):
        setter.set_here(broken, typst.Fonts(include_system_fonts=False))
    with pytest.raises(NotSet, match="unknown variable"):
        setter.set_apart(broken)


def test_photos_are_in_it() -> None:
    reader = opened(paper())
    assert sum(len(page.images) for page in reader.pages) == 3


def test_groups_stand_above_their_columns() -> None:
    grouped = replace(table(2), groups=(("", 1), ("案件", 2)), dense=True)
    said = words(opened(paper(grouped)))
    assert "案件" in said
    assert "立案结案率" in said
