"""Deadlines over real Chinese holidays, with every expected instant worked out by hand."""

import csv
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gewu.core.calendar import Calendar, CalendarRangeError, DayKind, Season, WorkDayMode, from_datetime, to_datetime
from gewu.core.deadlines import Due, Limit, TimeUnit, due, fraction, remaining, resume

CHINA = "Asia/Shanghai"
HOUR = 3600
HOLIDAYS = Path(__file__).parents[2] / "packs" / "standard" / "holidays.csv"
WORK_DAY, WORK_HOUR, WORK_MINUTE = TimeUnit.WORK_DAY, TimeUnit.WORK_HOUR, TimeUnit.WORK_MINUTE
URGENT_DAY, URGENT_HOUR, URGENT_MINUTE = TimeUnit.URGENT_DAY, TimeUnit.URGENT_HOUR, TimeUnit.URGENT_MINUTE


def exceptions() -> dict[date, DayKind]:
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        return {date.fromisoformat(row["date"]): DayKind(row["kind"]) for row in csv.DictReader(file)}


def make(*seasons: Season, mode: WorkDayMode = WorkDayMode.HOURS, published: range = range(2015, 2027)) -> Calendar:
    return Calendar(CHINA, seasons, exceptions(), published, work_day_mode=mode)


OFFICE = Season.parse("01-01", "12-31", "workdays", ["08:00-12:00", "14:00-18:00"])
EVENINGS = Season.parse("01-01", "12-31", "all", ["19:00-02:00"])
BY_HOURS, BY_DAYS = make(OFFICE), make(OFFICE, mode=WorkDayMode.END_OF_DAY)


def at(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(CHINA)))


def shown(instant: int) -> str:
    return to_datetime(instant, CHINA).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "value", "unit", "expected"),
    [
        # An ordinary week: 6 July 2026 is a Monday.
        ("2026-07-06 09:00", 2, WORK_HOUR, "2026-07-06 11:00"),
        ("2026-07-06 11:00", 2, WORK_HOUR, "2026-07-06 15:00"),
        ("2026-07-06 11:30", 30, WORK_MINUTE, "2026-07-06 12:00"),
        ("2026-07-06 12:00", 30, WORK_MINUTE, "2026-07-06 14:30"),
        ("2026-07-10 17:00", 2, WORK_HOUR, "2026-07-13 09:00"),
        ("2026-07-11 03:00", 1, WORK_DAY, "2026-07-13 18:00"),
        ("2026-07-10 10:00", 5, WORK_DAY, "2026-07-17 10:00"),
        # Spring Festival 2025: 28 January to 4 February; Sunday 26 January and Saturday 8 February are worked.
        ("2025-01-25 10:00", 4, WORK_HOUR, "2025-01-26 12:00"),
        ("2025-01-27 16:00", 4, WORK_HOUR, "2025-02-05 10:00"),
        ("2025-02-07 17:00", 1, WORK_DAY, "2025-02-08 17:00"),
        # National Day and Mid-Autumn 2025: 1 to 8 October; Saturday 11 October is worked.
        ("2025-09-30 15:00", 3, WORK_DAY, "2025-10-11 15:00"),
        ("2025-09-27 12:00", 1, WORK_DAY, "2025-09-28 18:00"),
        # Spring Festival 2026: 15 to 23 February; Saturdays 14 and 28 February are worked.
        ("2026-02-13 17:00", 1, WORK_DAY, "2026-02-14 17:00"),
        ("2026-02-13 17:00", 2, WORK_DAY, "2026-02-24 17:00"),
        ("2026-02-27 18:00", 1, WORK_HOUR, "2026-02-28 09:00"),
        # Urgent limits know neither night nor holiday.
        ("2025-10-01 00:30", 1, URGENT_DAY, "2025-10-02 00:30"),
        ("2026-02-17 23:15", 2, URGENT_HOUR, "2026-02-18 01:15"),
        ("2026-02-17 23:50", 15, URGENT_MINUTE, "2026-02-18 00:05"),
    ],
)
def test_limits_in_hours(start: str, value: int, unit: TimeUnit, expected: str) -> None:
    found = due(BY_HOURS, at(start), Limit(value, unit))
    assert (shown(found.at), found.provisional) == (expected, False)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-07-06 09:00", 1, "2026-07-07 18:00"),
        ("2026-07-06 19:00", 1, "2026-07-07 18:00"),
        ("2026-07-10 17:59", 1, "2026-07-13 18:00"),
        ("2026-07-11 09:00", 1, "2026-07-13 18:00"),
        ("2026-07-11 09:00", 5, "2026-07-17 18:00"),
        ("2026-07-06 09:00", 0, "2026-07-06 18:00"),
        ("2026-07-10 18:00", 0, "2026-07-13 18:00"),
        ("2025-01-25 10:00", 1, "2025-01-26 18:00"),
        ("2025-01-27 08:00", 1, "2025-02-05 18:00"),
        ("2025-09-30 15:00", 3, "2025-10-11 18:00"),
        ("2026-02-13 17:00", 1, "2026-02-14 18:00"),
        ("2026-02-13 17:00", 2, "2026-02-24 18:00"),
    ],
)
def test_limits_to_the_end_of_the_nth_working_day(start: str, days: int, expected: str) -> None:
    found = due(BY_DAYS, at(start), Limit(days, WORK_DAY))
    assert (shown(found.at), found.provisional) == (expected, False)


