"""Codes: places, categories, components, matters, and scopes over them.

A code is text and stays text: ``06012`` is not a number. Only the digits 0-9 of ASCII count as digits.

======================  ========  =======================================================  ==========================
code                    digits    made of                                                  source
======================  ========  =======================================================  ==========================
district                6         county-level division                                    GB/T 2260
street or town          9         district + 3
community or village    12        street + 3
grid                    15        community + 3, numbered inside the community             GB/T 47678.3, unit grid id
component id            17        district + category 5 + sequence 6                       GB/T 47678.5
matter code             11        district + category 5: a type in a place, not one case   GB/T 47678.5
======================  ========  =======================================================  ==========================
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Self


class CodeError(ValueError):
    """A code that does not have the form it should have."""


class PlaceLevel(StrEnum):
    """The four levels of territory, from large to small."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"

    @property
    def digits(self) -> int:
        """How long a code of this level is."""
        return _DIGITS[self]


_DIGITS = {PlaceLevel.DISTRICT: 6, PlaceLevel.STREET: 9, PlaceLevel.COMMUNITY: 12, PlaceLevel.GRID: 15}
_LEVELS = {digits: level for level, digits in _DIGITS.items()}
_NUMBER = re.compile(r"[0-9]+")
# Of a scope: also a province (2) or a city (4), for bodies above the district.
_PREFIX_LENGTHS = (2, 4, *_LEVELS)


def _digits(text: str, what: str, lengths: Iterable[int]) -> str:
    """The text, if it is so many digits. Raises CodeError saying what was expected."""
    allowed = tuple(lengths)
    if _NUMBER.fullmatch(text) is None:
        raise CodeError(f'{what} "{text}": a code is made of the digits 0-9 only')
    if len(text) not in allowed:
        listed = " or ".join(str(length) for length in allowed)
        raise CodeError(f'{what} "{text}" has {len(text)} digits: it must have {listed}')
    return text


class PlaceCode(str):
    """The code of a place: text that has been checked.

    Raises CodeError for anything but 6, 9, 12 or 15 digits, and for a code filled up with zeros
    (``500101001000`` is street ``500101001``).
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and keep it as a code."""
        _digits(text, "place code", _LEVELS)
        for start in range(6, len(text), 3):
            if text[start : start + 3] == "000":
                raise CodeError(
                    f'place code "{text}": 000 names no place; a code ends with its own level, so "{text[:start]}"?'
                )
        return super().__new__(cls, text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The code in a text, without spaces around it. Raises CodeError."""
        return cls(text.strip())

    @property
    def level(self) -> PlaceLevel:
        """The level, which the length tells."""
        return _LEVELS[len(self)]

    @property
    def district(self) -> "PlaceCode":
        """The district that the place is or lies in."""
        return PlaceCode(self[:6])

    @property
    def parent(self) -> "PlaceCode | None":
        """The place one level up; None for a district."""
        return PlaceCode(self[:-3]) if len(self) > 6 else None

    @property
    def ancestors(self) -> tuple["PlaceCode", ...]:
        """All places above this one, from the district down; empty for a district."""
        return tuple(PlaceCode(self[:end]) for end in range(6, len(self), 3))

    def at(self, level: PlaceLevel) -> "PlaceCode | None":
        """This place or the one above it at a level; None when the level lies below this place."""
        return PlaceCode(self[: level.digits]) if level.digits <= len(self) else None

    def contains(self, other: str) -> bool:
        """Tell whether the other place is this one or lies in it, by its code."""
        return other.startswith(self)


class CategoryKind(StrEnum):
    """What is managed: a component (a thing with a place) or a matter (something that happens)."""

    COMPONENT = "component"
    MATTER = "matter"


@dataclass(frozen=True, slots=True, order=True)
class CategoryKey:
    """A category of the catalogue, written ``matter:06012``: the same five digits mean other things by kind."""

    kind: CategoryKind
    code: str

    def __post_init__(self) -> None:
        _digits(self.code, "category code", (5,))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``matter:06012`` or ``component:01001``. Raises CodeError."""
        kind, colon, code = text.partition(":")
        if not colon:
            raise CodeError(f'category "{text}": write it as kind and code, for example "matter:06012"')
        try:
            return cls(CategoryKind(kind), code)
        except ValueError as error:
            if isinstance(error, CodeError):
                raise
            raise CodeError(f'category "{text}": the kind must be "component" or "matter", not "{kind}"') from None

    @property
    def major(self) -> str:
        """The two digits of the major class."""
        return self.code[:2]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True, order=True)
