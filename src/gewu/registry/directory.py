"""A district's registry in memory: who, where and what, answered without SQL.

A directory is an immutable snapshot. ``get_directory`` hands out the same one until the registry's version moves (asked
at most every two seconds) or the date in the district changes, because validity is a matter of dates.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from gewu.core.calendar import Calendar
from gewu.core.playbook.model import Playbook, Words
from gewu.core.records import UnitFact
from gewu.registry import entries as e
from gewu.registry import versions
from gewu.registry.calendars import make_calendar
from gewu.registry.packs.playbooks import compile_playbook
from gewu.registry.responsibility import ANY, AREA_PREFIX, Rule, RuleBook

CHECK_SECONDS = 2.0
"""How long a process may go on with a snapshot before it asks whether the registry changed."""

CANDIDATES = 8


class UnknownDistrict(LookupError):
    """There is no district with this id."""


@dataclass(frozen=True)
class Directory:
    """Everything the rooms above ask the registry for. Look-ups of what does not exist give None.

    Mappings hold ended and retired entries too, so that old records can be shown; ``active`` tells. ``areas``,
    ``categories`` and the others are keyed by code, categories and standards by ``kind:code``.
    """

    district: e.DistrictInfo
    version: tuple[int, datetime | None]
    as_of: date
    categories: Mapping[str, e.CategoryInfo]
    standards: Mapping[str, e.StandardInfo]
    owners: Mapping[str, e.OwnerInfo]
    roles: Mapping[str, e.RoleInfo]
    places: Mapping[str, e.PlaceInfo]
    areas: Mapping[str, e.AreaInfo]
    units: Mapping[str, e.UnitInfo]
    posts: Mapping[str, e.PostInfo]
    people: Mapping[int, e.PersonInfo]
    rules: RuleBook
    playbooks: Sequence[e.StoredPlaybook]
    calendar_plan: e.CalendarPlan
    extras: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What upper rooms keep beside the registry, see ``register_extra``."""
    _calendars: dict[str, Calendar] = field(default_factory=dict, repr=False, compare=False)
    _calendar_of: dict[str | None, Calendar] = field(default_factory=dict, repr=False, compare=False)
    _compiled: dict[tuple[str, int | None], Playbook | None] = field(default_factory=dict, repr=False, compare=False)

    # ---- catalogue

    def category(self, key: str) -> e.CategoryInfo | None:
        """An active category by its key, ``matter:06012``."""
        found = self.categories.get(key)
        return found if found and found.active else None

    def standard(self, key: str) -> e.StandardInfo | None:
        """An active standard by its key, ``matter:06012-1``, or by its bare code where only one kind has it."""
        found = self.standards.get(key) or self._standards_by_code.get(key)
        return found if found and found.active else None

    def standards_for(self, category: str) -> tuple[e.StandardInfo, ...]:
        """The active standards of a category key, by code."""
        return self._standards_of.get(category, ())

    def owner(self, code: str) -> e.OwnerInfo | None:
        """An owner of facilities by code."""
        return self.owners.get(code)

    @cached_property
    def _standards_by_code(self) -> Mapping[str, e.StandardInfo]:
        found: dict[str, e.StandardInfo] = {}
        doubled: set[str] = set()
        for standard in self.standards.values():
            if standard.code in found:
                doubled.add(standard.code)
            found[standard.code] = standard
        return {code: standard for code, standard in found.items() if code not in doubled}

    @cached_property
    def _standards_of(self) -> Mapping[str, tuple[e.StandardInfo, ...]]:
        return _grouped((standard.category, standard) for standard in self.standards.values() if standard.active)

    # ---- units, posts, people

    def unit(self, code: str) -> e.UnitInfo | None:
        """A unit by code, also one that ended."""
        return self.units.get(code)

    def unit_by_id(self, unit_id: int) -> e.UnitInfo | None:
        return self._units_by_id.get(unit_id)

    def children(self, code: str) -> tuple[e.UnitInfo, ...]:
        """The active units right below this one."""
        return self._children.get(code, ())

    def post(self, code: str) -> e.PostInfo | None:
        """A post by code, also one that ended."""
        return self.posts.get(code)

    def post_by_id(self, post_id: int) -> e.PostInfo | None:
        return self._posts_by_id.get(post_id)

    def posts_of_unit(self, unit: str) -> tuple[e.PostInfo, ...]:
        """The active posts of a unit."""
        return self._posts_of.get(unit, ())

    def holders(self, role: str) -> tuple[e.PostInfo, ...]:
        """The active posts with this role."""
        return self._holders.get(role, ())

    def post_person(self, person: str) -> e.PersonInfo | None:
        """Who holds an active post in this district, by person id written as text."""
        found = self.people.get(int(person)) if person.isascii() and person.isdigit() else None
        return found if found and found.posts else None

    @cached_property
    def unit_facts(self) -> Mapping[str, UnitFact]:
        """The active units as the core wants to know them."""
        return {u.code: UnitFact(u.code, u.path, u.accounts) for u in self.units.values() if u.active}

    @cached_property
    def _units_by_id(self) -> Mapping[int, e.UnitInfo]:
        return {unit.id: unit for unit in self.units.values()}

    @cached_property
    def _children(self) -> Mapping[str, tuple[e.UnitInfo, ...]]:
        return _grouped((unit.parent, unit) for unit in self.units.values() if unit.active)

    @cached_property
    def _posts_by_id(self) -> Mapping[int, e.PostInfo]:
        return {post.id: post for post in self.posts.values()}

    @cached_property
    def _posts_of(self) -> Mapping[str, tuple[e.PostInfo, ...]]:
        return _grouped((post.unit, post) for post in self.posts.values() if post.active)

    @cached_property
    def _holders(self) -> Mapping[str, tuple[e.PostInfo, ...]]:
        return _grouped((post.role, post) for post in self.posts.values() if post.active)

    # ---- territory

    def place(self, code: str) -> e.PlaceInfo | None:
        """A place by code, also one that ended."""
        return self.places.get(code)

    def places_in(self, code: str) -> tuple[e.PlaceInfo, ...]:
        """The active places right below this one."""
        return self._places_in.get(code, ())

    def areas_of(self, place: str) -> tuple[str, ...]:
        """The active areas that contain the whole of a place because of the places they are made of, by code."""
        return tuple(code for code, prefixes in self._area_prefixes if place.startswith(prefixes))

    @cached_property
    def _places_in(self) -> Mapping[str, tuple[e.PlaceInfo, ...]]:
        return _grouped((place.parent, place) for place in self.places.values() if place.active)

    @cached_property
    def _area_prefixes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple(sorted((a.code, a.prefixes) for a in self.areas.values() if a.active and a.prefixes))

    # ---- working time

    def calendar_for(self, unit: str | None) -> Calendar:
        """The working calendar of a unit: its own, else that of the nearest unit above, else the district's."""
        known = self._calendar_of.get(unit)  # asked several times for every command
        if known is not None:
            return known
        code = self.district.default_calendar
        above = self.units.get(unit) if unit else None
        while above is not None:
            if above.calendar:
                code = above.calendar
                break
            above = self.units.get(above.parent)
        found = self._calendars.get(code)
        if found is None:
            plan = self.calendar_plan
            found = self._calendars[code] = make_calendar(
                plan.specs[code],
                timezone=self.district.timezone,
                work_day_mode=self.district.work_day_mode,
                exceptions=plan.exceptions,
                published_years=plan.published_years,
            )
        if unit is None or unit in self.units:
            self._calendar_of[unit] = found
        return found

    # ---- playbooks

    def playbook(self, name: str, version: int | None = None) -> Playbook | None:
        """A playbook by name and version; without a version, the one new records start under.

        A district's own playbook goes before a shared one of the same name.
        """
        key = (name, version)
        if key not in self._compiled:
            self._compiled[key] = self._compile(name, version)
        return self._compiled[key]

    def current_playbook(self, kind: str = "case") -> Playbook | None:
        """The playbook that new records of this kind start under: the district's own before a shared one."""
        active = [p for p in self.playbooks if p.active and p.kind == kind]
        best = min(active, key=lambda p: (not p.of_district, p.name), default=None)
        return self.playbook(best.name) if best else None

    def _compile(self, name: str, version: int | None) -> Playbook | None:
        found = [
            p for p in self.playbooks if p.name == name and (p.active if version is None else p.version == version)
        ]
        best = max(found, key=lambda p: (p.of_district, p.version), default=None)
        if best is None:
            return None
        return compile_playbook(best.text, best.file, tuple(sorted(best.bases.items())))

    # ---- responsibility

    def responsible(
        self, category: str, place: str, areas: Iterable[str] = (), owner: str = ""
    ) -> e.Responsibility | None:
        """The unit that answers for a category key at a place, by the most specific rule.

        ``areas`` are those of the position; areas made of whole places are added. An ``owner`` that is not stated
        is answered by the rules for any owner; ``unknown`` says that there is none, and goes to the ownerless queue.
        None only where the packs' rules say nothing, e.g. for a foreign place.
        """
        for rules in self._ranked(category, place, areas, owner):
            unit = self.units.get(rules[0].unit)
            if unit is not None and unit.active:
                return e.Responsibility(unit, rules[0].queue, rules[0], self._why(rules[0]))
        return None

    def candidates(
        self, category: str, place: str, areas: Iterable[str] = (), owner: str = "", limit: int = CANDIDATES
    ) -> tuple[e.Candidate, ...]:
        """Units for a dispatcher to choose from, best first: by rules, most specific first, then by territory."""
        found: dict[str, e.Candidate] = {}
        for rules in self._ranked(category, place, areas, owner):
            for rule in rules:
                unit = self.units.get(rule.unit)
                if unit is not None and unit.active and unit.code not in found:
                    found[unit.code] = e.Candidate(unit, rule.queue, rule, self._why(rule))
        local = [u for u in self.units.values() if u.active and u.place and place.startswith(u.place)]
        for unit in sorted(local, key=lambda u: (-len(u.place), u.path.count("/"), u.code)):
            here = self.places.get(unit.place)
            if unit.code not in found and here is not None and here.kind != "district":
                why = Words(f"Its territory is {here.name_en}", f"属地：{here.name_zh}")
                found[unit.code] = e.Candidate(unit, False, None, why)
        return tuple(found.values())[:limit]

    def _ranked(self, category: str, place: str, areas: Iterable[str], owner: str) -> Iterable[list[Rule]]:
        kind, _, code = category.partition(":")
        return self.rules.ranked(kind, code, place, {*areas, *self.areas_of(place)}, owner)

    def _why(self, rule: Rule) -> Words:
        """The rule in words: for which category, where, whose facility."""
        parts = [self._why_category(rule), self._why_place(rule), self._why_owner(rule)]
        return Words("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))

    def _why_category(self, rule: Rule) -> Words:
        if rule.category == ANY:
            return Words("any category", "全部类别")
        kinds = ("matter", "component") if rule.kind == ANY else (rule.kind,)
        exact = next((c for k in kinds if (c := self.categories.get(f"{k}:{rule.category}"))), None)
        if exact is not None:
            return Words(f"{exact.code} {exact.name_en}", f"{exact.code} {exact.name_zh}")
        major = next((c for c in self.categories.values() if c.kind in kinds and c.major == rule.category), None)
        if major is not None:
            return Words(f"{major.major} {major.major_name_en}", f"{major.major} {major.major_name_zh}")
        return Words(f"categories {rule.category}…", f"类别 {rule.category}…")

    def _why_place(self, rule: Rule) -> Words:
        if rule.place == ANY:
            return Words("anywhere", "全区")
        named: e.Named | None = self.places.get(rule.place)
        if rule.place.startswith(AREA_PREFIX):
            named = self.areas.get(rule.place.removeprefix(AREA_PREFIX))
        return Words(named.name_en, named.name_zh) if named else Words(rule.place, rule.place)

    def _why_owner(self, rule: Rule) -> Words:
        if rule.owner == ANY:
            return Words("any owner", "权属不限")
        owner = self.owners.get(rule.owner)
        if owner is None:
            return Words(f"owner {rule.owner}", f"权属 {rule.owner}")
        return Words(f"owner: {owner.name_en}", f"权属：{owner.name_zh}")


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


# ---- snapshots of this process


@dataclass(slots=True)
class _Held:
    directory: Directory
    asked_at: float
    stamps: dict[str, Any] = field(default_factory=dict)


_held: dict[int, _Held] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Extra:
    read: Callable[[int], Any]
    stamp: Callable[[], Any]


_extras: dict[str, _Extra] = {}


def register_extra(name: str, read: Callable[[int], Any], stamp: Callable[[], Any]) -> None:
    """Keep configuration of an upper room in every snapshot: read by district whenever its ``stamp`` differs.

    The stamp is asked when the registry's version is. Whoever changes such configuration moves its stamp in the same
    transaction and calls ``recheck`` after it. Called when an application starts.
    """
    _extras[name] = _Extra(read, stamp)


def recheck() -> None:
    """Ask at the next look-up in this process whether anything changed."""
    with _lock:
        for held in _held.values():
            held.asked_at = float("-inf")


def _renew(held: _Held, district_id: int) -> None:
    """Read the extras whose stamp differs."""
    for name, extra in _extras.items():
        stamp = extra.stamp()
        if name not in held.stamps or held.stamps[name] != stamp:
            held.directory.extras[name] = extra.read(district_id)
            held.stamps[name] = stamp


def get_directory(district_id: int) -> Directory:
    """The current snapshot of a district. Raises ``UnknownDistrict``."""
    held = _held.get(district_id)
    now = time.monotonic()
    if held is not None and now - held.asked_at < CHECK_SECONDS:
        return held.directory
    with _lock:
        held = _held.get(district_id)
        if held is not None:
            today = datetime.now(ZoneInfo(held.directory.district.timezone)).date()
            if held.directory.version == versions.stamp() and held.directory.as_of == today:
                _renew(held, district_id)
                held.asked_at = now
                return held.directory
        from gewu.registry.snapshot import build

        directory = build(district_id)
        held = _Held(directory, now)
        _renew(held, district_id)
        _held[district_id] = held
        return directory


def held_districts() -> list[e.DistrictInfo]:
    """The districts whose snapshots this process holds, by code."""
    return sorted((held.directory.district for held in list(_held.values())), key=lambda one: one.code)


def refresh() -> None:
    """Forget all snapshots of this process: the next look-up reads the registry anew."""
    with _lock:
        _held.clear()


versions.on_bump(refresh)
