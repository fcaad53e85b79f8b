"""Styles of a DOCX: the sizes of GB/T 9704 for letters and bulletins, smaller ones for forms."""

from __future__ import annotations

from dataclasses import dataclass

from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from gewu.papers import model as m
from gewu.papers.writers.common import office_points
from gewu.papers.writers.wordml import when

LATIN = "Times New Roman"
FANGSONG, HEI, TITLE = "FangSong", "SimHei", "FZXiaoBiaoSong-B05S"
GAP = "Gewu Gap"
_OTHER_NAMES = {
    FANGSONG: ("仿宋", "roman"),
    HEI: ("黑体", "swiss"),
    TITLE: ("方正小标宋简体", "roman"),
}


@dataclass(frozen=True, slots=True)
class _Style:
    """Sizes are half points, distances twentieths of a point; `line` 0 is the natural height of a line."""

    name: str
    size: int
    face: str = FANGSONG
    bold: bool = False
    align: str = "left"
    before: int = 0
    after: int = 0
    line: int = 0
    exact: bool = False
    indent: bool = False
    right: int = 0
    keep: bool = False
    rule: bool = False
    grey: bool = False


def _styles(look: m.Look, office: int) -> tuple[_Style, ...]:
    official = look.large
    around = {m.Look.OFFICIAL: (360, 360), m.Look.LETTER: (200, 240), m.Look.FORM: (60, 160)}[look]
    body, line = (32, 579) if official else (24, 320)
    small = 21 if official else 19
    return (
        _Style("Body Text", body, align="both", indent=True, after=0 if official else 80, line=line, exact=official),
        _Style("Gewu Plain", body, after=0 if official else 80, line=line, exact=official),
        _Style("Gewu Note", 24 if official else 18, after=80),
        _Style("Title", 44 if official else 36, TITLE, True, "center", *around),
        _Style("Heading 1", body if official else 26, HEI, False, "left", 160, 120, keep=True),
        _Style("Heading 2", body if official else 24, HEI, False, "left", 120, 80, keep=True),
        _Style("Gewu Office", office if official else 24, TITLE if official else FANGSONG, official, "center", 0, 160),
        _Style("Gewu Number", 28 if look is m.Look.LETTER else 22, before=0, after=100),
        _Style("Gewu Rule", 28, before=0, after=200, rule=True),
        _Style("Gewu Caption", small + 1, HEI, False, "left", 160, 60, keep=True),
        _Style("Gewu Cell", small),
        _Style("Gewu Cell Head", small, HEI),
        _Style("Gewu Dense", 17),
        _Style("Gewu Dense Head", 17, HEI),
        _Style("Gewu Figure", 18, align="center", after=40),
        _Style("Gewu Label", body - 2, HEI, before=160, keep=True),
        _Style("Gewu Tick", body - 2, before=40, after=40),
        _Style("Gewu Sign", small + 2, before=140),
        _Style("Gewu Seal Cell", small, align="right", before=160, grey=True),
        _Style("Gewu Closing", body, align="right", right=1200),
        _Style("Gewu Seal", small, align="right", right=1200, grey=True),
        _Style(GAP, 8, line=120, exact=True),
        _Style("Gewu Foot", 24 if official else 18, align="center"),
        _Style("Gewu Foot Note", 15, align="center", grey=True),
    )


def dress(document: Doc, paper: m.Paper) -> None:
    """Give a document the styles of its look; those of the template that are not ours stay as they are."""
    element = document.styles.element
    defaults = element.find(qn("w:docDefaults"))
    if defaults is not None:
        element.replace(defaults, _defaults(paper.chinese))
    normal = document.styles["Normal"].element
    _set(normal, _Style("Normal", 24), paper)
    for style in _styles(paper.look, 2 * office_points(paper)):
        known = style.name in document.styles
        found = document.styles[style.name] if known else document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
        _set(found.element, style, paper)


def _defaults(chinese: bool) -> object:
    language = "en-US" if chinese else "en-GB"  # of Latin letters; Chinese ones have `eastAsia`
    return parse_xml(
        f"<w:docDefaults {nsdecls('w')}><w:rPrDefault><w:rPr>"
        f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{FANGSONG}" w:cs="{LATIN}"/>'
        f'<w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="{language}" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
        '</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="0"/></w:pPr></w:pPrDefault></w:docDefaults>'
    )


def _set(element: object, style: _Style, paper: m.Paper) -> None:
    """Replace what a style says of paragraphs and runs."""
    from docx.oxml.xmlchemy import BaseOxmlElement

    assert isinstance(element, BaseOxmlElement)
    for tag in ("w:pPr", "w:rPr"):
        old = element.find(qn(tag))
        if old is not None:
            element.remove(old)
    level = {"Heading 1": 0, "Heading 2": 1}.get(style.name)
    line = f' w:line="{style.line}" w:lineRule="{"exact" if style.exact else "atLeast"}"' if style.line else ""
    indent = ' w:firstLineChars="200" w:firstLine="640"' if style.indent and paper.chinese else ""
    right = f' w:right="{style.right}"' if style.right else ""
    border = '<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="6" w:color="000000"/></w:pBdr>' if style.rule else ""
    # What is smaller than the grid of lines would otherwise be set as wide apart as the body.
    free = when(not style.exact or style.name == GAP, '<w:snapToGrid w:val="0"/>')
    properties = (
        f"{when(style.keep, '<w:keepNext/>')}{border}{free}"
        f'<w:spacing w:before="{style.before}" w:after="{style.after}"{line}/>'
        f"{when(indent or right, f'<w:ind{right}{indent}/>')}"
        f'<w:jc w:val="{style.align}"/>'
    ) + when(level is not None, f'<w:outlineLvl w:val="{level}"/>')
    colour = "595959" if style.grey else "000000"
    fonts = (
        f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{style.face}" w:cs="{LATIN}"/>'
        + (
            "<w:b/><w:bCs/>"
            if style.bold or (style.face == HEI and not paper.chinese)
            else '<w:b w:val="0"/><w:bCs w:val="0"/>'
        )
        + f'<w:color w:val="{colour}"/><w:sz w:val="{style.size}"/><w:szCs w:val="{style.size}"/>'
    )
    element.append(parse_xml(f"<w:pPr {nsdecls('w')}>{properties}</w:pPr>"))
    element.append(parse_xml(f"<w:rPr {nsdecls('w')}>{fonts}</w:rPr>"))


def font_table() -> bytes:
    """What to take where a typeface is missing: its other name, then any Chinese one of its kind."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="{family}"/>'
        '<w:pitch w:val="variable"/></w:font>'
        for name, (other, family) in _OTHER_NAMES.items()
    )
    latin = (
        f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{latin}{fonts}</w:fonts>'
    ).encode()
