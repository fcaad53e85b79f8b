"""The holiday plan that the standard pack ships is the one two independent packages know, day by day."""

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from gewu.core.calendar import Calendar, DayKind, Season

PACK = Path(__file__).parents[2] / "packs" / "standard"
YEARS = range(2015, 2027)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (PACK / "holidays.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_departs_from_monday_to_friday_and_has_a_name_in_both_languages(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert (row["kind"] == "rest") == (date.fromisoformat(row["date"]).weekday() < 5), row
        assert row["kind"] in ("rest", "workday")
        assert row["name_zh"], row
        assert row["name_en"], row
    days = [row["date"] for row in rows]
    assert days == sorted(set(days))


@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_what_two_packages_say(year: int, rows: list[dict[str, str]]) -> None:
    exceptions = {date.fromisoformat(row["date"]): DayKind(row["kind"]) for row in rows}
    season = Season.parse("01-01", "12-31", "workdays", ["08:00-12:00", "14:00-18:00"])
    calendar = Calendar("Asia/Shanghai", [season], exceptions, YEARS)
    other = holidays.country_holidays("CN", years=year)
    day = date(year, 1, 1)
    while day.year == year:
        assert calendar.is_workday(day) == chinese_calendar.is_workday(day) == other.is_working_day(day), day
        assert bool(calendar.windows_on(day)) == calendar.is_workday(day)
        day += timedelta(days=1)
