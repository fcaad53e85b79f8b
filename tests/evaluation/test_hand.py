"""Every indicator against values worked out by hand (``hand.csv``, with the working in ``hand.md``)."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from evaluation import hand
from evaluation.hand import AS_OF, Told
from gewu.evaluation.api import (
    By,
    Cell,
    Live,
    Part,
    Table,
    Where,
    definitions,
    evaluate,
    month,
    records_of,
    rounded,
    scores,
)
from support import district as d

NOVEMBER = month("Asia/Shanghai", 2026, 11)
DECEMBER = month("Asia/Shanghai", 2026, 12)
SECOND = 1 / 60
ROWS = list(csv.DictReader((Path(__file__).parent / "hand.csv").read_text(encoding="utf-8").splitlines()))


def table(by: By = By.TOTAL, **options: object) -> Table:
    known = definitions(d.district_id())
    return evaluate(Live(d.district_id()), list(known.indicators.values()), by, [NOVEMBER], as_of=AS_OF)


def by_of(group: str) -> By:
    return By.UNIT if group else By.TOTAL


def test_every_indicator_of_the_pack_is_worked_out_by_hand(told: dict[str, Told]) -> None:
    assert {row["indicator"] for row in ROWS} == set(definitions(d.district_id()).indicators)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['indicator']} {row['group']}".strip())
def test_figures_and_the_cases_behind_them(told: dict[str, Told], row: dict[str, str]) -> None:
    cell = table(by_of(row["group"])).cell(row["indicator"], row["group"])
    wanted = {key: int(row[key]) for key in row if key not in ("indicator", "group", "numerator_cases")}
    assert {key: getattr(cell, key) for key in wanted} == wanted

    indicator = definitions(d.district_id())[row["indicator"]]
    found = records_of(
        d.district_id(), indicator, Part.NUMERATOR, by_of(row["group"]), row["group"], NOVEMBER, as_of=AS_OF
    )
    names = hand.ids(told)
    assert sorted(names[one.record_id] for one in found) == row["numerator_cases"].split()
    assert [one.number for one in found] == [told[names[one.record_id]].number for one in found]


def test_scores_by_hand(told: dict[str, Told]) -> None:
    known = definitions(d.district_id())
    whole = {s.formula: s for s in scores(table(), list(known.formulas.values()), known.grades)}
    assert {code: (s.text, s.grade) for code, s in whole.items() if s.formula in ROLES} == ROLES
    units = scores(table(By.UNIT), [known.formulas["department"]], known.grades, rank=True)
    ranked = {s.group: (s.text, s.grade, s.rank, s.weight) for s in units if s.group}
    assert ranked == {hand.SANITATION: ("76.7", "B", 1, 100), hand.BUREAU: ("29.2", "E", 2, 60)}


ROLES = {
    "collector": ("65.8", "C"),
    "intake_officer": ("70.6", "C"),
    "shift_leader": ("90.0", "A"),
    "dispatcher": ("72.0", "C"),
}


def test_parts_of_a_figure_and_pages_of_records(told: dict[str, Told]) -> None:
    names = hand.ids(told)
    indicator = definitions(d.district_id())["on_time_handling"]

    def of(part: Part, **options: object) -> list[str]:
        found = records_of(d.district_id(), indicator, part, By.TOTAL, "", NOVEMBER, as_of=AS_OF, **options)
        return sorted(names[one.record_id] for one in found)

    assert of(Part.REST) == ["c02", "c09", "c10", "c14"]
    assert of(Part.EXEMPT) == ["c09"]
    assert of(Part.LEFT_OUT) == of(Part.UNANSWERED) == []
    solved = definitions(d.district_id())["solved_rate"]
    unanswered = records_of(d.district_id(), solved, Part.UNANSWERED, By.TOTAL, "", NOVEMBER, as_of=AS_OF)
    assert sorted(names[one.record_id] for one in unanswered) == ["c03", "c12", "c13", "c14"]

    pages: list[str] = []
    after = None
    while True:
        page = records_of(
            d.district_id(), indicator, Part.DENOMINATOR, By.TOTAL, "", NOVEMBER, as_of=AS_OF, limit=2, after=after
        )
        if not page:
            break
        assert len(page) <= 2
        pages += [names[one.record_id] for one in page]
        after = (page[-1].at, page[-1].record_id)
    assert sorted(pages) == of(Part.DENOMINATOR)
    assert len(set(pages)) == len(pages) == 9


def test_asked_as_of_an_earlier_instant(told: dict[str, Told]) -> None:
    """A deadline is kept up to its very second; what comes later than asked has not come."""
    start = d.START_US // 1_000_000
    known = definitions(d.district_id())

    def at(minute: float, code: str) -> Cell:
        when = start + round(minute * 60)
        return evaluate(Live(d.district_id()), [known[code]], By.TOTAL, [NOVEMBER], as_of=when).cell(code)

    # Dispatched at 10:25 with two working hours, the bureau (08-12, 14-18) has until 14:25, the sanitation section
    # until 14:55. c01, c03 and c05 are kept by then.
    for minute, decided in ((265, 3), (265 + SECOND, 4), (295, 4), (295 + SECOND, 6)):
        cell = at(minute, "on_time_handling")
        assert (cell.numerator, cell.denominator) == (3, decided), minute
    assert at(295, "handling_rate").numerator == 3
    assert at(-SECOND, "reported").numerator == 0
    assert at(0, "reported").numerator == 14
    assert at(150, "satisfaction").unanswered == 3  # c01, c03 and c13 are closed; nobody was called yet
    assert at(200, "satisfaction").numerator == 1
    # Judged only when thirty days have passed, and recurred only once it has.
    closed = 80 + 30 * 1440
    assert at(closed - 1, "recurred_30").denominator == 2  # c06 and c13 were closed before c01
    assert at(closed, "recurred_30").numerator == 1


def test_a_period_ends_where_the_next_begins(told: dict[str, Told]) -> None:
    known = definitions(d.district_id())
    table_ = evaluate(
        Live(d.district_id()), [known["reported"], known["top_categories"]], By.TOTAL, [DECEMBER, NOVEMBER], as_of=AS_OF
    )
    assert [table_.cell("reported", "", p.code).numerator for p in (NOVEMBER, DECEMBER)] == [14, 1]
    assert table_.total("reported").numerator == 15
    with pytest.raises(ValueError, match="does not add up"):
        table_.total("top_categories")
    with pytest.raises(ValueError, match="overlap"):
        evaluate(Live(d.district_id()), [known["reported"]], By.TOTAL, [NOVEMBER, NOVEMBER], as_of=AS_OF)


def test_only_some_cases_are_asked_for(told: dict[str, Told]) -> None:
    known = definitions(d.district_id())

    def asked(where: Where) -> int:
        return (
            evaluate(Live(d.district_id()), [known["dispatched"]], By.TOTAL, [NOVEMBER], as_of=AS_OF, where=where)
            .cell("dispatched")
            .numerator
        )

    assert asked(Where(units=(hand.BUREAU,))) == 1
    assert asked(Where(places=(d.CODE,), categories=("matter:06",))) == 10
    assert asked(Where(categories=("component:",))) == 0
    with pytest.raises(ValueError, match="other signs"):
        asked(Where(units=("x' OR 'a'='a",)))


def test_streets_add_up_to_the_district(told: dict[str, Told]) -> None:
    total, streets, zones = table(), table(By.STREET), table(By.GRID)
    for indicator in total.indicators:
        if indicator.additive:
            assert streets.total(indicator.code) == total.cell(indicator.code)
            assert zones.total(indicator.code) == total.cell(indicator.code)


def test_values_are_rounded_once_and_half_up() -> None:
    assert rounded(Fraction(1, 3) * 100) == "33.3"
    assert rounded(Fraction(125, 2) / 1, 0) == "63"
    assert rounded(Fraction(1, 20)) == "0.1"
    assert rounded(Fraction(-1, 20)) == "-0.1"
