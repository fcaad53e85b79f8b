"""Whether the rows of a pack fit together: keys, references, dates, cycles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from gewu.core.places import CodeError, PlaceCode, PlaceLevel
from gewu.registry.packs.chain import validate_chain
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import (
    ANY,
    AREA_PREFIX,
    CATEGORY_KINDS,
    PLACE_KINDS,
    PackData,
    PlaceRow,
    PostRow,
    Row,
    RuleRow,
    UnitRow,
)
from gewu.registry.packs.world import World, in_force

R = TypeVar("R", bound=Row)


def validate(world: World, problems: Problems) -> None:
    """Report everything in the pack's rows that contradicts itself or refers to nothing."""
    data = world.data
    _keys(data, world.required, problems)
    _district(world, problems)
    for standard in data.standards:
        if standard.category and f"{standard.kind}:{standard.category}" not in world.categories:
            problems.add(
                standard.file, standard.line, f"category {standard.kind}:{standard.category} is not in the catalogue"
            )
    _places(world, problems)
    _areas(world, problems)
    _units(world, problems)
    for post in data.posts:
        _post(post, world, problems)
    for rule in data.rules:
        _rule(rule, world, problems)
    validate_chain(world, problems)
    years = {row.year for row in data.holiday_years}
    for holiday in data.holidays:
        if holiday.date.year not in years:
            reason = f"{holiday.date} lies in a year that holiday_years in pack.yaml does not list"
            problems.add(holiday.file, holiday.line, reason)


def _keys(data: PackData, required: Sequence[PackData], problems: Problems) -> None:
    def check(what: str, table: str, own: Iterable[tuple[str, Row]]) -> None:
        others = {key: pack.name for pack in required for key, _row in _keyed(table, pack)}
        seen: dict[str, Row] = {}
        for key, row in own:
            first = seen.setdefault(key, row)
            if first is not row:
                where = f"line {first.line}" if first.file == row.file else f"{first.file} line {first.line}"
                problems.add(row.file, row.line, f"{what} {key!r} stands twice, first on {where}")
            elif key in others:
                problems.add(row.file, row.line, f"{what} {key!r} is already defined by pack {others[key]!r}")

    for table, what in _TABLES.items():
        check(what, table, _keyed(table, data))
    _equal_rules(data, required, problems)


_TABLES = {
    "roles": "role",
    "categories": "category",
    "standards": "standard",
    "places": "place",
    "shapes": "shape",
    "areas": "area",
    "units": "unit",
    "posts": "post",
    "owners": "owner",
    "buildings": "building",
    "organisations": "organisation",
    "calendars": "calendar",
    "holidays": "holiday",
    "holiday_years": "holiday year",
    "playbooks": "playbook",
}


def _keyed(table: str, data: PackData) -> list[tuple[str, Row]]:
    match table:
        case "categories":
            return [(row.key, row) for row in data.categories]
        case "standards":
            return [(row.key, row) for row in data.standards]
        case "holidays":
            # A district may have its own plan beside the shared one.
            return [(_owned(data, row.date.isoformat()), row) for row in data.holidays]
        case "holiday_years":
            return [(_owned(data, str(row.year)), row) for row in data.holiday_years]
        case "playbooks":
            return [(f"{row.name} version {row.version}", row) for row in data.playbooks]
        case _:
            rows: Sequence[Row] = getattr(data, table)
            return [(str(getattr(row, "code", "")), row) for row in rows if getattr(row, "code", "")]


def _owned(data: PackData, key: str) -> str:
    return f"{key} of {data.district.code}" if data.district else key


def _equal_rules(data: PackData, required: Sequence[PackData], problems: Problems) -> None:
    seen: dict[tuple[str, str, str, str], RuleRow] = {rule.key: rule for pack in required for rule in pack.rules}
    for rule in data.rules:
        first = seen.setdefault(rule.key, rule)
        if first is not rule:
            where = f"line {first.line}" if first.line else "a rule that is already loaded"
            problems.add(
                rule.file,
                rule.line,
                f"equal to {where}: both decide {rule.kind} {rule.category} in {rule.place} for owner {rule.owner} "
                f"(units {first.unit} and {rule.unit})",
            )


def _district(world: World, problems: Problems) -> None:
    data, district = world.data, world.district
    if len(world.districts) > 1:
        problems.add("pack.yaml", 1, f"belongs to more than one district: {', '.join(sorted(world.districts))}")
    if district is None:
        for row in data.territorial[:1]:
            problems.add(row.file, row.line, "needs a district: add one to pack.yaml, or require a pack that has one")
    elif data.district:
        if district.default_calendar and district.default_calendar not in world.calendars:
            problems.add(district.file, district.line, f"default_calendar {district.default_calendar!r} is not defined")
        if not (len(district.code) == PlaceLevel.DISTRICT.digits and district.code.isdigit()):
            problems.add(district.file, district.line, f"district code {district.code!r} must have 6 digits")


def _places(world: World, problems: Problems) -> None:
    data = world.data
    for place in data.places:
        reasons = list(_place_reasons(place, world))
        for reason in reasons:
            problems.add(place.file, place.line, reason)
    if data.district and data.places and data.district.code not in world.places:
        problems.add("places.csv", 1, f"has no row for the district itself, code {data.district.code}")
    for shape in data.shapes:
        named = any(area.shape == shape.code for area in data.areas)
        if shape.code not in world.places and shape.code not in world.areas and not named:
            problems.add(shape.file, shape.line, f"shape {shape.code} belongs to no place and no area")


