"""Retention: how long what is kept, and what is erased on schedule."""

from gewu.keeping.retention.schedule import Adopted, BadSchedule, Schedule, adopt, default, of_district, parse, read
from gewu.keeping.retention.work import Done, daily, last_passes, register_house, run

__all__ = [
    "Adopted",
    "BadSchedule",
    "Done",
    "Schedule",
    "adopt",
    "daily",
    "default",
    "last_passes",
    "of_district",
    "parse",
    "read",
    "register_house",
    "run",
]
