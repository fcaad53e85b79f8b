"""Which categories the words of a report speak of: the catalogue's own words, weighed by how rare they are in it. Pure.

Nothing is learned from people's reports, so that a new district is served as an old one and nobody's words stay in a
model; every suggestion can say by which words it came. ``bench/suggesting.py`` measures it (ADR 0034).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gewu.cases.everyday import SAID
from gewu.cases.words import folded, lexemes, pairs

CONDITION = 0.6
"""What a word of a filing condition counts, beside one of the name."""
WHOLE = 1.5
"""What a name counts that stands in the text as it is."""
FEWEST = 0.16
"""Below this score a text says too little to suggest anything."""
NEAR_BEST = 0.35
"""What scores less than this share of the best is left out."""
EMPTY = frozenset(
    (
        "a", "an", "and", "are", "at", "been", "by", "for", "from", "has", "have", "he", "her", "his",
        "in", "is", "it", "its", "of", "off", "on", "or", "out", "over", "she", "that", "the", "their",
        "there", "they", "this", "to", "up", "was", "we", "were", "with",
    )
)  # fmt: skip
"""English words that speak of nothing."""
LONGEST = 4000
"""Letters of a text that are read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be suggested: its names, and texts that say when it is meant."""

    key: str
    names: tuple[str, ...]
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, how well the words speak of it (comparable within one text only), and which words did."""

    key: str
    score: float
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    entry: int
    weight: float
    tokens: frozenset[str]
    length: float


class Lexicon:
    """The words of a catalogue, ready to be looked up."""

    def __init__(self, entries: Iterable[Entry], said: Sequence[tuple[str, str]] = SAID) -> None:
        self.entries = tuple(entries)
        counted: Counter[str] = Counter()
        fields: list[tuple[int, float, frozenset[str]]] = []
        for number, entry in enumerate(self.entries):
            own: set[str] = set()
            for weight, texts in ((1.0, entry.names), (CONDITION, entry.conditions)):
                for text in texts:
                    tokens = pairs(text) - EMPTY
                    if tokens:
                        fields.append((number, weight, tokens))
                        own |= tokens
            counted.update(own)
        n = len(self.entries) or 1
        self._rare: Mapping[str, float] = {t: math.log(1 + n / c) for t, c in counted.items()}
        self._fields = [_Field(e, w, t, math.sqrt(sum(self._rare[x] ** 2 for x in t))) for e, w, t in fields]
        self._of: dict[str, list[int]] = {}
        for at, one in enumerate(self._fields):
            for token in one.tokens:
                self._of.setdefault(token, []).append(at)
        self._whole = [
            (number, name)
            for number, entry in enumerate(self.entries)
            for name in (folded(raw) for raw in entry.names)
            if len(name) >= (3 if name.isascii() else 2)
        ]
        self._said = [(folded(words), pairs(meaning) - EMPTY) for words, meaning in said]

    def suggest(self, text: str, limit: int = 3) -> list[Suggestion]:
        """The entries that a text speaks of, best first; none where it says too little."""
        text = folded(text[:LONGEST])
        spoken = {token: token for token in lexemes(text) if len(token) > 1 and token in self._rare}
        for words, meaning in self._said:
            if words in text:
                spoken.update({token: words for token in meaning if token in self._rare and token not in spoken})
        best: dict[int, dict[float, tuple[float, frozenset[str]]]] = {}
        for at in {at for token in spoken for at in self._of[token]}:
            one = self._fields[at]
            shared = one.tokens & spoken.keys()
            score = one.weight * sum(self._rare[t] ** 2 for t in shared) / one.length
            held = best.setdefault(one.entry, {})
            if score > held.get(one.weight, (0.0, shared))[0]:
                held[one.weight] = score, shared
        scores = {entry: sum(score for score, _ in held.values()) for entry, held in best.items()}
        for entry, name in self._whole:
            if name in text:
                scores[entry] = scores.get(entry, 0.0) + WHOLE * math.log(1 + len(self.entries))
        top = max(scores.values(), default=0.0)
        scale = math.log(1 + len(self.entries)) or 1.0
        ranked = sorted(
            ((score, entry) for entry, score in scores.items() if score >= max(FEWEST * scale, NEAR_BEST * top)),
            key=lambda one: (-one[0], self.entries[one[1]].key),
        )[:limit]
        return [
            Suggestion(self.entries[entry].key, round(score / scale, 3), self._reasons(entry, best, spoken, text))
            for score, entry in ranked
        ]

    def _reasons(
        self,
        entry: int,
        best: Mapping[int, Mapping[float, tuple[float, frozenset[str]]]],
        spoken: Mapping[str, str],
        text: str,
    ) -> tuple[str, ...]:
        """The words of the text, as they stand in it, that spoke for an entry; pairs that overlap are one word."""
        tokens = {spoken[t] for _, shared in best.get(entry, {}).values() for t in shared}
        spans = sorted((at, at + len(t)) for t in tokens if (at := text.find(t)) >= 0)
        joined: list[list[int]] = []
        for start, end in spans:
            if joined and start < joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        return tuple(dict.fromkeys(text[start:end] for start, end in joined))[:4]
