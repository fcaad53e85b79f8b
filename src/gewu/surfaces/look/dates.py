"""Instants and durations as people write them, in the two languages.

``22 Nov, 14:05`` and ``11月22日 周日 14:05``; always beside how long is left or past. Thin spaces (U+2009) stand
between Han and digits. ``look.js`` has the same thresholds for clocks that run on an open page.
"""

from __future__ import annotations

from datetime import date, datetime

THIN = "\u2009"
MINUTE, HOUR, DAY = 60, 3600, 86_400
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def chinese(language: str | None) -> bool:
    """Tell whether a language code (``zh-hans``, ``zh`` ...) is Chinese."""
    return (language or "").startswith("zh")


def day_words(day: date, today: date, language: str | None) -> str:
    """A date: the year only when it is not this year's, the weekday in Chinese."""
    if chinese(language):
        year = "" if day.year == today.year else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日 {_WEEKDAYS[day.weekday()]}"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


def instant_words(at: datetime, now: datetime, language: str | None) -> str:
    """Date and time of day. Both instants are in the zone in which people read them."""
    mark = " " if chinese(language) else ", "
    return f"{day_words(at.date(), now.date(), language)}{mark}{at:%H:%M}"


def short_words(at: datetime, now: datetime, language: str | None) -> str:
    """The time alone when it is today, ``tomorrow 09:00``, else date and time without the weekday."""
    days = (at.date() - now.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    han = chinese(language)
    if days in (1, -1):
        word = ("明天" if days == 1 else "昨天") if han else ("tomorrow" if days == 1 else "yesterday")
        return f"{word} {at:%H:%M}"
    if han:
        year = "" if at.year == now.year else f"{at.year}年"
        return f"{year}{at.month}月{at.day}日 {at:%H:%M}"
    return f"{day_words(at.date(), now.date(), language)}, {at:%H:%M}"


def span_words(seconds: int, language: str | None) -> str:
    """A duration in at most two units, rounded down: ``25 min``, ``3 h 25 min``, ``3 d 4 h``, ``12 d``."""
    seconds = max(0, seconds)
    han = chinese(language)
    minute, hour, day = ("分钟", "小时", "天") if han else ("min", "h", "d")
    gap = THIN if han else "\u00a0"

    def part(number: int, unit: str) -> str:
        return f"{number}{gap}{unit}"

    if seconds < MINUTE:
        return f"不到{gap}1{gap}分钟" if han else f"under{gap}1{gap}min"
    if seconds < HOUR:
        return part(seconds // MINUTE, minute)
    if seconds < DAY:
        rest = seconds % HOUR // MINUTE
        short = "分" if han else "min"
        return part(seconds // HOUR, hour) + (f"{gap}{part(rest, short)}" if rest else "")
    days, rest = divmod(seconds, DAY)
    hours = rest // HOUR
    return part(days, day) + (f"{gap}{part(hours, hour)}" if hours and days < 10 else "")


def left_words(due: datetime, now: datetime, language: str | None) -> str:
    """How long is left or past: ``25 min left``, ``40 min over``; 剩 25 分钟, 超时 40 分钟."""
    seconds = int((due - now).total_seconds())
    span = span_words(abs(seconds), language)
    if chinese(language):
        gap = THIN if span[0].isdigit() else ""
        return f"剩{gap}{span}" if seconds >= 0 else f"超时{gap}{span}"
    return f"{span} left" if seconds >= 0 else f"{span} over"


def ago_words(at: datetime, now: datetime, language: str | None) -> str:
    """How long ago: ``25 min ago``, ``just now``."""
    seconds = int((now - at).total_seconds())
    if seconds < MINUTE:
        return "刚刚" if chinese(language) else "just now"
    return f"{span_words(seconds, language)}前" if chinese(language) else f"{span_words(seconds, language)} ago"


def state_of(due: datetime | None, amber_at: datetime | None, now: datetime, *, paused: bool = False) -> str:
    """The state of a deadline: ``ended`` (none, or paused), ``time``, ``soon`` from 80 % of the limit, ``late``."""
    if paused:
        return "paused"
    if due is None:
        return "ended"
    if now > due:
        return "late"
    return "soon" if amber_at is not None and now >= amber_at else "time"
