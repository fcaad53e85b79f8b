"""Windows, seasons and days: what a calendar accepts, and which seconds it says are working time."""

import copy
import pickle
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType

import pytest

from gewu.core.calendar import (
    Calendar,
    CalendarError,
    CalendarRangeError,
    DayKind,
    NaiveDatetimeError,
    Season,
    Window,
    from_datetime,
    to_datetime,
)

CHINA = "Asia/Shanghai"
HOUR = 3600
YEAR = ("01-01", "12-31")


def at(text: str, zone: str = CHINA) -> int:
    """The instant of ``2026-02-13 17:00`` by the clock of a zone."""
    here = to_datetime(0, zone).tzinfo
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=here))


def shown(instant: int, zone: str = CHINA) -> str:
    return to_datetime(instant, zone).strftime("%Y-%m-%d %H:%M")


def office(
    zone: str = CHINA, exceptions: Mapping[date, DayKind] = MappingProxyType({}), day_seconds: int = 8 * HOUR
) -> Calendar:
    season = Season.parse(*YEAR, "workdays", ["08:00-12:00", "14:00-18:00"])
    return Calendar(zone, [season], exceptions, {2026}, day_seconds)


def every_day(*windows: str, zone: str = CHINA) -> Calendar:
    return Calendar(zone, [Season.parse(*YEAR, "all", windows)])


class TestInstants:
    def test_an_aware_time_becomes_whole_seconds_and_back(self) -> None:
        moment = datetime(2026, 7, 1, 8, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=8)))
        assert from_datetime(moment) == 1_782_864_000
        assert to_datetime(1_782_864_000, CHINA).isoformat() == "2026-07-01T08:00:00+08:00"
        assert to_datetime(1_782_864_000, UTC).isoformat() == "2026-07-01T00:00:00+00:00"

    def test_a_fraction_before_the_epoch_is_cut_downwards_too(self) -> None:
        assert from_datetime(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1

    def test_a_naive_time_is_refused(self) -> None:
        with pytest.raises(NaiveDatetimeError, match="no time zone"):
            from_datetime(datetime(2026, 7, 1))  # noqa: DTZ001 - that it is naive is the point

    def test_both_passes_of_a_repeated_hour_are_different_instants(self) -> None:
        first = at("2026-11-01 00:59", "America/New_York") + 60
        assert [shown(first + hour * HOUR, "America/New_York")[11:] for hour in (0, 1, 2)] == [
            "01:00",
            "01:00",
            "02:00",
        ]
        assert from_datetime(to_datetime(first + HOUR, "America/New_York")) == first + HOUR

    def test_an_unknown_zone_is_named(self) -> None:
        with pytest.raises(CalendarError, match="Asia/Wanzhou"):
            to_datetime(0, "Asia/Wanzhou")


class TestWindows:
    def test_a_window_may_end_after_midnight(self) -> None:
        assert Window.parse("19:00-02:00") == Window(19 * HOUR, 26 * HOUR)
        assert Window.parse("00:00-24:00") == Window(0, 24 * HOUR)
        assert Window.parse("16:00-00:00") == Window.parse("16:00-24:00")

    @pytest.mark.parametrize(
        "text", ["8:00-12:00", "08:00", "08:00-25:00", "24:00-02:00", "08:60-12:00", "08:00-08:00"]
    )
    def test_a_window_that_cannot_be_meant_is_refused_by_name(self, text: str) -> None:
        with pytest.raises(CalendarError, match=text):
            Window.parse(text)

    @pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (9, 5), (86_400, 90_000), (0, 86_401)])
    def test_seconds_are_bounded(self, start: int, end: int) -> None:
        with pytest.raises(CalendarError, match="at most 24 hours"):
            Window(start, end)


