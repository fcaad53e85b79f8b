"""Many indicators as one statement, the same text for both engines.

For each instant that puts records into periods there is one branch: a single pass over the facts that counts, by group
and period, everything the indicators of that instant ask for. Branches are joined by UNION ALL; columns that a branch
does not need are nought. Conditions are put together from few comparisons, each of which is one bit of a whole number:
a pass asks them once of a row and counts rows by the pattern of their bits; only of the patterns, which are few, it is
asked what they mean for each of a hundred counts.

Beside the plain branch there may be one for appeals (the same counts over the few cases that appeals took out of an
indicator), one by category (for shares of the top categories), and, by unit, one for receipts and one for returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gewu.evaluation.conditions import Parts, come, literal, parts, recurs
from gewu.evaluation.definitions import Indicator
from gewu.evaluation.values import By, Period, Where

PLACE_DIGITS = {By.STREET: 9, By.COMMUNITY: 12, By.GRID: 15}
ENTRY_ARRAYS = {"received": "units_received", "returned": "units_returned"}
ZERO = "CAST(0 AS bigint)"
NO_KEY = "''"
BITS = 62
"""Comparisons in one whole number: a bigint less its sign, and one to spare."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Where an indicator finds its counts in a row of its branch; -1 where it has none."""

    numerator: int = -1
    denominator: int = -1
    unanswered: int = -1
    adjusted_numerator: int = -1
    adjusted_denominator: int = -1
    exempt: int = -1


@dataclass(frozen=True, slots=True)
class Count:
    """What a column counts: the rows whose pattern meets a condition, or a value of rows added up over them."""

    condition: str = "TRUE"
    value: str = ""


