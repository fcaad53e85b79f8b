"""Papers as DOCX, for Word, WPS and LibreOffice: A4, Chinese typefaces by name, page numbers as fields.

The body is written as WordprocessingML and handed to python-docx, which keeps the parts, styles, images and
relationships of the file: its own tables look every cell up anew, which takes minutes for a list of 5,000 rows.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, time

from docx import Document
from docx.document import Document as Doc
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import _Footer, _Header
from docx.shared import Mm

from gewu.papers import model as m
from gewu.papers.writers import wordml as w
from gewu.papers.writers.common import page_words, settled
from gewu.papers.writers.docxstyles import dress, font_table

_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>Gewu</Application></Properties>"
)
_CENTRED = '<w:jc w:val="center"/>'
_SHADE = "F0F0F0"
_PHOTO_MM = 76
_PHOTO_HEIGHT_MM = 60
_THICK, _THIN = 18, 6
"""The two lines of a letter's double line, in eighths of a point."""
_BESIDE_LEFT, _BESIDE_RIGHT = 8, 6
"""So far the lines of a letter go beyond the text, mm."""


def write(paper: m.Paper) -> bytes:
    """The paper as DOCX. Equal papers give equal bytes."""
    document = Document()
    _forget_thumbnail(document)
    dress(document, paper)
    width = _page(document, paper)
    _footer(document, paper)
    if paper.look is m.Look.LETTER:
        _first_page(document, paper)
    body = _Body(document, paper, width)
    body.head()
    for block in paper.blocks:
        body.add(block)
    body.end()
    core = document.core_properties
    day = datetime.combine(paper.day, time(), UTC)
    core.title, core.author, core.subject = m.clean(paper.title), m.clean(paper.office), paper.kind
    core.last_modified_by, core.comments, core.keywords = core.author, m.clean(paper.standing), ""
    core.language = "zh-CN" if paper.chinese else "en-GB"
    core.created, core.modified, core.revision = day, day, 1
    out = io.BytesIO()
    document.save(out)
    return settled(out.getvalue(), paper.day, _finish)


def _finish(name: str, content: bytes) -> bytes:
    """Parts that python-docx takes over from its template as they are."""
    if name == "word/fontTable.xml":
        return font_table()
    if name == "word/settings.xml":  # as Word 2013 and later: the edges of tables stand in line with the text
        return content.replace(
            b'w:uri="http://schemas.microsoft.com/office/word" w:val="14"',
            b'w:uri="http://schemas.microsoft.com/office/word" w:val="15"',
            1,
        )
    return _APP if name == "docProps/app.xml" else content


def _forget_thumbnail(document: Doc) -> None:
    """The template brings a picture of itself."""
    rels = document.part.package.rels
    for key in [key for key, rel in rels.items() if rel.reltype.endswith("/thumbnail")]:
        del rels[key]


def _page(document: Doc, paper: m.Paper) -> int:
    """Set the page; returns the width of its text in twentieths of a point."""
    section = document.sections[0]
    long, short = Mm(297), Mm(210)
    section.page_width, section.page_height = (long, short) if paper.landscape else (short, long)
    if paper.look.large:
        top, bottom, left, right, foot = 37, 35, 28, 26, 21
    elif paper.landscape:
        top, bottom, left, right, foot = 18, 18, 15, 15, 8
    else:
        top, bottom, left, right, foot = 22, 20, 22, 18, 9
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.header_distance, section.footer_distance = Mm(15 if top > 20 else 8), Mm(foot)
    properties = section._sectPr  # noqa: SLF001 - orientation and grid have no public setter that fits
    size = properties.find(qn("w:pgSz"))
    if size is not None and paper.landscape:
        size.set(qn("w:orient"), "landscape")
    if paper.look.large:
        grid = properties.find(qn("w:docGrid"))
        if grid is not None:
            grid.set(qn("w:type"), "lines")
            grid.set(qn("w:linePitch"), "579")  # 22 lines on a page
    return w.twips((297 if paper.landscape else 210) - left - right)


