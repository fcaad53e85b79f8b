"""The month-end bulletin (通报): figures by street and department, with movement, and how each was counted.

Two editions. The internal one ranks departments and lists late cases. The one marked for publication has the indicators
that are public, streets in the order of their codes, and neither departments nor ranks: nobody is singled out as last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from gewu.cases.queries import CaseRow, Filter, list_cases
from gewu.evaluation.api import By, Definitions, Part, Where, definitions, records_of, scores
from gewu.evaluation.definitions import Indicator
from gewu.papers import model as m
from gewu.papers.figures import Grouped, Months, ask, change_cell, months_of
from gewu.papers.method import method_pages
from gewu.papers.setting import Setting
from gewu.papers.tables import COUNTS_PER_TABLE, PER_TABLE, Tables, recurs
from gewu.papers.words import _, cases_words, month_words, speaking, utc
from gewu.registry import names

TOP = 10
MOST_LATE, MOST_LATE_IN_ANNEX = 50, 200
_KEY_AREA = (
    "reported", "filed", "closed", "overdue",
    "filing_rate", "on_time_handling", "closing_rate", "response_rate", "solved_rate", "satisfaction",
)  # fmt: skip
_KEY_DEPARTMENT = (
    "dispatched", "handled", "closed", "overdue",
    "handling_rate", "on_time_handling", "return_rate", "rework_rate", "check_pass", "solved_rate",
)  # fmt: skip
"""What is compared in the body. The standard definitions have these; where a district has none of them, its first."""
_SUMMARY = ("reported", "filed", "closed", "overdue")
_CATEGORIES = "filed"
_LATE = "overdue"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bulletin: the month, its own number if it has one, and whether it is for publication.

    `annex` adds all other indicators by street and department, and more of the late cases.
    """

    year: int
    month: int
    number: str = ""
    publication: bool = False
    annex: bool = False


def where_of(setting: Setting) -> Where:
    """The territory that the actor sees: places only, because figures are grouped by place.

    Raises `PermissionError` for a post without any territory of its own.
    """
    scope = setting.acting.scope
    if scope is None:
        return Where()
    if not scope.prefixes:
        raise PermissionError("this post has no territory of its own")
    if any(setting.directory.district.code.startswith(prefix) for prefix in scope.prefixes):
        return Where()
    return Where(places=tuple(sorted(scope.prefixes)))


def bulletin(setting: Setting, wanted: Wanted) -> m.Paper:
    """The bulletin of a month, in at most 15 statements.

    Raises `ValueError` for a month that has not begun, `PermissionError` for a post without a territory.
    """
    months = months_of(setting.directory.district.timezone, wanted.year, wanted.month, int(setting.now.timestamp()))
    where = where_of(setting)
    with speaking(setting.language):
        return _Bulletin(setting, wanted, months, where, definitions(setting.district_id)).paper()


