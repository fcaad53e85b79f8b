"""Facts for a decision, looked up in the registry's directory before it: the core itself looks nothing up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gewu.core.deadlines import Limit, TimeUnit
from gewu.core.playbook.model import Move
from gewu.core.records import Actor, Command, Facts, Refusal, Scalar, Seat, UnitFact
from gewu.registry.directory import Directory


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record is: located before, in WGS-84 millionths of a degree (whole numbers, so that events hash alike).

    A record without a real position has no coordinates and the district's code as place.
    """

    place: str
    areas: tuple[str, ...] = ()
    lon_e6: int | None = None
    lat_e6: int | None = None
    on_boundary: bool = False
    candidates: tuple[str, ...] = ()
    synthetic: bool = False


def facts_for(
    directory: Directory, move: Move | None, command: Command, actor: Actor, now: int, position: Position | None
) -> Facts | Refusal:
    """Look up what the form of ``move`` names. A code that does not exist is a refusal naming the form field."""
    units: dict[str, UnitFact] = {}
    people: dict[str, tuple[Seat, ...]] = {}
    extra: dict[str, Scalar] = {}
    limit: Limit | None = None
    faults: dict[str, str] = {}
    known: dict[str, Callable[[str], object]] = {
        "category": directory.category,
        "owner": directory.owner,
        "person": directory.post_person,
        "place": directory.place,
    }
    if actor.unit and (found := directory.unit_facts.get(actor.unit)) is not None:
        units[actor.unit] = found
    for field in move.form if move else ():
        value = command.args.get(field.name)
        if not value:
            continue
        if field.type == "place" and position is None and directory.place(str(value)) is not None:
            position = Position(str(value), directory.areas_of(str(value)))
        if field.type in ("unit", "units"):
            for code in value if isinstance(value, tuple) else (str(value),):
                if (unit := directory.unit_facts.get(code)) is not None:
                    units[code] = unit
        elif field.type == "standard":
            standard = directory.standard(str(value))
            if standard is None or str(command.args.get("category") or standard.category) != standard.category:
                faults[field.name] = "not_found" if standard is None else "not_of_category"
            else:
                limit = Limit(standard.limit_value, TimeUnit(standard.limit_unit))
                extra = {
                    "limit_value": standard.limit_value,
                    "limit_unit": standard.limit_unit,
                    "standard_urgent": standard.urgent,
                }
        elif field.type == "person" and (seats := _seats(directory, str(value))):
            people[str(value)] = seats
        elif field.type in known and known[field.type](str(value)) is None:
            faults[field.name] = "not_found"
    if faults:
        return Refusal("invalid", {}, faults)
    return Facts(
        now=now,
        actor=actor,
        calendar=directory.calendar_for,
        in_scope=True,
        units=units,
        people=people,
        limit=limit,
        place=position.place if position else "",
        areas=position.areas if position else (),
        extra=extra,
    )


def _seats(directory: Directory, person: str) -> tuple[Seat, ...]:
    """Where somebody works, by person id written as text: nothing for those without an active post."""
    found = directory.post_person(person)
    posts = [directory.posts[code] for code in found.posts] if found else []
    return tuple(Seat(post.unit, post.role) for post in posts)
