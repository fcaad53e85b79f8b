"""Numbers, names and texts of papers, before anything is set."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gewu.evaluation.api import rounded
from gewu.papers import model as m
from gewu.papers.files import File, safe


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_printed_as_evaluation_rounds_it(numerator: int, denominator: int) -> None:
    cell = m.share(numerator, denominator)
    assert cell.text == f"{rounded(Fraction(numerator * 100, denominator))}%"
    assert cell.value == pytest.approx(numerator / denominator, abs=0.00051)


def test_a_half_goes_up_and_nothing_is_divided_by_nothing() -> None:
    assert m.share(1, 2000).text == "0.1%"
    assert m.share(9995, 10000).text == "100.0%"
    assert (m.share(0, 0).text, m.share(0, 0).value) == ("—", None)


def test_points_are_the_difference_of_what_is_printed() -> None:
    assert m.points((1, 3), (2, 3)).text == "+33.4"  # 33.3 and 66.7
    assert m.points((2, 3), (1, 3)).text == "-33.4"
    assert m.points((1, 3), (1, 3)).text == "0.0"
    assert m.points((0, 0), (1, 3)).text == "—"
    assert [m.signed(n).text for n in (3, 0, -2)] == ["+3", "0", "-2"]


@pytest.mark.parametrize("mark", ["\x00", "\x07", "\x1b", "\u202e", "\u200f", "\ufeff", "\ud800", "\ufffe"])
def test_what_cannot_be_printed_is_left_out(mark: str) -> None:
    assert m.Cell(f"甲{mark}乙").text == "甲乙"
    assert m.clean(f"甲\r\n乙\r{mark}丙") == "甲\n乙\n丙"


@pytest.mark.parametrize(
    ("stem", "name"),
    [("a/b\\c:d*e?f", "a-b-c-d-e-f"), ("..\\..\\x", "x"), ("", "paper"), ("案卷 1\n2", "案卷 1-2"), ("50%", "50")],
)
def test_names_of_files_have_no_path_in_them(stem: str, name: str) -> None:
    assert safe(stem) == name


def test_a_download_has_a_chinese_name_and_a_plain_one() -> None:
    header = File("案卷 1.pdf", "case-sheet-20261122.pdf", "application/pdf", b"").disposition
    assert header == ("attachment; filename=\"case-sheet-20261122.pdf\"; filename*=UTF-8''%E6%A1%88%E5%8D%B7%201.pdf")
    assert header.isascii()


def test_facts_share_rows_two_by_two_and_wide_ones_stand_alone() -> None:
    facts = [m.Fact(str(n), m.Cell("x"), wide=n == 1) for n in range(5)]
    assert [[f.label for f in row] for row in m.Facts(tuple(facts)).rows()] == [["0"], ["1"], ["2", "3"], ["4"]]
