"""What a password must be: refused for what it is, and said whole in both languages."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from gewu.registry.models import Person
from gewu.surfaces.signin.passwords import hint

WANG = Person(login="wangxiaoming", name_en="Wang Xiaoming", name_zh="王小明")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "too short: it needs 10 signs"),
        ("password123", "Too many people use"),
        ("wangxiaoming1", "too much like"),
        ("Xiaoming-Wang", "too much like"),
    ],
)
def test_a_weak_password_is_refused_in_words_of_the_reader(password: str, reason: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError, match=reason):
        validate_password(password, WANG)
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password(password, WANG)
    assert not re.search("[A-Za-z你]", "".join(refused.value.messages))


def test_the_hint_says_all_rules_in_one_language() -> None:
    with translation.override("en"):
        assert hint() == "10 signs or more. Not like the login or the name. None that many people use."
    with translation.override("zh-hans"):
        assert re.fullmatch(r"[^A-Za-z你 ]+。", hint())


def test_a_long_phrase_is_taken() -> None:
    validate_password("four words of a phrase", WANG)
