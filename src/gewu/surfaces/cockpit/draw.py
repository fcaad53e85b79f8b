"""Charts as SVG: bars, a line, a funnel. Zero-based, labelled where they stand, no legend.

Colours stand in attributes (those of the light tokens, for files) and in classes (``c-accent`` and so on), by which the
page's style sheet puts the tokens of its theme in their place. Lengths are pixels of a drawing that is ``WIDTH`` wide.
Marks are links to the records behind them; they are out of the order of the tab key, because a table beside the chart
has the same links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.translation import get_language

from gewu.surfaces.look.typography import sign

WIDTH = 460
FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
COLOURS = {
    "paper": "#f6f5f1", "surface": "#ffffff", "ink": "#1a1f1e", "ink-2": "#525c59", "line": "#dbdad3",
    "edge": "#7f8984", "accent": "#0f5e63", "late": "#ad2b17", "soon": "#875400", "ended": "#59625f",
}  # fmt: skip
HAN_WIDTH, LATIN_WIDTH = 1.0, 0.56
"""Widths of signs against the size of the type, roughly."""
ROW = 40
HALO = ' paint-order="stroke" stroke="#ffffff" stroke-width="3"'
DASHED = ' stroke-dasharray="4 3"'
PALE = ' fill-opacity=".14"'
LABEL, SMALL = 15, 13


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its label, its value in words and the address of the records. ``faint``: few cases, says little."""

    label: str
    value: float
    shown: str
    url: str = ""
    tone: str = "accent"
    faint: bool = False


def fill(colour: str, extra: str = "") -> str:
    """Attributes that fill with a token's colour."""
    return f'class="c-{colour}" fill="{COLOURS[colour]}"{extra}'


def stroke(colour: str, width: float, extra: str = "") -> str:
    """Attributes that draw a line in a token's colour."""
    return f'class="s-{colour}" fill="none" stroke="{COLOURS[colour]}" stroke-width="{width:g}"{extra}'


def text(
    x: float,
    y: float,
    said: str,
    colour: str = "ink",
    size: float = LABEL,
    anchor: str = "start",
    *,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """A line of text; with ``halo`` it stands off from what lies under it."""
    weight = ' font-weight="600"' if bold else ""
    kind = f'class="c-{colour} halo" fill="{COLOURS[colour]}"{HALO}' if halo else fill(colour)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {kind} font-size="{size:g}" font-family="{FONT}"'
        f' text-anchor="{anchor}"{weight}>{escape(said)}</text>'
    )


def rect(x: float, y: float, width: float, height: float, attributes: str, radius: float = 1) -> str:
    """A rectangle."""
    size = f'width="{max(width, 0):.1f}" height="{height:.1f}" rx="{radius:g}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} {attributes}/>'


def linked(url: str, title: str, drawn: str) -> str:
    """Marks that open records, with what they say on pointing at them."""
    said = f"<title>{escape(title)}</title>"
    return f'<a href="{escape(url)}" tabindex="-1">{said}{drawn}</a>' if url else f"<g>{said}{drawn}</g>"


def wide(said: str, size: float = LABEL) -> float:
    """About how wide a text is."""
    return sum(size * (HAN_WIDTH if ord(sign) > 0x2E7F else LATIN_WIDTH) for sign in said)


def cut(said: str, room: float, size: float = LABEL) -> str:
    """A text that fits, with an ellipsis where something is left out."""
    if wide(said, size) <= room:
        return said
    while said and wide(said + "…", size) > room:
        said = said[:-1]
    return said.rstrip() + "…"


