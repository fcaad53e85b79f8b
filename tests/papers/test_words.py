"""The papers speak both languages to the last word."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

import gewu.papers
from gewu.papers import words

ROOM = Path(gewu.papers.__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")


def said() -> Iterator[str]:
    """Every phrase that goes through the papers' own words."""
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "npgettext"):
                first = node.args[0 if node.func.id == "_" else 1]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_phrase_has_a_translation_and_every_translation_a_phrase() -> None:
    with (ROOM / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    known = {}
    for message in catalogue:
        if message.id:
            assert message.context == "paper"
            assert not message.fuzzy
            known[message.id if isinstance(message.id, str) else message.id[0]] = message.string
    assert set(known) == set(said())
    for phrase, translation in known.items():
        text = translation if isinstance(translation, str) else translation[0]
        assert text
        for mark in ("%(", "{page}", "{pages}"):
            assert phrase.count(mark) == text.count(mark), phrase


@pytest.mark.parametrize(("given", "language"), [("zh", "zh-hans"), ("zh-CN", "zh-hans"), ("en-GB", "en"), ("", "en")])
def test_a_language_is_one_of_the_two(given: str, language: str) -> None:
    assert words.language_of(given) == language


def test_dates_have_their_year_and_instants_the_districts_time() -> None:
    at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert words.day_words(date(2026, 1, 2), "zh-hans") == "2026年1月2日"
    assert words.day_words(date(2026, 1, 2), "en") == "2 January 2026"
    assert words.month_words(date(2026, 11, 1), "en") == "November 2026"
    assert words.instant_words(at, ZONE, "zh-hans") == "2027年1月1日 00:30"
    assert words.instant_words(at, ZONE, "en") == "1 January 2027, 00:30"
    assert words.short_instant(at, ZONE) == "2027-01-01 00:30"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (20, "under 1 min", "不到1分钟"),
        (1500, "25 min", "25分钟"),
        (7200, "2 h", "2小时"),
        (12_300, "3 h 25 min", "3小时25分"),
        (86_400 * 3 + 3600 * 4, "3 d 4 h", "3天4小时"),
        (86_400, "1 d", "1天"),
    ],
)
def test_durations(seconds: int, english: str, chinese: str) -> None:
    with words.speaking("en"):
        assert words.span_words(seconds) == english
    with words.speaking("zh"):
        assert words.span_words(seconds) == chinese
        due = datetime(2026, 11, 22, tzinfo=UTC)
        assert words.left_words(due, datetime.fromtimestamp(due.timestamp() + seconds, UTC)) == f"超时{chinese}"
        assert words.cases_words(3) == "3件"
