"""Every address of the installation, as Django's resolver has it, with examples for what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from django.urls import URLPattern, URLResolver, get_resolver

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
ASSETS = ("static/", "media/")


@dataclass(frozen=True, slots=True)
class Address:
    """A pattern, and one address that fits it. ``name`` is the pattern with its examples of codes, without ids."""

    name: str
    path: str


def patterns() -> list[str]:
    """Every pattern of the installation, in order, each once."""
    found: dict[str, None] = {}
    for text in _below(get_resolver().url_patterns, ""):
        found.setdefault(text)
    return [text for text in found if not text.startswith(ASSETS)]


def addresses(examples: Mapping[str, Mapping[str, str]], *surfaces: str) -> list[Address]:
    """Addresses of surfaces (the first part of the pattern). ``examples``: the beginning of a pattern, then values by
    the name of the variable; the longest beginning wins. A variable without an example is an error: whoever adds an
    address says what stands in it.
    """
    found = []
    for pattern in patterns():
        if pattern.split("/")[0] in surfaces:
            path = _VARIABLE.sub(partial(_filled, examples, pattern), pattern)
            found.append(Address(re.sub(r"<\w+:", "<", pattern), f"/{path}"))
    return found


def _filled(examples: Mapping[str, Mapping[str, str]], pattern: str, part: re.Match[str]) -> str:
    return _example(examples, pattern, part[1])


def _example(examples: Mapping[str, Mapping[str, str]], pattern: str, name: str) -> str:
    fitting = [start for start, values in examples.items() if pattern.startswith(start) and name in values]
    if not fitting:
        raise AssertionError(f"no example for <{name}> in the address {pattern}: add one in tests/surfaces/world.py")
    return examples[max(fitting, key=len)][name]


def _plain(pattern: str) -> str:
    """A pattern that is a regular expression, as a plain one: without what may be left out."""
    if not pattern.startswith("^"):
        return pattern
    short = re.sub(r"\(\?:[^()]*(\([^()]*\)[^()]*)*\)\?|^\^|(/\?)?\$$", "", pattern)
    return re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", short)


def _below(found: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for one in found:
        text = prefix + _plain(str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _below(one.url_patterns, text)
        else:
            yield text
