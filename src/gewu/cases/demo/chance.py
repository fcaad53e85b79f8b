"""Chance that can be had again: the same seed gives the same numbers, on every machine."""

from __future__ import annotations

from random import Random


def seeded(seed: int | str) -> Random:
    """A source of numbers for stories, demonstrations and drawings. Never for secrets: whoever knows the seed knows all
    of them."""
    return Random(seed)  # noqa: S311 - made to be foreseen