class TestSeasons:
    def test_a_range_may_wrap_over_new_year(self) -> None:
        winter = Season.parse("11-01", "02-29", "all", ["09:00-17:00"])
        inside = [date(2026, 11, 1), date(2026, 12, 31), date(2027, 2, 28), date(2028, 2, 29)]
        outside = [date(2026, 10, 31), date(2027, 3, 1), date(2028, 3, 1)]
        assert [winter.covers(day) for day in inside + outside] == [True] * 4 + [False] * 3

    @pytest.mark.parametrize("edge", ["02-30", "13-01", "00-10", "1-1", "01/01", ""])
    def test_a_day_that_no_year_has_is_refused(self, edge: str) -> None:
        with pytest.raises(CalendarError, match="day of the year"):
            Season.parse(edge, "12-31", "all", ["09:00-17:00"])

    def test_other_days_than_workdays_or_all_are_refused(self) -> None:
        with pytest.raises(CalendarError, match="weekends"):
            Season.parse(*YEAR, "weekends", ["09:00-17:00"])

    def test_seasons_that_cover_the_same_date_add_up(self) -> None:
        calendar = Calendar(
            CHINA,
            [
                Season.parse(*YEAR, "workdays", ["08:00-12:00"]),
                Season.parse("06-01", "08-31", "all", ["11:00-13:00", "19:00-02:00"]),
            ],
        )
        saturday, monday = date(2026, 7, 4), date(2026, 7, 6)
        assert [(shown(a), shown(b)) for a, b in calendar.windows_on(monday)] == [
            ("2026-07-06 08:00", "2026-07-06 13:00"),
            ("2026-07-06 19:00", "2026-07-07 02:00"),
        ]
        assert [shown(a)[11:] for a, _ in calendar.windows_on(saturday)] == ["11:00", "19:00"]
        assert calendar.windows_on(date(2026, 5, 30)) == []


class TestWhatCannotBeACalendar:
    def test_without_seasons_it_never_works(self) -> None:
        with pytest.raises(CalendarError, match="never supplies working time"):
            Calendar(CHINA, [])

    def test_one_day_in_four_years_is_enough(self) -> None:
        leap_days = Calendar(CHINA, [Season.parse("02-29", "02-29", "all", ["08:00-09:00"])])
        assert shown(leap_days.advance(at("2025-01-01 00:00"), 2 * HOUR)) == "2032-02-29 09:00"

    def test_a_season_that_is_always_at_rest_is_refused(self) -> None:
        years = range(1990, 2101)
        resting = {date(year, 10, day): DayKind.REST for year in years for day in (1, 2, 3)}
        season = Season.parse("10-01", "10-03", "workdays", ["08:00-18:00"])
        with pytest.raises(CalendarError, match="never supplies working time"):
            Calendar(CHINA, [season], resting, years)
        assert Calendar(CHINA, [season], resting, range(1990, 2100)).windows_on(date(2100, 10, 1))

    def test_a_season_without_windows_is_refused(self) -> None:
        with pytest.raises(CalendarError, match="no window"):
            Season.parse(*YEAR, "all", [])

    def test_a_date_and_time_is_no_exception_day(self) -> None:
        with pytest.raises(CalendarError, match="not a date and time"):
            office(exceptions={datetime(2026, 1, 1, tzinfo=UTC): DayKind.REST})

    @pytest.mark.parametrize("seconds", [0, -1, 86_401])
    def test_a_working_day_has_between_no_and_24_hours(self, seconds: int) -> None:
        with pytest.raises(CalendarError, match="24 hours"):
            office(day_seconds=seconds)

    def test_an_unknown_zone_is_named(self) -> None:
        with pytest.raises(CalendarError, match="Asia/Wanzhou"):
            office(zone="Asia/Wanzhou")


class TestValue:
    def test_it_cannot_be_changed(self) -> None:
        calendar = office()
        with pytest.raises(AttributeError):
            calendar.day_seconds = 1
        with pytest.raises(TypeError):
            calendar.exceptions[date(2026, 1, 1)] = DayKind.REST

    def test_a_table_changed_afterwards_changes_nothing(self) -> None:
        exceptions = {date(2026, 1, 1): DayKind.REST}
        calendar = office(exceptions=exceptions)
        exceptions[date(2026, 1, 2)] = DayKind.REST
        assert not calendar.is_workday(date(2026, 1, 1))
        assert calendar.is_workday(date(2026, 1, 2))

    def test_copies_answer_the_same(self) -> None:
        calendar = office(exceptions={date(2026, 1, 1): DayKind.REST})
        start = at("2025-12-31 17:00")
        for other in (pickle.loads(pickle.dumps(calendar)), copy.deepcopy(calendar)):
            assert other.advance(start, 2 * HOUR) == calendar.advance(start, 2 * HOUR) == at("2026-01-02 09:00")


