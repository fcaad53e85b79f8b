"""Papers made of plain values, and the people at the desk who take them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from PIL import Image

from desk.conftest import sit
from gewu.papers import model as m
from office.conftest import trail

__all__ = ["sit", "trail"]

EVIL = (
    '#read("/etc/passwd")',
    "*bold* _soft_ `raw`",
    "$x^2$ \\ \\n",
    "<w:p>&amp;</w:p>",
    '=HYPERLINK("http://evil.example")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "{{ title }} {% now %}",
)
"""Texts that are markup, a formula or a template to somebody."""


def photo(shade: int = 60, width: int = 120, height: int = 80) -> m.Figure:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, shade)).save(out, "JPEG")
    return m.Figure(out.getvalue(), width, height, "处置前")


def table(rows: int = 3, **more: Any) -> m.Table:
    columns = (m.Column("街道", 3), m.Column("立案", 1, m.Align.RIGHT), m.Column("结案率", 1, m.Align.RIGHT))
    lines = [
        (m.Cell(f"高笋塘街道 {n}"), m.whole(120 + n, f"https://gewu.example/desk/x?n={n}"), m.share(99, 120))
        for n in range(rows)
    ]
    return m.Table("街道", columns, lines, caption="表 1　街道运行情况", **more)


def paper(*blocks: m.Block, **more: Any) -> m.Paper:
    given: dict[str, Any] = {
        "kind": "sample",
        "language": "zh-hans",
        "title": "关于2026年10月城市管理运行情况的通报",
        "stem": "通报 2026-10",
        "day": date(2026, 11, 5),
        "office": "万州区城市管理局",
        "number": "万城管通报〔2026〕10号",
        "date_line": "2026年11月5日",
        "standing": "数据截至2026年11月1日 00:00",
        "look": m.Look.OFFICIAL,
        "blocks": blocks or full(),
    }
    return m.Paper(**{**given, **more})


def full() -> tuple[m.Block, ...]:
    """One of every kind of block."""
    return (
        m.paragraph("各街道办事处：", indent=False),
        m.Paragraph((m.Run("全区立案 "), m.Run("1234", link="https://gewu.example/desk/all"), m.Run(" 件。"))),
        m.Heading("一、总体情况"),
        m.Heading("（一）街道", 2),
        table(),
        m.Facts(
            (m.Fact("编号", m.Cell("A-1")), m.Fact("类别", m.Cell("道路不洁")), m.Fact("地点", m.Cell("桥下"), True))
        ),
        m.Figures((photo(60), photo(120), photo(180))),
        m.Box("处理意见", "第一行\n第二行"),
        m.Ticks("送达方式", ("当面签收", "拒绝签收")),
        m.Signatures((m.Signature("交班人", ("签名：",), "（盖章）"), m.Signature("接班人", ("签名：",)))),
        m.Closing("万州区城市管理局", "2026年11月5日", "（盖章）"),
        m.PageBreak(),
        m.paragraph("统计方法说明", small=True),
    )


@pytest.fixture
def evil() -> m.Paper:
    """A paper of nothing but texts that must stay texts."""
    cells = [
        (m.Cell(text), m.Cell(text, bold=True), m.Cell(text, link="https://gewu.example/?a=1&b=2")) for text in EVIL
    ]
    columns = (m.Column("甲", 1), m.Column("乙", 1), m.Column("丙", 1))
    blocks = (
        *(m.paragraph(text) for text in EVIL),
        m.Table("=1+1", columns, cells, caption=EVIL[0], note=EVIL[1]),
        m.Box(EVIL[1], EVIL[0]),
        m.Facts(tuple(m.Fact(text, m.Cell(text), wide=True) for text in EVIL)),
    )
    return paper(*blocks, title=EVIL[0], office=EVIL[1], number=EVIL[2], standing=EVIL[3])
