"""Small pieces of WordprocessingML. All text goes through `escape`, so it can never become an element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement as Element
else:
    Element = object

__all__ = ["LONG", "Element", "cell", "field", "row", "run", "table", "twips", "when"]

LONG = 600
"""Characters in a row from which it may be torn between pages."""
HAN_FACE = "SimHei"
TOP, CENTRE = "top", "center"


def when(condition: object, xml: str) -> str:
    """The piece if the condition holds, else nothing."""
    return xml if condition else ""


def twips(millimetres: float) -> int:
    """Twentieths of a point."""
    return round(millimetres * 1440 / 25.4)


def run(text: str, hint: bool, *, bold: bool = False, link: bool = False) -> str:
    """A run; line feeds and tabs become breaks and tabs. `hint`: quotation marks and dashes are Chinese ones."""
    fonts = ' w:hint="eastAsia"' if hint else ""
    faces = f'<w:rFonts{fonts} w:eastAsia="{HAN_FACE}"/><w:b/>' if bold else f"<w:rFonts{fonts}/>" if hint else ""
    properties = faces + when(link, '<w:u w:val="dotted"/>')
    inner = []
    for i, line in enumerate(text.split("\n")):
        if i:
            inner.append("<w:br/>")
        for j, part in enumerate(line.split("\t")):
            if j:
                inner.append("<w:tab/>")
            if part:
                inner.append(f'<w:t xml:space="preserve">{escape(part)}</w:t>')
    return f"<w:r>{when(properties, f'<w:rPr>{properties}</w:rPr>')}{''.join(inner)}</w:r>"


def field(name: str) -> str:
    """A field that Word fills: `PAGE`, `NUMPAGES`."""
    return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def cell(paragraphs: str, width: int, *, span: int = 1, fill: str = "", top: bool = False, merge: str = "") -> str:
    """A cell of a table. `merge`: `restart` begins a cell of several rows, `continue` goes on with it."""
    span_text = when(span > 1, f'<w:gridSpan w:val="{span}"/>')
    rows = when(merge, f'<w:vMerge w:val="{merge}"/>')
    shade = when(fill, f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>')
    place = f'<w:vAlign w:val="{TOP if top else CENTRE}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span_text}{rows}{shade}{place}</w:tcPr>{paragraphs}</w:tc>'
    )


def row(cells: Sequence[str], *, head: bool = False, whole: bool = True, more: str = "") -> str:
    """A row. `head` is repeated on every page, `whole` is not torn between two."""
    keep = "<w:cantSplit/>" if whole else ""
    again = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr>{keep}{more}{again}</w:trPr>{''.join(cells)}</w:tr>"


def table(widths: Sequence[int], rows: Sequence[str], title: str, *, lines: bool = True, pad: int = 80) -> str:
    """A table of fixed widths, in twentieths of a point, `pad` left and right of words; screen readers say `title`."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV") if lines else ()
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    borders = when(edges, f"<w:tblBorders>{edges}</w:tblBorders>")
    caption = when(title, f"<w:tblCaption w:val={quoteattr(title)}/>")
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{borders}'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="{pad}" w:type="dxa"/>'
        f'<w:bottom w:w="40" w:type="dxa"/><w:right w:w="{pad}" w:type="dxa"/></w:tblCellMar>'
        f"{caption}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
