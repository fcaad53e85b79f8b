"""Evaluation for other rooms: figures of indicators, the records behind them, scores. Start here.

::

    district = get_directory(district_id).district
    known = definitions(district_id)
    table = evaluate(
        Live(district_id), known.of("department"), By.UNIT, [month(district.timezone, 2026, 11)], as_of=now
    )
    cell = table.cell("on_time_handling", "uo03")     # cell.value, cell.adjusted, cell.n, cell.unanswered
    behind = records_of(
        district_id, known["on_time_handling"], Part.REST, By.UNIT, "uo03", table.periods[0], as_of=now, limit=50
    )
    ranked = scores(table, [known.formulas["department"]], known.grades, rank=True)

Figures are whole numbers; a value is an exact ``Fraction``; ``rounded`` makes the text to show. Nothing here ranks
people, and a person's own figures are given to that person alone (``own_figures``).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gewu.evaluation.definitions import Definitions, Formula, Grade, Indicator
from gewu.evaluation.values import (
    EVERYWHERE,
    By,
    Cell,
    Found,
    Live,
    Parquet,
    Part,
    Period,
    Score,
    Source,
    Table,
    Term,
    Where,
    days,
    half_up,
    month,
    months,
    quarter,
    rounded,
    year_of,
)
from gewu.registry.people import ActorPost

__all__ = [
    "By",
    "Cell",
    "Definitions",
    "Found",
    "Live",
    "NotYours",
    "Parquet",
    "Part",
    "Period",
    "Score",
    "Table",
    "Term",
    "Where",
    "days",
    "definitions",
    "evaluate",
    "half_up",
    "month",
    "months",
    "own_figures",
    "quarter",
    "records_of",
    "rounded",
    "scores",
    "year_of",
]


class NotYours(PermissionError):
    """Somebody asked for the figures of another person."""


def definitions(district_id: int) -> Definitions:
    """The indicators and formulas of a district: those of its packs, its own before the shared ones.

    Kept in memory until the registry changes; then one statement reads them.
    """
    from gewu.evaluation.packfiles import definitions_of

    return definitions_of(district_id)


def evaluate(
    source: Source,
    indicators: Sequence[Indicator],
    by: By,
    periods: Sequence[Period],
    *,
    as_of: int,
    where: Where = EVERYWHERE,
    version: str = "",
) -> Table:
    """The figures of indicators by group and period, in one statement.

    ``as_of`` (seconds since the epoch): what came later has not come; what is due by then and not done is late.
    Periods must not overlap. ``version`` is put into the table; without it, a digest of these indicators is.
    Raises ``ValueError`` for overlapping periods, and for codes in ``where`` that are none.
    """
    from gewu.evaluation.engine import run

    return run(source, indicators, by, periods, as_of=as_of, where=where, version=version)


def records_of(
    district_id: int,
    indicator: Indicator,
    part: Part,
    by: By,
    group: str,
    period: Period,
    *,
    as_of: int,
    where: Where = EVERYWHERE,
    limit: int = 50,
    after: tuple[int, UUID] | None = None,
) -> list[Found]:
    """The records behind a figure, the oldest first, a page at a time: ``after`` is (at, record_id) of the last one.

    One statement (two for a share of top categories). Following the pages to their end gives as many records as the
    cell counts (receipts and returns count for each time a record was received or returned).
    """
    from gewu.evaluation.behind import records_behind

    return records_behind(
        district_id, indicator, part, by, group, period, as_of=as_of, where=where, limit=limit, after=after
    )


def scores(
    table: Table,
    formulas: Sequence[Formula],
    grades: Sequence[Grade],
    *,
    period: str = "",
    groups: Sequence[str] | None = None,
    adjusted: bool = True,
    rank: bool = False,
) -> list[Score]:
    """Composite scores of the groups of a table, in the order of groups.

    Exact until one rounding (half up, to a tenth of a point) at the very end. ``rank`` gives equal scores equal ranks
    (1, 2, 2, 4); scores of posts are never ranked. Raises ``ValueError`` when the table lacks an indicator.
    """
    from gewu.evaluation.scoring import score_all

    return score_all(table, formulas, grades, period=period, groups=groups, adjusted=adjusted, rank=rank)


def own_figures(
    asking: ActorPost, person: int, indicators: Sequence[Indicator], periods: Sequence[Period], *, as_of: int
) -> Table:
    """What one person did, for that person alone. Raises ``NotYours`` for anybody else's, whoever asks."""
    if asking.person_id is None or asking.person_id != person or asking.token:
        raise NotYours("figures of a person are shown to that person alone")
    own = [i for i in indicators if i.actor is not None]
    where = Where(person=str(person))
    return evaluate(Live(asking.district_id), own, By.TOTAL, periods, as_of=as_of, where=where)
