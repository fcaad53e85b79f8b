"""Composite scores: exact fractions from counts to the last step, one rounding at the very end.

1. A term's value is its indicator's share times 100, or what is missing to 100 (``inverse``), or the points of
   the first step that a count or mean passes.
2. A term without a denominator gives its weight to the others in proportion; when less than ``least_weight`` is left,
   the score is not assessable.
3. The score is the weighted mean of the terms, rounded half up to a tenth of a point.
4. The grade is that of the rounded score, so that two scores that look alike have one grade and one rank.
5. Ranks leave room after ties (1, 2, 2, 4). Scores of posts have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gewu.evaluation.definitions import Formula, Grade
from gewu.evaluation.values import Score, Table, Term, half_up

TENTHS = 10


def score_all(
    table: Table,
    formulas: Sequence[Formula],
    grades: Sequence[Grade],
    *,
    period: str,
    groups: Sequence[str] | None,
    adjusted: bool,
    rank: bool,
) -> list[Score]:
    """See ``api.scores``."""
    known = {i.code for i in table.indicators}
    found: list[Score] = []
    for formula in formulas:
        missing = [t.indicator for t in formula.terms if t.indicator not in known]
        if missing:
            raise ValueError(f"the table lacks what {formula.code} is made of: {', '.join(missing)}")
        made = [
            score(formula, grades, table, group, period, adjusted=adjusted)
            for group in (table.groups() if groups is None else groups)
        ]
        found += _ranked(made) if rank and formula.of != "post" else made
    return found


def score(
    formula: Formula, grades: Sequence[Grade], table: Table, group: str, period: str, *, adjusted: bool = True
) -> Score:
    """The score of one group."""
    terms = []
    for term in formula.terms:
        cell = table.cell(term.indicator, group, period)
        exact = cell.adjusted if adjusted else cell.value
        terms.append(Term(term.indicator, term.weight, None if exact is None else term.points(exact)))
    weight = sum(term.weight for term in terms if term.value is not None)
    points = None
    if weight >= formula.least_weight:
        total = sum((term.weight * term.value for term in terms if term.value is not None), Fraction(0))
        points = half_up(total * TENTHS / weight)
    return Score(
        formula.code,
        group,
        points,
        "" if points is None else grade_of(points, grades),
        None,
        weight,
        formula.weights,
        tuple(terms),
    )


def grade_of(points: int, grades: Sequence[Grade]) -> str:
    """The grade of so many tenths of a point."""
    return next(grade.grade for grade in grades if points >= grade.least * TENTHS)


def _ranked(scores: list[Score]) -> list[Score]:
    points = sorted((s.points for s in scores if s.points is not None), reverse=True)
    return [
        Score(
            s.formula,
            s.group,
            s.points,
            s.grade,
            None if s.points is None else points.index(s.points) + 1,
            s.weight,
            s.weights,
            s.terms,
        )
        for s in scores
    ]
