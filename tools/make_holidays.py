"""Write ``holidays.csv`` of the standard pack: where the national holiday plan departs from Monday to Friday.

Usage: ``python tools/make_holidays.py OUTPUT_CSV``, or with ``--check`` to compare the file instead of writing it.

The plan of the State Council comes from the package ``chinesecalendar``. Every day of every year is compared with the
package ``holidays``, which is kept by other people; one day on which they differ, and nothing is written. Rows are the
departures only: a weekday at rest, a weekend day at work.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays

FIRST_YEAR, LAST_YEAR = 2015, 2026
NAMES = {
    "New Year's Day": ("元旦", "New Year's Day"),
    "Spring Festival": ("春节", "Spring Festival"),
    "Tomb-sweeping Day": ("清明节", "Qingming Festival"),
    "Labour Day": ("劳动节", "Labour Day"),
    "Dragon Boat Festival": ("端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": ("中秋节", "Mid-Autumn Festival"),
    "National Day": ("国庆节", "National Day"),
    "Anti-Fascist 70th Day": ("抗战胜利70周年纪念日", "70th anniversary of victory"),
}


def days() -> list[date]:
    """Every date of the years covered."""
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def disagreements() -> list[date]:
    """The dates that one package calls a workday and the other does not."""
    other = holidays.country_holidays("CN", years=range(FIRST_YEAR, LAST_YEAR + 1))
    return [day for day in days() if chinese_calendar.is_workday(day) != other.is_working_day(day)]


def table() -> str:
    """The file's text."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("date", "kind", "name_zh", "name_en"))
    for day in days():
        works = chinese_calendar.is_workday(day)
        if works == (day.weekday() < 5):
            continue
        name = chinese_calendar.constants.workdays[day] if works else chinese_calendar.constants.holidays[day]
        zh, en = NAMES[name]
        if works:
            rows.writerow((day.isoformat(), "workday", f"{zh}调休上班", f"Make-up workday for {en}"))
        else:
            rows.writerow((day.isoformat(), "rest", zh, en))
    return out.getvalue()


def main() -> int:
    """Write or compare; 0 when all is well."""
    parser = argparse.ArgumentParser(description="Write holidays.csv of the standard pack.")
    parser.add_argument("output", type=Path, help="the file to write")
    parser.add_argument("--check", action="store_true", help="compare the file instead of writing it")
    arguments = parser.parse_args()
    differing = disagreements()
    if differing:
        listed = ", ".join(day.isoformat() for day in differing)
        sys.stderr.write(f"the packages differ on {listed}; nothing was written: look these days up in the notice\n")
        return 1
    if arguments.check:
        if arguments.output.read_text(encoding="utf-8") == table():
            return 0
        sys.stderr.write(f"{arguments.output} is not what the plan gives: run this without --check\n")
        return 1
    arguments.output.write_text(table(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
