"""Chinese typography for our own words: thin spaces between Han and Latin letters or digits, full-width signs."""

from __future__ import annotations

import re

from gewu.surfaces.look.dates import THIN, chinese

_HAN = "\u3400-\u9fff"
_LATIN = "A-Za-z0-9"
_AFTER_HAN = re.compile(f"(?<=[{_HAN}]) ?(?=[{_LATIN}])")
_SIGNS = {":": "：", ",": "，", ";": "；", ".": "。", "(": "（", ")": "）"}
_IN_BRACKETS = re.compile(rf"(?<=[{_HAN}]) ?\(([^()]*)\)|\(([^()]*[{_HAN}][^()]*)\)")
_BEFORE_HAN = re.compile(f"(?<=[{_LATIN}%]) ?(?=[{_HAN}])(?![年月日])")


def spaced(text: str) -> str:
    """Put a thin space (U+2009) between Han and Latin or digits; an ordinary space there becomes thin.

    Dates keep their form (11月22日); brackets after or around Han become full-width. Meant for names and sentences of
    the product; what people typed stays as typed.
    """
    if not text:
        return text
    if "(" in text:
        text = _IN_BRACKETS.sub(lambda found: f"（{found[1] if found[1] is not None else found[2]}）", text)
    return _BEFORE_HAN.sub(THIN, _AFTER_HAN.sub(_unless_date, text))


def sign(mark: str, language: str | None) -> str:
    """A sign between two words, one of ``:,;.()``, as a language writes it: ``: `` or ``：``."""
    if chinese(language):
        return _SIGNS[mark]
    return f" {mark}" if mark == "(" else mark if mark == ")" else f"{mark} "


def _unless_date(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1]
    return match.group() if before in "年月日" and not match.group() else THIN
