"""Values of a story's forms: as they stand, named by ``$``, or one of several."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from gewu.stories.files import seconds

_NAMED = re.compile(r"\$([a-z_]+)(\?)?([+-](?:\d+[dhm])+)?")


class Unknown(ValueError):
    """A name that nothing has at this point of the story."""


@dataclass(slots=True)
class Scene:
    """What can be named at one move: the record's names, the line's, and the chance that chooses."""

    names: Mapping[str, Any]
    rng: Random
    zone: ZoneInfo
    at: int

    def value(self, written: Any) -> Any:
        """``$name`` (with an offset: ``$start+3d``; ``$name?`` may be missing), ``{any: [...]}``,
        ``{turn: [...]}`` by the number of the record, ``{from: 1, to: 9}``, or what is written."""
        if isinstance(written, str):
            match = _NAMED.fullmatch(written)
            if match is None:
                return written
            name, may_miss, offset = match.groups()
            return None if may_miss and name not in self.names else self._named(name, offset)
        if isinstance(written, dict):
            if "any" in written:
                return self.value(self.rng.choice(written["any"]))
            if "turn" in written:
                return self.value(written["turn"][(self.names["number"] - 1) % len(written["turn"])])
            if "from" in written:
                return self.rng.randint(int(written["from"]), int(written["to"]))
        if isinstance(written, (list, tuple)):
            found = tuple(self.value(one) for one in written)
            return tuple(one for one in found if one is not None)
        return written

    def _named(self, name: str, offset: str | None) -> Any:
        if name in ("today", "now"):
            at = self.at + seconds(offset or "")
            return at if name == "now" else self._day(at)
        if name == "day":
            return self._day(self.names["start"] + seconds(offset or ""))
        if name not in self.names:
            raise Unknown(f"there is no ${name} here")
        found = self.names[name]
        return found if offset is None else found + seconds(offset)

    def _day(self, at: int) -> str:
        return datetime.fromtimestamp(at, self.zone).date().isoformat()

    def form(self, written: Mapping[str, Any]) -> dict[str, Any]:
        """All values of a form; those that are None or empty are left out."""
        found = {name: self.value(value) for name, value in written.items()}
        return {name: value for name, value in found.items() if value not in (None, "", ())}
