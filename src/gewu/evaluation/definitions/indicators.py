"""Indicators: what is counted among what, for whom, and when it counts as the same problem again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from gewu.evaluation.definitions.conditions import (
    Code,
    Condition,
    Days,
    Entries,
    Instant,
    Person,
    Source,
    Span,
    Strict,
    Words,
)


class Indicator(Strict):
    """One indicator. The numerator counts only among what the denominator counts, so no share passes 100 %."""

    code: Code
    title: Words
    of: tuple[Literal["area", "department", "post"], ...] = Field(min_length=1)
    role: Code | None = None
    actor: Person | None = None
    at: Instant
    unit: Literal["percent", "count", "mean"]
    denominator: Condition | None = None
    numerator: Condition | None = None
    unanswered: Condition | None = None
    span: Span | None = None
    entries: Entries | None = None
    top: Annotated[StrictInt, Field(ge=1, le=50)] | None = None
    """The share of this many most frequent categories."""
    better: Literal["high", "low", "neither"]
    public: StrictBool
    source: Source
    note: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        shape = tuple(
            getattr(self, name) is not None for name in ("denominator", "numerator", "span", "entries", "top")
        )
        allowed = {
            "percent": ((True, True, False, False, False), (False, False, False, True, False), (True, *_TOP)),
            "count": ((False, True, False, False, False),),
            "mean": ((True, False, True, False, False),),
        }[self.unit]
        if shape not in allowed:
            raise ValueError(
                f"{self.code}: a percent has numerator and denominator, or entries, or denominator and top; "
                "a count has a numerator; a mean has a denominator and a span"
            )
        if ("post" in self.of) != (self.role is not None):
            raise ValueError(f"{self.code}: an indicator of posts names their role, and only such a one does")
        if self.unanswered is not None and (self.unit != "percent" or self.denominator is None):
            raise ValueError(f"{self.code}: only a percent with a denominator has unanswered cases")
        return self

    @property
    def additive(self) -> bool:
        """Whether groups and periods may be added up."""
        return self.top is None

    @property
    def counts(self) -> bool:
        """Whether it is a plain count, without a denominator."""
        return self.unit == "count"

    def conditions(self) -> Iterable[Condition]:
        """Every condition it is made of."""
        for condition in (self.denominator, self.numerator, self.unanswered):
            if condition is not None:
                yield from condition.walk()

    @property
    def version(self) -> str:
        """A digest of the definition: results made by another one differ in it."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:12]


_TOP = (False, False, False, True)


class Recurrence(Strict):
    """When a case counts as the same problem again: same category, close by, soon after the earlier one closed."""

    days: Days = 90
    metres: Annotated[StrictInt, Field(ge=1, le=5000)] = 50


class Indicators(Strict):
    """A file of indicators. Its version is the author's; each indicator has a digest of its own."""

    version: StrictInt = Field(ge=1)
    recurrence: Recurrence = Recurrence()
    indicators: tuple[Indicator, ...] = Field(min_length=1)