def test_hours_are_counted_the_same_in_both_modes() -> None:
    assert due(BY_DAYS, at("2026-07-06 11:00"), Limit(2, WORK_HOUR)) == Due(at("2026-07-06 15:00"), False)


def test_a_working_day_is_as_long_as_the_calendar_says() -> None:
    seven = Calendar(CHINA, [OFFICE], exceptions(), range(2015, 2027), day_seconds=7 * HOUR)
    assert shown(due(seven, at("2026-07-06 08:00"), Limit(1, WORK_DAY)).at) == "2026-07-06 17:00"


class TestEvenings:
    """A window from 19:00 to 02:00 belongs to the day it starts on."""

    def test_hours_go_on_in_the_next_evening(self) -> None:
        calendar = make(EVENINGS)
        assert shown(due(calendar, at("2026-07-10 23:00"), Limit(3, WORK_HOUR)).at) == "2026-07-11 02:00"
        assert shown(due(calendar, at("2026-07-10 23:00"), Limit(4, WORK_HOUR)).at) == "2026-07-11 20:00"

    def test_half_past_midnight_is_still_the_day_before(self) -> None:
        calendar = make(EVENINGS, mode=WorkDayMode.END_OF_DAY)
        one = Limit(1, WORK_DAY)
        assert shown(due(calendar, at("2026-07-11 00:30"), one).at) == "2026-07-12 02:00"
        assert shown(due(calendar, at("2026-07-11 02:00"), one).at) == "2026-07-13 02:00"
        assert remaining(calendar, at("2026-07-11 00:30"), at("2026-07-12 02:00"), WORK_DAY) == 1
        assert remaining(calendar, at("2026-07-11 02:00"), at("2026-07-12 02:00"), WORK_DAY) == 0


