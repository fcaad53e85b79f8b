"""Tiles of the base map, fetched by the product: the map service sees this server and no resident, and no page a key.

One way out (``gewu.connections.egress``): the host stands on the allow-list, addresses inside are refused. Only tiles
that touch the district are fetched, so this is no proxy for the world. A slow service must not hold up pages: few
requests at a time, a short patience, and after failures in a row a pause in which nothing is tried.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from django.conf import settings

from gewu.connections import egress, snapshot
from gewu.connections.allow import Refused
from gewu.registry.basemaps import BaseMap, base_map, key_of
from gewu.registry.directory import Directory
from gewu.surfaces.desk.present.maps import ground

log = structlog.get_logger(__name__)

PATIENCE = 4.0
"""Seconds for a tile, from the name to the last byte."""
AT_A_TIME = 2
"""Requests of a process that are under way: the others wait a moment, then the map goes without."""
FAILURES, PAUSE = 4, 60.0
"""So many failures in a row lead to a pause of so many seconds."""
LARGEST = 1024 * 1024
ROOM = 1024 * 1024 * 1024
"""Bytes of kept tiles, for all districts; the oldest go first."""
SWEEP = 500
"""Tiles that are written between two looks at the room."""
KINDS = {b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
HEADERS = {"User-Agent": "Gewu", "Accept": "image/png,image/jpeg,image/webp"}


class NoTile(Exception):
    """There is no tile. ``later`` is true when asking again in a while makes sense."""

    def __init__(self, why: str, *, later: bool) -> None:
        super().__init__(why)
        self.later = later


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture and its kind, and for how many days it may be kept."""

    body: bytes
    kind: str
    days: int


@dataclass(slots=True)
class _Gate:
    """What this process knows of one service: how many requests are under way, and how it fared."""

    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_A_TIME))
    failures: int = 0
    closed_until: float = 0.0


_gates: dict[str, _Gate] = {}
_written = 0


def tile(directory: Directory, layer: int, z: int, x: int, y: int) -> Tile:
    """A tile of a district's base map, from what is kept or from the service. Raises ``NoTile``."""
    below = base_map(directory)
    if layer >= len(below.layers) or not _touches(directory, below, z, x, y):
        raise NoTile("there is no such tile", later=False)
    url = _url(below.layers[layer], key_of(directory.district.code), z, x, y)
    path = _path(directory.district.code, below.layers[layer], z, x, y)
    kept = _kept(path, below.keep_days)
    if kept is not None:
        return Tile(kept, _kind(kept), below.keep_days)
    body = _fetched(directory, url)
    if below.keep_days:
        _keep(path, body)
    return Tile(body, _kind(body), below.keep_days)


def _touches(directory: Directory, below: BaseMap, z: int, x: int, y: int) -> bool:
    """Whether a tile shows a part of the district or lies beside one that does."""
    side = 1 << z
    if not (below.from_zoom <= z <= below.to_zoom and 0 <= x < side and 0 <= y < side):
        return False
    west, south, east, north = ground(directory).bounds
    left, top = _column(west, z), _row(north, z)
    right, bottom = _column(east, z), _row(south, z)
    return left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1


def _column(lon: float, z: int) -> int:
    return int((lon + 180) / 360 * (1 << z))


def _row(lat: float, z: int) -> int:
    return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * (1 << z))


def _url(template: str, key: str, z: int, x: int, y: int) -> str:
    values: Mapping[str, str] = {"z": str(z), "x": str(x), "y": str(y), "-y": str((1 << z) - 1 - y), "key": key}
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def _fetched(directory: Directory, url: str) -> bytes:
    host = url.split("/")[2]
    gate = _gates.setdefault(host, _Gate())
    if time.monotonic() < gate.closed_until:
        raise NoTile("the map service failed a moment ago", later=True)
    if not gate.places.acquire(timeout=PATIENCE / 2):
        raise NoTile("too many tiles are under way", later=True)
    try:
        rules = snapshot.of(directory).rules
        reply = egress.request("GET", url, rules=rules, headers=HEADERS, timeout=PATIENCE, limit=LARGEST)
    except Refused as error:
        # Said once in the log, and not asked for again until somebody could have changed the list.
        _failed(gate, host, f"refused: {error}", at_once=True)
        raise NoTile("this host is not on the allow-list", later=True) from error
    except egress.Failed as error:
        _failed(gate, host, str(error))
        raise NoTile("the map service did not answer", later=True) from error
    finally:
        gate.places.release()
    if reply.status == 404:
        raise NoTile("the map service has no such tile", later=False)
    if reply.status != 200 or not reply.complete or not _kind(reply.body):
        _failed(gate, host, f"status {reply.status}, {reply.headers.get('content-type', 'no type')}")
        raise NoTile("the map service gave no picture", later=True)
    gate.failures = 0
    return reply.body


def _failed(gate: _Gate, host: str, why: str, *, at_once: bool = False) -> None:
    gate.failures += 1
    if at_once or gate.failures >= FAILURES:
        gate.closed_until = time.monotonic() + PAUSE
        gate.failures = 0
        log.warning("map_tiles_pause", host=host, seconds=PAUSE, why=why)


def _kind(body: bytes) -> str:
    """The kind of a picture by its first bytes; empty for anything else, whatever the service calls it."""
    return next((kind for start, kind in KINDS.items() if body.startswith(start)), "")


# ---- what is kept


def folder() -> Path:
    """Where tiles are kept. It can be deleted at any time."""
    return Path(settings.HOME.path) / "cache" / "tiles"


def _path(code: str, template: str, z: int, x: int, y: int) -> Path:
    source = hashlib.sha256(template.encode()).hexdigest()[:16]
    return folder() / code / source / str(z) / str(x) / str(y)


def _kept(path: Path, days: int) -> bytes | None:
    try:
        if not days or time.time() - path.stat().st_mtime > days * 86_400:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _keep(path: Path, body: bytes) -> None:
    """Write a tile so that readers see all of it or nothing. A full disk is no reason to show no map."""
    global _written  # noqa: PLW0603 - a count of this process
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_bytes(body)
        fresh.replace(path)
    except OSError as error:
        log.warning("map_tile_not_kept", why=str(error))
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        return
    _written += 1
    if _written % SWEEP == 0:
        sweep()


def sweep(room: int = ROOM) -> int:
    """Delete the oldest tiles until the others have room; gives how many went."""
    found = []
    for path in folder().rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
    over = sum(size for _at, size, _path in found) - room
    gone = 0
    for _at, size, path in sorted(found):
        if over <= 0:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            over -= size
            gone += 1
    return gone
