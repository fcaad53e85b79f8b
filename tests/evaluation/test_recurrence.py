"""The same problem again: same category, same place, soon after the closing."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import hand
from evaluation.hand import AS_OF, Told
from gewu.evaluation.api import By, Live, definitions, evaluate, month
from gewu.evaluation.models import Recurrence
from gewu.evaluation.recurrence import Spot, near, pairs, refresh_recurrence
from gewu.ledger.ticker import keep_house
from support import district as d
from support.servers import Session

DAY = 86_400
GRID = "500101023009004"


def spot(number: int, reported: int, closed: int | None = None, **more: object) -> Spot:
    values: dict[str, object] = {"category": "matter:06012", "place": GRID, "lon_e6": 108_400_000, "lat_e6": 30_800_000}
    values |= more
    return Spot(UUID(int=number), reported_at=reported, closed_at=closed, **values)


def found(*spots: Spot) -> list[tuple[int, int, int]]:
    return [(a.int, b.int, gap) for a, b, gap in pairs(spots, 90, 50)]


def test_the_next_one_counts() -> None:
    assert found(spot(1, 0, 100), spot(2, 200, 300), spot(3, 250)) == [(1, 2, 100)]
    assert found(spot(1, 0, 100), spot(2, 100)) == [(1, 2, 0)]
    assert found(spot(1, 0, 100), spot(2, 99)) == [], "it was reported before the closing"
    assert found(spot(1, 0, 100), spot(2, 100 + 90 * DAY)) == [(1, 2, 90 * DAY)]
    assert found(spot(1, 0, 100), spot(2, 101 + 90 * DAY)) == []
    assert found(spot(1, 0, 100), spot(2, 200, category="matter:06013")) == []
    assert found(spot(1, 0), spot(2, 200)) == [], "what is open has not recurred"


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ({"lat_e6": 30_800_449}, True),  # 49.9 m to the north
        ({"lat_e6": 30_800_450}, False),  # 50.04 m
        ({"lon_e6": 108_400_523}, True),  # 49.95 m to the east, where a degree is shorter
        ({"lon_e6": 108_400_524}, False),
        ({"lon_e6": None, "lat_e6": None}, True),  # the same grid
        ({"lon_e6": None, "lat_e6": None, "place": GRID[:-1] + "5"}, False),
        ({"lon_e6": None, "lat_e6": None, "place": GRID[:12]}, False),  # a community is no place to meet again
    ],
)
def test_what_the_same_place_is(more: dict[str, object], same: bool) -> None:
    place = str(more.get("place", GRID))
    a = spot(1, 0, 100, place=place if len(place) < len(GRID) else GRID)
    b = spot(2, 200, **more)
    assert near(a, b, 50) is same
    assert bool(found(a, b)) is same


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 40), st.one_of(st.none(), st.integers(0, 20)), st.integers(0, 1500), st.integers(0, 1500),
            st.booleans(), st.sampled_from(["a", "b"]),
        ),
        max_size=25,
    )
)  # fmt: skip
def test_squares_of_ground_miss_nothing(rows: list[tuple[int, int | None, int, int, bool, str]]) -> None:
    """Against comparing every pair."""
    spots = [
        spot(
            number,
            reported * DAY,
            None if lasted is None else (reported + lasted) * DAY,
            lon_e6=108_400_000 + east if placed else None,
            lat_e6=30_800_000 + north if placed else None,
            category=category,
        )
        for number, (reported, lasted, east, north, placed, category) in enumerate(rows, 1)
    ]
    wanted = []
    for one in spots:
        if one.closed_at is None:
            continue
        after = [
            other
            for other in spots
            if other is not one
            and other.category == one.category
            and 0 <= other.reported_at - one.closed_at <= 90 * DAY
            and near(one, other, 50)
        ]
        if after:
            first = min(after, key=lambda s: (s.reported_at, s.record_id))
            wanted.append((one.record_id.int, first.record_id.int, first.reported_at - one.closed_at))
    assert found(*spots) == sorted(wanted)


def test_refreshed_whole_or_in_part_it_is_the_same(db: Session) -> None:
    first, second = Told(), Told()
    first.filed_case().dispatch(25).claim(35).finish(55)
    assert refresh_recurrence(d.district_id()) == 0
    second.phone(20 * 1440)
    assert refresh_recurrence(d.district_id(), d.START_US // 1_000_000 + 19 * DAY) == 1
    assert refresh_recurrence(d.district_id()) == 1
    known = definitions(d.district_id())
    november = month("Asia/Shanghai", 2026, 11)
    table = evaluate(Live(d.district_id()), [known["recurred_30"]], By.UNIT, [november], as_of=AS_OF)
    assert table.cell("recurred_30", hand.SANITATION).numerator == 1
    # A void report was no problem: nothing recurred.
    second.move(d.acting("shift_leader"), "void", texts={"reason": "误报"})
    assert refresh_recurrence(d.district_id()) == 0


def test_who_keeps_house_looks_for_it_once_a_day(db: Session) -> None:
    first, second = Told(), Told()
    first.filed_case().dispatch(25).claim(35).finish(55)
    second.phone(20 * 1440)
    keep_house(d.district_id(), datetime.fromtimestamp(second.at_us // 1_000_000 + 3600, UTC))
    assert list(Recurrence.objects.filter(district_id=d.district_id()).values_list("record_id", "next_record_id")) == [
        (first.record_id, second.record_id)
    ]
