"""Responsibility against a plain reading of its rule: look at every combination and every rule, one by one.

The oracle knows nothing of classes or indexes. It must agree with the directory on who wins, and with the pack check on
whether any combination is left open or claimed twice.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gewu.registry.packs import check_pack
from gewu.registry.responsibility import Rule, RuleBook
from registry.conftest import FILES, TODAY, write_pack

CATEGORIES = ["matter:97001", "matter:97002", "component:98001"]
PLACES = {line.split(",")[0]: line.split(",")[1] for line in FILES["places.csv"].splitlines()[1:]}
AREAS = {"zone": ("990101001001",), "isle": ("990101001001001", "990101002"), "west": ("990101002001001",)}
OWNERS = ["miniwater", "minipower", "unknown"]
PATTERNS = [("*", "*"), ("matter", "*"), ("component", "*"), ("matter", "97"), ("matter", "97001"), ("*", "98")]
UNITS = ["bureau", "squad", "team"]
DEPTH = {"district": 1, "street": 2, "community": 3, "grid": 5}

rules = st.lists(
    st.tuples(
        st.sampled_from(PATTERNS),
        st.sampled_from(["*", *PLACES, *(f"area:{area}" for area in AREAS)]),
        st.sampled_from(["*", *OWNERS]),
        st.sampled_from(UNITS),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda rule: rule[:3],
)
Written = tuple[tuple[str, str], str, str, str]


def winners(written: list[Written], category: str, place: str, areas: set[str], owner: str) -> list[Written]:
    """All rules of the highest rank among those that hold."""
    kind, code = category.split(":")
    holding: dict[tuple[int, bool, int, bool], list[Written]] = {}
    for rule in written:
        (rule_kind, prefix), where, whose, _ = rule
        if rule_kind not in ("*", kind) or not (prefix == "*" or code.startswith(prefix)) or whose not in ("*", owner):
            continue
        if where == "*":
            depth = 0
        elif where.startswith("area:"):
            if where.removeprefix("area:") not in areas:
                continue
            depth = 4
        elif place.startswith(where):
            depth = DEPTH[PLACES[where]]
        else:
            continue
        rank = (0 if prefix == "*" else len(prefix), rule_kind != "*", depth, whose != "*")
        holding.setdefault(rank, []).append(rule)
    return holding[max(holding)] if holding else []


def areas_of(place: str) -> set[str]:
    return {area for area, prefixes in AREAS.items() if place.startswith(prefixes)}


@given(rules)
@settings(deadline=None, max_examples=150)
def test_the_book_of_rules_finds_the_winner(written: list[Written]) -> None:
    book = RuleBook(
        [
            Rule(kind, category, place, owner, unit, queue=False, file="", line=number)
            for number, ((kind, category), place, owner, unit) in enumerate(written)
        ],
        PLACES,
    )
    for category, place, owner in product(CATEGORIES, PLACES, OWNERS):
        kind, code = category.split(":")
        best = book.best(kind, code, place, areas_of(place), owner)
        top = winners(written, category, place, areas_of(place), owner)
        assert (best is None) == (not top)
        if best is not None:
            assert ((best.kind, best.category), best.place, best.owner, best.unit) in top


@given(rules)
@settings(deadline=None, max_examples=60)
def test_the_check_finds_gaps_and_ties_exactly_where_there_are_some(written: list[Written]) -> None:
    gap = tie = False
    for category, place, owner in product(CATEGORIES, PLACES, OWNERS):
        top = winners(written, category, place, areas_of(place), owner)
        gap |= not top
        tie |= len({unit for *_, unit in top}) > 1
    with tempfile.TemporaryDirectory() as folder:
        pack = write_pack(Path(folder) / "mini")
        pack.write(
            "areas.csv",
            "code,kind,name_zh,name_en,places\n"
            + "".join(f"{area},key,甲,A,{' '.join(prefixes)}\n" for area, prefixes in AREAS.items()),
        )
        pack.replace("posts.csv", ",area:park,", ",area:isle,")
        (pack.path / "shapes/all.geojson").unlink()
        pack.write(
            "responsibility.csv",
            "kind,category,place,owner,unit\n"
            + "".join(
                f"{kind},{category},{place},{owner},{unit}\n" for (kind, category), place, owner, unit in written
            ),
        )
        reasons = [problem.reason for problem in check_pack(pack.path, today=TODAY)]
    assert any("no unit is responsible" in reason for reason in reasons) == gap
    assert any("ties with line" in reason for reason in reasons) == tie
    assert all("no unit is responsible" in reason or "ties with line" in reason for reason in reasons)
