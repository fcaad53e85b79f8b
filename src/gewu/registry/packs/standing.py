"""A district as it stands in the database, judged as its packs were when they were loaded."""

from __future__ import annotations

from datetime import date

from gewu.registry import models as m
from gewu.registry.packs import playbooks
from gewu.registry.packs.coverage import check_coverage
from gewu.registry.packs.loaded import closure, fill, last_load
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import PackData
from gewu.registry.packs.validate import validate
from gewu.registry.packs.world import World

ADDED = "administration-"
"""How the names of packs begin whose rows administrators added."""


def added_by(district: m.District) -> str:
    """The name of the pack of rows that administrators added. No load brings it, so no load ends them."""
    return f"{ADDED}{district.code}"


def faults(district: m.District, day: date) -> frozenset[str]:
    """Everything that the checker of packs has against the district's rows as of a day, as sentences.

    Rows as they stand in this transaction: whoever changes some asks before and after, and compares.
    """
    world, problems = _world(district, day), Problems()
    validate(world, problems)
    held, defined = world.roles_held(), frozenset(world.roles)
    for _pack, row in world.playbooks:
        problems.extend(playbooks.check_roles(row, held, defined))
    if any(playbooks.files_categories(row.playbook) for _pack, row in world.playbooks):
        check_coverage(world, problems)
    return frozenset(problem.reason for problem in problems.sorted())


def _world(district: m.District, day: date) -> World:
    """The district's own pack with what administrators added to it, and the packs beside and below."""
    loads = m.PackLoad.objects.filter(district=district).values_list("pack", flat=True).distinct()
    own = _read(district.pack)
    added = PackData(name=added_by(district))
    fill(added, shapes=False)
    own.units = [*own.units, *added.units]
    own.posts = [*own.posts, *added.posts]
    own.rules = [*own.rules, *added.rules]
    own.areas = [*own.areas, *added.areas]
    return World(own, [_read(pack) for pack in sorted(closure({district.pack, *loads}) - {district.pack})], day)


def _read(pack: str) -> PackData:
    load = last_load(pack)
    data = PackData(name=pack, version=load.version if load else "")
    fill(data, shapes=False)
    # A version that no record starts under any more is not for new changes to keep alive.
    newest = {row.name: row for row in sorted(data.playbooks, key=lambda row: row.version)}
    data.playbooks = list(newest.values())
    return data
