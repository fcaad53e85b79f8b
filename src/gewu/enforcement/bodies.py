"""Where a body came from and where it went: units with their dates, and the acts by which one followed another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from gewu.registry.models import Reform, Succession, Unit
from gewu.registry.snapshot import valid_on


@dataclass(frozen=True, slots=True)
class Step:
    """``new`` stands in the place of ``old`` from a day, by an act; to ``valid_to`` when a counter-act took it back."""

    old: str
    new: str
    valid_from: date
    valid_to: date | None
    act_id: int
    act: str


@dataclass(frozen=True, slots=True)
class Body:
    """A unit on a day: ``last_day`` is what its pack or an act says, ``successor`` who follows it on that day."""

    code: str
    name_en: str
    name_zh: str
    kind: str
    parent: str
    place: str
    accounts: bool
    valid_from: date | None
    last_day: date | None
    stands: bool
    successor: str
    source: str

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en


class Bodies:
    """All units of a district and every step between them: three statements."""

    def __init__(self, district_id: int) -> None:
        rows = Succession.objects.filter(district_id=district_id).order_by("valid_from", "id")
        self.steps = [
            Step(s.old.code, s.new.code, s.valid_from, s.valid_to, s.reform_id, s.reform.number)
            for s in rows.select_related("old", "new", "reform")
        ]
        units = Unit.objects.filter(district_id=district_id).select_related("parent", "place").defer("place__geometry")
        self._units = {row.code: row for row in units.order_by("path")}

    def on(self, day: date) -> list[Body]:
        """All units that ever were, as they stand on a day, in the order of the tree."""
        return [self._body(row, day) for row in self._units.values()]

    def get(self, code: str, day: date) -> Body | None:
        """One unit on a day; None when there never was one of this code."""
        row = self._units.get(code)
        return self._body(row, day) if row is not None else None

    def name(self, code: str, language: str) -> str:
        row = self._units.get(code)
        if row is None:
            return code
        return row.name_zh if language.startswith("zh") else row.name_en

    def _body(self, row: Unit, day: date) -> Body:
        steps = [s for s in self.steps if s.old == row.code and valid_on(s.valid_from, s.valid_to, day)]
        step = steps[-1] if steps else None
        last = row.valid_to if row.retired_on is None else min(filter(None, (row.valid_to, row.retired_on)))
        if step is not None and (last is None or step.valid_from <= last):
            last = step.valid_from - timedelta(days=1)
        stands = row.retired_on is None and valid_on(row.valid_from, last, day)
        parent, place = (row.parent.code if row.parent else ""), (row.place.code if row.place else "")
        return Body(
            row.code, row.name_en, row.name_zh, row.kind, parent, place, row.accounts, row.valid_from, last, stands,
            step.new if step else "", row.source,
        )  # fmt: skip

    def way(self, code: str, day: date) -> list[Step]:
        """The steps from a unit to the one that stands in its place on a day, nearest first."""
        found: list[Step] = []
        seen = {code}
        while True:
            steps = [s for s in self.steps if s.old == code and valid_on(s.valid_from, s.valid_to, day)]
            if not steps or steps[-1].new in seen:
                return found
            found.append(steps[-1])
            code = steps[-1].new
            seen.add(code)

    def into(self, code: str) -> list[Step]:
        """The steps by which others went into a unit, oldest first, also those that were taken back."""
        return [step for step in self.steps if step.new == code]

    def out_of(self, code: str) -> list[Step]:
        """The steps by which others followed a unit, oldest first, also those that were taken back."""
        return [step for step in self.steps if step.old == code]


def acts(district_id: int) -> list[Reform]:
    """All acts of a district, the newest first: one statement."""
    rows = Reform.objects.filter(district_id=district_id).select_related("counter_of").prefetch_related("counters")
    return list(rows.order_by("-day", "-id"))


def act(district_id: int, act_id: int) -> Reform | None:
    """One act."""
    return Reform.objects.filter(district_id=district_id, pk=act_id).select_related("counter_of").first()
