"""Conditions as SQL that means the same in PostgreSQL and DuckDB: whole numbers, plain comparisons, no dates.

Every condition is true or false, never unknown, so that ``not`` turns it round. Instants after ``as_of`` have not come.
Conditions are put together from leaves, comparisons of one row's columns. Whoever lists records writes the leaves where
they stand; whoever counts asks each leaf once of a row and puts the rest together from what it remembers of them.
Constants are written into the text; they are whole numbers, and words that the definitions allow (letters, digits and a
few signs), checked here once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gewu.evaluation import columns as c
from gewu.evaluation.definitions import Condition, Indicator, Other

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


def known(leaf: str) -> str:
    """A leaf where it stands: what is unknown is not so."""
    return f"coalesce({leaf}, FALSE)"


Leaf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """How conditions are asked: as of an instant, and with the exemptions of granted overdue appeals or without.

    ``leaf`` turns a leaf, which may be unknown, into SQL that is true or false.
    """

    as_of: int
    adjusted: bool = False
    leaf: Leaf = known

    def condition(self, condition: Condition) -> str:
        """A condition in brackets."""
        if condition.all is not None:
            return every(*(self.condition(part) for part in condition.all))
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
            plain = Asked(self.as_of, leaf=self.leaf)
            return f"({plain.kept(condition.decided)} OR {plain.late(condition.decided)})"
        if condition.ran is not None:
            return self.leaf(f"f.{condition.ran}_late IS NOT NULL")
        if condition.passed is not None:
            since, days = condition.passed.since, condition.passed.days
            return self.leaf(f"f.{since} + {days * DAY} <= {self.as_of}")
        assert condition.recurred is not None
        within = condition.recurred * DAY
        return self.leaf(f"r.gap_seconds <= {within} AND f.closed_at + r.gap_seconds <= {self.as_of}")

    def come(self, instant: str) -> str:
        """Whether an instant has come."""
        return self.leaf(come(instant, self.as_of))

    def kept(self, clock: str) -> str:
        """What a clock asked for was done by its deadline; by appeal, what was done late counts too."""
        kept = self.leaf(f"f.{clock}_done <= {self.as_of} AND f.{clock}_done <= f.{clock}_due")
        if not self._forgives(clock):
            return kept
        done_late = self.leaf(f"f.{clock}_done <= {self.as_of} AND f.{clock}_done > f.{clock}_due")
        return f"({kept} OR ({self._exempt()} AND {done_late}))"

    def late(self, clock: str) -> str:
        """The deadline passed, and it was not done by then; whether it was done since makes no difference."""
        late = self.leaf(f"f.{clock}_due < {self.as_of} AND (f.{clock}_done IS NULL OR f.{clock}_done > f.{clock}_due)")
        return f"({late} AND NOT {self._exempt()})" if self._forgives(clock) else late

    def exempted(self) -> str:
        """Late in fact, and forgiven."""
        return f"({self._exempt()} AND {Asked(self.as_of, leaf=self.leaf).late(EXEMPTED)})"

    def _exempt(self) -> str:
        return self.leaf("f.overdue_exempt")

    def _forgives(self, clock: str) -> bool:
        return self.adjusted and clock == EXEMPTED

    def _set(self, column: str) -> str:
        if column in c.INSTANTS:
            return self.come(column)
        if column in c.FLAGS:
            return self._flag(column)
        return self.leaf(f"f.{column} <> 0" if column in c.COUNTS else f"{self._text(column)} <> ''")

    def _flag(self, column: str) -> str:
        since = c.KNOWN_SINCE.get(column)
        return self.leaf(f"f.{column} AND {come(since, self.as_of)}" if since else f"f.{column}")

    def _text(self, column: str) -> str:
        since = c.KNOWN_SINCE.get(column)
        return f"(CASE WHEN {come(since, self.as_of)} THEN f.{column} ELSE '' END)" if since else f"f.{column}"

    def _comparison(self, condition: Condition, column: str) -> str:
        operator, value = condition.comparison
        if operator == "in_":
            return self.leaf(f"{self._text(column)} IN ({', '.join(literal(v) for v in value)})")
        if isinstance(value, Other):
            both = f"f.{column} {_OPERATORS[operator]} f.{value.column}"
            return self.leaf(f"{both} AND {come(column, self.as_of)} AND {come(value.column, self.as_of)}")
        if column in c.FLAGS:
            return self._flag(column) if value else f"(NOT {self._flag(column)})"
        subject = self._text(column) if column in c.TEXTS else f"f.{column}"
        return self.leaf(f"{subject} {_OPERATORS[operator]} {literal(value)}")


def every(*conditions: str) -> str:
    """All of these conditions; what is always true is left out."""
    rest = [one for one in dict.fromkeys(conditions) if one != "TRUE"]
    return f"({' AND '.join(rest)})" if len(rest) > 1 else (rest or ["TRUE"])[0]


def come(instant: str, as_of: int) -> str:
    """The leaf of an instant that has come."""
    return f"f.{instant} <= {as_of}"


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
    """For a mean: the seconds of one record, null for records without them, which are not in the denominator."""


def parts(indicator: Indicator, as_of: int, *, adjusted: bool = False, person: str = "", leaf: Leaf = known) -> Parts:
    """The sets of records of an indicator. With a person, only what that person did. ``leaf``: see ``Asked``."""
    asked = Asked(as_of, adjusted, leaf)
    own = leaf(f"f.{indicator.actor} = {literal(person)}") if person and indicator.actor else ""
    denominator = asked.condition(indicator.denominator) if indicator.denominator else "TRUE"
    span = ""
    if indicator.span is not None:
        denominator = every(denominator, asked.come(indicator.span.from_), asked.come(indicator.span.to))
        span = f"f.{indicator.span.to} - f.{indicator.span.from_}"
    unanswered = asked.condition(indicator.unanswered) if indicator.unanswered else ""
    if own:
        denominator = every(denominator, own)
    if unanswered:
        denominator, unanswered = every(denominator, f"(NOT {unanswered})"), every(denominator, unanswered)
    numerator = denominator
    if indicator.numerator is not None:
        numerator = every(denominator, asked.condition(indicator.numerator))
    exempt = every(denominator, asked.exempted()) if forgivable(indicator) else ""
    return Parts(denominator, numerator, unanswered, exempt, span)


def forgivable(indicator: Indicator) -> bool:
    """Whether an overdue appeal can change the figure."""
    return any(EXEMPTED in (condition.kept, condition.late) for condition in indicator.conditions())


def recurs(indicator: Indicator) -> bool:
    """Whether it asks for recurrence."""
    return any(condition.recurred is not None for condition in indicator.conditions())
