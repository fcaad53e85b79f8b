"""The catalogue of a district as words to be looked up: which categories a report speaks of."""

from __future__ import annotations

from gewu.cases.suggesting import Entry, Lexicon, Suggestion
from gewu.registry.directory import Directory

_HELD: dict[int, tuple[object, Lexicon]] = {}


def lexicon_of(directory: Directory) -> Lexicon:
    """The words of a district's active catalogue; made once for each state of it."""
    held = _HELD.get(directory.district.id)
    if held is not None and held[0] is directory.categories:
        return held[1]
    entries = []
    for category in directory.categories.values():
        standards = directory.standards_for(category.key)
        if category.active and (standards or category.kind == "matter"):
            conditions = tuple(text for one in standards for text in (one.filing.zh, one.filing.en))
            entries.append(Entry(category.key, (category.name_zh, category.name_en), conditions))
    made = Lexicon(entries)
    _HELD[directory.district.id] = directory.categories, made
    return made


def suggest_categories(directory: Directory, text: str, limit: int = 3) -> list[Suggestion]:
    """The categories of a district that the words of a report speak of, best first."""
    return lexicon_of(directory).suggest(text, limit)