def svg(height: float, drawn: str, width: float = WIDTH) -> str:
    """The drawing as an element of a page, hidden from screen readers: its numbers stand in a table, too."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" aria-hidden="true" focusable="false">{drawn}</svg>'
    )


def bars(rows: Sequence[Bar], *, most: float = 0, line: tuple[float, str] | None = None) -> str:
    """Bars from nought, one under the other, each with its label above it. ``line``: a value to compare with, named.

    Without ``most`` the longest bar is as long as there is room.
    """
    top = most or max((row.value for row in rows), default=0) or 1
    head = 20 if line else 0
    drawn = []
    for number, row in enumerate(rows):
        y = head + number * ROW
        shown = text(WIDTH, y + 14, row.shown, "ink-2" if row.faint else row.tone if row.tone == "late" else "ink",
                     anchor="end", bold=not row.faint)  # fmt: skip
        room = WIDTH - wide(row.shown) * 1.1 - 16
        length = WIDTH * row.value / top
        faint = ' fill-opacity=".4"' if row.faint else ""
        inner = (
            rect(0, y, WIDTH, ROW, 'fill="transparent"')
            + text(0, y + 15, cut(row.label, room))
            + shown
            + rect(0, y + 21, WIDTH, 9, fill("line", ' fill-opacity=".45"'))
            + rect(0, y + 21, max(length, 1.5 if row.value else 0), 9, fill(row.tone, faint))
        )
        drawn.append(linked(row.url, f"{row.label}{sign(':', get_language())}{row.shown}", inner))
    if line is not None:
        x = WIDTH * line[0] / top
        anchor = "end" if x > WIDTH / 2 else "start"
        beside = "".join(f"M{x:.1f} {head + number * ROW + 17}v17" for number in range(len(rows)))
        drawn.append(f'<path d="M{x:.1f} 14v4{beside}" {stroke("ink-2", 1.4)}/>')
        drawn.append(text(x, 11, line[1], "ink-2", SMALL, anchor))
    return svg(head + len(rows) * ROW or 1, "".join(drawn))


def funnel(rows: Sequence[Bar]) -> str:
    """Bars round a middle, in the order of the stages; joined, so that one sees where things stand still."""
    top = max((row.value for row in rows), default=0) or 1
    left, right = 150, 44
    middle, half = left + (WIDTH - left - right) / 2, (WIDTH - left - right) / 2
    drawn = []
    for number, row in enumerate(rows):
        y, width = number * 36, half * row.value / top
        if number + 1 < len(rows):
            after = half * rows[number + 1].value / top
            drawn.append(
                f'<path d="M{middle - width:.1f} {y + 28}L{middle + width:.1f} {y + 28}L{middle + after:.1f} {y + 40}'
                f'L{middle - after:.1f} {y + 40}Z" {fill("accent", PALE)}/>'
            )
        inner = (
            rect(0, y + 2, WIDTH, 28, 'fill="transparent"')
            + text(0, y + 21, cut(row.label, left - 12))
            + rect(middle - max(width, 0.75), y + 4, max(width * 2, 1.5), 24, fill(row.tone), 2)
            + text(WIDTH, y + 21, row.shown, "ink", 14, "end", bold=True)
        )
        drawn.append(linked(row.url, f"{row.label}{sign(':', get_language())}{row.shown}", inner))
    return svg(len(rows) * 36, "".join(drawn))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of days: its name, and for each day (value, what it says, address of the records)."""

    name: str
    points: Sequence[tuple[int, str, str]]
    colour: str
    dashed: bool = False


def lines(days: Sequence[str], drawn_lines: Sequence[Line]) -> str:
    """Lines over days, from nought; each is named at its end. ``days`` are the words below, empty ones are left out."""
    height, left, right, top, bottom = 232, 34, 126, 12, 26
    most = _round_up(max((value for line in drawn_lines for value, _t, _u in line.points), default=0))
    wide_, tall = WIDTH - left - right, height - top - bottom
    step = wide_ / max(len(days) - 1, 1)

    def at(number: int, value: float) -> tuple[float, float]:
        return left + number * step, top + tall * (1 - value / most)

    drawn = []
    for part in range(3):
        value = most * part // 2
        y = at(0, value)[1]
        drawn.append(f'<path d="M{left} {y:.1f}H{WIDTH - right}" {stroke("line" if part else "edge", 1)}/>')
        drawn.append(text(left - 6, y + 4, str(value), "ink-2", SMALL, "end"))
    for number, said in enumerate(days):
        if said:
            drawn.append(text(at(number, 0)[0], height - 6, said, "ink-2", SMALL, "middle"))
    names: list[tuple[float, str, str]] = []
    for line in drawn_lines:
        points = [at(number, value) for number, (value, _t, _u) in enumerate(line.points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        look = stroke(line.colour, 2, DASHED if line.dashed else "")
        drawn.append(f'<path d="M{path}" {look} stroke-linejoin="round"/>')
        for (x, y), (value, said, url) in zip(points, line.points, strict=True):
            if value:
                mark = (
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="transparent"/>'
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" {fill(line.colour)}/>'
                )
                drawn.append(linked(url, said, mark))
        if points:
            names.append((points[-1][1] + 4, line.name, line.colour))
    lowest = height - bottom + 4 - 17 * (len(names) - 1)
    free = 0.0
    for wanted, name, colour in sorted(names):
        y = max(min(wanted, lowest), free)  # names do not lie on one another, nor on the days
        free, lowest = y + 17, lowest + 17
        drawn.append(text(WIDTH - right + 10, y, cut(name, right - 10), colour, bold=True))
    return svg(height, "".join(drawn))


def _round_up(most: int) -> int:
    """An even number a little above, for the top of the scale."""
    size = 1
    while size * 10 <= most:
        size *= 10
    step = max(size // 2, 1) * 2 if most > 4 else 2
    return max(-(-most // step) * step, 2)
