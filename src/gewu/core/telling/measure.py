"""How wide words are on a drawing: estimated, on the safe side, because no font is at hand."""

from __future__ import annotations

from unicodedata import east_asian_width

_NARROW = frozenset("iljtfrI.,:;'!|()[] -“”‘’·")
_BROAD = frozenset("mwMW@%")


def width(text: str, size: float) -> float:
    """The width of a line of text in pixels, for a font of ``size`` pixels; rather too wide than too narrow."""
    return sum(_share(char) for char in text) * size


def _share(char: str) -> float:
    if east_asian_width(char) in ("W", "F"):
        return 1.0
    if char in "“”‘’":  # drawn as wide as a Chinese character by Chinese fonts
        return 1.0
    if char in _NARROW:
        return 0.4
    if char in _BROAD:
        return 0.95
    return 0.72 if char.isupper() else 0.6


def wrap(text: str, size: float, most: float) -> list[str]:
    """Lines no wider than ``most``: broken at spaces, between Chinese characters, and within a word if it must be."""
    lines: list[str] = []
    line = ""
    for whole in _pieces(text):
        piece = whole
        if line and width(line + piece.rstrip(), size) > most:
            lines.append(line.rstrip())
            line = ""
        while width(piece.rstrip(), size) > most and len(piece) > 1:
            cut = len(piece) - 1
            while cut > 1 and width(piece[:cut], size) > most:
                cut -= 1
            lines.append(piece[:cut])
            piece = piece[cut:]
        line += piece
    if line.strip():
        lines.append(line.rstrip())
    return lines or [""]


_CLOSING = frozenset("，。、；：！？）》”’·")
"""What may not begin a line."""


def _pieces(text: str) -> list[str]:
    """What may not be broken: a word with the space after it, a Chinese character with the sign that follows it."""
    found: list[str] = []
    word = ""
    for char in text:
        wide = east_asian_width(char) in ("W", "F")
        if char in _CLOSING:
            if word:
                word += char
            elif found:
                found[-1] += char
            else:
                word = char
        elif wide:
            if word:
                found.append(word)
                word = ""
            found.append(char)
        else:
            word += char
            if char == " ":
                found.append(word)
                word = ""
    if word:
        found.append(word)
    return found
