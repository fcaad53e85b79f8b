"""Conditions as SQL that means the same in PostgreSQL and DuckDB: whole numbers, plain comparisons, no dates.

Every condition is true or false, never unknown, so that ``not`` turns it round. Instants after ``as_of`` have not come.
Constants are written into the text; they are whole numbers, and words that the definitions allow (letters, digits and a
few signs), checked here once more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gewu.evaluation import columns as c
from gewu.evaluation.definitions import Condition, Indicator, Other, Span

DAY = 86_400
_WORD = re.compile(r"^[A-Za-z0-9:._-]{0,80}$")
_OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
EXEMPTED = "handle"
"""The clock that an overdue appeal is about."""


def literal(value: str | int | bool) -> str:
    """A constant as SQL. Raises ``ValueError`` for text that is not a plain word."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if not _WORD.match(value):
        raise ValueError(f"{value!r} has other signs than letters, digits, colon, dot, dash and underscore")
    return f"'{value}'"


@dataclass(frozen=True, slots=True)
class Asked:
    """How conditions are asked: as of an instant, and with the exemptions of granted overdue appeals or without."""

    as_of: int
    adjusted: bool = False

    def condition(self, condition: Condition) -> str:
        """A condition in brackets."""
        if condition.all is not None:
            return "(" + " AND ".join(self.condition(part) for part in condition.all) + ")"
        if condition.any is not None:
            return "(" + " OR ".join(self.condition(part) for part in condition.any) + ")"
        if condition.not_ is not None:
            return f"(NOT {self.condition(condition.not_)})"
        if condition.column is not None:
            return self._comparison(condition, condition.column)
        if condition.set is not None:
            return self._set(condition.set)
        if condition.kept is not None:
            return self.kept(condition.kept)
        if condition.late is not None:
            return self.late(condition.late)
        if condition.decided is not None:
            plain = Asked(self.as_of)
            return f"({plain.kept(condition.decided)} OR {plain.late(condition.decided)})"
        if condition.ran is not None:
            return f"(f.{condition.ran}_late IS NOT NULL)"
        if condition.passed is not None:
            since, days = condition.passed.since, condition.passed.days
            return f"coalesce(f.{since} + {days * DAY} <= {self.as_of}, FALSE)"
        assert condition.recurred is not None
        within = condition.recurred * DAY
        return f"coalesce(r.gap_seconds <= {within} AND f.closed_at + r.gap_seconds <= {self.as_of}, FALSE)"

    def come(self, instant: str) -> str:
        """Whether an instant has come."""
        return f"coalesce(f.{instant} <= {self.as_of}, FALSE)"

    def kept(self, clock: str) -> str:
        """What a clock asked for was done by its deadline; by appeal, what was done late counts too."""
        kept = f"coalesce(f.{clock}_done <= {self.as_of} AND f.{clock}_done <= f.{clock}_due, FALSE)"
        if not self._forgives(clock):
            return kept
        done_late = f"coalesce(f.{clock}_done <= {self.as_of} AND f.{clock}_done > f.{clock}_due, FALSE)"
        return f"({kept} OR (f.overdue_exempt AND {done_late}))"

    def late(self, clock: str) -> str:
        """The deadline passed, and it was not done by then; whether it was done since makes no difference."""
        ended = f"least(coalesce(f.{clock}_done, {self.as_of}), {self.as_of})"
        late = f"coalesce(f.{clock}_due < {ended}, FALSE)"
        return f"({late} AND NOT f.overdue_exempt)" if self._forgives(clock) else late

    def exempted(self) -> str:
        """Late in fact, and forgiven."""
        return f"(f.overdue_exempt AND {Asked(self.as_of).late(EXEMPTED)})"

    def _forgives(self, clock: str) -> bool:
        return self.adjusted and clock == EXEMPTED

    def _set(self, column: str) -> str:
        if column in c.INSTANTS:
            return self.come(column)
        if column in c.FLAGS:
            return self._flag(column)
        return f"(f.{column} <> 0)" if column in c.COUNTS else f"({self._text(column)} <> '')"

    def _flag(self, column: str) -> str:
        since = c.KNOWN_SINCE.get(column)
        return f"(f.{column} AND {self.come(since)})" if since else f"f.{column}"

    def _text(self, column: str) -> str:
        since = c.KNOWN_SINCE.get(column)
        return f"(CASE WHEN {self.come(since)} THEN f.{column} ELSE '' END)" if since else f"f.{column}"

    def _comparison(self, condition: Condition, column: str) -> str:
        operator, value = condition.comparison
        if operator == "in_":
            return f"({self._text(column)} IN ({', '.join(literal(v) for v in value)}))"
        if isinstance(value, Other):
            sign = _OPERATORS[operator]
            both = f"f.{column} {sign} f.{value.column}"
            return f"coalesce({both} AND f.{column} <= {self.as_of} AND f.{value.column} <= {self.as_of}, FALSE)"
        if column in c.FLAGS:
            return self._flag(column) if value else f"(NOT {self._flag(column)})"
        subject = self._text(column) if column in c.TEXTS else f"f.{column}"
        return f"({subject} {_OPERATORS[operator]} {literal(value)})"


@dataclass(frozen=True, slots=True)
class Parts:
    """An indicator's sets of records as conditions: each inside the denominator, where there is one."""

    denominator: str
    numerator: str
    unanswered: str
    """Empty when the indicator knows none."""
    exempt: str
    """Empty when no clock of it can be forgiven."""
    span: str
    """For a mean: the seconds of one record."""


def parts(indicator: Indicator, as_of: int, *, adjusted: bool = False, person: str = "") -> Parts:
    """The sets of records of an indicator. With a person, only what that person did."""
    asked = Asked(as_of, adjusted)
    own = f"f.{indicator.actor} = {literal(person)}" if person and indicator.actor else ""
    denominator = asked.condition(indicator.denominator) if indicator.denominator else "TRUE"
    span = ""
    if indicator.span is not None:
        denominator = f"({denominator} AND {_spanned(asked, indicator.span)})"
        span = f"f.{indicator.span.to} - f.{indicator.span.from_}"
    unanswered = asked.condition(indicator.unanswered) if indicator.unanswered else ""
    if own:
        denominator = f"({denominator} AND {own})"
    if unanswered:
        denominator, unanswered = f"({denominator} AND NOT {unanswered})", f"({denominator} AND {unanswered})"
    numerator = denominator
    if indicator.numerator is not None:
        numerator = f"({denominator} AND {asked.condition(indicator.numerator)})"
    exempt = f"({denominator} AND {asked.exempted()})" if forgivable(indicator) else ""
    return Parts(denominator, numerator, unanswered, exempt, span)


def forgivable(indicator: Indicator) -> bool:
    """Whether an overdue appeal can change the figure."""
    return any(EXEMPTED in (condition.kept, condition.late) for condition in indicator.conditions())


def recurs(indicator: Indicator) -> bool:
    """Whether it asks for recurrence."""
    return any(condition.recurred is not None for condition in indicator.conditions())


def _spanned(asked: Asked, span: Span) -> str:
    return f"{asked.come(span.from_)} AND {asked.come(span.to)}"
