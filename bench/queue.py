"""The whole page of a queue at 2,000 and at 200,000 cases, through the web application as a clerk's browser asks.

Each address is asked at both sizes: template, session, post and rail are all in it. Every ratio counts, not their mean:
the value is the page that grew most, of those that list as many cases at both sizes. A page that was not full at 2,000
(nothing to draw, so it took next to no time) is compared with the quickest full page there was at 2,000. Other
processes of the machine slow both sizes alike only as far as they keep at it, so ``more`` has the processor time of our
process and the time the database took beside the clock's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.house import CODE, House
from bench.measure import Result

SMALL, LARGE = 2_000, 200_000
REPEATS = 15
PAGE = 50
"""Cases on a full page."""
AIM = 2.0

ROLES = ("intake_officer", "shift_leader", "dispatcher", "unit_clerk", "street_clerk")


@dataclass(slots=True)
class Look:
    """An address, as somebody, and what it took: seconds on the clock, of our processor, of the database."""

    role: str
    query: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    rows: int = 0
    """Cases that the page lists."""
    backend: float = 0.0
    """Processor seconds of the database's process for one page, where the system tells them."""

    @property
    def name(self) -> str:
        return f"{self.role} {self.query or '(first page)'}"


class Clock:
    """Sums up what statements took until they are answered."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.statements = 0

    def __call__(self, execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(statement, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began
            self.statements += 1


def queue(house: House, grow: Callable[[House, int], int], small: int = SMALL, large: int = LARGE) -> Result:
    """The page that grew most from ``small`` to ``large`` cases."""
    found: dict[str, list[Look]] = {}
    sizes = [grow(house, small)]
    asked = _asked(house)
    statements = 0
    for size in (small, large):
        if size == large:
            sizes.append(grow(house, large))
        for role, query in asked:
            look, statements = _look(role, query)
            found.setdefault(look.name, []).append(look)
    quickest = min(
        (both[0] for both in found.values() if both[0].rows == PAGE), key=lambda one: statistics.median(one.wall)
    )
    against = {name: quickest if old.rows < new.rows else old for name, (old, new) in found.items()}
    rows = {name: _row(old, against[name], new) for name, (old, new) in found.items()}
    worst = max(rows, key=lambda name: rows[name]["ratio"])
    before, after = against[worst], found[worst][1]
    return Result(
        "queue", statistics.median(after.wall) * 1000, "ms", statistics.median(before.wall) * 1000,
        f"the same page at {sizes[0]:,} cases", AIM, "low", cpu_ms=statistics.median(after.cpu) * 1000,
        statements=statements, size=sizes[-1], more={"worst": worst, "pages": rows},
    )  # fmt: skip


def _row(small: Look, before: Look, after: Look) -> dict[str, float]:
    """The page at both sizes, and how much more it takes than ``before``, which lists as many cases."""
    ours = [statistics.median(look.cpu) + look.backend for look in (before, after)]
    return {
        "ratio": round(statistics.median(after.wall) / statistics.median(before.wall), 2),
        "ratio_cpu": round(ours[1] / ours[0], 2),
        "cpu_all_ms": round(ours[1] * 1000, 1),
        "cpu_all_ms_small": round(ours[0] * 1000, 1),
        "ms": round(statistics.median(after.wall) * 1000, 1),
        "ms_small": round(statistics.median(small.wall) * 1000, 1),
        "rows": after.rows,
        "rows_small": small.rows,
        "cpu_ms": round(statistics.median(after.cpu) * 1000, 1),
        "database_ms": round(statistics.median(after.database) * 1000, 1),
        "database_ms_small": round(statistics.median(small.database) * 1000, 1),
    }


def _asked(house: House) -> list[tuple[str, str]]:
    """The standard queues of each role, and each filter alone and two together, at the values that most cases and
    that few cases have."""
    from gewu.registry.directory import get_directory

    playbook = get_directory(house.district_id).current_playbook()
    assert playbook is not None
    stages = [stage.name for stage in playbook.stages.values() if not stage.end]
    asked = [(role, "") for role in ROLES]
    for role in ("unit_clerk", "street_clerk"):
        asked += [(role, f"queue={code}") for code in ("mine", "overdue", "soon", "open", "done")]
    asked += [("shift_leader", f"queue={code}") for code in ("overdue", "soon", "open", "done", *stages)]
    values = _values(house)
    for code in ("open", "done"):
        for name, common, rare in values:
            asked += [("shift_leader", f"queue={code}&{name}={value}") for value in dict.fromkeys((common, rare))]
        asked.append(("shift_leader", f"queue={code}&" + "&".join(f"{name}={rare}" for name, _, rare in values[:2])))
    asked += [("shift_leader", f"queue=open&clock={clock}") for clock in ("time", "soon", "late")]
    asked.append(("shift_leader", f"queue=open&clock=soon&{values[0][0]}={values[0][2]}"))
    return asked


def _values(house: House) -> list[tuple[str, str, str]]:
    """For each filter what most cases have and what the fewest have."""
    major = "split_part(r.category, ':', 1) || ':' || substr(split_part(r.category, ':', 2), 1, 2)"
    columns = (("category", major), ("place", "substr(r.place, 1, 9)"), ("unit", "r.lead_unit"), ("source", "r.source"))
    found = []
    for name, column in columns:
        values = _most_first(column, house.district_id)
        found.append((name, values[0], values[-1]))
    return found


def _most_first(column: str, district_id: int) -> list[str]:
    """The values of a column of cases, those of most cases first."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} AS value FROM ledger_record r WHERE r.district_id = %s AND r.kind = 'case'"
            f" AND {column} <> '' GROUP BY value ORDER BY count(*) DESC, 1",
            [district_id],
        )
        return [str(row[0]) for row in cursor.fetchall()]


