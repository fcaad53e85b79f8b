"""Near cases: who is a candidate, in which order, and what is said of them; by an index at any number of cases."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from gewu.cases import services
from gewu.cases.ranking import MAJOR, NAMED, OTHER, SAME, Traits, metres_between, score
from gewu.cases.services import Where
from gewu.cases.similar import Near, around_statement, near_cases
from gewu.core.places import Scope
from gewu.ledger.door import SYSTEM, Acting
from gewu.ledger.erasure import erase
from gewu.surfaces.nearby import reasons
from support.district import CATEGORY, POINT, START_US, Walk, acting, directory, district_id

NOW = datetime.fromtimestamp(START_US / 1e6, UTC)
LON_E6, LAT_E6 = round(POINT[0] * 1e6), round(POINT[1] * 1e6)
SAME_MAJOR = "matter:06011"
OTHER_MAJOR = "matter:07001"


def made(
    *, north: float = 0.0, east: float = 0.0, days: float = 0.0, category: str = CATEGORY, text: str = "路面有油污",
    place: str = "",
) -> services.Made:  # fmt: skip
    """A case registered so many metres from the point, and so many days before now."""
    lat = POINT[1] + north / 111_195
    lon = POINT[0] + east / (111_195 * math.cos(math.radians(POINT[1])))
    return services.register_intake(
        district_id(),
        acting("intake_officer"),
        services.Intake(
            {"source": "phone", "category": category},
            {"description": text},
            Where(place=place) if place else Where(lon, lat),
        ),
        at_us=START_US - round(days * 86_400_000_000),
    )  # fmt: skip


def near(who: Acting = SYSTEM, **options: Any) -> list[Near]:
    given = {"lon_e6": LON_E6, "lat_e6": LAT_E6, "category": CATEGORY, "at": NOW, **options}
    return near_cases(district_id(), who, **given)


def numbers(found: list[Near]) -> list[str]:
    return [one.row.number for one in found]


def test_within_a_hundred_metres_counts_as_near(db: object) -> None:
    here, edge = made(), made(north=95)
    made(north=105)
    made(north=72, east=72)
    assert numbers(near()) == [here.number, edge.number]


@pytest.mark.parametrize("east", [-90, 90])
@pytest.mark.parametrize("north", [-40, 40])
def test_neighbouring_cells_are_looked_into(db: object, north: int, east: int) -> None:
    there = made(north=north, east=east)
    [found] = near()
    assert found.row.number == there.number
    assert found.traits.metres == pytest.approx(math.hypot(north, east), abs=0.5)


def test_category_then_distance_then_time(db: object) -> None:
    other = made(category=OTHER_MAJOR)
    related = made(category=SAME_MAJOR)
    far = made(north=20)
    old = made(days=30)
    best = made(days=1)
    assert numbers(near()) == [best.number, old.number, far.number, related.number, other.number]
    assert [one.traits.category for one in near()] == [SAME, SAME, SAME, MAJOR, OTHER]


def test_words_tip_the_scale(db: object) -> None:
    made(text="下水道堵塞，污水横流")
    alike = made(north=3, text="烧烤店门口路面全是油，老人滑倒")
    found = near(text="烧烤店门口全是油污，有老人滑倒")
    assert found[0].row.number == alike.number
    assert found[0].traits.text > 0.3


def test_without_a_category_the_words_may_name_it(db: object) -> None:
    made()
    [found] = near(category="", text="这里道路不洁，没人扫")
    assert found.traits.category == NAMED
    assert found.likely
    [unlike] = near(category="", text="树枝挡住路牌了")
    assert unlike.traits.category == OTHER
    assert not unlike.likely


def test_closed_lately_is_shown_marked_and_cannot_be_joined(db: object) -> None:
    walk = Walk(at_us=START_US - 20 * 86_400_000_000).answered()
    opened = made(north=80, days=1)
    found = near()
    assert numbers(found) == [opened.number, walk.number]
    assert (found[0].closed_at, found[0].joinable) == (None, True)
    assert found[1].closed_at is not None
    assert not found[1].joinable
    assert numbers(near(at=NOW + timedelta(days=61))) == [opened.number]


def test_voided_and_merged_ones_are_not_near(db: object) -> None:
    first, second, third = made(), made(), made()
    services.act(
        district_id(), acting("shift_leader"), third.outcome.record_id, "void", texts={"reason": "测试"}, version=1
    )
    services.merge(
        district_id(), acting("shift_leader"), second.outcome.record_id, first.outcome.record_id, "同一处", version=1
    )
    assert numbers(near()) == [first.number]


def test_without_a_point_the_grid_counts(db: object) -> None:
    place = made().position.place
    beside = made(place=place)
    elsewhere = next(
        p.code for p in directory().places.values() if p.kind == "grid" and not p.code.startswith(place[:12])
    )
    made(place=elsewhere)
    found = near(lon_e6=None, lat_e6=None, place=place)
    assert len(found) == 2
    assert beside.number in numbers(found)
    assert {one.traits.metres for one in found} == {None}
    assert len(near(lon_e6=None, lat_e6=None, place=place[:12])) == 2
    assert near(lon_e6=None, lat_e6=None, place=place[:9]) == []
    assert near(lon_e6=None, lat_e6=None) == []


def test_only_what_somebody_sees_is_near(db: object) -> None:
    number = made().number
    elsewhere = Acting(acting("collector").actor, "", Scope(frozenset({"500101100"})))
    assert near(elsewhere) == []
    assert numbers(near(acting("intake_officer"))) == [number]


def test_the_case_itself_is_left_out(db: object) -> None:
    one, two = made(), made()
    assert numbers(near(besides=one.outcome.record_id)) == [two.number]


def test_an_erased_case_has_no_place_any_more(db: object) -> None:
    one = made()
    erase(district_id(), one.outcome.record_id, SYSTEM)
    assert near(text="路面有油污") == []


def test_two_statements_are_enough(db: object) -> None:
    for n in range(5):
        made(north=n)
    near()
    found: list[str] = []

    def collect(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        assert len(near(text="路面有油污")) == 5
    assert len(found) == 2


def test_reasons_are_told_in_both_languages(db: object) -> None:
    made(north=42, days=2)
    [found] = near()
    assert reasons(found, NOW, "en") == "same category, 40 m away, 2\u00a0d ago"
    assert reasons(found, NOW, "zh-hans") == "同一类别，相距约\u200940\u2009米，2\u2009天前"
    walk = Walk(at_us=START_US - 3 * 86_400_000_000).answered()
    closed = next(one for one in near() if one.row.number == walk.number)
    assert "at the same place" in reasons(closed, NOW, "en")
    assert "closed" in reasons(closed, NOW, "en")
    assert "已结案" in reasons(closed, NOW, "zh-hans")


def test_the_score_falls_with_every_metre_and_day() -> None:
    plain = Traits(SAME, 10.0, 1.0)
    assert score(plain) > score(Traits(SAME, 20.0, 1.0)) > score(Traits(SAME, 20.0, 5.0))
    assert score(plain) > score(Traits(MAJOR, 10.0, 1.0)) > score(Traits(OTHER, 10.0, 1.0))
    assert score(plain) > score(Traits(SAME, 10.0, 1.0, closed=True))
    assert metres_between(0, 60_000_000, 1_000, 60_000_000) == pytest.approx(55.6, abs=0.1)


MANY = """
WITH made AS (
    INSERT INTO ledger_record SELECT r.district_id, gen_random_uuid(), r.kind, r.playbook, r.playbook_version, r.stage,
        r.ended, r.tier, r.place, r.areas, r.involved, r.due_at, r.next_at, r.version, r.state, r.head, r.created_at,
        r.updated_at
    FROM ledger_record r, generate_series(1, 20000) WHERE r.district_id = %(district)s RETURNING id
), numbered AS (SELECT id, row_number() OVER () AS n FROM made)
INSERT INTO cases_case SELECT c.district_id, m.id, 'n' || m.n, '', c.source, c.category, c.owner, c.standard, c.urgent,
    c.has_reporter, 108300000 + (m.n * 7919 %% 400000), 30600000 + (m.n * 104729 %% 400000), c.candidates, c.flags,
    c.lead_unit, c.verification, c.check_result, c.solved, c.satisfied, c.reported_at, NULL, NULL, NULL, NULL, NULL, 0,
    0, 0, NULL, NULL
FROM cases_case c, numbered m WHERE c.district_id = %(district)s
"""


def test_a_point_is_found_by_its_cells_among_many_cases(db: object, owner_connection: psycopg.Connection) -> None:
    """The plan at 20,000 cases all over a district: cells of the index, not a walk through the table."""
    made()
    statement, params = around_statement(district_id(), SYSTEM, LON_E6, LAT_E6, NOW)
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute(MANY, {"district": district_id()})
        owner_connection.execute("ANALYZE cases_case, ledger_record")
        plan = "\n".join(row[0] for row in owner_connection.execute(f"EXPLAIN {statement}", params).fetchall())
    assert "cases_case_cell" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_strange_positions_give_nothing(db: object) -> None:
    made()
    assert near(lon_e6=180_000_000, lat_e6=89_999_999) == []
    assert near(lon_e6=-1, lat_e6=-1) == []
    assert near(besides=uuid4()) != []
