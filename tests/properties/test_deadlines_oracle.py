"""Deadlines equal those of a stepper that walks minute by minute, over real Chinese holidays and make-up days."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gewu.core.calendar import Calendar, DayKind, Season, WorkDayMode
from gewu.core.deadlines import Limit, TimeUnit, due, fraction, remaining, resume
from tests.oracles.stepper import Plan, Stepper, chinese_holidays

CHINA, BOSTON = "Asia/Shanghai", "America/New_York"
PUBLISHED = frozenset(range(2015, 2027))
OFFICE = (("01-01", "12-31", "workdays", ("08:00-12:00", "14:00-18:00")),)
SEASONS = {
    "lunch break": OFFICE,
    "evening shift": (("01-01", "12-31", "workdays", ("08:30-12:00", "19:00-02:00")),),
    "evenings of every day": (("01-01", "12-31", "all", ("19:00-02:00",)),),
    "summer and winter hours": (
        ("05-01", "09-30", "workdays", ("07:30-11:30", "15:00-19:00")),
        ("10-01", "04-30", "workdays", ("08:30-12:00", "14:00-18:00")),
    ),
    "office, and summer evenings of every day": (*OFFICE, ("06-15", "09-15", "all", ("19:00-02:00",))),
    "overlapping and touching": (
        ("01-01", "12-31", "workdays", ("08:00-11:00", "10:15-12:00", "12:00-13:00", "22:00-24:00", "00:00-01:30")),
    ),
    "round the clock": (("01-01", "12-31", "all", ("00:00-24:00",)),),
    "over new year only": (("10-09", "09-24", "workdays", ("09:00-17:00",)),),
}


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


# Where holidays, make-up days and the borders of published years are, and any day of one year.
STARTS = st.one_of(
    st.integers(at(2023, 12, 20), at(2024, 3, 1)),
    st.integers(at(2025, 1, 20), at(2025, 2, 12)),
    st.integers(at(2025, 9, 25), at(2025, 10, 14)),
    st.integers(at(2026, 2, 10), at(2026, 3, 2)),
    st.integers(at(2026, 12, 26), at(2027, 1, 6)),
    st.integers(at(2014, 12, 26), at(2015, 1, 6)),
    st.integers(at(2026, 1, 1) // 1800, at(2026, 12, 31) // 1800).map(lambda half_hours: half_hours * 1800),
)
LIMITS = st.one_of(
    st.builds(Limit, st.integers(0, 900), st.sampled_from([TimeUnit.URGENT_MINUTE, TimeUnit.WORK_MINUTE])),
    st.builds(Limit, st.integers(0, 40), st.sampled_from([TimeUnit.URGENT_HOUR, TimeUnit.WORK_HOUR])),
    st.builds(Limit, st.integers(0, 10), st.sampled_from([TimeUnit.URGENT_DAY, TimeUnit.WORK_DAY])),
)
PLANS = st.builds(
    Plan,
    zone=st.just(CHINA),
    seasons=st.sampled_from(list(SEASONS.values())),
    kinds=st.just(chinese_holidays()),
    published=st.sampled_from([PUBLISHED, PUBLISHED - {2025}]),
    day_hours=st.sampled_from([8, 7]),
    end_of_day=st.booleans(),
)


@cache
def stepper(plan: Plan) -> Stepper:
    return Stepper(plan)


@cache
def calendar(plan: Plan) -> Calendar:
    return Calendar(
        plan.zone,
        [Season.parse(first, last, days, windows) for first, last, days, windows in plan.seasons],
        {day: DayKind(kind) for day, kind in plan.kinds},
        plan.published,
        plan.day_hours * 3600,
        WorkDayMode.END_OF_DAY if plan.end_of_day else WorkDayMode.HOURS,
    )


@given(PLANS, STARTS, LIMITS)
@settings(max_examples=300, deadline=None)
def test_due_equals_the_stepper(plan: Plan, start: int, limit: Limit) -> None:
    found = due(calendar(plan), start, limit)
    assert found.at == stepper(plan).due(start, limit.value, limit.unit)
    expected = not limit.unit.startswith("urgent") and stepper(plan).in_doubt(start, found.at)
    assert found.provisional == expected


@given(PLANS, STARTS, st.integers(-3600, 20 * 86_400), st.sampled_from(list(TimeUnit)))
@settings(max_examples=300, deadline=None)
def test_remaining_equals_the_stepper_for_any_two_instants(plan: Plan, now: int, ahead: int, unit: TimeUnit) -> None:
    left = remaining(calendar(plan), now, now + ahead, unit)
    assert left == stepper(plan).remaining(now, now + ahead, unit)


@given(PLANS, STARTS, LIMITS, st.integers(0, 250))
@settings(max_examples=200, deadline=None)
def test_fraction_equals_the_stepper(plan: Plan, start: int, limit: Limit, percent: int) -> None:
    due_at = due(calendar(plan), start, limit).at
    found = fraction(calendar(plan), start, due_at, percent, limit.unit)
    if percent == 100:
        assert found == due_at
    elif due_at > start:
        assert found == stepper(plan).fraction(start, due_at, percent, limit.unit)


@given(PLANS, STARTS, LIMITS, st.lists(st.tuples(st.integers(0, 3 * 86_400), st.integers(0, 9 * 86_400)), max_size=4))
@settings(max_examples=200, deadline=None)
def test_pauses_and_resumes_of_one_unit_equal_the_stepper(
    plan: Plan, start: int, limit: Limit, turns: list[tuple[int, int]]
) -> None:
    """Returned work that goes to the same unit again keeps what was left, however long it lay."""
    walker, unit = stepper(plan), limit.unit
    now, due_at, walked = start, due(calendar(plan), start, limit).at, walker.due(start, limit.value, limit.unit)
    worked = 0
    for runs, rests in turns:
        stop = now + runs
        left = remaining(calendar(plan), stop, due_at, unit)
        assert left == walker.remaining(stop, walked, unit)
        worked += walker.count(now, min(stop, walked))
        now = stop + rests
        due_at = resume(calendar(plan), now, left, unit).at
        walked = walker.resume(now, left, unit)
        assert due_at == walked
    if unit in (TimeUnit.WORK_MINUTE, TimeUnit.WORK_HOUR):
        # Seen from outside: all stretches together are the limit, no second more or less.
        seconds = limit.value * (60 if unit is TimeUnit.WORK_MINUTE else 3600)
        assert worked + walker.count(now, walked) == seconds


@given(PLANS, PLANS, STARTS, LIMITS, st.integers(0, 5 * 86_400))
@settings(max_examples=150, deadline=None)
def test_another_unit_starts_again_in_its_own_working_time(
    first: Plan, second: Plan, start: int, limit: Limit, passed: int
) -> None:
    """Work sent to another unit forgets what the first one used and counts in the other's windows."""
    handed_on = start + passed
    assert due(calendar(first), start, limit).at == stepper(first).due(start, limit.value, limit.unit)
    again = due(calendar(second), handed_on, limit)
    assert again.at == stepper(second).due(handed_on, limit.value, limit.unit)


