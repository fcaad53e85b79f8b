"""Chapters of a story as lives: commands at their own times, for the bulk path that decides each of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.cases.demo.chance import seeded
from gewu.cases.demo.pictures import VARIANTS, picture
from gewu.cases.demo.play import uuid7_at
from gewu.core.records import Actor, Command, Photo
from gewu.ledger.bulk import Life, Step
from gewu.ledger.door import SYSTEM, Acting, new_id
from gewu.ledger.lookups import Position
from gewu.ledger.pictures import Upload
from gewu.registry.directory import Directory
from gewu.stories import spread
from gewu.stories.details import Details
from gewu.stories.files import Chapter, Line, Move, Story, moment, seconds
from gewu.stories.values import Scene

MICRO = 1_000_000
MARK = "【示例】"
"""What all words of a story begin with: they are of nobody."""
_SPACE = UUID("6f3b2f0e-6a3c-5d1f-9f53-2f6c1f7f2a10")


def command_id(district: str, story: str, chapter: str, number: int) -> UUID:
    """The id of the first command of a record of a story: by it one knows that the story was told."""
    return uuid.uuid5(_SPACE, f"{district}/{story}/{chapter}/{number}")


@dataclass(slots=True)
class Written:
    """Lives to be written, those tied to one another side by side, and the photos that they bring."""

    lives: list[Life] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    left_out: int = 0


@dataclass(slots=True)
class _Line:
    """A line of a record: its values, the parts that it opened by slot, the record made with it."""

    kind: str
    values: dict[str, Any]
    parts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Planned:
    """A move on its way to become a step: when, in which order, and what it is about."""

    at: int
    order: int
    move: Move
    scene: Scene
    line: _Line | None


class Cast:
    """Identities of a story: nobody's name, at the unit and in the role that act."""

    def __init__(self, directory: Directory, story: Story) -> None:
        self.directory, self.story = directory, story
        self._known: dict[tuple[str, str], Acting] = {}

    def acting(self, role: str, unit: str) -> Acting:
        """Who acts in a role: at the desk that the story names for it, else at this unit."""
        if role == "system":
            return SYSTEM
        unit = self.story.desks.get(role, unit)
        found = self._known.get((role, unit))
        if found is None:
            info = self.directory.unit(unit)
            if info is None:
                raise LookupError(f"there is no unit {unit!r}")
            actor = Actor(f"story:{self.story.story}:{role}.{unit}", unit, frozenset({role}))
            found = self._known[role, unit] = Acting(actor, info.path)
        return found

    def units(self, names: Sequence[str]) -> list[str]:
        """Units by their codes, or by the story's name for several."""
        return [code for name in names for code in self.story.units.get(name, (name,))]


