"""Why a case near by is thought of, in words of both languages."""

from __future__ import annotations

from datetime import datetime

from gewu.cases.ranking import MAJOR, NAMED, SAME
from gewu.cases.similar import Near
from gewu.surfaces.look.dates import ago_words, chinese
from gewu.surfaces.look.typography import spaced

NEAREST = 10
"""Positions are no more exact than so many metres, and distances are told in such steps."""


def category_words(near: Near, language: str) -> str:
    """How the categories go together: ``same category``; empty when they do not."""
    said = {
        SAME: ("same category", "同一类别"),
        MAJOR: ("related category", "同一大类"),
        NAMED: ("your words speak of it", "描述中提到"),
    }.get(near.traits.category)
    return said[chinese(language)] if said else ""


def distance_words(near: Near, language: str) -> str:
    """How far away: ``40 m away``, ``at the same place``, ``in the same grid or community``."""
    han = chinese(language)
    metres = near.traits.metres
    if metres is None:
        return "同一网格或社区" if han else "in the same grid or community"
    steps = round(metres / NEAREST) * NEAREST
    if not steps:
        return "同一地点" if han else "at the same place"
    return spaced(f"相距约 {steps} 米") if han else f"{steps} m away"


def public_facts(near: Near, now: datetime, language: str) -> str:
    """What a stranger may know of where and when: ``40 m away, reported 2 days ago``."""
    han = chinese(language)
    days = (now - near.row.reported_at).days
    if not days:
        ago = "今天反映" if han else "reported today"
    elif han:
        ago = spaced(f"{days} 天前反映")
    else:
        ago = f"reported {days} days ago" if days > 1 else "reported yesterday"
    return ("，" if han else ", ").join((distance_words(near, language), ago))


def reasons(near: Near, now: datetime, language: str) -> str:
    """All of it in one line: ``same category, 40 m away, 2 days ago``."""
    han = chinese(language)
    ago = ago_words(near.row.reported_at, now, language)
    parts = [category_words(near, language), distance_words(near, language), ago]
    if near.closed_at is not None:
        closed = ago_words(near.closed_at, now, language)
        parts.append(f"{closed}已结案" if han else f"closed {closed}")
    return ("，" if han else ", ").join(part for part in parts if part)
