"""Scorecards of a month or a quarter: departments or streets with points, grade, rank, the period before, and n.

The committee's office sees all of them; the clerk of a unit sees that unit's own card, without a rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.core.places import PlaceLevel
from gewu.evaluation import api
from gewu.evaluation.api import By, Definitions, Live, Period, Score, Table, Where
from gewu.evaluation.definitions import Formula, source_words
from gewu.papers.files import Format
from gewu.papers.scorecards import Card, card_list
from gewu.surfaces.desk.present import figures, names
from gewu.surfaces.desk.views.evaluation.asked import AREA, DEPARTMENT, period_of, territory
from gewu.surfaces.desk.views.workdays.sheets import handed_out, setting_of
from gewu.surfaces.desk.who import EVALUATES, Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

ROLES = (*sorted(EVALUATES), "unit_clerk")
MONTHS, QUARTERS = 13, 5
BY = {DEPARTMENT: By.UNIT, AREA: By.STREET}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose cards, by which formula, for which period and the one before it. ``own`` narrows them to one group."""

    of: str
    formula: Formula | None
    period: Period
    before: Period
    own: str

    @property
    def query(self) -> dict[str, str]:
        """The same question as a query string has it."""
        found = {"of": self.of, "period": self.period.code}
        return {**found, "formula": self.formula.code} if self.formula else found