class TestProvisional:
    """2026 is the last year with a plan."""

    @pytest.mark.parametrize(
        ("start", "value", "unit", "expected"),
        [
            ("2026-12-31 16:00", 2, WORK_HOUR, ("2026-12-31 18:00", False)),
            ("2026-12-31 16:00", 3, WORK_HOUR, ("2027-01-01 09:00", True)),
            ("2027-03-01 09:00", 1, WORK_HOUR, ("2027-03-01 10:00", True)),
            ("2026-12-31 16:00", 48, URGENT_HOUR, ("2027-01-02 16:00", False)),
            ("2014-12-31 17:00", 2, WORK_HOUR, ("2015-01-04 09:00", True)),
        ],
    )
    def test_a_deadline_that_touches_a_year_without_a_plan(
        self, start: str, value: int, unit: TimeUnit, expected: tuple[str, bool]
    ) -> None:
        found = due(BY_HOURS, at(start), Limit(value, unit))
        assert (shown(found.at), found.provisional) == expected

    def test_whole_days(self) -> None:
        assert due(BY_DAYS, at("2026-12-30 09:00"), Limit(1, WORK_DAY)) == Due(at("2026-12-31 18:00"), False)
        assert due(BY_DAYS, at("2026-12-31 09:00"), Limit(1, WORK_DAY)) == Due(at("2027-01-01 18:00"), True)

    def test_a_year_in_between_is_enough(self) -> None:
        gap = Calendar(CHINA, [OFFICE], exceptions(), {2024, 2026})
        assert due(gap, at("2024-12-31 09:00"), Limit(300, WORK_DAY)).provisional
        assert due(gap, at("2024-12-31 08:00"), Limit(1, WORK_DAY)) == Due(at("2024-12-31 18:00"), False)

    def test_the_last_evening_of_the_year_needs_no_plan_for_the_next(self) -> None:
        calendar = make(Season.parse("01-01", "12-31", "workdays", ["19:00-02:00"]))
        assert due(calendar, at("2026-12-31 23:00"), Limit(3, WORK_HOUR)) == Due(at("2027-01-01 02:00"), False)
        assert due(calendar, at("2027-01-01 00:30"), Limit(1, WORK_HOUR)) == Due(at("2027-01-01 01:30"), False)

    def test_a_day_of_rest_that_might_have_been_worked_into_the_night_is_in_doubt(self) -> None:
        season = Season.parse("01-01", "12-31", "workdays", ["19:00-02:00"])
        calendar = Calendar(CHINA, [season], exceptions(), {2023})  # Saturday 31 December 2022 has no plan
        one = Limit(1, WORK_HOUR)
        assert due(calendar, at("2023-01-01 00:30"), one) == Due(at("2023-01-03 20:00"), True)
        assert due(calendar, at("2023-01-01 02:00"), one) == Due(at("2023-01-03 20:00"), False)

    def test_a_year_without_a_plan_ends_and_begins_at_midnight(self) -> None:
        whole = make(Season.parse("01-01", "12-31", "workdays", ["00:00-24:00"]))
        assert due(whole, at("2026-12-31 23:00"), Limit(1, WORK_HOUR)) == Due(at("2027-01-01 00:00"), False)
        assert due(whole, at("2026-12-31 23:00"), Limit(61, WORK_MINUTE)) == Due(at("2027-01-01 00:01"), True)
        assert due(BY_HOURS, at("2015-01-01 00:00"), Limit(1, WORK_HOUR)) == Due(at("2015-01-04 09:00"), False)
        assert due(BY_HOURS, at("2014-12-31 23:59"), Limit(1, WORK_HOUR)) == Due(at("2015-01-04 09:00"), True)

    def test_who_works_every_day_waits_for_no_plan(self) -> None:
        assert due(make(EVENINGS), at("2031-05-05 12:00"), Limit(3, WORK_DAY)).provisional is False

    def test_publishing_the_plan_moves_the_deadline_and_ends_the_doubt(self) -> None:
        published = Calendar(CHINA, [OFFICE], exceptions() | {date(2027, 1, 1): DayKind.REST}, range(2015, 2028))
        assert due(published, at("2026-12-31 16:00"), Limit(3, WORK_HOUR)) == Due(at("2027-01-04 09:00"), False)


class TestStopAndGoOn:
    def test_a_suspended_hour_clock_keeps_its_working_seconds(self) -> None:
        due_at = due(BY_HOURS, at("2026-07-06 11:00"), Limit(4, WORK_HOUR)).at
        left = remaining(BY_HOURS, at("2026-07-06 14:30"), due_at, WORK_HOUR)
        assert left == 2 * HOUR + HOUR // 2
        assert resume(BY_HOURS, at("2026-09-30 17:00"), left, WORK_HOUR) == Due(at("2026-10-08 09:30"), False)

    def test_a_suspended_urgent_clock_keeps_plain_seconds(self) -> None:
        left = remaining(BY_HOURS, at("2026-07-06 03:00"), at("2026-07-06 04:00"), URGENT_HOUR)
        assert left == HOUR
        assert resume(BY_HOURS, at("2026-07-08 23:30"), left, URGENT_HOUR) == Due(at("2026-07-09 00:30"), False)

    def test_a_suspended_day_clock_keeps_whole_days(self) -> None:
        due_at = at("2026-07-10 18:00")
        friday = [("2026-07-06 09:00", 4), ("2026-07-09 23:00", 1), ("2026-07-10 09:00", 0), ("2026-07-10 18:00", 0)]
        for now, days in friday:
            assert remaining(BY_DAYS, at(now), due_at, WORK_DAY) == days
        assert shown(resume(BY_DAYS, at("2026-09-29 10:00"), 4, WORK_DAY).at) == "2026-10-10 18:00"
        assert shown(resume(BY_DAYS, at("2026-10-03 10:00"), 0, WORK_DAY).at) == "2026-10-08 18:00"
        assert shown(resume(BY_DAYS, at("2026-10-08 10:00"), 0, WORK_DAY).at) == "2026-10-08 18:00"

    def test_a_deadline_on_a_day_of_rest_leaves_the_working_days_before_it(self) -> None:
        assert remaining(BY_DAYS, at("2026-07-08 09:00"), at("2026-07-11 12:00"), WORK_DAY) == 2

    def test_nothing_is_left_of_what_has_passed(self) -> None:
        for unit in TimeUnit:
            for calendar in (BY_HOURS, BY_DAYS):
                assert remaining(calendar, at("2026-07-08 09:00"), at("2026-07-06 09:00"), unit) == 0

    def test_nothing_left_is_due_at_once(self) -> None:
        assert resume(BY_HOURS, at("2026-07-05 03:00"), 0, WORK_HOUR) == Due(at("2026-07-05 03:00"), False)