class TestDays:
    def test_exceptions_count_only_in_published_years(self) -> None:
        exceptions = {date(2026, 1, 1): DayKind.REST, date(2027, 1, 1): DayKind.REST, date(2026, 1, 4): DayKind.WORKDAY}
        calendar = office(exceptions=exceptions)
        assert [calendar.is_workday(day) for day in exceptions] == [False, True, True]

    def test_the_hours_after_midnight_belong_to_the_day_before(self) -> None:
        calendar = every_day("09:00-12:00", "19:00-02:00")
        assert calendar.working_date(at("2026-07-11 01:59")) == date(2026, 7, 10)
        assert calendar.working_date(at("2026-07-11 02:00")) == date(2026, 7, 11)
        assert calendar.working_date(at("2026-07-11 05:00")) == date(2026, 7, 11)
        assert calendar.local_date(at("2026-07-11 01:59")) == date(2026, 7, 11)
        assert calendar.working_date(at("2026-01-01 00:30")) == date(2025, 12, 31)

    def test_a_window_has_its_start_and_not_its_end(self) -> None:
        calendar = office()
        times = ["07:59", "08:00", "11:59", "12:00", "13:59", "14:00", "17:59", "18:00"]
        opens = [calendar.is_open(at(f"2026-07-06 {time}")) for time in times]
        assert opens == [False, True, True, False, False, True, True, False]
        assert shown(calendar.opens_at(at("2026-07-06 11:59"))) == "2026-07-06 11:59"
        assert shown(calendar.opens_at(at("2026-07-06 12:00"))) == "2026-07-06 14:00"
        assert shown(calendar.opens_at(at("2026-12-31 18:00"))) == "2027-01-01 08:00"


class TestSeconds:
    def test_an_end_on_an_edge_stays_there(self) -> None:
        calendar = office()
        assert shown(calendar.advance(at("2026-07-06 08:00"), 4 * HOUR)) == "2026-07-06 12:00"
        assert shown(calendar.advance(at("2026-07-06 12:00"), 4 * HOUR)) == "2026-07-06 18:00"
        assert calendar.advance(at("2026-07-06 08:00"), 4 * HOUR + 1) == at("2026-07-06 14:00") + 1

    def test_nothing_to_count_stays_where_it_is_also_outside_windows(self) -> None:
        assert office().advance(at("2026-07-05 03:00"), 0) == at("2026-07-05 03:00")

    def test_touching_and_overlapping_windows_count_once(self) -> None:
        calendar = every_day("08:00-10:00", "09:00-11:00", "11:00-12:00", "22:00-24:00", "00:00-01:00")
        assert calendar.working_seconds(at("2026-07-06 00:00"), at("2026-07-07 00:00")) == 7 * HOUR
        assert shown(calendar.advance(at("2026-07-06 21:00"), 3 * HOUR)) == "2026-07-07 01:00"

    def test_a_window_inside_another_adds_nothing(self) -> None:
        calendar = every_day("08:00-18:00", "09:00-10:00")
        assert calendar.working_seconds(at("2026-07-06 00:00"), at("2026-07-07 00:00")) == 10 * HOUR
        assert [end - start for start, end in calendar.windows_on(date(2026, 7, 6))] == [10 * HOUR]

    def test_a_season_that_ends_lets_its_last_evening_run_out(self) -> None:
        summer, winter = ("05-01", "09-30", "all", ["19:00-02:00"]), ("10-01", "04-30", "all", ["19:00-22:00"])
        calendar = Calendar(CHINA, [Season.parse(*summer), Season.parse(*winter)])
        assert shown(calendar.advance(at("2026-09-30 23:00"), 4 * HOUR)) == "2026-10-01 20:00"

    @pytest.mark.parametrize("text", ["1989-12-31 23:59", "1900-01-01 00:00", "2101-01-01 00:00", "9999-01-01 00:00"])
    def test_years_that_no_deadline_is_in_are_refused(self, text: str) -> None:
        with pytest.raises(CalendarRangeError, match="1990 to 2100"):
            office().advance(at(text), HOUR)

    @pytest.mark.parametrize("instant", [10**18, -(10**18)])
    def test_an_instant_beyond_all_dates_is_refused_like_any_other(self, instant: int) -> None:
        with pytest.raises(CalendarRangeError, match="1990 to 2100"):
            office().is_open(instant)

    def test_the_first_and_last_day_can_be_used(self) -> None:
        calendar = office()
        assert shown(calendar.advance(at("1990-01-01 00:00"), HOUR)) == "1990-01-01 09:00"
        assert shown(calendar.advance(at("2100-12-31 16:00"), 2 * HOUR)) == "2100-12-31 18:00"
        with pytest.raises(CalendarRangeError, match="after the year 2100"):
            calendar.advance(at("2100-12-31 16:00"), 2 * HOUR + 1)


