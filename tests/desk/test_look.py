"""The look: dates as people write them, Chinese typography, and catalogues that leave nothing untranslated."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from gewu.surfaces.look import dates
from gewu.surfaces.look.typography import sign, spaced
from support.sentences import sentences

SURFACES = Path(dates.__file__).parents[1]
NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
THIN = "\u2009"


def test_dates_are_written_as_people_write_them() -> None:
    assert dates.instant_words(NOW, NOW, "en") == "22 Nov, 14:05"
    assert dates.instant_words(NOW, NOW, "zh-hans") == "11月22日 周日 14:05"
    assert dates.instant_words(NOW.replace(year=2025), NOW, "en") == "22 Nov 2025, 14:05"
    assert dates.short_words(NOW, NOW, "en") == "14:05"
    assert dates.short_words(NOW + timedelta(days=1), NOW, "zh") == "明天 14:05"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (20, "under 1 min left", "剩不到 1 分钟"),
        (1500, "25 min left", "剩 25 分钟"),
        (-2400, "40 min over", "超时 40 分钟"),
        (3 * 3600 + 1500, "3 h 25 min left", "剩 3 小时 25 分"),
        (86_400 * 3 + 4 * 3600, "3 d 4 h left", "剩 3 天 4 小时"),
        (-86_400 * 12 - 5 * 3600, "12 d over", "超时 12 天"),
    ],
)
def test_how_long_is_left_or_past(seconds: int, english: str, chinese: str) -> None:
    due = NOW + timedelta(seconds=seconds)
    assert dates.left_words(due, NOW, "en").replace("\u00a0", " ") == english
    assert dates.left_words(due, NOW, "zh").replace(THIN, " ") == chinese


def test_amber_begins_where_the_clock_warns_and_cinnabar_at_the_deadline() -> None:
    due, warns = NOW, NOW - timedelta(minutes=3)
    at = [dates.state_of(due, warns, NOW + timedelta(minutes=m)) for m in (-4, -3, 0, 1)]
    assert at == ["time", "soon", "soon", "late"]
    assert dates.state_of(None, None, NOW) == "ended"
    assert dates.state_of(due, warns, NOW, paused=True) == "paused"


def test_a_thin_space_stands_between_han_and_latin_and_dates_stay() -> None:
    assert spaced("派遣员 1") == f"派遣员{THIN}1"
    assert spaced("时限已过80%") == f"时限已过{THIN}80%"
    assert spaced("共3件") == f"共{THIN}3{THIN}件"
    assert spaced("11月22日") == "11月22日"
    assert spaced("plain words 12") == "plain words 12"


def test_signs_are_full_width_in_chinese() -> None:
    assert spaced("修复井盖 (个)") == "修复井盖（个）"
    assert spaced("条例(2018修正)") == f"条例（2018{THIN}修正）"
    assert spaced("plain words (12)") == "plain words (12)"
    assert ["一".join(sign(mark, language) for mark in ":,;.()") for language in ("zh-hans", "en")] == [
        "：一，一；一。一（一）", ": 一, 一; 一. 一 (一)",
    ]  # fmt: skip


def catalogue(app: str) -> dict[str, str]:
    path = SURFACES / app / "locale/zh_Hans/LC_MESSAGES/django.po"
    with path.open("rb") as file:
        found = read_po(file)
    return {m.id if isinstance(m.id, str) else m.id[0]: m.string if isinstance(m.string, str) else m.string[0]
            for m in found if m.id and not m.context}  # fmt: skip


@pytest.mark.parametrize("app", ["look", "maps", "desk", "field", "cockpit", "admin"])
def test_every_sentence_has_its_chinese(app: str) -> None:
    with (SURFACES / app / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        said = {
            (m.context or "", m.id if isinstance(m.id, str) else m.id[0]) for m in read_po(file) if m.id and m.string
        }
    asked = sentences(SURFACES / app)
    assert len(asked) > 5
    assert asked - said == set()


def test_chinese_is_set_with_full_width_marks_and_thin_spaces() -> None:
    for app in ("look", "desk", "field", "cockpit", "admin"):
        for english, chinese in catalogue(app).items():
            plain = re.sub(r"%\(\w+\)[sd]", "", chinese)
            assert not re.search(r"[\u3400-\u9fff][,;:!?()]|[,;!?()][\u3400-\u9fff]", plain), (english, chinese)
            assert not re.search(r"[\u3400-\u9fff] [A-Za-z0-9]|[A-Za-z0-9] [\u3400-\u9fff]", plain), (english, chinese)


COUNTED = r"%\((?:n|no|of|days|hours|version|total|late|soon|most|count|left|over|a|b|d|s|u)\)s"
"""Values in the sentences of templates that are numbers."""
_SAID = re.compile(r"{% blocktranslate((?:(?!%}).)*)%}(.*?){% endblocktranslate %}", re.S)


@pytest.mark.parametrize("app", ["look", "desk", "field", "cockpit", "admin", "public"])
def test_a_number_that_a_template_puts_into_a_chinese_sentence_has_its_thin_spaces(app: str) -> None:
    """Code sets its sentences as it says them; what a template says stands as the catalogue has it."""
    known = catalogue(app)
    for path in (SURFACES / app / "templates").rglob("*.html"):
        for how, words in _SAID.findall(path.read_text(encoding="utf-8")):
            english = re.sub(r"{{ (\w+) }}", r"%(\1)s", words.split("{% plural %}")[0])
            chinese = "" if " asvar " in how else known.get(english, "")
            bare = re.search(rf"[\u3400-\u9fff] ?{COUNTED}|{COUNTED} ?[\u3400-\u9fff]", chinese)
            assert not bare, f"{path.name}: {chinese}"
        for words, how in re.findall(r'{% translate "([^"]*)"([^%]*)%}', path.read_text(encoding="utf-8")):
            chinese = "" if " as " in how or "|" in how else known.get(words, "")
            assert spaced(chinese) == chinese, f"{path.name}: {chinese}"


@pytest.mark.parametrize("path", sorted(SURFACES.parent.rglob("*.po")), ids=lambda path: path.parts[-5])
def test_no_catalogue_says_a_sentence_twice(path: Path) -> None:
    """Of two translations the later one would be taken without a word."""
    entries = re.findall(r'^(msgctxt ".*"\n)?(msgid "(?!"\n\n).*"(?:\n".*")*)$', path.read_text(encoding="utf-8"), re.M)
    assert len(entries) > 5
    assert [entry for entry, times in Counter(entries).items() if times > 1] == []


def test_a_sentence_means_the_same_in_every_app() -> None:
    said: dict[str, str] = {}
    for app in ("look", "desk", "field", "cockpit", "admin", "public"):
        for english, chinese in catalogue(app).items():
            assert said.setdefault(english, chinese) == chinese, english