class TestFraction:
    def test_the_warning_of_a_work_limit_falls_into_working_time(self) -> None:
        start, due_at = at("2026-07-06 15:00"), at("2026-07-07 15:00")  # one working day
        assert shown(fraction(BY_HOURS, start, due_at, 80, WORK_DAY)) == "2026-07-07 11:24"
        assert shown(fraction(BY_HOURS, start, due_at, 50, WORK_DAY)) == "2026-07-07 09:00"

    def test_the_warning_of_an_urgent_limit_is_plain_time(self) -> None:
        assert shown(fraction(BY_HOURS, at("2026-07-06 23:00"), at("2026-07-07 01:00"), 80, URGENT_HOUR)) == (
            "2026-07-07 00:36"
        )

    def test_none_all_and_more_than_all(self) -> None:
        start, due_at = at("2026-07-05 03:00"), at("2026-07-06 18:00")
        assert fraction(BY_DAYS, start, due_at, 0, WORK_DAY) == start
        assert fraction(BY_DAYS, start, due_at, 100, WORK_DAY) == due_at
        assert shown(fraction(BY_DAYS, start, due_at, 150, WORK_DAY)) == "2026-07-07 12:00"

    def test_a_deadline_set_into_a_weekend_is_shared_out_over_all_hours(self) -> None:
        start, due_at = at("2026-07-11 10:00"), at("2026-07-11 20:00")
        assert shown(fraction(BY_HOURS, start, due_at, 80, WORK_HOUR)) == "2026-07-11 18:00"

    def test_a_deadline_that_has_passed_already_is_its_own_warning(self) -> None:
        assert fraction(BY_HOURS, at("2026-07-11 10:00"), at("2026-07-01 10:00"), 80, WORK_HOUR) == at(
            "2026-07-01 10:00"
        )


class TestRefusals:
    def test_nothing_is_negative(self) -> None:
        with pytest.raises(ValueError, match="cannot be negative"):
            Limit(-1, WORK_DAY)
        with pytest.raises(ValueError, match="never negative"):
            resume(BY_HOURS, at("2026-07-06 09:00"), -1, WORK_HOUR)
        with pytest.raises(ValueError, match="cannot be negative"):
            fraction(BY_HOURS, at("2026-07-06 09:00"), at("2026-07-06 10:00"), -1, WORK_HOUR)

    @pytest.mark.parametrize("unit", list(TimeUnit))
    @pytest.mark.parametrize("start", ["1900-01-01 00:00", "2150-01-01 00:00"])
    def test_years_that_no_deadline_is_in(self, unit: TimeUnit, start: str) -> None:
        for calendar in (BY_HOURS, BY_DAYS):
            with pytest.raises(CalendarRangeError, match="1990 to 2100"):
                due(calendar, at(start), Limit(1, unit))

    @pytest.mark.parametrize("unit", list(TimeUnit))
    def test_a_limit_without_end(self, unit: TimeUnit) -> None:
        with pytest.raises(CalendarRangeError, match="2100"):
            due(BY_HOURS, at("2026-07-06 09:00"), Limit(10**12, unit))
