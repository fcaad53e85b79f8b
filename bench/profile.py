"""Where the time of a step goes, by who owns the code: said beside a result whose aim was missed."""

from __future__ import annotations

import cProfile
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import uuid4

from bench.house import House, gewu

_ROOM = re.compile(r"/src/gewu/(\w+)")
_PACKAGE = re.compile(r"/site-packages/(\w+)")
_MOST = 7
WAITING = "waiting for PostgreSQL"


def shares(step: Callable[[], object]) -> dict[str, float]:
    """The share of each owner in the time of a step, largest first: rooms of Gewu, packages, Python itself.

    What is built in counts for whoever calls it; waiting for the database counts for ``waiting for PostgreSQL``.
    """
    profile = cProfile.Profile()
    profile.runcall(step)
    found: dict[str, float] = {}
    for owner, part in _parts(profile.getstats()):
        found[owner] = found.get(owner, 0.0) + part
    total = sum(found.values()) or 1.0
    largest = sorted(found.items(), key=lambda one: -one[1])
    shown = {owner: round(part / total, 3) for owner, part in largest[:_MOST]}
    shown["everything else"] = round(sum(part for _, part in largest[_MOST:]) / total, 3)
    return shown


def _parts(entries: Iterable[Any]) -> Iterator[tuple[str, float]]:
    """Seconds by owner, of what ``Profile.getstats`` gives. ``code`` is text for what is built in: its own time counts
    for each caller by the calls they made, and what nobody called in sight for Python itself."""
    called: dict[str, float] = {}
    built_in: dict[str, float] = {}
    for entry in entries:
        if isinstance(entry.code, str):
            built_in[entry.code] = built_in.get(entry.code, 0.0) + entry.inlinetime
            continue
        file, name = entry.code.co_filename, entry.code.co_name
        waits = name == "wait" and "/psycopg/" in file
        yield (WAITING if waits else _owner(file)), entry.inlinetime
        for call in entry.calls or ():
            if isinstance(call.code, str):
                called[call.code] = called.get(call.code, 0.0) + call.inlinetime
                yield _owner(file), call.inlinetime
    for code, own in built_in.items():
        yield "Python", max(0.0, own - called.get(code, 0.0))


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
