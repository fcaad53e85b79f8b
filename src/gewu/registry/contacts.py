"""What may be told to everybody of a post: a work telephone, and a name that its holder or the law released.

A release is bound to the holder for whom it was made: a post that changes hands falls silent by itself.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from gewu.registry.entries import PublicName

AGREED, LAW = "agreed", "law"
BASES = (AGREED, LAW)
"""Why a name may be told: its holder agreed, or the law has it published."""
LONGEST_NAME = 60
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{1,22}[0-9]")
_MOBILE = re.compile(r"(?:\+?86|0086|0)?1[3-9][0-9]{9}")
_KEYS = frozenset({"zh", "en", "basis", "holder", "on"})


def phone_fault(text: Any) -> str:
    """Why this is no telephone of an office; empty where it is one, or where nothing is written.

    A mobile number of mainland China belongs to a person, whoever pays for it, and is refused.
    """
    if text == "":
        return ""
    if not isinstance(text, str) or not _PHONE.fullmatch(text):
        return "is not a telephone number: digits, blanks and hyphens, such as 023-58000000"
    if _MOBILE.fullmatch(re.sub(r"[ \-]", "", text)):
        return "is a mobile number: only the line of an office is told to everybody"
    return ""


def release_fault(found: Any, holder: str) -> str:
    """Why a released name cannot stand for the post that ``holder`` (a login) holds; empty where it can."""
    if not isinstance(found, dict) or set(found) != _KEYS or not all(isinstance(v, str) for v in found.values()):
        return f"needs {', '.join(sorted(_KEYS))}"
    if not holder:
        return "nobody holds the post, so there is nobody to name"
    if found["holder"] != holder:
        return f"it was released for {found['holder']!r}, and {holder!r} holds the post"
    if not (found["zh"].strip() and found["en"].strip()):
        return "write the name in both languages"
    if max(len(found["zh"]), len(found["en"])) > LONGEST_NAME or any(
        c in "\n\r\t\0" for c in found["zh"] + found["en"]
    ):
        return f"a name is one line of at most {LONGEST_NAME} characters"
    if found["basis"] not in BASES:
        return f"basis is one of {', '.join(BASES)}"
    if found["on"] and _day(found["on"]) is None:
        return f"{found['on']!r} is not a date: write YYYY-MM-DD"
    return ""


def public_name(found: Any, holder: str) -> PublicName | None:
    """The name that may be told of who holds a post now; None where none was released for just this holder."""
    if not found or release_fault(found, holder):
        return None
    return PublicName(found["zh"].strip(), found["en"].strip(), found["basis"], _day(found["on"]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
