"""Rounds of a showcase: their ballots are no moves, so they are played by the services that people use, muted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from gewu.assessments import demo
from gewu.assessments import kinds as k
from gewu.assessments.services import playbook_of
from gewu.ledger.door import muted
from gewu.stories.files import Chapter, Day
from gewu.stories.lives import Cast, command_id

MICRO = 1_000_000


class RoundSpec(BaseModel):
    """A round: its quarter, the day it is announced, who takes part, the streets left out of a short one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quarter: str
    announced: Day
    entries: int = 0
    """How many points are nominated; 0 for one of every street in every track."""


class RoundsSpec(BaseModel):
    """The rounds of a chapter. The first department is the one that streets rate best."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    streets: tuple[str, ...]
    departments: tuple[str, ...]
    rounds: tuple[RoundSpec, ...]


class _Stage(demo.Play):
    """The units of a story in the place of the posts of the demonstration."""

    def __init__(self, cast: Cast, spec: RoundsSpec) -> None:
        self.directory, self.district_id = cast.directory, cast.directory.district.id
        self.now_us = 0
        self.zone = ZoneInfo(cast.directory.district.timezone)
        self.streets, self.departments = cast.units(spec.streets), cast.units(spec.departments)
        self.office = cast.acting("comprehensive_office", "")
        self.clerks = {unit: cast.acting(k.CLERK, unit) for unit in (*self.streets, *self.departments)}


def counted(chapter: Chapter) -> int:
    """How many rounds a chapter has."""
    return len(RoundsSpec.model_validate(chapter.rounds).rounds)


def play(
    cast: Cast, chapter: Chapter, *, share: float, omit: Random, seed: int, progress: Callable[[int], None]
) -> tuple[int, int]:
    """Play the rounds of a chapter. Returns how many were made, and how many points were left out."""
    spec = RoundsSpec.model_validate(chapter.rounds)
    left_out = 0
    with muted():
        for number, one in enumerate(spec.rounds):
            stage = _Stage(cast, spec)
            day = one.announced
            start = int(datetime(day.year, day.month, day.day, 9, tzinfo=stage.zone).timestamp())
            first = str(command_id(cast.directory.district.code, cast.story.story, chapter.chapter, number))
            tracks = k.tracks(playbook_of(stage.directory, k.SHOWCASE))
            points = [(unit, track) for unit in stage.streets for track in tracks][: one.entries or None]
            kept = [point for point in points if omit.random() >= share]
            left_out += len(points) - len(kept)
            made = demo.Round(stage, one.quarter, start * MICRO, seed + number, points=kept, command_id=first)
            made.to_voting()
            made.to_published()
            progress(1)
    return len(spec.rounds), left_out
