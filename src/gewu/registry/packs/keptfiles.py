"""A CSV file of packs that is kept as it was loaded: the shape shared by ``programmes.csv``, ``measures.csv`` and
``device_kinds.csv``."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils import timezone

from gewu.registry.directory import Directory
from gewu.registry.models import PackLoad
from gewu.registry.packs.loaded import closure
from gewu.registry.packs.problems import Problem, Problems
from gewu.registry.packs.world import World


class KeptFile:
    """See ``gewu.registry.packs.extras.WorldExtra``. ``faults`` finds what is wrong with a text, ``unknown`` what it
    names that no pack has."""

    def __init__(
        self,
        name: str,
        kept: models.Manager[Any],
        faults: Callable[[str], list[Problem]],
        unknown: Callable[[str, World], list[Problem]] | None = None,
    ) -> None:
        self.files: tuple[str, ...] = (name,)
        self._name, self._kept, self._faults, self._unknown = name, kept, faults, unknown

    def check(self, own: Mapping[str, str], required: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Faults of the file."""
        return self._faults(own[self._name]) if self._name in own else []

    def check_in(self, own: Mapping[str, str], world: World, problems: Problems) -> None:
        """Rows that name what neither the pack nor those it requires have."""
        if self._unknown is not None and self._name in own:
            problems.extend(self._unknown(own[self._name], world))

    def load(self, pack: str) -> Mapping[str, str]:
        """The file of a pack as it was loaded last."""
        body = self._kept.filter(pk=pack).values_list("body", flat=True).first()
        return {self._name: str(body)} if body is not None else {}

    def store(self, pack: str, own: Mapping[str, str]) -> Mapping[str, int]:
        """Keep the file, or forget it."""
        before, now = self.load(pack).get(self._name), own.get(self._name)
        if now is None:
            self._kept.filter(pk=pack).delete()
        elif now != before:
            self._kept.update_or_create(pk=pack, defaults={"body": now, "loaded_at": timezone.now()})
        return {
            "created": int(before is None and now is not None),
            "updated": int(before is not None and now is not None and before != now),
            "retired": int(before is not None and now is None),
            "unchanged": int(before is not None and before == now),
        }


def bodies(directory: Directory, kept: models.Manager[Any]) -> list[str]:
    """The kept files that hold in a district: of packs that its own require first, its own last."""
    own = set(PackLoad.objects.filter(district_id=directory.district.id).values_list("pack", flat=True))
    found = dict(kept.filter(pk__in=own | closure(own)).values_list("pk", "body"))
    return [str(found[pack]) for pack in sorted(found, key=lambda name: (name in own, name))]


def cells(text: str, file: str, header: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text with their lines, stripped; a wrong header or number of columns is a problem."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    if tuple(next(reader, ())) != tuple(header):
        problems.append(Problem(file, 1, f"the header is {','.join(header)}"))
        return
    for line, row in enumerate(reader, start=2):
        if not any(row):
            continue
        if len(row) != len(header):
            problems.append(Problem(file, line, f"{len(row)} columns instead of {len(header)}"))
            continue
        yield line, [cell.strip() for cell in row]
