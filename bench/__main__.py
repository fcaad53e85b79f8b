"""Measure, print a table, and one line of JSON: ``{name: {value, unit, limit, ratio, cpu_ms, statements, ...}}``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.house import House, open_house
from bench.measure import Result

NAMES = (
    "commands", "deadlines", "assign_bulk", "assign_single", "intake", "replay", "due_storm", "list_1e4", "page",
    "list_1e5", "list_1e6", "evaluation", "queue",
)  # fmt: skip


def _steps(cases: int, quick: bool) -> dict[str, Callable[[House], list[Result]]]:
    from bench import crowd, pure, reading, serving, writing

    part = 20 if quick else 1

    def lists(name: str, size: int) -> Callable[[House], list[Result]]:
        def step(house: House) -> list[Result]:
            wanted = min(size, cases)
            return [reading.lists(house, crowd.grow(house, wanted), name)]

        return step

    def assign(_house: House) -> list[Result]:
        return list(pure.assign(5041, 1_000_000 // part))

    def evaluation(house: House) -> list[Result]:
        from bench import counting

        return [counting.evaluation(house, crowd.grow(house, min(1_000_000, cases)))]

    def queues(house: House) -> list[Result]:
        from bench import queue

        if int(house.made["cases"]) <= queue.SMALL:
            return [queue.queue(house, crowd.grow, large=min(queue.LARGE, cases))]
        return [queue.elsewhere(cases)]

    return {
        "commands": lambda house: [pure.commands(house, 2000 // part)],
        "deadlines": lambda house: [pure.deadlines(house, 200_000 // part)],
        "assign_bulk": assign,
        "assign_single": assign,
        "intake": lambda house: [serving.intake(house, 3.0 if quick else 15.0)],
        "replay": lambda _house: [writing.replay(20_000 // part)],
        "due_storm": lambda house: [writing.storm(house, 100_000 // part)],
        "list_1e4": lists("list_1e4", 10_000),
        "page": lambda house: [reading.page(house, 10_000)],
        "list_1e5": lists("list_1e5", 100_000),
        "list_1e6": lists("list_1e6", 1_000_000),
        "evaluation": evaluation,
        "queue": queues,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to measure (default: all): {', '.join(NAMES)}")
    parser.add_argument("--cases", type=int, default=1_000_000, help="at most so many cases in the lists")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the work: for trying out, not for claims")
    parser.add_argument("--json", type=Path, help="write the line of JSON to this file too")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(NAMES))
    if unknown:
        parser.error(f"nothing is called {', '.join(unknown)}")
    wanted = [name for name in NAMES if name in (given.names or NAMES)]
    found: dict[str, Result] = {}
    size = 2_000 if wanted == ["queue"] else 500 if given.quick else 10_000
    with open_house(size) as house:
        steps = _steps(given.cases, given.quick)
        for name in wanted:
            if name in found:
                continue
            begun = time.perf_counter()
            print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
            for result in steps[name](house):
                found[result.name] = result
            print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    found = {name: found[name] for name in wanted}
    print(_table(list(found.values())))
    for line in _wheres(list(found.values())):
        print(line)
    for line in _pages(list(found.values())):
        print(line)
    line = json.dumps({name: result.as_dict() for name, result in found.items()}, ensure_ascii=False)
    print(line)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(line + "\n", encoding="utf-8")
    return 0


def _wheres(results: list[Result]) -> list[str]:
    """Where the time goes, for each result that says so."""
    return [
        f"{one.name}: " + ", ".join(f"{owner} {share:.0%}" for owner, share in one.more["where"].items())
        for one in results
        if "where" in one.more
    ]


def _pages(results: list[Result]) -> list[str]:
    """Every page of a queue that was asked for, the one that grew most first."""
    from bench.queue import said

    return [said(one) for one in results if "pages" in one.more]


def _table(results: list[Result]) -> str:
    head = ("name", "value", "unit", "limit", "ratio", "aim", "", "cpu ms", "stmts", "spread", "n")
    rows = [head]
    for one in results:
        sign = ">=" if one.better == "high" else "<="
        rows.append(
            (
                one.name, f"{one.value:,.4g}" if one.value < 1000 else f"{one.value:,.0f}", one.unit,
                f"{one.limit:,.4g}" if one.limit < 1000 else f"{one.limit:,.0f}", f"{one.ratio:.2f}",
                f"{sign} {one.aim:g}", "ok" if one.reached else "MISSED",
                "" if one.cpu_ms is None else f"{one.cpu_ms:.3g}",
                "" if one.statements is None else f"{one.statements:g}",
                f"{one.spread:.0%}", f"{one.size:,}",
            )
        )  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
