"""Chinese typography for our own words: thin spaces between Han and Latin letters or digits."""

from __future__ import annotations

import re

from gewu.surfaces.look.dates import THIN

_HAN = "\u3400-\u9fff"
_LATIN = "A-Za-z0-9"
_AFTER_HAN = re.compile(f"(?<=[{_HAN}]) ?(?=[{_LATIN}])")
_BEFORE_HAN = re.compile(f"(?<=[{_LATIN}%]) ?(?=[{_HAN}])(?![年月日])")


def spaced(text: str) -> str:
    """Put a thin space (U+2009) between Han and Latin or digits; an ordinary space there becomes thin.

    Dates keep their form (11月22日). Meant for names and sentences of the product; what people typed stays as typed.
    """
    return _BEFORE_HAN.sub(THIN, _AFTER_HAN.sub(_unless_date, text)) if text else text


def _unless_date(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1]
    return match.group() if before in "年月日" and not match.group() else THIN
