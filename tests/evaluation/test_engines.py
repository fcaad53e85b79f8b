"""One expression, two engines, and an outside auditor: they agree to the last integer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.auditor import compare
from gewu.cases import services
from gewu.cases.demo.month import Maker
from gewu.evaluation.api import By, Live, Parquet, Period, Where, definitions, evaluate, months
from gewu.evaluation.export import export
from gewu.evaluation.recurrence import refresh_recurrence
from gewu.ledger import rebuild
from gewu.ledger.bulk import execute_many
from gewu.ledger.pictures import stage_pictures
from support import district as d
from support.occasions import OFFICE
from support.occasions import Session as Table
from support.servers import Session

NOW = 1_795_052_400


@pytest.fixture(scope="module")
def population(database_session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A month of cases of every kind, written in bulk and exported."""
    from django.db import connections

    from conftest import _truncate_tenant_tables, names_its_district

    folder = tmp_path_factory.mktemp("export") / "data"
    with connection.execute_wrapper(names_its_district):
        made = Maker(d.directory(), 11, 150, NOW).month()
        stage_pictures(d.district_id(), made.uploads)
        assert execute_many(d.district_id(), made.lives, mute=True).failed == []
        # Cases that no desk sent: residents raised them at a table, and one went up to the district's centre and back.
        table = Table(at_us=(NOW - 20 * 86_400) * 1_000_000).scheduled().opened().settle(lead=OFFICE)
        case, street = table.case().record_id, d.acting("unit_clerk", unit=OFFICE)
        for version, (who, move, form) in enumerate(
            [
                (street, "claim", {"args": {"tier": "small"}}),
                (street, "lift_to_district", {"texts": {"reason": "需区级部门处置"}}),
                (d.acting("dispatcher"), "return_to_street", {"args": {"lead": OFFICE}, "texts": {"reason": "属地"}}),
            ],
            start=1,
        ):
            services.act(d.district_id(), who, case, move, version=version, at_us=table.at_us, **form)
        assert refresh_recurrence(d.district_id()) > 0
        export([], folder)
        yield folder
    connections.close_all()
    _truncate_tenant_tables(database_session)


def indicators() -> list[Any]:
    return list(definitions(d.district_id()).indicators.values())


_START = NOW - 40 * 86_400
_BOUNDS = st.lists(st.integers(_START, NOW + 86_400), min_size=2, max_size=6, unique=True)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    by=st.sampled_from(list(By)),
    bounds=_BOUNDS,
    as_of=st.integers(_START, NOW + 120 * 86_400),
    where=st.sampled_from(
        [
            Where(),
            Where(places=("500101023", "500101001")),
            Where(categories=("matter:06",), units=("sanitation-section",)),
        ]
    ),
    chosen=st.sets(st.integers(0, 45), min_size=1),
)
def test_live_and_parquet_agree(
    population: Path, by: By, bounds: list[int], as_of: int, where: Where, chosen: set[int]
) -> None:
    bounds.sort()
    periods = [Period(str(n), a, b) for n, (a, b) in enumerate(pairwise(bounds))]
    asked = [one for n, one in enumerate(indicators()) if n in chosen]
    live = evaluate(Live(d.district_id()), asked, by, periods, as_of=as_of, where=where)
    stored = evaluate(Parquet(population, d.district_id()), asked, by, periods, as_of=as_of, where=where)
    assert live == stored
    for cell in live.cells.values():
        if not cell.counted and cell.denominator and all(one.unit != "mean" for one in asked):
            assert 0 <= cell.numerator <= cell.denominator


def test_the_facts_are_rebuilt_from_the_events(population: Path) -> None:
    report = rebuild.rebuild_all(d.district_id())
    assert report.records >= 150
    assert report.ok, report.differences[:3]


def test_an_outside_script_finds_the_same_from_the_events_alone(population: Path) -> None:
    whole = months("Asia/Shanghai", 2026, 11, 2)
    for period in whole:
        for as_of in (NOW, NOW + 45 * 86_400):
            compare(population, period, as_of)


def test_everything_in_one_statement(population: Path) -> None:
    asked = indicators()
    with CaptureQueriesContext(connection) as seen:
        evaluate(Live(d.district_id()), asked, By.UNIT, months("Asia/Shanghai", 2026, 11, 12), as_of=NOW)
    assert len(seen) == 1
