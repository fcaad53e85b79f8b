"""Whatever the rooms below can say no with has a sentence in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gewu
from gewu.core import forms
from gewu.core.records import Refusal
from gewu.ledger import errors
from gewu.registry.positions import OutsideDistrict
from gewu.surfaces import words

LANGUAGES = ("en", "zh-hans")
SOURCE = Path(gewu.__file__).parent


def _written(pattern: str, *folders: str) -> list[str]:
    """What a pattern captures in the source of rooms, sorted."""
    found: set[str] = set()
    for folder in folders:
        for path in (SOURCE / folder).rglob("*.py"):
            found |= set(re.findall(pattern, path.read_text(encoding="utf-8")))
    return sorted(found)


REFUSALS = _written(r'Refusal\(\s*"(\w+)"', "core", "ledger", "cases")
FAULTS = sorted(
    {
        *re.findall(r"\w+", (forms.check_form.__doc__ or "").partition("Codes:")[2]),
        *_written(r'Refusal\("invalid", \{.*\}, \{[^}]*: "(\w+)"', "core", "ledger"),
        *_written(r'faults\[field\.name\] = "(\w+)"', "core", "ledger"),
    }
)
BAD_PHOTOS = _written(r'BadAttachment\(\s*"(\w+)"', "ledger")


def test_the_codes_were_found() -> None:
    assert {"stale", "wrong_stage", "not_allowed", "guard", "invalid", "needs_photos"} <= set(REFUSALS)
    assert {"unknown", "required", "not_found", "control"} <= set(FAULTS)
    assert {"empty", "too_large", "not_a_photo"} <= set(BAD_PHOTOS)


def _is_sentence(text: str, code: str, language: str) -> bool:
    han = any("\u4e00" <= c <= "\u9fff" for c in text)
    return text != code and "{" not in text and han == language.startswith("zh")


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_a_sentence(code: str) -> None:
    for language in LANGUAGES:
        assert _is_sentence(words.refusal_text(Refusal(code, {"version": 7}), None, language), code, language)


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_has_words(code: str) -> None:
    for language in LANGUAGES:
        assert _is_sentence(words.fault_text(code, language), code, language)


@pytest.mark.parametrize(
    "code", [*BAD_PHOTOS, "not_found", "busy", "command_reused", "erased", "no_unit", "merge_self"]
)
def test_every_error_has_a_sentence(code: str) -> None:
    for language in LANGUAGES:
        assert _is_sentence(words.error_words(code, language), code, language)


def test_a_guards_own_words_are_shown() -> None:
    refusal = Refusal("guard", {"why": {"en": "No work is handed on", "zh": "没有内部派单"}})
    assert words.refusal_text(refusal, None, "en") == "This cannot be done now: No work is handed on."
    assert words.refusal_text(refusal, None, "zh-hans") == "暂不能办理：没有内部派单。"


def test_distance_and_version_stand_in_the_sentence() -> None:
    outside = OutsideDistrict(122.5, 30.0, 1_345_678.9, ": are longitude and latitude swapped?")
    assert "1,345.7 km" in words.error_text(outside, "en")
    assert "swapped" in words.error_text(outside, "en")
    assert "1,345.7 公里" in words.error_text(outside, "zh-hans")
    from uuid import UUID

    conflict = errors.Conflict(UUID(int=1), 7)
    assert "version 7" in words.error_text(conflict, "en")
    assert "第 7 版" in words.error_text(conflict, "zh-hans")
