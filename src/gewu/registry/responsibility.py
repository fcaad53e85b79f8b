"""Who answers for a category, place and owner: the most specific rule wins.

Specificity is compared in this order: the longer category prefix; a rule for one kind before a rule for both; the place
(grid, then named area, then community, street, district, then anywhere); a named owner before any owner. Used by the
directory at run time and by the pack checker before anything is loaded, so both mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

ANY = "*"
AREA_PREFIX = "area:"
UNKNOWN_OWNER = "unknown"
_KIND_DEPTH = {"district": 1, "street": 2, "community": 3, "grid": 5}
_AREA_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """A responsibility rule as written. ``file`` and ``line`` say where."""

    kind: str
    category: str
    place: str
    owner: str
    unit: str
    queue: bool
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.kind} {self.category} in {self.place}, owner {self.owner} ({self.file}:{self.line})"


class RuleBook:
    """Rules of one district, indexed. ``place_kinds`` gives the kind of each place code that rules name."""

    def __init__(self, rules: Iterable[Rule], place_kinds: Mapping[str, str]) -> None:
        self._rules: dict[tuple[str, str, str, str], Rule] = {}
        for rule in rules:
            self._rules.setdefault((rule.kind, rule.category, rule.place, rule.owner), rule)
        categories = {rule.category for rule in self._rules.values()}
        places = {rule.place for rule in self._rules.values()}
        self._category_lengths = sorted({len(code) for code in categories if code != ANY}, reverse=True)
        self._areas = frozenset(code.removeprefix(AREA_PREFIX) for code in places if code.startswith(AREA_PREFIX))
        self._fine: dict[int, set[str]] = {}
        self._coarse: dict[int, set[str]] = {}
        for code in places:
            if code != ANY and not code.startswith(AREA_PREFIX):
                depth = _KIND_DEPTH.get(place_kinds.get(code, ""), 0)
                (self._fine if depth > _AREA_DEPTH else self._coarse).setdefault(len(code), set()).add(code)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def category_patterns(self, kind: str, code: str) -> tuple[tuple[str, str], ...]:
        """The (kind, category) patterns that may match, most specific first."""
        prefixes = [code[:length] for length in self._category_lengths if length <= len(code)]
        return tuple((k, prefix) for prefix in (*prefixes, ANY) for k in (kind, ANY))

    def place_tokens(self, place: str, areas: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """What rules may call this place, most specific first; tokens in one group are of equal rank."""
        groups: list[tuple[str, ...]] = [
            (place[:n],) for n in sorted(self._fine, reverse=True) if place[:n] in self._fine[n]
        ]
        named = tuple(AREA_PREFIX + area for area in sorted(self._areas.intersection(areas)))
        if named:
            groups.append(named)
        groups += [(place[:n],) for n in sorted(self._coarse, reverse=True) if place[:n] in self._coarse[n]]
        return (*groups, (ANY,))

    def ranked(self, kind: str, code: str, place: str, areas: Iterable[str], owner: str) -> Iterator[list[Rule]]:
        """All rules that hold, most specific first; rules of equal rank come together.

        An owner that nobody has stated ("") is not the same as one that is known to be missing (``unknown``): the
        rules for any owner answer first, and the queue for the ownerless only where they say nothing.
        """
        if owner:
            yield from self._ranked(kind, code, place, areas, (owner, ANY))
        else:
            yield from self._ranked(kind, code, place, areas, (ANY,))
            yield from self._ranked(kind, code, place, areas, (UNKNOWN_OWNER,))

    def _ranked(
        self, kind: str, code: str, place: str, areas: Iterable[str], owners: tuple[str, ...]
    ) -> Iterator[list[Rule]]:
        tokens = self.place_tokens(place, areas)
        for kind_pattern, category in self.category_patterns(kind, code):
            for group in tokens:
                for who in owners:
                    found = [rule for token in group if (rule := self._rules.get((kind_pattern, category, token, who)))]
                    if found:
                        yield found

    def best(self, kind: str, code: str, place: str, areas: Iterable[str], owner: str) -> Rule | None:
        """The rule that wins; among rules of equal rank, which no checked pack has, the first area by code."""
        for found in self.ranked(kind, code, place, areas, owner):
            return found[0]
        return None
