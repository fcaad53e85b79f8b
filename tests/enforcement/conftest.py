"""Wanzhou with its four centres still at work, put back after each test; acts written by a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gewu.enforcement.acts import Act, read_act
from gewu.enforcement.models import Transfer
from gewu.registry.directory import refresh
from gewu.registry.models import Reform, ResponsibilityRule, Succession, Unit
from support.district import district_id
from support.servers import Session

REFORMS = Path(__file__).resolve().parents[2] / "packs" / "wanzhou" / "reforms"
CENTRES = ("municipal-facilities-centre", "water-supply-saving-centre", "sanitation-centre", "landscaping-centre")
AFFAIRS = "municipal-affairs-centre"
DETACHMENT = "enforcement-detachment"
Write = Callable[..., Act]


@pytest.fixture
def wanzhou(db: Session) -> Iterator[int]:
    """The district as it stood before any reform: the four centres live and work in Gewu. Put back after the test."""
    centres = list(Unit.objects.filter(district_id=district_id(), code__in=CENTRES))
    rules = list(ResponsibilityRule.objects.filter(district_id=district_id()))
    assert len(centres) == len(CENTRES)
    Unit.objects.filter(pk__in=[row.pk for row in centres]).update(valid_to=None, accounts=True)
    refresh()
    yield district_id()
    Transfer.objects.all().delete()
    Succession.objects.all().delete()
    Reform.objects.filter(counter_of__isnull=False).delete()
    Reform.objects.all().delete()
    Unit.objects.bulk_update(centres, ["valid_to", "accounts"])
    ResponsibilityRule.objects.bulk_update(rules, ["unit"])
    refresh()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes an act as YAML and reads it."""

    def make(body: str, number: str = "T-1", day: str = "2026-11-01") -> Act:
        file = tmp_path / f"{number}.yaml"
        head = f'reform:\n  number: "{number}"\n  date: "{day}"\n  title: {{en: "A reform", zh: "改革"}}\n'
        file.write_text(head + body, encoding="utf-8")
        return read_act(file)

    return make