@desk_page(*ROLES)
@require_safe
def cards(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The scorecards of a period. One statement beside session, post and unread notices."""
    known = api.definitions(desk.district_id)
    asked, errors = asked_of(request, desk, known)
    as_of = int(timezone.now().timestamp())
    shown = made(desk, known, asked, as_of) if asked.formula else []
    context: dict[str, object] = {
        "asked": asked,
        "title": names.typeset(asked.formula.title[desk.language], desk.language) if asked.formula else "",
        "illustrative": bool(asked.formula and asked.formula.illustrative),
        "source": names.typeset(source_words(asked.formula.source, desk.language), desk.language)
        if asked.formula
        else "",
        "fields": _fields(desk, known, asked),
        "errors": errors,
        "cards": [(card, _url(asked, card.group)) for card in shown],
        "ranked": not asked.own,
        "running": asked.period.end > as_of,
        "as_of": datetime.fromtimestamp(as_of, timezone.get_current_timezone()),
        "grades": known.grades,
        "version": known.version,
        "orders": "comprehensive_office" in desk.roles,
        "sheets": [(f.value.upper(), _sheet_url(asked, f)) for f in (Format.XLSX, Format.PDF)] if shown else [],
    }
    return page(request, desk, "desk/scorecards.html", context, status=422 if errors else 200)


@desk_page(*sorted(EVALUATES))
@require_safe
def sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same cards as a paper to hand to those who are on it: XLSX unless told otherwise."""
    known = api.definitions(desk.district_id)
    asked, errors = asked_of(request, desk, known)
    if errors or asked.formula is None:
        return cards(request)
    shown = made(desk, known, asked, int(timezone.now().timestamp()))
    paper = card_list(setting_of(request, desk), asked.formula, asked.period.code, shown, known)
    return handed_out(request, desk, paper, Format.XLSX)


def asked_of(request: HttpRequest, desk: Desk, known: Definitions) -> tuple[Asked, list[str]]:
    """The question of a request, and what of it was not understood. Empty: departments, the last whole month."""
    data, errors = request.GET, []
    zone, today = desk.directory.district.timezone, timezone.localdate()
    own = "" if desk.roles & EVALUATES else desk.post.unit_code
    of = data.get("of", "") if data.get("of") in BY and not own else DEPARTMENT
    period = period_of(data.get("period", ""), zone)
    if data.get("period") and (period is None or before(period, zone) is None):
        errors.append(_("Period: a month or a quarter, for example 2026-11 or 2026-Q4."))
        period = None
    period = period or api.months(zone, today.year, today.month, 2)[0]
    earlier = before(period, zone)
    assert earlier is not None
    formulas = [formula for formula in known.formulas.values() if formula.of == of]
    chosen = next((f for f in formulas if f.code == data.get("formula")), next(iter(formulas), None))
    return Asked(of, chosen, period, earlier, own), errors


def before(period: Period, zone: str) -> Period | None:
    """The month before a month, the quarter before a quarter; None for other periods."""
    year, _mark, part = period.code.partition("-")
    if part.startswith("Q"):
        number = int(part[1:])
        return api.quarter(zone, int(year) - (number == 1), (number + 2) % 4 + 1)
    return api.months(zone, int(year), int(part), 2)[0] if len(part) == 2 else None


def made(desk: Desk, known: Definitions, asked: Asked, as_of: int) -> list[Card]:
    """The cards in the order of their ranks; those that cannot be assessed stand last."""
    assert asked.formula is not None
    by, terms = BY[asked.of], [known[term.indicator] for term in asked.formula.terms]
    # A unit's own card counts the unit's cases wherever they are; who evaluates counts those of its territory.
    where = Where() if asked.own else territory(desk)
    periods = [asked.period, asked.before]
    table = api.evaluate(Live(desk.district_id), terms, by, periods, as_of=as_of, where=where, version=known.version)
    groups = [asked.own] if asked.own else None
    now, past = (
        api.scores(table, [asked.formula], known.grades, period=one.code, groups=groups, rank=not asked.own)
        for one in periods
    )
    earlier = {score.group: score for score in past}
    found = [
        _card(desk, known, table, asked, score, earlier.get(score.group))
        for score in now
        if score.group and (by is not By.STREET or len(score.group) == PlaceLevel.STREET.digits)
    ]
    return sorted(found, key=lambda card: (card.score.rank or len(found) + 1, card.group))


def _card(desk: Desk, known: Definitions, table: Table, asked: Asked, score: Score, past: Score | None) -> Card:
    rests = [table.cell(term.indicator, score.group, asked.period.code).n for term in score.terms]
    told = [n for n in rests if n]
    line = figures.score_line(known, score, "", desk.language)
    return Card(
        score.group,
        figures.group_name(desk.directory, table.by, score.group, desk.language),
        score,
        past,
        min(told, default=0),
        max(told, default=0),
        tuple(line.working),
    )


def _fields(desk: Desk, known: Definitions, asked: Asked) -> list[Field]:
    zone, today = desk.directory.district.timezone, timezone.localdate()
    months = [one.code for one in reversed(api.months(zone, today.year, today.month, MONTHS))]
    index = today.year * 4 + (today.month - 1) // 3
    quarters = [f"{at // 4}-Q{at % 4 + 1}" for at in range(index, index - QUARTERS, -1)]
    offered = dict.fromkeys([*months, *quarters, asked.period.code])
    fields = [
        Field(
            "period", _("Period"), "select", asked.period.code, prefix="f", required=True,
            choices=[Choice(code, code) for code in offered],
        ),
    ]  # fmt: skip
    if asked.own:
        return fields
    of = [Choice(DEPARTMENT, _("Departments")), Choice(AREA, _("Streets"))]
    fields.append(Field("of", _("Whose"), "select", asked.of, prefix="f", required=True, choices=of))
    formulas = [f for f in known.formulas.values() if f.of == asked.of]
    if asked.formula and len(formulas) > 1:
        said = [Choice(f.code, names.typeset(f.title[desk.language], desk.language)) for f in formulas]
        fields.append(
            Field("formula", _("Score"), "select", asked.formula.code, prefix="f", required=True, choices=said)
        )
    return fields


def _url(asked: Asked, group: str) -> str:
    """The figures of a group with the cases behind each; none for who sees only a unit's own card."""
    if asked.own:
        return ""
    query = {"of": asked.of, "month": asked.period.code, "group": group}
    return f"{reverse('desk:evaluation')}?{urlencode(query)}"


def _sheet_url(asked: Asked, form: Format) -> str:
    if asked.own:
        return ""
    return f"{reverse('desk:scorecards-sheet')}?{urlencode({**asked.query, 'format': form.value})}"
