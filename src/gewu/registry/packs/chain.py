"""Buildings, the Party chain down to them, and task forces paired with departments: read, and made to fit together.

These tables are long and seldom asked, so a directory does not hold them (see ``gewu.registry.buildings``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import (
    BUILDING_HEAD,
    ORGANISATION_KINDS,
    TASK_FORCE,
    BuildingRow,
    OrganisationRow,
    PairingRow,
)
from gewu.registry.packs.tables import Columns, Fields
from gewu.registry.packs.world import World

BUILDINGS = "buildings.csv"
ORGANISATIONS = "organisations.csv"
PAIRINGS = "pairings.csv"
COMMUNITY_DIGITS = 12
_PLACED = ("street", "community", "grid")
_TAIL = re.compile(r"B\d{4,6}\Z")
_NAMES = ("name_zh", "name_en")
_VALIDITY = ("valid_from", "valid_to")
_FLAGS = ("property_management", "maintenance_fund", "organisation", "head", "party_group")
COLUMNS = {
    BUILDINGS: Columns(
        ("code", *_NAMES, "place"),
        ("households", "built", *_FLAGS, *_VALIDITY, "successor", "synthetic", "source"),
    ),
    ORGANISATIONS: Columns(("code", "kind", "parent", "place", *_NAMES), (*_VALIDITY, "synthetic", "source")),
    PAIRINGS: Columns(("task_force", "department"), (*_VALIDITY, "source")),
}
_LEVELS = {"street_committee": "street", "community_org": "community", "grid_branch": "grid"}


def building(row: Fields) -> BuildingRow:
    """A row of ``buildings.csv``."""
    start, end = row.validity()
    return BuildingRow(
        row.file,
        row.line,
        code=row.code("code"),
        place=row.code("place"),
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        households=row.number("households", 0, 100_000),
        built=row.number("built", 1000, 2999),
        property_management=row.flag("property_management"),
        maintenance_fund=row.flag("maintenance_fund"),
        organisation=row.flag("organisation"),
        head=row.code("head", required=False),
        party_group=row.flag("party_group"),
        valid_from=start,
        valid_to=end,
        successor=row.code("successor", required=False),
        synthetic=row.flag("synthetic"),
        source=row.text("source"),
    )


def organisation(row: Fields) -> OrganisationRow:
    """A row of ``organisations.csv``."""
    kind = row.choice("kind", ORGANISATION_KINDS)
    start, end = row.validity()
    return OrganisationRow(
        row.file,
        row.line,
        code=row.code("code"),
        kind=kind,
        parent=row.code("parent", required=kind != ORGANISATION_KINDS[0]),
        place=row.code("place"),
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        valid_from=start,
        valid_to=end,
        synthetic=row.flag("synthetic"),
        source=row.text("source"),
    )


def pairing(row: Fields) -> PairingRow:
    """A row of ``pairings.csv``."""
    start, end = row.validity()
    task_force, department = row.code("task_force"), row.code("department")
    return PairingRow(row.file, row.line, task_force, department, start, end, row.text("source"))


def validate_chain(world: World, problems: Problems) -> None:
    """Report buildings, organisations and pairings that refer to nothing or stand at the wrong level."""
    data = world.data
    buildings = {row.code: row for row in data.buildings}
    roles = {post.code: post.role for post in world.posts}
    for row in data.buildings:
        for reason in _building_reasons(row, world, buildings, roles):
            problems.add(row.file, row.line, reason)
    known = {row.code: row for row in data.organisations}
    for organ in data.organisations:
        for reason in _organisation_reasons(organ, world, known, buildings):
            problems.add(organ.file, organ.line, reason)
    _pairings(world, problems)


def _building_reasons(
    row: BuildingRow, world: World, known: Mapping[str, BuildingRow], roles: Mapping[str, str]
) -> Iterable[str]:
    place = world.places.get(row.place)
    if place is None:
        if row.place:
            yield f"place {row.place!r} is not a place"
    elif place.kind not in _PLACED:
        yield f"place {row.place} is a {place.kind}: a building stands in a street, a community or a grid"
    elif not (row.code.startswith(row.place[:COMMUNITY_DIGITS]) and _TAIL.search(row.code)):
        yield f"code {row.code} is not the code {row.place[:COMMUNITY_DIGITS]} of its place, letter B and a number"
    if row.head and roles.get(row.head, BUILDING_HEAD) != BUILDING_HEAD:
        yield f"head {row.head} is a post of role {roles[row.head]}, not {BUILDING_HEAD}"
    if row.successor == row.code:
        yield "is its own successor"
    elif row.successor and row.successor not in known:
        yield f"successor {row.successor!r} is not a building"


def _organisation_reasons(
    row: OrganisationRow, world: World, known: Mapping[str, OrganisationRow], buildings: Mapping[str, BuildingRow]
) -> Iterable[str]:
    if row.kind not in ORGANISATION_KINDS:
        return
    if row.kind in _LEVELS:
        place = world.places.get(row.place)
        if place is None:
            yield f"place {row.place!r} is not a place"
        elif place.kind != _LEVELS[row.kind]:
            yield f"place {row.place} is a {place.kind}, but a {row.kind} belongs to a {_LEVELS[row.kind]}"
    elif row.place not in buildings:
        yield f"place {row.place!r} is not a building"
    parent = known.get(row.parent)
    if row.parent and parent is None:
        yield f"parent {row.parent!r} is not an organisation"
    elif parent is not None and _depth(parent.kind) >= _depth(row.kind):
        yield f"parent {parent.code} is a {parent.kind}, which cannot stand above a {row.kind}"


def _depth(kind: str) -> int:
    """How far down the chain; a kind that is none, reported already, stands above all."""
    return ORGANISATION_KINDS.index(kind) if kind in ORGANISATION_KINDS else -1


def _pairings(world: World, problems: Problems) -> None:
    seen: dict[tuple[str, str], list[PairingRow]] = {}
    for row in world.data.pairings:
        task_force = world.units.get(row.task_force)
        if row.task_force and task_force is None:
            problems.add(row.file, row.line, f"task_force {row.task_force!r} is not a unit")
        elif task_force is not None and task_force.kind != TASK_FORCE:
            problems.add(row.file, row.line, f"unit {row.task_force} is a {task_force.kind}, not a {TASK_FORCE}")
        if row.department and row.department not in world.units:
            problems.add(row.file, row.line, f"department {row.department!r} is not a unit")
        earlier = seen.setdefault((row.task_force, row.department), [])
        for other in earlier:
            if _meet(row, other):
                reason = f"{row.task_force} and {row.department} are paired twice at a time, first on line {other.line}"
                problems.add(row.file, row.line, reason)
        earlier.append(row)


def _meet(one: PairingRow, two: PairingRow) -> bool:
    """Whether two validities share a day."""
    starts_before = one.valid_from is None or two.valid_to is None or one.valid_from <= two.valid_to
    return starts_before and (two.valid_from is None or one.valid_to is None or two.valid_from <= one.valid_to)
