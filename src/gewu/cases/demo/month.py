"""A month of cases up to now: when they come, which story each has, and which wait in the queues at this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gewu.cases.demo import texts as t
from gewu.cases.demo.cast import Cast, Ground
from gewu.cases.demo.chance import seeded
from gewu.cases.demo.play import MICRO, MINUTE, Play, uuid7_at
from gewu.cases.demo.stories import WAITING, Story, Waiting, choose, finish, handle, ordinary
from gewu.cases.services import PLAYBOOK, detail_of
from gewu.core.records import Arg, Command
from gewu.ledger.bulk import Life, Step
from gewu.ledger.numbers import format_number, reserve
from gewu.ledger.pictures import Upload
from gewu.registry.directory import Directory

DAYS = 30
DAY = 86_400
OUTSIDE = "DEMO-"
"""What the outside numbers of demonstration cases begin with."""
HOURS = (0, 0, 0, 0, 0, 0, 1, 4, 9, 11, 10, 8, 5, 5, 8, 9, 9, 8, 7, 6, 6, 4, 1, 0)
"""How many of a hundred or so reports come in each hour of the day."""
_REST_DAY = 0.55
_MERGED, _SPLIT = 14, 5
"""Pairs in a thousand cases: mergers and splits."""
_TRIES = 200


@dataclass(slots=True)
class Month:
    """Lives with their photos, in order of time."""

    lives: list[Life] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)


class Maker:
    """Makes a month. The same seed, count and instant give the same month."""

    def __init__(self, directory: Directory, seed: int, count: int, now: int) -> None:
        self._directory = directory
        self._rng = seeded(f"{seed}/{count}")
        self._count = count
        self._now = now
        self._zone = ZoneInfo(directory.district.timezone)
        self._cast = Cast(directory)
        self._ground = Ground(directory, self._rng, max(60, count * 5 // 6))
        self._weights = [subject.weight for subject in t.SUBJECTS]
        self._serial = 0

    def month(self) -> Month:
        """All cases; numbers are reserved in the district's own blocks."""
        groups = [[play] for waiting in WAITING for play in self._waiting(waiting)]
        for _ in range(-(-self._count * _MERGED // 1000)):
            groups.append(self._merger())
        for _ in range(-(-self._count * _SPLIT // 1000)):
            groups.append(self._division())
        while sum(len(group) for group in groups) < self._count:
            groups.append([self._past(choose(self._rng))])
        groups = groups[: self._count]
        groups.sort(key=lambda group: group[0].steps[0].at_us)
        return self._written(groups)

    # ---- single cases

    def _play(self, start: int) -> Play:
        self._serial += 1
        subject = self._rng.choices(t.SUBJECTS, self._weights)[0]
        return Play(self._directory, self._cast, self._rng, subject, self._ground.next(), start, self._serial)

    def _start(self) -> int:
        """An instant of the month when somebody reports something."""
        today = datetime.fromtimestamp(self._now, self._zone).date()
        while True:
            day = today - timedelta(days=self._rng.randrange(DAYS))
            if not self._busy(day):
                continue
            hour = self._rng.choices(range(24), HOURS)[0]
            at = datetime(day.year, day.month, day.day, hour, tzinfo=self._zone).timestamp()
            instant = int(at) + self._rng.randrange(3600)
            if instant < self._now - 2 * MINUTE:
                return instant

    def _busy(self, day: date) -> bool:
        return day.weekday() < 5 or self._rng.random() < _REST_DAY

    def _past(self, story: Story) -> Play:
        """A story that began in this month, as far as it has come by now."""
        play = self._play(self._start())
        story(play)
        return _cut(play, self._now * MICRO)

    def _waiting(self, waiting: Waiting) -> Iterator[Play]:
        """Cases that stand right behind a move, since some minutes ago."""
        for _ in range(max(1, round(self._count * waiting.share / 1000))):
            for _ in range(_TRIES):
                play = self._play(self._now)
                waiting.story(play)
                names = [step.command.move for step in play.steps]
                if waiting.after in names and (not waiting.continuous or play.limit.unit.value.startswith("urgent")):
                    break
            else:
                continue
            last = names.index(waiting.after)
            ago = int(self._rng.uniform(*waiting.minutes) * MINUTE)
            yield _moved(play, last, (self._now - ago) * MICRO)

    # ---- pairs

    def _merger(self) -> list[Play]:
        """A second report of the same trouble, merged into the first while that is being verified."""
        first = self._past(ordinary)
        while len(first.steps) < 4 or not first.has_reporter:
            first = self._past(ordinary)
        between = self._rng.randrange(first.steps[1].at_us, first.steps[2].at_us) // MICRO
        second = self._play(between - self._rng.randrange(2 * MINUTE, 9 * MINUTE))
        second.subject, second.position, second.spot = first.subject, first.position, first.spot
        second.web()
        second.until(between)
        second.move(
            second.intake(), "merge", {"target": str(first.record_id)}, reason=self._rng.choice(t.REASONS_MERGE)
        )
        absorb: dict[str, Arg] = {"child": str(second.record_id), "has_reporter": second.has_reporter}
        command = Command(str(uuid7_at(between)), "absorb", absorb)
        first.steps.insert(2, Step(command, second.steps[-1].acting, second.steps[-1].at_us))
        return [first, second]

    def _division(self) -> list[Play]:
        """A report of two troubles: one part becomes a case of its own and goes its own way."""
        parent = self._past(ordinary)
        while len(parent.steps) < 4 or parent.steps[0].command.move != "register_intake":
            parent = self._past(ordinary)
        at = parent.steps[0].at_us // MICRO + MINUTE // 2
        child = self._play(at)
        child.position, child.spot = parent.position, parent.spot
        who = parent.one(self._cast.shift, "shift")
        child.on_duty["shift"] = parent.on_duty["shift"]
        args: dict[str, Arg] = {**child.basics(), "parent": str(parent.record_id)}
        child.move(who, "split_create", args, description=child.description(), address=child.address())
        child.verified().file().dispatch()
        handle(child)
        finish(child)
        off = Command(str(uuid7_at(at)), "split_off", {"child": str(child.record_id)})
        parent.steps.insert(1, Step(off, who, at * MICRO))
        return [parent, _cut(child, self._now * MICRO)]

    # ---- numbers and lives

    def _written(self, groups: list[list[Play]]) -> Month:
        month = Month()
        district = self._directory.district
        days = Counter(self._day(play) for group in groups for play in group)
        first = {day: reserve(district.id, day, count) for day, count in days.items()}
        yesterday = (self._now - DAY) * MICRO
        for group in groups:
            # Nobody waits for messages of weeks ago; those of the last day shall reach the desks.
            mute = all(play.steps[-1].at_us <= yesterday for play in group)
            for play in group:
                day = self._day(play)
                number = format_number(district.code, day, first[day])
                first[day] += 1
                month.lives.append(self._life(play, number, tied=play is not group[-1], mute=mute))
                month.uploads += _used(play)
        return month

    def _day(self, play: Play) -> date:
        return datetime.fromtimestamp(play.steps[0].at_us // MICRO, self._zone).date()

    def _life(self, play: Play, number: str, *, tied: bool, mute: bool) -> Life:
        detail = detail_of(number, play.position, f"{OUTSIDE}{play.serial:05d}")
        steps = [replace(play.steps[0], detail=detail), *play.steps[1:]]
        until = self._now * MICRO
        return Life(play.record_id, PLAYBOOK, steps, f"{OUTSIDE}{play.serial:05d}", True, until, tied, mute)


def _cut(play: Play, now_us: int) -> Play:
    """Only what has happened by now."""
    play.steps = [step for step in play.steps if step.at_us <= now_us]
    return play


def _moved(play: Play, last: int, at_us: int) -> Play:
    """The story up to its step ``last``, moved in time so that this step stands at an instant."""
    by = at_us - play.steps[last].at_us
    play.steps = [replace(step, at_us=step.at_us + by) for step in play.steps[: last + 1]]
    play.uploads = [replace(one, at_us=one.at_us + by) for one in play.uploads]
    play.record_id = uuid7_at(play.steps[0].at_us // MICRO)
    return play


def _used(play: Play) -> list[Upload]:
    """Photos of the steps that were made; those of steps to come are not taken yet."""
    brought: set[UUID] = {UUID(photo.id) for step in play.steps for photo in step.command.photos}
    return [one for one in play.uploads if one.id in brought]
