"""Composite scores: exact until one rounding; weights without a denominator; ties; nobody ranks staff."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gewu.core.playbook.lines import PlaybookError
from gewu.evaluation.api import By, Cell, NotYours, Period, Table, own_figures, scores
from gewu.evaluation.definitions import (
    Formula,
    Grade,
    Indicator,
    check_scores,
    read_folder,
    read_indicators,
    read_scores,
)
from support import district as d
from support.servers import Session

PACKS = Path(__file__).resolve().parents[2] / "packs"
KNOWN = read_folder(PACKS / "standard")
PERIOD = Period("x", 0, 1)


def indicator(code: str) -> Indicator:
    return KNOWN["closing_rate"].model_copy(update={"code": code})


def formula(*terms: dict[str, Any], least: int = 60, of: str = "area") -> Formula:
    words = {"en": "x", "zh": "x"}
    shape: dict[str, Any] = {"code": "made", "title": words, "of": of, "least_weight": least, "illustrative": True}
    return Formula.model_validate(shape | {"source": "x", "terms": terms} | ({"role": "x_y"} if of == "post" else {}))


def table(cells: dict[tuple[str, str], tuple[int, int]]) -> Table:
    made = {(code, group, "x"): Cell(n, m, 0, n, m) for (code, group), (n, m) in cells.items()}
    return Table(By.STREET, (PERIOD,), tuple(indicator(c) for c in {k[0] for k in cells}), 0, "v", made)


def term(code: str, weight: int, **more: Any) -> dict[str, Any]:
    return {"indicator": code, "weight": weight, **more}


def test_only_the_end_is_rounded() -> None:
    """Two thirds at equal weights: terms rounded to whole percents first would make 67.0."""
    made = scores(table({("aa", "g"): (2, 3), ("bb", "g"): (2, 3)}), [formula(term("aa", 50), term("bb", 50))], GRADES)
    assert made[0].text == "66.7"
    # 89.95 is shown as 90.0 and is an A: the grade is that of the score that is shown.
    shown = scores(table({("aa", "g"): (1799, 2000)}), [formula(term("aa", 60))], GRADES)[0]
    assert (shown.text, shown.grade) == ("90.0", "A")
    below = scores(table({("aa", "g"): (17989, 20000)}), [formula(term("aa", 60))], GRADES)[0]
    assert (below.text, below.grade) == ("89.9", "B")


GRADES = KNOWN.grades


@pytest.mark.parametrize(
    ("points", "grade"),
    [(90, "A"), (89, "B"), (75, "B"), (74, "C"), (60, "C"), (59, "D"), (40, "D"), (39, "E"), (0, "E")],
)
def test_grades(points: int, grade: str) -> None:
    assert scores(table({("aa", "g"): (points, 100)}), [formula(term("aa", 60))], GRADES)[0].grade == grade


def test_a_term_without_a_denominator_gives_its_weight_away_up_to_a_point() -> None:
    cells = {("aa", "g"): (1, 2), ("bb", "g"): (0, 0), ("aa", "h"): (0, 0), ("bb", "h"): (1, 1)}
    made = {s.group: s for s in scores(table(cells), [formula(term("aa", 60), term("bb", 40))], GRADES)}
    assert (made["g"].text, made["g"].weight, made["g"].weights) == ("50.0", 60, 100)
    assert (made["h"].text, made["h"].grade, made["h"].points) == ("–", "", None)
    assert made["h"].terms[0].value is None


def test_inverse_and_steps() -> None:
    one = formula(term("aa", 60, inverse=True))
    assert scores(table({("aa", "g"): (1, 8)}), [one], GRADES)[0].text == "87.5"
    steps = formula(term("aa", 60, steps=[{"above": 100, "points": 90}, {"above": 10, "points": 50}], otherwise=5))
    for value, points in ((101, 90), (100, 50), (11, 50), (10, 5)):
        assert steps.terms[0].points(Fraction(value)) == points


def test_ties_share_a_rank_and_posts_have_none() -> None:
    cells = {("aa", "a"): (1, 2), ("aa", "b"): (9, 10), ("aa", "c"): (1, 2), ("aa", "d"): (1, 3), ("aa", "e"): (0, 0)}
    made = {s.group: s.rank for s in scores(table(cells), [formula(term("aa", 60))], GRADES, rank=True)}
    assert made == {"a": 2, "b": 1, "c": 2, "d": 4, "e": None}
    posts = scores(table(cells), [formula(term("aa", 60), of="post")], GRADES, rank=True)
    assert {s.rank for s in posts} == {None}


def test_rework_is_not_in_the_filed_count() -> None:
    """A known program feeds the rework count into the filed count. Here no numerator can leave its denominator."""
    for one in KNOWN.indicators.values():
        if one.numerator is not None and one.unit == "percent":
            assert one.denominator is not None
    filed = KNOWN["filed"]
    assert [c.column for c in filed.conditions() if c.column] == []


def test_a_person_may_ask_only_for_their_own(db: Session) -> None:
    mine = d.actor_post(d.post("dispatcher", covering=d.CODE).code)
    assert mine.person_id is not None
    walk = d.Walk().dispatched()
    asked = list(KNOWN.indicators.values())
    period = Period("x", walk.at_us // 1_000_000 - 86_400, walk.at_us // 1_000_000 + 86_400)
    own = own_figures(mine, mine.person_id, asked, [period], as_of=period.end)
    assert own.cell("dispatches").numerator == 1
    assert own.cell("on_time_filing").denominator == 0  # the shift leader filed it
    assert "miss_rate" not in {one.code for one in own.indicators}
    leader = d.actor_post(d.post("shift_leader", covering=d.CODE).code)
    with pytest.raises(NotYours):
        own_figures(leader, mine.person_id, asked, [period], as_of=period.end)


GOOD = """\
version: 1
indicators:
  - code: one
    title: {en: "One", zh: "一"}
    of: [area]
    at: closed_at
    unit: percent
    denominator: {set: closed_at}
    numerator: {kept: handle}
    better: high
    public: true
    source: "x"
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("{kept: handle}", "{kept: hurry}", 9, "not a clock"),
        ("at: closed_at", "at: closing", 6, "not an instant"),
        ("{kept: handle}", "{column: mood, eq: true}", 9, "not a column"),
        ("{kept: handle}", "{column: reworks, eq: many}", 9, "whole number"),
        ("{kept: handle}", '{column: category, eq: "x\' OR"}', 9, "letters, digits"),
        ("{kept: handle}", "{kept: handle, late: handle}", 9, "exactly one of"),
        ("    denominator: {set: closed_at}\n", "", 3, "a percent has"),
        ("of: [area]", "of: [post]", 3, "names their role"),
        ("better: high", "better: high\n    color: red", 11, "Extra inputs"),
        ("public: true", "public: maybe", 11, "boolean"),
        ("code: one", "code: 09007", 3, "bare code"),
    ],
)
def test_nonsense_is_refused_with_its_line(old: str, new: str, line: int, word: str) -> None:
    assert read_indicators(GOOD).version == 1
    with pytest.raises(PlaybookError) as caught:
        read_indicators(GOOD.replace(old, new))
    assert [(p.file, p.line) for p in caught.value.problems] == [("indicators.yaml", line)]
    assert word in caught.value.problems[0].reason


def test_an_indicator_stands_once() -> None:
    with pytest.raises(PlaybookError, match="stands already on line 3"):
        read_indicators(GOOD + GOOD[GOOD.index("  - code") :])


def test_a_score_of_something_unknown_is_refused() -> None:
    text = (PACKS / "standard" / "scores.yaml").read_text(encoding="utf-8")
    assert check_scores(text, KNOWN.indicators) == []
    found = check_scores(text.replace("indicator: miss_rate", "indicator: misses"), KNOWN.indicators)
    assert [(p.file, p.reason) for p in found] == [("scores.yaml", "there is no indicator 'misses'")]
    unstepped = text.replace("weight: 20, steps: *monthly", "weight: 20")
    assert "need steps" in check_scores(unstepped, KNOWN.indicators)[0].reason
    with pytest.raises(PlaybookError, match="highest `least` down to 0"):
        read_scores(text.replace('{grade: "E", least: 0}', '{grade: "E", least: 1}'))


def test_grades_come_in_order() -> None:
    assert [Grade(grade="x", least=1).least] == [1]
    assert [g.grade for g in GRADES] == ["A", "B", "C", "D", "E"]
