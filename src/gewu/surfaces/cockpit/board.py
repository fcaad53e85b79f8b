"""The cards of the cockpit: each a chart with a table of the same numbers, every one of which opens its records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gewu.core.places import PlaceLevel
from gewu.evaluation import api
from gewu.evaluation.api import By, Part, Table
from gewu.evaluation.definitions import Indicator
from gewu.surfaces import words
from gewu.surfaces.cockpit import draw
from gewu.surfaces.cockpit.asked import Asked
from gewu.surfaces.cockpit.cards import Board, Card, Cell
from gewu.surfaces.cockpit.counted import ENDED, REPORTED, Counted, rates_of
from gewu.surfaces.cockpit.draw import Bar, Line
from gewu.surfaces.cockpit.heat import heat
from gewu.surfaces.desk.present import figures, names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.dates import chinese, day_words, left_words
from gewu.surfaces.look.typography import sign

SHOWN = 8
"""Rows of a chart; the table has the others."""
SEVEN = (
    ("collect", ("reported", "registered", "verifying")),
    ("file", ("verified",)),
    ("dispatch", ("filed",)),
    ("handle", ("dispatched", "handling", "suspended")),
    ("feedback", ("handled",)),
    ("check", ("checking", "checked")),
    ("evaluate", ("closed",)),
)
"""The seven stages of CJJ/T 106 and the stages of the standard playbook in each. Other stages stand for themselves."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes cards from numbers, in the words of a desk."""

    desk: Desk
    asked: Asked
    counted: Counted

    @property
    def language(self) -> str:
        """The language of the words."""
        return self.desk.language

    def url(self, what: str, **more: str) -> str:
        """The address of the records behind a number."""
        query = {
            "month": self.asked.period.code,
            **self.asked.query,
            "what": what,
            "as_of": str(self.counted.as_of),
            **more,
        }
        return f"{reverse('cockpit:records')}?{urlencode(query)}"

    def figure(self, indicator: Indicator, part: Part, by: By, group: str, period: str = "") -> str:
        """The address of the records behind an indicator's figure."""
        more = {"days": period} if period else {}
        return self.url("figure", indicator=indicator.code, part=part.value, by=by.value, group=group, **more)

    # ---- now

    def late(self) -> Card:
        """What is late and with whom, the oldest first."""
        bars, rows = [], []
        for one in self.counted.late:
            who = (
                names.unit(self.desk.directory, one.unit, self.language) if one.unit else turn_of(self.desk, one.stage)
            )
            url = self.url("late", unit=one.unit, stage=one.stage)
            over = left_words(one.oldest, self.counted.at, self.language)
            shown = _("%(n)d · %(over)s") % {"n": one.n, "over": over}
            bars.append(Bar(who, one.n, shown, url, "late"))
            rows.append((Cell(who), Cell(str(one.n), one.n, url), Cell(over)))
        return Card(
            "late",
            _("Late, and with whom"),
            self.set(_("Now. The one that waits longest stands first; beside the number, how long.")),
            (_("With"), _("Late now"), _("Oldest")),
            tuple(rows),
            draw.bars(bars[:SHOWN]) if bars else "",
            empty=_("Nothing is late."),
            more=len(bars[SHOWN:]),
        )

    def stages(self) -> Card:
        """The seven stages as a funnel, with what stands in each now."""
        standing = self.counted.standing
        seven = [(_seven()[code], members) for code, members in SEVEN]
        known = {stage for _title, members in seven for stage in members}
        seven += [(stage_name(self.desk, stage), (stage,)) for stage in sorted(standing) if stage not in known]
        bars, rows = [], []
        for number, (title, members) in enumerate(seven, 1):
            n = sum(standing.get(stage, 0) for stage in members)
            name = self.set(f"{number} {title}") if number <= len(SEVEN) else title
            url = self.url("standing", stages=".".join(members))
            bars.append(Bar(name, n, str(n), url))
            parts = tuple(
                Cell(
                    f"{stage_name(self.desk, stage)} {standing.get(stage, 0)}",
                    standing.get(stage, 0),
                    self.url("standing", stages=stage),
                )
                for stage in members
                if len(members) > 1
            )
            rows.append((Cell(name), Cell(str(n), n, url, parts)))
        return Card(
            "stages",
            _("Where they stand: seven stages"),
            self.set(_("Open cases now, by the stages of CJJ/T 106.")),
            (_("Stage"), _("Open now")),
            tuple(rows),
            draw.funnel(bars),
        )

    # ---- the month

    def flow(self) -> Card:
        """What came in and what went out, day by day."""
        table, today = self.counted.flow, self.asked.today
        drawn, rows = [], []
        for indicator, colour, dashed in ((REPORTED, "accent", False), (ENDED, "ink-2", True)):
            title = figures.title(indicator, self.language)
            points = []
            for day in table.periods:
                n = table.cell(indicator.code, "", day.code).n
                said = f"{title}{sign(',', self.language)}{self.day(day.code)}{sign(':', self.language)}{n}"
                points.append((n, said, self.figure(indicator, Part.NUMERATOR, By.TOTAL, "", day.code)))
            total = sum(n for n, _said, _url in points)
            drawn.append(Line(f"{title} {total}", points, colour, dashed))
        for number, day in enumerate(table.periods):
            cells = [Cell(str(n), n, url) for n, _said, url in (line.points[number] for line in drawn)]
            rows.append((Cell(self.day(day.code)), *cells))
        first, last = table.periods[0].code, table.periods[-1].code
        span = f"{first}/{last}"
        sums = [
            Cell(str(n), n, self.figure(i, Part.NUMERATOR, By.TOTAL, "", span))
            for i in (REPORTED, ENDED)
            for n in [table.total(i.code).n]
        ]
        rows.append((Cell(_("All days")), *sums))
        marks = {0, len(rows) // 2 - 1, len(rows) - 2}
        shown = [self.day(d.code, short=True) if n in marks else "" for n, d in enumerate(table.periods)]
        return Card(
            "flow",
            _("In and out, by day"),
            self.set(
                _("Last 30 days to %(day)s.") % {"day": day_words(today, today, self.language)}
                if self.asked.running
                else _("Days of %(month)s.") % {"month": self.asked.period.code}
            ),
            (_("Day"), *(figures.title(i, self.language) for i in (REPORTED, ENDED))),
            tuple(rows),
            draw.lines(shown, drawn),
        )

    def day(self, code: str, *, short: bool = False) -> str:
        """A day of the line in words."""
        day = date.fromisoformat(code)
        if short:
            return f"{day.month}-{day.day}" if chinese(self.language) else day_words(day, day, self.language)
        return day_words(day, self.asked.today, self.language)

    def areas(self) -> Card:
        """In time, solved and satisfied by street, or within one street by community."""
        by = By.COMMUNITY if self.asked.street else By.STREET
        title = (
            _("Communities: in time, solved, satisfied")
            if self.asked.street
            else _("Streets: in time, solved, satisfied")
        )
        return self.rates("areas", title, _("Place"), self.counted.areas, by)

    def units(self) -> Card:
        """The same by unit."""
        return self.rates("units", _("Units: in time, solved, satisfied"), _("Unit"), self.counted.units, By.UNIT)

    def kinds(self) -> Card:
        """The same by category."""
        return self.rates(
            "kinds", _("Kinds: in time, solved, satisfied"), _("Category"), self.counted.kinds, By.CATEGORY
        )

    def rates(self, name: str, title: str, head: str, table: Table, by: By) -> Card:
        """Rates of groups, those with the most cases first; the chart compares the first rate with that of all."""
        rates = rates_of(api.definitions(self.desk.district_id))
        rows: list[tuple[Cell, ...]] = []
        bars: list[Bar] = []

        def size(group: str) -> int:
            return sum(table.cell(i.code, group).n for i in rates)

        for group in sorted((g for g in table.groups() if size(g)), key=lambda g: (-size(g), g)):
            named = figures.group_name(self.desk.directory, by, group, self.language)
            named = self.short(named, by, group)
            rows.append((Cell(named), *(self.rate(i, table, by, group) for i in rates)))
            cell = table.cell(rates[0].code, group)
            if cell.value is not None and len(bars) < SHOWN:
                few = cell.n < figures.SMALL
                shown = f"{figures.value_text(rates[0], cell.value)} · n = {cell.n}"
                url = self.figure(rates[0], Part.DENOMINATOR, by, group)
                bars.append(Bar(named, float(cell.value), shown, url, faint=few))
        whole = table.total(rates[0].code) if rates else None
        line = None
        if whole is not None and whole.value is not None:
            said = _("all: %(value)s") % {"value": figures.value_text(rates[0], whole.value)}
            line = (float(whole.value), self.set(said))
        first = figures.title(rates[0], self.language) if rates else ""
        return Card(
            name,
            title,
            self.set(
                _("%(month)s. Bars: %(rate)s; pale where n is below %(few)d.")
                % {"month": self.asked.period.code, "rate": first, "few": figures.SMALL}
            ),
            (head, *(figures.title(i, self.language) for i in rates)),
            tuple(rows),
            draw.bars(bars, most=1, line=line) if bars else "",
            open=True,
            empty=_("Nothing of this month is judged yet."),
        )

    def short(self, named: str, by: By, group: str) -> str:
        """A community without its street, where the page is about one street."""
        place = self.desk.directory.places.get(group)
        if by is By.COMMUNITY and place is not None and len(group) > PlaceLevel.STREET.digits:
            return names.typeset(place.name(self.language), self.language)
        return named

    def rate(self, indicator: Indicator, table: Table, by: By, group: str) -> Cell:
        """A rate with its n, and the rest; each opens its cases."""
        cell, label = table.cell(indicator.code, group), figures.title(indicator, self.language)
        more = []
        if rest := cell.denominator - cell.numerator:
            said = ngettext("%(rest)d of %(n)d not", "%(rest)d of %(n)d not", cell.n) % {"rest": rest, "n": cell.n}
            more.append(Cell(self.set(said), rest, self.figure(indicator, Part.REST, by, group)))
        if cell.unanswered:
            said = _("%(n)d unanswered") % {"n": cell.unanswered}
            more.append(Cell(self.set(said), cell.unanswered, self.figure(indicator, Part.UNANSWERED, by, group)))
        if not cell.n:
            return Cell(figures.NOTHING, more=tuple(more), label=label)
        url = self.figure(indicator, Part.DENOMINATOR, by, group)
        shown = figures.value_text(indicator, cell.value)
        return Cell(shown, cell.n, url, tuple(more), cell.n < figures.SMALL, f"n = {cell.n}", label)

    def heat(self) -> Card:
        """Where reports came from, by grid."""
        table = self.counted.grids
        counts, rows, unplaced = {}, [], 0
        for group in sorted(table.groups(), key=lambda g: (-table.cell(REPORTED.code, g).n, g)):
            n, url = table.cell(REPORTED.code, group).n, self.figure(REPORTED, Part.NUMERATOR, By.GRID, group)
            if len(group) == PlaceLevel.GRID.digits:
                counts[group] = (n, url)
            else:
                unplaced += n
            rows.append(
                (Cell(figures.group_name(self.desk.directory, By.GRID, group, self.language)), Cell(str(n), n, url))
            )
        note = _("Reported in %(month)s.") % {"month": self.asked.period.code}
        if unplaced:
            more = ngettext(
                "%(n)d has no grid and is in the table only.", "%(n)d have no grid and are in the table only.", unplaced
            )
            note = f"{note}{'' if chinese(self.language) else ' '}{more % {'n': unplaced}}"
        return Card(
            "heat",
            _("Where reports come from, by grid"),
            self.set(note),
            (_("Grid cell"), _("Reported")),
            tuple(rows),
            heat(self.desk.directory, counts, self.asked.street, self.language) if rows else "",
            empty=_("Nothing was reported in this month."),
        )

    def again(self) -> Card:
        """Where a problem came again."""
        days = api.definitions(self.desk.district_id).recurrence.days
        bars, rows = [], []
        for spot in self.counted.again:
            place = names.place_short(self.desk.directory, spot.place, self.language)
            kind = names.category(self.desk.directory, spot.category, self.language)
            url = self.url("again", place=spot.place, category=spot.category)
            bars.append(Bar(self.set(f"{kind} · {place}"), spot.n, f"n = {spot.n}", url, "soon", spot.n < 2))
            rows.append((Cell(place), Cell(kind), Cell(str(spot.n), spot.n, url)))
        if total := sum(spot.n for spot in self.counted.again):
            rows.insert(0, (Cell(_("All places")), Cell(""), Cell(str(total), total, self.url("again"))))
        return Card(
            "again",
            _("Where problems come again"),
            self.set(
                _("Reported in %(month)s where one of the same kind was closed at most %(days)d days before.")
                % {"month": self.asked.period.code, "days": days}
            ),
            (_("Place"), _("Category"), _("Came again")),
            tuple(rows),
            draw.bars(bars[:SHOWN]) if bars else "",
            empty=_("No problem came again. What came again is looked for once a day."),
            more=len(bars[SHOWN:]),
        )

    # ---- the headline

    def tiles(self) -> tuple[tuple[str, Cell], ...]:
        """The headline figures."""
        counted = self.counted
        standing, late = sum(counted.standing.values()), sum(one.n for one in counted.late)
        reported = counted.areas.total(REPORTED.code).n
        found = [
            (_("Open now"), Cell(str(standing), standing, self.url("standing"))),
            (_("Late now"), Cell(str(late), late, self.url("late"))),
            (
                self.set(_("Reported, %(month)s") % {"month": self.asked.period.code}),
                Cell(str(reported), reported, self.figure(REPORTED, Part.NUMERATOR, By.TOTAL, "")),
            ),
        ]
        for indicator in rates_of(api.definitions(self.desk.district_id)):
            cell = counted.areas.total(indicator.code)
            url = self.figure(indicator, Part.DENOMINATOR, By.TOTAL, "")
            shown = figures.value_text(indicator, cell.value)
            few = 0 < cell.n < figures.SMALL
            made = Cell(shown, cell.n, url, (), few, f"n = {cell.n}") if cell.n else Cell(shown, note="n = 0")
            found.append((figures.title(indicator, self.language), made))
        return tuple(found)

    def set(self, said: str) -> str:
        """Our own words as they are shown."""
        return names.typeset(said, self.language)

    def cards(self) -> dict[str, Callable[[], Card]]:
        """What makes the cards, by name, in the order in which they stand."""
        return {
            "late": self.late, "flow": self.flow, "again": self.again, "stages": self.stages, "heat": self.heat,
            "areas": self.areas, "units": self.units, "kinds": self.kinds,
        }  # fmt: skip


def stage_name(desk: Desk, code: str) -> str:
    """The name of a stage of the playbook."""
    return names.typeset(words.stage_name(desk.playbook, code, desk.language), desk.language)


def turn_of(desk: Desk, stage: str) -> str:
    """Whose turn it is in a stage where no unit has the case."""
    roles = names.stage_actors(desk.playbook, stage)
    said = _(" or ").join(names.role(desk.directory, code, desk.language) for code in roles)
    return f"{stage_name(desk, stage)} · {said}" if said else stage_name(desk, stage)


def board(maker: Maker, some: Sequence[str] = ()) -> Board:
    """The headline figures and the cards, or some of them."""
    return Board(maker.tiles(), {name: make() for name, make in maker.cards().items() if not some or name in some})


def _seven() -> dict[str, str]:
    return {
        "collect": _("Collecting"),
        "file": _("Filing"),
        "dispatch": _("Dispatch"),
        "handle": _("Handling"),
        "feedback": _("Feedback"),
        "check": _("Check, closing"),
        "evaluate": _("Appraisal"),
    }