class ComponentId:
    """One component: district, category, and a sequence of six digits."""

    district: PlaceCode
    category: CategoryKey
    sequence: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the 17 digits. Raises CodeError."""
        _digits(text, "component id", (17,))
        return cls(PlaceCode(text[:6]), CategoryKey(CategoryKind.COMPONENT, text[6:11]), text[11:])

    def __str__(self) -> str:
        return f"{self.district}{self.category.code}{self.sequence}"


@dataclass(frozen=True, slots=True, order=True)
class MatterCode:
    """A type of matter in a district. It does not name a single case."""

    district: PlaceCode
    category: CategoryKey

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the 11 digits. Raises CodeError."""
        _digits(text, "matter code", (11,))
        return cls(PlaceCode(text[:6]), CategoryKey(CategoryKind.MATTER, text[6:]))

    def __str__(self) -> str:
        return f"{self.district}{self.category.code}"


@dataclass(frozen=True, slots=True)
class Scope:
    """The territory of a person or unit: prefixes of place codes plus named areas (a park, a zone, a list of roads).

    A prefix has the length of a level, or 2 or 4 digits for a province or a city; none is empty, so no scope covers
    everything by accident. A scope of nothing covers nothing.
    """

    prefixes: tuple[str, ...] = ()
    areas: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for prefix in self.prefixes:
            _digits(prefix, "scope prefix", _PREFIX_LENGTHS)
            if len(prefix) >= 6:
                PlaceCode(prefix)
        for area in self.areas:
            if not area or area != "".join(area.split()):
                raise CodeError(f'scope area "{area}": an area code is not empty and has no spaces')

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read place prefixes and ``area:CODE`` joined by spaces; repeats are dropped. Raises CodeError."""
        words = dict.fromkeys(text.split())
        areas = frozenset(word.removeprefix("area:") for word in words if word.startswith("area:"))
        return cls(tuple(word for word in words if not word.startswith("area:")), areas)

    def covers(self, place_code: str, areas: Iterable[str] = ()) -> bool:
        """Tell whether a record at this place, in these areas, lies in the scope. An unknown place is ``""``."""
        return place_code.startswith(self.prefixes) or not self.areas.isdisjoint(areas)

    def __str__(self) -> str:
        return " ".join((*self.prefixes, *(f"area:{area}" for area in sorted(self.areas))))


# Majors of events in CJ/T 214 and what became of them in GB/T 47678.5. Major 04 (emergencies: burst pipes, collapse)
# has no successor there, nor have the cities' own extensions (21); a territory keeps a major of its own for them.
LEGACY_EVENT_MAJORS = MappingProxyType({"01": "06", "02": "07", "03": "08", "05": "09"})
# Codes that the rule would give but the newer standard leaves out: the old classes were dropped or moved.
LEGACY_EVENTS_WITHOUT_SUCCESSOR = frozenset({"0131", "0205", "0507"})


def legacy_event_category(code: str) -> CategoryKey | None:
    """The category of an old event code (``0136`` or ``01-36``); None where the newer standard has none.

    The minor is filled up to three digits: ``0136`` becomes ``matter:06036``. Whether a catalogue holds the result is
    for the catalogue to say. Raises CodeError for anything but two and two digits.
    """
    plain = code.replace("-", "", 1) if code[2:3] == "-" else code
    _digits(plain, "old event code", (4,))
    major = LEGACY_EVENT_MAJORS.get(plain[:2])
    if major is None or plain in LEGACY_EVENTS_WITHOUT_SUCCESSOR:
        return None
    return CategoryKey(CategoryKind.MATTER, f"{major}0{plain[2:]}")
