"""Tables of figures: indicators of the whole, and groups compared in a few indicators side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gewu.evaluation.api import By, Part
from gewu.evaluation.definitions import Indicator
from gewu.papers import model as m
from gewu.papers.figures import Grouped, Months, change_cell, value_cell
from gewu.papers.setting import Setting
from gewu.papers.words import _
from gewu.registry import names

PER_TABLE = 3
"""Rates that stand side by side in a table of groups."""
COUNTS_PER_TABLE = 4


class Tables:
    """Makes and numbers the tables of one bulletin. `linked`: numbers open their cases."""

    def __init__(self, setting: Setting, months: Months, *, linked: bool) -> None:
        self.setting, self.months, self.linked, self.language = setting, months, linked, setting.language
        self.made = 0

    def caption(self, title: str) -> str:
        """The next number, and a title."""
        self.made += 1
        return _("Table %(n)d  %(title)s") % {"n": self.made, "title": title}

    def totals(self, indicators: Sequence[Indicator], total: Grouped) -> m.Table:
        """All indicators of the whole, with movement; who did not answer is told below and counted nowhere."""
        columns = [
            m.Column(_("Indicator"), 4.2, chars=26),
            m.Column(_("Numerator"), 1.5, m.Align.RIGHT),
            m.Column("n", 1.2, m.Align.RIGHT),
            m.Column(_("Value"), 1.5, m.Align.RIGHT),
            m.Column(_("Month before"), 1.5, m.Align.RIGHT),
            m.Column(_("Change"), 1.3, m.Align.RIGHT),
        ]
        if total.has_year_ago:
            columns += [
                m.Column(_("A year ago"), 1.5, m.Align.RIGHT),
                m.Column(_("Change"), 1.3, m.Align.RIGHT),
            ]
        rows = []
        for indicator in indicators:
            now, before = total.this.cell(indicator.code), total.before.cell(indicator.code)
            row = [m.Cell(self.title(indicator)), *self.parts(indicator, total, "")]
            row += [value_cell(indicator, now), value_cell(indicator, before), change_cell(indicator, now, before)]
            if total.has_year_ago:
                ago = total.year_ago.cell(indicator.code)
                row += [value_cell(indicator, ago), change_cell(indicator, now, ago)]
            rows.append(row)
        caption = self.caption(_("Indicators of the district"))
        notes = [] if total.has_year_ago else [_("There are no figures of a year ago.")]
        silent = [(i, n) for i in indicators if (n := total.this.cell(i.code).unanswered)]
        notes += [
            _("%(title)s: %(n)d without an answer, not counted.") % {"title": self.title(i), "n": n} for i, n in silent
        ]
        return m.Table(_("District"), tuple(columns), rows, caption=caption, note=" ".join(notes))

    def groups(
        self, indicators: Sequence[Indicator], figures: Grouped, head: str, name: Callable[[str], str]
    ) -> list[m.Block]:
        """Tables of groups: counts first, then rates and means, a few of them side by side."""
        groups = figures.groups()
        if not groups:
            return [m.paragraph(_("There were no cases."))]
        counts = [i for i in indicators if i.counts]
        rates = [i for i in indicators if not i.counts]
        blocks: list[m.Block] = []
        for some in _chunks(counts, COUNTS_PER_TABLE):
            blocks.append(self._group_table(some, figures, groups, head, name))
        for some in _chunks(rates, PER_TABLE):
            blocks.append(self._group_table(some, figures, groups, head, name))
        return blocks

    def _group_table(
        self,
        indicators: Sequence[Indicator],
        figures: Grouped,
        groups: Sequence[str],
        head: str,
        name: Callable[[str], str],
    ) -> m.Table:
        columns, above = [m.Column(head, 31, chars=24)], [("", 1)]
        for indicator in indicators:
            own = [m.Column(_("Change"), 11, m.Align.RIGHT, 9)]
            if indicator.counts:
                own.insert(0, m.Column(_("Cases"), 12, m.Align.RIGHT, 9))
            else:
                own = [
                    m.Column(_("Num."), 9.5, m.Align.RIGHT, 8),
                    m.Column("n", 9.5, m.Align.RIGHT, 8),
                    m.Column(_("Value"), 12, m.Align.RIGHT, 9),
                    *own,
                ]
            columns += own
            above.append((self.title(indicator), len(own)))
        rows = []
        for group in groups:
            row = [m.Cell(name(group))]
            for indicator in indicators:
                now, before = figures.this.cell(indicator.code, group), figures.before.cell(indicator.code, group)
                if indicator.counts:
                    row.append(m.whole(now.numerator, self.link(indicator, Part.NUMERATOR, figures.by, group)))
                else:
                    row += [*self.parts(indicator, figures, group), value_cell(indicator, now)]
                row.append(change_cell(indicator, now, before))
            rows.append(row)
        title = self._joined([i.title[self.language] for i in indicators])
        caption = self.caption(title)
        sheet = f"{self.made} {head}"
        return m.Table(sheet, tuple(columns), rows, caption=caption, groups=tuple(above), dense=True)

    def parts(self, indicator: Indicator, figures: Grouped, group: str) -> list[m.Cell]:
        """Numerator and denominator, each opening its records. A count has no denominator, a mean no numerator."""
        cell = figures.this.cell(indicator.code, group)
        if indicator.counts:
            return [m.whole(cell.numerator, self.link(indicator, Part.NUMERATOR, figures.by, group)), m.Cell("—")]
        n = m.whole(cell.denominator, self.link(indicator, Part.DENOMINATOR, figures.by, group))
        if indicator.unit == "mean":
            return [m.Cell("—"), n]
        return [m.whole(cell.numerator, self.link(indicator, Part.NUMERATOR, figures.by, group)), n]

    # ---- words and links

    def title(self, indicator: Indicator) -> str:
        """The name of an indicator, with the unit of a mean."""
        title = indicator.title[self.language]
        return _("%(title)s (h)") % {"title": title} if indicator.unit == "mean" else title

    def place(self, code: str) -> str:
        """The name of a street or town."""
        return names.place_name(self.setting.directory, code, self.language) if code else _("without a street")

    def unit(self, code: str) -> str:
        """The name of a department."""
        return self.setting.unit_name(code) if code else _("without a unit")

    def _joined(self, items: Sequence[str]) -> str:
        return names.listed(items, self.language)

    def case(self, number: str) -> str:
        """The address of a case."""
        return self.setting.links.case(number) if self.linked else ""

    def link(self, indicator: Indicator, part: Part, by: By, group: str) -> str:
        """The records behind a number. An edition for the public has none: the desk would not let its readers in."""
        if not self.linked:
            return ""
        month = self.months.this
        return self.setting.links.figure(indicator.code, part.value, by.value, group, month.period, month.as_of)


def recurs(indicator: Indicator) -> bool:
    """Whether an indicator is about problems that came back."""
    return any(condition.recurred is not None for condition in indicator.conditions())


def _chunks(items: Sequence[Indicator], most: int) -> list[Sequence[Indicator]]:
    """As few groups as `most` allows, of nearly the same size."""
    count = -(-len(items) // most)
    size = -(-len(items) // count) if count else 1
    return [items[i : i + size] for i in range(0, len(items), size)]
