"""Where the time of a step goes, by who owns the code: said beside a result whose aim was missed."""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from bench.house import House, gewu

_ROOM = re.compile(r"/src/gewu/(\w+)")
_PACKAGE = re.compile(r"/site-packages/(\w+)")
_MOST = 7
Place = tuple[str, int, str]


def shares(step: Callable[[], object]) -> dict[str, float]:
    """The share of each owner in the time of a step, largest first: rooms of Gewu, packages, Python itself.

    What is built in counts for whoever calls it; waiting for the database counts for ``waiting for PostgreSQL``.
    """
    profile = cProfile.Profile()
    profile.runcall(step)
    stats: dict[Place, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found: dict[str, float] = {}
    for place, (_, _, own, _, callers) in stats.items():
        for owner, part in _owners(place, own, callers):
            found[owner] = found.get(owner, 0.0) + part
    total = sum(found.values()) or 1.0
    largest = sorted(found.items(), key=lambda one: -one[1])
    shown = {owner: round(part / total, 3) for owner, part in largest[:_MOST]}
    shown["everything else"] = round(sum(part for _, part in largest[_MOST:]) / total, 3)
    return shown


def _owners(place: Place, own: float, callers: dict[Place, Any]) -> Iterator[tuple[str, float]]:
    file, _, name = place
    if name == "wait" and "/psycopg/" in file:
        yield "waiting for PostgreSQL", own
    elif file != "~" or not callers:
        yield _owner(file), own
    else:
        for caller, (_, _, part, _) in callers.items():
            yield _owner(caller[0]), part


def _owner(file: str) -> str:
    if room := _ROOM.search(file):
        return f"gewu.{room[1]}"
    if package := _PACKAGE.search(file):
        return package[1]
    return "Python"


def intake(house: House, requests: int) -> dict[str, float]:
    """Shares of so many intakes, from the request to the answer, in one thread of this process."""
    from gewu.wsgi import application

    login = next(one["login"] for one in house.made["logins"] if one["role"] == "intake_officer")
    token = gewu("token", login)["token"]
    body = json.dumps(
        {
            "form": {"source": "phone", "category": "matter:06012", "description": "路面有大片油污，行人易滑倒"},
            "position": {"lon": 108.4087, "lat": 30.8075},
        }
    ).encode()

    def one() -> None:
        told: list[Any] = []
        environ = {
            "REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/cases/intakes", "QUERY_STRING": "", "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1",
            "REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": str(uuid4()),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0), "wsgi.multithread": True,
            "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip

        def start(status: str, _headers: Any, _error: Any = None, /) -> Callable[[bytes], object]:
            told.append(status)
            return told.append

        answer: Any = application(environ, start)
        b"".join(answer)
        answer.close()
        if not told[0].startswith("201"):
            raise RuntimeError(f"an intake was refused: {told[0]}")

    def many(count: int) -> None:
        for _ in range(count):
            one()

    many(20)
    return shares(lambda: many(requests))
