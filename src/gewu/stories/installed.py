"""Devices of a story: rows of the register of devices, taken in as the register takes a file in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from pydantic import BaseModel, ConfigDict, Field

from gewu.cases.demo.chance import seeded
from gewu.registry import devices
from gewu.registry.directory import Directory
from gewu.registry.models import Device
from gewu.stories.files import Chapter


class DevicesSpec(BaseModel):
    """Devices of a kind: how many, how their codes begin, in which places, what is written of their spot."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    count: int = Field(gt=0)
    prefix: str
    spot: str = ""
    unit: str = ""
    places: tuple[str, ...]


def _specs(chapter: Chapter) -> list[DevicesSpec]:
    return [DevicesSpec.model_validate(one) for one in chapter.devices]


def counted(chapter: Chapter) -> int:
    """How many devices a chapter has."""
    return sum(one.count for one in _specs(chapter))


def is_there(directory: Directory, chapter: Chapter) -> bool:
    """Whether any device of a chapter is registered."""
    prefixes = [one.prefix for one in _specs(chapter)]
    return any(
        Device.objects.filter(district_id=directory.district.id, code__startswith=prefix).exists()
        for prefix in prefixes
    )


def write(directory: Directory, chapter: Chapter, source: str, seed: int, share: float, omit: Random) -> int:
    """Register the devices of a chapter. Returns how many were left out."""
    rng = seeded(f"{seed}/{chapter.chapter}")
    first, last = chapter.period
    left_out = 0
    for spec in _specs(chapter):
        communities = sorted(
            place.code
            for named in spec.places
            for place in directory.places_in(named)
            if place.kind == "community" and place.active
        ) or list(spec.places)
        rows = []
        for number in range(1, spec.count + 1):
            place, since = rng.choice(communities), first + timedelta(days=rng.randint(0, (last - first).days))
            if omit.random() < share:
                left_out += 1
                continue
            code = f"{spec.prefix}{number:05d}"
            rows.append(devices.Row(code, spec.kind, place, spec.unit, spec.spot, since, None, "", True, source))
        devices.store(directory.district.id, rows, datetime.now(UTC))
    return left_out
