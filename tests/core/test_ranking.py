"""Ranks from ballots and scores from marks: a fixture computed by hand, a library's result, and what must always hold."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from votelib.component.rankscore import Borda
from votelib.convert import RankedToCondorcetVotes, RankedToPositionalVotes

from gewu.core.ranking import Ballot, mark, place, ranked, reached, rounded, shares

F = Fraction

# The working of this fixture stands in ranking_by_hand.md beside this file.
ENTRIES = {1: "A", 2: "B", 3: "C", 4: "D"}
BALLOTS = [
    Ballot("A", {2: 1, 3: 2, 4: 2}),
    Ballot("B", {1: 1, 3: 2, 4: 3}),
    Ballot("C", {1: 1, 2: 1}),
    Ballot("D", {1: 2, 2: 1, 3: 3}),
    Ballot("", {1: 1, 2: 2, 3: 3, 4: 4}),
]
BY_HAND = [(2, F(41, 48), 1), (1, F(13, 16), 2), (3, F(13, 48), 3), (4, F(1, 16), 4)]


def test_a_round_with_ties_and_recusals_is_as_computed_by_hand() -> None:
    assert [(p.entry, p.score, p.rank) for p in place(ENTRIES, BALLOTS)] == BY_HAND
    assert [p.n for p in place(ENTRIES, BALLOTS)] == [4, 4, 4, 4]
    assert [rounded(score * 100) for _, score, _ in BY_HAND] == [8542, 8125, 2708, 625]


def test_departments_are_as_computed_by_hand() -> None:
    sheets = [
        ("A", {"x": (5, 4), "y": (3, None)}),
        ("B", {"x": (4, 4), "y": (4, 5)}),
        ("C", {"x": (4, None), "y": (4, 4), "C": (5, 5)}),
        ("D", {"z": (5, 5)}),
    ]
    found = mark(["x", "y", "z"], sheets, ["A", "B", "C", "D"], 2, 50)
    assert [(m.unit, m.means, m.answered, m.score, m.rank) for m in found] == [
        ("x", (F(13, 3), F(4)), (3, 2), F(25, 6), 1),
        ("y", (F(11, 3), F(9, 2)), (3, 2), F(49, 12), 2),
        ("z", (F(5), F(5)), (1, 1), None, None),
    ]
    assert [m.unanswered for m in found] == [(1, 2), (1, 2), (3, 3)]
    assert [rounded(m.score) for m in found if m.score] == [417, 408]


def test_a_department_does_not_mark_itself() -> None:
    found = mark(["x", "y"], [("x", {"x": (5, 5), "y": (1, 1)}), ("s", {"x": (2, 2), "y": (2, 2)})], ["x", "s"], 2, 50)
    assert [(m.unit, m.score, m.raters) for m in found] == [("x", F(2), 1), ("y", F(3, 2), 2)]


@pytest.mark.parametrize("value", [0, 6, -1, True])
def test_marks_beyond_the_scale_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        mark(["x"], [("s", {"x": (value, 3)})], ["s"], 2, 50)


def test_ranks_are_shared_and_the_next_is_left_out() -> None:
    assert ranked({"a": F(2), "b": F(3), "c": F(2), "d": F(1), "e": None}) == {
        "a": 2,
        "b": 1,
        "c": 2,
        "d": 4,
        "e": None,
    }


def test_a_half_is_rounded_up_once() -> None:
    assert [rounded(F(n, 1000)) for n in (4, 5, 14, 15, 1005)] == [0, 1, 1, 2, 101]
    assert rounded(F(25, 6)) == 417


@pytest.mark.parametrize(
    ("have", "able", "percent", "is_reached"),
    [(11, 22, 50, True), (10, 22, 50, False), (0, 0, 1, False), (0, 5, 0, False), (1, 3, 33, True), (1, 3, 34, False)],
)
def test_a_quorum_is_reached_at_its_very_number(have: int, able: int, percent: int, is_reached: bool) -> None:
    assert reached(have, able, percent) is is_reached


def test_a_ballot_that_cannot_compare_says_nothing() -> None:
    assert shares({1: "A", 2: "B"}, Ballot("A", {2: 1})) == {}
    assert shares(ENTRIES, Ballot("", {})) == {}
    assert shares(ENTRIES, Ballot("A", {1: 1})) == {}
    lonely = place({1: "A", 2: "B"}, [Ballot("A", {2: 1}), Ballot("B", {1: 1})])
    assert [(p.n, p.score, p.rank) for p in lonely] == [(0, None, None), (0, None, None)]


# ---- what must always hold

UNITS = ["A", "B", "C", "D", ""]


@st.composite
def rounds(draw: st.DrawFn) -> tuple[dict[int, str], list[Ballot]]:
    entries = {no: draw(st.sampled_from(UNITS[:4])) for no in range(1, draw(st.integers(2, 7)) + 1)}
    places = st.dictionaries(st.sampled_from(sorted(entries)), st.integers(1, 9))
    ballots = draw(st.lists(st.builds(Ballot, st.sampled_from(UNITS), places), max_size=12))
    return entries, ballots


def _by_entry(entries: dict[int, str], ballots: list[Ballot]) -> dict[int, tuple[F | None, int | None]]:
    return {p.entry: (p.score, p.rank) for p in place(entries, ballots)}


@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_does_not_matter(drawn: tuple[dict[int, str], list[Ballot]], rng: random.Random) -> None:
    entries, ballots = drawn
    shuffled = rng.sample(ballots, len(ballots))
    numbers = rng.sample(sorted(entries), len(entries))
    assert place(entries, ballots) == place({no: entries[no] for no in numbers}, shuffled)


@given(rounds())
def test_a_vote_for_ones_own_never_counts(drawn: tuple[dict[int, str], list[Ballot]]) -> None:
    entries, ballots = drawn
    cleaned = [Ballot(b.unit, {e: p for e, p in b.places.items() if entries[e] != b.unit}) for b in ballots]
    praised = [Ballot(b.unit, {**b.places, **{e: 1 for e, u in entries.items() if u == b.unit}}) for b in cleaned]
    # Praise for others is moved behind by one's own first places only where there were gaps; numbers mean order alone.
    assert place(entries, ballots) == place(entries, cleaned) == place(entries, praised)


@given(rounds())
def test_scores_lie_between_nothing_and_all_and_have_a_fixed_mean(drawn: tuple[dict[int, str], list[Ballot]]) -> None:
    entries, ballots = drawn
    for ballot in ballots:
        given_out = shares(entries, ballot)
        if given_out:
            assert sum(given_out.values()) == F(len(given_out), 2)
            assert all(0 <= share <= 1 for share in given_out.values())


@given(rounds(), st.data())
def test_a_unanimous_favourite_wins(drawn: tuple[dict[int, str], list[Ballot]], data: st.DataObject) -> None:
    entries, ballots = drawn
    favourite = data.draw(st.sampled_from(sorted(entries)))
    agreed = [
        Ballot(b.unit, {**{e: p + 1 for e, p in b.places.items() if e != favourite}, favourite: 1}) for b in ballots
    ]
    outsiders = [*agreed, Ballot("", {favourite: 1})]
    found = _by_entry(entries, outsiders)
    assert found[favourite] == (1, 1)
    assert [e for e, (_, rank) in found.items() if rank == 1] == [favourite]


@given(rounds(), st.data())
def test_moving_an_entry_up_never_lowers_its_score(
    drawn: tuple[dict[int, str], list[Ballot]], data: st.DataObject
) -> None:
    entries, ballots = drawn
    if not ballots:
        return
    number = data.draw(st.integers(0, len(ballots) - 1))
    entry = data.draw(st.sampled_from(sorted(entries)))
    lifted = list(ballots)
    lifted[number] = Ballot(ballots[number].unit, {**{e: p + 1 for e, p in ballots[number].places.items()}, entry: 1})
    before, after = _by_entry(entries, ballots)[entry][0], _by_entry(entries, lifted)[entry][0]
    if entry in shares(entries, ballots[number]):
        assert before is not None
        assert after is not None
        assert after >= before


# ---- against a library


def _library_ballot(entries: dict[int, str], ballot: Ballot) -> tuple[frozenset[int], ...] | None:
    able = [e for e, unit in entries.items() if not ballot.unit or unit != ballot.unit]
    known = {e: ballot.places[e] for e in able if e in ballot.places}
    if len(able) < 2 or not known:
        return None
    last = max(known.values()) + 1
    by_place: dict[int, set[int]] = {}
    for e in able:
        by_place.setdefault(known.get(e, last), set()).add(e)
    return tuple(frozenset(by_place[p]) for p in sorted(by_place))


@given(rounds())
def test_the_library_counts_the_same_by_pairs(drawn: tuple[dict[int, str], list[Ballot]]) -> None:
    """Wins over rivals, ties halved, each ballot weighing one over the number of rivals on it."""
    entries, ballots = drawn
    weights: Counter[tuple[frozenset[int], ...]] = Counter()
    met: Counter[int] = Counter()
    for ballot in ballots:
        found = _library_ballot(entries, ballot)
        if found is not None:
            able = frozenset().union(*found)
            weights[found] += F(1, len(able) - 1)
            met.update(able)
    wins = RankedToCondorcetVotes(unranked_at_bottom=False).convert(weights)
    expected = {}
    for e in entries:
        score = F(0)
        for ballot_places, weight in weights.items():
            for level in ballot_places:
                if e in level:
                    score += F(len(level) - 1, 2) * weight
        score += sum((wins.get((e, f), F(0)) for f in entries if f != e), F(0))
        expected[e] = score / met[e] if met[e] else None
    assert {e: score for e, (score, _) in _by_entry(entries, ballots).items()} == expected


@given(st.lists(st.permutations([1, 2, 3, 4, 5]), min_size=1, max_size=8))
def test_without_ties_and_recusals_it_is_the_count_of_borda(orders: list[list[int]]) -> None:
    votes = Counter(tuple(order) for order in orders)
    library = RankedToPositionalVotes(Borda(base=0)).convert(dict(votes))
    ballots = [Ballot("", {e: i for i, e in enumerate(order, 1)}) for order in orders]
    found = _by_entry(dict.fromkeys(range(1, 6), ""), ballots)
    assert {e: score * 4 * len(orders) for e, (score, _) in found.items() if score is not None} == library
    best = max(library.values())
    assert {e for e, (_, rank) in found.items() if rank == 1} == {e for e, n in library.items() if n == best}


def test_all_ballots_of_three_entries_agree_with_brute_force() -> None:
    entries = {1: "A", 2: "B", 3: ""}
    for marks in itertools.product((1, 2, 3), repeat=3):
        ballot = Ballot("", dict(zip(entries, marks, strict=True)))
        for e, share in shares(entries, ballot).items():
            rivals = [f for f in entries if f != e]
            ahead = sum(ballot.places[e] < ballot.places[f] for f in rivals)
            level = sum(ballot.places[e] == ballot.places[f] for f in rivals)
            assert share == F(2 * ahead + level, 4)
