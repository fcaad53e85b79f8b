"""Scores: weighted means of indicators, the points of a count or a mean, and grades."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from gewu.evaluation.definitions.conditions import Code, Source, Strict, Words


class Step(Strict):
    """So many points for more than ``above``."""

    above: StrictInt
    points: Annotated[StrictInt, Field(ge=0, le=100)]


class FormulaTerm(Strict):
    """A part of a score. A share counts as its percentage, ``inverse`` as what is missing to 100; a count or a mean
    goes through ``steps``, the first that fits counting, ``otherwise`` where none does.
    """

    indicator: Code
    weight: Annotated[StrictInt, Field(ge=1, le=1000)]
    inverse: StrictBool = False
    steps: tuple[Step, ...] = ()
    otherwise: Annotated[StrictInt, Field(ge=0, le=100)] = 0

    @model_validator(mode="after")
    def _falling(self) -> Self:
        limits = [step.above for step in self.steps]
        if limits != sorted(set(limits), reverse=True):
            raise ValueError(f"{self.indicator}: steps go from the highest `above` to the lowest")
        if self.steps and self.inverse:
            raise ValueError(f"{self.indicator}: a term has steps or is inverse, not both")
        return self

    def points(self, value: Fraction) -> Fraction:
        """0 to 100, exact. ``value`` is a share from 0 to 1, or a count or mean where there are steps."""
        if self.steps:
            for step in self.steps:
                if value > step.above:
                    return Fraction(step.points)
            return Fraction(self.otherwise)
        share = min(max(value * 100, Fraction(0)), Fraction(100))
        return 100 - share if self.inverse else share


class Formula(Strict):
    """A composite score: the weighted mean of its terms. Terms without a denominator give their weight to the others,
    as long as the others carry ``least_weight`` of it; below that the score is not assessable.
    """

    code: Code
    title: Words
    of: Literal["area", "department", "post"]
    role: Code | None = None
    terms: tuple[FormulaTerm, ...] = Field(min_length=1)
    least_weight: Annotated[StrictInt, Field(ge=1)]
    illustrative: StrictBool
    source: Source
    note: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [term.indicator for term in self.terms]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.code}: an indicator stands twice in the formula")
        if self.least_weight > self.weights:
            raise ValueError(f"{self.code}: least_weight is more than all weights together")
        if (self.of == "post") != (self.role is not None):
            raise ValueError(f"{self.code}: a score of posts names their role, and only such a one does")
        return self

    @property
    def weights(self) -> int:
        return sum(term.weight for term in self.terms)


class Grade(Strict):
    """The grade for at least so many points."""

    grade: StrictStr = Field(min_length=1, max_length=8)
    least: Annotated[StrictInt, Field(ge=0, le=100)]


class Scores(Strict):
    """A file of scores."""

    version: StrictInt = Field(ge=1)
    grades: tuple[Grade, ...] = Field(min_length=1)
    formulas: tuple[Formula, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _falling(self) -> Self:
        limits = [grade.least for grade in self.grades]
        if limits != sorted(set(limits), reverse=True) or limits[-1] != 0:
            raise ValueError("grades go from the highest `least` down to 0")
        return self
