"""Figures of evaluation as pages and sheets show them: values in words, definitions in the words of their file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from gewu.evaluation.api import By, Cell, Definitions, Score, rounded
from gewu.evaluation.definitions import Indicator, source_words
from gewu.papers.method import sayer
from gewu.registry.directory import Directory
from gewu.surfaces.desk.present import names

NOTHING = "–"
HOUR = 3600
SMALL = 10
"""Below so many cases a rate says little; the page says so."""


def value_text(indicator: Indicator, value: Fraction | None) -> str:
    """A value for people: a percentage, a number of cases, or hours; a dash where there is nothing to judge."""
    if value is None:
        return NOTHING
    if indicator.unit == "count":
        return rounded(value, 0)
    if indicator.unit == "mean":
        return _("%(n)s h") % {"n": rounded(value / HOUR)}
    return f"{rounded(value * 100)}\N{NARROW NO-BREAK SPACE}%"


def title(indicator: Indicator, language: str) -> str:
    """The indicator's name."""
    return names.typeset(indicator.title[language], language)


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator counts, in plain sentences."""

    title: str
    note: str
    numerator: str
    denominator: str
    unanswered: str
    at: str
    source: str
    version: str


def definition(indicator: Indicator, directory: Directory, language: str) -> Definition:
    """The definition behind a figure, in the sentences that the bulletin prints too."""
    said = sayer(directory, language)

    def set_(text: str) -> str:
        return names.typeset(text, language)

    return Definition(
        title(indicator, language),
        set_(indicator.note[language]) if indicator.note else "",
        set_(said.numerator(indicator)),
        set_(said.denominator(indicator)),
        set_(said.unanswered(indicator)),
        set_(said.month(indicator)),
        set_(source_words(indicator.source, language)),
        indicator.version,
    )


def group_name(directory: Directory, by: By, code: str, language: str) -> str:
    """The name of a group."""
    if by is By.TOTAL:
        return names.typeset(directory.district.name(language), language)
    if not code:
        return {By.UNIT: _("No unit yet"), By.CATEGORY: _("No category yet")}.get(by, _("Not stated"))
    if by is By.UNIT:
        return names.unit(directory, code, language)
    if by is By.ZONE:
        area = directory.areas.get(code)
        return names.typeset(area.name(language), language) if area else code
    if by is By.CATEGORY:
        return names.category(directory, code, language)
    if code == directory.district.code:
        return _("Place not known more closely")
    return names.place_full(directory, code, language)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of figures."""

    code: str
    name: str
    indicator: Indicator
    group: str
    cell: Cell
    value: str
    adjusted: str
    """Empty when appeals changed nothing."""
    few: bool


def line(indicator: Indicator, group: str, name: str, cell: Cell) -> Line:
    """A figure as a row."""
    changed = (cell.numerator, cell.denominator) != (cell.adjusted_numerator, cell.adjusted_denominator)
    return Line(
        indicator.code,
        name,
        indicator,
        group,
        cell,
        value_text(indicator, cell.value),
        value_text(indicator, cell.adjusted) if changed or cell.left_out else "",
        not cell.counted and 0 < cell.n < SMALL,
    )


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A composite score as a row, with the working."""

    title: str
    group: str
    score: Score
    illustrative: bool
    working: Sequence[str]
    source: str


def score_line(known: Definitions, score: Score, name: str, language: str) -> ScoreLine:
    """A score with what it is made of: weight and value of every term."""
    formula = known.formulas[score.formula]
    working = [
        _("%(title)s: %(value)s × %(weight)d")
        % {
            "title": title(known[term.indicator], language),
            "value": NOTHING if term.value is None else rounded(term.value),
            "weight": term.weight,
        }
        for term in score.terms
    ]
    return ScoreLine(
        names.typeset(formula.title[language], language),
        name,
        score,
        formula.illustrative,
        working,
        names.typeset(source_words(formula.source, language), language),
    )
