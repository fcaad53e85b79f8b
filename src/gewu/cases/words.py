"""The words of cases as lexemes: what is written down of each event so that its text can be found again.

Chinese is written without spaces, so a run of Han characters becomes its bigrams, and its last character once more by
itself: a single character is then found as the beginning of a lexeme, wherever it stands. Anything else is words in
lower case. The vector is made here and not by PostgreSQL, so that no dictionary, locale or extension is involved and a
rebuild gives the same bytes on any server.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from gewu.ledger.keys import lookup_hash
from gewu.ledger.projections import Change

PRIVATE = frozenset({"reporter_name", "reporter_phone"})
"""Fields that are never indexed: who reported is found by the keyed hash of the telephone number only."""

_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
TOKEN = re.compile(f"([{_HAN}]+)|[^\\W_{_HAN}]+")
"""A run of Han (or kana), in group 1, or a word of any other script."""

WORD_LENGTH = 40
"""Longer words are cut: nobody types them, and a lexeme may not pass 2 kB."""

NUMBER_TAIL = 5
"""A case number is also found by its counter, which is what people read out over the telephone."""


def folded(text: str) -> str:
    """Full-width as half-width, compatibility forms as plain ones, lower case. Traditional characters stay."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def lexemes(text: str) -> set[str]:
    """The lexemes of a text that is folded."""
    found: set[str] = set()
    for token in TOKEN.finditer(text):
        run = token[0]
        if token[1] is None:
            found.add(run[:WORD_LENGTH])
        else:
            found.update(map(str.__add__, run, run[1:]))
            found.add(run[-1])
    return found


def pairs(text: str) -> frozenset[str]:
    """Bigrams and words of a text, for comparing it with another: without the single last characters."""
    return frozenset(one for one in lexemes(folded(text)) if len(one) > 1)


def spoken(texts: Mapping[str, str]) -> list[str]:
    """The texts of an event that are indexed, those by which a case is told first."""
    order = {"description": 0, "address": 1}
    return [texts[name] for name in sorted(texts, key=lambda n: (order.get(n, 2), n)) if name not in PRIVATE]


def numbers(detail: Mapping[str, Any]) -> list[str]:
    """The counter of a case and its number elsewhere, as words. Its whole number has an index of its own."""
    tail = str(detail.get("number", ""))[-NUMBER_TAIL:]
    return [number for number in (tail, str(detail.get("outside_number", ""))) if number]


def district_lexeme(district_id: int) -> str:
    """Stands in every vector of a district, so that the index itself leaves other districts out.

    No text can hold it: ``@`` belongs to no word.
    """
    return f"@{district_id}"


def vector(found: Iterable[str]) -> str:
    """A tsvector in the very form in which PostgreSQL prints it: sorted by bytes, quoted, without positions.

    What ``TOKEN`` finds holds neither quotes nor backslashes, so that nothing has to be escaped.
    """
    return "'" + "' '".join(sorted(found)) + "'"


class WordsJournal:
    """What can be found in the words of each event. See ``gewu.ledger.projections.Journal``."""

    table = "cases_words"
    columns: tuple[str, ...] = ("words",)

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """One vector, or nothing for an event without words."""
        texts = change.texts()
        if texts is None:
            return []
        parts = spoken(texts)
        if change.before is None:
            parts += numbers(change.event.payload.get("detail", {}))
        found = lexemes(folded("\n".join(parts))) if parts else set()
        if not found:
            return []
        found.add(district_lexeme(change.district_id))
        return [(vector(found),)]


class CallerJournal:
    """Telephone numbers of those who joined a case, as keyed hashes. The first reporter's stands in ``cases_case``."""

    table = "cases_caller"
    columns: tuple[str, ...] = ("phone_hash",)

    def rows(self, change: Change) -> list[tuple[Any, ...]]:
        """One hash, or nothing."""
        if change.before is None:
            return []
        phone = (change.texts() or {}).get("reporter_phone", "")
        return [(lookup_hash(phone),)] if phone else []
