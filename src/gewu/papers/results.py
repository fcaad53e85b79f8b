"""Lines of results with their sums, as a list to be counted on."""

from __future__ import annotations

from collections.abc import Sequence

from gewu.occasions.measures import measures
from gewu.occasions.queries import ResultFilter, ResultRow, Total, Unreported
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, speaking
from gewu.registry import names

MOST = 20_000


def result_list(
    setting: Setting, wanted: ResultFilter, rows: Sequence[ResultRow], sums: Sequence[Total],
    missing: Sequence[Unreported],
) -> m.Paper:  # fmt: skip
    """The lines of a filter, and their sums by item and body. ``sums`` are grouped by item and unit."""
    with speaking(setting.language):
        title = _("Results by item")
        first, last = wanted.first, wanted.last
        of = " – ".join(setting.day(day) for day in (first, last) if day)
        columns = (
            m.Column(_("Day"), 1.4, chars=12),
            m.Column(_("Number"), 3, chars=26),
            m.Column(_("Line"), 0.8, m.Align.RIGHT, 7),
            m.Column(_("Body"), 3, chars=28),
            m.Column(_("Item"), 3.4, chars=34),
            m.Column(_("Quantity"), 1.2, m.Align.RIGHT, 10),
            m.Column(_("Measure"), 1.2, chars=12),
            m.Column(_("Place"), 2.4, chars=22),
            m.Column(_("Legal basis"), 2.6, chars=30),
        )
        lines = [
            (
                m.Cell(row.on_day.isoformat()),
                m.Cell(row.number, link=setting.links.page("desk:workday", str(row.occasion))),
                m.whole(row.line),
                m.Cell(setting.unit_name(row.unit) if row.unit else ""),
                m.Cell(item_name(setting, row.item)),
                m.whole(row.quantity),
                m.Cell(measure_name(setting, row.item, row.measure)),
                m.Cell(names.place_name(setting.directory, row.place, setting.language)),
                m.Cell(row.basis),
            )
            for row in rows
        ]
        note = _("Cut off at %(n)s lines.") % {"n": MOST} if len(rows) >= MOST else ""
        return m.Paper(
            kind="results",
            language=setting.language,
            title=f"{title} {of}".strip(),
            stem=f"{title} {of}".strip(),
            day=setting.today,
            office=setting.office,
            date_line=setting.day(setting.today),
            standing=_("As it stood on %(at)s") % {"at": setting.instant(setting.now)},
            landscape=True,
            blocks=(
                sums_table(setting, sums, missing),
                m.Table(_("Lines"), columns, lines, caption=_("Lines"), note=note, dense=True),
            ),
        )


def sums_table(setting: Setting, sums: Sequence[Total], missing: Sequence[Unreported]) -> m.Table:
    """Sums by item and body, then who has not reported: named, and no zero. Call it while speaking a language."""
    columns = (
        m.Column(_("Item"), 3.6, chars=36),
        m.Column(_("Body"), 3.2, chars=30),
        m.Column(_("Quantity"), 1.2, m.Align.RIGHT, 10),
        m.Column(_("Measure"), 1.2, chars=12),
        m.Column(_("Lines"), 0.8, m.Align.RIGHT, 8),
    )
    rows = []
    before = ""
    for one in sums:
        item, unit = one.keys
        rows.append(
            (
                m.Cell(item_name(setting, item) if item != before else ""),
                m.Cell(setting.unit_name(unit) if unit else ""),
                m.whole(one.quantity),
                m.Cell(measure_name(setting, item, one.measure)),
                m.whole(one.lines),
            )
        )
        before = item
    for body in missing:
        said = _("not reported") if body.due else _("report to come")
        rows.append((m.Cell(), m.Cell(setting.unit_name(body.unit)), m.Cell(said), m.Cell(), m.Cell()))
    note = "" if rows else _("Nothing is entered.")
    return m.Table(_("Results by item and body"), columns, rows, caption=_("Results by item and body"), note=note)


def item_name(setting: Setting, code: str) -> str:
    """What was counted."""
    known = measures(setting.district_id).get(code)
    return known.title(setting.language) if known else code


def measure_name(setting: Setting, item: str, code: str) -> str:
    """The unit of measure of a quantity."""
    known = measures(setting.district_id).get(item)
    return known.unit(setting.language) if known and known.measure == code else code
