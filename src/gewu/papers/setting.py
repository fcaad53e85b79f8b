"""What every paper is made with: for whom, in which language, about which district, at which instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gewu.core.playbook.model import Playbook
from gewu.ledger.door import Acting
from gewu.papers.links import Links
from gewu.papers.words import day_words, instant_words, language_of, short_instant
from gewu.registry import names
from gewu.registry.directory import Directory

_OFFICE_ROLE = "comprehensive_office"


@dataclass(frozen=True, slots=True)
class Setting:
    """The frame of a paper. `acting` decides what it may show; `unit` is the code of who makes it, empty for none."""

    directory: Directory
    acting: Acting
    language: str
    now: datetime
    unit: str = ""
    links: Links = field(default_factory=Links)

    @property
    def district_id(self) -> int:
        """The district."""
        return self.directory.district.id

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the district's people read times."""
        return ZoneInfo(self.directory.district.timezone)

    @property
    def chinese(self) -> bool:
        """Whether the paper is in Chinese."""
        return language_of(self.language) == "zh-hans"

    @property
    def today(self) -> date:
        """The day in the district."""
        return self.now.astimezone(self.zone).date()

    @property
    def office(self) -> str:
        """Who makes the paper: the unit of the post, else the district's comprehensive office."""
        return self.unit_name(self.unit) if self.unit else self.issuer

    @property
    def issuer(self) -> str:
        """Who issues bulletins and orders: the district's comprehensive office, where it has one."""
        offices = sorted({post.unit for post in self.directory.holders(_OFFICE_ROLE)})
        found = offices[0] if offices else self.unit
        return self.unit_name(found) if found else self.directory.district.name(self.language)

    def playbook(self, name: str, version: int) -> Playbook | None:
        """The playbook of a record, in the version it started under if that is still known."""
        return self.directory.playbook(name, version) or self.directory.playbook(name)

    def unit_name(self, code: str) -> str:
        """The name of a unit."""
        return names.unit_name(self.directory, code, self.language)

    def day(self, day: date) -> str:
        """A day in words."""
        return day_words(day, self.language)

    def instant(self, at: datetime) -> str:
        """An instant in words."""
        return instant_words(at, self.zone, self.language)

    def short(self, at: datetime) -> str:
        """An instant for a narrow column."""
        return short_instant(at, self.zone)