def _look(role: str, query: str) -> tuple[Look, int]:
    from django.db import connection

    client = _seat(role)
    look = Look(role, query)
    clock = Clock()
    for _ in range(3):
        client.get(f"/desk/?{query}")
    backend = _backend_cpu()
    for _ in range(REPEATS):
        clock = Clock()
        wall, cpu = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(clock):
            answer = client.get(f"/desk/?{query}")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        assert answer.status_code == 200, (look.name, answer.status_code)
        look.wall.append(wall)
        look.cpu.append(cpu)
        look.database.append(clock.seconds)
    look.backend = (_backend_cpu() - backend) / REPEATS
    look.rows = answer.content.count(b'<li class="row"')
    return look, clock.statements


def _backend_cpu() -> float:
    """Processor seconds of the database's process that serves us, as Linux tells them; 0 elsewhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        told = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not told.exists():
        return 0.0
    fields = told.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _seat(role: str) -> Any:
    """A browser of somebody at a post: of the whole district, of the unit that has most, or of a street's office."""
    from django.test import Client

    from gewu.registry.directory import get_directory
    from gewu.registry.models import District, Person
    from gewu.surfaces.desk.who import SESSION_POST

    district_id = District.objects.get(code=CODE).pk
    directory = get_directory(district_id)
    street = role == "street_clerk"
    posts = sorted(
        (p for p in directory.holders("unit_clerk" if street else role) if p.person is not None), key=lambda p: p.code
    )
    unit = _most_first("r.lead_unit", district_id)[0] if role == "unit_clerk" else ""
    chosen = next(
        p for p in posts if (p.unit == unit if unit else any(len(x) == len(CODE) + 3 for x in p.prefixes) if street
                             else CODE in p.prefixes)
    )  # fmt: skip
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(Person.objects.get(pk=chosen.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = chosen.code
    session.save()
    return client


def elsewhere(cases: int) -> Result:
    """The same in a house of its own, for a run whose house has more cases than this begins with."""
    with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
        told = Path(folder) / "queue.json"
        clean = {k: v for k, v in os.environ.items() if k != "GEWU_HOME"}
        subprocess.run(
            [sys.executable, "-m", "bench", "queue", "--cases", str(cases), "--json", str(told)],
            check=True, capture_output=True, env=clean,
        )  # fmt: skip
        found = json.loads(told.read_text(encoding="utf-8"))["queue"]
    kept = ("value", "unit", "limit", "limit_is", "aim", "cpu_ms", "statements", "spread", "size")
    more = {name: found[name] for name in ("worst", "pages")}
    return Result(name="queue", better="low", more=more, **{name: found[name] for name in kept})


def said(result: Result) -> str:
    """All pages as a table, the worst first."""
    rows = sorted(result.more["pages"].items(), key=lambda one: -one[1]["ratio"])
    head = f"{'ratio':>6} {'ms':>7} {'was':>7} {'cases':>6} {'were':>5} {'cpu':>6} {'cpu ms':>7}  page"
    return "\n".join([head, *(
        f"{row['ratio']:6.2f} {row['ms']:7.1f} {row['ms_small']:7.1f} {row['rows']:6d} {row['rows_small']:5d}"
        f" {row['ratio_cpu']:6.2f} {row['cpu_all_ms']:7.1f}  {name}" for name, row in rows
    )])  # fmt: skip
