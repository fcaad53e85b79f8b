"""Lists and pages, against the bare statements they send."""

from __future__ import annotations

from typing import Any

from bench.house import House, plain, role
from bench.measure import Result, in_turn, statements_of


def lists(house: House, size: int, name: str) -> Result:
    """The desk's list of 50, earliest deadline first, for a shift leader of the whole district."""
    from gewu.cases.queries import Filter, list_cases

    acting = role("shift_leader")
    wanted = Filter(ended=False)

    def ours() -> None:
        page = list_cases(house.district_id, acting, wanted)
        assert len(page.rows) == 50, len(page.rows)

    return _against_bare(name, ours, "a list of 50", size, 2.0)


def page(house: House, size: int) -> Result:
    """A case with its whole timeline."""
    from gewu.cases.queries import Filter, get_case, list_cases

    acting = role("shift_leader")
    rows = list_cases(house.district_id, acting, Filter(ended=True, order="recent"), limit=40).rows

    def ours() -> None:
        for row in rows:
            get_case(house.district_id, acting, row.record_id)

    return _against_bare("page", ours, "a case page", size, 3.0, parts=len(rows))


def _against_bare(name: str, ours: Any, what: str, size: int, aim: float, parts: int = 1) -> Result:
    sent = statements_of(ours)
    with plain() as connection:

        def bare() -> None:
            for statement, params in sent:
                connection.execute(statement, params).fetchall()

        mine, limit = in_turn(ours, bare, repeats=25, warm_up=5)
    return Result(
        name, mine.median / parts * 1000, "ms", limit.median / parts * 1000,
        f"the bare statements of {what} from psycopg", aim, "low", cpu_ms=mine.median_cpu / parts * 1000,
        statements=len(sent) / parts, spread=mine.spread, size=size,
    )  # fmt: skip
