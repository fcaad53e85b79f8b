"""What indicators count, said in plain sentences of both languages, never in the names of columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gewu.evaluation import columns as c
from gewu.evaluation.definitions import Condition, Indicator, read_folder
from gewu.papers.plain import Plain

STANDARD = read_folder(Path(__file__).parents[2] / "packs" / "standard")
RAW = {name for name in (*c.FACT_COLUMNS, *c.CLOCKS) if "_" in name}
ENGLISH, CHINESE = Plain("en"), Plain("zh-hans")


def sentences(plain: Plain, indicator: Indicator) -> list[str]:
    found = (plain.numerator(indicator), plain.denominator(indicator), plain.unanswered(indicator))
    return [text for text in found if text]


def looks_raw(text: str) -> list[str]:
    """What in a sentence is the name of a column, a code, or the form of a condition."""
    found = [name for name in RAW if name in text]
    return found + re.findall(r"\w*_\w*|[{}\[\]=<>%]|\w:\w", text)


@pytest.mark.parametrize("code", STANDARD.indicators)
def test_every_indicator_of_the_standard_pack_has_its_sentences(code: str) -> None:
    indicator = STANDARD[code]
    expected = 1 + (indicator.unit != "count") + (indicator.unanswered is not None)
    english, chinese = sentences(ENGLISH, indicator), sentences(CHINESE, indicator)
    assert len(english) == len(chinese) == expected
    for text in (*english, ENGLISH.month(indicator)):
        assert looks_raw(text) == []
        assert not re.search("[\u3400-\u9fff]", text)
    for text in (*chinese, CHINESE.month(indicator)):
        assert not re.search("[A-Za-z_]", text), text
        assert " " not in text
    assert all(text.endswith(".") and text[0].isupper() for text in english)
    assert all(text.endswith("。") for text in chinese)


@pytest.mark.parametrize("plain", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_what_differs_is_said_differently(plain: Plain) -> None:
    said: dict[str, str] = {}
    for indicator in STANDARD.indicators.values():
        for condition in indicator.conditions():
            as_data = condition.model_dump_json(by_alias=True, exclude_none=True)
            assert said.setdefault(plain.clause(condition), as_data) == as_data


def leaves() -> Iterator[Condition]:
    """Every single condition that a definition can have, with some values."""
    data: list[dict[str, object]] = [{"set": name} for name in (*c.INSTANTS, *c.FLAGS, *c.TEXTS)]
    data += [{form: clock} for form in ("kept", "late", "decided", "ran") for clock in c.CLOCKS]
    data += [{"column": name, "eq": "x1"} for name in c.TEXTS]
    data += [{"column": name, "in": ["", "x1", "x2"]} for name in c.TEXTS]
    data += [{"column": name, sign: 2} for name in c.COUNTS for sign in ("eq", "lt", "gt")]
    data += [{"column": name, "gt": 0} for name in c.COUNTS]  # its contrary is "never"
    data += [
        {"column": first, sign: {"column": last}}
        for first in c.INSTANTS
        for last in c.INSTANTS
        if first != last
        for sign in ("lt", "le")
    ]
    data += [{"passed": {"since": name, "days": 7}} for name in c.INSTANTS]
    data += [{"recurred": 30}, {"recurred": 90}]
    return (Condition.model_validate(one) for one in data)


@pytest.mark.parametrize("plain", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_condition_and_its_contrary_can_be_said(plain: Plain) -> None:
    said: set[str] = set()
    n = 0
    for condition in leaves():
        for yes in (True, False):
            text = plain.clause(condition, yes=yes)
            assert looks_raw(text) == []
            assert text not in said, text
            if plain is CHINESE:
                assert not re.search("[A-Za-z]", text.replace("x1", "").replace("x2", "")), text
            said.add(text)
            n += 1
    assert len(said) == n > 500


def clause(plain: Plain, **data: object) -> str:
    return plain.clause(Condition.model_validate(data))


def test_the_contrary_of_several_goes_inward() -> None:
    both = {"all": [{"set": "closed_at"}, {"column": "urgent", "eq": True}]}
    assert clause(ENGLISH, **both) == "that were closed, and that are urgent"
    assert clause(ENGLISH, **{"not": both}) == "that were not closed, or that are not urgent"
    assert clause(CHINESE, **{"not": {"not": both}}) == clause(CHINESE, **both) == "已结案，且属于紧急"
    nested = {"any": [{"set": "filed_at"}, both]}
    assert clause(CHINESE, **nested) == "已立案，或（已结案，且属于紧急）"


def test_comparisons_turn_round() -> None:
    returned = {"column": "returned", "gt": 0}
    assert clause(ENGLISH, **returned) == "that were returned by a unit at least once"
    assert clause(ENGLISH, **{"not": returned}) == "that were never returned by a unit"
    assert clause(CHINESE, **{"not": {"column": "returned", "ge": 3}}) == "被单位退回少于3次"
    assert clause(ENGLISH, column="ended", ne="") == "that have ended"
    assert clause(CHINESE, column="ended", **{"in": ["", "voided"]}) == "尚未终结或以“作废”终结"
    assert clause(ENGLISH, column="forced", eq=False) == "that were not closed by force"


def test_some_as_people_would_read_them() -> None:
    def read(code: str) -> tuple[str, ...]:
        return tuple(sentences(ENGLISH, STANDARD[code])), tuple(sentences(CHINESE, STANDARD[code]))

    assert read("urgent_on_time") == (
        (
            "Of these, those whose handling was completed in time.",
            "Cases that are urgent, and whose handling is completed or overdue.",
        ),
        ("其中按时处置的案件。", "属于紧急，且处置已完成或已逾期的案件。"),
    )
    assert read("solved_rate")[1] == (
        "其中反映人对是否解决的答复为“已解决”的案件。",
        "已结案，且有须答复的反映人的案件。",
        "单列不计：反映人对是否解决的答复为“无”或“未接通”的案件。",
    )
    assert read("lasting_90")[0][0] == (
        "Of these, those that did not come back at the same place within 90 days of the closing."
    )
    assert read("return_rate")[0] == (
        "How often cases were returned by a unit.",
        "How often cases were received by a unit.",
    )
    assert read("mean_handling")[1][0] == "自派遣至处置反馈的用时之和。"


def test_values_of_the_district_have_their_names() -> None:
    plain = Plain("zh-hans", lambda column, value: "道路不洁" if column == "category" else value)
    assert clause(plain, column="category", eq="matter:06012") == "类别为“道路不洁”"
