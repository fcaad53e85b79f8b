"""Dates, days and labels as papers write them, in the paper's language.

A paper is read years later and elsewhere: a date always has its year, and an instant its time of day in the district's
time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo

from django.utils import translation
from django.utils.translation import npgettext, pgettext

_CONTEXT = "paper"
"""Words of papers have a context of their own: pages may call the same things otherwise."""
CHINESE = "zh-hans"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_HAN, _LATIN = "[\u3400-\u9fff]", "[A-Za-z0-9%]"
_BETWEEN = re.compile(f"(?<={_HAN}) (?={_LATIN})|(?<={_LATIN}) (?={_HAN})")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def _(message: str) -> str:
    """The words of papers in the language that is spoken."""
    return pgettext(_CONTEXT, message)


def language_of(wanted: str) -> str:
    """`zh-hans` for anything Chinese (`zh`, `zh-CN` ...), else `en`."""
    return CHINESE if wanted.lower().startswith("zh") else ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in this language, whatever the request's is."""
    with translation.override(language_of(language)):
        yield


def day_words(day: date, language: str) -> str:
    """`2026年11月22日`; `22 November 2026`."""
    if language_of(language) == CHINESE:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_words(day: date, language: str) -> str:
    """`2026年11月`; `November 2026`."""
    if language_of(language) == CHINESE:
        return f"{day.year}年{day.month}月"
    return f"{_MONTHS[day.month - 1]} {day.year}"


def instant_words(at: datetime, zone: tzinfo, language: str) -> str:
    """`2026年11月22日 14:05`; `22 November 2026, 14:05`."""
    local = at.astimezone(zone)
    gap = " " if language_of(language) == CHINESE else ", "
    return f"{day_words(local.date(), language)}{gap}{local:%H:%M}"


def short_instant(at: datetime, zone: tzinfo) -> str:
    """`2026-11-22 14:05`, for narrow columns."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def span_words(seconds: int) -> str:
    """A duration in at most two units, rounded down: `3 h 25 min`, `3 d 4 h`."""
    minutes = max(0, seconds) // _MINUTE
    if seconds < _MINUTE:
        return _("under 1 min")
    if seconds < _HOUR:
        return _("%(n)d min") % {"n": minutes}
    if seconds < _DAY:
        hours, rest = divmod(minutes, 60)
        return _("%(h)d h %(m)d min") % {"h": hours, "m": rest} if rest else _("%(h)d h") % {"h": hours}
    days, rest = divmod(seconds, _DAY)
    hours = rest // _HOUR
    return _("%(d)d d %(h)d h") % {"d": days, "h": hours} if hours else _("%(d)d d") % {"d": days}


def left_words(due: datetime, at: datetime) -> str:
    """How long was left or past at an instant: `2 h left`, `40 min over`."""
    seconds = int((due - at).total_seconds())
    span = span_words(abs(seconds))
    return _("%(span)s left") % {"span": span} if seconds >= 0 else _("%(span)s over") % {"span": span}


def cases_words(n: int) -> str:
    """`1 case`, `12 cases`."""
    return npgettext(_CONTEXT, "%(n)d case", "%(n)d cases", n) % {"n": n}


def tight(text: str, language: str) -> str:
    """Words of ours without spaces between Chinese and Latin or digits: on paper the typesetter puts them in."""
    return _BETWEEN.sub("", text) if language_of(language) == CHINESE else text


def utc(seconds: int) -> datetime:
    """The instant of a whole number of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)