QUARTERS = st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True).map(sorted)


def _windows(quarters: list[int], overlap: bool) -> tuple[str, ...]:
    """Windows between consecutive quarter hours, or, overlapping, from each to the next but one."""
    pairs = zip(quarters, quarters[2:], strict=False) if overlap and len(quarters) > 2 else pairwise(quarters)
    return tuple(f"{a // 4:02d}:{a % 4 * 15:02d}-{b // 4:02d}:{b % 4 * 15:02d}" for a, b in pairs)


def _near_the_change(plan: Plan, start: int, limit: Limit) -> None:
    assert due(calendar(plan), start, limit).at == stepper(plan).due(start, limit.value, limit.unit)
    later = start + 100_000
    assert remaining(calendar(plan), start, later, limit.unit) == stepper(plan).remaining(start, later, limit.unit)


CHANGES = st.one_of(
    st.integers(at(2025, 3, 7), at(2025, 3, 11)),  # clocks go forward on 9 March
    st.integers(at(2025, 10, 31), at(2025, 11, 4)),  # and back on 2 November
)
SHORT = st.builds(
    Limit,
    st.integers(0, 24),
    st.sampled_from([TimeUnit.WORK_HOUR, TimeUnit.URGENT_HOUR]),
) | st.builds(Limit, st.integers(0, 3), st.just(TimeUnit.WORK_DAY))
NIGHTS = st.sampled_from(
    [
        ("22:00-06:00",),
        ("19:00-02:30",),
        ("01:30-05:00",),
        ("00:00-01:15", "01:15-01:45", "01:45-24:00"),
        ("02:15-02:45", "08:00-09:00"),
        ("02:00-03:00", "23:00-01:30"),
    ]
)


@given(NIGHTS, CHANGES, SHORT, st.booleans())
@settings(max_examples=150, deadline=None)
def test_boston_nights_in_which_the_clock_changes(
    windows: tuple[str, ...], start: int, limit: Limit, end_of_day: bool
) -> None:
    _near_the_change(Plan(BOSTON, (("01-01", "12-31", "all", windows),), end_of_day=end_of_day), start, limit)


@given(QUARTERS, st.booleans(), CHANGES, SHORT, st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_windows_of_a_boston_day(
    quarters: list[int], overlap: bool, start: int, limit: Limit, end_of_day: bool
) -> None:
    season = ("01-01", "12-31", "workdays", _windows(quarters, overlap))
    plan = Plan(BOSTON, (season,), frozenset({(date(2025, 11, 3), "rest")}), frozenset({2025}), end_of_day=end_of_day)
    _near_the_change(plan, start, limit)
    _near_the_change(replace(plan, zone=CHINA), start, limit)
