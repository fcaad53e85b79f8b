"""What the core does on one core of the machine: commands, deadlines, points in polygons. No database."""

from __future__ import annotations

import itertools
import random
from typing import Any

from bench.house import House
from bench.measure import Result, in_turn


def commands(house: House, size: int) -> Result:
    """Accepted commands through ``decide`` and ``evolve``: the lives of synthetic cases, facts looked up before."""
    from dataclasses import replace

    from gewu.cases.demo.month import Maker
    from gewu.core.decide import decide
    from gewu.core.evolve import evolve
    from gewu.core.records import Command, Refusal
    from gewu.ledger.lookups import facts_for
    from gewu.registry.directory import get_directory

    directory = get_directory(house.district_id)
    playbook = directory.playbook("case")
    assert playbook is not None
    lives: list[list[tuple[Command, Any]]] = []
    count = 0
    for life in Maker(directory, 3, size, 1_795_052_400).month().lives:
        state, steps = None, []
        for step in life.steps:
            command = step.command if state is None else replace(step.command, version=state.seq)
            move = playbook.moves.get(command.move)
            facts = facts_for(directory, move, command, step.acting.actor, step.at_us // 1_000_000, step.position)
            assert not isinstance(facts, Refusal)
            event = decide(playbook, state, command, facts)
            if isinstance(event, Refusal):  # a later step that needs a clock to have fired: the life ends here
                break
            state = evolve(state, event)
            steps.append((command, facts))
        lives.append(steps)
        count += len(steps)

    def run() -> None:
        for steps in lives:
            state = None
            for command, facts in steps:
                event = decide(playbook, state, command, facts)
                assert not isinstance(event, Refusal)
                state = evolve(state, event)

    (ours,) = in_turn(run, repeats=5)
    return Result(
        "commands", count / ours.median_cpu, "commands/s of CPU", 25_000, "the number set (stretch 50,000)", 1.0,
        "high",
        cpu_ms=ours.median_cpu / count * 1000, statements=0, spread=ours.spread, size=count,
    )  # fmt: skip


def deadlines(house: House, size: int) -> Result:
    """Deadlines on aware instants: set, paused and resumed, in both modes of the working day and all units."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from gewu.core.calendar import WorkDayMode, from_datetime
    from gewu.core.deadlines import Limit, TimeUnit, due, remaining, resume
    from gewu.registry.directory import get_directory

    calendar = get_directory(house.district_id).calendar_for(None)
    calendars = [replace(calendar, work_day_mode=mode) for mode in WorkDayMode]
    pick = random.Random(5)
    units = list(TimeUnit)
    starts = [datetime.fromtimestamp(1_735_660_800 + pick.randrange(63_000_000), UTC) for _ in range(size)]
    limits = [Limit(pick.randrange(1, 9), pick.choice(units)) for _ in range(size)]
    where = [calendars[n % len(calendars)] for n in range(size)]

    def run() -> None:
        for start, limit, calendar in zip(starts, limits, where, strict=True):
            at = from_datetime(start)
            deadline = due(calendar, at, limit)
            pause = at + 1800
            rest = remaining(calendar, pause, deadline.at, limit.unit)
            resume(calendar, pause + 7200, rest, limit.unit)

    (ours,) = in_turn(run, repeats=5)
    done = size * 2  # two deadlines each: the first and the one after the pause
    return Result(
        "deadlines", done / ours.median_cpu, "deadlines/s of CPU", 300_000, "the number set", 1.0, "high",
        cpu_ms=ours.median_cpu / done * 1000, statements=0, spread=ours.spread, size=done,
    )  # fmt: skip


def assign(polygons: int, points: int) -> tuple[Result, Result]:
    """Points to grids: in bulk against a bare STRtree query of the same points, and one at a time."""
    import numpy as np
    import shapely

    from gewu.registry.positions import Territory

    shapes = _patches(polygons)
    territory = Territory({f"{n:015d}": shape for n, shape in enumerate(shapes)})
    pick = np.random.default_rng(7)
    xs, ys = pick.uniform(108.2, 108.6, points), pick.uniform(30.6, 31.0, points)
    tree = shapely.STRtree(np.array(shapes, dtype=object))

    def bare() -> None:
        tree.query(shapely.points(xs, ys), predicate="intersects")

    ours, limit = in_turn(lambda: territory.assign_bulk(xs, ys), bare, repeats=5)
    bulk = Result(
        "assign_bulk", points / ours.median, "points/s", points / limit.median,
        "the bare STRtree query of the same points", 0.7, "high", cpu_ms=ours.median_cpu / points * 1000, statements=0,
        spread=ours.spread, size=points, more={"polygons": polygons},
    )  # fmt: skip
    some = list(zip(xs[:5000].tolist(), ys[:5000].tolist(), strict=True))

    def single() -> None:
        for lon, lat in some:
            territory.near(shapely.Point(lon, lat), 0.0)

    (each,) = in_turn(single, repeats=5)
    one = each.median_cpu / len(some) * 1e6
    return bulk, Result(
        "assign_single", one, "microseconds", 30.0, "the number set", 1.0, "low", cpu_ms=one / 1000, statements=0,
        spread=each.spread, size=len(some), more={"polygons": polygons},
    )  # fmt: skip


def _patches(count: int) -> list[Any]:
    """Irregular polygons that tile a square, as grids tile a town: cells with corners moved at random."""
    import shapely

    side = round(count**0.5)
    pick = random.Random(11)
    width, height = 0.4 / side, 0.4 / side
    corners = {
        (i, j): (
            108.2 + i * width + (pick.uniform(-0.3, 0.3) * width if 0 < i < side else 0),
            30.6 + j * height + (pick.uniform(-0.3, 0.3) * height if 0 < j < side else 0),
        )
        for i in range(side + 1)
        for j in range(side + 1)
    }

    def edge(a: tuple[int, int], b: tuple[int, int]) -> list[tuple[float, float]]:
        """A side with points between its ends, the same from either side."""
        (ax, ay), (bx, by) = corners[min(a, b)], corners[max(a, b)]
        wave = random.Random(f"{min(a, b)}{max(a, b)}")
        line = [(ax, ay)]
        for step in range(1, 8):
            t = step / 8
            line.append(
                (
                    ax + (bx - ax) * t + wave.uniform(-0.02, 0.02) * width,
                    ay + (by - ay) * t + wave.uniform(-0.02, 0.02) * height,
                )
            )
        line.append((bx, by))
        return line if a < b else line[::-1]

    found = []
    for i in range(side):
        for j in range(side):
            ring = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
            line = [point for a, b in itertools.pairwise(ring) for point in edge(a, b)[:-1]]
            found.append(shapely.Polygon(line))
    return found
