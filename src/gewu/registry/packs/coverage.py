"""Whether every category, place and owner has exactly one unit that answers.

The product of all categories, places and owners is large, but rules see a category, a place and an owner only through
the patterns that match it. So categories, places and owners are first put into classes that no rule can tell apart, and
one member of each class stands for all: the answer is exact, and the work grows with the rules, not with the territory.

A shape may or may not hold a given point of a place, so coverage may not lean on areas that are drawn; areas made of
whole places count where they apply. Two drawn areas are taken to meet where their polygons overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import ANY, AREA_PREFIX, AreaRow, PlaceRow
from gewu.registry.packs.world import World, in_force
from gewu.registry.responsibility import Rule, RuleBook

FILE = "responsibility.csv"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class _PlaceClass:
    """Places that every rule treats alike. ``areas`` are those made of whole places that contain them."""

    groups: tuple[tuple[str, ...], ...]
    areas: tuple[str, ...]
    members: list[str]

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset(token for group in self.groups for token in group)


@dataclass(frozen=True, slots=True)
class _CategoryClass:
    patterns: tuple[tuple[str, str], ...]
    members: list[str]


def check_coverage(world: World, problems: Problems) -> None:
    """Report combinations without a responsible unit and pairs of rules that tie."""
    Coverage(world).report(problems)


class Coverage:
    """The classes of one world and what its rules leave open."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rules = [Rule(r.kind, r.category, r.place, r.owner, r.unit, r.queue, r.file, r.line) for r in world.rules]
        self._book = RuleBook(self._rules, {code: place.kind for code, place in world.places.items()})
        self._patterns = {(rule.kind, rule.category) for rule in self._rules}
        self._areas = [area for area in world.areas.values() if in_force(area, world.today)]
        self._categories = self._category_classes()
        self._places = self._place_classes()
        named = {rule.owner for rule in self._rules} - {ANY}
        self._owners = sorted(world.owner_codes())
        others = [owner for owner in self._owners if owner not in named]
        self._owner_classes = sorted(named) + others[:1]

    def report(self, problems: Problems) -> None:
        self._report_gaps(problems)
        self._report_ties(problems)

    def _category_classes(self) -> list[_CategoryClass]:
        classes: dict[tuple[tuple[str, str], ...], _CategoryClass] = {}
        for key in self._world.categories:
            kind, _, code = key.partition(":")
            patterns = tuple(p for p in self._book.category_patterns(kind, code) if p in self._patterns)
            classes.setdefault(patterns, _CategoryClass(patterns, [])).members.append(key)
        return list(classes.values())

    def _place_classes(self) -> list[_PlaceClass]:
        district = self._world.district
        places: Iterable[PlaceRow] = self._world.places.values()
        codes = [place.code for place in places if in_force(place, self._world.today)]
        if not codes and district is not None:
            codes = [district.code]
        classes: dict[tuple[tuple[str, ...], ...], _PlaceClass] = {}
        for code in codes:
            areas = tuple(sorted(area.code for area in self._areas if code.startswith(area.prefixes or ("\0",))))
            groups = self._book.place_tokens(code, areas)
            classes.setdefault(groups, _PlaceClass(groups, areas, [])).members.append(code)
        return list(classes.values())

    def _report_gaps(self, problems: Problems) -> None:
        for categories in self._categories:
            held: dict[str, set[str]] = {}
            for rule in self._rules:
                if (rule.kind, rule.category) in categories.patterns:
                    held.setdefault(rule.place, set()).add(rule.owner)
            if ANY in held.get(ANY, ()):
                continue
            open_places: dict[tuple[str, ...], list[str]] = {}
            for place in self._places:
                owners = set().union(*(held.get(token, ()) for token in place.tokens))
                if ANY in owners:
                    continue
                missing = tuple(owner for owner in self._owners if owner not in owners)
                if missing:
                    open_places.setdefault(missing, []).extend(place.members)
            for missing, members in open_places.items():
                whose = "any owner" if len(missing) == len(self._owners) else f"owner {_some(missing)}"
                what = f"{_some(categories.members)} in {_some(members)}"
                problems.add(FILE, 1, f"no unit is responsible for {what}, {whose}")

    def _report_ties(self, problems: Problems) -> None:
        by_claim: dict[tuple[str, str, str], list[Rule]] = {}
        for rule in self._rules:
            if rule.place.startswith(AREA_PREFIX):
                by_claim.setdefault((rule.kind, rule.category, rule.owner), []).append(rule)
        for rules in by_claim.values():
            for first, second in combinations(rules, 2):
                if first.place == second.place or (first.unit, first.queue) == (second.unit, second.queue):
                    continue
                where = self._tie(first, second)
                if where:
                    later, earlier = (second, first) if second.line >= first.line else (first, second)
                    problems.add(
                        later.file,
                        later.line,
                        f"ties with line {earlier.line}: {first.place} and {second.place} meet in {where}, where units "
                        f"{earlier.unit} and {later.unit} have an equal claim",
                    )

    def _tie(self, first: Rule, second: Rule) -> str:
        """A place where both rules win together; empty when there is none."""
        areas = {area.code: area for area in self._areas}
        left = areas.get(first.place.removeprefix(AREA_PREFIX))
        right = areas.get(second.place.removeprefix(AREA_PREFIX))
        if left is None or right is None:
            return ""
        drawn = self._drawn_overlap(left, right)
        pattern = (first.kind, first.category)
        owners = self._owner_classes if first.owner == ANY else [first.owner]
        for place in self._places:
            together = left.code in place.areas and right.code in place.areas
            if not together and not drawn:
                continue
            names = {*place.areas, left.code, right.code}
            for categories in self._categories:
                if pattern not in categories.patterns:
                    continue
                kind, _, code = categories.members[0].partition(":")
                for owner in owners:
                    top = next(self._book.ranked(kind, code, place.members[0], names, owner), [])
                    if first in top and second in top:
                        return place.members[0]
        return ""

    def _drawn_overlap(self, left: AreaRow, right: AreaRow) -> bool:
        """Whether two areas, at least one of them drawn, share some ground."""
        if not (self._world.shape_of(left) or self._world.shape_of(right)):
            return False
        first, second = self._ground(left), self._ground(right)
        if first is None or second is None:
            return True  # not drawn anywhere: they may meet, so they are taken to
        return bool(shapely.area(shapely.intersection(first, second)) > 0)

    def _ground(self, area: AreaRow) -> BaseGeometry | None:
        rows = [self._world.shape_of(area), *(self._world.shapes.get(prefix) for prefix in area.prefixes)]
        known = [shape(row.geometry) for row in rows if row is not None]
        missing = sum(row is None for row in rows[1:])
        return None if missing or not known else shapely.union_all(known)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_EXAMPLES])
    return shown if len(names) <= _EXAMPLES else f"{shown} and {len(names) - _EXAMPLES} more"
