"""A card as a picture or as a sheet.

The picture is the same drawing with its title, period and time of counting, set by the typesetter of our papers.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import typst
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from gewu.papers.writers import fonts
from gewu.surfaces.cockpit import draw
from gewu.surfaces.cockpit.asked import asked_of, cockpit_page
from gewu.surfaces.cockpit.board import Maker
from gewu.surfaces.cockpit.cards import Card, Cell
from gewu.surfaces.cockpit.counted import counted
from gewu.surfaces.cockpit.views import place_of
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.templatetags.look import when

SCALE = 3
"""Pixels of a picture for each pixel of the drawing."""
EDGE, HEAD = 20, 74
_SIZE = re.compile(r'viewBox="0 0 (\d+) ([\d.]+)"')
_HERE = str(Path(__file__).parent / "static")


@never_cache
@cockpit_page
@require_safe
def picture(request: HttpRequest, desk: Desk, chart: str) -> HttpResponse:
    """A chart as PNG, three times as large as the drawing, on paper of the light theme."""
    card, said = _card(request, desk, chart)
    if not card.svg:
        raise Http404(card.empty)
    response = HttpResponse(png(framed(card, said)), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="gewu-cockpit-{card.name}.png"'
    return response


@never_cache
@cockpit_page
@require_safe
def sheet(request: HttpRequest, desk: Desk, chart: str) -> HttpResponse:
    """The numbers of a chart as XLSX: what is shown, and beside a rate how many cases it rests on."""
    card, said = _card(request, desk, chart)
    response = HttpResponse(
        _xlsx(card, said), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="gewu-cockpit-{card.name}.xlsx"'
    return response


def _card(request: HttpRequest, desk: Desk, chart: str) -> tuple[Card, str]:
    asked, errors = asked_of(request, desk)
    if errors:
        raise Http404(" ".join(errors))
    numbers = counted(desk, asked)
    makers = Maker(desk, asked, numbers).cards()
    if chart not in makers:
        raise Http404(_("There is no such chart."))
    at = _("counted %(at)s") % {"at": when(numbers.at)}
    return makers[chart](), f"{place_of(desk, asked)} · {asked.period.code} · {at}"


def framed(card: Card, said: str) -> str:
    """The drawing with its title above and room round it."""
    found = _SIZE.search(card.svg)
    assert found is not None, "every drawing says its size"
    width, height = int(found[1]), float(found[2])
    room = draw.WIDTH + EDGE
    inner = card.svg.replace("<svg ", f'<svg x="{EDGE}" y="{HEAD}" ', 1)
    drawn = (
        draw.rect(0, 0, width + 2 * EDGE, height + HEAD + EDGE, draw.fill("surface"), 0)
        + draw.text(EDGE, 30, draw.cut(card.title, room, 17), size=17, bold=True)
        + draw.text(EDGE, 50, draw.cut(said, room, 11), "ink-2", 11)
        + inner
    )
    return draw.svg(height + HEAD + EDGE, drawn, width + 2 * EDGE)


def png(drawing: str) -> bytes:
    """A drawing as PNG. It may name no file: the typesetter is given this one only."""
    files: Any = {"main.typ": b'#set page(width: auto, height: auto, margin: 0pt)\n#image("chart.svg")',
                  "chart.svg": drawing.encode()}  # fmt: skip
    compiler = typst.Compiler(files, root=_HERE, font_paths=fonts.of_this_machine().fonts)
    made = compiler.compile(format="png", ppi=96 * SCALE)
    assert isinstance(made, bytes)
    return made


def _xlsx(card: Card, said: str) -> bytes:
    book = Workbook(write_only=True)
    page_ = book.create_sheet(card.name)
    page_.append([card.title])
    page_.append([said])
    page_.append([card.note])
    page_.append([])
    rated = any(cell.note for row in card.rows for cell in row)
    page_.append([card.head[0], *(part for title in card.head[1:] for part in ((title, "n") if rated else (title,)))])
    for row in card.rows:
        line: list[str | int | None] = [row[0].shown]
        for cell in row[1:]:
            line += [cell.shown, cell.n or 0] if rated else [_value(cell)]
        page_.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _value(cell: Cell) -> str | int:
    return cell.n if cell.n is not None and cell.shown == str(cell.n) else cell.shown
