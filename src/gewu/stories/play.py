"""A story from its file to its figures: what is missing is written, all of it or nothing, and then it is counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from django.db import transaction

from gewu.cases.demo.chance import seeded
from gewu.enforcement import demo as reforms
from gewu.ledger import attachments, store
from gewu.ledger.bulk import execute_many
from gewu.ledger.pictures import Upload, stage_pictures
from gewu.registry.directory import Directory, get_directory, refresh
from gewu.registry.marks import mark_synthetic
from gewu.registry.models import District
from gewu.stories import installed, rounds
from gewu.stories.files import BadStory, Chapter, Figure, Story, read_story
from gewu.stories.lives import Maker, Written, command_id
from gewu.stories.occasion_statistics import STATISTICS
from gewu.stories.spread import months
from gewu.stories.statistics import Asked, Counted

MOST = 100_000
"""Of so many records of a chapter the ids are looked up, to know whether it was told."""


class Progress(Protocol):
    """What a long step tells how far it is."""

    total: int | None

    def advance(self, count: int = 1) -> None:
        """So many more are done."""


class StoryFailed(Exception):
    """The district's playbooks or packs do not allow the story as it is told; nothing was written."""


@dataclass(frozen=True, slots=True)
class Result:
    """A figure as it was printed and as the district computes it now; ``counted`` None: the district does not count it,
    and the figure says why."""

    figure: Figure
    counted: Counted | None

    @property
    def holds(self) -> bool:
        """Whether the figure holds. What is not counted cannot fail."""
        return self.counted is None or self.figure.holds(self.counted.shown)

    @property
    def period(self) -> str:
        first, last = self.figure.period
        return f"{first}/{last}"

    def as_dict(self) -> dict[str, Any]:
        """The figure for programs."""
        expected = self.figure.expected
        return {
            "id": self.figure.id,
            "expected": int(expected) if expected == int(expected) else expected,
            "computed": self.counted.shown if self.counted else None,
            "records": self.counted.records if self.counted else 0,
            "period": self.period,
        }


@dataclass(slots=True)
class Told:
    """What a run wrote; ``already`` are the chapters that were there, ``left_out`` what a share left out."""

    records: int = 0
    events: int = 0
    photos: int = 0
    left_out: int = 0
    already: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Due:
    """A chapter that is to be written, and the maker of its story."""

    maker: Maker
    chapter: Chapter


def tell(
    name: str, stories: Mapping[str, Path], *, share: float = 0.0, seed: int = 1, progress: Progress | None = None
) -> Told:
    """Write what is not there yet of a story, and of the chapters of others that it builds on.

    ``share`` of the records, chosen by ``seed``, are left out. Raises ``BadStory``, ``StoryFailed``.
    """
    begun = time.perf_counter()
    story = read_story(stories[name])
    directory = district_of(story)
    told = Told()
    mark_synthetic(directory.district.id)
    if story.reforms:
        reforms.run(directory.district.id, stories[name].parent.parent)
        refresh()
        directory = district_of(story)
    due = _due(story, stories, directory, share, seed, told)
    lives = [one.maker.chapter(one.chapter) for one in due if one.chapter.playbook]
    for maker in {id(one.maker): one.maker for one in due}.values():
        maker.details.reserve()
    if progress is not None:
        progress.total = sum(len(one.lives) for one in lives)
        progress.total += sum(rounds.counted(one.chapter) for one in due if one.chapter.rounds)
    try:
        with transaction.atomic():
            for one in due:
                _other(one, told, share, seeded(f"{seed}/{one.chapter.chapter}"), progress)
            for written in lives:
                _write(directory, written, told, progress)
    except BaseException:
        _forget(directory.district.id, [photo for written in lives for photo in written.uploads])
        raise
    told.seconds = time.perf_counter() - begun
    return told


def _other(one: _Due, told: Told, share: float, omit: Random, progress: Progress | None) -> None:
    """Write a chapter that is not made of lives."""
    chapter, cast = one.chapter, one.maker.cast
    if chapter.rounds:
        advance = progress.advance if progress else _nothing
        made, left = rounds.play(cast, chapter, share=share, omit=omit, seed=cast.story.seed, progress=advance)
        told.records += made
        told.left_out += left
    if chapter.devices:
        left = installed.write(cast.directory, chapter, cast.story.source, cast.story.seed, share, omit)
        told.records += installed.counted(chapter) - left
        told.left_out += left


def _due(
    story: Story, stories: Mapping[str, Path], directory: Directory, share: float, seed: int, told: Told
) -> list[_Due]:
    """The chapters that were not told yet, those first that the story builds on."""
    wanted: list[_Due] = []
    for base in story.builds_on:
        other = read_story(stories[base.story])
        maker = Maker(directory, other, share, seed)
        found = {chapter.chapter: chapter for chapter in other.chapters}
        wanted += [_Due(maker, found[name]) for name in base.chapters]
    own = Maker(directory, story, share, seed)
    wanted += [_Due(own, chapter) for chapter in story.chapters]
    due = []
    for one in wanted:
        there = is_there(directory, one.maker.story, one.chapter)
        (told.already if there else told.written).append(one.chapter.chapter)
        if not there:
            due.append(one)
    return due


def is_there(directory: Directory, story: Story, chapter: Chapter) -> bool:
    """Whether any record of a chapter is there."""
    if chapter.devices:
        return installed.is_there(directory, chapter)
    count = _records(chapter, Maker(directory, story))
    ids = [command_id(directory.district.code, story.story, chapter.chapter, number) for number in range(count)]
    return bool(store.answered(directory.district.id, ids[:MOST]))


def _records(chapter: Chapter, maker: Maker) -> int:
    if chapter.rounds:
        return rounds.counted(chapter)
    holders = maker.cast.units(chapter.holders)
    return chapter.count or chapter.each_month * len(holders) * len(months(*chapter.period))


def _write(directory: Directory, written: Written, told: Told, progress: Progress | None) -> None:
    told.photos += stage_pictures(directory.district.id, written.uploads)
    reached = 0

    def advance(count: int) -> None:
        nonlocal reached
        if progress is not None:
            progress.advance(count - reached)
        reached = count

    done = execute_many(directory.district.id, written.lives, mute=True, progress=advance)
    if done.failed:
        one = next((failed for failed in done.failed if failed.move), done.failed[0])
        raise StoryFailed(
            f"{len(done.failed)} of {len(written.lives)} records could not be made; {one.tag}, step {one.step + 1},"
            f" move {one.move}: {one.reason}"
        )
    told.records += done.records
    told.events += done.events
    told.left_out += written.left_out


def _forget(district_id: int, uploads: list[Upload]) -> None:
    """Photos on disk whose rows were rolled back."""
    for photo in uploads:
        attachments.path_of(district_id, photo.id).unlink(missing_ok=True)


def _nothing(_count: int) -> None:
    """Tell nobody."""


def district_of(story: Story) -> Directory:
    """The district of a story. Raises ``StoryFailed`` where it is not loaded."""
    row = District.objects.filter(code=story.district).first()
    if row is None:
        raise StoryFailed(f"the district {story.district} is not loaded")
    return get_directory(row.pk)


def compute(story: Story) -> list[Result]:
    """What the district's statistics say now of every figure of a story, in the order of the file."""
    directory = district_of(story)
    found = []
    for figure in story.figures:
        counted = None
        if figure.statistic:
            asked = Asked(directory, *figure.period, figure.where)
            counted = STATISTICS[figure.statistic](asked)
        found.append(Result(figure, counted))
    return found


__all__ = ["BadStory", "Progress", "Result", "StoryFailed", "Told", "compute", "tell"]
