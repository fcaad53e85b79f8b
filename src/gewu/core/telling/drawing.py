"""A playbook as SVG: the same bytes for the same playbook, readable in light and dark and by a screen reader."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from gewu.core.playbook import model as m
from gewu.core.telling.picture import Box, Label, Line, lay_out
from gewu.core.telling.speech import Names, Speaker, nameless
from gewu.core.telling.ways import reading_order, ways

_FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif"
_STYLE = (
    "svg{color:var(--ink,#1a1f1e);background:var(--surface,#fff)}"
    "@media (prefers-color-scheme:dark){svg{color:var(--ink,#e6eae8);background:var(--surface,#1a1f1e)}}"
    "@media print{svg{color:#000;background:#fff}}"
)


def draw(
    playbook: m.Playbook,
    language: str,
    names: Names = nameless,
    *,
    counts: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    inline: bool = False,
) -> str:
    """The drawing of a playbook as an SVG document.

    ``counts`` is what to write into a stage's box about the records there now, ``links`` where a box leads. ``inline``
    leaves the style out: within a page all is drawn in the page's own ink.
    """
    speaker = Speaker(playbook, language, names)
    picture = lay_out(speaker, counts)
    head = f"playbook-{playbook.name}-{playbook.version}"
    size = f'viewBox="0 0 {_n(picture.w)} {_n(picture.h)}" width="{_n(picture.w)}" height="{_n(picture.h)}"'
    # What leads somewhere cannot stand in an image: to a reader of the screen an image is one thing.
    role, lang = "group" if links else "img", "zh-CN" if speaker.chinese else "en"
    spoken = f'role="{role}" lang="{lang}" aria-labelledby="{head}-t {head}-d"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {spoken} font-family="{_FONT}" fill="none">',
        f'<title id="{head}-t">{escape(_title(speaker))}</title>',
        f'<desc id="{head}-d">{escape(description(speaker))}</desc>',
    ]
    if not inline:
        parts.append(f"<style>{_STYLE}</style>")
    parts += [_line(line) for line in picture.lines]
    parts += [f'<circle cx="{_n(x)}" cy="{_n(y)}" r="2.6" fill="currentColor"/>' for x, y in picture.joints]
    parts += [_box(box, (links or {}).get(box.stage, "")) for box in picture.boxes]
    parts += [_dial(x, y) for x, y in picture.clocks]
    parts += [_label(label) for label in picture.labels]
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _title(speaker: Speaker) -> str:
    book = speaker.playbook
    return speaker.say("{t}, version {n}", "{t}（第 {n} 版）", t=book.title[speaker.language], n=book.version)


def description(speaker: Speaker) -> str:
    """The drawing in words: from each stage, which moves lead where."""
    found: dict[str, dict[str, list[str]]] = {}
    for way in ways(speaker.playbook):
        title = way.move.title[speaker.language]
        there = found.setdefault(way.source, {}).setdefault(way.target, [])
        if title not in there:
            there.append(title)
    said = []
    for source in (m.NEW, *reading_order(speaker.playbook)):
        if source not in found:
            continue
        start = speaker.say("Beginning", "开始") if source == m.NEW else speaker.stage(source)
        to = ("；" if speaker.chinese else "; ").join(
            speaker.say(
                "to {stage} by {moves}", "经{moves}至{stage}",
                stage=speaker.stage(target), moves=speaker.one_of(moves),
            )
            for target, moves in found[source].items()
        )  # fmt: skip
        said.append(speaker.say("{start}: {to}.", "{start}：{to}。", start=start, to=to))
    return speaker.sentences(said)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _line(line: Line) -> str:
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line.points)
    dash = ' stroke-dasharray="6 4"' if line.back else ""
    drawn = f'<path d="{path}" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round"{dash}/>'
    return drawn + (_head(line) if line.head else "")


def _head(line: Line) -> str:
    (x0, y0), (x, y) = line.points[-2:]
    dx, dy = (1 if x > x0 else -1 if x < x0 else 0), (1 if y > y0 else -1 if y < y0 else 0)
    ax, ay = x - 9 * dx, y - 9 * dy
    corners = ((x, y), (ax + 4.5 * dy, ay + 4.5 * dx), (ax - 4.5 * dy, ay - 4.5 * dx))
    points = " ".join(f"{_n(a)},{_n(b)}" for a, b in corners)
    if line.back:
        tip, one, other = points.split()
        return f'<polyline points="{one} {tip} {other}" stroke="currentColor" stroke-width="1.5"/>'
    return f'<polygon points="{points}" fill="currentColor"/>'


def _box(box: Box, link: str) -> str:
    if not box.stage:
        x, y = box.x + box.w / 2, box.y + box.h / 2
        return (
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="8" fill="currentColor"><title>{escape(box.title)}</title></circle>'
        )
    shape = _frame(box.x, box.y, box.w, box.h, 4)
    if box.end:
        shape += _frame(box.x + 3, box.y + 3, box.w - 6, box.h - 6, 2)
    if link:
        shape = f'<a href="{escape(link)}" aria-label="{escape(box.title)}">{shape}</a>'
    return f'<g data-stage="{escape(box.stage)}"><title>{escape(box.title)}</title>{shape}</g>'


def _frame(x: float, y: float, w: float, h: float, radius: int) -> str:
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="{radius}" stroke="currentColor"'
        ' stroke-width="1.5" pointer-events="all"/>'
    )


def _dial(x: float, y: float) -> str:
    ring = f"M{_n(x - 5)} {_n(y)}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0"
    hands = f"M{_n(x)} {_n(y - 3)}V{_n(y)}L{_n(x + 2.5)} {_n(y)}"
    return f'<path d="{ring}{hands}" stroke="currentColor" stroke-width="1"/>'


def _label(label: Label) -> str:
    weight = ' font-weight="600"' if label.kind in ("title", "head", "count") else ""
    x, anchor = (label.x + label.w, ' text-anchor="end"') if label.right else (label.x, "")
    return (
        f'<text x="{_n(x)}" y="{_n(label.y)}" font-size="{_n(label.size)}"{weight}{anchor} fill="currentColor"'
        f' pointer-events="none">{escape(label.text)}</text>'
    )
