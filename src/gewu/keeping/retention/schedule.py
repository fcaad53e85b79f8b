"""The schedule: how long a district keeps what. The district sets it; what comes with Gewu is an assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from django.db import connection, transaction
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gewu.ledger.rows import dumps
from gewu.ledger.store import as_json

_DEFAULT = Path(__file__).with_name("schedule.yaml")
_HUNDRED_YEARS = 36_525
HOUSE = frozenset({"notices", "messages", "tokens", "sessions", "photos_unbound"})
"""What the room knows how to clear away beside records."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Days = Annotated[int, Field(ge=0, le=_HUNDRED_YEARS)]


class BadSchedule(ValueError):
    """A schedule that cannot be taken. ``problems`` name each place and reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Title(_Part):
    """What a rule is called."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class RecordRule(_Part):
    """Words and photos (``all``) or photos alone of records of a kind, so many days after their last event."""

    title: Title
    kind: str
    stages: list[str] = Field(min_length=1)
    after_days: Annotated[int, Field(ge=1, le=_HUNDRED_YEARS)]
    what: Literal["all", "photos"]


class HouseRule(_Part):
    """Rows that nobody needs any more, so many days after they were over."""

    title: Title
    after_days: Days


class Schedule(_Part):
    """A whole schedule. ``status``: ``assumption``, or ``decided`` once a district stands behind it."""

    status: Literal["assumption", "decided"]
    records: dict[Name, RecordRule]
    house: dict[Name, HouseRule]


@dataclass(frozen=True, slots=True)
class Adopted:
    """The schedule of a district. ``version`` 0 is the one that comes with Gewu, which erases no record."""

    schedule: Schedule
    version: int
    set_by: str
    set_at: datetime | None


def read(path: Path) -> Schedule:
    """Read a schedule from a YAML file. Raises ``BadSchedule``."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSchedule([f"{path}: {error}"]) from error
    return parse(data)


def parse(data: Any) -> Schedule:
    """A schedule from plain data. Raises ``BadSchedule``."""
    try:
        found = Schedule.model_validate(data)
    except ValidationError as error:
        raise BadSchedule(
            [
                f"{'.'.join(str(part) for part in fault['loc']) or 'schedule'}: {fault['msg']}"
                for fault in error.errors()
            ]
        ) from error
    unknown = sorted(set(found.house) - HOUSE)
    if unknown:
        raise BadSchedule([f"house.{name}: there is no such rule, only {', '.join(sorted(HOUSE))}" for name in unknown])
    return found


@lru_cache(maxsize=1)
def default() -> Schedule:
    """The schedule that comes with Gewu."""
    return read(_DEFAULT)


def of_district(district_id: int) -> Adopted:
    """The schedule that holds in a district."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, body, set_by, set_at FROM keeping_schedule WHERE district_id = %s"
            " ORDER BY version DESC LIMIT 1",
            [district_id],
        )
        row = cursor.fetchone()
    if row is None:
        return Adopted(default(), 0, "", None)
    return Adopted(parse(as_json(row[1])), row[0], row[2], row[3])


def adopt(district_id: int, schedule: Schedule, by: str) -> Adopted:
    """Let a schedule hold in a district from now on; the earlier ones stay to be looked at."""
    decided = schedule.model_copy(update={"status": "decided"})
    body: Mapping[str, Any] = decided.model_dump()
    now = datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x5C4ED, district_id])
        cursor.execute(
            "INSERT INTO keeping_schedule (district_id, version, body, set_by, set_at)"
            " SELECT %s, coalesce(max(version), 0) + 1, %s, %s, %s FROM keeping_schedule WHERE district_id = %s"
            " RETURNING version",
            [district_id, dumps(body), by, now, district_id],
        )
        version = int(cursor.fetchone()[0])
    return Adopted(decided, version, by, now)