@dataclass(slots=True)
class Branch:
    """One SELECT of the statement. ``kind``: plain, appeal, top, received or returned."""

    number: int
    kind: str
    at: str
    indicators: list[Indicator]
    as_of: int
    columns: list[Count] = field(default_factory=list)
    slots: dict[str, Slots] = field(default_factory=dict)
    bits: list[str] = field(default_factory=list)

    def bit(self, leaf: str) -> str:
        """Whether a comparison holds, asked of a pattern; a bit is added when it is new."""
        if leaf == come(self.at, self.as_of):  # rows without it are not in the branch
            return "TRUE"
        if leaf not in self.bits:
            self.bits.append(leaf)
        number = self.bits.index(leaf)
        return f"((s.m{number // BITS} & {1 << number % BITS}) <> 0)"

    def slot(self, count: Count) -> int:
        """The number of the column that counts this, added when it is new."""
        if count not in self.columns:
            self.columns.append(count)
        return self.columns.index(count)


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything a statement depends on beside the indicators."""

    district_id: int
    by: By
    periods: Sequence[Period]
    as_of: int
    where: Where
    appeals: bool = True
    """Whether any appeal was granted; without one there is nothing to take out."""


def group_of(by: By) -> str:
    """The group of a fact row as SQL."""
    if by in PLACE_DIGITS:
        return f"substr(f.place, 1, {PLACE_DIGITS[by]})"
    if by is By.TOTAL:
        return "''"
    return {By.UNIT: "f.lead_unit", By.CATEGORY: "f.category", By.SOURCE: "f.source", By.ZONE: "z.g"}[by]


def statement(asking: Asking, indicators: Sequence[Indicator]) -> tuple[str, list[Branch]]:
    """The text of the statement and what its rows mean: branch number, group, period number, key, counts."""
    branches = _branches(asking, indicators)
    width = max(len(branch.columns) for branch in branches)
    selects = [_select(asking, branch, width) for branch in branches]
    return "\nUNION ALL\n".join(selects), branches


def _branches(asking: Asking, indicators: Sequence[Indicator]) -> list[Branch]:
    branches: list[Branch] = []

    def add(kind: str, at: str, members: list[Indicator]) -> None:
        if members:
            branches.append(Branch(len(branches), kind, at, members, asking.as_of))

    for at in dict.fromkeys(i.at for i in indicators):
        here = [i for i in indicators if i.at == at]
        entries = [i for i in here if asking.by is By.UNIT and i.entries is not None and i.entries.by_unit]
        plain = [i for i in here if i not in entries and i.top is None]
        add("received", at, entries)
        add("returned", at, entries)
        add("plain", at, plain)
        if asking.appeals:
            add("appeal", at, [i for i in plain if i.entries is None])
        add("top", at, [i for i in here if i.top is not None])
    for branch in branches:
        for indicator in branch.indicators:
            branch.slots[indicator.code] = _slots(asking, branch, indicator)
    return branches


def _slots(asking: Asking, branch: Branch, indicator: Indicator) -> Slots:
    if branch.kind in ENTRY_ARRAYS:
        return Slots(denominator=branch.slot(Count()))
    if indicator.entries is not None:
        return Slots(
            numerator=branch.slot(Count(value=" + ".join(f"f.{name}" for name in indicator.entries.numerator))),
            denominator=branch.slot(Count(value=" + ".join(f"f.{name}" for name in indicator.entries.denominator))),
        )
    person = asking.where.person
    fact = parts(indicator, asking.as_of, person=person, leaf=branch.bit)
    adjusted = parts(indicator, asking.as_of, adjusted=True, person=person, leaf=branch.bit)
    if branch.kind == "top":
        return Slots(denominator=branch.slot(Count(fact.denominator)))
    return Slots(
        numerator=branch.slot(_numerator(indicator, fact)),
        denominator=branch.slot(Count(fact.denominator)) if not indicator.counts else -1,
        unanswered=branch.slot(Count(fact.unanswered)) if fact.unanswered else -1,
        adjusted_numerator=branch.slot(_numerator(indicator, adjusted)),
        adjusted_denominator=branch.slot(Count(adjusted.denominator)) if not indicator.counts else -1,
        exempt=branch.slot(Count(fact.exempt)) if fact.exempt else -1,
    )


def _numerator(indicator: Indicator, found: Parts) -> Count:
    return Count(found.denominator, found.span) if indicator.span is not None else Count(found.numerator)


def _select(asking: Asking, branch: Branch, width: int) -> str:
    """Rows by group, period, key and pattern of bits, then these patterns added up."""
    group, key = group_of(asking.by), ""
    if branch.kind in ENTRY_ARRAYS:
        group = "z.g"
    if branch.kind == "top":
        key = "f.category"
    if branch.kind == "appeal":
        key = "a.indicator"
    masks = [_mask(branch.bits[start : start + BITS]) for start in range(0, len(branch.bits), BITS)]
    values = list(dict.fromkeys(c.value for c in branch.columns if c.value))
    inner = [
        f"{group} AS g",
        f"{period_of(branch.at, asking.periods)} AS p",
        *([f"{key} AS k"] if key else []),
        *(f"{mask} AS m{number}" for number, mask in enumerate(masks)),
    ]
    patterns = ", ".join(str(number) for number in range(1, len(inner) + 1))
    inner.append("count(*) AS n")
    inner.extend(f"sum({value}) AS t{number}" for number, value in enumerate(values))
    outer = [_added_up(c, values) for c in branch.columns] + [ZERO] * (width - len(branch.columns))
    return (
        f"SELECT {branch.number} AS branch, s.g, s.p, {'s.k' if key else NO_KEY} AS k,\n  "
        + ",\n  ".join(f"{expression} AS c{number}" for number, expression in enumerate(outer))
        + "\nFROM (SELECT "
        + ",\n  ".join(inner)
        + f"\nFROM {tables(asking, branch)}\nWHERE {conditions(asking, branch)}\nGROUP BY {patterns}) s"
        + f" GROUP BY s.g, s.p{', s.k' if key else ''}"
    )


def _mask(bits: Sequence[str]) -> str:
    """The comparisons that hold as the bits of a whole number. What is unknown is not so."""
    return " + ".join([ZERO, *(f"CASE WHEN {bit} THEN {1 << number} ELSE 0 END" for number, bit in enumerate(bits))])


def _added_up(count: Count, values: Sequence[str]) -> str:
    """A column over the patterns."""
    found = f"sum(s.t{values.index(count.value)})" if count.value else "sum(s.n)"
    only = "" if count.condition == "TRUE" else f" FILTER (WHERE {count.condition})"
    return f"CAST(coalesce({found}{only}, 0) AS bigint)"


def period_of(at: str, periods: Sequence[Period]) -> str:
    """The number of the period an instant falls into, null for none: a tree of comparisons, halved at each."""
    numbers = {period.start: number for number, period in enumerate(periods)}
    bounds = sorted({bound for period in periods for bound in (period.start, period.end)})

    def between(low: int, high: int) -> str:
        """For instants from one bound up to another; those before the first and after the last are not asked."""
        if high - low == 1:
            return str(numbers.get(bounds[low], "NULL"))
        middle = (low + high) // 2
        return f"CASE WHEN f.{at} < {bounds[middle]} THEN {between(low, middle)} ELSE {between(middle, high)} END"

    return between(0, len(bounds) - 1)


def tables(asking: Asking, branch: Branch) -> str:
    """The FROM of a branch."""
    text = "evaluation_fact f"
    if branch.kind in ENTRY_ARRAYS:
        text += f" CROSS JOIN unnest(f.{ENTRY_ARRAYS[branch.kind]}) AS z(g)"
    elif asking.by is By.ZONE:
        text += " CROSS JOIN unnest(f.areas) AS z(g)"
    if any(recurs(i) for i in branch.indicators):
        text += " LEFT JOIN evaluation_recurrence r ON r.district_id = f.district_id AND r.record_id = f.record_id"
    if branch.kind == "appeal":
        text += f" JOIN {granted(asking)} a ON a.case_id = f.record_id"
    return text


def granted_any(district_id: int, as_of: int) -> str:
    """A row if any appeal was granted by an instant: then the statement has branches for them."""
    return (
        f"SELECT 1 FROM evaluation_appeal WHERE district_id = {int(district_id)} AND case_id IS NOT NULL"
        f" AND granted_at <= {int(as_of)} LIMIT 1"
    )


def granted(asking: Asking) -> str:
    """The pairs of case and indicator that appeals took out."""
    return (
        "(SELECT DISTINCT case_id, indicator FROM evaluation_appeal"
        f" WHERE district_id = {asking.district_id} AND case_id IS NOT NULL AND granted_at <= {asking.as_of})"
    )


def conditions(asking: Asking, branch: Branch) -> str:
    """The WHERE of a branch."""
    at = f"f.{branch.at}"
    first, last = min(p.start for p in asking.periods), max(p.end for p in asking.periods)
    found = [
        f"f.district_id = {asking.district_id}",
        f"{at} >= {first}",
        f"{at} < {last}",
        f"{at} <= {asking.as_of}",
        *restrictions(asking.where, "z.g" if branch.kind in ENTRY_ARRAYS else "f.lead_unit"),
    ]
    if branch.kind == "appeal":
        found.append("a.indicator IN (" + ", ".join(literal(i.code) for i in branch.indicators) + ")")
    return " AND ".join(found)


def restrictions(where: Where, unit: str) -> list[str]:
    """What ``where`` asks, as SQL. Raises ``ValueError`` for a code that is none."""
    found = []
    for column, prefixes in (("place", where.places), ("category", where.categories)):
        if prefixes:
            alike = [f"substr(f.{column}, 1, {len(prefix)}) = {literal(prefix)}" for prefix in prefixes]
            found.append("(" + " OR ".join(alike) + ")")
    if where.units:
        found.append(f"{unit} IN ({', '.join(literal(code) for code in where.units)})")
    return found
