"""Which unit follows which on a day. Reforms lie over the packs' rows: a pack that is loaded again undoes none."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from gewu.registry.models import Succession


@dataclass(frozen=True, slots=True)
class Followed(Container[str]):
    """Ended unit -> (its successor, from what day), as it holds on one day."""

    steps: Mapping[str, tuple[str, date]] = field(default_factory=dict)

    def __contains__(self, code: object) -> bool:
        return code in self.steps

    def next(self, code: str) -> str:
        """The unit that followed this one; empty when none did."""
        found = self.steps.get(code)
        return found[0] if found else ""

    def end_of(self, code: str) -> str:
        """The unit that stands in the place of this one, by way of all that came between; itself when none followed."""
        seen = {code}
        while code in self.steps:
            code = self.steps[code][0]
            if code in seen:
                break
            seen.add(code)
        return code

    def last_day(self, code: str, written: date | None) -> date | None:
        """The last day of a unit: what its pack says, or the day before a reform ended it, whichever came first."""
        found = self.steps.get(code)
        if found is None:
            return written
        last = found[1] - timedelta(days=1)
        return last if written is None or last < written else written


def in_force(district_id: int, day: date) -> Followed:
    """The successions of a district that hold on a day: one statement."""
    rows = (
        Succession.objects.filter(district_id=district_id, valid_from__lte=day)
        .filter(Q(valid_to=None) | Q(valid_to__gte=day))
        .order_by("valid_from", "id")
        .values_list("old__code", "new__code", "valid_from")
    )
    return Followed({old: (new, start) for old, new, start in rows})
