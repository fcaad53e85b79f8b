"""Islands: live parts of pages, built of ``web/src`` into bundles whose names change with their content (ADR 27)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

BUILT = Path(__file__).parent / "static" / "built"
MANIFEST = BUILT / "manifest.json"


class NotBuilt(ImproperlyConfigured):
    """The bundle of an island is not there."""


@dataclass(frozen=True, slots=True)
class Island:
    """The files of an island, as paths below ``/static/built/``: its script, what the script loads, its styles."""

    script: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """All of them."""
        return (self.script, *self.preloads, *self.styles)


def island(name: str, manifest: Path = MANIFEST) -> Island:
    """The files of an island by the name of its folder. Raises ``NotBuilt`` where it was not built."""
    try:
        changed = manifest.stat().st_mtime_ns
    except OSError as error:
        raise NotBuilt(f"the island {name!r} is not built: run `make install`") from error
    return _island(name, manifest, changed)


def later(name: str, manifest: Path = MANIFEST) -> tuple[str, ...]:
    """The files that an island loads when it needs them: parts that it imports on use, and what they name in turn."""
    chunks: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))
    own: list[str] = []
    _walk(chunks, f"src/{name}/main.ts", own)
    seen: list[str] = []
    for key in own:
        for other in chunks[key].get("dynamicImports", []):
            _walk(chunks, other, seen)
    parts = [chunks[key] for key in seen if key not in own]
    return tuple(dict.fromkeys(file for part in parts for file in (part["file"], *part.get("assets", []))))


@lru_cache(maxsize=32)
def _island(name: str, manifest: Path, _changed: int) -> Island:
    chunks: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))
    entry = f"src/{name}/main.ts"
    if entry not in chunks:
        raise NotBuilt(f"there is no island {name!r} among those that were built: run `make install`")
    seen: list[str] = []
    _walk(chunks, entry, seen)
    parts = [chunks[key] for key in seen]
    styles = dict.fromkeys(style for part in parts for style in part.get("css", []))
    return Island(parts[0]["file"], tuple(part["file"] for part in parts[1:]), tuple(styles))


def _walk(chunks: dict[str, dict[str, Any]], key: str, seen: list[str]) -> None:
    if key not in seen:
        seen.append(key)
        for other in chunks[key].get("imports", []):
            _walk(chunks, other, seen)
