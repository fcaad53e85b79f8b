"""Papers as PDF, set by Typst: A4, tagged, fonts embedded, equal bytes for equal papers.

The template and the paper are given to the typesetter as files in memory; see `setter` for what it can reach.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, time
from typing import Any

from gewu.papers import model as m
from gewu.papers.errors import NoChineseFont
from gewu.papers.words import _
from gewu.papers.writers import fonts, setter
from gewu.papers.writers.common import office_points, page_words

_TEMPLATES = setter.ROOT
_TAGGED_ROWS = 1000
"""Above so many rows tags are left out: they would make a list of 5,000 rows twenty times as large."""
_APART_ROWS = 400
"""Longer papers are set by a process of their own: 5,000 rows take it most of a gigabyte, which it gives back."""
_LONG = 600
"""Characters in one cell from which its row may be torn between pages."""
_UNBROKEN = re.compile(r"[!-~]{25,}")
_EVERY = 12


def write(paper: m.Paper, faces: fonts.Faces | None = None) -> bytes:
    """The paper as PDF. Raises `NoChineseFont`, and `NotSet` when a long one takes too long."""
    faces = faces or fonts.of_this_machine()
    photos: dict[str, str] = {}
    data = _data(paper, faces, photos)
    text = json.dumps(data, ensure_ascii=False)
    if not faces.chinese and m.HAN.search(text):
        raise NoChineseFont(
            _(
                "This paper has Chinese text, and no Chinese font was found on this machine. Install one (on Debian "
                "and Ubuntu: apt install fonts-noto-cjk), or name a folder of fonts in GEWU_FONTS, and try again."
            )
        )
    files = {"main.typ": (_TEMPLATES / "paper.typ").read_text("utf-8"), "paper.json": text, **photos}
    rows = sum(len(table.rows) for table in paper.tables)
    job = setter.Job(files, int(datetime.combine(paper.day, time(), UTC).timestamp()), tags=rows <= _TAGGED_ROWS)
    return setter.set_apart(job) if rows > _APART_ROWS else setter.set_here(job, faces.fonts)


def _data(paper: m.Paper, faces: fonts.Faces, photos: dict[str, str]) -> dict[str, Any]:
    return {
        "title": _soft(m.clean(paper.title)),
        "office": m.clean(paper.office),
        "office_size": office_points(paper),
        "number": m.clean(paper.number),
        "date_line": m.clean(paper.date_line),
        "standing": m.clean(paper.standing),
        "chinese": paper.chinese,
        "look": paper.look.value,
        "landscape": paper.landscape,
        "page_words": page_words(paper),
        "fonts": {
            "body": faces.named(faces.body),
            "head": faces.named(faces.head),
            "title": faces.named(faces.title),
        },
        "blocks": [_block(block, photos) for block in paper.blocks],
    }


def _block(block: m.Block, photos: dict[str, str]) -> dict[str, Any]:
    match block:
        case m.Heading():
            return {"type": "heading", "level": block.level, "text": m.clean(block.text)}
        case m.Paragraph():
            runs = [{"text": _soft(r.text), "bold": r.bold, "link": r.link} for r in block.runs]
            return {
                "type": "paragraph",
                "runs": runs,
                "indent": block.indent,
                "align": block.align.value,
                "small": block.small,
            }
        case m.Facts():
            rows = [[{"label": m.clean(f.label), "cell": _cell(f.cell)} for f in row] for row in block.rows()]
            return {"type": "facts", "rows": rows, "long": sum(len(f.cell.text) for f in block.facts) > 2 * _LONG}
        case m.Table():
            return {
                "type": "table",
                "caption": m.clean(block.caption),
                "note": m.clean(block.note),
                "groups": [[m.clean(title), span] for title, span in block.groups],
                "dense": block.dense,
                "columns": [{"title": c.title, "width": c.width, "align": c.align.value} for c in block.columns],
                "rows": [
                    {"cells": [_cell(c) for c in row], "long": any(len(c.text) > _LONG for c in row)}
                    for row in block.rows
                ],
            }
        case m.Figures():
            return {"type": "figures", "figures": [_figure(figure, photos) for figure in block.figures]}
        case m.Box():
            return {"type": "box", "label": m.clean(block.label), "text": _soft(block.text), "height": block.height}
        case m.Ticks():
            return {"type": "ticks", "label": m.clean(block.label), "options": [m.clean(o) for o in block.options]}
        case m.Signatures():
            blocks = [
                {
                    "title": m.clean(s.title),
                    "lines": [m.clean(each) for each in s.lines],
                    "seal": m.clean(s.seal),
                    "name": m.clean(s.name),
                }
                for s in block.blocks
            ]
            return {"type": "signatures", "blocks": blocks}
        case m.Closing():
            return {
                "type": "closing",
                "issuer": m.clean(block.issuer),
                "date": m.clean(block.date),
                "seal": m.clean(block.seal),
            }
        case m.PageBreak():
            return {"type": "break"}


def _cell(cell: m.Cell) -> dict[str, Any]:
    return {"text": _soft(cell.text), "bold": cell.bold, "link": cell.link}


def _figure(figure: m.Figure, photos: dict[str, str]) -> dict[str, str]:
    """The compiler takes texts only as files in memory, so a photo comes within a drawing that holds its bytes."""
    name = f"photo-{len(photos) + 1}.svg"
    bytes_text = base64.b64encode(figure.jpeg).decode()
    photos[name] = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{figure.width}" height="{figure.height}">'
        f'<image width="{figure.width}" height="{figure.height}" href="data:image/jpeg;base64,{bytes_text}"/></svg>'
    )
    return {"file": name, "caption": m.clean(figure.caption)}


def _soft(text: str) -> str:
    """Long runs of letters and digits may be broken: without this they would run out of their cell."""
    return _UNBROKEN.sub(lambda found: "\u200b".join(_pieces(found.group())), text)


def _pieces(text: str) -> list[str]:
    return [text[i : i + _EVERY] for i in range(0, len(text), _EVERY)]
