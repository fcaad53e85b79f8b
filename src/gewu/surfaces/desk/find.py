"""Finding categories, places and units by what people type: code, name or part of it, in either language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gewu.registry.directory import Directory
from gewu.registry.entries import CategoryInfo, Named, PlaceInfo, UnitInfo
from gewu.surfaces.desk.present import names

LIMIT = 12
_MARKED = re.compile(r"[（(]([^（()）]*)[)）]\s*$")
_HAN_PAIRS = re.compile("(?=([\u3400-\u9fff]{2}))")
_SPACES = re.compile(r"\s+")
_KINDS = {"matter": "matter", "component": "component", "事件": "matter", "部件": "component"}

N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Found:
    """One suggestion: what goes into the input, and a hint beside it."""

    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Meant:
    """What typed text means: one code, or none (``text`` empty), or nothing, or several that it could be."""

    code: str = ""
    several: tuple[str, ...] = ()
    unknown: bool = False


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\u2009", " ")).strip().lower()


def _rank(entry: Named, words: Sequence[str], more: str) -> int | None:
    """How well an entry fits all the words: 0 code or whole name, 1 beginning, 2 inside, 3 elsewhere, 4 by half.

    None does not fit at all. Chinese is written without spaces, so pairs of characters count as words there.
    """
    names_of = (entry.name_en.lower(), entry.name_zh.lower(), entry.code.lower())
    whole = " ".join(words)
    if whole in names_of:
        return 0
    if any(name.startswith(whole) for name in names_of):
        return 1
    joined = " ".join(names_of)
    if all(word in joined for word in words):
        return 2
    if all(word in joined or word in more for word in words):
        return 3
    pairs = _HAN_PAIRS.findall(whole.replace(" ", ""))
    held = sum(1 for pair in pairs if pair in joined or pair in more)
    return 4 if pairs and held * 2 >= len(pairs) else None


def _search(entries: Iterable[N], text: str, more: Callable[[N], str], limit: int) -> list[N]:
    words = _plain(text).split()
    if not words:
        return []
    ranked = [(rank, entry.code, entry) for entry in entries if (rank := _rank(entry, words, more(entry))) is not None]
    ranked.sort(key=lambda item: item[:2])
    return [entry for _rank_, _code, entry in ranked[:limit]]


# ---- categories


def categories(directory: Directory, text: str, limit: int = LIMIT) -> list[CategoryInfo]:
    """Active categories that fit, best first; the words of their conditions count as keywords."""
    active = [c for c in directory.categories.values() if c.active]
    active.sort(key=lambda c: c.kind != "matter")
    return _search(active, text, lambda c: _keywords(directory, c), limit)


def _keywords(directory: Directory, category: CategoryInfo) -> str:
    parts = [category.major_name_en, category.major_name_zh, category.legacy_code]
    for standard in directory.standards_for(category.key):
        parts += [standard.filing.en, standard.filing.zh]
    return " ".join(parts).lower()


def meant_category(directory: Directory, text: str, language: str) -> Meant:
    """The category that an input names: a key, a label with its code, a code, or a name that only one has."""
    plain = _plain(text)
    if not plain:
        return Meant()
    if directory.category(plain) is not None:
        return Meant(plain)
    marked = _MARKED.search(text.strip())
    if marked:
        kind, _, code = marked[1].replace("\u2009", " ").strip().rpartition(" ")
        key = f"{_KINDS.get(kind.strip(), kind)}:{code}"
        if directory.category(key) is not None:
            return Meant(key)
    found = categories(directory, text, 9)
    whole = [c for c in found if plain in (c.name_en.lower(), c.name_zh.lower(), c.code)]
    return _one([(c.key, names.category_label(c, language)) for c in whole or found])


# ---- places


def places(directory: Directory, text: str, limit: int = LIMIT, prefixes: tuple[str, ...] = ()) -> list[PlaceInfo]:
    """Active places that fit: communities and streets before grids."""
    order = {"community": 0, "street": 1, "grid": 2, "district": 3}
    active = [p for p in directory.places.values() if p.active and (not prefixes or p.code.startswith(prefixes))]
    active.sort(key=lambda p: order.get(p.kind, 9))
    coarse = _search([p for p in active if p.kind != "grid"], text, lambda p: _above(directory, p), limit)
    if coarse:
        return coarse
    return _search(active, text, lambda p: _above(directory, p), limit)


def _above(directory: Directory, place: PlaceInfo) -> str:
    above = directory.places.get(place.parent)
    return f"{above.name_en} {above.name_zh}".lower() if above else ""


_ENDINGS = ("社区居委会", "村委会", "居委会", "社区", "街道", "村", "镇", "乡")
_ENGLISH_ENDINGS = (" community", " village", " subdistrict", " street", " town", " township")
_SHORTEST_STEM, _SHORTEST_ENGLISH = 2, 5


def mentioned_places(directory: Directory, text: str, limit: int = 3) -> list[PlaceInfo]:
    """Communities and streets that a text names, with or without their ending; the longest name first."""
    plain = _plain(text)
    found: list[tuple[int, int, str, PlaceInfo]] = []
    for place in directory.places.values():
        if not place.active or place.kind not in ("community", "street"):
            continue
        stem = _stem(place.name_zh, _ENDINGS)
        english = _stem(place.name_en.lower(), _ENGLISH_ENDINGS)
        held = 0
        if len(stem) >= _SHORTEST_STEM and stem in plain:
            held = len(stem) * 3 + (place.name_zh in plain)
        elif len(english) >= _SHORTEST_ENGLISH and re.search(rf"\b{re.escape(english)}\b", plain):
            held = len(english) + (place.name_en.lower() in plain)
        if held:
            found.append((-held, place.kind != "community", place.code, place))
    found.sort(key=lambda one: one[:3])
    return [one[3] for one in found[:limit]]


def _stem(name: str, endings: Sequence[str]) -> str:
    for ending in endings:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def meant_place(directory: Directory, text: str, language: str) -> Meant:
    """The place that an input names: a code, a label with its code, or a name that only one has."""
    plain = _plain(text)
    if not plain:
        return Meant()
    marked = _MARKED.search(text.strip())
    code = marked[1].strip() if marked else plain
    found = directory.place(code)
    if found is not None and found.active:
        return Meant(code)
    fitting = places(directory, text, 9)
    whole = [p for p in fitting if plain in (p.name_en.lower(), p.name_zh.lower())]
    return _one([(p.code, names.place_label(directory, p, language)) for p in whole or fitting])


# ---- units


def units(directory: Directory, text: str, limit: int = LIMIT) -> list[UnitInfo]:
    """Active units that fit."""
    return _search((u for u in directory.units.values() if u.active), text, lambda u: _parent(directory, u), limit)


def _parent(directory: Directory, unit: UnitInfo) -> str:
    above = directory.units.get(unit.parent)
    return f"{above.name_en} {above.name_zh}".lower() if above else ""


def meant_unit(directory: Directory, text: str, language: str) -> Meant:
    """The unit that an input names: a code, a label with its code, or a name that only one has."""
    plain = _plain(text)
    if not plain:
        return Meant()
    marked = _MARKED.search(text.strip())
    code = marked[1].strip() if marked else plain
    found = directory.unit(code)
    if found is not None and found.active:
        return Meant(code)
    fitting = units(directory, text, 9)
    whole = [u for u in fitting if plain in (u.name_en.lower(), u.name_zh.lower())]
    return _one([(u.code, names.unit_label(u, language)) for u in whole or fitting])


def _one(found: Sequence[tuple[str, str]]) -> Meant:
    if len(found) == 1:
        return Meant(found[0][0])
    return Meant(several=tuple(label for _, label in found)) if found else Meant(unknown=True)
