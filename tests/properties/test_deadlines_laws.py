"""What must hold of deadlines whatever the calendar: order, exactness, round trips, and honest doubt."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gewu.core.calendar import Calendar, DayKind, DayMask, Season, Window, WorkDayMode
from gewu.core.deadlines import Limit, TimeUnit, due, fraction, remaining, resume
from tests.oracles.stepper import chinese_holidays

HOUR = 3600
HOLIDAYS = {day: DayKind(kind) for day, kind in chinese_holidays()}
WORK_UNITS = [TimeUnit.WORK_MINUTE, TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY]


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(st.integers(0, 95)) * 900
    return Window(start, start + draw(st.integers(4, 56)) * 900)


SEASONS = st.builds(
    Season,
    st.tuples(st.integers(1, 12), st.integers(1, 28)),
    st.tuples(st.integers(1, 12), st.integers(1, 28)),
    st.sampled_from(DayMask),
    st.lists(windows(), min_size=1, max_size=3).map(tuple),
)
YEAR_ROUND = st.builds(
    Season, st.just((1, 1)), st.just((12, 31)), st.sampled_from(DayMask), st.lists(windows(), min_size=1).map(tuple)
)
CALENDARS = st.builds(
    Calendar,
    st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"]),
    st.tuples(YEAR_ROUND, SEASONS) | st.tuples(YEAR_ROUND),
    st.just(HOLIDAYS),
    st.just(frozenset(range(2015, 2027))),
    st.integers(1, 9).map(lambda hours: hours * HOUR),
    st.sampled_from(WorkDayMode),
)
INSTANTS = st.integers(at(1990, 1, 3), at(2095, 1, 1)) | st.integers(at(2024, 6, 1), at(2027, 6, 1))
LIMITS = st.builds(Limit, st.integers(0, 30), st.sampled_from(TimeUnit))
FEW = settings(max_examples=80, deadline=None)


@given(CALENDARS, INSTANTS, st.integers(0, 90 * 86_400), st.integers(0, 90 * 86_400))
@FEW
def test_working_seconds_add_up(calendar: Calendar, start: int, first: int, second: int) -> None:
    middle, end = start + first, start + first + second
    whole = calendar.working_seconds(start, end)
    assert whole == calendar.working_seconds(start, middle) + calendar.working_seconds(middle, end)
    assert 0 <= whole <= end - start
    assert calendar.working_seconds(end, start) == 0 or end == start


@given(CALENDARS, INSTANTS, st.integers(1, 40 * 8 * HOUR))
@FEW
def test_advance_is_the_first_instant_with_so_many_working_seconds(calendar: Calendar, start: int, need: int) -> None:
    end = calendar.advance(start, need)
    assert calendar.working_seconds(start, end) == need
    assert calendar.working_seconds(start, end - 1) == need - 1


@given(CALENDARS, INSTANTS, LIMITS, st.integers(0, 20 * 86_400))
@FEW
def test_a_later_start_or_a_longer_limit_is_never_due_earlier(
    calendar: Calendar, start: int, limit: Limit, later: int
) -> None:
    assume(_tidy(calendar) or limit.unit is not TimeUnit.WORK_DAY)
    here = due(calendar, start, limit).at
    assert here >= start
    assert due(calendar, start + later, limit).at >= here
    longer = due(calendar, start, Limit(limit.value + 1, limit.unit)).at
    # On a day of rest "the end of the first day not over" and "the end of the first day after" are the same.
    assert longer > here or (limit.value == 0 and longer == here)


@given(CALENDARS, INSTANTS, LIMITS, st.integers(0, 10**6))
@FEW
def test_a_clock_that_stops_and_goes_on_in_the_same_second_keeps_its_deadline(
    calendar: Calendar, start: int, limit: Limit, part: int
) -> None:
    assume(_tidy(calendar) or limit.unit is not TimeUnit.WORK_DAY)
    due_at = due(calendar, start, limit).at
    now = start + (due_at - start) * part // (10**6 + 1)
    left = remaining(calendar, now, due_at, limit.unit)
    assert due_at == start or resume(calendar, now, left, limit.unit).at == due_at


def _tidy(calendar: Calendar) -> bool:
    """Whether each day's last window ends before the next day's: else "the end of the day" has no order to keep."""
    lasts = [max(window.end for window in season.windows) for season in calendar.seasons]
    firsts = [min(window.start for window in season.windows) for season in calendar.seasons]
    return calendar.work_day_mode is WorkDayMode.HOURS or max(lasts) <= min(firsts) + 86_400 - 2 * HOUR


@given(CALENDARS, INSTANTS, LIMITS, st.integers(1, 99))
@FEW
def test_fraction_is_the_first_second_at_which_that_share_is_used(
    calendar: Calendar, start: int, limit: Limit, percent: int
) -> None:
    due_at = due(calendar, start, limit).at
    assume(due_at > start)
    found = fraction(calendar, start, due_at, percent, limit.unit)
    assert start < found <= due_at
    if limit.unit in WORK_UNITS:
        total = calendar.working_seconds(start, due_at)
        assert calendar.working_seconds(start, found) * 100 >= percent * total
        assert calendar.working_seconds(start, found - 1) * 100 < percent * total
    else:
        assert (found - start) * 100 >= percent * (due_at - start) > (found - 1 - start) * 100


@st.composite
def next_plans(draw: st.DrawFn) -> dict[date, DayKind]:
    """A holiday plan that the State Council might still publish for 2027."""
    days = draw(st.sets(st.integers(0, 40), max_size=20)) | draw(st.sets(st.integers(0, 364), max_size=20))
    first = date(2027, 1, 1)
    kinds = {first + timedelta(days=shift): draw(st.sampled_from(DayKind)) for shift in days}
    return HOLIDAYS | kinds


@given(CALENDARS, st.integers(at(2026, 12, 20), at(2027, 1, 10)), LIMITS, next_plans())
@settings(max_examples=150, deadline=None)
def test_only_a_provisional_deadline_may_move_when_the_plan_is_published(
    calendar: Calendar, start: int, limit: Limit, plan: dict[date, DayKind]
) -> None:
    before = due(calendar, start, limit)
    published = Calendar(
        calendar.timezone, calendar.seasons, plan, range(2015, 2028), calendar.day_seconds, calendar.work_day_mode
    )
    after = due(published, start, limit)
    assert before.provisional or (after.at == before.at and not after.provisional)


@given(CALENDARS, st.integers(at(2024, 6, 1), at(2027, 6, 1)), st.integers(0, 40 * 86_400))
@settings(max_examples=20, deadline=None)
def test_the_order_of_questions_does_not_change_an_answer(calendar: Calendar, start: int, ahead: int) -> None:
    """Tables are built when needed: a calendar that has been asked about other years answers the same."""
    asked = Calendar(
        calendar.timezone, calendar.seasons, HOLIDAYS, calendar.published_years, work_day_mode=calendar.work_day_mode
    )
    fresh = Calendar(
        calendar.timezone, calendar.seasons, HOLIDAYS, calendar.published_years, work_day_mode=calendar.work_day_mode
    )
    for year in (2029, 2021, 2023):
        asked.advance(at(year, 12, 30), 40 * HOUR)
    limit = Limit(5, TimeUnit.WORK_DAY)
    assert due(asked, start, limit) == due(fresh, start, limit)
    assert asked.working_seconds(start, start + ahead) == fresh.working_seconds(start, start + ahead)