class _Bulletin:
    def __init__(self, setting: Setting, wanted: Wanted, months: Months, where: Where, known: Definitions) -> None:
        self.setting, self.wanted, self.months, self.where, self.known = setting, wanted, months, where, known
        self.language = setting.language
        self.tables = Tables(setting, months, linked=not wanted.publication)
        self.areas = [i for i in known.of("area") if i.public or not wanted.publication]
        self.month = month_words(utc(months.this.period.start).astimezone(setting.zone).date(), self.language)

    def paper(self) -> m.Paper:
        setting, wanted = self.setting, self.wanted
        title = _("Bulletin on urban management in %(month)s") % {"month": self.month}
        return m.Paper(
            kind="bulletin",
            language=self.language,
            title=title,
            stem=title if not wanted.publication else _("%(title)s (for publication)") % {"title": title},
            day=setting.today,
            office=setting.issuer,
            number=wanted.number,
            date_line=setting.day(setting.today),
            standing=_("Figures as of %(at)s; definitions %(version)s")
            % {"at": setting.instant(utc(self.months.this.as_of)), "version": self.known.version},
            look=m.Look.OFFICIAL,
            blocks=tuple(self._blocks()),
        )

    def _blocks(self) -> list[m.Block]:
        total = self._ask(self.areas, By.TOTAL)
        streets = self._ask(self.areas, By.STREET)
        head, key = _("Street or town"), _key(self._once(self.areas), _KEY_AREA)
        departments: Grouped | None = None
        blocks: list[m.Block] = []
        if not self.wanted.publication:
            blocks.append(
                m.paragraph(_("To the streets and towns, and the departments of the district:"), indent=False)
            )
        blocks += [self._summary(total), self._movement_note()]
        sections: list[tuple[str, Callable[[], list[m.Block]]]] = [
            (_("The district as a whole"), lambda: [self.tables.totals(self.areas, total)]),
            (_("Streets and towns"), lambda: self.tables.groups(key, streets, head, self.tables.place)),
        ]
        if not self.wanted.publication:
            departments = self._ask(self.known.of("department"), By.UNIT)
            sections.append((_("Departments"), partial(self._departments, departments)))
        sections.append((_("Most frequent categories"), self._categories))
        again = [i for i in self.areas if recurs(i)]
        if again:
            sections.append((_("Problems that came back"), lambda: self._again(again, total, streets)))
        if not self.wanted.publication and _LATE in self.known.indicators:
            sections.append((_("Late cases"), self._late))
        for n, (title, make) in enumerate(sections, 1):
            blocks.append(m.Heading(_numbered(n, title, self.language)))
            blocks += make()
        if self.wanted.publication:
            text = _("Streets stand in the order of their codes. This edition has no ranks.")
            blocks.append(m.paragraph(text))
        blocks.append(m.Closing(self.setting.issuer, self.setting.day(self.setting.today), _("(seal)")))
        blocks.append(m.PageBreak())
        used = self.areas if self.wanted.publication else self._all()
        blocks += method_pages(self.setting, self.known, used, self.months, self.where)
        return blocks + self._annex(streets, departments) if self.wanted.annex else blocks

    def _ask(self, indicators: Sequence[Indicator], by: By) -> Grouped:
        return ask(self.setting.district_id, self.known, indicators, by, self.months, self.where)

    def _all(self) -> list[Indicator]:
        return list({i.code: i for i in (*self.areas, *self.known.of("department"))}.values())

    @staticmethod
    def _once(indicators: Sequence[Indicator]) -> list[Indicator]:
        """Those that have no section of their own."""
        return [i for i in indicators if not recurs(i)]

    # ---- the whole

    def _summary(self, total: Grouped) -> m.Paragraph:
        """One sentence with the counts, each a link to its cases."""
        runs = [m.Run(_("In %(month)s: ") % {"month": self.month})]
        counts = [i for i in self.areas if i.code in _SUMMARY and i.counts]
        for n, indicator in enumerate(counts):
            now, before = total.this.cell(indicator.code), total.before.cell(indicator.code)
            change = change_cell(indicator, now, before).text
            if n:
                runs.append(m.Run(_(", ")))
            title = indicator.title[self.language]
            runs.append(m.Run(f"{title if self.setting.chinese else title.lower()} "))
            runs.append(m.Run(str(now.numerator), link=self.tables.link(indicator, Part.NUMERATOR, By.TOTAL, "")))
            runs.append(m.Run(_(" (%(change)s)") % {"change": change}))
        runs.append(m.Run(_(".")))
        return m.Paragraph(tuple(runs))

    def _movement_note(self) -> m.Paragraph:
        return m.paragraph(
            _(
                "Changes are against the month before, as it stood at its own end; those of rates are in percentage "
                "points. n is the number of cases a rate rests on."
            )
        )

    # ---- groups

    def _again(self, indicators: Sequence[Indicator], total: Grouped, streets: Grouped) -> list[m.Block]:
        """Recurrence is judged some weeks after closing; before, there is nothing to show."""
        judged = [i for i in indicators if total.this.cell(i.code).n or total.before.cell(i.code).n]
        if not judged:
            return [m.paragraph(_("No case has been closed long enough to tell."))]
        return self.tables.groups(judged, streets, _("Street or town"), self.tables.place)

    def _departments(self, figures: Grouped) -> list[m.Block]:
        key = _key(self.known.of("department"), _KEY_DEPARTMENT)
        return [*self._scores(figures), *self.tables.groups(key, figures, _("Department"), self.tables.unit)]

    def _annex(self, streets: Grouped, departments: Grouped | None) -> list[m.Block]:
        """Every other indicator, by street and by department."""
        areas = self._once(self.areas)
        rest = [i for i in areas if i not in _key(areas, _KEY_AREA)]
        blocks: list[m.Block] = [m.PageBreak(), m.Heading(_("Annex: all other indicators"))]
        blocks += [
            m.Heading(_("Streets and towns"), 2),
            *self.tables.groups(rest, streets, _("Street or town"), self.tables.place),
        ]
        if departments is not None:
            every = self.known.of("department")
            others = [i for i in every if i not in _key(every, _KEY_DEPARTMENT)]
            blocks += [
                m.Heading(_("Departments"), 2),
                *self.tables.groups(others, departments, _("Department"), self.tables.unit),
            ]
        return blocks

    def _scores(self, figures: Grouped) -> list[m.Block]:
        blocks: list[m.Block] = []
        for formula in self.known.formulas.values():
            if formula.of != "department" or not figures.this.groups():
                continue
            ranked = scores(figures.this, [formula], self.known.grades, rank=True)
            before = {s.group: s for s in scores(figures.before, [formula], self.known.grades)}
            rows = []
            for one in sorted(ranked, key=lambda s: (s.rank is None, s.rank or 0, s.group)):
                earlier = before.get(one.group)
                change = (
                    m.Cell("—")
                    if one.points is None or earlier is None or earlier.points is None
                    else _tenths(one.points - earlier.points)
                )
                rows.append(
                    [
                        m.whole(one.rank) if one.rank is not None else m.Cell("—"),
                        m.Cell(self.tables.unit(one.group)),
                        m.Cell(one.text, one.points / 10, "0.0") if one.points is not None else m.Cell("—"),
                        change,
                        m.Cell(one.grade if one.points is not None else "—"),
                        m.Cell(f"{one.weight}/{one.weights}"),
                    ]
                )
            columns = (
                m.Column(_("Rank"), 1, m.Align.CENTRE),
                m.Column(_("Department"), 5),
                m.Column(_("Score"), 1.4, m.Align.RIGHT),
                m.Column(_("Change"), 1.4, m.Align.RIGHT),
                m.Column(_("Grade"), 1.2, m.Align.CENTRE),
                m.Column(_("Weight judged"), 1.8, m.Align.CENTRE),
            )
            note = _("Scores are after appeals; a term without cases gives its weight to the others.")
            if formula.illustrative:
                note += " " + _("The weights are an example and have not been decided by the district.")
            caption = self.tables.caption(formula.title[self.language])
            blocks.append(m.Table(_("Scores"), columns, rows, caption=caption, note=note))
        return blocks

    # ---- categories and late cases

    def _categories(self) -> list[m.Block]:
        indicator = self.known.indicators.get(_CATEGORIES)
        if indicator is None or not indicator.counts:
            return [m.paragraph(_("The definitions of this district count no filed cases."))]
        figures = self._ask([indicator], By.CATEGORY)
        numbers = {group: figures.this.cell(indicator.code, group).numerator for group in figures.this.groups()}
        total = sum(numbers.values())
        first = sorted((g for g in numbers if numbers[g]), key=lambda g: (-numbers[g], g))[:TOP]
        if not first:
            return [m.paragraph(_("There were no cases."))]
        columns = [
            m.Column(_("Category"), 4, chars=26),
            m.Column(_("Filed"), 1.3, m.Align.RIGHT),
            m.Column(_("Share"), 1.4, m.Align.RIGHT),
            m.Column(_("Month before"), 1.5, m.Align.RIGHT),
            m.Column(_("Change"), 1.3, m.Align.RIGHT),
        ]
        rows = []
        for group in first:
            now, before = figures.this.cell(indicator.code, group), figures.before.cell(indicator.code, group)
            rows.append(
                [
                    m.Cell(names.category_name(self.setting.directory, group, self.language) if group else "—"),
                    m.whole(numbers[group], self.tables.link(indicator, Part.NUMERATOR, By.CATEGORY, group)),
                    m.share(numbers[group], total),
                    m.whole(before.numerator),
                    change_cell(indicator, now, before),
                ]
            )
        caption = self.tables.caption(_("The most frequent categories of %(n)s") % {"n": cases_words(total)})
        return [m.Table(_("Categories"), tuple(columns), rows, caption=caption)]

    def _late(self) -> list[m.Block]:
        indicator, month = self.known[_LATE], self.months.this
        most = MOST_LATE_IN_ANNEX if self.wanted.annex else MOST_LATE
        found = records_of(
            self.setting.district_id,
            indicator,
            Part.NUMERATOR,
            By.TOTAL,
            "",
            month.period,
            as_of=month.as_of,
            where=self.where,
            limit=most + 1,
        )
        if not found:
            return [m.paragraph(_("No case was late."))]
        rows_of = self._rows([one.record_id for one in found[:most]])
        columns = (
            m.Column(_("No."), 0.7, m.Align.CENTRE),
            m.Column(_("Number"), 2.9, chars=22),
            m.Column(_("Category"), 2, chars=18),
            m.Column(_("Place"), 2.8, chars=28),
            m.Column(_("Lead unit"), 2.8, chars=26),
            m.Column(_("Stage"), 1.5, chars=14),
        )
        listed = enumerate(found[:most], 1)
        lines = [self._late_line(n, one.number, rows_of.get(one.record_id)) for n, one in listed]
        note = _("Only the first %(n)d are listed.") % {"n": most} if len(found) > most else ""
        caption = self.tables.caption(indicator.title[self.language])
        return [m.Table(_("Late cases"), columns, lines, caption=caption, note=note, dense=True)]

    def _rows(self, records: list[UUID]) -> dict[UUID, CaseRow]:
        """The lines of cases that are in the actor's own sight."""
        wanted = Filter(records=tuple(records), order="recent")
        page = list_cases(self.setting.district_id, self.setting.acting, wanted, limit=MOST_LATE_IN_ANNEX)
        return {row.record_id: row for row in page.rows}

    def _late_line(self, n: int, number: str, row: CaseRow | None) -> list[m.Cell]:
        directory, language = self.setting.directory, self.language
        cells = [m.whole(n), m.Cell(number, link=self.tables.case(number))]
        if row is None:
            return [*cells, *(m.Cell() for _each in range(4))]
        playbook = self.setting.playbook(row.playbook, row.playbook_version)
        return [
            *cells,
            m.Cell(names.category_name(directory, row.category, language)),
            m.Cell(names.place_name(directory, row.place, language)),
            m.Cell(self.tables.unit(row.lead_unit) if row.lead_unit else ""),
            m.Cell(names.stage_name(playbook, row.stage, language)),
        ]


def _key(indicators: Sequence[Indicator], codes: Sequence[str]) -> list[Indicator]:
    """Those that are compared in the body: the ones named, else the first counts and rates."""
    named = [i for i in indicators if i.code in codes]
    counts = [i for i in indicators if i.counts][:COUNTS_PER_TABLE]
    return named or [*counts, *[i for i in indicators if not i.counts][: 2 * PER_TABLE]]


def _tenths(points: int) -> m.Cell:
    sign = "+" if points > 0 else "-" if points < 0 else ""
    return m.Cell(f"{sign}{abs(points) // 10}.{abs(points) % 10}", points / 10, "+0.0;-0.0;0.0")


_HAN_NUMBERS = "一二三四五六七八九十"


def _numbered(n: int, title: str, language: str) -> str:
    return f"{_HAN_NUMBERS[n - 1]}、{title}" if language.startswith("zh") else f"{n}. {title}"
