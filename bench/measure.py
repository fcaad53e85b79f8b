"""How things are measured: warm-up, repeats in turn with the limit they are held against, medians and spread."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Result:
    """One line of the table.

    ``value`` and ``limit`` are of the same ``unit``. ``limit`` was measured in the same run, or is the number that was
    set; ``ratio`` is value to limit. ``aim`` is the ratio that is aimed at, ``better`` on which side of it. ``cpu_ms``
    is CPU time of our processes per ``unit`` of work (a request, a case); ``statements`` the SQL statements of it.
    """

    name: str
    value: float
    unit: str
    limit: float
    limit_is: str
    aim: float
    better: str
    cpu_ms: float | None = None
    statements: float | None = None
    spread: float = 0.0
    size: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.value / self.limit if self.limit else 0.0

    @property
    def reached(self) -> bool:
        return self.ratio >= self.aim if self.better == "high" else self.ratio <= self.aim

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "value": _short(self.value),
            "unit": self.unit,
            "limit": _short(self.limit),
            "ratio": _short(self.ratio),
            "cpu_ms": _short(self.cpu_ms),
            "statements": _short(self.statements),
            "limit_is": self.limit_is,
            "aim": self.aim,
            "reached": self.reached,
            "spread": _short(self.spread),
            "size": self.size,
        }
        return found | {name: _short(value) for name, value in self.more.items()}


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


@dataclass(slots=True)
class Timing:
    """Seconds of each repeat, on the clock and of this process's CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a share of the median."""
        if len(self.wall) < 3:
            return 0.0
        low, _, high = statistics.quantiles(self.wall, n=4)
        return (high - low) / 2 / self.median


def in_turn(*steps: Callable[[], object], repeats: int, warm_up: int = 1) -> list[Timing]:
    """Run steps one after the other, again and again, so that a busy machine slows all of them alike."""
    timings = [Timing() for _ in steps]
    for number in range(warm_up + repeats):
        for step, timing in zip(steps, timings, strict=True):
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if number >= warm_up:
                timing.wall.append(wall)
                timing.cpu.append(cpu)
    return timings


class Statements:
    """Counts the statements of a block, and keeps the last ones with their parameters."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        self.seen.append((statement, params))
        return execute(statement, params, many, context)


def statements_of(step: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements that a step sends, with their parameters."""
    from django.db import connection

    counter = Statements()
    with connection.execute_wrapper(counter):
        step()
    return counter.seen
