"""M64, city-district integration: a named area across streets is a territory of its own for posts, sight and duty."""

from __future__ import annotations

import pytest
from shapely.geometry import shape

from gewu.cases import services
from gewu.cases.queries import Filter, get_case, list_cases
from gewu.ledger.door import Acting
from gewu.ledger.errors import NotFound
from gewu.registry.models import Place
from support.district import CATEGORY, POINT, Walk, acting, actor_post, directory, district_id

ZONE = "etdz"


def _zone_dispatcher() -> Acting:
    posts = [p for p in directory().holders("dispatcher") if ZONE in p.areas and not p.prefixes]
    return services.acting_of(actor_post(posts[0].code))


def _point_in_zone() -> tuple[float, float]:
    """A point well inside a grid of the zone."""
    prefixes = directory().areas[ZONE].prefixes
    grids = Place.objects.filter(district_id=district_id(), kind="grid", geometry__isnull=False).order_by("code")
    grid = next(g for g in grids if g.code.startswith(prefixes))
    inside = shape(grid.geometry).representative_point()
    return inside.x, inside.y


def _intake(point: tuple[float, float]) -> services.Made:
    return services.register_intake(
        district_id(),
        acting("intake_officer"),
        services.Intake({"source": "phone", "category": CATEGORY}, {"description": "路面遗撒"}, services.Where(*point)),
    )


def test_the_zone_sees_its_own_cases_across_streets_and_no_others(db: object) -> None:
    inside, outside = _intake(_point_in_zone()), _intake(POINT)
    assert ZONE in inside.position.areas
    assert ZONE not in outside.position.areas
    zone = _zone_dispatcher()
    seen = [row.record_id for row in list_cases(district_id(), zone, Filter()).rows]
    assert seen == [inside.outcome.record_id]
    assert get_case(district_id(), zone, inside.outcome.record_id).row.number == inside.number
    with pytest.raises(NotFound):
        get_case(district_id(), zone, outside.outcome.record_id)


def test_the_zones_own_rule_answers_before_the_streets(db: object) -> None:
    inside, outside = _intake(_point_in_zone()), _intake(POINT)
    named = {services.suggested_unit(district_id(), made.outcome.record_id) for made in (inside, outside)}
    assert len(named) == 2
    found = directory().responsible(CATEGORY, inside.position.place, inside.position.areas)
    assert found is not None
    assert found.rule.place == f"area:{ZONE}"


def test_a_unit_sees_what_it_is_involved_in_beyond_its_territory(db: object) -> None:
    walk = Walk().dispatched()
    outsiders = [
        p for p in directory().posts.values()
        if p.role == "unit_clerk" and p.active and p.person and not p.prefixes and not p.areas
    ]  # fmt: skip
    company = sorted(outsiders, key=lambda p: p.code)[0]
    clerk = services.acting_of(actor_post(company.code))
    with pytest.raises(NotFound):
        get_case(district_id(), clerk, walk.record_id)
    walk.move(acting("dispatcher"), "add_assist", args={"assists": (company.unit,)})
    assert get_case(district_id(), clerk, walk.record_id).row.number == walk.number
    walk.later(30).move(clerk, "assist_done", texts={"note": "已停水配合"})
    assert walk.outcomes[-1].state is not None
    part = walk.outcomes[-1].state.assignments[-1]
    assert (part.unit, part.mode, part.outcome) == (company.unit, "assist", "done")


def test_a_case_put_to_another_grid_follows_the_other_territory(db: object) -> None:
    made = _intake(POINT)
    grid = directory().place(made.position.place)
    assert grid is not None
    other = next(p for p in directory().places_in(grid.parent) if p.code != grid.code)
    outcome = services.act(
        district_id(), acting("intake_officer"), made.outcome.record_id, "relocate",
        args={"place": other.code}, texts={"reason": "来电人更正地点"}, version=1,
    )  # fmt: skip
    assert outcome.state is not None
    assert outcome.state.place == other.code
    row = get_case(district_id(), acting("intake_officer"), made.outcome.record_id).row
    assert (row.lon_e6, "no_position" in row.flags) == (None, True)