def _footer(document: Doc, paper: m.Paper) -> None:
    before, between, after = page_words(paper)
    element = _emptied(document.sections[0].footer)
    hint = paper.chinese
    fields = f"{w.run(before, hint)}{w.field('PAGE')}{w.run(between, hint)}{w.field('NUMPAGES')}{w.run(after, hint)}"
    element.append(_parsed(f'<w:p><w:pPr><w:pStyle w:val="GewuFoot"/></w:pPr>{fields}</w:p>'))
    if paper.standing:
        note = w.run(m.clean(paper.standing), hint)
        element.append(_parsed(f'<w:p><w:pPr><w:pStyle w:val="GewuFootNote"/></w:pPr>{note}</w:p>'))


def _first_page(document: Doc, paper: m.Paper) -> None:
    """What a letter's first page has instead of a number: the issuer 30 mm from its edge above a double line, and the
    same line turned round 20 mm above its foot."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header_distance, section.footer_distance = Mm(30), Mm(20)
    head, foot = _emptied(section.first_page_header), _emptied(section.first_page_footer)
    issuer = w.run(m.clean(paper.office), paper.chinese)
    head.append(_parsed(f'<w:p><w:pPr><w:pStyle w:val="GewuOffice"/></w:pPr>{issuer}</w:p>'))
    for part, lines in ((head, (_THICK, _THIN)), (foot, (_THIN, _THICK))):
        for thick in lines:
            part.append(_parsed(_rule(thick)))


def _emptied(part: _Header | _Footer) -> w.Element:
    """A head or foot of this section's own, without anything in it."""
    part.is_linked_to_previous = False
    element: w.Element = part._element  # noqa: SLF001 - fields have no public way
    for old in list(element):
        element.remove(old)
    return element


def _rule(thick: int) -> str:
    """A line of 170 mm across the page, wider than the text, in eighths of a point."""
    border = f'<w:pBdr><w:bottom w:val="single" w:sz="{thick}" w:space="0" w:color="000000"/></w:pBdr>'
    sides = f'<w:ind w:left="-{w.twips(_BESIDE_LEFT)}" w:right="-{w.twips(_BESIDE_RIGHT)}"/>'
    space = '<w:spacing w:line="50" w:lineRule="exact"/>'
    return f'<w:p><w:pPr><w:pStyle w:val="GewuGap"/>{border}{space}{sides}</w:pPr></w:p>'


def _parsed(xml: str) -> w.Element:
    """One element from its text."""
    end = xml.index(">") - (1 if xml[xml.index(">") - 1] == "/" else 0)
    return parse_xml(f"{xml[:end]} {nsdecls('w', 'r')}{xml[end:]}")