class Maker:
    """Makes the lives of a story. ``share`` of its records, chosen by ``seed``, are left out."""

    def __init__(self, directory: Directory, story: Story, share: float = 0.0, seed: int = 1) -> None:
        self.directory, self.story, self.share = directory, story, share
        self.cast = Cast(directory, story)
        self.details = Details(directory, story.story)
        self.zone = ZoneInfo(directory.district.timezone)
        self._omit = seeded(f"{story.story}/{seed}")
        self._communities: dict[str, list[str]] = {}

    def chapter(self, chapter: Chapter) -> Written:
        """The lives of a chapter; numbers are still to be reserved (see ``Details``)."""
        rng = seeded(f"{self.story.seed}/{chapter.chapter}")
        held = spread.occasions(chapter, self.cast.units(chapter.holders), rng)
        lines = _lines(chapter, len(held), rng)
        found = Written()
        for number, (day, unit) in enumerate(held):
            own = self._kept(lines[number], chapter, found)
            # The chance of a record is its own, so that leaving another one out changes nothing of it.
            chance = seeded(f"{self.story.seed}/{chapter.chapter}/{number}")
            if not chapter.leave_out and self._omit.random() < self.share:
                found.left_out += 1
                continue
            self._record(chapter, number, day, unit, own, chance, found)
        return found

    def _kept(self, lines: list[_Line], chapter: Chapter, found: Written) -> list[_Line]:
        if not self.share or not chapter.leave_out:
            return lines
        kept = [x for x in lines if x.kind not in chapter.leave_out or self._omit.random() >= self.share]
        found.left_out += len(lines) - len(kept)
        return kept

    # ---- one record

    def _record(
        self, chapter: Chapter, number: int, day: date, unit: str, lines: list[_Line], rng: Random, found: Written
    ) -> None:
        start = int(datetime(day.year, day.month, day.day, chapter.hour, tzinfo=self.zone).timestamp())
        place = self._place(chapter, unit, rng)
        names: dict[str, Any] = {
            "unit": unit, "place": place, "street": place[:9], "start": start, "end": start + seconds(chapter.lasts),
            "number": number + 1,
        }  # fmt: skip
        scene = Scene(names, rng, self.zone, start)
        for source in (self.story.common, chapter.columns):
            names |= {name: scene.value(value) for name, value in source.items()}
        record_id = uuid7_at(start)
        names["record"] = str(record_id)
        for line in lines:
            line.values = {name: scene.value(value) for name, value in line.values.items()}
        tag = f"{chapter.chapter} {number + 1}"
        planned: list[_Planned] = []
        for move in chapter.moves:
            self._plan(chapter, move, scene, lines, planned, found, tag)
        first = command_id(self.directory.district.code, self.story.story, chapter.chapter, number)
        steps = self._steps(chapter.playbook, planned, self._position(place), first, found)
        found.lives.append(Life(record_id, chapter.playbook, steps, tag, expire=True, mute=True))

    def _plan(
        self, chapter: Chapter, move: Move, scene: Scene, lines: list[_Line], planned: list[_Planned], found: Written,
        tag: str,
    ) -> None:  # fmt: skip
        kinds = {line.kind for line in lines}
        if not kinds >= set(move.given) or kinds & set(move.without):
            return
        base, offset = moment(move.at)
        wanted: Iterable[_Line | None] = [x for x in lines if x.kind in move.each] if move.each else [None]
        for index, line in enumerate(wanted):
            names = scene.names if line is None else {**scene.names, **line.values}
            last = max((one.at for one in planned), default=scene.names["start"])
            at = int({**names, "last": last}[base]) + offset + index * seconds(move.every)
            at += int(scene.rng.random() * seconds(str(scene.value(move.spread))))
            own = Scene(names, scene.rng, self.zone, at)
            if move.life and line is not None:
                self._other(chapter, move.life, own, line, found, tag)
                own = Scene({**names, **line.values}, scene.rng, self.zone, at)
            planned.append(_Planned(at, len(planned), move, own, line))

    def _other(self, chapter: Chapter, name: str, scene: Scene, line: _Line, found: Written, tag: str) -> None:
        """The record that is made along with a move: it names this one, and is written with it or not at all."""
        script = chapter.scripts[name]
        record_id = uuid7_at(scene.at)
        line.values["other"] = str(record_id)
        names = {**scene.names, "occasion": scene.names["record"], "record": str(record_id), "start": scene.at}
        own = Scene(names, scene.rng, self.zone, scene.at)
        planned: list[_Planned] = []
        for move in script.moves:
            if not all(names.get(one) for one in move.given) or any(names.get(one) for one in move.without):
                continue
            base, offset = moment(move.at)
            at = {"start": scene.at, "last": planned[-1].at if planned else scene.at}.get(base, scene.at) + offset
            at += int(scene.rng.random() * seconds(str(scene.value(move.spread))))
            planned.append(_Planned(at, len(planned), move, Scene(names, own.rng, self.zone, at), None))
        line.values["ended"] = max(one.at for one in planned)
        steps = self._steps(script.playbook, planned, self._position(str(names["place"])), new_id(), found)
        found.lives.append(Life(record_id, script.playbook, steps, tag, expire=True, tied=True, mute=True))

    def _steps(
        self, playbook: str, planned: list[_Planned], position: Position, first: UUID, found: Written
    ) -> list[Step]:
        """Steps in the order of time. Parts are counted as they are opened, so that later moves can name them."""
        opened: dict[str, int] = {}
        steps: list[Step] = []
        for one in sorted(planned, key=lambda p: (p.at, p.order)):
            move, scene, line = one.move, one.scene, one.line
            who = self.cast.acting(str(scene.value(move.by)), str(scene.value(move.unit)))
            part = (move.part, line.parts[move.part]) if move.part and line is not None else None
            if move.opens:
                count = opened.get(move.opens, 0)
                opened[move.opens] = count + 1
                if line is not None:
                    line.parts[move.opens] = count
            texts = {name: MARK + str(text) for name, text in scene.form(move.texts).items()}
            photos = tuple(self._photo(who, role, scene, found) for role in move.photos)
            args = scene.form(move.args)
            command = Command(str(new_id() if steps else first), move.move, args, texts, photos)
            if steps:
                detail = self.details.of_move(move.move, args, texts, one.at)
                steps.append(Step(command, who, one.at * MICRO, None, detail, part))
            else:
                detail = self.details.of(playbook, args, one.at, position)
                steps.append(Step(command, who, one.at * MICRO, position, detail))
        return steps

    def _photo(self, who: Acting, role: str, scene: Scene, found: Written) -> Photo:
        photo = uuid7_at(scene.at)
        drawn = picture("street", role, scene.rng.randrange(VARIANTS))
        found.uploads.append(Upload(photo, drawn, role, who.actor.person, scene.at * MICRO))
        return Photo(str(photo), role)

    # ---- places

    def _place(self, chapter: Chapter, unit: str, rng: Random) -> str:
        """A community of the holder's place, or of one of the units that the chapter names for places."""
        if chapter.places:
            named = rng.choice(chapter.places)
            unit = rng.choice(self.story.units.get(named, (named,)))
        if self.directory.place(unit) is not None:
            return unit
        info = self.directory.unit(unit)
        street = (info.place if info else "") or self.directory.district.code
        if street not in self._communities:
            inside = [p.code for p in self.directory.places_in(street) if p.kind == "community" and p.active]
            self._communities[street] = sorted(inside) or [street]
        return rng.choice(self._communities[street])

    def _position(self, place: str) -> Position:
        return Position(place, self.directory.areas_of(place), synthetic=True)


def _lines(chapter: Chapter, records: int, rng: Random) -> list[list[_Line]]:
    """The lines of each record of a chapter."""
    found: list[list[_Line]] = [[] for _ in range(records)]
    for kind, specs in chapter.lines.items():
        for spec in specs:
            for index, line in enumerate(_of(kind, spec, records, rng)):
                found[_goes(spec, index, records, rng)].append(line)
    return found


def _goes(spec: Line, index: int, records: int, rng: Random) -> int:
    if spec.on == "first":
        return 0
    if spec.on == "each":
        return index // spec.records
    return rng.randrange(records) if spec.on == "any" else index % records


def _of(kind: str, spec: Line, records: int, rng: Random) -> Iterator[_Line]:
    count = spec.records * records if spec.on == "each" else spec.records
    shares = [1] * count if spec.quantity is None else spread.divided(spec.quantity, count, rng)
    for index, share in enumerate(shares):
        columns = {name: value[index % len(value)] if isinstance(value, list) else value for name, value in
                   spec.columns.items()}  # fmt: skip
        yield _Line(kind, {"quantity": share, **columns})
