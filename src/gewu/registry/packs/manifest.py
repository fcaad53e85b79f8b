"""``pack.yaml`` and ``calendars.yaml``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from gewu.core.calendar import WorkDayMode
from gewu.registry.calendars import make_calendar, parse_season
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import CalendarRow, DistrictRow, PackData, YearRow
from gewu.registry.packs.yamlfile import Value, read_yaml

LANGUAGES = ("en", "zh", "zh-hans")
DEFAULT_DAY_HOURS = 8
HOUR = 3600


def read_manifest(root: Path, file: str, data: PackData, problems: Problems) -> None:
    """Fill ``data`` with what ``pack.yaml`` says."""
    top = read_yaml(root / file, file, problems)
    if top is None:
        return
    keys = top.mapping(("pack", "version", "title"), ("requires", "district", "sources", "holiday_years"))
    data.name = keys["pack"].code()
    data.version = keys["version"].label()
    keys["title"].words()
    data.requires = {item.code(): item.line for item in keys["requires"].items()}
    if data.name in data.requires:
        keys["requires"].bad(f"pack {data.name} requires itself")
    if keys["district"].present:
        data.district = _district(keys["district"], file)
    for item in keys["sources"].items():
        _source(item)
    data.holiday_years = [YearRow(file, item.line, item.integer(1990, 2100)) for item in keys["holiday_years"].items()]


def _source(item: Value) -> None:
    """A source is a line of text or a small mapping of texts (title, address, note)."""
    if item.is_mapping:
        for value in item.entries().values():
            value.text()
    else:
        item.text()


def _district(value: Value, file: str) -> DistrictRow:
    keys = value.mapping(
        ("code", "name", "timezone", "work_day_mode", "default_calendar", "language"), ("bounds_source",)
    )
    name_en, name_zh = keys["name"].words()
    timezone = keys["timezone"].text()
    if timezone and timezone not in available_timezones():
        keys["timezone"].bad(f"timezone {timezone!r} is unknown: use a name such as Asia/Shanghai")
    return DistrictRow(
        file,
        value.line,
        code=keys["code"].code(),
        name_en=name_en,
        name_zh=name_zh,
        timezone=timezone,
        work_day_mode=keys["work_day_mode"].choice(tuple(mode.value for mode in WorkDayMode)),
        default_calendar=keys["default_calendar"].code(),
        language=keys["language"].choice(LANGUAGES),
        bounds_source=keys["bounds_source"].text(),
    )


def read_calendars(root: Path, file: str, problems: Problems) -> list[CalendarRow]:
    """The working calendars, each proved to supply working time."""
    if not (root / file).exists():
        return []
    top = read_yaml(root / file, file, problems)
    if top is None:
        return []
    rows = []
    for code, value in top.mapping(("calendars",))["calendars"].entries().items():
        keys = value.mapping(("title", "seasons"), ("day_hours",))
        title_en, title_zh = keys["title"].words()
        seasons = [_season(item) for item in keys["seasons"].items()]
        spec: dict[str, Any] = {
            "day_seconds": _day_seconds(keys["day_hours"]),
            "seasons": [season for season in seasons if season is not None],
        }
        if seasons and len(spec["seasons"]) == len(seasons):
            _prove(value, spec)
        elif not seasons:
            value.bad(f"calendar {code} has no seasons")
        rows.append(CalendarRow(file, value.line, code, title_en, title_zh, spec))
    return rows


def _day_seconds(value: Value) -> int:
    if not value.present:
        return DEFAULT_DAY_HOURS * HOUR
    text = value.written
    seconds = round(float(text) * HOUR) if re.fullmatch(r"\d{1,2}(\.\d+)?", text) else 0
    if not 0 < seconds <= 24 * HOUR:
        value.bad(f"day_hours {text} is not a number of hours above 0 and up to 24")
        return DEFAULT_DAY_HOURS * HOUR
    return seconds


def _season(value: Value) -> dict[str, Any] | None:
    keys = value.mapping(("from", "to", "days", "windows"))
    windows = [item.text() for item in keys["windows"].items()]
    season = {
        "from": keys["from"].text(),
        "to": keys["to"].text(),
        "days": keys["days"].text(),
        "windows": windows,
    }
    if not all(keys[name].present for name in ("from", "to", "days", "windows")):
        return None
    try:
        parse_season(season)
    except ValueError as error:
        value.bad(str(error))
        return None
    return season


def _prove(value: Value, spec: dict[str, Any]) -> None:
    try:
        make_calendar(spec, timezone="UTC", work_day_mode="hours", exceptions={}, published_years=frozenset())
    except ValueError as error:
        value.bad(str(error))