class _Body:
    """Writes blocks one after the other before the section's properties."""

    def __init__(self, document: Doc, paper: m.Paper, width: int) -> None:
        self.document, self.paper, self.width, self.hint = document, paper, width, paper.chinese
        self.body = document.element.body
        self.last = self.body.find(qn("w:sectPr"))
        self.links = 0
        self.after_table = False

    # ---- head

    def head(self) -> None:
        """Issuer, number and date, title."""
        paper = self.paper
        official = paper.look is m.Look.OFFICIAL
        if paper.look is m.Look.LETTER:
            self._letter_head()
            return
        line = "" if not (paper.number or paper.date_line) else self._number_line(rule=official)
        title = self._paragraph("Title", self._run(m.clean(paper.title)))
        if paper.office:
            self._put(self._paragraph("GewuOffice", self._run(m.clean(paper.office))))
        for one in (line, title) if official else (title, line):
            if one:
                self._put(one)

    def _letter_head(self) -> None:
        """The number on the right, then the title; the issuer stands in the head of the first page."""
        paper = self.paper
        if paper.number:
            self._put(self._paragraph("GewuNumber", self._run(m.clean(paper.number)), '<w:jc w:val="right"/>'))
        self._put(self._paragraph("Title", self._run(m.clean(paper.title))))

    def _number_line(self, *, rule: bool) -> str:
        tab = f'<w:tabs><w:tab w:val="right" w:pos="{self.width}"/></w:tabs>'
        words = self._run(f"{m.clean(self.paper.number)}\t{m.clean(self.paper.date_line)}")
        return self._paragraph("GewuRule" if rule else "GewuNumber", words, tab)

    # ---- blocks

    def add(self, block: m.Block) -> None:
        """Write one block."""
        match block:
            case m.Heading():
                self._put(self._paragraph(f"Heading{block.level}", self._run(m.clean(block.text))))
            case m.Paragraph():
                self._running(block)
            case m.Facts():
                self._facts(block)
            case m.Table():
                self._table(block)
            case m.Figures():
                self._figures(block)
            case m.Box():
                self._box(block)
            case m.Ticks():
                self._put(self._paragraph("GewuLabel", self._run(m.clean(block.label))))
                for option in block.options:
                    self._put(self._paragraph("GewuTick", self._run(f"□ {m.clean(option)}")))
            case m.Signatures():
                self._signatures(block)
            case m.Closing():
                self._put(self._paragraph("GewuClosing", self._run(m.clean(block.issuer)), "<w:keepNext/>", 600))
                self._put(self._paragraph("GewuClosing", self._run(m.clean(block.date)), "<w:keepNext/>"))
                if block.seal:
                    self._put(self._paragraph("GewuSeal", self._run(m.clean(block.seal))))
            case m.PageBreak():
                self._put('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')

    def end(self) -> None:
        """A body does not end with a table: Word wants a paragraph after it, a small one."""
        if self.after_table:
            self._put('<w:p><w:pPr><w:pStyle w:val="GewuGap"/></w:pPr></w:p>')

    def _running(self, block: m.Paragraph) -> None:
        style = "GewuNote" if block.small else "BodyText" if block.indent and self.hint else "GewuPlain"
        more = f'<w:jc w:val="{block.align.value}"/>' if block.align is not m.Align.LEFT else ""
        runs = "".join(self._linked(self._run(r.text, bold=r.bold, link=bool(r.link)), r.link) for r in block.runs)
        self._put(self._paragraph(style, runs, more))

    def _facts(self, block: m.Facts) -> None:
        label = min(w.twips(24), self.width // 6)
        value = self.width // 2 - label
        widths = [label, value, label, self.width - 2 * label - value]
        rows = []
        for row in block.rows():
            cells = []
            for i, fact in enumerate(row):
                span = 3 if len(row) == 1 else 1
                cells.append(
                    w.cell(self._paragraph("GewuCellHead", self._run(m.clean(fact.label))), label, fill="F5F5F5")
                )
                wide = sum(widths[1:]) if span == 3 else widths[2 * i + 1]
                cells.append(w.cell(self._cell_paragraph(fact.cell, m.Align.LEFT), wide, span=span))
            rows.append(w.row(cells, whole=sum(len(f.cell.text) for f in row) <= w.LONG))
        self.after_table = True  # a little room above, also after running text
        self._put_table(w.table(widths, rows, self.paper.title))

    def _table(self, block: m.Table) -> None:
        if block.caption:
            self._put(self._paragraph("GewuCaption", self._run(m.clean(block.caption))))
        whole = sum(c.width for c in block.columns)
        widths = [round(self.width * c.width / whole) for c in block.columns]
        rows = self._heads(block, widths)
        aligns = [c.align for c in block.columns]
        for cells in block.rows:
            made = [
                w.cell(self._cell_paragraph(cell, align, dense=block.dense), width)
                for cell, align, width in zip(cells, aligns, widths, strict=True)
            ]
            rows.append(w.row(made, whole=all(len(c.text) <= w.LONG for c in cells)))
        self._put_table(w.table(widths, rows, block.caption or block.name, pad=30 if block.dense else 80))
        if block.note:
            self._put(self._paragraph("GewuNote", self._run(m.clean(block.note))))

    def _heads(self, block: m.Table, widths: list[int]) -> list[str]:
        """The rows that are repeated on every page: titles, and groups above them."""

        def titled(words: str) -> str:
            return self._paragraph("GewuDenseHead" if block.dense else "GewuCellHead", self._run(words), _CENTRED)

        if not block.groups:
            cells = [
                w.cell(titled(c.title), width, fill=_SHADE) for c, width in zip(block.columns, widths, strict=True)
            ]
            return [w.row(cells, head=True)]
        above, below, at = [], [], 0
        for words, span in block.groups:
            width, own = sum(widths[at : at + span]), block.columns[at : at + span]
            if words:
                above.append(w.cell(titled(m.clean(words)), width, span=span, fill=_SHADE))
                pairs = zip(own, widths[at : at + span], strict=True)
                below += [w.cell(titled(c.title), each, fill=_SHADE) for c, each in pairs]
            else:
                above.append(w.cell(titled(own[0].title), width, fill=_SHADE, merge="restart"))
                below.append(w.cell("<w:p/>", width, fill=_SHADE, merge="continue"))
            at += span
        return [w.row(above, head=True), w.row(below, head=True)]

    def _figures(self, block: m.Figures) -> None:
        half = self.width // 2
        for i in range(0, len(block.figures), 2):
            pair = block.figures[i : i + 2]
            empty = '<w:p><w:pPr><w:pStyle w:val="GewuFigure"/></w:pPr></w:p>'
            cells = [w.cell(empty + self._paragraph("GewuFigure", self._run(m.clean(f.caption))), half) for f in pair]
            cells += [w.cell(empty, half)] * (2 - len(cells))
            table = self._put_table(w.table([half, half], [w.row(cells)], "", lines=False))
            for cell, figure in zip(table.iter(qn("w:tc")), pair, strict=False):
                first = cell.find(qn("w:p"))
                assert first is not None
                first.append(self._drawing(figure))

    def _drawing(self, figure: m.Figure) -> w.Element:
        scale = min(_PHOTO_MM / figure.width, _PHOTO_HEIGHT_MM / figure.height)
        inline = self.document.part.new_pic_inline(
            io.BytesIO(figure.jpeg), Mm(figure.width * scale), Mm(figure.height * scale)
        )
        properties = inline.find(qn("wp:docPr"))
        if properties is not None:
            properties.set("descr", m.clean(figure.caption))
        run = _parsed("<w:r><w:drawing/></w:r>")
        run[0].append(inline)
        return run

    def _box(self, block: m.Box) -> None:
        words = self._paragraph("GewuCellHead", self._run(m.clean(block.label)))
        if block.text:
            words += self._paragraph("GewuCell", self._run(block.text))
        height = f'<w:trHeight w:val="{w.twips(block.height)}" w:hRule="atLeast"/>'
        row = w.row([w.cell(words, self.width, top=True)], more=height, whole=len(block.text) <= w.LONG)
        self._put_table(w.table([self.width], [row], block.label))

    def _signatures(self, block: m.Signatures) -> None:
        each = self.width // len(block.blocks)
        cells = []
        for one in block.blocks:
            lines = self._paragraph("GewuCellHead", self._run(m.clean(one.title)))
            if one.name:
                lines += self._paragraph("GewuSign", self._run(m.clean(one.name)))
            lines += "".join(self._paragraph("GewuSign", self._run(m.clean(line))) for line in one.lines)
            if one.seal:
                lines += self._paragraph("GewuSealCell", self._run(m.clean(one.seal)))
            cells.append(w.cell(lines, each, top=True))
        self._put_table(w.table([each] * len(cells), [w.row(cells)], ""))

    # ---- parts

    def _put(self, xml: str) -> w.Element:
        element = _parsed(xml)
        self.last.addprevious(element)
        self.after_table = False
        return element

    def _put_table(self, xml: str) -> w.Element:
        """Two tables that touch become one in Word, so a small gap is set between them."""
        if self.after_table:
            self._put('<w:p><w:pPr><w:pStyle w:val="GewuGap"/></w:pPr></w:p>')
        element = self._put(xml)
        self.after_table = True
        return element

    def _paragraph(self, style: str, runs: str, more: str = "", before: int = 0) -> str:
        space = f'<w:spacing w:before="{before}"/>' if before else ""
        # The order of these is the schema's: keepNext, tabs, spacing, jc.
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}{space}</w:pPr>{runs}</w:p>'

    def _run(self, text: str, *, bold: bool = False, link: bool = False) -> str:
        return w.run(text, self.hint, bold=bold, link=link)

    def _cell_paragraph(self, cell: m.Cell, align: m.Align, *, dense: bool = False) -> str:
        more = f'<w:jc w:val="{align.value}"/>' if align is not m.Align.LEFT else ""
        run = self._run(cell.text, bold=cell.bold, link=bool(cell.link))
        return self._paragraph("GewuDense" if dense else "GewuCell", self._linked(run, cell.link), more)

    def _linked(self, run: str, link: str) -> str:
        if not link:
            return run
        self.links += 1
        key = f"rIdGewu{self.links}"
        # Given an id, python-docx need not look through all links before for one of the same address.
        self.document.part.rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, link, key, is_external=True)
        return f'<w:hyperlink r:id="{key}" w:history="1">{run}</w:hyperlink>'