def _place_reasons(place: PlaceRow, world: World) -> Iterable[str]:
    district = world.district
    if place.kind not in PLACE_KINDS or not place.code:
        return
    if place.kind == "district":
        if district and place.code != district.code:
            yield f"district {place.code} is not the pack's district {district.code}"
        if place.parent:
            yield "a district has no parent"
    elif place.parent:
        parent = world.places.get(place.parent)
        if parent is None:
            yield f"parent {place.parent!r} is not a place"
        else:
            if parent.kind in PLACE_KINDS and PLACE_KINDS.index(parent.kind) >= PLACE_KINDS.index(place.kind):
                yield f"parent {parent.code} is a {parent.kind}, which cannot contain a {place.kind}"
            if not place.code.startswith(parent.code) or place.code == parent.code:
                yield f"code {place.code} does not begin with the code of its parent {parent.code}"
    if place.successor and place.successor not in world.places:
        yield f"successor {place.successor!r} is not a place"
    if place.successor == place.code:
        yield "is its own successor"
    try:
        level = PlaceCode(place.code).level
    except CodeError as error:
        yield str(error)
    else:
        if level != place.kind:
            yield f"code {place.code} has the length of a {level}, not of a {place.kind}"


def _areas(world: World, problems: Problems) -> None:
    for area in world.data.areas:
        for prefix in area.prefixes:
            if prefix not in world.places:
                problems.add(area.file, area.line, f"place {prefix!r} is not a place")
        shape = world.shape_of(area)
        if area.shape and shape is None:
            problems.add(area.file, area.line, f"shape {area.shape!r} is not in shapes/")
        elif not area.prefixes and shape is None:
            problems.add(area.file, area.line, f"area {area.code} has neither places nor a shape")


def _units(world: World, problems: Problems) -> None:
    for unit in world.data.units:
        if unit.parent and unit.parent not in world.units:
            problems.add(unit.file, unit.line, f"parent {unit.parent!r} is not a unit")
        if unit.place and unit.place not in world.places:
            problems.add(unit.file, unit.line, f"place {unit.place!r} is not a place")
        if unit.calendar and unit.calendar not in world.calendars:
            problems.add(unit.file, unit.line, f"calendar {unit.calendar!r} is not defined")
        cycle = _cycle(unit, world)
        if cycle:
            problems.add(unit.file, unit.line, f"is its own parent by way of {' > '.join(cycle)}")


def _cycle(unit: UnitRow, world: World) -> list[str]:
    """The way from a unit back to itself; empty when its line of parents ends."""
    way = [unit.code]
    above = world.units.get(unit.parent)
    while above is not None:
        way.append(above.code)
        if above.code == unit.code:
            return way
        if above.code in way[:-1]:
            return []  # a cycle further up, reported with its own members
        above = world.units.get(above.parent)
    return []


def _post(post: PostRow, world: World, problems: Problems) -> None:
    unit = world.units.get(post.unit)
    if post.unit and unit is None:
        problems.add(post.file, post.line, f"unit {post.unit!r} is not a unit")
    if unit is not None and not unit.accounts and post.login:
        reason = f"unit {unit.code} gets official letters (accounts 0), so its posts have no login"
        problems.add(post.file, post.line, reason)
    if post.role and post.role not in world.roles:
        problems.add(post.file, post.line, f"role {post.role!r} is not defined")
    for prefix in post.prefixes:
        if prefix not in world.places:
            problems.add(post.file, post.line, f"scope {prefix!r} is not a place")
    if post.successor == post.code or (post.successor and post.successor not in world.post_codes):
        problems.add(post.file, post.line, f"successor {post.successor!r} is not another post")
    if post.successor and post.valid_to is None:
        problems.add(post.file, post.line, "a post with a successor needs valid_to, its last day")
    for area in post.areas:
        if area not in world.areas:
            problems.add(post.file, post.line, f"scope {AREA_PREFIX}{area} is not an area")


def _rule(rule: RuleRow, world: World, problems: Problems) -> None:
    unit = world.units.get(rule.unit)
    if rule.unit and unit is None:
        problems.add(rule.file, rule.line, f"unit {rule.unit!r} is not a unit")
    elif unit is not None and not in_force(unit, world.today):
        problems.add(rule.file, rule.line, f"unit {rule.unit} ended on {unit.valid_to}")
    kinds = CATEGORY_KINDS if rule.kind == ANY else (rule.kind,)
    if rule.category not in ("", ANY):
        wanted = tuple(f"{kind}:{rule.category}" for kind in kinds)
        if not any(key.startswith(wanted) for key in world.categories):
            problems.add(rule.file, rule.line, f"category {rule.category!r} begins no {rule.kind} category")
    if rule.place.startswith(AREA_PREFIX):
        if rule.place.removeprefix(AREA_PREFIX) not in world.areas:
            problems.add(rule.file, rule.line, f"place {rule.place} is not an area")
    elif rule.place not in ("", ANY) and rule.place not in world.places:
        problems.add(rule.file, rule.line, f"place {rule.place!r} is not a place")
    if rule.owner not in ("", ANY) and rule.owner not in world.owner_codes():
        problems.add(rule.file, rule.line, f"owner {rule.owner!r} is not defined")
