"""Hops between the centres of streets and of the district, as a list with their sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gewu.cases.hops import Hop, UnitHops
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking

MOST = 20_000


def hop_list(setting: Setting, first: date, last: date, rows: Sequence[Hop], sums: Sequence[UnitHops]) -> m.Paper:
    """The hops of a period, newest first, and their sums by unit and direction. Times are in whole minutes."""
    with speaking(setting.language):
        title = _("Hops between the centres")
        columns = (
            m.Column(_("Time"), 2, chars=18),
            m.Column(_("Number"), 3, chars=26),
            m.Column(_("Direction"), 2.4, chars=26),
            m.Column(_("From unit"), 3, chars=30),
            m.Column(_("To unit"), 3, chars=30),
            m.Column(_("Held before, minutes"), 1.6, m.Align.RIGHT, 12),
        )
        centre = _("District centre")
        lines = [
            (
                m.Cell(setting.short(row.at)),
                m.Cell(row.number, link=setting.links.page("desk:case", row.number)),
                m.Cell(direction(row.to_level)),
                m.Cell(setting.unit_name(row.from_unit) if row.from_unit else centre),
                m.Cell(setting.unit_name(row.to_unit) if row.to_unit else centre),
                m.whole(row.held_s // 60) if row.held_s is not None else m.Cell(),
            )
            for row in rows
        ]
        note = _("Cut off at %(n)s lines.") % {"n": MOST} if len(rows) >= MOST else ""
        return m.Paper(
            kind="hops",
            language=setting.language,
            title=f"{title} {setting.day(first)} – {setting.day(last)}",
            stem=f"{title} {first.isoformat()} – {last.isoformat()}",
            day=setting.today,
            office=setting.office,
            date_line=setting.day(setting.today),
            standing=_("As it stood on %(at)s") % {"at": setting.instant(setting.now)},
            landscape=True,
            blocks=(
                _sums(setting, sums),
                m.Table(_("Hops"), columns, lines, caption=_("Hops"), note=note, dense=True),
            ),
        )


def direction(to_level: str) -> str:
    """Where a hop led, in the language that is spoken."""
    return _("up to the district") if to_level == "district" else _("down to the street")


def _sums(setting: Setting, sums: Sequence[UnitHops]) -> m.Table:
    columns = (
        m.Column(_("Unit of the street"), 3.4, chars=34),
        m.Column(_("Direction"), 2.4, chars=26),
        m.Column(_("Hops"), 1, m.Align.RIGHT, 8),
        m.Column(_("Cases"), 1, m.Align.RIGHT, 8),
        m.Column(_("Held before on average, minutes"), 2, m.Align.RIGHT, 14),
    )
    rows = [
        (
            m.Cell(setting.unit_name(one.unit)),
            m.Cell(direction(one.to_level)),
            m.whole(one.hops),
            m.whole(one.cases),
            m.whole(one.mean_held_s // 60) if one.mean_held_s is not None else m.Cell(),
        )
        for one in sums
    ]
    title = _("Hops by unit and direction")
    return m.Table(title, columns, rows, caption=title, note="" if rows else _("Nothing is entered."))