class TestClocksThatChange:
    """New York, 2026: forward from 02:00 to 03:00 on 8 March, back from 02:00 to 01:00 on 1 November."""

    ZONE = "America/New_York"

    def test_the_night_of_the_skipped_hour_is_an_hour_shorter(self) -> None:
        calendar = every_day("22:00-06:00", zone=self.ZONE)
        evening = at("2026-03-07 22:00", self.ZONE)
        assert calendar.working_seconds(evening, at("2026-03-08 12:00", self.ZONE)) == 7 * HOUR
        assert shown(calendar.advance(evening, 5 * HOUR), self.ZONE) == "2026-03-08 04:00"

    def test_the_night_of_the_repeated_hour_is_an_hour_longer(self) -> None:
        calendar = every_day("22:00-06:00", zone=self.ZONE)
        evening = at("2026-10-31 22:00", self.ZONE)
        assert calendar.working_seconds(evening, at("2026-11-01 12:00", self.ZONE)) == 9 * HOUR
        assert shown(calendar.advance(evening, 5 * HOUR), self.ZONE) == "2026-11-01 02:00"

    def test_a_window_inside_the_skipped_hour_does_not_take_place(self) -> None:
        calendar = every_day("02:15-02:45", zone=self.ZONE)
        assert calendar.windows_on(date(2026, 3, 8)) == []
        assert shown(calendar.advance(at("2026-03-07 12:00", self.ZONE), 60), self.ZONE) == "2026-03-09 02:16"

    def test_an_edge_inside_the_skipped_hour_falls_on_the_jump(self) -> None:
        calendar = every_day("02:30-05:00", zone=self.ZONE)
        [(start, end)] = calendar.windows_on(date(2026, 3, 8))
        assert (shown(start, self.ZONE), end - start) == ("2026-03-08 03:00", 2 * HOUR)

    def test_an_edge_inside_the_repeated_hour_falls_on_the_first_pass(self) -> None:
        calendar = every_day("00:00-01:30", "01:30-05:00", zone=self.ZONE)
        midnight = at("2026-11-01 00:00", self.ZONE)
        assert calendar.windows_on(date(2026, 11, 1)) == [(midnight, midnight + 6 * HOUR)]
        only_first = every_day("01:30-05:00", zone=self.ZONE).windows_on(date(2026, 11, 1))
        assert only_first == [(midnight + HOUR + HOUR // 2, midnight + 6 * HOUR)]

    def test_office_hours_follow_the_wall_clock(self) -> None:
        calendar = every_day("08:00-16:30", zone=self.ZONE)
        for day in (date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9), date(2026, 11, 1), date(2026, 11, 2)):
            [(start, end)] = calendar.windows_on(day)
            assert (shown(start, self.ZONE), shown(end, self.ZONE)) == (f"{day} 08:00", f"{day} 16:30")

    def test_china_had_summer_time_until_1991(self) -> None:
        [(start, _)] = every_day("08:00-12:00").windows_on(date(1991, 7, 1))
        assert to_datetime(start, UTC).hour == 23
